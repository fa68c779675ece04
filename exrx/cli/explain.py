"""`exrx explain`: why one patient may train or not, what to get first, what would change the answer."""

from __future__ import annotations

import argparse
import json
from typing import Any

from exrx.cli import day_of, print_text
from exrx.cli.intake import notes_of, report_problems, warn_notes
from exrx.cli.screen import add_input, add_stage, choose_protocol, find_patient, read_intake, show, with_assumptions


def add_commands(commands: Any) -> None:
    """Add `explain`."""
    why = commands.add_parser(
        "explain", help="one patient: every rule, what to get first, what would change the answer", allow_abbrev=False
    )
    add_input(why)
    add_stage(why)
    why.add_argument("--patient", help="the patient's id; not needed when there is only one")
    why.add_argument("--all", action="store_true", help="the rules that do not hold as well")
    why.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    why.set_defaults(run=run_explain)


def run_explain(arguments: argparse.Namespace) -> int:
    """Explain one patient: the rules, what to get first, and what would change the answer."""
    from exrx.screening.advice import explain

    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    intake = read_intake(arguments, as_of)
    explanation = explain(find_patient(intake, arguments.patient), protocol, stage=stage, as_of=as_of)
    decision = with_assumptions(explanation.decision, intake)
    if arguments.format == "json":
        content = {**explanation.to_dict(), "decision": decision.to_dict()}
        print_text(json.dumps(content, ensure_ascii=False, indent=1))
        warn_notes(intake, arguments.lang)
    else:
        from rich.console import Group

        from exrx.fields import load_dictionary
        from exrx.report.explain_text import explain_report

        names = load_dictionary()
        report = explain_report(explanation, decision.to_dict(), arguments.lang, names, every=arguments.all)
        show(Group(report, *notes_of(intake, arguments.lang)))
    return report_problems(intake, arguments.lang, [decision])
