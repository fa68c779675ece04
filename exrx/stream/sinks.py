"""Tables written in pieces, beside their place and moved there when whole: Parquet, CSV, Arrow, Excel, JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from exrx.errors import InputFileError, MissingDependencyError
from exrx.formulas import is_formula
from exrx.io.aside import Aside

SHEET_ROWS = 1_048_576
"""Rows of an Excel sheet, the header included."""
_BETWEEN = "; "


class Writer(Protocol):
    """Writes tables of one schema, one after the other."""

    def write(self, table: Any) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Finish the file."""


class Sink(AbstractContextManager["Sink"]):
    """A file of a format that its ending names, written table by table; left with an error, nothing is there.

    Raises:
        InputFileError: the ending names no format, or the rows do not fit in it.
        MissingDependencyError: Excel without openpyxl.
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path, schema: Any, metadata: dict[str, str]) -> None:
        make = WRITERS.get(path.suffix.lower())
        if make is None:
            raise InputFileError(
                f"'{path.name}' does not say how to write a table: let it end in {', '.join(WRITERS)}"
            )
        self.path, self.rows = path, 0
        self._aside = Aside(path)
        try:
            self._writer = make(self._aside.path, schema.with_metadata(metadata))
        except BaseException as error:
            self._aside.__exit__(type(error), error, None)
            raise

    def write(self, table: Any) -> None:
        """Write some rows."""
        self._writer.write(table)
        self.rows += table.num_rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writer.close()
        except (OSError, pa.ArrowException) as fault:
            if error is None:
                error = fault
        self._aside.__exit__(type(error) if error is not None else None, error, trace)


class _Parquet:
    def __init__(self, path: Path, schema: Any) -> None:
        plain = [field.name for field in schema if field.name != "patient"]
        self._writer = pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=plain)
        self._schema = schema

    def write(self, table: Any) -> None:
        self._writer.write_table(table.replace_schema_metadata(self._schema.metadata), row_group_size=table.num_rows)

    def close(self) -> None:
        self._writer.close()


class _Arrow:
    def __init__(self, path: Path, schema: Any) -> None:
        self._writer = pa.ipc.new_file(str(path), schema)
        self._schema = schema

    def write(self, table: Any) -> None:
        self._writer.write_table(table.replace_schema_metadata(self._schema.metadata))

    def close(self) -> None:
        self._writer.close()


class _Csv:
    def __init__(self, path: Path, schema: Any) -> None:
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        self._writer = pyarrow.csv.CSVWriter(str(path), _flat_schema(schema), write_options=options)

    def write(self, table: Any) -> None:
        self._writer.write_table(_flat(table))

    def close(self) -> None:
        self._writer.close()


class _JsonLines:
    def __init__(self, path: Path, schema: Any) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, table: Any) -> None:
        for batch in table.to_batches(max_chunksize=1 << 14):
            self._file.writelines(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in batch.to_pylist())

    def close(self) -> None:
        self._file.close()


class _Excel:
    """One sheet; a text that a program could take for a formula is marked as text, its value kept as it is."""

    def __init__(self, path: Path, schema: Any) -> None:
        try:
            import openpyxl
        except ImportError as error:
            raise MissingDependencyError.of("openpyxl", "excel", "Writing Excel") from error
        self._path, self._rows = path, 1
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("exrx")
        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(schema):
            width = 70 if column.name in ("message", "local_changes") else 22
            self._sheet.column_dimensions[openpyxl.utils.get_column_letter(number + 1)].width = width
        self._sheet.append([self._cell(name) for name in schema.names])
        for key, value in (schema.metadata or {}).items():
            about = self._book["about"] if "about" in self._book.sheetnames else self._book.create_sheet("about")
            about.append([self._cell(key.decode()), self._cell(value.decode()[:32_000])])

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        if not is_formula(text):
            return text
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell

    def write(self, table: Any) -> None:
        self._rows += table.num_rows
        if self._rows > SHEET_ROWS:
            raise InputFileError(
                f"an Excel sheet holds {SHEET_ROWS - 1:,} rows below its header, and there are more. Write "
                ".parquet or .csv, or split the input."
            )
        for batch in _flat(table).to_batches(max_chunksize=1 << 14):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                self._sheet.append([self._cell(value) for value in row])

    def close(self) -> None:
        self._book.save(self._path)


WRITERS: dict[str, Callable[[Path, Any], Writer]] = {
    ".parquet": _Parquet, ".csv": _Csv, ".arrow": _Arrow, ".xlsx": _Excel, ".jsonl": _JsonLines,
}  # fmt: skip
"""Endings to what writes such a file."""


def _flat_schema(schema: Any) -> Any:
    return pa.schema([(column.name, _flat_type(column.type)) for column in schema])


def _flat_type(kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.string() if pa.types.is_list(kind) or pa.types.is_large_list(kind) else kind


def _flat(table: Any) -> Any:
    """The table with texts in place of codes and lists, for formats that know neither."""
    columns = []
    for column in table.columns:
        kind = column.type
        if pa.types.is_list(kind):
            column = column.cast(pa.list_(pa.string()))
            column = pc.binary_join(column, _BETWEEN)
        elif pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        columns.append(column)
    return pa.table(columns, schema=_flat_schema(table.schema))


def in_blocks(batches: Iterable[Any], rows: int, write: Callable[[Any], None]) -> None:
    """Write record batches as tables of exactly `rows` rows, the last one shorter: however they came, the same file."""
    held: list[Any] = []
    have = 0
    for batch in batches:
        at = 0
        while at < batch.num_rows:
            part = batch.slice(at, rows - have)
            held.append(part)
            at, have = at + part.num_rows, have + part.num_rows
            if have == rows:
                write(whole(held))
                held, have = [], 0
    if held:
        write(whole(held))


def whole(batches: list[Any]) -> Any:
    """Record batches of one schema as a table in one piece."""
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
