"""One patient, a cohort on bits, Polars and DuckDB answer every rule alike, for facts of every shape."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_strategies import patients
from rule_strategies import FIELDS, conditions, knowledge_states

from agreement.engines import duckdb_answers, polars_answers, table_of
from exrx import Clearance, Cohort, Patient, load_protocol, screen, screen_cohort
from exrx.knowledge import know
from exrx.protocol.form import form_patient
from exrx.protocol.library import list_protocols
from exrx.protocol.stage import stage_rules
from exrx.rules.one import evaluate
from exrx.screening.cases import read_cases

AS_OF = date(2026, 11, 23)
OVERLAY = """\
id: local
version: "1"
extends: dk-2015
author: Department of Physiotherapy, lead physiotherapist
date: 2026-11-23
reason: {da: Aftalt lokalt., en: Agreed locally.}
parameters:
  platelets_in_chemotherapy_min:
    {value: 70, unit: 10^9/L, source: local-decision, verified: unverified, since: 2026-11-23}
"""
STAGES = [(summary.id, stage) for summary in list_protocols() for stage in summary.stages]


@given(st.lists(conditions(), min_size=1, max_size=6), st.lists(knowledge_states(), min_size=1, max_size=12))
@settings(max_examples=60)
def test_random_rules_get_one_answer_from_every_engine(rules, states):
    """Random rules on random facts: missing, censored, expired and on the limit."""
    table = table_of(states, FIELDS)
    ours = [[evaluate(rule, state) for state in states] for rule in rules]
    assert polars_answers(rules, table) == ours
    assert duckdb_answers(rules, table) == ours


@pytest.mark.parametrize("protocol_id", [summary.id for summary in list_protocols()])
def test_every_case_of_a_protocol_gets_one_answer_from_every_engine(protocol_id):
    """All worked patients of a protocol, on all rules of their stage, by four engines."""
    for stage in load_protocol(protocol_id).stages:
        cases = [c for c in read_cases(protocol_id) if c.stage == stage and load_protocol(c.protocol).id == protocol_id]
        if not cases:
            continue
        protocol = load_protocol(protocol_id)
        rules = stage_rules(protocol, stage)
        people = [Patient.from_dict(case.patient) for case in cases]
        states = [
            know(person, rules.dictionary, date.fromisoformat(case.as_of), protocol.validity_at(stage)).state
            for person, case in zip(people, cases, strict=True)
        ]
        conditions_ = [active.condition for active in rules.rules]
        table = table_of(states, tuple(rules.dictionary.fields[name] for name in rules.rules_by_field))
        ours = [[evaluate(condition, state) for state in states] for condition in conditions_]
        assert polars_answers(conditions_, table) == ours
        assert duckdb_answers(conditions_, table) == ours


@pytest.mark.parametrize("protocol_id", [summary.id for summary in list_protocols()])
def test_every_case_of_a_protocol_gets_the_same_decision_alone_and_in_a_cohort(protocol_id):
    """Clearance, certain and worst clearance, track and every rule's answer, for all worked patients at once."""
    protocol = load_protocol(protocol_id)
    for stage in protocol.stages:
        for as_of in {case.as_of for case in read_cases(protocol_id)}:
            people = [
                Patient.from_dict(case.patient)
                for case in read_cases(protocol_id)
                if (case.stage, case.as_of) == (stage, as_of) and load_protocol(case.protocol).id == protocol_id
            ]
            if people:
                assert_cohort_agrees(people, protocol, stage, date.fromisoformat(as_of))


@pytest.mark.parametrize(("protocol_id", "stage"), STAGES)
@given(data=st.data())
@settings(max_examples=25)
def test_random_patients_get_the_same_decision_alone_and_in_a_cohort(protocol_id, stage, data):
    """Patients aimed at the protocol's limits, exact, censored, old, contradictory, with and without forms."""
    protocol = load_protocol(protocol_id)
    people = [
        Patient.from_dict(data.draw(patients(protocol, stage, AS_OF))) for _ in range(data.draw(st.integers(1, 6)))
    ]
    assert_cohort_agrees(people, protocol, stage, AS_OF)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 130])
def test_a_cohort_of_any_size_answers_row_by_row(size):
    """Word edges change nothing: the same few patients repeated give the same few answers."""
    protocol = load_protocol("dk-2015")
    cases = [case for case in read_cases("dk-2015") if case.stage == "enrolment"][:40]
    people = [Patient.from_dict(cases[i % len(cases)].patient) for i in range(size)]
    assert_cohort_agrees(people, protocol, "enrolment", AS_OF)


@pytest.mark.parametrize("order", [1, -1])
def test_a_rule_of_one_name_in_two_joined_protocols_is_counted_in_both(order, tmp_path):
    """A local overlay beside its own base has the same rules with another limit: neither hides the other."""
    local = tmp_path / "local.yaml"
    local.write_text(OVERLAY, encoding="utf-8")
    protocol = load_protocol(*(["dk-2015", str(local)][::order]))
    names = [active.rule.id for active in stage_rules(protocol, "session").rules]
    assert len(names) > len(set(names))
    typical = form_patient(load_protocol("dk-2015"), "session", "typical")
    people = [Patient.from_dict(typical | {"on_chemotherapy": "yes", "platelets": count}) for count in (20, 40, 55, 90)]
    assert_cohort_agrees(people, protocol, "session", AS_OF)


def assert_cohort_agrees(people, protocol, stage, as_of):
    decisions = screen_cohort(Cohort.from_patients(people), protocol, stage=stage, as_of=as_of)
    alone = [screen(person, protocol, stage=stage, as_of=as_of) for person in people]
    assert [Clearance(level) for level in decisions.clearance] == [d.clearance for d in alone]
    assert list(decisions.definite) == [d.definite_clearance for d in alone]
    assert list(decisions.worst) == [d.worst_clearance for d in alone]
    assert list(decisions.track) == [d.track for d in alone]
    assert list(decisions.track_if_cleared) == [d.track_if_cleared for d in alone]
    for active in stage_rules(protocol, stage).rules:
        rule = active.rule.id
        states = [{reason.state for reason in d.reasons if reason.rule == rule} for d in alone]
        fires, undecided = ["fires" in found for found in states], [found == {"undecided"} for found in states]
        assert list(decisions.fired(rule)) == fires, rule
        assert list(decisions.undecided(rule)) == undecided, rule
        assert decisions.rule_counts()[rule] == (sum(fires), sum(undecided)), rule
    for row, decision in enumerate(alone):
        assert decisions.explain(row).to_dict() == decision.to_dict()
