"""One person's course as it was recorded: assessments, the signed need, referrals, plan, goals, measurements, events.

Everything is optional, and what is not there is unknown, never "no". `exrx/pathway/read.py` makes it of course JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from exrx.errors import Problem
from exrx.patient import Patient


@frozen
class DomainAnswer:
    """What was said of one domain: is there a problem, does the person want help, what is it caused by."""

    problem: str = "unknown"
    wants_help: str = "unknown"
    cause: str = "unknown"


@frozen
class Assessment:
    """A needs assessment with the tool that was used; domains that it does not mention are unknown."""

    day: date
    tool: str
    trigger: str
    assessor: str
    domains: Mapping[str, DomainAnswer] = field(factory=dict, hash=False)
    distress: int | None = None


@frozen
class MedicalNeed:
    """The need as a physician signed it; a yes is not taken back by anybody else."""

    value: str
    signed_by: str
    day: date


@frozen
class Referral:
    """A referral: the need and the level, no programme. Minutes a week are those of the offer that came of it."""

    day: date
    type: str
    sender: str
    needs: tuple[str, ...] = ()
    level: str = ""
    discharge: date | None = None
    first_offer: date | None = None
    no_activity: str = ""
    ended: date | None = None
    minutes_per_week: int | None = None


@frozen
class Informed:
    """Somebody who was told of the plan, and when."""

    who: str
    day: date | None


@frozen
class Plan:
    """The plan as far as it is written. `contents` says of each part of the template: planned, not-needed, declined."""

    content: str = ""
    contents: Mapping[str, str] = field(factory=dict, hash=False)
    responsible: str = ""
    purpose: str = ""
    evaluation: date | None = None
    coordination: str = ""
    coordinators: tuple[str, ...] = ()
    informed: tuple[Informed, ...] = ()
    what_matters_most: str = ""
    discussed: date | None = None


@frozen
class Goal:
    """A goal in the person's own words, with its type and levels (-2 to 2)."""

    text: str
    type: str
    before: int
    after: int | None = None
    weight: float = 1.0


@frozen
class Measurement:
    """One measurement; `when` is pre or post."""

    day: date
    measure: str
    value: Any
    when: str


@frozen
class Filled:
    """A filled questionnaire: the answers in the order of its items, NaN where there is none."""

    day: date
    form: str
    answers: tuple[float, ...]


@frozen
class Event:
    """Something that happened and asks for an assessment."""

    day: date
    event: str


@frozen(eq=False)
class Course:
    """One person's course; `patient` is what is known for screening, `notes` free answers of the checklists."""

    id: str
    patient: Patient
    assessments: tuple[Assessment, ...] = ()
    medical_need: tuple[MedicalNeed, ...] = ()
    referrals: tuple[Referral, ...] = ()
    examinations: Mapping[str, date] = field(factory=dict)
    plan: Plan | None = None
    goals: tuple[Goal, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    events: tuple[Event, ...] = ()
    questionnaires: tuple[Filled, ...] = ()
    condition: str = "cancer"
    checklist: Mapping[str, str] = field(factory=dict)
    """Free answers to the dimensions of the KRP; no score is made of them."""
    municipality: str = ""
    answers: Mapping[str, str] = field(factory=dict)
    """Further yes, no or unknown answers by name: crisis, economy, small_children, relatives_asked, .."""
    problems: tuple[Problem, ...] = ()
