"""The `then:` of a rule: YAML to a `Restriction`."""

from __future__ import annotations

from typing import Any

from exrx.errors import Location
from exrx.fields import Dictionary
from exrx.protocol.schema import Reader
from exrx.rules.restriction import Again, Clearance, Intensity, Progression, Restriction, Setting, Supervision
from exrx.yamlread import Mapping, Node

_LEVELS: dict[str, Any] = {
    "clearance": Clearance,
    "supervision": Supervision,
    "setting": Setting,
    "aerobic_max": Intensity,
    "strength_max": Intensity,
    "progression": Progression,
}
_LISTS = {
    "consult": "roles",
    "formats_forbidden": "formats",
    "avoid": "avoid",
    "monitor": "monitor",
    "refer": "refer",
    "allowed_meanwhile": "allowed_meanwhile",
}
_NUMBERS = ("session_minutes_max", "heart_rate_max", "rpe_max")
KEYS = (*_LEVELS, *_LISTS, *_NUMBERS, "again")
LEVEL_WORDS = {key: levels.words() for key, levels in _LEVELS.items()}
VOCABULARY_OF = dict(_LISTS)


def read_restriction(node: Node | None, reader: Reader, dictionary: Dictionary, what: str = "then") -> Restriction:
    """The restriction written in a block; every fault is reported to `reader`."""
    table = reader.table(node, what, KEYS)
    parts: dict[str, Any] = {}
    for key, levels in _LEVELS.items():
        word = reader.one_of(table.get(key), f"{what}: {key}", levels.words())
        if word is not None:
            parts[key] = levels.from_word(word)
    for key, vocabulary in _LISTS.items():
        if key in table.entries:
            words = dictionary.vocabulary.get(vocabulary, {})
            parts[key] = frozenset(reader.words(table.get(key), f"{what}: {key}", words))
    for key in _NUMBERS:
        number = reader.whole(table.get(key), f"{what}: {key}")
        if number is not None:
            parts[key] = number
    if "again" in table.entries:
        parts["again"] = _again(table.entries["again"], reader, dictionary, what)
    _refuse_assess(parts, table, reader)
    return Restriction(**parts)


def _again(node: Node, reader: Reader, dictionary: Dictionary, what: str) -> Again:
    table = reader.table(node, f"{what}: again", ("after", "days"))
    events = reader.words(table.get("after"), f"{what}: again: after", dictionary.vocabulary.get("again", {}))
    return Again(frozenset(events), reader.whole(table.get("days"), f"{what}: again: days"))


def _refuse_assess(parts: dict[str, Any], table: Mapping, reader: Reader) -> None:
    if parts.get("clearance") is Clearance.ASSESS:
        reader.fault("assess-in-rule", "a rule never writes 'assess'; it follows from facts that are missing",
                     _place(table, "clearance"), "write what holds when the fact is known, such as consult or defer")
        del parts["clearance"]


def _place(table: Mapping, key: str) -> Location:
    return table.places.get(key, table.location)
