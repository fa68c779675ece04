"""Where two protocols differ: as written, over every patient, and in a cohort, held against the engine."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_strategies import limits_by_field, values

from exrx import Cohort, Patient
from exrx.cli.main import main
from exrx.errors import MissingDependencyError
from exrx.fields import load_dictionary
from exrx.proof.agreement import compare_meaning
from exrx.proof.example import typical_patient
from exrx.protocol import load_protocol
from exrx.protocol.diff import diff_protocols
from exrx.protocol.form import form_patient
from exrx.protocol.model import Protocol
from exrx.screening import screen
from exrx.screening.compare import compare_on_cohort

AS_OF = date(2026, 1, 1)
BASE = """\
id: base
version: "1"
stages: [session]
parameters:
  low: {value: 50, unit: 10^9/L, source: local-decision, verified: unverified}
rules:
  - {id: a.low, domain: bleeding, when: platelets < low, then: {clearance: defer, avoid: [valsalva]}, because: low}
  - {id: a.pain, domain: other, when: chest_pain, then: {clearance: emergency}, because: pain}
  - {id: a.old, domain: other, when: age >= 80, then: {supervision: one-to-one}, because: old}
"""
OVERLAY = """\
id: local
version: "2"
extends: base.yaml
author: Department, lead physiotherapist
date: 2026-11-25
reason: Agreed.
parameters:
  low: {value: 30, unit: 10^9/L, source: local-decision, verified: unverified}
rules:
  - {id: local.hot, domain: infection, when: temperature > 38 degC, then: {clearance: defer}, because: hot}
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A small protocol and a local overlay of it."""
    folder = tmp_path_factory.mktemp("pair")
    for name, text in (("base", BASE), ("local", OVERLAY)):
        (folder / f"{name}.yaml").write_text(text)
    return load_protocol(folder / "base.yaml"), load_protocol(folder / "local.yaml"), folder


@pytest.fixture(scope="module")
def found(pair):
    """Where they differ: proved once, asked of many patients."""
    return compare_meaning(pair[0], pair[1], "session")


def test_a_protocol_agrees_with_itself():
    """The same answer for every patient, in every part."""
    for wanted, stage in (("krop-og-kraeft", "session"), ("dk-2015", "enrolment")):
        found = compare_meaning(load_protocol(wanted), load_protocol(wanted), stage)
        assert found.agrees
        assert diff_protocols(load_protocol(wanted), load_protocol(wanted)).is_empty


def test_every_patient_of_a_difference_gets_those_answers_from_the_engine(pair):
    """Each pair of different answers has a patient whom `exrx screen` answers so, by both protocols."""
    first, second, _ = pair
    found = compare_meaning(first, second, "session")
    assert {(d.part, d.before, d.after) for d in found.differences if d.part in ("clearance", "track")} == {
        ("clearance", "defer", "clear"), ("clearance", "clear", "defer"),
    }  # fmt: skip
    for difference in found.differences:
        assert difference.confirmed
        if difference.part in ("clearance", "track"):
            patient = Patient.from_dict(json.loads(json.dumps(difference.patient)))
            answers = [screen(patient, side, stage="session", as_of=found.as_of) for side in (first, second)]
            got = [getattr(answer, difference.part).word for answer in answers]
            assert got == [difference.before, difference.after]


def test_what_sets_a_patient_of_a_difference_apart_is_all_shown(tmp_path):
    """A typical patient with the facts that stand there gets the two answers, so none of them was left out."""
    path = tmp_path / "local.yaml"
    text = OVERLAY.replace("base.yaml", "dk-2015").replace("  low:", "  platelets_in_chemotherapy_min:")
    path.write_text(text.replace("temperature > 38 degC", "haemoglobin < 5.5 mmol/L"))
    first, second = load_protocol("dk-2015"), load_protocol(path)
    typical = typical_patient(Protocol((*first.members, *second.members)), "session")
    found = compare_meaning(first, second, "session")
    assert ("clearance", "modify", "defer") in {(d.part, d.before, d.after) for d in found.differences}
    for difference in found.differences:
        facts = {name: value for name, value in difference.patient.items() if name not in ("id", "forms")}
        shown = {name: value for name, value in facts.items() if not isinstance(value, dict)}
        patient = Patient.from_dict(typical | shown)
        answers = [screen(patient, side, stage="session", as_of=found.as_of) for side in (first, second)]
        if difference.part in ("clearance", "track"):
            got = [getattr(answer, difference.part).word for answer in answers]
            assert got == [difference.before, difference.after]
        else:
            assert answers[0].restriction != answers[1].restriction, difference


def test_the_rules_without_a_counterpart_are_the_region(pair):
    """What the first asks alone: low platelets, unless the second's lower limit or another rule holds as well."""
    first, second, _ = pair
    found = compare_meaning(first, second, "session")
    (low,) = found.only_first
    assert (low.rule, low.unless) == ("a.low", ("a.low", "local.hot"))
    assert low.when["en"] == "platelets below 50 ×10⁹/L"
    assert ("clearance", 4) in low.asks
    (hot,) = found.only_second
    assert (hot.rule, hot.unless, hot.shared) == ("local.hot", ("a.low",), 1)


@settings(max_examples=60)
@given(st.data())
def test_whoever_gets_another_answer_lies_in_the_region(pair, found, data):
    """The region is exact: answers differ for a fully known patient only where a rule without a counterpart fires."""
    first, second, _ = pair
    patient = form_patient(second, "session", "typical")
    for entry, ticks in limits_by_field(second, "session").items():
        if entry.kind != "elapsed" and data.draw(st.booleans()):
            value = data.draw(values(entry, (*ticks, 100, 60), AS_OF, elapsed=False))
            exact = value.lstrip("<>=") if isinstance(value, str) else value
            patient[entry.name] = [exact] * 2 if entry.group == "vitals" else exact
    answers = [screen(Patient.from_dict(patient), side, stage="session", as_of=AS_OF) for side in (first, second)]
    for answer, other, gaps in ((*answers, found.only_first), (*answers[::-1], found.only_second)):
        if not answer.restriction <= other.restriction:
            fired = {reason.rule for reason in answer.reasons if reason.state == "fires"}
            assert fired & {gap.rule for gap in gaps}


def test_populations_that_differ_are_shown_by_a_patient():
    """Herlev's rule is for blood diseases, the Danish template for everyone: a patient only one is made for."""
    found = compare_meaning(load_protocol("herlev-haematology"), load_protocol("dk-2015"), "session")
    (outside,) = [d for d in found.differences if d.part == "population"]
    assert (outside.before, outside.after, outside.confirmed) == ("no", "yes", True)
    assert all(difference.confirmed for difference in found.differences)


def test_what_is_written_otherwise_is_listed(pair):
    """Numbers with what changed in them, rules with the parts that moved, and what came to it."""
    first, second, _ = pair
    diff = diff_protocols(first, second)
    assert [(n.name, n.parts) for n in diff.numbers] == [("low", ("value",))]
    assert [(r.id, r.parts) for r in diff.rules] == [("a.low", ("condition", "reason")), ("local.hot", ("added",))]
    assert [change.kind for change in diff.others] == ["version"]
    back = diff_protocols(second, first)
    assert [(r.id, r.parts) for r in back.rules] == [("a.low", ("condition", "reason")), ("local.hot", ("removed",))]


def test_the_written_difference_names_population_validity_and_modules():
    """Two shipped protocols: for whom they are, which modules they include, how long values last."""
    diff = diff_protocols(load_protocol("krop-og-kraeft"), load_protocol("herlev-haematology"), "session")
    kinds = {change.kind: change for change in diff.others}
    assert kinds["population"].after != kinds["population"].before
    assert {"population", "stages", "version"} <= set(kinds)
    assert {rule.parts for rule in diff.rules} >= {("added",), ("removed",)}
    stages = {stage for rule in diff.rules for side in (rule.before, rule.after) if side for stage in side.stages}
    assert not stages or "session" in stages


@given(st.lists(st.sampled_from(["20", "30", "40", "50", "60", None]), max_size=70))
def test_a_cohorts_from_to_counts_add_up(pair, counts):
    """Every patient is in both tables once, and the listed ids are those whose answers differ one by one."""
    first, second, _ = pair
    patients = [
        Patient.from_dict({"id": f"p{i}", "chest_pain": "no", "temperature": ["36.8", "36.8"], "platelets": count})
        for i, count in enumerate(counts)
    ]
    found = compare_on_cohort(Cohort.from_patients(patients), first, second, stage="session", as_of=AS_OF)
    assert sum(pair.patients for pair in found.clearance) == found.n == len(counts)
    assert sum(pair.patients for pair in found.track) == len(counts)
    answers = [[screen(p, side, stage="session", as_of=AS_OF) for side in (first, second)] for p in patients]
    moved = [a.patient for a, b in answers if (a.clearance, a.track) != (b.clearance, b.track)]
    assert list(found.ids) == moved
    affected = sum(pair.patients for pair in found.clearance if pair.before != pair.after)
    assert affected <= len(found.ids)


# The command


def run(capsys, *arguments):
    code = main(["protocol", "diff", *map(str, arguments)])
    return code, capsys.readouterr()


def test_the_command_prints_all_three_parts(pair, capsys, tmp_path):
    """Written, meaning, cohort; in Danish too, and as JSON whose patients can be screened."""
    *_, folder = pair
    cohort = tmp_path / "patients.json"
    cohort.write_text(json.dumps([{"id": "x", "platelets": 40, "age": 60, "chest_pain": "no", "temperature": "36.8"}]))
    files = folder / "base.yaml", folder / "local.yaml"
    code, said = run(capsys, *files, "--cohort", cohort, "--as-of", "2026-11-25")
    assert code == 0
    for part in ("~ low (value): 50 ×10⁹/L", "+ local.hot", "clearance: not today → may train",
                 "Rules of base without a counterpart in local", "1 of 1 patients", "They are: x"):  # fmt: skip
        assert part in said.out
    code, danish = run(capsys, *files, "--lang", "da")
    assert "Regler i base uden modstykke i local" in danish.out
    code, plain = run(capsys, *files, "--format", "json", "--cohort", cohort, "--as-of", "2026-11-25")
    content = json.loads(plain.out)
    assert content["cohort"][0]["affected"] == 1
    assert content["meaning"][0]["agrees"] is False
    assert load_dictionary().fields.keys() >= set(content["meaning"][0]["differences"][0]["patient"]) - {"id", "forms"}


def test_without_z3_the_written_part_still_stands(pair, capsys, monkeypatch):
    """What is missing is said with the line that installs it."""
    *_, folder = pair

    def missing(*_):
        raise MissingDependencyError.of("z3-solver", "prove", "A proof")

    monkeypatch.setattr("exrx.proof.agreement.compare_meaning", missing)
    code, said = run(capsys, folder / "base.yaml", folder / "local.yaml")
    assert code == 0
    assert "+ local.hot" in said.out
    assert 'pip install "exrx[prove]"' in said.err


def test_a_stage_that_one_lacks_is_refused(capsys):
    """Exit 2, naming the stages that both have."""
    code, said = run(capsys, "krop-og-kraeft", "herlev-haematology", "--stage", "enrolment")
    assert code == 2
    assert "both have: session" in said.err
