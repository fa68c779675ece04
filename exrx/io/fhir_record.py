"""What FHIR said about one person, and the patient that this makes on a given day.

A measurement: the newest at or before `as_of` decides, usable or not; where it cannot be told which of several is the
newest, all of them are possible. A diagnosis: present is yes, refuted is no, over or uncertain leaves it unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from attrs import define, evolve, field, frozen

from exrx.dates import DateSpan
from exrx.errors import Problem, QuantityError
from exrx.fields import Dictionary, Field, Members, Possible, Span
from exrx.io.fhir_codes import CodeIndex, Meaning
from exrx.io.fhir_resources import (
    Coding,
    Condition,
    Moment,
    Observation,
    Period,
    Person,
    Value,
    any_time_until,
    maybe_newest,
    moment_of,
    observed_at,
)
from exrx.patient import Observation as Observed
from exrx.patient import Patient
from exrx.values import read_given, shown_value

ASSUMED = "assumed"
"""The origin of an answer that nobody gave."""
PRESENT, UNSURE, DENIED, NEAR = "present", "unsure", "denied", "near"
_GENDERS = frozenset({"male", "female", "other"})
_IGNORED = frozenset({"entered-in-error", "cancelled"})
_UNCERTAIN = frozenset({"unconfirmed", "provisional", "differential"})
_OVER = frozenset({"inactive", "remission", "resolved"})
_UCUM = "http://unitsofmeasure.org"


@frozen
class Reading:
    """One value of a field: what was given, in which unit, when; `fault` (code, message) when it is unusable."""

    moment: Moment | None
    origin: str
    given: Any = None
    unit: str = ""
    fault: tuple[str, str] | None = None


@frozen
class Statement:
    """What a diagnosis says about a field on the day: present, unsure, denied, or near it without being it."""

    kind: str
    option: str | None
    moment: Moment | None
    origin: str


@define
class Record:
    """Everything that the files said about one person, before a day is chosen."""

    name: str
    person: Person | None = None
    unreadable: str | None = None
    readings: dict[str, list[Reading]] = field(factory=dict)
    conditions: list[tuple[Condition, tuple[Meaning, ...]]] = field(factory=list)

    def add_observation(self, observed: Observation, index: CodeIndex) -> None:
        """Keep what an observation and its components say about fields of the dictionary."""
        if observed.status in _IGNORED:
            return
        named = [
            (value, entry) for value in (observed, *observed.component) for entry in _entries(value, index)
        ]
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

    def add_reading(self, name: str, reading: Reading) -> None:
        """Keep one value of a field."""
        self.readings.setdefault(name, []).append(reading)

    def absorb(self, other: Record) -> None:
        """Take over what another file says about the same person."""
        if other.person and (
            self.person is None or other.person.deceasedDateTime or other.person.deceasedBoolean
        ):
            self.person = other.person
        self.unreadable = self.unreadable or other.unreadable
        self.conditions += other.conditions
        for name, readings in other.readings.items():
            self.readings.setdefault(name, []).extend(readings)


def _entries(value: Value, index: CodeIndex) -> tuple[Field, ...]:
    """The fields that a value answers: those its codes name, each once."""
    found = {
        meaning.entry.name: meaning.entry
        for coding in value.code.coding
        for meaning in index.meanings(coding.system, coding.code)
        if meaning.option is None and not meaning.apart
    }
    if not found and isinstance(value, Observation) and not value.component:
        return tuple(
            entry for coding in value.code.coding for entry in index.panel(coding.system, coding.code)
        )
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
            return evolve(
                bare, given=number, unit=unit, fault=("not-a-number", "its comparator is not known.")
            )
        return _with_unit(entry, evolve(bare, given=f"{quantity.comparator or ''}{number}", unit=unit))
    given: Any = None
    if value.valueCodeableConcept is not None:
        given = _answer(value.valueCodeableConcept.coding, entry, index)
        if given is None and value.dataAbsentReason is None:
            return evolve(
                bare, fault=("not-an-option", "the newest answer has a code that is not known here.")
            )
    elif value.valueBoolean is not None:
        given = value.valueBoolean
    elif value.valueInteger is not None:
        given = str(value.valueInteger)
    elif value.valueString is not None or value.valueDateTime is not None:
        given = value.valueString or value.valueDateTime
    if given is None or value.dataAbsentReason is not None:
        return evolve(bare, fault=("no-result", "the newest result has no value."))
    return _with_unit(entry, evolve(bare, given=given))


def _with_unit(entry: Field, reading: Reading) -> Reading:
    """The reading; refused if it is a number that needs a unit and has none: FHIR has no canonical units."""
    if entry.kind != "quantity" or reading.unit or entry.ticks.unit.startswith("{"):
        return reading
    if any(letter.isalpha() or letter == "%" for letter in str(reading.given)):
        return reading
    return evolve(reading, fault=("needs-unit", f"the number has no unit, such as {entry.ticks.unit}."))


def _answer(codings: Iterable[Coding], entry: Field, index: CodeIndex) -> str | None:
    return next((found for c in codings if (found := index.answer(entry, c.system, c.code))), None)


@define
class Today:
    """Turns records into patients as of a day, with the diagnoses whose absence counts as no."""

    dictionary: Dictionary
    as_of: date
    assumed: Collection[str] = ()

    def patient(self, record: Record) -> Patient:
        """The patient; every value says which resource it came from."""
        content: dict[str, Any] = {"id": record.name, "origin": "FHIR"}
        faults: dict[str, Observed] = {}
        death = self._person(record, content)
        for name, readings in record.readings.items():
            entry = self.dictionary.fields[name]
            known = [reading for reading in readings if self._counts(reading.moment, death)]
            if known:
                moments = [reading.moment or any_time_until(self.as_of) for reading in known]
                self._measured(entry, [known[i] for i in maybe_newest(moments)], content, faults)
        for name, statements in self._statements(record).items():
            self._diagnosed(self.dictionary.fields[name], statements, content, faults)
        patient = Patient.from_dict(content, dictionary=self.dictionary)
        if record.unreadable:
            faults |= {name: _refused(name, record.unreadable) for name in ("age", "deceased", "sex")}
        problems = [
            *patient.problems,
            *(observed.problem for observed in faults.values() if observed.problem),
        ]
        return evolve(
            patient,
            observations={**patient.observations, **faults},
            problems=tuple(
                sorted(problems, key=lambda problem: (problem.field, problem.code, problem.message))
            ),
        )

    def _person(self, record: Record, content: dict[str, Any]) -> Moment | None:
        """Sex, birth date and death; the moment of death where one is known."""
        person = record.person or Person()
        if person.gender in _GENDERS:
            content["sex"] = {"value": person.gender, "origin": "Patient"}
        if person.birthDate:
            content["birth_date"] = {"value": person.birthDate, "origin": "Patient"}
        if not person.deceasedDateTime and not person.deceasedBoolean:
            return None
        content["deceased"] = {"value": "yes", "origin": "Patient"}
        try:
            death = moment_of(person.deceasedDateTime)
        except QuantityError:  # a date of death that cannot be one is still a death
            return None
        if death and death.day.earliest > self.as_of:
            del content["deceased"]
        elif death:
            content["deceased"]["date"] = death.day.text
        return death

    def _counts(self, moment: Moment | None, death: Moment | None = None) -> bool:
        if moment is None:
            return True
        return moment.day.earliest <= self.as_of and not (death and moment.day.earliest > death.day.latest)

    def _measured(
        self, entry: Field, newest: list[Reading], content: dict[str, Any], faults: dict[str, Observed]
    ) -> None:
        distinct = list(
            {(reading.given, reading.unit, reading.fault): reading for reading in newest}.values()
        )
        day = max((r.moment for r in newest if r.moment), key=lambda moment: moment.start, default=None)
        unusable = next((reading for reading in distinct if reading.fault), None)
        when = day.day if day else None
        if unusable and unusable.fault:
            faults[entry.name] = _refused(entry.name, unusable.fault[1], unusable.fault[0], unusable, when)
        elif len(distinct) == 1:
            content[entry.name] = _as_json(distinct[0], when)
        else:
            faults[entry.name] = _either(entry, distinct, when)

    def _statements(self, record: Record) -> dict[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        for condition, meanings in record.conditions:
            kind, moment = self._standing(condition)
            origin = f"Condition/{condition.id}" if condition.id else "Condition"
            for meaning in meanings if kind else ():
                says = NEAR if meaning.apart else "" if kind == DENIED and not meaning.whole else kind
                if says:
                    found.setdefault(meaning.entry.name, []).append(
                        Statement(says, meaning.option, moment, origin)
                    )
        for name in self.assumed:
            found.setdefault(name, [])
        return found

    def _standing(self, condition: Condition) -> tuple[str, Moment | None]:
        """What a condition says about its code on the day, and since when; no kind when it says nothing."""
        verified = condition.verificationStatus.first() if condition.verificationStatus else ""
        if verified == "entered-in-error":
            return "", None
        onset, ended = condition.onsetPeriod or Period(), condition.abatementPeriod or Period()
        try:
            moment = moment_of(condition.onsetDateTime, onset.start, condition.recordedDate)
            end = moment_of(condition.abatementDateTime, ended.end, onset.end)
        except QuantityError:  # when it began or ended is not known, so neither is whether it is there today
            return UNSURE, None
        if not self._counts(moment):
            return "", None
        if verified == "refuted":
            return DENIED, moment
        over = (condition.clinicalStatus.first() if condition.clinicalStatus else "") in _OVER
        over = self._counts(end) if end else over or bool(condition.abatementString)
        return (UNSURE if over or verified in _UNCERTAIN else PRESENT), moment

    def _diagnosed(
        self, entry: Field, said: list[Statement], content: dict[str, Any], faults: dict[str, Observed]
    ) -> None:
        present = [statement for statement in said if statement.kind == PRESENT]
        denied = [statement for statement in said if statement.kind == DENIED]
        if entry.name in content or entry.name in faults:
            if present and content.get(entry.name, {}).get("value") not in ("yes", True):
                content.pop(entry.name, None)
                message = "a diagnosis and the newest observation do not agree; neither is used."
                faults[entry.name] = _refused(entry.name, message, "contradiction")
        elif present and denied:
            message = "one diagnosis says that it is there, another that it was refuted; neither is used."
            faults[entry.name] = _refused(entry.name, message, "contradiction")
        elif entry.kind == "flag" and (present or (denied and len(denied) == len(said))):
            latest = _latest(present or denied)
            content[entry.name] = _dated("yes" if present else "no", latest)
        elif entry.kind == "flag" and not said:
            content[entry.name] = {"value": "no", "origin": ASSUMED}
        elif entry.kind == "elapsed" and (present or said):
            dated = [s for s in said if s.moment and s.kind in (PRESENT, UNSURE)]
            if dated:
                latest = _latest(dated)
                content[entry.name] = (
                    {"value": latest.moment.day.text, "origin": latest.origin} if latest.moment else ""
                )
        elif entry.kind == "set" and present:
            options = sorted({statement.option for statement in present if statement.option})
            content[entry.name] = _dated({"at_least": options}, _latest(present))
        elif entry.options and entry.kind not in ("flag", "set"):
            _chosen(entry, [s for s in (present or said) if s.option and s.kind != DENIED], content, faults)


def _chosen(
    entry: Field, said: list[Statement], content: dict[str, Any], faults: dict[str, Observed]
) -> None:
    """A choice from the diagnoses that name its options: what is there, else what was; several are all possible."""
    options = {statement.option: statement for statement in said if statement.option}
    if len(options) == 1:
        ((option, statement),) = options.items()
        content[entry.name] = _dated(option, statement)
    elif options:
        readings = [Reading(s.moment, s.origin, option) for option, s in options.items()]
        latest = _latest(list(options.values()))
        faults[entry.name] = _either(entry, readings, latest.moment.day if latest.moment else None)


def _latest(statements: list[Statement]) -> Statement:
    dated = [statement for statement in statements if statement.moment]
    return max(dated, key=lambda s: s.moment.start) if dated else statements[0]  # type: ignore[union-attr]


def _dated(value: Any, statement: Statement) -> dict[str, Any]:
    content = {"value": value, "origin": statement.origin}
    return content | ({"date": statement.moment.day.text} if statement.moment else {})


def _as_json(reading: Reading, when: DateSpan | None) -> dict[str, Any]:
    content = {"value": reading.given, "origin": reading.origin}
    content |= {"unit": reading.unit} if reading.unit else {}
    return content | ({"date": when.text} if when else {})


def _refused(
    name: str,
    message: str,
    code: str = "unreadable-resource",
    reading: Reading | None = None,
    when: DateSpan | None = None,
) -> Observed:
    """An observation that cannot be used, and says why; read back from JSON it is unknown on its date."""
    text = message if name in message else f"{name}: {message}"
    problem = Problem(name, reading.given if reading else None, code, text)
    return _apart(name, None, reading, when, problem)


def _either(entry: Field, readings: list[Reading], when: DateSpan | None) -> Observed:
    """An observation of which each reading may be the newest: everything that any of them leaves possible."""
    possible: Possible | None = None
    for reading in readings:
        try:
            says: Any = read_given(entry, reading.given, reading.unit or None)
        except QuantityError as error:
            return _refused(entry.name, str(error), error.code, reading, when)
        if isinstance(says, DateSpan):
            return _refused(
                entry.name, "two dates are given for the same time.", "contradiction", reading, when
            )
        possible = says if possible is None else _hull(possible, says)
    given = [_as_json(reading, when) for reading in readings]
    observed = _apart(entry.name, possible, readings[0], when, None)
    return evolve(
        observed, given=given, inexact=isinstance(possible, Span), shown=shown_value(entry, possible or 0)
    )


def _hull(one: Any, other: Any) -> Possible:
    if isinstance(one, Span):
        return Span(min(one.low, other.low), max(one.high, other.high))
    if isinstance(one, Members):
        return Members(one.sure & other.sure, one.possible | other.possible)
    return int(one | other)


def _apart(
    name: str,
    possible: Possible | None,
    reading: Reading | None,
    when: DateSpan | None,
    problem: Problem | None,
) -> Observed:
    origin = reading.origin if reading else "FHIR"
    source = {"value": "unknown", "origin": origin} | ({"date": when.text} if when else {})
    given, unit = (reading.given, reading.unit) if reading else (None, "")
    return Observed(name, possible, when, origin, given, unit, problem=problem, source={name: source})
