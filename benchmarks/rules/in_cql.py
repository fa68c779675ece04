"""HL7's Clinical Quality Language: cql-execution under node, on an ELM library that is written from the rules.

ELM is what CQL is compiled to. Its null is undecided, and `And`, `Or`, `Not` are Kleene's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from exrx.rules.nodes import And, AtLeast, Compare, Condition, Not, OneOf
from rules.conditions import Rule
from rules.patients import Patients
from rules.peer import NotInstalledError, Peer, Prepared

NODE_MODULES = Path(os.environ.get("NODE_PATH", "build/peers/node_modules"))
_HOW = "cql-execution: npm install --prefix build/peers cql-execution (and node)"
_COMPARE = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual"}

Elm = dict[str, Any]


def elm_of(node: Condition) -> Elm:
    """A condition as an ELM expression about the patient."""
    if isinstance(node, Compare):
        limit = {"type": "Literal", "valueType": "{urn:hl7-org:elm-types:r1}Integer", "value": str(node.limit.tick)}
        return {"type": _COMPARE[node.operator], "operand": [_given(node.field.name), limit]}
    if isinstance(node, OneOf):
        return _given(node.field.name)
    if isinstance(node, Not):
        return {"type": "Not", "operand": elm_of(node.item)}
    items = [elm_of(item) for item in node.items]  # type: ignore[union-attr]
    if isinstance(node, AtLeast):
        return _joined("Or", [_joined("And", list(some)) for some in combinations(items, node.count)])
    return _joined("And" if isinstance(node, And) else "Or", items)


def _given(name: str) -> Elm:
    return {"type": "Property", "path": name, "source": {"type": "ExpressionRef", "name": "Patient"}}


def _joined(kind: str, items: list[Elm]) -> Elm:
    return reduce(lambda first, second: {"type": kind, "operand": [first, second]}, items)


def library_of(rules: list[Rule]) -> Elm:
    """A library with one definition a rule, r0, r1, .."""
    patient = {"type": "SingletonFrom", "operand": {"type": "Retrieve", "dataType": "Patient"}}
    named = [("Patient", patient), *((f"r{i}", elm_of(rule.condition)) for i, rule in enumerate(rules))]
    return {"library": {
        "identifier": {"id": "Rules", "version": "1"},
        "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
        "usings": {"def": [{"localIdentifier": "System", "uri": "urn:hl7-org:elm-types:r1"}]},
        "statements": {"def": [{"name": name, "context": "Patient", "accessLevel": "Public", "expression": expression}
                               for name, expression in named]},
    }}  # fmt: skip


def started() -> Callable[[Any], Any]:
    """A worker: what is sent is one JSON value, what comes back too. It ends when this process closes its input."""
    node = shutil.which("node")
    if node is None or not (NODE_MODULES / "cql-execution").is_dir():
        raise NotInstalledError(_HOW)
    worker = subprocess.Popen(
        [node, str(Path(__file__).with_name("cql_worker.js"))], text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env={**os.environ, "NODE_PATH": str(NODE_MODULES.resolve())},
    )  # fmt: skip

    def ask(question: Any) -> Any:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(question) + "\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())

    return ask


def _prepare(rules: list[Rule], patients: Patients) -> Prepared:
    ask = started()
    ask({"library": library_of(rules), "patients": patients.rows(), "names": [f"r{i}" for i in range(len(rules))]})
    return Prepared(
        lambda: ask({"run": True}), lambda done: np.array(ask({"answers": True}), np.int8).T
    )


PEER = Peer("CQL (cql-execution)", 500, "an ELM definition a rule, evaluated in node", _prepare)
