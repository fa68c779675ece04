"""What people add to a plan, in one file: details (goals, loads, who) and the frame (days, class, treatment, phase)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, fields, frozen

from exrx.training.details import Details, check_keys
from exrx.training.weeks.schedule import Frame

FRAME_KEYS = ("days", "treatment", "class")
_DETAIL_KEYS = tuple(part.name for part in fields(Details))


@frozen
class Wishes:
    """A details file: `details`, `frame`, and the `phase` where it says one."""

    details: Details = field(factory=Details)
    frame: Frame = field(factory=Frame)
    phase: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Wishes:
        """From a mapping with the keys of `Details`, `days`, `treatment`, `class` and `phase`.

        Raises:
            PlanError: an unknown key, or a value that cannot be used; the message names it.
        """
        given = given or {}
        check_keys("the details", given, (*_DETAIL_KEYS, *FRAME_KEYS, "phase"))
        details = Details.of({key: value for key, value in given.items() if key in _DETAIL_KEYS})
        frame = Frame.of({key: value for key, value in given.items() if key in FRAME_KEYS})
        phase = given.get("phase")
        return cls(details, frame, None if phase is None else str(phase))

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
