"""Polars, in every form we could think of. Its null is undecided: its `&`, `|`, `~` are Kleene's."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any

import numpy as np
import polars as pl

from exrx.rules.nodes import And, AtLeast, Compare, Condition, Not, OneOf
from rules.conditions import CLEARANCES, ORDINAL, TRACKS, Rule, groups_of
from rules.patients import Patients
from rules.peer import Peer, Prepared


def kleene(node: Condition, ticks_a_unit: int = 1) -> pl.Expr:
    """A condition as one nullable boolean; a limit is a tick, or a number of units of so many ticks."""
    if isinstance(node, Compare):
        column = pl.col(node.field.name)
        limit = node.limit.tick if ticks_a_unit == 1 else node.limit.tick / ticks_a_unit
        return {"<": column < limit, "<=": column <= limit, ">": column > limit, ">=": column >= limit}[node.operator]
    if isinstance(node, OneOf):
        return pl.col(node.field.name)
    if isinstance(node, Not):
        return ~kleene(node.item, ticks_a_unit)
    items = [kleene(item, ticks_a_unit) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return reduce(or_, (reduce(and_, some) for some in combinations(items, node.count)))
    return reduce(and_ if isinstance(node, And) else or_, items)


def pair_of(node: Condition) -> tuple[pl.Expr, pl.Expr]:
    """A condition as two booleans without nulls."""
    if isinstance(node, (Compare, OneOf)):
        found = kleene(node)
        return found.fill_null(False), found.fill_null(True)
    if isinstance(node, Not):
        true, possible = pair_of(node.item)
        return ~possible, ~true
    pairs = [pair_of(item) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        first, second = (
            reduce(or_, (reduce(and_, some) for some in combinations([p[k] for p in pairs], node.count)))
            for k in (0, 1)
        )
        return first, second
    join = and_ if isinstance(node, And) else or_
    return reduce(join, (p[0] for p in pairs)), reduce(join, (p[1] for p in pairs))


def nullable_columns(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: one nullable boolean column a rule (both outcomes in one)."""
    return frame.lazy().select(kleene(rule.condition).alias(f"r{i}") for i, rule in enumerate(rules)).collect()


def two_columns(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: two boolean columns a rule."""
    pairs = [pair_of(rule.condition) for rule in rules]
    return frame.lazy().select(
        *(pair[0].alias(f"t{i}") for i, pair in enumerate(pairs)),
        *(pair[1].alias(f"p{i}") for i, pair in enumerate(pairs)),
    ).collect()  # fmt: skip


def streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Rules: nullable columns, on the streaming engine."""
    lazy = frame.lazy().select(kleene(rule.condition).alias(f"r{i}") for i, rule in enumerate(rules))
    return lazy.collect(engine="streaming")


def decided_of(levels: dict[str, pl.Expr], tracks: dict[str, pl.Expr]) -> list[pl.Expr]:
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


def decisions_and_rules(rules: list[Rule], frame: pl.LazyFrame, ticks_a_unit: int = 1) -> pl.LazyFrame:
    """Rule columns first, then the four ordinals from `any_horizontal` of each level's rules."""
    levels, tracks = groups_of(rules)
    answered = frame.select(
        kleene(rule.condition, ticks_a_unit).alias(f"r{i}") for i, rule in enumerate(rules)
    ).with_columns(
        pl.any_horizontal(f"r{i}" for i in members).alias(name) for name, members in (levels | tracks).items()
    )
    decided = decided_of({n: pl.col(n) for n in levels}, {n: pl.col(n) for n in tracks})
    return answered.select(*decided, pl.col("^r[0-9]+$"))


def any_horizontal(rules: list[Rule], frame: pl.DataFrame, engine: Any = "auto") -> pl.DataFrame:
    """Decisions: rule columns first, then `any_horizontal` of each level's rules."""
    decided = decisions_and_rules(rules, frame.lazy()).select("definite", "worst", "clearance", "track")
    return decided.collect(engine=engine)


def any_streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: the same on the streaming engine."""
    return any_horizontal(rules, frame, "streaming")


def or_expressions(rules: list[Rule], frame: pl.DataFrame, engine: Any = "auto") -> pl.DataFrame:
    """Decisions: one expression a level, its rules joined by `|`."""
    levels, tracks = groups_of(rules)
    joined = {
        name: reduce(or_, (kleene(rules[i].condition) for i in members)).alias(name)
        for name, members in (levels | tracks).items()
    }
    decided = decided_of({n: pl.col(n) for n in levels}, {n: pl.col(n) for n in tracks})
    return frame.lazy().select(joined.values()).select(decided).collect(engine=engine)


def or_streaming(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: the same on the streaming engine."""
    return or_expressions(rules, frame, "streaming")


def largest_level(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: `max_horizontal` of the rules' levels, twice."""

    def largest(unknown: bool, levels: list[tuple[Rule, int]]) -> pl.Expr:
        fired = (kleene(rule.condition).fill_null(unknown).cast(pl.UInt8) * level for rule, level in levels)
        return pl.max_horizontal(*fired)

    clearances = [(rule, ORDINAL[rule.clearance]) for rule in rules]
    tracks = [(rule, TRACKS.index(rule.track) + 1) for rule in rules if rule.track]
    names = {"definite": (False, clearances), "worst": (True, clearances), "own_track": (True, tracks)}
    definite, worst = pl.col("definite"), pl.col("worst")
    final = pl.when(definite >= 3).then(definite).when(worst >= 3).then(pl.lit(2, pl.UInt8)).otherwise(worst)
    track = pl.when(worst >= 3).then(pl.lit(3, pl.UInt8)).otherwise(pl.col("own_track"))
    lazy = frame.lazy().select(largest(*how).alias(name) for name, how in names.items())
    return lazy.select(definite, worst, final.alias("clearance"), track.alias("track")).collect()


def integer_masks(rules: list[Rule], frame: pl.DataFrame) -> pl.DataFrame:
    """Decisions: a bit a rule in two 64-bit masks (true, possible), then a test of each level's bits."""
    pairs = [pair_of(rule.condition) for rule in rules]
    masks = [
        reduce(or_, (pair[k].cast(pl.UInt64) * (1 << i) for i, pair in enumerate(pairs))).alias("tp"[k]) for k in (0, 1)
    ]
    levels, tracks = groups_of(rules)

    def tested(members: list[int]) -> pl.Expr:
        bits = pl.lit(sum(1 << i for i in members), pl.UInt64)
        true, possible = (pl.col("t") & bits) != 0, (pl.col("p") & bits) != 0
        return pl.when(true).then(True).when(~possible).then(False)

    decided = decided_of({n: tested(m) for n, m in levels.items()}, {n: tested(m) for n, m in tracks.items()})
    return frame.lazy().select(masks).select(decided).collect()


RULES = (nullable_columns, two_columns, streaming)
DECISIONS = (
    any_horizontal,
    any_streaming,
    or_expressions,
    or_streaming,
    largest_level,
    integer_masks,
)


def answers_of(table: pl.DataFrame) -> np.ndarray:
    """The answers of a table of nullable rule columns r0, r1, ..: int8 (rules, n)."""
    columns = [table[name].cast(pl.Int8).fill_null(2).to_numpy() for name in table.columns]
    return np.array(columns, np.int8)


def _prepare(rules: list[Rule], patients: Patients) -> Prepared:
    return Prepared(lambda: nullable_columns(rules, patients.frame), answers_of)


PEER = Peer("Polars", 10_000_000, "one nullable expression a rule", _prepare)
