"""A week as it was done: the plan's own check, and never more credit than the log says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from test_training_plan import decided, planned

from exrx.errors import PlanError
from exrx.rules.restriction import Restriction
from exrx.training import check_week
from exrx.training.logs import SessionLog, activity_of_log, check_log, keyed_sessions
from exrx.training.session import activity_week
from exrx.training.targets import load_targets

PLAN = planned(decided(Restriction.none()), "dk-2014", 20)
WEEK = 20
SESSIONS = [each for each in keyed_sessions(PLAN).values() if each.week == WEEK]


def entry(number: int, **said: Any) -> SessionLog:
    """A log row of the week's session of this number."""
    session = SESSIONS[number]
    return SessionLog(session.key, session.date, **({"done": "yes"} | said))


def test_a_week_done_in_full_is_the_planned_week() -> None:
    """Every target gets the answer that the plan gives."""
    log = [entry(number) for number in range(len(SESSIONS))]
    days = {place: day.session for place, day in enumerate(PLAN.weeks[WEEK - 1].days) if day.session}
    for target in load_targets():
        assert check_log(PLAN, log, WEEK, target) == check_week(activity_week(days), target)
    assert check_log(PLAN, log, WEEK, "dk-2014").met


trained = st.builds(
    dict,
    done=st.sampled_from(["yes", "partly"]),
    minutes=st.none() | st.integers(1, 90),
    rpe=st.none() | st.integers(6, 20),
)
rows = trained | st.just({"done": "no"})


@given(st.lists(rows, min_size=len(SESSIONS), max_size=len(SESSIONS)))
def test_no_log_gets_more_credit_than_the_plan(said: list[dict[str, Any]]) -> None:
    """Whatever is written, a target that the planned week does not meet is not met."""
    log = [entry(number, **row) for number, row in enumerate(said)]
    full = [entry(number) for number in range(len(SESSIONS))]
    for target in ("acsm-150-75", "dk-2014", "dk-now"):
        done, most = check_log(PLAN, log, WEEK, target), check_log(PLAN, full, WEEK, target)
        assert most.met or not done.met
    for day, planned_day in zip(
        activity_of_log(PLAN, log, WEEK), activity_of_log(PLAN, full, WEEK), strict=True
    ):
        assert day.active_minutes <= planned_day.active_minutes
        assert day.vigorous_minutes <= planned_day.vigorous_minutes


def test_a_session_broken_off_counts_by_its_minutes_and_exertion() -> None:
    """Half of 30 minutes at Borg 13 are 15 moderate minutes; without minutes or exertion nothing counts."""
    home = next(number for number, each in enumerate(SESSIONS) if each.kind == "home")
    on = [day.date for day in PLAN.weeks[WEEK - 1].days].index(SESSIONS[home].date)
    for said, minutes in (
        ({"minutes": 15, "rpe": 13}, 15),
        ({"minutes": 15, "rpe": 10}, 0),
        ({"minutes": 15}, 0),
        ({"rpe": 13}, 0),
    ):
        week = activity_of_log(PLAN, [entry(home, done="partly", **said)], WEEK)
        assert week[on].moderate_minutes == minutes


def test_a_session_counts_on_the_day_it_was_done() -> None:
    """Two sessions of one day add up, and a session of another week's key counts where its date lies."""
    first = entry(0)
    moved = evolve(entry(1), date=first.date)
    days = activity_of_log(PLAN, [first, moved], WEEK)
    assert sum(bool(day.active_minutes) for day in days) == 1
    assert not any(day.active_minutes for day in activity_of_log(PLAN, [first], WEEK - 1))
    assert first.date + timedelta(days=1) != moved.date


def test_a_week_or_a_session_that_is_not_the_plans_is_refused() -> None:
    """The message names the week, or the session."""
    with pytest.raises(PlanError, match="no week 21"):
        activity_of_log(PLAN, [], 21)
    with pytest.raises(PlanError, match="'w99-1' is not in the plan"):
        activity_of_log(PLAN, [evolve(entry(0), key="w99-1")], WEEK)
