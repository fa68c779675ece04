"""Mirels, SINS and INR: points, cut-offs and edges as their sources give them, and what of clots was only recalled."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Clearance, Patient, load_protocol, screen
from exrx.fields import load_dictionary
from exrx.protocol.form import form_patient
from exrx.screening.decision import Decision

AS_OF = date(2026, 11, 23)
FIELDS = load_dictionary().fields
# Points as printed (Radiopaedia for Mirels, a calculator page for SINS).
MIRELS = {
    "mirels_site": {"upper-limb": 1, "lower-limb": 2, "peritrochanteric": 3},
    "mirels_size": {"below-one-third": 1, "one-to-two-thirds": 2, "above-two-thirds": 3},
    "mirels_type": {"blastic": 1, "mixed": 2, "lytic": 3},
    "mirels_pain": {"mild": 1, "moderate": 2, "functional": 3},
}
SINS = {
    "sins_location": {"junctional": 3, "mobile": 2, "semirigid": 1, "rigid": 0},
    "sins_pain": {"mechanical": 3, "non-mechanical": 1, "none": 0},
    "sins_lesion": {"lytic": 2, "mixed": 1, "blastic": 0},
    "sins_alignment": {"subluxation": 4, "new-deformity": 2, "normal": 0},
    "sins_collapse": {"above-half": 3, "below-half": 2, "over-half-body-involved": 1, "none": 0},
    "sins_posterolateral": {"bilateral": 3, "unilateral": 1, "none": 0},
}
UNANSWERED = {"surgeon_clearance": "not-asked", "oncologist_clearance": "cleared"}


def decide(protocol_id: str, **facts: object) -> Decision:
    """A typical patient with bone metastases, changed by `facts`; None takes a fact away."""
    loaded = load_protocol(protocol_id)
    patient = form_patient(loaded, "enrolment", "typical") | facts
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), loaded, stage="enrolment", as_of=AS_OF)


def fired(decision: Decision) -> set[str]:
    """The rules that certainly hold."""
    return {reason.rule for reason in decision.reasons if reason.state == "fires"}


@pytest.mark.parametrize(("score", "items"), [("mirels", MIRELS), ("sins", SINS)])
def test_every_item_gives_the_points_of_its_source(score: str, items: dict[str, dict[str, int]]) -> None:
    """Item by item and option by option, and no option is left without points."""
    assert FIELDS[score].items == items
    assert all(set(points) == set(FIELDS[name].options) for name, points in items.items())


def totals(items: dict[str, dict[str, int]]) -> set[int]:
    """Every total that the items can give."""
    return {sum(points) for points in product(*(item.values() for item in items.values()))}


def test_the_totals_span_what_the_sources_say() -> None:
    """Mirels 4 to 12, SINS 0 to 18."""
    assert (min(totals(MIRELS)), max(totals(MIRELS))) == (4, 12)
    assert (min(totals(SINS)), max(totals(SINS))) == (0, 18)


@given(
    chosen=st.fixed_dictionaries({name: st.sampled_from(sorted(points)) for name, points in MIRELS.items()}),
    site=st.sampled_from(["proximal_femur", "humerus", "lumbar"]),
)
@settings(max_examples=80, deadline=None)
def test_mirels_asks_for_the_surgeon_from_9_and_in_the_humerus_from_8(chosen: dict[str, str], site: str) -> None:
    """With the oncologist's yes and no surgeon: each cut-off where it was read, and never for the spine."""
    total = sum(MIRELS[name][option] for name, option in chosen.items())
    decision = decide("dk-2015", bone_metastases="yes", bone_metastasis_sites=[site], **chosen, **UNANSWERED)
    limit = {"proximal_femur": 9, "humerus": 8, "lumbar": 99}[site]
    assert (decision.clearance == Clearance.CONSULT) == (total >= limit)
    assert ("bone.mirels-high" in fired(decision)) == (total >= 9 and site != "lumbar")
    assert ("bone.mirels-humerus" in fired(decision)) == (total >= 8 and site == "humerus")


@given(
    chosen=st.fixed_dictionaries({name: st.sampled_from(sorted(points)) for name, points in SINS.items()}),
    site=st.sampled_from(["cervical", "thoracic_rib", "lumbar", "pelvis"]),
    oncologist=st.sampled_from(["cleared", "pending"]),
)
@settings(max_examples=80, deadline=None)
def test_sins_asks_from_7_and_under_the_policy_of_2022_from_13_for_the_surgeon_alone(
    chosen: dict[str, str], site: str, oncologist: str
) -> None:
    """From 7 the oncologist's answer is enough; from 13 it is not; a lesion outside the spine is not scored."""
    total = sum(SINS[name][option] for name, option in chosen.items())
    gates = {"surgeon_clearance": "not-asked", "oncologist_clearance": oncologist}
    decision = decide("ibmewg-2022", bone_metastasis_sites=[site], **chosen, **gates)
    spine = site != "pelvis"
    assert ("bone.sins-surgical-opinion" in fired(decision)) == (spine and total >= 7 and oncologist == "pending")
    assert ("bone.ibmewg-sins-unstable" in fired(decision)) == (spine and total >= 13)


def test_each_cut_off_has_one_source() -> None:
    """The humerus has its own number from its own study; the scores' own cut-offs were read second-hand."""
    parameters = load_protocol("ibmewg-2022").parameters
    found = {
        name: (p.value, p.source, p.verified) for name, p in parameters.items() if name.startswith(("mirels", "sins"))
    }
    assert found == {
        "mirels_high": ("9", "mirels-1989", "secondary"),
        "mirels_borderline": ("8", "mirels-1989", "secondary"),
        "mirels_humerus": ("8", "tat-2023", "primary"),
        "sins_surgical_opinion": ("7", "sins-2010", "secondary"),
        "sins_unstable": ("13", "sins-2010", "secondary"),
    }


# Clots and blood thinners

VTE = {rule.id: rule for rule in load_protocol("dk-2015").rules
       if rule.location.file.endswith(("modules/vte.yaml", "modules/clots-varices.yaml"))}  # fmt: skip


def test_nothing_about_clots_and_thinners_looks_verified() -> None:
    """No exercise source with a number was found, so every answer that rests on the module says so."""
    assert len(VTE) == 6
    assert {rule.verified for rule in VTE.values()} == {"unverified"}


@given(
    inr=st.integers(50, 3000),
    thinner=st.sampled_from(FIELDS["anticoagulant"].options),
)
@settings(max_examples=80, deadline=None)
def test_inr_counts_for_vitamin_k_antagonists_only_and_above_its_limits_only(inr: int, thinner: str) -> None:
    """Exactly 4 and exactly 5 stay in the tier below."""
    decision = decide("dk-2015", anticoagulant=thinner, inr=f"{inr // 100}.{inr % 100:02}")
    assert ("vte.inr-high" in fired(decision)) == (thinner == "vka" and inr > 400)
    assert ("vte.inr-very-high" in fired(decision)) == (thinner == "vka" and inr > 500)
    assert ("vte.blood-thinner" in fired(decision)) == (thinner in ("therapeutic-lmwh", "doac", "vka"))


def test_an_acute_clot_stops_and_says_when_to_look_again() -> None:
    """The module adds the day to ask and lifts nothing: the stop of the cardiac list stays."""
    decision = decide("dk-2015", acute_thromboembolism="yes")
    assert decision.clearance == Clearance.STOP
    assert "anticoagulation established" in decision.restriction.again.after
    assert decision.restriction.allowed_meanwhile == {"daily-activity"}


def test_without_a_blood_thinner_nobody_asks_for_an_inr() -> None:
    """A survivor without a laboratory is never asked for a blood test by this module."""
    decision = decide("dk-2015", anticoagulant="none", inr=None)
    assert decision.clearance == Clearance.CLEAR
    assert "inr" not in {fact.field for fact in decision.missing}
