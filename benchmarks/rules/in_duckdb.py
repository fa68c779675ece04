"""DuckDB: one SELECT of one expression a rule. Its NULL is undecided, as Kleene's."""

from __future__ import annotations

from typing import Any

import polars as pl

from rules.conditions import Rule
from rules.in_polars import answers_of
from rules.patients import Patients
from rules.peer import Language, NotInstalledError, Peer, Prepared, text_of

SQL = Language(" AND ", " OR ", "NOT ({})")


def select_of(rules: list[Rule]) -> str:
    """One nullable boolean column a rule."""
    return ", ".join(f"({text_of(rule.condition, SQL)}) AS r{i}" for i, rule in enumerate(rules))


def connected(patients: Patients) -> Any:
    """A database with the table `patients` in DuckDB's own storage, in memory."""
    try:
        import duckdb
    except ImportError as error:
        raise NotInstalledError("DuckDB: python -m pip install duckdb") from error
    connection = duckdb.connect()
    connection.register("given", patients.frame.to_arrow())
    connection.execute("CREATE TABLE patients AS SELECT * FROM given")
    connection.unregister("given")
    return connection


def _prepare(rules: list[Rule], patients: Patients) -> Prepared:
    connection, chosen = connected(patients), select_of(rules)
    return Prepared(
        lambda: connection.sql(f"SELECT {chosen} FROM patients").to_arrow_table(),
        lambda table: answers_of(pl.DataFrame(pl.from_arrow(table))),
    )


PEER = Peer("DuckDB", 10_000_000, "one SELECT, one nullable column a rule, fetched as Arrow", _prepare)
