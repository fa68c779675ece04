"""OMOP CDM 5.4: a folder of its tables (Parquet or CSV), or a DuckDB file; every row of `person` is a patient.

    omop_files.py    finding the tables
    omop_tables.py   asking DuckDB for the rows that matter, person by person
    omop_codes.py    from a concept to a field of the dictionary
    omop_record.py   rows as what is known about one person
    omop.py          people in blocks

Read are person, death, measurement, observation, condition_occurrence, procedure_occurrence and drug_exposure, and
concept and concept_ancestor where they are there. Names, addresses and `person_source_value` never are. Nothing is
read from visits: no field of the dictionary is about them. DuckDB sorts on disk, so memory does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from exrx.fields import load_dictionary
from exrx.io.fhir_record import Record
from exrx.io.fhir_today import FhirDay
from exrx.io.omop_codes import read_concept_sets
from exrx.io.omop_record import add_row
from exrx.io.omop_tables import OmopTables
from exrx.io.patients_json import FileProblem, Intake, mark_duplicates, named, shown_name
from exrx.patient import Patient

BLOCK = 4096
"""Patients at a time."""


def read_omop_intake(
    path: str | Path, *, as_of: date, mapping: str | Path | Mapping[str, Any] | None = None
) -> Intake:
    """Everybody in an OMOP database, as they were known on `as_of`, in the order of `person_id`.

    The newest measurement at or before `as_of` decides, usable or not; what is dated after a death is left out; a
    condition that is not there is unknown. `mapping` names further concepts (see `omop_codes`).

    Raises:
        InputFileError: there is no table `person`, a table cannot be read or lacks a column that it must have, or
            the mapping is wrong.
        MissingDependencyError: DuckDB is not installed.
    """
    parts = list(omop_blocks(path, as_of=as_of, mapping=mapping))
    patients = tuple(patient for part in parts for patient in part.patients or ())
    problems = tuple(problem for part in parts for problem in part.problems)
    return Intake(patients=patients, problems=problems, notes=parts[-1].notes if parts else ())


def omop_blocks(
    path: str | Path,
    *,
    as_of: date,
    mapping: str | Path | Mapping[str, Any] | None = None,
    block: int | None = None,
) -> Iterator[Intake]:
    """The same in blocks of patients, one after the other; the last has the problems of the whole and no patients.

    Raises:
        InputFileError, MissingDependencyError: as `read_omop_intake`.
    """
    dictionary = load_dictionary()
    with OmopTables.open(Path(path), as_of, read_concept_sets(mapping, dictionary), dictionary) as tables:
        day = FhirDay(dictionary, as_of, source="OMOP")
        people, first = _people(tables, day, as_of), 1
        while made := list(islice(people, block or BLOCK)):
            yield Intake(patients=mark_duplicates(named(made, first, ()), tables.doubles), notes=tables.notes)
            first += len(made)
        yield Intake(patients=(), problems=_problems(tables, shown_name(path)), notes=tables.notes)


def _people(tables: OmopTables, day: FhirDay, as_of: date) -> Iterator[Patient]:
    for person, rows in tables.people():
        record = Record(person.id, person)
        for row in rows:
            add_row(record, row, tables.meanings, as_of)
        yield day.patient(record)


def _problems(tables: OmopTables, name: str) -> tuple[FileProblem, ...]:
    return tuple(
        FileProblem(None, f"{name}, {table}", "no-patient",
                    f"{name}, {table}: {count} rows are about nobody in person; they were not used.")
        for table, count in tables.orphans.items() if count
    )  # fmt: skip
