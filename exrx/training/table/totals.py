"""What a table adds up to: sessions, minutes, sets and repetitions of intervals, as its source would count them.

Of a range the low end is counted; optional parts stand in a table's words, not in its parts.
"""

from __future__ import annotations

from typing import Any

from attrs import asdict, field, frozen

from exrx.training.table.model import SETS, TablePart, TableTraining


@frozen
class Totals:
    """The sums of a table. Lists hold a number a week; minutes are the low ends of ranges.

    Sets are those of strength and impact training.

    `hours` are None unless the source states the length of every session.
    """

    sessions: int
    supervised_sessions: int
    hours: float | None
    sessions_by_week: tuple[int, ...]
    aerobic_minutes_by_week: tuple[int, ...]
    sets_by_week: tuple[int, ...]
    sets: int
    sets_per_exercise: dict[str, int] = field(factory=dict)
    intervals_by_session: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The sums as JSON."""
        plain = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def block_minutes(part: TablePart) -> int:
    """The minutes of an aerobic part: stated, or of its intervals from first to last work, rounded up."""
    if part.intervals is None:
        return part.minutes[0] if part.minutes else 0
    each = part.intervals
    return -(-(each.repeats * each.work_seconds + (each.repeats - 1) * each.rest_seconds) // 60)


def totals(training: TableTraining) -> Totals:
    """What the table adds up to over its weeks."""
    by_week: list[int] = []
    aerobic: list[int] = []
    sets: list[int] = []
    supervised, stated, intervals = 0, [], []
    per_exercise: dict[str, int] = {}
    for week in range(1, training.weeks + 1):
        sessions = training.sessions_of(week)
        parts = [part for _, _, held in sessions for part in held]
        by_week.append(len(sessions))
        supervised += sum(session.place == "class" for _, session, _ in sessions)
        stated += [session.minutes[0] if session.minutes else None for _, session, _ in sessions]
        aerobic.append(sum(block_minutes(part) * part.bouts for part in parts if part.kind == "aerobic"))
        sets.append(sum(part.sets * len(part.exercises) for part in parts if part.kind in SETS))
        for part in parts:
            for exercise in part.exercises if part.kind in SETS else ():
                per_exercise[exercise.id] = per_exercise.get(exercise.id, 0) + part.sets
        intervals += [
            sum(part.intervals.repeats for part in held if part.intervals) for _, _, held in sessions
        ]
    hours = None if not stated or None in stated else sum(minutes or 0 for minutes in stated) / 60
    return Totals(
        sum(by_week), supervised, hours, tuple(by_week), tuple(aerobic), tuple(sets), sum(sets), per_exercise,
        tuple(intervals),
    )  # fmt: skip
