"""Decisions from files: one object, an array, or JSON Lines; N decisions in, N out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.patients_json import decode_json, parse_json, read_bytes, shown_name


@frozen
class StoredDecision:
    """One decision of a file and its place there; `content` None and a `fault` where it could not be read."""

    place: str
    content: Any
    fault: str = ""


def read_decisions(path: str | Path) -> tuple[StoredDecision, ...]:
    """The decisions in a file, gzipped or not; `-` is standard input.

    What `exrx explain --format json` wrote (`{"decision", "rules"}`) counts as its decision. A line that is not JSON is
    an entry with a fault.

    Raises:
        InputFileError: the file cannot be read, is empty, holds no decision, or is not JSON as a whole.
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
        except ValueError:
            found.append(StoredDecision(place, None, "this line is not JSON"))
    if all(entry.fault for entry in found):
        raise InputFileError(f"{name} is neither JSON nor JSON Lines.")
    return tuple(found)


def _decision(content: Any) -> Any:
    return content["decision"] if isinstance(content, dict) and "decision" in content else content
