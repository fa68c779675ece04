"""Courses from a file: course JSON (an object, an array, JSON Lines) or a cohort table; N persons in, N out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import evolve

from exrx.errors import InputFileError, PatientError, Problem
from exrx.io.outcome_files import Texts, read_texts
from exrx.io.patients_json import Intake, decode_json, doubled_keys, parse_json, read_bytes, read_patient, shown_name
from exrx.pathway.cells import answer_of
from exrx.pathway.read import read_course
from exrx.pathway.record import Course
from exrx.pathway.state import COLUMNS

NOTHING = object()
"""Stands for a line that is no JSON."""


def read_courses(path: str | Path) -> tuple[Course, ...]:
    """The courses of a file in its order; an entry that is no object is a course of which nothing is known.

    Raises:
        InputFileError: the file cannot be read, is no JSON, or holds nobody.
    """
    name = shown_name(path)
    text = decode_json(read_bytes(path), name)
    entries = _entries(text, name, lines=str(path).lower().endswith((".jsonl", ".ndjson")))
    if not entries:
        raise InputFileError(f"{name} holds no course.")
    courses = [_course(entry, f"row-{row}") for row, entry in enumerate(entries, 1)]
    seen: dict[str, int] = {}
    for course in courses:
        seen[course.id] = seen.get(course.id, 0) + 1
    return tuple(_twice(course) if seen[course.id] > 1 else course for course in courses)


def _entries(text: str, name: str, *, lines: bool) -> list[Any]:
    """The entries; a line of JSON Lines that is no JSON is an entry of which nothing can be used."""
    if lines:
        found = [_line(line) for line in text.split("\n") if line.strip()]
        if found and all(entry is NOTHING for entry in found):
            raise InputFileError(f"{name} is not JSON Lines: none of its {len(found)} lines is JSON.")
        return found
    content = _json(text, name)
    return content if isinstance(content, list) else [content]


def _line(text: str) -> Any:
    try:
        return parse_json(text)
    except (ValueError, PatientError):
        return NOTHING


def _json(text: str, where: str) -> Any:
    try:
        return parse_json(text)
    except (json.JSONDecodeError, ValueError, PatientError) as error:
        raise InputFileError(f"{where} is not JSON: {error}") from error


def _course(entry: Any, name: str) -> Course:
    if isinstance(entry, dict):
        twice = [key for key in doubled_keys(entry) if key != "patient"]
        given = entry.get("patient")
        return read_course(entry, name, read_patient(given) if isinstance(given, dict) else None, twice)
    nothing = read_course({}, name)
    what = "the line is not JSON" if entry is NOTHING else "a course is one object of named parts"
    fault = Problem("course", None, "wrong-shape", f"{what}; nothing in it was used")
    return evolve(nothing, problems=(fault,))


def _twice(course: Course) -> Course:
    fault = Problem("id", None, "duplicate-id", f"the id '{course.id}' stands in several courses.")
    return evolve(course, problems=(*course.problems, fault))


def read_course_table(path: str | Path) -> tuple[Intake, dict[str, list[str]]]:
    """A cohort table, and what it says of each course: a column yes, no or unknown for each of `COLUMNS` that is there.

    A cell that says something else is unknown, and a problem of the intake.

    Raises:
        InputFileError: the file cannot be read, or has none of those columns.
        MissingDependencyError: Parquet without pyarrow.
    """
    from exrx.io.tables import read_table_intake  # loads NumPy readers, which course JSON does not need

    texts = read_texts(path)
    texts.problems.clear()  # the intake names them
    there = {name: _answers(texts, name) for name in COLUMNS if name in texts.columns}
    if not there:
        raise InputFileError(
            f"{texts.name} says nothing of a course. Give a column yes, no or unknown for: {', '.join(COLUMNS)}; "
            "or course JSON (docs/pathway.md)."
        )
    intake = read_table_intake(path)
    unread = "Columns that were not read: "  # the columns of the course are read here
    notes = [
        note for note in intake.notes
        if not note.startswith(unread) or set(note.removeprefix(unread).rstrip(".").split(", ")) - set(COLUMNS)
    ]  # fmt: skip
    return evolve(intake, problems=(*intake.problems, *texts.problems), notes=tuple(notes)), there


def _answers(texts: Texts, name: str) -> list[str]:
    found = []
    for row, cell in enumerate(texts.column(name)):
        try:
            found.append(answer_of(cell, f"'{name}'"))
        except ValueError:
            texts.refuse(row, "not-an-option", f"'{name}' is yes, no or unknown; the cell says something else")
            found.append("unknown")
    return found
