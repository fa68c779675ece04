"""The engine's answer to each session that a rater judged, on that session's day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from attrs import field, frozen

from exrx.cohort import Cohort
from exrx.protocol.model import Protocol
from exrx.rules.restriction import Clearance
from exrx.screening.decision import Decision
from exrx.screening.many import screen_cohort
from exrx.screening.one import screen

_FEW = 20  # sessions of a day that are asked one by one where the cohort is much larger
_MANY_TIMES = 100


@frozen
class Answer:
    """What the engine says of a row on a day: its clearance, and the bounds under what is missing."""

    row: int
    day: date
    clearance: Clearance
    definite: Clearance
    worst: Clearance


@frozen(eq=False)
class Engine:
    """A cohort under a protocol at a stage; `unreadable` are rows of which the file could not be read."""

    cohort: Cohort = field(repr=False)
    protocol: Protocol = field(repr=False)
    stage: str
    unreadable: frozenset[int] = frozenset()

    def rows_by_id(self) -> dict[str, list[int]]:
        """The rows of each id, in the cohort's order."""
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self.cohort.ids):
            found.setdefault(str(name), []).append(row)
        return found

    def knows(self, row: int) -> bool:
        """Whether anything at all is known of a row."""
        if row in self.unreadable:
            return False
        patient = self.cohort.source(row)
        return bool(patient.observations or patient.forms)

    def decision(self, row: int, day: date) -> Decision:
        """The whole decision of a row on a day, with its reasons."""
        return screen(self.cohort.source(row), self.protocol, stage=self.stage, as_of=day)

    def answers(self, asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], Answer]:
        """The answer to each row and day."""
        by_day: dict[date, set[int]] = {}
        for row, day in asked:
            by_day.setdefault(day, set()).add(row)
        return {(each.row, each.day): each for day, rows in by_day.items() for each in self._on(day, rows)}

    def _on(self, day: date, rows: Collection[int]) -> Iterable[Answer]:
        if len(rows) <= _FEW and self.cohort.n > _MANY_TIMES * len(rows):
            for row in rows:
                found = self.decision(row, day)
                yield Answer(row, day, found.clearance, found.definite_clearance, found.worst_clearance)
            return
        many = screen_cohort(self.cohort, self.protocol, stage=self.stage, as_of=day)
        for row in rows:
            levels = (Clearance(int(column[row])) for column in (many.clearance, many.definite, many.worst))
            yield Answer(row, day, *levels)
