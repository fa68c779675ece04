"""Conditions side by side: those of one shape are worked on together, as rows of one matrix of bits.

A condition is a tree of questions to columns joined by gates "at least n of"; `not` has gone into the questions (the
opposite of `x < 5` is a question too). Two trees of one shape differ only in their questions, so a whole batch
of them takes as many NumPy calls as one. A call on many rows is long against the interpreter lock; that, not the
arithmetic, is what lets two threads work at once.

Every tree has two planes of bits a row, *true* and *possible*. On planes Kleene's logic is bitwise and the same for
both: at least n of the items are true; at least n of them are possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.columns import Question

Matrix = npt.NDArray[np.uint64]
Shape = Any


@frozen(cache_hash=True)
class Gate:
    """At least `count` of `items`: all of them is `and`, one is `or`."""

    count: int
    items: tuple[Tree, ...]


Tree = Question | Gate


def shape_of(tree: Tree, leaves: frozenset[Tree] = frozenset()) -> Shape:
    """The tree without its questions; subtrees in `leaves` count as questions."""
    if isinstance(tree, Question) or tree in leaves:
        return ()
    return tree.count, *(shape_of(item, leaves) for item in tree.items)


def leaves_of(tree: Tree, leaves: frozenset[Tree] = frozenset(), whole: bool = True) -> Iterator[Tree]:
    """The questions (and other leaves) of a tree, in the order of its shape."""
    if isinstance(tree, Question) or (tree in leaves and not whole):
        yield tree
    else:
        for item in tree.items:
            yield from leaves_of(item, leaves, False)


def gate_of(count: int, items: Iterable[Tree]) -> Tree:
    """A gate in its one form: nested `and` and `or` flattened, items in a fixed order."""
    found = list(items)
    if count in (1, len(found)):
        conjunction = count != 1
        flat: list[Tree] = []
        for item in found:
            same = isinstance(item, Gate) and item.count == (len(item.items) if conjunction else 1)
            flat += item.items if isinstance(item, Gate) and same else [item]
        found = list(dict.fromkeys(flat))
        count = len(found) if conjunction else 1
    if len(found) == 1:
        return found[0]
    return Gate(count, tuple(sorted(found, key=lambda item: (repr(shape_of(item)), repr(item)))))


def shared_gates(trees: Iterable[Tree]) -> frozenset[Tree]:
    """The gates that stand in more than one place, or as a whole tree and inside another one."""
    uses: Counter[Tree] = Counter()
    for tree in trees:
        _count(tree, uses)
    return frozenset(tree for tree, count in uses.items() if count > 1 and isinstance(tree, Gate))


def _count(tree: Tree, uses: Counter[Tree]) -> None:
    uses[tree] += 1
    if uses[tree] == 1 and isinstance(tree, Gate):
        for item in tree.items:
            _count(item, uses)


@frozen
class Batch:
    """Trees of one shape: position p of tree i is row `first + p * size + i`; the results take the first rows."""

    shape: Shape
    trees: tuple[Tree, ...]
    first: int

    @property
    def size(self) -> int:
        """The number of trees."""
        return len(self.trees)


def join(batch: Batch, planes: Matrix, out: Matrix | None) -> Matrix:
    """Work a batch's shape on its rows of `planes` (rows, 2, words), in place; the last step goes to `out` if given."""
    position = iter(range(batch.first, planes.shape[0], batch.size))
    return _join(batch.shape, batch.size, position, planes, out)


def _join(shape: Shape, size: int, position: Iterator[int], planes: Matrix, out: Matrix | None) -> Matrix:
    if not shape:
        first = next(position)
        rows = planes[first : first + size]
        if out is None:
            return rows
        np.copyto(out, rows)
        return out
    count, *inner = shape
    items = [_join(item, size, position, planes, None) for item in inner]
    target = items[0] if out is None else out
    if count in (1, len(items)):
        operation = np.bitwise_or if count == 1 else np.bitwise_and
        operation(items[0], items[1], target)
        for item in items[2:]:
            operation(target, item, target)
        return target
    np.copyto(target, _at_least_of(count, items))
    return target


def _at_least_of(count: int, items: list[Matrix]) -> Matrix:
    """Where at least `count` of the items are set: `reached[k]` is at least k + 1 of those seen so far."""
    reached: list[Matrix] = []
    for item in items:
        carried = [item, *(below & item for below in reached)]
        reached = [a | b for a, b in zip(reached, carried, strict=False)] + carried[len(reached) :]
        del reached[count:]
    return reached[count - 1]
