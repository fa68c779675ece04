"""Where a person stands in the course: a decision and a record become facts, and the facts a walk through Oversigt I.

Clearance, risks and the triggers of placement come from the screening (`dk-2015` at enrolment names all three); need,
measures, plan and effect from the record. `pathway` is for one person, `pathway_of_cohort` for columns of many.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from exrx.cohort import Cohort
from exrx.errors import Problem, ProtocolError
from exrx.fields import Span, load_dictionary
from exrx.knowledge import Knowledge, know
from exrx.pathway.forks import ANSWERS, CLEARANCES, Facts, Step, Walks, walk, walk_many
from exrx.pathway.needs import Due, Need, due_assessments, need_of
from exrx.pathway.palliation import Palliation, palliation
from exrx.pathway.planning import Requirement, Task, missing_parts, requirements, tasks
from exrx.pathway.psychosocial import Psychosocial, Work, everyday, psychosocial, work
from exrx.pathway.record import Course
from exrx.pathway.referral import (
    Clock,
    Load,
    ReferralAdvice,
    authority,
    clock,
    proposed_level,
    referral_type,
    weekly_load,
)
from exrx.pathway.support import LateEffect, Support, late_effects, supports
from exrx.pathway.vocabulary import DatedRule
from exrx.protocol import load_protocol
from exrx.protocol.model import Protocol
from exrx.protocol.stage import DECEASED_RULE, stage_rules
from exrx.rules.restriction import Clearance
from exrx.screening import Decision, screen, screen_cohort

PROTOCOL, STAGE = "dk-2015", "enrolment"
TRIGGER_RULES = {
    "complexity": "scope.hospital-for-complexity",
    "safety": "scope.hospital-for-safety",
    "monitoring": "scope.hospital-for-monitoring",
    "admitted": "scope.inpatient",
    "under_eighteen": "scope.under-eighteen",
    "deceased": DECEASED_RULE,
}
"""The rules of the Danish template that ask for a hospital, by the fact of Oversigt I that each answers."""
_OF_CLEARANCE = {
    Clearance.CLEAR: "may-train", Clearance.MODIFY: "may-train", Clearance.ASSESS: "ask-first",
    Clearance.CONSULT: "not-yet", Clearance.DEFER: "not-yet", Clearance.STOP: "stop",
    Clearance.EMERGENCY: "emergency",
}  # fmt: skip


@frozen(eq=False)
class Pathway:
    """One person's course on a day: the walk with its reasons, what is due, and how it was placed and referred.

    `decision` is the screening it rests on. `authority` says who answers for the proposed level on that day.
    """

    course: Course
    as_of: date
    decision: Decision
    facts: Facts
    steps: tuple[Step, ...]
    need: Need
    due: tuple[Due, ...]
    requirements: tuple[Requirement, ...]
    tasks: tuple[Task, ...]
    referral: ReferralAdvice
    level: str
    authority: DatedRule | None
    clocks: tuple[Clock, ...]
    load: Load
    psychosocial: Psychosocial
    work: Work
    everyday: tuple[str, ...]
    supports: tuple[Support, ...]
    late_effects: tuple[LateEffect, ...]
    palliation: Palliation

    @property
    def here(self) -> Step:
        """The box in which the person stands."""
        return self.steps[-1]

    @property
    def setting(self) -> str:
        """hospital or municipality, `` where the person is not placed yet."""
        nodes = [step.node for step in self.steps]
        return next((node for node in ("hospital", "municipality") if node in nodes), "")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be used of the record and of the patient's facts."""
        return (*self.course.problems, *self.decision.problems)


def pathway(course: Course, *, as_of: date, protocol: Protocol | None = None, sender: str = "hospital") -> Pathway:
    """The course of one person on a day; `sender` is who would refer now.

    Raises:
        ProtocolError: the protocol has no enrolment stage.
    """
    chosen = _naming_the_triggers(protocol)
    decision = screen(course.patient, chosen, stage=STAGE, as_of=as_of)
    known = know(course.patient, load_dictionary(), as_of, chosen.validity_at(STAGE))
    loss = at_least_one(known, "functional_loss")
    need, due = need_of(course, as_of, loss), due_assessments(course, as_of)
    facts = facts_of(course, decision, need, as_of)
    prevention = "yes" if need.value == "yes" else need.value
    level = proposed_level(facts.complexity, facts.safety)
    return Pathway(
        course, as_of, decision, facts, walk(facts), need, due, requirements(course, need, due),
        tasks(course, need, due, as_of), referral_type(loss, prevention, sender, as_of), level,
        authority(level, as_of) if level else None,
        tuple(clock(entry, as_of) for entry in course.referrals if entry.day <= as_of),
        weekly_load(course.referrals, as_of), psychosocial(course, as_of), work(course, as_of), everyday(course, as_of),
        supports(course, known), late_effects(course, known), palliation(course, known, need.value),
    )  # fmt: skip


def _naming_the_triggers(protocol: Protocol | None) -> Protocol:
    """The protocol, which has to ask what placement turns on: a rule that is not there would read as "no risk"."""
    chosen = protocol or load_protocol(PROTOCOL)
    there = {active.rule.id for active in stage_rules(chosen, STAGE).rules}
    absent = [rule for rule in TRIGGER_RULES.values() if rule not in there]
    if absent:
        raise ProtocolError(
            f"{chosen.id} does not ask {', '.join(absent)}, so it cannot say where a person belongs. Join it with one "
            f"that does: --protocol {PROTOCOL},{chosen.id}"
        )
    return chosen


def facts_of(course: Course, decision: Decision, need: Need, as_of: date) -> Facts:
    """What the forks ask, from the screening and the record."""
    states = {reason.rule: reason.state for reason in decision.reasons}
    said = {"fires": "yes", "undecided": "unknown"}
    measured = {entry.when for entry in course.measurements if entry.day <= as_of}
    judged = bool(course.goals) and all(goal.after is not None for goal in course.goals)
    return Facts(
        assessed=_yes(any(entry.day <= as_of for entry in course.assessments)),
        need=need.value,
        clearance=_OF_CLEARANCE[decision.clearance],
        before=_yes("pre" in measured and bool(course.goals)),
        planned=_yes(not missing_parts(course.plan)),
        after=_yes("post" in measured and judged),
        **{fact: said.get(states.get(rule, ""), "no") for fact, rule in TRIGGER_RULES.items()},
    )


def _yes(found: bool) -> str:
    return "yes" if found else "no"


def at_least_one(known: Knowledge, name: str) -> str:
    """Whether a score is 1 or more: yes, no or unknown."""
    span = known.state[name]
    assert isinstance(span, Span)
    one = load_dictionary().fields[name].ticks.tick_of_ratio(1, 1)
    return "yes" if span.low >= one else "no" if span.high < one else "unknown"


COLUMNS = ("assessed", "need", "before", "planned", "after")
"""What a cohort table says of the course beside the patient's facts: yes, no or unknown, a column each."""


def pathway_of_cohort(
    cohort: Cohort, columns: Mapping[str, Any], *, as_of: date, protocol: Protocol | None = None
) -> Walks:
    """The walks of N people, equal to `walk` of the facts of each row.

    Args:
        cohort: the patients' facts.
        columns: for each of `COLUMNS` N answers yes, no or unknown; a column that is left out is unknown or not done.

    Raises:
        ProtocolError: the protocol has no enrolment stage.
        ValueError: an answer is none of the three, or a column has another length.
    """
    chosen = _naming_the_triggers(protocol)
    decisions = screen_cohort(cohort, chosen, stage=STAGE, as_of=as_of)
    facts: dict[str, NDArray[np.uint8]] = {name: _answers(name, columns, cohort.n) for name in COLUMNS}
    kinds = np.array([CLEARANCES.index(_OF_CLEARANCE[level]) for level in Clearance], np.uint8)
    facts["clearance"] = kinds[decisions.clearance]
    for fact, rule in TRIGGER_RULES.items():
        facts[fact] = np.where(decisions.fired(rule), 2, np.where(decisions.undecided(rule), 1, 0)).astype(np.uint8)
    return walk_many(facts)


def _answers(name: str, columns: Mapping[str, Any], n: int) -> NDArray[np.uint8]:
    if name not in columns:
        return np.full(n, ANSWERS.index("unknown" if name == "need" else "no"), np.uint8)
    given = np.asarray(columns[name], dtype=np.str_)
    if len(given) != n:
        raise ValueError(f"the column '{name}' has {len(given)} rows, the cohort {n}")
    words, which = np.unique(given, return_inverse=True)
    strange = [word for word in words.tolist() if word not in ANSWERS and word]
    if strange:
        raise ValueError(f"'{name}' is yes, no or unknown, not '{strange[0]:.20}'")
    places = np.array([ANSWERS.index(word or "unknown") for word in words.tolist()], np.uint8)
    return places[which]
