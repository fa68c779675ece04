"""Limits that a person set: a gate answered `limited` brings its own restriction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import frozen

from exrx.fields import GATE_OPTIONS, Dictionary
from exrx.knowledge import Knowledge
from exrx.protocol.schema import Reader
from exrx.protocol.then import read_restriction
from exrx.rules.restriction import Clearance, Restriction
from exrx.yamlread import read_yaml_text

_OTHER_KEYS = ("clearance", "text")


@frozen
class GateLimit:
    """The limits that came with a gate: what they restrict, their words, and what of them was not understood."""

    gate: str
    restriction: Restriction
    words: str
    not_understood: tuple[str, ...] = ()


CLEARED, LIMITED = (1 << GATE_OPTIONS.index(option) for option in ("cleared", "limited"))
NOT_STATED = "'limited' says nothing of which limits; ask for them"


def gate_limits(knowledge: Knowledge, dictionary: Dictionary) -> tuple[GateLimit, ...]:
    """The limits of each gate that brought some, and of each that is, or when it expired was, `limited`.

    Parts that cannot be read are named in `not_understood`, and so is a `limited` that says no limits; nothing of what
    can be read is lost. A limit never changes the clearance beyond `modify`: the gate itself does that.
    """
    raw = knowledge.gate_limits
    named = {name: raw[name] for name in raw if dictionary.fields[name].kind == "gate"}
    silent = {name: None for name in gates(dictionary) if name not in raw and _is_limited(knowledge.state[name])}
    return tuple(_limit(gate, limits, dictionary) for gate, limits in sorted((named | silent).items()))


def _is_limited(possible: Any) -> bool:
    """Limited, or what `limited` becomes when it expires: perhaps worse, but not cleared."""
    return bool(possible & LIMITED) and not possible & CLEARED


@lru_cache(maxsize=4)
def gates(dictionary: Dictionary) -> tuple[str, ...]:
    """The names of all gates."""
    return tuple(name for name, entry in dictionary.fields.items() if entry.kind == "gate")


def _limit(gate: str, limits: Any, dictionary: Dictionary) -> GateLimit:
    if not limits:
        return GateLimit(gate, Restriction(Clearance.MODIFY), "", (NOT_STATED,))
    if not isinstance(limits, Mapping):
        return GateLimit(gate, Restriction(Clearance.MODIFY), str(limits))
    reader = Reader()
    parts = {key: value for key, value in limits.items() if key not in _OTHER_KEYS}
    node = read_yaml_text(json.dumps(parts, ensure_ascii=False), gate)  # JSON is YAML: one reader for both
    restriction = read_restriction(node, reader, dictionary, gate)
    faults = tuple(diagnostic.message for diagnostic in reader.diagnostics)
    if "clearance" in limits:
        faults += ("a limit cannot set the clearance; the gate's own answer does",)
    modified = Restriction(Clearance.MODIFY) | restriction
    return GateLimit(gate, modified, str(limits.get("text", "")), faults)
