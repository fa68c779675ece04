"""Goal attainment scaling: from the levels reached (-2 to +2) to one T score, mean 50 and standard deviation 10.

    T = 50 + 10 sum(w x) / sqrt((1 - rho) sum(w^2) + rho (sum w)^2)

The formulas of the paper of 2009 are wrong in print; this is the one of its erratum. Goals may be weighted.

Source: turner-stokes-2009, erratum, read in a stored copy. primary
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exrx.errors import InputFileError

LEAST, MOST = -2, 2
CORRELATION = 0.3
"""Expected correlation of a patient's goals (rho); the source's usual value."""
Floats = NDArray[np.float64]


def attainment(levels: Any, weights: Any = None, *, correlation: float = CORRELATION) -> tuple[Floats, Floats]:
    """The T score of N patients as an interval: equal ends where every goal has its level.

    Args:
        levels: (N, goals) levels -2, -1, 0, 1, 2; NaN for a goal that was not judged. A goal that a patient does not
            have has a weight of 0.
        weights: (N, goals) or (goals,), 0 or more; all 1 by default.
        correlation: the expected correlation of the goals, from 0 to 1.

    Returns:
        Two arrays (N,): the T score with every unjudged goal at -2 and at +2. NaN for a patient without goals.

    Raises:
        InputFileError: a level that is none of the five, a negative or missing weight, or shapes that do not fit.
    """
    reached = np.asarray(levels, np.float64)
    if reached.ndim != 2:
        raise InputFileError("the levels of goals are a table: one row a patient, one column a goal")
    judged = ~np.isnan(reached)
    if (judged & ((reached < LEAST) | (reached > MOST) | (reached != np.floor(reached)))).any():
        raise InputFileError("a goal's level is one of -2, -1, 0, 1, 2; leave it empty where the goal was not judged")
    weight = np.ones_like(reached) if weights is None else np.asarray(weights, np.float64)
    if weight.shape not in (reached.shape, reached.shape[1:]):
        raise InputFileError(f"{weight.shape} weights do not fit {reached.shape} goals: give one a goal")
    if np.isnan(weight).any() or (weight < 0).any():
        raise InputFileError("a goal's weight is 0 or more, and none may be missing")
    if not 0 <= correlation <= 1:
        raise InputFileError("the expected correlation of goals is between 0 and 1")
    weight = np.broadcast_to(weight, reached.shape)
    spread = np.sqrt((1 - correlation) * (weight**2).sum(axis=1) + correlation * weight.sum(axis=1) ** 2)
    ends = []
    for unjudged in (LEAST, MOST):
        total = (weight * np.where(judged, reached, unjudged)).sum(axis=1)
        score = np.full(len(reached), np.nan)
        np.divide(10 * total, spread, out=score, where=spread > 0)
        ends.append(50 + score)
    return ends[0], ends[1]
