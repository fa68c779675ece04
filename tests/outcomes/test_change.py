"""Before and after: no patient is lost, nothing is filled in, and contradictions are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import FieldError, InputFileError
from exrx.outcomes.change import effect, summarise
from exrx.outcomes.goals import attainment
from exrx.outcomes.measures import find_measure, load_measures

NAN = float("nan")
DAYS = [f"2026-{month:02}-01" for month in range(1, 13)]


@st.composite
def measurements(draw):
    """Rows of one measure: patient, day, value, mark."""
    row = st.tuples(st.sampled_from("abcd"), st.sampled_from(DAYS[:5]), st.integers(-50, 900),
                    st.sampled_from(["", "", "pre", "post"]))  # fmt: skip
    return draw(st.lists(row, min_size=1, max_size=12))


def of(rows, measure="six_minute_walk"):
    ids, days, values, marks = (list(column) for column in zip(*rows, strict=True))
    return effect(ids, days, [measure] * len(rows), values, marks)


@given(measurements())
@settings(max_examples=200)
def test_every_row_is_in_a_pair_between_two_others_or_named(rows):
    """N rows in: no usable patient is missing from the change, and a plain loop finds the same values."""
    found = of(rows)
    [change] = found.changes
    usable = [row for row in rows if 0 <= row[2] <= 1200]
    assert set(change.ids) == {row[0] for row in usable}
    assert {row for row, problem in found.problems if problem.code == "implausible"} == {
        place for place, row in enumerate(rows) if not 0 <= row[2] <= 1200
    }
    for place, name in enumerate(change.ids):
        before, after = plainly([row for row in usable if row[0] == name])
        np.testing.assert_equal((change.before[place], change.after[place]), (before, after))


def plainly(rows):
    """The value before and after of one patient by a plain reading of the rules."""
    marked = any(mark for *_, mark in rows)
    if marked:
        ends = []
        for wanted in ("pre", "post"):
            here = [row for row in rows if row[3] == wanted]
            latest = max((day for _, day, *_ in here), default=None)
            ends.append([row for row in here if row[1] == latest])
    else:
        first, last = min(row[1] for row in rows), max(row[1] for row in rows)
        ends = [[row for row in rows if row[1] == first], [row for row in rows if row[1] == last > first]]
    if any(len(end) > 1 for end in ends):
        return NAN, NAN
    if all(ends) and ends[1][0][1] <= ends[0][0][1]:
        return NAN, NAN
    return tuple(float(end[0][2]) if end else NAN for end in ends)


@given(measurements(), st.randoms())
@settings(max_examples=60)
def test_the_order_of_the_rows_changes_nothing(rows, random):
    """Shuffled rows give the same changes."""
    shuffled = rows.copy()
    random.shuffle(shuffled)
    first, second = of(rows).changes[0], of(shuffled).changes[0]
    assert first.ids == second.ids
    np.testing.assert_equal(first.change, second.change)


def test_two_baselines_on_one_day_and_an_after_before_the_before_are_refused():
    """Each is named with its row; the other patients keep their change."""
    found = of([("a", DAYS[0], 400, "pre"), ("a", DAYS[0], 410, "pre"), ("a", DAYS[3], 450, "post"),
                ("b", DAYS[4], 400, "pre"), ("b", DAYS[1], 450, "post"),
                ("c", DAYS[0], 300, ""), ("c", DAYS[2], 345, "")])  # fmt: skip
    assert [(row, problem.code) for row, problem in found.problems] == [
        (0, "twice-on-one-day"), (1, "twice-on-one-day"), (4, "after-before-before"),
    ]  # fmt: skip
    np.testing.assert_equal(found.changes[0].change, [NAN, NAN, 45.0])


def test_a_patient_without_a_second_value_is_counted_as_missing():
    """Two begin, one is measured again: n 2, paired 1, no mean is claimed for one."""
    [change] = of([("a", DAYS[0], 400, ""), ("a", DAYS[2], 450, ""), ("b", DAYS[0], 300, "")]).changes
    summary = summarise(change)
    assert (summary.n, summary.paired, summary.no_before, summary.no_after) == (2, 1, 0, 1)
    assert summary.mean is None


def test_who_responded_is_counted_by_each_sources_own_difference_and_its_direction():
    """A gain of 30 m reaches 22 m, not 42 m, and 9.5 % of 300; a second less in the timed up and go is better."""
    [change] = of([("a", DAYS[0], 300, ""), ("a", DAYS[2], 330, "")]).changes
    reached = {known.id: int(change.better(known)[0]) for known in change.measure.differences}
    assert reached == {"lung-granger-low": 1, "lung-granger-high": 0, "lung-granger-percent": 1}
    [slower] = of([("a", DAYS[0], 10, ""), ("a", DAYS[2], 12, "")], "timed_up_and_go").changes
    assert [int(slower.better(known)[0]) for known in slower.measure.differences] == [-1]


def test_a_difference_is_reached_at_its_edge_in_spite_of_binary_fractions():
    """0.85 - 0.80 m/s is the minimal 0.05."""
    [change] = of([("a", DAYS[0], 0.8, ""), ("a", DAYS[2], 0.85, "")], "gait_speed").changes
    assert {known.id: int(change.better(known)[0]) for known in change.measure.differences} == {
        "minimal": 1, "clinical": 0,
    }  # fmt: skip


def test_the_mean_change_has_the_interval_of_a_paired_t_test():
    """Against scipy's own paired test."""
    from scipy import stats

    generator = np.random.default_rng(7)
    before, after = generator.normal(400, 40, 20).round(), generator.normal(430, 40, 20).round()
    rows = [(f"p{i}", DAYS[0], v, "") for i, v in enumerate(before)]
    rows += [(f"p{i}", DAYS[3], v, "") for i, v in enumerate(after)]
    summary = summarise(of(rows).changes[0])
    expected = stats.ttest_rel(after, before).confidence_interval(0.95)
    assert (summary.low, summary.high) == pytest.approx((expected.low, expected.high))


def test_an_unknown_measure_is_named_with_the_nearest():
    """The row is a problem, the rest of the file is used."""
    found = effect(["a", "a"], [DAYS[0], DAYS[0]], ["six_minute_wlk", "handgrip"], [400, 30])
    assert [problem.code for _, problem in found.problems] == ["unknown-field"]
    assert "Did you mean 'six-minute-walk'" in found.problems[0][1].message
    assert [change.measure.id for change in found.changes] == ["handgrip"]


def test_columns_of_different_lengths_are_refused():
    """One entry a measurement in every column."""
    with pytest.raises(InputFileError, match="one entry a measurement"):
        effect(["a"], DAYS[:2], ["handgrip"] * 2, [1, 2])


def test_every_difference_and_threshold_of_a_measure_has_a_source_and_recalled_ones_are_unverified():
    """No number without a source, and none that was only recalled ships as verified."""
    for measure in load_measures().values():
        for known in (*measure.differences, *measure.thresholds):
            assert known.source
            assert (known.verified == "unverified") == known.source.startswith("recalled-"), (measure.id, known.id)


def test_a_measure_is_found_by_the_fields_name_and_alias():
    """The words of the dictionary lead to the measure."""
    assert find_measure("6mwt") is find_measure("six_minute_walk") is find_measure("Six-minute walk")
    with pytest.raises(FieldError, match="there is no measure"):
        find_measure("blood count")


# Goal attainment

LEVELS = st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0])


@given(st.lists(st.tuples(LEVELS, st.integers(1, 5)), min_size=1, max_size=5))
@settings(max_examples=100)
def test_goal_attainment_is_50_where_every_goal_is_met_and_grows_with_each_level(goals):
    """T is 50 at level 0, rises with every level, and does not depend on the goals' order."""
    levels, weights = np.array([goals]).transpose(2, 0, 1)
    low, high = attainment(levels, weights)
    assert low == pytest.approx(high)
    assert attainment(np.zeros_like(levels), weights)[0] == pytest.approx(50)
    assert attainment(levels[:, ::-1], weights[:, ::-1])[0] == pytest.approx(low)
    if levels[0, 0] < 2:
        better = levels.copy()
        better[0, 0] += 1
        assert attainment(better, weights)[0] > low


def test_goal_attainment_uses_the_formula_of_the_erratum():
    """Three goals at +1: 50 + 30 / sqrt(0.7 x 3 + 0.3 x 9); with weights 1 and 2 the squares are of each weight."""
    assert attainment([[1, 1, 1]])[0][0] == pytest.approx(50 + 30 / np.sqrt(0.7 * 3 + 0.3 * 9))
    assert attainment([[1, -1]], [1, 2])[0][0] == pytest.approx(50 - 10 / np.sqrt(0.7 * 5 + 0.3 * 9))


def test_a_goal_that_nobody_judged_leaves_an_interval_and_a_patient_without_goals_has_no_score():
    """From -2 to +2 for the unjudged goal; NaN, not 50, where there is no goal."""
    low, high = attainment([[0, NAN], [NAN, NAN]], [[1, 1], [0, 0]])
    assert low[0] < 50 < high[0]
    assert np.isnan(low[1])


@pytest.mark.parametrize(
    ("levels", "weights", "words"),
    [([[3]], None, "one of -2"), ([[1]], [[-1]], "0 or more"), ([1], None, "one row a patient"),
     ([[1, 1]], [1, 1, 1], "do not fit")],
)  # fmt: skip
def test_goals_that_make_no_sense_are_refused(levels, weights, words):
    """The message says what a level or weight may be."""
    with pytest.raises(InputFileError, match=words):
        attainment(levels, weights)
