"""Any input that `exrx screen` reads, described before it is screened: see `exrx.study.describe`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from exrx.cohort import Cohort
from exrx.errors import InputFileError
from exrx.fields import Dictionary, load_dictionary
from exrx.io import read_input
from exrx.io.mapping import TableMapping, read_mapping
from exrx.io.patients_json import STDIN
from exrx.io.sources import Piece, TableSource, is_table, open_table
from exrx.io.tables import NamedColumns, known_columns
from exrx.study.describe import Describer
from exrx.study.describe_points import to_dict

ROWS = 1 << 17
"""Rows at a time: memory does not grow with the table."""


def describe_input(
    path: str | Path, *, as_of: date, mapping: str | Path | Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an input holds, column by column, as JSON of schema `exrx/describe/1`.

    A column that cannot be read is a point to mend, and the others are described all the same. Tables of any size are
    read in pieces.

    Raises:
        InputFileError: the input cannot be read as a whole, or the mapping is wrong.
        MissingDependencyError: as `read_input`.
    """
    if str(path) != STDIN and is_table(path):
        return _describe_table(open_table(path), as_of, mapping)
    intake = read_input(path, as_of=as_of, mapping=mapping)
    described = Describer(as_of)
    described.add_patients(intake.patients or (), load_dictionary())
    return to_dict(described, {}, [problem.message for problem in intake.problems], intake.notes)


def _describe_table(
    source: TableSource, as_of: date, mapping: str | Path | Mapping[str, Any] | None
) -> dict[str, Any]:
    dictionary = load_dictionary()
    plan = read_mapping(mapping, dictionary) if mapping is not None else None
    described = Describer(as_of, _own_names(plan))
    names: list[str] = list(source.schema.names)
    faults: list[str] = []
    unread: dict[str, str] = {}
    for piece in source.read(names, ROWS):
        faults += [problem.message for problem in piece.problems]
        if described.rows == 0:
            bad = {} if plan else faulty_columns(piece, source, dictionary)
            faults += bad.values()
            names = [name for name in names if name not in bad]
        try:
            columns, left = known_columns(_columns(piece, names), plan, source.name, dictionary)
            cohort = Cohort.from_columns(columns, cell_units=True)
        except InputFileError as error:
            faults.append(str(error))
            break
        unread = dict.fromkeys(left, "not-mapped" if plan else "no-field")
        if not columns:
            described.skip(piece.batch.num_rows)
            continue
        described.add(cohort)
    return to_dict(described, unread, faults, source.notes)


def _columns(piece: Piece, names: list[str]) -> NamedColumns:
    """Some columns of a piece."""
    given = {name: piece.batch.column(piece.batch.schema.get_field_index(name)) for name in names}
    return NamedColumns(piece.batch.num_rows, given)


def _own_names(plan: TableMapping | None) -> dict[str, str]:
    """The table's own name of a column by field, where a mapping says so."""
    return {} if plan is None else {said.field: column for column, said in plan.columns.items()}


def faulty_columns(piece: Piece, source: TableSource, dictionary: Dictionary) -> dict[str, str]:
    """The columns that refuse a table as a whole, each with the message that says what to do about it."""
    found = {}
    for name in source.schema.names:
        try:
            columns, _ = known_columns(_columns(piece, [name]), None, source.name, dictionary)
            Cohort.from_columns(columns)
        except InputFileError as error:
            found[name] = str(error)
    return found
