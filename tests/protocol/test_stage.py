"""A protocol made ready for a stage: populations, modules for everyone, validities of a stage, joined protocols."""

from __future__ import annotations

from datetime import date

import pytest

from exrx import Clearance, Patient, Track, load_protocol, screen
from exrx.errors import ProtocolError
from exrx.protocol.form import form_patient

AS_OF = date(2026, 11, 23)


def decide(protocol_ids, stage, **changes):
    loaded = load_protocol(protocol_ids)
    patient = form_patient(loaded, stage, "typical") | changes
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), loaded, stage=stage, as_of=AS_OF)


def test_a_protocol_made_for_others_clears_nobody():
    """Outside its population it adds none of its own rules, and somebody has to be asked."""
    decision = decide("krop-og-kraeft", "session", on_chemotherapy="no", on_immunotherapy="no", platelets="5 10^9/L")
    assert decision.clearance == Clearance.CONSULT
    assert [use.applies for use in decision.protocols] == ["no"]
    assert {reason.rule for reason in decision.reasons} == {"scope.no-protocol"}


def test_red_flags_hold_for_everyone():
    """An emergency is one, whether or not the protocol is made for this patient."""
    decision = decide("krop-og-kraeft", "session", on_chemotherapy="no", on_immunotherapy="no", saddle_numbness="yes")
    assert decision.clearance == Clearance.EMERGENCY


def test_an_unknown_population_is_asked_first():
    """Whether the protocol applies is a fact like any other."""
    decision = decide("krop-og-kraeft", "session", on_chemotherapy=None, on_immunotherapy=None)
    assert decision.clearance == Clearance.ASSESS
    assert [use.applies for use in decision.protocols] == ["undecided"]
    assert {"on_chemotherapy", "on_immunotherapy"} <= {fact.field for fact in decision.missing}


@pytest.mark.parametrize("answer", [("yes", Clearance.CLEAR), ("no", Clearance.CONSULT), (None, Clearance.ASSESS)])
def test_a_session_asks_whether_the_enrolment_was_cleared(answer):
    """No needs a physician, unknown is asked first."""
    given, clearance = answer
    assert decide("krop-og-kraeft", "session", enrolment_cleared=given).clearance == clearance


def test_joined_protocols_take_the_more_cautious_of_each_part_in_any_order():
    """A platelet count that one allows and the other does not is not allowed."""
    patient = {"platelets": "30 10^9/L", "haematological_cancer": "yes", "cancer_type": "lymphoma"}
    first = decide("dk-2015,aha-core-2019", "session", **patient)
    second = decide("aha-core-2019,dk-2015", "session", **patient)
    alone = decide("dk-2015", "session", **patient)
    assert first.clearance == second.clearance
    assert first.restriction == second.restriction
    assert alone.restriction <= first.restriction


def test_a_stage_that_one_member_lacks_is_refused():
    """Leaving its rules out silently would loosen the answer."""
    with pytest.raises(ProtocolError, match="herlev-haematology has no stage 'enrolment'"):
        decide("dk-2015,herlev-haematology", "enrolment")


def test_enrolment_answers_carry_to_the_start_and_no_session():
    """Asked a week ago at enrolment: enough to begin a plan, not enough to train today."""
    form = {"form": "enrolment", "date": "2026-11-16", "role": "physiotherapist", "yes": []}
    patient = {"id": "p", "age": 55, "cancer_type": "breast", "gp_clearance": "cleared", "forms": [form]}
    loaded = load_protocol("dk-2015")
    enrolment, session = (
        screen(Patient.from_dict(patient | {"enrolment_cleared": "yes"}), loaded, stage=stage, as_of=AS_OF)
        for stage in ("enrolment", "session")
    )
    assert enrolment.clearance == Clearance.CLEAR
    assert enrolment.track == Track.GROUP
    assert session.clearance == Clearance.ASSESS
    assert session.rule_out


def test_the_hash_of_a_protocol_follows_its_content_and_not_its_comments(tmp_path):
    """A comment changes nothing, a limit does."""
    text = (
        "id: own\nversion: '1'\nstages: [session]\nrules:\n"
        "  - {id: a, when: platelets < 50, then: {clearance: defer}, because: low, source: adamsen-2009}\n"
    )
    hashes = []
    for name, content in (("a", text), ("b", "# a remark\n" + text), ("c", text.replace("50", "51"))):
        path = tmp_path / f"{name}.yaml"
        path.write_text(content)
        hashes.append(load_protocol(path).sha256)
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_number_that_stands_bare_in_a_rule_is_unverified(tmp_path):
    """Nobody said where it was read."""
    path = tmp_path / "own.yaml"
    path.write_text(
        "id: own\nversion: '1'\nstages: [session]\nrules:\n"
        "  - {id: a, when: platelets < 50, then: {clearance: defer}, because: low, source: adamsen-2009}\n"
    )
    decision = screen(Patient.from_dict({"platelets": 40}), load_protocol(path), stage="session", as_of=AS_OF)
    assert decision.unverified == ("a",)
