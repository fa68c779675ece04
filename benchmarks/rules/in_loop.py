"""A plain Python loop: one function a rule, written out as Python, one patient after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rules.conditions import Rule
from rules.patients import Patients
from rules.peer import REFUSED, Language, Peer, Prepared, text_of

PYTHON = Language(" and ", " or ", "not ({})", "patient['{}']".format)

Row = dict[str, Any]


def functions_of(rules: list[Rule]) -> list[Callable[[Row], Any]]:
    """Each rule as a compiled Python expression of a patient."""
    return [eval(f"lambda patient: {text_of(rule.condition, PYTHON)}") for rule in rules]


def answer(function: Callable[[Row], Any], patient: Row) -> int:
    """What the expression says, as an `if` would take it; REFUSED where it raises."""
    try:
        return int(bool(function(patient)))
    except TypeError:
        return REFUSED


def _prepare(rules: list[Rule], patients: Patients) -> Prepared:
    functions, rows = functions_of(rules), patients.rows()

    def run() -> list[list[int]]:
        return [[answer(function, patient) for function in functions] for patient in rows]

    return Prepared(run, lambda found: np.array(found, np.int8).T)


PEER = Peer("plain Python loop", 20_000, "an expression a rule, a dictionary a patient", _prepare, refuses=True)
