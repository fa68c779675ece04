"""`exrx ctcae`: the CTCAE grade of a laboratory value in a named edition, and what the editions changed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from exrx.cli import DONE, NOTHING_DONE, print_text, terminal, warn
from exrx.cli.screen import add_language

_ANSWERS = {"yes": True, "no": False, "unknown": None}
_EPILOG = """\
A grade describes a toxicity. It is no limit for exercise.
examples:
  exrx ctcae platelets 45 --edition 5 --lln 150
  exrx ctcae anaemia "7.9 g/dL" --edition 6
  exrx ctcae --differences --lang da"""


def add_commands(commands: Any) -> None:
    """Add `ctcae`."""
    parser = commands.add_parser(
        "ctcae",
        help="the CTCAE grade of a blood test, by edition",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("term", nargs="?", metavar="TERM", help="a term, an adverse event's name or a field")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="the value, with its unit where needed, or <20")
    parser.add_argument("--edition", choices=("4", "5", "6"), help="always needed for a grade")
    parser.add_argument("--lln", metavar="X", help="lower limit of normal, in the value's unit")
    parser.add_argument("--uln", metavar="X", help="upper limit of normal, in the value's unit")
    parser.add_argument("--baseline", metavar="X", help="the patient's baseline, in the value's unit")
    parser.add_argument("--anticoagulated", choices=tuple(_ANSWERS), default="unknown", help="asked by INR only")
    parser.add_argument("--differences", action="store_true", help="what each edition changed")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a grade, the differences, or the terms."""
    from exrx.report.ctcae_text import difference_lines, term_lines

    if arguments.differences:
        print_lines(difference_lines(arguments.lang))
        return DONE
    if arguments.term is None:
        print_lines(term_lines(arguments.lang))
        return DONE
    if arguments.value is None or arguments.edition is None:
        lacking = "a value" if arguments.value is None else "an edition, since the grades differ: --edition 4, 5 or 6"
        warn(f"exrx: a grade needs {lacking}. For example: exrx ctcae platelets 45 --edition 5")
        return NOTHING_DONE
    return _run_grade(arguments)


def _run_grade(arguments: argparse.Namespace) -> int:
    from exrx.outcomes import grade
    from exrx.report.ctcae_text import grade_lines

    found = grade(
        arguments.term,
        arguments.value,
        edition=arguments.edition,
        lower_limit_of_normal=arguments.lln,
        upper_limit_of_normal=arguments.uln,
        baseline=arguments.baseline,
        on_anticoagulation=_ANSWERS[arguments.anticoagulated],
    )
    if arguments.format == "json":
        answer = {
            "schema": "exrx/ctcae/1",
            "term": found.term,
            "edition": found.edition,
            "name": found.name,
            "given": arguments.value,
            "lowest": found.lowest,
            "highest": found.highest,
            "missing": list(found.missing),
        }
        print_text(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        print_lines(grade_lines(found, arguments.value, arguments.lang))
    return DONE


def print_lines(lines: Iterable[str]) -> None:
    """Lines for people, wrapped under their own indent."""
    from rich.padding import Padding
    from rich.text import Text

    console = terminal()
    for line in lines:
        indent = len(line) - len(line.lstrip())
        console.print(Padding(Text(line.lstrip()), (0, 0, 0, indent)))
