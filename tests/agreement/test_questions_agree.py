"""The questions about a cohort are answered row by row as the one-patient engine answers them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import FIELDS, observed

from agreement.test_tables_agree import random_table
from exrx import Clearance, Cohort, Patient, Track, load_protocol, screen, screen_cohort
from exrx.errors import ConditionError, ProtocolError, QuantityError
from exrx.protocol.form import form_patient
from exrx.protocol.limits import with_limit
from exrx.protocol.model import Protocol
from exrx.protocol.stage import stage_rules
from exrx.screening.one import ask_rules
from exrx.screening.questions import blockers, blocking_facts, held_by, moved_by, single_rules

AS_OF = date(2026, 11, 23)
CALLS = [
    ("krop-og-kraeft", "session"), ("dk-2015", "enrolment"), ("aha-core-2019", "session"),
    ("herlev-haematology", "session"), ("dk-2015,krop-og-kraeft", "session"),
]  # fmt: skip
LIMITS = {
    "krop-og-kraeft": ["platelets_session_min=40", "heart_rate_session_max=90", "temperature_session_max=37.2"],
    "dk-2015": ["platelets_in_chemotherapy_min=100", "adult_age=60"],
    "aha-core-2019": [],
    "herlev-haematology": [],
    "dk-2015,krop-og-kraeft": ["krop-og-kraeft.platelets_session_min=200", "adult_age=50"],
}


@st.composite
def cohorts(draw: st.DrawFn):
    """A protocol, a stage, and 1, 63, 64 or 65 patients of up to six kinds, with missing, expired, censored values."""
    protocol_id, stage = draw(st.sampled_from(CALLS))
    protocol = load_protocol(protocol_id)
    named = stage_rules(protocol, stage).rules_by_field
    here = [entry for entry in FIELDS if entry.name in named]
    kinds = []
    for _ in range(draw(st.integers(1, 6))):
        patient = form_patient(protocol, stage, draw(st.sampled_from(["typical", "typical", "typical", "blank"])))
        for entry in draw(st.lists(st.sampled_from(here), max_size=6, unique=True)):
            patient[entry.name] = draw(observed(entry) | st.none())
        kinds.append(Patient.from_dict({name: value for name, value in patient.items() if value is not None}))
    n = draw(st.sampled_from([1, 63, 64, 65]))
    order = [draw(st.integers(0, len(kinds) - 1)) for _ in range(min(n, 8))]
    rows = [kinds[order[row % len(order)]] for row in range(n)]
    decisions = screen_cohort(Cohort.from_patients(rows), protocol, stage=stage, as_of=AS_OF)
    return protocol_id, protocol, stage, rows, decisions


def each(rows, protocol, stage):
    """The rules asked of every row; equal patients are asked once."""
    known: dict[int, object] = {}
    for patient in rows:
        if id(patient) not in known:
            known[id(patient)] = ask_rules(patient, protocol, stage=stage, as_of=AS_OF)
        yield known[id(patient)]


@given(cohorts())
@settings(max_examples=60, deadline=None)
def test_what_blocks_is_what_each_patient_waits_for(case):
    """Row by row the same facts, counted alone and together, and the totals add up."""
    _, protocol, stage, rows, decisions = case
    blocks = blocking_facts(decisions)
    expected = [blockers(asked.what_if) for asked in each(rows, protocol, stage)]
    names = {name for found in expected for name in found}
    assert {block.field for block in blocks.facts} == names
    for block in blocks.facts:
        there = blocks.rows(block.field)
        assert there.tolist() == [block.field in found for found in expected]
        assert block.alone == sum(found == {block.field} for found in expected)
        assert block.together == sum(block.field in found and len(found) > 1 for found in expected)
    waiting = sum(decision == Clearance.ASSESS for decision in decisions.clearance.tolist())
    assert blocks.waiting == waiting == sum(block.alone for block in blocks.facts) + blocks.several


@given(cohorts())
@settings(max_examples=60, deadline=None)
def test_what_holds_back_is_what_each_patient_would_be_freer_without(case):
    """Row by row the same rules, and of those who may not train each is counted once."""
    _, protocol, stage, rows, decisions = case
    single = single_rules(decisions)
    asked = list(each(rows, protocol, stage))
    expected = [held_by(one.what_if) for one in asked]
    ids = [active.rule.id for active in decisions.rules.stage.rules]
    for index in range(len(ids)):
        assert single.rows(index).tolist() == [index in found for found in expected]
    trains = [
        [i for i in found if one.what_if.without(i).may_train and not one.what_if.now.may_train]
        for found, one in zip(expected, asked, strict=True)
    ]
    for index, rule in enumerate(ids):
        would = sum(index in found for found in trains)
        if ids.count(rule) == 1 and would:
            assert [held.would_train for held in single.rules if held.rule == rule] == [would]
    assert single.not_training == int((decisions.clearance >= Clearance.ASSESS).sum())
    assert single.not_training == sum(held.would_train for held in single.rules) + single.several
    assert single.several == sum(
        not found and not one.what_if.now.may_train for found, one in zip(trains, asked, strict=True)
    )


@given(cohorts(), st.data())
@settings(max_examples=40, deadline=None)
def test_without_a_rule_is_a_protocol_without_that_rule(case, data):
    """`held_by` is not its own witness: a protocol that lacks the rule gives that freer answer."""
    protocol_id, protocol, stage, rows, decisions = case
    if "," in protocol_id:
        return
    asked = next(iter(each(rows, protocol, stage)))
    index = data.draw(st.sampled_from(sorted(asked.what_if.standing()) or [0]))
    rule = decisions.rules.stage.rules[index].rule
    (member,) = protocol.members
    if rule not in member.rules:
        return
    from attrs import evolve

    less = Protocol((evolve(member, rules=tuple(r for r in member.rules if r is not rule)),))
    alone = screen(rows[0], less, stage=stage, as_of=AS_OF)
    without = asked.what_if.without(index)
    assert (alone.clearance, alone.track) == (without.clearance, without.track)


@given(cohorts(), st.data())
@settings(max_examples=60, deadline=None)
def test_who_changes_under_a_moved_limit_is_who_is_decided_otherwise(case, data):
    """Row by row as `screen` under the protocol with that limit; every row stands in the table once."""
    protocol_id, protocol, stage, rows, decisions = case
    if not LIMITS[protocol_id]:
        return
    name, value = data.draw(st.sampled_from(LIMITS[protocol_id])).split("=")
    moved, under = moved_by(decisions, name, value), with_limit(protocol, name, value)
    old = {id(p): screen(p, protocol, stage=stage, as_of=AS_OF) for p in rows}
    new = {id(p): screen(p, under, stage=stage, as_of=AS_OF) for p in rows}
    answers = [(old[id(p)], new[id(p)]) for p in rows]
    assert moved.changed.tolist() == [(a.clearance, a.track) != (b.clearance, b.track) for a, b in answers]
    table = np.zeros((len(Clearance), len(Clearance)), np.int64)
    tracks = np.zeros((len(Track), len(Track)), np.int64)
    for a, b in answers:
        table[a.clearance, b.clearance] += 1
        tracks[a.track, b.track] += 1
    assert (moved.table == table).all()
    assert (moved.tracks == tracks).all()
    assert moved.table.sum() == moved.tracks.sum() == len(rows)
    assert moved.freer + moved.stricter == moved.changed.sum()


@pytest.mark.parametrize(("protocol_id", "stage"), CALLS)
def test_a_table_is_asked_as_its_rows_are(protocol_id, stage):
    """Columns with dates, forms, readings and gaps: the same facts and rules as row by row."""
    protocol = load_protocol(protocol_id)
    cohort = Cohort.from_columns(random_table(seed=4))
    decisions = screen_cohort(cohort, protocol, stage=stage, as_of=AS_OF)
    asked = [ask_rules(cohort.source(row), protocol, stage=stage, as_of=AS_OF).what_if for row in range(cohort.n)]
    blocks, single = blocking_facts(decisions), single_rules(decisions)
    waits, held = [blockers(one) for one in asked], [held_by(one) for one in asked]
    for block in blocks.facts:
        assert blocks.rows(block.field).tolist() == [block.field in found for found in waits]
    assert {name for found in waits for name in found} == {block.field for block in blocks.facts}
    for index in range(len(decisions.rules.stage.rules)):
        assert single.rows(index).tolist() == [index in found for found in held]


def test_limits_that_a_physician_wrote_are_counted_too():
    """Their rows are decided one by one, and stand in every total."""
    protocol = load_protocol("dk-2015")
    limits = {"value": "limited", "limits": {"strength_max": "light", "formats_forbidden": ["group"]}}
    typical = form_patient(protocol, "enrolment", "typical")
    rows = [
        Patient.from_dict(typical | changes)
        for changes in ({}, {"oncologist_clearance": limits}, {"oncologist_clearance": limits, "chest_pain": "yes"},
                        {"oncologist_clearance": limits, "lymphoedema": "yes"})
    ]  # fmt: skip
    decisions = screen_cohort(Cohort.from_patients(rows), protocol, stage="enrolment", as_of=AS_OF)
    single = single_rules(decisions)
    expected = [held_by(ask_rules(p, protocol, stage="enrolment", as_of=AS_OF).what_if) for p in rows]
    for index in range(len(decisions.rules.stage.rules)):
        assert single.rows(index).tolist() == [index in found for found in expected]
    assert blocking_facts(decisions).waiting == 0


def test_a_rule_with_one_number_can_be_moved_by_its_name():
    """The rule's own number, in the unit in which it is written; the version and hash say that it was moved."""
    protocol = load_protocol("krop-og-kraeft")
    by_rule = with_limit(protocol, "bleeding.platelets-below-session-minimum", "40")
    by_name = with_limit(protocol, "platelets_session_min", "40 10^9/L")
    patient = Patient.from_dict(form_patient(protocol, "session", "typical") | {"platelets": 42})
    for moved in (by_rule, by_name):
        assert screen(patient, moved, stage="session", as_of=AS_OF).clearance == Clearance.CLEAR
        assert moved.sha256 != protocol.sha256
        assert "40" in moved.version
    assert screen(patient, protocol, stage="session", as_of=AS_OF).clearance == Clearance.DEFER


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("platelet_session_min", "40", "Did you mean: platelets_session_min"),
        ("consent.treating-refused", "40", "holds no numbers"),
        ("platelets_session_min", "many", "many"),
        ("platelets_session_min", "0", "never decide"),
        ("platelets_session_min", "40 mmHg", "mmHg"),
    ],
)
def test_a_limit_that_cannot_be_moved_says_why(name, value, error):
    """No such name, no number, no value, or a condition that would never be true."""
    with pytest.raises((ProtocolError, QuantityError, ConditionError), match=error):
        with_limit(load_protocol("krop-og-kraeft"), name, value)
