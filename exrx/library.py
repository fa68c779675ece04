"""Where the knowledge lies: the folder `protocols/`, shipped in the wheel as `exrx/_protocols`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from exrx.errors import ProtocolError


@lru_cache(maxsize=1)
def library_root() -> Path:
    """The folder that holds fields.yaml, vocabulary.yaml, screening/ and the rest."""
    package = Path(__file__).resolve().parent
    for candidate in (package / "_protocols", package.parent / "protocols"):
        if (candidate / "fields.yaml").is_file():
            return candidate
    raise ProtocolError("the protocol library is missing from this installation; reinstall exrx")


def shown_path(path: Path) -> str:
    """A path as people should see it: relative to the library or as given."""
    try:
        return "protocols/" + path.resolve().relative_to(library_root()).as_posix()
    except ValueError:
        return str(path)
