"""Maximal oxygen uptake without a test, or from a submaximal or short one. All in ml/kg/min unless the name says else.

An estimate tells a group from a group. With a standard error of 5 to 7 ml/kg/min it does not tell one person's
progress from chance. `sex` is male, female, other or unknown; for the last two there is no equation: NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from exrx.errors import PlanError
from exrx.training.capacity.formula import (
    AGE,
    BMI,
    HR_REST,
    MASS,
    Answer,
    Formula,
    Numbers,
    Outside,
    Range,
    answer,
    by_sex,
)

KG_PER_POUND = 0.45359237
_VO2 = "ml/kg/min"
_ACTIVITY = Range("activity", 0, 7, "on the 0-7 scale", "read")
_FAT = Range("fat", 3, 65, "%")
_WAIST = Range("waist", 56, 200, "cm")  # does not overlap with BMI on purpose: one taken for the other is refused
_PA_INDEX = Range("pa_index", 0, 45, "")
_MPH = Range("mph", 2.0, 4.5, "mph", "read")
_WORK_HR = Range("hr", 40, 220, "beats/min")
_RAMP_WATTS = Range("watts", 10, 800, "W")
_MILE_MINUTES = Range("minutes", 8, 60, "min")
_METRES = Range("metres", 0, 1000, "m")

JACKSON_BMI = Formula(
    "vo2-jackson-bmi", "VO2max, Jackson (BMI)", "56.363 + 1.921 PA - 0.381 age - 0.754 BMI + 10.987 male", _VO2,
    "oxygen.jackson_bmi", (AGE, BMI, _ACTIVITY), "friend-table-2020", "secondary", error="SEE 5.70, R2 0.61", see=5.70,
)  # fmt: skip
JACKSON_FAT = Formula(
    "vo2-jackson-fat", "VO2max, Jackson (% fat)", "50.513 + 1.589 PA - 0.289 age - 0.552 %fat + 5.863 male", _VO2,
    "oxygen.jackson_fat", (AGE, _FAT, _ACTIVITY), "friend-table-2020", "secondary", error="SEE 5.35, R2 0.66", see=5.35,
)  # fmt: skip
BAYNARD_BMI = Formula(
    "vo2-baynard-bmi", "VO2max, Baynard (BMI)", "77.96 - 10.35 female - 0.92 BMI - 0.32 age", _VO2,
    "oxygen.baynard_bmi", (AGE, BMI), "friend-table-2020", "secondary", error="SEE 6.89, R2 0.57", see=6.89,
)  # fmt: skip
BAYNARD_WAIST = Formula(
    "vo2-baynard-waist", "VO2max, Baynard (waist)", "88.35 - 14.79 female - 0.40 waist - 0.27 age", _VO2,
    "oxygen.baynard_waist", (AGE, _WAIST), "friend-table-2020", "secondary", error="SEE 6.70, R2 0.60", see=6.70,
)  # fmt: skip
FRIEND = Formula(
    "vo2-friend", "VO2max, Myers (FRIEND)", "79.9 - 0.39 age - 13.7 female - 0.127 pounds", _VO2, "oxygen.friend",
    (AGE, MASS), "friend-table-2020", "secondary", error="SEE 7.20, R2 0.62", see=7.20, note="Mass is given in kg.",
)  # fmt: skip
HUNT_BMI = Formula(
    "vo2-hunt-bmi", "VO2peak, HUNT (BMI form)",
    "men 92.05 - 0.327 age - 0.933 BMI - 0.167 RHR + 0.257 PAI; women 70.77 - 0.244 age - 0.749 BMI - 0.107 RHR "
    "+ 0.213 PAI", _VO2, "oxygen.hunt_bmi", (AGE, BMI, HR_REST, _PA_INDEX), "hunt-lecture", "unverified",
    error="SEE 5.8 men, 5.1 women as quoted there", note="From a web lecture. Never with the waist coefficients.",
)  # fmt: skip
HUNT_WAIST = Formula(
    "vo2-hunt-waist", "VO2peak, HUNT (waist form)",
    "men 100.27 - 0.296 age - 0.369 WC - 0.155 RHR + 0.226 PAI; women 74.74 - 0.247 age - 0.259 WC - 0.114 RHR "
    "+ 0.198 PAI", _VO2, "oxygen.hunt_waist", (AGE, _WAIST, HR_REST, _PA_INDEX), "recalled-capacity", "unverified",
    error="SEE 5.70 men, 5.14 women (recalled)", note="Nes 2011 as recalled. Never with a BMI.",
)  # fmt: skip
HUNT_INDEX = Formula(
    "hunt-activity-index", "HUNT activity index", "frequency + intensity + duration, or their product", "",
    "oxygen.hunt_activity_index", (), "hunt-lecture", "unverified",
    note="The lecture adds, the original multiplies (recalled): the rule must be named.",
)  # fmt: skip
EBBELING = Formula(
    "vo2-ebbeling", "VO2max, Ebbeling treadmill walk",
    "15.1 + 21.8 mph - 0.327 HR - 0.263 mph age + 0.00504 HR age + 5.98 male", _VO2, "oxygen.ebbeling",
    (Range("age", 20, 59, "years", "read"), _MPH, _WORK_HR), "ebbeling-1991", "primary",
    error="SEE 4.85, R2 0.86; a later check: 3.5 too low at 50 % HRmax, 3.5 too high at 70 %", see=4.85,
    note="4 minutes at 5 % grade. Rests on the heart rate: not on a beta blocker.",
)  # fmt: skip
STEEP_RAMP = Formula(
    "vo2-steep-ramp", "VO2max, steep ramp test (cancer)", "6.7 Wmax + 356.7", "ml/min", "oxygen.steep_ramp_ml_per_min",
    (_RAMP_WATTS, MASS), "de-backer-2007", "secondary",
    error="r 0.86 with measured VO2peak (106 people), r 0.51 for change (59)",
)  # fmt: skip
STEEP_RAMP_CHANGE = Formula(
    "steep-ramp-improvement", "Steep ramp test: improved", "change of Wmax / kg >= 0.26", "W/kg",
    "oxygen.steep_ramp_improved", (_RAMP_WATTS, MASS), "weemaes-2021", "primary",
    error="sensitivity 70.7 %, AUC 0.74 for a true change of VO2peak",
)  # fmt: skip
ONE_MILE = Formula(
    "vo2-one-mile-walk", "VO2max, one-mile walk (Kline)",
    "1000 / kg x (6.9652 + 0.0091 pounds - 0.0257 age + 0.5955 male - 0.2240 min - 0.0115 HR)", _VO2,
    "oxygen.one_mile_walk", (Range("age", 30, 69, "years", "read"), MASS, _MILE_MINUTES, _WORK_HR), "kline-1987",
    "primary", error="SEE 0.325 L/min, r 0.93 (174 healthy adults)",
    note="The bracket is L/min. Heart rate of the last quarter: not on a beta blocker.",
)  # fmt: skip
ROSS = Formula(
    "vo2-six-minute-walk", "VO2peak of a group from its mean 6-minute walk (Ross)", "4.948 + 0.023 m", _VO2,
    "oxygen.six_minute_walk_group", (_METRES,), "ross-2010", "unverified",
    error="SEE 1.1 for a group's mean; 3.82 (27 %) for one person, too much to use", see=1.1,
    note="The coefficients are recalled; the errors stand in the abstract.",
)  # fmt: skip
FORMULAS = (
    JACKSON_BMI, JACKSON_FAT, BAYNARD_BMI, BAYNARD_WAIST, FRIEND, HUNT_BMI, HUNT_WAIST, HUNT_INDEX, EBBELING,
    STEEP_RAMP, STEEP_RAMP_CHANGE, ONE_MILE, ROSS,
)  # fmt: skip
STEEP_RAMP_IMPROVEMENT_W_PER_KG = 0.26


def jackson_bmi(age: Numbers, sex: Any, bmi: Numbers, activity: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max = 56.363 + 1.921 PA - 0.381 age - 0.754 BMI + 10.987 (male), ml/kg/min. SEE 5.70.

    `age` years, `bmi` kg/m2, `activity` the 0-7 scale. NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (age 18 to 110 and BMI 12 to 55 are local).

    Source: Jackson 1990 as tabled in PMC7428991. secondary
    """
    years, male, index, habit = JACKSON_BMI.read(outside, age=age, sex=sex, bmi=bmi, activity=activity)
    return answer(56.363 + 1.921 * habit - 0.381 * years - 0.754 * index + 10.987 * male)


def jackson_fat(age: Numbers, sex: Any, fat: Numbers, activity: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max = 50.513 + 1.589 PA - 0.289 age - 0.552 %fat + 5.863 (male), ml/kg/min. SEE 5.35.

    `age` years, `fat` % of body mass, `activity` the 0-7 scale. NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (age 18 to 110 and fat 3 to 65 % are local).

    Source: Jackson 1990 as tabled in PMC7428991. secondary
    """
    years, male, share, habit = JACKSON_FAT.read(outside, age=age, sex=sex, fat=fat, activity=activity)
    return answer(50.513 + 1.589 * habit - 0.289 * years - 0.552 * share + 5.863 * male)


def baynard_bmi(age: Numbers, sex: Any, bmi: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max = 77.96 - 10.35 (female) - 0.92 BMI - 0.32 age, ml/kg/min. SEE 6.89.

    NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (local).

    Source: Baynard 2016 as tabled in PMC7428991. secondary
    """
    years, male, index = BAYNARD_BMI.read(outside, age=age, sex=sex, bmi=bmi)
    return answer(77.96 - 10.35 * (1 - male) - 0.92 * index - 0.32 * years)


def baynard_waist(age: Numbers, sex: Any, waist: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max = 88.35 - 14.79 (female) - 0.40 waist - 0.27 age, ml/kg/min; waist in cm. SEE 6.70.

    NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (local); a BMI given as waist is always outside.

    Source: Baynard 2016 as tabled in PMC7428991. secondary
    """
    years, male, girth = BAYNARD_WAIST.read(outside, age=age, sex=sex, waist=waist)
    return answer(88.35 - 14.79 * (1 - male) - 0.40 * girth - 0.27 * years)


def friend(age: Numbers, sex: Any, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max = 79.9 - 0.39 age - 13.7 (female) - 0.127 pounds, ml/kg/min; `mass` in kg. SEE 7.20.

    NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (local).

    Source: Myers 2017 (FRIEND) as tabled in PMC7428991. secondary
    """
    years, male, weight = FRIEND.read(outside, age=age, sex=sex, mass=mass)
    return answer(79.9 - 0.39 * years - 13.7 * (1 - male) - 0.127 * weight / KG_PER_POUND)


def hunt_activity_index(frequency: float, intensity: float, duration: float, *, rule: str) -> float:
    """HUNT's activity index from three answers; `rule` is "added" or "multiplied" and must be named.

    frequency: never or less than weekly 0, weekly 1, 2-3 times 2, almost daily 3. intensity: easy 0, sweat 5,
    exhaustion 10. duration: under 30 minutes 1, longer 1.5. NaN where one is unknown (NaN).

    Raises:
        PlanError: another code, or another rule.

    Source: a web lecture, which adds; the original multiplies (recalled). unverified
    """
    codes = {"frequency": (0, 1, 2, 3), "intensity": (0, 5, 10), "duration": (1, 1.5)}
    given = {"frequency": frequency, "intensity": intensity, "duration": duration}
    for name, value in given.items():
        if value not in codes[name] and not np.isnan(value):
            raise PlanError(f"{name} must be one of {', '.join(map(str, codes[name]))}, not {value}")
    if rule not in ("added", "multiplied"):
        raise PlanError(f"name the rule of the index: 'added' (the lecture) or 'multiplied', not {rule!r}")
    parts = np.array(list(given.values()), dtype=np.float64)
    return float(parts.sum() if rule == "added" else parts.prod())


def hunt_bmi(
    age: Numbers, sex: Any, *, bmi: Numbers, hr_rest: Numbers, pa_index: Numbers, outside: Outside = "raise"
) -> Answer:
    """VO2peak (ml/kg/min) from age, BMI, resting heart rate and HUNT's activity index. SEE 5.8 men, 5.1 women.

    Men 92.05 - 0.327 age - 0.933 BMI - 0.167 RHR + 0.257 PAI; women 70.77 - 0.244 age - 0.749 BMI - 0.107 RHR
    + 0.213 PAI. Not interchangeable with `hunt_waist`. NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (local).

    Source: a web lecture (chrisputa), not the paper. unverified
    """
    years, male, index, rest, habit = HUNT_BMI.read(
        outside, age=age, sex=sex, bmi=bmi, hr_rest=hr_rest, pa_index=pa_index
    )
    men = 92.05 - 0.327 * years - 0.933 * index - 0.167 * rest + 0.257 * habit
    women = 70.77 - 0.244 * years - 0.749 * index - 0.107 * rest + 0.213 * habit
    return answer(by_sex(male, men, women))


def hunt_waist(
    age: Numbers, sex: Any, *, waist: Numbers, hr_rest: Numbers, pa_index: Numbers, outside: Outside = "raise"
) -> Answer:
    """VO2peak (ml/kg/min) from age, waist (cm), resting heart rate and HUNT's activity index. SEE 5.70 / 5.14.

    Men 100.27 - 0.296 age - 0.369 WC - 0.155 RHR + 0.226 PAI; women 74.74 - 0.247 age - 0.259 WC - 0.114 RHR
    + 0.198 PAI. Not interchangeable with `hunt_bmi`. NaN where an input is unknown.

    Raises:
        PlanError: an input outside its range (local); a BMI given as waist is always outside.

    Source: Nes 2011, coefficients recalled. unverified
    """
    years, male, girth, rest, habit = HUNT_WAIST.read(
        outside, age=age, sex=sex, waist=waist, hr_rest=hr_rest, pa_index=pa_index
    )
    men = 100.27 - 0.296 * years - 0.369 * girth - 0.155 * rest + 0.226 * habit
    women = 74.74 - 0.247 * years - 0.259 * girth - 0.114 * rest + 0.198 * habit
    return answer(by_sex(male, men, women))


def ebbeling(age: Numbers, sex: Any, mph: Numbers, hr: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max (ml/kg/min) from 4 minutes' treadmill walking at 5 % grade; `mph` miles an hour, `hr` at the end.

    15.1 + 21.8 mph - 0.327 HR - 0.263 mph age + 0.00504 HR age + 5.98 (male). SEE 4.85; reads 3.5 low at 50 %
    and 3.5 high at 70 % of HRmax. NaN where an input is unknown.

    Raises:
        PlanError: age outside 20 to 59, speed outside 2.0 to 4.5 mph, heart rate outside 40 to 220 (local).

    Source: Ebbeling 1991, abstract. primary
    """
    years, male, pace, rate = EBBELING.read(outside, age=age, sex=sex, mph=mph, hr=hr)
    both = 15.1 + 21.8 * pace - 0.327 * rate - 0.263 * pace * years + 0.00504 * rate * years
    return answer(both + 5.98 * male)


def steep_ramp_ml_per_min(watts: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2max (ml/min) from the highest watts of a steep ramp test: 6.7 Wmax + 356.7.

    In people with cancer; test-retest ICC 0.996 (n 37). NaN for unknown.

    Raises:
        PlanError: watts outside 10 to 800 (local).

    Source: De Backer 2007. secondary
    """
    (peak,) = STEEP_RAMP.read(outside, watts=watts)
    return answer(6.7 * peak + 356.7)


def steep_ramp_vo2(watts: Numbers, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """The same in ml/kg/min, by body mass in kg. NaN where an input is unknown.

    Raises:
        PlanError: watts outside 10 to 800, mass outside 25 to 300 kg (local).

    Source: De Backer 2007. secondary
    """
    peak, weight = STEEP_RAMP.read(outside, watts=watts, mass=mass)
    return answer((6.7 * peak + 356.7) / weight)


def steep_ramp_improved(
    before: Numbers, after: Numbers, mass_before: Numbers, mass_after: Numbers, *, outside: Outside = "raise"
) -> Answer:
    """1 where the steep ramp test rose by at least 0.26 W/kg, 0 where not, NaN where something is unknown.

    Sensitivity 70.7 %, AUC 0.74: about three in ten true improvements are missed.

    Raises:
        PlanError: watts outside 10 to 800, mass outside 25 to 300 kg (local).

    Source: Weemaes 2021. primary
    """
    first, first_mass = STEEP_RAMP_CHANGE.read(outside, watts=before, mass=mass_before)
    second, second_mass = STEEP_RAMP_CHANGE.read(outside, watts=after, mass=mass_after)
    change = np.round(second / second_mass - first / first_mass, 9)
    return answer(np.where(np.isnan(change), np.nan, change >= STEEP_RAMP_IMPROVEMENT_W_PER_KG))


def one_mile_walk(
    age: Numbers, sex: Any, mass: Numbers, minutes: Numbers, hr: Numbers, *, outside: Outside = "raise"
) -> Answer:
    """VO2max (ml/kg/min) from a mile walked as fast as possible; mass kg, time min, `hr` of the last quarter.

    1000 / kg x (6.9652 + 0.0091 pounds - 0.0257 age + 0.5955 (male) - 0.2240 min - 0.0115 HR); the bracket is
    L/min with SEE 0.325. NaN where an input is unknown.

    Raises:
        PlanError: age outside 30 to 69; time outside 8 to 60 min or heart rate outside 40 to 220 (local).

    Source: Kline 1987, abstract. primary
    """
    years, male, weight, time, rate = ONE_MILE.read(outside, age=age, sex=sex, mass=mass, minutes=minutes, hr=hr)
    litres = 6.9652 + 0.0091 * weight / KG_PER_POUND - 0.0257 * years + 0.5955 * male - 0.2240 * time - 0.0115 * rate
    return answer(1000 * litres / weight)


def six_minute_walk_group(mean_metres: Numbers, *, outside: Outside = "raise") -> Answer:
    """The mean VO2peak (ml/kg/min) of a group from its mean six-minute walk: 4.948 + 0.023 m. SEE 1.1.

    For groups only: for one person the error is 3.82 ml/kg/min, 27 %. NaN for unknown.

    Raises:
        PlanError: metres outside 0 to 1000 (local).

    Source: Ross 2010; errors from the abstract, coefficients recalled. unverified
    """
    (metres,) = ROSS.read(outside, metres=mean_metres)
    return answer(4.948 + 0.023 * metres)
