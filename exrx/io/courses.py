"""Courses from a file: course JSON (an object, an array, JSON Lines) or a cohort table; N persons in, N out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import evolve

from exrx.cohort import Cohort
from exrx.errors import InputFileError, PatientError, Problem
from exrx.io.outcome_files import read_texts
from exrx.io.patients_json import decode_json, parse_json, read_bytes, shown_name
from exrx.pathway.read import read_course
from exrx.pathway.record import Course
from exrx.pathway.state import COLUMNS


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
    if lines:
        numbered = enumerate(text.splitlines(), 1)
        return [_json(line, f"{name}, line {number}") for number, line in numbered if line.strip()]
    content = _json(text, name)
    return content if isinstance(content, list) else [content]


def _json(text: str, where: str) -> Any:
    try:
        return parse_json(text)
    except (json.JSONDecodeError, ValueError, PatientError) as error:
        raise InputFileError(f"{where} is not JSON: {error}") from error


def _course(entry: Any, name: str) -> Course:
    if isinstance(entry, dict):
        return read_course(entry, name)
    nothing = read_course({}, name)
    fault = Problem("course", None, "wrong-shape", "a course is one object of named parts; nothing in it was used")
    return evolve(nothing, problems=(fault,))


def _twice(course: Course) -> Course:
    fault = Problem("id", None, "duplicate-id", f"the id '{course.id}' stands in several courses.")
    return evolve(course, problems=(*course.problems, fault))


def read_course_table(path: str | Path) -> tuple[Cohort, dict[str, list[str]]]:
    """A cohort table, and what it says of each course: a column yes, no or unknown for each of `COLUMNS` that is there.

    Raises:
        InputFileError: the file cannot be read, or has none of those columns.
        MissingDependencyError: Parquet without pyarrow.
    """
    from exrx.io.tables import read_table  # loads NumPy readers, which course JSON does not need

    texts = read_texts(path)
    there = {name: texts.column(name) for name in COLUMNS if name in texts.columns}
    if not there:
        raise InputFileError(
            f"{texts.name} says nothing of a course. Give a column yes, no or unknown for: {', '.join(COLUMNS)}; "
            "or course JSON (docs/pathway.md)."
        )
    return read_table(path), there
