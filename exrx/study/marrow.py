"""Blood cells under chemotherapy, after Friberg 2002, for many patients at once.

    proliferating P -> transit T1 -> T2 -> T3 -> circulating C          all with the rate k = 4 / transit time
    dP/dt = k P ((C0 / C)^feedback - 1)     dT1/dt = k (P - T1)   ..   dC/dt = k (T3 - C)

A dose is an impulse, P := P exp(-k effect (C0 / C)^feedback): the exposure of some hours or days at one moment. Between
doses one step is exact for the chain (P taken as linear within the step) and second order in the feedback; every
coefficient is positive, so counts stay positive, and without a dose the baseline is a fixed point.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS_A_DAY = 4
"""Steps of six hours: within 1 % of scipy's solver (tests/test_synth.py)."""
_LEAST = 1e-12
"""Part of the baseline below which no dose takes the proliferating pool, so that it never underflows to zero."""


@frozen(eq=False)
class Marrow:
    """One lineage of n patients: baseline (10^9/L), transit time (h), feedback, and effect of a dose (a factor)."""

    baseline: Floats
    transit_h: Floats
    feedback: Floats
    sensitivity: Floats

    @property
    def rate(self) -> Floats:
        """Transitions a day."""
        return 96.0 / self.transit_h

    def rows(self, chosen: Any) -> Marrow:
        """The same of some patients."""
        return Marrow(*(part[chosen] for part in (self.baseline, self.transit_h, self.feedback, self.sensitivity)))


class Course:
    """The state of a lineage as the days pass; `part` shrinks the rows that still move to `[first:]`."""

    def __init__(self, marrow: Marrow, steps_a_day: int = STEPS_A_DAY) -> None:
        self.marrow, self.steps = marrow, steps_a_day
        self.state = np.repeat(marrow.baseline[None, :], 5, axis=0)
        self.power = np.ones_like(marrow.baseline)
        x = marrow.rate / steps_a_day
        decay = np.exp(-x)
        self.x = x
        self.carry = np.stack([decay, decay * x, decay * x**2 / 2, decay * x**3 / 6])
        filled = 1 - np.cumsum(self.carry, axis=0)
        late = (x - np.cumsum(filled, axis=0)) / x
        self.early, self.late = filled - late, late

    @property
    def count(self) -> Floats:
        """The circulating cells, 10^9/L."""
        return self.state[4]

    def dose(self, effect_h: Floats, first: int = 0) -> None:
        """Give rows `[first:]` a dose of this effect (h, 0 for none)."""
        part = slice(first, None)
        marrow = self.marrow
        hit = marrow.rate[part] / 24.0 * effect_h * marrow.sensitivity[part] * self.power[part]
        self.state[0, part] = np.maximum(self.state[0, part] * np.exp(-hit), _LEAST * marrow.baseline[part])

    def day(self, first: int = 0) -> None:
        """Let a day pass for rows `[first:]`."""
        part = slice(first, None)
        p, t1, t2, t3, c = self.state[:, part]
        c0, feedback, x = self.marrow.baseline[part], self.marrow.feedback[part], self.x[part]
        k0, k1, k2, k3 = self.carry[:, part]
        early, late, power = self.early[:, part], self.late[:, part], self.power[part]
        for _ in range(self.steps):
            guess = p * np.exp(x * (power - 1))
            c *= k0
            c += k1 * t3 + k2 * t2 + k3 * t1 + early[3] * p + late[3] * guess
            now = (c0 / c) ** feedback
            new = p * np.exp(x * ((power + now) / 2 - 1))
            t3 *= k0
            t3 += k1 * t2 + k2 * t1 + early[2] * p + late[2] * new
            t2 *= k0
            t2 += k1 * t1 + early[1] * p + late[1] * new
            t1 *= k0
            t1 += early[0] * p + late[0] * new
            p[:], power[:] = new, now
