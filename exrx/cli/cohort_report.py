"""`exrx cohort report`: a cohort in an overview, with figures, small counts hidden."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import day_of, iso_date, out_file, print_text, warn, write_aside, write_aside_bytes
from exrx.cli.intake import report_problems, warn_notes
from exrx.cli.screen import add_input, add_stage, choose_protocol, read_intake

if TYPE_CHECKING:
    from exrx.screening.many import Decisions
    from exrx.training.cohort import CohortPlans

_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".csv": "csv"}


def add_report(commands: Any) -> None:
    """Add `report` to the commands of `exrx cohort`."""
    parser = commands.add_parser(
        "report", help="a cohort in an overview: who trains where, why not, what is missing", allow_abbrev=False,
        description="Who trains where and why not, what is missing, by cancer type, sex, age and treatment, with "
        "figures. Small counts are hidden, and every number that would give them away.",
    )  # fmt: skip
    add_input(parser)
    add_stage(parser)
    parser.add_argument("--out", type=out_file, metavar="PATH",
                        help="a file (.html, .json, .csv), or a folder for the page, figures and tables")  # fmt: skip
    parser.add_argument("--format", choices=("html", "json", "csv"), help="default what --out says, else json")
    parser.add_argument("--training", metavar="ID", help="follow this programme (exrx training list)")
    parser.add_argument("--target", metavar="ID", help="the weekly target, such as acsm-150-75; with --training")
    parser.add_argument("--start", type=iso_date, metavar="DATE", help="first day of the plans (default --as-of)")
    parser.add_argument("--weeks", type=int, default=12, metavar="N", help="how many weeks (default 12)")
    parser.add_argument("--sessions", type=Path, metavar="FILE", help="a session log: patient, done, date, stop_reason")
    parser.add_argument(
        "--monitoring", type=Path, metavar="FILE",
        help="facts that a patient table lacks, such as the route in (docs/cohort-report.md)",
    )  # fmt: skip
    parser.add_argument(
        "--smallest-cell", type=_smallest, default=5, metavar="N",
        help="hide counts under N and what gives them away (default 5; 0 hides nothing)",
    )  # fmt: skip
    parser.set_defaults(run=run_report)


def _smallest(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def run_report(arguments: argparse.Namespace) -> int:
    """Screen the cohort, count it, hide what has to be hidden, and write the report."""
    from exrx.cohort import Cohort
    from exrx.report.plots.style import check_matplotlib
    from exrx.screening import screen_cohort
    from exrx.study.overview.overview import cohort_overview

    layout = _layout(arguments.format, arguments.out)
    _check_training(arguments)
    if layout in ("html", "folder"):
        check_matplotlib()
    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    intake = read_intake(arguments, as_of)
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    decisions = screen_cohort(cohort, protocol, stage=stage, as_of=as_of)
    sessions, monitoring, notes = _beside(arguments, cohort)
    content = cohort_overview(
        decisions, smallest=arguments.smallest_cell, mark=cohort.mark, plans=_plans(arguments, decisions, as_of),
        sessions=sessions, monitoring=monitoring, notes=intake.notes,
    )  # fmt: skip
    if arguments.smallest_cell < 2:
        warn("exrx: nothing is hidden (--smallest-cell): a count of one or two can name a person; do not pass this on")
    _write(content, arguments, layout)
    warn_notes(intake, arguments.lang)
    for note in notes:
        warn(f"exrx: {note}")
    problems = cohort.at(as_of, protocol.validity_at(stage)).problems()
    code = report_problems(intake, arguments.lang, rows=problems)
    return max(code, int(bool(notes)))


def _layout(given: str | None, out: Path | None) -> str:
    """The form to write: the one given, else what the ending of the path says; a path without one is a folder.

    Raises:
        InputFileError: the ending is of no form that can be written.
    """
    from exrx.errors import InputFileError

    if out is None:
        return given or "json"
    if out.is_dir() or not out.suffix:
        return given or "folder"
    layout = given or _ENDINGS.get(out.suffix.lower())
    if layout is None:
        raise InputFileError(f"'{out.name}' does not say how to write the report: end it in .html, .json or .csv, "
                             "or name a folder")  # fmt: skip
    return layout


def _check_training(arguments: argparse.Namespace) -> None:
    from exrx.errors import InputFileError

    if (arguments.training is None) != (arguments.target is None):
        raise InputFileError("--training and --target belong together: a programme, and the target it is measured by")


def _plans(arguments: argparse.Namespace, decisions: Decisions, as_of: date) -> CohortPlans | None:
    if arguments.training is None:
        return None
    from exrx.training.cohort import prescribe_cohort

    start = arguments.start or as_of
    return prescribe_cohort(decisions, arguments.training, target=arguments.target, start=start, weeks=arguments.weeks)


def _beside(arguments: argparse.Namespace, cohort: Any) -> tuple[Any, Any, list[str]]:
    """The session log, the monitoring facts, and what was odd about either."""
    from exrx.io.overview_files import read_monitoring, read_sessions

    sessions, said = read_sessions(arguments.sessions, cohort.ids) if arguments.sessions else (None, [])
    monitoring, more = read_monitoring(arguments.monitoring, cohort.ids) if arguments.monitoring else (None, [])
    return sessions, monitoring, [*said, *more]


def _write(content: dict[str, Any], arguments: argparse.Namespace, layout: str) -> None:
    from exrx.fields import load_dictionary
    from exrx.report.overview_csv import overview_csv, overview_csvs

    names, lang, out = load_dictionary(), arguments.lang, arguments.out
    if layout == "folder":
        from exrx.report.overview_html import overview_html
        from exrx.report.plots.overview import pictures

        drawn = pictures(content, lang, names)
        out.mkdir(parents=True, exist_ok=True)
        write_aside(out / "report.html", [overview_html(content, drawn, lang, names)])
        write_aside(out / "report.json", [_json(content)])
        for each in drawn:
            write_aside_bytes(out / f"{each.picture.name}.png", each.picture.png)
            write_aside(out / f"{each.picture.name}.svg", [each.picture.svg + "\n"])
        for name, text in overview_csvs(content, lang, names).items():
            write_aside(out / f"{name}.csv", [text])
        warn(f"exrx: {out / 'report.html'}, {len(drawn)} figures and their tables in {out}")
        return
    if layout == "html":
        from exrx.report.overview_html import overview_html
        from exrx.report.plots.overview import pictures

        text = overview_html(content, pictures(content, lang, names), lang, names)
    else:
        text = _json(content) if layout == "json" else overview_csv(content, lang, names)
    if out is None:
        print_text(text)
    else:
        write_aside(out, [text])


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
