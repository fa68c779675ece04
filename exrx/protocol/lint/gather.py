"""What lint looks at: a checked protocol together with the files it was read from, as nodes with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from attrs import define, field, frozen

from exrx.errors import Location
from exrx.fields import Dictionary, load_dictionary
from exrx.library import shown_path
from exrx.protocol.find import protocol_path
from exrx.protocol.model import Member
from exrx.protocol.read import find_module
from exrx.protocol.schema import Reader
from exrx.yamlread import Mapping, Node, Scalar, Sequence, read_yaml

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@frozen
class Source:
    """One file: the protocol itself, or a module it includes."""

    path: Path
    root: Mapping

    @property
    def name(self) -> str:
        """The file's name as diagnostics show it."""
        return shown_path(self.path)

    def entries(self, key: str) -> dict[str, Node]:
        """The keys and values of a block such as `parameters`; none where it is absent."""
        block = self.root.get(key)
        return block.entries if isinstance(block, Mapping) else {}

    def place(self, block: str, key: str) -> Location:
        """Where a key of a block stands."""
        found = self.root.get(block)
        return found.places[key] if isinstance(found, Mapping) else self.root.location

    def items(self, key: str) -> Iterator[Mapping]:
        """The blocks of a list such as `rules`."""
        listed = self.root.get(key)
        if isinstance(listed, Sequence):
            yield from (item for item in listed if isinstance(item, Mapping))


@define
class Draft(Reader):
    """A protocol under lint: its checked form, its files, the dictionary, the day, and the remarks so far."""

    member: Member = field(kw_only=True)
    sources: tuple[Source, ...] = field(kw_only=True)
    dictionary: Dictionary = field(kw_only=True)
    as_of: date = field(kw_only=True)

    def rules(self) -> Iterator[tuple[Source, Mapping]]:
        """Every rule as it is written, with its file."""
        for source in self.sources:
            for rule in source.items("rules"):
                yield source, rule

    def used_words(self) -> frozenset[str]:
        """Every word that stands in a condition, a term, a population or a law."""
        texts = [text_of(rule.get("when")) for _, rule in self.rules()]
        for source in self.sources:
            texts += [text_of(source.root.get("applies_to")), *map(text_of, source.entries("terms").values())]
            texts += [text_of(law.get(kind)) for law in source.items("laws") for kind in ("never", "always")]
        return frozenset(word for text in texts for word in _WORD.findall(text))


def text_of(node: Node | None) -> str:
    """The text of a scalar; empty for anything else."""
    return node.text if isinstance(node, Scalar) else ""


def read_draft(path: Path, member: Member, as_of: date) -> Draft:
    """Gather the files of a protocol that `check` can use."""
    return Draft(member=member, sources=tuple(_files(path, [])), dictionary=load_dictionary(), as_of=as_of)


def _files(path: Path, seen: list[Path]) -> Iterator[Source]:
    seen.append(path.resolve())
    root = read_yaml(path, shown_path(path))
    if not isinstance(root, Mapping):
        return
    yield Source(path, root)
    base = text_of(root.get("extends"))
    if base:
        yield from _files(protocol_path(base, path.parent), seen)
    listed = root.get("includes")
    for include in listed.items if isinstance(listed, Sequence) else (listed,):
        found = find_module(text_of(include), path) if include else None
        if found and found.resolve() not in seen:
            yield from _files(found, seen)
