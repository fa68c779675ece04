"""`exrx validate`: the engine against blinded professionals, an adverse-event log, and published yields."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, day_of, print_text, warn
from exrx.cli.compare import add_drawing, source_of, write_columns, write_figures, write_record
from exrx.cli.intake import notes_of, report_problems, warn_notes
from exrx.cli.screen import add_input, add_stage, choose_protocol, read_intake, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from exrx.io import Intake
    from exrx.study.validation import EventLog, Validation
    from exrx.study.validation.sheet import RowFault

_LISTED, _MOST = 20, 1_000_000
_EPILOG = """\
examples:
  exrx validate patients.json --reference verdicts.csv --protocol krop-og-kraeft --stage session --as-of 2026-11-23
  exrx validate --events events.csv
  exrx validate --calibration"""


def add_commands(commands: Any) -> None:
    """Add `validate`."""
    parser = commands.add_parser(
        "validate", help="against blinded professionals' verdicts; adverse events; published yields", epilog=_EPILOG,
        allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add_input(parser, optional=True)
    add_stage(parser)
    parser.add_argument("--reference", type=Path, metavar="FILE", help="verdicts: patient, date, rater, verdict, ..")
    parser.add_argument("--events", type=Path, metavar="FILE", help="adverse events: patient, hours, term, grade, ..")
    parser.add_argument("--calibration", action="store_true", help="enrolment answers beside published yields")
    parser.add_argument("--patients", type=_patients, default=5000, metavar="N", help="synthetic, for --calibration")
    add_drawing(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write figures, misses and a record")
    parser.set_defaults(run=run_validate)


def _patients(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 100 <= int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of patients from 100 to {_MOST}")
    return int(text)


def run_validate(arguments: argparse.Namespace) -> int:
    """Do what is asked for and print it; 1 when a row or value was refused.

    Raises:
        InputFileError: nothing, or only half of something, is asked for.
    """
    from exrx.errors import InputFileError

    if arguments.calibration:
        if arguments.input or arguments.reference or arguments.events:
            raise InputFileError("--calibration makes its own synthetic patients; give no input beside it")
        return _run_calibration(arguments)
    if arguments.reference is None and arguments.events is None:
        raise InputFileError("say what to hold the answers against: --reference FILE, --events FILE or --calibration")
    if (arguments.reference is None) != (arguments.input is None):
        raise InputFileError("the answers are held against verdicts: give both INPUT and --reference FILE")
    from exrx.io.verdicts import read_events_file

    log, unread = read_events_file(arguments.events) if arguments.events else (None, ())
    found, intake = _validation(arguments) if arguments.reference else (None, None)
    content = _content(arguments, found, log)
    if intake is not None:
        content["notes"] = list(intake.notes)
    if arguments.out:
        _write(arguments.out, content, found, log)
    if arguments.format == "json":
        print_text(json.dumps(content, ensure_ascii=False, indent=1))
        if intake is not None:
            warn_notes(intake, arguments.lang)
    else:
        _show(arguments, content, intake)
    code = DONE
    for problem in unread:
        warn(f"exrx: {problem.place}: {problem.message} ({problem.code})")
        code = DONE_WITH_PROBLEMS
    if log is not None:
        code = max(code, _faults(log.name, log.faults, arguments.lang))
    if found is not None and intake is not None:
        code = max(code, _problems(found, intake, arguments.lang))
    return code


def _validation(arguments: argparse.Namespace) -> tuple[Validation, Intake]:
    from exrx.cohort import Cohort
    from exrx.io.verdicts import read_verdicts_file
    from exrx.study.validation import validate
    from exrx.study.validation.sessions import Engine

    protocol, stage = choose_protocol(arguments)
    reference, unread = read_verdicts_file(arguments.reference, arguments.as_of)
    intake = read_intake(arguments, arguments.as_of or _last_day(reference.verdicts))
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    unreadable = frozenset(problem.row - 1 for problem in intake.problems if problem.row)
    for problem in unread:
        warn(f"exrx: {problem.place}: {problem.message} ({problem.code})")
    engine = Engine(cohort, protocol, stage, unreadable)
    return validate(engine, reference, seed=arguments.seed, times=arguments.samples), intake


def _last_day(verdicts: Iterable[Any]) -> date:
    """The last day that a verdict is about: the input is read as of then."""
    days = [verdict.day for verdict in verdicts]
    return max(days) if days else day_of(None)


def _content(arguments: argparse.Namespace, found: Validation | None, log: EventLog | None) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if found is not None:
        content = found.to_dict() | {
            "input": source_of(arguments.input), "reference": source_of(str(arguments.reference)),
        }  # fmt: skip
    if log is not None:
        events = log.to_dict() | {"figures": [figure.to_dict() for figure in log.figures()]}
        content["events"] = events | {"file": source_of(str(arguments.events))}
    return content


def _show(arguments: argparse.Namespace, content: dict[str, Any], intake: Intake | None) -> None:
    from rich.console import Group

    from exrx.fields import load_dictionary
    from exrx.report.validate_text import events_report, validation_report

    parts: list[RenderableType] = []
    if "flow" in content:
        parts.append(validation_report(content, arguments.lang, load_dictionary()))
    if "events" in content:
        parts.append(events_report(content["events"], arguments.lang))
    show(Group(*parts, *(notes_of(intake, arguments.lang) if intake is not None else ())))


def _write(folder: Path, content: dict[str, Any], found: Validation | None, log: EventLog | None) -> None:
    import numpy as np

    figures = [*(found.figures if found is not None else ()), *(log.figures() if log is not None else ())]
    write_figures(folder, figures, example=bool(content.get("example")))
    write_record(folder, content)
    if found is not None and found.sessions:
        rows = [
            {
                "patient": miss["patient"], "session": miss["session"], "day": miss["day"], "gap": str(miss["gap"]),
                "panel": miss["panel"], "engine": miss["engine"], "clearance": miss["clearance"],
                "raters": "; ".join(f"{each['rater']}: {each['verdict']}" for each in miss["verdicts"]),
                "rules": " ".join(each["rule"] for each in miss["reasons"]), "missing": " ".join(miss["missing"]),
            }
            for miss in content["misses"]
        ]  # fmt: skip
        names = ("patient", "session", "day", "gap", "panel", "engine", "clearance", "raters", "rules", "missing")
        write_columns(folder / "misses", {name: np.array([row[name] for row in rows], object) for name in names})


def _problems(found: Validation, intake: Intake, lang: str) -> int:
    code = _faults(found.reference.name, found.reference.faults, lang)
    words = {
        "da": {"unknown-patient": "patienten står ikke i inddata", "ambiguous-patient": "patienten står flere gange i "
               "inddata", "no-engine-data": "intet er kendt om patienten i inddata"},
        "en": {"unknown-patient": "the patient is not in the input", "ambiguous-patient": "the patient is in the input "
               "several times", "no-engine-data": "nothing is known of the patient in the input"},
    }  # fmt: skip
    lines = [f"{_row(each['row'], lang)}: {words[lang][each['why']]} ({each['why']})" for each in found.unmatched]
    code = max(code, _listed(found.reference.name, lines, lang))
    engine = found.engine
    days = sorted({session.answer.day for session in found.sessions}) or []
    asked = {(session.answer.row, session.answer.day) for session in found.sessions}
    rows = [
        (row, problem)
        for day in days
        for row, problem in engine.cohort.at(day, engine.protocol.validity_at(engine.stage)).problems()
        if (row, day) in asked
    ]
    return max(code, report_problems(intake, lang, rows=rows))


def _faults(name: str, faults: Iterable[RowFault], lang: str) -> int:
    return _listed(name, [f"{_row(each.row, lang)}: {each.text[lang]} ({each.code})" for each in faults], lang)


def _listed(name: str, lines: list[str], lang: str) -> int:
    for line in lines[:_LISTED]:
        warn(f"exrx: {name}, {line}")
    if len(lines) > _LISTED:
        more = {"da": "og {n} rækker mere; alle står i", "en": "and {n} more rows; all are in"}[lang]
        warn(f"exrx: {name}: {more.format(n=len(lines) - _LISTED)} --format json")
    return DONE_WITH_PROBLEMS if lines else DONE


def _row(row: int, lang: str) -> str:
    return f"{'række' if lang == 'da' else 'row'} {row}"


def _run_calibration(arguments: argparse.Namespace) -> int:
    from exrx.fields import load_dictionary
    from exrx.report.validate_text import calibration_report
    from exrx.study.validation.calibration import calibrate

    found = calibrate(arguments.patients, seed=arguments.seed, as_of=day_of(arguments.as_of))
    content = found.to_dict()
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        write_record(arguments.out, content)
    if arguments.format == "json":
        print_text(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        show(calibration_report(content, arguments.lang, load_dictionary()))
    return DONE
