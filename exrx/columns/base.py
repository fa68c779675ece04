"""What every column is, the blocks of rows that it answers for, and the column that is the same in every row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import define, frozen

from exrx.bits import WORD, Mask, Words, word_count
from exrx.fields import Field, Possible

BLOCK_ROWS = 1 << 19
"""Rows worked on at a time: a uint16 column of so many fills the level-2 cache, and each NumPy call runs long
enough that two threads seldom wait for the interpreter lock (benchmarks/RESULTS.md)."""

Pair = tuple[Words, Words]


@frozen(eq=False, slots=False)
class Block:
    """The rows start to stop - 1, start a multiple of 64, with room for one bool a row."""

    start: int
    stop: int
    mask: Mask

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "words", slice(self.start // 64, (self.stop + 63) // 64))

    words: slice = slice(0)

    @property
    def word_count(self) -> int:
        """The words of these rows."""
        return word_count(self.stop - self.start)


def blocks(n: int, size: int = BLOCK_ROWS) -> Iterator[Block]:
    """The rows 0 to n - 1 in blocks, which share their room."""
    room = np.empty(min(n, size), np.bool_)
    for start in range(0, n, size):
        stop = min(start + size, n)
        yield Block(start, stop, room[: stop - start])


@define(eq=False, slots=False)
class Column:
    """One field for n rows. A class answers those of the questions below that its kind of field knows."""

    field: Field
    n: int

    @property
    def decided(self) -> bool:
        """Whether every cell holds exactly one value, so that both words of a pair are always the same."""
        return False

    def below(self, tick: int, block: Block) -> Pair:
        """Whether a number is below a tick."""
        raise self._no("below")

    def equal(self, tick: int, block: Block) -> Pair:
        """Whether a number is a tick."""
        raise self._no("equal")

    def within(self, mask: int, block: Block) -> Pair:
        """Whether a flag or choice is one of the options in a mask."""
        raise self._no("within")

    def meets(self, mask: int, block: Block) -> Pair:
        """Whether a set has a member in a mask."""
        raise self._no("meets")

    def possible(self, row: int) -> Possible:
        """What is possible in one row."""
        raise self._no("possible")

    def widened(self, old: Words) -> Column:
        """The column with the cells in `old` expired: each widened towards the field's worse side only."""
        raise self._no("widened")

    def blanked(self, lost: Words) -> Column:
        """The column with the cells in `lost` unknown."""
        raise self._no("blanked")

    def _no(self, question: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} of '{self.field.name}' has no '{question}'")


@define(eq=False, slots=False)
class ConstantColumn(Column):
    """The same in every row; of a field that nobody gave, with everything possible. Takes no room."""

    value: Possible

    def _pair(self, sure: bool, maybe: bool, block: Block) -> Pair:
        answers = [np.full(block.word_count, ~np.uint64(0) if bit else 0, WORD) for bit in {sure, maybe}]
        return answers[0], answers[-1]

    def below(self, tick: int, block: Block) -> Pair:
        span: Any = self.value
        return self._pair(span.high < tick, span.low < tick, block)

    def equal(self, tick: int, block: Block) -> Pair:
        span: Any = self.value
        return self._pair(span.low == span.high == tick, span.low <= tick <= span.high, block)

    def within(self, mask: int, block: Block) -> Pair:
        value: Any = self.value
        return self._pair(not value & ~mask, bool(value & mask), block)

    def meets(self, mask: int, block: Block) -> Pair:
        value: Any = self.value
        return self._pair(bool(value.sure & mask), bool(value.possible & mask), block)

    def possible(self, row: int) -> Possible:
        return self.value

    def widened(self, old: Words) -> Column:
        if self.value == self.field.unknown:
            return self
        raise self._no("widened")

    def blanked(self, lost: Words) -> Column:
        return self.widened(lost)


def unknown_column(entry: Field, n: int) -> ConstantColumn:
    """The column of a field of which nothing is known in any row."""
    return ConstantColumn(entry, n, entry.unknown)
