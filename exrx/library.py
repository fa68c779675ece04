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


def is_shipped(shown: str) -> bool:
    """Whether `shown_path` gave this for a file of the library."""
    head, _, rest = shown.partition("/")
    return head == "protocols" and (library_root() / rest).is_file()


def shown_path(path: Path) -> str:
    """A path as people should see it: from the library, from the folder they stand in, or as given."""
    resolved = path.resolve()
    if resolved.is_relative_to(library_root()):
        return "protocols/" + resolved.relative_to(library_root()).as_posix()
    return resolved.relative_to(Path.cwd()).as_posix() if resolved.is_relative_to(Path.cwd()) else str(path)
