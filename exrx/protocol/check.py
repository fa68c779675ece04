"""Checking a protocol: every fault and remark of the file and its includes, at once."""

from __future__ import annotations

from pathlib import Path

from exrx.errors import Diagnostic
from exrx.library import is_shipped, library_root
from exrx.protocol.find import protocol_path
from exrx.protocol.read import read_member


def check_protocol(id_or_path: str | Path) -> tuple[Diagnostic, ...]:
    """All diagnostics of a protocol, by place; empty means it can be used and nothing was remarked.

    What is remarked in the shipped modules and protocols that a file of one's own rests on is not its author's to mend.

    Raises:
        ProtocolError: there is no such protocol.
    """
    path = protocol_path(id_or_path)
    found = read_member(path)[1]
    if path.resolve().is_relative_to(library_root()):
        return found
    return tuple(d for d in found if d.severity == "error" or not is_shipped(d.location.file))


def usable(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """True when none of the diagnostics forbids using the protocol."""
    return all(d.severity != "error" for d in diagnostics)


