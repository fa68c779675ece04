"""Conditions as trees: questions to columns, joined by `and` and `or`.

There is no `not`: the opposite of `x < 5` is a question too, and the opposite of "at least n of m" is "at least
m - n + 1" of the opposites. Equal trees are equal values, so what two conditions share is found by comparing them.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from exrx.columns import Question


@frozen(cache_hash=True)
class Gate:
    """Two or more items joined by `and`, or by `or`; equal whatever their order."""

    conjunction: bool
    members: frozenset[Tree]
    items: tuple[Tree, ...] = field(eq=False, repr=False)


Tree = Question | Gate


def _gate(conjunction: bool, items: Iterable[Tree]) -> Tree:
    once = tuple(dict.fromkeys(items))
    return once[0] if len(once) == 1 else Gate(conjunction, frozenset(once), once)


def join(conjunction: bool, items: Iterable[Tree]) -> Tree:
    """Items joined by `and` or `or`, nested gates of the same kind flattened."""
    flat: list[Tree] = []
    for item in items:
        flat += item.items if isinstance(item, Gate) and item.conjunction == conjunction else (item,)
    return _gate(conjunction, flat)


def at_least(count: int, items: Iterable[Tree]) -> Tree:
    """At least `count` of the items, an item that stands twice counting twice.

    `reached[k]` is at least k + 1 of the items seen so far.
    """
    found = list(items)
    if count in (1, len(found)):
        return join(count != 1, found)
    reached: list[Tree] = []
    for item in found:
        carried = [item, *(_gate(True, (below, item)) for below in reached)]
        reached = [_gate(False, pair) for pair in zip(reached, carried, strict=False)] + carried[len(reached) :]
        del reached[count:]
    return reached[count - 1]
