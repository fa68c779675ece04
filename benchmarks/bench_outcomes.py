"""Scoring a million QLQ-C30 forms, and the change of half a million patients. Bars: 2 s and 2 s on two cores.

    python benchmarks/bench_outcomes.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from exrx.outcomes.change import effect
from exrx.outcomes.scoring import score

FORMS, PATIENTS, REPEATS = 1_000_000, 500_000, 3


def best(call: Callable[[], object]) -> float:
    """The shortest of a few runs in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Time both and print them beside their bars."""
    generator = np.random.default_rng(2009)
    answers = generator.integers(1, 5, (FORMS, 30)).astype(float)
    answers[generator.random(answers.shape) < 0.05] = np.nan
    ids = np.repeat(np.arange(PATIENTS).astype(str), 2)
    days = np.tile(["2026-08-01", "2026-11-01"], PATIENTS)
    values = generator.uniform(200, 700, 2 * PATIENTS)
    measures = ["six_minute_walk"] * (2 * PATIENTS)
    for what, call in (
        (f"score {FORMS:,} QLQ-C30 forms, 5 % of the answers missing", lambda: score("qlq-c30", answers)),
        (f"change of {PATIENTS:,} patients", lambda: effect(ids, days, measures, values)),
    ):
        seconds = best(call)
        print(f"{what:<62}{seconds:7.2f} s   bar 2 s   {'met' if seconds <= 2 else 'MISSED'}")


if __name__ == "__main__":
    main()
