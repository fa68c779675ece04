"""Finding protocols by id or path, and loading them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from attrs import frozen

from exrx.errors import ProtocolError
from exrx.library import library_root, shown_path
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


def _load_member(path: Path) -> Member:
    resolved = path.resolve()
    modified = max((p.stat().st_mtime_ns for p in (resolved, resolved.parent)), default=0)
    return _load_member_once(resolved, modified)


@lru_cache(maxsize=64)
def _load_member_once(path: Path, modified: int) -> Member:
    member, diagnostics = read_member(path)
    if member is None:
        faults = tuple(d for d in diagnostics if d.severity == "error")
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        raise ProtocolError(f"{shown_path(path)} cannot be used: {count}", faults)
    return member


def protocol_path(id_or_path: str | Path) -> Path:
    """The file of a protocol: a shipped id, a file, or a folder with protocol.yaml in it.

    Raises:
        ProtocolError: there is none; the message names the nearest ids.
    """
    path = Path(id_or_path)
    if path.is_dir() and (path / "protocol.yaml").is_file():
        return path / "protocol.yaml"
    if path.is_file():
        return path
    shipped = library_root() / "screening" / str(id_or_path) / "protocol.yaml"
    if shipped.is_file():
        return shipped
    ids = [folder.name for folder in _folders()]
    near = get_close_matches(str(id_or_path), ids, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(ids)}"
    raise ProtocolError(f"there is no protocol '{id_or_path}'; {hint}")


def _folders() -> list[Path]:
    """The folders of shipped protocols; `_template` is there to be copied, not to be used."""
    return sorted(path.parent for path in (library_root() / "screening").glob("[!_]*/protocol.yaml"))


def list_protocols() -> tuple[Summary, ...]:
    """The shipped protocols by id, read only as far as a list needs."""
    return tuple(_summary(folder / "protocol.yaml") for folder in _folders())


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
