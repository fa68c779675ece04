"""`exrx protocol new` and `exrx protocol schema`: what an author begins with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from exrx.cli import DONE, out_file, print_text, write_aside

_KINDS = ("protocol", "module", "cases")


def add_authoring(inner: Any) -> None:
    """Add `new` and `schema` to the commands of `protocol`."""
    new = inner.add_parser("new", help="a new folder with a commented protocol to change", allow_abbrev=False)
    new.add_argument("folder", metavar="FOLDER", type=Path, help="the folder to make; nothing is overwritten")
    new.add_argument("--id", metavar="ID", help="the protocol's id (default the folder's name)")
    new.set_defaults(run=run_new)

    schema = inner.add_parser("schema", help="the JSON Schema that editors check files by", allow_abbrev=False)
    schema.add_argument("--for", dest="kind", choices=_KINDS, default="protocol", help="default protocol")
    schema.add_argument("--out", type=out_file, metavar="FILE", help="write here instead of printing")
    schema.set_defaults(run=run_schema)


def run_new(arguments: argparse.Namespace) -> int:
    """Make the folder and say what to do next."""
    from exrx.screening.template import new_protocol

    written = new_protocol(arguments.folder, arguments.id)
    for path in written:
        print_text(f"wrote {path.as_posix()}")
    print_text(f"\nChange the files, then: exrx protocol check {arguments.folder.as_posix()}")
    return DONE


def run_schema(arguments: argparse.Namespace) -> int:
    """Print or write a schema."""
    from exrx.screening.json_schema import schema_text

    text = schema_text(arguments.kind)
    if arguments.out:
        write_aside(arguments.out, [text])
    else:
        print_text(text)
    return DONE
