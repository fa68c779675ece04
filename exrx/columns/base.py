"""What every column is, the blocks of rows that it answers for, and the column that is the same in every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.bits import BITS, WORD, Mask, Words, clear_tail, no_bits, word_count
from exrx.fields import Field, Possible

BLOCK_ROWS = 1 << 19

_SHELF_WORDS = 1 << 17

Pair = tuple[Words, Words]
Matrix = npt.NDArray[np.uint64]
Places = Sequence[Matrix | None]
"""For each answer where to write it, (2, words), or None for anywhere."""


def opposite(pair: Pair) -> Pair:
    """The answer to the opposite question."""
    sure, maybe = pair
    return ~maybe, ~sure


@frozen(cache_hash=True)
class Question:
    """What a column is asked: `ask` is the method's name, `about` its argument (a tick or a mask of options)."""

    field: str
    ask: str
    about: int


@define(eq=False)
class Room:
    """Space for one thread's work on a block, used again for the next one.

    NumPy's own small results of each block would be given back to the system and faulted in again every time
    (measured: a third of all work).
    """

    mask: Mask = field(factory=lambda: np.empty(0, np.bool_))
    shelves: list[Words] = field(factory=list)
    shelf: int = 0
    used: int = 0

    def bools(self, count: int, rows: int) -> npt.NDArray[np.bool_]:
        """An array (count, rows) that holds until the next call."""
        if self.mask.size < count * rows:
            self.mask = np.empty(count * rows, np.bool_)
        return self.mask[: count * rows].reshape(count, rows)

    def words(self, count: int, width: int) -> npt.NDArray[np.uint64]:
        """An array (count, width) that holds until `clear`."""
        while True:
            if self.shelf == len(self.shelves):
                self.shelves.append(np.empty(max(count * width, _SHELF_WORDS), WORD))
            shelf = self.shelves[self.shelf]
            if self.used + count * width <= shelf.size:
                self.used += count * width
                return shelf[self.used - count * width : self.used].reshape(count, width)
            self.shelf, self.used = self.shelf + 1, 0

    def clear(self) -> None:
        """Gives all words free for the next block."""
        self.shelf = self.used = 0


@frozen(eq=False)
class Block:
    """The rows start to stop - 1, start a multiple of 64."""

    start: int
    stop: int
    room: Room
    words: slice = field(init=False)
    word_count: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "words", slice(self.start // BITS, word_count(self.stop)))
        object.__setattr__(self, "word_count", word_count(self.stop - self.start))

    def take(self, count: int = 1) -> npt.NDArray[np.uint64]:
        """Room for the words of `count` answers."""
        return self.room.words(count, self.word_count)

    def bools(self, count: int) -> npt.NDArray[np.bool_]:
        """Room for `count` bools a row of the block; whole words, so longer than the block at the cohort's end."""
        return self.room.bools(count, self.word_count * BITS)

    def packed(self, bools: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
        """New words (count, word_count) from `bools`."""
        words = np.packbits(bools.reshape(-1), bitorder="little").view(WORD)
        return words.reshape(bools.shape[0], self.word_count)


def blocks(n: int, size: int = BLOCK_ROWS) -> Iterator[Block]:
    """The rows 0 to n - 1 in blocks, which share their room."""
    room = Room()
    for start in range(0, n, size):
        yield Block(start, min(start + size, n), room)


@define(eq=False, slots=False)
class Column:
    """One field for n rows. A class answers those of the questions below that its kind of field knows."""

    field: Field
    n: int

    def asker(self, questions: Sequence[Question]) -> Asker:
        """Something that answers the questions for any block."""
        return Asker(self, tuple(questions))

    def answer(self, questions: Sequence[Question], block: Block) -> list[Pair]:
        """The answers to several questions below, in their order."""
        return [getattr(self, question.ask)(question.about, block) for question in questions]

    def below(self, tick: int, block: Block) -> Pair:
        """Whether a number is below a tick."""
        raise self._no("below")

    def at_least(self, tick: int, block: Block) -> Pair:
        """Whether a number is not below a tick."""
        raise self._no("at_least")

    def equal(self, tick: int, block: Block) -> Pair:
        """Whether a number is a tick."""
        raise self._no("equal")

    def unequal(self, tick: int, block: Block) -> Pair:
        """Whether a number is not a tick."""
        return opposite(self.equal(tick, block))

    def within(self, mask: int, block: Block) -> Pair:
        """Whether a flag or choice is one of the options in a mask."""
        raise self._no("within")

    def meets(self, mask: int, block: Block) -> Pair:
        """Whether a set has a member in a mask."""
        raise self._no("meets")

    def lacks(self, mask: int, block: Block) -> Pair:
        """Whether a set has no member in a mask."""
        return opposite(self.meets(mask, block))

    def possible(self, row: int) -> Possible:
        """What is possible in one row."""
        raise self._no("possible")

    def ends(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The lowest and the highest possible tick of every row of a numeric field, int64 (n,)."""
        raise self._no("ends")

    def widened(self, old: Words) -> Column:
        """The column with the cells in `old` expired: each widened towards the field's worse side only."""
        raise self._no("widened")

    def blanked(self, lost: Words) -> Column:
        """The column with the cells in `lost` unknown."""
        raise self._no("blanked")

    def words(self, ask: str, about: int) -> Pair:
        """The answer of every row to one question; the bits past the last row are zero."""
        question = Question(self.field.name, ask, about)
        pairs = [self.answer([question], block)[0] for block in blocks(self.n)]
        sure, maybe = (np.concatenate(parts) for parts in zip(*pairs, strict=True)) if pairs else (no_bits(0),) * 2
        clear_tail(sure, self.n)
        clear_tail(maybe, self.n)
        return sure, maybe

    def _no(self, question: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} of '{self.field.name}' has no '{question}'")


def rooms(block: Block, count: int, out: Places | None) -> list[Matrix]:
    """Where to write `count` answers, each (2, words): their places, and room of the block for the others."""
    places = [None] * count if out is None else out
    return [block.take(2) if place is None else place for place in places]


@frozen(eq=False)
class Asker:
    """A column and what it is asked."""

    column: Column
    questions: tuple[Question, ...]

    def ask(self, block: Block, out: Places | None = None) -> Sequence[Matrix]:
        """The answers for a block, each (2, words), to be read only; they hold until the room is cleared.

        An answer that has a place in `out` is written there.
        """
        answers = rooms(block, len(self.questions), out)
        for answer, pair in zip(answers, self.column.answer(self.questions, block), strict=True):
            answer[0], answer[1] = pair
        return answers


@define(eq=False, slots=False)
class ConstantColumn(Column):
    """The same in every row; of a field that nobody gave, with everything possible. Takes no room."""

    value: Possible

    def _pair(self, sure: bool, maybe: bool, block: Block) -> Pair:
        words = np.full(block.word_count, ~np.uint64(0) if sure else 0, WORD)
        return words, words if sure == maybe else ~words

    def asker(self, questions: Sequence[Question]) -> Asker:
        return ConstantAsker(self, tuple(questions))

    def below(self, tick: int, block: Block) -> Pair:
        span: Any = self.value
        return self._pair(span.high < tick, span.low < tick, block)

    def at_least(self, tick: int, block: Block) -> Pair:
        span: Any = self.value
        return self._pair(span.low >= tick, span.high >= tick, block)

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

    def ends(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        span: Any = self.value
        return np.full(self.n, span.low, np.int64), np.full(self.n, span.high, np.int64)

    def widened(self, old: Words) -> Column:
        if self.value == self.field.unknown:
            return self
        raise self._no("widened")

    def blanked(self, lost: Words) -> Column:
        return self.widened(lost)


@frozen(eq=False)
class ConstantAsker(Asker):
    """Asks a constant column once for blocks of one length."""

    known: dict[int, Sequence[Matrix]] = field(factory=dict)

    def ask(self, block: Block, out: Places | None = None) -> Sequence[Matrix]:
        answers = self.known.get(block.word_count)
        if answers is None:
            pairs = self.column.answer(self.questions, block)
            answers = self.known[block.word_count] = [np.stack(pair) for pair in pairs]
        for place, answer in zip(out or (), answers, strict=False):
            if place is not None:
                np.copyto(place, answer)
        return answers


def unknown_column(entry: Field, n: int) -> ConstantColumn:
    """The column of a field of which nothing is known in any row."""
    return ConstantColumn(entry, n, entry.unknown)
