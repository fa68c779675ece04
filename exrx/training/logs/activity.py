"""A week as it was done, held against a target: the same check as for a plan, with no more credit than the log says.

What was done in full counts as planned, and what was broken off by its minutes. Exertion below the planned zone takes
the intensity down; exertion that nobody wrote counts as planned only where all was done. Unknown minutes count as none.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from exrx.errors import PlanError
from exrx.rules.restriction import Intensity
from exrx.training.logs.entry import SessionLog
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.plan import Plan
from exrx.training.session import Effort, Session
from exrx.training.table.efforts import load_efforts
from exrx.training.targets import ActivityDay, Target, TargetResult, check_week


def activity_of_log(plan: Plan, entries: Iterable[SessionLog], week: int) -> list[ActivityDay]:
    """The seven days of a plan's week as they were done, by the day on which each session was done.

    Raises:
        PlanError: the plan has no such week, or an entry names a session that is not the plan's.
    """
    if not 1 <= week <= len(plan.weeks):
        raise PlanError(f"the plan has no week {week}; it has {len(plan.weeks)}")
    planned, days = keyed_sessions(plan), {day.date: ActivityDay() for day in plan.weeks[week - 1].days}
    for entry in entries:
        if entry.date in days and entry.trained:
            if entry.key not in planned:
                raise PlanError(f"the log's session '{entry.key}' is not in the plan of {plan.patient or 'a patient'}")
            days[entry.date] = _joined(days[entry.date], _done(planned[entry.key], entry))
    return list(days.values())


def check_log(plan: Plan, entries: Iterable[SessionLog], week: int, target: str | Target) -> TargetResult:
    """Whether a week as it was done meets `target`, and by how much it is short.

    Raises:
        PlanError: as `activity_of_log`, or there is no such target.
    """
    return check_week(activity_of_log(plan, entries, week), target)


def _joined(one: ActivityDay, other: ActivityDay) -> ActivityDay:
    return ActivityDay(
        one.moderate_minutes + other.moderate_minutes,
        one.vigorous_bouts + other.vigorous_bouts,
        one.strength or other.strength,
        one.interval_blocks + other.interval_blocks,
        one.class_minutes + other.class_minutes,
    )


def _done(planned: KeyedSession, entry: SessionLog) -> ActivityDay:
    """What one session counts for."""
    session, whole = planned.session, entry.done == "yes"
    share = _share(session, entry, whole)
    strength = session.sets > 0 and (whole or any((each.sets or 0) > 0 for each in entry.loads.values()))
    highest = _highest(entry, whole)
    asked = session.activity()
    moderate = asked.moderate_minutes * share // 100
    bouts = tuple(bout * share // 100 for bout in asked.vigorous_bouts)
    blocks = tuple((work * share // 100, length * share // 100) for work, length in asked.interval_blocks)
    if highest > Intensity.VIGOROUS:
        moderate, bouts, blocks = moderate + sum(bouts) + sum(work for work, _ in blocks), (), ()
    if highest > Intensity.MODERATE:
        moderate = 0
    day = ActivityDay(moderate, tuple(bout for bout in bouts if bout), strength, blocks)
    return evolve(day, class_minutes=day.active_minutes) if session.kind == "class" else day


def _share(session: Session, entry: SessionLog, whole: bool) -> int:
    """Per cent of the planned minutes that were done; without minutes all of a whole session, none of another."""
    if entry.minutes is None:
        return 100 if whole else 0
    return min(100, 100 * entry.minutes // session.minutes) if session.minutes else 0


def _highest(entry: SessionLog, whole: bool) -> Intensity:
    """The hardest intensity that the exertion allows to count."""
    if entry.rpe is None:
        return Intensity.VIGOROUS if whole else Intensity.NONE
    metric = "rpe" if entry.scale == "cr10" else "borg"
    return load_efforts().intensity(Effort(metric, entry.rpe, entry.rpe))
