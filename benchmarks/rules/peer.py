"""What every peer is: rules and patients in, a call to time, and its answers in the same four words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from attrs import frozen

from exrx.rules.nodes import And, AtLeast, Compare, Condition, Not, OneOf, Or
from rules.conditions import Rule
from rules.patients import Patients

NO, YES, UNDECIDED, REFUSED = range(4)
"""An answer; REFUSED is an error instead of one."""


class NotInstalledError(Exception):
    """The peer is not installed; the text says how it would be."""


@frozen
class Prepared:
    """A peer with its rules and patients: `run` is what is timed, `answers` makes of its result int8 (rules, n)."""

    run: Callable[[], Any]
    answers: Callable[[Any], np.ndarray]


@frozen
class Peer:
    """Another engine. `prepare` raises NotInstalledError; `sample` is how many patients it is given.

    One that `refuses` is timed on complete patients: an error is quicker than an answer.
    """

    name: str
    sample: int
    how: str
    prepare: Callable[[list[Rule], Patients], Prepared]
    refuses: bool = False


def text_of(node: Condition, words: Language) -> str:
    """A condition in a language of the usual kind."""
    if isinstance(node, Compare):
        return f"{words.name(node.field.name)} {node.operator} {node.limit.tick}"
    if isinstance(node, OneOf):
        return words.name(node.field.name)
    if isinstance(node, Not):
        return words.negated.format(text_of(node.item, words))
    items = [f"({text_of(item, words)})" for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return words.either.join(f"({words.both.join(some)})" for some in combinations(items, node.count))
    return (words.both if isinstance(node, And) else words.either).join(items)


@frozen
class Language:
    """How a language says `and`, `or` and `not`, and names a field."""

    both: str
    either: str
    negated: str
    name: Callable[[str], str] = str


def conjunctions(node: Condition, holds: bool = True) -> list[dict[Condition, bool]]:
    """The rows of a decision table in which a condition holds: for single-field conditions what they must be."""
    if isinstance(node, (Compare, OneOf)):
        return [{node: holds}]
    if isinstance(node, Not):
        return conjunctions(node.item, not holds)
    items: Sequence[Condition] = node.items  # type: ignore[union-attr]
    needed = {And: len(items), Or: 1}.get(type(node)) or node.count  # type: ignore[union-attr]
    if not holds:
        needed = len(items) - needed + 1
    rows = []
    for some in combinations(items, needed):
        joined: list[dict[Condition, bool]] = [{}]
        for item in some:
            joined = [
                before | row for before in joined for row in conjunctions(item, holds)
                if all(before.get(atom, value) == value for atom, value in row.items())
            ]  # fmt: skip
        rows += joined
    return rows
