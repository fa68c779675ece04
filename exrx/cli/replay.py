"""`exrx replay`: stored decisions made again, with what is not as it was."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, print_text
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from exrx.io.decisions_json import StoredDecision
    from exrx.patient import Patient
    from exrx.screening.replay import Moved, Replayed

_WORDS = {
    "en": {
        "same": "the same answer",
        "different": "ANOTHER ANSWER from the same protocol and dictionary: the decision was altered after it was "
        "written, or another build of the engine made it",
        "changed": "not the same rules as then",
        "impossible": "cannot be replayed: {message}",
        "cause": "{what}: then {then}, now {now}",
        "alike": "the answer would be the same",
        "moved": "what moves:",
        "count": "{n} decisions: {same} the same, {different} different, {changed} under changed rules, "
        "{impossible} not replayed",
        "more": "and {n} parts more; --format json lists them",
        "none": "nothing",
        "reworded": "another text",
    },
    "da": {
        "same": "samme svar",
        "different": "ET ANDET SVAR af samme protokol og ordbog: beslutningen er ændret, efter at den blev skrevet, "
        "eller lavet af en anden udgave af programmet",
        "changed": "ikke de samme regler som dengang",
        "impossible": "kan ikke gentages: {message}",
        "cause": "{what}: dengang {then}, nu {now}",
        "alike": "svaret ville være det samme",
        "moved": "det ændrer sig:",
        "count": "{n} beslutninger: {same} ens, {different} forskellige, {changed} under ændrede regler, "
        "{impossible} ikke gentaget",
        "more": "og {n} dele mere; --format json viser dem",
        "none": "intet",
        "reworded": "en anden tekst",
    },
}
_SHOWN, _LONGEST = 12, 70


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
    """Replay every decision of a file: 0 all are the same, 2 none could be replayed by its own rules, else 1."""
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
        _print(results, arguments.lang)
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


def _print(results: list[tuple[str, Replayed]], lang: str) -> None:
    words = _WORDS[lang]
    for place, result in results:
        if result.status == "same" and not result.causes and len(results) > 1:
            continue
        head = words[result.status].format(message=result.message)
        print_text(f"{result.patient or place}: {head}")
        for cause in result.causes:
            print_text("    " + words["cause"].format(what=cause.what, then=cause.then, now=cause.now))
        if result.status == "changed" and not result.differences:
            print_text(f"    {words['alike']}")
        if result.differences:
            print_text(f"    {words['moved']}")
        for moved in result.differences[:_SHOWN]:
            print_text(f"      {_line(moved, words)}")
        if len(result.differences) > _SHOWN:
            print_text("      " + words["more"].format(n=len(result.differences) - _SHOWN))
        if result.message and result.status != "impossible":
            print_text(f"    {result.message}")
    counted = Counter(result.status for _, result in results)
    numbers = {status: counted[status] for status in ("same", "different", "changed", "impossible")}
    if len(results) > 1:
        print_text(words["count"].format(n=len(results), **numbers))


def _line(moved: Moved, words: dict[str, str]) -> str:
    if all(isinstance(side, str) and len(side) > _LONGEST for side in (moved.then, moved.now)):
        return f"{moved.what}: {words['reworded']}"
    return f"{moved.what}: {_short(moved.then, words)} -> {_short(moved.now, words)}"


def _short(value: Any, words: dict[str, str]) -> str:
    if value in (None, [], {}, ""):
        return words["none"]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = ", ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}.."


def _code(results: list[Replayed]) -> int:
    statuses = {result.status for result in results}
    if statuses == {"same"}:
        return DONE
    return DONE_WITH_PROBLEMS if statuses & {"same", "different"} else NOTHING_DONE
