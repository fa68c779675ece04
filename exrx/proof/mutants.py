"""Mutants of a condition: one small slip each, as an author could make it while writing or editing a rule.

A protocol is only as safe as its checks. Each slip made here on purpose must be noticed by `check`, `prove` or a case
(see `mutation.py`); one that is not shows where a rule could be wrong without anybody knowing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, frozen

from exrx.errors import ConditionError, Location
from exrx.fields import Field
from exrx.rules.nodes import And, AnyOf, AtLeast, Compare, Condition, Limit, Not, OneOf, Or

FLIP, NEGATION, SHIFT, JOIN = "comparison flipped", "'not' dropped", "limit shifted", "'and' and 'or' swapped"
COUNT, OPTIONS = "count changed", "options changed"
KINDS = (FLIP, NEGATION, SHIFT, COUNT, OPTIONS, JOIN)
NAMED_KINDS = (FLIP, NEGATION, SHIFT)
"""The slips of which at least 95 % must be noticed; the others are made as well and reported beside them."""

_FLIPS = {
    "<": ("<=", ">", ">="), "<=": ("<", ">=", ">"), ">": (">=", "<", "<="), ">=": (">", "<=", "<"),
    "=": ("!=",), "!=": ("=",),
}  # fmt: skip


@frozen
class Slip:
    """A condition with one slip: what was done, where, and the condition as it then reads.

    `condition` is None where the slip cannot even be written: the node refuses itself, as `check` would.
    """

    kind: str
    words: str
    location: Location | None
    condition: Condition | None


def slips(condition: Condition) -> Iterator[Slip]:
    """Every slip of a condition, its parts from left to right."""
    yield from _SLIPS[type(condition)](condition)


def _inside(node: Any, items: tuple[Condition, ...]) -> Iterator[Slip]:
    for index, item in enumerate(items):
        for slip in slips(item):
            if slip.condition is None:
                yield slip
            else:
                changed = (*items[:index], slip.condition, *items[index + 1 :])
                yield evolve(slip, condition=evolve(node, items=changed))


def _written(kind: str, words: str, node: Any, make: Callable[[], Condition]) -> Slip:
    try:
        return Slip(kind, words, node.location, make())
    except ConditionError:
        return Slip(kind, words, node.location, None)


def _compare(node: Compare) -> Iterator[Slip]:
    for operator in _other_operators(node):
        words = f"{node.field.name} {operator} {node.limit.text}"
        yield _written(FLIP, words, node, lambda operator=operator: evolve(node, operator=operator))  # type: ignore[misc]
    for tick in _next_ticks(node):
        words = f"{node.field.name} {node.operator} {_tick_words(node.field, tick)}"
        limit = Limit(tick, _tick_words(node.field, tick), node.limit.parameter)
        yield _written(SHIFT, words, node, lambda limit=limit: evolve(node, limit=limit))  # type: ignore[misc]


def _other_operators(node: Compare) -> tuple[str, ...]:
    """The other comparisons; not `<` for `<=` at a limit that no whole number can lie on, which means the same."""
    same = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}.get(node.operator)
    unobservable = node.field.ticks.whole and node.limit.tick % 2
    return tuple(operator for operator in _FLIPS[node.operator] if not (unobservable and operator == same))


def _next_ticks(node: Compare) -> tuple[int, ...]:
    """The ticks one away; where only whole steps can be observed, the steps one away (a half step means the same)."""
    step = 2 if node.field.ticks.whole else 1
    return node.limit.tick - step, node.limit.tick + step


def _tick_words(entry: Field, tick: int) -> str:
    scale = entry.ticks
    if tick % 2 == 0:
        return f"{scale.value(tick)} {scale.unit}"
    return f"(between {scale.value(tick - 1)} and {scale.value(tick + 1)}) {scale.unit}"


def _one_of(node: OneOf) -> Iterator[Slip]:
    entry = node.field
    yield _options(FLIP, node, entry.every_option & ~node.mask)
    if entry.kind in ("ordered", "gate"):
        for mask in _shifted(node.mask, entry):
            yield _options(SHIFT, node, mask)
    elif entry.kind == "choice":
        yield from _one_option_less(node)


def _any_of(node: AnyOf) -> Iterator[Slip]:
    if node.mask != node.field.every_option:
        yield _options(FLIP, node, node.field.every_option & ~node.mask)
    yield from _one_option_less(node)


def _one_option_less(node: OneOf | AnyOf) -> Iterator[Slip]:
    inside = [1 << bit for bit in range(len(node.field.options)) if node.mask >> bit & 1]
    if len(inside) > 1:
        for option in inside:
            yield _options(OPTIONS, node, node.mask & ~option)


def _shifted(mask: int, entry: Field) -> Iterator[int]:
    """The masks of a limit one option up and one down."""
    yield (mask << 1 & entry.every_option) if _is_worst_end(mask, entry) else mask >> 1
    yield (mask | (mask >> 1 if _is_worst_end(mask, entry) else mask << 1)) & entry.every_option


def _is_worst_end(mask: int, entry: Field) -> bool:
    return bool(mask >> (len(entry.options) - 1) & 1)


def _options(kind: str, node: OneOf | AnyOf, mask: int) -> Slip:
    text = f"{node.field.name} in {{{', '.join(node.field.names(mask))}}}"
    return _written(kind, text, node, lambda: evolve(node, mask=mask, text=text))


def _not(node: Not) -> Iterator[Slip]:
    yield Slip(NEGATION, "'not' dropped", node.location, node.item)
    for slip in slips(node.item):
        yield slip if slip.condition is None else evolve(slip, condition=evolve(node, item=slip.condition))


def _and(node: And) -> Iterator[Slip]:
    yield Slip(JOIN, "'and' written 'or'", node.location, Or(node.items, node.location))
    yield from _inside(node, node.items)


def _or(node: Or) -> Iterator[Slip]:
    yield Slip(JOIN, "'or' written 'and'", node.location, And(node.items, node.location))
    yield from _inside(node, node.items)


def _at_least(node: AtLeast) -> Iterator[Slip]:
    for number in (node.count - 1, node.count + 1):
        words = f"at least {number} instead of {node.count}"
        yield _written(COUNT, words, node, lambda number=number: evolve(node, count=number))  # type: ignore[misc]
    yield from _inside(node, node.items)


_SLIPS: dict[type, Callable[[Any], Iterator[Slip]]] = {
    Compare: _compare,
    OneOf: _one_of,
    AnyOf: _any_of,
    Not: _not,
    And: _and,
    Or: _or,
    AtLeast: _at_least,
}
