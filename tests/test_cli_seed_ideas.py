"""The test ideas of the fact base, each from the command line, named after its number there."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main

ON = ("--as-of", "2026-11-23")
SURVIVOR = {
    "id": "p", "age": 52, "sex": "female", "cancer_type": "breast", "gp_clearance": "cleared",
    "treating_clearance": "cleared", "functional_loss": 0,
    "forms": [{"form": "enrolment", "date": "2026-11-23", "role": "physiotherapist", "yes": []}],
}  # fmt: skip


def screened(ask, *patients):
    call = ("screen", "FILE", "--protocol", "dk-2015", "--stage", "enrolment", "--format", "json", *ON)
    return json.loads(ask(list(patients), *call)[1])


def planned(ask, tmp_path, patient):
    call = ("prescribe", "FILE", "--protocol", "dk-2015", "--training", "dk-2015-group", "--target", "acsm-150-75",
            "--start", "2026-11-23", "--weeks", "8", "--out", str(tmp_path / "plan.json"))  # fmt: skip
    return ask(patient, *call)


def test_idea_1_breast_cancer_after_treatment_without_risk_trains_in_the_municipal_group(ask):
    """Cleared, setting municipality, track group."""
    [answer] = screened(ask, SURVIVOR)
    assert answer["clearance"] in ("clear", "modify")
    assert (answer["setting"], answer["track"]) == ("municipality", "group")


def test_idea_3_in_chemotherapy_without_the_physicians_consent_there_is_no_schedule(ask, tmp_path):
    """No plan is written, exit 1."""
    code, _, _ = planned(ask, tmp_path, SURVIVOR | {"on_chemotherapy": "yes", "treating_clearance": "not-asked"})
    assert code == 1
    assert not (tmp_path / "plan.json").exists()


def test_idea_4_seventeen_is_stopped(ask):
    """A specialist task: stop, no track."""
    [answer] = screened(ask, SURVIVOR | {"age": 17})
    assert (answer["clearance"], answer["track"]) == ("stop", "none")


def test_idea_6_a_general_practitioner_with_functional_loss_gets_xref15_and_the_hospitals_name(ask):
    """A GOP needs the hospital."""
    course = {"id": "p", "patient": SURVIVOR | {"functional_loss": 2}}
    out = ask(course, "pathway", "FILE", "--patient", "p", "--sender", "gp", "--lang", "en", *ON)[1]
    assert "referral XREF15" in " ".join(out.split())
    assert "a GOP needs the hospital" in " ".join(out.split())


def test_idea_7_the_late_palliative_phase_is_adapted_and_not_refused(ask):
    """Consent given: may train, adapted, at most moderate."""
    late = SURVIVOR | {"palliative_phase": "late", "ecog": 3, "oncologist_clearance": "cleared"}
    [answer] = screened(ask, late)
    assert answer["clearance"] == "modify"
    assert answer["adapted"] is True
    assert answer["restriction"]["aerobic_max"] in ("moderate", "light")


def test_idea_9_five_times_thirty_minutes_meet_150_and_not_thirty_a_day(capsys):
    """Two targets, two answers; two classes with unbroken bouts and five walks meet both."""
    assert main(["training", "week", "30", "30", "30", "30", "30", "0", "0"]) == 0
    lines = " ".join(capsys.readouterr().out.split())
    assert "acsm-150-75: met" in lines
    assert "dk-2014: short of at least 30 minutes of moderate to vigorous activity every day (5 of 7)" in lines
    assert main(["training", "week", "30", "10+20s", "30", "10+20s", "30", "30", "30", "--format", "json"]) == 0
    met = {row["target"]: row["met"] for row in json.loads(capsys.readouterr().out)}
    assert [met[target] for target in ("acsm-150-75", "dk-2014", "dk-now")] == [True, True, True]


def test_idea_11_a_short_education_gets_the_same_track_and_extra_support(ask):
    """Clearance and track are those of anybody else; a contact person is added."""
    long, short = screened(ask, SURVIVOR | {"education": "long"}, SURVIVOR | {"education": "short"})
    assert (long["clearance"], long["track"]) == (short["clearance"], short["track"])
    assert "contact-and-reminders" in set(short["restriction"]["refer"]) - set(long["restriction"]["refer"])


def test_idea_12_a_batch_of_one_equals_the_single_call_and_a_bad_row_stops_nobody(ask):
    """One alone, the same between two bad rows: one answer."""
    [alone] = screened(ask, SURVIVOR)
    answers = screened(ask, {"id": "bad", "age": "old"}, SURVIVOR, {"id": "worse", "platelets": -5})
    assert [answer["patient"] for answer in answers] == ["bad", "p", "worse"]
    assert answers[1] == alone


@pytest.mark.parametrize(("days", "words"), [(["30"] * 6, "a week is seven days"), (["x"] * 7, "is not a day"),
                                             (["1441"] * 7, "whole minutes of one day")])  # fmt: skip
def test_a_week_that_is_none_is_refused(capsys, days, words):
    """Exit 2, and the message shows how a day is written."""
    assert main(["training", "week", *days]) == 2
    assert words in capsys.readouterr().err
