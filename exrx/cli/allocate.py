"""`exrx allocate`: cleared patients to groups."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, out_file, print_text, warn, write_aside
from exrx.cli.screen import add_language, show

_FROM_DECISION = ("clearance", "track", "supervision")
_ENDINGS = {".txt": "table", ".json": "json", ".csv": "csv"}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def add_commands(commands: Any) -> None:
    """Add `allocate`."""
    parser = commands.add_parser(
        "allocate", help="cleared patients to groups: seats, staff, rooms, times; who waits and why",
        description="Assign cleared patients to groups. Nobody is placed whom the decision does not clear.",
        allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("input", metavar="PATIENTS",
                        help="CSV: id, level, language, times, days_waited, wishes, travel.<place>, travel_max; and "
                        "clearance, track unless --decisions gives them")  # fmt: skip
    parser.add_argument("--groups", required=True, type=Path, metavar="FILE",
                        help="CSV: id, kind, seats_min, seats_max, staff_hours_per_seat, staff_hours, team, room, "
                        "leader, "
                        "times, language, level_min, level_max, place, supervision")  # fmt: skip
    parser.add_argument("--decisions", type=Path, metavar="FILE", help="the decisions: what exrx screen wrote, .json, "
                        ".jsonl or .csv")  # fmt: skip
    parser.add_argument("--team", action="append", default=[], metavar="TEAM=HOURS",
                        help="staff hours that the groups of a team share; may be repeated")  # fmt: skip
    parser.add_argument("--order", metavar="GOAL,..", help="goals one after the other: placed, waited, level, travel, "
                        "wishes (default: all in this order)")  # fmt: skip
    parser.add_argument("--weights", metavar="GOAL=W,..", help="weigh the goals against each other instead, such as "
                        "placed=1000,waited=1,level=2,travel=0.5,wishes=10")  # fmt: skip
    parser.add_argument("--closer", action="store_true",
                        help="a class that is followed more closely than the track asks for may be used "
                        "too")  # fmt: skip
    parser.add_argument("--no-prices", action="store_true", help="do not ask what one more seat or hour would bring")
    parser.add_argument("--format", choices=("table", "csv", "json"), help="default table, or the ending of --out")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .txt, .csv or .json instead of printing")
    add_language(parser)
    parser.set_defaults(run=run_allocate)


def run_allocate(arguments: argparse.Namespace) -> int:
    """Assign, check again, print or write; exit 1 where a patient's row could not be used."""
    from exrx.allocate import GOALS, allocate, broken_promises, read_groups, read_people, read_pools
    from exrx.errors import ExrxError, InputFileError

    layout = arguments.format or ("table" if arguments.out is None else _ENDINGS.get(arguments.out.suffix.lower()))
    if layout is None:
        raise InputFileError(f"'{arguments.out.name}' does not say how to write: let it end in {', '.join(_ENDINGS)}, "
                             "or choose with --format")  # fmt: skip
    if arguments.order and arguments.weights:
        raise InputFileError("--order takes the goals one after the other, --weights adds them up; choose one of them")
    rows, group_rows = _rows(arguments.input), _rows(arguments.groups)
    if not rows:
        raise InputFileError(f"{Path(arguments.input).name} has no rows: there is nobody to place")
    if arguments.decisions:
        rows = _decided(rows, arguments.decisions)
    people = read_people(rows, Path(arguments.input).name)
    groups = read_groups(group_rows, arguments.groups.name)
    if not any(name in rows[0] for name in ("clearance", "track")):
        raise InputFileError("the patients have no decision: give --decisions FILE (what exrx screen wrote), or the "
        "columns "
                             "clearance and track")  # fmt: skip
    pools = read_pools(arguments.team, groups)
    order = tuple(part.strip() for part in arguments.order.split(",")) if arguments.order else GOALS
    weights = _weights(arguments.weights) if arguments.weights else None
    found = allocate(people, groups, pools, order=order, weights=weights, closer=arguments.closer,
                     prices=not arguments.no_prices)  # fmt: skip
    broken = broken_promises(rows, group_rows, {pool.id: pool.hours for pool in pools}, found.placed,
                             closer=arguments.closer)  # fmt: skip
    if broken:
        raise ExrxError("the answer failed its own check, so none is given; please report it: " + "; ".join(broken[:5]))
    _unused_wishes(people, groups)
    if layout == "table":
        from exrx.report.allocate_text import allocation_report

        show(allocation_report(found, groups, arguments.lang), arguments.out)
    else:
        as_json = layout == "json"
        text = json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n" if as_json else ""
        text = text or _csv(found, people, arguments.lang)
        if arguments.out:
            write_aside(arguments.out, [text])
        else:
            print_text(text)
    return DONE_WITH_PROBLEMS if any(person.fault for person in people) else DONE


def _weights(text: str) -> dict[str, float]:
    from exrx.errors import InputFileError

    found = {}
    for part in text.split(","):
        goal, _, weight = (piece.strip() for piece in part.partition("="))
        try:
            found[goal] = float(weight)
        except ValueError:
            found[goal] = -1.0
        if not 0 <= found[goal] <= 1e6:
            raise InputFileError(f"'{part}' weighs no goal; write --weights placed=1000,waited=1 (from 0 to a million)")
    return found


def _rows(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text."""
    from exrx.errors import InputFileError
    from exrx.io.csvread import read_csv
    from exrx.io.patients_json import read_bytes

    name = Path(path).name
    table = read_csv(read_bytes(path), name)
    if table.problems:
        raise InputFileError("; ".join(problem.message for problem in table.problems[:3]))
    for note in table.notes:
        warn(f"exrx: {note}")
    return [dict(zip(table.header, cells, strict=True)) for cells in zip(*table.columns, strict=True)]


def _decided(rows: list[dict[str, str]], path: Path) -> list[dict[str, str]]:
    """The patients' rows with the decision of each; empty cells where there is none."""
    from exrx.errors import InputFileError

    both = sorted(set(rows[0]) & set(_FROM_DECISION))
    if both:
        raise InputFileError(f"the patients have the column {both[0]} and --decisions gives it too; drop one of them")
    known: dict[str, dict[str, str]] = {}
    days: set[str] = set()
    for decision in _decisions(path):
        days.add(str(decision.get("as_of") or "an unknown day"))
        patient = str(decision.get("patient") or decision.get("id") or "").strip()
        if patient in known:
            raise InputFileError(f"{path.name} has two decisions for '{patient}'; keep the newest")
        known[patient] = {name: str(decision.get(name) or "") for name in _FROM_DECISION}
        if decision.get("example"):
            known[patient]["origin"] = "example"
    if len(days) > 1:
        warn(f"exrx: the decisions are of several days ({', '.join(sorted(days)[:4])}); screen everybody on one day")
    nothing = dict.fromkeys(_FROM_DECISION, "")
    joined = [{**row, **known.get(row.get("id", "").strip(), nothing)} for row in rows]
    ids = {row.get("id", "").strip() for row in rows}
    strangers = sum(patient not in ids for patient in known)
    if strangers:
        warn(f"exrx: {strangers} decisions in {path.name} are of patients who do not ask for a place")
    return joined


def _decisions(path: Path) -> Iterator[dict[str, Any]]:
    from exrx.errors import InputFileError
    from exrx.io.patients_json import read_bytes

    if path.suffix.lower() == ".csv":
        yield from _rows(path)
        return
    text = read_bytes(path).decode("utf-8", "replace")
    try:
        whole = path.suffix.lower() == ".json"
        content = json.loads(text) if whole else [json.loads(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError as error:
        raise InputFileError(f"{path.name} is not what exrx screen wrote: line {error.lineno} is not JSON") from error
    for decision in content if isinstance(content, list) else [content]:
        if not isinstance(decision, dict) or "clearance" not in decision:
            raise InputFileError(f"{path.name} holds something that is no decision; write it with exrx screen "
            "--format jsonl")
        yield decision


def _unused_wishes(people: Sequence[Any], groups: Sequence[Any]) -> None:
    known = {group.id for group in groups}
    strange = sorted({wish for person in people for wish in person.wishes} - known)
    if strange:
        warn(f"exrx: wishes name groups that are not there: {', '.join(strange[:5])}")


def _csv(found: Any, people: Sequence[Any], lang: str) -> str:
    """One row a patient, in the order of the input: the group, or why the patient waits."""
    from exrx.report.allocate_text import why_words

    waiting = {each.patient: each for each in found.waiting}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["patient", "group", "why", "words"])
    for person in people:
        each = waiting.get(person.id)
        why = ("", "") if each is None else (each.why, why_words(each, lang))
        writer.writerow([_safe(cell) for cell in (person.id, found.placed.get(person.id, ""), *why)])
    return text.getvalue()


def _safe(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(_RISKY) else cell
