"""Oxygen uptake of walking, running, cycling and stepping (ACSM's metabolic equations), and METs.

All give gross VO2 in ml/kg/min at a steady pace: rest is included. They hold for healthy adults; that they hold
during treatment was not shown. Speeds are m/min, grades a decimal fraction (5 % is 0.05), work in watts.
"""

from __future__ import annotations

import numpy as np

from exrx.errors import PlanError
from exrx.training.capacity.formula import (
    MASS,
    MINUTES,
    Answer,
    Array,
    Formula,
    Numbers,
    Outside,
    Range,
    answer,
    numbers,
)

M_PER_MIN_PER_MPH = 26.8
M_PER_MIN_PER_KMH = 1000 / 60
ML_PER_KG_MIN_PER_MET = 3.5
KGM_PER_WATT = (6, 6.12)

_VO2 = "ml/kg/min"
_GRADE = Range("grade", 0, 0.4, "as a decimal fraction")
_UPTAKE = Range("vo2", 0, 100, _VO2)
_MET = Range("met", 0, 25, "MET")
_WALK = Range("speed", 50, 100, "m/min", "read")
_TRUE_WALK = Range("speed", 50, 134, "m/min")
_RUN = Range("speed", 134, 400, "m/min", "read")
_TRUE_RUN = Range("speed", 80, 400, "m/min", "read")
_LEG_WATTS = Range("watts", 50, 200, "W", "read")
_ARM_WATTS = Range("watts", 25, 125, "W", "read")
_STEPS = Range("steps_per_minute", 12, 30, "steps/min", "read")
_STEP_HEIGHT = Range("step_height", 0.04, 0.40, "m", "read")

WALKING = Formula(
    "acsm-walking", "Walking", "3.5 + 0.1 S + 1.8 S G", _VO2, "metabolic.walking_vo2",
    (_WALK, _GRADE, _UPTAKE), "bushman-2020", "secondary", error="none found",
    note="S m/min, G decimal. Faster, up to 134 m/min, only if truly walking (truly_walking=True).",
)  # fmt: skip
RUNNING = Formula(
    "acsm-running", "Running", "3.5 + 0.2 S + 0.9 S G", _VO2, "metabolic.running_vo2",
    (_RUN, _GRADE, _UPTAKE), "bushman-2020", "secondary", error="none found",
    note="Down to 80 m/min if truly running (truly_running=True). Not for hills out of doors. "
    "The top speed of 400 m/min is a local guard.",
)  # fmt: skip
LEG_CYCLING = Formula(
    "acsm-leg-cycling", "Leg cycling", "7 + 1.8 W / M = 7 + 10.8 watt / M", _VO2, "metabolic.leg_cycling_vo2",
    (_LEG_WATTS, MASS, _UPTAKE), "bushman-2020", "secondary", error="none found",
    note="W kgm/min, M kg; 1 W as 6 kgm/min. 6.12 is nearer the truth and raises the result by about 2 %.",
)  # fmt: skip
ARM_CYCLING = Formula(
    "acsm-arm-cycling", "Arm cycling", "3.5 + 3 W / M", _VO2, "metabolic.arm_cycling_vo2",
    (_ARM_WATTS, MASS), "arm-ergometer-page", "unverified", error="none found",
    note="150 to 750 kgm/min. Read on one everyday page only.",
)  # fmt: skip
STEPPING = Formula(
    "acsm-stepping", "Stepping", "3.5 + 0.2 f + 1.33 x 1.8 h f", _VO2, "metabolic.stepping_vo2",
    (_STEPS, _STEP_HEIGHT), "topendsports-stepping", "secondary", error="none found",
    note="f full steps (up and down) a minute, h in metres; the limits from stepping-calculator-page.",
)  # fmt: skip
MET = Formula(
    "met", "MET", "VO2 / 3.5", "MET", "metabolic.met_from_vo2", (_UPTAKE, _MET), "acsm-unit-pages", "secondary",
    note="A convention. People with cancer may use another amount at rest.",
)  # fmt: skip
MET_MINUTES = Formula(
    "met-minutes", "MET minutes", "MET x minutes", "MET min", "metabolic.met_minutes", (_MET, MINUTES),
    "garber-2011", "secondary",
)  # fmt: skip
FORMULAS = (WALKING, RUNNING, LEG_CYCLING, ARM_CYCLING, STEPPING, MET, MET_MINUTES)


def m_per_min_from_kmh(kmh: Numbers) -> Answer:
    """km/h as m/min; unknown stays unknown."""
    return answer(numbers(kmh, "speed") * M_PER_MIN_PER_KMH)


def m_per_min_from_mph(mph: Numbers) -> Answer:
    """Miles an hour as m/min with ACSM's rounded 26.8; unknown stays unknown."""
    return answer(numbers(mph, "speed") * M_PER_MIN_PER_MPH)


def watts_from_kgm(kgm_per_minute: Numbers, *, kgm_per_watt: float = 6) -> Answer:
    """A work rate in kgm/min as watts: divided by 6 (ACSM's convention) or 6.12 (exact), as named.

    Raises:
        PlanError: another convention.
    """
    return answer(numbers(kgm_per_minute, "kgm_per_minute") / _convention(kgm_per_watt))


def walking_vo2(
    speed: Numbers, grade: Numbers = 0.0, *, truly_walking: bool = False, outside: Outside = "raise"
) -> Answer:
    """Gross VO2 (ml/kg/min) of walking at `speed` m/min up `grade`: 3.5 + 0.1 S + 1.8 S G.

    NaN where an input is unknown. No standard error was found.

    Raises:
        PlanError: speed outside 50 to 100 m/min (to 134, a local limit, with `truly_walking`); grade outside 0 to 0.4.

    Source: Bushman 2020, Box 1 (ACSM's equation). secondary
    """
    (slope,) = WALKING.read(outside, grade=grade)
    pace = (_TRUE_WALK if truly_walking else _WALK).check(numbers(speed, "speed"), outside)
    return answer(3.5 + 0.1 * pace + 1.8 * pace * slope)


def walking_speed(
    vo2: Numbers, grade: Numbers = 0.0, *, truly_walking: bool = False, outside: Outside = "raise"
) -> Answer:
    """The walking speed (m/min) with this gross VO2 (ml/kg/min) up `grade`; the inverse of `walking_vo2`.

    Raises:
        PlanError: no speed in the equation's range has this VO2.

    Source: as `walking_vo2`. secondary
    """
    uptake, slope = WALKING.read(outside, vo2=vo2, grade=grade)
    return answer((_TRUE_WALK if truly_walking else _WALK).check((uptake - 3.5) / (0.1 + 1.8 * slope), outside))


def running_vo2(
    speed: Numbers, grade: Numbers = 0.0, *, truly_running: bool = False, outside: Outside = "raise"
) -> Answer:
    """Gross VO2 (ml/kg/min) of running at `speed` m/min up `grade`: 3.5 + 0.2 S + 0.9 S G.

    NaN where an input is unknown. Not for hills out of doors. No standard error was found.

    Raises:
        PlanError: speed below 134 m/min (80 with `truly_running`) or above 400; grade outside 0 to 0.4.

    Source: Bushman 2020, Box 1 (ACSM's equation). secondary
    """
    (slope,) = RUNNING.read(outside, grade=grade)
    pace = (_TRUE_RUN if truly_running else _RUN).check(numbers(speed, "speed"), outside)
    return answer(3.5 + 0.2 * pace + 0.9 * pace * slope)


def running_speed(
    vo2: Numbers, grade: Numbers = 0.0, *, truly_running: bool = False, outside: Outside = "raise"
) -> Answer:
    """The running speed (m/min) with this gross VO2 (ml/kg/min) up `grade`; the inverse of `running_vo2`.

    Raises:
        PlanError: no speed in the equation's range has this VO2.

    Source: as `running_vo2`. secondary
    """
    uptake, slope = RUNNING.read(outside, vo2=vo2, grade=grade)
    return answer((_TRUE_RUN if truly_running else _RUN).check((uptake - 3.5) / (0.2 + 0.9 * slope), outside))


def leg_cycling_vo2(
    watts: Numbers, mass: Numbers, *, kgm_per_watt: float = 6, outside: Outside = "raise"
) -> Answer:
    """Gross VO2 (ml/kg/min) of leg cycling at `watts` with body mass in kg: 7 + 1.8 x kgm_per_watt x watts / mass.

    With 6 kgm/min a watt, ACSM's convention, this is 7 + 10.8 watts / mass; 6.12 gives about 2 % more work.
    NaN where an input is unknown. No standard error was found.

    Raises:
        PlanError: watts outside 50 to 200; mass outside 25 to 300 kg (local); another convention.

    Source: Bushman 2020, Box 1 (ACSM's equation). secondary
    """
    power, weight = LEG_CYCLING.read(outside, watts=watts, mass=mass)
    return answer(7 + 1.8 * _convention(kgm_per_watt) * power / weight)


def leg_cycling_watts(
    vo2: Numbers, mass: Numbers, *, kgm_per_watt: float = 6, outside: Outside = "raise"
) -> Answer:
    """The watts of leg cycling with this gross VO2 (ml/kg/min); the inverse of `leg_cycling_vo2`.

    Raises:
        PlanError: no work rate from 50 to 200 W has this VO2.

    Source: as `leg_cycling_vo2`. secondary
    """
    uptake, weight = LEG_CYCLING.read(outside, vo2=vo2, mass=mass)
    return answer(_LEG_WATTS.check((uptake - 7) * weight / (1.8 * _convention(kgm_per_watt)), outside))


def arm_cycling_vo2(
    watts: Numbers, mass: Numbers, *, kgm_per_watt: float = 6, outside: Outside = "raise"
) -> Answer:
    """Gross VO2 (ml/kg/min) of arm cycling: 3.5 + 3 x kgm_per_watt x watts / mass.

    NaN where an input is unknown. No standard error was found.

    Raises:
        PlanError: watts outside 25 to 125 (150 to 750 kgm/min); mass outside 25 to 300 kg (local).

    Source: one everyday page on arm ergometers. unverified
    """
    power, weight = ARM_CYCLING.read(outside, watts=watts, mass=mass)
    return answer(3.5 + 3 * _convention(kgm_per_watt) * power / weight)


def stepping_vo2(steps_per_minute: Numbers, step_height: Numbers, *, outside: Outside = "raise") -> Answer:
    """Gross VO2 (ml/kg/min) of stepping: 3.5 + 0.2 f + 1.33 x 1.8 x h x f; a step is once up and down, h in m.

    NaN where an input is unknown. No standard error was found.

    Raises:
        PlanError: rate outside 12 to 30 steps/min, height outside 0.04 to 0.40 m.

    Source: topendsports' page on ACSM's equation. secondary
    """
    rate, height = STEPPING.read(outside, steps_per_minute=steps_per_minute, step_height=step_height)
    return answer(3.5 + 0.2 * rate + 1.33 * 1.8 * height * rate)


def met_from_vo2(vo2: Numbers, *, outside: Outside = "raise") -> Answer:
    """Gross METs of a VO2 in ml/kg/min: VO2 / 3.5. NaN for unknown.

    Raises:
        PlanError: VO2 outside 0 to 100 ml/kg/min (local).
    """
    (uptake,) = MET.read(outside, vo2=vo2)
    return answer(uptake / ML_PER_KG_MIN_PER_MET)


def vo2_from_met(met: Numbers, *, outside: Outside = "raise") -> Answer:
    """VO2 in ml/kg/min of gross METs: 3.5 x MET. NaN for unknown.

    Raises:
        PlanError: METs outside 0 to 25 (local).
    """
    (mets,) = MET.read(outside, met=met)
    return answer(mets * ML_PER_KG_MIN_PER_MET)


def met_minutes(met: Numbers, minutes: Numbers, *, outside: Outside = "raise") -> Answer:
    """MET x minutes, entry by entry; add them up over the week. NaN where an input is unknown.

    150 minutes of 3 MET are 450 MET minutes or 7.5 MET hours.

    Raises:
        PlanError: METs outside 0 to 25, minutes outside 0 to 1440 (local).
    """
    mets, time = MET_MINUTES.read(outside, met=met, minutes=minutes)
    return answer(mets * time)


def _convention(kgm_per_watt: float) -> Array:
    if kgm_per_watt not in KGM_PER_WATT:
        raise PlanError(f"kgm_per_watt must be 6 (ACSM) or 6.12 (exact), not {kgm_per_watt!r}")
    return np.float64(kgm_per_watt)  # type: ignore[return-value]
