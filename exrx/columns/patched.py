"""A column with a few rows taken from another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import define, evolve

from exrx.bits import Rows, Words, bits_of, clear_rows, pack, set_rows, unpack
from exrx.columns.base import Block, Column, Pair, Question
from exrx.fields import Possible


@define(eq=False, slots=False)
class PatchedColumn(Column):
    """`base`, but row `rows[k]` (ascending) is row k of `patch`."""

    base: Column
    rows: Rows
    patch: Column

    def answer(self, questions: Sequence[Question], block: Block) -> list[Pair]:
        first, last = np.searchsorted(self.rows, (block.start, block.stop))
        pairs = self.base.answer(questions, block)
        if first == last:
            return pairs
        here = self.rows[first:last] - block.start
        answers = []
        for question, pair in zip(questions, pairs, strict=True):
            patch = self.patch.words(question.ask, question.about)
            sure, maybe = (
                _with(words, here, unpack(bits, self.rows.size)[first:last])
                for words, bits in zip(pair, patch, strict=True)
            )
            answers.append((sure, maybe))
        return answers

    def ends(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        lows, highs = self.base.ends()
        lows[self.rows], highs[self.rows] = self.patch.ends()
        return lows, highs

    def blanked(self, lost: Words) -> Column:
        return evolve(self, base=self.base.blanked(lost), patch=self.patch.blanked(pack(bits_of(lost, self.rows))))

    def possible(self, row: int) -> Possible:
        at = int(np.searchsorted(self.rows, row))
        there = at < self.rows.size and self.rows[at] == row
        return self.patch.possible(at) if there else self.base.possible(row)


def _with(words: Words, rows: Rows, bits: np.ndarray) -> Words:
    changed = words.copy()
    clear_rows(changed, rows)
    set_rows(changed, rows[bits])
    return changed
