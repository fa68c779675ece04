"""CSV as it really arrives: any of three delimiters, three encodings, ragged rows; every row stays a row.

A file is read twice, each time in pieces: once for its encoding and its header (`CsvFile.scan`), once for its rows.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.patients_json import FileProblem
from exrx.values import has_identifier

DELIMITERS = (",", ";", "\t")
LONGEST = 131_072
"""Characters in a cell; more are no value."""
_SEPARATOR = re.compile(r'"?sep=([^"\w\s]|\t)"?[,;\t]*', re.IGNORECASE)
_PIECE = 1 << 20
_LONGEST_ROW = 1 << 24
"""Characters of one row that are read before its quote counts as never closed: what bounds the memory."""
_GZIP = b"\x1f\x8b"

Row = tuple[int, list[str], FileProblem | None]


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


@frozen
class CsvFile:
    """A CSV file whose bytes were looked at once: what its rows need to be read.

    UTF-8 with or without a mark, else Latin-1, which `notes` then says; the delimiter is the one that Excel's first
    line `sep=;` names, else the one of comma, semicolon and tab that divides the header most. Lines without content
    are no rows, spaces around a cell do not count, and a column without a name is called `column <n>`.
    """

    name: str
    open: Callable[[], BinaryIO]
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    named: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def scan(cls, open_file: Callable[[], BinaryIO], name: str) -> CsvFile:
        """Look at all of a file, which `open_file` opens at its start; gzip is unpacked.

        Raises:
            InputFileError: it is empty, has a column twice, is not text, or is damaged gzip.
            OSError: it cannot be read.
        """
        with _unpacked(open_file, name) as file:
            encoding, counts = _scan(file, name)
        notes: tuple[str, ...] = ()
        if encoding == "latin-1":
            notes = (f"{name} is not UTF-8 and was read as Latin-1; check that letters such as æ, ø, å are right.",)
        with io.TextIOWrapper(_unpacked(open_file, name), encoding, newline="") as file:
            lines = (line.strip("\r\n") for line in file if line.strip())
            first, second = next(lines, ""), ""
            named = _SEPARATOR.fullmatch(first)
            if named:
                second = next(lines, "")
        header_line = second if named else first
        delimiter = named[1] if named else max(DELIMITERS, key=lambda mark: _columns(header_line, mark))
        if not named and _columns(header_line, delimiter) == 1:  # one column: what stands in no cell divides it best
            delimiter = min(DELIMITERS, key=counts.__getitem__)
        made = cls(name, open_file, encoding, delimiter, (), bool(named), notes)
        with made._opened() as file:
            row = next(made._cells(file), None)
        if row is None:
            raise InputFileError(f"{name} is empty.")
        return cls(name, open_file, encoding, delimiter, header_of(row, name), bool(named), notes)

    def rows(self) -> Iterator[Row]:
        """The rows below the header: number from 1, stripped cells, and a problem if nothing in it was used.

        Raises:
            InputFileError: a quote in the file is not closed in its row.
        """
        width = len(self.header)
        with self._opened() as file:
            for number, row in enumerate(islice(self._cells(file), 1, None), 1):
                yield checked_row(number, row, width, self.name)

    def _opened(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(_unpacked(self.open, self.name), self.encoding, newline="")

    def _cells(self, file: io.TextIOWrapper) -> Iterator[list[str]]:
        """The rows that have content; InputFileError where a quote swallows the end of its row."""
        limit = csv.field_size_limit(2**31 - 1)
        lines = _Lines(file, self, skip_separator=self.named)
        try:
            width = 0
            for row in csv.reader(lines, delimiter=self.delimiter, strict=True):
                if any(map(str.strip, row)):
                    width = width or len(row)
                    whole = lines.pending
                    if len(whole) > 1 < width and all(x.count(self.delimiter) == width - 1 for x in whole):
                        raise lines.unclosed()
                    yield row
                lines.forget()
        except csv.Error as error:
            raise lines.unclosed() from error
        finally:
            csv.field_size_limit(limit)


class _Lines:
    """The lines of a file, with those of the row that is being read."""

    def __init__(self, lines: Iterable[str], file: CsvFile, *, skip_separator: bool) -> None:
        self.pending: list[str] = []
        self._lines, self._file, self._skip = iter(lines), file, skip_separator
        self._before, self._length = 0, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if self._skip and line.strip():
            self._skip, line = False, "\n"
        self.pending.append(line)
        self._length += len(line)
        if self._length > _LONGEST_ROW and len(self.pending) > 1:
            raise self.unclosed()
        return line

    def forget(self) -> None:
        """The row is done."""
        self._before += len(self.pending)
        self.pending.clear()
        self._length = 0

    def unclosed(self) -> InputFileError:
        """The refusal of the row that is being read."""
        return _unclosed(self.pending, self._before, self._file.delimiter, self._file.name)


def checked_row(number: int, row: Sequence[str], width: int, name: str) -> Row:
    """A row with its cells stripped; one that does not fit its header is empty, with a problem."""
    place = f"{name}, row {number}"
    if len(row) < width or (len(row) > width and any(cell.strip() for cell in row[width:])):
        message = f"{place} has {len(row)} cells, the header {width}; nothing in it was used."
        return number, [""] * width, FileProblem(number, place, "ragged-row", message)
    if max(map(len, row)) > LONGEST:
        message = f"{place} has a cell of more than {LONGEST} characters; nothing in the row was used."
        return number, [""] * width, FileProblem(number, place, "cell-too-long", message)
    return number, [cell.strip() for cell in row[:width]], None


def read_csv(data: bytes, name: str) -> TextTable:
    """The table in the content of a CSV file called `name`, as `CsvFile` says.

    Raises:
        InputFileError: it is empty, has a column twice, is not text, or a quote in it is not closed in its row.
    """
    file = CsvFile.scan(lambda: io.BytesIO(data), name)
    rows = list(file.rows())
    columns = tuple(map(list, zip(*(cells for _, cells, _ in rows), strict=True)))
    problems = tuple(problem for _, _, problem in rows if problem is not None)
    return TextTable(file.header, columns or tuple([] for _ in file.header), problems, file.notes)


class _Gunzip(gzip.GzipFile):
    """gzip whose damage is a fault of the file."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        super().__init__(fileobj=file)
        self._shown, self._packed = name, file

    def close(self) -> None:
        super().close()
        self._packed.close()

    def read1(self, size: int = -1) -> bytes:
        try:
            return super().read1(size)
        except (OSError, EOFError, zlib.error) as error:
            raise InputFileError(f"{self._shown} is damaged gzip; copy it again.") from error


def _unpacked(open_file: Callable[[], BinaryIO], name: str) -> BinaryIO:
    file = open_file()
    packed = file.read(2) == _GZIP
    file.seek(0)
    return _Gunzip(file, name) if packed else file  # type: ignore[return-value]


def _scan(file: BinaryIO, name: str) -> tuple[str, dict[str, int]]:
    """The encoding of a text, and how often each delimiter stands in it; InputFileError if it is no text."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    counts = dict.fromkeys(DELIMITERS, 0)
    encoding, first = "utf-8-sig", True
    while piece := file.read1(_PIECE):  # type: ignore[attr-defined]
        if first and b"\0" in piece[:4096]:
            raise InputFileError(f"{name} is not CSV text; save it as CSV in UTF-8.")
        first = False
        for mark in DELIMITERS:
            counts[mark] += piece.count(mark.encode())
        encoding = _decoded(decoder, piece, encoding)
    return _decoded(decoder, b"", encoding, final=True), counts


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, encoding: str, *, final: bool = False) -> str:
    if encoding == "utf-8-sig":
        try:
            decoder.decode(piece, final)
        except UnicodeDecodeError:
            return "latin-1"
    return encoding


def _unclosed(lines: list[str], before: int, delimiter: str, name: str) -> InputFileError:
    """The refusal, with the line in which the quote opens that is not closed as CSV closes it."""
    opened, inside, starts = 0, False, True
    for number, line in enumerate(lines):
        for place, letter in enumerate(line):
            if inside:
                if letter == '"':
                    inside = False
            elif letter == '"' and (starts or (place and line[place - 1] == '"')):
                opened, inside = (number, True) if starts else (opened, True)
            elif letter not in (delimiter, "\r", "\n") and place and line[place - 1] == '"' and not starts:
                return _refusal(name, before + opened)
            starts = not inside and letter in (delimiter, "\r", "\n")
        if not inside and number > 0:
            break
    return _refusal(name, before + opened)


def _refusal(name: str, line: int) -> InputFileError:
    return InputFileError(
        f"{name}: the quote that opens in line {line + 1} is not closed where its cell ends, so that rows would be "
        'lost. Close it there, write a quote within quotes twice (""), and keep line breaks out of cells.'
    )


def _columns(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def header_of(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """The names of the columns from the first row; InputFileError for two of one name, or an identifier."""
    if any(map(has_identifier, cells)):
        raise InputFileError(f"{name}: a CPR number stands in the first line, which must name the columns.")
    header = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputFileError(f"{name}: the column '{twice[0]}' stands twice in the header; keep or rename one.")
    return tuple(header)
