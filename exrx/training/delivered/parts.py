"""Dose metrics as records: what was done of what was planned, with the unknown left out and counted as nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from attrs import field, frozen

from exrx.training.targets import Words

SCHEMA = "exrx/delivered/1"
METRICS = ("minutes", "met_hours", "volume_load", "attendance")


@frozen
class Share:
    """What was done of what was planned: `planned_known` is planned where it is known what was done, `planned` all."""

    done: float
    planned_known: float
    planned: float

    @property
    def known(self) -> float | None:
        """Done / planned where it is known; None where nothing is."""
        return self.done / self.planned_known if self.planned_known else None

    @property
    def cautious(self) -> float | None:
        """Done / all planned, the unknown as nothing; None where nothing was planned."""
        return self.done / self.planned if self.planned else None

    def to_dict(self) -> dict[str, float | None]:
        """The share as JSON."""
        return {
            "done": self.done, "planned_known": self.planned_known, "planned": self.planned,
            "known": self.known, "cautious": self.cautious,
        }  # fmt: skip

    @classmethod
    def of(cls, pairs: Iterable[tuple[float | None, float]]) -> Share:
        """The sum of (done, planned) pairs; done None is not known."""
        pairs = list(pairs)
        known = [(done, planned) for done, planned in pairs if done is not None]
        done, planned_known = (float(sum(column)) for column in zip(*known, strict=True)) if known else (0.0, 0.0)
        return cls(done, planned_known, float(sum(planned for _, planned in pairs)))


@frozen
class Misses:
    """Runs of missed sessions: `interruptions` of 3 or more, `short` of 1-2."""

    interruptions: int
    short: int


@frozen
class Delivered:
    """What one person got of the plan up to a day.

    `due` sessions are those before `as_of` and those logged; later ones count nowhere. `attended` = done in full or
    partly. Counts of sessions: `modified` (fewer minutes, intervals, sets, repetitions or kilograms than planned, or
    lowered before the start), `terminated_early`, `pre_lowered`. `discontinued` is yes, no or unknown. `met_hours` and
    `volume_load` are None where no MET or no planned load is known; `without_met` names the exercises that lack one.
    """

    patient: str
    as_of: date
    planned: int
    due: int
    attended: int
    completed: int
    missed: int
    not_known: int
    attendance: Share
    misses: Misses
    misses_cautious: Misses
    discontinued: str
    modified: int
    terminated_early: int
    pre_lowered: int
    minutes: Share
    met_hours: Share | None
    volume_load: Share | None
    phys_can: dict[str, Share] = field(factory=dict)
    stop_reasons: dict[str, int] = field(factory=dict)
    without_met: tuple[str, ...] = ()

    def cert_16b(self) -> Words:
        """CERT item 16b, the extent to which the training was delivered as planned, in one line."""
        rdi, cautious = _percent(self.minutes.known), _percent(self.minutes.cautious)
        return {
            "da": f"{self.attended} af {self.due} planlagte træninger gennemført helt eller delvist, {self.not_known} "
            f"ikke kendt; relativ dosis {rdi} af minutterne ({cautious}, hvis det ukendte tæller som intet); "
            f"{self.modified} træninger nedsat, {self.terminated_early} stoppet før tid, "
            f"{self.misses.interruptions} afbrydelser.",
            "en": f"{self.attended} of {self.due} planned sessions done in full or in part, "
            f"{self.not_known} not known; relative dose intensity {rdi} of the minutes "
            f"({cautious} with the unknown as nothing); "
            f"{self.modified} sessions modified, {self.terminated_early} terminated early, "
            f"{self.misses.interruptions} interruptions.",
        }

    def to_dict(self) -> dict[str, Any]:
        """The metrics as the JSON object of schema `exrx/delivered/1`."""
        counts = (
            "planned", "due", "attended", "completed", "missed", "not_known", "modified", "terminated_early",
            "pre_lowered", "discontinued",
        )  # fmt: skip
        shares = {name: share.to_dict() if (share := getattr(self, name)) else None for name in METRICS}
        return {
            "schema": SCHEMA,
            "patient": self.patient,
            "as_of": self.as_of.isoformat(),
            **{name: getattr(self, name) for name in counts},
            **shares,
            "misses": {"known": _misses_json(self.misses), "cautious": _misses_json(self.misses_cautious)},
            "phys_can": {name: share.to_dict() for name, share in self.phys_can.items()},
            "stop_reasons": dict(self.stop_reasons),
            "without_met": list(self.without_met),
            "cert_16b": self.cert_16b(),
        }


def _misses_json(misses: Misses) -> dict[str, int]:
    return {"interruptions": misses.interruptions, "short": misses.short}


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.0f} %"
