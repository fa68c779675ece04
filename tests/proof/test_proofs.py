"""Proofs over every patient: what is shipped is proved, and each proof fails where it should, on a real patient."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from exrx import Patient, load_protocol, screen
from exrx.cli.main import main
from exrx.proof import prove_protocol
from exrx.proof import safety as safety_proofs
from exrx.proof.ground import Ground
from exrx.proof.laws import prove_laws
from exrx.proof.safety import prove_safety
from exrx.protocol import stage as stages
from exrx.protocol.library import list_protocols
from exrx.rules import prove as encoder
from exrx.rules.nodes import And

BAD = sorted((Path(__file__).parents[1] / "bad_proofs").glob("*.yaml"))
WITHOUT_A_PATIENT = {"can-fire", "exception"}
"""What fails because there is no patient at all."""
SECONDS = 20


def failures(path: Path) -> list[str]:
    return re.findall(r"^# fails: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_shipped_protocol_is_proved(capsys):
    """All proofs of all shipped protocols hold, in fewer seconds of a processor than a person waits for."""
    start = time.process_time()
    broken = [
        f"{summary.id}: {proof.name} {proof.of} at {proof.stage}: {proof.why.get('en')}"
        for summary in list_protocols()
        for proof in prove_protocol(load_protocol(summary.id))
        if not proof.holds
    ]
    seconds = time.process_time() - start
    with capsys.disabled():
        print(f"\nall proofs of {len(list_protocols())} protocols: {seconds:.1f} s")
    assert broken == []
    assert seconds < SECONDS


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_protocol_fails_exactly_its_proof(path):
    """What the file says at its head fails, and nothing else does."""
    proofs = prove_protocol(load_protocol(path))
    assert [f"{proof.name} {proof.of}" for proof in proofs if not proof.holds] == failures(path)
    assert failures(path)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_failed_proof_shows_a_small_patient_whom_the_engine_confirms(path):
    """The patients of a failed proof are few facts, and the engine itself shows the failure on them."""
    for proof in prove_protocol(load_protocol(path)):
        found = proof.counterexample
        if proof.holds or proof.name in WITHOUT_A_PATIENT or "nothing" in proof.why["en"].split("says")[-1]:
            continue
        assert found is not None, proof.of
        assert found.replayed
        assert found.changed or proof.name == "not-always"
        assert max(len(patient) for patient in found.patients) <= 6
        for patient in found.patients:
            assert not screen(
                Patient.from_dict(patient), load_protocol(path), stage=found.stage, as_of=found.as_of
            ).problems


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_command_writes_patients_that_screen_accepts(path, tmp_path, capsys):
    """Exit 1, the failure in words, and files that `exrx screen` reads without a problem."""
    assert main(["protocol", "prove", str(path), "--out", str(tmp_path / "found")]) == 1
    out = capsys.readouterr().out
    assert all(line.split(" ", 1)[1] in out for line in failures(path))
    for file in sorted((tmp_path / "found").glob("*.json")):
        assert str(file) in out
        call = ["screen", str(file), "--protocol", str(path), "--stage", "enrolment", "--as-of", "2026-01-01"]
        assert main([*call, "--format", "json"]) == 0
        capsys.readouterr()


def test_a_worse_patient_differs_from_the_other_in_one_fact():
    """A failure of monotony is shown on two patients, and only what got worse sets them apart."""
    path = next(path for path in BAD if path.stem == "loosened-by-a-worse-answer")
    failure = next(proof for proof in prove_protocol(load_protocol(path)) if not proof.holds)
    before, after = failure.counterexample.patients
    assert failure.name == "monotone"
    changed = {key for key in before if key != "id" and before[key] != after[key]}
    assert changed == {"monitoring_plan"} == {failure.of}


def test_the_command_prints_one_line_where_all_holds(capsys):
    """One line a protocol for people, and every proof for programs; exit 0."""
    assert main(["protocol", "prove", "body-cancer-trial-2009", "--lang", "da"]) == 0
    assert re.fullmatch(r"body-cancer-trial-2009: alle \d+ beviser holder \(\d+\.\d s\)\n", capsys.readouterr().out)
    assert main(["protocol", "prove", "body-cancer-trial-2009", "--format", "json"]) == 0
    [answer] = json.loads(capsys.readouterr().out)
    assert answer["holds"]
    assert {"can-fire", "not-always", "swallowed", "monotone", "safety", "time", "law", "engine"} <= {
        proof["proof"] for proof in answer["proofs"]
    }


def test_joined_protocols_may_say_the_same(capsys):
    """Joining is not a fault: what both ask is not called swallowed, and everything else is proved of the join."""
    assert main(["protocol", "prove", "dk-2015,krop-og-kraeft"]) == 0
    assert "dk-2015,krop-og-kraeft: all" in capsys.readouterr().out


def test_what_cannot_be_used_is_exit_2_and_one_of_several_exit_1(capsys):
    """Nothing done is 2; done for the others is 1, and what was refused is named."""
    assert main(["protocol", "prove", "no-such-protocol"]) == 2
    assert main(["protocol", "prove", "body-cancer-trial-2009", "no-such-protocol"]) == 1
    assert main(["protocol", "prove", "body-cancer-trial-2009", "--stage", "session"]) == 2
    assert "no-such-protocol" in capsys.readouterr().err


def test_without_z3_the_command_says_what_to_install(monkeypatch, capsys):
    """The optional library is named with the line that installs it."""
    import sys

    encoder.z3_library.cache_clear()
    monkeypatch.setitem(sys.modules, "z3", None)
    try:
        assert main(["protocol", "prove", "body-cancer-trial-2009"]) == 2
    finally:
        encoder.z3_library.cache_clear()
    assert 'pip install "exrx[prove]"' in capsys.readouterr().err


def _possible_and_reads_as_or(node, view):
    """A wrong line of the table: an undecided `and` that counts as true."""
    answers = [encoder.encode(item, view) for item in node.items]
    if all(answer.true is answer.possible for answer in answers):
        return encoder._and(node, view)
    return encoder.Answer(encoder.any_of(a.possible for a in answers), encoder.any_of(a.possible for a in answers))


def test_a_wrong_encoder_breaks_the_safety_law_and_is_reported_as_such(monkeypatch):
    """The safety law can fail, and a failure that the engine does not show is blamed on the proof."""
    monkeypatch.setitem(encoder._ENCODE, And, _possible_and_reads_as_or)
    proofs = list(prove_safety(Ground.of(load_protocol("herlev-haematology"), "session")))
    rule = next(proof for proof in proofs if proof.of == "every rule")
    assert not rule.holds
    assert not rule.counterexample.replayed


def test_a_wrong_verdict_breaks_the_safety_law(monkeypatch):
    """A verdict that trains where only W forbids it is found."""
    monkeypatch.setattr(safety_proofs, "clearance_of", lambda definite, worst: definite)
    proofs = list(prove_safety(Ground.of(load_protocol("herlev-haematology"), "session")))
    assert [proof.holds for proof in proofs] == [True, False]


def test_an_engine_that_clears_whom_no_protocol_covers_is_found(monkeypatch):
    """The engine's own laws can fail: without its rule the uncovered would train."""
    real = stages._engine_rules
    monkeypatch.setattr(stages, "_engine_rules", lambda protocol, dictionary: list(real(protocol, dictionary))[:1])
    stages.stage_rules.cache_clear()
    try:
        ground = Ground.of(load_protocol("herlev-haematology"), "session")
        broken = [proof.of for proof in prove_laws(ground) if not proof.holds]
    finally:
        stages.stage_rules.cache_clear()
    assert broken == ["whom no protocol covers is not cleared"]


@pytest.mark.parametrize("wrong", ["never: platelets <", "never: platelets < 20 10^9/L", "always: clearance <= maybe"])
def test_a_law_that_cannot_be_read_is_a_fault_with_its_place(wrong, tmp_path, capsys):
    """Laws are read with the protocol: syntax, words, and that they speak of the decision."""
    path = tmp_path / "protocol.yaml"
    path.write_text(
        'id: p\nversion: "1"\nrules:\n  - id: a.b\n    when: bone_metastases\n    then: {clearance: modify}\n'
        f"    because: Test.\nlaws:\n  - {wrong}\n",
        encoding="utf-8",
    )
    assert main(["protocol", "check", str(path)]) == 2
    assert re.search(r"protocol\.yaml:9:\d+: error", capsys.readouterr().out)
