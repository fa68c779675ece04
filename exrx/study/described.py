"""What was counted about the columns of an input, as plain records that become JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from attrs import define, field, frozen

from exrx.fields import Field
from exrx.quantities.scale import plain

FIRST_ROWS = 5
"""So many rows are named where something is wrong with more."""


@define
class Found:
    """How often something was found, and the first rows of it (counted from 1 below the header)."""

    count: int = 0
    rows: list[int] = field(factory=list)

    def add(self, count: int, rows: Iterable[int]) -> None:
        """Count more of it; `rows` ascend and follow those that are there."""
        self.count += count
        if len(self.rows) < FIRST_ROWS:
            self.rows += list(rows)[: FIRST_ROWS - len(self.rows)]

    def to_dict(self) -> dict[str, Any]:
        """The count and the first rows."""
        return {"count": self.count, "rows": self.rows}


@define
class DayCounts:
    """Days by how often they were given (proleptic Gregorian ordinals), and what is no single day."""

    days: Counter[int] = field(factory=Counter)
    partial: int = 0
    never: int = 0
    late: Found = field(factory=Found)

    def to_dict(self) -> dict[str, Any]:
        """Oldest, newest and the middle day, with how many are after the day asked about."""
        low, _, middle, _, high = quartiles(self.days)
        shown = [None if day is None else date.fromordinal(day).isoformat() for day in (low, middle, high)]
        said = {"count": self.days.total() + self.partial, "oldest": shown[0], "median": shown[1], "newest": shown[2]}
        return {**said, "partial": self.partial, "never": self.never, "after_as_of": self.late.to_dict()}


@define
class FieldCounts:
    """One field of the dictionary as an input gives it, before anything is screened.

    `ticks` counts exact numbers, `answers` the options that were given; `censored` are bounds ("<20") and ranges,
    `open` written unknowns. `refused` holds by code what cannot be used; `meant` the units in which refused numbers
    would be plausible. `undated` counts values without a day of their own.
    """

    entry: Field
    header: str
    unit: str | None = None
    rows: int = 0
    given: int = 0
    censored: int = 0
    open: int = 0
    undated: int = 0
    ticks: Counter[int] = field(factory=Counter)
    answers: Counter[str] = field(factory=Counter)
    units: Counter[str] = field(factory=Counter)
    refused: dict[str, Found] = field(factory=dict)
    meant: Counter[str] = field(factory=Counter)
    values: DayCounts = field(factory=DayCounts)
    observed: DayCounts = field(factory=DayCounts)

    @property
    def refusals(self) -> int:
        """How many cells cannot be used."""
        return sum(found.count for found in self.refused.values())

    def refuse(self, code: str, count: int, rows: Iterable[int]) -> None:
        """Count cells that cannot be used."""
        self.refused.setdefault(code, Found()).add(count, rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON; numbers are texts in the canonical unit, so that 49.96 stays 49.96."""
        made: dict[str, Any] = {
            "column": self.header, "field": self.entry.name, "kind": self.entry.kind, "unit": self.unit,
            "canonical_unit": self.entry.ticks.unit if self.entry.kind in ("quantity", "score") else None,
            "rows": self.rows, "given": self.given, "missing": self.rows - self.given,
            "missing_share": round((self.rows - self.given) / self.rows, 4) if self.rows else None,
            "censored": self.censored, "unknown": self.open,
            "refused": {code: found.to_dict() for code, found in sorted(self.refused.items())},
        }  # fmt: skip
        if self.ticks:
            names = ("min", "q1", "median", "q3", "max")
            cuts = zip(names, quartiles(self.ticks), strict=True)
            made["range"] = {name: plain(self.entry.ticks.value(tick or 0)) for name, tick in cuts}
        if self.answers:
            made["answers"] = _often(self.answers)
        if self.units:
            made["units_given"] = _often(self.units)
        if self.meant:
            made["meant"] = _often(self.meant)
        if self.values.days or self.values.partial or self.values.never:
            made["days"] = self.values.to_dict()
        if self.observed.days or self.observed.partial:
            made["dates"] = {**self.observed.to_dict(), "undated": self.undated}
        return made


@frozen
class Point:
    """Something about an input to mend before it is screened, or (`mend` false) to know.

    `code` is stable; `column` the column or field it is about, empty for the whole input; `more` what a sentence
    about it needs (a unit, codes, a message).
    """

    code: str
    column: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()
    mend: bool = True
    more: Mapping[str, Any] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        kept = {"code": self.code, "column": self.column, "count": self.count, "rows": list(self.rows)}
        return {**kept, "mend": self.mend, **self.more}


def _often(counts: Counter[str]) -> dict[str, int]:
    """The counts, the largest first; equal ones by name."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def quartiles(counts: Counter[int]) -> tuple[int | None, ...]:
    """Least, lower quartile, median, upper quartile, most of counted numbers: each a number that was given.

    The p-quantile is the smallest number that at least a share p of the numbers does not exceed.
    """
    total = counts.total()
    if not total:
        return (None,) * 5
    wanted = [1, -(-total // 4), -(-total // 2), -(-3 * total // 4), total]
    found: list[int | None] = []
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        while len(found) < 5 and seen >= wanted[len(found)]:
            found.append(number)
    return tuple(found)
