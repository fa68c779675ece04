"""The benchmark of rules: what it times gives equal answers, and it notices when not. (A benchmark rots unseen.)"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from exrx.rules.many import compile_conditions

PATIENTS = 2_001


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    """The benchmark's modules, rules and patients (with gaps, and complete)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        pytest.importorskip("polars")
        pytest.importorskip("pyarrow")
        from rules import (
            conditions,
            end_to_end,
            engine,
            equal,
            in_cql,
            in_duckdb,
            in_loop,
            in_polars,
            patients,
            peer,
            unknowns,
        )

        numbers, flags = conditions.make_fields()
        rules = conditions.make_rules(numbers, flags)
        yield SimpleNamespace(
            end_to_end=end_to_end, engine=engine, equal=equal, in_cql=in_cql, in_duckdb=in_duckdb, in_loop=in_loop,
            in_polars=in_polars, peer=peer, unknowns=unknowns, rules=rules, fields=[*numbers, *flags],
            program=compile_conditions(rule.condition for rule in rules),
            patients=patients.make_patients(PATIENTS, numbers, flags),
            complete=patients.make_patients(PATIENTS, numbers, flags, missing=0.0),
        )  # fmt: skip


@pytest.fixture(params=["in_polars", "in_duckdb", "in_loop"])
def peer(bench: Any, request: pytest.FixtureRequest) -> Any:
    """A peer that the tests install."""
    if request.param == "in_duckdb":
        pytest.importorskip("duckdb")
    return getattr(bench, request.param).PEER


def test_a_peer_answers_every_rule_as_exrx_does_where_nothing_is_missing(bench: Any, peer: Any) -> None:
    """On complete patients all fifty rules have the same answers in every engine."""
    ours = bench.engine.answers_of(bench.program, bench.complete)
    bench.equal.check_peer(peer, peer.prepare(bench.rules, bench.complete), ours)
    assert 0.05 < (ours == 1).mean() < 0.95
    assert not (ours == 2).any()


def test_a_different_answer_stops_the_benchmark(bench: Any, peer: Any) -> None:
    """One answer that differs is an error that names the rule and the patient."""
    ours = bench.engine.answers_of(bench.program, bench.complete)
    ours[7, 1234] = 1 - ours[7, 1234]
    with pytest.raises(AssertionError, match="rule r7 about patient 1234"):
        bench.equal.check_peer(peer, peer.prepare(bench.rules, bench.complete), ours)


def test_every_form_of_polars_gives_the_same_rules_and_decisions(bench: Any) -> None:
    """With gaps in the data too; a form of other rules is noticed."""
    bench.equal.check_forms(bench.patients, bench.rules, bench.program)
    other = [*bench.rules[1:], bench.rules[0]]
    with pytest.raises(AssertionError):
        bench.equal.check_forms(bench.patients, other, bench.program)


def test_floats_and_ticks_give_the_same_decisions(bench: Any) -> None:
    """The end-to-end comparison starts from floats and ends with the answers that the ticks give."""
    table = bench.end_to_end.table_of(bench.patients)
    bench.end_to_end.check_equal(bench.program, bench.rules, bench.fields, bench.patients, table)
    assert table.schema.field("number_0").type == "double"
    assert table.column("number_0").null_count > 0


def test_the_rows_of_a_decision_table_hold_where_the_rule_does(bench: Any) -> None:
    """A rule fires where one of its conjunctions is met: what zen-engine's table is written from."""
    ours = bench.engine.answers_of(bench.program, bench.complete)
    for i, rule in enumerate(bench.rules):
        rows = bench.peer.conjunctions(rule.condition)
        atoms = list({atom for row in rows for atom in row})
        single = bench.engine.answers_of(compile_conditions(atoms), bench.complete) == 1
        met = [np.all([single[atoms.index(a)] == value for a, value in row.items()], axis=0) for row in rows]
        assert np.array_equal(np.any(met, axis=0), ours[i] == 1), rule


def test_the_elm_library_says_what_the_rules_say(bench: Any) -> None:
    """The CQL peer's definitions, worked out with ELM's nulls, are undecided where exrx is and equal elsewhere."""
    few = bench.patients.first(100)
    ours = bench.engine.answers_of(bench.program, few)
    patient, *definitions = bench.in_cql.library_of(bench.rules)["library"]["statements"]["def"]
    assert patient["name"] == "Patient"
    for row, values in enumerate(few.rows()):
        said = [elm(each["expression"], values) for each in definitions]
        assert [2 if answer is None else int(answer) for answer in said] == ours[:, row].tolist()


def elm(node: dict[str, Any], patient: dict[str, Any]) -> Any:
    """The value of an ELM expression, None for null."""
    kind = node["type"]
    if kind == "Property":
        return patient[node["path"]]
    if kind == "Literal":
        return int(node["value"])
    if kind == "Not":
        found = elm(node["operand"], patient)
        return None if found is None else not found
    first, second = (elm(item, patient) for item in node["operand"])
    if kind in ("And", "Or"):
        settles = kind == "Or"
        if settles in (first, second):
            return settles
        return None if first is None or second is None else not settles
    if first is None or second is None:
        return None
    return {
        "Less": first < second, "LessOrEqual": first <= second,
        "Greater": first > second, "GreaterOrEqual": first >= second,
    }[kind]  # fmt: skip


def test_without_platelets_exrx_is_undecided_and_a_loop_refuses_or_says_no(bench: Any) -> None:
    """The table of unknowns says what the engines say: undecided, an error, or an answer out of nothing."""
    table = bench.unknowns.of_one_patient([bench.in_loop.PEER, bench.unknowns.with_nan(bench.in_polars.PEER)])
    assert set(table["exrx"].values()) == {"undecided"}
    assert table["plain Python loop"]["platelets < 50"] == "refuses"
    assert table["plain Python loop"]["bone metastases"] == "no"
    assert table["Polars, nan for unknown"]["platelets >= 50"] == "yes"


def test_the_shares_of_undecided_answers_are_counted(bench: Any) -> None:
    """Polars leaves all of them undecided, a loop none; the shares of an engine add up to a hundred."""
    few = bench.patients.first(200)
    table = bench.unknowns.of_undecided([bench.in_polars.PEER, bench.in_loop.PEER], bench.rules, few)
    assert table["Polars"] == {"no": 0, "yes": 0, "undecided": 100, "refuses": 0, "differs where settled": 0}
    loop = table["plain Python loop"]
    assert loop["undecided"] == 0
    assert loop["no"] + loop["yes"] + loop["refuses"] == pytest.approx(100, abs=0.2)


def test_a_peer_that_is_not_installed_says_how_it_would_be(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No peer is needed: without it the benchmark names the command that installs it."""
    monkeypatch.setattr(bench.in_cql, "NODE_MODULES", Path("nowhere"))
    with pytest.raises(bench.peer.NotInstalledError, match="npm install"):
        bench.in_cql.PEER.prepare(bench.rules, bench.patients.first(1))
