"""What FHIR said about one person, field by field, before a day is chosen.

Numbers keep their text and their unit. A result without a number, or a number without a unit, is kept as
unusable rather than dropped: if it is the newest, it decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, evolve, field, frozen

from exrx.errors import QuantityError
from exrx.fields import Field
from exrx.io.fhir_codes import CodeIndex, Meaning, normal_code
from exrx.io.fhir_resources import Coding, Condition, Moment, Observation, Person, Value, observed_at

WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_UCUM = "http://unitsofmeasure.org"


@frozen
class Reading:
    """One value of a field: what was given, in which unit, when; `fault` (code, message) if unusable."""

    moment: Moment | None
    origin: str
    given: Any = None
    unit: str = ""
    fault: tuple[str, str] | None = None


@define
class Record:
    """Everything that the files said about one person, before a day is chosen.

    `unreadable` says why the patient resource could not be read. `uncoded` is True when some diagnosis has no code
    in a known terminology, so that nobody can tell which fields it concerns. `lost` are the places of what is about
    the person and cannot be read at all.
    """

    name: str
    person: Person | None = None
    unreadable: str | None = None
    readings: dict[str, list[Reading]] = field(factory=dict)
    conditions: list[tuple[Condition, tuple[Meaning, ...]]] = field(factory=list)
    uncoded: bool = False
    lost: list[str] = field(factory=list)

    def add_observation(self, observed: Observation, index: CodeIndex) -> None:
        """Keep what an observation and its components say about fields of the dictionary."""
        if observed.status in WITHDRAWN:
            return
        named = [(value, entry) for value in (observed, *observed.component) for entry in _entries(value, index)]
        if not named:
            return
        origin = f"Observation/{observed.id}" if observed.id else "Observation"
        try:
            moment, fault = observed_at(observed), None
        except QuantityError as error:
            moment, fault = None, (error.code, f"its date cannot be used: {error}")
        for value, entry in named:
            reading = _reading(value, entry, index, Reading(moment, origin))
            self.add_reading(entry.name, evolve(reading, fault=fault) if fault else reading)

    def add_condition(self, condition: Condition, index: CodeIndex) -> None:
        """Keep a diagnosis, if any field is about it."""
        found = {
            (meaning.entry.name, meaning.option): meaning
            for coding in condition.code.coding
            for meaning in index.meanings(coding.system, coding.code)
        }
        if found:
            self.conditions.append((condition, tuple(found.values())))
        elif not any(normal_code(coding.system, coding.code) for coding in condition.code.coding):
            self.uncoded = True

    def add_reading(self, name: str, reading: Reading) -> None:
        """Keep one value of a field."""
        self.readings.setdefault(name, []).append(reading)

    def absorb(self, other: Record) -> None:
        """Take over what another file says about the same person."""
        if other.person and (self.person is None or other.person.deceasedDateTime or other.person.deceasedBoolean):
            self.person = other.person
        self.unreadable = self.unreadable or other.unreadable
        self.conditions += other.conditions
        self.uncoded = self.uncoded or other.uncoded
        self.lost += other.lost
        for name, readings in other.readings.items():
            self.readings.setdefault(name, []).extend(readings)


def says_something(condition: Condition, index: CodeIndex) -> bool:
    """Whether a diagnosis is about a field, or has no code by which anybody could tell that it is not."""
    codings = condition.code.coding
    meant = any(index.meanings(coding.system, coding.code) for coding in codings)
    return meant or not any(normal_code(coding.system, coding.code) for coding in codings)


def _entries(value: Value, index: CodeIndex) -> tuple[Field, ...]:
    """The fields that a value answers: those its codes name, each once."""
    found = {
        meaning.entry.name: meaning.entry
        for coding in value.code.coding
        for meaning in index.meanings(coding.system, coding.code)
        if meaning.option is None and not meaning.apart
    }
    if not found and isinstance(value, Observation) and not value.component:
        return tuple(entry for coding in value.code.coding for entry in index.panel(coding.system, coding.code))
    return tuple(found.values())


def _reading(value: Value, entry: Field, index: CodeIndex, bare: Reading) -> Reading:
    """The value as patient JSON would give it, or why it is unusable."""
    if value.valueQuantity is not None and value.dataAbsentReason is None:
        quantity = value.valueQuantity
        number = bytes(quantity.value).decode().strip('"')
        unit = (quantity.code if quantity.system in (_UCUM, None) else None) or quantity.unit or ""
        if not number or number == "null":
            return evolve(bare, fault=("no-result", "the newest result has no number."))
        if quantity.comparator not in (None, "<", "<=", ">", ">="):
            return evolve(bare, given=number, unit=unit, fault=("not-a-number", "its comparator is not known."))
        return with_unit(entry, evolve(bare, given=f"{quantity.comparator or ''}{number}", unit=unit))
    given: Any = None
    if value.valueCodeableConcept is not None:
        given = _answer(value.valueCodeableConcept.coding, entry, index)
        if given is None and value.dataAbsentReason is None:
            return evolve(bare, fault=("not-an-option", "the newest answer has a code that is not known here."))
    elif value.valueBoolean is not None:
        given = value.valueBoolean
    elif value.valueInteger is not None:
        given = str(value.valueInteger)
    elif value.valueString is not None or value.valueDateTime is not None:
        given = value.valueString or value.valueDateTime
    if given is None or value.dataAbsentReason is not None:
        return evolve(bare, fault=("no-result", "the newest result has no value."))
    return with_unit(entry, evolve(bare, given=given))


def with_unit(entry: Field, reading: Reading) -> Reading:
    """The reading; refused if it is a number that needs a unit and has none: FHIR has no canonical units."""
    if entry.kind != "quantity" or reading.unit or entry.ticks.unit.startswith("{"):
        return reading
    if any(letter.isalpha() or letter == "%" for letter in str(reading.given)):
        return reading
    return evolve(reading, fault=("needs-unit", f"the number has no unit, such as {entry.ticks.unit}."))


def _answer(codings: Iterable[Coding], entry: Field, index: CodeIndex) -> str | None:
    return next((found for c in codings if (found := index.answer(entry, c.system, c.code))), None)
