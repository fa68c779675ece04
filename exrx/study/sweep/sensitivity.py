"""How much of the spread of a result each varied number accounts for.

First order: the share of the variance that would go if the number were fixed. Total order: the share that would be left
if everything else were fixed; what is more than the first order comes from numbers acting together.

Sobol design: the estimators of Saltelli et al. 2010 (doi:10.1016/j.cpc.2009.09.018), first order by table 2 (b), total
order by table 2 (f), which is Jansen's of 1999, both as `scipy.stats.sobol_indices` computes them:

    S_i = mean(f_B (f_ABi - f_A)) / V      T_i = mean((f_A - f_ABi)^2) / (2 V)

Intervals: percentiles of the bootstrap over the N samples. Grid: both by the law of total variance over all
combinations, exactly, without interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import frozen

Floats = npt.NDArray[np.float64]
RESAMPLES, LEVEL = 300, 0.95


@frozen
class Index:
    """One number's first and total order for one result, each with its interval; None on a grid, which has none."""

    first: float
    total: float
    first_interval: tuple[float, float] | None = None
    total_interval: tuple[float, float] | None = None


def grid_indices(result: Floats, sizes: Sequence[int]) -> list[Index]:
    """The indices of a result (V,) over a full grid with so many values an axis; empty where nothing varies."""
    grid = result.reshape(tuple(sizes))
    whole = grid.var()
    if not np.ptp(grid) or not whole:  # nothing varies, or by less than a number can hold
        return []
    found = []
    for axis in range(grid.ndim):
        others = tuple(other for other in range(grid.ndim) if other != axis)
        fixed = grid.mean(axis=others) if others else grid
        found.append(Index(float(fixed.var() / whole), float(1 - grid.mean(axis=axis).var() / whole)))
    return found


def sobol_with_intervals(result: Floats, axes: int, *, seed: int, resamples: int = RESAMPLES) -> list[Index]:
    """The indices of a result (N (axes + 2),) over a Sobol design, ordered A, B, AB; empty where nothing varies."""
    parts = result.reshape(axes + 2, -1)
    if not np.ptp(parts[:2]):
        return []
    if axes == 1:  # the only number that is varied accounts for everything
        return [Index(1.0, 1.0)]
    n = parts.shape[1]
    whole = _indices(parts, np.arange(n))
    rng = np.random.default_rng(seed)
    drawn = np.stack([_indices(parts, rng.integers(0, n, n)) for _ in range(resamples)])
    edges = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return [
        Index(
            float(whole[0, axis]), float(whole[1, axis]),
            (float(edges[0, 0, axis]), float(edges[1, 0, axis])), (float(edges[0, 1, axis]), float(edges[1, 1, axis])),
        )
        for axis in range(axes)
    ]  # fmt: skip


def _indices(parts: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    """(2, axes): first and total order from some of the samples; not a number where these do not vary."""
    from scipy.stats import sobol_indices

    f_a, f_b, f_ab = parts[:1, rows], parts[1:2, rows], parts[2:, np.newaxis, rows]
    if not np.ptp([f_a, f_b]):
        return np.full((2, len(f_ab)), np.nan)
    found = sobol_indices(func={"f_A": f_a, "f_B": f_b, "f_AB": f_ab}, n=rows.size)
    return np.stack([found.first_order.ravel(), found.total_order.ravel()])
