"""What to do for one block of a cohort, written down once for the conditions and groups that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.columns import Question
from exrx.rules.shapes import Batch, Shape, Tree, leaves_of, shape_of, shared_gates

Rows = npt.NDArray[np.intp]
Copies = tuple[Rows, Rows]
Groups = Mapping[str, Sequence[int]]
Asked = tuple[str, tuple[Question, ...], Rows]


@frozen(eq=False)
class Step:
    """A batch to join, and what becomes of its results.

    They go to the kept conditions from `kept` on, or to the rows `results` of the matrix, or stay in place, a part of
    other trees; `copies` (to, from) then brings them there.
    """

    batch: Batch
    kept: int | None = None
    results: Rows | None = None
    copies: Copies | None = None


@frozen(eq=False)
class GroupStep:
    """A group to join, into `planes` (two, or the possible one alone), from an `earlier` group's planes and cells."""

    planes: slice
    earlier: slice | None
    cells: tuple[int, ...]


@frozen(eq=False)
class Plan:
    """Steps for one block. A row of the block's matrix is a pair of planes.

    `asked`: each field's questions and the rows for its answers; `copies`: rows with the same answers (to, from).
    `kept` counts the planes that are kept, two for each condition first; `results` finds those of conditions that
    were also grouped (kept condition, row). `cells` are ranges of rows whose conditions have the same groups, each
    with a row for their join.
    """

    rows: int
    kept: int
    where: Mapping[tuple[str, Any], tuple[int | None, int]]
    asked: tuple[Asked, ...]
    copies: Copies | None
    steps: tuple[Step, ...]
    results: tuple[tuple[int, int], ...]
    cells: tuple[tuple[int, int, int], ...]
    groups: tuple[GroupStep, ...]


def make_plan(trees: Sequence[Tree], kept: Sequence[int], groups: Groups, possible: Groups) -> Plan:
    """The plan that keeps some conditions and joins some groups of them."""
    named = [("both", name, members) for name, members in groups.items()]
    named += [("possible", name, members) for name, members in possible.items()]
    signatures: dict[Tree, tuple[int, ...]] = {trees[i]: () for i in kept}
    for number, (_, _, members) in enumerate(named):
        for tree in dict.fromkeys(trees[i] for i in members):
            signatures[tree] = (*signatures.get(tree, ()), number)
    kept_trees = list(dict.fromkeys(trees[i] for i in kept))
    writer = _Writer(shared_gates(signatures))
    if named:
        ordered = sorted(signatures, key=lambda tree: signatures[tree])
        result_row = writer.scattered(ordered)
        results = [(number, result_row[tree]) for number, tree in enumerate(kept_trees)]
        cells, group_cells = _cells(ordered, signatures, result_row, len(named))
    else:
        kept_trees = writer.in_order(kept_trees)
        results, cells, group_cells = [], [], []
    where: dict[tuple[str, Any], tuple[int | None, int]] = {}
    for i in kept:
        place = kept_trees.index(trees[i])
        where["condition", i] = 2 * place, 2 * place + 1
    planes = 2 * len(kept_trees)
    slices = []
    for kind, name, _ in named:
        size = 2 if kind == "both" else 1
        slices.append(slice(planes, planes + size))
        where["group", name] = planes if size == 2 else None, planes + size - 1
        planes += size
    rows = writer.rows
    joined = tuple((first, last, rows + number) for number, (first, last) in enumerate(cells))
    return Plan(
        rows=rows + len(cells),
        kept=planes,
        where=where,
        asked=writer.asked(),
        copies=writer.question_copies(),
        steps=writer.finished(),
        results=tuple(results),
        cells=joined,
        groups=tuple(_group_steps(slices, group_cells)),
    )


def _cells(
    ordered: list[Tree], signatures: Mapping[Tree, tuple[int, ...]], row: Mapping[Tree, int], groups: int
) -> tuple[list[tuple[int, int]], list[set[int]]]:
    """Ranges of neighbouring rows with the same groups, and each group's cells."""
    cells: list[tuple[int, int]] = []
    members: list[set[int]] = [set() for _ in range(groups)]
    for signature, some in groupby(ordered, key=lambda tree: signatures[tree]):
        rows = [row[tree] for tree in some]
        if signature:
            for group in signature:
                members[group].add(len(cells))
            cells.append((rows[0], rows[-1] + 1))
    return cells, members


def _group_steps(slices: list[slice], cells: list[set[int]]) -> Iterable[GroupStep]:
    """Small groups first; a group that holds an earlier one starts from it."""
    done: list[int] = []
    for group in sorted(range(len(cells)), key=lambda g: (len(cells[g]), slices[g].start)):
        both = slices[group].stop - slices[group].start == 2
        inside = [
            other for other in done
            if cells[other] <= cells[group] and (not both or slices[other].stop - slices[other].start == 2)
        ]  # fmt: skip
        earlier, left = None, cells[group]
        if inside:
            best = max(inside, key=lambda other: len(cells[other]))
            earlier, left = slices[best], left - cells[best]
            if not both:
                earlier = slice(earlier.stop - 1, earlier.stop)
        yield GroupStep(slices[group], earlier, tuple(sorted(left)))
        done.append(group)


@define
class _Writer:
    """Hands out the matrix's rows. `places` says which rows need a question's or a shared gate's answer."""

    shared: frozenset[Tree]
    rows: int = 0
    steps: list[Step] = field(factory=list)
    places: dict[Tree, list[int]] = field(factory=dict)

    def in_order(self, trees: Iterable[Tree]) -> list[Tree]:
        """Batches whose results are kept one after the other; the trees in that order."""
        self._shared_parts()
        ordered: list[Tree] = []
        for shape, members in self._by_shape(trees, self._outer_shape):
            self.steps.append(Step(self._batch(shape, members, False), kept=len(ordered)))
            ordered += members
        return ordered

    def scattered(self, ordered: list[Tree]) -> dict[Tree, int]:
        """Batches whose results lie in rows in the given order; the row of each tree."""
        self._shared_parts()
        batches = [
            self._batch(shape, members, False) for shape, members in self._by_shape(ordered, self._outer_shape)
        ]
        row = {tree: self.rows + number for number, tree in enumerate(ordered)}
        self.rows += len(ordered)
        self.steps += [Step(batch, results=np.array([row[tree] for tree in batch.trees])) for batch in batches]
        return row

    def asked(self) -> tuple[Asked, ...]:
        """Each field's questions with the first row that needs the answer."""
        by_field: dict[str, list[Question]] = {}
        for leaf in self.places:
            if isinstance(leaf, Question):
                by_field.setdefault(leaf.field, []).append(leaf)
        return tuple(
            (name, tuple(questions), np.array([self.places[question][0] for question in questions]))
            for name, questions in by_field.items()
        )

    def question_copies(self) -> Copies | None:
        """The further rows that need a question's answer."""
        pairs = [(row, rows[0]) for leaf, rows in self.places.items() if isinstance(leaf, Question) for row in rows[1:]]
        return _copies(pairs)

    def finished(self) -> tuple[Step, ...]:
        """The steps, with the copies of shared gates to the rows that need them."""
        steps = []
        for step in self.steps:
            copies = step.copies
            if step.kept is None and step.results is None:
                batch = step.batch
                copies = _copies(
                    [(row, batch.first + i) for i, tree in enumerate(batch.trees) for row in self.places.get(tree, ())]
                )
            steps.append(Step(step.batch, step.kept, step.results, copies))
        return tuple(steps)

    def _shared_parts(self) -> None:
        """Batches of the gates that stand in several places, innermost first."""
        depth: dict[Tree, int] = {}

        def depth_of(tree: Tree) -> int:
            if tree not in depth:
                inner = (leaf for leaf in leaves_of(tree, self.shared) if leaf in self.shared)
                depth[tree] = 1 + max((depth_of(leaf) for leaf in inner), default=0)
            return depth[tree]

        gates = sorted(self.shared, key=lambda tree: (depth_of(tree), repr(tree)))
        for _, level in groupby(gates, key=depth_of):
            for shape, members in self._by_shape(level, self._inner_shape):
                self.steps.append(Step(self._batch(shape, members, True)))

    def _inner_shape(self, tree: Tree) -> Shape:
        return tree.count, *(shape_of(item, self.shared) for item in tree.items)  # type: ignore[union-attr]

    def _outer_shape(self, tree: Tree) -> Shape:
        return shape_of(tree, self.shared)

    def _by_shape(self, trees: Iterable[Tree], shape: Any) -> list[tuple[Shape, list[Tree]]]:
        found: dict[Shape, list[Tree]] = {}
        for tree in trees:
            found.setdefault(shape(tree), []).append(tree)
        return sorted(found.items(), key=lambda item: repr(item[0]))

    def _batch(self, shape: Shape, trees: list[Tree], whole: bool) -> Batch:
        batch = Batch(shape, tuple(trees), self.rows)
        positions = 0
        for i, tree in enumerate(trees):
            leaves = list(leaves_of(tree, self.shared, whole))
            positions = len(leaves)
            for position, leaf in enumerate(leaves):
                self.places.setdefault(leaf, []).append(batch.first + position * batch.size + i)
        self.rows += positions * batch.size
        return batch


def _copies(pairs: list[tuple[int, int]]) -> Copies | None:
    if not pairs:
        return None
    to, source = np.array(pairs, np.intp).T
    return to, source
