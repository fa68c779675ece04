"""GoRules zen-engine: the rules as the expressions of one node, and as a decision table.

In the table a rule is one row a way in which it can hold, each cell the test of one field ("< 50", "true"); all rows
that match are collected. An expression of a value that is null is an error there; a cell of one does not match.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from exrx.rules.nodes import Compare, Condition
from rules.conditions import Rule
from rules.patients import Patients
from rules.peer import REFUSED, Language, NotInstalledError, Peer, Prepared, conjunctions, text_of

ZEN = Language(" and ", " or ", "not ({})")
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _decision(content: dict[str, Any], kind: str) -> Any:
    try:
        import zen
    except ImportError as error:
        raise NotInstalledError("GoRules zen-engine: python -m pip install zen-engine") from error
    nodes = [("in", "inputNode", {}), ("rules", kind, {"content": content}), ("out", "outputNode", {})]
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": name, "name": name, "type": type_, "position": {"x": 0, "y": 0}, **held}
            for name, type_, held in nodes
        ],
        "edges": [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
                  for a, b in (("in", "rules"), ("rules", "out"))],
    }  # fmt: skip
    return zen.ZenEngine().create_decision(json.dumps(graph))


def _run(decision: Any, patients: list[dict[str, Any]]) -> list[Any]:
    found = []
    for patient in patients:
        try:
            found.append(decision.evaluate(patient)["result"])
        except RuntimeError:
            found.append(None)
    return found


def expressions(rules: list[Rule], patients: Patients) -> Prepared:
    """One expression a rule; an error is an answer to none of them."""
    lines = [{"id": f"r{i}", "key": f"r{i}", "value": text_of(rule.condition, ZEN)} for i, rule in enumerate(rules)]
    decision, rows = _decision({"expressions": lines}, "expressionNode"), patients.rows()

    def answers(found: list[Any]) -> np.ndarray:
        names = [f"r{i}" for i in range(len(rules))]
        said = [[REFUSED if one is None else _word(one.get(name)) for name in names] for one in found]
        return np.array(said, np.int8).T

    return Prepared(lambda: _run(decision, rows), answers)


def _word(value: Any) -> int:
    return 2 if value is None else int(bool(value))


def table(rules: list[Rule], patients: Patients) -> Prepared:
    """A decision table; a rule fires where one of its rows matches."""
    names = list(patients.columns)
    lines = []
    for i, rule in enumerate(rules):
        for number, row in enumerate(conjunctions(rule.condition)):
            cells: dict[str, list[str]] = {}
            for atom, holds in row.items():
                cells.setdefault(atom.field.name, []).append(_cell(atom, holds))  # type: ignore[attr-defined]
            line = {name: " and ".join(tests) for name, tests in cells.items()}
            lines.append({"_id": f"{i}.{number}", "rule": str(i), **line})
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "field": name} for name in names],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": lines,
    }
    decision, rows = _decision(content, "decisionTableNode"), patients.rows()

    def answers(found: list[Any]) -> np.ndarray:
        said = np.zeros((len(rules), len(found)), np.int8)
        for at, rows_that_match in enumerate(found):
            if rows_that_match is None:
                said[:, at] = REFUSED
                continue
            for row in rows_that_match:
                said[int(row["rule"]), at] = 1
        return said

    return Prepared(lambda: _run(decision, rows), answers)


def _cell(atom: Condition, holds: bool) -> str:
    if isinstance(atom, Compare):
        return f"{atom.operator if holds else _OPPOSITE[atom.operator]} {atom.limit.tick}"
    return "true" if holds else "false"


PEERS = (
    Peer("zen-engine, expressions", 3_000, "one expression a rule", expressions, refuses=True),
    Peer("zen-engine, decision table", 3_000, "every way a rule can hold is a row of a table", table),
)
