"""Local overlays: a file that `extends` a protocol, changes its numbers and adds rules, and never touches its file.

An overlay is read in two steps. Here it is held against the protocol below it: who, when and why must stand in it, no
rule or term of the protocol may be taken away or rewritten, and a changed number must fit everywhere it is used.
`read.py` then reads the protocol again with the changed numbers in place; `loosening.py` finds what that made freer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from attrs import evolve, frozen

from exrx.errors import ConditionError, Location, ProtocolError, QuantityError
from exrx.library import library_root, shown_path
from exrx.protocol.find import protocol_folders, protocol_path
from exrx.protocol.model import PARAMETER_KEYS, Member
from exrx.protocol.schema import LANGUAGES, Reader
from exrx.quantities import read_limit
from exrx.rules.nodes import AnyOf, Compare, Condition, Limit, Not, OneOf, atoms
from exrx.rules.polarity import reversals
from exrx.yamlread import Mapping, Node, Scalar, Sequence, read_yaml

OVERLAY_KEYS = (
    "id", "version", "extends", "author", "date", "reason", "title", "starts_from", "includes", "validity",
    "validity_at", "parameters", "terms", "rules", "laws", "exceptions", "typical", "note",
)  # fmt: skip
NEEDED_KEYS = ("id", "version", "extends", "author", "date", "reason")
_ADDING = ("includes", "terms", "validity", "validity_at", "rules", "laws", "exceptions")
_ONE_BASE = (
    "an overlay extends one protocol; to ask others as well, include their modules, or join them when you ask: "
    "--protocol FILE,maltser-2017"
)
_REFUSED = {
    "applies_to": "an overlay keeps the population of the protocol it extends; write a protocol of your own with "
    "applies_to, and include the modules you need",
    "stages": "an overlay keeps the stages of the protocol it extends; write a protocol of your own",
} | dict.fromkeys(
    ("remove", "delete", "disable", "drop", "exclude", "without", "replace"),
    "rules cannot be taken away: change the number they use under parameters:, or write a protocol of your own that "
    "includes the modules you agree with",
)


@frozen
class Layer:
    """One file of a chain of overlays, with the key that named it."""

    path: Path
    root: Node


@frozen
class Overlay:
    """A checked overlay: the numbers it changes, what it adds, and who answers for it."""

    path: Path
    root: Mapping
    id: str
    author: str
    date: str
    reason: dict[str, str]
    changed: dict[str, Node]
    additions: Mapping


def layers_of(path: Path, reader: Reader) -> tuple[Layer, ...]:
    """The protocol that everything rests on, then the overlays on it up to `path`; empty after a reported fault.

    Raises:
        ProtocolError: a file cannot be read as YAML.
    """
    layers: list[Layer] = []
    while True:
        root = read_yaml(path, shown_path(path))
        layers.append(Layer(path, root))
        if _says_nothing(root, reader):
            return ()
        extends = root.get("extends") if isinstance(root, Mapping) else None
        if extends is None:
            return tuple(reversed(layers))
        base = extends.text if isinstance(extends, Scalar) else ""
        if not base or "," in base:
            code = "unknown-base" if base else "wrong-shape"
            reader.fault(code, "extends: must name one protocol", extends.location, _ONE_BASE)
            return ()
        try:
            path = protocol_path(base, path.parent)
        except ProtocolError as error:
            hint = "extends: names a shipped protocol, or a file by its path from this one"
            reader.fault("unknown-base", error.message, extends.location, hint)
            return ()
        if any(layer.path.resolve() == path.resolve() for layer in layers):
            reader.fault("overlay-cycle", f"'{base}' extends itself", extends.location,
                         "the last file of the chain must be a protocol with rules of its own")  # fmt: skip
            return ()


def _says_nothing(root: Node, reader: Reader) -> bool:
    """Report a file with nothing in it, and one that is written as an overlay of nothing."""
    if not isinstance(root, Mapping):
        return False
    if not root.entries:
        reader.fault("wrong-shape", "the file is empty", root.location,
                     "begin with: exrx protocol new FOLDER, or write extends: and the protocol to change")  # fmt: skip
    elif "reason" in root.entries and not root.entries.keys() & {"extends", "rules"}:
        reader.fault("missing-key", "the file gives a reason for a change, and does not say of which protocol",
                     root.location, "add extends: with its id, such as extends: dk-2015")  # fmt: skip
    else:
        return False
    return True


def read_overlay(layer: Layer, below: Member, reader: Reader) -> Overlay:
    """An overlay held against `below`, the protocol it extends; every fault is reported to `reader`."""
    root = reader.table(layer.root, "an overlay", (*OVERLAY_KEYS, *_REFUSED), NEEDED_KEYS)
    for key in _REFUSED:
        if key in root.entries:
            reader.fault("overlay-cannot", f"an overlay cannot have '{key}'", root.places[key], _REFUSED[key])
    changing = {"parameters", "starts_from", *_ADDING}
    if root.entries.keys() <= {*OVERLAY_KEYS} - changing:
        reader.remark(
            "overlay-changes-nothing",
            "the overlay changes nothing",
            root.location,
            "write the change under parameters: or rules:, or use the protocol itself",
        )
    _refuse_taken_id(root, layer, below, reader)
    changed, new = _sorted_parameters(root, below, reader)
    kept = {key: root.entries[key] for key in _ADDING if key in root.entries}
    kept |= {"parameters": Mapping(new, root.location)} if new else {}
    kept |= _only_new(kept, below, reader)
    return Overlay(
        path=layer.path,
        root=root,
        id=reader.text(root.get("id"), "id"),
        author=_needed_text(root, "author", "the department and the role that answer for it", reader),
        date=_day(root, reader),
        reason=_reason(root, reader),
        changed=changed,
        additions=Mapping(kept, root.location, root.places),
    )


def _refuse_taken_id(root: Mapping, layer: Layer, below: Member, reader: Reader) -> None:
    """Under the id of another protocol nobody could tell the two apart in an answer."""
    name = reader.text(root.get("id"), "id")
    taken = {below.id, *below.extends, *(folder.name for folder in protocol_folders())}
    if name in taken and not layer.path.resolve().is_relative_to(library_root()):
        reader.fault("taken-id", f"'{name}' is the id of another protocol", root.places["id"],
                     f"give yours one of its own, such as {name}-our-unit")  # fmt: skip


def _needed_text(root: Mapping, key: str, what: str, reader: Reader) -> str:
    text = " ".join(reader.text(root.get(key), key).split())
    if key in root.entries and not text:
        reader.fault("missing-key", f"{key}: must say {what}", root.places[key])
    return text


def _day(root: Mapping, reader: Reader) -> str:
    text = _needed_text(root, "date", "the day of the decision", reader)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        reader.fault("wrong-date", f"'{text}' is not a day", root.places["date"], "write it as 2026-11-25")
        return text


def _reason(root: Mapping, reader: Reader) -> dict[str, str]:
    words = reader.both_languages(root.get("reason"), "reason")
    for lang in LANGUAGES:
        if "reason" in root.entries and not words.get(lang):
            name = "Danish" if lang == "da" else "English"
            reader.fault("missing-language", f"the reason lacks its {name} text", root.places["reason"],
                         "every output shows it, in the language that is read: reason: {da: .., en: ..}")  # fmt: skip
    return {lang: words.get(lang, "") for lang in LANGUAGES}


# Numbers


def _sorted_parameters(root: Mapping, below: Member, reader: Reader) -> tuple[dict[str, Node], dict[str, Node]]:
    """The changes of numbers of `below`, and the new numbers that the added rules use."""
    changed: dict[str, Node] = {}
    new: dict[str, Node] = {}
    parameters = reader.table(root.get("parameters"), "parameters")
    written = _written_conditions(root)
    for name, node in parameters.entries.items():
        if name in below.parameters:
            if _fits(name, node, below, reader):
                changed[name] = node
        elif re.search(rf"\b{re.escape(name)}\b", written):
            new[name] = node
        else:
            near = get_close_matches(name, below.parameters, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "it has: " + ", ".join(below.parameters)
            reader.fault("unknown-parameter", f"{below.id} has no parameter '{name}', and no added rule uses it",
                         parameters.places[name], hint)  # fmt: skip
    return changed, new


def _written_conditions(root: Mapping) -> str:
    rules, terms = root.get("rules"), root.get("terms")
    found = [rule.get("when") for rule in getattr(rules, "items", ()) if isinstance(rule, Mapping)]
    found += list(terms.entries.values()) if isinstance(terms, Mapping) else []
    return " ".join(node.text for node in found if isinstance(node, Scalar))


def _fits(name: str, node: Node, below: Member, reader: Reader) -> bool:
    """Whether a changed number can stand wherever the old one does; what forbids it is reported."""
    old = below.parameters[name]
    if not _is_whole(name, node, old.unit, reader):
        return False
    table = reader.table(node, f"parameter '{name}'", PARAMETER_KEYS)
    value, unit = (reader.text(table.get(key), f"{name}: {key}") for key in ("value", "unit"))
    place = table.places.get("value", table.location)
    if not value:
        return False
    source, verified = (reader.text(table.get(key), f"{name}: {key}") for key in ("source", "verified"))
    if source == "local-decision" and verified != "unverified":
        reader.fault("verified-local-decision", f"{name}: a local decision has no source to verify it in",
                     table.places.get("verified", place), "write verified: unverified")  # fmt: skip
        return False
    if old.unit and not unit:
        reader.fault("needs-unit", f"{name}: {below.id} gives it in {old.unit}, and here no unit stands", place,
                     f"write unit: {old.unit}")  # fmt: skip
        return False
    text = f"{value} {unit}".strip()
    uses = list(_uses(below, name))
    if not uses and unit != old.unit:
        reader.fault("wrong-dimension", f"{name}: {below.id} gives it in {old.unit or 'no unit'}, not {unit}", place)
        return False
    for condition, declared in uses:
        known = {each.atom.field.name for each in reversals(condition)} | set(declared)
        try:
            after = with_limit(condition, name, text)
        except (QuantityError, ConditionError) as error:
            reader.fault(error.code, f"{name}: {error.message}", place, error.suggestion)
            return False
        for reversal in reversals(after):
            if reversal.atom.field.name not in known:
                reader.fault("against-polarity", f"{name}: {reversal.message}", place)
                return False
    return True


def _is_whole(name: str, node: Node, unit: str, reader: Reader) -> bool:
    """Whether all stands there that a changed number must have; else how it is written."""
    measured = f"unit: {unit}, " if unit else ""
    written = f"write for example {{value: .., {measured}source: local-decision, verified: unverified}}"
    if not isinstance(node, Mapping):
        reader.fault("wrong-shape", f"parameter '{name}' must be a block of keys and values", node.location, written)
        return False
    lacking = [key for key in ("value", "source", "verified") if key not in node.entries]
    for key in lacking:
        reader.fault("missing-key", f"parameter '{name}' needs the key '{key}'", node.location, written)
    return not lacking


def _uses(member: Member, name: str) -> Iterator[tuple[Condition, dict[str, str]]]:
    """The conditions that hold a number, each with the reversed fields that its rule declares."""
    found: list[tuple[Condition, dict[str, str]]] = [(rule.when, rule.polarity) for rule in member.rules]
    if member.applies_to is not None:
        found.append((member.applies_to, {}))
    for condition, declared in found:
        if any(isinstance(atom, Compare) and atom.limit.parameter == name for atom in atoms(condition)):
            yield condition, declared


def with_limit(condition: Condition, name: str, text: str) -> Condition:
    """The condition with the limit `text` wherever the parameter `name` stands.

    Raises:
        QuantityError, ConditionError: the limit has another dimension, or could never decide anything.
    """
    if isinstance(condition, Compare):
        if condition.limit.parameter != name:
            return condition
        scale = condition.field.ticks
        return evolve(condition, limit=Limit(read_limit(text, scale, at_bound=scale.whole), text, name))
    if isinstance(condition, OneOf | AnyOf):
        return condition
    if isinstance(condition, Not):
        return evolve(condition, item=with_limit(condition.item, name, text))
    return evolve(condition, items=tuple(with_limit(item, name, text) for item in condition.items))


# Rules and terms


def _only_new(kept: dict[str, Node], below: Member, reader: Reader) -> dict[str, Node]:
    """The added rules and terms without those that `below` has already, each of which is a fault."""
    found: dict[str, Node] = {}
    rules, terms = kept.get("rules"), kept.get("terms")
    if isinstance(rules, Sequence):
        found["rules"] = evolve(rules, items=tuple(item for item in rules if not _rewrites(item, below, reader)))
    if isinstance(terms, Mapping):
        for name in terms.entries:
            if name in below.terms:
                reader.fault("rewrites-rule", f"the term '{name}' belongs to {below.id} and cannot be rewritten",
                             terms.places[name], "give yours another name")  # fmt: skip
        entries = {name: node for name, node in terms.entries.items() if name not in below.terms}
        found["terms"] = evolve(terms, entries=entries)
    return found


def _rewrites(item: Node, below: Member, reader: Reader) -> bool:
    node = item.get("id") if isinstance(item, Mapping) else None
    rule_id = node.text if isinstance(node, Scalar) else ""
    if node is None or rule_id not in {rule.id for rule in below.rules}:
        return False
    rule = next(rule for rule in below.rules if rule.id == rule_id)
    numbers = ", ".join(rule.parameters)
    reader.fault(
        "rewrites-rule", f"the rule '{rule_id}' belongs to {below.id} and cannot be rewritten or taken away",
        node.location,
        (f"change its number under parameters: ({numbers}), or " if numbers else "")
        + "add a rule with an id of your own; to be freer than that, write a protocol of your own",
    )  # fmt: skip
    return True


def merged_block(nodes: list[Node | None], place: Location) -> Mapping:
    """Blocks laid over each other, a later one's keys winning."""
    blocks = [node for node in nodes if isinstance(node, Mapping)]
    entries = {key: value for block in blocks for key, value in block.entries.items()}
    places = {key: where for block in blocks for key, where in block.places.items()}
    return Mapping(entries, blocks[-1].location if blocks else place, places)
