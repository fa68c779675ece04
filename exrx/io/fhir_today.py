"""From a record to a patient as of a day.

A measurement: the newest at or before the day decides, usable or not; where nobody can tell which of several
is the newest, each is possible. A diagnosis: present is yes, refuted is no, over or uncertain is unknown.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from attrs import define, evolve, field, frozen

from exrx.dates import DateSpan
from exrx.errors import Problem, QuantityError
from exrx.fields import Dictionary, Field, Members, Possible, Span
from exrx.io.fhir_record import Reading, Record
from exrx.io.fhir_resources import Condition, Moment, Period, Person, any_time_until, maybe_newest, moment_of
from exrx.patient import Observation, Patient
from exrx.values import read_given, shown_value

ASSUMED = "assumed"
"""The origin of an answer that nobody gave."""
PRESENT, UNSURE, DENIED, NEAR = "present", "unsure", "denied", "near"
_GENDERS = frozenset({"male", "female", "other"})
_UNCERTAIN = frozenset({"unconfirmed", "provisional", "differential"})
_OVER = frozenset({"inactive", "remission", "resolved"})
_DISAGREE = "a diagnosis and the newest observation do not agree; neither is used."
_REFUTED_TOO = "one diagnosis says that it is there, another that it was refuted; neither is used."


@frozen
class Statement:
    """What a diagnosis says about a field that day: present, unsure, denied, or near it without being it.

    `since` is when it began; `noted` is when it was known, the later of that and of its being recorded.
    """

    kind: str
    option: str | None
    since: Moment | None
    noted: Moment | None
    origin: str


@define
class _Draft:
    """A patient in the making: patient JSON, and the fields that no JSON value can say."""

    content: dict[str, Any]
    apart: dict[str, Observation] = field(factory=dict)

    def take(self, name: str, reading: Reading, when: DateSpan | None) -> None:
        """Give a field one value."""
        value = {"value": reading.given, "origin": reading.origin}
        value |= {"unit": reading.unit} if reading.unit else {}
        self.content[name] = value | ({"date": when.text} if when else {})

    def refuse(self, name: str, fault: tuple[str, str], reading: Reading, when: DateSpan | None) -> None:
        """Leave a field unknown, with a problem that says why."""
        code, message = fault
        self.content.pop(name, None)
        text = message if name in message else f"{name}: {message}"
        self._keep(name, None, reading, when, Problem(name, reading.given, code, text))

    def either(self, entry: Field, readings: list[Reading], when: DateSpan | None) -> None:
        """Give a field everything that any of several readings leaves possible."""
        possible: Any = None
        for reading in readings:
            try:
                says = read_given(entry, reading.given, reading.unit or None)
                if isinstance(says, DateSpan):
                    raise QuantityError("two dates are given at one time.", code="contradiction")
            except QuantityError as error:
                self.refuse(entry.name, (error.code, str(error)), reading, when)
                return
            possible = says if possible is None else _hull(possible, says)
        self._keep(entry.name, possible, readings[0], when, None)
        self.apart[entry.name] = evolve(
            self.apart[entry.name],
            given=[f"{reading.given} {reading.unit}".strip() for reading in readings],
            unit="",
            inexact=isinstance(possible, Span),
            shown=shown_value(entry, possible),
        )

    def _keep(
        self,
        name: str,
        possible: Possible | None,
        said: Reading,
        when: DateSpan | None,
        problem: Problem | None,
    ) -> None:
        source = {"value": "unknown", "origin": said.origin} | ({"date": when.text} if when else {})
        self.apart[name] = Observation(
            name, possible, when, said.origin, said.given, said.unit, problem=problem, source={name: source}
        )


def _hull(one: Any, other: Any) -> Possible:
    if isinstance(one, Span):
        return Span(min(one.low, other.low), max(one.high, other.high))
    if isinstance(one, Members):
        return Members(one.sure & other.sure, one.possible | other.possible)
    return int(one | other)


@define
class FhirDay:
    """Turns records into patients as of a day; for the yes-no fields `assumed`, no diagnosis means no."""

    dictionary: Dictionary
    as_of: date
    assumed: Collection[str] = ()
    source: str = "FHIR"

    def patient(self, record: Record) -> Patient:
        """The patient; every value says which resource it came from.

        What no JSON value can say (several values at one time) reads back from `to_dict` as unknown.
        """
        draft = _Draft({"id": record.name, "origin": self.source})
        death = self._person(record.person or Person(), draft)
        for name, readings in record.readings.items():
            known = [reading for reading in readings if self._counts(reading.moment, death)]
            if known:
                self._measured(self.dictionary.fields[name], known, draft)
        for name, statements in self._statements(record).items():
            self._diagnosed(self.dictionary.fields[name], statements, draft)
        if record.unreadable:
            for name in ("age", "deceased", "sex"):
                draft.refuse(name, ("unreadable-resource", record.unreadable), Reading(None, "Patient"), None)
        patient = Patient.from_dict(draft.content, dictionary=self.dictionary)
        refused = (observed.problem for observed in draft.apart.values() if observed.problem)
        problems = sorted([*patient.problems, *refused], key=lambda p: (p.field, p.code, p.message))
        return evolve(patient, observations={**patient.observations, **draft.apart}, problems=tuple(problems))

    def _person(self, person: Person, draft: _Draft) -> Moment | None:
        """Sex, birth date and death; the moment of death where one is known."""
        if person.gender in _GENDERS:
            draft.content["sex"] = {"value": person.gender, "origin": "Patient"}
        if person.birthDate:
            draft.content["birth_date"] = {"value": person.birthDate, "origin": "Patient"}
        if not person.deceasedDateTime and not person.deceasedBoolean:
            return None
        try:
            death = moment_of(person.deceasedDateTime)
        except QuantityError:  # a date of death that cannot be one is still a death
            death = None
        if death is None or death.day.earliest <= self.as_of:
            draft.take("deceased", Reading(death, "Patient", "yes"), death.day if death else None)
        return death

    def _counts(self, moment: Moment | None, death: Moment | None = None) -> bool:
        """Whether something may have been known on the day, and not only after the death."""
        if moment is None:
            return True
        return moment.day.earliest <= self.as_of and not (death and moment.day.earliest > death.day.latest)

    def _measured(self, entry: Field, known: list[Reading], draft: _Draft) -> None:
        moments = [reading.moment or any_time_until(self.as_of) for reading in known]
        newest = [known[i] for i in maybe_newest(moments)]
        dated = [reading.moment for reading in newest if reading.moment]
        when = max(dated, key=lambda moment: moment.start).day if dated else None
        different = list({(r.given, r.unit, r.fault): r for r in newest}.values())
        for reading in different:
            if reading.fault:
                draft.refuse(entry.name, reading.fault, reading, when)
                return
        if len(different) == 1:
            draft.take(entry.name, different[0], when)
        else:
            draft.either(entry, different, when)

    def _statements(self, record: Record) -> dict[str, list[Statement]]:
        """What the diagnoses say, by field; an assumed field of which none speaks has an empty list."""
        found: dict[str, list[Statement]] = {}
        for condition, meanings in record.conditions:
            kind, since = self._standing(condition)
            noted = self._noted(condition, since)
            origin = f"Condition/{condition.id}" if condition.id else "Condition"
            for meaning in meanings if kind else ():
                says = NEAR if meaning.apart else kind
                if says != DENIED or meaning.whole:
                    said = found.setdefault(meaning.entry.name, [])
                    said.append(Statement(says, meaning.option, since, noted, origin))
        for name in () if record.uncoded else self.assumed:
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
        except QuantityError:  # when it began or ended is not known, so neither is whether it is there
            return UNSURE, None
        if not self._counts(moment):
            return "", None
        if verified == "refuted":
            return DENIED, moment
        over = (condition.clinicalStatus.first() if condition.clinicalStatus else "") in _OVER
        over = self._counts(end) if end else over or bool(condition.abatementString)
        return (UNSURE if over or verified in _UNCERTAIN else PRESENT), moment

    def _noted(self, condition: Condition, since: Moment | None) -> Moment | None:
        """The later of onset and record: a physician's answer from before that day did not know of it."""
        try:
            recorded = moment_of(condition.recordedDate)
        except QuantityError:
            return since
        if recorded and self._counts(recorded) and (since is None or recorded.start > since.start):
            return recorded
        return since

    def _diagnosed(self, entry: Field, said: list[Statement], draft: _Draft) -> None:
        present = [statement for statement in said if statement.kind == PRESENT]
        denied = [statement for statement in said if statement.kind == DENIED]
        taken = draft.content.get(entry.name, {}).get("value")
        if entry.name in draft.content or entry.name in draft.apart:
            if present and entry.kind == "flag" and taken not in ("yes", True):
                self._settle(entry, ("contradiction", _DISAGREE), present, draft)
        elif present and denied:
            self._settle(entry, ("contradiction", _REFUTED_TOO), present, draft)
        elif entry.kind == "flag":
            self._answer(entry, said, present, denied, draft)
        elif entry.kind == "elapsed":
            happened = [(s.since, s.origin) for s in said if s.since and s.kind in (PRESENT, UNSURE)]
            if happened:
                since, origin = max(happened, key=lambda pair: pair[0].start)
                draft.take(entry.name, Reading(None, origin, since.day.text), None)
        elif entry.kind == "set" and present:
            options = sorted({statement.option for statement in present if statement.option})
            latest = _latest(present)
            draft.take(entry.name, Reading(None, latest.origin, {"at_least": options}), _day(latest))
        elif entry.kind in ("choice", "ordered"):
            self._choose(entry, present or said, draft)

    def _answer(
        self,
        entry: Field,
        said: list[Statement],
        present: list[Statement],
        denied: list[Statement],
        draft: _Draft,
    ) -> None:
        """Yes where a diagnosis is there, no where it was only ever refuted or, if assumed, never made."""
        if present:
            latest = _latest(present)
            draft.take(entry.name, Reading(None, latest.origin, "yes"), _day(latest))
        elif denied and len(denied) == len(said):
            latest = _latest(denied)
            draft.take(entry.name, Reading(None, latest.origin, "no"), _day(latest))
        elif not said:
            draft.take(entry.name, Reading(None, ASSUMED, "no"), None)

    def _choose(self, entry: Field, said: list[Statement], draft: _Draft) -> None:
        """The option whose diagnosis is there, else the one that was; of several, each is possible."""
        options = {s.option: s for s in said if s.option and s.kind in (PRESENT, UNSURE)}
        readings = [Reading(s.noted, s.origin, option) for option, s in options.items()]
        when = _day(_latest(list(options.values()))) if options else None
        if len(readings) == 1:
            draft.take(entry.name, readings[0], when)
        elif readings:
            draft.either(entry, readings, when)

    def _settle(self, entry: Field, fault: tuple[str, str], present: list[Statement], draft: _Draft) -> None:
        latest = _latest(present)
        draft.refuse(entry.name, fault, Reading(None, latest.origin, "yes"), _day(latest))


def _latest(statements: list[Statement]) -> Statement:
    """The statement that came last; one without a date where none has any."""
    dated = [(statement.noted.start, statement) for statement in statements if statement.noted]
    return max(dated, key=lambda pair: pair[0])[1] if dated else statements[0]


def _day(statement: Statement) -> DateSpan | None:
    return statement.noted.day if statement.noted else None
