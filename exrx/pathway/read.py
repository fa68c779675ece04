"""Course JSON becomes a `Course`: one object a person (`docs/pathway.md` has one in full).

A part that contradicts itself is left out with a problem; the rest of the course, and every other person of the file,
is kept. What is not there is unknown, never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from math import nan
from typing import Any, TypeVar

from attrs import define, field

from exrx.errors import FieldError, Problem
from exrx.outcomes.measures import find_measure
from exrx.outcomes.questionnaires import find_questionnaire
from exrx.pathway.record import (
    Assessment,
    Course,
    DomainAnswer,
    Event,
    Filled,
    Goal,
    Informed,
    Measurement,
    MedicalNeed,
    Plan,
    Referral,
)
from exrx.pathway.vocabulary import load_vocabulary
from exrx.patient import Patient
from exrx.said import REFUSED_IDENTIFIER
from exrx.values import has_identifier

ANSWERS = ("yes", "no", "unknown")
PHYSICIANS = ("gp", "treating", "oncologist", "haematologist", "cardiologist", "surgeon", "physician")
PROGRAMME_KEYS = frozenset({
    "programme", "program", "training", "schedule", "plan", "exercises", "sessions", "aerobic", "strength", "intensity",
    "træning", "øvelser",
})  # fmt: skip
"""What a referral may not hold: it states the need (section 6), and the receiver makes the programme."""
Part = TypeVar("Part")


def read_course(content: Mapping[str, Any], name: str = "") -> Course:
    """The course in one object of course JSON; every fault of it stands in `problems`.

    A CPR number in `id` is refused and replaced by `name`.
    """
    return _CourseReader().course(content, name)


@define
class _CourseReader:
    problems: list[Problem] = field(factory=list)

    def course(self, content: Mapping[str, Any], name: str) -> Course:
        given = str(content.get("id") or "")
        if has_identifier(given):
            self.fault("id", "identifier-refused", REFUSED_IDENTIFIER)
            given = name
        patient = Patient.from_dict({**dict(content.get("patient") or {}), "id": given or name})
        plan = self.one(content, "plan", self.plan)
        return Course(
            given or name, patient, self.many(content, "assessments", self.assessment),
            self.many(content, "medical_need", self.medical_need), self.many(content, "referrals", self.referral),
            self.days_by_domain(content.get("examinations")), plan, self.many(content, "goals", self.goal),
            self.measurements(content), self.many(content, "events", self.event),
            self.many(content, "questionnaires", self.filled), self.condition(content), self.checklist(content),
            str(content.get("municipality") or ""), self.answers(content.get("answers")), tuple(self.problems),
        )  # fmt: skip

    def fault(self, what: str, code: str, message: str) -> None:
        self.problems.append(Problem(what, None, code, message))

    def one(self, content: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], Part]) -> Part | None:
        """One part of the course, None where there is none or it cannot be used."""
        given = content.get(key)
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self.fault(key, "wrong-shape", f"'{key}' is an object of named answers")
            return None
        try:
            return read(given)
        except (FieldError, ValueError, KeyError, TypeError) as error:
            self.fault(key, "wrong-shape", _sentence(error))
            return None

    def many(self, content: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], Part]) -> tuple[Part, ...]:
        """A list of parts (or one alone), those that can be used."""
        given = content.get(key) or []
        items = given if isinstance(given, list) else [given]
        found = []
        for place, item in enumerate(items, 1):
            before = len(self.problems)
            part = self.one({key: item}, key, read)
            if part is not None:
                found.append(part)
            for problem in range(before, len(self.problems)):
                old = self.problems[problem]
                self.problems[problem] = Problem(f"{key} {place}", None, old.code, old.message)
        return tuple(found)

    def assessment(self, given: Mapping[str, Any]) -> Assessment:
        words = load_vocabulary()
        domains = {}
        for key, said in dict(given.get("domains") or {}).items():
            words.check("domains", key)
            said = {"problem": said} if isinstance(said, str) else said
            domains[key] = DomainAnswer(
                _answer(said.get("problem"), f"{key}: problem"),
                words.check("wishes", str(said.get("wants_help") or "unknown")),
                words.check("causes", str(said.get("cause") or "unknown")),
            )
        distress = given.get("distress")
        if distress is not None and (not isinstance(distress, int) or not 0 <= distress <= 10):
            raise ValueError("the thermometer's score is a whole number from 0 to 10; leave it out if there is none")
        return Assessment(
            _day(given, "date"), words.check("tools", str(given.get("tool") or "other")),
            words.check("triggers", str(given.get("trigger") or "diagnosis")), str(given.get("assessor") or ""),
            domains, distress,
        )  # fmt: skip

    def medical_need(self, given: Mapping[str, Any]) -> MedicalNeed:
        signed = str(given.get("signed_by") or "")
        if signed not in PHYSICIANS:
            raise ValueError(f"a need is signed by a physician: one of {', '.join(PHYSICIANS)}")
        return MedicalNeed(_answer(given.get("value"), "the need"), signed, _day(given, "date"))

    def referral(self, given: Mapping[str, Any]) -> Referral:
        words = load_vocabulary()
        programme = sorted(PROGRAMME_KEYS & {str(key).casefold() for key in given})
        if programme:
            raise ValueError(
                f"a referral holds the need and no programme; it has '{programme[0]}'. Take that out: the receiver "
                "makes the programme with the citizen"
            )
        kind = words.check("referral_types", str(given.get("type")))
        sender = words.check("senders", str(given.get("sender")))
        if kind == "gop" and sender == "gp":
            raise ValueError("a GOP needs the hospital; a general practitioner refers with XREF15 (before 2019 REF01)")
        return Referral(
            _day(given, "date"), kind, sender, tuple(words.check("needs", need) for need in given.get("needs") or ()),
            words.check("levels", given["level"]) if given.get("level") else "",
            _day(given, "discharge", needed=False), _day(given, "first_offer", needed=False),
            words.check("no_activity_reasons", given["no_activity"]) if given.get("no_activity") else "",
            _day(given, "ended", needed=False), _minutes(given.get("minutes_per_week")),
        )  # fmt: skip

    def plan(self, given: Mapping[str, Any]) -> Plan:
        words = load_vocabulary()
        leads = given.get("coordinator") or []
        contents = {
            words.check("contents", key): words.check("content_states", state)
            for key, state in dict(given.get("contents") or {}).items()
        }
        return Plan(
            str(given.get("content") or ""), contents, str(given.get("responsible") or ""),
            str(given.get("purpose") or ""), _day(given, "evaluation", needed=False),
            str(given.get("coordination") or ""),
            tuple(words.check("coordinators", lead) for lead in (leads if isinstance(leads, list) else [leads])),
            tuple(Informed(words.check("informed", str(told.get("who"))), _day(told, "date", needed=False))
                  for told in given.get("informed") or ()),
            str(given.get("what_matters_most") or ""), _day(given, "discussed", needed=False),
        )  # fmt: skip

    def goal(self, given: Mapping[str, Any]) -> Goal:
        text, kind = str(given.get("text") or ""), str(given.get("type") or "")
        if not text:
            raise ValueError("a goal has words: what the person wants to reach")
        before, after = given.get("before"), given.get("after")
        levels = (-2, -1, 0, 1, 2)
        if before not in levels or (after is not None and after not in levels):
            raise ValueError("a goal has a level before (and later one after), one of -2, -1, 0, 1, 2")
        return Goal(text, load_vocabulary().check("goal_types", kind), before, after, float(given.get("weight") or 1))

    def measurements(self, content: Mapping[str, Any]) -> tuple[Measurement, ...]:
        """The measurements, without ends that contradict each other."""
        found = self.many(content, "measurements", self.measurement)
        kept = []
        for measure in dict.fromkeys(entry.measure for entry in found):
            ends = {when: [entry for entry in found if (entry.measure, entry.when) == (measure, when)]
                    for when in ("pre", "post")}  # fmt: skip
            twice = [when for when, entries in ends.items() if len({e.day for e in entries}) < len(entries)]
            if twice:
                self.fault(f"measurements: {measure}", "twice-on-one-day",
                           f"two values {twice[0]} stand on one day; keep the one that holds")  # fmt: skip
                continue
            pre, post = (max((e.day for e in ends[when]), default=None) for when in ("pre", "post"))
            if pre is not None and post is not None and post <= pre:
                self.fault(f"measurements: {measure}", "after-before-before",
                           "the value after is not later than the value before; correct the days or marks")  # fmt: skip
                continue
            kept += [entry for entry in found if entry.measure == measure]
        return tuple(kept)

    def measurement(self, given: Mapping[str, Any]) -> Measurement:
        when = str(given.get("when") or "")
        if when not in ("pre", "post"):
            raise ValueError("a measurement is marked pre or post")
        return Measurement(_day(given, "date"), find_measure(str(given.get("measure"))).id, given.get("value"), when)

    def event(self, given: Mapping[str, Any]) -> Event:
        return Event(_day(given, "date"), load_vocabulary().check("triggers", str(given.get("event"))))

    def filled(self, given: Mapping[str, Any]) -> Filled:
        form = find_questionnaire(str(given.get("form")))
        answers = given.get("answers")
        if not isinstance(answers, list) or len(answers) != form.items:
            raise ValueError(f"{form.id} has {form.items} answers in the order of its items, null where there is none")
        outside = [
            place for place, (said, (low, high)) in enumerate(zip(answers, form.ranges, strict=True), 1)
            if said is not None and (not isinstance(said, int) or not low <= said <= high)
        ]  # fmt: skip
        if outside:
            raise ValueError(f"item {outside[0]} of {form.id} has an answer that the form does not have; "
                             "the whole form was refused")  # fmt: skip
        return Filled(_day(given, "date"), form.id, tuple(nan if said is None else float(said) for said in answers))

    def condition(self, content: Mapping[str, Any]) -> str:
        try:
            return load_vocabulary().check("conditions", str(content.get("condition") or "cancer"))
        except FieldError as error:
            self.fault("condition", "unknown-word", str(error))
            return "cancer"

    def checklist(self, content: Mapping[str, Any]) -> dict[str, str]:
        known = load_vocabulary().keys("krp_dimensions")
        return {key: str(said) for key, said in dict(content.get("checklist") or {}).items() if key in known}

    def days_by_domain(self, given: Any) -> dict[str, date]:
        found = {}
        for key, day in dict(given or {}).items():
            try:
                found[load_vocabulary().check("domains", key)] = date.fromisoformat(day)
            except (FieldError, ValueError, TypeError) as error:
                self.fault("examinations", "wrong-shape", _sentence(error))
        return found

    def answers(self, given: Any) -> dict[str, str]:
        found = {}
        for key, said in dict(given or {}).items():
            try:
                found[str(key)] = _answer(said, str(key))
            except ValueError as error:
                self.fault(str(key), "unknown-word", str(error))
        return found


def _sentence(error: Exception) -> str:
    if isinstance(error, KeyError) and not isinstance(error, FieldError):
        return f"the part needs {error}"
    return str(error)


def _answer(given: Any, what: str) -> str:
    said = "unknown" if given is None or given == "" else str(given)
    if said not in ANSWERS:
        raise ValueError(f"{what} is yes, no or unknown, not '{said:.20}'")
    return said


def _day(given: Mapping[str, Any], key: str, *, needed: bool = True) -> Any:
    said = given.get(key)
    if said in (None, ""):
        if needed:
            raise ValueError(f"the part needs '{key}', a day such as 2026-11-23")
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise ValueError(f"'{key}' is no day; write it as 2026-11-23") from None


def _minutes(given: Any) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or not 0 <= given <= 7 * 24 * 60:
        raise ValueError("'minutes_per_week' is a whole number of minutes")
    return given
