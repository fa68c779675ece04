"""Local overlays: what they may change, who answers for it, and that every loosening is found and shown."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st
from patient_strategies import limits_by_field, values

from exrx import Cohort, Patient, screen_cohort
from exrx.errors import ProtocolError
from exrx.fields import load_dictionary
from exrx.protocol import load_protocol
from exrx.protocol.form import form_patient
from exrx.protocol.library import list_protocols
from exrx.protocol.read import read_member
from exrx.rules.nodes import Compare, atoms
from exrx.screening import screen
from exrx.screening.cases import run_cases

NO_EXPLAIN = [phase for phase in Phase if phase is not Phase.explain]  # a failing example takes long enough
AS_OF = date(2026, 11, 25)
SHIPPED = [summary.id for summary in list_protocols()]
HEAD = """\
id: {id}
version: "1"
extends: {extends}
author: Department of Physiotherapy, lead physiotherapist
date: 2026-11-25
reason: {{da: Aftalt lokalt., en: Agreed locally.}}
"""
NUMBER = "{{value: {value}, unit: '{unit}', source: local-decision, verified: unverified, since: 2026-11-25}}"
PLATELETS = "platelets_in_chemotherapy_min"


def overlay(folder: Path, body: str, *, extends: str = "dk-2015", name: str = "local") -> Path:
    """An overlay file with the usual head."""
    path = folder / f"{name}.yaml"
    path.write_text(HEAD.format(id=name, extends=extends) + body, encoding="utf-8")
    return path


def changed(name: str, value: object, unit: str) -> str:
    """The block that changes one number."""
    return f"parameters:\n  {name}: " + NUMBER.format(value=value, unit=unit) + "\n"


def rules_with(protocol, name):
    """The rules that hold a number, at a stage that the protocol has."""
    stages = set(protocol.stages)
    return [rule for rule in protocol.rules if name in rule.parameters and stages & set(rule.stages or stages)]


def parameters():
    """Every number of every shipped protocol that a rule uses, as (protocol, name)."""
    loaded = [load_protocol(wanted) for wanted in SHIPPED]
    return [(protocol.id, name) for protocol in loaded for name in protocol.parameters if rules_with(protocol, name)]


# What is found to loosen


def focused(data, protocol, stage, fields, ticks=()):
    """A typical patient of the protocol whose `fields` take any value, numbers near their limits and near `ticks`."""
    limits = limits_by_field(protocol, stage)
    patient = form_patient(protocol, stage, "typical")
    for entry in fields:
        near = (*limits.get(entry, ()), *ticks) if entry.is_numeric else ()
        age = data.draw(st.sampled_from([0, 1, 2, 7, 8, 30, 31, 90, 91, 400]))
        value = data.draw(values(entry, near, AS_OF, elapsed=True))
        patient[entry.name] = {"value": value, "date": (AS_OF - timedelta(days=age)).isoformat()}
        if entry.kind == "elapsed":
            patient[entry.name] = value
    return Patient.from_dict(patient)


def assert_moved(moves, before, after):
    """The two decisions of one patient lie as `moves` says: no, nothing freer; yes, nothing stricter."""
    freest, strictest = (before, after) if moves == {"no"} else (after, before)
    assert freest.restriction <= strictest.restriction
    assert freest.worst_clearance <= strictest.worst_clearance
    assert freest.may_train or not strictest.may_train


@settings(max_examples=60, phases=NO_EXPLAIN)
@given(st.data())
def test_a_changed_number_moves_every_answer_the_way_that_is_said(data):
    """No patient gets a freer answer from a change that "does not loosen", none a stricter one from one that does."""
    wanted, name = data.draw(st.sampled_from(parameters()))
    base = load_protocol(wanted)
    rules = rules_with(base, name)
    atom = next(a for a in atoms(rules[0].when) if isinstance(a, Compare) and a.limit.parameter == name)
    scale = atom.field.ticks
    tick = atom.limit.tick + 2 * data.draw(st.sampled_from([-40, -5, -1, 1, 5, 40]))
    tick = min(max(tick, scale.lowest + 4), scale.highest - 4)
    with TemporaryDirectory() as folder:
        path = overlay(Path(folder), changed(name, scale.value(tick), scale.unit), extends=wanted)
        member, faults = read_member(path)
        if member is None:  # a limit that could not stand there; that it is said is tested below
            assert any(fault.severity == "error" for fault in faults)
            return
        local = load_protocol(path)
    moves = {change.loosens for change in local.local_changes}
    rule = data.draw(st.sampled_from(rules))
    stage = data.draw(st.sampled_from([stage for stage in rule.stages or base.stages if stage in base.stages]))
    fields = [load_dictionary().fields[field] for field in rule.fields if not load_dictionary().fields[field].items]
    different = False
    for _ in range(6):
        patient = focused(data, base, stage, fields, (atom.limit.tick, tick))
        before = screen(patient, base, stage=stage, as_of=AS_OF)
        after = screen(patient, local, stage=stage, as_of=AS_OF)
        if any(problem.code == "contradiction" for decision in (before, after) for problem in decision.problems):
            continue  # a contradiction ends when one of its sides expires, which is no matter of the validity
        different = different or before.restriction != after.restriction
        if moves <= {"yes"} or moves <= {"no"}:
            assert_moved(moves or {"no"}, before, after)
            freest, strictest = (before, after) if moves <= {"no"} else (after, before)
            assert freest.definite_clearance <= strictest.definite_clearance
    event("an answer changed" if different else "no answer changed")


@settings(max_examples=60, phases=NO_EXPLAIN)
@given(st.data())
def test_a_changed_validity_moves_every_answer_the_way_that_is_said(data):
    """A value that speaks for longer can only free, one that speaks for a shorter time only restrict."""
    base = load_protocol(data.draw(st.sampled_from(SHIPPED)))
    stage = data.draw(st.sampled_from(base.stages))
    dictionary = load_dictionary()
    read = sorted(limits_by_field(base, stage), key=lambda f: f.name)
    entry = data.draw(st.sampled_from([field for field in read if field.kind != "elapsed"]))
    until = data.draw(st.lists(st.sampled_from(sorted(dictionary.events)), unique=True))
    days = data.draw(st.sampled_from([0, 1, 7, 30, 90, 400]))
    body = f"validity:\n  {entry.name}: {{for: {days} d, until: [{', '.join(until)}]}}\n"
    with TemporaryDirectory() as folder:
        local = load_protocol(overlay(Path(folder), body, extends=base.id))
    moves = {change.loosens for change in local.local_changes if change.name in (entry.name, f"{entry.name}@{stage}")}
    different = False
    for _ in range(6):
        patient = focused(data, base, stage, [entry])
        before = screen(patient, base, stage=stage, as_of=AS_OF)
        after = screen(patient, local, stage=stage, as_of=AS_OF)
        if any(problem.code == "contradiction" for decision in (before, after) for problem in decision.problems):
            continue  # a contradiction ends when one of its sides expires, which is no matter of the validity
        different = different or before.restriction != after.restriction
        assert moves or before.restriction == after.restriction
        if moves in ({"no"}, {"yes"}):
            assert_moved(moves, before, after)
    event("an answer changed" if different else "no answer changed")


@pytest.mark.parametrize(
    ("value", "loosens"), [("40", "yes"), ("75", "no"), ("49.9", "yes"), ("50.0", None)], ids=lambda v: str(v)
)
def test_lowering_a_lower_limit_loosens_and_raising_it_does_not(tmp_path, value, loosens):
    """Platelets below 50 wait: 40 lets more people train, 75 fewer, and 50.0 is 50."""
    protocol = load_protocol(overlay(tmp_path, changed(PLATELETS, value, "10^9/L")))
    (change,) = protocol.local_changes
    assert (change.name, change.before, change.after) == (PLATELETS, "50 10^9/L", f"{value} 10^9/L")
    assert change.loosens == (loosens or "no")


def test_a_number_used_in_both_directions_is_said_to_change_both_ways(tmp_path):
    """One rule asks below the number, one from it on: moving it frees some and restricts others."""
    base = tmp_path / "base.yaml"
    base.write_text(
        "id: base\nversion: '1'\nstages: [session]\nparameters:\n"
        "  edge: {value: 50, unit: 10^9/L, source: local-decision, verified: unverified}\nrules:\n"
        "  - {id: a, when: platelets < edge, then: {clearance: defer}, because: a}\n"
        "  - {id: b, when: platelets >= edge, then: {avoid: [valsalva]}, because: b, polarity: {platelets: tier}}\n"
    )
    (change,) = load_protocol(overlay(tmp_path, changed("edge", 60, "10^9/L"), extends="base.yaml")).local_changes
    assert change.loosens == "both"


def test_a_number_under_not_loosens_the_other_way_round(tmp_path):
    """`not (platelets >= 50)` is `platelets < 50`."""
    base = tmp_path / "base.yaml"
    base.write_text(
        "id: base\nversion: '1'\nstages: [session]\nparameters:\n"
        "  edge: {value: 50, unit: 10^9/L, source: local-decision, verified: unverified}\nrules:\n"
        "  - {id: a, when: not platelets >= edge, then: {clearance: defer}, because: a}\n"
    )
    for value, loosens in ((40, "yes"), (60, "no")):
        path = overlay(tmp_path, changed("edge", value, "10^9/L"), extends="base.yaml", name=f"l{value}")
        (change,) = load_protocol(path).local_changes
        assert change.loosens == loosens


@pytest.mark.parametrize(
    ("start", "loosens"),
    [("{setting: hospital}", "no"), ("{setting: gp}", "yes"), ("{supervision: independent}", "yes"),
     ("{setting: hospital, supervision: independent}", "both")],
)  # fmt: skip
def test_a_freer_starting_point_is_a_loosening(tmp_path, start, loosens):
    """Parts that the overlay does not name stay as they are."""
    protocol = load_protocol(overlay(tmp_path, f"starts_from: {start}\n"))
    (change,) = protocol.local_changes
    assert (change.kind, change.before, change.loosens) == ("starts_from", "municipality, group", loosens)


def test_an_added_rule_is_asked_and_never_loosens(tmp_path):
    """A rule of the department's own fires beside those of the protocol, and is listed as an addition."""
    rule = (
        "parameters:\n  low_fever: {value: 37.5, unit: degC, source: local-decision, verified: unverified}\n"
        "rules:\n  - {id: local.fever, domain: infection, when: temperature > low_fever, then: {clearance: defer},"
        " because: {da: Let feber., en: Slight fever.}, source: local-decision}\n"
    )
    protocol = load_protocol(overlay(tmp_path, rule))
    (change,) = protocol.local_changes
    assert (change.kind, change.name, change.loosens) == ("rule", "local.fever", "no")
    decision = screen(Patient.from_dict({"temperature": 37.7}), protocol, stage="session", as_of=AS_OF)
    assert "local.fever" in {reason.rule for reason in decision.reasons if reason.state == "fires"}
    assert "local.fever" not in decision.notice["en"]


# Shown in every output


def test_a_loosening_stands_in_every_output(tmp_path):
    """Notice, JSON, the text for one patient and for many, tables and protocol reports name the change, and why."""
    from rich.console import Console

    from exrx.report.decision_text import decision_report
    from exrx.report.explain_text import protocol_report
    from exrx.report.worklist_text import worklist

    protocol = load_protocol(overlay(tmp_path, changed(PLATELETS, 40, "10^9/L")))
    decision = screen(Patient.from_dict({"id": "a", "platelets": 45}), protocol, stage="session", as_of=AS_OF)
    assert "40 ×10⁹/L instead of 50 ×10⁹/L. This loosens the protocol. Agreed locally." in decision.notice["en"]
    assert "40 ×10⁹/L i stedet for 50 ×10⁹/L. Det gør protokollen friere. Aftalt lokalt." in decision.notice["da"]
    plain = decision.to_dict()
    (change,) = plain["local_changes"]
    assert (change["from"], change["to"], change["loosens"]) == ("50 10^9/L", "40 10^9/L", "yes")
    assert (change["author"], change["date"]) == ("Department of Physiotherapy, lead physiotherapist", "2026-11-25")
    names = load_dictionary()
    reports = [decision_report(plain, "en", names), worklist([plain], "en", names),
               protocol_report(protocol, "en", names)]  # fmt: skip
    for report in reports:
        console = Console(width=2000, color_system=None)
        with console.capture() as shown:
            console.print(report)
        assert "40 ×10⁹/L instead of 50 ×10⁹/L" in " ".join(shown.get().split())
    table = screen_cohort(Cohort.from_patients([Patient.from_dict({})]), protocol, stage="session", as_of=AS_OF)
    assert "40 ×10⁹/L instead of 50" in table.to_arrow().column("local_changes")[0].as_py()
    plain_table = screen_cohort(Cohort.from_patients([Patient.from_dict({})]), load_protocol("dk-2015"),
                                stage="session", as_of=AS_OF).to_arrow()  # fmt: skip
    assert "local_changes" not in plain_table.column_names


def test_the_reason_of_a_changed_rule_says_the_number_that_was_used(tmp_path):
    """Its own words may still speak of the old number."""
    protocol = load_protocol(overlay(tmp_path, changed("platelets_haematology_min", 10, "10^9/L")))
    (rule,) = [rule for rule in protocol.rules if "platelets_haematology_min" in rule.parameters]
    assert "platelets_haematology_min is 10 ×10⁹/L here instead of 20 ×10⁹/L" in rule.because["en"]
    assert "er her 10 ×10⁹/L i stedet for 20 ×10⁹/L" in rule.because["da"]
    assert rule.verified == "unverified"


def test_an_overlay_that_only_tightens_adds_nothing_to_the_notice(tmp_path):
    """The notice is for what may be freer than the protocol; the rest stands in the JSON."""
    protocol = load_protocol(overlay(tmp_path, changed(PLATELETS, 75, "10^9/L")))
    decision = screen(Patient.from_dict({}), protocol, stage="session", as_of=AS_OF)
    bare = screen(Patient.from_dict({}), load_protocol("dk-2015"), stage="session", as_of=AS_OF)
    assert decision.notice == bare.notice
    assert [change["loosens"] for change in decision.to_dict()["local_changes"]] == ["no"]


# The file


def test_the_hash_covers_overlay_and_base(tmp_path):
    """Another number, or another base under the same overlay, is another hash; comments are not."""
    base = tmp_path / "base.yaml"
    rule = "id: base\nversion: '1'\nrules:\n  - {{id: a, when: platelets < {limit} 10^9/L, then: {{}}, because: a}}\n"
    hashes = []
    for limit, body in ((50, "note: one\n"), (50, "note: two\n"), (40, "note: one\n"), (50, "# said\nnote: one\n")):
        base.write_text(rule.format(limit=limit))
        member, _ = read_member(overlay(tmp_path, body, extends="base.yaml"))
        hashes.append(member.sha256)
    assert len(set(hashes)) == 3
    assert hashes[0] == hashes[3]


def test_an_overlay_is_read_again_when_its_base_changes(tmp_path):
    """A process that lives long does not answer with yesterday's base."""
    base = tmp_path / "base.yaml"
    rule = "id: base\nversion: '1'\nrules:\n  - {{id: a, when: platelets < {limit} 10^9/L, then: {{}}, because: a}}\n"
    base.write_text(rule.format(limit=50))
    path = overlay(tmp_path, "note: one\n", extends="base.yaml")
    first = load_protocol(path)
    assert load_protocol(path) is first
    base.write_text(rule.format(limit=40))
    os.utime(base, ns=(1, 1))
    assert load_protocol(path).sha256 != first.sha256


def test_an_overlay_on_an_overlay_tells_both_changes(tmp_path):
    """Each step names its own author's change, from what lay below it."""
    overlay(tmp_path, changed(PLATELETS, 75, "10^9/L"), name="region")
    path = overlay(tmp_path, changed(PLATELETS, 60, "10^9/L"), extends="region.yaml", name="clinic")
    protocol = load_protocol(path)
    steps = [(c.overlay, c.before, c.after, c.loosens) for c in protocol.local_changes]
    assert steps == [("region", "50 10^9/L", "75 10^9/L", "no"), ("clinic", "75 10^9/L", "60 10^9/L", "yes")]
    assert protocol.members[0].extends == ("region", "dk-2015")


def test_a_number_in_another_unit_of_its_dimension_is_converted(tmp_path):
    """8.0 g/dL is a limit for haemoglobin as good as 5.0 mmol/L."""
    protocol = load_protocol(overlay(tmp_path, changed("haemoglobin_haematology_min", "8.0", "g/dL")))
    (change,) = protocol.local_changes
    assert change.loosens == "yes"


def test_an_overlay_keeps_population_stages_and_typical_patient_of_its_base(tmp_path):
    """What an overlay does not say stays; what it says about the typical patient is laid over it."""
    base = load_protocol("krop-og-kraeft").members[0]
    member = load_protocol(overlay(tmp_path, "typical: {age: 70}\n", extends="krop-og-kraeft")).members[0]
    assert (member.stages, member.applies_text, member.title) == (base.stages, base.applies_text, base.title)
    assert member.typical == {**base.typical, "age": "70"}
    assert [rule.id for rule in member.rules] == [rule.id for rule in base.rules]
    assert member.local_changes == ()


def test_a_removed_rule_is_refused_with_what_to_do(tmp_path):
    """An author who wants a rule gone learns how to say it instead."""
    body = "remove: [bone.oncologist-first]\n"
    with pytest.raises(ProtocolError, match=r"rules cannot be taken away: change the number"):
        load_protocol(overlay(tmp_path, body))
    rule = "rules:\n  - {id: bone.oncologist-first, when: bone_metastases, then: {}, because: x}\n"
    with pytest.raises(ProtocolError, match=r"belongs to dk-2015 and cannot be rewritten or taken away"):
        load_protocol(overlay(tmp_path, rule))


def test_a_misspelt_number_names_the_nearest(tmp_path):
    """A change that would change nothing is not accepted in silence."""
    with pytest.raises(ProtocolError, match=re.escape(f"did you mean '{PLATELETS}'?")):
        load_protocol(overlay(tmp_path, changed("platelets_in_chemotherapi_min", 75, "10^9/L")))


# Its cases


def test_the_cases_of_the_base_are_asked_of_the_overlay(tmp_path):
    """A case that does not hold any more is what the overlay changed; the overlay's own of that name replaces it."""
    base = run_cases("dk-2015")
    path = overlay(tmp_path, changed(PLATELETS, 40, "10^9/L"))
    results = run_cases(path)
    failed = [result for result in results if not result.passed]
    assert len(results) > 150
    assert {result.name for result in results} <= {result.name for result in base}
    assert failed
    assert all("platelets" in result.name for result in failed)
    own = "cases:\n" + "".join(
        f"  - {{name: '{result.name}', stage: enrolment, as_of: 2026-11-23, expect: {{clearance: clear}}}}\n"
        for result in failed
    )
    (tmp_path / "cases.yaml").write_text(own)
    again = run_cases(path)
    assert [result for result in again if not result.passed] == []
    assert len(again) == len(results)
