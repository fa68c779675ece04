"""`exrx worklist`: the morning list of a hospital team."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import day_of, out_file, print_text, write_aside, write_aside_bytes
from exrx.cli.intake import notes_of, report_problems, warn_notes
from exrx.cli.screen import add_input, choose_protocol, decide, every_patient, read_intake, show

if TYPE_CHECKING:
    from exrx.io import Intake
    from exrx.patient import Patient
    from exrx.protocol import Protocol
    from exrx.screening import Decision
    from exrx.worklist import Worklist

_ENDINGS = {".txt": "table", ".html": "html", ".xlsx": "xlsx", ".json": "json"}
STAGE = "session"


def add_commands(commands: Any) -> None:
    """Add `worklist`."""
    parser = commands.add_parser(
        "worklist",
        help="the morning list: who trains today, what to get first, whom to call",
        description="Today's sessions with one of four words a patient: go, adapt, get this first, not today.",
        allow_abbrev=False,
    )
    add_input(parser)
    parser.add_argument("--sessions", type=Path, metavar="FILE", help="CSV: id, team, time, room")
    parser.add_argument(
        "--forms", type=Path, action="append", default=[], metavar="FILE",
        help="forms filled in Excel (exrx form --format xlsx); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--yesterday", type=Path, metavar="FILE", help="an earlier run's decisions (JSON, JSON lines, Parquet) or list"
    )
    parser.add_argument("--names", type=Path, metavar="FILE", help="CSV: id, name; joined only in what people read")
    parser.add_argument("--draft", action="store_true", help="allow examples; every page says DRAFT")
    parser.add_argument(
        "--format", choices=tuple(_ENDINGS.values()), help="default table, or what the ending of --out says"
    )
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .txt, .html, .xlsx or .json")
    parser.set_defaults(run=run_worklist, stage=STAGE)


def run_worklist(arguments: argparse.Namespace) -> int:
    """Screen the input and everybody with a session, and print or write the list."""
    from exrx.io.sessions import read_earlier, read_names, read_sessions
    from exrx.worklist import make_worklist

    layout = _layout(arguments)
    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    sessions = read_sessions(arguments.sessions) if arguments.sessions else None
    names = read_names(arguments.names) if arguments.names else {}
    earlier = read_earlier(arguments.yesterday) if arguments.yesterday else None
    intake = read_intake(arguments, as_of)
    patients = _with_forms(every_patient(intake), arguments.forms, as_of)
    decisions = [decide(patient, protocol, stage, as_of, intake) for patient in patients]
    known = {decision.patient for decision in decisions}
    unknown = list(dict.fromkeys(session.id for session in sessions or () if session.id not in known))
    decisions += [_without_data(name, protocol, stage, as_of, intake) for name in unknown]
    found = make_worklist(
        [decision.to_dict() for decision in decisions],
        sessions,
        earlier=earlier,
        no_data=frozenset(unknown),
        draft=arguments.draft,
    )
    _write(arguments, layout, found, names, intake)
    return report_problems(intake, arguments.lang, [decision for decision in decisions if decision.problems])


def _with_forms(patients: Iterable[Patient], files: Sequence[Path], as_of: date) -> Iterable[Patient]:
    """The patients with what was filled in for them."""
    if not files:
        return patients
    from exrx.io.forms_xlsx import read_forms
    from exrx.io.joined_forms import join_forms

    filled = [patient for file in files for patient in read_forms(file).patients or ()]
    return join_forms(patients, filled, as_of)


def _without_data(name: str, protocol: Protocol, stage: str, as_of: date, intake: Intake) -> Decision:
    """The decision for somebody of whom only the session is known."""
    from exrx.patient import Patient

    return decide(Patient(name, {}), protocol, stage, as_of, intake)


def _layout(arguments: argparse.Namespace) -> str:
    """The format to write.

    Raises:
        InputFileError: the ending says none, Excel without a file, or names for JSON.
    """
    from exrx.errors import InputFileError

    out, layout = arguments.out, arguments.format
    if layout is None and out is not None:
        layout = _ENDINGS.get(out.suffix.lower())
        if layout is None:
            raise InputFileError(
                f"'{out.name}' does not say how to write the list: let it end in {', '.join(_ENDINGS)}, or choose with "
                f"--format {', '.join(_ENDINGS.values())}"
            )
    if layout == "xlsx" and out is None:
        raise InputFileError("an Excel file cannot be printed; say where to write it with --out FILE")
    if layout == "json" and arguments.names:
        raise InputFileError("names are never written to JSON; leave --names out, or write .html, .xlsx or .txt")
    return layout or "table"


def _write(arguments: argparse.Namespace, layout: str, found: Worklist, keys: dict[str, str], intake: Intake) -> None:
    from exrx.fields import load_dictionary
    from exrx.report.worklist_words import Speaker

    names, out = load_dictionary(), arguments.out
    speaker = Speaker(arguments.lang, names, keys)
    if layout == "table":
        from rich.console import Group

        from exrx.report.worklist_text import morning_list

        show(Group(morning_list(found, speaker), *notes_of(intake, arguments.lang)), out)
        return
    warn_notes(intake, arguments.lang)
    if layout == "xlsx":
        from exrx.report.worklist_xlsx import worklist_xlsx

        write_aside_bytes(out, worklist_xlsx(found, speaker))
    elif layout == "html":
        from exrx.report.worklist_html import worklist_html

        _text(out, worklist_html(found, speaker))
    else:
        from exrx.report.worklist_json import worklist_json

        _text(out, json.dumps(worklist_json(found, names), ensure_ascii=False, indent=1) + "\n")


def _text(out: Path | None, text: str) -> None:
    if out:
        write_aside(out, [text])
    else:
        print_text(text)
