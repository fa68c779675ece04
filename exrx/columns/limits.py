"""Many limits of one number at once: the column is read from memory once, and each NumPy call runs long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import clear_rows, set_rows
from exrx.columns.base import Asker, Block, Matrix, Places, Question, rooms

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
    """Asks a column of numbers for many limits.

    `opposites` are pairs (place, place): the first is the opposite of what is known at the second. `others` are asked
    one by one.
    """

    column: NumberColumn
    parts: tuple[_Part, ...]
    opposites: tuple[tuple[int, int], ...]
    others: tuple[int, ...]

    @classmethod
    def of(cls, column: NumberColumn, questions: Sequence[Question]) -> LimitAsker:
        """Comparisons with plausible limits go in parts, "at least" is the opposite of the same "below"."""
        scale = column.field.ticks
        inside = [
            place for place, question in enumerate(questions)
            if question.ask in ("below", "at_least") and scale.lowest < question.about <= scale.highest
        ]  # fmt: skip
        others = tuple(place for place in range(len(questions)) if place not in inside)
        below = {questions[place].about: place for place in inside if questions[place].ask == "below"}
        opposites = tuple(
            (place, below[questions[place].about]) for place in inside
            if questions[place].ask == "at_least" and questions[place].about in below
        )  # fmt: skip
        inside = [place for place in inside if place not in dict(opposites)]
        inside.sort(key=lambda place: questions[place].ask == "at_least")
        parts = []
        for first in range(0, len(inside), _AT_A_TIME):
            places = inside[first : first + _AT_A_TIME]
            ticks = tuple(questions[place].about for place in places)
            under = sum(questions[place].ask == "below" for place in places)
            parts.append(_Part(ticks, under, column.limits(ticks), tuple(places)))
        return cls(column=column, questions=tuple(questions), parts=tuple(parts), opposites=opposites, others=others)

    def ask(self, block: Block, out: Places | None = None) -> Sequence[Matrix]:
        answers = rooms(block, len(self.questions), out)
        for place in self.others:
            Asker(self.column, (self.questions[place],)).ask(block, [answers[place]])
        for part in self.parts:
            self._compare(part, block, [answers[place] for place in part.places])
        for place, known in self.opposites:
            np.invert(answers[known][::-1], out=answers[place])
        return answers

    def _compare(self, part: _Part, block: Block, answers: Sequence[Matrix]) -> None:
        column, under, count = self.column, part.under, len(part.places)
        mask = block.bools(count)
        here = mask[:, : block.stop - block.start]
        if under:
            column.compare(True, part.limits[:under], block, here[:under])
        if under < count:
            column.compare(False, part.limits[under:], block, here[under:])
        raw = block.packed(mask)
        # "Below" is sure unless the high end is open, possible where the low end is; "at least" the other way round.
        # Where `marked`, every open high end is a mark that already lies above every limit.
        not_up, up = (None, None) if column.marked else (column.not_up, column.up)
        for number, (sure, maybe) in enumerate(answers):
            closed, open_ = (not_up, column.down) if number < under else (column.not_down, up)
            _join(np.bitwise_and, raw[number], closed, block, sure)
            _join(np.bitwise_or, raw[number], open_, block, maybe)
        if column.spans is not None:
            spans = column.spans.within(block)
            for number, (tick, (sure, maybe)) in enumerate(zip(part.ticks, answers, strict=True)):
                inside, outside = spans.rows[spans.highs < tick], spans.rows[spans.lows >= tick]
                if number >= under:
                    inside, outside = outside, inside
                set_rows(sure, inside)
                clear_rows(maybe, outside)


def _join(operation: np.ufunc, raw: Any, words: Any, block: Block, out: Any) -> None:
    if words is None:
        np.copyto(out, raw)
    else:
        operation(raw, words[block.words], out)
