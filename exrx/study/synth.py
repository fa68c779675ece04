"""A synthetic cohort in chemotherapy whose blood counts come from a marrow model, with their true lowest points.

    parameters -> draw_people -> follow (day by day) -> columns of the day `as_of`, or a time course

Not real patients, fitted to none, and for no clinical claim: see docs/synthetic-cohort.md. Every row has the origin
`synthetic`, which no final plan accepts. Rows are drawn in blocks of `BLOCK`, each with a seed of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from attrs import evolve, frozen

from exrx.library import library_root
from exrx.patient import SYNTHETIC
from exrx.study.example_cohort import Column, Treatment, draw_findings, forget_some, iso_days, ticked
from exrx.study.marrow import Course, Floats, Marrow
from exrx.yamlread import read_plain_yaml

BLOCK = 16_384
LINEAGES = ("neutrophils", "platelets")
_THREADS = 2


@frozen
class Regimen:
    """One regimen as the model needs it: days of dose with their effect (h) on each lineage, and its cycles.

    `starts` and `lengths` have one entry a cycle; `effects` is (2, days), 0 on days without a dose.
    """

    name: str
    field: str
    starts: Column
    lengths: Column
    effects: Floats
    always_gcsf: bool


@frozen
class Parameters:
    """The file `protocols/study/myelosuppression.yaml`, numbers as float, and its regimens made ready."""

    content: dict[str, Any]
    regimens: tuple[Regimen, ...]

    def number(self, group: str, name: str) -> float:
        """A value of `covariates` or `support`."""
        return float(self.content[group][name]["value"])

    def lineage(self, lineage: str, name: str) -> float:
        """A value of a lineage."""
        return float(self.content["lineages"][lineage][name]["value"])


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


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The parameters that ship with exrx."""
    root = library_root()
    content = read_plain_yaml(root / "study" / "myelosuppression.yaml")
    calendar = read_plain_yaml(root / "training" / "regimens.yaml")["regimens"]
    made = [
        _regimen(name, entry, calendar.get(name), content["effects"]) for name, entry in content["regimens"].items()
    ]
    return Parameters(content, tuple(made))


def _regimen(name: str, entry: dict[str, Any], known: dict[str, Any] | None, effects: dict[str, Any]) -> Regimen:
    phases = known["phases"] if known else [{"cycle_days": {"value": entry["days"]}, "cycles": {"value": 0}}]
    lengths: list[int] = []
    doses: list[str] = []
    for phase, effect in zip(phases, entry["effects"], strict=True):
        cycles = int(float(phase["cycles"]["value"])) or int(entry["cycles"])
        lengths += [int(float(phase["cycle_days"]["value"]))] * cycles
        doses += [effect] * cycles
    starts = np.concatenate([[0], np.cumsum(lengths)])
    table = np.zeros((2, int(starts[-1])))
    for day, effect in zip(starts[:-1], doses, strict=True):
        table[:, day] = [float(effects[effect][lineage]) for lineage in LINEAGES]
    return Regimen(name, entry["field"], starts[:-1], np.array(lengths), table, entry.get("gcsf") == "always")


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
    age = np.clip(np.round(rng.normal(np.array([float(entry["age"]) for entry in cancers])[cancer], 10.5)), 19, 89)
    ecog = (rng.random(count) < 0.35 + 0.004 * (age - 60)) * (1 + (rng.random(count) < 0.12))
    earlier = rng.random(count) < 0.15
    always = np.array([found.always_gcsf for found in known.regimens])[given]
    gcsf = always | (rng.random(count) < known.number("support", "gcsf_share"))
    centre = np.where(women, *(known.number("support", f"haemoglobin_{sex}") for sex in ("women", "men")))
    haemoglobin = centre + rng.normal(0, known.number("support", "haemoglobin_spread"), count)
    marrow = (_marrow(rng, count, "neutrophils"), _marrow(rng, count, "platelets"))
    people = People(cancer, given, women, age, ecog, earlier, gcsf, haemoglobin, marrow)
    return _adjusted(people, known)


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
    white, plates = Course(people.marrow[0]), Course(people.marrow[1])
    red = _Red(people, known)
    low, lowest = known.number("support", "reduce_below"), known.number("support", "reduce_platelets_below")
    reduced = known.number("support", "reduced_dose")
    for day in range(last + 1):
        first = int(np.searchsorted(until, day))
        yield Day(day, first, white.count, plates.count, red.level, red.transfused)
        if plan[:, :, day].any():
            kind = people.regimen[first:]
            held = (white.count[first:] < low) | (plates.count[first:] < lowest)
            part = np.where(held & (day > 0), reduced, 1.0)
            white.dose(plan[0, kind, day] * part, first)
            plates.dose(plan[1, kind, day] * part, first)
            red.dose(plan[1, kind, day] * part, first)
        white.day(first)
        plates.day(first)
        red.day(day, first)


class _Red:
    """Haemoglobin (mmol/L): a decline after each dose and a slow recovery, lifted by transfusions. Not a cell model."""

    def __init__(self, people: People, known: Parameters) -> None:
        self.base = people.haemoglobin
        self.coming, self.lost = np.zeros_like(self.base), np.zeros_like(self.base)
        self.given = np.zeros_like(self.base)
        self.transfused = np.full(self.base.size, -1)
        self.fall = known.number("support", "haemoglobin_fall") * people.marrow[1].sensitivity
        self.kept = float(np.exp(-1 / known.number("support", "haemoglobin_recovery_days")))
        self.trigger, self.gain = (known.number("support", name) for name in ("transfuse_below", "transfusion_gain"))

    @property
    def level(self) -> Floats:
        return np.maximum(self.base * np.exp(-self.lost) + self.given, 3.0)

    def dose(self, effect_h: Floats, first: int) -> None:
        self.coming[first:] += self.fall[first:] * effect_h

    def day(self, day: int, first: int) -> None:
        moved = 0.1 * self.coming[first:]
        self.coming[first:] -= moved
        self.lost[first:] = self.lost[first:] * self.kept + moved
        self.given[first:] *= self.kept
        if day % 7 == 6:
            level = self.base[first:] * np.exp(-self.lost[first:]) + self.given[first:]
            low = level < self.trigger
            self.given[first:] += self.gain * low
            self.transfused[first:] = np.where(low, day, self.transfused[first:])


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
    back = np.minimum(rng.integers(0, 5, size=count), treatment.day)
    order = np.argsort(end - back, kind="stable")
    counts, transfused = _sampled(people, order, end - back)
    columns: dict[str, Column] = {
        "id": np.array([f"SYNTHETIC-{row:07d}" for row in range(first + 1, first + count + 1)], dtype=object),
        "origin": np.full(count, SYNTHETIC, dtype=object),
    }
    columns |= _who(rng, people, treatment, as_of)
    columns |= _measured(rng, counts, iso_days(as_of, -back))
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


def _measured(rng: np.random.Generator, counts: dict[str, Floats], taken: Column) -> dict[str, Column]:
    """What a laboratory writes: noise and rounding on the true counts."""
    known = parameters()

    def noisy(name: str) -> Floats:
        found = counts[name]
        return found * np.exp(rng.normal(0, known.lineage(name, "noise"), found.size))

    white = noisy("neutrophils")
    others = known.number("support", "lymphocytes") * np.exp(rng.normal(0, 0.3, white.size))
    values = {
        "platelets": np.round(noisy("platelets")),
        "neutrophils": np.round(white, 2),
        "leukocytes": np.round(white + others, 2),
        "haemoglobin [mmol/L]": np.round(counts["haemoglobin"] + rng.normal(0, 0.1, white.size), 1),
    }
    return values | {f"{name.split(' ')[0]}.date": taken for name in values}


def _who(rng: np.random.Generator, people: People, treatment: Treatment, as_of: date) -> dict[str, Column]:
    known = parameters()
    names = np.array(list(known.content["cancers"]), dtype=object)
    height = np.round(rng.normal(np.where(people.women, 167, 180), 7), 0)
    yes = np.full(people.age.size, "yes", dtype=object)
    return {
        "age": people.age,
        "sex": np.where(people.women, "female", "male").astype(object),
        "height": height,
        "weight": np.round((height / 100) ** 2 * np.clip(rng.normal(25.8, 4.2, height.size), 16, 48), 1),
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
    quiet = (rng.random(treatment.day.size) < 0.10) & (treatment.day >= 1) & (treatment.day <= 5)
    for name in (*LINEAGES, "leukocytes", "haemoglobin [mmol/L]"):
        columns[name] = np.where(quiet, np.nan, columns[name])
    ill = (columns["infection_requiring_treatment"] == "yes") | (columns["temperature"] >= 38)
    crp = np.round(np.exp(rng.normal(4.0, 0.8, quiet.size)), 0)
    columns["crp"] = np.where(ill, np.minimum(crp, 600), np.nan)
    columns["crp.date"] = np.where(ill, columns["platelets.date"], "")


__all__ = ["BLOCK", "Day", "People", "draw_people", "follow", "parameters", "synthesise", "synthetic_blocks"]
