"""`exrx training`: programmes, targets, classes, regimens, exercises, and what a trial's table adds up to."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from exrx.cli import DONE, print_text, terminal
from exrx.cli.training_week import add_week


def add_commands(commands: Any) -> None:
    """Add `training`."""
    parser = commands.add_parser("training", help="programmes, targets, classes and exercises", allow_abbrev=False)
    kinds = parser.add_subparsers(title="what", metavar="WHAT", required=True)
    for name, run, about in (
        ("list", _programmes, "the training programmes"),
        ("targets", _targets, "the weekly targets"),
        ("classes", _classes, "the classes that a plan can be laid into"),
        ("regimens", _regimens, "the chemotherapy regimens of the treatment calendar"),
        ("exercises", _exercises, "the exercise library, or what is left of it"),
        ("totals", _totals, "what a trial's table adds up to"),
    ):
        kind = kinds.add_parser(name, help=about, allow_abbrev=False)
        kind.add_argument("--lang", choices=("da", "en"), default="en", help="default en")
        kind.add_argument("--format", choices=("table", "json"), default="table", help="default table")
        if name == "exercises":
            kind.add_argument("--avoid", default="", metavar="TAG[,TAG]", help="such as hip-resistance,impact")
            kind.add_argument("--where", choices=("class", "home"), help="only those that can be done there")
        if name == "totals":
            kind.add_argument("training", metavar="ID", help="such as effect-2022, or a path")
        kind.set_defaults(run=run)
    add_week(kinds)


def _show(rows: list[dict[str, Any]], arguments: argparse.Namespace, columns: Iterable[str]) -> int:
    """The rows as JSON, or some of their columns as a table of at most 80 columns."""
    if arguments.format == "json":
        print_text(json.dumps(rows, ensure_ascii=False, indent=1))
        return DONE
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    columns = tuple(columns)
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    terminal().print(table)
    return DONE


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _programmes(arguments: argparse.Namespace) -> int:
    from exrx.training.programme import load_programme
    from exrx.training.template import shipped_programmes

    rows = []
    for name, kind in shipped_programmes().items():
        programme = load_programme(name)
        about = {"id": name, "kind": kind, "version": programme.version, "title": programme.title[arguments.lang]}
        rows.append(about | {"sha256": programme.sha256, "unverified": len(programme.unverified)})
    return _show(rows, arguments, ("id", "kind", "title"))


def _targets(arguments: argparse.Namespace) -> int:
    from exrx.training.targets import load_targets

    rows = [
        {"id": target.id, "label": target.label[arguments.lang], "unverified": list(target.unverified),
         "asks": [requirement.text[arguments.lang] for requirement in target.requirements]}
        for target in load_targets().values()
    ]  # fmt: skip
    return _show(rows, arguments, ("id", "label"))


def _classes(arguments: argparse.Namespace) -> int:
    from exrx.training.template import WEEKDAYS
    from exrx.training.weeks.classes import load_classes

    rows = [
        {"id": each.id, "title": each.title[arguments.lang], "weekdays": [WEEKDAYS[day] for day in each.weekdays],
         "weeks": each.weeks, "minutes": each.minutes, "seats": list(each.seats), "unverified": list(each.unverified)}
        for each in load_classes().values()
    ]  # fmt: skip
    return _show(rows, arguments, ("id", "title", "weeks", "minutes", "weekdays"))


def _regimens(arguments: argparse.Namespace) -> int:
    from exrx.training.weeks.treatment import load_regimens

    rows = [
        {"id": each.id, "label": each.label[arguments.lang], "unverified": list(each.unverified),
         "cycles": " + ".join(f"{phase.cycles or '?'} x {phase.cycle_days} d" for phase in each.phases)}
        for each in load_regimens().by_id.values()
    ]  # fmt: skip
    return _show(rows, arguments, ("id", "label", "cycles"))


def _exercises(arguments: argparse.Namespace) -> int:
    from exrx.training.exercise_list import exercise_rows

    avoid = frozenset(tag for tag in arguments.avoid.split(",") if tag)
    rows = exercise_rows(arguments.lang, avoid=avoid, where=arguments.where)
    allowed = [row for row in rows if row["allowed"]]
    return _show(rows if arguments.format == "json" else allowed, arguments, ("id", "name", "muscles"))


def _totals(arguments: argparse.Namespace) -> int:
    from exrx.training.table import load_table, totals

    content = totals(load_table(arguments.training)).to_dict()
    rows = [{"what": name.replace("_", " "), "value": value} for name, value in content.items()]
    return _show(rows, arguments, ("what", "value"))
