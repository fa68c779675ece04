"""`exrx cohort describe`: what an input holds, column by column, before anything is screened."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, day_of, iso_date, out_file, print_text, write_aside

_DESCRIPTION = """\
Shows per column what it is read as, its unit, range, missing share, and what cannot be used, in which rows: before
anything is screened. Ends with 0 if nothing is to be mended, 1 if something is, 2 if nothing can be read."""


def add_describe(below: Any) -> None:
    """Add `describe` to the subcommands of `cohort`."""
    parser = below.add_parser(
        "describe", help="what a table or other input holds: units, ranges, gaps, what to mend before screening",
        description=_DESCRIPTION, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("input", metavar="INPUT", help="whatever exrx screen reads")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="what a table's columns mean")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day no date may be after (default today)")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write here instead of printing")
    parser.add_argument("--lang", choices=("da", "en"), default="en", help="language of the text (default en)")
    parser.set_defaults(run=run_describe)


def run_describe(arguments: argparse.Namespace) -> int:
    """Describe the input and print or write it."""
    from exrx.fields import load_dictionary
    from exrx.report.describe_text import UNUSABLE, describe_report

    as_of: date = day_of(arguments.as_of)
    content = described(arguments.input, as_of, arguments.mapping)
    if arguments.format == "json":
        text = json.dumps(content, ensure_ascii=False, indent=1)
        if arguments.out:
            write_aside(arguments.out, [text + "\n"])
        else:
            print_text(text)
    else:
        from exrx.cli.screen import show

        show(describe_report(content, arguments.lang, load_dictionary()), arguments.out)
    if any(point["code"] in UNUSABLE for point in content["points"]):
        return NOTHING_DONE
    return DONE if content["ready"] else DONE_WITH_PROBLEMS


def described(path: str, as_of: date, mapping: Path | None) -> dict[str, Any]:
    """The description of a table, or of patients one by one; raises as `read_input`."""
    from exrx.io.patients_json import STDIN
    from exrx.io.sources import is_table, open_table

    if path != STDIN and is_table(path):
        from exrx.stream.describe import describe_table  # loads pyarrow, which patients one by one do not need

        return describe_table(open_table(path), as_of=as_of, mapping=mapping)
    from exrx.io.describe import describe_patients

    return describe_patients(path, as_of=as_of, mapping=mapping)
