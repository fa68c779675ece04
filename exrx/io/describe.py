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
from exrx.io.patients_json import STDIN, read_bytes, shown_name
from exrx.io.tables import PARQUET, NamedColumns, _csv, _parquet, known_columns
from exrx.study.describe import Describer
from exrx.study.describe_points import to_dict

_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")


def describe_input(
    path: str | Path, *, as_of: date, mapping: str | Path | Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an input holds, column by column, as JSON of schema `exrx/describe/1`.

    A column that cannot be read is a point to mend, and the others are described all the same.

    Raises:
        InputFileError: the input cannot be read as a whole, or the mapping is wrong.
        MissingDependencyError: as `read_input`.
    """
    ending = Path(path).name.lower().removesuffix(".gz")
    if str(path) != STDIN and ending.endswith(_TABLES) and not Path(path).is_dir():
        return _describe_table(Path(path), as_of, mapping)
    intake = read_input(path, as_of=as_of, mapping=mapping)
    described = Describer(as_of)
    if intake.cohort is not None:
        described.add(intake.cohort)
    else:
        described.add_patients(intake.patients or (), load_dictionary())
    return to_dict(described, {}, [problem.message for problem in intake.problems], intake.notes)


def _describe_table(path: Path, as_of: date, mapping: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    dictionary, name = load_dictionary(), shown_name(path)
    plan = read_mapping(mapping, dictionary) if mapping is not None else None
    data = read_bytes(path)
    table = _parquet(data, name) if path.suffix.lower() in PARQUET else _csv(data, name)
    faults = [problem.message for problem in table.problems]
    described = Describer(as_of, _own_names(plan))
    unread: dict[str, str] = {}
    if plan is None:
        bad = faulty_columns(table, name, dictionary)
        faults += bad.values()
        kept = {header: cells for header, cells in table.columns.items() if header not in bad}
        table = NamedColumns(table.n, kept, table.problems, table.notes)
    try:
        columns, left = known_columns(table, plan, name, dictionary)
        described.add(Cohort.from_columns(columns))
    except InputFileError as error:
        faults.append(str(error))
    else:
        unread = dict.fromkeys(left, "not-mapped" if plan else "no-field")
    return to_dict(described, unread, faults, table.notes)


def _own_names(plan: TableMapping | None) -> dict[str, str]:
    """The table's own name of a column by field, where a mapping says so."""
    return {} if plan is None else {said.field: column for column, said in plan.columns.items()}


def faulty_columns(table: NamedColumns, name: str, dictionary: Dictionary) -> dict[str, str]:
    """The columns that refuse a table as a whole, each with the message that says what to do about it."""
    found = {}
    for header, cells in table.columns.items():
        try:
            columns, _ = known_columns(NamedColumns(table.n, {header: cells}), None, name, dictionary)
            Cohort.from_columns(columns)
        except InputFileError as error:
            found[header] = str(error)
    return found
