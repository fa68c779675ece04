"""Conditions as text: what they mean, in any spelling, and what is refused (see also tests/bad_protocols)."""

from __future__ import annotations

import pytest
from hypothesis import given
from rule_strategies import DICTIONARY, conditions, knowledge_states

from exrx.errors import ConditionError
from exrx.fields import YES, Members, Span
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, AnyOf, AtLeast, Compare, Not, OneOf, Or
from exrx.rules.one import evaluate
from exrx.rules.parse import Names, parse_condition

NAMES = Names(DICTIONARY, {"platelets_min": "50 10^9/L"}, {})


def read(text):
    return parse_condition(text, NAMES)


def written(condition) -> str:
    """A condition in the language of protocols."""
    if isinstance(condition, Compare):
        scale, tick = condition.field.ticks, condition.limit.tick
        return f"{condition.field.name} {condition.operator} {scale.value(tick)}"
    if isinstance(condition, (OneOf, AnyOf)):
        return f"{condition.field.name} in {{{', '.join(condition.field.names(condition.mask))}}}"
    if isinstance(condition, Not):
        return f"not ({written(condition.item)})"
    items = [f"({written(item)})" for item in condition.items]
    if isinstance(condition, AtLeast):
        return f"at least {condition.count} of ({', '.join(items)})"
    return {And: " and ", Or: " or "}[type(condition)].join(items)


def on_grid(condition) -> bool:
    if isinstance(condition, Compare):
        scale, tick = condition.field.ticks, condition.limit.tick
        inside = scale.lowest < tick < scale.highest or scale.whole
        return inside and tick % 2 == 0 and not scale.ambiguous
    items = getattr(condition, "items", None) or ([condition.item] if isinstance(condition, Not) else [])
    return all(on_grid(item) for item in items)


@given(conditions(), knowledge_states())
def test_a_condition_written_down_and_read_again_means_the_same(condition, state):
    """Text is a faithful form of a rule."""
    if on_grid(condition):
        assert evaluate(read(written(condition)), state) == evaluate(condition, state)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("50 <= platelets < 100", "platelets >= 50 and platelets < 100"),
        ("platelets < 50", "platelets < 50 10^9/L"),
        ("platelets < 50", "platelets < 50000 /uL"),
        ("platelets < platelets_min", "50 > platelets"),
        ("last_surgery < 8 weeks", "last_surgery < 56 d"),
        ("bone_metastases = yes", "bone_metastases"),
        ("bone_metastases = no", "not bone_metastases"),
        ("oncologist_clearance >= pending", "oncologist_clearance in {pending, not-asked, refused}"),
        ("oncologist_clearance > cleared", "oncologist_clearance != cleared"),
        ("ecog >= 4", "ecog = 4"),
        ("temperature > 100.4 degF", "temperature > 38.0"),
    ],
)
def test_two_spellings_of_one_condition_agree(text, same):
    """On every tick and option near the limit both give the same answer."""
    first, second = read(text), read(same)
    for state in states_of(first):
        assert evaluate(first, state) == evaluate(second, state), state


def states_of(condition):
    """States over the first field of a condition: each option, or each tick around each limit."""
    from exrx.rules.nodes import atoms

    entry = next(atoms(condition)).field
    if entry.is_numeric:
        limits = [atom.limit.tick for atom in atoms(condition)]
        for tick in {limit + step for limit in limits for step in range(-3, 4)}:
            if entry.ticks.lowest <= tick <= entry.ticks.highest:
                yield {entry.name: Span(tick, tick)}
        yield {entry.name: entry.unknown}
    else:
        yield from ({entry.name: mask} for mask in range(1, entry.every_option + 1))


def test_a_limit_in_its_own_unit_is_exact():
    """8.0 g/dL is 4.9648 mmol/L: 4.96 is below, 4.97 is not, and the gap between them is the limit itself."""
    condition = read("haemoglobin < 8.0 g/dL")
    scale = DICTIONARY.fields["haemoglobin"].ticks
    answers = [evaluate(condition, {"haemoglobin": Span(t, t)}) for t in (992, 993, 994)]
    assert [str(scale.value(t)) for t in (992, 994)] == ["4.96", "4.97"]
    assert answers == [TRUE, FALSE, FALSE]


def test_a_set_is_known_by_its_members_and_possible_members():
    """A sure member decides, a possible one leaves it open, an excluded one settles it."""
    condition = read("bone_metastasis_sites in {lumbar, pelvis}")
    entry = DICTIONARY.fields["bone_metastasis_sites"]
    lumbar, femur = entry.mask("lumbar"), entry.mask("proximal_femur")
    found = [
        evaluate(condition, {entry.name: members})
        for members in (Members(lumbar, lumbar), Members(femur, entry.every_option), Members(femur, femur))
    ]
    assert found == [TRUE, UNDECIDED, FALSE]


def test_a_score_with_unknown_items_is_an_interval():
    """A Mirels score of 6 to 12 leaves 'at least 9' open and settles 'at least 4'."""
    state = {"mirels": Span(12, 24)}
    assert evaluate(read("mirels >= 9"), state) == UNDECIDED
    assert evaluate(read("mirels > 5"), state) == TRUE


def test_a_name_that_begins_with_a_keyword_is_a_name():
    """Field names are words, however they start."""
    assert read("not inpatient") == Not(OneOf(DICTIONARY.fields["inpatient"], YES, "inpatient"))


@pytest.mark.parametrize(
    "text", ["", "   ", "platelets", "50", "platelets < 50 < 60 < 70", "not", "()", "a b", "x = = y", "(" * 300]
)
def test_nonsense_is_refused_with_a_place(text):
    """Nothing that is not a condition becomes one."""
    with pytest.raises(ConditionError) as raised:
        read(text)
    assert raised.value.location is not None
