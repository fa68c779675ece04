"""Oversigt IV and late effects: what may be added for a person. Nothing here takes anything away.

Social facts never change clearance, setting or track: they add a contact, an interpreter, a question to the relatives.
"""

from __future__ import annotations

from attrs import frozen

from exrx.fields import Members, Span, load_dictionary
from exrx.knowledge import Knowledge
from exrx.pathway.needs import UNKNOWN, YES
from exrx.pathway.record import Course

PREFERENCES = {
    "prefers_mens_group": "mens-group",
    "prefers_function_focus": "function-framing",
    "prefers_start_at_hospital": "start-at-hospital",
}
"""What is offered by preference, to anybody who asks; never by sex."""


@frozen
class Support:
    """A support that is added, and the fact that asks for it: a field or an answer of the record."""

    support: str
    because: str


@frozen
class LateEffect:
    """A late effect to think of, and the fact that suggests it."""

    effect: str
    because: str


def supports(course: Course, known: Knowledge) -> tuple[Support, ...]:
    """What Oversigt IV adds for this person, in the list's order; unknown facts ask, they never take away."""
    found = []
    if _is(known, "education", "short"):
        found += [Support("contact", "education"), Support("recruitment", "education"),
                  Support("plain-language", "education")]  # fmt: skip
    if course.answers.get("low_income") == YES:
        found += [Support("contact", "low_income"), Support("transport", "low_income")]
    if _is_yes(known, "lives_alone"):
        found.append(Support("contact", "lives_alone"))
    if _is_yes(known, "language_support_needed"):
        found.append(Support("interpreter", "language_support_needed"))
    found += [Support(offer, wish) for wish, offer in PREFERENCES.items() if course.answers.get(wish) == YES]
    if course.answers.get("relatives_asked", UNKNOWN) != YES:
        found.append(Support("ask-relative", "relatives_asked"))
    if course.answers.get("relatives_need_help") == YES:
        found.append(Support("relative-support", "relatives_need_help"))
    children = course.answers.get("children_at_home", UNKNOWN)
    if children != "no":
        found.append(Support("children" if children == YES else "ask-children", "children_at_home"))
    return tuple({entry.support: entry for entry in reversed(found)}.values())[::-1]


def late_effects(course: Course, known: Knowledge) -> tuple[LateEffect, ...]:
    """Late effects that disease and treatment suggest, or that are there."""
    found = []
    if _is_yes(known, "lymphoedema"):
        found.append(LateEffect("lymphoedema", "lymphoedema"))
    elif _is(known, "cancer_type", "breast") and _happened(known, "last_surgery"):
        found.append(LateEffect("lymphoedema", "last_surgery"))
    if _is(known, "cancer_type", "prostate") and _happened(known, "last_surgery"):
        found.append(LateEffect("pelvic-floor", "last_surgery"))
    if course.answers.get("incontinence") == YES:
        found.append(LateEffect("incontinence", "incontinence"))
    return tuple(found)


def _is_yes(known: Knowledge, name: str) -> bool:
    return _is(known, name, "yes")


def _is(known: Knowledge, name: str, option: str) -> bool:
    """Whether a choice or flag certainly is this option."""
    entry, state = load_dictionary().fields[name], known.state[name]
    assert not isinstance(state, Span | Members)
    options = ("no", "yes") if entry.kind == "flag" else entry.options
    return bool(state == 1 << options.index(option))


def _happened(known: Knowledge, name: str) -> bool:
    """Whether a dated event certainly has happened: its days since are a bounded interval somebody gave."""
    return name in known.inputs and known.inputs[name].value != "never"
