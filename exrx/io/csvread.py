"""CSV as it really arrives: any of three delimiters, three encodings, ragged rows; every row stays a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.patients_json import FileProblem

DELIMITERS = (",", ";", "\t")


@frozen
class TextTable:
    """A table as text: the header, one list of cells a column, N rows.

    A row with too many or too few cells is there with empty cells, since nobody knows which column each
    belongs to, and stands in `problems`. `notes` says how the bytes were read where that was not certain.
    """

    header: tuple[str, ...]
    columns: tuple[list[str], ...]
    problems: tuple[FileProblem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0


def read_csv(data: bytes, name: str) -> TextTable:
    """The table in the content of a CSV file called `name`.

    UTF-8 with or without a mark, else Latin-1, which `notes` then says; the delimiter is the one of comma,
    semicolon and tab that divides the header most. Lines without content are no rows, spaces around a cell
    do not count, and a column without a name is called `column <n>`.

    Raises:
        InputFileError: it is empty, has a column twice, or is not text.
    """
    text, notes = _decode(data, name)
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda mark: _columns(header_line, mark))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise InputFileError(f"{name} is not CSV: {error}.") from error
    if not rows:
        raise InputFileError(f"{name} is empty.")
    header = _header(rows[0], name)
    width, problems = len(header), []
    for number, row in enumerate(rows[1:], 1):
        extra = row[width:]
        if len(row) < width or any(cell.strip() for cell in extra):
            place = f"{name}, row {number}"
            message = f"{place} has {len(row)} cells, the header {width}; nothing in it was used."
            problems.append(FileProblem(number, place, "ragged-row", message))
            rows[number] = [""] * width
        elif extra:
            rows[number] = row[:width]
    columns = tuple([cell.strip() for cell in column] for column in zip(*rows[1:], strict=True))
    return TextTable(header, columns or tuple([] for _ in header), tuple(problems), notes)


def _decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if b"\0" in data[:4096]:
        raise InputFileError(f"{name} is not CSV text; save it as CSV in UTF-8.")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = f"{name} is not UTF-8 and was read as Latin-1; check that letters such as æ, ø, å are right."
        return data.decode("latin-1"), (note,)


def _columns(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def _header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputFileError(f"{name}: the column '{twice[0]}' stands twice in the header; keep or rename one.")
    return tuple(header)
