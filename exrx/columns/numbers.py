"""Columns of numbers: quantities, elapsed days and scores.

A number keeps its point tick. An interval is stored where it is cheapest: a cell of which everything *lower* is
possible too ("<20", or an expired value of a field that gets worse downwards) is its upper end and a bit in `down`;
one of which everything higher is possible is its lower end and a bit in `up`; an unknown cell has both bits; the few
others are `Spans`. So `x < limit` costs one comparison and at most two word operations, whatever is missing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from exrx.bits import Rows, Words, bit, bits_of, clear_rows, pack, set_rows
from exrx.columns.base import Block, Column, ConstantColumn, Pair, blocks
from exrx.fields import Possible
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

    def within(self, start: int, stop: int) -> Spans:
        """Those of the rows start to stop - 1, counted from start."""
        first, last = np.searchsorted(self.rows, (start, stop))
        return Spans(self.rows[first:last] - start, self.lows[first:last], self.highs[first:last])


@define(eq=False, slots=False)
class NumberColumn(Column):
    """What ticks and dates share: open ends as bits, other intervals as spans.

    `down`, `up`: where the low (high) end is the field's lowest (highest); None for nowhere. `hidden`: every row of
    `up` holds the mark of a missing value, which no raw comparison finds below anything.
    """

    down: Words | None = None
    up: Words | None = None
    spans: Spans | None = None
    hidden: bool = True

    @property
    def decided(self) -> bool:
        return self.down is None and self.up is None

    def raw_below(self, tick: int, block: Block) -> Words:
        """Where the stored number is below a tick (lowest < tick <= highest), whatever is missing."""
        raise NotImplementedError

    def raw_equal(self, tick: int, block: Block) -> Words:
        """Where the stored number is a tick."""
        raise NotImplementedError

    def stored(self, row: int) -> int:
        """The stored tick of one row that is not missing."""
        raise NotImplementedError

    @cached_property
    def _exact(self) -> Words | None:
        if self.down is None and self.up is None:
            return None
        return cast(Words, ~_either(self.down, self.up))

    @cached_property
    def _closed_above(self) -> Words | None:
        return None if self.up is None or self.hidden else ~self.up

    def below(self, tick: int, block: Block) -> Pair:
        scale = self.field.ticks
        if tick <= scale.lowest or tick > scale.highest:
            return ConstantColumn(self.field, self.n, self.field.unknown).below(tick, block)
        sure = raw = self.raw_below(tick, block)
        if self._closed_above is not None:
            sure = raw & self._closed_above[block.words]
        maybe = raw if self.down is None else raw | self.down[block.words]
        if self.spans is not None:
            spans = self.spans.within(block.start, block.stop)
            set_rows(sure, spans.rows[spans.highs < tick])
            clear_rows(maybe, spans.rows[spans.lows >= tick])
        return sure, maybe

    def equal(self, tick: int, block: Block) -> Pair:
        scale = self.field.ticks
        if not scale.lowest <= tick <= scale.highest:
            return ConstantColumn(self.field, self.n, self.field.unknown).equal(tick, block)
        sure = maybe = self.raw_equal(tick, block)
        if self._exact is not None:
            sure = sure & self._exact[block.words]
            if self.down is not None:
                not_below = maybe if tick == scale.lowest else ~self.raw_below(tick, block)
                maybe = maybe | (self.down[block.words] & not_below if tick > scale.lowest else self.down[block.words])
            if self.up is not None:
                up = self.up[block.words]
                maybe = maybe | (up & self.raw_below(tick + 1, block) if tick < scale.highest else up)
        if self.spans is not None:
            spans = self.spans.within(block.start, block.stop)
            clear_rows(maybe, spans.rows[(spans.lows > tick) | (spans.highs < tick)])
        return sure, maybe

    def possible(self, row: int) -> Possible:
        if self.spans is not None:
            at = int(np.searchsorted(self.spans.rows, row))
            if at < self.spans.rows.size and self.spans.rows[at] == row:
                return Span(int(self.spans.lows[at]), int(self.spans.highs[at]))
        scale = self.field.ticks
        down = self.down is not None and bit(self.down, row)
        up = self.up is not None and bit(self.up, row)
        return Span(
            scale.lowest if down else self.stored(row),
            scale.highest if up else self.stored(row),
        )

    def blanked(self, lost: Words) -> Column:
        return self._opened(lost, lost)

    def widened(self, old: Words) -> Column:
        worse, scale = self.field.worse, self.field.ticks
        if worse.kind == "none":
            return self._opened(old, old)
        if worse.kind == "lower":
            return self._opened(old, None)
        if worse.kind == "higher":
            return self._opened(None, old)
        not_high = self._stored_below(worse.high + 1) if worse.high < scale.highest else ~np.zeros_like(old)
        low = self._stored_below(worse.low) if worse.low > scale.lowest else np.zeros_like(old)
        return self._opened(old & not_high, old & ~low)

    def _stored_below(self, tick: int) -> Words:
        return np.concatenate([self.raw_below(tick, block) for block in blocks(self.n)])

    def _opened(self, down: Words | None, up: Words | None) -> Column:
        spans = self.spans
        if spans is not None:
            lows, highs, scale = spans.lows.copy(), spans.highs.copy(), self.field.ticks
            outside = self.field.worse.kind == "outside" and down is not up
            old = bits_of(_either(down, up), spans.rows)
            if down is not None:
                lows[old & (~outside | (lows <= self.field.worse.high))] = scale.lowest
            if up is not None:
                highs[old & (~outside | (highs >= self.field.worse.low))] = scale.highest
            spans = Spans(spans.rows, lows, highs)
        return evolve(
            self,
            down=_either(self.down, down),
            up=_either(self.up, up),
            spans=spans,
            hidden=self.hidden and up is None,
        )


def _either(a: Words | None, b: Words | None) -> Any:
    return b if a is None else a if b is None else a | b


@define(eq=False, slots=False)
class TickColumn(NumberColumn):
    """A quantity: `ticks` (n,) of an unsigned dtype whose largest value marks what is missing."""

    ticks: npt.NDArray[Any] = field(factory=lambda: np.zeros(0, np.uint16))

    @property
    def missing(self) -> int:
        """The mark of a missing value."""
        return int(np.iinfo(self.ticks.dtype).max)

    def raw_below(self, tick: int, block: Block) -> Words:
        np.less(self.ticks[block.start : block.stop], self.ticks.dtype.type(tick), out=block.mask)
        return pack(block.mask)

    def raw_equal(self, tick: int, block: Block) -> Words:
        np.equal(self.ticks[block.start : block.stop], self.ticks.dtype.type(tick), out=block.mask)
        return pack(block.mask)

    def stored(self, row: int) -> int:
        return int(self.ticks[row])


@define(eq=False, slots=False)
class ElapsedColumn(NumberColumn):
    """Days from a date to `as_of` (or from `as_of` to a coming date), compared as dates.

    `dates` (n,) int32 holds proleptic Gregorian ordinals, NO_DATE, or NEVER_BEFORE / NEVER_AFTER (for a field that
    counts towards the future): earlier (later) than every limit.
    """

    dates: npt.NDArray[np.int32] = field(factory=lambda: np.zeros(0, np.int32))
    as_of: int = 0

    def _compare(self, past: np.ufunc, ahead: np.ufunc, days: int, block: Block) -> Words:
        dates = self.dates[block.start : block.stop]
        if self.field.towards_future:
            ahead(dates, np.int32(self.as_of + days), out=block.mask)
        else:
            past(dates, np.int32(self.as_of - days), out=block.mask)
        return pack(block.mask)

    def raw_below(self, tick: int, block: Block) -> Words:
        return self._compare(np.greater, np.less, (tick + 1) // 2, block)

    def raw_equal(self, tick: int, block: Block) -> Words:
        at_least = ~self.raw_below(tick, block) if tick > 0 else np.full_like(self.raw_below(1, block), ~np.uint64(0))
        if tick == self.field.ticks.highest:
            return at_least
        return at_least & self.raw_below(tick + 1, block)

    def stored(self, row: int) -> int:
        days = int(self.dates[row]) - self.as_of
        return min(2 * max(days if self.field.towards_future else -days, 0), self.field.ticks.highest)


@define(eq=False, slots=False)
class RangeColumn(Column):
    """A score: `lows` and `highs` (n,) in ticks, an interval in every row."""

    lows: npt.NDArray[Any]
    highs: npt.NDArray[Any]

    def _compare(self, compare: np.ufunc, ends: npt.NDArray[Any], tick: int, block: Block) -> Words:
        compare(ends[block.start : block.stop], tick, out=block.mask)
        return pack(block.mask)

    def below(self, tick: int, block: Block) -> Pair:
        if not 0 <= tick <= np.iinfo(self.lows.dtype).max:
            return ConstantColumn(self.field, self.n, self.field.unknown).below(tick, block)
        return self._compare(np.less, self.highs, tick, block), self._compare(np.less, self.lows, tick, block)

    def equal(self, tick: int, block: Block) -> Pair:
        if not 0 <= tick <= np.iinfo(self.lows.dtype).max:
            return ConstantColumn(self.field, self.n, self.field.unknown).equal(tick, block)
        reached = self._compare(np.less_equal, self.lows, tick, block)
        kept = self._compare(np.greater_equal, self.highs, tick, block)
        above = self._compare(np.greater_equal, self.lows, tick, block)
        under = self._compare(np.less_equal, self.highs, tick, block)
        return above & under, reached & kept

    def possible(self, row: int) -> Possible:
        return Span(int(self.lows[row]), int(self.highs[row]))


