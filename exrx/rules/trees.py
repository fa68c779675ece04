"""Conditions as trees: questions to columns, joined by `and` and `or`.

There is no `not`: the opposite of `x < 5` is a question too, and the opposite of "at least n of m" is "at least
m - n + 1" of the opposites. Equal trees are equal values, so what two conditions share is found by comparing them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from exrx.columns import Question


@frozen(cache_hash=True)
class Gate:
    """Two or more items joined by `and`, or by `or`."""

    conjunction: bool
    items: tuple[Tree, ...]


Tree = Question | Gate


def join(conjunction: bool, items: Iterable[Tree]) -> Tree:
    """A gate in its one form: nested gates of its kind flattened, items once and in a fixed order."""
    flat: dict[Tree, None] = {}
    for item in items:
        nested = isinstance(item, Gate) and item.conjunction == conjunction
        flat |= dict.fromkeys(item.items if isinstance(item, Gate) and nested else (item,))
    if len(flat) == 1:
        return next(iter(flat))
    return Gate(conjunction, tuple(sorted(flat, key=repr)))


def at_least(count: int, items: Iterable[Tree]) -> Tree:
    """At least `count` of the items, an item that stands twice counting twice.

    `reached[k]` is at least k + 1 of the items seen so far.
    """
    reached: list[Tree] = []
    for item in items:
        carried = [item, *(join(True, (below, item)) for below in reached)]
        reached = [join(False, pair) for pair in zip(reached, carried, strict=False)] + carried[len(reached) :]
        del reached[count:]
    return reached[count - 1]
