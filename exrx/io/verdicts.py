"""Read the sheets of a validation: raters' verdicts and adverse-event logs, as CSV with any delimiter."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from exrx.errors import InputFileError
from exrx.io.csvread import read_csv
from exrx.io.patients_json import FileProblem, read_bytes, shown_name
from exrx.study.validation import events, verdicts
from exrx.study.validation.sheet import Sheet


def read_verdicts_file(path: str | Path, as_of: date | None) -> tuple[verdicts.Reference, tuple[FileProblem, ...]]:
    """The verdicts of a CSV file, and rows that could not be read at all (they count as rows without a verdict).

    Raises:
        InputFileError: it cannot be read, has no rows, or lacks a column that is needed.
    """
    sheet, problems = _sheet(path, verdicts.COLUMNS, verdicts.NEEDED)
    return verdicts.read_reference(sheet, as_of), problems


def read_events_file(path: str | Path) -> tuple[events.EventLog, tuple[FileProblem, ...]]:
    """The adverse-event log of a CSV file, as `read_verdicts_file`."""
    sheet, problems = _sheet(path, events.COLUMNS, events.NEEDED)
    return events.read_events(sheet), problems


def _sheet(
    path: str | Path, names: dict[str, tuple[str, ...]], needed: tuple[str, ...]
) -> tuple[Sheet, tuple[FileProblem, ...]]:
    name = shown_name(path)
    text = read_csv(read_bytes(path), name)
    if not text.n:
        raise InputFileError(f"{name} has no rows below its header")
    return Sheet.of(name, text.header, text.columns, names, needed), text.problems
