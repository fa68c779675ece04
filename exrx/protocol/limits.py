"""A protocol with one limit moved, to ask what would change: never a protocol to decide by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from difflib import get_close_matches

from attrs import evolve

from exrx.errors import ProtocolError
from exrx.protocol.model import Member, Parameter, Protocol, Rule
from exrx.quantities import read_limit
from exrx.rules.nodes import ATOMS, And, AtLeast, Compare, Condition, Limit, Not, Or, atoms


def with_limit(protocol: Protocol, name: str, value: str) -> Protocol:
    """`protocol` with the parameter `name`, or the only number of the rule `name`, set to `value`.

    A bare number is in the unit in which the limit is written. In a protocol made of several, `member-id.parameter`
    moves it in one member only. The version and the hash say that a limit was moved.

    Raises:
        ProtocolError: there is no such parameter or rule, or the rule has no number or several.
        QuantityError, ConditionError: the value is none, or makes a condition that is always or never true.
    """
    only, parameter = which_limit(protocol, name)
    members = []
    for member in protocol.members:
        if only is not None and member is not only:
            members.append(member)
        elif parameter is not None:
            members.append(_with_parameter(member, parameter, value))
        else:
            members.append(_with_rule(member, name, value))
    return Protocol(tuple(members))


def which_limit(protocol: Protocol, name: str) -> tuple[Member | None, str | None]:
    """The one member that is meant, if any, and the parameter, None where a rule is meant.

    Raises:
        ProtocolError: there is no such parameter or rule, or the rule has no number or several.
    """
    for member in protocol.members:
        prefix = f"{member.id}."
        if name.startswith(prefix) and name.removeprefix(prefix) in member.parameters:
            return member, name.removeprefix(prefix)
    if any(name in member.parameters for member in protocol.members):
        return None, name
    rules = {rule.id: rule for rule in protocol.rules}
    if name not in rules:
        known = [*(key for member in protocol.members for key in member.parameters), *rules]
        near = get_close_matches(name, known, n=3)
        hint = f" Did you mean: {', '.join(near)}?" if near else ""
        raise ProtocolError(f"{protocol.id} has no parameter and no rule called '{name}'.{hint}")
    numbers = [atom for atom in atoms(rules[name].when) if isinstance(atom, Compare)]
    if len(numbers) != 1:
        raise ProtocolError(
            f"the rule '{name}' holds {len(numbers) or 'no'} numbers, so it is not clear which limit to move; "
            "name a parameter (exrx protocol show)"
        )
    return None, None


def _with_parameter(member: Member, name: str, value: str) -> Member:
    old = member.parameters.get(name)
    if old is None:
        return member
    new = _moved(old, value)

    def move(atom: Compare) -> Compare:
        return atom if atom.limit.parameter != name else moved_compare(atom, new.text, name)

    parameters = {**member.parameters, name: new}
    applies_to = None if member.applies_to is None else rewrite(member.applies_to, move)
    moved = evolve(member, parameters=parameters, applies_to=applies_to)
    return _rewritten(moved, name, value, lambda rule: rewrite(rule.when, move))


def _moved(old: Parameter, value: str) -> Parameter:
    number, _, unit = limit_text(value, old.unit).partition(" ")
    return evolve(old, value=number, unit=unit, verified="unverified", note="moved to ask what if")


def limit_text(value: str, unit: str) -> str:
    """A value as a limit is written: with its own unit, or else with `unit`."""
    number, _, own = value.strip().partition(" ")
    return f"{number} {own.strip() or unit}".strip()


def _with_rule(member: Member, name: str, value: str) -> Member:
    def move(atom: Compare) -> Compare:
        return moved_compare(atom, limit_text(value, unit_of(atom)), None)

    if all(rule.id != name for rule in member.rules):
        return member
    return _rewritten(member, name, value, lambda rule: rewrite(rule.when, move) if rule.id == name else rule.when)


def unit_of(atom: Compare) -> str:
    """The unit in which a comparison's limit is written."""
    return atom.limit.text.strip().partition(" ")[2]


def moved_compare(atom: Compare, text: str, parameter: str | None) -> Compare:
    """The comparison with another limit.

    Raises:
        QuantityError, ConditionError: the limit is none, or makes a condition that is always or never true.
    """
    tick = read_limit(text, atom.field.ticks, at_bound=atom.field.ticks.whole)
    return Compare(atom.field, atom.operator, Limit(tick, text, parameter), atom.location)


def _rewritten(member: Member, name: str, value: str, condition: Callable[[Rule], Condition]) -> Member:
    rules = []
    for rule in member.rules:
        when = condition(rule)
        rules.append(rule if when is rule.when else evolve(rule, when=when, verified="unverified"))
    sha256 = hashlib.sha256(f"{member.sha256} {name}={value}".encode()).hexdigest()
    return evolve(member, rules=tuple(rules), version=f"{member.version} with {name}={value}", sha256=sha256)


def rewrite(condition: Condition, change: Callable[[Compare], Compare]) -> Condition:
    """The condition with every comparison changed; the very same condition where nothing was."""
    if isinstance(condition, Compare):
        return change(condition)
    if isinstance(condition, ATOMS):
        return condition
    if isinstance(condition, Not):
        item = rewrite(condition.item, change)
        return condition if item is condition.item else Not(item, condition.location)
    items = tuple(rewrite(item, change) for item in condition.items)
    if all(new is old for new, old in zip(items, condition.items, strict=True)):
        return condition
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, items, condition.location)
    return (And if isinstance(condition, And) else Or)(items, condition.location)
