"""`exrx protocol`: the shipped protocols, their rules in words, their checks and cases, and blank forms."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, out_file, print_text, terminal, warn, write_aside
from exrx.cli.diff import add_diff
from exrx.cli.protocol_conflicts import add_conflicts
from exrx.cli.protocol_lint import add_lint
from exrx.cli.protocol_mutate import add_mutate
from exrx.cli.protocol_new import add_authoring
from exrx.cli.protocol_prove import add_prove
from exrx.cli.screen import add_language, show

if TYPE_CHECKING:
    from exrx.protocol.library import Summary
    from exrx.screening.coverage import Coverage


def add_commands(commands: Any) -> None:
    """Add `protocol` with its own commands."""
    parent = commands.add_parser(
        "protocol", help="list, show, check, test and prove protocols; print forms", allow_abbrev=False
    )
    inner = parent.add_subparsers(title="commands", metavar="COMMAND", required=True)

    every = inner.add_parser("list", help="the shipped protocols", allow_abbrev=False)
    every.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    add_language(every)
    every.set_defaults(run=run_list)

    one = inner.add_parser("show", help="a protocol's parameters and rules in words", allow_abbrev=False)
    one.add_argument("protocol", metavar="ID", help="a shipped protocol or a path")
    add_language(one)
    one.set_defaults(run=run_show)

    check = inner.add_parser("check", help="every fault and remark of protocol files", allow_abbrev=False)
    check.add_argument("protocols", metavar="ID", nargs="*", help="default: all that are shipped")
    check.set_defaults(run=run_check)

    test = inner.add_parser("test", help="run the worked patients beside protocols", allow_abbrev=False)
    test.add_argument("protocols", metavar="ID", nargs="*", help="default: all that are shipped")
    test.add_argument("--coverage", action="store_true",
                      help="also what the cases lack: a rule or limit that no case checks")  # fmt: skip
    test.add_argument("--format", choices=("text", "json"), default="text",
                      help="json: which case sees and checks what; with --coverage (default text)")  # fmt: skip
    test.set_defaults(run=run_test)

    form = inner.add_parser("form", help="patient JSON to fill in, or a typical patient", allow_abbrev=False)
    form.add_argument("protocol", metavar="ID", help="a shipped protocol or a path")
    form.add_argument("--stage", metavar="S", help="enrolment or session; not needed where there is only one")
    form.add_argument("--fill", choices=("blank", "typical"), default="blank",
                      help="typical: healthy values, marked EXAMPLE (default blank)")  # fmt: skip
    form.add_argument("--out", type=out_file, metavar="FILE", help="write here instead of printing")
    form.set_defaults(run=run_form)
    add_lint(inner)
    add_authoring(inner)
    add_conflicts(inner)
    add_mutate(inner)
    add_prove(inner)
    add_diff(inner)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the shipped protocols."""
    from exrx.protocol.library import list_protocols

    found = list_protocols()
    if arguments.format == "json":
        print_text(json.dumps([_as_json(summary) for summary in found], ensure_ascii=False, indent=1))
        return DONE
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for summary in found:
        title = summary.title.get(arguments.lang, "")
        table.add_row(Text(summary.id, style="bold"), summary.version, Text(title), ", ".join(summary.stages))
    terminal().print(table)
    return DONE


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "version": summary.version,
        "title": summary.title,
        "stages": list(summary.stages),
        "path": summary.path,
    }


def run_show(arguments: argparse.Namespace) -> int:
    """Print a protocol in words."""
    from exrx.fields import load_dictionary
    from exrx.protocol import load_protocol
    from exrx.report.explain_text import protocol_report

    show(protocol_report(load_protocol(arguments.protocol), arguments.lang, load_dictionary()))
    return DONE


def _asked(given: list[str]) -> list[str]:
    from exrx.protocol.library import list_protocols

    return given or [summary.id for summary in list_protocols()]


def run_check(arguments: argparse.Namespace) -> int:
    """Print every diagnostic; 2 when no file can be used, 1 when some cannot."""
    from exrx.errors import ProtocolError
    from exrx.protocol.check import check_protocol, usable

    asked, refused = _asked(arguments.protocols), 0
    for wanted in asked:
        try:
            diagnostics = check_protocol(wanted)
        except ProtocolError as error:
            refused += 1
            warn(f"exrx: {error}")
            continue
        good = usable(diagnostics)
        refused += not good
        for diagnostic in diagnostics:
            print_text(str(diagnostic))
        remarks = sum(diagnostic.severity != "error" for diagnostic in diagnostics)
        faults = len(diagnostics) - remarks
        print_text(f"{wanted}: {'can be used' if good else 'cannot be used'}; "
                   f"{_counted(faults, 'fault')}, {_counted(remarks, 'remark')}")  # fmt: skip
    faults = 0 if arguments.protocols else _check_sources()
    return _code(refused, len(asked)) or (DONE_WITH_PROBLEMS if faults else DONE)


def _check_sources() -> int:
    """Print every fault and remark of the bibliography; how many faults."""
    from exrx.report.protocol_pages import check_library_sources

    diagnostics = check_library_sources()
    for diagnostic in diagnostics:
        print_text(str(diagnostic))
    faults = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    print_text(f"sources.yaml: {_counted(faults, 'fault')}, {_counted(len(diagnostics) - faults, 'remark')}")
    return faults


def run_test(arguments: argparse.Namespace) -> int:
    """Run the cases; 1 when one does not hold or (with --coverage) is lacking, 2 when no protocol could be used."""
    from exrx.errors import ProtocolError
    from exrx.screening.cases import run_cases

    if arguments.coverage:
        return run_coverage(arguments)
    if arguments.format == "json":
        warn("exrx: --format json is for --coverage; add it, or leave the format out")
        return NOTHING_DONE

    asked, refused, failed = _asked(arguments.protocols), 0, 0
    for wanted in asked:
        try:
            results = run_cases(wanted)
        except ProtocolError as error:
            refused += 1
            warn(f"exrx: {error}")
            continue
        for result in results:
            if not result.passed:
                failed += 1
                print_text(f"{result.place}: {result.name}")
                for fault in result.faults:
                    print_text(f"    {fault}")
        held = sum(result.passed for result in results)
        print_text(f"{wanted}: {held} of {_counted(len(results), 'case')} hold")
    return _code(refused, len(asked)) or (DONE_WITH_PROBLEMS if failed else DONE)


def run_coverage(arguments: argparse.Namespace) -> int:
    """Print what no case checks, each with its place; 1 when something is lacking or a case does not hold."""
    from exrx.errors import ProtocolError
    from exrx.screening.coverage import Coverage, cover

    asked, found = _asked(arguments.protocols), list[Coverage]()
    for wanted in asked:
        try:
            found.append(cover(wanted))
        except ProtocolError as error:
            warn(f"exrx: {error}")
    if arguments.format == "json":
        print_text(json.dumps([coverage.to_dict() for coverage in found], ensure_ascii=False, indent=1))
    else:
        printed: set[str] = set()
        for coverage in found:
            _print_coverage(coverage, printed)
    lacking = any(coverage.lacking or coverage.failed for coverage in found)
    return _code(len(asked) - len(found), len(asked)) or (DONE_WITH_PROBLEMS if lacking else DONE)


def _print_coverage(coverage: Coverage, printed: set[str]) -> None:
    """What is lacking, that of a module which several protocols include once, and a line that counts."""
    for lack in dict.fromkeys(map(str, coverage.lacking)):
        if lack not in printed:
            print_text(lack)
    printed.update(map(str, coverage.lacking))
    for name in coverage.failed:
        print_text(f"the case does not hold and counts for nothing: {name}")
    whole = sum(not any(rule.lacking()) for rule in coverage.rules)
    print_text(f"{coverage.protocol}: {_counted(coverage.cases, 'case')}, "
               f"{whole} of {_counted(len(coverage.rules), 'rule')} have all theirs, "
               f"{len(coverage.lacking)} lacking")  # fmt: skip


def run_form(arguments: argparse.Namespace) -> int:
    """Print a patient to fill in."""
    from exrx.cli.screen import choose_protocol
    from exrx.protocol.form import form_patient

    protocol, stage = choose_protocol(arguments)
    text = json.dumps(form_patient(protocol, stage, arguments.fill), ensure_ascii=False, indent=1) + "\n"
    if arguments.out:
        write_aside(arguments.out, [text])
    else:
        print_text(text)
    return DONE


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _code(refused: int, asked: int) -> int:
    if refused == 0:
        return DONE
    return NOTHING_DONE if refused == asked else DONE_WITH_PROBLEMS
