"""`exrx protocol lint`: remarks as text and JSON, and the exit codes of the other protocol commands."""

from __future__ import annotations

import json

import pytest
from lint_files import FILES, laid_out

from exrx.cli.main import main
from exrx.protocol import DEFAULT_PROTOCOL
from exrx.protocol.codes import load_codes

FLAWED = next(path for path in FILES if path.stem == "unused-parameter")
LINT = ["protocol", "lint", "--as-of", "2026-11-25"]


def test_a_flaw_is_exit_1_with_its_place_and_what_to_do(tmp_path, capsys):
    """The protocol can be used, and something should be put right."""
    assert main([*LINT, str(laid_out(FLAWED, tmp_path))]) == 1
    out = capsys.readouterr().out
    assert "protocol.yaml:7:3: warning unused-parameter" in out
    assert "can be used; 0 faults, 1 remark" in out
    assert "--explain unused-parameter" in out


def test_a_protocol_without_a_flaw_is_exit_0(tmp_path, capsys):
    """Nothing to say, and it says so."""
    protocol = laid_out(FLAWED, tmp_path)
    lines = protocol.read_text(encoding="utf-8").splitlines(keepends=True)
    protocol.write_text("".join(line for line in lines if "platelets_max" not in line), encoding="utf-8")
    assert main([*LINT, str(protocol.parent)]) == 0
    assert capsys.readouterr().out.endswith("can be used; 0 faults, 0 remarks\n")


def test_a_protocol_with_a_fault_is_exit_2_and_one_among_others_exit_1(tmp_path, capsys):
    """As `check`: nothing could be linted, or not everything."""
    bad, good = tmp_path / "broken.yaml", laid_out(FLAWED, tmp_path)
    bad.write_text("id: broken\nversion: '1'\nrules: []\n", encoding="utf-8")
    assert main([*LINT, str(bad)]) == 2
    assert "cannot be used; 1 fault" in capsys.readouterr().out
    assert main([*LINT, "no-such-protocol"]) == 2
    assert main([*LINT, str(bad), str(good)]) == 1


def test_json_holds_every_place_and_its_documentation(tmp_path, capsys):
    """A program gets file, line, column, code, cure in both languages, and the place on the page of codes."""
    assert main([*LINT, "--format", "json", str(laid_out(FLAWED, tmp_path))]) == 1
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["usable"] is True
    (found,) = entry["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("unused-parameter", 7, 3)
    assert found["means"] == load_codes()["unused-parameter"].means
    assert found["page"] == "docs/diagnostics.md#unused-parameter"


def test_danish_readers_get_each_code_in_danish(tmp_path, capsys):
    """Each code that was reported is explained once below the remarks."""
    assert main([*LINT, "--lang", "da", str(laid_out(FLAWED, tmp_path))]) == 1
    assert load_codes()["unused-parameter"].means["da"] in capsys.readouterr().out


def test_what_two_protocols_share_is_said_once(tmp_path, capsys):
    """A remark on a module that several protocols include does not drown the others."""
    protocol = laid_out(FLAWED, tmp_path)
    main([*LINT, str(protocol), str(protocol.parent)])
    assert capsys.readouterr().out.count("warning unused-parameter") == 1


def test_dates_are_held_against_the_day_given(tmp_path, capsys):
    """What lies in the future today did not on a later day."""
    protocol = str(laid_out(next(path for path in FILES if path.stem == "since-in-the-future"), tmp_path))
    assert main(["protocol", "lint", "--as-of", "2062-12-31", protocol]) == 1
    assert main(["protocol", "lint", "--as-of", "2063-01-01", protocol]) == 0
    assert "since-in-the-future" in capsys.readouterr().out


@pytest.mark.parametrize("explain", ["unused-parameter", "against-polarity"])
def test_explain_needs_no_protocol(capsys, explain):
    """An author asks what a code means without naming a file."""
    assert main(["protocol", "lint", "--explain", explain]) == 0
    assert capsys.readouterr().out.startswith(explain)


@pytest.mark.parametrize(("name", "proof"), [("swallowed-tier", "swallowed"), ("tiers-gap", "tiers")])
def test_an_exception_declared_for_the_proofs_holds_for_lint_too(tmp_path, capsys, name, proof):
    """What a protocol says is meant so, with a reason, is not remarked."""
    protocol = laid_out(next(path for path in FILES if path.stem == name), tmp_path)
    text = protocol.read_text(encoding="utf-8")
    rule = "bleeding.very-low" if proof == "swallowed" else "age.old"
    exception = f"exceptions:\n  - {{proof: {proof}, of: {rule}, because: {{da: Med vilje., en: On purpose.}}}}\n"
    assert main([*LINT, str(protocol)]) == 1
    protocol.write_text(text + exception, encoding="utf-8")
    assert main([*LINT, str(protocol)]) == 0
    assert name in capsys.readouterr().out


PROTOCOL = """\
id: bad
version: "1"
title: {{da: Prøve, en: Trial}}
stages: [session]
{0}parameters:
  haemoglobin_min: {{value: 8.0, unit: g/dL, source: aha-core-2019, verified: secondary, since: 2019-04-08}}
rules:
  - id: haematological.low
    domain: haematological
    when: haemoglobin < haemoglobin_min
    then: {{clearance: defer, again: {{after: new haemoglobin}}}}
    because: {{da: Lav blodprocent., en: Low haemoglobin.}}
    source: aha-core-2019
"""


def codes(capsys, path) -> set[str]:
    main([*LINT, "--format", "json", str(path)])
    return {found["code"] for entry in json.loads(capsys.readouterr().out) for found in entry["diagnostics"]}


def test_a_limit_in_the_unit_of_its_source_is_nothing_to_put_right(tmp_path, capsys):
    """`check` says that 8.0 g/dL lies between two steps of mmol/L; lint does not ask an author to change the source."""
    path = tmp_path / "trial.yaml"
    path.write_text(PROTOCOL.format(""), encoding="utf-8")
    main(["protocol", "check", str(path)])
    assert "limit-off-the-grid" in capsys.readouterr().out
    assert "limit-off-the-grid" not in codes(capsys, path)
    path.write_text(PROTOCOL.format("").replace("8.0, unit: g/dL", "6.005, unit: mmol/L"), encoding="utf-8")
    assert "limit-off-the-grid" in codes(capsys, path)


def test_the_modules_of_others_are_not_an_authors_to_put_right(tmp_path, capsys):
    """A local protocol that includes a shipped module hears nothing of the module's own remarks."""
    path = tmp_path / "trial.yaml"
    path.write_text(PROTOCOL.format("includes: [modules/red-flags]\n"), encoding="utf-8")
    main([*LINT, str(path)])
    assert "modules/" not in capsys.readouterr().out


def test_the_date_and_reason_of_an_overlay_stand_for_its_numbers(tmp_path, capsys):
    """An overlay says who, when and why once; its numbers need not repeat it."""
    path = tmp_path / "our-department.yaml"
    path.write_text(
        "id: our-department\nversion: '1'\nextends: herlev-haematology\nauthor: Department of Haematology\n"
        "date: 2026-11-20\nreason: {da: Aftalt., en: Agreed.}\nparameters:\n"
        "  haemoglobin_min: {value: 6.5, unit: mmol/L, source: local-decision, verified: unverified}\n",
        encoding="utf-8",
    )
    assert not codes(capsys, path) & {"missing-note", "missing-since", "unused-parameter", "missing-title"}


def test_a_folder_without_a_protocol_says_so(tmp_path, capsys):
    """Not 'there is no protocol of that name', but what the folder lacks."""
    assert main([*LINT, str(tmp_path)]) == 2
    assert "has no protocol.yaml" in capsys.readouterr().err


def test_the_default_rests_on_no_unverified_number(capsys):
    """Whoever chooses no protocol gets verified numbers only, and lint would say if one slipped in."""
    assert "unverified-by-default" not in codes(capsys, DEFAULT_PROTOCOL)


def test_a_number_in_a_rule_of_a_default_is_looked_at_too(tmp_path, capsys):
    """Not only parameters: a bare number without a word on its source counts as unverified."""
    path = tmp_path / "trial.yaml"
    text = PROTOCOL.format("default: yes\n").replace("haemoglobin < haemoglobin_min", "haemoglobin < 8.0 g/dL")
    path.write_text(text, encoding="utf-8")
    assert "unverified-by-default" in codes(capsys, path)
    path.write_text(text + "    verified: secondary\n", encoding="utf-8")
    assert "unverified-by-default" not in codes(capsys, path)
