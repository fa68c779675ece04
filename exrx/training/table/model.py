"""A trial's training as a table: sessions in weeks, each of parts that hold in some weeks; nothing here reads files."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from exrx.rules.restriction import Intensity
from exrx.training.exercises import Exercise
from exrx.training.session import Effort, Intervals
from exrx.training.targets import Words

PARTS = ("warm-up", "aerobic", "strength", "impact", "balance", "relaxation", "cool-down")
SETS = ("strength", "impact")  # parts that are counted in sets


@frozen
class When:
    """The weeks and sessions in which something holds; empty is always.

    `weeks` and `sessions` are inclusive ranges from 1 (a session's number counts through the whole course). `blocks` is
    (length, of, which): of every `of` blocks of `length` weeks only the `which`-th.
    """

    weeks: tuple[tuple[int, int], ...] = ()
    sessions: tuple[tuple[int, int], ...] = ()
    blocks: tuple[int, int, int] | None = None

    def holds(self, week: int, session: int) -> bool:
        """True in this week and for the session of this number."""
        if self.blocks is not None:
            length, of, which = self.blocks
            if (week - 1) // length % of + 1 != which:
                return False
        return _within(self.weeks, week) and _within(self.sessions, session)


def _within(ranges: tuple[tuple[int, int], ...], number: int) -> bool:
    return not ranges or any(low <= number <= high for low, high in ranges)


@frozen
class TablePart:
    """A part of a session as its source states it; minutes, sets and repetitions keep both ends of a range."""

    kind: str
    when: When
    exercises: tuple[Exercise, ...] = ()
    minutes: tuple[int, int] | None = None
    bouts: int = 1
    intensity: Intensity = Intensity.NONE
    effort: Effort | None = None
    intervals: Intervals | None = None
    sets: int = 0
    repetitions: tuple[int, int] | None = None
    rest_seconds: int | None = None
    note: str = ""


@frozen
class TableSession:
    """A session on one or more weekdays: `class` (supervised) or `home`; `minutes` where its length is stated."""

    id: str
    place: str
    weekdays: tuple[int, ...]
    when: When
    parts: tuple[TablePart, ...]
    minutes: tuple[int, int] | None = None


@frozen
class Correction:
    """Something that the source prints wrongly: what is printed, what is used, and why."""

    printed: str
    used: str
    because: Words


@frozen
class TestPoint:
    """A week in which something is tested."""

    __test__ = False
    week: int
    what: Words


@frozen(eq=False)
class TableTraining:
    """A checked table. `states` are the totals that its source states, which the table adds up to."""

    id: str
    version: str
    title: Words
    population: Words
    caveat: Words
    source: str
    checked_against: tuple[str, ...]
    weeks: int
    sessions: tuple[TableSession, ...]
    progression: tuple[Words, ...] = ()
    tests: tuple[TestPoint, ...] = ()
    corrections: tuple[Correction, ...] = ()
    not_read: tuple[Words, ...] = ()
    states: dict[str, Any] = field(factory=dict)
    unverified: tuple[str, ...] = ()
    sha256: str = ""

    def weekdays(self, place: str) -> tuple[int, ...]:
        """The weekdays on which there are sessions in this place, Monday 0."""
        found = {day for session in self.sessions if session.place == place for day in session.weekdays}
        return tuple(sorted(found))

    def sessions_of(self, week: int) -> list[tuple[int, TableSession, tuple[TablePart, ...]]]:
        """The week's sessions as (weekday, session, the parts that hold), in the order of the weekdays."""
        number = sum(len(self._days(before)) for before in range(1, week))
        found = []
        for weekday, session in self._days(week):
            number += 1
            found.append((weekday, session, tuple(p for p in session.parts if p.when.holds(week, number))))
        return found

    def _days(self, week: int) -> list[tuple[int, TableSession]]:
        days = [(day, session) for session in self.sessions if session.when.holds(week, 0) for day in session.weekdays]
        return sorted(days, key=lambda pair: pair[0])
