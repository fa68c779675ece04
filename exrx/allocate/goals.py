"""What a place is worth: the goals, and what each patient in each group adds to them."""

from __future__ import annotations

from exrx.allocate.read import Group, Person

GOALS = ("placed", "waited", "level", "travel", "wishes")
"""In their usual order: more patients placed, more days of waiting ended, less distance from the groups' level bands,
less travel, earlier wishes."""
MOST = ("placed", "waited")
"""The goals of which more is better; of the others less is."""
LEVEL_STEPS = 10


def cost(goal: str, person: Person, group: Group) -> float:
    """What a patient in a group adds to a goal, in whole numbers (levels in tenths)."""
    if goal == "placed":
        return 1.0
    if goal == "waited":
        return float(person.days_waited)
    if goal == "level":
        return float(round(off_band(person, group) * LEVEL_STEPS))
    if goal == "travel":
        return float(round(_minutes(person, group)))
    return float(_wish(person, group))


def off_band(person: Person, group: Group) -> float:
    """How far a patient's level lies outside a group's band; 0 where one of them is not stated."""
    if person.level is None:
        return 0.0
    below = 0.0 if group.level_min is None else group.level_min - person.level
    above = 0.0 if group.level_max is None else person.level - group.level_max
    return max(below, above, 0.0)


def _minutes(person: Person, group: Group) -> float:
    """The journey in minutes; one of unknown length counts as the patient's longest."""
    if not group.place or not person.travel:
        return 0.0
    return person.travel.get(group.place, max(person.travel.values()))


def _wish(person: Person, group: Group) -> int:
    """0 for the first wish, 1 for the second ..; a group that is not wished for comes after the last."""
    return person.wishes.index(group.id) if group.id in person.wishes else len(person.wishes)
