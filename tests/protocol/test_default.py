"""The default protocol: what an unsure user gets rests on no unverified number, and says what else is unverified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exrx import load_protocol
from exrx.cli.main import main
from exrx.protocol import DEFAULT_PROTOCOL, Protocol
from exrx.protocol.form import form_patient
from exrx.rules.nodes import Compare, atoms
from exrx.screening.cases import read_cases, run_case

NOTES = Path(__file__).parents[2] / "protocols" / "screening" / DEFAULT_PROTOCOL / "NOTES.md"
DAY = "2026-11-23"


def unverified_numbers(protocol: Protocol) -> set[str]:
    """The rules that compare with a number which stands bare or is not verified."""
    return {
        rule.id
        for rule in protocol.rules
        for atom in atoms(rule.when)
        if isinstance(atom, Compare)
        and (atom.limit.parameter is None or protocol.parameters[atom.limit.parameter].verified == "unverified")
    }


def test_no_rule_of_the_default_rests_on_an_unverified_number():
    """Every limit is a parameter that was read, in its source or second-hand."""
    assert unverified_numbers(load_protocol(DEFAULT_PROTOCOL)) == set()


def test_no_parameter_of_the_default_is_unverified():
    """Nor is one kept that no rule uses."""
    protocol = load_protocol(DEFAULT_PROTOCOL)
    assert [name for name, entry in protocol.parameters.items() if entry.verified == "unverified"] == []
    assert set(protocol.parameters) == {name for rule in protocol.rules for name in rule.parameters}


def test_the_walk_finds_the_unverified_numbers_of_another_protocol():
    """The same walk through the Danish template names its recalled limits."""
    found = unverified_numbers(load_protocol("dk-2015"))
    assert {"frailty.low-function", "cardiopulmonary.resting-pulse-very-high", "brain.recent-seizure"} <= found


def test_the_notes_name_every_unverified_rule_of_the_default():
    """What stays unverified is a rule without a number, and NOTES.md says why it stays."""
    notes = NOTES.read_text(encoding="utf-8")
    unverified = [rule.id for rule in load_protocol(DEFAULT_PROTOCOL).rules if rule.verified == "unverified"]
    assert unverified
    assert [rule for rule in unverified if f"`{rule}`" not in notes] == []


def test_an_answer_that_rests_on_an_unverified_rule_of_the_default_says_so():
    """In each of its own cases in which such a rule fires, the rule is listed as unverified."""
    unverified = {rule.id for rule in load_protocol(DEFAULT_PROTOCOL).rules if rule.verified == "unverified"}
    checked = set()
    for case in read_cases(DEFAULT_PROTOCOL):
        firing = unverified & set(case.expect.get("fires") or ())
        if firing:
            case.expect["unverified"] = sorted(firing)
            assert run_case(case).faults == ()
            checked |= firing
    assert checked == unverified


@pytest.fixture
def patient(tmp_path):
    """A healthy survivor of the default protocol, on file."""
    facts = form_patient(load_protocol(DEFAULT_PROTOCOL), "enrolment", "typical")
    plain = {
        name: {part: word for part, word in value.items() if part != "origin"} if isinstance(value, dict) else value
        for name, value in facts.items()
    }
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(plain), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", [["screen", "--format", "json"], ["explain", "--format", "json"]])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_without_a_protocol_the_default_is_used_and_named(command, lang, patient, capsys):
    """The answer is the default's, and stderr says which protocol that is and why."""
    name, *rest = command
    call = [name, patient, "--stage", "enrolment", "--as-of", DAY, "--lang", lang, *rest]
    assert main([*call, "--protocol", DEFAULT_PROTOCOL]) == 0
    chosen = capsys.readouterr()
    assert main(call) == 0
    default = capsys.readouterr()
    assert default.out == chosen.out
    assert chosen.err == ""
    assert DEFAULT_PROTOCOL in default.err
    assert {"da": "læst i en kilde", "en": "read in a source"}[lang] in default.err


def test_a_plan_without_a_protocol_is_screened_by_the_default(patient, tmp_path, capsys):
    """`exrx prescribe` says so too, and the plan names the protocol."""
    out = tmp_path / "plan.json"
    call = ["prescribe", patient, "--training", "dk-2015-group", "--target", "acsm-150-75", "--start", DAY]
    assert main([*call, "--weeks", "2", "--out", str(out)]) == 0
    assert DEFAULT_PROTOCOL in capsys.readouterr().err
    assert f'"{DEFAULT_PROTOCOL}"' in out.read_text(encoding="utf-8")


def test_the_screened_table_names_the_default(patient, capsys):
    """What people read names the protocol in its second line."""
    assert main(["screen", patient, "--stage", "enrolment", "--as-of", DAY]) == 0
    assert DEFAULT_PROTOCOL in capsys.readouterr().out.splitlines()[1]
