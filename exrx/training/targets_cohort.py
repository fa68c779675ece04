"""Weekly targets for many people at once: the same requirements as `check_week`, on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.errors import PlanError
from exrx.training.targets import DAYS_A_WEEK, Requirement, Target, load_target

Numbers = npt.NDArray[np.float64]
_MOST_MINUTES = 1440.0


@frozen(eq=False)
class CohortWeek:
    """One week of activity of N people, in minutes; NaN is unknown.

    `moderate` (N, 7); `vigorous_bouts` (N, 7, B) unbroken bouts, 0 where there is none; `strength` (N, 7) 1 or 0;
    `interval_work` and `interval_whole` (N, 7, C): minutes of vigorous work, and from first to last work.
    """

    moderate: Numbers
    vigorous_bouts: Numbers
    strength: Numbers
    interval_work: Numbers
    interval_whole: Numbers

    @classmethod
    def of(
        cls, moderate: Any, vigorous_bouts: Any, strength: Any, interval_work: Any = None, interval_whole: Any = None
    ) -> CohortWeek:
        """The week from anything that NumPy reads; (N, 7) counts as one bout a day.

        Raises:
            PlanError: an array is not (N, 7) or (N, 7, B), or holds minutes that do not fit into a day.
        """
        days = _minutes("moderate", moderate)
        if days.ndim != 2 or days.shape[1] != DAYS_A_WEEK:
            raise PlanError(f"moderate must have {DAYS_A_WEEK} columns, a day each; its shape is {days.shape}")
        none = np.zeros((*days.shape, 1))
        bouts = _as_bouts("vigorous_bouts", vigorous_bouts, days.shape)
        work = none if interval_work is None else _as_bouts("interval_work", interval_work, days.shape)
        whole = none if interval_whole is None else _as_bouts("interval_whole", interval_whole, days.shape)
        trained = np.asarray(strength, np.float64)
        if trained.shape != days.shape or work.shape != whole.shape:
            raise PlanError("strength must have the shape of moderate, interval_work that of interval_whole")
        return cls(days, bouts, trained, work, whole)

    @property
    def vigorous(self) -> Numbers:
        """Vigorous minutes a day (N, 7), without the rests of intervals."""
        return np.asarray(self.vigorous_bouts.sum(axis=2) + self.interval_work.sum(axis=2))

    def filled(self, minutes: float, trained: float) -> CohortWeek:
        """The week with every unknown set to these."""
        names = ("moderate", "vigorous_bouts", "interval_work", "interval_whole")
        moderate, bouts, work, whole = (np.nan_to_num(getattr(self, name), nan=minutes) for name in names)
        return CohortWeek(moderate, bouts, np.nan_to_num(self.strength, nan=trained), work, whole)


def _minutes(name: str, given: Any) -> Numbers:
    numbers = np.asarray(given, np.float64)
    with np.errstate(invalid="ignore"):
        wrong = (numbers < 0) | (numbers > _MOST_MINUTES)
    if wrong.any():
        raise PlanError(f"{name} must be minutes of one day (0 to 1440); row {int(np.argwhere(wrong)[0][0])} is not")
    return numbers


def _as_bouts(name: str, given: Any, days: tuple[int, ...]) -> Numbers:
    numbers = _minutes(name, given)
    numbers = numbers[..., None] if numbers.ndim == 2 else numbers
    if numbers.ndim != 3 or numbers.shape[:2] != days:
        raise PlanError(f"{name} must be (N, 7) or (N, 7, bouts) for the same people; its shape is {numbers.shape}")
    return numbers


@frozen(eq=False)
class CohortTargets:
    """Of N people whether the week meets a target.

    `met` (N,): certainly; unknown minutes count as none. `possible` (N,): could be, if what is unknown were enough.
    `got` (N, R): what each requirement counts, in its own unit; `needed` (R,).
    """

    target: str
    met: npt.NDArray[np.bool_]
    possible: npt.NDArray[np.bool_]
    got: Numbers
    needed: Numbers


def _weekly_minutes(week: CohortWeek, asked: Requirement) -> Numbers:
    return np.asarray(week.moderate.sum(axis=1) + asked.numbers["vigorous_counts"] * week.vigorous.sum(axis=1))


def _daily_minutes(week: CohortWeek, asked: Requirement) -> Numbers:
    return np.asarray((week.moderate + week.vigorous >= asked.numbers["minutes"]).sum(axis=1), np.float64)


def _vigorous_bouts(week: CohortWeek, asked: Requirement) -> Numbers:
    minutes, rule = asked.numbers["minutes"], asked.choices["rule"]
    if rule == "summed":
        counts = np.floor_divide(week.vigorous, minutes)
    else:
        counts = (week.vigorous_bouts >= minutes).sum(axis=2)
        if rule == "intervals":
            counts = counts + (week.interval_whole >= minutes).sum(axis=2)
    once = asked.choices["on_distinct_days"] == "yes"
    return np.asarray((np.minimum(counts, 1) if once else counts).sum(axis=1), np.float64)


def _strength_days(week: CohortWeek, asked: Requirement) -> Numbers:
    return np.asarray((week.strength > 0).sum(axis=1), np.float64)


_KINDS: dict[str, tuple[str, Callable[[CohortWeek, Requirement], Numbers]]] = {
    "weekly-minutes": ("minutes", _weekly_minutes),
    "daily-minutes": ("days", _daily_minutes),
    "vigorous-bouts": ("bouts", _vigorous_bouts),
    "strength-days": ("days", _strength_days),
}


def check_weeks(week: CohortWeek, target: str | Target) -> CohortTargets:
    """Whether each person's week meets `target`; of a week without unknowns the same answer as `check_week`.

    Raises:
        PlanError: there is no such target.
    """
    named = load_target(target)
    least, most = week.filled(0.0, 0.0), week.filled(_MOST_MINUTES, 1.0)
    needed = np.array([each.numbers[_KINDS[each.kind][0]] for each in named.requirements], np.float64)
    got, could = (
        np.stack([_KINDS[each.kind][1](known, each) for each in named.requirements], axis=1) for known in (least, most)
    )
    met, possible = (np.asarray((counted >= needed).all(axis=1), np.bool_) for counted in (got, could))
    return CohortTargets(named.id, met, possible, got, needed)
