"""One test at least for each hazard of the safety case, on whole patients."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hazards import HAZARDS, PAGE, marked_tests, page_with, table

from exrx import Clearance, Patient, Track, load_protocol, screen
from exrx.errors import PatientError, PlanError
from exrx.protocol.form import form_patient
from exrx.training import prescribe

AS_OF = date(2026, 11, 23)


def decide(patient, protocol="krop-og-kraeft", stage="session", **options):
    return screen(Patient.from_dict(patient), load_protocol(protocol), stage=stage, as_of=AS_OF, **options)


def typical(protocol="krop-og-kraeft", stage="session", **changes):
    patient = form_patient(load_protocol(protocol), stage, "typical") | changes
    return {name: value for name, value in patient.items() if value is not None}


def test_the_safety_case_lists_every_hazard_with_its_tests():
    """The page is what the list and the marked tests say; run `python tests/safety/hazards.py` to write it again."""
    assert all(marked_tests()[hazard] for hazard in HAZARDS), "a hazard has no test"
    assert set(marked_tests()) == set(HAZARDS), "a test names a hazard that is not in the list"
    assert PAGE.read_text(encoding="utf-8") == page_with(table())


def test_a_typical_patient_may_train():
    """The other tests of this file start from a patient who is cleared, so that what they change is what they test."""
    assert decide(typical()).clearance == Clearance.CLEAR


@pytest.mark.hazard("wrong-unit")
@pytest.mark.parametrize("given", ["180 K/uL", "180 mmol/L", "180000 10^9/L", {"value": 180, "unit": "mg"}])
def test_platelets_in_a_wrong_unit_do_not_clear(given):
    """Refused with a reason, and the session waits for the count."""
    decision = decide(typical(platelets=given))
    assert decision.clearance == Clearance.ASSESS
    assert [problem.field for problem in decision.problems] == ["platelets"]
    assert decision.inputs["platelets"].state == "refused"


@pytest.mark.hazard("wrong-unit")
def test_the_same_count_in_another_unit_gives_the_same_answer():
    """45 10^9/L and 45000 /uL are one value."""
    first, second = decide(typical(platelets="45 10^9/L")), decide(typical(platelets="45000 /uL"))
    assert first.clearance == second.clearance == Clearance.DEFER
    assert first.inputs["platelets"].value == second.inputs["platelets"].value


@pytest.mark.hazard("wrong-unit")
def test_a_haemoglobin_without_unit_is_not_guessed():
    """9 could be mmol/L or g/dL; nobody chooses."""
    decision = decide(typical(haemoglobin=9), "herlev-haematology")
    assert [problem.code for problem in decision.problems] == ["needs-unit"]


@pytest.mark.hazard("stale-value")
def test_an_old_good_count_does_not_clear_and_an_old_bad_one_still_defers():
    """Old platelets of 180 become 180 or lower; old platelets of 12 stay 12 or lower."""
    old = {"unit": "10^9/L", "date": "2026-10-01"}
    good, bad = decide(typical(platelets=old | {"value": 180})), decide(typical(platelets=old | {"value": 12}))
    assert good.clearance == Clearance.ASSESS
    assert good.inputs["platelets"].state == "expired"
    assert bad.clearance == Clearance.DEFER


@pytest.mark.hazard("stale-value")
def test_an_old_no_is_unknown_and_an_old_yes_stays_yes():
    """Yesterday's answer at the door does not speak for today."""
    old = {"date": "2026-11-20"}
    no, yes = decide(typical(vomiting_24h=old | {"value": "no"})), decide(typical(chest_pain=old | {"value": "yes"}))
    assert no.inputs["vomiting_24h"].state == "expired"
    assert yes.clearance >= Clearance.CONSULT


@pytest.mark.hazard("wrong-patient")
def test_a_cpr_number_is_refused_and_never_repeated():
    """Nothing in the decision holds the digits."""
    decision = decide(typical(id="010180-1234"))
    assert "identifier-refused" in {problem.code for problem in decision.problems}
    assert "1234" not in json.dumps(decision.to_dict())


@pytest.mark.hazard("unknown-read-as-no")
def test_a_question_nobody_asked_asks_first():
    """Without an answer about chest pain the session is not cleared, and the worst case is said."""
    decision = decide(typical(chest_pain=None))
    assert decision.clearance == Clearance.ASSESS
    assert decision.worst_clearance >= Clearance.CONSULT
    assert "chest_pain" in [fact.field for fact in decision.missing]


@pytest.mark.hazard("unknown-read-as-no")
def test_only_a_form_that_covers_a_question_can_say_no():
    """The door form answers for chest pain, not for bone metastases."""
    form = {"forms": [{"form": "door", "date": "2026-11-23", "role": "nurse", "yes": []}]}
    decision = decide(typical(chest_pain=None, bone_metastases=None, bone_metastasis_sites=None) | form, "dk-2015")
    missing = [fact.field for fact in decision.missing]
    assert "chest_pain" not in missing
    assert "bone_metastases" in missing


@pytest.mark.hazard("unverified-limit")
def test_an_answer_that_rests_on_an_unverified_limit_says_so():
    """The session limits of Krop og Kræft were not read in their source."""
    decision = decide(typical(platelets="45 10^9/L"))
    reasons = {reason.rule: reason.verified for reason in decision.reasons}
    unverified = [rule for rule, verified in reasons.items() if verified == "unverified"]
    assert unverified
    assert set(unverified) <= set(decision.unverified)


@pytest.mark.hazard("override")
def test_an_override_is_recorded_and_changes_nothing():
    """The proposal stands beside the departure from it."""
    patient = typical(platelets="45 10^9/L")
    departure = {"by": "physician", "reason": "transfused this morning", "date": "2026-11-23"}
    plain, overridden = decide(patient), decide(patient, overrides=[departure])
    assert overridden.clearance == plain.clearance == Clearance.DEFER
    assert overridden.to_dict()["overrides"] == [departure | {"rule": None}]
    with pytest.raises(PatientError, match="reason"):
        decide(patient, overrides=[{"by": "physician", "date": "2026-11-23"}])


@pytest.mark.hazard("implausible-value")
@pytest.mark.parametrize("given", [9999, -3, float("nan"), float("inf"), True, "many", "45 45"])
def test_an_implausible_value_is_never_used(given):
    """Refused, shown, and unknown: never clipped."""
    decision = decide(typical(platelets=given))
    assert decision.clearance == Clearance.ASSESS
    assert [problem.field for problem in decision.problems] == ["platelets"]


@pytest.mark.hazard("red-flag-outranked")
def test_a_clearance_never_outranks_a_red_flag():
    """New bladder trouble and unsteady legs in someone with bone metastases is an emergency, whoever cleared them."""
    decision = decide(
        typical(
            "dk-2015", bone_metastases="yes", bone_metastasis_sites=["thoracic_rib"], oncologist_clearance="cleared",
            night_or_band_pain="yes", gait_unsteady_new="yes", bladder_bowel_disturbance="yes",
        ),
        "dk-2015",
    )
    assert decision.clearance == Clearance.EMERGENCY
    assert decision.track == Track.NONE


@pytest.mark.hazard("dead-patient")
def test_the_dead_get_no_plan():
    """Deceased is stop, in every protocol, whatever else is known."""
    patient = typical(deceased={"value": "yes", "date": "2026-11-01"})
    decision = decide(patient)
    assert decision.clearance == Clearance.STOP
    with pytest.raises(PlanError):
        prescribe(Patient.from_dict(patient), decision, "dk-2015-group", target="acsm-150-75", start=AS_OF, weeks=12)


@pytest.mark.hazard("example-taken-for-real")
def test_example_values_are_shown_as_such():
    """The notice begins with EXAMPLE and each input says so."""
    decision = decide(typical())
    assert decision.example
    assert decision.notice["en"].startswith("EXAMPLE")
    assert decision.inputs["platelets"].state == "example"
