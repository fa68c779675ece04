"""`exrx replay`: exit codes, counts, and files with many decisions."""

from __future__ import annotations

import json

import pytest
from overlay_texts import PLATELETS

from exrx.cli.main import main


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
    assert "track: in the group → no training" in said.out
    assert "decisions.jsonl, line 3: cannot be replayed: the line stops in the middle of a decision" in said.out
    assert "4 decisions: 2 the same, 1 different, 0 under changed rules, 1 not replayed" in said.out


def test_a_protocol_that_is_not_here_can_be_given(decisions, capsys, tmp_path):
    """Nothing was replayed without it: 2. Of another edition every decision is replayed, and none is the same: 1."""
    source, out = decisions
    overlay = tmp_path / "local.yaml"
    overlay.write_text(PLATELETS.format(value=40))
    stored = screened(source, out, overlay)
    code, said = run(capsys, stored)
    assert code == 2
    assert "say where its file lies with --protocol FILE" in said.out
    assert run(capsys, stored, "--protocol", overlay)[0] == 0
    other = tmp_path / "newer.yaml"
    other.write_text(PLATELETS.format(value=50).replace('version: "1"', 'version: "2"'))
    code, said = run(capsys, stored, "--protocol", other, "--lang", "da")
    assert code == 1
    assert "protokol local: dengang 1 (sha256" in said.out
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


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_a_file_that_was_cut_off_says_so(decisions, capsys, ending):
    """Wherever it was cut: what is whole in a file of lines is replayed, of the rest it says where it stops."""
    source, out = decisions
    whole = screened(source, out.with_suffix(f".{ending}"), "dk-2015")
    text = whole.read_text()
    for share in (0.05, 0.3, 0.61, 0.9):
        whole.write_text(text[: int(len(text) * share)])
        code, said = run(capsys, whole)
        assert "stops in the middle of a decision" in said.out + said.err
        complete = whole.read_text().count("\n") if ending == "jsonl" else 0
        assert code == (1 if complete else 2)
        if complete:
            assert (
                f"{complete + 1} decisions: {complete} the same, 0 different, 0 under changed rules, 1 not" in said.out
            )


@pytest.mark.parametrize("lang", ["da", "en"])
def test_what_moved_is_said_in_words(decisions, capsys, tmp_path, lang):
    """Neither JSON nor the keys of a decision, and of the missing facts one line for what their answers would do."""
    source, out = decisions
    overlay = tmp_path / "local.yaml"
    overlay.write_text(PLATELETS.format(value=40))
    stored = screened(source, out, overlay)
    overlay.write_text(PLATELETS.format(value=60) + "starts_from: {setting: hospital, supervision: one-to-one}\n")
    code, said = run(capsys, stored, "--protocol", overlay, "--lang", lang)
    assert code == 1
    for key in ("{", "definite_clearance", "would", "undecided", "missing.", "local_changes", "10^9", "->"):
        assert key not in said.out
    expected = {
        "da": ("afgørelse: spørg først → vent", "sikkert nu: kan træne → vent",
               "reglen bleeding.platelets-low-in-treatment var der ikke dengang",
               "afgørelse og spor er de samme; dette ændrer sig:", "grænse: under 40 ×10⁹/L → under 60 ×10⁹/L",
               "lokal ændring starts_from var der ikke dengang", "andre følger af de manglende svar ("),
        "en": ("clearance: ask first → wait", "certain now: may train → wait",
               "rule bleeding.platelets-low-in-treatment was not there then",
               "clearance and track are the same; this moves:", "limit: below 40 ×10⁹/L → below 60 ×10⁹/L",
               "local change starts_from was not there then", "other consequences of the missing answers ("),
    }  # fmt: skip
    for line in expected[lang]:
        assert line in said.out


def test_every_part_of_a_decision_has_a_word(decisions, capsys):
    """Altered one by one, no part is shown by its key in JSON; English keys that are words are said in Danish too."""
    source, out = decisions
    plain = json.loads(screened(source, out, "dk-2015").read_text().splitlines()[1])
    kept = ("schema", "engine", "dictionary_sha256", "replay", "patient", "as_of", "stage", "protocols", "overrides")
    parts = [key for key in plain if key not in kept]
    altered = [plain | {key: "altered"} for key in parts]
    altered += [plain | {"restriction": plain["restriction"] | {key: "altered"}} for key in plain["restriction"]]
    out.write_text("\n".join(map(json.dumps, altered)))
    code, said = run(capsys, out, "--lang", "da")
    assert code == 1
    shown = [line.strip().partition(": altered")[0] for line in said.out.splitlines() if ": altered" in line]
    assert len(shown) == len(altered)
    assert not {name for name in shown if "_" in name or name.startswith("restriction")}
    assert not set(shown) & {
        "",
        "clearance",
        "track",
        "again",
        "reasons",
        "missing",
        "inputs",
        "avoid",
        "monitor",
        "refer",
    }


def test_another_protocol_than_the_decisions_is_named(decisions, capsys, tmp_path):
    """Whoever gives the wrong file learns which one it takes."""
    source, out = decisions
    overlay, other = tmp_path / "local.yaml", tmp_path / "other.yaml"
    overlay.write_text(PLATELETS.format(value=40))
    other.write_text(PLATELETS.format(value=40).replace("id: local", "id: other"))
    code, said = run(capsys, screened(source, out, overlay), "--protocol", other)
    assert code == 2
    assert "made with the protocol 'local', and --protocol gives other; give the file of 'local' too" in said.out


def test_a_patient_given_for_a_decision_is_told_apart(decisions, capsys):
    """The file that was screened is not the file that screening wrote."""
    source, _ = decisions
    code, said = run(capsys, source)
    assert code == 2
    assert "this is not a decision as `exrx screen --format json` writes it" in said.out
