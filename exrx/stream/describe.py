"""A table of any size, described before it is screened, piece by piece: see `exrx.study.describe`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve

from exrx.cohort import Cohort
from exrx.errors import InputFileError
from exrx.fields import Dictionary, load_dictionary
from exrx.io.mapping import TableMapping, read_mapping
from exrx.io.sources import Piece, TableSource
from exrx.io.tables import MISSING, NamedColumns, known_columns
from exrx.stream.ids import hashes
from exrx.stream.names import Faults, names_of
from exrx.study.describe import Describer
from exrx.study.describe_points import to_dict

ROWS = 1 << 17
"""Rows at a time: memory does not grow with the table."""


def describe_table(
    source: TableSource, *, as_of: date, mapping: str | Path | Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a table holds, column by column, as JSON of schema `exrx/describe/1`.

    A column that cannot be read is a point to mend, and the others are described all the same.

    Raises:
        InputFileError: the table is damaged, or the mapping is wrong.
    """
    dictionary = load_dictionary()
    plan = read_mapping(mapping, dictionary) if mapping is not None else None
    described = Describer(as_of, _own_names(plan))
    missing = MISSING if plan is None else MISSING.union(text.casefold() for text in plan.missing)
    names: list[str] = list(source.schema.names)
    identifier = _id_column(names, plan)
    plan = evolve(plan, id=None) if plan is not None and identifier is not None else plan
    faults: list[str] = []
    unread: dict[str, str] = {}
    plain = [identifier] if identifier is not None else []
    for piece in source.read(names, ROWS, plain=plain):
        faults += [problem.message for problem in piece.problems]
        if described.rows == 0:
            names = [name for name in names if name != identifier]
            bad = {} if plan else faulty_columns(piece, names, source.name, dictionary)
            faults += bad.values()
            names = [name for name in names if name not in bad]
        try:
            columns, left = known_columns(_columns(piece, names), plan, source.name, dictionary)
            cohort = Cohort.from_columns(columns, cell_units=True)
        except InputFileError as error:
            faults.append(str(error))
            break
        unread = dict.fromkeys(left, "not-mapped" if plan else "no-field")
        _add_ids(described, piece, identifier, missing)
        described.add(cohort, with_ids=False) if columns else described.skip(piece.batch.num_rows)
    return to_dict(described, unread, faults, source.notes)


def _id_column(names: list[str], plan: TableMapping | None) -> str | None:
    """Which column holds the ids; None if none does, or several (which the table is then refused for)."""
    if plan is not None:
        return plan.id if plan.id in names else None
    found = [name for name in names if name.strip().casefold() == "id"]
    return found[0] if len(found) == 1 else None


def _add_ids(described: Describer, piece: Piece, identifier: str | None, missing: Collection[str]) -> None:
    """Count the ids of a piece: a number for each, 0 for a row without one, and what is wrong with them."""
    n = piece.batch.num_rows
    keys = np.zeros(n, np.int64)
    faults: Faults = []
    if identifier is not None:
        names, faults = names_of(piece.batch.column(identifier), None, missing)
        there = names.is_valid().to_numpy(zero_copy_only=False)
        keys[there] = hashes(names.drop_null())[0].view(np.int64)
    described.add_ids(keys, faults)


def _columns(piece: Piece, names: list[str]) -> NamedColumns:
    """Some columns of a piece."""
    given = {name: piece.batch.column(piece.batch.schema.get_field_index(name)) for name in names}
    return NamedColumns(piece.batch.num_rows, given)


def _own_names(plan: TableMapping | None) -> dict[str, str]:
    """The table's own name of a column by field, where a mapping says so."""
    return {} if plan is None else {said.field: column for column, said in plan.columns.items()}


def faulty_columns(piece: Piece, names: list[str], table: str, dictionary: Dictionary) -> dict[str, str]:
    """The columns that refuse a table as a whole, each with the message that says what to do about it."""
    found = {}
    for name in names:
        try:
            columns, _ = known_columns(_columns(piece, [name]), None, table, dictionary)
            Cohort.from_columns(columns)
        except InputFileError as error:
            found[name] = str(error)
    return found
