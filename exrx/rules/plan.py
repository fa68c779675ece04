"""What to do for one block of a cohort, written down once for the conditions and groups that are wanted.

Slots hold pairs of planes, (2, words): true and possible. A step joins two slots into a third. Equal parts of
conditions are one slot, and room is given back as soon as nothing reads it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import define, field, frozen

from exrx.columns import Question
from exrx.rules.trees import Gate, Tree

Groups = Mapping[str, Sequence[int]]
Step = tuple[np.ufunc, int, int, int]
Signature = tuple[int, ...]


@frozen(eq=False)
class GroupStep:
    """A group to join into `planes` (two, or the possible one alone) from an `earlier` group's and from slots."""

    planes: slice
    earlier: slice | None
    slots: tuple[int, ...]


@frozen(eq=False)
class Plan:
    """Steps for one block.

    Slots 0 to `conditions` - 1 are the kept conditions' planes in the result, the next `rooms` are reusable room,
    then come the answers to the questions of each field in `asked` that are not themselves kept conditions (`places`
    says of each question which kept condition it is, or None). A step is (operation, source, source, target);
    with the same source twice it is a copy. `kept` counts the planes of the result: two for each condition, then those
    of `groups`; `where` finds them.
    """

    conditions: int
    rooms: int
    asked: tuple[tuple[str, tuple[Question, ...]], ...]
    places: tuple[tuple[int | None, ...], ...]
    steps: tuple[Step, ...]
    groups: tuple[GroupStep, ...]
    kept: int
    where: Mapping[tuple[str, Any], tuple[int | None, int]]

    @property
    def slots(self) -> int:
        """How many pairs of planes a block needs beside the result."""
        return self.rooms + sum(place is None for places in self.places for place in places)


def make_plan(trees: Sequence[Tree], kept: Sequence[int], groups: Groups, possible: Groups) -> Plan:
    """The plan that keeps some conditions and joins some groups of them."""
    named = [(2, name, members) for name, members in groups.items()]
    named += [(1, name, members) for name, members in possible.items()]
    signatures: dict[Tree, Signature] = {trees[i]: () for i in kept}
    for number, (_, _, members) in enumerate(named):
        for tree in dict.fromkeys(trees[i] for i in members):
            signatures[tree] = (*signatures.get(tree, ()), number)
    kept_trees = list(dict.fromkeys(trees[i] for i in kept))
    where: dict[tuple[str, Any], tuple[int | None, int]] = {}
    for i in kept:
        place = kept_trees.index(trees[i])
        where["condition", i] = 2 * place, 2 * place + 1
    planes = 2 * len(kept_trees)
    slices = []
    for size, name, _ in named:
        slices.append(slice(planes, planes + size))
        planes += size
        where["group", name] = planes - 2 if size == 2 else None, planes - 1
    writer = _Writer({tree: slot for slot, tree in enumerate(kept_trees)}, signatures)
    writer.write()
    cells = [
        {slot for signature, slot in writer.cells.items() if group in signature} for group in range(len(named))
    ]
    return Plan(
        conditions=len(kept_trees),
        rooms=len(writer.rooms),
        asked=writer.asked,
        places=tuple(tuple(writer.kept.get(question) for question in questions) for _, questions in writer.asked),
        steps=writer.numbered_steps(),
        groups=tuple(_group_steps(slices, cells, writer.number)),
        kept=planes,
        where=where,
    )


def _group_steps(slices: list[slice], cells: list[set[int]], number: Mapping[int, int]) -> Iterable[GroupStep]:
    """Small groups first; a group that holds an earlier one starts from it."""
    done: list[int] = []
    for group in sorted(range(len(cells)), key=lambda g: (len(cells[g]), g)):
        size = slices[group].stop - slices[group].start
        inside = [g for g in done if cells[g] <= cells[group] and slices[g].stop - slices[g].start >= size]
        earlier, left = None, cells[group]
        if inside:
            best = max(inside, key=lambda g: len(cells[g]))
            earlier, left = slice(slices[best].stop - size, slices[best].stop), left - cells[best]
        yield GroupStep(slices[group], earlier, tuple(sorted(number[slot] for slot in left)))
        done.append(group)


@define
class _Writer:
    """Writes steps. Slots are numbered as they come (kept conditions first) and renumbered at the end.

    `signatures` says for every wanted tree in which groups it stands; trees with the same groups are joined into one
    slot of `cells` as they come.
    """

    kept: dict[Tree, int]
    signatures: dict[Tree, Signature]
    uses: dict[Tree, int] = field(factory=dict)
    slot: dict[Tree, int] = field(factory=dict)
    cells: dict[Signature, int] = field(factory=dict)
    steps: list[Step] = field(factory=list)
    rooms: list[int] = field(factory=list)
    free: list[int] = field(factory=list)
    asked: tuple[tuple[str, tuple[Question, ...]], ...] = ()
    number: dict[int, int] = field(factory=dict)
    _next: int = 0

    def write(self) -> None:
        """The steps for all wanted trees."""
        self._next = len(self.kept)
        for tree in self.signatures:
            self._count(tree)
        by_field: dict[str, list[Question]] = {}
        for tree in self.uses:
            if isinstance(tree, Question):
                by_field.setdefault(tree.field, []).append(tree)
        self.asked = tuple((name, tuple(questions)) for name, questions in by_field.items())
        for questions in by_field.values():
            for question in questions:
                self.slot[question] = self.kept[question] if question in self.kept else self._new()
        for tree, signature in self.signatures.items():
            self._want(tree, signature)

    def numbered_steps(self) -> tuple[Step, ...]:
        """The steps with the final numbers: kept conditions, rooms, answers."""
        answers = [
            self.slot[question] for _, questions in self.asked for question in questions if question not in self.kept
        ]
        order = [*range(len(self.kept)), *self.rooms, *answers]
        self.number = {slot: place for place, slot in enumerate(order)}
        return tuple(
            (operation, self.number[a], self.number[b], self.number[to]) for operation, a, b, to in self.steps
        )

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _count(self, tree: Tree) -> None:
        self.uses[tree] = self.uses.get(tree, 0) + 1
        if self.uses[tree] == 1 and isinstance(tree, Gate):
            for item in tree.items:
                self._count(item)

    def _want(self, tree: Tree, signature: Signature) -> None:
        """Compute a tree for those who want it: a kept slot, the cell of its groups, or both."""
        cell = self.cells.get(signature) if signature else None
        alone = tree not in self.kept and self.uses[tree] == 1
        # An `or` goes into the `or` of its cell item by item.
        parts = tree.items if alone and isinstance(tree, Gate) and not tree.conjunction else (tree,)
        for part in parts:
            self._compute(part)
        if tree in self.kept and self.slot[tree] != self.kept[tree]:
            self.steps.append((np.bitwise_or, self.slot[tree], self.slot[tree], self.kept[tree]))
        if signature:
            sources = [self.slot[part] for part in parts]
            if cell is None:
                cell = self.cells[signature] = self._room()
                first, *sources = sources
                sources = sources or [first]
                self.steps.append((np.bitwise_or, first, sources.pop(0), cell))
            self.steps += [(np.bitwise_or, cell, source, cell) for source in sources]
        for part in parts:
            self._used(part)

    def _compute(self, tree: Tree) -> None:
        if tree in self.slot:
            return
        assert isinstance(tree, Gate)
        for item in tree.items:
            self._compute(item)
        operation = np.bitwise_and if tree.conjunction else np.bitwise_or
        first, *others = (self.slot[item] for item in tree.items)
        target = self.kept[tree] if tree in self.kept else self._room()
        for other in others:
            self.steps.append((operation, first, other, target))
            first = target
        self.slot[tree] = target
        for item in tree.items:
            self._used(item)

    def _used(self, tree: Tree) -> None:
        self.uses[tree] -= 1
        if self.uses[tree] == 0 and self.slot[tree] in self.rooms:
            self.free.append(self.slot[tree])

    def _room(self) -> int:
        if not self.free:
            self.rooms.append(self._new())
            self.free.append(self.rooms[-1])
        return self.free.pop()
