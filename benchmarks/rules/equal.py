"""Nobody is timed before the answers are equal."""

from __future__ import annotations

import numpy as np

from exrx.rules.many import Program
from rules import engine, in_polars
from rules.conditions import Rule
from rules.patients import Patients
from rules.peer import Peer, Prepared


def check_peer(peer: Peer, prepared: Prepared, ours: np.ndarray) -> None:
    """AssertionError where a peer's answers about complete patients are not ours, with the first that differs."""
    theirs = prepared.answers(prepared.run())
    assert theirs.shape == ours.shape, f"{peer.name}: {theirs.shape} answers instead of {ours.shape}"
    different = np.argwhere(theirs != ours)
    assert different.size == 0, (
        f"{peer.name}: {len(different)} answers differ, the first of rule r{different[0][0]} about patient "
        f"{different[0][1]}"
    )


def check_forms(patients: Patients, rules: list[Rule], program: Program) -> None:
    """Every form of Polars gives our answers, missing cells included."""
    ours = engine.answers_of(program, patients)
    true, possible = ours == 1, ours > 0
    for form in (in_polars.nullable_columns, in_polars.streaming):
        found = in_polars.answers_of(form(rules, patients.frame))
        assert np.array_equal(found, ours), form.__name__
    table = in_polars.two_columns(rules, patients.frame)
    for i in range(len(rules)):
        assert np.array_equal(table[f"t{i}"].to_numpy(), true[i]), ("two_columns", i)
        assert np.array_equal(table[f"p{i}"].to_numpy(), possible[i]), ("two_columns", i)
    decisions, _ = engine.exrx_decisions(program, rules, patients)
    for form in in_polars.DECISIONS:
        table = form(rules, patients.frame)
        for row, name in enumerate(("definite", "worst", "clearance", "track")):
            assert np.array_equal(table[name].to_numpy(), decisions[row]), (form.__name__, name)
