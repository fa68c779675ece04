"""`exrx questions`: what keeps a cohort waiting, which rule alone holds back whom, who changes if a limit moves."""

from __future__ import annotations

import argparse
import json
from typing import Any

from exrx.cli import day_of, out_file, print_text, write_aside
from exrx.cli.intake import notes_of, report_problems, warn_notes
from exrx.cli.screen import add_input, add_stage, choose_protocol, read_intake, show

SCHEMA = "exrx/questions/1"


def add_commands(commands: Any) -> None:
    """Add `questions`."""
    parser = commands.add_parser(
        "questions", help="a cohort: which answer is missing most, which rule alone holds back whom, what if a limit",
        allow_abbrev=False,
    )  # fmt: skip
    add_input(parser)
    add_stage(parser)
    parser.add_argument(
        "--limit", action="append", default=[], type=_limit, metavar="NAME=VALUE",
        help="what if this parameter (exrx protocol show), or the one number of this rule, were VALUE; may be repeated",
    )  # fmt: skip
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write here instead of printing")
    parser.set_defaults(run=run_questions)


def _limit(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"'{text}' moves no limit; write it as platelets_session_min=40")
    return name.strip(), value.strip()


def run_questions(arguments: argparse.Namespace) -> int:
    """Ask the questions of every patient of the input and print or write the counts."""
    from exrx.cohort import Cohort
    from exrx.screening import screen_cohort
    from exrx.screening.questions import blocking_facts, moved_by, single_rules

    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    intake = read_intake(arguments, as_of)
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    decisions = screen_cohort(cohort, protocol, stage=stage, as_of=as_of)
    content = {
        "schema": SCHEMA,
        "protocol": protocol.id,
        "version": protocol.version,
        "stage": stage,
        "as_of": as_of.isoformat(),
        "patients": len(decisions),
        "blocking": blocking_facts(decisions).to_dict(),
        "single_rules": single_rules(decisions).to_dict(),
        "limits": [moved_by(decisions, name, value).to_dict() for name, value in arguments.limit],
    }
    if arguments.format == "json":
        text = json.dumps(content, ensure_ascii=False, indent=1)
        if arguments.out:
            write_aside(arguments.out, [text + "\n"])
        else:
            print_text(text)
        warn_notes(intake, arguments.lang)
    else:
        from rich.console import Group

        from exrx.fields import load_dictionary
        from exrx.report.questions_text import questions_report

        report = questions_report(content, arguments.lang, load_dictionary())
        show(Group(report, *notes_of(intake, arguments.lang)), arguments.out)
    problems = cohort.at(as_of, protocol.validity_at(stage)).problems()
    return report_problems(intake, arguments.lang, rows=problems)
