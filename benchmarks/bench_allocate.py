"""Places for a few hundred patients in thirty groups, with goals in order and the price of one more everywhere.

    python benchmarks/bench_allocate.py [--patients 400] [--groups 30]
"""

from __future__ import annotations

import argparse
from time import perf_counter, process_time

import numpy as np

from exrx.allocate import allocate, broken_promises, read_groups, read_people, read_pools

DAYS, BAR = ("mon", "tue", "wed", "thu", "fri"), 10.0
Row = dict[str, str]


def make_people(count: int, seed: int) -> list[Row]:
    """Made-up patients: one in six not cleared, times and languages that narrow the choice."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        days = rng.choice(DAYS, rng.integers(1, 4), replace=False)
        rows.append({
            "id": f"p{i:04d}", "clearance": str(rng.choice(["clear", "modify", "assess"], p=[0.5, 0.34, 0.16])),
            "track": str(rng.choice(["group", "individual", "supervised"], p=[0.7, 0.15, 0.15])),
            "level": f"{rng.normal(450, 90):.0f}", "language": str(rng.choice(["da", "da", "da", "da;en", "en", "ar"])),
            "times": "" if rng.random() < 0.3 else "; ".join(f"{day} 08:00-16:00" for day in days),
            "days_waited": str(rng.integers(0, 90)), "travel.north": str(rng.integers(5, 70)),
            "travel.south": str(rng.integers(5, 70)), "travel_max": str(rng.choice(["", "45", "60"])),
            "wishes": ";".join(f"g{g:02d}" for g in rng.choice(30, rng.integers(0, 4), replace=False)),
            "origin": "synthetic",
        })  # fmt: skip
    return rows


def make_groups(count: int, seed: int) -> list[Row]:
    """Groups of three kinds in few rooms, some needing a minimum, most sharing a team's hours."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        kind = str(rng.choice(["group", "individual", "supervised"], p=[0.7, 0.15, 0.15]))
        hour, low = int(rng.integers(8, 15)), int(rng.integers(250, 500))
        rows.append({
            "id": f"g{i:02d}", "kind": kind, "seats_min": "4" if kind == "group" else "0",
            "seats_max": "12" if kind == "group" else "6", "staff_hours_per_seat": "0.25" if kind == "group" else "1",
            "staff_hours": "" if i % 3 else "5", "team": "physio" if i % 2 else "", "room": f"room {i % 4}",
            "leader": "", "times": f"{DAYS[i % 5]} {hour:02d}:00-{hour + 1:02d}:30",
            "language": "en" if i % 6 == 5 else "da",
            "level_min": str(low), "level_max": str(low + 150), "place": "north" if i % 2 else "south",
        })  # fmt: skip
    return rows


def main(patients: int, groups: int) -> None:
    """Time three made-up services, each checked again."""
    for seed in (1, 2, 3):
        people_rows, group_rows = make_people(patients, seed), make_groups(groups, seed)
        people, made = read_people(people_rows), read_groups(group_rows)
        pools = read_pools(["physio=30"], made)
        for prices in (False, True):
            start, cpu = perf_counter(), process_time()
            found = allocate(people, made, pools, prices=prices)
            seconds, cpu = perf_counter() - start, process_time() - cpu
            assert not broken_promises(people_rows, group_rows, {"physio": 30.0}, found.placed)
            what = f"with {len(found.prices)} prices" if prices else "places alone"
            print(f"{patients} patients, {groups} groups, seed {seed}, {what}: {seconds:6.2f} s "
                  f"({cpu:.2f} s of a core)   bar {BAR} s {'met' if seconds <= BAR else 'MISSED'}   "
                  f"{len(found.placed)} placed, {found.goals}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=400)
    parser.add_argument("--groups", type=int, default=30)
    main(parser.parse_args().patients, parser.parse_args().groups)
