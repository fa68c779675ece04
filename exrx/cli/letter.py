"""`exrx letter`: the question to the role that has to clear a patient, and its reply read back as that role's gate."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, day_of, out_file, print_text, warn, write_aside
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
    from exrx.fields import load_dictionary
    from exrx.report.letter_text import question_letter
    from exrx.screening import screen

    protocol, stage = choose_protocol(arguments)
    patient = find_patient(read_intake(arguments, as_of), arguments.patient)
    decision = screen(patient, protocol, stage=stage, as_of=as_of)
    names = load_dictionary()
    letters = [question_letter(decision, role, arguments.lang, names) for role in _roles(arguments, decision)]
    if arguments.out is not None and arguments.out.suffix.lower() == ".html":
        write_aside(arguments.out, [letter.html(arguments.lang) for letter in letters])
    elif arguments.out is not None:
        write_aside(arguments.out, ["\n".join(letter.text() for letter in letters)])
    else:
        print_text("\n".join(letter.text() for letter in letters))
    return DONE


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
    from exrx.errors import InputFileError
    from exrx.io.outcome_files import read_texts
    from exrx.pathway.replies import gate_of

    texts = read_texts(arguments.replies)
    texts.need("id", "role", "answer", "date", "by")
    patients: dict[str, dict[str, Any]] = {}
    for patient in every_patient(read_intake(arguments, as_of)):
        patients.setdefault(patient.id or "", patient.to_dict())
    refused, read = [], 0
    for row in range(texts.n):
        reply = {name: texts.column(name)[row] for name in texts.columns}
        try:
            name, gate = gate_of(reply, as_of)
            if reply["id"] not in patients:
                raise ValueError(f"there is no patient '{reply['id']:.40}' in the input")
        except ValueError as error:
            refused.append(f"{texts.name}, row {row + 1}: {error}")
            continue
        patients[reply["id"]][name] = gate
        read += 1
    if arguments.out is None:
        raise InputFileError("say where to write the patients with their replies: --out FILE.json")
    write_aside(arguments.out, [json.dumps(list(patients.values()), ensure_ascii=False, indent=1) + "\n"])
    warn(f"exrx: {read} replies in {len(patients)} patients, in {arguments.out}")
    for line in refused:
        warn(f"exrx: {line}")
    return DONE_WITH_PROBLEMS if refused else DONE
