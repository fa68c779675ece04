"""The patients of a simulation on its first day: drawn, or taken from a file that `exrx cohort synth` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from attrs import frozen

from exrx.errors import InputFileError
from exrx.patient import SYNTHETIC
from exrx.study.findings import Column, Treatment, draw_habits, draw_lasting, shares
from exrx.study.regimens import parameters
from exrx.study.synth import People, describe, draw_people, with_blood

NEEDED = (
    "id", "origin", "age", "sex", "ecog", "cancer_type", "synthetic.regimen", "gcsf_given", "in_initial_treatment",
    "chemotherapy_cycle", "last_chemotherapy", "moderate_minutes_per_week", "vigorous_minutes_per_week",
    "strength_days_per_week",
)  # fmt: skip
_CHANGING = (
    "platelets", "neutrophils", "leukocytes", "haemoglobin", "crp", "systolic_bp", "diastolic_bp", "resting_heart_rate",
    "temperature", "temperature_site", "spo2", "respiratory_rate", "chemotherapy_cycle", "chemotherapy_cycle_length",
    "last_chemotherapy", "next_chemotherapy", "last_transfusion",
)  # fmt: skip


@frozen(eq=False)
class Start:
    """n patients: `offset` (n,) is the day of their course on the programme's first day, `columns` what stays."""

    ids: Column
    people: People
    offset: Column
    columns: dict[str, Column]

    def __len__(self) -> int:
        return int(self.offset.size)


def draw_start(rng: np.random.Generator, count: int, first: int, day: date) -> Start:
    """Patients who begin on any day of their first cycle, every day alike."""
    people = draw_people(rng, count)
    lengths = np.array([regimen.lengths[0] for regimen in parameters().regimens])[people.regimen]
    offset = (rng.random(count) * lengths).astype(np.int64)
    treatment = Treatment(np.ones(count, np.int64), lengths, offset)
    columns = describe(rng, people, treatment, day) | draw_lasting(rng, count, treatment) | draw_habits(rng, count)
    ids = np.array([f"SYNTHETIC-{row:07d}" for row in range(first + 1, first + count + 1)], dtype=object)
    return Start(ids, people, offset, _staying(columns, ()))


def check_file(columns: Mapping[str, Column], name: str) -> None:
    """Refuse a table that is no synthetic cohort, whole.

    Raises:
        InputFileError: a column is missing, a row is not synthetic, or names a regimen or cancer that is not drawn.
    """
    missing = [each for each in NEEDED if each not in columns]
    if missing:
        raise InputFileError(
            f"{name}: there is no column '{missing[0]}'. A cohort to simulate is one that `exrx cohort synth "
            f"--out FILE` wrote, because the blood counts of the coming days come from its regimens."
        )
    strangers = np.flatnonzero(np.asarray(columns["origin"], dtype=object) != SYNTHETIC)
    if strangers.size:
        raise InputFileError(
            f"{name}: row {int(strangers[0]) + 1} is not synthetic (its origin is not 'synthetic'). Only synthetic "
            f"patients are simulated: what would have happened to real ones is not known to any model here."
        )
    known = {found.name: found for found in parameters().regimens}
    cancers = parameters().content["cancers"]
    rows = zip(columns["synthetic.regimen"], columns["cancer_type"], columns["chemotherapy_cycle"], strict=True)
    for row, (regimen, cancer, cycle) in enumerate(rows, start=1):
        if regimen not in known or cancer not in cancers:
            raise InputFileError(f"{name}: row {row}: the regimen or the cancer type is none of myelosuppression.yaml")
        if not 1 <= float(cycle) <= known[regimen].starts.size:
            raise InputFileError(f"{name}: row {row}: its regimen has no cycle of that number")
    for column in ("age", "ecog"):
        wrong = np.flatnonzero(~np.isfinite(np.asarray(columns[column], dtype=np.float64)))
        if wrong.size:
            raise InputFileError(f"{name}: row {int(wrong[0]) + 1}: '{column}' is missing")


def start_from(rng: np.random.Generator, columns: Mapping[str, Column], rows: slice, day: date) -> Start:
    """The patients of some rows of a checked table; their blood is drawn, everything else is theirs."""
    here = {name: column[rows] for name, column in columns.items()}
    regimens, cancers = [found.name for found in parameters().regimens], list(parameters().content["cancers"])
    regimen = np.array([regimens.index(name) for name in here["synthetic.regimen"]])
    people = with_blood(
        rng,
        np.array([cancers.index(name) for name in here["cancer_type"]]),
        regimen,
        here["sex"] == "female",
        np.asarray(here["age"], np.float64),
        np.asarray(here["ecog"], np.float64).astype(np.int64),
        here["in_initial_treatment"] != "yes",
        here["gcsf_given"] == "yes",
    )
    infusion = np.array(here["last_chemotherapy"], dtype="datetime64[D]")
    since = (np.datetime64(day) - infusion).astype(np.int64)
    if (since < 0).any():
        raise InputFileError("a patient's last chemotherapy lies after the programme's first day; give a later --start")
    starts = [found.starts for found in parameters().regimens]
    cycle = np.asarray(here["chemotherapy_cycle"], np.float64).astype(np.int64)
    begun = np.array([starts[index][number - 1] for index, number in zip(regimen, cycle, strict=True)])
    return Start(np.asarray(here["id"], dtype=object), people, begun + since, _staying(here, ("id", "origin")))


def _staying(columns: Mapping[str, Column], besides: tuple[str, ...]) -> dict[str, Column]:
    """The columns that do not change from day to day, without dates, forms and what the door asks."""
    gone = {*_CHANGING, *shares("today"), *besides, "synthetic.regimen"}
    return {
        name: column
        for name, column in columns.items()
        if name.split(" [")[0] not in gone and not name.startswith("form.") and not name.endswith(".date")
    }


def first_monday(columns: Mapping[str, Column]) -> date:
    """The first Monday on or after the day that the patients of a table stand at."""
    last = max(date.fromisoformat(text) for text in columns["form.door"] if text)
    return date.fromordinal(last.toordinal() + (7 - last.weekday()) % 7)


