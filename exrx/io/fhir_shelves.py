"""Facts put on a shelf each for a few hundred people, on disk when they are many, and taken off shelf after shelf.

So files in any order are read once, whoever they are about, and no more than one shelf's people are in memory.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from exrx.io.fhir_people import Fact

PEOPLE = 256
"""People a shelf."""
MOST_BYTES = 64 << 20
"""More than this is put on disk."""
_KINDS = ("", "Patient", "Observation", "Condition")
_HEAD = struct.Struct("<IBII")


@define(eq=False)
class Shelves:
    """Facts by person; a context manager, whose files (readable by their owner alone) are gone afterwards.

    The files lie in the folder for temporary files (`TMPDIR`), and are deleted when the shelves are closed.
    """

    people: int = field(factory=lambda: PEOPLE)
    most_bytes: int = field(factory=lambda: MOST_BYTES)
    _open: dict[int, bytearray] = field(factory=dict)
    _bytes: int = 0
    _folder: Any = None

    def __enter__(self) -> Shelves:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def put(self, fact: Fact) -> None:
        """Put a fact on its person's shelf, behind those that are there.

        Raises:
            OSError: the disk is full or cannot be written; it names the file.
        """
        shelf = self._open.setdefault(fact.person // self.people, bytearray())
        place = fact.place.encode("utf-8", "replace")
        shelf += _HEAD.pack(fact.person, _KINDS.index(fact.kind), len(place), len(fact.resource))
        shelf += place
        shelf += fact.resource
        self._bytes += _HEAD.size + len(place) + len(fact.resource)
        if self._bytes > self.most_bytes:
            self._store()

    def take(self, number: int) -> Iterator[Fact]:
        """The facts of one shelf, in the order in which they were put there."""
        if self._folder is not None:
            path = self._path(number)
            if path.exists():
                yield from _facts(path.read_bytes())
        yield from _facts(bytes(self._open.get(number, b"")))

    def _store(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="exrx-")
        for number, shelf in self._open.items():
            with self._path(number).open("ab") as file:
                file.write(shelf)
        self._open.clear()
        self._bytes = 0

    def _path(self, number: int) -> Path:
        return Path(self._folder.name) / f"{number}.facts"


def _facts(content: bytes) -> Iterator[Fact]:
    at = 0
    while at < len(content):
        person, kind, place, resource = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        yield Fact(
            person, _KINDS[kind], content[at : at + place].decode(), content[at + place : at + place + resource]
        )
        at += place + resource
