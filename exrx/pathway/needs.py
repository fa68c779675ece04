"""Is there a need for rehabilitation, and which assessments are due.

A problem is not a need: a need is a problem that the person wants help with, now or later. What nobody asked is
unknown, and unknown is not "no need". A need that a physician signed stands, whoever asks later (section 6).
"""

from __future__ import annotations

from datetime import date, timedelta

from attrs import frozen

from exrx.pathway.record import Assessment, Course, DomainAnswer, Event
from exrx.pathway.vocabulary import load_vocabulary

YES, NO, UNKNOWN = "yes", "no", "unknown"


@frozen
class Need:
    """yes, no or unknown, with what it rests on: a physician's signature, domains, or loss of function."""

    value: str
    because: str
    """signed | domains | functional-loss | none | not-asked | no-assessment: a key of the report's wordings."""
    domains: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    signed_by: str = ""


@frozen
class Due:
    """An assessment that an event asks for: `overdue` once its last day has passed."""

    trigger: str
    since: date
    latest: date
    overdue: bool


def newest(course: Course, as_of: date) -> Assessment | None:
    """The latest assessment up to a day."""
    known = [entry for entry in course.assessments if entry.day <= as_of]
    return max(known, key=lambda entry: entry.day, default=None)


def needs_help(answer: DomainAnswer) -> str:
    """Whether a domain is a need: a problem that the person wants help with, now or later."""
    if answer.problem == NO or answer.wants_help == NO:
        return NO
    if answer.problem == YES and answer.wants_help in (YES, "later"):
        return YES
    return UNKNOWN


def need_of(course: Course, as_of: date, functional_loss: str) -> Need:
    """The need on a day; `functional_loss` is yes, no or unknown from the screening facts."""
    signed = [entry for entry in course.medical_need if entry.day <= as_of and entry.value == YES]
    assessment = newest(course, as_of)
    found = assess(assessment)
    if signed:
        return Need(YES, "signed", found.domains, found.not_asked, max(signed, key=lambda entry: entry.day).signed_by)
    if found.value != YES and functional_loss == YES:
        return Need(YES, "functional-loss", found.domains, found.not_asked)
    return found


def assess(assessment: Assessment | None) -> Need:
    """What an assessment alone says: no only where every domain was asked and none is a need."""
    domains = load_vocabulary().keys("domains")
    if assessment is None:
        return Need(UNKNOWN, "no-assessment", (), domains)
    answers = {name: needs_help(assessment.domains.get(name, DomainAnswer())) for name in domains}
    there = tuple(name for name, value in answers.items() if value == YES)
    not_asked = tuple(name for name, value in answers.items() if value == UNKNOWN)
    if there:
        return Need(YES, "domains", there, not_asked)
    return Need(UNKNOWN, "not-asked", (), not_asked) if not_asked else Need(NO, "none")


def due_assessments(course: Course, as_of: date) -> tuple[Due, ...]:
    """The assessments that events up to a day ask for and nobody has made.

    An assessment answers every event up to its own day, and one that was made for the discharge answers a discharge
    some days later. At discharge it has to be there the same day; for the other events a local number of days holds
    (`assessment_grace`, unverified, both ways).
    """
    words = load_vocabulary()
    grace = timedelta(days=words.limits["assessment_grace"].days)
    made = [entry for entry in course.assessments if entry.day <= as_of]
    waiting = [
        event for event in course.events
        if event.day <= as_of and not any(_answers(entry, event, grace) for entry in made)
    ]  # fmt: skip
    found = []
    for event in sorted(waiting, key=lambda entry: entry.day):
        at_once = words.lists["triggers"][event.event].get("latest") == "yes"
        latest = event.day if at_once else event.day + grace
        found.append(Due(event.event, event.day, latest, as_of > latest))
    return tuple(found)


def _answers(assessment: Assessment, event: Event, grace: timedelta) -> bool:
    before = grace if assessment.trigger == event.event == "discharge" else timedelta(0)
    return assessment.day >= event.day - before
