"""`exrx replay`: stored decisions made again, with what is not as it was."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, print_text
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from exrx.io.decisions_json import StoredDecision
    from exrx.patient import Patient
    from exrx.screening.replay import Replayed


def add_commands(commands: Any) -> None:
    """Add `replay`."""
    one = commands.add_parser(
        "replay", help="make stored decisions again, and say what changed since", allow_abbrev=False
    )
    one.add_argument("decisions", metavar="DECISIONS",
                     help="what exrx screen --format json or jsonl wrote; - reads stdin")  # fmt: skip
    one.add_argument("input", metavar="INPUT", nargs="?",
                     help="the patients, for decisions that do not hold theirs")  # fmt: skip
    one.add_argument("--protocol", metavar="FILE[,FILE]", default="",
                     help="where protocols and overlays lie that are not shipped")  # fmt: skip
    one.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_language(one)
    one.set_defaults(run=run_replay)


def run_replay(arguments: argparse.Namespace) -> int:
    """Replay every decision of a file: 0 all came out the same, 2 none could be replayed, else 1."""
    from exrx.io.decisions_json import read_decisions
    from exrx.screening.replay import IMPOSSIBLE, Replayed, replay

    stored = read_decisions(arguments.decisions)
    paths = _protocol_paths(arguments.protocol)
    patients = _patients(arguments.input, stored)
    results: list[tuple[str, Replayed]] = []
    for entry in stored:
        if entry.fault:
            results.append((entry.place, Replayed("", IMPOSSIBLE, message=entry.fault)))
            continue
        name = entry.content.get("patient") if isinstance(entry.content, dict) else None
        results.append((entry.place, replay(entry.content, paths=paths, patient=patients.get(str(name)))))
    if arguments.format == "json":
        listed = [{"place": place, **result.to_dict()} for place, result in results]
        print_text(json.dumps(listed, ensure_ascii=False, indent=1))
    else:
        from exrx.fields import load_dictionary
        from exrx.report import Phrases
        from exrx.report.replay_text import replay_lines

        for line in replay_lines(results, Phrases(arguments.lang, load_dictionary())):
            print_text(line)
    return _code([result for _, result in results])


def _protocol_paths(given: str) -> dict[str, str]:
    """Each protocol that the call names, by its own id."""
    from exrx.protocol import load_protocol

    return {load_protocol(part.strip()).id: part.strip() for part in given.split(",") if part.strip()}


def _patients(given: str | None, stored: tuple[StoredDecision, ...]) -> dict[str, Patient]:
    """The patients of a file by id, as they were known on the day of the decisions."""
    if given is None:
        return {}
    from exrx.cli.screen import every_patient
    from exrx.errors import InputFileError
    from exrx.io import read_input
    from exrx.screening.one import as_date

    days = {str(entry.content.get("as_of")) for entry in stored if isinstance(entry.content, dict)}
    if len(days) != 1:
        raise InputFileError("the decisions are of several days; give INPUT with those of one day")
    intake = read_input(given, as_of=as_date(days.pop()))
    return {patient.id: patient for patient in every_patient(intake)}


def _code(results: list[Replayed]) -> int:
    statuses = {result.status for result in results}
    if statuses == {"same"}:
        return DONE
    return NOTHING_DONE if statuses == {"impossible"} else DONE_WITH_PROBLEMS
