"""FHIR R4 from files: a bundle, a folder of bundles, or NDJSON, gzipped or not; whoever is in comes out.

    fhir_resources.py  the parts of a resource that are read, and dates
    fhir_codes.py      from a code to a field of the dictionary
    fhir_record.py     what the files said about one person
    fhir_today.py      the patient that this makes on a day
    fhir_files.py      files, bundles and lines as single resources
    fhir.py            who is who

Patient, Observation and Condition are read; no field of the dictionary needs more. Identifiers, names and
addresses are never decoded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import msgspec
from attrs import define, evolve, field

from exrx.errors import InputFileError, Problem, QuantityError
from exrx.fields import Dictionary, load_dictionary
from exrx.io.fhir_codes import CodeIndex, index_codes
from exrx.io.fhir_files import looks_like_fhir, read_entries
from exrx.io.fhir_record import WITHDRAWN, Reading, Record
from exrx.io.fhir_resources import (
    UNREADABLE,
    Coding,
    Condition,
    Entry,
    Observation,
    Person,
    Reference,
    kind_of,
    loosely,
    observed_at,
    salvage,
    salvage_condition,
)
from exrx.io.fhir_today import FhirDay
from exrx.io.patients_json import (
    FileProblem,
    Intake,
    blank_patient,
    mark_duplicates,
    named,
    read_bytes,
    shown_name,
)
from exrx.patient import Patient

__all__ = ["fhir_from_files", "looks_like_fhir", "read_fhir", "read_fhir_intake"]

CONDITIONS = "conditions"
ASSUMABLE = frozenset({CONDITIONS})
_ENDINGS = (".json", ".json.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
_READ = frozenset({"Patient", "Observation", "Condition"})
_REFERENCE = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_NAMED = re.compile(r'"((?:[^"\\s]*/)?Patient/[A-Za-z0-9.\-]{1,64}|urn:(?:uuid|oid):[^"\\s]+)"')
_CODED = re.compile(r'\{[^{}]*"code"[^{}]*\}')
_URN = re.compile(r"urn:(?:uuid|oid):(.+)")
_person = msgspec.json.Decoder(Person)
_observation = msgspec.json.Decoder(Observation)
_condition = msgspec.json.Decoder(Condition)


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
    return fhir_from_files(_files(Path(path)), shown_name(path), as_of=as_of, assume_no=assume_no)


def fhir_from_files(
    files: list[tuple[str, bytes | None]], name: str, *, as_of: date, assume_no: Collection[str] = frozenset()
) -> Intake:
    """The patients in the contents of files (name, bytes; None where a file could not be read); see above."""
    unknown = sorted(set(assume_no) - ASSUMABLE)
    if unknown:
        raise InputFileError(f"'{unknown[0]}' cannot be assumed to be no. Use: {', '.join(sorted(ASSUMABLE))}.")
    dictionary = load_dictionary()
    index = index_codes(dictionary)
    people = _People(index)
    for file, content in files:
        people.read(file, content, alone=len(files) == 1)
    if not people.records:
        raise InputFileError(f"{name} holds no patient.")
    flags = [field for field in sorted(index.diagnosed) if dictionary.fields[field].kind == "flag"]
    today = FhirDay(dictionary, as_of, flags if CONDITIONS in assume_no else ())
    rows = {key: number for number, key in enumerate(people.records, 1)}
    patients = named(
        [
            blank_patient(people.broken[key]) if key in people.broken else _with_lost(today.patient(record), record)
            for key, record in people.records.items()
        ]
    )
    problems = [evolve(fault, row=rows[key]) for key, fault in people.broken.items()]
    notes = (assumption(dictionary, flags),) if CONDITIONS in assume_no else ()
    return Intake(patients=mark_duplicates(patients), problems=(*problems, *people.problems), notes=notes)


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


def _files(path: Path) -> list[tuple[str, bytes | None]]:
    if not path.is_dir():
        return [(shown_name(path), read_bytes(path))]
    try:
        found = sorted(file for file in path.iterdir() if file.name.lower().endswith(_ENDINGS) and file.is_file())
    except OSError as error:
        raise InputFileError(f"{path.name} cannot be read: {error.strerror or 'unknown fault'}.") from error
    if not found:
        raise InputFileError(f"{path.name} holds no file that ends in {', '.join(_ENDINGS)}.")
    return [(shown_name(file), _or_none(file)) for file in found]


def _or_none(file: Path) -> bytes | None:
    try:
        return read_bytes(file)
    except InputFileError:
        return None


@define
class _People:
    """Records by person, filled file by file; `broken` holds what stands in for files that cannot be read."""

    index: CodeIndex
    records: dict[str, Record] = field(factory=dict)
    broken: dict[str, FileProblem] = field(factory=dict)
    problems: list[FileProblem] = field(factory=list)

    def read(self, file: str, content: bytes | None, *, alone: bool) -> None:
        """Read one file; when it is `alone` and broken, InputFileError."""
        before = len(self.records)
        try:
            if content is None:
                raise InputFileError(f"{file} cannot be read.")
            entries = list(read_entries(file, content))
        except InputFileError as error:
            if alone:
                raise
            fault = FileProblem(None, file, "unreadable-file", str(error))
            key = f"\0{file}"
            self.records[key], self.broken[key] = Record(""), fault
            return
        self._resources(file, entries)
        if alone and len(self.records) == before and any(fault.place.startswith(file) for fault in self.problems):
            raise InputFileError(f"{file} holds no resource that can be read.")

    def _resources(self, file: str, entries: list[tuple[str, Entry]]) -> None:
        """Take in the resources of one file: the people first, so that the others can refer to them."""
        sorted_out: dict[str, list[tuple[str, Entry]]] = {kind: [] for kind in _READ}
        lost: list[tuple[str, Entry]] = []
        for place, entry in entries:
            kind = kind_of(entry.resource)
            if not kind:
                lost.append((place, entry))
            elif kind in sorted_out:
                sorted_out[kind].append((place, entry))
        names: dict[str, str] = {}
        for place, entry in sorted_out["Patient"]:
            self._person(place, entry, names)
        for place, entry in sorted_out["Observation"]:
            self._observation(place, entry, names)
        for place, entry in sorted_out["Condition"]:
            self._condition(place, entry, names)
        for place, entry in lost:
            self._lost(place, entry, names)

    def _lost(self, place: str, entry: Entry, names: dict[str, str]) -> None:
        """What is no resource as it stands: whoever it names has a problem, and the fields it names are unknown."""
        self.problems.append(FileProblem(None, place, "unreadable-resource", f"{place} is not a FHIR resource."))
        text = bytes(entry.resource).decode("utf-8", "replace")
        about = {name: Reference(name) for name in _NAMED.findall(text)}
        found = [field for code in _CODED.findall(text) for field in self.index.fields(*_coded(code))]
        for reference in about.values():
            record = self._record(place, reference, names)
            if record is not None:
                record.lost.append(place)
                fault = ("unreadable-resource", "what may be the newest result cannot be read.")
                for field in dict.fromkeys(entry.name for entry in found):
                    record.add_reading(field, Reading(None, place, fault=fault))

    def _person(self, place: str, entry: Entry, names: dict[str, str]) -> None:
        fault = None
        try:
            person = _person.decode(entry.resource)
        except UNREADABLE:
            fault = "the patient resource cannot be read."
            person = Person(_id_alone(entry.resource))
            self.problems.append(FileProblem(None, place, "unreadable-resource", f"{place}: {fault}"))
        name = person.id or _last(entry.fullUrl or "")
        key = name or f"\0{place}"
        there = self.records.get(key)
        if there and there.person and not _same(there.person, person):
            key = f"\0{place}"
        record = Record(name, person, fault)
        if key in self.records:
            self.records[key].absorb(record)
        else:
            self.records[key] = record
        names[f"Patient/{name}"] = key
        if entry.fullUrl:
            names[entry.fullUrl] = key

    def _observation(self, place: str, entry: Entry, names: dict[str, str]) -> None:
        try:
            observed = _observation.decode(entry.resource)
        except UNREADABLE:
            self._malformed(place, entry, names)
            return
        if any(self.index.fields(coding.system, coding.code) for coding in _codings(observed)):
            record = self._record(place, observed.subject, names)
            if record:
                record.add_observation(observed, self.index)

    def _malformed(self, place: str, entry: Entry, names: dict[str, str]) -> None:
        """An observation that cannot be decoded: the fields that its codes name get an unusable value."""
        message = f"{place} cannot be read as an Observation."
        self.problems.append(FileProblem(None, place, "unreadable-resource", message))
        left = salvage(entry.resource)
        fields = [entry for coding in _codings(left) for entry in self.index.fields(coding.system, coding.code)]
        record = self._record(place, left.subject, names) if fields and left.status not in WITHDRAWN else None
        if record is None:
            return
        try:
            moment = observed_at(left)
        except QuantityError:
            moment = None
        for found in fields:
            fault = ("unreadable-resource", "the newest result cannot be read.")
            record.add_reading(found.name, Reading(moment, f"Observation/{left.id}", fault=fault))

    def _condition(self, place: str, entry: Entry, names: dict[str, str]) -> None:
        try:
            condition = _condition.decode(entry.resource)
        except UNREADABLE:
            message = f"{place} cannot be read as a Condition."
            self.problems.append(FileProblem(None, place, "unreadable-resource", message))
            condition = salvage_condition(entry.resource)
        record = self._record(place, condition.subject, names)
        if record:
            record.add_condition(condition, self.index)

    def _record(self, place: str, subject: Reference | None, names: dict[str, str]) -> Record | None:
        """The record of the person whom a resource is about; a problem when that cannot be told."""
        reference = (subject.reference if subject else None) or ""
        key = names.get(reference)
        if key is None:
            found = _REFERENCE.fullmatch(reference) or _URN.fullmatch(reference)
            key = names.get(f"Patient/{found[1]}", found[1]) if found else None
        if key is None:
            message = f"{place} does not say whom it is about; it was not used."
            self.problems.append(FileProblem(None, place, "no-patient", message))
            return None
        return self.records.setdefault(key, Record(key))


def _codings(observed: Observation) -> Iterator[Coding]:
    for value in (observed, *observed.component):
        yield from value.code.coding


def _coded(text: str) -> tuple[str | None, str | None]:
    """The system and the code of a coding that stands in a damaged text."""
    try:
        coding = msgspec.json.decode(text, type=Coding)
    except UNREADABLE:
        return None, None
    return coding.system, coding.code


def _id_alone(resource: msgspec.Raw) -> str:
    name = loosely(resource).get("id")
    return name if isinstance(name, str) else ""


def _last(address: str) -> str:
    return re.split(r"[/:]", address)[-1]


def _same(one: Person, other: Person) -> bool:
    """Whether two patient resources with one id can be the same person."""
    return all(
        a is None or b is None or a == b for a, b in ((one.birthDate, other.birthDate), (one.gender, other.gender))
    )
