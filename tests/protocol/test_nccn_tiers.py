"""NCCN's three tiers as PERCS prints them: who is in which, who must be asked, and for whom the triage is not made."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Clearance, Patient, load_protocol, screen
from exrx.protocol.form import form_patient
from exrx.screening.decision import Decision

AS_OF = date(2026, 11, 23)
NCCN = load_protocol("nccn-percs")
OWN = {rule.id: rule for rule in NCCN.rules if rule.source == "nccn-brennan-2024"}
# The rows of the table, by the fields that stand for their words.
MODERATE = ("peripheral_neuropathy", "arthritis", "osteoporosis", "lymphoedema")
HIGH = ("lung_or_abdominal_surgery", "ostomy", "cardiac_disease", "lung_disease", "ataxia", "extreme_fatigue",
        "cachexia", "new_lymphoedema")  # fmt: skip
GATES = ("gp_clearance", "treating_clearance")
ANSWERS = ("cleared", "limited", "pending", "not-asked", "refused")


def decide(**facts: object) -> Decision:
    """A typical survivor changed by `facts`; None takes a fact away."""
    patient = form_patient(NCCN, "enrolment", "typical") | facts
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), NCCN, stage="enrolment", as_of=AS_OF)


def own(decision: Decision, state: str) -> set[str]:
    """The tiers' rules that fire or are undecided."""
    return {reason.rule for reason in decision.reasons if reason.state == state} & set(OWN)


@given(
    moderate=st.sets(st.sampled_from(MODERATE)),
    high=st.sets(st.sampled_from(HIGH)),
    gates=st.fixed_dictionaries({gate: st.sampled_from(ANSWERS) for gate in GATES}),
)
@settings(max_examples=120, deadline=None)
def test_the_worst_condition_decides_the_tier(moderate: set[str], high: set[str], gates: dict[str, str]) -> None:
    """Low trains, moderate trains adapted, high waits for either physician's yes; a no counts where nobody says yes."""
    decision = decide(**dict.fromkeys(moderate | high, "yes"), **gates)
    agreed = {"cleared", "limited"} & set(gates.values())
    if not high:
        wanted = Clearance.MODIFY if moderate or "limited" in agreed else Clearance.CLEAR  # limits are never clear
    elif agreed:
        wanted = Clearance.MODIFY
    else:
        wanted = Clearance.STOP if "refused" in gates.values() else Clearance.CONSULT
    assert decision.clearance == wanted
    assert (decision.supervision == "independent") == (not high)


@given(
    high=st.sets(st.sampled_from(HIGH), min_size=1),
    known=st.sets(st.sampled_from(HIGH)),
    gate=st.sampled_from(["pending", "not-asked", None]),
)
@settings(max_examples=40, deadline=None)
def test_a_condition_of_the_high_tier_that_nobody_asked_about_is_asked_first(
    high: set[str], known: set[str], gate: str | None
) -> None:
    """An open question of the high tier never lets a survivor start who has no physician's yes."""
    decision = decide(**dict.fromkeys(known - high, "no"), **dict.fromkeys(high, None), **dict.fromkeys(GATES, gate))
    assert decision.clearance == Clearance.ASSESS
    assert high <= {fact.field for fact in decision.missing}


@pytest.mark.parametrize("condition", MODERATE)
def test_the_moderate_tier_recommends_and_does_not_hold_back(condition: str) -> None:
    """The table recommends an examination; without any physician's answer the survivor still trains."""
    decision = decide(**{condition: "yes"}, **dict.fromkeys(GATES, "not-asked"))
    assert decision.clearance == Clearance.MODIFY
    assert own(decision, "fires") == {"enrolment.nccn-moderate"}
    assert "general-practitioner" in decision.restriction.refer


def test_every_word_of_the_table_has_its_field_and_no_other_field_is_asked() -> None:
    """The tiers' rules read the rows above and the two physicians, nothing else."""
    asked = {name for rule in OWN.values() for name in rule.fields}
    assert asked == {*MODERATE, *HIGH, *GATES}


def test_numbers_and_rows_read_second_hand_say_so() -> None:
    """NCCN's own table was not read."""
    assert {rule.verified for rule in OWN.values()} == {"secondary"}


@pytest.mark.parametrize(
    "facts",
    [
        {"on_chemotherapy": "yes"}, {"in_initial_treatment": "yes"}, {"disease_status": "chronic-treatment-finished"},
        {"disease_status": "no-evidence-in-adjuvant-treatment"}, {"brain_metastases": "yes"},
        {"bone_metastases": "yes", "bone_metastasis_sites": ["pelvis"]},
    ],
)  # fmt: skip
def test_the_triage_clears_nobody_it_is_not_made_for(facts: dict[str, object]) -> None:
    """In treatment, with active disease or with bone metastases no tier is given and a physician is asked."""
    decision = decide(**facts, ostomy="yes")
    assert decision.clearance == Clearance.CONSULT
    assert own(decision, "fires") | own(decision, "undecided") == set()
    assert [use.applies for use in decision.protocols] == ["no"]


def test_bone_metastases_are_left_to_a_protocol_that_covers_them() -> None:
    """Joined with the policy of 2022, NCCN's triage neither speaks nor stands in the way."""
    joined = load_protocol("nccn-percs", "ibmewg-2022")
    patient = form_patient(joined, "enrolment", "typical")
    decision = screen(Patient.from_dict(patient), joined, stage="enrolment", as_of=AS_OF)
    assert [use.applies for use in decision.protocols] == ["no", "yes"]
    assert decision.clearance == Clearance.MODIFY
