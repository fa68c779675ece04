"""A stored decision made again: the same protocols give the same answer, and others say what moved."""

from __future__ import annotations

import json
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from overlay_texts import PLATELETS
from patient_strategies import patients

from exrx import Cohort, Patient, screen_cohort
from exrx.io import read_input
from exrx.protocol import load_protocol
from exrx.protocol.form import form_patient
from exrx.protocol.library import list_protocols
from exrx.screening import screen
from exrx.screening.record import patient_of, record_of
from exrx.screening.replay import replay

AS_OF = date(2026, 11, 25)
STAGES = [(summary.id, stage) for summary in list_protocols() for stage in summary.stages]


def stored(decision):
    """The decision as it lies in a file."""
    return json.loads(json.dumps(decision.to_dict(), ensure_ascii=False))


def assert_replays(decision):
    """Field by field the same, as JSON and as a record."""
    again = replay(stored(decision))
    assert (again.status, again.causes, again.differences) == ("same", (), ())
    assert stored(again.decision) == stored(decision)
    assert "exact" not in stored(decision)["replay"]


@given(st.data())
def test_a_decision_replays_field_by_field(data):
    """Random patients, with forms, readings, partial sets and old values, against every shipped protocol."""
    wanted, stage = data.draw(st.sampled_from(STAGES))
    protocol = load_protocol(wanted)
    patient = Patient.from_dict(data.draw(patients(protocol, stage, AS_OF)))
    decision = screen(patient, protocol, stage=stage, as_of=AS_OF)
    assert_replays(decision)
    assert replay(stored(decision)).decision == decision


@pytest.mark.parametrize(
    "patient",
    [
        {"id": "a", "platelets": "45 K/uL", "haemoglobin": 8, "chest_pian": "yes", "xyz": 3},
        {"id": "010190-1234", "platelets": 45},
        {"platelets": {"value": 45, "date": "2027-01-01"}, "birth_date": "1960-05"},
        {"haemoglobin": {"value": 9.1, "unit": "g/dL", "date": "2026-11-20", "origin": "laboratory"}},
        {"oncologist_clearance": {"value": "limited", "date": "2026-11-20", "by": "dr", "limits": {"rpe_max": 13}}},
        {"oncologist_clearance": {"value": "cleared", "date": "2026-11-20", "until": "2026-11-21", "scope": "legs"}},
        {"systolic_bp": [{"value": 190, "time": "09:00"}, {"value": 185, "time": "09:06"}, "x"], "alder": 60},
        {"bone_metastasis_sites": {"at_least": ["lumbar"]}, "bone_metastases": "no", "deceased": "unknown"},
        {"forms": [{"form": "door", "date": "2026-11-25", "yes": ["chest_pian"]}, {"form": "nix", "yes": []}, 4]},
        {"forms": {"form": "door"}, "origin": "example", "platelets": "<20 10^9/L"},
        {"deceased": "yes"},
        {"platelets": 4, "trombocytter": 5, "origin": 7},
    ],
    ids=lambda patient: next(iter(patient)),
)
def test_a_patient_with_faults_replays_with_the_same_faults(patient):
    """Refused values, withheld identifiers, limits of gates, readings and problems are what they were."""
    for wanted, stage in STAGES:
        assert_replays(screen(Patient.from_dict(patient), load_protocol(wanted), stage=stage, as_of=AS_OF))


def test_what_only_the_file_knew_is_replayed_too(tmp_path):
    """Doubled keys, doubled ids and broken lines are not in the patient's own words, and decide all the same."""
    path = tmp_path / "patients.jsonl"
    path.write_text(
        '{"id": "a", "platelets": 300, "platelets": 30, "forms": [{"form": "door", "date": "2026-11-25", "yes": []}]}\n'
        '{"id": "a", "chest_pain": "no", "chest_pain": "yes", "cardiac_disease": {"value": "yes", "value": "no"}}\n'
        "{broken\n[1]\n"
        '{"id": "01019\\u00a001234", "age": 60}\n{"id": "b\\nc", "age": 60}\n'
    )
    protocol = load_protocol("dk-2015")
    for patient in read_input(str(path), as_of=AS_OF).patients:
        assert_replays(screen(patient, protocol, stage="session", as_of=AS_OF))


def test_a_row_of_a_table_replays(tmp_path):
    """A table's counted readings, and forms that answer only where the row is empty."""
    cohort = Cohort.from_columns({
        "id": ["a", "b", "b"],
        "systolic_bp": [190, 190, None], "systolic_bp.readings": [2, 1, None],
        "haemoglobin [g/dL]": [9.1, None, 400.0], "form.door": ["2026-11-25", "2026-11-25", "2026-11"],
        "chest_pain": ["yes", None, "unknown"], "bone_metastasis_sites": ["lumbar;pelvis", None, ""],
    })  # fmt: skip
    for wanted, stage in STAGES:
        decisions = screen_cohort(cohort, load_protocol(wanted), stage=stage, as_of=AS_OF)
        for row in range(cohort.n):
            assert_replays(decisions.explain(row))


def test_overrides_and_assumptions_are_part_of_what_is_replayed():
    """Who departed from the proposal, and what was assumed when reading, stand in the answer."""
    by = {"by": "dr", "reason": "seen today", "date": "2026-11-25", "rule": "bone.lumbar"}
    decision = screen(Patient.from_dict({"age": 60}), load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF,
                      overrides=[by])  # fmt: skip
    assert_replays(evolve(decision, assumptions=("Absent conditions were read as no.",)))


def test_a_record_is_patient_json_that_can_be_screened():
    """What a decision holds of its patient is what `exrx screen` reads."""
    patient = Patient.from_dict({"id": "p", "platelets": {"value": 45, "date": "2026-11-24"}})
    record = record_of(patient)
    assert Patient.from_dict(record["patient"]) == patient == patient_of(record, "p")
    assert set(record) == {"patient"}


def overlaid(tmp_path, value):
    path = tmp_path / "local.yaml"
    path.write_text(PLATELETS.format(value=value))
    return path


def test_a_changed_number_is_named_with_what_moved(tmp_path):
    """The protocol is another: its hash is said first, then each part of the answer that is not as it was."""
    base = load_protocol("dk-2015")
    content = form_patient(base, "enrolment", "typical") | {
        "on_chemotherapy": "yes", "platelets": {"value": 45, "date": "2026-11-25"},
    }  # fmt: skip
    path = overlaid(tmp_path, 50)
    decision = screen(Patient.from_dict(content), load_protocol(path), stage="enrolment", as_of=AS_OF)
    answer = stored(decision)
    same = replay(answer, paths={"local": path})
    assert (same.status, same.differences) == ("same", ())
    overlaid(tmp_path, 40)
    load_protocol.__globals__["_LOADED"].clear()
    again = replay(answer, paths={"local": path})
    assert again.status == "changed"
    assert [cause.what for cause in again.causes] == ["protocol local"]
    moved = {moved.what: (moved.then, moved.now) for moved in again.differences}
    assert moved["clearance"] == ("consult", "clear")
    assert moved["reasons.bleeding.platelets-low-in-treatment"] == ("listed", "-")
    assert not {what for what in moved if what.startswith("inputs")}


def test_every_part_that_was_altered_in_the_file_is_named():
    """With the same protocol, dictionary and engine an altered answer is `different`, part by part."""
    decision = screen(Patient.from_dict({"platelets": 30}), load_protocol("dk-2015"), stage="session", as_of=AS_OF)
    for key, value in stored(decision).items():
        if key in ("schema", "engine", "dictionary_sha256", "replay", "patient", "as_of", "stage", "protocols",
                   "overrides"):  # fmt: skip
            continue
        again = replay(stored(decision) | {key: ["altered"] if isinstance(value, list) else "altered"})
        assert again.status == "different", key
        assert {moved.what for moved in again.differences} == {key}


def test_another_dictionary_or_engine_is_named():
    """Both are said even when the answer is the same; an engine alone does not make it another replay."""
    plain = stored(screen(Patient.from_dict({}), load_protocol("dk-2015"), stage="session", as_of=AS_OF))
    other = replay(plain | {"dictionary_sha256": "0" * 64})
    assert (other.status, [cause.what for cause in other.causes]) == ("changed", ["dictionary"])
    newer = replay(plain | {"engine": "exrx 0.0.1"})
    assert (newer.status, [cause.what for cause in newer.causes]) == ("same", ["engine"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"protocols": [{"id": "nowhere", "version": "1", "sha256": "x", "applies": "yes"}]},
            "'nowhere' is not one that exrx ships",
        ),
        ({"replay": None}, "does not hold its patient"),
        ({"replay": {"patient": {}, "readings": {"platelets": 2}}}, "was damaged"),
        ({"schema": "other/1"}, "not a decision"),
        ({"stage": "cycle"}, "no stage 'cycle'"),
        ({"as_of": "soon"}, "not a date"),
        ({"protocols": 4}, "damaged"),
        ({"protocols": []}, "no protocol"),
    ],
    ids=["protocol", "record", "damaged", "schema", "stage", "day", "protocols", "none"],
)
def test_what_cannot_be_replayed_says_why(change, says):
    """Never an exception: one decision of a file must not keep the others from being replayed."""
    plain = stored(screen(Patient.from_dict({}), load_protocol("dk-2015"), stage="session", as_of=AS_OF))
    again = replay(plain | change)
    assert again.status == "impossible"
    assert says in again.message["en"]
    assert again.message["da"] not in ("", again.message["en"])


def test_an_older_decision_replays_with_the_patient_beside_it():
    """Decisions from before the record do not hold their patient; parts they never had are not compared."""
    patient = Patient.from_dict({"id": "p", "platelets": 30})
    plain = stored(screen(patient, load_protocol("dk-2015"), stage="session", as_of=AS_OF))
    older = {key: value for key, value in plain.items() if key not in ("replay", "local_changes")}
    assert replay(older).status == "impossible"
    assert replay(older, patient=patient).status == "same"
