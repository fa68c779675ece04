"""Columns of answers: flags, choices (ordered ones and gates too) and sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from attrs import define, frozen

from exrx.bits import WORD, Words, bit, pack, set_positions
from exrx.columns.base import Asker, Block, Column, Matrix, Pair, Places, Question
from exrx.fields import NO, YES, Field, Members, Possible

_MOST_RUNS = 4


@define(eq=False, slots=False)
class FlagColumn(Column):
    """A flag: `planes` (2, words) say where it is yes, and where it may be."""

    planes: Matrix

    @classmethod
    def of(cls, entry: Field, n: int, sure: Words, maybe: Words) -> FlagColumn:
        """The column that is surely yes, and may be yes, in the rows given."""
        return cls(entry, n, np.stack([sure, maybe]))

    @property
    def sure(self) -> Words:
        """Where the flag is yes."""
        sure: Words = self.planes[0]
        return sure

    @property
    def maybe(self) -> Words:
        """Where the flag may be yes."""
        maybe: Words = self.planes[1]
        return maybe

    def asker(self, questions: Sequence[Question]) -> Asker:
        return FlagAsker(self, tuple(questions))

    def within(self, mask: int, block: Block) -> Pair:
        sure, maybe = self.planes[:, block.words] if mask == YES else ~self.planes[::-1, block.words]
        return sure, maybe

    def possible(self, row: int) -> Possible:
        if bit(self.sure, row):
            return YES
        return YES | NO if bit(self.maybe, row) else NO

    def blanked(self, lost: Words) -> Column:
        return FlagColumn.of(self.field, self.n, self.sure & ~lost, self.maybe | lost)

    def widened(self, old: Words) -> Column:
        sure = self.sure if self.field.worse.kind == "yes" else self.sure & ~old
        maybe = self.maybe if self.field.worse.kind == "no" else self.maybe | old
        return FlagColumn.of(self.field, self.n, sure, maybe)

    def narrowed(self, rows: Words, mask: int) -> FlagColumn:
        """The column with only the options of a mask possible in some rows (which must have one of them)."""
        if mask == YES:
            return FlagColumn.of(self.field, self.n, self.sure | rows, self.maybe)
        return FlagColumn.of(self.field, self.n, self.sure, self.maybe & ~rows)


@frozen(eq=False)
class FlagAsker(Asker):
    """Asks a flag: its own planes are the answer to "yes"."""

    def ask(self, block: Block, out: Places | None = None) -> Sequence[Matrix]:
        planes: Matrix = self.column.planes[:, block.words]  # type: ignore[attr-defined]
        answers = []
        for question, place in zip(self.questions, out or [None] * len(self.questions), strict=True):
            answer = planes
            if question.about != YES:
                answer = np.invert(planes[::-1], out=block.take(2) if place is None else place)
            elif place is not None:
                np.copyto(place, planes)
            answers.append(answer)
        return answers


@define(eq=False, slots=False)
class OptionColumn(Column):
    """A choice, ordered choice or gate: `masks[codes[i]]` is what is possible in row i (uint8 codes)."""

    codes: npt.NDArray[np.uint8]
    masks: tuple[int, ...]

    def within(self, mask: int, block: Block) -> Pair:
        codes = self.codes[block.start : block.stop]
        sure = [not possible & ~mask for possible in self.masks]
        maybe = [bool(possible & mask) for possible in self.masks]
        first = _coded(codes, sure, block)
        return first, first if sure == maybe else _coded(codes, maybe, block)

    def possible(self, row: int) -> Possible:
        return self.masks[self.codes[row]]

    def changed(self, rows: Words, change: Callable[[int], int]) -> OptionColumn:
        """The column with `change` applied to what is possible in some rows."""
        touched = set_positions(rows)
        if touched.size == 0:
            return self
        masks = list(self.masks)
        before = self.codes[touched]
        now = np.zeros(len(self.masks), np.uint8)
        for code in np.flatnonzero(np.bincount(before, minlength=len(self.masks))):
            changed = change(self.masks[code])
            if changed not in masks:
                masks.append(changed)
            now[code] = masks.index(changed)
        codes = self.codes.copy()
        codes[touched] = now[before]
        return OptionColumn(self.field, self.n, codes, tuple(masks))

    def blanked(self, lost: Words) -> Column:
        return self.changed(lost, lambda possible: self.field.every_option)

    def widened(self, old: Words) -> Column:
        return self.changed(old, lambda possible: cast(int, self.field.expired(possible)))

    def narrowed(self, rows: Words, mask: int) -> OptionColumn:
        """The column with only the options of a mask possible in some rows (which must have one of them)."""
        return self.changed(rows, lambda possible: possible & mask)


def _coded(codes: npt.NDArray[np.uint8], wanted: list[bool], block: Block) -> Words:
    """Where a code's entry in `wanted` is set: a comparison for each run of codes, a table where there are many."""
    padded = block.bools(1)[0]
    mask = padded[: codes.size]
    edges = np.flatnonzero(np.diff(np.array([False, *wanted, False], np.int8)))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if len(runs) > _MOST_RUNS:
        table = np.zeros(256, np.bool_)
        table[: len(wanted)] = wanted
        np.take(table, codes, out=mask, mode="clip")
        return pack(padded)
    total = np.zeros(block.word_count, WORD)
    for low, high in runs:
        if high == low + 1:
            np.equal(codes, np.uint8(low), out=mask)
        else:
            np.less(codes - np.uint8(low), np.uint8(high - low), out=mask)  # wraps around below `low`
        total |= pack(padded)
    return total


@define(eq=False, slots=False)
class SetColumn(Column):
    """A set: per option index, where it is surely a member and where it may be (absent: nowhere, everywhere)."""

    sure: dict[int, Words]
    maybe: dict[int, Words]

    def meets(self, mask: int, block: Block) -> Pair:
        sure, maybe = np.zeros(block.word_count, WORD), np.zeros(block.word_count, WORD)
        for option in range(len(self.field.options)):
            if mask >> option & 1:
                if option in self.sure:
                    sure |= self.sure[option][block.words]
                if option in self.maybe:
                    maybe |= self.maybe[option][block.words]
                else:
                    maybe[:] = ~np.uint64(0)
        return sure, maybe

    def possible(self, row: int) -> Possible:
        sure = sum(1 << option for option, words in self.sure.items() if bit(words, row))
        absent = sum(1 << option for option, words in self.maybe.items() if not bit(words, row))
        return Members(sure, self.field.every_option & ~absent)

    def blanked(self, lost: Words) -> Column:
        return SetColumn(self.field, self.n, {k: w & ~lost for k, w in self.sure.items()},
                         {k: w | lost for k, w in self.maybe.items()})

    def widened(self, old: Words) -> Column:
        if self.field.worse.kind == "none":
            return self.blanked(old)
        return SetColumn(self.field, self.n, self.sure, {k: w | old for k, w in self.maybe.items()})

    def without(self, rows: Words, mask: int) -> SetColumn:
        """The column with the members of a mask impossible in some rows."""
        everywhere = ~np.zeros_like(rows)
        maybe = dict(self.maybe)
        for option in range(len(self.field.options)):
            if mask >> option & 1:
                maybe[option] = maybe.get(option, everywhere) & ~rows
        return SetColumn(self.field, self.n, self.sure, maybe)
