"""Statistics of studies: shares, agreement beyond chance, bootstrap intervals over patients, rates of events.

    share         how often, with Wilson's interval (scipy)
    difference    of two shares, with Newcombe's interval from Wilson's
    ratio         of two shares, with Katz's interval (scipy)
    kappas        Cohen's kappa of tables, unweighted or weighted; many tables at once
    bootstrap     percentile intervals of anything that is computed from sums over patients
    rate          events per exposure, with the exact Poisson interval

Intervals are of 95 % unless another `level` is asked for. Nothing here knows a patient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

LEVEL = 0.95
TIMES = 2000
_DRAWN = 4_000_000  # numbers drawn at a time by the bootstrap, which bounds its memory
Floats = npt.NDArray[np.float64]
WEIGHTS = ("none", "linear", "quadratic")


@frozen
class Interval:
    """A value with its interval; `nan` where it is not defined, as a share of nobody. `n` is what it rests on."""

    value: float
    low: float
    high: float
    n: float

    def scaled(self, factor: float) -> Interval:
        """The same in another unit."""
        return Interval(self.value * factor, self.low * factor, self.high * factor, self.n)


def share(k: int, n: int, level: float = LEVEL) -> Interval:
    """k of n, with Wilson's interval; of nobody nothing is known: nan from 0 to 1.

    Raises:
        ValueError: k is below 0 or above n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share")
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0, 0)
    from scipy.stats import binomtest

    found = binomtest(k, n).proportion_ci(level, method="wilson")
    return Interval(k / n, float(found.low), float(found.high), n)


def difference(k: int, n: int, j: int, m: int, level: float = LEVEL) -> Interval:
    """k of n less j of m, with Newcombe's hybrid score interval (his method 10: Wilson's ends, squared and added).

    Where one of them is a share of nobody nothing is known: nan from -1 to 1.

    Raises:
        ValueError: k or j is below 0, or above n or m.

    Source: Newcombe 1998, Statist Med 17:873-890; checked against ends that are solved anew, and by drawing samples
    (tests/study/test_statistics.py).
    """
    one, other = share(k, n, level), share(j, m, level)
    if not (n and m):
        return Interval(float("nan"), -1.0, 1.0, n + m)
    value = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return Interval(value, max(value - below, -1.0), min(value + above, 1.0), n + m)


def ratio(k: int, n: int, j: int, m: int, level: float = LEVEL) -> Interval:
    """k of n over j of m, with Katz's interval on the logarithm; where k or j is 0 there is none: 0 to infinity.

    nan where the second share is 0 or one is a share of nobody.

    Raises:
        ValueError: k or j is below 0, or above n or m.
    """
    one, other = share(k, n, level), share(j, m, level)
    if not (k and j):
        return Interval(one.value / other.value if n and j else float("nan"), 0.0, float("inf"), n + m)
    from scipy.stats.contingency import relative_risk

    found = relative_risk(k, n, j, m)
    ends = found.confidence_interval(level)
    return Interval(float(found.relative_risk), float(ends.low), float(ends.high), n + m)


def rate(events: int, exposure: float, per: float = 1000.0, level: float = LEVEL) -> Interval:
    """Events per `per` units of exposure, with the exact Poisson interval (Garwood 1936, from chi-squared quantiles).

    Without exposure nothing is known: nan from 0 to infinity.

    Raises:
        ValueError: events or exposure below 0.
    """
    if events < 0 or not exposure >= 0:
        raise ValueError(f"{events} events in {exposure} is no rate")
    if exposure == 0:
        return Interval(float("nan"), 0.0, float("inf"), 0)
    from scipy.stats import chi2

    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return Interval(events / exposure * per, low / exposure * per, high / exposure * per, exposure)


def disagreement(levels: int, weights: str) -> Floats:
    """How far apart each pair of levels counts (levels, levels), 0 on the diagonal, 1 at most.

    `none` counts every difference alike, `linear` by steps, `quadratic` by steps squared.

    Raises:
        ValueError: another word.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights are {', '.join(WEIGHTS)}, not '{weights}'")
    steps = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels))).astype(np.float64)
    if weights == "none":
        return (steps > 0).astype(np.float64)
    steps /= max(levels - 1, 1)
    return steps if weights == "linear" else steps**2


def kappas(tables: npt.ArrayLike, weights: str | Floats = "none") -> Floats:
    """Cohen's kappa of each table (..., k, k) of counts: 1 - observed / expected disagreement.

    nan where no disagreement is expected (all answers alike, or no answers): then kappa says nothing.
    `weights` is a word of `disagreement`, or such a matrix.

    Source: Cohen 1960 and 1968; checked against the worked table of 1968 (tests/study/test_statistics.py).
    """
    counts = np.asarray(tables, np.float64)
    apart = disagreement(counts.shape[-1], weights) if isinstance(weights, str) else np.asarray(weights, np.float64)
    n = counts.sum((-2, -1))
    seen = (counts * apart).sum((-2, -1)) * n
    expected = np.einsum("...i,ij,...j->...", counts.sum(-1), apart, counts.sum(-2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - seen / expected, np.nan)


def bootstrap(
    kinds: npt.ArrayLike,
    counts: npt.ArrayLike,
    statistic: Callable[[Floats], Floats],
    *,
    seed: int,
    times: int = TIMES,
    level: float = LEVEL,
) -> list[Interval]:
    """Percentile intervals from drawing patients with replacement; whatever belongs to a patient is drawn with them.

    Patients who are alike in everything that the statistic uses are one kind, so that how often each kind is drawn is
    one multinomial number and the time does not depend on the number of patients.

    Args:
        kinds: (K, m) what one patient of each kind adds to m sums.
        counts: (K,) how many patients there are of each kind.
        statistic: sums (B, m) to statistics (B, s) or (B,), row by row.
        seed: the same seed gives the same intervals.
        times: how many samples are drawn.

    A sample in which a statistic is not defined (nan) is left out of its interval; without any the interval is nan.

    Raises:
        ValueError: kinds and counts of different lengths.
    """
    rows, many = np.asarray(kinds, np.float64), np.asarray(counts, np.int64)
    if rows.ndim != 2 or rows.shape[0] != many.size:
        raise ValueError(f"{many.size} counts for kinds of shape {rows.shape}")
    n = int(many.sum())
    values = _columns(statistic((many @ rows)[None]))[0]
    if n == 0:
        return [Interval(float(value), float("nan"), float("nan"), 0) for value in values]
    rng = np.random.default_rng(seed)
    step = max(_DRAWN // max(many.size, 1), 1)
    drawn = []
    for start in range(0, times, step):
        samples = rng.multinomial(n, many / n, size=min(step, times - start))
        drawn.append(_columns(statistic(samples @ rows)))
    tail = (1 - level) / 2
    found = np.concatenate(drawn)
    return [Interval(float(value), *_ends(found[:, place], tail), n) for place, value in enumerate(values)]


def _columns(found: Floats) -> Floats:
    return found[:, None] if found.ndim == 1 else found


def _ends(samples: Floats, tail: float) -> tuple[float, float]:
    known = samples[~np.isnan(samples)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def alike(columns: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The distinct rows of whole numbers (N, m), and how many rows are each: the kinds and counts of `bootstrap`."""
    kinds, counts = np.unique(columns, axis=0, return_counts=True)
    return kinds, counts.astype(np.int64)
