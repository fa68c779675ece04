"""The JSON Schema of a file of cases, and all schemas by the kind of file they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from exrx.fields import Dictionary, load_dictionary
from exrx.protocol.form import FILLS
from exrx.protocol.json_schema import DRAFT, TEXT, Schema, block, module_schema, one_or_more, protocol_schema, value_of
from exrx.protocol.sentences import STAGES
from exrx.rules.restriction import Clearance, Intensity, Progression, Setting, Supervision, Track
from exrx.screening.cases import CASE_KEYS, CASE_NEEDS, EXPECTABLE

_LEVELS: dict[str, Any] = {
    "clearance": Clearance, "definite": Clearance, "worst": Clearance, "clearance_not": Clearance,
    "track": Track, "track_if_cleared": Track, "track_not": Track, "setting": Setting, "supervision": Supervision,
    "aerobic_max": Intensity, "strength_max": Intensity, "progression": Progression,
}  # fmt: skip
_LISTS = {
    "consult": "roles", "not_consult": "roles", "avoid": "avoid", "no_avoid": "avoid", "monitor": "monitor",
    "no_monitor": "monitor", "refer": "refer", "no_refer": "refer", "allowed_meanwhile": "allowed_meanwhile",
    "again": "again",
}  # fmt: skip
_FIELDS = ("missing", "not_missing", "rule_out", "remeasure")


def cases_schema(dictionary: Dictionary) -> Schema:
    """The schema of `cases.yaml` and of `<module>.cases.yaml`."""
    values = {name: _given(value_of(entry)) for name, entry in dictionary.fields.items()}
    patient = {"type": "object", "additionalProperties": False, "properties": {**values, "id": TEXT, "forms": {}}}
    parts = {
        "name": {**TEXT, "description": "a sentence that says what is promised"},
        "protocol": TEXT,
        "stage": {"enum": list(STAGES)},
        "as_of": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "from": {"enum": list(FILLS), "description": "typical (healthy, inside the population) or blank"},
        "patient": {**patient, "description": "what differs from the patient it starts from; null takes a fact away"},
        "expect": {**block(EXPECTABLE, _expect(dictionary)), "description": "what must come out"},
    }
    case = block(CASE_KEYS, parts, CASE_NEEDS)
    listed = {"protocol": TEXT, "cases": {"type": "array", "items": case}}
    return {"$schema": DRAFT, "title": "exrx cases", **block(("protocol", "cases"), listed, ("cases",))}


def _given(value: Schema) -> Schema:
    """A value in a case may be null, and may be wrong on purpose."""
    return {**value, "anyOf": [*value["anyOf"], {"type": ["string", "null"]}]} if "anyOf" in value else value


def _expect(dictionary: Dictionary) -> dict[str, Schema]:
    parts: dict[str, Schema] = {key: one_or_more(levels.words()) for key, levels in _LEVELS.items()}
    parts |= {key: one_or_more(dictionary.vocabulary[vocabulary]) for key, vocabulary in _LISTS.items()}
    parts |= {key: one_or_more(dictionary.fields) for key in _FIELDS}
    return parts


SCHEMAS: dict[str, Callable[[Dictionary], Schema]] = {
    "protocol": protocol_schema, "module": module_schema, "cases": cases_schema,
}  # fmt: skip


def schema_text(kind: str) -> str:
    """The schema for a kind of file, as the text of a `.schema.json`.

    Raises:
        KeyError: no such kind; there are `protocol`, `module` and `cases`.
    """
    return json.dumps(SCHEMAS[kind](load_dictionary()), ensure_ascii=False, indent=1) + "\n"
