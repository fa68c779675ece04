"""`exrx protocol conflicts`: the same quantity across protocols, side by side."""

from __future__ import annotations

import argparse
import json
from typing import Any

from exrx.cli import DONE, NOTHING_DONE, print_text, warn
from exrx.cli.screen import add_language, show


def add_conflicts(inner: Any) -> None:
    """Register the command."""
    command = inner.add_parser("conflicts", help="the same quantity across protocols, side by side",
                               allow_abbrev=False)  # fmt: skip
    command.add_argument("field", metavar="FIELD", nargs="?", help="default: all that several protocols speak of")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_language(command)
    command.set_defaults(run=run_conflicts)


def run_conflicts(arguments: argparse.Namespace) -> int:
    """Print the comparison; 2 where there is no such field."""
    from exrx.errors import FieldError
    from exrx.fields import load_dictionary
    from exrx.protocol.conflicts import compare_protocols
    from exrx.report.conflicts_text import conflicts_json, conflicts_report

    try:
        quantities = compare_protocols(arguments.field)
    except FieldError as error:
        warn(f"exrx: {error}")
        return NOTHING_DONE
    if arguments.format == "json":
        print_text(json.dumps(conflicts_json(quantities), ensure_ascii=False, indent=1))
    else:
        show(conflicts_report(quantities, arguments.lang, load_dictionary()))
    return DONE
