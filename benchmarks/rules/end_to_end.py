"""From columns as they are handed in to decisions with every rule's answer kept, so that reasons are a look-up away.

The table holds floats and bools with nulls (Arrow). exrx turns it into ticks and planes first, as a cohort does; the
others compare the floats as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from exrx.bits import unpack
from exrx.columns.read import read_cells
from exrx.fields import Field
from exrx.given import cells_of
from exrx.rules.many import Answers, Program
from rules import engine, in_polars
from rules.conditions import Rule
from rules.patients import Patients

TICKS_A_UNIT = 20


def table_of(patients: Patients) -> pa.Table:
    """The same cells as a laboratory hands them in: numbers in their unit (float64), bools, nulls."""
    units = [
        pl.col(name) / float(TICKS_A_UNIT) if dtype.is_integer() else pl.col(name)
        for name, dtype in patients.frame.schema.items()
    ]
    return patients.frame.select(units).to_arrow()


def exrx_all(program: Program, rules: list[Rule], fields: list[Field], table: pa.Table) -> tuple[np.ndarray, Answers]:
    """Columns read, rules answered, decisions made; both planes of every rule kept."""
    columns = {entry.name: read_cells(entry, cells_of(table.column(entry.name), entry.name)).column for entry in fields}
    patients = Patients(table.num_rows, columns, pl.DataFrame())
    return engine.exrx_decisions(program, rules, patients, keep_rules=True)


def polars_all(rules: list[Rule], table: pa.Table, how: str = "in-memory") -> pl.DataFrame:
    """The rule columns and the four ordinals in one plan."""
    frame: Any = pl.from_arrow(table)
    return in_polars.decisions_and_rules(rules, frame.lazy(), TICKS_A_UNIT).collect(engine=how)


def check_equal(
    program: Program, rules: list[Rule], fields: list[Field], patients: Patients, table: pa.Table
) -> None:
    """AssertionError where the floats give other answers than the ticks, or Polars others than exrx."""
    ours = engine.answers_of(program, patients)
    decisions, answers = exrx_all(program, rules, fields, table)
    frame = polars_all(rules, table)
    assert np.array_equal(in_polars.answers_of(frame.select(f"r{i}" for i in range(len(rules)))), ours)
    for row, name in enumerate(("definite", "worst", "clearance", "track")):
        assert np.array_equal(frame[name].to_numpy(), decisions[row]), name
    for i in range(len(rules)):
        assert np.array_equal(unpack(answers.true(i), patients.n), ours[i] == 1), i
        assert np.array_equal(unpack(answers.possible(i), patients.n), ours[i] > 0), i
