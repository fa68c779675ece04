"""Write blocks of columns as one table: Parquet, CSV or JSON lines, block after block, aside and then renamed."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from exrx.errors import InputFileError, MissingDependencyError
from exrx.fields import load_dictionary

Blocks = Iterable[dict[str, Any]]


def write_blocks(path: Path, blocks: Blocks) -> int:
    """Write a table and return its number of rows; an existing file is replaced only when all is written.

    NaN and "" are empty cells (JSON lines: the key is left out).

    Raises:
        InputFileError: the ending is not .parquet, .csv or .jsonl.
        MissingDependencyError: Parquet without pyarrow.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputFileError(f"{path.name}: end the file's name in {', '.join(_WRITERS)}; the ending says the format")
    aside = path.with_name(f".{path.name}.part")
    try:
        rows = write(aside, blocks)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return rows


def read_columns(path: Path) -> dict[str, Any]:
    """The columns of a table that `write_blocks` wrote, Parquet or CSV; as they were: NaN and "" are empty cells.

    Raises:
        InputFileError: another ending, a file that cannot be read, or one without rows.
        MissingDependencyError: Parquet without pyarrow.
        OSError: there is no such file.
    """
    ending = path.suffix.lower()
    if ending not in (".parquet", ".csv"):
        raise InputFileError(f"{path.name}: a cohort to simulate is a .parquet or .csv of `exrx cohort synth --out`")
    lists = _parquet_lists(path) if ending == ".parquet" else _csv_lists(path)
    columns = {name: _column(values) for name, values in lists.items()}
    if not columns or not _length(columns):
        raise InputFileError(f"{path.name}: there are no patients in it")
    return columns


def _parquet_lists(path: Path) -> dict[str, list[Any]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "tables", "Parquet") from error
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        raise InputFileError(f"{path.name} is no Parquet file that can be read") from error
    lists: dict[str, list[Any]] = table.to_pydict()
    return lists


def _csv_lists(path: Path) -> dict[str, list[Any]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except UnicodeDecodeError as error:
        raise InputFileError(f"{path.name} is not UTF-8 text; save it as CSV in UTF-8") from error
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise InputFileError(f"{path.name}: line {number} has {len(row)} cells, the header {len(rows[0])}")
    return {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])} if rows else {}


def _column(values: list[Any]) -> Any:
    """Numbers as floats with NaN for empty cells, everything else as text."""
    given = [value for value in values if value not in (None, "")]
    try:
        if given and not any(isinstance(value, str) and value != value.strip() for value in given):
            return np.array([np.nan if value in (None, "") else float(value) for value in values])
    except (TypeError, ValueError):
        pass
    return np.array(["" if value is None else str(value) for value in values], dtype=object)


def _parquet(path: Path, blocks: Blocks) -> int:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError('Parquet needs pyarrow: python -m pip install "exrx[tables]"') from error
    rows, writer = 0, None
    try:
        for block in blocks:
            table = pyarrow.table({name: _arrow(pyarrow, column) for name, column in block.items()})
            writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _arrow(pyarrow: Any, column: Any) -> Any:
    if column.dtype.kind == "f":
        return pyarrow.array(column, mask=np.isnan(column))
    if column.dtype.kind in "iu":
        return pyarrow.array(column)
    return pyarrow.array(column.astype(object), pyarrow.string(), mask=column == "")


def _csv(path: Path, blocks: Blocks) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for block in blocks:
            if not rows:
                writer.writerow(block)
            writer.writerows(zip(*(_cells(column) for column in block.values()), strict=True))
            rows += _length(block)
    return rows


def _jsonl(path: Path, blocks: Blocks) -> int:
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for block in blocks:
            for content in _patients(block):
                file.write(json.dumps(content, ensure_ascii=False) + "\n")
            rows += _length(block)
    return rows


def _patients(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each row as patient JSON: values with their unit and date, forms as a list."""
    names = [name for name in block if not name.endswith(".date") and not name.startswith(("form.", "synthetic."))]
    forms = [name for name in block if name.startswith("form.")]
    sets = {name for name, entry in load_dictionary().fields.items() if entry.kind == "set"}
    lists = {name: _cells(column) for name, column in block.items()}
    for row in range(_length(block)):
        content: dict[str, Any] = {}
        for name in names:
            value = lists[name][row]
            field, _, unit = name.partition(" [")
            day = lists[f"{field}.date"][row] if f"{field}.date" in lists else ""
            if value != "":
                value = value.split(";") if field in sets else value
                whole = {"value": value} | ({"unit": unit[:-1]} if unit else {}) | ({"date": day} if day else {})
                content[field] = whole if unit or day else value
        filled = [{"form": name[5:], "date": lists[name][row], "yes": []} for name in forms if lists[name][row]]
        yield content | ({"forms": filled} if filled else {})


def _cells(column: Any) -> list[Any]:
    if column.dtype.kind != "f":
        return list(column.tolist())
    return ["" if math.isnan(value) else int(value) if value == int(value) else value for value in column.tolist()]


def _length(block: dict[str, Any]) -> int:
    return len(next(iter(block.values())))


_WRITERS: dict[str, Callable[[Path, Blocks], int]] = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
