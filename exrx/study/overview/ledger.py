"""The counts of one report, tied to each other through what every patient has one of: an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.rules.restriction import Clearance, Track
from exrx.screening.many import Decisions
from exrx.study.overview.disclosure import Printed, Sheet
from exrx.study.overview.people import Codes, Label

TRACKS = (Track.GROUP, Track.INDIVIDUAL, Track.SUPERVISED)
UNTRAINED = (Clearance.ASSESS, Clearance.CONSULT, Clearance.DEFER, Clearance.STOP, Clearance.EMERGENCY)
OUTCOMES: tuple[tuple[Clearance, Track], ...] = (
    *((clearance, track) for clearance in (Clearance.CLEAR, Clearance.MODIFY) for track in TRACKS),
    *((clearance, Track.NONE) for clearance in UNTRAINED),
)
"""Every clearance with every track that it can have: each patient has exactly one."""
TRAINED = 2 * len(TRACKS)
"""So many outcomes, the first ones, may train."""


@frozen
class Slot:
    """The place of a number in a report that is not settled yet."""

    number: int


@frozen(eq=False)
class Split:
    """All patients divided into classes: `codes` (N,) are places in `keys`, `cells` are those of each class."""

    keys: tuple[str, ...]
    labels: tuple[Label, ...]
    codes: Codes
    cells: Sequence[Sequence[int]]


@define
class Ledger:
    """A cohort's counts. `centre`: a cell for each of `OUTCOMES`; every other cell is tied to it, so that all tables
    of the report are one system of equations for whoever tries to solve them. `splits`: the divisions that have cells,
    by name, to be crossed with each other."""

    decisions: Decisions
    limit: int
    sheet: Sheet = field(factory=Sheet)
    centre: list[int] = field(init=False)
    splits: dict[str, Split] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.centre = self.sheet.cells(np.bincount(self.outcomes, minlength=len(OUTCOMES)))

    @cached_property
    def outcomes(self) -> Codes:
        """Each patient's place in `OUTCOMES`, (N,)."""
        clearance, track = self.decisions.clearance.astype(np.int64), self.decisions.track.astype(np.int64)
        trained = clearance * len(TRACKS) + np.minimum(track, len(TRACKS) - 1)
        return np.where(clearance <= Clearance.MODIFY, trained, clearance + TRAINED - Clearance.ASSESS)

    def at(self, clearance: Clearance) -> npt.NDArray[np.bool_]:
        """Who has this clearance, (N,)."""
        return np.asarray(self.decisions.clearance == clearance)

    def slot(self, cells: Iterable[int], *, shown: bool = True, public: bool = False, total: bool = False) -> Slot:
        """A number of the report, the sum of these cells."""
        return Slot(self.sheet.number(cells, shown=shown, public=public, total=total))

    def row(self, cells: Sequence[int], parts: Mapping[str, Iterable[int]]) -> dict[str, Any]:
        """A row of a table: its total and its parts; where the total is small, zeros are hidden with it."""
        whole = self.slot(cells, total=True)
        found = {key: self.slot(part) for key, part in parts.items()}
        self.sheet.guard(whole.number, [slot.number for slot in found.values()], self.limit)
        return {"n": whole, "counts": found}

    def by_outcome(self, codes: Codes, size: int) -> list[list[int]]:
        """Cells for each class (rows) and outcome (columns)."""
        many = len(OUTCOMES)
        counts = np.bincount(codes * many + self.outcomes, minlength=size * many).reshape(size, many)
        cells = [self.sheet.cells(row) for row in counts]
        for place, whole in enumerate(self.centre):
            self.sheet.tie([row[place] for row in cells], [whole])
        return cells

    def cross(self, rows: Split, columns: Split) -> list[list[int]]:
        """Cells for each class of `rows` and each of `columns`, tied to both."""
        shape = len(rows.cells), len(columns.cells)
        counts = np.bincount(rows.codes * shape[1] + columns.codes, minlength=shape[0] * shape[1]).reshape(shape)
        cells = [self.sheet.cells(row) for row in counts]
        for row, whole in zip(cells, rows.cells, strict=True):
            self.sheet.tie(row, whole)
        for place, whole in enumerate(columns.cells):
            self.sheet.tie([row[place] for row in cells], whole)
        return cells

    def divide(self, whole: Sequence[int], counts: Iterable[Any]) -> list[int]:
        """Cells for the classes into which the people of `whole` fall."""
        cells = self.sheet.cells(counts)
        self.sheet.tie(cells, whole)
        return cells

    def part(self, whole: Sequence[int], count: int) -> int:
        """The cell of those of `whole` who share something; the rest is protected too, though never printed."""
        total = sum(self.sheet.counts[cell] for cell in whole)
        yes, no = self.divide(whole, [count, total - count])
        self.slot([no], shown=False)
        return yes


def fill(content: Any, printed: Printed) -> Any:
    """The content with every `Slot` replaced by what is printed: a number, or None where it is hidden."""
    if isinstance(content, Slot):
        return printed[content.number]
    if isinstance(content, Mapping):
        return {key: fill(value, printed) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [fill(value, printed) for value in content]
    return content


def largest_first(rows: list[dict[str, Any]], count: str, name: str) -> list[dict[str, Any]]:
    """Rows by what is printed, hidden ones last and by name: their order must not tell what is hidden."""
    return sorted(rows, key=lambda row: (row[count] is None, -(row[count] or 0), str(row[name])))
