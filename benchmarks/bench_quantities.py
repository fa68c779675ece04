"""How fast a column of numbers becomes ticks.

Method: 10 million values, 10 % nan and 0.1 % implausible, seeded; the column fits no cache (80 MB in, 20 MB
out). Each line is the best of several runs of `read_column` in one process, output allocation included, unit
factors warm. Before timing, a sample of every column is compared with `read_value` row by row. The bar is
150 M values/s on two threads, with a unit conversion. "copy" is the limit: NumPy casting the same column to
float64 by one thread.

Run: `python benchmarks/bench_quantities.py [million rows]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from exrx.quantities import Scale, read_column, read_text_column, read_value

PLATELETS = Scale("platelets", "10^9/L", "0.1", 0, 3000)
TEMPERATURE = Scale("temperature", "degC", "0.01", 20, 45)
PAIN = Scale("pain", "{score}", 1, 0, 10, whole=True)


def best(run: Callable[[], object], repeats: int = 7) -> float:
    """Seconds of the fastest of `repeats` runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def dirty(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`values` with 10 % nan and 0.1 % numbers that no scale holds."""
    values[rng.random(len(values)) < 0.1] = np.nan
    values[rng.random(len(values)) < 0.001] = 1e7
    return values


def check(values: np.ndarray, scale: Scale, unit: str | None) -> None:
    """Hold the column against `read_value` on a sample of rows."""
    column = read_column(values[:2000], scale, unit)
    refused = set(column.implausible.tolist())
    for row, value in enumerate(values[:2000]):
        if column.ticks[row] != scale.missing:
            assert read_value(value, scale, unit).low == column.ticks[row], (row, value)
        else:
            assert (row in refused) != bool(np.isnan(value)), (row, value)


def main() -> None:
    """Print M values/s for each kind of column and number of threads."""
    rows = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 10_000_000
    rng = np.random.default_rng(2026)
    counts = dirty(np.round(rng.gamma(4, 50, rows), 1), rng)
    per_microlitre = counts * 1000
    fahrenheit = dirty(np.round(rng.normal(98.6, 1, rows), 1), rng)
    single = counts.astype(np.float32)
    scores = rng.integers(0, 11, rows).astype(np.int32)
    cases = [
        ("float64, same unit", counts, PLATELETS, None),
        ("float64, /uL to 10^9/L", per_microlitre, PLATELETS, "/uL"),
        ("float64, degF to degC", fahrenheit, TEMPERATURE, "[degF]"),
        ("float32, same unit", single, PLATELETS, None),
        ("int32, whole score", scores, PAIN, None),
    ]
    print(f"{rows / 1e6:g} million rows; M values/s")
    print(f"{'column':<26}{'1 thread':>10}{'2 threads':>11}")
    for label, values, scale, unit in cases:
        check(values, scale, unit)
        speeds = [
            rows / 1e6 / best(lambda v=values, s=scale, u=unit, n=n: read_column(v, s, u, threads=n))
            for n in (1, 2)
        ]
        print(f"{label:<26}{speeds[0]:>10.0f}{speeds[1]:>11.0f}")
    print(f"{'copy':<26}{rows / 1e6 / best(lambda: np.array(counts)):>10.0f}")
    texts = [f"{value:.1f}" for value in counts[:200_000]]
    print(f"{'text, cells':<26}{0.2 / best(lambda: read_text_column(texts, PLATELETS), 3):>10.2f}")
    one = best(lambda: [read_value("45 10^3/uL", PLATELETS) for _ in range(10_000)], 3) / 10_000
    print(f"{'read_value, one text':<26}{one * 1e6:>10.1f} us")


if __name__ == "__main__":
    main()
