"""Rows of OMOP tables about one person, as what FHIR resources about them would have said (`fhir_record.Record`).

A measurement or observation with a value is a reading; a condition, and whatever a mapping names in a table of events,
is a diagnosis with its dates. So a day is chosen, and doubt is kept, in one place for both: `fhir_today.FhirDay`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve, frozen

from exrx.errors import QuantityError, UnitError
from exrx.fields import Field
from exrx.io.fhir_codes import Meaning
from exrx.io.fhir_record import Reading, Record, with_unit
from exrx.io.fhir_resources import Coding, Concept, Condition, Moment, Person, read_moment
from exrx.io.omop_codes import GENDERS, OPERATORS, Meanings
from exrx.quantities import read_unit


@frozen
class Row:
    """One row of a table of values or events; texts as the database writes them, None where it is empty."""

    table: str
    id: str
    meanings: tuple[Meaning, ...]
    start: str | None
    start_time: str | None = None
    end: str | None = None
    uncertain: bool = False
    operator: int | None = None
    number: str | None = None
    text: str | None = None
    answer: int | None = None
    unit_code: str | None = None
    unit_text: str | None = None

    @property
    def origin(self) -> str:
        """Where the row stands."""
        return f"{self.table}/{self.id}"


def person_of(person_id: str, gender: int | None, born: tuple[Any, Any, Any], death: tuple[bool, str | None]) -> Person:
    """A row of `person`, with what `death` says: whether there is a row, and its date.

    A birth date of which only the year or month is known stays that wide.
    """
    year, month, day = (None if part is None else int(part) for part in born)
    text = None
    if year is not None:
        text = f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if month and day else "")
    dead, when = death
    return Person(
        id=person_id, birthDate=text, gender=GENDERS.get(gender or 0), deceasedBoolean=dead or None,
        deceasedDateTime=when,
    )  # fmt: skip


def add_row(record: Record, row: Row, meanings: Meanings, as_of: date) -> None:
    """Keep what a row says about the fields that its concepts mean."""
    for meaning in row.meanings:
        if _is_event(row, meaning):
            record.conditions.append((_condition(row, meaning, as_of), (meaning,)))
        elif meaning.option is None and not meaning.apart:
            record.add_reading(meaning.entry.name, _reading(row, meaning.entry, meanings))


def _is_event(row: Row, meaning: Meaning) -> bool:
    """Whether a row says that something is there or happened, and not what its value is."""
    if row.table not in ("measurement", "observation"):
        return True
    empty = row.number is None and row.text is None and not row.answer
    return empty and row.table == "observation" and (meaning.option is not None or meaning.entry.kind == "elapsed")


def _condition(row: Row, meaning: Meaning, as_of: date) -> Condition:
    start, end = row.start, row.end
    if meaning.entry.kind == "elapsed" and end and start:
        start, end = max(start, min(end, as_of.isoformat())), None  # the last day of it
    return Condition(
        id=row.origin,
        verificationStatus=Concept([Coding(code="provisional")]) if row.uncertain else None,
        onsetDateTime=start,
        abatementDateTime=end,
    )


def _reading(row: Row, entry: Field, meanings: Meanings) -> Reading:
    """The value as patient JSON would give it, or why it is unusable."""
    bare = Reading(None, row.origin)
    try:
        bare = evolve(bare, moment=_moment(row))
    except QuantityError as error:
        return evolve(bare, fault=(error.code, f"its date cannot be used: {error}"))
    if row.number is not None and entry.kind in ("quantity", "score", "ordered"):
        if row.operator not in OPERATORS:
            return evolve(bare, given=row.number, fault=("not-a-number", "its operator is not known."))
        unit, fault = _unit(row, entry)
        given = evolve(bare, given=f"{OPERATORS[row.operator]}{row.number}", unit=unit)
        return evolve(given, fault=fault) if fault else with_unit(entry, given)
    option = meanings.answer(entry, row.answer)
    if option is not None:
        return evolve(bare, given=option)
    if row.answer and row.number is None and row.text is None:
        return evolve(bare, fault=("not-an-option", "the newest answer has a concept that is not known here."))
    if row.text is not None:
        return with_unit(entry, evolve(bare, given=row.text, unit=row.unit_code or row.unit_text or ""))
    return evolve(bare, fault=("no-result", "the newest result has no value."))


def _moment(row: Row) -> Moment | None:
    """When it was; midnight is what most programs write where the time is not known, so it is the whole day."""
    if not row.start:
        return None
    time = row.start_time
    exact = time is not None and time.startswith(row.start) and not time.endswith(" 00:00:00")
    return read_moment(time.replace(" ", "T") if exact and time else row.start)


def _unit(row: Row, entry: Field) -> tuple[str, tuple[str, str] | None]:
    """The unit of a number, and a fault where the concept's unit and the source's are not the same."""
    if entry.kind != "quantity" or not row.unit_code or not row.unit_text:
        return row.unit_code or row.unit_text or "", None
    try:
        known = read_unit(row.unit_code, entry.ticks)
    except UnitError:
        return row.unit_code, None
    try:
        written = read_unit(row.unit_text, entry.ticks)
    except UnitError:
        return row.unit_code, None
    if (known.factor, known.offset) == (written.factor, written.offset):
        return row.unit_code, None
    return row.unit_code, ("contradiction", "its unit concept and its source's unit are not the same.")
