"""Tables, one row a patient: CSV from anywhere, Parquet, Arrow, Excel (`sources.py`); N rows in, N rows out.

    platelets [10^9/L], platelets.date, haemoglobin [g/dL], form.door, id      headers that need no mapping
    hgb -> haemoglobin in g/dL, 1 -> male                                      everything else: mapping.py

Columns go to `Cohort.from_columns` as distinct values, so that a code is looked up once and not once a row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from exrx.cohort import Cohort
from exrx.errors import FieldError, InputFileError
from exrx.fields import Dictionary, Field, load_dictionary
from exrx.forms import load_forms
from exrx.given import Cells, CodedCells, cells_of
from exrx.io.csvread import read_csv
from exrx.io.mapping import TableMapping, read_mapping
from exrx.io.patients_json import FileProblem, Intake, read_bytes, shown_name
from exrx.io.sources import TEXT, open_table, read_all
from exrx.table import refuse_misspelt

MISSING = frozenset({"", "na", "n/a", "null", "-"})
"""Texts that stand for "not given" in any table, in any case."""
_TRUTH = {"true": "yes", "false": "no"}
BIRTH_KEYS = frozenset({"birth_date", "birthdate", "date_of_birth", "fødselsdato"})
_UNIT = re.compile(r"\[[^\[\]]*\]\s*$")


@frozen
class NamedColumns:
    """Named columns of n cells (whatever `cells_of` takes), with what was odd about the file."""

    n: int
    columns: Mapping[str, Any]
    problems: tuple[FileProblem, ...] = ()
    notes: tuple[str, ...] = ()


def read_table(path: str | Path, *, mapping: str | Path | Mapping[str, Any] | None = None) -> Cohort:
    """The cohort in a CSV or Parquet file, as `read_table_intake`."""
    cohort = read_table_intake(path, mapping=mapping).cohort
    assert cohort is not None
    return cohort


def read_table_intake(path: str | Path, *, mapping: str | Path | Mapping[str, Any] | None = None) -> Intake:
    """Read a table; with a `mapping` (a file or its content) only the columns that it names.

    Cells that cannot be used are unknown and a problem of the cohort; rows that cannot be read are rows of
    which nothing is known. Columns that are no field are not read; `notes` names them.

    Raises:
        InputFileError: the file cannot be read; the mapping is wrong or names columns that are not there; two
            columns are the same field or both the id, a column needs its unit, or a header is nearly a known one.
        MissingDependencyError: Parquet or Arrow without pyarrow, Excel without openpyxl.
    """
    dictionary = load_dictionary()
    plan = read_mapping(mapping, dictionary) if mapping is not None else None
    name = shown_name(path)
    table = _table(path)
    columns, unread = known_columns(table, plan, name, dictionary)
    if columns and not any(_name(header).casefold() == "id" for header in columns):
        columns["id"] = CodedCells(table.n, np.full(table.n, -1, np.int32), [])
    cohort = Cohort.from_columns(columns)
    notes = [f"Columns that were not read: {', '.join(unread)}."] if unread else []
    notes += [] if table.n else [f"{name} has no rows below its header: it holds no patients."]
    return Intake(cohort=cohort, problems=table.problems, notes=(*table.notes, *notes))


def read_columns(path: str | Path) -> tuple[dict[str, Cells], int]:
    """The columns of any table by header, with the number of rows.

    Raises:
        InputFileError, MissingDependencyError: as `read_table_intake`; a row that is longer or shorter than the header.
    """
    table = _table(path)
    for problem in table.problems:
        raise InputFileError(f"{problem.place}: {problem.message}")
    return {str(header): cells_of(cells, str(header)) for header, cells in table.columns.items()}, table.n


def _table(path: str | Path) -> NamedColumns:
    ending = Path(path).name.lower().removesuffix(".gz")
    return _csv(read_bytes(path), shown_name(path)) if ending.endswith(TEXT) else _arrow(path)


def _csv(data: bytes, name: str) -> NamedColumns:
    text = read_csv(data, name)
    columns = {column: cells_of(cells, column) for column, cells in zip(text.header, text.columns, strict=True)}
    return NamedColumns(text.n, columns, text.problems, text.notes)


def _arrow(path: str | Path) -> NamedColumns:
    """A table of any kind that `open_table` knows, all of it."""
    source = open_table(path)
    n, columns, problems = read_all(source)
    return NamedColumns(n, columns, problems, source.notes)


def known_columns(
    table: NamedColumns, plan: TableMapping | None, name: str, dictionary: Dictionary
) -> tuple[dict[str, Any], list[str]]:
    """The columns under the headers that `Cohort.from_columns` knows, and the names of those that were not read.

    Raises:
        InputFileError: the mapping names columns that are not there, or a header is nearly a known one.
    """
    return _mapped(table, plan, name, dictionary) if plan else _by_header(table, dictionary)


def _mapped(
    table: NamedColumns, plan: TableMapping, name: str, dictionary: Dictionary
) -> tuple[dict[str, Any], list[str]]:
    """The columns that a mapping names, under the headers that `Cohort.from_columns` knows."""
    absent = [column for column in plan.needed if column not in table.columns]
    if absent:
        there = ", ".join(table.columns)
        raise InputFileError(f"{name} has no column {_quoted(absent)}, which the mapping names. It has: {there}.")
    missing = MISSING.union(text.casefold() for text in plan.missing)
    made: dict[str, Any] = {}
    if plan.id:
        made["id"] = _recoded(table.columns[plan.id], plan.id, {}, missing)
    for column, said in plan.columns.items():
        header = f"{said.field} [{said.unit}]" if said.unit else said.field
        flag = said.field in dictionary.fields and dictionary.fields[said.field].kind == "flag"
        made[header] = _recoded(table.columns[column], column, said.values, missing, flag=flag)
        if said.date:
            made[f"{said.field}.date"] = _recoded(table.columns[said.date], said.date, {}, missing)
    for field, value in plan.constant.items():
        made[field] = CodedCells(table.n, np.zeros(table.n, np.int32), [value])
    return made, [column for column in table.columns if column not in plan.needed]


def _by_header(table: NamedColumns, dictionary: Dictionary) -> tuple[dict[str, Any], list[str]]:
    """The columns whose header is a field, and the names of the others; InputFileError for one nearly known."""
    made: dict[str, Any] = {}
    unread = []
    for header, cells in table.columns.items():
        name = _name(header)
        plain = name.casefold()
        known = plain in ("id", "origin", *BIRTH_KEYS) or plain.startswith("form.")
        entry = None if known else _field(name, dictionary)
        if known or entry is not None:
            flag = entry is not None and entry.kind == "flag" and name == _value(name)
            made[header] = _recoded(cells, header, {}, MISSING, flag=flag)
        else:
            refuse_misspelt(header, dictionary, load_forms())
            unread.append(header)
    return made, unread


def _name(header: str) -> str:
    return _UNIT.sub("", header).strip()


def _value(name: str) -> str:
    return name.removesuffix(".date").removesuffix(".readings")


def _field(name: str, dictionary: Dictionary) -> Field | None:
    """The field that a column of this name is about."""
    try:
        return dictionary.field(_value(name))
    except FieldError:
        return None


def _recoded(
    cells: Any, column: str, values: Mapping[str, str], missing: Collection[str], *, flag: bool = False
) -> Cells:
    """The cells with codes replaced by what they mean, and the texts that mean nothing by nothing.

    In a `flag`, true and false are yes and no, unless `values` say otherwise.
    """
    given = cells_of(cells, column)
    if not values and not isinstance(given, CodedCells):
        return given
    coded = given.coded()
    means = [_meaning(value, values, missing) for value in coded.values]
    if flag:
        means = [_TRUTH.get(meant.strip().casefold(), meant) if isinstance(meant, str) else meant for meant in means]
    kept = np.array([*(-1 if meant is None else number for number, meant in enumerate(means)), -1], np.int32)
    return CodedCells(coded.n, kept[coded.codes], means)


def _meaning(value: Any, values: Mapping[str, str], missing: Collection[str]) -> Any:
    """What a cell means; None for nothing. A code that the mapping does not list stays, and will be a problem."""
    text = value.strip() if isinstance(value, str) else _code(value)
    if text in values:
        return values[text] or None
    if text.casefold() in missing:
        return None
    return value


def _code(value: Any) -> str:
    """A number as it stands in a mapping: 1.0 is the code 1."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
