"""Many limits of one number at once: the column is read from memory once, each NumPy call runs long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import clear_rows, set_rows
from exrx.columns.base import Asker, Block, Matrix, Question

if TYPE_CHECKING:
    from exrx.columns.numbers import NumberColumn

_AT_A_TIME = 8
Planes = npt.NDArray[np.intp]


@frozen(eq=False)
class _Part:
    """Limits compared in one go, the first `under` of them with "below", the others with "at least".

    Planes are rows of the matrix seen as (2 * rows, words).
    """

    ticks: tuple[int, ...]
    under: int
    limits: npt.NDArray[Any]
    sure: Planes
    maybe: Planes

    @classmethod
    def of(cls, column: NumberColumn, asked: Sequence[tuple[Question, int]]) -> _Part:
        """The part for some questions, sorted, and their rows."""
        ticks = tuple(question.about for question, _ in asked)
        under = sum(question.ask == "below" for question, _ in asked)
        rows = np.array([row for _, row in asked], np.intp)
        return cls(ticks, under, column.limits(ticks), 2 * rows, 2 * rows + 1)


@frozen(eq=False)
class LimitAsker:
    """Asks a column of numbers for many limits."""

    column: NumberColumn
    parts: tuple[_Part, ...]
    others: Asker

    @classmethod
    def of(cls, column: NumberColumn, questions: Sequence[Question], rows: npt.NDArray[np.intp]) -> LimitAsker:
        """Comparisons with plausible limits in parts, all other questions one by one."""
        scale = column.field.ticks
        asked = list(zip(questions, rows.tolist(), strict=True))
        inside = [
            (q, row) for q, row in asked if q.ask in ("below", "at_least") and scale.lowest < q.about <= scale.highest
        ]
        outside = [pair for pair in asked if pair not in inside]
        inside.sort(key=lambda pair: pair[0].ask == "at_least")
        return cls(
            column,
            tuple(_Part.of(column, inside[i : i + _AT_A_TIME]) for i in range(0, len(inside), _AT_A_TIME)),
            Asker(column, tuple(question for question, _ in outside), tuple(row for _, row in outside)),
        )

    def write(self, block: Block, matrix: Matrix) -> None:
        """Writes a block's answers."""
        if self.others.rows:
            self.others.write(block, matrix)
        flat = matrix.reshape(-1, matrix.shape[-1], copy=False)
        for part in self.parts:
            self._write(part, block, flat)

    def _write(self, part: _Part, block: Block, flat: npt.NDArray[np.uint64]) -> None:
        column, under, count = self.column, part.under, part.sure.size
        mask = block.bools(count)
        here = mask[:, : block.stop - block.start]
        if under:
            column.compare(True, part.limits[:under], block, here[:under])
        if under < count:
            column.compare(False, part.limits[under:], block, here[under:])
        raw = block.packed(mask)
        down, up = column.down, column.up
        if down is None and up is None:
            flat[part.sure] = raw
            flat[part.maybe] = raw
            return
        room = block.take(count)
        # "Below" is sure unless the high end is open, possible where the low end is; "at least" the other way round.
        # Where `marked`, every open high end is a mark that already lies above every limit.
        flat[part.sure[:under]] = _and(raw[:under], None if column.marked else column.not_up, block, room[:under])
        flat[part.maybe[:under]] = _or(raw[:under], down, block, room[:under])
        flat[part.sure[under:]] = _and(raw[under:], column.not_down, block, room[under:])
        flat[part.maybe[under:]] = _or(raw[under:], None if column.marked else up, block, room[under:])
        if column.spans is not None:
            spans = column.spans.within(block)
            for number, tick in enumerate(part.ticks):
                low, high = spans.rows[spans.highs < tick], spans.rows[spans.lows >= tick]
                if number >= under:
                    low, high = high, low
                set_rows(flat[part.sure[number]], low)
                clear_rows(flat[part.maybe[number]], high)


def _and(raw: Any, words: Any, block: Block, out: Any) -> Any:
    return raw if words is None else np.bitwise_and(raw, words[block.words], out)


def _or(raw: Any, words: Any, block: Block, out: Any) -> Any:
    return raw if words is None else np.bitwise_or(raw, words[block.words], out)
