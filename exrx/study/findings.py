"""What synthetic patients are like besides their blood counts: findings, vital signs, habits, and what is forgotten.

The numbers, all invented, stand in `protocols/study/findings.yaml`.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from exrx.library import library_root
from exrx.yamlread import read_plain_yaml

Column = NDArray[Any]
VITALS = ("systolic_bp", "diastolic_bp", "resting_heart_rate", "temperature", "spo2", "respiratory_rate")


@frozen
class Treatment:
    """Where each patient stands in the course: cycle number and length, and days since the infusion."""

    cycle: Column
    length: Column
    day: Column


@lru_cache(maxsize=1)
def findings_known() -> dict[str, Any]:
    """The file `findings.yaml`, numbers as they are written."""
    known: dict[str, Any] = read_plain_yaml(library_root() / "study" / "findings.yaml")
    return known


def written(group: str, *path: str) -> float:
    """A number of the file by its path."""
    found = findings_known()[group]
    for part in path:
        found = found[part]
    return float(found)


def shares(group: str, name: str = "share") -> dict[str, float]:
    """The named shares of a group."""
    return {key: float(value) for key, value in findings_known()[group][name].items()}


def draw_findings(rng: np.random.Generator, count: int, treatment: Treatment, as_of: date) -> dict[str, Column]:
    """What the forms ask and the door measures: yes where ticked, empty where asked and no."""
    columns = draw_today(rng, count) | draw_lasting(rng, count, treatment)
    columns |= draw_vitals(rng, count, treatment)
    columns |= draw_habits(rng, count)
    span = findings_known()["habits"]["days_since_enrolment"]
    started = rng.integers(int(span["least"]), int(span["most"]) + 1, size=count)
    columns["form.enrolment"] = iso_days(as_of, -started)
    columns["form.cycle"] = iso_days(as_of, -np.minimum(treatment.day, started))
    columns["form.door"] = iso_days(as_of, np.zeros(count, dtype=int))
    for name in (*VITALS, "temperature_site"):
        columns[f"{name}.date"] = columns["form.door"]
    return columns


def draw_today(rng: np.random.Generator, count: int) -> dict[str, Column]:
    """What is ticked on a door form."""
    return {name: ticked(rng.random(count) < share) for name, share in shares("today").items()}


def draw_lasting(rng: np.random.Generator, count: int, treatment: Treatment) -> dict[str, Column]:
    """What stays: diseases, nerves, lines, metastases and the answers of physicians."""
    columns = {name: ticked(rng.random(count) < share) for name, share in shares("lasting").items()}
    each = written("neuropathy", "share_a_cycle")
    columns["peripheral_neuropathy"] = ticked(rng.random(count) < each * treatment.cycle)
    columns["line"] = _drawn(rng, count, shares("line"))
    return columns | _metastases(rng, count)


def draw_habits(rng: np.random.Generator, count: int) -> dict[str, Column]:
    """How active the patients are before they start."""
    gamma = findings_known()["habits"]["moderate_minutes"]
    minutes = np.round(rng.gamma(float(gamma["shape"]), float(gamma["scale"]), size=count) / 5) * 5
    vigorous, strength = (shares("habits", name) for name in ("vigorous_minutes", "strength_days"))
    return {
        "moderate_minutes_per_week": np.minimum(minutes, int(gamma["most"])),
        "vigorous_minutes_per_week": _drawn(rng, count, {float(key): share for key, share in vigorous.items()}),
        "strength_days_per_week": _drawn(rng, count, {float(key): share for key, share in strength.items()}),
    }


def _drawn(rng: np.random.Generator, count: int, parts: dict[Any, float]) -> Column:
    return np.asarray(rng.choice(list(parts), size=count, p=list(parts.values())))


def _metastases(rng: np.random.Generator, count: int) -> dict[str, Column]:
    """Bone metastases with their sites, what is known of a lesion in the thigh, and the answers of physicians."""
    known = findings_known()["bone_metastases"]
    there = rng.random(count) < float(known["share"])
    sites = np.where(there, rng.choice(tuple(known["sites"]), size=count), "")
    thigh = sites == "proximal_femur"
    answers = _drawn(rng, count, shares("bone_metastases", "clearance"))
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


def draw_vitals(rng: np.random.Generator, count: int, treatment: Treatment) -> dict[str, Column]:
    """Measurements at the door, with a fever now and then, more often when the counts are low."""
    known = findings_known()["vitals"]

    def normal(name: str) -> Column:
        return rng.normal(float(known[name]["mean"]), float(known[name]["spread"]), size=count)

    fever = {name: float(value) for name, value in known["fever"].items()}
    low_immune = np.abs(treatment.day - treatment.length / 2) < 3
    feverish = rng.random(count) < fever["share"] + fever["more_at_nadir"] * low_immune
    temperature = normal("temperature") + feverish * rng.uniform(fever["least"], fever["most"], size=count)
    return {
        "systolic_bp": np.round(normal("systolic_bp")),
        "diastolic_bp": np.round(normal("diastolic_bp")),
        "resting_heart_rate": np.round(normal("resting_heart_rate")),
        "temperature": np.round(temperature, 1),
        "temperature_site": np.full(count, "ear", dtype=object),
        "spo2": np.minimum(np.round(normal("spo2")), 100),
        "respiratory_rate": np.round(normal("respiratory_rate")),
    }


def draw_forgotten(rng: np.random.Generator, count: int) -> dict[str, Column]:
    """Which of the door form, counts, temperature and pressure nobody has, at most one of them a patient."""
    lot, start, forgotten = rng.random(count), 0.0, {}
    for name, share in shares("missing").items():
        end = round(start + share, 9)
        forgotten[name] = (lot >= start) & (lot < end)
        start = end
    return forgotten


def forget_some(rng: np.random.Generator, columns: dict[str, Column]) -> None:
    """Take one answer from about one patient in twenty: door form, counts, temperature or pressure."""
    gone = draw_forgotten(rng, len(columns["id"]))
    columns["form.door"] = np.where(gone["door_form"], "", columns["form.door"])
    for name in ("platelets", "neutrophils", "leukocytes"):
        columns[name] = np.where(gone["counts"], np.nan, columns[name])
    for name in ("temperature", "diastolic_bp"):
        columns[name] = np.where(gone[name], np.nan, columns[name])


def ticked(mask: Column) -> Column:
    """`yes` where the mask is true, else empty."""
    return np.where(mask, "yes", "")


def iso_days(as_of: date, days: Column) -> Column:
    """Dates as ISO text, so many days after `as_of`."""
    low, high = int(days.min()), int(days.max())
    words = np.array([(as_of + timedelta(days=shift)).isoformat() for shift in range(low, high + 1)], dtype=object)
    return words[days - low]
