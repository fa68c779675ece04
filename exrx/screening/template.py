"""A new protocol from the commented template in `protocols/screening/_template/`."""

from __future__ import annotations

import re
from pathlib import Path

from exrx.errors import ProtocolError
from exrx.library import library_root
from exrx.protocol.library import list_protocols
from exrx.screening.json_schema import schema_text

TEMPLATE_ID = "my-protocol"
FILES = ("protocol.yaml", "cases.yaml", "sources.yaml", "NOTES.md")
SCHEMA_FILES = {"protocol": "protocol.schema.json", "cases": "cases.schema.json"}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCHEMA_LINE = re.compile(r"(?m)^(# yaml-language-server: \$schema=).*/([a-z]+\.schema\.json)$")


def template_folder() -> Path:
    """Where the template lies."""
    return library_root() / "screening" / "_template"


def new_protocol(folder: Path, protocol_id: str | None = None) -> tuple[Path, ...]:
    """Copy the template to `folder` under a new id, with the schemas beside it; the files written, in order.

    Raises:
        ProtocolError: the id cannot be one or is shipped already, or a file of that name is there: nothing is written.
    """
    name = folder.resolve().name if protocol_id is None else protocol_id
    if not _ID.fullmatch(name):
        raise ProtocolError(f"'{name}' cannot be an id: use lower-case letters a-z, digits and hyphens, such as "
                            "my-hospital. Give another with --id")  # fmt: skip
    if name in {summary.id for summary in list_protocols()}:
        raise ProtocolError(f"'{name}' is a shipped protocol already. Give another id with --id")
    texts = {file: _filled((template_folder() / file).read_text(encoding="utf-8"), name) for file in FILES}
    texts |= {file: schema_text(kind) for kind, file in SCHEMA_FILES.items()}
    there = [file for file in texts if (folder / file).exists()]
    if folder.exists() and (there or not folder.is_dir()):
        what = ", ".join(there) or "a file of that name"
        raise ProtocolError(f"{folder} has {what} already, and nothing is overwritten. Choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    return tuple(folder / file for file in texts)


def _filled(text: str, name: str) -> str:
    """The text with the new id, and with its schema in the same folder."""
    return _SCHEMA_LINE.sub(r"\1\2", text).replace(TEMPLATE_ID, name)
