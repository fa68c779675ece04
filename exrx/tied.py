"""Ties and scores on columns: what `exrx.ties` does for one patient, for every row at once.

All ties are followed step by step at the same time. Where two answers cannot both be true, both fields become
unknown in those rows, their ties take no further part there, and the rows start again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from exrx.bits import Words, all_bits, no_bits, pack, unpack
from exrx.columns import (
    Column,
    ConstantColumn,
    FlagColumn,
    NumberColumn,
    OptionColumn,
    RangeColumn,
    SetColumn,
    unknown_column,
)
from exrx.fields import YES, Field, Tie

Ends = npt.NDArray[np.int64]


def settle_ties(ties: tuple[Tie, ...], columns: dict[str, Column], n: int) -> dict[str, Words]:
    """Narrow the tied columns in place; for each the rows in which a tie of it is contradicted, if any."""
    active = [all_bits(n) for _ in ties]
    contradicted: dict[str, Words] = {}
    while True:
        narrowed, clashes = _follow(ties, active, columns, n)
        if not any(clash.any() for clash in clashes):
            columns |= narrowed
            return contradicted
        blank: dict[str, Words] = {}
        for tie, clash in zip(ties, clashes, strict=True):
            for name in (tie.if_field, tie.then_field):
                blank[name] = blank.get(name, no_bits(n)) | clash
                contradicted[name] = contradicted.get(name, no_bits(n)) | clash
        columns |= {name: spread(columns[name]).blanked(rows) for name, rows in blank.items()}
        for tie, rows in zip(ties, active, strict=True):
            for name in (tie.if_field, tie.then_field):
                rows &= ~blank.get(name, no_bits(n))


def _follow(
    ties: tuple[Tie, ...], active: list[Words], columns: Mapping[str, Column], n: int
) -> tuple[dict[str, Column], list[Words]]:
    """The columns narrowed as far as the ties reach, and where each tie cannot hold (there they are narrowed no
    further)."""
    narrowed: dict[str, Column] = {}
    clashes = [_empty_and_yet_meant(tie, columns, n) & rows for tie, rows in zip(ties, active, strict=True)]
    while True:
        steps: dict[str, list[tuple[int, Words, int]]] = {}
        clashed = np.bitwise_or.reduce(clashes)
        for index, tie in enumerate(ties):
            first = narrowed.get(tie.if_field, columns[tie.if_field])
            then = narrowed.get(tie.then_field, columns[tie.then_field])
            inside, met = _asked(first, tie.if_mask)
            fits, may_fit = then.words("within", tie.then_mask)
            rows = active[index] & ~clashed
            holds = rows & inside & ~fits
            if holds.any():
                steps.setdefault(tie.then_field, []).append((index, holds, tie.then_mask))
            touched = np.bitwise_or.reduce([no_bits(n), *(done for _, done, _ in steps.get(tie.if_field, ()))])
            cannot = rows & ~inside & ~may_fit & (met | touched)
            if cannot.any():
                steps.setdefault(tie.if_field, []).append((index, cannot, ~tie.if_mask))
        if not steps:
            return narrowed, clashes
        for name, causes in steps.items():
            column = narrowed.get(name, columns[name])
            empty = _left_empty(column, causes, n)
            for index, rows, mask in causes:
                clashes[index] |= rows & empty
                column = _narrow(column, rows & ~empty, mask)
            narrowed[name] = column


def _empty_and_yet_meant(tie: Tie, columns: Mapping[str, Column], n: int) -> Words:
    """Where a set is said to be empty, and yet what only its members can mean."""
    first = columns[tie.if_field]
    if first.field.kind != "set" or tie.if_mask != first.field.every_option:
        return no_bits(n)
    return ~first.words("meets", tie.if_mask)[1] & columns[tie.then_field].words("within", tie.then_mask)[0]


def _asked(column: Column, mask: int) -> tuple[Words, Words]:
    """Where a tie's first half holds, and where it may."""
    return column.words("meets" if column.field.kind == "set" else "within", mask)


def _left_empty(column: Column, causes: list[tuple[int, Words, int]], n: int) -> Words:
    """The rows in which no option is left once every cause has taken its own."""
    entry = column.field
    if entry.kind == "set":
        return no_bits(n)
    left = no_bits(n)
    for option in range(len(entry.options)):
        possible = column.words("within", 1 << option)[1]
        for _, rows, mask in causes:
            if not mask >> option & 1:
                possible = possible & ~rows
        left |= possible
    return np.bitwise_or.reduce([rows for _, rows, _ in causes]) & ~left


def _narrow(column: Column, rows: Words, mask: int) -> Column:
    column = spread(column)
    if isinstance(column, SetColumn):
        return column.without(rows, ~mask)
    assert isinstance(column, (FlagColumn, OptionColumn))
    return column.narrowed(rows, mask & column.field.every_option)


def spread(column: Column) -> Column:
    """The same column with room to change single rows."""
    if not isinstance(column, ConstantColumn):
        return column
    entry, codes = column.field, np.zeros(column.n, np.int32)
    if entry.kind == "flag":
        return FlagColumn.of(entry, column.n, *column.words("within", YES))
    if entry.kind == "set":
        return SetColumn(entry, column.n, {}, {})
    masks = tuple(dict.fromkeys((entry.every_option, *(1 << option for option in range(len(entry.options))))))
    return OptionColumn(entry, column.n, codes.astype(np.uint8), masks)


def sum_score(score: Field, items: Mapping[str, Column], given: Column) -> tuple[Column, Words]:
    """The column of a score from those of its items and of a total that was given, and where they contradict."""
    n = given.n
    if all(isinstance(column, ConstantColumn) for column in (given, *items.values())):
        return unknown_column(score, n), no_bits(n)
    low, high = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for name, points in score.items.items():
        least, most = _points(items[name], points)
        low += least
        high += most
    low, high = 2 * low, 2 * high
    if isinstance(given, NumberColumn):
        lowest, highest = given.ends()
        low, high = np.maximum(low, lowest), np.minimum(high, highest)
    wrong = low > high
    low[wrong], high[wrong] = score.ticks.lowest, score.ticks.highest
    kind = np.min_scalar_type(score.ticks.highest)
    return RangeColumn(score, n, low.astype(kind), high.astype(kind)), pack(wrong)


def _points(item: Column, points: Mapping[str, int]) -> tuple[Any, Any]:
    """The least and the most points that each row may have."""
    entry = item.field

    def held(mask: int) -> list[int]:
        return [points[option] for option in entry.names(mask)]

    if isinstance(item, OptionColumn):
        least = np.array([min(held(mask)) for mask in item.masks], np.int64)
        most = np.array([max(held(mask)) for mask in item.masks], np.int64)
        return least[item.codes], most[item.codes]
    if isinstance(item, FlagColumn):
        no, yes = points["no"], points["yes"]
        sure, maybe = unpack(item.sure, item.n), unpack(item.maybe, item.n)
        either = (min(no, yes), max(no, yes))
        return tuple(np.where(sure, yes, np.where(maybe, end, no)) for end in either)  # type: ignore[return-value]
    mask: Any = item.possible(0) if item.n else entry.unknown
    return min(held(mask)), max(held(mask))
