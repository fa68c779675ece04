"""Real input: one file a format, and `read_input`, which tells them apart.

    patients_json.py  patient JSON, JSON Lines
    tables.py         CSV and Parquet, with units in the header or a mapping file (mapping.py)
    forms_xlsx.py     forms that were filled in Excel
    fhir.py           FHIR R4 bundles, folders of them, NDJSON
    omop.py           OMOP CDM 5.4: a folder of tables or a DuckDB file
    describe.py       patients one by one, described before they are screened

N patients in, N patients out: what cannot be read is a patient of whom nothing is known, and a problem.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from exrx.errors import InputFileError
from exrx.io.fhir import fhir_blocks, fhir_from_files, looks_like_fhir, read_fhir, read_fhir_intake
from exrx.io.fhir_files import lines_look_like_fhir
from exrx.io.omop_files import looks_like_omop
from exrx.io.patients_json import (
    STDIN,
    FileProblem,
    Intake,
    patients_from_bytes,
    read_bytes,
    read_patients,
    shown_name,
)
from exrx.io.sources import is_table

if TYPE_CHECKING:
    from exrx.cohort import Cohort

__all__ = ["FileProblem", "Intake", "input_blocks", "read_fhir", "read_input", "read_patients", "read_table"]

_LINES = (".jsonl", ".ndjson")


def read_input(
    path: str | Path,
    *,
    as_of: date,
    mapping: str | Path | Mapping[str, Any] | None = None,
    assume_no: Collection[str] = frozenset(),
) -> Intake:
    """Read patients from any file that exrx knows; `-` is JSON on standard input.

    A folder that holds a table `person` is OMOP, any other folder with Parquet files, `.csv`, `.tsv`, `.txt`,
    `.parquet`, `.arrow` and `.xlsx` are tables; a workbook of filled forms (`exrx form`) is read as forms; any other
    folder is FHIR, a DuckDB file is OMOP; anything else is JSON, and FHIR if it says so itself. Text and JSON may be
    gzipped. `mapping` concerns tables and OMOP, `assume_no` FHIR.

    Raises:
        InputFileError: the whole input cannot be read, or a mapping is given for JSON or FHIR.
        MissingDependencyError: Parquet or Arrow without pyarrow, Excel without openpyxl, OMOP without DuckDB.
    """
    if Path(path).name.lower().endswith(".xlsx"):
        from exrx.io.forms_xlsx import is_forms_workbook, read_forms

        if is_forms_workbook(path):
            return _unassumed(read_forms(path), assume_no)
    if str(path) != STDIN and is_table(path):
        from exrx.io.tables import read_table_intake  # loads NumPy, which one patient in JSON does not need

        return _unassumed(read_table_intake(path, mapping=mapping), assume_no)
    if str(path) != STDIN and looks_like_omop(Path(path)):
        from exrx.io.omop import read_omop_intake

        return _unassumed(read_omop_intake(path, as_of=as_of, mapping=mapping), assume_no)
    if mapping is not None:
        raise InputFileError(f"{shown_name(path)} is not a table, so a mapping has no meaning for it.")
    if str(path) != STDIN and Path(path).is_dir():
        return read_fhir_intake(path, as_of=as_of, assume_no=assume_no)
    if _has_lines(Path(path)) and str(path) != STDIN and lines_look_like_fhir(Path(path)):
        return read_fhir_intake(path, as_of=as_of, assume_no=assume_no)
    data, name = read_bytes(path), shown_name(path)
    if looks_like_fhir(data):
        return fhir_from_files([(name, data)], name, as_of=as_of, assume_no=assume_no)
    return _unassumed(patients_from_bytes(data, name, lines=_has_lines(Path(path))), assume_no)


def input_blocks(
    path: str | Path,
    *,
    as_of: date,
    mapping: str | Path | Mapping[str, Any] | None = None,
    assume_no: Collection[str] = frozenset(),
) -> Iterator[Intake]:
    """What `read_input` reads, in blocks of patients where the input may be large: OMOP, and FHIR in lines or folders.

    Every block has the notes; the last one may hold no patients. Raises as `read_input`.
    """
    place = Path(path)
    if str(path) != STDIN and not is_table(path) and looks_like_omop(place):
        from exrx.io.omop import omop_blocks

        for part in omop_blocks(path, as_of=as_of, mapping=mapping):
            yield _unassumed(part, assume_no)
    elif str(path) != STDIN and mapping is None and not is_table(path) and (
        place.is_dir() or (_has_lines(place) and lines_look_like_fhir(place))
    ):  # fmt: skip
        yield from fhir_blocks(path, as_of=as_of, assume_no=assume_no)
    else:
        yield read_input(path, as_of=as_of, mapping=mapping, assume_no=assume_no)


def _has_lines(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(_LINES)


def read_table(path: str | Path, *, mapping: str | Path | Mapping[str, Any] | None = None) -> Cohort:
    """The cohort in a CSV or Parquet file; see `exrx.io.tables.read_table`."""
    from exrx.io.tables import read_table as read  # loads NumPy, which one patient in JSON does not need

    return read(path, mapping=mapping)


def _unassumed(intake: Intake, assume_no: Collection[str]) -> Intake:
    """The intake, saying that nothing was assumed where the caller asked for it in vain."""
    if not assume_no:
        return intake
    note = f"Nothing was assumed to be no: assuming {', '.join(sorted(assume_no))} applies to FHIR input only."
    return evolve(intake, notes=(*intake.notes, note))
