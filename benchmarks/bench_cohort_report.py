"""How long a cohort's report takes: counting, hiding and writing, by the number of patients.

python benchmarks/bench_cohort_report.py [patients ...]      default 2000 100000 1000000
"""

from __future__ import annotations

import resource
import sys
from datetime import date
from itertools import pairwise
from time import perf_counter

from exrx.cohort import Cohort
from exrx.fields import load_dictionary
from exrx.protocol import load_protocol
from exrx.report.overview_html import overview_html
from exrx.report.plots.overview import pictures
from exrx.screening import screen_cohort
from exrx.study.overview.overview import cohort_overview, count_overview
from exrx.study.synth import synthesise
from exrx.training.cohort import prescribe_cohort

DAY = date(2026, 11, 26)


def main(sizes: list[int]) -> None:
    """Print a line a size: seconds of each step, and the memory at its end."""
    names = load_dictionary()
    print(f"{'patients':>10}{'screen':>9}{'plans':>9}{'count':>9}{'count+hide':>12}{'page':>9}{'peak MB':>9}")
    for size in sizes:
        cohort = Cohort.from_columns(synthesise(size, seed=7, as_of=DAY))
        times = [perf_counter()]
        decisions = screen_cohort(cohort, load_protocol("krop-og-kraeft"), stage="session", as_of=DAY)
        times.append(perf_counter())
        plans = prescribe_cohort(decisions, "dk-2015-group", target="acsm-150-75", start=DAY, weeks=12)
        times.append(perf_counter())
        count_overview(decisions, 5, plans, None, None)
        times.append(perf_counter())
        content = cohort_overview(decisions, mark=cohort.mark, plans=plans)
        times.append(perf_counter())
        overview_html(content, pictures(content, "en", names), "en", names)
        times.append(perf_counter())
        steps = zip((after - before for before, after in pairwise(times)), (9, 9, 9, 12, 9), strict=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{size:>10,}" + "".join(f"{step:>{width}.2f}" for step, width in steps) + f"{peak:>9}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [2_000, 100_000, 1_000_000])
