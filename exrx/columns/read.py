"""Cells as they were handed in become a column of what they say, whatever day it is.

Numbers go through `quantities.read_column`, all else is read once a distinct value by `values.read_given`, which
reads a patient's JSON too. What cannot be used is unknown, and its row is in `refused`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import Words, all_bits, no_bits, pack, pack_equal, pack_rows
from exrx.columns.base import Column, unknown_column
from exrx.columns.numbers import NEVER_AFTER, NEVER_BEFORE, NO_DATE, Spans, TickColumn
from exrx.columns.options import FlagColumn, OptionColumn, SetColumn
from exrx.dates import FIRST_YEAR, LAST_YEAR, DateSpan, read_date
from exrx.errors import QuantityError, UnitError
from exrx.fields import NO, YES, Field, Members, Possible
from exrx.given import Cells, CodedCells, DayCells, FlagCells, NumberCells
from exrx.quantities import Span, read_column, read_unit
from exrx.values import is_missing, read_given

UNDATED = int(np.iinfo(np.int32).max)
_FIRST, _LAST = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
_REFUSED = object()
_BETWEEN = re.compile(r"\s*[;,|]\s*")


@frozen(eq=False)
class Dates:
    """Days as ordinals (int32, (n,)), NO_DATE where there is none, or NEVER_BEFORE / NEVER_AFTER.

    `partial` holds the first and last day of the rows that name only a month or a year; they are NO_DATE in
    `ordinals`.
    """

    ordinals: npt.NDArray[np.int32]
    partial: Spans | None = None

    def first(self, undated: int = UNDATED) -> npt.NDArray[np.int32]:
        """The earliest day of each row, `undated` where there is none."""
        return self._ends(undated, None if self.partial is None else self.partial.lows)

    def last(self, undated: int = UNDATED) -> npt.NDArray[np.int32]:
        """The latest day of each row, `undated` where there is none."""
        return self._ends(undated, None if self.partial is None else self.partial.highs)

    def _ends(self, undated: int, ends: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int32]:
        days = np.where(self.ordinals == NO_DATE, np.int32(undated), self.ordinals)
        if self.partial is not None and ends is not None:
            days[self.partial.rows] = ends
        return days


@frozen(eq=False)
class Recorded:
    """What the cells of one field say.

    `column` is what needs no day, `dates` what does (elapsed fields and birth dates). `given`: where anything was
    given; `refused`: where it cannot be used.
    """

    field: Field
    column: Column
    given: Words
    refused: Words
    dates: Dates | None = None

    @classmethod
    def nothing(cls, entry: Field, n: int) -> Recorded:
        """Of a field that has no column."""
        return cls(entry, unknown_column(entry, n), no_bits(n), no_bits(n))


def read_cells(entry: Field, cells: Cells, unit: str | None = None, *, cell_units: bool = False) -> Recorded:
    """What a column says of a field; with `cell_units` a text without its unit is refused, not the whole column.

    Raises:
        UnitError: the unit is missing where it is needed, unknown, or of the wrong kind: a fault of the column.
    """
    if unit is not None:
        read_unit(unit, entry.ticks)
    if isinstance(cells, NumberCells) and entry.kind in ("quantity", "score"):
        return _read_numbers(entry, cells, unit)
    if isinstance(cells, FlagCells) and entry.kind == "flag":
        column = FlagColumn.of(entry, cells.n, *cells.words())
        return Recorded(entry, column, pack(cells.present), no_bits(cells.n))
    if isinstance(cells, DayCells) and entry.kind == "elapsed":
        dates, refused = read_dates(cells)
        return Recorded(entry, unknown_column(entry, cells.n), pack(cells.present), refused, dates)
    return _read_distinct(entry, cells.coded(), unit, cell_units and not isinstance(cells, NumberCells))


def table_value(entry: Field, value: Any) -> Any:
    """A table's cell as patient JSON would hold it: a set's text `lumbar; pelvis` is a list."""
    if entry.kind == "set" and isinstance(value, str) and not is_missing(value):
        return [] if value.strip().casefold() == "none" else [item for item in _BETWEEN.split(value.strip()) if item]
    return value.isoformat() if isinstance(value, date) else value


def _read_numbers(entry: Field, cells: NumberCells, unit: str | None) -> Recorded:
    read = read_column(cells.values, entry.ticks, unit, valid=cells.valid)
    missing = pack_equal(read.ticks, entry.ticks.dtype.type(entry.ticks.missing))
    open_ends = missing if missing.any() else None
    refused = pack_rows(read.implausible, cells.n)
    column = TickColumn(entry, cells.n, open_ends, open_ends, ticks=read.ticks)
    return Recorded(entry, column, all_bits(cells.n) & ~missing | refused, refused)


def read_dates(cells: Cells) -> tuple[Dates, Words]:
    """The dates of a column of dates, and where one cannot be used."""
    if isinstance(cells, DayCells):
        usable = (cells.ordinals >= _FIRST) & (cells.ordinals <= _LAST)
        return Dates(np.where(usable, cells.ordinals, np.int32(NO_DATE))), pack(cells.present & ~usable)
    coded = cells.coded()
    said = [
        None if isinstance(value, str) and not value.strip() else _said(False, read_date, value)
        for value in coded.values
    ]
    return _dates(said, coded.codes, NO_DATE), _where(coded.codes, [day is _REFUSED for day in said])


def _said(cell_units: bool, read: Callable[..., Any], *args: Any) -> Any:
    try:
        return read(*args)
    except UnitError as error:
        if error.code == "needs-unit" and not cell_units:
            raise
        return _REFUSED
    except QuantityError:
        return _REFUSED


def _read_distinct(entry: Field, cells: CodedCells, unit: str | None, cell_units: bool = False) -> Recorded:
    values = [table_value(entry, value) for value in cells.values]
    said = [None if is_missing(value) else _said(cell_units, read_given, entry, value, unit) for value in values]
    refused = _where(cells.codes, [answer is _REFUSED for answer in said])
    given = _where(cells.codes, [answer is not None for answer in said])
    usable: list[Any] = [None if answer is _REFUSED else answer for answer in said]
    dates = None
    days = [answer if entry.kind == "elapsed" or isinstance(answer, DateSpan) else None for answer in usable]
    if entry.kind == "elapsed" or any(days):
        dates = _dates(days, cells.codes, NEVER_AFTER if entry.towards_future else NEVER_BEFORE)
        usable = [answer if day is None else None for answer, day in zip(usable, days, strict=True)]
    column = column_of(entry, usable, cells.codes)
    return Recorded(entry, column, given, refused, dates)


def _where(codes: npt.NDArray[np.integer], wanted: list[bool]) -> Words:
    if not any(wanted):
        return no_bits(codes.size)
    return pack(codes >= 0) if all(wanted) else pack(np.array([*wanted, False], np.bool_)[codes])


def _dates(said: list[Any], codes: npt.NDArray[np.integer], never: int) -> Dates:
    """Dates from distinct answers: a `DateSpan`, a `Span` for "never", anything else no date."""
    ordinals = np.full(len(said) + 1, NO_DATE, np.int32)
    firsts, lasts = np.zeros(len(said) + 1, np.int64), np.zeros(len(said) + 1, np.int64)
    for code, answer in enumerate(said):
        if isinstance(answer, DateSpan):
            firsts[code], lasts[code] = answer.earliest.toordinal(), answer.latest.toordinal()
            ordinals[code] = firsts[code] if answer.exact else NO_DATE
        elif isinstance(answer, Span) and answer.low == answer.high:  # "never"; a written "unknown" is a wide span
            ordinals[code] = never
    partial = None
    inexact = firsts < lasts
    if inexact.any():
        rows = np.flatnonzero(inexact[codes]).astype(np.int64)
        partial = Spans(rows, firsts[codes[rows]], lasts[codes[rows]])
    return Dates(ordinals[codes], partial)


def column_of(entry: Field, said: list[Possible | None], codes: npt.NDArray[np.integer]) -> Column:
    """The column in which row i holds `said[codes[i]]`; None, and code -1, are unknown."""
    answers: list[Any] = [*(entry.unknown if answer is None else answer for answer in said), entry.unknown]
    if all(answer == entry.unknown for answer in answers):
        return unknown_column(entry, codes.size)
    if entry.is_numeric:
        lows, highs = np.array([(span.low, span.high) for span in answers], np.int64).T
        return TickColumn.of_ends(entry, lows[codes], highs[codes])
    n = codes.size
    if entry.kind == "flag":
        sure = _bit_column(codes, [answer == YES for answer in answers])
        maybe = _bit_column(codes, [answer != NO for answer in answers])
        return FlagColumn.of(entry, n, sure, maybe)
    if entry.kind == "set":
        members: list[Members] = answers
        options = range(len(entry.options))
        return SetColumn(
            entry, n,
            {i: _bit_column(codes, [bool(held.sure >> i & 1) for held in members]) for i in options},
            {i: _bit_column(codes, [bool(held.possible >> i & 1) for held in members]) for i in options},
        )  # fmt: skip
    masks = tuple(dict.fromkeys((*(1 << i for i in range(len(entry.options))), *answers)))
    table = np.array([masks.index(answer) for answer in answers], np.uint8)
    return OptionColumn(entry, n, table[codes], masks)


def _bit_column(codes: npt.NDArray[np.integer], wanted: list[bool]) -> Words:
    return pack(np.array(wanted, np.bool_)[codes])
