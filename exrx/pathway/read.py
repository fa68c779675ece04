"""Course JSON becomes a `Course`: one object a person (`docs/pathway.md` has one in full).

A part that contradicts itself is left out with a problem; the rest of the course, and every other person of the file,
is kept. What is not there is unknown, never "no".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from math import nan
from typing import Any, TypeVar

from attrs import define, evolve, field

from exrx.errors import FieldError, Problem
from exrx.fields import load_dictionary
from exrx.outcomes.goals import MOST_WEIGHT
from exrx.outcomes.measures import find_measure
from exrx.outcomes.questionnaires import find_questionnaire
from exrx.pathway.cells import (
    answer_of,
    day_of,
    is_level,
    is_whole,
    list_of,
    measured,
    minutes,
    object_of,
    sentence,
    text_of,
)
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
from exrx.values import UNSHOWABLE, WITHHELD, has_identifier, is_unshowable, json_safe

PHYSICIANS = ("gp", "treating", "oncologist", "haematologist", "cardiologist", "surgeon", "physician")
REFERRAL_KEYS = (
    "date", "type", "sender", "needs", "level", "discharge", "first_offer", "no_activity", "ended", "minutes_per_week",
)  # fmt: skip
"""All that a referral may hold: it states the need (section 6), and the receiver makes the programme."""
COURSE_KEYS = (
    "id", "patient", "assessments", "medical_need", "referrals", "examinations", "plan", "goals", "measurements",
    "events", "questionnaires", "condition", "checklist", "municipality", "answers",
)  # fmt: skip
ANSWER_KEYS = (
    "relatives_asked", "relatives_need_help", "children_at_home", "low_income", "incontinence", "workplace_consent",
    "prefers_mens_group", "prefers_function_focus", "prefers_start_at_hospital",
)  # fmt: skip
OUTSIDE = -1.0
"""Stands for an answer that is none: outside every form's range."""
Part = TypeVar("Part")


def answer_names() -> tuple[str, ...]:
    """The names that may stand in `answers`."""
    words = load_vocabulary()
    factors = (f"work_{name}" for name in words.keys("work_factors"))
    return (*ANSWER_KEYS, *words.keys("psychosocial_flags"), *words.keys("palliative_indicators"), *factors)


def _hint(near: Sequence[str], known: Sequence[str]) -> str:
    return f"did you mean '{near[0]}'?" if near else f"use: {', '.join(known)}"


def read_course(
    content: Mapping[str, Any], name: str = "", patient: Patient | None = None, twice: Collection[str] = ()
) -> Course:
    """The course in one object of course JSON; every fault of it stands in `problems`.

    A CPR number anywhere in it is refused and never kept; one in `id` is replaced by `name`. `patient` is what was read
    of `patient` where the caller has read it; `twice` are the keys under which something stands twice: nobody knows
    what was meant, so nothing of them is used.
    """
    return _CourseReader().course(content, name, patient, twice)


@define
class _CourseReader:
    problems: list[Problem] = field(factory=list)
    refused: set[str] = field(factory=set)

    def course(self, content: Mapping[str, Any], name: str, patient: Patient | None, twice: Collection[str]) -> Course:
        given = self.known_keys(content, twice)
        name = self.name(given.get("id"), name)
        if patient is None:
            patient = self.patient(given.get("patient"))
        if patient.id not in ("", name):
            self.fault("patient", "contradiction", "the patient in it has another id than the course; whose facts are "
                       "these? Nothing of them is used")  # fmt: skip
            patient = Patient("", {})
        return Course(
            name, evolve(patient, id=name), self.many(given, "assessments", self.assessment),
            self.many(given, "medical_need", self.medical_need), self.many(given, "referrals", self.referral),
            self.days_by_domain(self.named(given, "examinations")), self.one(given, "plan", self.plan),
            self.many(given, "goals", self.goal), self.measurements(given), self.many(given, "events", self.event),
            self.many(given, "questionnaires", self.filled), self.condition(given),
            self.checklist(self.named(given, "checklist")), self.place(given),
            self.answers(self.named(given, "answers")), tuple(self.problems), frozenset(self.refused),
        )  # fmt: skip

    def known_keys(self, content: Mapping[str, Any], twice: Collection[str]) -> dict[str, Any]:
        """The parts that may be used, as plain JSON."""
        known = {}
        for key, said in content.items():
            if key in twice:
                self.fault(key if key in COURSE_KEYS else "course", "contradiction", "something stands twice in it; "
                           "nothing of it is used")  # fmt: skip
            elif key in COURSE_KEYS:
                known[key] = json_safe(said) if key != "patient" else said
            else:
                shown = WITHHELD if has_identifier(key) else f"{key:.40}"
                near = get_close_matches(key, COURSE_KEYS, n=1)
                of_patient = key in load_dictionary().names_by_alias
                hint = "facts of the patient stand under 'patient'" if of_patient else _hint(near, COURSE_KEYS)
                self.fault(shown, "unknown-key", f"no part of a course is called that; {hint}")
                self.refused.update(near)
        return known

    def name(self, given: Any, name: str) -> str:
        """The pseudonym; `name` where there is none that may be used."""
        if given is None or given == "":
            return name
        if isinstance(given, bool) or not isinstance(given, (str, int)):
            self.fault("id", "wrong-shape", "the id must be a text")
        elif has_identifier(given):
            self.fault("id", "identifier-refused", REFUSED_IDENTIFIER)
        elif is_unshowable(str(given).strip()):
            self.fault("id", "wrong-shape", UNSHOWABLE)
        else:
            return str(given).strip() or name
        return name

    def patient(self, given: Any) -> Patient:
        if given is not None and not isinstance(given, Mapping):
            self.fault("patient", "wrong-shape", "'patient' is an object of fields; nothing is known of this patient")
        return Patient.from_dict(given if isinstance(given, Mapping) else {})

    def named(self, content: Mapping[str, Any], key: str) -> dict[str, Any]:
        """A part that is an object of names and answers, without those that hold a CPR number."""
        given = content.get(key)
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            self.fault(key, "wrong-shape", f"'{key}' is an object of named answers")
            return {}
        clean = {name: said for name, said in given.items() if not has_identifier({name: said})}
        if len(clean) < len(given):
            self.fault(key, "identifier-refused", REFUSED_IDENTIFIER)
        return clean

    def place(self, content: Mapping[str, Any]) -> str:
        given = content.get("municipality")
        if given is None or (isinstance(given, str) and not has_identifier(given) and not is_unshowable(given)):
            return given or ""
        self.fault("municipality", "wrong-shape", "the municipality is a name")
        return ""

    def fault(self, what: str, code: str, message: str) -> None:
        self.problems.append(Problem(what, None, code, message))
        self.refused.add(what)

    def one(self, content: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], Part]) -> Part | None:
        """One part of the course, None where there is none or it cannot be used."""
        given = content.get(key)
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self.fault(key, "wrong-shape", f"'{key}' is an object of named answers")
            return None
        if has_identifier(given):
            self.fault(key, "identifier-refused", REFUSED_IDENTIFIER)
            return None
        try:
            return read(given)
        except (FieldError, ValueError, KeyError, TypeError) as error:
            self.fault(key, "wrong-shape", sentence(error))
            return None

    def many(self, content: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], Part]) -> tuple[Part, ...]:
        """A list of parts (or one alone), those that can be used."""
        given = content.get(key)
        items = given if isinstance(given, list) else [] if given is None else [given]
        found = []
        for place, item in enumerate(items, 1):
            before = len(self.problems)
            part = self.one({key: item if item is not None else ""}, key, read)
            if part is not None:
                found.append(part)
            for problem in range(before, len(self.problems)):
                old = self.problems[problem]
                self.problems[problem] = Problem(f"{key} {place}", None, old.code, old.message)
        return tuple(found)

    def assessment(self, given: Mapping[str, Any]) -> Assessment:
        words = load_vocabulary()
        domains = {}
        for key, said in object_of(given, "domains").items():
            words.check("domains", key)
            said = said if isinstance(said, Mapping) else {"problem": said}
            domains[key] = DomainAnswer(
                answer_of(said.get("problem"), f"{key}: problem"),
                words.check("wishes", str(said.get("wants_help") or "unknown")),
                words.check("causes", str(said.get("cause") or "unknown")),
            )
        distress = given.get("distress")
        if distress is not None and (not is_whole(distress) or not 0 <= distress <= 10):
            raise ValueError("the thermometer's score is a whole number from 0 to 10; leave it out if there is none")
        return Assessment(
            day_of(given, "date"), words.check("tools", str(given.get("tool") or "other")),
            words.check("triggers", str(given.get("trigger") or "diagnosis")), str(given.get("assessor") or ""),
            domains, distress,
        )  # fmt: skip

    def medical_need(self, given: Mapping[str, Any]) -> MedicalNeed:
        signed = str(given.get("signed_by") or "")
        if signed not in PHYSICIANS:
            raise ValueError(f"a need is signed by a physician: one of {', '.join(PHYSICIANS)}")
        value = answer_of(given.get("value"), "the need")
        if value == "unknown":
            raise ValueError("a signed need says yes or no; leave it out while the physician has not decided")
        return MedicalNeed(value, signed, day_of(given, "date"))

    def referral(self, given: Mapping[str, Any]) -> Referral:
        words = load_vocabulary()
        strange = sorted(given.keys() - set(REFERRAL_KEYS))
        if strange:
            raise ValueError(
                f"a referral holds the need and no programme; it has '{strange[0]:.40}'. Take that out: the receiver "
                f"makes the programme with the citizen. It may hold: {', '.join(REFERRAL_KEYS)}"
            )
        kind = words.check("referral_types", str(given.get("type")))
        sender = words.check("senders", str(given.get("sender")))
        if kind == "gop" and sender == "gp":
            raise ValueError("a GOP needs the hospital; a general practitioner refers with XREF15 (before 2019 REF01)")
        return Referral(
            day_of(given, "date"), kind, sender, tuple(words.check("needs", need) for need in list_of(given, "needs")),
            words.check("levels", str(given["level"])) if given.get("level") else "",
            day_of(given, "discharge", needed=False), day_of(given, "first_offer", needed=False),
            words.check("no_activity_reasons", str(given["no_activity"])) if given.get("no_activity") else "",
            day_of(given, "ended", needed=False), minutes(given.get("minutes_per_week")),
        )  # fmt: skip

    def plan(self, given: Mapping[str, Any]) -> Plan:
        words = load_vocabulary()
        leads = given.get("coordinator") or []
        told = [entry if isinstance(entry, Mapping) else {"who": entry} for entry in list_of(given, "informed")]
        contents = {
            words.check("contents", key): words.check("content_states", str(state))
            for key, state in object_of(given, "contents").items()
        }
        return Plan(
            text_of(given, "content"), contents, text_of(given, "responsible"), text_of(given, "purpose"),
            day_of(given, "evaluation", needed=False), text_of(given, "coordination"),
            tuple(words.check("coordinators", str(lead)) for lead in (leads if isinstance(leads, list) else [leads])),
            tuple(Informed(words.check("informed", str(entry.get("who"))), day_of(entry, "date", needed=False))
                  for entry in told),
            text_of(given, "what_matters_most"), day_of(given, "discussed", needed=False),
        )  # fmt: skip

    def goal(self, given: Mapping[str, Any]) -> Goal:
        text, kind = text_of(given, "text"), text_of(given, "type")
        if not text:
            raise ValueError("a goal has words: what the person wants to reach")
        before, after = given.get("before"), given.get("after")
        if not is_level(before) or not (after is None or is_level(after)):
            raise ValueError("a goal has a level before (and later one after), one of -2, -1, 0, 1, 2")
        weight = 1 if given.get("weight") is None else given["weight"]
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight <= MOST_WEIGHT:
            raise ValueError(f"the weight of a goal is a number above 0, at most {MOST_WEIGHT}")
        return Goal(text, load_vocabulary().check("goal_types", kind), before, after, float(weight))

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
        measure = find_measure(text_of(given, "measure"))
        return Measurement(day_of(given, "date"), measure.id, measured(measure, given), when)

    def event(self, given: Mapping[str, Any]) -> Event:
        return Event(day_of(given, "date"), load_vocabulary().check("triggers", str(given.get("event"))))

    def filled(self, given: Mapping[str, Any]) -> Filled:
        form = find_questionnaire(str(given.get("form")))
        answers = given.get("answers")
        if not isinstance(answers, list) or len(answers) != form.items:
            raise ValueError(f"{form.id} has {form.items} answers in the order of its items, null where there is none")
        outside = [
            place for place, (said, (low, high)) in enumerate(zip(answers, form.ranges, strict=True), 1)
            if said is not None and (not is_whole(said) or not low <= said <= high)
        ]  # fmt: skip
        if outside:
            self.fault("questionnaires", "answer-outside", f"item {outside[0]} of {form.id} has an answer that the "
                       "form does not have; the whole form was refused: have it filled again")  # fmt: skip
        # A refused form is kept with what makes `score` refuse it: an alarm in it sounds, and no older form speaks.
        return Filled(day_of(given, "date"), form.id, tuple(
            nan if said is None else float(said) if is_whole(said) else OUTSIDE for said in answers
        ))  # fmt: skip

    def condition(self, content: Mapping[str, Any]) -> str:
        try:
            if has_identifier(content.get("condition")):
                raise ValueError(REFUSED_IDENTIFIER)
            return load_vocabulary().check("conditions", text_of(content, "condition") or "cancer")
        except (FieldError, ValueError) as error:
            self.fault("condition", "unknown-word", str(error))
            return "cancer"

    def checklist(self, given: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for key in given:
            try:
                found[load_vocabulary().check("krp_dimensions", key)] = text_of(given, key)
            except (FieldError, ValueError) as error:
                self.fault("checklist", "unknown-word", str(error))
        return found

    def days_by_domain(self, given: Mapping[str, Any]) -> dict[str, date]:
        found = {}
        for key, day in given.items():
            try:
                found[load_vocabulary().check("domains", key)] = date.fromisoformat(day)
            except (FieldError, ValueError, TypeError) as error:
                self.fault("examinations", "wrong-shape", sentence(error))
        return found

    def answers(self, given: Mapping[str, Any]) -> dict[str, str]:
        found, known = {}, answer_names()
        for key, said in given.items():
            try:
                if key not in known:
                    near = get_close_matches(key, known, n=1)
                    raise ValueError(f"there is no answer called that; {_hint(near, known)}")
                found[key] = answer_of(said, key)
            except ValueError as error:
                self.fault(f"answers: {key:.40}", "unknown-word", str(error))
        return found
