"""Polarity: a rule may only ask in the direction in which a worse value keeps it true.

If every rule is so built, making any one fact worse can only make more rules fire: the protocol is monotone by
construction. Exceptions must be declared in the protocol, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from exrx.rules.nodes import ATOMS, AnyOf, Atom, Compare, Condition, Not, OneOf


@frozen
class Reversal:
    """A condition that stops being true when its fact gets worse."""

    atom: Atom
    message: str
    suggestion: str


def reversals(condition: Condition, *, negated: bool = False) -> Iterator[Reversal]:
    """Every single-field condition that goes against the worse direction of its field."""
    if isinstance(condition, Not):
        yield from reversals(condition.item, negated=not negated)
    elif isinstance(condition, ATOMS):
        if not _keeps_direction(condition, negated):
            yield Reversal(
                condition,
                f"for '{condition.field.name}' worse is {_direction(condition)}, but this asks the other way round"
                + (" (under 'not')" if negated else ""),
                "turn the condition round, write tiers cumulatively (platelets < 100), or declare the exception "
                f"under polarity: {{{condition.field.name}: reason}}",
            )
    else:
        for item in condition.items:
            yield from reversals(item, negated=negated)


def _direction(atom: Atom) -> str:
    worse = atom.field.worse
    if worse.kind == "outside":
        scale = atom.field.ticks
        return f"below {scale.value(worse.low)} and above {scale.value(worse.high)}"
    return {"order": "further down its order"}.get(worse.kind, worse.kind)


def _keeps_direction(atom: Any, negated: bool) -> bool:
    if atom.field.worse.kind == "none":
        return True
    if isinstance(atom, Compare):
        return _comparison_keeps(atom, negated)
    if isinstance(atom, AnyOf):
        return not negated
    mask = atom.field.every_option & ~atom.mask if negated else atom.mask
    return _is_worst_part(atom, mask)


def _comparison_keeps(atom: Compare, negated: bool) -> bool:
    operator = _NEGATED[atom.operator] if negated else atom.operator
    worse, tick, scale = atom.field.worse, atom.limit.tick, atom.field.ticks
    if operator == "=":
        return (worse.kind == "lower" and tick <= scale.lowest) or (worse.kind == "higher" and tick >= scale.highest)
    if operator == "!=":
        return False
    downwards = operator in ("<", "<=")
    if worse.kind == "outside":
        return tick <= worse.high if downwards else tick >= worse.low
    return downwards == (worse.kind == "lower")


_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


def _is_worst_part(atom: OneOf, mask: int) -> bool:
    """True when the options of `mask` are the worst end of the field's order."""
    worse = atom.field.worse
    if worse.kind == "order":
        order = worse.options
    elif worse.kind in ("yes", "higher"):
        order = tuple(range(len(atom.field.options)))
    else:
        order = tuple(reversed(range(len(atom.field.options))))
    inside = [bool(mask >> option & 1) for option in order]
    return inside == sorted(inside)
