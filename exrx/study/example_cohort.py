"""A synthetic cohort in chemotherapy, with forms and blood counts, for demonstrations and tests.

Everything is invented: the shapes are plausible, nothing is fitted to patients, and no rate may be quoted.
Blood counts fall after each infusion to a lowest point 10-14 days later and recover before the next (the
general pattern, not verified against a source), deeper with each cycle and with each patient's
sensitivity. Door forms are dated `as_of`; a few patients lack one answer, as in life.

    draw_treatment -> draw_counts -> draw_findings -> forget_some -> columns for Cohort.from_columns
"""

from __future__ import annotations

from datetime import date

import numpy as np

from exrx.study.findings import Column, Treatment, draw_findings, forget_some, iso_days, ticked

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
