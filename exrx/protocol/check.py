"""Checking a protocol: every fault and remark of the file and its includes, at once."""

from __future__ import annotations

from pathlib import Path

from exrx.errors import Diagnostic
from exrx.protocol.find import protocol_path
from exrx.protocol.read import read_member


def check_protocol(id_or_path: str | Path) -> tuple[Diagnostic, ...]:
    """All diagnostics of a protocol, by place; empty means it can be used and nothing was remarked.

    Raises:
        ProtocolError: there is no such protocol.
    """
    return read_member(protocol_path(id_or_path))[1]


def usable(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """True when none of the diagnostics forbids using the protocol."""
    return all(d.severity != "error" for d in diagnostics)


