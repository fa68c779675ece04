"""The whole pathway of 100,000 people: screening, triggers and the walk through Oversigt I. Bar: 10 s on two cores.

    python benchmarks/bench_pathway.py
"""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pyarrow as pa

from exrx import Cohort
from exrx.pathway.state import COLUMNS, pathway_of_cohort
from exrx.study.synth import synthetic_blocks

PEOPLE, REPEATS, AS_OF = 100_000, 3, date(2026, 11, 23)


def main() -> None:
    """Time it from an Arrow table in memory to everybody's walk."""
    table = pa.concat_tables([pa.table(block) for block in synthetic_blocks(PEOPLE, seed=2009, as_of=AS_OF)])
    generator = np.random.default_rng(2009)
    columns = {name: generator.choice(["yes", "no", "unknown"], PEOPLE, p=[0.6, 0.2, 0.2]) for name in COLUMNS}
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        walks = pathway_of_cohort(Cohort.from_arrow(table), columns, as_of=AS_OF)
        times.append(time.perf_counter() - start)
    best = min(times)
    print(f"pathway of {PEOPLE:,} people, {len(walks.paths)} distinct walks  {best:6.2f} s   bar 10 s   "
          f"{'met' if best <= 10 else 'MISSED'}")  # fmt: skip


if __name__ == "__main__":
    main()
