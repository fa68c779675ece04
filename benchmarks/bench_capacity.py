"""How fast a cohort's capacity is computed: formulas and zones on one million people.

Method: seeded values with 10 % unknown, float64, one process. Each line is the best of several runs, memory of the
result included. Before timing, the first 200 rows are compared with the call for one person.

Run: `python benchmarks/bench_capacity.py [million rows]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from exrx.training import capacity as c

Arguments = dict[str, Any]


def best(run: Callable[[], object], repeats: int = 5) -> float:
    """Seconds of the fastest of `repeats` runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def people(rows: int) -> Arguments:
    """Columns of a cohort; every tenth value is unknown."""
    rng = np.random.default_rng(2026)
    columns: Arguments = {
        "age": rng.integers(50, 80, rows).astype(float),
        "height": rng.normal(170, 8, rows).clip(140, 200),
        "mass": rng.normal(75, 12, rows).clip(40, 150),
        "percent": rng.uniform(30, 100, rows).round(1),
        "load": rng.uniform(5, 120, rows).round(),
        "repetitions": rng.integers(1, 11, rows).astype(float),
        "watts": rng.uniform(50, 200, rows),
    }
    for values in columns.values():
        values[rng.random(rows) < 0.1] = np.nan
    return {**columns, "sex": rng.choice(["female", "male", "other"], rows)}


def zone(values: Any) -> Any:
    """The class of % of maximal heart rate, for caps."""
    return c.classify_many(values, "percent-hr-max", "garber-2011", gap="higher")


def main() -> None:
    """Print milliseconds and millions a second for each call."""
    rows = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 1_000_000
    columns = people(rows)
    calls: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
        "HRmax (Tanaka)": (c.hr_max_tanaka, ("age",)),
        "leg cycling VO2": (c.leg_cycling_vo2, ("watts", "mass")),
        "1RM (Mayhew)": (lambda load, count: c.one_rm(load, count, "mayhew"), ("load", "repetitions")),
        "zone of % HRmax": (zone, ("percent",)),
        "6-minute walk (Troosters)": (
            lambda age, sex, height, mass: c.predicted_walk("troosters", age, sex, height=height, mass=mass),
            ("age", "sex", "height", "mass"),
        ),
    }
    for name, (function, inputs) in calls.items():
        given = [columns[column] for column in inputs]
        one = [float(function(*(values[row] for values in given))) for row in range(200)]
        many = np.asarray(function(*(values[:200] for values in given)))
        assert np.array_equal(many, np.array(one), equal_nan=True), name
        seconds = best(lambda f=function, g=given: f(*g))
        print(f"{name:28} {seconds * 1000:8.1f} ms  {rows / seconds / 1e6:8.1f} M/s")


if __name__ == "__main__":
    main()
