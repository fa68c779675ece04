"""Heart rate: the maximum that age predicts, and the part of the heart-rate reserve that is used.

No age formula is good enough to set a limit for one person: the standard error is 10 to 12 beats, and beta
blockers, anaemia, fever and damage to the autonomic nerves break all of them (recalled, unverified). Measure,
or steer by exertion (`steering.choose_steering`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from exrx.errors import PlanError
from exrx.training.capacity.formula import (
    AGE,
    HEART_RATE,
    HR_MAX,
    HR_REST,
    PERCENT,
    Answer,
    Array,
    Formula,
    Numbers,
    Outside,
    answer,
)

_BEATS = "beats/min"
FOX = Formula(
    "hr-max-fox", "HRmax, Fox", "220 - age", _BEATS, "heart_rate.hr_max_fox", (AGE,), "sarzynski-2013", "secondary",
    error="SEE 12.4 (762 sedentary adults, cycle)", see=12.4,
    note="Drawn by eye from about ten studies, mostly of men under 55; too high in the young, too low in the old.",
)  # fmt: skip
TANAKA = Formula(
    "hr-max-tanaka", "HRmax, Tanaka", "208 - 0.7 age", _BEATS, "heart_rate.hr_max_tanaka", (AGE,),
    "sarzynski-2013", "secondary", error="SEE 11.4 (the same 762 adults; 11.7 men, 11.2 women)", see=11.4,
)  # fmt: skip
GELLISH = Formula(
    "hr-max-gellish", "HRmax, Gellish", "207 - 0.7 age", _BEATS, "heart_rate.hr_max_gellish", (AGE,),
    "gellish-2007", "unverified", error="5 to 8 beats (recalled)",
    note="The coefficients were read in a copied abstract, the error was not.",
)  # fmt: skip
NES = Formula(
    "hr-max-nes", "HRmax, Nes (HUNT)", "211 - 0.64 age", _BEATS, "heart_rate.hr_max_nes", (AGE,), "nes-2013",
    "primary", error="SEE 10.8 (3320 healthy adults)", see=10.8,
)  # fmt: skip
KARVONEN = Formula(
    "karvonen", "Heart-rate reserve (Karvonen)", "%HRR / 100 x (HRmax - HRrest) + HRrest", _BEATS,
    "heart_rate.karvonen", (PERCENT, HEART_RATE, HR_MAX, HR_REST), "karvonen-pages", "unverified",
    error="in 30 women after breast cancer treatment 61 % was reached for a target of 60 % (kirkham-2010)",
    note="%HRR is taken as %VO2R. A review of breast cancer training advises against %HRR, a thesis found it best.",
)  # fmt: skip
PERCENT_MAX = Formula(
    "percent-hr-max", "Percent of maximal heart rate", "100 HR / HRmax", "%", "heart_rate.percent_hr_max",
    (HEART_RATE, HR_MAX), "local-decision", "unverified", note="Arithmetic.",
)  # fmt: skip
FORMULAS = (FOX, TANAKA, GELLISH, NES, KARVONEN, PERCENT_MAX)


def hr_max_fox(age: Numbers, *, outside: Outside = "raise") -> Answer:
    """HRmax = 220 - age (years), in beats/min. SEE 12.4.

    Adults; NaN for an unknown age. Overestimates in the young and underestimates in the old.

    Raises:
        PlanError: age outside 18 to 110 years (local decision).

    Source: as evaluated in Sarzynski 2013 (HERITAGE, n 762). secondary
    """
    (years,) = FOX.read(outside, age=age)
    return answer(220 - years)


def hr_max_tanaka(age: Numbers, *, outside: Outside = "raise") -> Answer:
    """HRmax = 208 - 0.7 age (years), in beats/min. SEE 11.4 (12.4 in the less fit half).

    Adults; NaN for an unknown age.

    Raises:
        PlanError: age outside 18 to 110 years (local decision).

    Source: as evaluated in Sarzynski 2013 (HERITAGE, n 762). secondary
    """
    (years,) = TANAKA.read(outside, age=age)
    return answer(208 - 0.7 * years)


def hr_max_gellish(age: Numbers, *, outside: Outside = "raise") -> Answer:
    """HRmax = 207 - 0.7 age (years), in beats/min. Error 5 to 8 beats as recalled.

    Adults; NaN for an unknown age.

    Raises:
        PlanError: age outside 18 to 110 years (local decision).

    Source: Gellish 2007 (132 people, 908 tests), read in a copied abstract. unverified
    """
    (years,) = GELLISH.read(outside, age=age)
    return answer(207 - 0.7 * years)


def hr_max_nes(age: Numbers, *, outside: Outside = "raise") -> Answer:
    """HRmax = 211 - 0.64 age (years), in beats/min. SEE 10.8.

    Healthy adults; NaN for an unknown age.

    Raises:
        PlanError: age outside 18 to 110 years (local decision).

    Source: Nes 2013 (HUNT, n 3320), abstract. primary
    """
    (years,) = NES.read(outside, age=age)
    return answer(211 - 0.64 * years)


AGE_FORMULAS: dict[str, tuple[Formula, Callable[..., Answer]]] = {
    "fox": (FOX, hr_max_fox),
    "tanaka": (TANAKA, hr_max_tanaka),
    "gellish": (GELLISH, hr_max_gellish),
    "nes": (NES, hr_max_nes),
}


@frozen
class HrMaxEstimate:
    """A maximal heart rate that age predicts for one person; `see` in beats/min. Never a measurement."""

    bpm: float
    see: float
    formula: str


def estimate_hr_max(age: float, formula: str) -> HrMaxEstimate:
    """The age-predicted maximum of one person, with its error and the formula's id.

    Raises:
        PlanError: no such formula, one without a known standard error, or an age that is unknown or outside.
    """
    usable = [name for name, (entry, _) in AGE_FORMULAS.items() if entry.see is not None]
    if formula not in usable:
        raise PlanError(f"an estimate needs a formula with a known error, one of {', '.join(usable)}, not {formula!r}")
    entry, function = AGE_FORMULAS[formula]
    bpm = np.asarray(function(age))
    if bpm.ndim or np.isnan(bpm):
        raise PlanError("an estimate of the maximal heart rate needs the age of one person")
    return HrMaxEstimate(float(bpm), entry.see or 0.0, entry.id)


def karvonen(percent: Numbers, hr_max: Numbers, hr_rest: Numbers, *, outside: Outside = "raise") -> Answer:
    """The heart rate (beats/min) at `percent` (0-100) of the heart-rate reserve.

    HR = percent / 100 x (hr_max - hr_rest) + hr_rest. NaN where any input is unknown.

    Raises:
        PlanError: an input outside its range, or a resting heart rate that is not below the maximum.

    Source: everyday pages on Karvonen's method; equality of %HRR and %VO2R as in ACSM's tables. unverified
    """
    share, top, rest = KARVONEN.read(outside, percent=percent, hr_max=hr_max, hr_rest=hr_rest)
    return answer(share / 100 * _reserve(top, rest, outside) + rest)


def percent_hrr(hr: Numbers, hr_max: Numbers, hr_rest: Numbers, *, outside: Outside = "raise") -> Answer:
    """The percentage of the heart-rate reserve at heart rate `hr`: 100 (hr - hr_rest) / (hr_max - hr_rest).

    Not clipped: above 100 says that the maximum was too low, below 0 that the resting value was too high.
    NaN where any input is unknown.

    Raises:
        PlanError: an input outside its range, or a resting heart rate that is not below the maximum.

    Source: the inverse of `karvonen`. unverified
    """
    rate, top, rest = KARVONEN.read(outside, hr=hr, hr_max=hr_max, hr_rest=hr_rest)
    return answer(100 * (rate - rest) / _reserve(top, rest, outside))


def percent_hr_max(hr: Numbers, hr_max: Numbers, *, outside: Outside = "raise") -> Answer:
    """The percentage of the maximal heart rate: 100 hr / hr_max. NaN where an input is unknown; not clipped.

    Raises:
        PlanError: an input outside its range.
    """
    rate, top = PERCENT_MAX.read(outside, hr=hr, hr_max=hr_max)
    return answer(100 * rate / top)


def _reserve(top: Array, rest: Array, outside: Outside) -> Array:
    reserve = top - rest
    empty = reserve <= 0
    if empty.any() and outside == "raise":
        raise PlanError("the resting heart rate must be below the maximal heart rate: check which is which")
    return np.where(empty, np.nan, reserve)
