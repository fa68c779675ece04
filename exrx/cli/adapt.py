"""`exrx adapt`: the coming sessions of a plan from the log of what was done, and an empty log to fill in."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, day_of, iso_date, out_file, print_text, warn, write_aside
from exrx.cli.screen import add_language, choose_protocol, decide, find_patient, read_intake, show

if TYPE_CHECKING:
    from datetime import date

    from exrx.screening import Decision
    from exrx.training.adapting.adapt import Adaptation
    from exrx.training.delivered.dose import Delivered
    from exrx.training.logs.log import LogReading
    from exrx.training.plan import Plan

_ENDINGS = {".json": "json", ".txt": "table"}
_LISTED = 20


def add_commands(commands: Any) -> None:
    """Add `adapt`."""
    parser = commands.add_parser("adapt", help="the coming sessions, from what was done", allow_abbrev=False)
    parser.add_argument("plan", metavar="PLAN", type=Path, help="a plan's JSON (exrx prescribe --out plan.json)")
    parser.add_argument("log", metavar="LOG", type=Path, nargs="?", help="the session log, CSV or JSON")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to answer for (default today)")
    parser.add_argument("--rules", metavar="SET", help="a set of rules (default: that of the plan's population)")
    parser.add_argument("--weeks", type=int, default=1, metavar="N", help="how many weeks to give (default 1)")
    parser.add_argument("--template", type=int, metavar="WEEK", help="write an empty log of this week instead")
    screening = parser.add_argument_group("today's screening, which caps today's session")
    screening.add_argument("--screening", dest="input", metavar="INPUT", help="the patient of today, as in exrx screen")
    screening.add_argument("--protocol", metavar="ID[,ID]", help="the protocol to screen by")
    screening.add_argument("--stage", default="session", metavar="S", help="default session")
    screening.add_argument("--patient", metavar="ID", help="not needed when there is only one")
    screening.add_argument("--mapping", type=Path, metavar="FILE", help="what a table's columns mean")
    screening.add_argument("--assume-no", default="", metavar="WHAT", help="as in exrx screen")
    add_language(parser)
    parser.add_argument("--format", choices=("table", "json"), help="default table, or what the ending of --out says")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .txt or .json (a template: .csv)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Give the coming sessions with each move's reason, or write an empty log."""
    from exrx.training.adapting.adapt import adapt
    from exrx.training.delivered.dose import delivered
    from exrx.training.logs.log import LogReading, read_log

    layout = _layout(arguments)
    plan = _read_plan(arguments.plan)
    if arguments.template is not None:
        return _write_template(plan, arguments)
    as_of = day_of(arguments.as_of)
    reading = read_log(arguments.log, plan) if arguments.log else LogReading(())
    decision = _screened(arguments, as_of)
    answer = adapt(plan, reading, as_of=as_of, rules=arguments.rules, decision=decision, weeks=max(1, arguments.weeks))
    _give(answer, delivered(plan, reading, as_of), reading, layout, arguments)
    return _report(reading, answer, arguments.lang)


def _layout(arguments: argparse.Namespace) -> str:
    """The format to write: the one given, else what the ending of the file says.

    Raises:
        InputFileError: the ending says nothing.
        PlanError: a screening without a protocol, or a protocol without one.
    """
    from exrx.errors import InputFileError, PlanError

    if (arguments.input is None) != (arguments.protocol is None):
        raise PlanError("--screening and --protocol go together: whom to screen, and by what")
    if arguments.format or arguments.out is None or arguments.template is not None:
        return arguments.format or "table"
    layout = _ENDINGS.get(arguments.out.suffix.lower())
    if layout is None:
        raise InputFileError(f"'{arguments.out.name}' does not say how to write: let it end in .txt or .json")
    return layout


def _read_plan(path: Path) -> Plan:
    from exrx.errors import InputFileError
    from exrx.training.plan import Plan

    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputFileError(f"{path.name} is not a plan's JSON: {error}") from error
    return Plan.from_dict(plain)


def _write_template(plan: Plan, arguments: argparse.Namespace) -> int:
    from exrx.training.logs.log import log_template

    text = log_template(plan, arguments.template, arguments.lang)
    if arguments.out is None:
        print_text(text)
    else:
        write_aside(arguments.out, ["\ufeff", text])  # the mark lets a spreadsheet read æ, ø and å
    return DONE


def _screened(arguments: argparse.Namespace, as_of: date) -> Decision | None:
    if arguments.input is None:
        return None
    protocol, stage = choose_protocol(arguments)
    intake = read_intake(arguments, as_of)
    return decide(find_patient(intake, arguments.patient), protocol, stage, as_of, intake)


def _give(answer: Adaptation, got: Delivered, reading: LogReading, layout: str, arguments: argparse.Namespace) -> None:
    if layout == "json":
        problems = [
            {"row": each.row, "column": each.column, "code": each.code, "message": each.message}
            for each in reading.problems
        ]
        log = {"rows": reading.rows, "used": len(reading.entries), "blank": list(reading.blank), "problems": problems}
        plain = answer.to_dict() | {"delivered": got.to_dict(), "log": log}
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        if arguments.out is None:
            print_text(text)
        else:
            write_aside(arguments.out, [text, "\n"])
        return
    from exrx.cli.adapt_text import adaptation_report

    show(adaptation_report(answer, got, arguments.lang), arguments.out)


def _report(reading: LogReading, answer: Adaptation, lang: str) -> int:
    """Every row that was not used by name; 1 when there is one, or when there is no session because of the patient."""
    for problem in reading.problems[:_LISTED]:
        warn(f"exrx: {problem.say(lang)} ({problem.code})")
    more = len(reading.problems) - _LISTED
    if more > 0:
        warn(f"exrx: og {more} flere (--format json)" if lang == "da" else f"exrx: and {more} more (--format json)")
    refused = answer.waiting is not None or answer.today.refused is not None
    return DONE_WITH_PROBLEMS if reading.problems or refused else DONE
