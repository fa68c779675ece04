"""Files as single FHIR resources: a resource, a bundle, an array, or one a line, in any Unicode encoding.

What cannot be taken apart is still an entry, as the text it is: whoever reads it says so, and about whom it may be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from exrx.errors import InputFileError
from exrx.io.fhir_resources import UNREADABLE, Bundle, Entry, kind_of, loosely

_LINES = (".ndjson", ".jsonl")
_MARK = b"\xef\xbb\xbf"
_TYPED = re.compile(rb'"resourceType"\s*:')
_bundle = msgspec.json.Decoder(Bundle)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_entry = msgspec.json.Decoder(Entry)


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
