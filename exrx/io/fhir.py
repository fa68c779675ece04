"""FHIR R4 from files: a bundle, a folder of bundles, or NDJSON, gzipped or not; whoever is in comes out.

    fhir_resources.py  the parts of a resource that are read, and dates
    fhir_codes.py      from a code to a field of the dictionary
    fhir_files.py      files, bundles and lines as single resources
    fhir_people.py     who is who, and what each resource is about
    fhir_shelves.py    what is known, sorted by person, on disk when it is much
    fhir_record.py     what the files said about one person
    fhir_today.py      the patient that this makes on a day
    fhir.py            people in blocks

Patient, Observation and Condition are read; no field of the dictionary needs more. Identifiers, names and
addresses are never decoded. Memory holds one file that is not NDJSON, a few hundred people, and the names of all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from attrs import evolve

from exrx.errors import InputFileError, Problem
from exrx.fields import Dictionary, load_dictionary
from exrx.io.fhir_codes import index_codes
from exrx.io.fhir_files import Source, looks_like_fhir
from exrx.io.fhir_people import People, add_fact
from exrx.io.fhir_record import Record
from exrx.io.fhir_shelves import Shelves
from exrx.io.fhir_today import FhirDay
from exrx.io.patients_json import Intake, blank_patient, mark_duplicates, named, shown_name
from exrx.patient import Patient

__all__ = ["fhir_blocks", "fhir_from_files", "looks_like_fhir", "read_fhir", "read_fhir_intake"]

CONDITIONS = "conditions"
ASSUMABLE = frozenset({CONDITIONS})
_ENDINGS = (".json", ".json.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")


def read_fhir(path: str | Path, *, as_of: date, assume_no: Collection[str] = frozenset()) -> list[Patient]:
    """The patients in a FHIR file or folder, as `read_fhir_intake`."""
    return list(read_fhir_intake(path, as_of=as_of, assume_no=assume_no).patients or ())


def read_fhir_intake(path: str | Path, *, as_of: date, assume_no: Collection[str] = frozenset()) -> Intake:
    """Read the patients of a bundle, a folder of bundles, or NDJSON files, as they were known on `as_of`.

    The newest observation at or before `as_of` decides, usable or not; later ones are left out. A diagnosis
    that is not there is unknown, unless `assume_no` holds "conditions": then the yes-no fields that have a
    diagnosis code are no where none is found, with the origin `assumed`, and `notes` says so. In a folder, a
    person is one patient across all files, and a broken file is a patient of whom nothing is known. Folders
    are not searched below their first level.

    Raises:
        InputFileError: nothing can be read, nobody is in it, or `assume_no` holds another word.
    """
    return _joined(fhir_blocks(path, as_of=as_of, assume_no=assume_no))


def fhir_from_files(
    files: list[tuple[str, bytes | None]], name: str, *, as_of: date, assume_no: Collection[str] = frozenset()
) -> Intake:
    """The patients in the contents of files (name, bytes; None where a file could not be read); see above."""
    sources = [Source(file, data=data, unreadable="" if data is not None else f"{file} cannot be read.")
               for file, data in files]  # fmt: skip
    return _joined(_blocks(iter(sources), len(sources), name, as_of, assume_no))


def fhir_blocks(path: str | Path, *, as_of: date, assume_no: Collection[str] = frozenset()) -> Iterator[Intake]:
    """The patients of `read_fhir_intake` in blocks, in the order in which the files first name them.

    Every file is read before the first block comes out. The last block has the problems of the whole and no patients.

    Raises:
        InputFileError: as `read_fhir_intake`.
        OSError: what is kept aside between reading and answering does not fit on the disk.
    """
    place = Path(path)
    files = _files(place)
    return _blocks((Source.at(file) for file in files), len(files), shown_name(place), as_of, assume_no)


def _blocks(
    sources: Iterator[Source], count: int, name: str, as_of: date, assume_no: Collection[str]
) -> Iterator[Intake]:
    unknown = sorted(set(assume_no) - ASSUMABLE)
    if unknown:
        raise InputFileError(f"'{unknown[0]}' cannot be assumed to be no. Use: {', '.join(sorted(ASSUMABLE))}.")
    dictionary = load_dictionary()
    people = People(index_codes(dictionary))
    with Shelves() as shelves:
        for source in sources:
            for fact in people.facts(source, alone=count == 1):
                shelves.put(fact)
        if not people.names:
            raise InputFileError(f"{name} holds no patient.")
        flags = [field for field in sorted(people.index.diagnosed) if dictionary.fields[field].kind == "flag"]
        assumed = CONDITIONS in assume_no
        today, doubles = FhirDay(dictionary, as_of, flags if assumed else ()), people.doubles
        taken = frozenset(each for each in people.names if each.startswith("row-"))
        notes = (assumption(dictionary, flags),) if assumed else ()
        for first in range(0, len(people.names), shelves.people):
            made = named(list(_shelf(people, shelves, first, today)), first + 1, taken)
            yield Intake(patients=mark_duplicates(made, doubles), notes=notes)
        broken = tuple(evolve(fault, row=number + 1) for number, fault in people.broken.items())
        yield Intake(patients=(), problems=(*broken, *people.problems), notes=notes)


def _shelf(people: People, shelves: Shelves, first: int, today: FhirDay) -> Iterator[Patient]:
    """The patients of one shelf."""
    numbers = range(first, min(first + shelves.people, len(people.names)))
    records = {number: Record(people.names[number]) for number in numbers}
    for fact in shelves.take(first // shelves.people):
        add_fact(records[fact.person], fact, people.index)
    for number, record in records.items():
        fault = people.broken.get(number)
        yield _with_lost(today.patient(record), record) if fault is None else blank_patient(fault)


def _joined(blocks: Iterator[Intake]) -> Intake:
    """All blocks as one."""
    parts = list(blocks)
    patients = tuple(patient for part in parts for patient in part.patients or ())
    return Intake(patients=patients, problems=parts[-1].problems, notes=parts[-1].notes)


def assumption(dictionary: Dictionary, flags: list[str]) -> str:
    """The sentence that every output has to repeat when absent diagnoses were read as no."""
    labels = ", ".join(dictionary.fields[name].labelled("en") for name in flags)
    return f"Absent conditions were read as no, because the caller said so: {labels}."


def _with_lost(patient: Patient, record: Record) -> Patient:
    """The patient, with a problem for every resource about them that could not be read."""
    lost = tuple(
        Problem("row", None, "unreadable-resource", f"{place} may hold something newer.") for place in record.lost
    )
    return evolve(patient, problems=(*patient.problems, *lost)) if lost else patient


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        found = sorted(file for file in path.iterdir() if file.name.lower().endswith(_ENDINGS) and file.is_file())
    except OSError as error:
        raise InputFileError(f"{path.name} cannot be read: {error.strerror or 'unknown fault'}.") from error
    if not found:
        raise InputFileError(f"{path.name} holds no file that ends in {', '.join(_ENDINGS)}.")
    return found
