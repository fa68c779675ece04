"""What follows from one answer for another: clearances and the findings they answer, ties, scores."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.fields import NO, YES, Dictionary, Field, Members, Span, Tie
from exrx.knowledge import Knowledge, know
from exrx.patient import Patient
from exrx.ties import plan_of, settle_ties
from tests.strategies import AS_OF, DICTIONARY, possible

CLEARED, LIMITED, PENDING, NOT_ASKED, REFUSED = 1, 2, 4, 8, 16


def known(as_of: date = AS_OF, **fields: object) -> Knowledge:
    return know(Patient.from_dict(fields), DICTIONARY, as_of)


def dated(value: object, day: str, **more: object) -> dict[str, object]:
    return {"value": value, "date": day} | more


# ---- gates -----------------------------------------------------------------------------------------------------

SITES = {"bone_metastasis_sites": dated(["lumbar"], "2026-11-20")}


@pytest.mark.parametrize(
    ("gate", "finding", "expected"),
    [
        (dated("cleared", "2026-11-10"), {"bone_metastases": dated("yes", "2026-11-20")}, NOT_ASKED),
        (dated("limited", "2026-11-10"), {"bone_metastases": dated("yes", "2026-11-20")}, NOT_ASKED),
        (dated("refused", "2026-11-10"), {"bone_metastases": dated("yes", "2026-11-20")}, REFUSED),
        (dated("cleared", "2026-11-20"), {"bone_metastases": dated("yes", "2026-11-20")}, CLEARED),
        (dated("cleared", "2026-11-10"), {"bone_metastases": dated("no", "2026-11-20")}, CLEARED),
        (dated("cleared", "2026-11-10"), {"bone_metastases": dated("unknown", "2026-11-20")}, CLEARED),
        (dated("cleared", "2026-11-10"), {"bone_metastases": "yes"}, CLEARED),  # undated: nobody says it is newer
        ("cleared", {"bone_metastases": dated("yes", "2026-11-20")}, CLEARED),
        (dated("cleared", "2026-11-10"), {"platelets": dated(5, "2026-11-20")}, CLEARED),
        (dated("cleared", "2026-11-10"), {"bone_metastases": dated("yes", "2026-11")}, CLEARED | NOT_ASKED),
        (dated("cleared", "2026-11-23"), {"bone_metastases": dated("yes", "2026-11")}, CLEARED),  # not after today
        (dated("cleared", "2026-11-10"), SITES, NOT_ASKED),  # sites imply the metastases that the gate answers
        (dated("cleared", "2026-01-01"), SITES, NOT_ASKED | REFUSED),  # expired as well
        (dated("cleared", "2026-11-10"), {"bone_metastases": dated("yes", "2027-01-01")}, CLEARED),
        (None, SITES, CLEARED | LIMITED | PENDING | NOT_ASKED | REFUSED),
    ],
)
def test_a_clearance_older_than_the_finding_it_answers_was_not_given_for_it(gate, finding, expected):
    """It counts as not asked; a refusal stays a refusal."""
    assert known(oncologist_clearance=gate, **finding).state["oncologist_clearance"] == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2026-11-23", CLEARED), ("2026-11-22", 0b11111), ("2026-11", 0b11111), ("2026-12", CLEARED)],
)
def test_a_clearance_ends_on_its_last_day(until, expected):
    """Its last day may be the first of a partial date."""
    knowledge = known(gp_clearance={"value": "cleared", "until": until})
    assert knowledge.state["gp_clearance"] == expected
    assert knowledge.inputs["gp_clearance"].state == ("undated" if expected == CLEARED else "expired")


@pytest.mark.parametrize("limits", ["no heavy lifting", {"avoid": ["heavy-lifting"], "strength_max": "light"}])
def test_limits_are_passed_on_as_written(limits):
    """Also when the clearance has expired: a limit once set is not lifted by time."""
    for day in ("2026-11-16", "2020-01-01"):
        knowledge = known(oncologist_clearance=dated("limited", day, limits=limits))
        assert knowledge.gate_limits == {"oncologist_clearance": limits}


# ---- ties and scores -------------------------------------------------------------------------------------------


def test_sites_imply_metastases_and_no_metastases_no_sites():
    """Both ways of the same tie."""
    assert known(bone_metastasis_sites={"at_least": ["lumbar"]}).state["bone_metastases"] == YES
    assert known(bone_metastases="no").state["bone_metastasis_sites"] == Members(0, 0)
    assert known(bone_metastasis_sites={"at_least": []}).state["bone_metastases"] == NO | YES
    assert known(cancer_type="myeloma").state["haematological_cancer"] == YES
    assert known(haematological_cancer="no").state["cancer_type"] & 0b1110000000000000000000 == 0


def test_a_contradiction_is_a_problem_and_both_are_unknown():
    """Neither of the two may win."""
    knowledge = known(bone_metastasis_sites=["lumbar"], bone_metastases="no", haematological_cancer="yes")
    assert knowledge.state["bone_metastases"] == NO | YES
    assert knowledge.state["bone_metastasis_sites"] == Members(0, 0b1111111)
    assert knowledge.state["haematological_cancer"] == YES
    (problem,) = knowledge.problems
    assert (problem.code, problem.field) == ("contradiction", "bone_metastases")
    assert problem.given == {"bone_metastases": "no", "bone_metastasis_sites": ["lumbar"]}
    assert knowledge.inputs["bone_metastases"].state == knowledge.inputs["bone_metastasis_sites"].state == "refused"


@st.composite
def tied(draw) -> tuple[tuple[Tie, ...], dict[str, object]]:
    """Random ties between six choices, and what is possible for each."""
    names = ["cancer_type", "line", "anticoagulant", "palliative_phase", "bone_metastases", "haematological_cancer"]
    sets = [*names, "bone_metastasis_sites"]

    def mask(name: str) -> int:
        return draw(st.integers(1, DICTIONARY.fields[name].every_option))

    ties = []
    for _ in range(draw(st.integers(1, 6))):
        first, then = draw(st.sampled_from(sets)), draw(st.sampled_from(names))
        if first != then:
            ties.append(Tie(first, mask(first), then, mask(then)))
    return tuple(ties), {name: draw(possible(DICTIONARY.fields[name])) for name in sets}


@given(tied(), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_ties_keep_every_world_in_which_they_hold(world, chance):
    """Narrowing never drops a value that some consistent completion has, and the order of ties does not matter."""
    ties, given_ = world
    shuffled = list(ties)
    chance.shuffle(shuffled)
    results = []
    for order in (ties, tuple(shuffled)):
        plan = plan_of(evolve_ties(order))
        state = plan.unknown | given_
        conflicts = settle_ties(plan, state)
        results.append((state, {(c.if_field, c.if_mask, c.then_field, c.then_mask) for c in conflicts}))
    assert results[0] == results[1]
    state, conflicts = results[0]
    random.seed(chance.random())
    for _ in range(20):
        actual = {name: complete(DICTIONARY.fields[name], found) for name, found in given_.items()}
        if all(holds(tie, actual) for tie in ties):
            assert not conflicts
            for name, value in actual.items():
                assert contains(state[name], value), name


def evolve_ties(ties: tuple[Tie, ...]) -> Dictionary:
    """The shipped dictionary with other ties and without gates, which look into ties."""
    fields = {name: entry for name, entry in DICTIONARY.fields.items() if entry.kind != "gate"}
    return Dictionary(fields, ties, DICTIONARY.events, DICTIONARY.vocabulary, "", "")


def complete(entry: Field, found: object) -> int:
    """One value, or for a set its members, that is possible."""
    if isinstance(found, Members):
        return found.sure | (found.possible & random.getrandbits(len(entry.options)))
    return random.choice([1 << i for i in range(len(entry.options)) if found >> i & 1])


def holds(tie: Tie, actual: dict[str, int]) -> bool:
    """A set asked for any member means its other half both ways: empty, and yet yes, cannot be."""
    entry, implied = DICTIONARY.fields[tie.if_field], bool(actual[tie.then_field] & tie.then_mask)
    if entry.kind == "set" and tie.if_mask == entry.every_option and not actual[tie.if_field]:
        return not implied
    return not actual[tie.if_field] & tie.if_mask or implied


def contains(found: object, value: int) -> bool:
    if isinstance(found, Members):
        return not found.sure & ~value and not value & ~found.possible
    return bool(found & value)


def test_a_score_is_the_sum_of_what_its_items_may_be():
    """Unknown items count as an interval; a given total narrows it, and is refused where it cannot be."""
    assert known().state["mirels"] == Span(8, 24)
    items = {"mirels_site": "peritrochanteric", "mirels_size": "above-two-thirds", "mirels_type": "lytic"}
    assert known(**items).state["mirels"] == Span(20, 24)
    assert known(mirels_pain="mild", **items).state["mirels"] == Span(20, 20)
    assert known(mirels=9).state["mirels"] == Span(18, 18)
    assert known(mirels=11, **items).state["mirels"] == Span(22, 22)
    wrong = known(mirels=5, **items)
    assert (wrong.state["mirels"], [p.code for p in wrong.problems]) == (Span(8, 24), ["contradiction"])
