"""What people add to a plan, in one file: details (goals, loads, who) and the frame (days, class, treatment, phase)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, fields, frozen

from exrx.training.details import Details, check_keys
from exrx.training.template import WEEKDAYS
from exrx.training.weeks.schedule import Frame

FRAME_KEYS = ("days", "treatment", "class")
_DETAIL_KEYS = tuple(part.name for part in fields(Details))


@frozen
class Wishes:
    """A details file: `details`, `frame`, the `phase` where it says one, and `times` of the day for the calendar."""

    details: Details = field(factory=Details)
    frame: Frame = field(factory=Frame)
    phase: str | None = None
    times: dict[int | str, str] = field(factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Wishes:
        """From a mapping with the keys of `Details`, `days`, `treatment`, `class`, `phase` and `times`.

        Raises:
            PlanError: an unknown key, or a value that cannot be used; the message names it.
        """
        given = given or {}
        check_keys("the details", given, (*_DETAIL_KEYS, *FRAME_KEYS, "phase", "times"))
        details = Details.of({key: value for key, value in given.items() if key in _DETAIL_KEYS})
        frame = Frame.of({key: value for key, value in given.items() if key in FRAME_KEYS})
        phase = given.get("phase")
        return cls(details, frame, None if phase is None else str(phase), _times(given.get("times"), frame))

    def with_phones(self, local: Mapping[str, Any] | None) -> Wishes:
        """The same with the phone numbers (and contact) of a local file where this one has none.

        Raises:
            PlanError: the local file holds anything but `phones` and `contact`.
        """
        check_keys("the local file", local or {}, ("phones", "contact"))
        own = Details.of(local)
        details = evolve(
            self.details,
            phones=self.details.phones or own.phones,
            contact=self.details.contact or own.contact,
        )
        return evolve(self, details=details)


def _times(given: Any, frame: Frame) -> dict[int | str, str]:
    """When sessions begin, by weekday or `home`; a class's own time holds where nothing else is said."""
    check_keys("times", given or {}, (*WEEKDAYS, "home"))
    own = frame.klass
    usual = {WEEKDAYS[day]: own.start for day in own.training_weekdays} if own and own.start else {}
    return usual | {day: str(at) for day, at in (given or {}).items()}
