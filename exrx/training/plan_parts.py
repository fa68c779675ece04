"""The parts of a plan: days, weeks, changes, reached targets, the phase, and the facts that its sheet shows."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from exrx.rules.restriction import Intensity
from exrx.training.session import Dose, Session
from exrx.training.targets import Shortfall, TargetResult, Words


@frozen
class PlanDay:
    """One date, and its session when there is one.

    `key` names the session in logs and calendars: week and number in the week, the same wherever it is moved to.
    `notes` say what the day asks for (a blood test first), `treatment` where in the chemotherapy cycle it lies.
    """

    date: date
    session: Session | None
    key: str = ""
    notes: tuple[Words, ...] = ()
    treatment: str = ""


@frozen
class LeftOut:
    """A session of the week that has no day, and why."""

    key: str
    why: Words


@frozen
class PlanWeek:
    """Seven days, the week's dose, how it differs from the week before, and each target's check."""

    number: int
    days: tuple[PlanDay, ...]
    dose: Dose
    change: Words
    checks: tuple[TargetResult, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[Words, ...] = ()

    def minutes(self, kind: str) -> dict[str, int]:
        """The aerobic minutes of the week's sessions of one kind (`class` or `home`), by intensity."""
        sessions = [day.session for day in self.days if day.session and day.session.kind == kind]
        levels = (Intensity.LIGHT, Intensity.MODERATE, Intensity.VIGOROUS)
        return {level.word: sum(session.aerobic_minutes(level) for session in sessions) for level in levels}


@frozen
class Change:
    """What a part of the decision's restriction changes in the template, and the rules that ask for it.

    `part` is a restriction part (`aerobic_max`) or one of its entries (`avoid:valsalva`). `replaced`
    holds pairs of exercise names, the second None when nothing took its place.
    """

    part: str
    text: Words
    rules: tuple[str, ...]
    because: tuple[Words, ...]
    replaced: tuple[tuple[Words, Words | None], ...] = ()


@frozen
class Reach:
    """When a target is met under the decision's restriction.

    `met_from_week` counts from the plan's start and may lie beyond its end (`within` False: only time is
    short); None when it is never met. Then `binding` names the restriction parts that forbid it, each
    alone or, if none does alone, together; empty when the template itself does not lead there. `best` is
    the largest dose reached, and `shortfalls` what it lacks.
    """

    target: str
    label: Words
    met_from_week: int | None
    within: bool
    binding: tuple[str, ...]
    best: Dose
    shortfalls: tuple[Shortfall, ...]
    text: Words


@frozen
class PlanPhase:
    """Where in the illness the plan stands: what the training is for, how good the evidence is, when to evaluate."""

    id: str
    title: Words
    goal: Words
    evidence: Words
    evaluation: date


@frozen
class Fact:
    """A value that the sheet shows beside its date: a blood count, a test, a side."""

    field: str
    label: Words
    value: str
    unit: str
    date: str
    state: str


@frozen
class Confirmation:
    """A physician's answer that the plan rests on: which role, what, by whom, until when, with which limits."""

    role: str
    answer: str
    by: str = ""
    date: str = ""
    until: str = ""
    limits: str = ""


@frozen
class TreatmentNote:
    """The course of treatment that the weeks were laid around: its name and the days of infusion inside the plan."""

    label: Words
    infusions: tuple[date, ...]
    blood_tests: tuple[date, ...] = ()
