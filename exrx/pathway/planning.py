"""The three requirements of the forløbsprogram, and the tasks that remain.

    1  a needs assessment at the defined times           (exrx/pathway/needs.py)
    2  in-depth examination where it is relevant
    3  a plan with six parts, one coordinator, and those who are to be informed
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from exrx.pathway.needs import Due, Need
from exrx.pathway.record import Course, Plan
from exrx.pathway.vocabulary import load_vocabulary

OWNER = "municipality"
"""Who draws up the plan with the citizen (A4-11), and informs the others."""


@frozen
class Task:
    """Something to do: `what` is a key of the wordings, `who` does it, `about` what, `due` if it has a day."""

    what: str
    who: str
    about: str = ""
    due: date | None = None
    overdue: bool = False


@frozen
class Requirement:
    """One of the three requirements: met is yes, no or unknown; `lacking` names what is not there."""

    id: str
    met: str
    lacking: tuple[str, ...] = ()


def missing_parts(plan: Plan | None) -> tuple[str, ...]:
    """The parts of a plan that are not there; all six where there is no plan."""
    words = load_vocabulary()
    if plan is None:
        return words.keys("parts")
    told = {entry.who for entry in plan.informed if entry.day is not None}
    there = {
        "content": bool(plan.content or plan.contents),
        "responsible": bool(plan.responsible),
        "purpose": bool(plan.purpose),
        "evaluation": plan.evaluation is not None,
        "coordination": bool(plan.coordination) and len(plan.coordinators) == 1,
        "informed": told >= set(words.keys("informed")) - {OWNER},
    }
    return tuple(part for part in words.keys("parts") if not there[part])


def requirements(course: Course, need: Need, due: tuple[Due, ...]) -> tuple[Requirement, ...]:
    """The three requirements as they stand: what is not needed (no need found) is met."""
    assessment = Requirement("assessment", "yes" if course.assessments and not due else "no",
                             tuple(entry.trigger for entry in due))  # fmt: skip
    if need.value == "no":
        return (assessment, Requirement("examination", "yes"), Requirement("plan", "yes"))
    if need.value == "unknown":
        return (assessment, Requirement("examination", "unknown"), Requirement("plan", "unknown"))
    examined = tuple(domain for domain in need.domains if domain not in course.examinations)
    lacking = missing_parts(course.plan)
    return (
        assessment,
        Requirement("examination", "no" if examined else "yes", examined),
        Requirement("plan", "no" if lacking else "yes", lacking),
    )


def tasks(course: Course, need: Need, due: tuple[Due, ...], as_of: date) -> tuple[Task, ...]:
    """What is to be done, the overdue first."""
    found = [*_assessment_tasks(need, due), *(_plan_tasks(course, need, as_of) if need.value == "yes" else ())]
    return tuple(sorted(found, key=lambda task: (not task.overdue, task.due or date.max)))


def _assessment_tasks(need: Need, due: tuple[Due, ...]) -> Iterator[Task]:
    for entry in due:
        who = "hospital" if entry.trigger in ("initial-treatment", "end-of-treatment", "discharge") else "coordinator"
        yield Task("assess", who, entry.trigger, entry.latest, entry.overdue)
    if need.because == "no-assessment" and not due:
        yield Task("assess", "coordinator")
    if need.because in ("not-asked", "signed", "domains"):
        for domain in need.not_asked:
            yield Task("ask-domain", "coordinator", domain)


def _plan_tasks(course: Course, need: Need, as_of: date) -> Iterator[Task]:
    plan = course.plan
    for domain in need.domains:
        if domain not in course.examinations:
            yield Task("consider-examination", OWNER, domain)
    for part in missing_parts(plan):
        yield Task("plan-part", OWNER, part)
    if plan is None:
        return
    if len(plan.coordinators) != 1:
        yield Task("one-coordinator", OWNER)
    told = {entry.who for entry in plan.informed if entry.day is not None}
    for who in load_vocabulary().keys("informed"):
        if who not in told and who != OWNER:
            yield Task("inform", OWNER, who)
    for content in load_vocabulary().keys("contents"):
        if content not in plan.contents:
            yield Task("consider-content", OWNER, content)
    if plan.discussed is None:
        yield Task("discuss", OWNER)
    if plan.evaluation is not None and not any(entry.when == "post" for entry in course.measurements):
        yield Task("evaluate", OWNER, due=plan.evaluation, overdue=plan.evaluation < as_of)
