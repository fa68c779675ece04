"""A patient is what was observed about them: patient JSON in, observations with date and origin out.

A value that cannot be used never raises: it becomes an observation without a possible value, and a
`Problem` that says what was wrong and what to write. Nothing is dropped and nothing is filled in. What an
observation still says on a given day is not decided here but in `exrx.knowledge`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from attrs import field as attribute
from attrs import frozen

from exrx.dates import DateSpan, read_date
from exrx.errors import FieldError, PatientError, Problem, QuantityError
from exrx.fields import Dictionary, Field, Possible, Span, load_dictionary
from exrx.forms import Form, load_forms
from exrx.said import REFUSED_IDENTIFIER, GateNote, Said, newness
from exrx.values import WITHHELD, either, has_identifier, is_missing, json_safe, read_given, shown_value

STATED, EXAMPLE, SYNTHETIC = "stated", "example", "synthetic"
_MISSPELT = 0.86

_BIRTH_KEYS = frozenset({"birth_date", "birthdate", "date_of_birth", "fødselsdato", "foedselsdato", "fødselsdag"})
_FORM_KEYS = frozenset({"form", "date", "role", "yes", "unanswered"})


@frozen
class Observation:
    """One field as it was reported.

    `possible` is what the report says: ticks or options, a `DateSpan` where it is a date (elapsed fields,
    and a birth date for `age`), None where it was refused. `date` is when it was observed, None when nobody
    says; `given` the value as it came, `unit` its unit if it stood apart, `readings` how many usable ones
    of that day there are, `inexact` true for "<20", `shown` the value for people in the canonical unit.
    `source` holds the keys and values of the patient JSON it came from.
    """

    field: str
    possible: Possible | DateSpan | None
    date: DateSpan | None = None
    origin: str = STATED
    given: Any = None
    unit: str = ""
    readings: int = 1
    problem: Problem | None = None
    inexact: bool = False
    note: GateNote | None = None
    shown: str = ""
    source: Mapping[str, Any] | None = attribute(default=None, eq=False, repr=False)


@frozen
class FilledForm:
    """A form as it was filled in: `yes` holds the ticks as given (fields or questions).

    `answers` has an observation for each field it answers, given "yes", "no", "unknown" for those of a
    ticked question that covers several, or "unanswered" for items that were left blank. One with a `problem` answers
    nothing with "no".
    """

    form: str
    date: DateSpan | None
    role: str
    yes: frozenset[str]
    problem: Problem | None = None
    answers: Mapping[str, Observation] = attribute(factory=dict, repr=False)
    source: Any = attribute(default=None, eq=False, repr=False)


@frozen
class Patient:
    """What was observed about one person; `id` is a pseudonym, empty when none was given.

    `observations` has at most one entry a field, the newest of several readings. `problems` holds
    everything that was refused, sorted. `origin` is that of values without one; `example` is true when any
    value is an example that must not decide anything.
    """

    id: str
    observations: dict[str, Observation]
    forms: tuple[FilledForm, ...] = ()
    problems: tuple[Problem, ...] = ()
    example: bool = False
    origin: str = STATED

    @classmethod
    def from_dict(
        cls,
        mapping: Mapping[str, Any],
        *,
        dictionary: Dictionary | None = None,
        forms: Mapping[str, Form] | None = None,
    ) -> Patient:
        """Read one patient from patient JSON, by names or aliases of the fields.

        Null, an empty text and "unknown" are not given. Every other key ends in `observations`, `forms` or
        `problems`; the order of keys does not matter. `dictionary` and `forms` default to the shipped ones.

        Raises:
            PatientError: `mapping` is not a mapping.
        """
        if not isinstance(mapping, Mapping):
            raise PatientError(f"a patient must be one object of fields, not a {type(mapping).__name__}.")
        if forms is None:
            forms = load_forms() if mapping.get("forms") else {}
        reader = _Reader(dictionary or load_dictionary(), forms)
        return reader.patient({key: json_safe(value) for key, value in mapping.items()})

    def to_dict(self) -> dict[str, Any]:
        """Patient JSON that reads back equal; a withheld identifier stays withheld."""
        content: dict[str, Any] = {"id": self.id} if self.id else {}
        if self.origin != STATED:
            content["origin"] = self.origin
        for problem in self.problems:
            if problem.field not in self.observations:
                content[problem.field] = problem.given
        for name in sorted(self.observations):
            observed = self.observations[name]
            content |= {name: observed.given} if observed.source is None else observed.source
        if self.forms:
            content["forms"] = [filled.source for filled in self.forms]
        return content


class _Reader:
    """Reads one patient, collecting problems; every method takes plain JSON values."""

    def __init__(self, dictionary: Dictionary, forms: Mapping[str, Form]) -> None:
        self.dictionary, self.forms = dictionary, forms
        self.problems: list[Problem] = []
        self.origin = STATED
        self.misspelt: dict[str, Observation] = {}

    def patient(self, mapping: dict[Any, Any]) -> Patient:
        """The patient in `mapping`."""
        identifier = self._id(mapping.get("id"))
        self._set_origin(mapping.get("origin"))
        sources: dict[str, dict[str, Any]] = {}
        for key, value in mapping.items():
            if key not in ("id", "origin", "forms"):
                name = self._field_name(key, value)
                if name is not None and not is_missing(value):
                    sources.setdefault(name, {})[key] = value
        observations = {}
        for name, source in sources.items():
            observed = self._observe(self.dictionary.fields[name], source)
            if observed is not None:
                observations[name] = observed
        observations = {**self.misspelt, **observations}
        forms = self._filled_forms(mapping.get("forms"))
        example = any(is_example(origin) for origin in (self.origin, *(o.origin for o in observations.values())))
        problems = sorted(self.problems, key=lambda p: (p.field, p.code, p.message))
        return Patient(identifier, observations, forms, tuple(problems), example, self.origin)

    def _id(self, given: Any) -> str:
        if given is None or given == "":
            return ""
        if isinstance(given, bool) or not isinstance(given, (str, int)):
            self._problem("id", given, "wrong-shape", "the id must be a text.")
            return ""
        if has_identifier(given):
            self._problem("id", given, "identifier-refused", "")
            return ""
        return str(given).strip()

    def _set_origin(self, given: Any) -> None:
        if isinstance(given, str) and given.strip() and not has_identifier(given):
            self.origin = given.strip()
        elif given not in (None, ""):
            self._problem("origin", given, "wrong-shape", "the origin must be a short text.")

    def _problem(self, name: str, given: Any, code: str, message: str) -> Problem:
        if has_identifier(given):
            given, code, message = WITHHELD, "identifier-refused", REFUSED_IDENTIFIER
        problem = Problem(name, given, code, message)
        self.problems.append(problem)
        return problem

    def _field_name(self, key: Any, value: Any) -> str | None:
        if key in self.dictionary.fields:
            return str(key)
        name = str(key) if isinstance(key, (str, int, float)) else f"({type(key).__name__})"
        if has_identifier(name):
            self._problem(WITHHELD, WITHHELD, "identifier-refused", "")
            return None
        if _is_birth_key(name):
            return "age"
        try:
            return self.dictionary.field(name[:80]).name
        except FieldError as error:
            problem = self._problem(name, value, "unknown-field", str(error))
            near = self._near(name)
            if near and not is_missing(value) and problem.given != WITHHELD:
                self.misspelt[near] = Observation(near, None, given=value, problem=problem, source={key: value})
            return None

    def _near(self, name: str) -> str | None:
        """The field that a misspelt name probably meant: it counts as unknown, so that no form answers it with no."""
        found = get_close_matches(name[:80].strip().casefold(), self.dictionary.names_by_alias, n=1, cutoff=_MISSPELT)
        return self.dictionary.names_by_alias[found[0]] if found else None

    def _observe(self, entry: Field, source: dict[str, Any]) -> Observation | None:
        if len(source) > 1:
            return self._given_twice(entry, source)
        ((key, raw),) = source.items()
        said = Said(raw, self.origin)
        possible: Possible | DateSpan | None = None
        problem: Problem | None = None
        readings = 1
        try:
            said.open(entry)
            if isinstance(said.value, list) and entry.kind != "set":
                possible, readings = self._newest(entry, said)
                if not readings:
                    return None
            elif is_missing(said.value):
                if said.date is None:
                    return None
                possible = entry.unknown
            elif entry.name == "age" and _is_birth_key(key):
                possible = read_date(said.value)
            else:
                possible = read_given(entry, said.value, said.unit)
        except QuantityError as error:
            message = str(error) if entry.name in str(error) else f"{entry.name}: {error}"
            given = WITHHELD if has_identifier(raw) else said.value
            problem = self._problem(entry.name, given, error.code, message)
        if problem is not None and problem.given == WITHHELD:
            raw, said = WITHHELD, Said(WITHHELD, self.origin)
        return Observation(
            field=entry.name,
            possible=possible,
            date=said.date,
            origin=said.origin,
            given=said.value,
            unit=said.unit or "",
            readings=readings,
            problem=problem,
            inexact=isinstance(possible, Span) and possible.low != possible.high,
            note=said.note,
            shown="" if possible is None else shown_value(entry, possible),
            source={key: raw},
        )

    def _given_twice(self, entry: Field, source: dict[str, Any]) -> Observation:
        keys = " and ".join(f"'{name}'" for name in sorted(map(str, source)))
        message = f"{keys} are the same field. It counts as unknown; give one of them."
        problem = self._problem(entry.name, source, "contradiction", message)
        if problem.given == WITHHELD:
            source = dict.fromkeys(source, WITHHELD)
        return Observation(entry.name, None, given=problem.given, problem=problem, source=source)

    def _newest(self, entry: Field, said: Said) -> tuple[Possible | DateSpan | None, int]:
        """What the newest reading says and how many usable ones its day has; sets `said.date` to that day."""
        readings = []
        for item in said.value:
            reading = Said(item, said.origin, said.date, said.unit)
            reading.open(entry)
            if (
                isinstance(reading.value, list)
                or entry.kind == "elapsed"
                or (entry.kind != "quantity" and reading.date is None)
            ):
                raise QuantityError("give one answer, not a list.", code="wrong-shape", given=said.value)
            if not is_missing(reading.value):
                readings.append(reading)
        if not readings:
            return None, 0
        newest = max(enumerate(readings), key=lambda pair: newness(pair[0], pair[1], readings))[1]
        said.date, said.origin = newest.date, newest.origin
        count = 0
        for reading in readings:
            if reading is not newest:
                try:
                    read_given(entry, reading.value, reading.unit)
                    count += reading.date == newest.date
                except QuantityError as error:
                    if has_identifier(reading.value):
                        raise
                    self._problem(entry.name, reading.value, error.code, str(error))
        possible: Possible | DateSpan | None = read_given(entry, newest.value, newest.unit)
        if entry.group == "vitals":
            return possible, count + 1
        for reading in readings:  # answers of one moment have no order: what any of them says is possible
            if reading is not newest and (reading.date, reading.clock) == (newest.date, newest.clock):
                possible = either(entry, possible, self._read_again(entry, reading))
        return possible, count + 1

    @staticmethod
    def _read_again(entry: Field, reading: Said) -> Possible | DateSpan | None:
        """What a reading says, everything where it was refused (that has been reported)."""
        try:
            return read_given(entry, reading.value, reading.unit)
        except QuantityError:
            return entry.unknown

    def _filled_forms(self, given: Any) -> tuple[FilledForm, ...]:
        if given is None or given == "":
            return ()
        if not isinstance(given, list):
            self._problem("forms", given, "wrong-shape", 'forms must be a list of {"form", "date", "role", "yes"}.')
            return ()
        return tuple(self._filled_form(item) for item in given)

    def _filled_form(self, given: Any) -> FilledForm:
        content = given if isinstance(given, dict) else {}
        name = content.get("form")
        yes, blank = (_texts(content.get(key)) for key in ("yes", "unanswered"))
        day, fault = None, _form_fault(content, self.forms)
        try:
            day = read_date(content["date"]) if content.get("date") not in (None, "") else None
        except QuantityError as error:
            fault = fault or (error.code, f"the form's date cannot be used: {error}")
        form = self.forms.get(name) if isinstance(name, str) else None
        said = (form or Form.without_questions(self.dictionary)).answers(yes, blank)
        strange = {near: self.dictionary.fields[near].unknown for near in map(self._near, said.strangers) if near}
        if said.strangers and not fault:
            fault = "not-on-form", f"'{said.strangers[0]:.60}' is neither a question of the form nor a field."
        problem = None
        if fault:
            problem = self._problem("forms", given, fault[0], f"{fault[1]} Only what was ticked is used.")
            if problem.given == WITHHELD:
                return FilledForm("", None, "", frozenset(), problem, {}, WITHHELD)
        elif has_identifier(given):
            problem = self._problem("forms", given, "identifier-refused", "")
            return FilledForm("", None, "", frozenset(), problem, {}, WITHHELD)
        name, role = (text if isinstance(text, str) else "" for text in (name, content.get("role")))
        answers = {}
        for word, values in (
            ("no", {} if fault else said.unticked),
            ("unanswered", {} if fault else said.unanswered),
            ("unknown", {**strange, **said.opened}),
            ("yes", said.ticked),
        ):
            for field_name, possible in values.items():
                shown = shown_value(self.dictionary.fields[field_name], possible)
                answers[field_name] = Observation(
                    field_name, possible, day, f"form:{name}", word, shown=shown, inexact=False
                )
        return FilledForm(name, day, role, yes, problem, answers, given)


def _texts(items: Any) -> frozenset[str]:
    return frozenset(item for item in items if isinstance(item, str)) if isinstance(items, list) else frozenset()


def is_example(origin: str) -> bool:
    """Whether an origin marks an example or a synthetic patient that must not decide anything, in any spelling."""
    return origin.strip().casefold() in (EXAMPLE, SYNTHETIC)


def _is_birth_key(key: str) -> bool:
    return re.sub("[ -]", "_", key.strip().casefold()) in _BIRTH_KEYS


def _form_fault(content: dict[str, Any], forms: Mapping[str, Form]) -> tuple[str, str] | None:
    ticks = content.get("yes")
    if not content.keys() <= _FORM_KEYS or not isinstance(content.get("form"), str):
        return "wrong-shape", 'a filled form is {"form", "date", "role", "yes"}.'
    if content.get("date") in (None, ""):
        return "undated-form", "a form says no only for the day it was filled in, and this one has no date."
    if content["form"] not in forms:
        return (
            "unknown-form",
            f"there is no form '{content['form']:.40}'. There are: {', '.join(sorted(forms))}.",
        )
    if not isinstance(ticks, list) or not all(isinstance(tick, str) for tick in ticks):
        return "wrong-shape", 'a form needs "yes": the list of what was ticked, [] if nothing was.'
    blank = content.get("unanswered", [])
    if not isinstance(blank, list) or not all(isinstance(item, str) for item in blank):
        return "wrong-shape", '"unanswered" is the list of the items that were left blank.'
    return None
