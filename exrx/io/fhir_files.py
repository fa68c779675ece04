"""Files as single FHIR resources: a resource, a bundle, an array, or one a line, in any Unicode encoding.

What cannot be taken apart is still an entry, as the text it is: whoever reads it says so, and about whom it may be.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.fhir_resources import UNREADABLE, Bundle, Entry, kind_of, loosely
from exrx.io.patients_json import read_bytes, shown_name

_LINES = (".ndjson", ".jsonl")
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_PEOPLE = b'"Patient"'
_TYPED = re.compile(rb'"resourceType"\s*:')
_bundle = msgspec.json.Decoder(Bundle)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_entry = msgspec.json.Decoder(Entry)


@frozen
class Source:
    """A file to read: where it lies, or what is in it, or why it cannot be read; `name` is what people are told."""

    name: str
    path: Path | None = None
    data: bytes | None = None
    unreadable: str = ""

    @classmethod
    def at(cls, path: Path) -> Source:
        """A file on disk, looked through once if it is gzip: damage is found before anything is used of it."""
        name = shown_name(path)
        try:
            made = cls(name, path)
            if _has_lines(name) and made.by_lines:
                with _opened(path) as file:
                    if file.peek(1) and isinstance(file, gzip.GzipFile):  # type: ignore[attr-defined]
                        while file.read(1 << 20):
                            pass
                return made
            return cls(name, data=read_bytes(path))
        except InputFileError as error:
            return cls(name, unreadable=str(error))
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None) or "it is damaged"
            return cls(name, unreadable=f"{name} cannot be read: {why}.")

    @property
    def by_lines(self) -> bool:
        """Whether it is read line by line from the disk."""
        if self.path is None or not _has_lines(self.name):
            return False
        with _opened(self.path) as file:
            start = file.read(4)
        return json.detect_encoding(start) in ("utf-8", "utf-8-sig")

    def content(self) -> bytes:
        """The whole content."""
        return self.data if self.data is not None or self.path is None else read_bytes(self.path)  # type: ignore


def _has_lines(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(_LINES)


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _numbered_lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    assert source.path is not None
    with _opened(source.path) as file:
        for number, line in enumerate(file, 1):
            bare = (line[len(_MARK) :] if number == 1 and line.startswith(_MARK) else line).strip()
            if bare:
                yield number, bare


def count_lines(source: Source, most: int) -> int:
    """How many lines that are not blank a file has, no further than `most`."""
    found = 0
    for _ in _numbered_lines(source):
        found += 1
        if found == most:
            break
    return found


def read_lines(source: Source, *, with_people: bool) -> Iterator[tuple[str, str, Entry]]:
    """Every resource of a file of lines, one line in memory at a time: its kind, its place, itself.

    With `with_people` only the lines in which the word stands that a patient or a bundle of them has.
    """
    for number, line in _numbered_lines(source):
        if with_people and _PEOPLE not in line:
            continue
        place, entry = f"{source.name}, line {number}", Entry(resource=msgspec.Raw(line))
        kind = kind_of(line)
        if kind == "Bundle":
            yield from ((kind_of(inner.resource), where, inner) for where, inner in _flat(place, entry))
        else:
            yield kind, place, entry


def lines_look_like_fhir(path: Path) -> bool:
    """True for a file of several lines, by its ending, of which any is a FHIR resource; no more is read than needed."""
    source = Source(shown_name(path), path)
    try:
        if not path.is_file() or not source.by_lines or count_lines(source, 2) < 2:
            return False
        return any(_TYPED.search(line) and kind_of(line) for _, line in _numbered_lines(source))
    except (OSError, EOFError, zlib.error):
        return False


def looks_like_fhir(data: bytes) -> bool:
    """True when the content is a FHIR resource, or any item of an array or any line of it is one."""
    data = as_utf8(data)
    if not _TYPED.search(data):
        return False
    return bool(kind_of(data)) or any(map(kind_of, _array(data) or ())) or _is_lines(data)


def as_utf8(data: bytes) -> bytes:
    """JSON in any Unicode encoding as UTF-8 without a mark; what is none stays as it is."""
    if data.startswith(_MARK):
        return data[len(_MARK) :]
    encoding = json.detect_encoding(data)
    if encoding in ("utf-8", "utf-8-sig"):
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        return data


def read_entries(file: str, content: bytes) -> Iterator[tuple[str, Entry]]:
    """Every resource of a file, with its place; bundles within are taken apart.

    Raises:
        InputFileError: it is no FHIR file as a whole.
    """
    data = as_utf8(content)
    items = _array(data)
    if items is not None:
        for number, item in enumerate(items, 1):
            yield from _flat(f"{file}, item {number}", Entry(resource=item))
        return
    lines = file.lower().removesuffix(".gz").endswith(_LINES)
    if (not kind_of(data) and (lines or _is_lines(data))) or (lines and data.strip().count(b"\n")):
        for number, line in enumerate(data.split(b"\n"), 1):
            if line.strip():
                yield from _flat(f"{file}, line {number}", Entry(resource=msgspec.Raw(line.strip())))
        return
    try:
        bundle = _bundle.decode(data)
    except msgspec.ValidationError as error:
        raise InputFileError(f"{file} is not a FHIR bundle: {error}.") from error
    except msgspec.DecodeError as error:
        raise InputFileError(f"{file} is not JSON: {error}.") from error
    except RecursionError as error:
        raise InputFileError(f"{file} is nested too deeply to be FHIR.") from error
    if not bundle.resourceType:
        raise InputFileError(f"{file} is not FHIR: it has no resourceType.")
    if bundle.resourceType != "Bundle":
        yield file, Entry(resource=msgspec.Raw(data))
        return
    yield from _bundled(file, bundle)


def _bundled(place: str, bundle: Bundle) -> Iterator[tuple[str, Entry]]:
    for number, raw in enumerate(bundle.entry, 1):
        where = f"{place}, entry {number}"
        try:
            entry = _entry.decode(raw)
        except UNREADABLE:
            resource = loosely(raw).get("resource")
            entry = Entry(resource=msgspec.Raw(json.dumps(resource).encode() if resource else bytes(raw)))
        if bytes(entry.resource):
            yield from _flat(where, entry)


def _flat(place: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """The entry, or what is in it if it is a bundle itself."""
    if kind_of(entry.resource) == "Bundle":
        try:
            inner = _bundle.decode(entry.resource)
        except UNREADABLE:
            yield place, Entry(resource=msgspec.Raw(b"{}"))
            return
        yield from _bundled(place, inner)
        return
    yield place, entry


def _array(data: bytes) -> list[msgspec.Raw] | None:
    """The items of a JSON array, None if it is none."""
    if not data.lstrip().startswith(b"["):
        return None
    try:
        return _items.decode(data)
    except UNREADABLE:
        return None


def _is_lines(data: bytes) -> bool:
    """True when there are several lines and any of them is a resource by itself."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    return len(lines) > 1 and any(_TYPED.search(line) and kind_of(line) for line in lines)
