"""Dose metrics of a group: relative dose intensity both ways, and many people at once as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.errors import PlanError
from exrx.training.adaptations import everyone
from exrx.training.delivered.parts import METRICS, Delivered

Floats = npt.NDArray[np.float64]


@frozen
class GroupRdi:
    """Relative dose intensity of a group, both ways: the mean of each person's ratio, which is the one to report, and
    the ratio of the group's sums. They differ (trap X4). `n` counts those with a ratio, `left_out` those without.
    """

    metric: str
    n: int
    left_out: int
    mean_of_ratios: float | None
    ratio_of_sums: float | None
    mean_of_ratios_cautious: float | None
    ratio_of_sums_cautious: float | None


def group_rdi(people: Iterable[Delivered], metric: str = "minutes") -> GroupRdi:
    """The group's relative dose intensity in one of `METRICS`.

    Raises:
        PlanError: there is no such metric.
    """
    if metric not in METRICS:
        raise PlanError(f"there is no metric '{metric}'. Use one of: {', '.join(METRICS)}")
    everybody = [getattr(person, metric) for person in people]
    shares = [share for share in everybody if share is not None]
    ratios, careful = ([r for s in shares if (r := getattr(s, name)) is not None] for name in ("known", "cautious"))
    done, known, planned = (sum(getattr(s, name) for s in shares) for name in ("done", "planned_known", "planned"))
    return GroupRdi(
        metric, len(ratios), len(everybody) - len(ratios), _mean(ratios), done / known if known else None,
        _mean(careful), done / planned if planned else None,
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


@frozen(eq=False)
class DeliveredMany:
    """The metrics of N people as arrays of N; NaN where a person has nothing to count."""

    attendance: Floats
    attendance_cautious: Floats
    rdi: Floats
    rdi_cautious: Floats
    interruptions: npt.NDArray[np.int64]
    interruptions_cautious: npt.NDArray[np.int64]
    short_misses: npt.NDArray[np.int64]
    ratio_of_sums: float

    @property
    def mean_of_ratios(self) -> float:
        """The mean of each person's RDI; people without one are left out."""
        return float(np.nanmean(self.rdi)) if np.isfinite(self.rdi).any() else float("nan")


def delivered_many(planned: npt.ArrayLike, done: npt.ArrayLike, fewest: int | None = None) -> DeliveredMany:
    """The metrics of many people at once, equal to `delivered` person by person where minutes are known.

    Args:
        planned: dose of each session, (N, sessions), in one unit; 0 or NaN where a person has no session.
        done: dose done in the same unit, 0 for a missed session, NaN where it is not known.
        fewest: sessions in a row that are an interruption; by default the shipped number (3).

    Raises:
        PlanError: the shapes differ, or a dose is negative.
    """
    plan, got = np.asarray(planned, dtype=float), np.asarray(done, dtype=float)
    if plan.ndim != 2 or plan.shape != got.shape:
        raise PlanError(f"planned and done must be two tables of one shape, not {plan.shape} and {got.shape}")
    if (plan < 0).any() or (got < 0).any():
        raise PlanError("a dose cannot be negative")
    there = np.nan_to_num(plan) > 0
    known = there & np.isfinite(got)
    least = everyone().number("interruption_sessions") if fewest is None else fewest
    dose = np.where(known, got, 0.0).sum(axis=1)
    size, size_known = (np.where(mask, np.nan_to_num(plan), 0.0).sum(axis=1) for mask in (there, known))
    attended = (known & (np.nan_to_num(got) > 0)).sum(axis=1)
    sure, careful = _runs_many(there, known & (got == 0), least), _runs_many(there, there & ~(got > 0), least)
    return DeliveredMany(
        attendance=_ratio(attended, known.sum(axis=1)),
        attendance_cautious=_ratio(attended, there.sum(axis=1)),
        rdi=_ratio(dose, size_known),
        rdi_cautious=_ratio(dose, size),
        interruptions=sure[0],
        interruptions_cautious=careful[0],
        short_misses=sure[1],
        ratio_of_sums=float(dose.sum() / size_known.sum()) if size_known.sum() else float("nan"),
    )


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _runs_many(
    there: npt.NDArray[np.bool_], missed: npt.NDArray[np.bool_], fewest: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Runs of at least `fewest` misses and shorter ones; a column without a session does not end a run."""
    order = np.argsort(~there, axis=1, kind="stable")
    rows = np.take_along_axis(missed & there, order, axis=1)
    run, long, short = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
    for column in range(rows.shape[1] + 1):
        miss = rows[:, column] if column < rows.shape[1] else np.zeros(len(rows), dtype=bool)
        ends = ~miss & (run > 0)
        long, short = long + (ends & (run >= fewest)), short + (ends & (run < fewest))
        run = np.where(miss, run + 1, 0)
    return long, short
