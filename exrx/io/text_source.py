"""CSV and Excel as streams of batches of text: decimals, their commas and units are read later, exactly."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from attrs import define, field, frozen

from exrx.errors import InputFileError, MissingDependencyError
from exrx.io.csvread import CsvFile, Row, checked_row, header_of
from exrx.io.sources import Piece, numbered

_EXACT = 10**15
"""Whole numbers below this are the same as floats, which is how Excel keeps them."""


def _text_schema(header: Sequence[str]) -> Any:
    return pa.schema([(name, pa.string()) for name in header])


def _pieces(
    rows: Iterator[Row], header: Sequence[str], columns: Sequence[str], size: int, start: int, done: Callable[[], float]
) -> Iterator[Piece]:
    """Rows of cells as pieces that end at multiples of `size`."""
    places = [header.index(column) for column in columns]
    schema = _text_schema(columns)
    rows = islice(rows, start, None)
    while kept := list(islice(rows, size - start % size)):
        cells = list(zip(*(row for _, row, _ in kept), strict=True))
        batch = pa.RecordBatch.from_arrays([pa.array(cells[at], pa.string()) for at in places], schema=schema)
        problems = tuple(problem for _, _, problem in kept if problem is not None)
        yield Piece(numbered(batch, start), problems, done())
        start += len(kept)


@define(eq=False)
class _Opener:
    """Opens a file and remembers how far it has been read."""

    path: Path
    size: int
    file: BinaryIO | None = field(default=None, init=False)

    def __call__(self) -> BinaryIO:
        self.file = self.path.open("rb")
        return self.file

    def done(self) -> float:
        """The part of the file that has been read, 0 to 1."""
        if self.file is None or self.file.closed or not self.size:
            return 1.0
        return self.file.tell() / self.size


@frozen(eq=False)
class CsvSource:
    """A CSV file; see `exrx.io.csvread` for what it may look like."""

    path: Path
    file: CsvFile
    opener: _Opener
    rows: None = None

    @classmethod
    def of(cls, path: Path, name: str) -> CsvSource:
        """Looks at the whole file once; raises as `CsvFile.scan`."""
        opener = _Opener(path, path.stat().st_size)
        return cls(path, CsvFile.scan(opener, name), opener)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name

    @property
    def notes(self) -> tuple[str, ...]:
        """How the bytes were read."""
        return self.file.notes

    @property
    def schema(self) -> Any:
        """Every column is text."""
        return _text_schema(self.file.header)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def read(
        self, columns: Sequence[str], size: int, start: int = 0, plain: Collection[str] = ()
    ) -> Iterator[Piece]:
        """See `TableSource.read`."""
        return _pieces(self.file.rows(), self.file.header, columns, size, start, self.opener.done)


@frozen(eq=False)
class ExcelSource:
    """The first sheet of an Excel file that holds anything; each cell as the text that a CSV would hold."""

    path: Path
    name: str
    sheet: str
    header: tuple[str, ...]
    notes: tuple[str, ...] = ()
    rows: None = None

    @classmethod
    def of(cls, path: Path, name: str) -> ExcelSource:
        """Reads the header.

        Raises:
            InputFileError: it is no Excel file that can be read, is empty, or has a column twice.
            MissingDependencyError: openpyxl is not installed.
        """
        book = _open_book(path, name)
        try:
            others = [sheet.title for sheet in book.worksheets]
            for sheet in book.worksheets:
                first = next(_sheet_rows(sheet), None)
                if first is not None:
                    others.remove(sheet.title)
                    notes = (f"Only the sheet '{sheet.title}' of {name} was read.",) if others else ()
                    return cls(path, name, sheet.title, header_of(_without_end(first), name), notes)
        finally:
            book.close()
        raise InputFileError(f"{name} is empty.")

    @property
    def schema(self) -> Any:
        """Every column is text."""
        return _text_schema(self.header)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def _rows(self) -> Iterator[Row]:
        book, width = _open_book(self.path, self.name), len(self.header)
        try:
            for number, row in enumerate(islice(_sheet_rows(book[self.sheet]), 1, None), 1):
                yield checked_row(number, [*row, *[""] * (width - len(row))], width, self.name)
        finally:
            book.close()

    def read(
        self, columns: Sequence[str], size: int, start: int = 0, plain: Collection[str] = ()
    ) -> Iterator[Piece]:
        """See `TableSource.read`."""
        return _pieces(self._rows(), self.header, columns, size, start, lambda: 0.0)


def _open_book(path: Path, name: str) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingDependencyError.of("openpyxl", "excel", "Reading Excel") from error
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise InputFileError(
            f"{name} is not an Excel file that can be read: it may be cut off, locked with a password, or in the old "
            ".xls format. Open it and save it again as .xlsx without a password, or as CSV."
        ) from error


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:
    """The rows of a sheet that hold anything."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        cells = [_cell(value) for value in row]
        if any(cells):
            yield cells


def _without_end(cells: list[str]) -> list[str]:
    """The header without the empty cells behind its last name."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == value.time().min else value).isoformat()
    return (value.isoformat() if isinstance(value, date) else str(value)).strip()
