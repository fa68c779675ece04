"""The same quantity across protocols: every limit on a field, and what each protocol makes of a finding, side by side.

Everything is derived from the rules. Only the comments, why sources differ, are written by hand (`conflicts.yaml`).

A number is compared where rules of two files set a limit on it. A finding (a flag or a set of sites, not a doctor's
answer or a population) is compared by the rules that it makes fire whatever else is known, given one and the same
answer of every doctor: what a protocol does with the finding itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import define, evolve, frozen

from exrx.errors import ProtocolError
from exrx.fields import Dictionary, Field, Members, load_dictionary
from exrx.library import library_root, shown_path
from exrx.protocol.library import list_protocols, load_protocol
from exrx.protocol.model import Parameter, Rule
from exrx.protocol.schema import Reader
from exrx.rules.nodes import TRUE, Compare, Condition, Not
from exrx.rules.one import evaluate
from exrx.yamlread import read_yaml

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


@define(eq=False)
class Stand:
    """What one rule says of a field: its comparison (None for a finding), and the protocols that ask the rule."""

    rule: Rule
    comparison: Compare | None
    parameter: Parameter | None
    protocols: tuple[str, ...]

    @property
    def file(self) -> str:
        """The file that the rule is written in: a protocol's or a module's."""
        return self.rule.location.file

    @property
    def since(self) -> str:
        """The date of the number; empty where none is said."""
        return self.parameter.since if self.parameter else ""

    @property
    def verified(self) -> str:
        """How well the number was seen, or the rule where it has none."""
        return self.parameter.verified if self.parameter else self.rule.verified

    @property
    def source(self) -> str:
        """Where the number was seen, or the rule where it has none."""
        return self.parameter.source if self.parameter else self.rule.source


@define(eq=False)
class Quantity:
    """A field with what every rule says of it, the lowest limit first, and a comment in both languages, or none."""

    field: Field
    stands: tuple[Stand, ...]
    comment: dict[str, str]


def compare_protocols(name: str | None = None) -> tuple[Quantity, ...]:
    """The quantities that rules of several files speak of, in the dictionary's order; or only the field `name`.

    A field that is asked for by name is given whole, even when one file alone speaks of it.

    Raises:
        FieldError: there is no such field.
        ProtocolError: a protocol or `conflicts.yaml` must not be used.
    """
    dictionary = load_dictionary()
    wanted = None if name is None else dictionary.field(name)
    placed, comments = _placed_rules(), read_comments(dictionary)
    found = []
    for entry in dictionary.fields.values() if wanted is None else (wanted,):
        stands = _stands(entry, placed, dictionary)
        if wanted is not None or len({stand.file for stand in stands}) > 1:
            found.append(Quantity(entry, tuple(stands), comments.get(entry.name, {})))
    return tuple(found)


@frozen
class _Placed:
    """A rule, the parameters it may name, and the protocols that ask it."""

    rule: Rule
    parameters: dict[str, Parameter]
    protocols: tuple[str, ...]


def _placed_rules() -> list[_Placed]:
    """Every rule of the library once, those of a module with all the protocols that include it."""
    found: dict[str, _Placed] = {}
    for summary in list_protocols():
        protocol = load_protocol(summary.id)
        for rule in protocol.rules:
            key = f"{rule.location} {rule.id}"
            known = found.get(key) or _Placed(rule, protocol.parameters, ())
            found[key] = evolve(known, protocols=(*known.protocols, protocol.id))
    return list(found.values())


def _stands(entry: Field, placed: Sequence[_Placed], dictionary: Dictionary) -> list[Stand]:
    if entry.is_numeric:
        stands = [stand for each in placed for stand in _limits(entry, each)]
        return sorted(stands, key=_order)
    if entry.kind == "gate" or entry.worse.kind == "none":
        return []
    settings = list(_findings(entry, dictionary))
    stands = [
        Stand(each.rule, None, None, each.protocols)
        for each in placed
        if entry.name in each.rule.fields and _is_enough(entry, each.rule, settings)
    ]
    return sorted(stands, key=lambda stand: (-stand.rule.then.clearance, stand.rule.id, stand.file))


def _order(stand: Stand) -> tuple[Any, ...]:
    assert stand.comparison is not None
    rule = stand.rule
    return stand.comparison.limit.tick, stand.comparison.operator, -rule.then.clearance, rule.id, stand.file


def _limits(entry: Field, placed: _Placed) -> Iterator[Stand]:
    """The limits a rule sets on a field, each once, turned round where it stands under a 'not'."""
    seen = set()
    for atom in _signed(placed.rule.when):
        key = (atom.operator, atom.limit.tick)
        if atom.field is entry and key not in seen:
            seen.add(key)
            parameter = placed.parameters.get(atom.limit.parameter or "")
            yield Stand(placed.rule, atom, parameter, placed.protocols)


def _signed(condition: Condition, negated: bool = False) -> Iterator[Compare]:
    if isinstance(condition, Not):
        yield from _signed(condition.item, not negated)
    elif isinstance(condition, Compare):
        yield evolve(condition, operator=_OPPOSITE[condition.operator]) if negated else condition
    else:
        for item in getattr(condition, "items", ()):
            yield from _signed(item, negated)


def _findings(entry: Field, dictionary: Dictionary) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """For each answer that all doctors may have given: the state with the finding, and the same without it."""
    fields = dictionary.fields
    best, worst = _best_and_worst(entry)
    gates = [field for field in fields.values() if field.kind == "gate"]
    for number in range(len(gates[0].options) if gates else 1):
        state: dict[str, Any] = {name: field.unknown for name, field in fields.items()}
        state |= {gate.name: 1 << number for gate in gates}
        yield state | {entry.name: worst}, state | {entry.name: best}


def _best_and_worst(entry: Field) -> tuple[Any, Any]:
    if entry.kind == "set":
        return Members(0, 0), Members(entry.every_option, entry.every_option)
    order = entry.worse.options or tuple(range(len(entry.options)))
    order = tuple(reversed(order)) if entry.worse.kind in ("no", "lower") else order
    return 1 << order[0], 1 << order[-1]


def _is_enough(entry: Field, rule: Rule, settings: list[tuple[dict[str, Any], dict[str, Any]]]) -> bool:
    """True when the finding makes the rule fire, under some answer of the doctors, and its absence never does so."""
    return any(
        evaluate(rule.when, present) == TRUE and evaluate(rule.when, absent) != TRUE for present, absent in settings
    )


def read_comments(dictionary: Dictionary) -> dict[str, dict[str, str]]:
    """The comments of `conflicts.yaml` by field.

    Raises:
        ProtocolError: a field that does not exist, or a language that is missing, with its place.
    """
    path = library_root() / "conflicts.yaml"
    reader = Reader()
    root = reader.table(read_yaml(path, shown_path(path)), "the comments")
    found = {}
    for name, node in root.entries.items():
        if name not in dictionary.fields:
            reader.fault("unknown-field", f"there is no field called '{name}'", root.places[name])
        table = reader.table(node, f"the comment on '{name}'", ("da", "en"), ("da", "en"))
        found[name] = reader.both_languages(table, name)
    if reader.diagnostics:
        raise ProtocolError(f"{shown_path(path)} cannot be used", tuple(reader.diagnostics))
    return found
