"""The synthetic patients over time: a long table of blood tests, and the check against published figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from attrs import frozen

from exrx.patient import SYNTHETIC
from exrx.study.findings import Column, iso_days, written
from exrx.study.regimens import LINEAGES, parameters
from exrx.study.synth import draw_people, follow

_LONG_BLOCK = 2_048


@frozen
class Checked:
    """One published figure beside the synthetic one: percents or days; `met` within `slack` of the range."""

    regimen: str
    what: str
    published: tuple[float, float]
    synthetic: float
    source: str
    verified: str
    met: bool


def courses(regimen: str, count: int, seed: int) -> dict[str, Column]:
    """True counts of whole courses: (days, patients) for each lineage and haemoglobin."""
    known = parameters()
    index = [found.name for found in known.regimens].index(regimen)
    people = draw_people(np.random.default_rng([seed, index]), count, index)
    days = known.regimens[index].effects.shape[1]
    kept = {name: np.empty((days, count)) for name in (*LINEAGES, "haemoglobin")}
    for day in follow(people, np.full(count, days - 1)):
        for name, table in kept.items():
            table[day.number] = getattr(day, name)
    return kept


def nadir_day(regimen: str, lineage: str, count: int = 2000, seed: int = 1) -> float:
    """The median day of the lowest true count of the first cycle; day 0 is the infusion."""
    known = next(found for found in parameters().regimens if found.name == regimen)
    return float(np.median(courses(regimen, count, seed)[lineage][: known.lengths[0]].argmin(axis=0)))


def check(count: int = 4000, *, seed: int = 1, slack: float = 8.0) -> list[Checked]:
    """Published shares of grade 3-4 counts and days of the lowest count, beside the synthetic ones.

    `slack`, in percentage points, is how far a share may lie outside the published range and still be `met`.
    """
    content = parameters().content
    regimens = {found.name: found for found in parameters().regimens}
    runs = {entry["regimen"]: courses(entry["regimen"], count, seed) for entry in content["published"]}
    found = []
    for entry in content["published"]:
        counts, starts = runs[entry["regimen"]][entry["what"]], regimens[entry["regimen"]].starts
        low = np.minimum.reduceat(counts, starts, axis=0) < float(entry["below"])
        share = 100 * float(low.any(axis=0).mean() if entry["of"] == "patients" else low.mean())
        least, most = (float(limit) for limit in entry["percent"])
        what = f"{entry['what']} < {entry['below']}, % of {entry['of']}"
        met = least - slack <= share <= most + slack
        found.append(_row(entry, what, (least, most), share, met))
    for entry in content["nadir_days"]:
        day = nadir_day(entry["regimen"], entry["what"], count, seed)
        least, most = (float(limit) for limit in entry["days"])
        found.append(_row(entry, f"{entry['what']}, day of the lowest", (least, most), day, least <= day <= most))
    return found


def _row(entry: dict[str, Any], what: str, published: tuple[float, float], share: float, met: bool) -> Checked:
    return Checked(entry["regimen"], what, published, share, entry["source"], entry["verified"], met)


def long_blocks(n: int, *, seed: int, as_of: date) -> Iterator[dict[str, Column]]:
    """Whole courses of `n` patients who had their first infusion on `as_of`: one row a blood test, in days.

    Tests are taken on the day of each dose and on two days a week; about one in twelve is missing.
    """
    for number, first in enumerate(range(0, n, _LONG_BLOCK)):
        yield _long(np.random.default_rng([seed, 1, number]), min(_LONG_BLOCK, n - first), first, as_of)


def _long(rng: np.random.Generator, count: int, first: int, as_of: date) -> dict[str, Column]:
    known = parameters()
    people = draw_people(rng, count)
    order = np.argsort([known.regimens[index].effects.shape[1] for index in people.regimen], kind="stable")
    until = np.array([known.regimens[index].effects.shape[1] - 1 for index in people.regimen])[order]
    people = people.rows(order)
    dosed = np.zeros((len(known.regimens), int(until[-1]) + 1), dtype=bool)
    for index, regimen in enumerate(known.regimens):
        dosed[index, regimen.starts] = True
    weekday = rng.integers(0, 7, count)
    missing, noise_red = 1 / written("missing", "one_blood_test_in"), written("laboratory", "haemoglobin_noise")
    parts: dict[str, list[Column]] = {name: [] for name in ("row", "day", *LINEAGES, "haemoglobin")}
    for day in follow(people, until):
        due = dosed[people.regimen, day.number] | ((day.number + weekday) % 7 == 0) | ((day.number + weekday) % 7 == 3)
        rows = np.flatnonzero(due & (rng.random(count) > missing) & (np.arange(count) >= day.first))
        parts["row"].append(rows)
        parts["day"].append(np.full(rows.size, day.number))
        for name in LINEAGES:
            noise = np.exp(rng.normal(0, known.lineage(name, "noise"), rows.size))
            parts[name].append(getattr(day, name)[rows] * noise)
        parts["haemoglobin"].append(day.haemoglobin[rows] + rng.normal(0, noise_red, rows.size))
    flat = {name: np.concatenate(pieces) for name, pieces in parts.items()}
    rows = flat["row"]
    names = np.array([f"SYNTHETIC-{row + first + 1:07d}" for row in range(count)], dtype=object)
    kinds = np.array([found.name for found in known.regimens], dtype=object)
    sorting = np.lexsort((flat["day"], rows))
    table = {
        "id": names[rows],
        "origin": np.full(rows.size, SYNTHETIC, dtype=object),
        "synthetic.regimen": kinds[people.regimen[rows]],
        "day": flat["day"],
        "date": iso_days(as_of, flat["day"]),
        "neutrophils": np.round(flat["neutrophils"], 2),
        "platelets": np.round(flat["platelets"]),
        "haemoglobin [mmol/L]": np.round(flat["haemoglobin"], 1),
    }
    return {name: column[sorting] for name, column in table.items()}
