"""Who is who in FHIR files, and what each resource is about: a fact a resource, each with the person it belongs to.

Files are read one after the other, NDJSON line by line, so nothing but the names of the people is kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from attrs import define, field

from exrx.errors import InputFileError, QuantityError
from exrx.io.fhir_codes import CodeIndex
from exrx.io.fhir_files import Source, count_lines, read_entries, read_lines
from exrx.io.fhir_record import WITHDRAWN, Reading, Record, says_something
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
from exrx.io.patients_json import FileProblem

_READ = ("Patient", "Observation", "Condition")
_LOST = ""
_REFERENCE = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_NAMED = re.compile(r'"((?:[^"\\s]*/)?Patient/[A-Za-z0-9.\-]{1,64}|urn:(?:uuid|oid):[^"\\s]+)"')
_CODED = re.compile(r'\{[^{}]*"code"[^{}]*\}')
_URN = re.compile(r"urn:(?:uuid|oid):(.+)")
_person = msgspec.json.Decoder(Person)
_observation = msgspec.json.Decoder(Observation)
_condition = msgspec.json.Decoder(Condition)


class Fact(NamedTuple):
    """A resource about the person of number `person`: its kind ("" for what is none as it stands), place and text."""

    person: int
    kind: str
    place: str
    resource: bytes


@define
class People:
    """The people of all files, numbered in the order in which they are first met.

    `names` are their ids by number; `broken` holds what stands in for files that cannot be read.
    """

    index: CodeIndex
    names: list[str] = field(factory=list)
    broken: dict[int, FileProblem] = field(factory=dict)
    problems: list[FileProblem] = field(factory=list)
    _numbers: dict[str, int] = field(factory=dict)
    _apart: list[int] = field(factory=list)
    _seen: dict[int, tuple[str | None, str | None]] = field(factory=dict)

    def facts(self, source: Source, *, alone: bool) -> Iterator[Fact]:
        """What one file says, the people first; when it is `alone` and broken, InputFileError."""
        before = len(self.names)
        try:
            if source.unreadable:
                raise InputFileError(source.unreadable)
            several = count_lines(source, 2) > 1 if source.by_lines else False
            entries = None if several else list(read_entries(source.name, source.content()))
        except InputFileError as error:
            if alone:
                raise
            fault = FileProblem(None, source.name, "unreadable-file", str(error))
            number = self._number(f"\0{source.name}", "")
            self.broken[number] = fault
            return
        if entries is None:
            yield from self._streamed(source)
        else:
            yield from self._sorted(entries)
        if alone and len(self.names) == before and any(p.place.startswith(source.name) for p in self.problems):
            raise InputFileError(f"{source.name} holds no resource that can be read.")

    @property
    def doubles(self) -> dict[str, int]:
        """The ids that several people have, with how many."""
        doubtful = {self.names[number] for number in self._apart} - {""}
        counted = dict.fromkeys(doubtful, 0)
        for name in self.names if doubtful else ():
            if name in counted:
                counted[name] += 1
        return {name: times for name, times in counted.items() if times > 1}

    def _sorted(self, entries: list[tuple[str, Entry]]) -> Iterator[Fact]:
        """The resources of one file by kind, so that the people are known before anything refers to them."""
        by_kind: dict[str, list[tuple[str, Entry]]] = {kind: [] for kind in (*_READ, _LOST)}
        for place, entry in entries:
            kind = kind_of(entry.resource)
            if kind in by_kind:
                by_kind[kind].append((place, entry))
        names: dict[str, int] = {}
        for kind, found in by_kind.items():
            for place, entry in found:
                yield from self._fact(kind, place, entry, names)

    def _streamed(self, source: Source) -> Iterator[Fact]:
        """The lines of one file, read twice: first for the people, then for everything about them."""
        names: dict[str, int] = {}
        for kind, place, entry in read_lines(source, with_people=True):
            if kind == "Patient":
                yield from self._fact(kind, place, entry, names)
        for kind, place, entry in read_lines(source, with_people=False):
            if kind in ("Observation", "Condition", _LOST):
                yield from self._fact(kind, place, entry, names)

    def _fact(self, kind: str, place: str, entry: Entry, names: dict[str, int]) -> Iterator[Fact]:
        if kind == "Patient":
            yield self._person(place, entry, names)
            return
        if kind == _LOST:
            self.problems.append(FileProblem(None, place, "unreadable-resource", f"{place} is not a FHIR resource."))
            text = bytes(entry.resource).decode("utf-8", "replace")
            about = {name: Reference(name) for name in _NAMED.findall(text)}
            numbers = [self._about(place, reference, names) for reference in about.values()]
        elif kind == "Observation":
            numbers = [self._observed(place, entry, names)]
        else:
            numbers = [self._diagnosed(place, entry, names)]
        for number in numbers:
            if number is not None:
                yield Fact(number, kind, place, bytes(entry.resource))

    def _person(self, place: str, entry: Entry, names: dict[str, int]) -> Fact:
        try:
            person = _person.decode(entry.resource)
        except UNREADABLE:
            person = Person(_id_alone(entry.resource))
            fault = f"{place}: the patient resource cannot be read."
            self.problems.append(FileProblem(None, place, "unreadable-resource", fault))
        name = person.id or _last(entry.fullUrl or "")
        key = name or f"\0{place}"
        there = self._seen.get(self._numbers.get(key, -1))
        if there and not _same(there, (person.birthDate, person.gender)):
            key = f"\0{place}"
        number = self._number(key, name)
        if number not in self._seen or person.deceasedDateTime or person.deceasedBoolean:
            self._seen[number] = (person.birthDate, person.gender)
        names[f"Patient/{name}"] = number
        if entry.fullUrl:
            names[entry.fullUrl] = number
        return Fact(number, "Patient", place, bytes(entry.resource))

    def _observed(self, place: str, entry: Entry, names: dict[str, int]) -> int | None:
        """Whom an observation is about, None where it is about no field."""
        try:
            observed = _observation.decode(entry.resource)
        except UNREADABLE:
            message = f"{place} cannot be read as an Observation."
            self.problems.append(FileProblem(None, place, "unreadable-resource", message))
            observed = salvage(entry.resource)
            if observed.status in WITHDRAWN:
                return None
        if not any(self.index.fields(coding.system, coding.code) for coding in _codings(observed)):
            return None
        return self._about(place, observed.subject, names)

    def _diagnosed(self, place: str, entry: Entry, names: dict[str, int]) -> int | None:
        """Whom a diagnosis is about, None where it says nothing about a field or what may be assumed."""
        try:
            condition = _condition.decode(entry.resource)
        except UNREADABLE:
            message = f"{place} cannot be read as a Condition."
            self.problems.append(FileProblem(None, place, "unreadable-resource", message))
            condition = salvage_condition(entry.resource)
        number = self._about(place, condition.subject, names)
        return number if says_something(condition, self.index) else None

    def _about(self, place: str, subject: Reference | None, names: dict[str, int]) -> int | None:
        """The person whom a resource is about; a problem when that cannot be told."""
        reference = (subject.reference if subject else None) or ""
        number = names.get(reference)
        if number is not None:
            return number
        found = _REFERENCE.fullmatch(reference) or _URN.fullmatch(reference)
        if found is None:
            message = f"{place} does not say whom it is about; it was not used."
            self.problems.append(FileProblem(None, place, "no-patient", message))
            return None
        known = names.get(f"Patient/{found[1]}")
        return self._number(found[1], found[1]) if known is None else known

    def _number(self, key: str, name: str) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.names)
            self.names.append(name)
            if key.startswith("\0"):
                self._apart.append(number)
        return number


def add_fact(record: Record, fact: Fact, index: CodeIndex) -> None:
    """Keep what a fact says about the person of the record."""
    resource = msgspec.Raw(fact.resource)
    if fact.kind == "Patient":
        _add_person(record, resource)
    elif fact.kind == "Observation":
        _add_observation(record, fact.place, resource, index)
    elif fact.kind == "Condition":
        try:
            condition = _condition.decode(resource)
        except UNREADABLE:
            condition = salvage_condition(resource)
        record.add_condition(condition, index)
    else:
        _add_lost(record, fact, index)


def _add_person(record: Record, resource: msgspec.Raw) -> None:
    fault = None
    try:
        person = _person.decode(resource)
    except UNREADABLE:
        fault = "the patient resource cannot be read."
        person = Person(_id_alone(resource))
    record.absorb(Record(record.name, person, fault))


def _add_observation(record: Record, place: str, resource: msgspec.Raw, index: CodeIndex) -> None:
    """Keep an observation; of one that cannot be decoded the fields that its codes name get an unusable value."""
    try:
        record.add_observation(_observation.decode(resource), index)
        return
    except UNREADABLE:
        left = salvage(resource)
    try:
        moment = observed_at(left)
    except QuantityError:
        moment = None
    fault = ("unreadable-resource", "the newest result cannot be read.")
    for coding in _codings(left):
        for found in index.fields(coding.system, coding.code):
            record.add_reading(found.name, Reading(moment, f"Observation/{left.id}", fault=fault))


def _add_lost(record: Record, fact: Fact, index: CodeIndex) -> None:
    """Keep that something about the person is no resource; the fields that it names are unknown."""
    record.lost.append(fact.place)
    text = fact.resource.decode("utf-8", "replace")
    named = [entry.name for code in _CODED.findall(text) for entry in index.fields(*_coded(code))]
    fault = ("unreadable-resource", "what may be the newest result cannot be read.")
    for name in dict.fromkeys(named):
        record.add_reading(name, Reading(None, fact.place, fault=fault))


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


def _same(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Whether two patient resources with one id (birth date, gender) can be the same person."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
