"""Who may go where: what a decision, a language, a time and a journey allow, one reason at a time."""

from __future__ import annotations

from collections.abc import Callable

from exrx.allocate.read import Group, Person

MISFITS = ("kind", "supervision", "language", "time", "travel")
"""What can keep a cleared patient out of a group, each by itself."""


def misfits(person: Person, group: Group, *, closer: bool = False) -> tuple[str, ...]:
    """What keeps a cleared patient out of a group; empty where the patient fits.

    `closer` lets a patient into a class that is followed more closely than the track asks for.
    """
    return tuple(name for name, fits in _RULES.items() if not fits(person, group, closer))


def _kind(person: Person, group: Group, closer: bool) -> bool:
    if person.track is None:
        return False
    return group.kind == person.track or (closer and group.kind > person.track)


def _supervision(person: Person, group: Group, closer: bool) -> bool:
    return person.supervision is None or group.supervision >= person.supervision


def _language(person: Person, group: Group, closer: bool) -> bool:
    return not person.languages or not group.languages or bool(person.languages & group.languages)


def _time(person: Person, group: Group, closer: bool) -> bool:
    return not person.times or all(any(free.holds(span) for free in person.times) for span in group.times)


def _travel(person: Person, group: Group, closer: bool) -> bool:
    """A journey of unknown length is not within a limit."""
    if person.travel_max is None or not group.place:
        return True
    minutes = person.travel.get(group.place)
    return minutes is not None and minutes <= person.travel_max


_RULES: dict[str, Callable[[Person, Group, bool], bool]] = {
    "kind": _kind, "supervision": _supervision, "language": _language, "time": _time, "travel": _travel,
}  # fmt: skip
