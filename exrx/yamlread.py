"""YAML as nodes that know where they stand.

Every scalar is text with its line and column; the reader's own schema gives it a type, so that `no` is never
silently a boolean and `1e3` never a float. Duplicate keys are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from exrx.errors import Diagnostic, Location, ProtocolError

# A PyYAML built without libyaml is slower and gives the same result.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@frozen
class Scalar:
    """A single word, number or sentence, always as text; `quoted` tells '50' from 50."""

    text: str
    location: Location
    quoted: bool = False

    def plain(self) -> Any:
        """The text."""
        return self.text


@frozen
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    location: Location

    def plain(self) -> Any:
        """The list as plain Python: text, lists and dicts only."""
        return [item.plain() for item in self.items]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@frozen
class Mapping:
    """Keys and values, in the file's order; `places` holds where each key stands."""

    entries: dict[str, Node]
    location: Location
    places: dict[str, Location] = field(factory=dict)

    def plain(self) -> Any:
        """The mapping as plain Python: text, lists and dicts only."""
        return {key: value.plain() for key, value in self.entries.items()}

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        return self.entries.get(key)


Node = Scalar | Sequence | Mapping


def read_yaml(path: Path, shown_as: str | None = None) -> Node:
    """Read one YAML document from a file.

    Raises:
        ProtocolError: the file does not exist, is not valid YAML, or has a key twice; with the place.
    """
    name = shown_as or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        fault = Diagnostic("unreadable-file", f"cannot read the file: {error.strerror}", Location(name, 1, 1))
        raise ProtocolError(f"{name} cannot be read", (fault,)) from error
    except UnicodeDecodeError as error:
        fault = Diagnostic("not-utf8", "the file is not UTF-8 text", Location(name, 1, 1), "save it as UTF-8")
        raise ProtocolError(f"{name} cannot be read", (fault,)) from error
    return read_yaml_text(text, name)


def read_yaml_text(text: str, name: str = "<text>") -> Node:
    """Read one YAML document from text; `name` stands in the locations.

    Raises:
        ProtocolError: as `read_yaml`.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name, 1, 1)
        fault = Diagnostic("not-yaml", f"not valid YAML: {error.problem}", place)
        raise ProtocolError(f"{name} is not valid YAML", (fault,)) from error
    if root is None:
        return Mapping({}, Location(name, 1, 1))
    return _convert(root, name)


def read_plain_yaml(path: Path, shown_as: str | None = None) -> Any:
    """One YAML document as plain Python (text, lists and dicts), without places; for large trusted files.

    Raises:
        ProtocolError: as `read_yaml`.
    """
    name = shown_as or str(path)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        return {} if root is None else _plain(root)
    except (OSError, UnicodeDecodeError, yaml.MarkedYAMLError, _NotPlainError):
        return read_yaml(path, name).plain()  # reads again, slowly, to say where the fault is


class _NotPlainError(ValueError):
    """A key that is complex or stands twice."""


def _plain(node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    content = {key.value: _plain(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if len(content) != len(node.value):
        raise _NotPlainError
    return content


def _convert(node: Any, name: str) -> Node:
    mark = node.start_mark
    location = Location(name, mark.line + 1, mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, location, node.style is not None)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_convert(item, name) for item in node.value), location)
    entries: dict[str, Node] = {}
    places: dict[str, Location] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        place = Location(name, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key, str):
            fault = Diagnostic("complex-key", "a key must be a single word", place)
            raise ProtocolError(f"{name} is not valid", (fault,))
        if key in entries:
            fault = Diagnostic("duplicate-key", f"the key '{key}' stands twice in the same block", place,
                               f"the first is at line {places[key].line}; keep one")
            raise ProtocolError(f"{name} is not valid", (fault,))
        entries[key] = _convert(value_node, name)
        places[key] = place
    return Mapping(entries, location, places)


def canonical_sha256(content: Any) -> str:
    """SHA-256 of plain content (dicts, lists, text), independent of comments, spacing and key order."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
