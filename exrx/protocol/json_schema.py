"""A JSON Schema of protocol and module files, made from the same keys and lists that the reader checks against.

Editors use it to complete and to mark. It knows the shape, the closed lists and the names of fields; what stands in a
condition, and everything that needs two places at once, is left to `exrx protocol check`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exrx.fields import Dictionary, Field
from exrx.library import library_root, shown_path
from exrx.protocol.find import protocol_folders
from exrx.protocol.model import EXCEPTIONS, PARAMETER_KEYS, VERIFIED
from exrx.protocol.overlay import NEEDED_KEYS as OVERLAY_NEEDS
from exrx.protocol.overlay import OVERLAY_KEYS
from exrx.protocol.read import (
    MODULE_KEYS,
    MODULE_NEEDS,
    PARAMETER_NEEDS,
    PROTOCOL_KEYS,
    PROTOCOL_NEEDS,
    START_KEYS,
    VALIDITY_KEYS,
)
from exrx.protocol.schema import LANGUAGES
from exrx.protocol.sentences import CONFIRM_KEYS, EXCEPTION_KEYS, LAW_KEYS, LAW_KINDS, RULE_KEYS, RULE_NEEDS, STAGES
from exrx.protocol.then import KEYS, LEVEL_WORDS, VOCABULARY_OF
from exrx.yamlread import read_plain_yaml

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
TEXT: Schema = {"type": ["string", "number"]}
WHOLE: Schema = {"type": ["integer", "string"], "pattern": "^[0-9]+$"}
_CONDITION = "Such as: platelets < platelets_min and not (line = none). Fields: exrx fields"
_SAYS = {
    "id": "short and lower case, with hyphens",
    "version": "such as 2026.1; change it whenever a rule changes",
    "applies_to": f"for whom the protocol is made; nobody else is cleared by it. {_CONDITION}",
    "includes": "modules whose rules hold too, such as modules/red-flags",
    "starts_from": "where everyone of this protocol begins",
    "validity": "how long a value speaks for today, where the dictionary says otherwise",
    "validity_at": "the same for one stage",
    "parameters": "every number: value, unit, source, how well it was seen, since when",
    "terms": "names for parts of conditions",
    "typical": "what holds for a healthy patient of the population",
    "exceptions": "what a proof would find and is meant so, with the reason",
    "laws": "what must hold for every patient, proved by exrx protocol prove",
    "extends": "the protocol that this file changes: its id, or a path from here",
    "author": "the department and the role that answer for it",
    "reason": "why, in Danish and English; every output shows it",
    "default": "yes: for those who are unsure; nothing unverified may stand in it",
    "supplement": "yes: adds its rules to another protocol's, and covers nobody by itself",
    "for_everyone": "yes: the rules hold for patients outside the protocol's population too",
    "when": f"when the rule fires; an unknown fact leaves it undecided. {_CONDITION}",
    "then": "what is restricted when it fires",
    "because": "the reason, in Danish and English",
    "verified": "primary: seen in the source itself; secondary: seen in another text; unverified: neither",
    "since": "when the source said so: 2015, 2015-02 or 2015-02-01",
    "confirm": "wait for a second reading before the rule fires",
    "polarity": "an exception: the rule asks the other way round for this field, and why",
    "avoid": "what the training leaves out",
    "again": "when to look again",
    "allowed_meanwhile": "what stays allowed while training waits",
}


def protocol_schema(dictionary: Dictionary) -> Schema:
    """The schema of `protocol.yaml`, and of a local file that `extends` a protocol."""
    whole = _document("exrx protocol", PROTOCOL_KEYS, PROTOCOL_NEEDS, dictionary)
    overlay = block(OVERLAY_KEYS, {**whole["properties"], **_overlay_parts()}, OVERLAY_NEEDS)
    own = {key: whole.pop(key) for key in ("type", "additionalProperties", "properties", "required")}
    return {**whole, "if": {"required": ["extends"]}, "then": overlay, "else": own}


def _overlay_parts() -> dict[str, Schema]:
    return {
        "extends": _suggested(folder.name for folder in protocol_folders()),
        "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "author": {"type": "string", "pattern": "\\S"},
        "reason": both_languages(),
    }


def module_schema(dictionary: Dictionary) -> Schema:
    """The schema of a module that protocols include."""
    return _document("exrx module", MODULE_KEYS, MODULE_NEEDS, dictionary)


def _document(title: str, keys: Iterable[str], needed: Iterable[str], dictionary: Dictionary) -> Schema:
    parts = {
        "id": {**TEXT, "pattern": "\\S"},
        "version": TEXT,
        "title": both_languages(),
        "applies_to": {"type": "string"},
        "stages": one_or_more(STAGES),
        "starts_from": block(START_KEYS, _restriction_parts(dictionary)),
        "includes": {"anyOf": [{"type": "string"}, {"type": "array", "items": _suggested(_modules())}]},
        "for_everyone": {"enum": ["yes", "no"]},
        "default": {"enum": ["yes", "no"]},
        "supplement": {"enum": ["yes", "no"]},
        "validity": {"$ref": "#/definitions/validities"},
        "validity_at": {"type": "object", "additionalProperties": False,
                        "properties": {stage: {"$ref": "#/definitions/validities"} for stage in STAGES}},
        "parameters": {"type": "object", "additionalProperties": _parameter()},
        "terms": {"type": "object", "additionalProperties": {"type": "string"}},
        "rules": {"type": "array", "items": {"$ref": "#/definitions/rule"}},
        "laws": {"type": "array", "items": _law()},
        "exceptions": {"type": "array", "items": block(EXCEPTION_KEYS, _exception_parts(), EXCEPTION_KEYS)},
        "typical": {"type": "object", "additionalProperties": False,
                    "properties": {name: value_of(entry) for name, entry in dictionary.fields.items()}},
        "note": TEXT, "author": TEXT, "date": TEXT,
    }  # fmt: skip
    return {
        "$schema": DRAFT,
        "title": title,
        **block(keys, parts, needed),
        "definitions": {"rule": _rule(dictionary), "validities": _validities(dictionary)},
    }


def block(keys: Iterable[str], parts: dict[str, Schema], needed: Iterable[str] = ()) -> Schema:
    """A mapping with exactly these keys, each with its hint; a key that has no part may hold anything."""
    properties = {key: {"description": _SAYS[key], **parts.get(key, {})} if key in _SAYS else parts.get(key, {})
                  for key in keys}  # fmt: skip
    made: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**made, "required": list(needed)} if needed else made


def one_or_more(words: Iterable[str]) -> Schema:
    """A word out of a closed list, or a list of them."""
    one = {"enum": list(words)}
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _suggested(words: Iterable[str]) -> Schema:
    """Any text, with words that an editor offers."""
    return {"anyOf": [{"enum": list(words)}, {"type": "string"}]}


def both_languages() -> Schema:
    """A text in Danish and English, or one for both."""
    return {"anyOf": [block(LANGUAGES, {lang: {"type": "string"} for lang in LANGUAGES}), TEXT]}


def _rule(dictionary: Dictionary) -> Schema:
    parts = {
        "id": {**TEXT, "pattern": "\\S"},
        "domain": {"enum": list(dictionary.vocabulary["domains"])},
        "stage": one_or_more(STAGES),
        "when": {"type": "string"},
        "then": block(KEYS, _restriction_parts(dictionary)),
        "because": both_languages(),
        "source": _suggested(_sources()),
        "verified": {"enum": list(VERIFIED)},
        "note": TEXT,
        "confirm": block(CONFIRM_KEYS, dict.fromkeys(CONFIRM_KEYS, WHOLE), CONFIRM_KEYS),
        "polarity": {"type": "object", "propertyNames": {"enum": list(dictionary.fields)}},
    }
    return block(RULE_KEYS, parts, RULE_NEEDS)


def _law() -> Schema:
    """One sentence, under one of its kinds."""
    sentence: Schema = {"type": "string"}
    parts = {**dict.fromkeys(LAW_KINDS, sentence), "stage": one_or_more(STAGES), "because": both_languages()}
    return {**block(LAW_KEYS, parts), "oneOf": [{"required": [kind]} for kind in LAW_KINDS]}


def _exception_parts() -> dict[str, Schema]:
    return {"proof": {"enum": list(EXCEPTIONS)}, "of": TEXT, "because": both_languages()}


def _restriction_parts(dictionary: Dictionary) -> dict[str, Schema]:
    parts: dict[str, Schema] = {key: {"enum": [word for word in words if word != "assess"]}
                                for key, words in LEVEL_WORDS.items()}  # fmt: skip
    for key, vocabulary in VOCABULARY_OF.items():
        parts[key] = one_or_more(dictionary.vocabulary.get(vocabulary, {}))
    events = one_or_more(dictionary.vocabulary.get("again", {}))
    parts["again"] = block(("after", "days"), {"after": events, "days": WHOLE})
    return {key: parts.get(key, WHOLE) for key in KEYS}


def _parameter() -> Schema:
    parts = {"value": TEXT, "unit": TEXT, "source": _suggested(_sources()), "verified": {"enum": list(VERIFIED)},
             "since": TEXT, "note": TEXT}  # fmt: skip
    return block(PARAMETER_KEYS, parts, PARAMETER_NEEDS)


def _validities(dictionary: Dictionary) -> Schema:
    parts = {
        "for": {"type": "string", "pattern": "^[0-9]+ (d|day|days|week|weeks|h|months|years)$"},
        "until": one_or_more(dictionary.events),
        "verified": {"enum": list(VERIFIED)}, "note": TEXT, "source": _suggested(_sources()),
    }  # fmt: skip
    return {"type": "object", "propertyNames": {"enum": list(dictionary.fields)},
            "additionalProperties": block(VALIDITY_KEYS, parts)}  # fmt: skip


def value_of(entry: Field) -> Schema:
    """What may stand for a field: its answers are offered, other forms of patient JSON are let through."""
    unit = f" [{entry.ticks.unit}]" if entry.is_numeric else ""
    said = f"{entry.labelled('en')}{unit} / {entry.labelled('da')}"
    if entry.is_numeric:
        return {"description": said}
    if entry.kind == "set":
        return {"description": said, "anyOf": [one_or_more(entry.options), {"type": ["string", "array", "object"]}]}
    return {"description": said, "anyOf": [{"enum": [*entry.options, "unknown"]}, {"type": ["object", "null"]}]}


def _modules() -> list[str]:
    folder = library_root() / "screening"
    return [f"modules/{path.stem}" for path in sorted((folder / "modules").glob("*.yaml"))
            if not path.stem.endswith(".cases")]  # fmt: skip


def _sources() -> list[str]:
    path = library_root() / "sources.yaml"
    return list(read_plain_yaml(path, shown_path(path)))
