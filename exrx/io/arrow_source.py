"""Parquet and Arrow IPC as streams of batches: only the columns asked for, only the row groups needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen

from exrx.errors import InputFileError
from exrx.io.sources import Piece, aligned, numbered
from exrx.values import has_identifier

_CODED = pa.dictionary(pa.int32(), pa.string())
_ENDS = (b"PAR1", b"PARE")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def check_names(names: Sequence[str], name: str) -> None:
    """Refuse a table in which a column stands twice or a header holds an identifier.

    Raises:
        InputFileError: naming the column.
    """
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise InputFileError(f"{name}: the column '{twice[0]}' stands twice; keep or rename one.")
    if has_identifier(list(names)):
        raise InputFileError(f"{name}: a CPR number stands where the names of the columns should.")


@frozen(eq=False)
class _Part:
    """One Parquet file: its rows, those of its row groups, and what the names of its folders say."""

    path: Path
    groups: tuple[int, ...]
    folder_columns: dict[str, str | None]

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return sum(self.groups)


@frozen(eq=False)
class ParquetSource:
    """Parquet files with the same columns; `hospital=rh/` in a folder's name is a column `hospital` of text."""

    name: str
    schema: Any
    parts: tuple[_Part, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, files: list[Path], name: str, folder: Path | None) -> ParquetSource:
        """Looks at the ends of all files.

        Raises:
            InputFileError: one cannot be read, or they have different columns.
        """
        parts: list[_Part] = []
        schema = None
        for path in files:
            shown = name if folder is None else str(path.relative_to(folder))
            here = {} if folder is None else _folder_columns(path.parent.relative_to(folder))
            with _opened(path, shown) as file:
                metadata = file.metadata
                groups = tuple(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
                found = file.schema_arrow.remove_metadata()
            parts.append(_Part(path, groups, here))
            for column in here:
                if column not in found.names:
                    found = found.append(pa.field(column, pa.string()))
            check_names(found.names, shown)
            schema = found if schema is None else schema
            _same_columns(schema, found, shown, name)
        return cls(name, schema, tuple(parts))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(part.rows for part in self.parts)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(part.path for part in self.parts)

    @property
    def folder_columns(self) -> tuple[str, ...]:
        """The columns that the names of the folders make."""
        return tuple(self.parts[0].folder_columns) if self.parts else ()

    def read(
        self, columns: Sequence[str], size: int, start: int = 0, plain: Collection[str] = ()
    ) -> Iterator[Piece]:
        """See `TableSource.read`."""
        first, total = _group_start(self.parts, start), max(self.rows, 1)
        for row, batch in aligned(self._batches(columns, size, first, plain), size, first):
            skip = max(start - row, 0)
            if skip < batch.num_rows:
                done = (row + batch.num_rows) / total
                yield Piece(numbered(batch.slice(skip), row + skip), (), done)

    def _batches(self, columns: Sequence[str], size: int, first: int, plain: Collection[str]) -> Iterator[Any]:
        before = 0
        for part in self.parts:
            groups = []
            for number, rows in enumerate(part.groups):
                if before >= first:
                    groups.append(number)
                before += rows
            if groups:
                yield from self._part_batches(part, columns, size, groups, plain)

    def _part_batches(
        self, part: _Part, columns: Sequence[str], size: int, groups: list[int], plain: Collection[str]
    ) -> Iterator[Any]:
        wanted = [column for column in columns if column not in part.folder_columns]
        coded = [column for column in wanted if pa.types.is_string(self.schema.field(column).type)]
        coded = [column for column in coded if column not in plain]
        shape = pa.schema([
            self.schema.field(column).with_type(_CODED) if column in coded else self.schema.field(column)
            for column in columns
        ])  # fmt: skip
        with _opened(part.path, part.path.name, coded) as file:
            batches = file.iter_batches(size, row_groups=groups, columns=wanted)
            try:
                for batch in batches:
                    made = [
                        pa.repeat(pa.scalar(part.folder_columns[column], pa.string()), batch.num_rows)
                        if column in part.folder_columns
                        else _cast(batch.column(wanted.index(column)), shape.field(column).type)
                        for column in columns
                    ]
                    yield pa.RecordBatch.from_arrays(made, schema=shape)
            except (pa.ArrowException, OSError) as error:
                raise InputFileError(
                    f"{part.path.name} is damaged and cannot be read to its end. Copy or make it again."
                ) from error


def _cast(array: Any, kind: Any) -> Any:
    return array if array.type == kind else array.cast(kind)


def _group_start(parts: Sequence[_Part], start: int) -> int:
    """The first row of the row group that holds row `start`."""
    before = 0
    for part in parts:
        for rows in part.groups:
            if before + rows > start:
                return before
            before += rows
    return before


def _folder_columns(folder: Path) -> dict[str, str | None]:
    """What folders named `column=value` say; a folder of another name says nothing."""
    pairs = (part.split("=", 1) for part in folder.parts if "=" in part)
    return {unquote(key): None if value == _NO_VALUE else unquote(value) for key, value in pairs}


def _opened(path: Path, name: str, coded: Sequence[str] = ()) -> Any:
    """A Parquet file; InputFileError if it is none, saying so if its end is missing."""
    try:
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20, read_dictionary=list(coded))
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        with path.open("rb") as file:
            begins = file.read(4) in _ENDS
            file.seek(max(0, path.stat().st_size - 4))
            cut = begins and file.read(4) not in _ENDS
        why = "its end is missing, so it was copied or written only in part. Copy or make it again" if cut else (
            "it may have another format than its name says")  # fmt: skip
        raise InputFileError(f"{name} is not a Parquet file that can be read: {why}.") from error


def _same_columns(first: Any, other: Any, shown: str, name: str) -> None:
    if set(first.names) == set(other.names):
        return
    lacking = sorted(set(first.names) - set(other.names))
    what = f"lacks the column '{lacking[0]}'" if lacking else (
        f"has a column '{sorted(set(other.names) - set(first.names))[0]}' that others lack")  # fmt: skip
    raise InputFileError(f"{name}: the file {shown} {what}; all files of a table need the same columns.")


@frozen(eq=False)
class ArrowSource:
    """An Arrow IPC file, or a stream of batches written to a file."""

    name: str
    path: Path
    schema: Any
    is_stream: bool
    notes: tuple[str, ...] = ()
    rows: None = None

    @classmethod
    def of(cls, path: Path, name: str) -> ArrowSource:
        """Reads the schema; InputFileError if it is no Arrow file."""
        with path.open("rb") as file:
            is_stream = file.read(6) != b"ARROW1"
        made = cls(name, path, None, is_stream)
        with made._reader() as reader:
            schema = reader.schema.remove_metadata()
        check_names(schema.names, name)
        return cls(name, path, schema, is_stream)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file."""
        return (self.path,)

    def _reader(self) -> Any:
        try:
            if self.is_stream:
                return pa.ipc.open_stream(pa.OSFile(str(self.path)))
            return pa.ipc.open_file(pa.OSFile(str(self.path)))
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            raise InputFileError(
                f"{self.name} is not an Arrow file that can be read; it may have been copied or written only in part."
            ) from error

    def _batches(self, columns: Sequence[str]) -> Iterator[Any]:
        with self._reader() as reader:
            try:
                if self.is_stream:
                    yield from (batch.select(columns) for batch in reader)
                else:
                    numbers = range(reader.num_record_batches)
                    yield from (reader.get_batch(number).select(columns) for number in numbers)
            except (pa.ArrowException, OSError) as error:
                raise InputFileError(
                    f"{self.name} is damaged and cannot be read to its end. Copy or make it again."
                ) from error

    def read(
        self, columns: Sequence[str], size: int, start: int = 0, plain: Collection[str] = ()
    ) -> Iterator[Piece]:
        """See `TableSource.read`."""
        for row, batch in aligned(self._batches(columns), size, 0):
            skip = max(start - row, 0)
            if skip < batch.num_rows:
                yield Piece(numbered(batch.slice(skip), row + skip), (), 0.0)
