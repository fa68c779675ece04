"""`rules/many.py` gives every row of a cohort the answer that `rules/one.py` gives its patient."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_strategies import FIELDS, conditions, knowledge_states

from exrx.bits import no_bits, pack, unpack
from exrx.columns import (
    BLOCK_ROWS,
    NEVER_BEFORE,
    NO_DATE,
    Column,
    ElapsedColumn,
    FlagColumn,
    OptionColumn,
    PatchedColumn,
    RangeColumn,
    TickColumn,
    unknown_column,
)
from exrx.columns.read import column_of
from exrx.fields import Field, Members, Span, load_dictionary
from exrx.rules.many import compile_conditions
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, AnyOf, AtLeast, Compare, Limit, Not, OneOf, Or
from exrx.rules.one import evaluate

DICTIONARY = load_dictionary()


def states_of_fields() -> st.SearchStrategy[dict]:
    """What is known of the fields that `conditions` ask for, and no more."""
    return knowledge_states().map(lambda state: {entry.name: state[entry.name] for entry in FIELDS})


class Shown:
    """A cohort on a day, made of columns."""

    def __init__(self, n: int, columns: dict[str, Column]) -> None:
        self.n, self.columns = n, columns

    def column(self, name: str) -> Column:
        return self.columns[name]


def cohort_of(states: list[dict], n: int) -> Shown:
    """The states in turn, over n rows."""
    codes = np.arange(n) % len(states)
    return Shown(n, {entry.name: column_of(entry, [state[entry.name] for state in states], codes) for entry in FIELDS})


def answers(answered, rule: int) -> np.ndarray:
    """FALSE, UNDECIDED or TRUE of every row."""
    true, possible = unpack(answered.true(rule), answered.n), unpack(answered.possible(rule), answered.n)
    assert not (true & ~possible).any()
    return np.where(true, TRUE, np.where(possible, UNDECIDED, FALSE))


@given(
    st.lists(conditions(), min_size=1, max_size=6),
    st.lists(states_of_fields(), min_size=1, max_size=12),
    st.sampled_from([1, 63, 64, 65, 200]),
)
@settings(max_examples=200)
def test_random_rules_get_the_answers_of_one_patient_in_every_row(rules, states, n):
    """Missing, censored, expired and limit-exact values, at the edges of a word."""
    today = cohort_of(states, n)
    answered = compile_conditions(rules).run(today)
    for index, rule in enumerate(rules):
        expected = [evaluate(rule, state) for state in states]
        assert answers(answered, index).tolist() == [expected[row % len(states)] for row in range(n)]


@given(st.lists(states_of_fields(), min_size=1, max_size=20))
def test_a_column_holds_what_it_was_made_of(states):
    """Every cell reads back as what was possible for it."""
    today = cohort_of(states, len(states))
    for entry in FIELDS:
        held = [today.column(entry.name).possible(row) for row in range(len(states))]
        assert held == [state[entry.name] for state in states]


@given(st.lists(states_of_fields(), min_size=1, max_size=20), st.data())
def test_expired_and_lost_cells_of_a_column_are_those_of_the_field(states, data):
    """`widened` is `Field.expired` in the chosen rows, `blanked` unknown, and the other rows stay as they are."""
    n = len(states)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), np.bool_)
    for entry in FIELDS:
        column = cohort_of(states, n).column(entry.name)
        for changed, change in (
            (column.widened(pack(chosen)), entry.expired),
            (column.blanked(pack(chosen)), lambda possible, entry=entry: entry.unknown),
        ):
            before = [state[entry.name] for state in states]
            expected = [change(held) if there else held for held, there in zip(before, chosen, strict=True)]
            assert [changed.possible(row) for row in range(n)] == expected


@given(st.lists(conditions(), min_size=1, max_size=4), st.lists(states_of_fields(), min_size=2, max_size=12), st.data())
def test_expired_columns_answer_like_expired_patients(rules, states, data):
    """The bits that stand for an open end answer every question as the interval itself does."""
    n = len(states)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), np.bool_)
    today = cohort_of(states, n)
    today.columns = {name: column.widened(pack(chosen)) for name, column in today.columns.items()}
    old = [
        {name: DICTIONARY.fields[name].expired(held) if there else held for name, held in state.items()}
        for state, there in zip(states, chosen, strict=True)
    ]
    answered = compile_conditions(rules).run(today)
    for index, rule in enumerate(rules):
        assert answers(answered, index).tolist() == [evaluate(rule, state) for state in old]


@given(st.lists(conditions(), min_size=1, max_size=4), st.lists(states_of_fields(), min_size=3, max_size=12))
def test_patched_rows_answer_as_the_patch(rules, states):
    """A column with rows of another one answers row by row from the right one."""
    n, rows = len(states), np.arange(0, len(states), 2)
    base, patch = cohort_of(states[::-1], n), cohort_of(states[::2], rows.size)
    today = Shown(n, {e.name: PatchedColumn(e, n, base.column(e.name), rows, patch.column(e.name)) for e in FIELDS})
    mixed = [state if row % 2 == 0 else states[::-1][row] for row, state in enumerate(states)]
    answered = compile_conditions(rules).run(today)
    for index, rule in enumerate(rules):
        assert answers(answered, index).tolist() == [evaluate(rule, state) for state in mixed]


@given(st.lists(st.integers(-500, 500) | st.none() | st.just("never"), min_size=1, max_size=80), st.data())
def test_dates_answer_like_the_days_they_are(days, data):
    """Elapsed fields compare dates; the answers are those of days since (until) then, at every limit."""
    name = data.draw(st.sampled_from(["last_surgery", "next_chemotherapy"]))
    entry, as_of = DICTIONARY.fields[name], date(2026, 11, 23).toordinal()
    limits = data.draw(st.lists(st.integers(1, 1000), min_size=1, max_size=4))
    operators = data.draw(st.lists(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), min_size=4, max_size=4))
    ahead = 1 if entry.towards_future else -1
    days = [abs(day) if isinstance(day, int) and not entry.towards_future else day for day in days]
    never = np.iinfo(np.int32).max if entry.towards_future else NEVER_BEFORE
    marks = {None: NO_DATE, "never": never}
    dates = np.array([marks[d] if d in marks else as_of + ahead * d for d in days], np.int32)
    missing = pack(dates == NO_DATE)
    column = ElapsedColumn(entry, len(days), missing, missing, None, ahead < 0, dates=dates, as_of=as_of)
    spans = [
        entry.unknown if d is None else entry.never if d == "never" else Span(2 * max(d, 0), 2 * max(d, 0))
        for d in days
    ]
    assert [column.possible(row) for row in range(len(days))] == spans
    rules = [Compare(entry, op, Limit(tick, "limit")) for op, tick in zip(operators, limits, strict=False)]
    answered = compile_conditions(rules).run(Shown(len(days), {name: column}))
    for index, rule in enumerate(rules):
        assert answers(answered, index).tolist() == [evaluate(rule, {name: span}) for span in spans]


@given(st.lists(st.tuples(st.integers(8, 24), st.integers(8, 24)), min_size=1, max_size=70), st.integers(9, 23))
def test_scores_answer_like_their_intervals(ends, tick):
    """Lowest and highest sums answer every comparison."""
    entry = DICTIONARY.fields["mirels"]
    spans = [Span(min(pair), max(pair)) for pair in ends]
    lows, highs = (np.array([getattr(span, end) for span in spans], np.uint8) for end in ("low", "high"))
    today = Shown(len(spans), {"mirels": RangeColumn(entry, len(spans), lows, highs)})
    rules = [Compare(entry, op, Limit(tick, "limit")) for op in ("<", "<=", ">", ">=", "=", "!=")]
    answered = compile_conditions(rules).run(today)
    for index, rule in enumerate(rules):
        assert answers(answered, index).tolist() == [evaluate(rule, {"mirels": span}) for span in spans]


# Many rows: the edges of a block, and two threads.


def big_columns(n: int) -> dict[str, Column]:
    """Four columns with known, unknown and (rarely) interval cells."""
    rng = np.random.default_rng(7)
    fields = DICTIONARY.fields
    low = rng.integers(0, 6000, n)
    high = np.where(rng.random(n) < 0.9, low, 6000)
    low[::1000] = np.minimum(low[::1000], high[::1000] // 2)
    codes = rng.integers(-1, len(fields["cancer_type"].options), n)
    yes, gone = rng.random(n) < 0.3, rng.random(n) < 0.1
    return {
        "platelets": TickColumn.of_ends(fields["platelets"], low, high),
        "chest_pain": FlagColumn.of(fields["chest_pain"], n, pack(yes & ~gone), pack(yes | gone)),
        "cancer_type": column_of(fields["cancer_type"], [1 << i for i in range(23)], codes),
        "age": unknown_column(fields["age"], n),
    }


def big_rules() -> list:
    """Rules over those columns, of every node class but sets."""
    fields = DICTIONARY.fields
    few, low = (Compare(fields["platelets"], "<", Limit(tick, "limit")) for tick in (1000, 100))
    pain, old = OneOf(fields["chest_pain"], 2, "pain"), Compare(fields["age"], ">=", Limit(60, "limit"))
    blood = OneOf(fields["cancer_type"], 0b111 << 19 | 1, "blood")
    return [few, Not(few), low, And((few, pain)), Or((low, Not(pain))), AtLeast(2, (few, pain, blood, old)), old,
            And((Not(few), blood))]  # fmt: skip


@pytest.mark.parametrize("n", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_the_edge_of_a_block_changes_no_answer(n):
    """Cohorts of none, one, and a block's rows but one, exactly, and one more: each row as its patient."""
    today, rules = Shown(n, big_columns(n)), big_rules()
    answered = compile_conditions(rules).run(today)
    rows = sorted({*range(0, n, 9973), *range(max(n - 3, 0), n)})
    for index, rule in enumerate(rules):
        found = answers(answered, index)
        for row in rows:
            state = {name: column.possible(row) for name, column in today.columns.items()}
            assert found[row] == evaluate(rule, state)


def test_threads_change_no_answer_and_groups_are_the_or_of_their_rules():
    """One or two threads, kept rules or groups only: the same bits."""
    today, rules = Shown(BLOCK_ROWS * 2 + 5, big_columns(BLOCK_ROWS * 2 + 5)), big_rules()
    program = compile_conditions(rules)
    alone, shared = program.run(today, threads=1), program.run(today, threads=2)
    assert np.array_equal(alone.planes, shared.planes)
    seen = []
    grouped = program.run(
        today, conditions=[3], groups={"a": [0, 3], "b": [1, 2, 4]}, possible_groups={"c": [5]},
        each_block=lambda block, answered: seen.append((block.start, block.stop, answered.group_true("a"))),
    )  # fmt: skip
    assert np.array_equal(grouped.true(3), alone.true(3))
    assert np.array_equal(grouped.group_true("a"), alone.true(0) | alone.true(3))
    assert np.array_equal(grouped.group_possible("b"), alone.possible(1) | alone.possible(2) | alone.possible(4))
    assert np.array_equal(grouped.group_possible("c"), alone.possible(5))
    assert np.array_equal(np.concatenate([words for *_, words in sorted(seen)]), grouped.group_true("a"))
    with pytest.raises(KeyError, match="'c'"):
        grouped.group_true("c")
    with pytest.raises(KeyError):
        grouped.true(0)


@given(st.integers(1, 6), st.lists(st.integers(0, 2), min_size=1, max_size=6), st.booleans())
def test_an_item_that_stands_twice_counts_twice(count, which, negated):
    """At least two of a, a and b is a, in every interpreter."""
    names = ("chest_pain", "syncope", "dizziness")
    items = tuple(OneOf(DICTIONARY.fields[names[i]], 2, names[i]) for i in which)
    rule = AtLeast(min(count, len(items)), items)
    states = [dict(zip(names, held, strict=True)) for held in product((1, 2, 3), repeat=3)]
    columns = {
        name: column_of(DICTIONARY.fields[name], [state[name] for state in states], np.arange(len(states)))
        for name in names
    }
    answered = compile_conditions([Not(rule) if negated else rule]).run(Shown(len(states), columns))
    assert answers(answered, 0).tolist() == [evaluate(Not(rule) if negated else rule, state) for state in states]


def test_memory_of_an_earlier_answer_is_used_again_where_it_fits():
    """The same answers, written over others; answers of another size are left alone."""
    today, program = Shown(1000, big_columns(1000)), compile_conditions(big_rules())
    fresh = program.run(today)
    expected = fresh.planes.copy()
    fresh.planes[:] = 0
    again = program.run(today, out=fresh)
    assert again.planes is fresh.planes
    assert np.array_equal(again.planes, expected)
    assert program.run(today, conditions=[0], out=fresh).planes is not fresh.planes


def test_answers_are_copies_that_a_caller_may_change():
    """Changing one answer changes no other, even where two groups hold the same rules."""
    today = Shown(100, big_columns(100))
    answered = compile_conditions(big_rules()).run(today, groups={"a": [0], "b": [0]})
    answered.group_true("a")[:] = 0
    assert np.array_equal(answered.group_true("b"), answered.true(0))
    assert answered.true(0).any()


def test_a_node_class_without_a_line_is_refused_when_compiled():
    """A condition that this evaluator does not know raises by its class, before any row is read."""

    class Stranger:
        pass

    with pytest.raises(KeyError, match="Stranger"):
        compile_conditions([Not(Stranger())])


def test_sets_are_asked_member_by_member():
    """A set with unknown members is undecided until a sure member answers."""
    entry: Field = DICTIONARY.fields["bone_metastasis_sites"]
    held = [Members(0, 0), Members(0b1, 0b1), Members(0, 0b11), Members(0b10, 0b11), entry.unknown]
    today = Shown(len(held), {entry.name: column_of(entry, held, np.arange(len(held)))})
    answered = compile_conditions([AnyOf(entry, 0b10, "thoracic")]).run(today)
    assert answers(answered, 0).tolist() == [FALSE, FALSE, UNDECIDED, TRUE, UNDECIDED]


def test_a_choice_with_many_answers_is_looked_up():
    """More runs of options than are worth comparing one by one give the same answer."""
    entry = DICTIONARY.fields["cancer_type"]
    codes = np.arange(-1, len(entry.options))
    column = column_of(entry, [1 << i for i in range(len(entry.options))], codes)
    mask = 0b10101010101010
    answered = compile_conditions([OneOf(entry, mask, "every other")]).run(Shown(codes.size, {entry.name: column}))
    assert isinstance(column, OptionColumn)
    assert answers(answered, 0).tolist() == [UNDECIDED] + [TRUE if mask >> i & 1 else FALSE for i in codes[1:]]
    assert not (answered.true(0) & no_bits(codes.size)).any()
