"""Protocols of blood counts: joining them only adds caution, and their tiers follow the count."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_strategies import patients

from exrx import Patient, load_protocol, screen
from exrx.protocol.form import form_patient
from exrx.rules.restriction import Clearance, Restriction

AS_OF = date(2026, 11, 23)
COUNTS = ("platelets", "leukocytes", "neutrophils", "haemoglobin")
JOINS = [
    (base, added, stage)
    for base, stages in (("dk-2015", ("enrolment", "session")), ("krop-og-kraeft", ("enrolment", "session")))
    for added in ("maltser-2017", "trek-toolkit")
    for stage in stages
]
ALIVE = {"deceased": "no"}
NO_EVENT = {"last_chemotherapy": "never", "last_transfusion": "never"}
tenths = st.integers(0, 3000).map(lambda count: count / 10)


def answer(patient, *protocols, stage):
    return screen(Patient.from_dict(patient), load_protocol(*protocols), stage=stage, as_of=AS_OF)


@pytest.mark.parametrize(("base", "added", "stage"), JOINS)
@given(data=st.data())
@settings(max_examples=60)
def test_joining_a_protocol_of_counts_never_loosens_the_answer(base, added, stage, data):
    """Every part of the answer is at least as cautious as under the first protocol alone.

    The tiers are a supplement: they do not answer for a patient whom the first protocol is not made for. TREK is a
    whole protocol and does, so there the patient is one of the first protocol's own.
    """
    patient = data.draw(patients(load_protocol(base, added), stage, AS_OF))
    if (base, added) == ("krop-og-kraeft", "trek-toolkit"):
        patient["on_chemotherapy"] = "yes"
    alone, joined = answer(patient, base, stage=stage), answer(patient, base, added, stage=stage)
    assert alone.restriction <= joined.restriction
    assert alone.definite_clearance <= joined.definite_clearance
    assert alone.clearance <= joined.clearance
    assert alone.track <= joined.track
    assert set(alone.consult) <= set(joined.consult)


@pytest.mark.parametrize("stage", ["enrolment", "session"])
@given(data=st.data())
@settings(max_examples=40)
def test_platelets_of_twenty_or_less_never_train_under_the_tiers(stage, data):
    """Whatever else is known or unknown, the lowest tier holds, exactly 20 included."""
    patient = data.draw(patients(load_protocol("maltser-2017"), stage, AS_OF))
    count = data.draw(st.integers(0, 200).map(lambda tenth: tenth / 10))
    found = answer(patient | ALIVE | NO_EVENT | {"platelets": count}, "maltser-2017", stage=stage)
    assert found.definite_clearance >= Clearance.DEFER
    assert {"valsalva", "falls-risk-activities"} <= found.restriction.avoid


@pytest.mark.parametrize("protocol", ["maltser-2017", "trek-toolkit"])
@given(fewer=tenths, more=tenths)
@settings(max_examples=60)
def test_fewer_platelets_never_loosen_the_tiers(protocol, fewer, more):
    """The tiers are cumulative: what a count restricts, a lower count restricts too."""
    fewer, more = sorted((fewer, more))
    low, high = (answer({"platelets": count}, protocol, stage="enrolment") for count in (fewer, more))
    assert high.restriction <= low.restriction
    assert high.clearance <= low.clearance


@pytest.mark.parametrize("protocol", ["maltser-2017", "trek-toolkit", "aha-core-2019"])
@given(data=st.data())
@settings(max_examples=40)
def test_a_fever_with_hardly_any_neutrophils_is_an_emergency_whatever_else_is_known(protocol, data):
    """One reading of 38.3 or more with neutrophils below 0.5 rings, through every gate and form."""
    patient = data.draw(patients(load_protocol(protocol), "session", AS_OF, forms=False))
    neutrophils, temperature = data.draw(st.integers(0, 49)) / 100, data.draw(st.integers(3830, 4200)) / 100
    patient |= {"neutrophils": neutrophils, "temperature": temperature}
    found = answer(patient | ALIVE | NO_EVENT, protocol, stage="session")
    assert found.definite_clearance is Clearance.EMERGENCY
    assert "treating" in found.consult


def test_a_supplement_does_not_answer_for_a_patient_whom_no_other_protocol_covers():
    """Outside chemotherapy the joined answer stays "no protocol covers this patient"; alone the tiers answer."""
    patient = {"on_chemotherapy": "no", "on_immunotherapy": "no", "platelets": 250}
    joined = answer(patient, "krop-og-kraeft", "maltser-2017", stage="enrolment")
    assert joined.clearance is Clearance.CONSULT
    assert "scope.no-protocol" in {reason.rule for reason in joined.reasons}
    alone = answer(patient, "maltser-2017", stage="enrolment")
    assert "scope.no-protocol" not in {reason.rule for reason in alone.reasons}


def test_many_white_cells_add_watching_for_fever_and_nothing_else():
    """The rule that asks against the worse direction of its field can only add this one thing to watch."""
    (rule,) = (r for r in load_protocol("maltser-2017").rules if r.polarity)
    assert set(rule.polarity) == {"leukocytes"}
    assert rule.then == Restriction(monitor=frozenset({"fever-signs"}))


@given(leukocytes=st.integers(0, 50000).map(lambda count: count / 1000))
@settings(max_examples=40)
def test_an_expired_count_of_white_cells_is_watched_whatever_it_was(leukocytes):
    """An old count may have fallen below the lower limit, so asking above the upper one opens no gap."""
    old = {"leukocytes": {"value": leukocytes, "unit": "10^9/L", "date": "2026-11-10"}}
    assert "fever-signs" in answer(old, "maltser-2017", stage="session").restriction.monitor


@pytest.mark.parametrize("stage", ["enrolment", "session"])
def test_a_survivor_without_a_laboratory_is_asked_for_counts_only_where_a_protocol_of_counts_is_joined(stage):
    """Under the Danish template alone a survivor is not asked; joined, the answer says what to get."""
    healthy = form_patient(load_protocol("dk-2015", "maltser-2017"), stage, "typical")
    survivor = {name: value for name, value in healthy.items() if name not in COUNTS}
    alone = answer(survivor, "dk-2015", stage=stage)
    assert alone.clearance <= Clearance.MODIFY
    assert not {fact.field for fact in alone.missing} & set(COUNTS)
    joined = answer(survivor, "dk-2015", "maltser-2017", stage=stage)
    assert joined.clearance is Clearance.ASSESS
    assert "platelets" in {fact.field for fact in joined.missing}
    assert answer(healthy, "dk-2015", "maltser-2017", stage=stage).clearance is Clearance.CLEAR


def test_what_rests_on_lost_labels_says_so():
    """The rows whose labels or signs were lost on the page are unverified, the ones that were read are not."""
    verified = {rule.id: rule.verified for rule in load_protocol("trek-toolkit").rules}
    for lost in ("infection.trek-neutrophils", "bleeding.trek-platelets", "haematological.trek-haemoglobin",
                 "cardiopulmonary.trek-resting-pulse", "cardiopulmonary.trek-oxygen-too-low"):  # fmt: skip
        assert verified[lost] == "unverified"
    for read in ("infection.trek-white-cells", "cardiopulmonary.trek-blood-pressure", "other.trek-eat-first"):
        assert verified[read] == "primary"
