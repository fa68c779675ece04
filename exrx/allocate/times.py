"""Weekly times as they are written: `mon 09:00-10:30; thu`, in Danish or English."""

from __future__ import annotations

import re

from attrs import frozen

_DAYS = {
    **{word: day for day, words in enumerate((
        ("mon", "monday", "man", "mandag"), ("tue", "tuesday", "tir", "tirsdag"), ("wed", "wednesday", "ons", "onsdag"),
        ("thu", "thursday", "tor", "torsdag"), ("fri", "friday", "fre", "fredag"), ("sat", "saturday", "lør", "lørdag"),
        ("sun", "sunday", "søn", "søndag"),
    )) for word in words},
}  # fmt: skip
_TIME = re.compile(r"(?P<day>[a-zæøå]+)\s*(?:(?P<h1>\d{1,2})[:.](?P<m1>\d\d)\s*-\s*(?P<h2>\d{1,2})[:.](?P<m2>\d\d))?")
_WHOLE_DAY = (0, 24 * 60)


@frozen(order=True)
class Span:
    """A weekly time: the day from Monday 0, minutes from midnight, the end not included."""

    day: int
    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a minute in common."""
        return self.day == other.day and self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether the other lies within this one."""
        return self.day == other.day and self.start <= other.start and other.end <= self.end


def read_times(text: str) -> tuple[Span, ...]:
    """The times of a cell, in the order of the week.

    Raises:
        ValueError: a part is no weekly time; the message says how one is written.
    """
    return tuple(sorted(_span(part.strip()) for part in text.split(";") if part.strip()))


def _span(part: str) -> Span:
    found = _TIME.fullmatch(part.casefold())
    day = _DAYS.get(found["day"]) if found else None
    if found is None or day is None:
        raise ValueError(f"'{part}' is no weekly time; write it as mon 09:00-10:30, or thu for the whole day")
    if found["h1"] is None:
        return Span(day, *_WHOLE_DAY)
    start, end = (int(found[f"h{i}"]) * 60 + int(found[f"m{i}"]) for i in (1, 2))
    if not (start < end <= _WHOLE_DAY[1] and int(found["m1"]) < 60 and int(found["m2"]) < 60):
        raise ValueError(f"'{part}': the end comes after the start, and both within the day")
    return Span(day, start, end)
