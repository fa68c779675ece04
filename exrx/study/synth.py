"""A synthetic cohort in chemotherapy whose blood counts come from a marrow model, with their true lowest points.

    parameters -> draw_people -> follow (day by day) -> columns of the day `as_of`, or a time course

Not real patients, fitted to none, and for no clinical claim: see docs/synthetic-cohort.md. Every row has the origin
`synthetic`, which no final plan accepts. Rows are drawn in blocks of `BLOCK`, each with a seed of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
from attrs import evolve, frozen

from exrx.patient import SYNTHETIC
from exrx.study.bodies import Bodies, measured
from exrx.study.findings import (
    Column,
    Treatment,
    draw_findings,
    forget_some,
    iso_days,
    shares,
    ticked,
    written,
)
from exrx.study.marrow import Floats, Marrow
from exrx.study.regimens import LINEAGES, Parameters, parameters

BLOCK = 16_384
_THREADS = 2


@frozen(eq=False)
class People:
    """n drawn patients: indices into cancers and regimens, who they are, and both lineages."""

    cancer: Column
    regimen: Column
    women: Column
    age: Column
    ecog: Column
    earlier: Column
    gcsf: Column
    haemoglobin: Floats
    marrow: tuple[Marrow, Marrow]

    def rows(self, chosen: Any) -> People:
        """The same of some patients, in the order chosen."""
        names = ("cancer", "regimen", "women", "age", "ecog", "earlier", "gcsf", "haemoglobin")
        kept = {name: getattr(self, name)[chosen] for name in names}
        return People(**kept, marrow=(self.marrow[0].rows(chosen), self.marrow[1].rows(chosen)))


@frozen(eq=False)
class Day:
    """Counts at the start of a day of the course (before a dose) for rows `[first:]`; arrays hold all rows."""

    number: int
    first: int
    neutrophils: Floats
    platelets: Floats
    haemoglobin: Floats
    transfused: Column


def draw_people(rng: np.random.Generator, count: int, regimen: int | None = None) -> People:
    """Draw who the patients are; with `regimen` all of them have that one (by index)."""
    known = parameters()
    cancers = list(known.content["cancers"].values())
    cancer = rng.choice(len(cancers), size=count, p=_shares([entry["share"] for entry in cancers]))
    names = [found.name for found in known.regimens]
    table = np.array([_shares([entry["regimens"].get(name, 0) for name in names]) for entry in cancers])
    lot = rng.random(count)
    given = np.minimum((np.cumsum(table, axis=1)[cancer] < lot[:, None]).sum(axis=1), len(names) - 1)
    given = given if regimen is None else np.full(count, regimen)
    women = rng.random(count) < np.array([float(entry["women"]) for entry in cancers])[cancer]
    mean_age = np.array([float(entry["age"]) for entry in cancers])[cancer]
    years, ecogs = shares("person", "age"), shares("person", "ecog")
    age = np.clip(np.round(rng.normal(mean_age, years["spread"])), years["least"], years["most"])
    unwell = rng.random(count) < ecogs["one_or_more"] + ecogs["a_year_from_60"] * (age - 60)
    ecog = unwell * (1 + (rng.random(count) < ecogs["two_of_these"]))
    earlier = rng.random(count) < written("person", "earlier_treatment")
    always = np.array([found.always_gcsf for found in known.regimens])[given]
    gcsf = always | (rng.random(count) < known.number("support", "gcsf_share"))
    return with_blood(rng, cancer, given, women, age, ecog, earlier, gcsf)


def with_blood(
    rng: np.random.Generator, cancer: Column, regimen: Column, women: Column, age: Column, ecog: Column,
    earlier: Column, gcsf: Column,
) -> People:  # fmt: skip
    """People of whom all but the blood is known."""
    known, count = parameters(), women.size
    centre = np.where(women, *(known.number("support", f"haemoglobin_{sex}") for sex in ("women", "men")))
    haemoglobin = centre + rng.normal(0, known.number("support", "haemoglobin_spread"), count)
    marrow = (_marrow(rng, count, "neutrophils"), _marrow(rng, count, "platelets"))
    return _adjusted(People(cancer, regimen, women, age, ecog, earlier, gcsf, haemoglobin, marrow), known)


def _shares(given: list[Any]) -> Floats:
    shares = np.array([float(share) for share in given])
    return shares / shares.sum()


def _marrow(rng: np.random.Generator, count: int, lineage: str) -> Marrow:
    known = parameters()

    def spread(name: str) -> Floats:
        return np.exp(rng.normal(0, known.lineage(lineage, f"spread_{name}"), count))

    return Marrow(
        known.lineage(lineage, "baseline") * spread("baseline"),
        known.lineage(lineage, "transit_h") * spread("transit"),
        np.full(count, known.lineage(lineage, "feedback")),
        spread("effect"),
    )


def _adjusted(people: People, known: Parameters) -> People:
    """The same people with covariates and G-CSF in their neutrophils."""
    white = people.marrow[0]
    factor = 1 + known.number("covariates", "female") * people.women
    factor = factor * (1 + known.number("covariates", "ecog_1_or_more") * (people.ecog >= 1))
    factor = factor * (1 + known.number("covariates", "earlier_treatment") * people.earlier)
    helped = Marrow(
        white.baseline * factor,
        white.transit_h,
        np.where(people.gcsf, known.number("support", "gcsf_feedback"), 1.0) * white.feedback,
        np.where(people.gcsf, known.number("support", "gcsf_effect"), 1.0) * white.sensitivity,
    )
    return evolve(people, marrow=(helped, people.marrow[1]))


def follow(people: People, until: Column) -> Iterator[Day]:
    """Every day of the course, first infusion on day 0; `until` (ascending) is each row's last day.

    Doses are halved where counts have not recovered; nobody's course is delayed. `transfused` is the day of
    each row's last transfusion, -1 for none.
    """
    known = parameters()
    last = int(until[-1]) if len(until) else -1
    plan = np.zeros((2, len(known.regimens), last + 1))
    for index, regimen in enumerate(known.regimens):
        days = min(last + 1, regimen.effects.shape[1])
        plan[:, index, :days] = regimen.effects[:, :days]
    bodies = Bodies(people.marrow, people.haemoglobin)
    for day in range(last + 1):
        first = int(np.searchsorted(until, day))
        yield Day(day, first, transfused=bodies.red.transfused, **bodies.counts)
        if plan[:, :, day].any():
            kind = people.regimen[first:]
            bodies.dose(plan[0, kind, day], plan[1, kind, day], day > 0, first)
        bodies.day(day, first)


def synthesise(n: int, *, seed: int, as_of: date) -> dict[str, Column]:
    """Columns of `n` synthetic patients on the day `as_of`, in the headers that `Cohort.from_columns` reads.

    The same arguments give the same values on the same NumPy. Flags are "yes" or empty, dates ISO text,
    unknown numbers NaN.
    """
    blocks = list(synthetic_blocks(n, seed=seed, as_of=as_of))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}


def synthetic_blocks(n: int, *, seed: int, as_of: date) -> Iterator[dict[str, Column]]:
    """The same as `synthesise`, block after block of at most `BLOCK` rows, made by two threads, in order."""

    def block(number: int) -> dict[str, Column]:
        first = number * BLOCK
        return _cross_section(np.random.default_rng([seed, number]), min(BLOCK, n - first), first, as_of)

    numbers = iter(range(-(-n // BLOCK)))
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(block, number) for number in islice(numbers, 2 * _THREADS)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(block, number) for number in islice(numbers, 1)]


def _cross_section(rng: np.random.Generator, count: int, first: int, as_of: date) -> dict[str, Column]:
    people = draw_people(rng, count)
    treatment, end = _drawn_day(rng, people)
    oldest = int(written("laboratory", "sample_age", "most"))
    back = np.minimum(rng.integers(0, oldest + 1, size=count), treatment.day)
    order = np.argsort(end - back, kind="stable")
    counts, transfused = _sampled(people, order, end - back)
    columns: dict[str, Column] = {
        "id": np.array([f"SYNTHETIC-{row:07d}" for row in range(first + 1, first + count + 1)], dtype=object),
        "origin": np.full(count, SYNTHETIC, dtype=object),
    }
    columns |= describe(rng, people, treatment, as_of)
    values, taken = measured(rng, counts), iso_days(as_of, -back)
    columns |= values | {f"{name.split(' ')[0]}.date": taken for name in values}
    gone = np.where(transfused < 0, 0, end - transfused)
    columns["last_transfusion"] = np.where(transfused < 0, "", iso_days(as_of, -gone))
    columns |= draw_findings(rng, count, treatment, as_of)
    forget_some(rng, columns)
    _leave_out(rng, columns, treatment)
    return columns


def _drawn_day(rng: np.random.Generator, people: People) -> tuple[Treatment, Column]:
    """Where in the course each patient stands, every cycle and day alike, and the days since the first infusion."""
    lot, within = rng.random(people.age.size), rng.random(people.age.size)
    cycle, length, end = (np.zeros(people.age.size, dtype=np.int64) for _ in range(3))
    for index, regimen in enumerate(parameters().regimens):
        rows = people.regimen == index
        at = (lot[rows] * regimen.starts.size).astype(np.int64)
        cycle[rows], length[rows] = at + 1, regimen.lengths[at]
        end[rows] = regimen.starts[at]
    day = (within * length).astype(np.int64)
    return Treatment(cycle, length, day), end + day


def _sampled(people: People, order: Column, until: Column) -> tuple[dict[str, Floats], Column]:
    """The true counts of each row on its own day, and the day of its last transfusion."""
    chosen = people.rows(order)
    ends = until[order]
    counts = {name: np.empty(order.size) for name in (*LINEAGES, "haemoglobin")}
    transfused = np.empty(order.size, dtype=np.int64)
    for day in follow(chosen, ends):
        here = slice(day.first, int(np.searchsorted(ends, day.number, side="right")))
        for name, kept in counts.items():
            kept[order[here]] = getattr(day, name)[here]
        transfused[order[here]] = day.transfused[here]
    return counts, transfused


def describe(rng: np.random.Generator, people: People, treatment: Treatment, as_of: date) -> dict[str, Column]:
    """Who the patients are and where they stand in their treatment, as columns."""
    known = parameters()
    names = np.array(list(known.content["cancers"]), dtype=object)
    size, bulk = shares("person", "height"), shares("person", "bmi")
    height = np.round(rng.normal(np.where(people.women, size["women"], size["men"]), size["spread"]), 0)
    bmi = np.clip(rng.normal(bulk["mean"], bulk["spread"], height.size), bulk["least"], bulk["most"])
    yes = np.full(people.age.size, "yes", dtype=object)
    return {
        "age": people.age,
        "sex": np.where(people.women, "female", "male").astype(object),
        "height": height,
        "weight": np.round((height / 100) ** 2 * bmi, 1),
        "ecog": people.ecog.astype(np.float64),
        "cancer_type": names[people.cancer],
        "haematological_cancer": ticked(names[people.cancer] == "lymphoma").astype(object),
        "on_chemotherapy": yes,
        "in_initial_treatment": ticked(~people.earlier).astype(object),
        "regimen": np.array([found.field for found in known.regimens], dtype=object)[people.regimen],
        "synthetic.regimen": np.array([found.name for found in known.regimens], dtype=object)[people.regimen],
        "gcsf_given": ticked(people.gcsf).astype(object),
        "chemotherapy_cycle": treatment.cycle,
        "chemotherapy_cycle_length": treatment.length,
        "last_chemotherapy": iso_days(as_of, -treatment.day),
        "next_chemotherapy": iso_days(as_of, treatment.length - treatment.day),
    }


def _leave_out(rng: np.random.Generator, columns: dict[str, Column], treatment: Treatment) -> None:
    """Missing by indication: fewer blood tests in the quiet first days, CRP only where an infection is suspected."""
    days, crps = shares("missing", "quiet_days"), shares("laboratory", "crp")
    quiet = rng.random(treatment.day.size) < days["share"]
    quiet &= (treatment.day >= days["first"]) & (treatment.day <= days["last"])
    for name in (*LINEAGES, "leukocytes", "haemoglobin [mmol/L]"):
        columns[name] = np.where(quiet, np.nan, columns[name])
    ill = (columns["infection_requiring_treatment"] == "yes") | (columns["temperature"] >= 38)
    crp = np.round(np.exp(rng.normal(crps["log_mean"], crps["log_spread"], quiet.size)), 0)
    columns["crp"] = np.where(ill, np.minimum(crp, crps["most"]), np.nan)
    columns["crp.date"] = np.where(ill, columns["platelets.date"], "")


__all__ = [
    "BLOCK", "LINEAGES", "Day", "People", "describe", "draw_people", "follow", "parameters", "synthesise",
    "synthetic_blocks", "with_blood",
]  # fmt: skip
