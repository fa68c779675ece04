"""Conditions as trees: questions to columns, joined by gates "at least n of".

There is no `not`: the opposite of `x < 5` is a question too, and the opposite of "at least n of m" is "at least
m - n + 1" of the opposites. Equal trees are equal values, so what two conditions share is found by comparing them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from exrx.columns import Question


@frozen(cache_hash=True)
class Gate:
    """At least `count` of `items`: all of them is `and`, one is `or`."""

    count: int
    items: tuple[Tree, ...]


Tree = Question | Gate


def gate_of(count: int, items: Iterable[Tree]) -> Tree:
    """A gate in its one form: nested `and` and `or` flattened, items in a fixed order, no gate around one item."""
    found = list(items)
    if count not in (1, len(found)):
        return Gate(count, tuple(sorted(found, key=repr)))
    conjunction = count != 1
    flat: dict[Tree, None] = {}
    for item in found:
        nested = isinstance(item, Gate) and item.count == (len(item.items) if conjunction else 1)
        flat |= dict.fromkeys(item.items if isinstance(item, Gate) and nested else (item,))
    if len(flat) == 1:
        return next(iter(flat))
    return Gate(len(flat) if conjunction else 1, tuple(sorted(flat, key=repr)))


def two_way(tree: Gate) -> Gate:
    """The same gate written with `and` and `or` only: `reached[k]` is at least k + 1 of the items seen so far."""
    if tree.count in (1, len(tree.items)):
        return tree
    reached: list[Tree] = []
    for item in tree.items:
        carried = [item, *(gate_of(2, (below, item)) for below in reached)]
        reached = [gate_of(1, pair) for pair in zip(reached, carried, strict=False)] + carried[len(reached) :]
        del reached[tree.count :]
    whole = reached[tree.count - 1]
    assert isinstance(whole, Gate)
    return whole
