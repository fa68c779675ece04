"""The same conditions on three other engines, as second opinions: Polars, DuckDB and a table of states they share.

A state is spread over plain columns: `<field>__low` and `<field>__high` for numbers, `<field>__mask` for options,
`<field>__sure` and `<field>__possible` for sets. A condition becomes two expressions, *true* and *possible*.
Nothing here shares code with `exrx.rules.one` or `exrx.rules.many`.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import duckdb
import polars as pl

from exrx.fields import Field, Members, Possible, Span
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, AnyOf, AtLeast, Compare, Condition, Not, OneOf, Or

State = dict[str, Possible]


def table_of(states: list[State], fields: tuple[Field, ...]) -> pl.DataFrame:
    """One row a state, the columns described above."""
    columns: dict[str, list[int]] = {}
    for entry in fields:
        for state in states:
            possible = state[entry.name]
            if isinstance(possible, Span):
                parts = {"low": possible.low, "high": possible.high}
            elif isinstance(possible, Members):
                parts = {"sure": possible.sure, "possible": possible.possible}
            else:
                parts = {"mask": possible}
            for part, number in parts.items():
                columns.setdefault(f"{entry.name}__{part}", []).append(number)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64))


def polars_answers(conditions: list[Condition], table: pl.DataFrame) -> list[list[int]]:
    """The three answers of each condition in every row, by Polars."""
    pairs = [_polars(condition) for condition in conditions]
    wide = table.select(
        *(pair[0].alias(f"t{i}") for i, pair in enumerate(pairs)),
        *(pair[1].alias(f"p{i}") for i, pair in enumerate(pairs)),
    )
    return [_answers(wide[f"t{i}"].to_list(), wide[f"p{i}"].to_list()) for i in range(len(conditions))]


def duckdb_answers(conditions: list[Condition], table: pl.DataFrame) -> list[list[int]]:
    """The three answers of each condition in every row, by DuckDB."""
    pairs = [_sql(condition) for condition in conditions]
    chosen = ", ".join(f"({true}) AS t{i}, ({possible}) AS p{i}" for i, (true, possible) in enumerate(pairs))
    with duckdb.connect() as connection:
        connection.register("patients", table.to_arrow())
        found = connection.sql(f"SELECT {chosen} FROM patients").fetchall()
    return [_answers([row[2 * i] for row in found], [row[2 * i + 1] for row in found]) for i in range(len(pairs))]


def _answers(true: list[bool], possible: list[bool]) -> list[int]:
    return [TRUE if t else UNDECIDED if p else FALSE for t, p in zip(true, possible, strict=True)]


def _polars(node: Condition) -> tuple[pl.Expr, pl.Expr]:
    if isinstance(node, Compare):
        low, high = pl.col(f"{node.field.name}__low"), pl.col(f"{node.field.name}__high")
        tick = node.limit.tick
        return {
            "<": (high < tick, low < tick),
            "<=": (high <= tick, low <= tick),
            ">": (low > tick, high > tick),
            ">=": (low >= tick, high >= tick),
            "=": ((low == tick) & (high == tick), (low <= tick) & (high >= tick)),
            "!=": ((low > tick) | (high < tick), (low != tick) | (high != tick)),
        }[node.operator]
    if isinstance(node, OneOf):
        mask = pl.col(f"{node.field.name}__mask")
        return (mask & (node.field.every_option & ~node.mask)) == 0, (mask & node.mask) != 0
    if isinstance(node, AnyOf):
        sure, possible = pl.col(f"{node.field.name}__sure"), pl.col(f"{node.field.name}__possible")
        return (sure & node.mask) != 0, (possible & node.mask) != 0
    if isinstance(node, Not):
        true, possible = _polars(node.item)
        return ~possible, ~true
    true, possible = zip(*(_polars(item) for item in node.items), strict=True)
    if isinstance(node, And):
        return pl.all_horizontal(*true), pl.all_horizontal(*possible)
    if isinstance(node, Or):
        return pl.any_horizontal(*true), pl.any_horizontal(*possible)
    if isinstance(node, AtLeast):
        return pl.sum_horizontal(*true) >= node.count, pl.sum_horizontal(*possible) >= node.count
    raise TypeError(type(node).__name__)


def _sql(node: Condition) -> tuple[str, str]:
    if isinstance(node, Compare):
        low, high, tick = f"{node.field.name}__low", f"{node.field.name}__high", node.limit.tick
        return {
            "<": (f"{high} < {tick}", f"{low} < {tick}"),
            "<=": (f"{high} <= {tick}", f"{low} <= {tick}"),
            ">": (f"{low} > {tick}", f"{high} > {tick}"),
            ">=": (f"{low} >= {tick}", f"{high} >= {tick}"),
            "=": (f"{low} = {tick} AND {high} = {tick}", f"{tick} BETWEEN {low} AND {high}"),
            "!=": (f"{tick} NOT BETWEEN {low} AND {high}", f"{low} <> {tick} OR {high} <> {tick}"),
        }[node.operator]
    if isinstance(node, OneOf):
        mask, others = f"{node.field.name}__mask", node.field.every_option & ~node.mask
        return f"({mask} & {others}) = 0", f"({mask} & {node.mask}) <> 0"
    if isinstance(node, AnyOf):
        return f"({node.field.name}__sure & {node.mask}) <> 0", f"({node.field.name}__possible & {node.mask}) <> 0"
    if isinstance(node, Not):
        true, possible = _sql(node.item)
        return f"NOT ({possible})", f"NOT ({true})"
    pairs = [_sql(item) for item in node.items]
    if isinstance(node, AtLeast):
        chosen = [_any_subset([pair[which] for pair in pairs], node.count) for which in (0, 1)]
        return chosen[0], chosen[1]
    word = {And: " AND ", Or: " OR "}[type(node)]
    return word.join(f"({t})" for t, _ in pairs), word.join(f"({p})" for _, p in pairs)


def _any_subset(parts: list[Any], count: int) -> str:
    """At least `count` of the parts, spelled out: some subset of that size is wholly true."""
    subsets = (" AND ".join(f"({part})" for part in subset) for subset in combinations(parts, count))
    return " OR ".join(f"({subset})" for subset in subsets)
