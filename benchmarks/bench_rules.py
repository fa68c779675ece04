"""Fifty rules over twenty numbers and twenty flags, 10 % missing: exrx against Polars, DuckDB and reading the bytes.

    python benchmarks/bench_rules.py [--patients 10000000] [--repeat 9] [--heavy] [--blocks] [--without-duckdb]

Every engine gets the same integers and the same missing cells, and must give the same answers before it is timed.
Two results are timed: `rules`, both outcomes (true, possible) of every rule kept; `decisions`, the definite, worst and
final clearance and the track as one byte each. Polars is given in every form we could think of: POLARS_RULES and
POLARS_DECISIONS.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import reduce
from itertools import combinations
from operator import and_, or_
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from exrx.bits import pack, unpack, unpack_ordinals
from exrx.columns import Block, Column, FlagColumn, TickColumn
from exrx.fields import FLAG_OPTIONS, YES, Field, Worse
from exrx.quantities import Scale
from exrx.rules import many
from exrx.rules.many import Answers, Program, compile_conditions
from exrx.rules.nodes import And, AtLeast, Compare, Condition, Limit, Not, OneOf, Or, atoms

RULES, NUMBERS, FLAGS, MISSING = 50, 20, 20, 0.1
CLEARANCES = ("modify", "consult", "defer", "stop", "emergency")
ORDINAL = {"modify": 1, "consult": 3, "defer": 4, "stop": 5, "emergency": 6}
TRACKS = ("individual", "supervised")


@frozen
class Rule:
    """A condition and what it asks for."""

    condition: Condition
    clearance: str
    track: str | None


@frozen(eq=False)
class Patients:
    """N patients as exrx columns and as a Polars frame of the same cells."""

    n: int
    columns: dict[str, Column]
    frame: pl.DataFrame

    def column(self, name: str) -> Column:
        return self.columns[name]


def make_fields() -> tuple[list[Field], list[Field]]:
    """Numbers from 0 to 1000 in tenths, and flags."""
    scale = [Scale(f"number_{i}", "{score}", Decimal("0.1"), Decimal(0), Decimal(1000)) for i in range(NUMBERS)]
    numbers = [Field(s.name, "quantity", "blood", {}, scale=s, worse=Worse("lower")) for s in scale]
    flags = [
        Field(f"flag_{i}", "flag", "others", {}, options=FLAG_OPTIONS, worse=Worse("yes")) for i in range(FLAGS)
    ]
    return numbers, flags


def make_rules(numbers: list[Field], flags: list[Field], heavy: bool = False, seed: int = 1) -> list[Rule]:
    """Rules of one to five single-field conditions, as many as in the shipped protocols (1.8 to 2.2 a rule there).

    As there, a number has few limits (1.6 each there, two here), which several rules use. `heavy` draws every limit
    anew and asks for more numbers, so that nothing is shared.
    """
    rng = random.Random(seed)
    limits = {entry.name: sorted(2 * rng.randrange(100, 1000) for _ in range(2)) for entry in numbers}

    def atom() -> Condition:
        if rng.random() < (0.6 if heavy else 0.45):
            entry = rng.choice(numbers)
            tick = 2 * rng.randrange(100, 1000) if heavy else rng.choice(limits[entry.name])
            return Compare(entry, rng.choice(["<", "<", "<", ">="] if not heavy else ["<", "<=", ">", ">="]),
                           Limit(tick, "limit"))  # fmt: skip
        found = OneOf(rng.choice(flags), YES, "flag")
        return Not(found) if rng.random() < 0.2 else found

    def condition(index: int) -> Condition:
        count = rng.choice([1, 1, 1, 1, 1, 2, 2, 2, 3, 5])
        items = tuple(atom() for _ in range(count))
        if count == 1:
            return items[0]
        if count == 2:
            return rng.choice([And, And, Or])(items)
        if index % 4 == 0:
            return AtLeast(2, items)
        return rng.choice([And((items[0], Or(items[1:]))), Or((items[0], And(items[1:])))])

    return [
        Rule(condition(i), rng.choice(CLEARANCES), rng.choice([None, None, *TRACKS])) for i in range(RULES)
    ]


def make_patients(n: int, numbers: list[Field], flags: list[Field], seed: int = 2) -> Patients:
    """Uniform values; one in ten missing."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Column] = {}
    frame: dict[str, pl.Series] = {}
    for entry in numbers:
        ticks = rng.integers(0, 20_001, n, dtype=np.uint16)
        gone = rng.integers(0, 100, n, dtype=np.uint8) < 100 * MISSING
        series = pl.Series(entry.name, ticks)
        frame[entry.name] = pl.select(pl.when(pl.lit(pl.Series(~gone))).then(pl.lit(series))).to_series()
        ticks[gone] = entry.ticks.missing
        missing = pack(gone)
        columns[entry.name] = TickColumn(entry, n, missing, missing, ticks=ticks)
    for entry in flags:
        yes = rng.integers(0, 100, n, dtype=np.uint8) < 15
        gone = rng.integers(0, 100, n, dtype=np.uint8) < 100 * MISSING
        columns[entry.name] = FlagColumn.of(entry, n, pack(yes & ~gone), pack(yes | gone))
        frame[entry.name] = pl.select(pl.when(pl.lit(pl.Series(~gone))).then(pl.lit(pl.Series(yes)))).to_series()
    return Patients(n, columns, pl.DataFrame(frame).rechunk())


# exrx


def exrx_rules(program: Program, patients: Patients, threads: int = 2) -> Answers:
    """Both outcomes of every rule."""
    return program.run(patients, threads=threads)


def used_again(program: Program, patients: Patients) -> Callable[[], Answers]:
    """The same into the memory of an earlier answer."""
    earlier = exrx_rules(program, patients)
    return lambda: program.run(patients, out=earlier)


def exrx_decisions(program: Program, rules: list[Rule], patients: Patients, threads: int = 2) -> np.ndarray:
    """Definite, worst, clearance and track, uint8 (4, n)."""
    out = np.empty((4, patients.n), np.uint8)
    levels, tracks = _groups(rules)

    def expand(block: Block, found: Answers) -> None:
        rows = out[:, block.start : block.stop]
        definite = [found.group_true(name) for name in CLEARANCES]
        worst = [found.group_possible(name) for name in CLEARANCES]
        single, close = (found.group_possible(name) for name in TRACKS)
        _ordinals(definite[0], definite[1], definite, rows[0])
        _ordinals(worst[0], worst[1], worst, rows[1])
        _ordinals(worst[0], worst[1], definite, rows[2])
        unpack_ordinals([(single ^ close) | worst[1], close | worst[1]], rows[3])

    program.run(patients, conditions=(), groups=levels, possible_groups=tracks, each_block=expand, threads=threads)
    return out


def _ordinals(modify: np.ndarray, assess: np.ndarray, levels: list[np.ndarray], out: np.ndarray) -> None:
    """From planes "at least this" (each within the one before) to ordinals: a binary digit is a parity of planes."""
    _, consult, defer, stop, emergency = levels
    ones = modify ^ assess ^ consult ^ defer ^ stop ^ emergency
    unpack_ordinals([ones, assess ^ defer ^ emergency, defer], out)


# Polars. Its null is undecided: its `&`, `|`, `~` are Kleene's.


def polars_kleene(node: Condition) -> pl.Expr:
    """A condition as one nullable boolean."""
    if isinstance(node, Compare):
        column, tick = pl.col(node.field.name), node.limit.tick
        return {"<": column < tick, "<=": column <= tick, ">": column > tick, ">=": column >= tick}[node.operator]
    if isinstance(node, OneOf):
        return pl.col(node.field.name)
    if isinstance(node, Not):
        return ~polars_kleene(node.item)
    items = [polars_kleene(item) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return reduce(or_, (reduce(and_, some) for some in combinations(items, node.count)))
    return reduce(and_ if isinstance(node, And) else or_, items)


def polars_pair(node: Condition) -> tuple[pl.Expr, pl.Expr]:
    """A condition as two booleans without nulls."""
    if isinstance(node, (Compare, OneOf)):
        found = polars_kleene(node)
        return found.fill_null(False), found.fill_null(True)
    if isinstance(node, Not):
        true, possible = polars_pair(node.item)
        return ~possible, ~true
    pairs = [polars_pair(item) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        first, second = (
            reduce(or_, (reduce(and_, some) for some in combinations([p[k] for p in pairs], node.count)))
            for k in (0, 1)
        )
        return first, second
    join = and_ if isinstance(node, And) else or_
    return reduce(join, (p[0] for p in pairs)), reduce(join, (p[1] for p in pairs))


def polars_nullable_columns(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: one nullable boolean column a rule (both outcomes in one)."""
    return frame.lazy().select(polars_kleene(rule.condition).alias(f"r{i}") for i, rule in enumerate(rules)).collect()


def polars_two_columns(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: two boolean columns a rule."""
    pairs = [polars_pair(rule.condition) for rule in rules]
    return frame.lazy().select(
        *(pair[0].alias(f"t{i}") for i, pair in enumerate(pairs)),
        *(pair[1].alias(f"p{i}") for i, pair in enumerate(pairs)),
    ).collect()  # fmt: skip


def polars_streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: nullable columns, on the streaming engine."""
    lazy = frame.lazy().select(polars_kleene(rule.condition).alias(f"r{i}") for i, rule in enumerate(rules))
    return lazy.collect(engine="streaming")


def _polars_decided(levels: dict[str, pl.Expr], tracks: dict[str, pl.Expr]) -> list[pl.Expr]:
    """The four ordinals from nullable "at least this level" expressions."""

    def ordinal(kleene: list[pl.Expr], unknown: bool) -> pl.Expr:
        steps = [step.fill_null(unknown).cast(pl.UInt8) for step in kleene]
        return steps[0] + 2 * steps[1] + steps[2] + steps[3] + steps[4]

    names = [levels[name] for name in CLEARANCES]
    definite, worst = ordinal(names, False), ordinal(names, True)
    final = pl.when(definite >= 3).then(definite).when(worst >= 3).then(pl.lit(2, pl.UInt8)).otherwise(worst)
    single, close = (tracks[name].fill_null(True).cast(pl.UInt8) for name in TRACKS)
    track = pl.when(worst >= 3).then(pl.lit(3, pl.UInt8)).otherwise(single + close)
    return [definite.alias("definite"), worst.alias("worst"), final.alias("clearance"), track.alias("track")]


def _groups(rules: list[Rule]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    levels = {name: [i for i, rule in enumerate(rules) if rule.clearance in CLEARANCES[at:]]
              for at, name in enumerate(CLEARANCES)}  # fmt: skip
    tracks = {name: [i for i, rule in enumerate(rules) if rule.track in TRACKS[at:]] for at, name in enumerate(TRACKS)}
    return levels, tracks


def polars_any_horizontal(rules: list[Rule], frame: pl.DataFrame, engine: str = "auto") -> pl.DataFrame:
    """Decisions: rule columns first, then `any_horizontal` of each level's rules."""
    levels, tracks = _groups(rules)
    lazy = frame.lazy().select(polars_kleene(rule.condition).alias(f"r{i}") for i, rule in enumerate(rules))
    lazy = lazy.select(
        pl.any_horizontal(f"r{i}" for i in members).alias(name)
        for name, members in (levels | tracks).items()
    )
    decided = _polars_decided({n: pl.col(n) for n in levels}, {n: pl.col(n) for n in tracks})
    return lazy.select(decided).collect(engine=engine)


def polars_any_streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: the same on the streaming engine."""
    return polars_any_horizontal(rules, frame, "streaming")


def polars_or_expressions(rules: list[Rule], frame: pl.DataFrame, engine: str = "auto") -> pl.DataFrame:
    """Decisions: one expression a level, its rules joined by `|`."""
    levels, tracks = _groups(rules)
    joined = {
        name: reduce(or_, (polars_kleene(rules[i].condition) for i in members)).alias(name)
        for name, members in (levels | tracks).items()
    }
    decided = _polars_decided({n: pl.col(n) for n in levels}, {n: pl.col(n) for n in tracks})
    return frame.lazy().select(joined.values()).select(decided).collect(engine=engine)


def polars_or_streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: the same on the streaming engine."""
    return polars_or_expressions(rules, frame, "streaming")


def polars_largest_level(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: `max_horizontal` of the rules' levels, twice."""

    def largest(unknown: bool, levels: list[tuple[Rule, int]]) -> pl.Expr:
        fired = (polars_kleene(rule.condition).fill_null(unknown).cast(pl.UInt8) * level for rule, level in levels)
        return pl.max_horizontal(*fired)

    clearances = [(rule, ORDINAL[rule.clearance]) for rule in rules]
    tracks = [(rule, TRACKS.index(rule.track) + 1) for rule in rules if rule.track]
    names = {"definite": (False, clearances), "worst": (True, clearances), "own_track": (True, tracks)}
    definite, worst = pl.col("definite"), pl.col("worst")
    final = pl.when(definite >= 3).then(definite).when(worst >= 3).then(pl.lit(2, pl.UInt8)).otherwise(worst)
    track = pl.when(worst >= 3).then(pl.lit(3, pl.UInt8)).otherwise(pl.col("own_track"))
    lazy = frame.lazy().select(largest(*how).alias(name) for name, how in names.items())
    return lazy.select(definite, worst, final.alias("clearance"), track.alias("track")).collect()


def polars_integer_masks(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: a bit a rule in two 64-bit masks (true, possible), then a test of each level's bits."""
    pairs = [polars_pair(rule.condition) for rule in rules]
    masks = [
        reduce(or_, (pair[k].cast(pl.UInt64) * (1 << i) for i, pair in enumerate(pairs))).alias("tp"[k]) for k in (0, 1)
    ]
    levels, tracks = _groups(rules)

    def kleene(members: list[int]) -> pl.Expr:
        bits = pl.lit(sum(1 << i for i in members), pl.UInt64)
        true, possible = (pl.col("t") & bits) != 0, (pl.col("p") & bits) != 0
        return pl.when(true).then(True).when(~possible).then(False)

    decided = _polars_decided({n: kleene(m) for n, m in levels.items()}, {n: kleene(m) for n, m in tracks.items()})
    return frame.lazy().select(masks).select(decided).collect()


POLARS_RULES = (polars_nullable_columns, polars_two_columns, polars_streaming)
POLARS_DECISIONS = (
    polars_any_horizontal,
    polars_any_streaming,
    polars_or_expressions,
    polars_or_streaming,
    polars_largest_level,
    polars_integer_masks,
)


# DuckDB. Its NULL is undecided too.


def sql_of(node: Condition) -> str:
    """A condition in SQL."""
    if isinstance(node, Compare):
        return f"{node.field.name} {node.operator} {node.limit.tick}"
    if isinstance(node, OneOf):
        return node.field.name
    if isinstance(node, Not):
        return f"NOT ({sql_of(node.item)})"
    items = [f"({sql_of(item)})" for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return " OR ".join(f"({' AND '.join(some)})" for some in combinations(items, node.count))
    return (" AND " if isinstance(node, And) else " OR ").join(items)


def duckdb_rules(connection: Any, rules: list[Rule]) -> Any:
    """Rules: one nullable boolean column a rule, as an Arrow table."""
    chosen = ", ".join(f"({sql_of(rule.condition)}) AS r{i}" for i, rule in enumerate(rules))
    return connection.sql(f"SELECT {chosen} FROM patients").to_arrow_table()


def read_bytes(patients: Patients) -> int:
    """The limit: every byte of the columns read once, on two threads."""
    parts = [np.asarray(part).reshape(-1) for part in _buffers(patients)]

    def largest(half: int) -> int:
        return max(int(part[half * part.size // 2 : (half + 1) * part.size // 2].max()) for part in parts)

    with ThreadPoolExecutor(2) as pool:
        return max(pool.map(largest, (0, 1)))


def _buffers(patients: Patients) -> list[np.ndarray]:
    found = []
    for column in patients.columns.values():
        arrays = (column.ticks, column.down) if isinstance(column, TickColumn) else tuple(column.planes)
        found += [array[: array.size // 4 * 4].view(np.uint64) if array.dtype != np.uint64 else array
                  for array in arrays]  # fmt: skip
    return found


# Timing


def check_equal(patients: Patients, rules: list[Rule], program: Program) -> None:
    """Every form of every engine gives the same answers on a part of the patients."""
    n = min(patients.n, 300_001)
    columns: dict[str, Column] = {}
    for name, column in patients.columns.items():
        w = (n + 63) // 64
        if isinstance(column, TickColumn):
            columns[name] = TickColumn(column.field, n, column.down[:w], column.down[:w], ticks=column.ticks[:n])
        else:
            columns[name] = FlagColumn(column.field, n, column.planes[:, :w])
    part = Patients(n, columns, patients.frame.head(n))
    found = exrx_rules(program, part)
    true = [unpack(found.true(i), n) for i in range(len(rules))]
    possible = [unpack(found.possible(i), n) for i in range(len(rules))]
    for form in (polars_nullable_columns, polars_streaming):
        table = form(rules, part.frame)
        for i in range(len(rules)):
            assert np.array_equal(table[f"r{i}"].fill_null(False).to_numpy(), true[i]), (form.__name__, i)
            assert np.array_equal(table[f"r{i}"].fill_null(True).to_numpy(), possible[i]), (form.__name__, i)
    table = polars_two_columns(rules, part.frame)
    for i in range(len(rules)):
        assert np.array_equal(table[f"t{i}"].to_numpy(), true[i])
        assert np.array_equal(table[f"p{i}"].to_numpy(), possible[i])
    decisions = exrx_decisions(program, rules, part)
    for form in POLARS_DECISIONS:
        table = form(rules, part.frame)
        for row, name in enumerate(("definite", "worst", "clearance", "track")):
            assert np.array_equal(table[name].to_numpy(), decisions[row]), (form.__name__, name)


def rate(n: int, call: Callable[[], Any], repeat: int) -> dict[str, float]:
    """Million patients a second: best and median of `repeat` runs, after one that is not counted."""
    call()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
        del result
    return {"best": round(n / min(seconds) / 1e6, 1), "median": round(n / statistics.median(seconds) / 1e6, 1)}


def peak_bytes(call: Callable[[], Any]) -> int:
    """How far the process grew while `call` ran (Linux)."""
    clear, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")

    def held(key: str) -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(key)) * 1024

    clear.write_text("5")
    before = held("VmRSS")
    call()
    return held("VmHWM") - before


def main() -> None:
    """Check, time, print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--without-duckdb", action="store_true")
    parser.add_argument("--blocks", action="store_true", help="only exrx, with blocks of several sizes")
    parser.add_argument("--heavy", action="store_true", help="rules that share no limit")
    options = parser.parse_args()
    n, repeat = options.patients, options.repeat
    numbers, flags = make_fields()
    rules = make_rules(numbers, flags, options.heavy)
    program = compile_conditions(rule.condition for rule in rules)
    patients = make_patients(n, numbers, flags)
    check_equal(patients, rules, program)
    single = [atom for rule in rules for atom in atoms(rule.condition)]
    limits = {atom for atom in single if isinstance(atom, Compare)}
    results: dict[str, Any] = {
        "versions": f"python {platform.python_version()}, numpy {np.__version__}, polars {pl.__version__}",
        "patients": n,
        "rules": f"{len(rules)} of {len(single)} conditions, {len(limits)} different comparisons of numbers",
        "M patients/s": {},
    }
    rates = results["M patients/s"]
    if options.blocks:
        for size in (1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21):
            many.FEWEST_ROWS = many.MOST_ROWS = size
            for threads in (1, 2):
                call = lambda threads=threads: exrx_rules(program, patients, threads)  # noqa: E731
                rates[f"rules, blocks of {size}, threads {threads}"] = rate(n, call, repeat)
        print(json.dumps(results, indent=2))
        return
    rates["read the bytes"] = rate(n, lambda: read_bytes(patients), repeat)
    rates["exrx rules"] = rate(n, lambda: exrx_rules(program, patients), repeat)
    rates["exrx rules, memory used again"] = rate(n, used_again(program, patients), repeat)
    rates["exrx rules, one thread"] = rate(n, lambda: exrx_rules(program, patients, 1), repeat)
    rates["exrx decisions"] = rate(n, lambda: exrx_decisions(program, rules, patients), repeat)
    rates["exrx decisions, one thread"] = rate(n, lambda: exrx_decisions(program, rules, patients, 1), repeat)
    for form in (*POLARS_RULES, *POLARS_DECISIONS):
        rates[form.__name__] = rate(n, lambda form=form: form(rules, patients.frame), max(repeat // 2, 3))
    if not options.without_duckdb:
        import duckdb

        with duckdb.connect() as connection:
            connection.register("given", patients.frame.to_arrow())
            connection.execute("CREATE TABLE patients AS SELECT * FROM given")
            rates["duckdb_rules"] = rate(n, lambda: duckdb_rules(connection, rules), 3)
    results["bytes a patient beyond the input"] = {
        "rules": round(peak_bytes(lambda: exrx_rules(program, patients)) / n, 1),
        "decisions": round(peak_bytes(lambda: exrx_decisions(program, rules, patients)) / n, 1),
    }
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
