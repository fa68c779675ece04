"""A synthetic cohort in chemotherapy, with forms and blood counts, for demonstrations and tests.

Everything is invented: the shapes are plausible, nothing is fitted to patients, and no rate may be quoted.
Blood counts fall after each infusion to a lowest point 10-14 days later and recover before the next (the
general pattern, not verified against a source), deeper with each cycle and with each patient's
sensitivity. Door forms are dated `as_of`; a few patients lack one answer, as in life.

    draw_treatment -> draw_counts -> draw_findings -> forget_some -> columns for Cohort.from_columns
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Column = NDArray[Any]
_TYPES = (
    "breast",
    "colon",
    "lung",
    "prostate",
    "ovary",
    "lymphoma",
    "testis",
    "pancreas",
    "head_neck",
    "stomach",
)
_TYPE_SHARES = (0.36, 0.17, 0.14, 0.08, 0.06, 0.06, 0.03, 0.04, 0.03, 0.03)
_WOMEN = {"breast": 0.99, "prostate": 0.0, "ovary": 1.0, "testis": 0.0}
_SITES = ("lumbar", "pelvis", "thoracic_rib", "proximal_femur", "lumbar;pelvis")

# How often a finding is ticked. Today: asked at the door. Lasting: asked at enrolment or at each cycle.
_TODAY = {
    "vomiting_24h": 0.02,
    "diarrhoea_24h": 0.015,
    "infection_requiring_treatment": 0.015,
    "dizziness": 0.015,
    "extreme_fatigue": 0.012,
    "petechiae_or_bruising": 0.008,
    "bone_or_back_pain_new": 0.006,
    "leg_swelling_or_pain": 0.0015,
    "dyspnoea_at_rest": 0.0012,
    "chest_pain": 0.0008,
    "new_lymphoedema": 0.004,
    "ongoing_bleeding": 0.001,
    "bleeding_risk": 0.006,
    "gait_unsteady_new": 0.001,
}
_LASTING = {
    "cardiac_disease": 0.05, "lung_disease": 0.04, "lymphoedema": 0.05, "ostomy": 0.03, "osteoporosis": 0.04,
    "arthritis": 0.08, "fall_risk": 0.04, "cachexia": 0.01, "on_beta_blocker": 0.10,
    "comorbidity_other": 0.05,
}  # fmt: skip
_VITALS = ("systolic_bp", "diastolic_bp", "resting_heart_rate", "temperature", "spo2", "respiratory_rate")
_LINES = ("none", "picc", "port")


@frozen
class Treatment:
    """Where each patient stands in the course: cycle number and length, and days since the infusion."""

    cycle: Column
    length: Column
    day: Column


def example_cohort(count: int = 5000, *, seed: int = 2009, as_of: date) -> dict[str, Column]:
    """Columns of `count` invented patients, in the headers that `Cohort.from_columns` reads.

    The same arguments give the same cohort. Dates are ISO text, flags "yes" or empty, unknown values NaN or
    empty; an empty cell that a form covers counts as asked, no.

    Args:
        count: how many patients.
        seed: seed of NumPy's generator.
        as_of: the day of the session; door forms and vital signs are dated so.
    """
    rng = np.random.default_rng(seed)
    columns: dict[str, Column] = {"id": np.array([f"EXAMPLE-{row:05d}" for row in range(1, count + 1)])}
    treatment = draw_treatment(rng, count)
    columns |= _person(rng, count)
    columns |= _dates(treatment, as_of)
    columns |= draw_counts(rng, treatment, as_of)
    columns |= draw_findings(rng, count, treatment, as_of)
    forget_some(rng, columns)
    return columns


def draw_treatment(rng: np.random.Generator, count: int) -> Treatment:
    """Courses of 14, 21 or 28 days, any cycle from the first to the sixth, any day of it."""
    length = rng.choice([14, 21, 28], size=count, p=[0.25, 0.65, 0.10])
    return Treatment(rng.integers(1, 7, size=count), length, (rng.random(count) * length).astype(int))


def draw_counts(rng: np.random.Generator, treatment: Treatment, as_of: date) -> dict[str, Column]:
    """Blood counts of the last days, never from before the latest infusion, with the course's dip in them."""
    count = len(treatment.day)
    age_of_sample = np.minimum(rng.integers(0, 5, size=count), treatment.day)
    day = treatment.day - age_of_sample
    own = np.clip(rng.normal(1.0, 0.35, size=count), 0.2, 2.2)
    sensitivity = own * (1 + 0.06 * (treatment.cycle - 1))
    lowest = rng.uniform(10, 14, size=count) * np.minimum(treatment.length / 21, 1.0)
    dip = np.exp(-0.5 * ((day - lowest) / (0.22 * treatment.length)) ** 2)

    def level(centre: float, spread: float, depth: float) -> Column:
        return centre * np.exp(rng.normal(0, spread, size=count) - depth * sensitivity * dip)

    neutrophils = level(4.2, 0.30, 1.35)
    leukocytes = neutrophils + level(1.7, 0.25, 0.60)
    haemoglobin = rng.normal(7.9, 0.55, size=count) - 0.13 * treatment.cycle - 0.35 * sensitivity * dip
    taken = iso_days(as_of, -age_of_sample)
    values = {
        "platelets": np.round(level(250, 0.25, 0.95)),
        "neutrophils": np.round(neutrophils, 2),
        "leukocytes": np.round(leukocytes, 2),
        "haemoglobin [mmol/L]": np.round(np.maximum(haemoglobin, 3.5), 1),
    }
    return values | {f"{name.split(' ')[0]}.date": taken for name in values}


def draw_findings(rng: np.random.Generator, count: int, treatment: Treatment, as_of: date) -> dict[str, Column]:
    """What the forms ask and the door measures: yes where ticked, empty where asked and no."""
    columns = {name: ticked(rng.random(count) < share) for name, share in (_TODAY | _LASTING).items()}
    columns["peripheral_neuropathy"] = ticked(rng.random(count) < 0.03 * treatment.cycle)
    columns["line"] = rng.choice(_LINES, size=count, p=[0.65, 0.17, 0.18])
    columns |= _metastases(rng, count) | _vitals(rng, count, treatment)
    minutes = np.round(rng.gamma(2.0, 35, size=count) / 5) * 5
    columns["moderate_minutes_per_week"] = np.minimum(minutes, 400)
    columns["vigorous_minutes_per_week"] = rng.choice([0.0, 10.0, 20.0], size=count, p=[0.8, 0.1, 0.1])
    columns["strength_days_per_week"] = rng.choice([0.0, 1.0, 2.0], size=count, p=[0.7, 0.2, 0.1])
    started = rng.integers(1, 42, size=count)
    columns["form.enrolment"] = iso_days(as_of, -started)
    columns["form.cycle"] = iso_days(as_of, -np.minimum(treatment.day, started))
    columns["form.door"] = iso_days(as_of, np.zeros(count, dtype=int))
    for name in (*_VITALS, "temperature_site"):
        columns[f"{name}.date"] = columns["form.door"]
    return columns


def _metastases(rng: np.random.Generator, count: int) -> dict[str, Column]:
    """Bone metastases with their sites, what is known of a lesion in the thigh, and the answers of physicians."""
    there = rng.random(count) < 0.07
    sites = np.where(there, rng.choice(_SITES, size=count), "")
    thigh = sites == "proximal_femur"
    answers = rng.choice(["cleared", "limited", "pending"], size=count, p=[0.66, 0.20, 0.14])
    return {
        "bone_metastases": ticked(there),
        "bone_metastasis_sites": sites,
        "mirels_site": np.where(thigh, "lower-limb", ""),
        "mirels_size": np.where(thigh, "below-one-third", ""),
        "mirels_type": np.where(thigh, rng.choice(["blastic", "mixed"], size=count), ""),
        "mirels_pain": np.where(thigh, "mild", ""),
        "oncologist_clearance": np.where(there, answers, "cleared"),
        "treating_clearance": np.full(count, "cleared", dtype=object),
        "enrolment_cleared": np.full(count, "yes", dtype=object),
    }


def _vitals(rng: np.random.Generator, count: int, treatment: Treatment) -> dict[str, Column]:
    """Measurements at the door, with a fever now and then, more often when the counts are low."""
    low_immune = np.abs(treatment.day - treatment.length / 2) < 3
    fever = rng.random(count) < 0.0008 + 0.004 * low_immune
    temperature = rng.normal(36.7, 0.25, size=count) + fever * rng.uniform(1.4, 2.4, size=count)
    return {
        "systolic_bp": np.round(rng.normal(126, 15, size=count)),
        "diastolic_bp": np.round(rng.normal(76, 8.5, size=count)),
        "resting_heart_rate": np.round(rng.normal(76, 11, size=count)),
        "temperature": np.round(temperature, 1),
        "temperature_site": np.full(count, "ear", dtype=object),
        "spo2": np.minimum(np.round(rng.normal(97, 1.2, size=count)), 100),
        "respiratory_rate": np.round(rng.normal(15, 2, size=count)),
    }


def forget_some(rng: np.random.Generator, columns: dict[str, Column]) -> None:
    """Take one answer from about one patient in twenty: door form, counts, temperature or pressure."""
    count = len(columns["id"])
    lot = rng.random(count)
    columns["form.door"] = np.where(lot < 0.010, "", columns["form.door"])
    without_counts = (lot >= 0.010) & (lot < 0.028)
    for name in ("platelets", "neutrophils", "leukocytes"):
        columns[name] = np.where(without_counts, np.nan, columns[name])
    columns["temperature"] = np.where((lot >= 0.028) & (lot < 0.040), np.nan, columns["temperature"])
    columns["diastolic_bp"] = np.where((lot >= 0.040) & (lot < 0.050), np.nan, columns["diastolic_bp"])


def _person(rng: np.random.Generator, count: int) -> dict[str, Column]:
    kind = rng.choice(len(_TYPES), size=count, p=_TYPE_SHARES)
    women = np.array([_WOMEN.get(name, 0.5) for name in _TYPES])
    return {
        "age": np.clip(np.round(rng.normal(58, 11, size=count)), 19, 84),
        "sex": np.where(rng.random(count) < women[kind], "female", "male"),
        "cancer_type": np.array(_TYPES)[kind],
        "haematological_cancer": ticked(np.array(_TYPES)[kind] == "lymphoma"),
        "on_chemotherapy": np.full(count, "yes", dtype=object),
        "in_initial_treatment": np.full(count, "yes", dtype=object),
    }


def _dates(treatment: Treatment, as_of: date) -> dict[str, Column]:
    return {
        "chemotherapy_cycle": treatment.cycle,
        "chemotherapy_cycle_length": treatment.length,
        "last_chemotherapy": iso_days(as_of, -treatment.day),
        "next_chemotherapy": iso_days(as_of, treatment.length - treatment.day),
    }


def ticked(mask: Column) -> Column:
    return np.where(mask, "yes", "")


def iso_days(as_of: date, days: Column) -> Column:
    low, high = int(days.min()), int(days.max())
    words = np.array([(as_of + timedelta(days=shift)).isoformat() for shift in range(low, high + 1)], dtype=object)
    return words[days - low]
