"""Finding the tables of an OMOP database: a folder of Parquet or CSV files, or a DuckDB file."""

from __future__ import annotations

from pathlib import Path

READ = ("person", "death", "measurement", "observation", "condition_occurrence", "procedure_occurrence",
        "drug_exposure", "concept", "concept_ancestor")  # fmt: skip
"""The tables that are read."""
_ENDINGS = (".parquet", ".csv", ".csv.gz")
_DUCKDB = b"DUCK"


def looks_like_omop(path: Path) -> bool:
    """True for a folder in which there is a table `person`, and for a DuckDB file."""
    if path.is_dir():
        return "person" in table_files(path)
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == _DUCKDB
    except OSError:
        return False


def table_files(folder: Path) -> dict[str, list[str]]:
    """The files of each table in a folder: `person.parquet`, `PERSON.csv`, or a folder `person` of Parquet files."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.iterdir()):
        name = file.name.lower()
        if file.is_dir() and name in READ:
            parts = [str(part) for part in sorted(file.rglob("*.parquet")) if part.is_file()]
            if parts:
                found.setdefault(name, []).extend(parts)
        for ending in _ENDINGS:
            if name.endswith(ending) and name.removesuffix(ending) in READ:
                found.setdefault(name.removesuffix(ending), []).append(str(file))
    return found
