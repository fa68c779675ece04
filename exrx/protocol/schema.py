"""Reading YAML nodes by a schema: every fault becomes a diagnostic with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from attrs import define, field

from exrx.errors import Diagnostic, Location
from exrx.yamlread import Mapping, Node, Scalar, Sequence

LANGUAGES = ("da", "en")


@define
class Reader:
    """Collects diagnostics while nodes are turned into values; a fault gives an empty value and is remembered."""

    diagnostics: list[Diagnostic] = field(factory=list)

    def fault(self, code: str, message: str, location: Location, suggestion: str | None = None) -> None:
        """Remember an error."""
        self.diagnostics.append(Diagnostic(code, message, location, suggestion))

    def remark(self, code: str, message: str, location: Location, suggestion: str | None = None) -> None:
        """Remember something worth a look that does not forbid using the protocol."""
        self.diagnostics.append(Diagnostic(code, message, location, suggestion, "warning"))

    def table(self, node: Node | None, what: str, known: Iterable[str] = (), needed: Iterable[str] = ()) -> Mapping:
        """The mapping `node`, with unknown and missing keys reported."""
        if node is None:
            return Mapping({}, Location("", 1, 1))
        if not isinstance(node, Mapping):
            self.fault("wrong-shape", f"{what} must be a block of keys and values", node.location)
            return Mapping({}, node.location)
        known = tuple(known)
        for key in node.entries if known else ():
            if key not in known:
                near = get_close_matches(key, known, n=1)
                self.fault("unknown-key", f"{what} has no key '{key}'", node.places[key],
                           f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}")
        for key in needed:
            if key not in node.entries:
                self.fault("missing-key", f"{what} needs the key '{key}'", node.location)
        return node

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        """The text of a scalar."""
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.fault("wrong-shape", f"{what} must be a single word or sentence", node.location)
            return default
        return node.text

    def texts(self, node: Node | None, what: str) -> list[Scalar]:
        """One scalar or a list of scalars, as a list."""
        if node is None:
            return []
        items = node.items if isinstance(node, Sequence) else (node,)
        scalars = [item for item in items if isinstance(item, Scalar)]
        if len(scalars) != len(items):
            self.fault("wrong-shape", f"{what} must be a list of words", node.location)
        return scalars

    def whole(self, node: Node | None, what: str) -> int | None:
        """A whole number, or None."""
        if node is None:
            return None
        word = self.text(node, what)
        if not word.isdecimal():
            self.fault("wrong-shape", f"{what} must be a whole number, not '{word}'", node.location)
            return None
        return int(word)

    def one_of(self, node: Node | None, what: str, words: Iterable[str], code: str = "unknown-word") -> str | None:
        """A word out of a closed list, or None."""
        if node is None:
            return None
        found = self.words(node, what, words, code)
        return found[0] if found else None

    def words(self, node: Node | None, what: str, words: Iterable[str], code: str = "unknown-word") -> list[str]:
        """Words out of a closed list."""
        allowed = tuple(words)
        found = []
        for item in self.texts(node, what):
            if item.text in allowed:
                found.append(item.text)
                continue
            near = get_close_matches(item.text, allowed, n=1)
            listed = ", ".join(allowed[:12]) + (", .. (see vocabulary.yaml)" if len(allowed) > 12 else "")
            self.fault(code, f"{what}: '{item.text}' is not in the list", item.location,
                       f"did you mean '{near[0]}'?" if near else f"use one of: {listed}")
        return found

    def both_languages(self, node: Node | None, what: str) -> dict[str, str]:
        """A text in Danish and English; a plain text counts as both."""
        if node is None:
            return {}
        if isinstance(node, Scalar):
            return dict.fromkeys(LANGUAGES, node.text)
        table = self.table(node, what, LANGUAGES)
        return {lang: " ".join(self.text(text, what).split()) for lang, text in table.entries.items()}

    def plain(self, node: Node | None) -> Any:
        """The node as plain Python."""
        return node.plain() if node is not None else None
