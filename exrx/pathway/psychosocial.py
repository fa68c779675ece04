"""Oversigt III: psychosocial level, everyday activities and work. Nothing here is a diagnosis, and no drug is named.

The level comes from the questionnaires that were filled, under the named cut-off `oversigt-3` (our proposal,
unverified): the highest of them, as an interval where an answer is missing. A positive item 9 of the PHQ-9 is high and
an emergency whatever the sum. Without a questionnaire and without a wish there is no suggestion (section 7.1).
"""

from __future__ import annotations

from datetime import date

import numpy as np
from attrs import frozen

from exrx.outcomes.questionnaires import CutOff, find_questionnaire
from exrx.outcomes.scoring import score
from exrx.pathway.needs import needs_help, newest
from exrx.pathway.record import Course, DomainAnswer
from exrx.pathway.vocabulary import load_vocabulary

CUT_OFF = "oversigt-3"
LEVELS = ("none", "low", "moderate", "high")
OPEN = "unknown"


@frozen
class Psychosocial:
    """The level from `least` to `most` (`unknown` where nothing was filled), and what it asks for.

    provider: programme (none to moderate), refer (high), none (nothing known and nothing wished), emergency.
    """

    least: str
    most: str
    emergency: bool
    ask_item_nine: bool
    flags: tuple[str, ...]
    provider: str
    methods: tuple[str, ...]
    aims: tuple[str, ...]
    rests_on: tuple[str, ...]
    unverified: bool


@frozen
class Work:
    """The nine factors of section 7.5 that are there and those nobody asked, and what may not be done yet."""

    factors: tuple[str, ...]
    not_asked: tuple[str, ...]
    workplace_allowed: str
    """yes only where the person agreed; no and unknown both mean: do not contact the workplace."""
    body_only: bool
    """A work problem, and only training is planned: little effect is to be expected (A75-4)."""


def psychosocial(course: Course, as_of: date) -> Psychosocial:
    """The psychosocial level on a day, from the forms of each questionnaire's newest day; of two the worse holds.

    Item nine is asked again where it has no answer, and where a form was refused.
    """
    least, most, rests_on, alarms = 0, 0, [], []
    for name in dict.fromkeys(entry.form for entry in course.questionnaires if entry.day <= as_of):
        form = find_questionnaire(name)
        filled = [entry for entry in course.questionnaires if entry.form == name and entry.day <= as_of]
        day = max(entry.day for entry in filled)
        scores = score(form, np.array([entry.answers for entry in filled if entry.day == day]))
        alarms += [int(state) for states in scores.alarms.values() for state in states]
        for cut_off in form.cut_offs.values():
            if cut_off.id.endswith(CUT_OFF):
                low, high = (int(end.max()) for end in scores.levels(cut_off))
                least, most = max(least, _place(cut_off, low)), max(most, _place(cut_off, high))
                rests_on.append(f"{form.id} {cut_off.id} {day.isoformat()}")
    alarms += [-1] if "questionnaires" in course.refused else []
    if 1 in alarms:
        least = most = LEVELS.index("high")
    wished = _wishes(course, as_of)
    flags = tuple(key for key in load_vocabulary().keys("psychosocial_flags") if course.answers.get(key) == "yes")
    ends = (LEVELS[least], LEVELS[most]) if rests_on else (OPEN, OPEN)
    provider = _provider(ends[1], 1 in alarms, wished or bool(flags))
    offered = provider in ("programme", "refer")
    methods, aims = (load_vocabulary().keys(f"psychosocial_{part}") if offered else () for part in ("methods", "aims"))
    return Psychosocial(
        *ends, 1 in alarms, -1 in alarms, flags, provider, methods, aims, tuple(rests_on), bool(rests_on)
    )


def _place(cut_off: CutOff, level: int) -> int:
    return LEVELS.index(cut_off.words[level])


def _wishes(course: Course, as_of: date) -> bool:
    assessment = newest(course, as_of)
    answer = assessment.domains.get("psychosocial", DomainAnswer()) if assessment else DomainAnswer()
    return needs_help(answer) == "yes"


def _provider(most: str, alarm: bool, wished: bool) -> str:
    if alarm:
        return "emergency"
    if most == "high":
        return "refer"
    return "programme" if most in ("low", "moderate") or wished else "none"


def work(course: Course, as_of: date) -> Work:
    """Work as the record says it: factors are counted, never weighed."""
    factors = load_vocabulary().keys("work_factors")
    said = {name: course.answers.get(f"work_{name}", OPEN) for name in factors}
    assessment = newest(course, as_of)
    problem = assessment is not None and assessment.domains.get("work", DomainAnswer()).problem == "yes"
    planned = {key for key, state in (course.plan.contents if course.plan else {}).items() if state == "planned"}
    return Work(
        tuple(name for name, answer in said.items() if answer == "yes"),
        tuple(name for name, answer in said.items() if answer == OPEN),
        course.answers.get("workplace_consent", OPEN),
        problem and planned == {"physical-training"},
    )


def everyday(course: Course, as_of: date) -> tuple[str, ...]:
    """The three kinds of effort where everyday activities are a need, in the list's order and without a rank."""
    assessment = newest(course, as_of)
    answer = assessment.domains.get("everyday", DomainAnswer()) if assessment else DomainAnswer()
    return load_vocabulary().keys("everyday_efforts") if needs_help(answer) == "yes" else ()
