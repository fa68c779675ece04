"""`exrx replay`: exit codes, counts, and files with many decisions."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main

OVERLAY = """\
id: local
version: "1"
extends: dk-2015
author: Department, lead physiotherapist
date: 2026-11-25
reason: Agreed.
parameters:
  platelets_in_chemotherapy_min: {{value: {value}, unit: 10^9/L, source: local-decision, verified: unverified}}
"""


@pytest.fixture
def decisions(tmp_path):
    """A file of three decisions, as `exrx screen` writes them."""
    patients = [{"id": f"p{i}", "on_chemotherapy": "yes", "platelets": 30 + 15 * i} for i in range(3)]
    (tmp_path / "patients.json").write_text(json.dumps(patients))
    return tmp_path / "patients.json", tmp_path / "decisions.jsonl"


def screened(source, out, protocol):
    main(["screen", str(source), "--protocol", str(protocol), "--stage", "session", "--as-of", "2026-11-25",
          "--format", out.suffix[1:], "--out", str(out)])  # fmt: skip
    return out


def run(capsys, *arguments):
    capsys.readouterr()
    code = main(["replay", *map(str, arguments)])
    return code, capsys.readouterr()


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_a_file_of_decisions_replays_with_counts(decisions, capsys, ending):
    """N in, N out, exit 0 when all are the same."""
    source, out = decisions
    stored = screened(source, out.with_suffix(f".{ending}"), "dk-2015")
    code, said = run(capsys, stored)
    assert (code, said.out) == (0, "3 decisions: 3 the same, 0 different, 0 under changed rules, 0 not replayed\n")
    code, said = run(capsys, stored, "--format", "json")
    assert [entry["status"] for entry in json.loads(said.out)] == ["same"] * 3


def test_an_altered_decision_and_a_broken_line_are_named(decisions, capsys):
    """Exit 1: the others are replayed all the same."""
    source, out = decisions
    lines = screened(source, out, "dk-2015").read_text().splitlines()
    altered = json.loads(lines[1]) | {"track": "group"}
    out.write_text("\n".join([lines[0], json.dumps(altered), "{", lines[2]]))
    code, said = run(capsys, out)
    assert code == 1
    assert "p1: ANOTHER ANSWER" in said.out
    assert "track: group -> none" in said.out
    assert "decisions.jsonl, line 3: cannot be replayed" in said.out
    assert "4 decisions: 2 the same, 1 different, 0 under changed rules, 1 not replayed" in said.out


def test_a_protocol_that_is_not_here_or_another_is_exit_2(decisions, capsys, tmp_path):
    """Where it lies can be said; with another number in it, what moved is listed."""
    source, out = decisions
    overlay = tmp_path / "local.yaml"
    overlay.write_text(OVERLAY.format(value=40))
    stored = screened(source, out, overlay)
    code, said = run(capsys, stored)
    assert code == 2
    assert "say where it lies with --protocol FILE" in said.out
    assert run(capsys, stored, "--protocol", overlay)[0] == 0
    other = tmp_path / "newer.yaml"
    other.write_text(OVERLAY.format(value=50).replace('version: "1"', 'version: "2"'))
    code, said = run(capsys, stored, "--protocol", other, "--lang", "da")
    assert code == 2
    assert "protocol local: dengang 1 (sha256" in said.out
    assert "0 ens, 0 forskellige, 3 under ændrede regler, 0 ikke gentaget" in said.out


def test_older_decisions_take_their_patients_from_a_file(decisions, capsys):
    """Decisions without a record are replayed with the patients beside them."""
    source, out = decisions
    older = [json.loads(line) for line in screened(source, out, "dk-2015").read_text().splitlines()]
    out.write_text("\n".join(json.dumps({k: v for k, v in entry.items() if k != "replay"}) for entry in older))
    code, said = run(capsys, out)
    assert code == 2
    assert "does not hold its patient" in said.out
    assert run(capsys, out, source)[0] == 0


def test_what_explain_wrote_is_a_decision_too(decisions, capsys, tmp_path):
    """The walk through the rules holds the decision."""
    source, _ = decisions
    main(["explain", str(source), "--patient", "p1", "--protocol", "dk-2015", "--stage", "session", "--as-of",
          "2026-11-25", "--format", "json"])  # fmt: skip
    walk = tmp_path / "walk.json"
    walk.write_text(capsys.readouterr().out)
    assert run(capsys, walk)[0] == 0


@pytest.mark.parametrize("content", ["", "[]", "not json", "[1, 2]"], ids=["empty", "none", "text", "numbers"])
def test_a_file_without_decisions_is_refused(tmp_path, capsys, content):
    """Exit 2 and a sentence, never a traceback."""
    path = tmp_path / "x.json"
    path.write_text(content)
    code, said = run(capsys, path)
    assert code == 2
    assert "Traceback" not in said.err + said.out
    assert said.err + said.out
