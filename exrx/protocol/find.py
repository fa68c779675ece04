"""Where a protocol's file lies: a shipped id, a path, or a folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from exrx.errors import ProtocolError
from exrx.library import library_root


def protocol_path(id_or_path: str | Path, beside: Path | None = None) -> Path:
    """The file of a protocol: a shipped id, a file, or a folder with protocol.yaml in it.

    With `beside`, a path is first looked for from that folder.

    Raises:
        ProtocolError: there is none; the message names the nearest ids.
    """
    for path in (beside / id_or_path, Path(id_or_path)) if beside else (Path(id_or_path),):
        if path.is_dir() and (path / "protocol.yaml").is_file():
            return path / "protocol.yaml"
        if path.is_file():
            return path
    shipped = library_root() / "screening" / str(id_or_path) / "protocol.yaml"
    if shipped.is_file():
        return shipped
    if Path(id_or_path).is_dir():
        raise ProtocolError(f"the folder '{id_or_path}' has no protocol.yaml; name the file in it, or begin one with: "
                            "exrx protocol new")  # fmt: skip
    if Path(id_or_path).suffix in (".yaml", ".yml") or len(Path(id_or_path).parts) > 1:
        raise ProtocolError(f"there is no file '{id_or_path}'")
    ids = [folder.name for folder in protocol_folders()]
    near = get_close_matches(str(id_or_path), ids, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(ids)}"
    raise ProtocolError(f"there is no protocol '{id_or_path}'; {hint}")


def is_protocol(id_or_path: str | Path) -> bool:
    """Whether there is such a protocol."""
    try:
        protocol_path(id_or_path)
    except ProtocolError:
        return False
    return True


def protocol_folders() -> list[Path]:
    """The folders of the shipped protocols, by id; `_template` is there to be copied, not to be used."""
    return sorted(path.parent for path in (library_root() / "screening").glob("[!_]*/protocol.yaml"))
