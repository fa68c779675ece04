"""CSV as it really arrives: any of three delimiters, three encodings, ragged rows; every row stays a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.patients_json import FileProblem
from exrx.values import has_identifier

DELIMITERS = (",", ";", "\t")
LONGEST = 131_072
"""Characters in a cell; more are no value."""
_SEPARATOR = re.compile(r'"?sep=([^"\w\s]|\t)"?[,;\t]*', re.IGNORECASE)


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

    UTF-8 with or without a mark, else Latin-1, which `notes` then says; the delimiter is the one that Excel's first
    line `sep=;` names, else the one of comma, semicolon and tab that divides the header most. Lines without content
    are no rows, spaces around a cell do not count, and a column without a name is called `column <n>`.

    Raises:
        InputFileError: it is empty, has a column twice, is not text, or a quote in it is not closed in its row.
    """
    text, notes = _decode(data, name)
    lines = list(io.StringIO(text, newline=""))
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    named = _SEPARATOR.fullmatch(lines[first].strip("\r\n")) if first < len(lines) else None
    if named:
        lines[first] = "\n"
    header_line = next((line for line in lines if line.strip()), "").strip("\r\n")
    delimiter = named[1] if named else max(DELIMITERS, key=lambda mark: _columns(header_line, mark))
    if not named and _columns(header_line, delimiter) == 1:  # one column: whatever stands in no cell divides it best
        delimiter = min(DELIMITERS, key=text.count)
    rows = list(_rows(lines, delimiter, name))
    if not rows:
        raise InputFileError(f"{name} is empty.")
    header = _header(rows[0], name)
    width, problems = len(header), []
    for number, row in enumerate(rows[1:], 1):
        extra = row[width:]
        place = f"{name}, row {number}"
        if len(row) < width or any(cell.strip() for cell in extra):
            message = f"{place} has {len(row)} cells, the header {width}; nothing in it was used."
            problems.append(FileProblem(number, place, "ragged-row", message))
            rows[number] = [""] * width
        elif max(map(len, row)) > LONGEST:
            message = f"{place} has a cell of more than {LONGEST} characters; nothing in the row was used."
            problems.append(FileProblem(number, place, "cell-too-long", message))
            rows[number] = [""] * width
        elif extra:
            rows[number] = row[:width]
    columns = tuple([cell.strip() for cell in column] for column in zip(*rows[1:], strict=True))
    return TextTable(header, columns or tuple([] for _ in header), tuple(problems), notes)


def _rows(lines: list[str], delimiter: str, name: str) -> Iterator[list[str]]:
    """The rows that have content; InputFileError where a quote swallows the end of its row."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        before, width = 0, 0
        for row in reader:
            if any(map(str.strip, row)):
                width = width or len(row)
                whole = lines[before : reader.line_num]
                if len(whole) > 1 < width and all(line.count(delimiter) == width - 1 for line in whole):
                    raise _unclosed(lines, before, delimiter, name)
                yield row
            before = reader.line_num
    except csv.Error as error:
        raise _unclosed(lines, before, delimiter, name) from error
    finally:
        csv.field_size_limit(limit)


def _unclosed(lines: list[str], first: int, delimiter: str, name: str) -> InputFileError:
    """The refusal, with the line in which the quote opens that is not closed as CSV closes it."""
    opened, inside, starts = first, False, True
    for number, line in enumerate(lines[first:], first):
        for place, letter in enumerate(line):
            if inside:
                if letter == '"':
                    inside = False
            elif letter == '"' and (starts or (place and line[place - 1] == '"')):
                opened, inside = (number, True) if starts else (opened, True)
            elif letter not in (delimiter, "\r", "\n") and place and line[place - 1] == '"' and not starts:
                return _refusal(name, opened)
            starts = not inside and letter in (delimiter, "\r", "\n")
        if not inside and number > first:
            break
    return _refusal(name, opened)


def _refusal(name: str, line: int) -> InputFileError:
    return InputFileError(
        f"{name}: the quote that opens in line {line + 1} is not closed where its cell ends, so that rows would be "
        'lost. Close it there, write a quote within quotes twice (""), and keep line breaks out of cells.'
    )


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
    if any(map(has_identifier, cells)):
        raise InputFileError(f"{name}: a CPR number stands in the first line, which must name the columns.")
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputFileError(f"{name}: the column '{twice[0]}' stands twice in the header; keep or rename one.")
    return tuple(header)
