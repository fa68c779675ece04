"""Conditions on one patient: the three answers, and which facts leave a condition undecided.

A state maps a field's name to what is possible for it (see `exrx.fields`); it must hold every field asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from exrx.fields import Possible
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, AnyOf, AtLeast, Atom, Compare, Condition, Not, OneOf, Or

State = Mapping[str, Possible]


def _below(low: int, high: int, tick: int) -> int:
    return TRUE if high < tick else UNDECIDED if low < tick else FALSE


def _equal(low: int, high: int, tick: int) -> int:
    if low == high == tick:
        return TRUE
    return UNDECIDED if low <= tick <= high else FALSE


_COMPARE: dict[str, Callable[[int, int, int], int]] = {
    "<": _below,
    "<=": lambda low, high, tick: _below(low, high, tick + 1),
    ">=": lambda low, high, tick: TRUE - _below(low, high, tick),
    ">": lambda low, high, tick: TRUE - _below(low, high, tick + 1),
    "=": _equal,
    "!=": lambda low, high, tick: TRUE - _equal(low, high, tick),
}


def _compare(node: Compare, state: State) -> int:
    span: Any = state[node.field.name]
    return _COMPARE[node.operator](span.low, span.high, node.limit.tick)


def _one_of(node: OneOf, state: State) -> int:
    possible: Any = state[node.field.name]
    if not possible & ~node.mask:
        return TRUE
    return UNDECIDED if possible & node.mask else FALSE


def _any_of(node: AnyOf, state: State) -> int:
    members: Any = state[node.field.name]
    if members.sure & node.mask:
        return TRUE
    return UNDECIDED if members.possible & node.mask else FALSE


def _not(node: Not, state: State) -> int:
    return TRUE - evaluate(node.item, state)


def _and(node: And, state: State) -> int:
    answer = TRUE
    for item in node.items:
        answer = min(answer, evaluate(item, state))
        if answer == FALSE:
            break
    return answer


def _or(node: Or, state: State) -> int:
    answer = FALSE
    for item in node.items:
        answer = max(answer, evaluate(item, state))
        if answer == TRUE:
            break
    return answer


def _at_least(node: AtLeast, state: State) -> int:
    answers = [evaluate(item, state) for item in node.items]
    if sum(answer == TRUE for answer in answers) >= node.count:
        return TRUE
    return UNDECIDED if sum(answer != FALSE for answer in answers) >= node.count else FALSE


_EVALUATE: dict[type, Callable[[Any, State], int]] = {
    Compare: _compare,
    OneOf: _one_of,
    AnyOf: _any_of,
    Not: _not,
    And: _and,
    Or: _or,
    AtLeast: _at_least,
}


def evaluate(condition: Condition, state: State) -> int:
    """FALSE, UNDECIDED or TRUE for what is possible in `state`; sound, never guessing.

    Raises:
        KeyError: the state lacks a field of the condition, or the node's class has no line in the table.
    """
    return _EVALUATE[type(condition)](condition, state)


def open_atoms(condition: Condition, state: State) -> Iterator[Atom]:
    """The undecided single-field conditions that keep an undecided condition undecided."""
    if evaluate(condition, state) != UNDECIDED:
        return
    if isinstance(condition, Not):
        yield from open_atoms(condition.item, state)
    elif isinstance(condition, (And, Or, AtLeast)):
        for item in condition.items:
            yield from open_atoms(item, state)
    else:
        yield condition


def deciding_atoms(condition: Condition, state: State) -> Iterator[Atom]:
    """The single-field conditions that a reason should show: those sharing the answer of their whole.

    For a true condition the true atoms (negated ones false), for an undecided one the atoms not settled against it.
    """
    yield from _supporting(condition, state, True)


def _supporting(condition: Condition, state: State, wanted: bool) -> Iterator[Atom]:
    if isinstance(condition, Not):
        yield from _supporting(condition.item, state, not wanted)
        return
    against = FALSE if wanted else TRUE
    if evaluate(condition, state) == against:
        return
    if isinstance(condition, (And, Or, AtLeast)):
        for item in condition.items:
            yield from _supporting(item, state, wanted)
    else:
        yield condition
