"""Finding protocols by id or path, and loading them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from attrs import frozen

from exrx.errors import ProtocolError
from exrx.library import shown_path
from exrx.protocol.find import protocol_folders, protocol_path
from exrx.protocol.model import Member, Protocol
from exrx.protocol.read import read_member
from exrx.yamlread import Mapping, Scalar, read_yaml

DEFAULT_PROTOCOL = "dk-verified"
"""What is used where nobody chose: it rests on no unverified number and fits a Danish patient in any setting."""


@frozen
class Summary:
    """One shipped protocol, for lists."""

    id: str
    version: str
    title: dict[str, str]
    stages: tuple[str, ...]
    path: str


def load_protocol(id_or_path: str | Path, *more: str | Path) -> Protocol:
    """A checked protocol, ready to screen with; several are joined, the more cautious winning in every part.

    Args:
        id_or_path: the id of a shipped protocol (`dk-2015`), several joined by commas, or the path of a protocol
            file or its folder.
        more: further ids or paths.

    Raises:
        ProtocolError: no such protocol, or faults in the file; `diagnostics` holds every one with its place.
    """
    wanted = [part for given in (id_or_path, *more) for part in _parts(given)]
    members = tuple(dict.fromkeys(_load_member(protocol_path(part)) for part in wanted))
    return _joined(members)


@lru_cache(maxsize=64)
def _joined(members: tuple[Member, ...]) -> Protocol:
    return Protocol(members)


def _parts(given: str | Path) -> list[str | Path]:
    if isinstance(given, Path) or Path(given).exists():
        return [given]
    return [part.strip() for part in given.split(",") if part.strip()]


_LOADED: dict[Path, tuple[tuple[int, ...], Member]] = {}


def _load_member(path: Path) -> Member:
    """The protocol in a file; read again when that file, its folder, or a protocol it extends was changed."""
    resolved = path.resolve()
    stamps, known = _LOADED.get(resolved, ((), None))
    if known is None or stamps != _stamps(resolved, known):
        known = _read(resolved)
        _LOADED[resolved] = _stamps(resolved, known), known
    return known


def _stamps(path: Path, member: Member) -> tuple[int, ...]:
    files = [path, path.parent, *map(Path, member.base_paths)]
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


def _read(path: Path) -> Member:
    member, diagnostics = read_member(path)
    if member is None:
        faults = tuple(d for d in diagnostics if d.severity == "error")
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        raise ProtocolError(f"{shown_path(path)} cannot be used: {count}", faults)
    return member


def list_protocols() -> tuple[Summary, ...]:
    """The shipped protocols by id, read only as far as a list needs."""
    return tuple(_summary(folder / "protocol.yaml") for folder in protocol_folders())


def _summary(path: Path) -> Summary:
    root = read_yaml(path, shown_path(path))
    entries = root.entries if isinstance(root, Mapping) else {}

    def text(key: str) -> str:
        node = entries.get(key)
        return node.text if isinstance(node, Scalar) else ""

    title = entries["title"].plain() if "title" in entries else ""
    both = title if isinstance(title, dict) else {"da": title, "en": title}
    stages = entries["stages"].plain() if "stages" in entries else ["enrolment"]
    return Summary(text("id"), text("version"), both, tuple([stages] if isinstance(stages, str) else stages),
                   shown_path(path))
