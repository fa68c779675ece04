"""Capacity and intensity: what a person can do, how hard something is, and by what training is steered.

formula     the record of a formula, its ranges and how arrays go in and out    registry    all of them by id
heart_rate  age-predicted maximum, heart-rate reserve     metabolic   ACSM's equations, METs
oxygen      VO2max without and with a test                walking     norms of the six-minute walk
repetition  1RM from repetitions and back                 load        session RPE, the week, TRIMP, volume
scales      intensity scales by version (data)            zones       the class of a value
compendium  METs by code and edition (data)               steering    heart rate, Borg, watts or repetitions
walk_norm   the walks of a course in percent of a norm

`docs/capacity.md` lists every formula with its error, limits and source.
"""

from exrx.training.capacity.compendium import Activity, Compendium, load_compendium, met, net_met
from exrx.training.capacity.formula import Formula, Range
from exrx.training.capacity.heart_rate import (
    HrMaxEstimate,
    estimate_hr_max,
    hr_max_fox,
    hr_max_gellish,
    hr_max_nes,
    hr_max_tanaka,
    karvonen,
    percent_hr_max,
    percent_hrr,
)
from exrx.training.capacity.load import (
    ewma,
    met_hours,
    monotony,
    session_load,
    strain,
    trimp,
    volume_load,
    weekly_load,
)
from exrx.training.capacity.metabolic import (
    arm_cycling_vo2,
    leg_cycling_vo2,
    leg_cycling_watts,
    m_per_min_from_kmh,
    m_per_min_from_mph,
    met_from_vo2,
    met_minutes,
    running_speed,
    running_vo2,
    stepping_vo2,
    vo2_from_met,
    walking_speed,
    walking_vo2,
    watts_from_kgm,
)
from exrx.training.capacity.oxygen import (
    baynard_bmi,
    baynard_waist,
    ebbeling,
    friend,
    hunt_activity_index,
    hunt_bmi,
    hunt_waist,
    jackson_bmi,
    jackson_fat,
    one_mile_walk,
    six_minute_walk_group,
    steep_ramp_improved,
    steep_ramp_ml_per_min,
    steep_ramp_vo2,
)
from exrx.training.capacity.registry import FORMULAS, formula_table
from exrx.training.capacity.repetition import (
    ONE_RM_FORMULAS,
    load_for_percent,
    load_for_repetitions,
    one_rm,
    percent_for_repetitions,
    repetitions_for_percent,
    reynolds_chest_press,
    reynolds_leg_press,
)
from exrx.training.capacity.scales import Level, Scale, Scales, load_scales
from exrx.training.capacity.steering import (
    PersonalTargets,
    Steering,
    choose_steering,
    personal_targets,
    watts_of_test,
)
from exrx.training.capacity.walking import (
    WALK_NORMS,
    enright_1998_lower_limit,
    percent_predicted_walk,
    predicted_walk,
)
from exrx.training.capacity.zones import classify, classify_many, zone_band

__all__ = [
    "FORMULAS",
    "ONE_RM_FORMULAS",
    "WALK_NORMS",
    "Activity",
    "Compendium",
    "Formula",
    "HrMaxEstimate",
    "Level",
    "PersonalTargets",
    "Range",
    "Scale",
    "Scales",
    "Steering",
    "arm_cycling_vo2",
    "baynard_bmi",
    "baynard_waist",
    "choose_steering",
    "classify",
    "classify_many",
    "ebbeling",
    "enright_1998_lower_limit",
    "estimate_hr_max",
    "ewma",
    "formula_table",
    "friend",
    "hr_max_fox",
    "hr_max_gellish",
    "hr_max_nes",
    "hr_max_tanaka",
    "hunt_activity_index",
    "hunt_bmi",
    "hunt_waist",
    "jackson_bmi",
    "jackson_fat",
    "karvonen",
    "leg_cycling_vo2",
    "leg_cycling_watts",
    "load_compendium",
    "load_for_percent",
    "load_for_repetitions",
    "load_scales",
    "m_per_min_from_kmh",
    "m_per_min_from_mph",
    "met",
    "met_from_vo2",
    "met_hours",
    "met_minutes",
    "monotony",
    "net_met",
    "one_mile_walk",
    "one_rm",
    "percent_for_repetitions",
    "percent_hr_max",
    "percent_hrr",
    "percent_predicted_walk",
    "personal_targets",
    "predicted_walk",
    "repetitions_for_percent",
    "reynolds_chest_press",
    "reynolds_leg_press",
    "running_speed",
    "running_vo2",
    "session_load",
    "six_minute_walk_group",
    "steep_ramp_improved",
    "steep_ramp_ml_per_min",
    "steep_ramp_vo2",
    "stepping_vo2",
    "strain",
    "trimp",
    "vo2_from_met",
    "volume_load",
    "walking_speed",
    "walking_vo2",
    "watts_from_kgm",
    "watts_of_test",
    "weekly_load",
    "zone_band",
]
