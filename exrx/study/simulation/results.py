"""Simulate variants on the same patients, and what came of them as tidy tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
from attrs import frozen

from exrx.errors import InputFileError
from exrx.patient import SYNTHETIC
from exrx.protocol.model import Protocol
from exrx.protocol.stage import stage_rules
from exrx.study.findings import Column
from exrx.study.simulation.behaviour import Behaviour
from exrx.study.simulation.follow import CAUSES, Follower
from exrx.study.simulation.plans import Planner
from exrx.study.simulation.sessions import Library
from exrx.study.simulation.start import Start, draw_start, start_from
from exrx.study.simulation.tally import DOSES, Outcome, Tally
from exrx.study.simulation.world import World
from exrx.study.synth import BLOCK
from exrx.training.adapting.history import KINDS
from exrx.training.programme import Programme
from exrx.training.targets import Target

STAGES = ("enrolment", "session")
LONGEST_WEEKS = 52
_THREADS = 2
_WHO, _WORLD = 20, 21
"""Numbers beside the seed, so that patients and days have streams of their own."""
_COMPARED = ("held", "not-cleared", "missing-facts", "done_minutes", "done_sets", "attendance", "rdi")

Table = dict[str, Column]


@frozen(eq=False)
class Variant:
    """A protocol, and what came of it for all patients: as `tally.Outcome`."""

    name: str
    protocol: Protocol
    patients: Table
    sessions: Counter[tuple[int, ...]]
    dose: Column

    @property
    def enrolled(self) -> int:
        """How many were cleared for the programme."""
        return int(self.patients["enrolled"].sum())

    @property
    def planned(self) -> int:
        """Sessions planned."""
        return int(self.patients["planned"].sum())

    def count(self, *causes: str) -> int:
        """Sessions of these causes."""
        return sum(int(self.patients[cause].sum()) for cause in causes)


@frozen(eq=False)
class Simulation:
    """Variants on the same patients, the first of them the one that the others are held against."""

    variants: tuple[Variant, ...]
    programme: Programme
    target: Target
    start: date
    weeks: int
    seed: int
    n: int
    behaviour: Behaviour


def simulate(
    protocols: Mapping[str, Protocol],
    programme: Programme,
    target: Target,
    *,
    weeks: int,
    start: date,
    seed: int,
    behaviour: Behaviour,
    patients: int = 0,
    cohort: Mapping[str, Column] | None = None,
    done: Callable[[int], None] | None = None,
) -> Simulation:
    """Follow synthetic patients through the programme under each protocol; the same arguments give the same answer.

    Args:
        protocols: by name; the first is the one that the others are held against.
        weeks: 1 to 52.
        start: the first day, a Monday.
        patients: how many to draw, each on any day of the first cycle.
        cohort: instead, columns of a checked file (`start.check_file`).
        done: called with the number of patients followed so far.

    Raises:
        InputFileError: a protocol without both stages, weeks out of range, or a first day that is no Monday.
    """
    _check(protocols, weeks, start)
    n = len(cohort["id"]) if cohort is not None else patients
    library = Library()

    def block(number: int) -> list[Outcome]:
        first = number * BLOCK
        size = min(BLOCK, n - first)
        who = np.random.default_rng([seed, _WHO, number])
        if cohort is None:
            begun = draw_start(who, size, first, start)
        else:
            begun = start_from(who, cohort, slice(first, first + size), start)
        world = World(begun, start, weeks, behaviour, np.random.default_rng([seed, _WORLD, number]))
        return _followed(begun, world, protocols.values(), Planner(programme, target, weeks, library))

    parts: list[list[Outcome]] = []
    for outcome in _in_order(block, -(-n // BLOCK)):
        parts.append(outcome)
        if done is not None:
            done(min(n, len(parts) * BLOCK))
    variants = tuple(
        _variant(name, protocol, [part[at] for part in parts]) for at, (name, protocol) in enumerate(protocols.items())
    )
    return Simulation(variants, programme, target, start, weeks, seed, n, behaviour)


def _check(protocols: Mapping[str, Protocol], weeks: int, start: date) -> None:
    if not 1 <= weeks <= LONGEST_WEEKS:
        raise InputFileError(f"weeks must be a whole number from 1 to {LONGEST_WEEKS}, not {weeks}")
    if start.weekday() != 0:
        raise InputFileError(f"{start} is no Monday; a simulated programme starts on one, so that its weeks are whole")
    for name, protocol in protocols.items():
        lacking = [stage for stage in STAGES if stage not in protocol.stages]
        if lacking:
            raise InputFileError(
                f"{name} has no stage '{lacking[0]}'; a programme is followed from enrolment through its sessions. "
                f"Join it with one that has both: --protocol krop-og-kraeft,{name}"
            )


def _followed(start: Start, world: World, protocols: Any, planner: Planner) -> list[Outcome]:
    followers = [Follower(protocol, planner, world.behaviour, world.will) for protocol in protocols]
    tallies = [Tally(follower, planner.target, planner.weeks) for follower in followers]
    for today in world.days():
        for follower, tally in zip(followers, tallies, strict=True):
            if today.number == 0:
                follower.enrol(today)
            tally.add(today.number, follower.follow_day(today))
    return [tally.outcome(start.ids) for tally in tallies]


def _in_order(block: Callable[[int], list[Outcome]], count: int) -> Iterator[list[Outcome]]:
    """Every block's outcome in order, made by a few threads."""
    numbers = iter(range(count))
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(block, number) for number in islice(numbers, _THREADS)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(block, number) for number in islice(numbers, 1)]


def _variant(name: str, protocol: Protocol, parts: Sequence[Outcome]) -> Variant:
    patients = {column: np.concatenate([part.patients[column] for part in parts]) for column in parts[0].patients}
    sessions: Counter[tuple[int, ...]] = Counter()
    for part in parts:
        sessions.update(part.sessions)
    return Variant(name, protocol, patients, sessions, np.sum([part.dose for part in parts], axis=0))


def tables(simulation: Simulation) -> dict[str, Table]:
    """The tidy tables: `patients`, `sessions`, `dose`, `target`, and `differences` where there are variants."""
    found = {
        "patients": _stacked([_named(variant, _patients(variant)) for variant in simulation.variants]),
        "sessions": _stacked([_named(variant, _sessions(variant)) for variant in simulation.variants]),
        "dose": _stacked([_named(variant, _doses(variant, simulation.weeks)) for variant in simulation.variants]),
        "target": _stacked([_named(variant, _targets(variant, simulation)) for variant in simulation.variants]),
    }
    if len(simulation.variants) > 1:
        found["differences"] = _stacked([_difference(simulation.variants[0], other)
                                         for other in simulation.variants[1:]])  # fmt: skip
    return found


def _patients(variant: Variant) -> Table:
    """One row a patient: counts of sessions by cause, doses, and the week of the target, empty where it never came."""
    people = variant.patients
    reached = people["week_of_target"]
    return people | {
        "enrolled": np.where(people["enrolled"], "yes", "no").astype(object),
        "week_of_target": np.where(reached > 0, reached, np.nan),
    }


def _named(variant: Variant, table: Table) -> Table:
    length = len(next(iter(table.values())))
    return _synthetic(length) | {"variant": np.full(length, variant.name, dtype=object)} | table


def _synthetic(rows: int) -> Table:
    """What every row of every table says first."""
    return {"origin": np.full(rows, SYNTHETIC, dtype=object)}


def _stacked(parts: Sequence[Table]) -> Table:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _sessions(variant: Variant) -> Table:
    """Sessions by kind, week, day since the infusion, cause, and the rule and domain that stood against it."""
    rules = [active.rule for active in stage_rules(variant.protocol, "session").rules]
    keys = sorted(variant.sessions)
    named = [("", "") if key[4] < 0 else (rules[key[4]].id, rules[key[4]].domain) for key in keys]
    return {
        "kind": np.array([KINDS[key[0]] for key in keys], dtype=object),
        "week": np.array([key[1] + 1 for key in keys], np.int64),
        "cycle_day": np.array([key[2] for key in keys], np.int64),
        "cause": np.array([CAUSES[key[3]] for key in keys], dtype=object),
        "domain": np.array([domain for _, domain in named], dtype=object),
        "rule": np.array([rule for rule, _ in named], dtype=object),
        "sessions": np.array([variant.sessions[key] for key in keys], np.int64),
    }


def _doses(variant: Variant, weeks: int) -> Table:
    """Planned and done by week and measure: minutes from warm-up to cool-down, sets, aerobic minutes by intensity."""
    return {
        "week": np.repeat(np.arange(1, weeks + 1), len(DOSES)),
        "measure": np.array(list(DOSES) * weeks, dtype=object),
        "planned": variant.dose[0].T.ravel(),
        "done": variant.dose[1].T.ravel(),
    }


def _targets(variant: Variant, simulation: Simulation) -> Table:
    """How many of the enrolled first met the target in each week; an empty week: never."""
    enrolled = variant.patients["enrolled"]
    reached = variant.patients["week_of_target"][enrolled]
    weeks = np.array([*range(1, simulation.weeks + 1), -1])
    counts = np.array([(reached == week).sum() for week in weeks], np.int64)
    return {
        "target": np.full(weeks.size, simulation.target.id, dtype=object),
        "week": np.where(weeks > 0, weeks, np.nan),
        "first_met": counts,
        "enrolled": np.full(weeks.size, enrolled.sum(), np.int64),
    }


def _difference(first: Variant, other: Variant) -> Table:
    """Patient by patient: the other variant minus the first.

    Sessions and doses over everybody, nothing for who is not enrolled; attendance and RDI over who is enrolled in both.
    `monte_carlo_error` is that of the mean difference, from the number of simulated patients alone.
    """
    both = first.patients["enrolled"] & other.patients["enrolled"]
    rows: dict[str, list[Any]] = {name: [] for name in (
        "variant", "against", "measure", "patients", "mean_first", "mean_other", "mean_difference",
        "monte_carlo_error", "more", "fewer",
    )}  # fmt: skip
    for measure in _COMPARED:
        one, two = (variant.patients[measure].astype(float) for variant in (first, other))
        if measure in ("attendance", "rdi"):
            one, two = one[both], two[both]
            there = np.isfinite(one) & np.isfinite(two)
            one, two = one[there], two[there]
        gap = two - one
        size = gap.size
        error = float(gap.std(ddof=1) / np.sqrt(size)) if size > 1 else float("nan")
        means = [float(column.mean()) if size else float("nan") for column in (one, two, gap)]
        values = (other.name, first.name, measure, size, *means, error, int((gap > 0).sum()), int((gap < 0).sum()))
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    texts = ("variant", "against", "measure")
    made = {name: np.array(column, dtype=object if name in texts else None) for name, column in rows.items()}
    return _synthetic(len(_COMPARED)) | made
