"""Columns of numbers: quantities, elapsed days and scores.

A number keeps its point tick. An interval is stored where it is cheapest: a cell of which everything *lower* is
possible too ("<20", or an expired value of a field that gets worse downwards) is its upper end and a bit in
`down`; one of which everything higher is possible is its lower end and a bit in `up`; an unknown cell has both
bits; the few others are `Spans`. So `x < limit` costs one comparison and at most two word operations, whatever
is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from exrx.bits import WORD, Rows, Words, bit, bits_of, clear_rows, pack, set_rows, unpack
from exrx.columns.base import Asker, Block, Column, ConstantColumn, Pair, Question, blocks
from exrx.columns.limits import LimitAsker
from exrx.fields import Field, Possible
from exrx.quantities import Span

NO_DATE = int(np.iinfo(np.int32).min)
NEVER_BEFORE = NO_DATE + 1
NEVER_AFTER = int(np.iinfo(np.int32).max)


@frozen(eq=False)
class Spans:
    """The rows (ascending) that hold an interval of ticks stored as itself, with both ends."""

    rows: Rows
    lows: npt.NDArray[np.int64]
    highs: npt.NDArray[np.int64]

    def within(self, block: Block) -> Spans:
        """Those of a block's rows, counted from its start."""
        first, last = np.searchsorted(self.rows, (block.start, block.stop))
        return Spans(self.rows[first:last] - block.start, self.lows[first:last], self.highs[first:last])


@define(eq=False, slots=False)
class NumberColumn(Column):
    """What ticks and dates share.

    `down`, `up`: where the low (high) end is the field's lowest (highest), None for nowhere; the rows of `spans`
    have both bits. `marked`: wherever `up` is set the stored number is the mark of a missing value, which lies
    above every limit.
    """

    down: Words | None = None
    up: Words | None = None
    spans: Spans | None = None
    marked: bool = True

    def compare(self, below: bool, limits: npt.NDArray[Any], block: Block, out: npt.NDArray[np.bool_]) -> None:
        """Writes to `out` (limits, rows) where the stored number is below (not below) each of `limits`."""
        raise self._no("compare")

    def limits(self, ticks: Sequence[int]) -> npt.NDArray[Any]:
        """Plausible ticks as what `compare` takes, (len(ticks), 1)."""
        raise self._no("limits")

    def stored(self, row: int) -> int:
        """The stored tick of one row that is not missing."""
        raise self._no("stored")

    @cached_property
    def not_down(self) -> Words | None:
        """Where the low end is closed, None for everywhere."""
        return None if self.down is None else ~self.down

    @cached_property
    def not_up(self) -> Words | None:
        """Where the high end is closed, None for everywhere."""
        return None if self.up is None else ~self.up

    def asker(self, questions: Sequence[Question]) -> Asker:
        return LimitAsker.of(self, questions)

    def below(self, tick: int, block: Block) -> Pair:
        return self._limit("below", tick, block)

    def at_least(self, tick: int, block: Block) -> Pair:
        return self._limit("at_least", tick, block)

    def _limit(self, ask: str, tick: int, block: Block) -> Pair:
        if not self.field.ticks.lowest < tick <= self.field.ticks.highest:
            everything = ConstantColumn(self.field, self.n, self.field.unknown)
            return everything.below(tick, block) if ask == "below" else everything.at_least(tick, block)
        sure, maybe = self.asker([Question(self.field.name, ask, tick)]).ask(block)[0]
        return sure, maybe

    def equal(self, tick: int, block: Block) -> Pair:
        scale = self.field.ticks
        if not scale.lowest <= tick <= scale.highest:
            return ConstantColumn(self.field, self.n, self.field.unknown).equal(tick, block)
        not_below = self._raw_at_least(tick, block)
        not_above = ~self._raw_at_least(tick + 1, block)
        sure = maybe = not_below & not_above
        if self.down is not None:
            sure, maybe = sure & ~self.down[block.words], maybe | (self.down[block.words] & not_below)
        if self.up is not None:
            sure, maybe = sure & ~self.up[block.words], maybe | (self.up[block.words] & not_above)
        if self.spans is not None:
            spans = self.spans.within(block)
            clear_rows(maybe, spans.rows[(spans.lows > tick) | (spans.highs < tick)])
        return sure, maybe

    def _raw_at_least(self, tick: int, block: Block) -> Words:
        """As `raw`, for a tick that may be lowest (all) or beyond highest (the marks of missing values only)."""
        if tick <= self.field.ticks.lowest:
            return np.full(block.word_count, ~np.uint64(0), WORD)
        if tick > self.field.ticks.highest:
            return np.zeros(block.word_count, WORD)
        mask = block.bools(1)
        self.compare(False, self.limits([tick]), block, mask[:, : block.stop - block.start])
        return cast(Words, block.packed(mask)[0])

    def possible(self, row: int) -> Possible:
        if self.spans is not None:
            at = int(np.searchsorted(self.spans.rows, row))
            if at < self.spans.rows.size and self.spans.rows[at] == row:
                return Span(int(self.spans.lows[at]), int(self.spans.highs[at]))
        scale = self.field.ticks
        down = self.down is not None and bit(self.down, row)
        up = self.up is not None and bit(self.up, row)
        return Span(scale.lowest if down else self.stored(row), scale.highest if up else self.stored(row))

    def ends(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        scale = self.field.ticks
        lows = self.all_stored()
        highs = lows.copy()
        if self.down is not None:
            lows[unpack(self.down, self.n)] = scale.lowest
        if self.up is not None:
            highs[unpack(self.up, self.n)] = scale.highest
        if self.spans is not None:
            lows[self.spans.rows], highs[self.spans.rows] = self.spans.lows, self.spans.highs
        return lows, highs

    def all_stored(self) -> npt.NDArray[np.int64]:
        """The stored tick of every row, anything where it is missing."""
        raise self._no("all_stored")

    def blanked(self, lost: Words) -> Column:
        return self._opened(lost, lost)

    def widened(self, old: Words) -> Column:
        worse = self.field.worse
        if worse.kind == "lower":
            return self._opened(old, None)
        if worse.kind == "higher":
            return self._opened(None, old)
        if worse.kind == "outside":
            everywhere = blocks(self.n)
            ends = [(self._raw_at_least(worse.high + 1, b), self._raw_at_least(worse.low, b)) for b in everywhere]
            beyond, reached = (np.concatenate(words) for words in zip(*ends, strict=True))
            down, up = old & ~beyond, old & reached
            if self.spans is not None:
                rows = self.spans.rows
                touched = bits_of(old, rows)
                clear_rows(down, rows)
                clear_rows(up, rows)
                set_rows(down, rows[touched & (self.spans.lows <= worse.high)])
                set_rows(up, rows[touched & (self.spans.highs >= worse.low)])
            return self._opened(down, up)
        return self._opened(old, old)

    def _opened(self, down: Words | None, up: Words | None) -> Column:
        spans, scale = self.spans, self.field.ticks
        if spans is not None:
            lows, highs = spans.lows.copy(), spans.highs.copy()
            if down is not None:
                lows[bits_of(down, spans.rows)] = scale.lowest
            if up is not None:
                highs[bits_of(up, spans.rows)] = scale.highest
            spans = Spans(spans.rows, lows, highs)
        marked = self.marked and up is None
        return evolve(self, down=_either(self.down, down), up=_either(self.up, up), spans=spans, marked=marked)


def _either(a: Words | None, b: Words | None) -> Any:
    return b if a is None else a if b is None else a | b


@define(eq=False, slots=False)
class TickColumn(NumberColumn):
    """A quantity: `ticks` (n,) of the scale's dtype, `scale.missing` where nothing is known."""

    ticks: npt.NDArray[Any] = field(kw_only=True)

    @classmethod
    def of_ends(cls, entry: Field, lows: npt.NDArray[np.int64], highs: npt.NDArray[np.int64]) -> TickColumn:
        """The column in which everything from `lows[i]` to `highs[i]` is possible in row i."""
        scale = entry.ticks
        interval = lows < highs
        down, up = interval & (lows <= scale.lowest), interval & (highs >= scale.highest)
        between = interval & ~down & ~up
        ticks = np.where(down, highs, lows)
        ticks[between | (down & up)] = scale.missing
        spans = None
        if between.any():
            rows = np.flatnonzero(between).astype(np.int64)
            spans = Spans(rows, lows[rows], highs[rows])
        down, up = down | between, up | between
        marked = bool((ticks[up] == scale.missing).all())
        first, last = (pack(bits) if bits.any() else None for bits in (down, up))
        return cls(entry, lows.size, first, last, spans, marked, ticks=ticks.astype(scale.dtype))

    def compare(self, below: bool, limits: npt.NDArray[Any], block: Block, out: npt.NDArray[np.bool_]) -> None:
        compare = np.less if below else np.greater_equal
        compare(self.ticks[block.start : block.stop], limits, out=out)

    def limits(self, ticks: Sequence[int]) -> npt.NDArray[Any]:
        return np.array(ticks, self.ticks.dtype)[:, np.newaxis]

    def stored(self, row: int) -> int:
        return int(self.ticks[row])

    def all_stored(self) -> npt.NDArray[np.int64]:
        return self.ticks.astype(np.int64)


@define(eq=False, slots=False)
class ElapsedColumn(NumberColumn):
    """Days from a date to `as_of`, or from `as_of` to a coming date; compared as dates, so no day is counted.

    `dates` (n,) int32 holds proleptic Gregorian ordinals, NO_DATE where nothing is known, or "never" as
    NEVER_BEFORE (NEVER_AFTER where the field counts towards the future), beyond every limit. A coming date that
    has passed counts as 0 days.
    """

    dates: npt.NDArray[np.int32] = field(kw_only=True)
    as_of: int = field(kw_only=True)

    def compare(self, below: bool, limits: npt.NDArray[Any], block: Block, out: npt.NDArray[np.bool_]) -> None:
        ahead, past = (np.less, np.greater) if below else (np.greater_equal, np.less_equal)
        compare: np.ufunc = ahead if self.field.towards_future else past
        compare(self.dates[block.start : block.stop], limits, out=out)

    def limits(self, ticks: Sequence[int]) -> npt.NDArray[Any]:
        days = (np.array(ticks, np.int64) + 1) // 2
        limits = self.as_of + days if self.field.towards_future else self.as_of - days
        return limits.astype(np.int32)[:, np.newaxis]

    def all_stored(self) -> npt.NDArray[np.int64]:
        days = self.dates.astype(np.int64) - self.as_of
        return np.clip(2 * (days if self.field.towards_future else -days), 0, self.field.ticks.highest)

    def stored(self, row: int) -> int:
        days = int(self.dates[row]) - self.as_of
        return min(2 * max(days if self.field.towards_future else -days, 0), self.field.ticks.highest)


@define(eq=False, slots=False)
class RangeColumn(Column):
    """A score: `lows` and `highs` (n,) in ticks, an interval in every row."""

    lows: npt.NDArray[Any]
    highs: npt.NDArray[Any]

    def _where(self, compare: np.ufunc, ends: npt.NDArray[Any], tick: int, block: Block) -> Words:
        mask = block.bools(1)
        compare(ends[block.start : block.stop], tick, out=mask[0, : block.stop - block.start])
        return cast(Words, block.packed(mask)[0])

    def below(self, tick: int, block: Block) -> Pair:
        return self._where(np.less, self.highs, tick, block), self._where(np.less, self.lows, tick, block)

    def at_least(self, tick: int, block: Block) -> Pair:
        compare = np.greater_equal
        return self._where(compare, self.lows, tick, block), self._where(compare, self.highs, tick, block)

    def equal(self, tick: int, block: Block) -> Pair:
        reached = [self._where(np.greater_equal, ends, tick, block) for ends in (self.lows, self.highs)]
        passed = [self._where(np.greater_equal, ends, tick + 1, block) for ends in (self.lows, self.highs)]
        return reached[0] & ~passed[1], reached[1] & ~passed[0]

    def possible(self, row: int) -> Possible:
        return Span(int(self.lows[row]), int(self.highs[row]))

    def ends(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        return self.lows.astype(np.int64), self.highs.astype(np.int64)
