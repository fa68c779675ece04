"""Small invented OMOP tables for the tests: `write_omop(folder, person=[..], measurement=[..])`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PLATELETS, HAEMOGLOBIN = 3024929, 3000963
CONCEPTS = [
    (PLATELETS, "Platelets", "LOINC", "777-3"), (HAEMOGLOBIN, "Haemoglobin", "LOINC", "718-7"),
    (1, "Metastasis to bone", "SNOMED", "94222008"), (2, "Secondary neoplasm of bone", "ICD10CM", "C79.51"),
    (3, "10*3/uL", "UCUM", "10*3/uL"), (4, "g/dL", "UCUM", "g/dL"), (5, "Provisional diagnosis", "Status", "p"),
    (6, "ECOG", "LOINC", "89247-1"), (7, "Yes", "LOINC", "LA33-6"), (8, "A drug", "RxNorm", "1"),
    (9, "Marrow", "ICD10CM", "C79.52"), (10, "/uL", "UCUM", "/uL"),
]  # fmt: skip
"""Concepts with invented ids (those of platelets and haemoglobin are real)."""


def a_person(number: int = 1, **more: Any) -> dict[str, Any]:
    """A row of `person`."""
    made = {"person_id": number, "gender_concept_id": 8532, "year_of_birth": 1960, "month_of_birth": 5,
            "day_of_birth": 4, "person_source_value": "010190-1234"}  # fmt: skip
    return made | more


def a_measurement(value: Any = 45, day: str | None = "2026-11-20", **more: Any) -> dict[str, Any]:
    """A row of `measurement`: platelets unless it says otherwise."""
    made = {
        "measurement_id": 7, "person_id": 1, "measurement_concept_id": PLATELETS, "measurement_date": day,
        "measurement_datetime": None, "operator_concept_id": None, "value_as_number": value,
        "value_as_concept_id": None, "unit_concept_id": None, "measurement_source_value": None,
        "unit_source_value": "10*3/uL",
    }  # fmt: skip
    return made | more


def a_condition(concept: int = 1, start: str = "2026-01-02", **more: Any) -> dict[str, Any]:
    """A row of `condition_occurrence`."""
    made = {"condition_occurrence_id": 3, "person_id": 1, "condition_concept_id": concept,
            "condition_start_date": start, "condition_end_date": None, "condition_status_concept_id": None,
            "condition_source_value": None}  # fmt: skip
    return made | more


def concepts() -> list[dict[str, Any]]:
    """The table `concept`."""
    names = ("concept_id", "concept_name", "vocabulary_id", "concept_code")
    return [dict(zip(names, row, strict=True)) for row in CONCEPTS]


def write_omop(folder: Path, ending: str = "parquet", **tables: list[dict[str, Any]]) -> Path:
    """Write tables as Parquet or CSV files, or as one DuckDB file; return what `read_input` takes."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    made = {}
    for name, rows in tables.items():
        keys = dict.fromkeys(key for row in rows for key in row)
        made[name] = pa.table({key: pa.array([row.get(key) for row in rows]) for key in keys})
    if ending == "duckdb":
        import duckdb

        path = folder / "cdm.duckdb"
        with duckdb.connect(str(path)) as base:
            base.execute("CREATE SCHEMA hospital")
            for name, table in made.items():
                base.register("rows_of_it", table)
                base.execute(f"CREATE TABLE hospital.{name} AS SELECT * FROM rows_of_it")
        return path
    for name, table in made.items():
        if ending == "parquet":
            pq.write_table(table, folder / f"{name}.parquet")
        else:
            plain = table.cast(pa.schema([(field.name, pa.string()) for field in table.schema]))
            csv.write_csv(plain, folder / f"{name.upper()}.csv")
    return folder
