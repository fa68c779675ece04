"""The parts of FHIR R4 that are read, as typed structs, and the moments that they carry.

Everything else in a resource is skipped while decoding. Numbers stay the text that the file holds, so that
49.96 arrives as 49.96; every element may be absent.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from attrs import frozen

from exrx.dates import DateSpan, read_date

T = TypeVar("T")
NO_TEXT = msgspec.Raw()


class Reference(msgspec.Struct):
    """A pointer to another resource."""

    reference: str | None = None


class Coding(msgspec.Struct):
    """One code of one terminology."""

    system: str | None = None
    code: str | None = None


class Concept(msgspec.Struct):
    """A thing in several terminologies at once (CodeableConcept)."""

    coding: list[Coding] = []
    text: str | None = None

    def first(self) -> str:
        """The first code, or an empty text: for FHIR's own closed lists."""
        return next((coding.code for coding in self.coding if coding.code), "")


class Quantity(msgspec.Struct):
    """A number with comparator and unit; `value` is the number's own text."""

    value: msgspec.Raw = NO_TEXT
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Period(msgspec.Struct):
    """From start to end; either may be absent."""

    start: str | None = None
    end: str | None = None


class Value(msgspec.Struct):
    """What an observation or one of its components found."""

    code: Concept = msgspec.field(default_factory=Concept)
    valueQuantity: Quantity | None = None
    valueCodeableConcept: Concept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueDateTime: str | None = None
    dataAbsentReason: Concept | None = None


class Observation(Value):
    """A measurement or an answer, with when, and what came of it."""

    id: str = ""
    status: str = ""
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectiveInstant: str | None = None
    effectivePeriod: Period | None = None
    issued: str | None = None
    component: list[Value] = []


class Condition(msgspec.Struct):
    """A diagnosis, with how sure it is and whether it is over."""

    id: str = ""
    clinicalStatus: Concept | None = None
    verificationStatus: Concept | None = None
    code: Concept = msgspec.field(default_factory=Concept)
    subject: Reference | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    abatementDateTime: str | None = None
    abatementPeriod: Period | None = None
    abatementString: str | None = None
    recordedDate: str | None = None


class Person(msgspec.Struct):
    """A patient resource; names, addresses and identifiers are never read."""

    id: str = ""
    birthDate: str | None = None
    gender: str | None = None
    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None


class Head(msgspec.Struct):
    """What kind of resource it is."""

    resourceType: str = ""


class Entry(msgspec.Struct):
    """One resource of a bundle, still as text."""

    fullUrl: str | None = None
    resource: msgspec.Raw = NO_TEXT


class Bundle(msgspec.Struct):
    """A file of resources."""

    resourceType: str = ""
    entry: list[msgspec.Raw] = []


UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError)
"""What decoding raises for damage: no JSON, another shape, half a character, or nested without end."""
_head = msgspec.json.Decoder(Head)


def kind_of(resource: bytes | msgspec.Raw) -> str:
    """What kind of resource this is, empty if it is none."""
    try:
        return _head.decode(resource).resourceType
    except UNREADABLE:
        return ""


def loosely(resource: msgspec.Raw) -> dict[str, Any]:
    """The parts of a resource that cannot be decoded as it should; empty if it is no object at all."""
    try:
        content = json.loads(bytes(resource).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


@frozen
class Moment:
    """When something happened: some time from `start` to `end`, in the clock of its place, on `day`.

    `instant` is the second since 1970 in UTC where the time zone is known, so that places can be compared.
    """

    start: datetime
    end: datetime
    day: DateSpan
    instant: float | None = None


@lru_cache(maxsize=65536)
def read_moment(text: str) -> Moment:
    """The moment that a FHIR date, dateTime or instant means; a date without a time lasts the whole day.

    Raises:
        QuantityError: not such a date (code impossible-date).
    """
    day = read_date(text)
    if len(text) > 10:
        try:
            exact = datetime.fromisoformat(text)
        except ValueError:  # a leap second, 24:00 or the like: the day is what is left
            pass
        else:
            local = exact.replace(tzinfo=None)
            return Moment(local, local, day, exact.timestamp() if exact.tzinfo else None)
    return Moment(datetime.combine(day.earliest, time.min), _end_of(day.latest), day)


def any_time_until(as_of: date) -> Moment:
    """The moment of something that bears no date."""
    return Moment(datetime.combine(date.min, time.min), _end_of(as_of), DateSpan(date.min, as_of))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.min) + timedelta(days=1, microseconds=-1)


def moment_of(*texts: str | None) -> Moment | None:
    """The moment of the first text that is there, or None.

    Raises:
        QuantityError: that text is not a date.
    """
    text = next((text for text in texts if text), None)
    return read_moment(text) if text else None


def observed_at(observed: Observation) -> Moment | None:
    """When an observation was made: its own time, the end of its period, else when it was issued, or None.

    Raises:
        QuantityError: it has a date that cannot be one.
    """
    period = observed.effectivePeriod or Period()
    return moment_of(observed.effectiveDateTime, observed.effectiveInstant, period.end, period.start, observed.issued)


def salvage(resource: msgspec.Raw) -> Observation:
    """What is left of an observation that is malformed somewhere: its codes, whom it is about, when it was made.

    Each part that is itself malformed is absent; there are no values.
    """
    content = loosely(resource)
    components = content.get("component")
    named = [part for part in components if isinstance(part, dict)] if isinstance(components, list) else []
    return Observation(
        code=_part(content.get("code"), Concept) or Concept(),
        id=_part(content.get("id"), str) or "",
        status=_part(content.get("status"), str) or "",
        subject=_part(content.get("subject"), Reference),
        effectiveDateTime=_part(content.get("effectiveDateTime"), str),
        component=[Value(code=_part(part.get("code"), Concept) or Concept()) for part in named],
    )


def salvage_condition(resource: msgspec.Raw) -> Condition:
    """What is left of a condition that is malformed somewhere: its codes and whom it is about, as a suspicion."""
    content = loosely(resource)
    return Condition(
        verificationStatus=Concept([Coding(code="provisional")]),
        code=_part(content.get("code"), Concept) or Concept(),
        subject=_part(content.get("subject"), Reference),
    )


def _part(content: Any, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(content, kind)
    except (msgspec.ValidationError, UnicodeError, RecursionError):
        return None


def maybe_newest(moments: list[Moment]) -> list[int]:
    """The positions of the moments of which none is surely later: the newest, and all that may be as new.

    Instants are compared across time zones; where any has no time zone, all are compared by their own clocks.
    """
    if all(moment.instant is not None for moment in moments):
        latest = max(moment.instant or 0.0 for moment in moments)
        return [i for i, moment in enumerate(moments) if moment.instant == latest]
    newest = max(moment.start for moment in moments)
    return [i for i, moment in enumerate(moments) if moment.end >= newest]
