"""Two protocols compared on a million synthetic patients, step by step; the cohort's columns are read beforehand.

python benchmarks/bench_compare.py [--patients 1000000]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from time import perf_counter
from typing import Any

from exrx import Cohort, compare
from exrx.study.comparison import Comparison
from exrx.study.synth import synthesise

AS_OF, BAR = date(2026, 11, 23), 10.0
CALLS = (
    ("krop-og-kraeft", "dk-2015", {"stage": "session"}),
    ("krop-og-kraeft", "trek-toolkit", {"stage": "enrolment", "training": "dk-2015-group", "weeks": 12}),
)


def main(patients: int) -> None:
    """Time the comparison and what is asked of it; the bar is for a million patients and is scaled."""
    cohort = Cohort.from_columns(synthesise(patients, seed=7, as_of=AS_OF))
    for first, second, options in CALLS:
        print(f"{first} and {second}, {options}, {patients:,} patients")
        start = perf_counter()
        found = compare(first, second, cohort, as_of=AS_OF, **options)
        total = report("both screened, seats counted", perf_counter() - start)
        total += sum(report(what, timed(found, ask)) for what, ask in ASKS)
        met = "met" if total <= BAR * patients / 1_000_000 else "MISSED"
        print(f"  {'all of it':<54}{total:>8.2f} s   bar {BAR * patients / 1_000_000:>5.1f} s   {met}")


ASKS: tuple[tuple[str, Callable[[Comparison], Any]], ...] = (
    ("which rules move whom", lambda found: found.movers),
    ("figures, 2,000 paired bootstrap samples", lambda found: found.figures),
    ("the moved patients with their rules, as columns", lambda found: found.moved()),
)


def timed(found: Comparison, ask: Callable[[Comparison], Any]) -> float:
    """The seconds that one question takes."""
    start = perf_counter()
    ask(found)
    return perf_counter() - start


def report(what: str, seconds: float) -> float:
    """Print a line and give the seconds back."""
    print(f"  {what:<54}{seconds:>8.2f} s")
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=1_000_000)
    main(parser.parse_args().patients)
