"""Decisions from files: one object, an array, or JSON Lines; N decisions in, N out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import field, frozen

from exrx.errors import InputFileError
from exrx.io.patients_json import decode_json, parse_json, read_bytes, shown_name


@frozen
class StoredDecision:
    """One decision of a file and its place there; `content` None and a `fault` where it could not be read.

    The fault is said in Danish and English.
    """

    place: str
    content: Any
    fault: dict[str, str] = field(factory=dict)


_FAULTS = {
    False: {"da": "linjen er ikke JSON", "en": "the line is not JSON"},
    True: {
        "da": "linjen holder op midt i en beslutning; hent filen igen",
        "en": "the line stops in the middle of a decision; fetch the file again",
    },
}


def read_decisions(path: str | Path) -> tuple[StoredDecision, ...]:
    """The decisions in a file, gzipped or not; `-` is standard input.

    What `exrx explain --format json` wrote (`{"decision", "rules"}`) counts as its decision. A line that is not JSON is
    an entry with a fault.

    Raises:
        InputFileError: the file cannot be read, is empty, was cut off, holds no decision, or is not JSON as a whole.
    """
    name = shown_name(path)
    text = decode_json(read_bytes(path), name)
    try:
        content = parse_json(text)
    except ValueError:
        return _lines(text, name)
    items = content if isinstance(content, list) else [content]
    if not items:
        raise InputFileError(f"{name} holds no decision.")
    if len(items) == 1:
        return (StoredDecision(name, _decision(items[0])),)
    return tuple(StoredDecision(f"{name}, item {number}", _decision(item)) for number, item in enumerate(items, 1))


def _lines(text: str, name: str) -> tuple[StoredDecision, ...]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            found.append(StoredDecision(place, _decision(parse_json(line))))
        except ValueError as error:
            found.append(StoredDecision(place, None, _FAULTS[is_cut_off(error, line)]))
    if all(entry.fault for entry in found):
        raise InputFileError(_why_not(text, name))
    return tuple(found)


def _why_not(text: str, name: str) -> str:
    try:
        parse_json(text)
    except ValueError as error:
        if is_cut_off(error, text):
            number = text.rstrip().count("\n") + 1
            return (
                f"{name} stops in the middle of a decision, at the end of line {number}: it was cut off when it was "
                "written or copied. Fetch it again."
            )
    return f"{name} is neither JSON nor JSON Lines; give what exrx screen --format json or jsonl wrote."


def is_cut_off(error: ValueError, text: str) -> bool:
    """Whether JSON is sound up to its end, where something is still open."""
    if not isinstance(error, json.JSONDecodeError) or text.lstrip()[:1] not in ("{", "["):
        return False
    return error.msg.startswith("Unterminated string") or len(text.rstrip()) - error.pos < len("false")


def _decision(content: Any) -> Any:
    return content["decision"] if isinstance(content, dict) and "decision" in content else content
