"""What chemotherapy does to the blood of many patients, day by day, and what a laboratory writes of it."""

from __future__ import annotations

import numpy as np

from exrx.study.findings import Column, written
from exrx.study.marrow import Course, Floats, Marrow
from exrx.study.regimens import parameters


class Bodies:
    """Both lineages and haemoglobin of n patients; `[first:]` are the rows that still move.

    Doses are halved where counts have not recovered, but for a patient's first; nobody's course is delayed.
    """

    def __init__(self, marrow: tuple[Marrow, Marrow], haemoglobin: Floats) -> None:
        known = parameters()
        self.white, self.plates = Course(marrow[0]), Course(marrow[1])
        self.red = Red(haemoglobin, marrow[1].sensitivity)
        names = ("reduce_below", "reduce_platelets_below", "reduced_dose")
        self.low, self.lowest, self.reduced = (known.number("support", name) for name in names)

    @property
    def counts(self) -> dict[str, Floats]:
        """The true counts: neutrophils and platelets (10^9/L), haemoglobin (mmol/L)."""
        return {"neutrophils": self.white.count, "platelets": self.plates.count, "haemoglobin": self.red.level}

    def dose(self, white_h: Floats, plates_h: Floats, later: Column | bool, first: int = 0) -> None:
        """Give rows `[first:]` a dose of these effects (h, 0 for none); `later` where it is not the first."""
        held = (self.white.count[first:] < self.low) | (self.plates.count[first:] < self.lowest)
        part = np.where(held & later, self.reduced, 1.0)
        self.white.dose(white_h * part, first)
        self.plates.dose(plates_h * part, first)
        self.red.dose(plates_h * part, first)

    def day(self, number: int, first: int = 0) -> None:
        """Let the day with this number pass for rows `[first:]`."""
        self.white.day(first)
        self.plates.day(first)
        self.red.day(number, first)


class Red:
    """Haemoglobin (mmol/L): a decline after each dose and a slow recovery, lifted by transfusions. Not a cell model."""

    def __init__(self, level: Floats, sensitivity: Floats) -> None:
        known = parameters()
        self.base = level
        self.coming, self.lost = np.zeros_like(self.base), np.zeros_like(self.base)
        self.given = np.zeros_like(self.base)
        self.transfused = np.full(self.base.size, -1)
        self.fall = known.number("support", "haemoglobin_fall") * sensitivity
        self.kept = float(np.exp(-1 / known.number("support", "haemoglobin_recovery_days")))
        self.trigger, self.gain = (known.number("support", name) for name in ("transfuse_below", "transfusion_gain"))

    @property
    def level(self) -> Floats:
        return np.maximum(self.base * np.exp(-self.lost) + self.given, 3.0)

    def dose(self, effect_h: Floats, first: int) -> None:
        self.coming[first:] += self.fall[first:] * effect_h

    def day(self, day: int, first: int) -> None:
        moved = 0.1 * self.coming[first:]
        self.coming[first:] -= moved
        self.lost[first:] = self.lost[first:] * self.kept + moved
        self.given[first:] *= self.kept
        if day % 7 == 6:
            level = self.base[first:] * np.exp(-self.lost[first:]) + self.given[first:]
            low = level < self.trigger
            self.given[first:] += self.gain * low
            self.transfused[first:] = np.where(low, day, self.transfused[first:])


def measured(rng: np.random.Generator, counts: dict[str, Floats]) -> dict[str, Column]:
    """What a laboratory writes: noise and rounding on the true counts."""
    known = parameters()

    def noisy(name: str) -> Floats:
        found = counts[name]
        return found * np.exp(rng.normal(0, known.lineage(name, "noise"), found.size))

    white, noise = noisy("neutrophils"), written("laboratory", "haemoglobin_noise")
    spread = rng.normal(0, written("laboratory", "lymphocytes_spread"), white.size)
    others = known.number("support", "lymphocytes") * np.exp(spread)
    return {
        "platelets": np.round(noisy("platelets")),
        "neutrophils": np.round(white, 2),
        "leukocytes": np.round(white + others, 2),
        "haemoglobin [mmol/L]": np.round(counts["haemoglobin"] + rng.normal(0, noise, white.size), 1),
    }
