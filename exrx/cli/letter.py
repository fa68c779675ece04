"""`exrx letter`: the question to the role that has to clear a patient, and its reply read back as that role's gate."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE_WITH_PROBLEMS, day_of, out_file, print_text, warn, write_aside
from exrx.cli.screen import add_input, add_stage, choose_protocol, every_patient, find_patient, read_intake

if TYPE_CHECKING:
    from datetime import date

    from exrx.screening import Decision

_EPILOG = """\
The reply is a CSV: id, role, answer (cleared, limited, refused), date, by,
until, limits. A reply without a date or a name answers nothing.
examples:
  exrx letter patients.json --patient p1 --stage enrolment --lang da
  exrx letter patients.json --patient p1 --stage enrolment --to oncologist --out p1.html
  exrx letter patients.json --replies replies.csv --out patients-with-replies.json"""


def add_commands(commands: Any) -> None:
    """Add `letter`."""
    parser = commands.add_parser(
        "letter",
        help="the letter to the role that has to clear a patient, and its reply",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_input(parser)
    add_stage(parser)
    parser.add_argument("--patient", metavar="ID", help="the patient's id; not needed when there is only one")
    parser.add_argument("--to", metavar="ROLE", help="one role; default every role that the decision asks for")
    parser.add_argument("--replies", type=Path, metavar="FILE", help="CSV of replies: writes the patients with gates")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .txt or .html (letters) or .json (replies)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the letters of one patient, or the patients with the replies read in."""
    as_of = day_of(arguments.as_of)
    if arguments.replies is not None:
        return _run_replies(arguments, as_of)
    return _run_letters(arguments, as_of)


def _run_letters(arguments: argparse.Namespace, as_of: date) -> int:
    from exrx.cli.intake import report_problems
    from exrx.fields import load_dictionary
    from exrx.report.letter_text import letters_html, question_letter
    from exrx.screening import screen

    protocol, stage = choose_protocol(arguments)
    intake = read_intake(arguments, as_of)
    patient = find_patient(intake, arguments.patient)
    decision = screen(patient, protocol, stage=stage, as_of=as_of)
    names = load_dictionary()
    letters = [question_letter(decision, role, arguments.lang, names) for role in _roles(arguments, decision)]
    if arguments.out is not None and arguments.out.suffix.lower() == ".html":
        write_aside(arguments.out, [letters_html(letters, arguments.lang)])
    elif arguments.out is not None:
        write_aside(arguments.out, ["\n".join(letter.text() for letter in letters)])
    else:
        print_text("\n".join(letter.text() for letter in letters))
    return report_problems(intake, arguments.lang, [decision])


def _roles(arguments: argparse.Namespace, decision: Decision) -> tuple[str, ...]:
    """The roles to write to.

    Raises:
        PatientError: the decision asks for nobody, or not for the role of --to.
    """
    from exrx.errors import PatientError

    if not decision.consult:
        raise PatientError(
            f"the answer for {decision.patient} is '{decision.clearance.word}' and asks for no physician, so there is "
            "no letter to write"
        )
    if arguments.to is None:
        return decision.consult
    if arguments.to not in decision.consult:
        asked = ", ".join(decision.consult)
        raise PatientError(f"the decision does not ask for '{arguments.to}'; it asks for: {asked}")
    return (arguments.to,)


def _run_replies(arguments: argparse.Namespace, as_of: date) -> int:
    from exrx.cli.intake import report_problems
    from exrx.errors import InputFileError
    from exrx.io.outcome_files import read_texts
    from exrx.pathway.replies import with_replies

    if arguments.out is None:
        raise InputFileError("say where to write the patients with their replies: --out FILE.json")
    texts = read_texts(arguments.replies)
    texts.need("id", "role", "answer", "date", "by")
    columns = {name: texts.column(name) for name in texts.columns}
    replies = [{name: cells[row] for name, cells in columns.items()} for row in range(texts.n)]
    intake = read_intake(arguments, as_of)
    patients, refused = with_replies(tuple(every_patient(intake)), replies, as_of)
    write_aside(arguments.out, [json.dumps(patients, ensure_ascii=False, indent=1) + "\n"])
    unread = len({row for row, _ in refused} | {problem.row - 1 for problem in texts.problems if problem.row})
    warn(f"exrx: {texts.n - unread} of {texts.n} replies in {len(patients)} patients, in {arguments.out}")
    for problem in texts.problems:
        warn(f"exrx: {problem.place}: {problem.message}")
    for row, why in refused:
        warn(f"exrx: {texts.name}, row {row + 1}: {why}")
    code = report_problems(intake, arguments.lang)
    return DONE_WITH_PROBLEMS if refused or texts.problems else code
