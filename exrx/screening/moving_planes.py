"""Planes of bits that move with the limits of a variant, and those that do not.

    Table       one end of a field's possible ticks: where it is below a limit, for every limit that is used
    Expression  a table at a variant's limit, a plane that does not move, or several joined by `and`, `or`
    Kernel      expressions added to the planes of the decision, block by block, many variants at once
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from exrx.bits import BITS, WORD, Mask, Words, clear_tail, no_bits, pack, unpack, word_count
from exrx.columns import Question
from exrx.rules.trees import Tree, join

Planes = npt.NDArray[np.uint64]
BLOCK_WORDS, AT_A_TIME = 256, 64
"""Words of a block and variants joined in one call: a plane of 64 variants is 128 kB, and stays in the cache."""
_DENSE = 1 << 20
_UNTRAINED, _FIRST_TRACK = 6, 10


@frozen(cache_hash=True)
class Table:
    """The lowest or highest possible tick of a field; `confirmed`: on readings taken twice alone."""

    field: str
    high: bool
    confirmed: bool


@frozen(cache_hash=True)
class Below:
    """Where a table's end is below (`negated`: not below) the limit called `moving`, `offset` ticks higher."""

    table: Table
    moving: str
    offset: int
    negated: bool


@frozen(cache_hash=True)
class Fixed:
    """A plane that does not move, by its place among the fixed ones."""

    place: int


@frozen(cache_hash=True)
class Joined:
    """Expressions joined by `and`, or by `or`."""

    conjunction: bool
    items: tuple[Expression, ...]


Expression = Below | Fixed | Joined


@frozen
class Moving:
    """What a question about a varied limit is really about: the field, its own tick, the name of its limit."""

    field: str
    tick: int
    limit: str


@define
class Writer:
    """Turns trees into expressions; `fixed` collects the parts that do not move, as (tree, possible, confirmed).

    `moving` says which questions move, by the name that stands for their field.
    """

    moving: Mapping[str, Moving]
    fixed: dict[tuple[Tree, bool, bool], int] = field(factory=dict)

    def write(self, tree: Tree, *, possible: bool, confirmed: bool) -> Expression:
        """Where a tree is true, or where it is possible."""
        if not self._moves(tree):
            return Fixed(self.fixed.setdefault((tree, possible, confirmed), len(self.fixed)))
        if isinstance(tree, Question):
            return self._question(tree, possible, confirmed)
        still = [item for item in tree.items if not self._moves(item)]
        parts = [item for item in tree.items if self._moves(item)]
        if still:
            parts.append(join(tree.conjunction, still))
        return Joined(tree.conjunction, tuple(self.write(x, possible=possible, confirmed=confirmed) for x in parts))

    def _moves(self, tree: Tree) -> bool:
        return tree.field in self.moving if isinstance(tree, Question) else any(map(self._moves, tree.items))

    def _question(self, question: Question, possible: bool, confirmed: bool) -> Expression:
        """A number is below t where its highest possible tick is, and may be where its lowest is."""
        about = self.moving[question.field]
        offset = question.about - about.tick

        def below(high: bool, more: int = 0, negated: bool = False) -> Below:
            return Below(Table(about.field, high, confirmed), about.limit, offset + more, negated)

        if question.ask == "below":
            return below(not possible)
        if question.ask == "at_least":
            return below(possible, negated=True)
        # It is t where it is not below t and below t + 1; it is surely another where one of these surely fails.
        if question.ask == "equal":
            return Joined(True, (below(possible, negated=True), below(not possible, 1)))
        return Joined(False, (below(not possible), below(possible, 1, negated=True)))


@define(eq=False)
class Kernel:
    """Expressions over n rows for V variants.

    `base` (12, words): the planes of the decision without what moves: at least each level for certain, the same for
    what may be, at least each track. `chains`: those planes in the order in which they hold each other (a stop is a
    deferral too), each with what is added there. `places` (n,): the first limit of `limits` above a row's end.
    """

    n: int
    base: Planes
    fixed: Planes
    chains: tuple[tuple[tuple[int, tuple[Expression, ...]], ...], ...]
    limits: dict[Table, npt.NDArray[np.int64]]
    chosen: dict[tuple[Table, str, int], npt.NDArray[np.int64]]
    places: dict[Table, npt.NDArray[np.int32]]

    @property
    def moved(self) -> list[int]:
        """The planes of the decision to which something is added."""
        found = []
        for chain in self.chains:
            added = False
            for plane, expressions in chain:
                added = added or bool(expressions)
                found += [plane] if added else []
        return found

    def live(self) -> Words:
        """The rows of which some variants may say one thing and some another."""
        moved, open_rows = self.moved, no_bits(self.n)
        if not moved:
            return open_rows
        for table, place in self.places.items():
            open_rows |= pack((place > 0) & (place < len(self.limits[table])))
        settled = reduce(np.bitwise_and, [self.base[plane] for plane in moved])
        live: Words = open_rows & ~settled
        return live

    def restricted(self, rows: Words) -> Kernel:
        """The same for some of the rows."""
        mask = unpack(rows, self.n)
        return evolve(
            self, n=int(mask.sum()), base=_some(self.base, self.n, mask), fixed=_some(self.fixed, self.n, mask),
            places={table: place[mask] for table, place in self.places.items()},
        )  # fmt: skip

    def blocks(self) -> list[slice]:
        """The words of each block."""
        words = word_count(self.n)
        return [slice(start, min(start + BLOCK_WORDS, words)) for start in range(0, words, BLOCK_WORDS)]

    def work(self, words: slice, chunks: Sequence[slice]) -> Iterator[list[Planes]]:
        """The twelve planes of a block for each chunk of variants: (variants, words), or (1, words) where all agree."""
        tables = {table: self._table(table, words) for table in self.places}
        for chunk in chunks:
            yield self._planes(tables, words, chunk)

    def count(self, chunks: Sequence[slice], threads: int) -> npt.NDArray[np.int64]:
        """(variants, 12): how many rows are in each plane; of the tracks only those that may train."""

        def block(words: slice) -> npt.NDArray[np.int64]:
            return np.concatenate([_counted(planes, size) for planes, size in zip(self.work(words, chunks), sizes,
                                                                                  strict=True)])  # fmt: skip

        sizes = [chunk.stop - chunk.start for chunk in chunks]
        total = np.zeros((sum(sizes), 12), np.int64)
        if threads == 1:
            return sum(map(block, self.blocks()), total)
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(block, self.blocks()), total)

    def _table(self, table: Table, words: slice) -> Planes:
        """(limits + 1, words): where a row's end is below each limit, in the last row nowhere excepted."""
        place = self.places[table][words.start * BITS : words.stop * BITS]
        width, limits = words.stop - words.start, len(self.limits[table])
        bits = np.zeros((limits + 1) * width, WORD)
        rows = np.arange(place.size)
        np.add.at(bits, place.astype(np.int64) * width + (rows >> 6), np.uint64(1) << (rows & 63).astype(np.uint64))
        grid = bits.reshape(limits + 1, width)
        for first, second in pairwise(grid):
            np.bitwise_or(first, second, second)
        return grid

    def _planes(self, tables: Mapping[Table, Planes], words: slice, chunk: slice) -> list[Planes]:
        known: dict[Expression, Planes] = {}

        def find(expression: Expression) -> Planes:
            if expression not in known:
                known[expression] = make(expression)
            return known[expression]

        def make(expression: Expression) -> Planes:
            if isinstance(expression, Fixed):
                return self.fixed[expression.place, words][np.newaxis]
            if isinstance(expression, Below):
                which = self.chosen[expression.table, expression.moving, expression.offset][chunk]
                plane: Planes = tables[expression.table][which]
                return ~plane if expression.negated else plane
            operation: Callable[..., Planes] = np.bitwise_and if expression.conjunction else np.bitwise_or
            return reduce(operation, map(find, expression.items))

        planes: list[Planes] = list(self.base[:, np.newaxis, words])
        for chain in self.chains:
            above: Planes | None = None
            for plane, expressions in chain:
                added = [find(expression) for expression in expressions]
                if above is not None or added:
                    above = reduce(np.bitwise_or, added if above is None else [above, *added])
                    planes[plane] = planes[plane] | above
                    if words.stop * BITS > self.n:
                        clear_tail(planes[plane], self.n - words.start * BITS)
        return planes


def _counted(planes: list[Planes], variants: int) -> npt.NDArray[np.int64]:
    """(variants, 12) of the planes of a block."""
    may_train = ~planes[_UNTRAINED]
    counts = np.empty((variants, 12), np.int64)
    for place, plane in enumerate(planes):
        seen = plane & may_train if place >= _FIRST_TRACK else plane
        counts[:, place] = np.bitwise_count(seen).sum(axis=-1, dtype=np.int64)
    return counts


def _some(planes: Planes, n: int, mask: Mask) -> Planes:
    found = [pack(unpack(plane, n)[mask]) for plane in planes]
    return np.stack(found) if found else np.zeros((0, word_count(int(mask.sum()))), WORD)


def first_above(
    ends: npt.NDArray[np.int64], limits: npt.NDArray[np.int64], lowest: int, highest: int
) -> npt.NDArray[np.int32]:
    """For each tick the place of the first limit above it, `len(limits)` where there is none."""
    if highest - lowest >= _DENSE:
        return np.searchsorted(limits, ends, side="right").astype(np.int32)
    known = np.searchsorted(limits, np.arange(lowest, highest + 1), side="right").astype(np.int32)
    return known[ends - lowest]
