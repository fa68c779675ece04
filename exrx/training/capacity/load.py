"""Training load: session RPE, the week with its monotony and strain, TRIMP, EWMA, volume load and MET hours.

The conventions differ between pages and change the numbers, so each is an argument with no default. The bands
quoted for monotony, strain and the acute:chronic ratio come from athletes and were never shown to hold in
oncology; none is built in. Daily loads stand in the last axis.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from exrx.errors import PlanError
from exrx.training.capacity.formula import (
    HEART_RATE,
    HR_MAX,
    HR_REST,
    MINUTES,
    Answer,
    Array,
    Formula,
    Numbers,
    Outside,
    Range,
    answer,
)
from exrx.training.capacity.heart_rate import percent_hrr
from exrx.training.capacity.metabolic import met_minutes

DAYS_A_WEEK = 7
FEMALE_MULTIPLIERS = (0.64, 0.86)
_CR10 = Range("rpe", 0, 10, "on the CR10 scale", "read")
_DAILY = Range("daily", 0, 100_000, "a day")
_RESERVE = Range("percent of heart-rate reserve", 0, 100, "%")
_SETS = Range("sets", 0, 100, "")
_REPS = Range("repetitions", 0, 1000, "")
_KG = Range("kg", 0, 1000, "kg")

SESSION_RPE = Formula(
    "session-rpe", "Session-RPE load", "CR10 x minutes", "AU", "load.session_load", (_CR10, MINUTES), "soccermon-2024",
    "secondary", note="Rated about 30 minutes after the session.",
)  # fmt: skip
MONOTONY = Formula(
    "monotony", "Monotony", "mean daily load / SD of daily loads", "", "load.monotony", (_DAILY,), "soccermon-2024",
    "secondary", note="Rest days (counted or left out) and SD (sample or population) are named by the caller.",
)  # fmt: skip
STRAIN = Formula(
    "strain", "Strain", "weekly load x monotony", "AU", "load.strain", (_DAILY,), "soccermon-2024", "secondary",
    note="The same conventions as monotony.",
)  # fmt: skip
TRIMP = Formula(
    "trimp", "TRIMP (exponential)", "min x HRr x b exp(c HRr); men b 0.64, c 1.92; women c 1.67, b as named", "AU",
    "load.trimp", (MINUTES, HEART_RATE, HR_MAX, HR_REST), "session-load-pages", "unverified",
    note="The women's multiplier is printed as 0.64 and as 0.86: the caller names one.",
)  # fmt: skip
EWMA = Formula(
    "ewma", "Exponentially weighted moving average", "E = k load + (1 - k) E before, k = 2 / (N + 1)", "as the load",
    "load.ewma", (_DAILY,), "session-load-pages", "unverified",
)  # fmt: skip
VOLUME = Formula(
    "volume-load", "Volume load", "repetitions x sets x kg", "kg", "load.volume_load", (_REPS, _SETS, _KG),
    "volume-load-2020", "primary",
)  # fmt: skip
MET_HOURS = Formula(
    "met-hours", "MET hours", "MET x minutes / 60", "MET h", "load.met_hours", (MINUTES,), "met-hours-2018", "primary"
)
FORMULAS = (SESSION_RPE, MONOTONY, STRAIN, TRIMP, EWMA, VOLUME, MET_HOURS)


def session_load(rpe: Numbers, minutes: Numbers, *, outside: Outside = "raise") -> Answer:
    """CR10 rating x minutes, in arbitrary units: 60 minutes at 7 are 420. NaN where an input is unknown.

    Raises:
        PlanError: a rating outside 0 to 10 (a Borg 6-20 rating does not belong here) or minutes outside a day.

    Source: the formula table of the SoccerMon data set (2024). secondary
    """
    rating, time = SESSION_RPE.read(outside, rpe=rpe, minutes=minutes)
    return answer(rating * time)


def weekly_load(daily: Numbers, *, outside: Outside = "raise") -> Answer:
    """The sum of seven daily loads (last axis). An unknown day makes the week unknown; rest days are 0.

    Raises:
        PlanError: not seven days, or a negative load.

    Source: as `session_load`. secondary
    """
    return answer(_week(daily, outside).sum(axis=-1))


def monotony(
    daily: Numbers,
    *,
    sd: Literal["sample", "population"],
    rest_days: Literal["count", "omit"] = "count",
    outside: Outside = "raise",
) -> Answer:
    """Mean of the week's daily loads divided by their SD (last axis: seven days, rest days as 0).

    `sd` names the divisor (n - 1 or n) and must be given; `rest_days="omit"` leaves days without load out. For
    420, 0, 675, 0, 90, 0, 0 monotony is 0.625 (sample) or 0.676 (population). NaN where a day is unknown, where
    all counted days are equal (no spread: undefined, not infinite) and where too few days are left.

    Raises:
        PlanError: another convention, not seven days, a negative load.

    Source: formula as in SoccerMon 2024; the conventions are the caller's. secondary
    """
    if sd not in ("sample", "population") or rest_days not in ("count", "omit"):
        raise PlanError("name the convention: sd 'sample' or 'population', rest_days 'count' or 'omit'")
    week = _week(daily, outside)
    counted = np.ones_like(week) if rest_days == "count" else (week != 0).astype(np.float64)
    days = counted.sum(axis=-1)
    mean = _divide((week * counted).sum(axis=-1), days)
    squares = (counted * (week - mean[..., None]) ** 2).sum(axis=-1)
    spread = np.sqrt(_divide(squares, days - (sd == "sample")))
    highest = np.where(counted == 1, week, -np.inf).max(axis=-1)
    lowest = np.where(counted == 1, week, np.inf).min(axis=-1)
    return answer(np.where(highest > lowest, _divide(mean, spread), np.nan))


def strain(
    daily: Numbers,
    *,
    sd: Literal["sample", "population"],
    rest_days: Literal["count", "omit"] = "count",
    outside: Outside = "raise",
) -> Answer:
    """Weekly load x monotony, by the same named conventions: 741 or 801 AU for the example of `monotony`.

    Raises:
        PlanError: as `monotony`.

    Source: as `monotony`. secondary
    """
    even = np.asarray(monotony(daily, sd=sd, rest_days=rest_days, outside=outside))
    return answer(np.asarray(weekly_load(daily, outside=outside)) * even)


def trimp(
    minutes: Numbers,
    hr: Numbers,
    hr_max: Numbers,
    hr_rest: Numbers,
    sex: Any,
    *,
    female_multiplier: float | None = None,
    outside: Outside = "raise",
) -> Answer:
    """Exponential TRIMP: minutes x HRr x b e^(c HRr), HRr the used part (0-1) of the heart-rate reserve.

    Men b 0.64 and c 1.92; women c 1.67 and b as named: 0.64 (per minute at most 3.40) or 0.86 (4.57). NaN where
    an input is unknown and for a sex without coefficients. Means nothing on a beta blocker.

    Raises:
        PlanError: a woman among the inputs and no multiplier named; a heart rate outside rest to maximum.

    Source: everyday pages (0.64); 0.86 is recalled from papers. unverified
    """
    time, male = TRIMP.read(outside, minutes=minutes, sex=sex)
    if female_multiplier is not None and female_multiplier not in FEMALE_MULTIPLIERS:
        raise PlanError(f"female_multiplier is 0.64 or 0.86, as published, not {female_multiplier!r}")
    if female_multiplier is None and (male == 0).any():
        raise PlanError("name female_multiplier, 0.64 or 0.86: both are printed, and the results differ by a third")
    percent = np.asarray(percent_hrr(hr, hr_max, hr_rest, outside=outside))
    used = _RESERVE.check(percent, outside) / 100
    women = (female_multiplier or np.nan) * np.exp(1.67 * used)
    weight = np.where(male == 1, 0.64 * np.exp(1.92 * used), np.where(male == 0, women, np.nan))
    return answer(time * used * weight)


def ewma(daily: Numbers, days: int, *, start: Literal["first", "zero"], outside: Outside = "raise") -> Array:
    """The exponentially weighted average of daily loads along the last axis, same shape; k = 2 / (days + 1).

    `start` is what stands before the first day and must be named: the first day's own load, or zero. An unknown
    day makes every later value NaN.

    Raises:
        PlanError: `days` below 1, another start, no day at all, a negative load.

    Source: a web tool's page. unverified
    """
    if not isinstance(days, int) or days < 1 or start not in ("first", "zero"):
        raise PlanError("ewma needs a whole number of days from 1 and start 'first' or 'zero'")
    (loads,) = EWMA.read(outside, daily=daily)
    if loads.ndim == 0 or loads.shape[-1] == 0:
        raise PlanError("ewma needs a list of daily loads, rest days as 0")
    weight = 2 / (days + 1)
    averages = np.empty_like(loads)
    before = loads[..., 0] if start == "first" else np.zeros_like(loads[..., 0])
    for day in range(loads.shape[-1]):
        before = weight * loads[..., day] + (1 - weight) * before
        averages[..., day] = before
    return averages


def volume_load(repetitions: Numbers, sets: Numbers, kg: Numbers, *, outside: Outside = "raise") -> Answer:
    """Repetitions x sets x load in kg. NaN where an input is unknown.

    Raises:
        PlanError: a negative number.

    Source: as used for the relative dose intensity of strength training by Fairman 2020. primary
    """
    counts, rounds, weight = VOLUME.read(outside, repetitions=repetitions, sets=sets, kg=kg)
    return answer(counts * rounds * weight)


def met_hours(met: Numbers, minutes: Numbers, *, outside: Outside = "raise") -> Answer:
    """MET x minutes / 60. NaN where an input is unknown.

    Raises:
        PlanError: METs outside 0 to 25 or minutes outside a day.

    Source: as used for the relative dose intensity of aerobic training by Nilsen 2018. primary
    """
    return answer(np.asarray(met_minutes(met, minutes, outside=outside)) / 60)


def _week(daily: Numbers, outside: Outside) -> Array:
    (loads,) = MONOTONY.read(outside, daily=daily)
    if loads.ndim == 0 or loads.shape[-1] != DAYS_A_WEEK:
        raise PlanError(f"a week is {DAYS_A_WEEK} daily loads, 0 for a day of rest, in the last axis")
    return loads


def _divide(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below > 0))
