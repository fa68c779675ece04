"""The files of `tests/lint/`: a protocol each, its cases below `--- # cases.yaml` unless the standard ones fit."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "lint"
FILES = sorted(FOLDER.glob("*.yaml"))
_MARK = "--- # cases.yaml\n"
_STANDARD = """\
cases:
  - {name: on the limit, stage: session, as_of: 2026-11-23, patient: {platelets: 50}, expect: {silent: bleeding.low}}
  - {name: below, stage: session, as_of: 2026-11-23, patient: {platelets: 49.95}, expect: {fires: bleeding.low}}
  - {name: unknown, stage: session, as_of: 2026-11-23, patient: {platelets: null}, expect: {undecided: bleeding.low}}
"""


def laid_out(path: Path, folder: Path) -> Path:
    """The protocol of a lint file in a folder of its own called `bad`, with its cases beside it."""
    text = path.read_text(encoding="utf-8")
    protocol, _, cases = text.partition(_MARK)
    own = folder / "bad"
    own.mkdir()
    (own / "protocol.yaml").write_text(protocol, encoding="utf-8")
    cases = re.sub(r"^# expect: .*\n", "", cases, flags=re.MULTILINE) if _MARK in text else _STANDARD
    if cases:
        (own / "cases.yaml").write_text(cases, encoding="utf-8")
    return own / "protocol.yaml"


def expected(path: Path) -> list[str]:
    """What the file must give: code, line, column, and the file where it is not the protocol."""
    return re.findall(r"^# expect: (.+)$", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
