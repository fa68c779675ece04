"""A protocol of which some numbers are to take many values: where they stand, and what each value loosens.

The limits are marked in the conditions, so that a stage is made ready once for all values (`screening/variants.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from exrx.errors import ProtocolError
from exrx.protocol.limits import limit_text, moved_compare, rewrite, unit_of, which_limit
from exrx.protocol.local import BOTH_WAYS, LOOSENS, TIGHTENS
from exrx.protocol.loosening import signed_atoms
from exrx.protocol.model import Member, Protocol
from exrx.rules.nodes import Compare, Condition, Limit, atoms
from exrx.rules.restriction import Restriction

SAME = "same"
_MARK = "varied "


@frozen(eq=False)
class Place:
    """One comparison whose limit is varied: the name's position, the unit a bare number is read in, the comparison.

    `fires_for_more`: whether a higher limit makes rules fire for more patients (`+`), for fewer (`-`) or for some more
    and some fewer (`+-`); empty where nothing that restricts hangs on it.
    """

    name: int
    unit: str
    atom: Compare
    fires_for_more: str


@frozen(eq=False)
class Varied:
    """A protocol with the limits of `names` marked: `protocol` has a mark as the parameter of each such limit."""

    names: tuple[str, ...]
    protocol: Protocol
    places: tuple[Place, ...]
    units: dict[str, tuple[int, str]]

    def place_of(self, atom: Compare) -> tuple[int, str] | None:
        """Which name a comparison's limit belongs to, and its unit; None where it is not varied."""
        return self.units.get(atom.limit.parameter or "")

    def loosens(self, name: int, value: str) -> str:
        """What one value does beside the protocol's own: yes (some can only be freer), no, both, or same."""
        found: set[str] = set()
        for place in self.places:
            if place.name != name:
                continue
            step = moved_compare(place.atom, limit_text(value, place.unit), None).limit.tick - place.atom.limit.tick
            if step and place.fires_for_more:
                found |= {TIGHTENS if (sign == "+") == (step > 0) else LOOSENS for sign in place.fires_for_more}
        return joined_verdict(found)


def joined_verdict(found: set[str]) -> str:
    """The verdict of several changes together."""
    found = found - {SAME}
    if BOTH_WAYS in found or len(found) > 1:
        return BOTH_WAYS
    return next(iter(found), SAME)


def vary(protocol: Protocol, names: tuple[str, ...]) -> Varied:
    """Mark the limits of some parameters, or of rules with one number, named as `with_limit` names them.

    Raises:
        ProtocolError: there is no such parameter or rule, a rule has no number or several, no rule uses a parameter,
        or two names mean the same limit.
    """
    places: list[Place] = []
    units: dict[str, tuple[int, str]] = {}
    marked = protocol
    for position, name in enumerate(names):
        only, parameter = which_limit(protocol, name)
        members = []
        for member, original in zip(marked.members, protocol.members, strict=True):
            if only is None or original is only:
                member = _marked(member, position, name, parameter, places, units)
            members.append(member)
        marked = Protocol(tuple(members))
        if all(place.name != position for place in places):
            raise ProtocolError(f"no rule of {protocol.id} uses the number '{name}', so varying it changes nothing")
    return Varied(names, marked, tuple(places), units)


def _marked(
    member: Member, position: int, name: str, parameter: str | None, places: list[Place],
    units: dict[str, tuple[int, str]],
) -> Member:
    if parameter is not None and parameter not in member.parameters:
        return member

    def mark(atom: Compare) -> Compare:
        limit = atom.limit
        if parameter is None or limit.parameter == parameter:
            unit = unit_of(atom) if parameter is None else member.parameters[parameter].unit
            label = f"{_MARK}{position} {unit}"
            units[label] = position, unit
            return evolve(atom, limit=Limit(limit.tick, limit.text, label))
        return atom

    def note(before: Condition, after: Condition, signs: str) -> None:
        old = [atom for atom in atoms(before) if isinstance(atom, Compare)]
        new = [(atom, sign) for atom, sign in signed_atoms(after) if isinstance(atom, Compare)]
        for atom, (moved, positive) in zip(old, new, strict=True):
            if moved is atom:
                continue
            if (atom.limit.parameter or "").startswith(_MARK):
                raise ProtocolError(f"'{name}' is varied twice: another of the names moves the same limit")
            label = moved.limit.parameter or ""
            places.append(Place(*units[label], atom, "".join(_directions(moved, positive, signs))))

    rules = []
    for rule in member.rules:
        when = rule.when if parameter is None and rule.id != name else rewrite(rule.when, mark)
        if when is not rule.when:
            note(rule.when, when, "" if rule.then == Restriction.none() else "+")
            rule = evolve(rule, when=when)
        rules.append(rule)
    applies_to = member.applies_to
    if applies_to is not None and parameter is not None:
        applies_to = rewrite(applies_to, mark)
        note(member.applies_to, applies_to, "+-")  # type: ignore[arg-type]
    return evolve(member, rules=tuple(rules), applies_to=applies_to)


def _directions(atom: Compare, positive: bool, signs: str) -> Iterator[str]:
    """`signs` as they hold for a higher limit of this comparison."""
    if not signs:
        return
    if signs == "+-" or atom.operator in ("=", "!="):
        yield from "+-"
    else:
        yield "+" if (atom.operator in ("<", "<=")) == positive else "-"
