"""What is missing: named, in the order of its weight, with what each answer would do."""

from __future__ import annotations

from datetime import date

from exrx import Clearance, Patient, Track, load_protocol, screen
from exrx.protocol.form import form_patient

AS_OF = date(2026, 11, 23)


def decide(protocol="krop-og-kraeft", stage="session", **changes):
    loaded = load_protocol(protocol)
    patient = form_patient(loaded, stage, "typical") | changes
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), loaded, stage=stage, as_of=AS_OF)


def pieces(decision, field):
    return {
        piece.condition: (piece.clearance, piece.track)
        for fact in decision.missing
        if fact.field == field
        for piece in fact.would
    }


def test_a_missing_count_is_cut_at_its_limit():
    """Below 50 the session waits, from 50 it goes on: exactly these two pieces."""
    decision = decide(platelets=None)
    assert [fact.field for fact in decision.missing] == ["platelets"]
    assert decision.missing[0].who == "blood-test"
    assert pieces(decision, "platelets") == {
        "< 50.0 10^9/L": (Clearance.DEFER, Track.NONE),
        ">= 50.0 10^9/L": (Clearance.CLEAR, Track.SUPERVISED),
    }


def test_the_question_that_could_be_an_emergency_comes_first():
    """An unanswered red flag stands before a missing blood count, and is named in rule_out."""
    decision = decide(platelets=None, saddle_numbness=None)
    assert [fact.field for fact in decision.missing] == ["saddle_numbness", "platelets"]
    assert decision.rule_out == ("saddle_numbness",)
    assert decision.worst_clearance == Clearance.EMERGENCY


def test_facts_that_change_nothing_are_not_asked():
    """A municipal survivor without a laboratory is asked for no blood count and no ejection fraction."""
    survivor = dict.fromkeys(["platelets", "leukocytes", "neutrophils", "haemoglobin", "lvef"])
    decision = decide("dk-2015", "enrolment", **survivor)
    assert decision.clearance <= Clearance.MODIFY
    assert decision.missing == ()


def test_a_count_that_an_event_may_have_outdated_asks_for_the_event():
    """Dated platelets and no word of a transfusion: its date settles it as well as a new count does."""
    counted = {"value": 180, "unit": "10^9/L", "date": "2026-11-20"}
    decision = decide(platelets=counted, last_transfusion=None, last_chemotherapy="never")
    assert decision.inputs["platelets"].state == "expired"
    assert {fact.field for fact in decision.missing} == {"platelets", "last_transfusion"}
    assert pieces(decision, "last_transfusion") == {
        "in the last 3 d": (Clearance.ASSESS, Track.NONE),
        "not in the last 3 d": (Clearance.CLEAR, Track.SUPERVISED),
    }


def test_a_score_asks_for_its_open_items():
    """A Mirels score with two items unknown asks for these two, one answer at a time."""
    decision = decide(
        "dk-2015", "enrolment", bone_metastases="yes", bone_metastasis_sites=["proximal_femur"],
        mirels_site="peritrochanteric", mirels_pain="mild", mirels_size=None, mirels_type=None,
        surgeon_clearance="not-asked",
    )
    asked = {fact.field for fact in decision.missing}
    assert {"mirels_size", "mirels_type"} <= asked
    assert "mirels_site" not in asked
    assert set(pieces(decision, "mirels_size")) == {"below-one-third", "one-to-two-thirds", "above-two-thirds"}


def test_a_second_reading_is_asked_for_instead_of_the_field():
    """One high blood pressure is measured again before anything is deferred; the second one decides."""
    first, second = decide("aha-core-2019", systolic_bp=172), decide("aha-core-2019", systolic_bp=[172, 168])
    assert first.clearance == Clearance.ASSESS
    assert first.remeasure == ("systolic_bp",)
    assert second.clearance == Clearance.DEFER
    assert decide("aha-core-2019", systolic_bp=[172, 150]).clearance == Clearance.CLEAR


def test_limits_that_a_physician_set_join_the_restriction():
    """`limited` with its limits: the words are shown, the parts obeyed, nonsense is named."""
    limits = {"value": "limited", "limits": {"strength_max": "light", "avoid": ["flying"], "text": "no heavy lifting"}}
    decision = decide("dk-2015", "enrolment", oncologist_clearance=limits)
    assert decision.restriction.strength_max.word == "light"
    assert any("no heavy lifting" in reason.because["en"] for reason in decision.reasons)
    assert [problem.code for problem in decision.problems] == ["limit-not-understood"]
