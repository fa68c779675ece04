"""How long a simulation takes: N synthetic patients through a programme, day by day.

    python benchmarks/bench_simulate.py                      100,000 patients, 12 weeks, one protocol
    python benchmarks/bench_simulate.py --patients 20000 --against dk-2015

Prints seconds, patient-days a second, the peak memory, and the share of planned sessions held, so that a fast run that
does nothing would be seen.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import date

from exrx.protocol import load_protocol
from exrx.study.simulation.behaviour import load_behaviour
from exrx.study.simulation.results import simulate, tables
from exrx.training.programme import load_programme
from exrx.training.targets import load_target

MONDAY = date(2026, 1, 5)


def main() -> None:
    """Run and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--protocol", default="krop-og-kraeft")
    parser.add_argument("--against", action="append", default=[])
    arguments = parser.parse_args()
    protocols = {name: load_protocol(name) for name in (arguments.protocol, *arguments.against)}
    programme, target = load_programme("dk-2015-group"), load_target("acsm-150-75")
    begun, used = time.perf_counter(), time.process_time()
    simulation = simulate(
        protocols, programme, target, weeks=arguments.weeks, start=MONDAY, seed=1, behaviour=load_behaviour(),
        patients=arguments.patients,
    )  # fmt: skip
    tables(simulation)
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    days = arguments.patients * arguments.weeks * 7 * len(protocols)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    first = simulation.variants[0]
    held = first.count("held", "held-in-part") / first.planned
    print(
        f"{arguments.patients:,} patients x {arguments.weeks} weeks x {len(protocols)} protocols: {seconds:.1f} s "
        f"({processor:.1f} s of processor), {days / seconds:,.0f} patient-days a second, {peak:.0f} MB; "
        f"{100 * held:.1f} % of {first.planned:,} planned sessions held"
    )


if __name__ == "__main__":
    main()
