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
from attrs import define, field, frozen

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
_MOST_NODES, _DEEPEST = 200_000, 60
_YAML_HINT = "put a sentence that holds a colon in quotes; look for a missing comma, brace or space before this place"
_TAB_HINT = "this line begins with a tab; YAML takes spaces only, two for each step inwards"


def _begins_with_tab(text: str, line: int) -> bool:
    lines = text.splitlines()
    return line <= len(lines) and "\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]


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
        hint = _TAB_HINT if _begins_with_tab(text, place.line) else _YAML_HINT
        fault = Diagnostic("not-yaml", f"not valid YAML: {error.problem}", place, hint)
        raise ProtocolError(f"{name} is not valid YAML", (fault,)) from error
    except (yaml.YAMLError, RecursionError) as error:  # characters that YAML forbids, or nesting without end
        fault = Diagnostic("not-yaml", f"not valid YAML: {str(error).splitlines()[0]}", Location(name, 1, 1))
        raise ProtocolError(f"{name} is not valid YAML", (fault,)) from error
    if root is None:
        return Mapping({}, Location(name, 1, 1))
    return _Converter(name).convert(root)


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


@define
class _Converter:
    """Turns PyYAML's nodes into ours; refuses what aliases blow up or nest without end."""

    name: str
    count: int = 0

    def convert(self, node: Any, depth: int = 0) -> Node:
        """The node and everything in it."""
        location = self._place(node)
        self.count += 1
        if self.count > _MOST_NODES or depth > _DEEPEST:
            raise self._fault("too-large", "the file is nested too deeply, or repeats itself without end", location)
        if isinstance(node, yaml.ScalarNode):
            return Scalar(node.value, location, node.style is not None)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(self.convert(item, depth + 1) for item in node.value), location)
        return self._mapping(node, location, depth)

    def _mapping(self, node: Any, location: Location, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        places: dict[str, Location] = {}
        for key_node, value_node in node.value:
            key, place = key_node.value, self._place(key_node)
            if not isinstance(key, str):
                raise self._fault("complex-key", "a key must be a single word", place)
            if key in entries:
                raise self._fault("duplicate-key", f"the key '{key}' stands twice in the same block", place,
                                  f"the first is at line {places[key].line}; keep one")
            entries[key] = self.convert(value_node, depth + 1)
            places[key] = place
        return Mapping(entries, location, places)

    def _place(self, node: Any) -> Location:
        return Location(self.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def _fault(self, code: str, message: str, place: Location, suggestion: str | None = None) -> ProtocolError:
        return ProtocolError(f"{self.name} is not valid", (Diagnostic(code, message, place, suggestion),))


def canonical_sha256(content: Any) -> str:
    """SHA-256 of plain content (dicts, lists, text), independent of comments, spacing and key order."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
