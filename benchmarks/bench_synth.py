"""The synthetic cohort: columns of a million patients, and the file of them.

python benchmarks/bench_synth.py [--patients 1000000]
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

from exrx.io.synthetic import write_blocks
from exrx.study.synth import synthetic_blocks

AS_OF, BAR = date(2026, 11, 23), 60.0


def main(patients: int) -> None:
    """Time the drawing alone, then with Parquet; the bar is for a million patients and is scaled."""
    bar = BAR * patients / 1_000_000
    start = perf_counter()
    rows = sum(len(block["id"]) for block in synthetic_blocks(patients, seed=1, as_of=AS_OF))
    assert rows == patients
    report(f"{patients:,} patients, columns in memory, block by block", perf_counter() - start, bar)
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        assert write_blocks(Path(folder) / "c.parquet", synthetic_blocks(patients, seed=1, as_of=AS_OF)) == patients
        report("the same, written to Parquet", perf_counter() - start, bar)


def report(what: str, measured: float, bar: float) -> None:
    """Print a figure beside its bar."""
    print(f"{what:<62}{measured:>8.2f} s   bar {bar:>5.1f} s   {'met' if measured <= bar else 'MISSED'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=1_000_000)
    main(parser.parse_args().patients)
