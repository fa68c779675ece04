"""The problems of rows in which cells were refused and nothing else is wrong: each cell's own, whatever the row holds.

A table with a wrong unit has one problem a row. Making the whole patient of each such row would take most of the time;
what is wrong with a cell depends on the cell and its date alone, so it is read once a distinct cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from exrx.bits import Words, set_positions
from exrx.errors import Problem
from exrx.fields import Validity
from exrx.knowledge import know

if TYPE_CHECKING:
    from exrx.cohort import Cohort

_MOST = 1 << 14


class Refusals:
    """The problems of the rows in `rows`, all of whose problems are refused cells."""

    def __init__(self, cohort: Cohort, as_of: date, validities: Mapping[str, Validity], rows: Words) -> None:
        self._cohort, self._as_of, self._validities = cohort, as_of, validities
        self._fields: dict[int, list[str]] = {}
        self._known: dict[Any, tuple[Problem, ...]] = {}
        for name, recorded in cohort.recorded.items():
            for row in set_positions(recorded.refused & rows).tolist():
                self._fields.setdefault(row, []).append(name)

    def of(self, row: int) -> tuple[Problem, ...] | None:
        """The problems of a row, None for a row that is not among `rows`."""
        names = self._fields.get(row)
        if names is None:
            return None
        key = (*names, *map(repr, self._cohort.cells(row, names)))
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            patient = self._cohort.source(row, names)
            self._known[key] = know(patient, self._cohort.dictionary, self._as_of, self._validities).problems
        return self._known[key]
