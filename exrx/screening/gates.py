"""Limits that a person set: a gate answered `limited` brings its own restriction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from exrx.fields import Dictionary
from exrx.protocol.schema import Reader
from exrx.protocol.then import read_restriction
from exrx.rules.restriction import Clearance, Restriction
from exrx.yamlread import read_yaml_text


@frozen
class GateLimit:
    """The limits that came with a gate: what they restrict, their words, and what of them was not understood."""

    gate: str
    restriction: Restriction
    words: str
    not_understood: tuple[str, ...] = ()


def gate_limits(raw: Mapping[str, Any], dictionary: Dictionary) -> tuple[GateLimit, ...]:
    """The limits of each gate in `raw`, a mapping gate -> text or restriction parts.

    Parts that cannot be read are named in `not_understood`; nothing of what can be read is lost. A limit never lowers
    the clearance: the gate itself does that.
    """
    return tuple(_limit(gate, limits, dictionary) for gate, limits in sorted(raw.items()))


def _limit(gate: str, limits: Any, dictionary: Dictionary) -> GateLimit:
    if not isinstance(limits, Mapping):
        return GateLimit(gate, Restriction(Clearance.MODIFY), str(limits or ""))
    reader = Reader()
    parts = {key: value for key, value in limits.items() if key not in ("clearance", "text")}
    node = read_yaml_text(json.dumps(parts, ensure_ascii=False), gate)  # JSON is YAML: one reader for both
    restriction = read_restriction(node, reader, dictionary, gate)
    faults = tuple(diagnostic.message for diagnostic in reader.diagnostics)
    modified = Restriction(Clearance.MODIFY) | restriction
    return GateLimit(gate, modified, str(limits.get("text", "")), faults)
