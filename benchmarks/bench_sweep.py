"""A thousand variants of a protocol on a million patients, one to four numbers varied.

    python benchmarks/bench_sweep.py [--patients 1000000] [--variants 1000] [--threads 2]

Against `screen_cohort` of every changed protocol (a few are run, the time is scaled), and against Polars with the
varied rules written by hand, one count a variant; both must give the same counts.
"""

from __future__ import annotations

import argparse
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from exrx import Clearance, Cohort, load_protocol, screen_cohort
from exrx.bits import unpack
from exrx.fields import load_dictionary
from exrx.protocol.model import Protocol
from exrx.screening.variants import ScreenedVariants, Values, screen_variants
from exrx.study.synth import synthetic_blocks

AS_OF, BAR = date(2026, 11, 23), 10.0
NUMBERS = {
    "platelets_session_min": (20, 100, 0.1), "leukocytes_session_min": (0.5, 3, 0.1),
    "heart_rate_session_max": (90, 130, 1), "temperature_session_max": (37.5, 38.5, 0.1),
}  # fmt: skip
SAMPLED = 3


def make_cohort(patients: int) -> Cohort:
    """The synthetic cohort, in memory."""
    import pyarrow as pa

    def arrow(column: Any) -> Any:
        if column.dtype.kind == "f":
            return pa.array(column, mask=np.isnan(column))
        return pa.array(column) if column.dtype.kind in "iu" else _text(pa, column)

    blocks = synthetic_blocks(patients, seed=1, as_of=AS_OF)
    return Cohort.from_arrow(pa.concat_tables([pa.table({k: arrow(v) for k, v in b.items()}) for b in blocks]))


def _text(pa: Any, column: Any) -> Any:
    return pa.array(column.astype(object), pa.string(), mask=column == "")


def make_values(names: list[str], variants: int) -> Values:
    """Values drawn evenly over each range, on the field's grid."""
    rng = np.random.default_rng(len(names))
    columns = []
    for name in names:
        low, high, step = NUMBERS[name]
        columns.append([f"{x * step:.10g}" for x in rng.integers(round(low / step), round(high / step) + 1, variants)])
    return Values.of(names, list(zip(*columns, strict=True)))


def polars_counts(cohort: Cohort, protocol: Protocol, found: ScreenedVariants) -> tuple[float, np.ndarray]:
    """Seconds for one variant, and how many certainly are at least `defer`, with the moved rules as Polars expressions.

    Only that one of the twelve numbers of a variant: the rest would cost more. What does not move is given.
    """
    stage = screen_cohort(cohort, found.values.protocol(protocol, 0), stage="session", as_of=AS_OF)
    names = {"platelets_session_min": ("platelets", "<"), "leukocytes_session_min": ("leukocytes", "<"),
             "heart_rate_session_max": ("resting_heart_rate", ">"),
             "temperature_session_max": ("temperature", ">")}  # fmt: skip
    moved = [names[name] for name in found.values.names]
    others = np.zeros(cohort.n, np.bool_)
    for place, active in enumerate(stage.rules.stage.rules):
        if active.rule.then.clearance >= Clearance.DEFER and not set(active.rule.parameters) & set(found.values.names):
            others |= unpack(stage.rule_planes(place)[0], cohort.n)
    columns: dict[str, Any] = {"others": others}
    for field, sign in moved:
        low, high = stage.today.column(field).ends()
        columns[field] = high if sign == "<" else low
    frame = pl.DataFrame(columns)
    scales = load_dictionary().fields

    def expression(variant: int) -> pl.Expr:
        at_least = pl.col("others")
        for (field, sign), text in zip(moved, found.values.texts(variant), strict=True):
            tick = round(float(text) / float(scales[field].ticks.resolution)) * 2
            at_least = at_least | (pl.col(field) < tick if sign == "<" else pl.col(field) > tick)
        return at_least.sum().alias(str(variant))

    start = perf_counter()
    chosen = range(min(100, len(found.values)))
    counts = frame.select([expression(variant) for variant in chosen]).row(0)
    return (perf_counter() - start) / len(chosen), np.array(counts)


def main(patients: int, variants: int, threads: int) -> None:
    """Time, check, and report beside the bar, which is for a thousand variants of a million patients."""
    cohort, protocol = make_cohort(patients), load_protocol("krop-og-kraeft")
    screen_cohort(cohort, protocol, stage="session", as_of=AS_OF)
    bar = BAR * patients / 1e6 * variants / 1e3
    for count in (1, 2, 3, 4):
        names = list(NUMBERS)[:count]
        values = make_values(names, variants)
        times = []
        for _ in range(3):
            start = perf_counter()
            found = screen_variants(cohort, protocol, values, stage="session", as_of=AS_OF, threads=threads)
            times.append(perf_counter() - start)
        start = perf_counter()
        for variant in range(SAMPLED):
            changed = values.protocol(protocol, variant)
            expected = screen_cohort(cohort, changed, stage="session", as_of=AS_OF, threads=threads)
            assert np.bincount(expected.clearance, minlength=7).tolist() == found.clearance[variant].tolist()
            assert np.bincount(expected.track, minlength=4).tolist() == found.track[variant].tolist()
        naive = (perf_counter() - start) / SAMPLED * variants
        seconds, deferred = polars_counts(cohort, protocol, found)
        assert deferred.tolist() == found.definite[: len(deferred), Clearance.DEFER :].sum(axis=1).tolist()
        best = min(times)
        print(
            f"{count} varied, {variants} variants, {patients:,} patients: {best:6.2f} s   bar {bar:.1f} s "
            f"{'met' if best <= bar else 'MISSED'}   {found.live_rows / patients:4.0%} of rows can change   "
            f"screen_cohort each time {naive:7.1f} s ({naive / best:.0f} x)   "
            f"Polars, one count of twelve {seconds * variants:6.1f} s"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--variants", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    main(chosen.patients, chosen.variants, chosen.threads)
