"""The bibliography `sources.yaml`: what the rules and numbers stand on, what was read of it, and who points to it.

A source is found by its DOI, its address, its journal or its authors, and says what was read and when. Ids that begin
with `recalled-`, and `local-decision`, are no publications: they say that nothing was found, or that we chose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from attrs import frozen

from exrx.errors import Diagnostic, Location, ProtocolError
from exrx.library import library_root, shown_path
from exrx.protocol.schema import Reader
from exrx.yamlread import Mapping, Node, Scalar, Sequence, read_yaml

KEYS = ("authors", "year", "title", "journal", "doi", "url", "read", "accessed")
_FINDS = ("doi", "url", "journal", "authors")
_SHAPES = {
    "year": (r"(19|20)\d\d", "a year of four digits, such as 2009"),
    "doi": (r"10\.\d{4,9}/\S+", "the DOI alone, such as 10.1136/bmj.b3410"),
    "url": (r"https?://[^\s]+\.[^\s]+", "a whole address with http:// or https://"),
    "accessed": (r"20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", "a month or a day, such as 2026-11"),
}


@frozen
class Source:
    """One entry of the bibliography; a key that is not written is an empty text, and `year` then None."""

    id: str
    title: str
    read: str
    location: Location
    authors: str = ""
    year: int | None = None
    journal: str = ""
    doi: str = ""
    url: str = ""
    accessed: str = ""

    @property
    def is_publication(self) -> bool:
        """False for what was recalled and not found, and for our own choices."""
        return _is_publication(self.id)

    @property
    def citation(self) -> str:
        """Authors, year, title and journal in one line, with the DOI or else the address."""
        who = ", ".join(part for part in (self.authors, str(self.year or "")) if part)
        where = f"https://doi.org/{self.doi}" if self.doi else self.url
        return ". ".join(part.rstrip(".") for part in (who, self.title, self.journal, where) if part)


def _is_publication(source_id: str) -> bool:
    return not source_id.startswith("recalled-") and source_id != "local-decision"


def sources_path() -> Path:
    """The shipped bibliography."""
    return library_root() / "sources.yaml"


def read_sources(path: Path) -> tuple[dict[str, Source], tuple[Diagnostic, ...]]:
    """The sources in `path` by id, in the file's order, and every fault with its place.

    Raises:
        ProtocolError: the file is missing or no YAML.
    """
    reader = Reader()
    root = reader.table(read_yaml(path, shown_path(path)), "the bibliography")
    found = {}
    for name, node in root.entries.items():
        if isinstance(node, Mapping):
            found[name] = _source(name, node, root.places[name], reader)
        else:
            reader.fault("wrong-shape", f"source '{name}' must be a block of keys and values", node.location)
    _same_doi(found.values(), reader)
    return found, tuple(sorted(reader.diagnostics, key=lambda d: (d.location.line, d.location.column)))


def _source(name: str, table: Mapping, place: Location, reader: Reader) -> Source:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        reader.fault("wrong-id", f"'{name}' is not an id", place, "use small letters, digits and hyphens: adamsen-2009")
    reader.table(table, f"source '{name}'", KEYS, ("title", "read"))
    texts = {key: " ".join(reader.text(table.get(key), f"{name}: {key}").split()) for key in KEYS}
    _check(name, table, texts, place, reader)
    year = texts.pop("year")
    return Source(name, location=place, year=int(year) if year.isdecimal() else None, **texts)


def _check(name: str, table: Mapping, texts: dict[str, str], place: Location, reader: Reader) -> None:
    for key in table.entries:
        if key in texts and not texts[key]:
            reader.fault("empty-key", f"'{name}': {key} is empty", table.places[key], "write it or leave the key out")
    for key, (shape, words) in _SHAPES.items():
        if texts[key] and not re.fullmatch(shape, texts[key]):
            reader.fault(f"wrong-{key}", f"'{name}': {key} is '{texts[key]}'", table.entries[key].location,
                         f"write {words}")  # fmt: skip
    if _is_publication(name):
        if not any(texts[key] for key in _FINDS):
            reader.fault("cannot-be-found", f"'{name}' has nothing to find it by", place,
                         f"give one of: {', '.join(_FINDS)}; or call it recalled-.. if none was found")  # fmt: skip
        if "accessed" not in table.entries:
            reader.fault("missing-key", f"'{name}' needs the key 'accessed'", place, "say when it was read: 2026-11")
    else:
        for key in (key for key in ("authors", "year", "journal", "doi", "url") if key in table.entries):
            reader.fault("not-a-publication", f"'{name}' is no publication and has no {key}", table.places[key],
                         "give what was found an id of its own")  # fmt: skip


def _same_doi(sources: Iterable[Source], reader: Reader) -> None:
    seen: dict[str, Source] = {}
    for source in sources:
        first = seen.setdefault(source.doi.lower(), source)
        if source.doi and first is not source:
            reader.fault("same-source-twice", f"'{source.id}' has the DOI of '{first.id}'", source.location,
                         f"keep one entry (the first is at line {first.location.line})")  # fmt: skip


@lru_cache(maxsize=1)
def load_sources() -> dict[str, Source]:
    """The shipped bibliography by id; do not change it.

    Raises:
        ProtocolError: it has faults; `diagnostics` holds every one with its place.
    """
    found, faults = read_sources(sources_path())
    if faults:
        raise ProtocolError(f"{shown_path(sources_path())} cannot be used: {len(faults)} faults", faults)
    return found


def references(root: Path) -> dict[str, tuple[Location, ...]]:
    """Per source id every place under `root` whose `source:` names it: fields, protocols, modules, training."""
    found: dict[str, list[Location]] = {}
    for path in sorted(root.rglob("*.yaml")):
        if path.name != "sources.yaml":
            for scalar in _named(read_yaml(path, shown_path(path))):
                found.setdefault(scalar.text, []).append(scalar.location)
    return {name: tuple(places) for name, places in found.items()}


def _named(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _named(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries.items():
            if key == "source" and isinstance(value, Scalar):
                yield value
            else:
                yield from _named(value)


def check_sources(also_used: Iterable[str] = ()) -> tuple[Diagnostic, ...]:
    """Every fault of the shipped bibliography, every source that is named and not in it, every one that nobody names.

    Args:
        also_used: ids that code names, such as the sources of the capacity formulas.
    """
    known, faults = read_sources(sources_path())
    named = references(library_root())
    unknown = [unknown_source(name, place) for name, places in named.items() if name not in known for place in places]
    used = {*named, *also_used}
    unused = [
        Diagnostic("unused-source", f"no rule, number or formula names the source '{name}'", source.location,
                   "name it where it is used, or take it out", "warning")
        for name, source in known.items() if name not in used
    ]  # fmt: skip
    return (*faults, *unknown, *unused)


def unknown_source(name: str, place: Location, severity: str = "error") -> Diagnostic:
    """What is said of a source that is not in the bibliography."""
    return Diagnostic("unknown-source", f"the source '{name}' is not in sources.yaml", place,
                      "add it there, beside the file: authors, year, title and what was read; a choice of your own has "
                      "source: local-decision", severity)  # fmt: skip
