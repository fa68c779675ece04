"""`exrx pathway`: a person's course so far, what is due, who does it, the placement and why; or a cohort's tables."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, day_of, iso_date, out_file, print_text, warn, write_aside
from exrx.cli.ctcae import print_lines
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from datetime import date

    from exrx.pathway.record import Course
    from exrx.pathway.state import Pathway
    from exrx.protocol.model import Protocol

_TABLES = (".csv", ".tsv", ".parquet", ".pq")
_EPILOG = """\
A course is JSON: a patient with assessments, referrals, plan, goals and
measurements (docs/pathway.md). The screening is dk-2015 at enrolment.
examples:
  exrx pathway courses.json --patient p1 --lang da
  exrx pathway courses.json --patient p1 --out p1.html
  exrx pathway courses.json                       everybody: where they stand, what is due"""


def add_commands(commands: Any) -> None:
    """Add `pathway`."""
    parser = commands.add_parser(
        "pathway",
        help="the course so far, what is due, who does it, where and why",
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", metavar="INPUT", help="course JSON or JSON lines; or a cohort table, CSV or Parquet")
    parser.add_argument("--patient", metavar="ID", help="one person; without it the tables of all")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to answer for (default today)")
    parser.add_argument("--protocol", metavar="ID[,ID]", help="default dk-2015, which names the triggers of placement")
    parser.add_argument("--sender", choices=("hospital", "gp", "municipality", "self"), default="hospital",
                        help="who would refer now (default hospital)")  # fmt: skip
    parser.add_argument("--letter", choices=("need", "gp", "transfer"),
                        help="a message instead: needs assessment, to the GP, hospital to municipality")  # fmt: skip
    parser.add_argument("--format", choices=("table", "json", "html"), help="default table, or the ending of --out")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .txt, .json or .html instead of printing")
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the course of one person, or the tables of all; exit 1 where something was refused."""
    from exrx.errors import InputFileError
    from exrx.io.courses import read_courses
    from exrx.pathway.state import PROTOCOL, pathway
    from exrx.protocol import load_protocol

    if arguments.letter and not arguments.patient:
        raise InputFileError("a letter is about one person: add --patient ID")
    as_of = day_of(arguments.as_of)
    protocol = load_protocol(arguments.protocol or PROTOCOL)
    if arguments.input.lower().endswith(_TABLES):
        return _run_table(arguments, protocol, as_of)
    courses = read_courses(arguments.input)
    chosen = [_find(courses, arguments.patient)] if arguments.patient else courses
    found = [pathway(course, as_of=as_of, protocol=protocol, sender=arguments.sender) for course in chosen]
    _give(arguments, found)
    refused = [course for course in courses if course.problems]
    for course in refused:
        for problem in course.problems:
            warn(f"exrx: {course.id}, {problem.field}: {problem.message}")
    return DONE_WITH_PROBLEMS if refused else DONE


def _run_table(arguments: argparse.Namespace, protocol: Protocol, as_of: date) -> int:
    """Where everybody of a cohort table stands."""
    from exrx.errors import InputFileError
    from exrx.io.courses import read_course_table
    from exrx.pathway.state import pathway_of_cohort
    from exrx.report.pathway_cohort_text import walk_lines

    if arguments.patient:
        raise InputFileError("a table holds no whole course; give course JSON for one person (docs/pathway.md)")
    cohort, columns = read_course_table(arguments.input)
    walks = pathway_of_cohort(cohort, columns, as_of=as_of, protocol=protocol)
    if _layout(arguments) == "json":
        rows = [{"id": str(name), "here": walks.of(row)[-1].node, "because": walks.of(row)[-1].because}
                for row, name in enumerate(cohort.ids)]  # fmt: skip
        _write(arguments.out, json.dumps(rows, ensure_ascii=False) + "\n")
    else:
        lines = list(walk_lines(walks, arguments.lang))
        if arguments.out is not None:
            _write(arguments.out, "\n".join(lines) + "\n")
        else:
            print_lines(lines)
    return DONE


def _find(courses: Iterable[Course], wanted: str) -> Course:
    from difflib import get_close_matches

    from exrx.errors import PatientError

    known = {course.id: course for course in courses}
    if wanted not in known:
        near = get_close_matches(wanted, known, n=3)
        hint = f" Did you mean: {', '.join(near)}?" if near else f" The file has {len(known)} persons."
        raise PatientError(f"there is no person '{wanted}'.{hint}")
    return known[wanted]


def _give(arguments: argparse.Namespace, found: list[Pathway]) -> None:
    from exrx.pathway.to_json import pathway_dict
    from exrx.report.pathway_cohort_text import cohort_lines
    from exrx.report.pathway_text import pathway_html, sections

    layout = _layout(arguments)
    one = found[0] if arguments.patient else None
    if arguments.letter:
        from exrx.report.letter_text import course_letter

        if one is not None:
            letter = course_letter(one, arguments.letter, arguments.lang)
            _write(arguments.out, letter.html(arguments.lang) if layout == "html" else letter.text())
        return
    if layout == "json":
        content = pathway_dict(one) if one else [pathway_dict(entry) for entry in found]
        _write(arguments.out, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        return
    if layout == "html":
        from exrx.errors import InputFileError

        if one is None:
            raise InputFileError("an HTML page is for one person: add --patient ID")
        _write(arguments.out, pathway_html(one, arguments.lang))
        return
    lines = list(cohort_lines(found, arguments.lang)) if one is None else []
    for section in sections(one, arguments.lang) if one else ():
        lines += ["", section.title] if section.title else [""]
        lines += [f"  {line}" for line in section.lines]
    if arguments.out is not None:
        _write(arguments.out, "\n".join(lines).lstrip("\n") + "\n")
    else:
        print_lines(lines[1:] if one else lines)


def _layout(arguments: argparse.Namespace) -> str:
    if arguments.format or arguments.out is None:
        return arguments.format or "table"
    return {".json": "json", ".html": "html"}.get(arguments.out.suffix.lower(), "table")


def _write(out: Path | None, text: str) -> None:
    if out is None:
        print_text(text)
    else:
        write_aside(out, [text])
