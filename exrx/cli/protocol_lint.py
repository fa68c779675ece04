"""`exrx protocol lint`: what an author should put right, and what each code means."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, iso_date, print_text, warn
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from exrx.errors import Diagnostic


def add_lint(inner: Any) -> None:
    """Add `lint` to the commands of `protocol`."""
    lint = inner.add_parser("lint", help="what an author should put right, cases included", allow_abbrev=False)
    lint.add_argument("protocols", metavar="ID", nargs="*", help="default: all that are shipped")
    lint.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    lint.add_argument("--explain", metavar="CODE", help="what a code means and what to do about it")
    lint.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to hold dates against (default today)")
    add_language(lint)
    lint.set_defaults(run=run_lint)


def run_lint(arguments: argparse.Namespace) -> int:
    """Print every fault and remark; 1 when there is one, 2 when no protocol could be used."""
    from exrx.errors import ProtocolError
    from exrx.protocol.check import usable
    from exrx.protocol.library import list_protocols
    from exrx.screening.lint import lint_protocol

    if arguments.explain:
        return _explain(arguments)
    asked = arguments.protocols or [summary.id for summary in list_protocols()]
    as_of = arguments.as_of or date.today()  # noqa: DTZ011 - only whether a date has come yet depends on it
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for wanted in asked:
        try:
            found[wanted] = lint_protocol(wanted, as_of)
        except ProtocolError as error:
            warn(f"exrx: {error}")
    if arguments.format == "json":
        print_text(json.dumps([_as_json(*each) for each in found.items()], ensure_ascii=False, indent=1))
    else:
        _print(found, arguments.lang)
    good = sum(usable(diagnostics) for diagnostics in found.values())
    if not good:
        return NOTHING_DONE
    return DONE_WITH_PROBLEMS if good < len(asked) or any(found.values()) else DONE


def _explain(arguments: argparse.Namespace) -> int:
    from exrx.protocol.codes import explain_code

    print_text(explain_code(arguments.explain, arguments.lang))
    return DONE


def _print(found: dict[str, tuple[Diagnostic, ...]], lang: str) -> None:
    """Each diagnostic once, also where several protocols share a module; in Danish with the code's meaning."""
    from exrx.protocol.check import usable
    from exrx.protocol.codes import load_codes

    codes, printed = load_codes(), set[str]()
    for wanted, diagnostics in found.items():
        for text in map(str, diagnostics):
            if text not in printed:
                print_text(text)
                printed.add(text)
        faults = sum(d.severity == "error" for d in diagnostics)
        verdict = "can be used" if usable(diagnostics) else "cannot be used"
        print_text(f"{wanted}: {verdict}; {_counted(faults, 'fault')}, {_counted(len(diagnostics) - faults, 'remark')}")
    used = dict.fromkeys(d.code for diagnostics in found.values() for d in diagnostics)
    if used and lang == "da":
        for code in used:
            print_text(f"{code}: {codes[code].means['da']} {codes[code].cure['da']}")
    elif used:
        print_text(f"What a code means: exrx protocol lint --explain {next(iter(used))}")


def _as_json(wanted: str, diagnostics: tuple[Diagnostic, ...]) -> dict[str, Any]:
    from exrx.protocol.check import usable
    from exrx.protocol.codes import PAGE, load_codes

    codes = load_codes()
    return {
        "protocol": wanted,
        "usable": usable(diagnostics),
        "diagnostics": [
            {
                "code": d.code, "severity": d.severity, "message": d.message, "suggestion": d.suggestion,
                "file": d.location.file, "line": d.location.line, "column": d.location.column,
                "means": codes[d.code].means, "cure": codes[d.code].cure, "page": f"{PAGE}#{d.code}",
            }
            for d in diagnostics
        ],
    }  # fmt: skip


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
