"""The same cells for everybody: exrx columns, a Polars frame and its Arrow table, and one dictionary a patient."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from exrx.bits import pack, word_count
from exrx.columns import Column, FlagColumn, TickColumn
from exrx.fields import Field

HIGHEST, YES_SHARE, MISSING = 20_000, 15, 0.1


@frozen(eq=False)
class Patients:
    """N patients as exrx columns (what `Program.run` takes) and as a Polars frame, null where nothing is known."""

    n: int
    columns: dict[str, Column]
    frame: pl.DataFrame

    def column(self, name: str) -> Column:
        """One field of every patient."""
        return self.columns[name]

    def first(self, n: int) -> Patients:
        """The first n patients."""
        n = min(n, self.n)
        words = word_count(n)
        columns: dict[str, Column] = {}
        for name, column in self.columns.items():
            if isinstance(column, TickColumn):
                down = column.down[:words]
                columns[name] = TickColumn(column.field, n, down, down, ticks=column.ticks[:n])
            else:
                columns[name] = FlagColumn(column.field, n, column.planes[:, :words])
        return Patients(n, columns, self.frame.head(n).rechunk())

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a patient, None where nothing is known."""
        return self.frame.to_dicts()


def make_patients(
    n: int, numbers: list[Field], flags: list[Field], missing: float = MISSING, seed: int = 2
) -> Patients:
    """Uniform values; `missing` of the cells are not known."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Column] = {}
    frame: dict[str, pl.Series] = {}
    for entry in numbers:
        ticks = rng.integers(0, HIGHEST + 1, n, dtype=np.uint16)
        gone = rng.integers(0, 100, n, dtype=np.uint8) < 100 * missing
        frame[entry.name] = _with_nulls(ticks, gone)
        ticks[gone] = entry.ticks.missing
        unknown = pack(gone)
        columns[entry.name] = TickColumn(entry, n, unknown, unknown, ticks=ticks)
    for entry in flags:
        yes = rng.integers(0, 100, n, dtype=np.uint8) < YES_SHARE
        gone = rng.integers(0, 100, n, dtype=np.uint8) < 100 * missing
        columns[entry.name] = FlagColumn.of(entry, n, pack(yes & ~gone), pack(yes | gone))
        frame[entry.name] = _with_nulls(yes, gone)
    return Patients(n, columns, pl.DataFrame(frame).rechunk())


def _with_nulls(values: np.ndarray, gone: np.ndarray) -> pl.Series:
    return pl.select(pl.when(pl.lit(pl.Series(~gone))).then(pl.lit(pl.Series(values)))).to_series()
