"""Targets of many people at once: the same answer as for one, and unknown never meets a target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.training import ActivityDay, check_week, load_targets
from exrx.training.targets_cohort import CohortWeek, check_weeks

BOUTS = 3
blocks = st.lists(st.tuples(st.integers(0, 15), st.integers(15, 40)), max_size=BOUTS).map(tuple)
bouts = st.lists(st.integers(0, 40), max_size=BOUTS).map(tuple)
days = st.builds(ActivityDay, st.integers(0, 90), bouts, st.booleans(), blocks)
people = st.lists(st.lists(days, min_size=7, max_size=7), min_size=1, max_size=5)


def _padded(values: tuple[float, ...]) -> list[float]:
    return [*values, *[0.0] * (BOUTS - len(values))]


def cohort(weeks: list[list[ActivityDay]]) -> CohortWeek:
    """The weeks of several people as arrays."""
    return CohortWeek.of(
        [[day.moderate_minutes for day in week] for week in weeks],
        [[_padded(day.vigorous_bouts) for day in week] for week in weeks],
        [[day.strength for day in week] for week in weeks],
        [[_padded(tuple(work for work, _ in day.interval_blocks)) for day in week] for week in weeks],
        [[_padded(tuple(whole for _, whole in day.interval_blocks)) for day in week] for week in weeks],
    )


@given(people)
def test_one_is_many(weeks: list[list[ActivityDay]]) -> None:
    """Every person gets the answer of `check_week`, requirement by requirement."""
    for target in load_targets().values():
        many = check_weeks(cohort(weeks), target)
        for row, week in enumerate(weeks):
            one = check_week(week, target)
            assert many.met[row] == many.possible[row] == one.met
            short = [bool(got < needed) for got, needed in zip(many.got[row], many.needed, strict=True)]
            assert sum(short) == len(one.shortfalls)


@given(people, st.integers(0, 6))
def test_an_unknown_day_never_meets_a_target(weeks: list[list[ActivityDay]], day: int) -> None:
    """With a day unknown nothing is met that was not met without it, and what was met stays possible."""
    known = cohort(weeks)
    unknown = CohortWeek.of(known.moderate, known.vigorous_bouts, known.strength)
    unknown.moderate[:, day] = np.nan
    for target in load_targets():
        before, after = check_weeks(known, target), check_weeks(unknown, target)
        assert not (after.met & ~before.met).any()
        if not known.interval_work.any():
            assert not (before.met & ~after.possible).any()


@pytest.mark.parametrize(
    ("moderate", "vigorous", "named"),
    [
        (np.zeros((2, 6)), np.zeros((2, 6)), "7 columns"),
        (np.full((2, 7), -1), np.zeros((2, 7)), "row 0"),
        (np.zeros((2, 7)), np.zeros((3, 7)), "same people"),
    ],
)
def test_arrays_that_are_no_weeks_are_refused(moderate: object, vigorous: object, named: str) -> None:
    """Six days, negative minutes, other people: each named."""
    with pytest.raises(PlanError, match=named):
        CohortWeek.of(moderate, vigorous, np.zeros((2, 7)))
