"""Many limits of one number at once: the column is read from memory once, and each NumPy call runs long."""

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


@frozen(eq=False)
class _Part:
    """Limits compared in one go, the first `under` of them with "below", the others with "at least"."""

    ticks: tuple[int, ...]
    under: int
    limits: npt.NDArray[Any]
    places: tuple[int, ...]


@frozen(eq=False)
class LimitAsker(Asker):
    """Asks a column of numbers for many limits."""

    column: NumberColumn
    parts: tuple[_Part, ...]
    others: tuple[int, ...]

    @classmethod
    def of(cls, column: NumberColumn, questions: Sequence[Question]) -> LimitAsker:
        """Comparisons with plausible limits go in parts, all other questions one by one."""
        scale = column.field.ticks
        inside = [
            place for place, question in enumerate(questions)
            if question.ask in ("below", "at_least") and scale.lowest < question.about <= scale.highest
        ]  # fmt: skip
        inside.sort(key=lambda place: questions[place].ask == "at_least")
        parts = []
        for first in range(0, len(inside), _AT_A_TIME):
            places = inside[first : first + _AT_A_TIME]
            ticks = tuple(questions[place].about for place in places)
            under = sum(questions[place].ask == "below" for place in places)
            parts.append(_Part(ticks, under, column.limits(ticks), tuple(places)))
        others = tuple(place for place in range(len(questions)) if place not in inside)
        return cls(column=column, questions=tuple(questions), parts=tuple(parts), others=others)

    def ask(self, block: Block) -> Sequence[Matrix]:
        answers: list[Any] = [None] * len(self.questions)
        for place in self.others:
            answers[place] = Asker(self.column, (self.questions[place],)).ask(block)[0]
        for part in self.parts:
            pairs = self._compared(part, block)
            for place, pair in zip(part.places, pairs, strict=True):
                answers[place] = pair
        return answers

    def _compared(self, part: _Part, block: Block) -> Matrix:
        column, under, count = self.column, part.under, len(part.places)
        mask = block.bools(count)
        here = mask[:, : block.stop - block.start]
        if under:
            column.compare(True, part.limits[:under], block, here[:under])
        if under < count:
            column.compare(False, part.limits[under:], block, here[under:])
        raw = block.packed(mask)
        pairs = block.take(2 * count).reshape(count, 2, block.word_count)
        # "Below" is sure unless the high end is open, possible where the low end is; "at least" the other way round.
        # Where `marked`, every open high end is a mark that already lies above every limit.
        not_up, up = (None, None) if column.marked else (column.not_up, column.up)
        if under:
            _join(np.bitwise_and, raw[:under], not_up, block, pairs[:under, 0])
            _join(np.bitwise_or, raw[:under], column.down, block, pairs[:under, 1])
        if under < count:
            _join(np.bitwise_and, raw[under:], column.not_down, block, pairs[under:, 0])
            _join(np.bitwise_or, raw[under:], up, block, pairs[under:, 1])
        if column.spans is not None:
            spans = column.spans.within(block)
            for number, tick in enumerate(part.ticks):
                sure, out = spans.rows[spans.highs < tick], spans.rows[spans.lows >= tick]
                if number >= under:
                    sure, out = out, sure
                set_rows(pairs[number, 0], sure)
                clear_rows(pairs[number, 1], out)
        return pairs


def _join(operation: np.ufunc, raw: Any, words: Any, block: Block, out: Any) -> None:
    if words is None:
        np.copyto(out, raw)
    else:
        operation(raw, words[block.words], out)
