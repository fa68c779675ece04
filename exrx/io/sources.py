"""Tables of any size as a stream of Arrow batches, each row with its number; one file a family of formats.

    arrow_source.py   Parquet (a file, a partitioned folder), Arrow IPC (file and stream)
    text_source.py    CSV, TSV, text (gzipped too), Excel: every cell as text, read exactly later on

    source = open_table("ward.parquet")
    for piece in source.read(columns=..., size=131_072): piece.batch, piece.problems
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from exrx.errors import InputFileError, MissingDependencyError
from exrx.io.omop_files import looks_like_omop
from exrx.io.patients_json import FileProblem, shown_name

ROW = "exrx.row"
"""The column (int64, from 1) that says which row of the whole table a row is."""
PARQUET, ARROW, EXCEL = (".parquet", ".pq"), (".arrow", ".feather", ".ipc", ".arrows"), (".xlsx", ".xlsm")
TEXT = (".csv", ".tsv", ".txt")
_EDGE = 1 << 16


@frozen(eq=False)
class Piece:
    """Some rows as a pyarrow RecordBatch, with `ROW`, the rows that could not be read, and how much has been read.

    `done` goes from 0 to 1.
    """

    batch: Any
    problems: tuple[FileProblem, ...]
    done: float


class TableSource(Protocol):
    """A table that can be read again and again, in the same order."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def schema(self) -> Any:
        """The Arrow schema of its columns, without `ROW`."""

    @property
    def rows(self) -> int | None:
        """How many rows there are, None where only reading would tell."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not certain when it was opened."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Its files, in the order in which they are read."""

    def read(
        self, columns: Sequence[str], size: int, start: int = 0, plain: Collection[str] = ()
    ) -> Iterator[Piece]:
        """The rows from `start` on, in pieces of `size` rows counted from the first row of the table.

        Text may come as codes of its distinct values, but for the columns in `plain`.

        Raises:
            InputFileError: a file is damaged; says which.
        """


def is_table(path: str | Path) -> bool:
    """True for what `open_table` opens: by its ending, or a folder of Parquet; no OMOP, no workbook of forms."""
    place = Path(path)
    if place.is_dir():
        return any(parquet_files(place)) and not looks_like_omop(place)
    if place.suffix.lower() == ".xlsx":
        from exrx.io.forms_xlsx import is_forms_workbook  # loads what a table does not need

        return not is_forms_workbook(place)
    return place.name.lower().removesuffix(".gz").endswith((*PARQUET, *ARROW, *EXCEL, *TEXT))


def parquet_files(folder: Path) -> Iterator[Path]:
    """The Parquet files in a folder and below it, in the order of their names; hidden ones and `_` aside."""
    found = (path for ending in PARQUET for path in folder.rglob(f"*{ending}"))
    seen = (path for path in found if not any(part[:1] in "._" for part in path.relative_to(folder).parts))
    yield from sorted(seen, key=lambda path: path.relative_to(folder).parts)


def open_table(path: str | Path) -> TableSource:
    """A table, looked at but not read.

    Raises:
        InputFileError: it cannot be read, or is not what its ending says.
        MissingDependencyError: pyarrow, or openpyxl for Excel, is not installed.
    """
    place, name = Path(path), shown_name(path)
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "tables", "Reading tables in pieces") from error
    from exrx.io.arrow_source import ArrowSource, ParquetSource
    from exrx.io.text_source import CsvSource, ExcelSource

    ending = place.name.lower().removesuffix(".gz")
    try:
        if place.is_dir():
            return ParquetSource.of(list(parquet_files(place)), name, place)
        if ending.endswith(PARQUET):
            return ParquetSource.of([place], name, None)
        if ending.endswith(ARROW):
            return ArrowSource.of(place, name)
        return ExcelSource.of(place, name) if ending.endswith(EXCEL) else CsvSource.of(place, name)
    except OSError as error:
        raise InputFileError(f"{name} cannot be read: {error.strerror or 'unknown fault'}.") from error


def read_all(source: TableSource) -> tuple[int, dict[str, Any], tuple[FileProblem, ...]]:
    """All of a table in memory: its number of rows, its columns by name, and the rows that could not be read."""
    import pyarrow as pa

    pieces = list(source.read(source.schema.names, 1 << 20, plain=source.schema.names))
    batches = [piece.batch for piece in pieces]
    columns = {
        column.name: pa.chunked_array([batch.column(at) for batch in batches], column.type)
        for at, column in enumerate(source.schema)
    }
    problems = tuple(problem for piece in pieces for problem in piece.problems)
    return sum(batch.num_rows for batch in batches), columns, problems


def fingerprint(paths: Iterable[Path]) -> str:
    """A hash that changes when one of the files does: its name, size, time of change, first and last 64 KB."""
    found = hashlib.sha256()
    for path in paths:
        state = path.stat()
        found.update(f"{path.name}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
        with path.open("rb") as file:
            found.update(file.read(_EDGE))
            file.seek(max(0, state.st_size - _EDGE))
            found.update(file.read(_EDGE))
    return found.hexdigest()


def aligned(batches: Iterable[Any], size: int, start: int) -> Iterator[tuple[int, Any]]:
    """The rows of record batches, of which the first is row `start`, cut at multiples of `size` of the table.

    Yields the number of rows before each batch, and the batch.
    """
    import pyarrow as pa

    held: list[Any] = []
    row, have = start, 0
    for batch in batches:
        at = 0
        while at < batch.num_rows:
            wanted = size - row % size - have
            part = batch.slice(at, wanted)
            held.append(part)
            at, have = at + part.num_rows, have + part.num_rows
            if part.num_rows == wanted:
                yield row, held[0] if len(held) == 1 else pa.concat_batches(held)
                row, have = row + have, 0
                held.clear()
    if held:
        yield row, held[0] if len(held) == 1 else pa.concat_batches(held)


def numbered(batch: Any, before: int) -> Any:
    """The batch with `ROW`, its first row being the one after `before` rows."""
    import numpy as np
    import pyarrow as pa

    numbers = pa.array(np.arange(before + 1, before + 1 + batch.num_rows, dtype=np.int64))
    names = [*batch.schema.names, ROW]
    return pa.RecordBatch.from_arrays([*batch.columns, numbers], names=names)
