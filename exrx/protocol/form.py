"""A patient form for a protocol: the fields it reads at a stage, blank or filled with a typical patient."""

from __future__ import annotations

from typing import Any

from exrx.errors import ProtocolError
from exrx.fields import Field, Validity
from exrx.protocol.model import Protocol
from exrx.protocol.stage import StageRules, stage_rules

FILLS = ("blank", "typical")


def form_patient(protocol: Protocol, stage: str, fill: str = "blank") -> dict[str, Any]:
    """Patient JSON with a key for each field that the protocol reads at `stage`.

    `blank` leaves every value null. `typical` gives a patient inside the protocol's population: healthy values, risks
    no, gates cleared, each stamped `origin: example`, which every output shows and no final plan accepts.

    Raises:
        ProtocolError: no such stage or fill.
    """
    if fill not in FILLS:
        raise ProtocolError(f"a form is filled '{FILLS[0]}' or '{FILLS[1]}', not '{fill}'")
    rules = stage_rules(protocol, stage)
    outdating = _outdating_fields(protocol.validity_at(stage), rules)
    asked = [
        entry
        for name, entry in rules.dictionary.fields.items()
        if name in rules.rules_by_field or name in outdating
    ]
    if fill == "blank":
        return {"id": "", **{entry.name: None for entry in asked if not entry.items}}
    own = protocol.typical
    values = {entry.name: _stamped(entry, own.get(entry.name, entry.typical)) for entry in asked if not entry.items}
    values |= {name: _stamped(rules.dictionary.fields[name], value) for name, value in own.items()}
    return {"id": "example-1", **{name: value for name, value in values.items() if value is not None}}


def _outdating_fields(own: dict[str, Validity], rules: StageRules) -> set[str]:
    """The dates of events that would outdate a value which the rules read."""
    fields, events = rules.dictionary.fields, rules.dictionary.events
    validities = (own.get(name) or fields[name].validity for name in rules.rules_by_field)
    return {events[event] for validity in validities if validity for event in validity.until}


def _stamped(entry: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    stamped: dict[str, Any] = {"value": value, "origin": "example"}
    if entry.kind == "quantity" and entry.scale is not None and entry.scale.ambiguous:
        stamped["unit"] = entry.scale.unit
    return stamped
