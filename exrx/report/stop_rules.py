"""When to stop, what to do and whom to ring: `protocols/training/sheet.yaml`, which every plan's sheet prints."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from attrs import frozen

from exrx.library import library_root, shown_path
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Node, read_yaml

URGENCIES = ("emergency", "same-day", "not-today", "easier")
_SIGN = ("text", "source", "verified")


@frozen
class Sign:
    """Something that is noticed, and whether its source has been seen to say so."""

    id: str
    text: Words
    source: str
    verified: str


@frozen
class StopRule:
    """What to do at any one of its signs."""

    urgency: str
    do: Words
    signs: tuple[Sign, ...]


@lru_cache(maxsize=1)
def load_stop_rules() -> tuple[StopRule, ...]:
    """The shipped rules, the most urgent first.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_stop_rules(library_root() / "training" / "sheet.yaml")


def read_stop_rules(path: Path) -> tuple[StopRule, ...]:
    """The rules in a file of the format of sheet.yaml.

    Raises:
        ProtocolError: a group, a text or a source is missing, or a key is unknown; every fault with its place.
    """
    read = NumberReader()
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("stop",), ("stop",))
    groups = read.table(root.get("stop"), "stop", URGENCIES, URGENCIES)
    rules = tuple(_rule(read, urgency, groups.get(urgency)) for urgency in URGENCIES)
    read.finish(shown_path(path))
    return rules


def _rule(read: NumberReader, urgency: str, node: Node | None) -> StopRule:
    table = read.table(node, urgency, ("do", "signs"), ("do", "signs"))
    signs = read.table(table.get("signs"), f"{urgency}: signs").entries
    found = tuple(_sign(read, f"{urgency}.{name}", name, sign) for name, sign in signs.items())
    return StopRule(urgency, _both(read, table.get("do"), f"{urgency}: do"), found)


def _sign(read: NumberReader, what: str, name: str, node: Node) -> Sign:
    table = read.table(node, what, (*_SIGN, "note"), _SIGN)
    verified = read.origin(table.get("source"), table.get("verified"), what)
    return Sign(name, _both(read, table.get("text"), what), read.text(table.get("source"), what), verified)


def _both(read: NumberReader, node: Node | None, what: str) -> Words:
    words = read.both_languages(node, what)
    if node is not None and not all(words.get(lang) for lang in ("da", "en")):
        read.fault("missing-key", f"{what} needs its words in Danish and English", node.location)
    return words
