"""Bone and brain metastases under five programmes: the same patient, side by side, from exclusion to assessment."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Clearance, Patient, load_protocol, screen
from exrx.fields import load_dictionary
from exrx.protocol.form import form_patient
from exrx.screening.decision import Decision

AS_OF = date(2026, 11, 23)
TRIAL, POLICY = "body-cancer-trial-2009", "ibmewg-2022"
STAGE = {TRIAL: "enrolment", "dk-2015": "enrolment", "aha-core-2019": "session", POLICY: "enrolment",
         "nccn-percs": "enrolment"}  # fmt: skip
SITES = tuple(load_dictionary().vocabulary["sites"])
BONE = {"bone_metastases": "yes", "bone_metastasis_sites": ["thoracic_rib"]}
ASKED_AND_AGREED = {"oncologist_clearance": "cleared", "treating_clearance": "cleared"}
NOBODY_ASKED = {"oncologist_clearance": "not-asked", "treating_clearance": "not-asked"}


def decide(protocol_id: str, **facts: object) -> Decision:
    """A typical patient of a protocol, changed by `facts`; None takes a fact away."""
    loaded = load_protocol(protocol_id)
    patient = form_patient(loaded, STAGE[protocol_id], "typical") | facts
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), loaded, stage=STAGE[protocol_id], as_of=AS_OF)


def side_by_side(**facts: object) -> dict[str, str]:
    """The clearance of the same finding under each programme."""
    return {protocol_id: decide(protocol_id, **facts).clearance.word for protocol_id in STAGE}


@pytest.mark.parametrize(
    ("gates", "answers"),
    [
        (ASKED_AND_AGREED, ("stop", "modify", "modify", "modify", "consult")),
        (NOBODY_ASKED, ("stop", "consult", "consult", "consult", "consult")),
        ({"oncologist_clearance": None, "treating_clearance": None}, ("stop", "assess", "assess", "assess", "consult")),
    ],
)
def test_bone_metastases_side_by_side(gates: dict[str, object], answers: tuple[str, ...]) -> None:
    """2009 excludes whoever was asked; 2015, 2019 and 2022 ask first and then train; NCCN's triage is not for them."""
    assert side_by_side(**BONE, **gates) == dict(zip(STAGE, answers, strict=True))


@pytest.mark.parametrize(
    ("gates", "answers"),
    [
        (ASKED_AND_AGREED, ("stop", "modify", "clear", "consult")),
        (NOBODY_ASKED, ("stop", "consult", "consult", "consult")),
    ],
)
def test_brain_metastases_side_by_side(gates: dict[str, object], answers: tuple[str, ...]) -> None:
    """2009 excludes, 2015 asks the oncologist, 2019 wants a plan first; NCCN's triage is not for them."""
    asked = [name for name in STAGE if name != POLICY]
    found = side_by_side(brain_metastases="yes", **gates)
    assert {name: found[name] for name in asked} == dict(zip(asked, answers, strict=True))


ANSWERED = st.sampled_from(["cleared", "limited", "pending", "not-asked"])


@given(
    sites=st.sets(st.sampled_from(SITES), min_size=1),
    gates=st.fixed_dictionaries(dict.fromkeys((*ASKED_AND_AGREED, "surgeon_clearance"), ANSWERED)),
    pain=st.sampled_from(["mild", "functional"]),
    sins=st.sampled_from(["blastic", "lytic"]),
)
@settings(max_examples=80, deadline=None)
def test_bone_metastases_alone_stop_under_the_old_policy_and_never_under_the_new(
    sites: set[str], gates: dict[str, str], pain: str, sins: str
) -> None:
    """Any sites, any scores, any answer that is not a no: 2022 says train with care or ask, 2009 says not here."""
    facts = {"bone_metastases": "yes", "bone_metastasis_sites": sorted(sites), "mirels_pain": pain,
             "sins_lesion": sins, **gates}  # fmt: skip
    new, old = decide(POLICY, **facts), decide(TRIAL, **facts)
    assert new.clearance in (Clearance.MODIFY, Clearance.CONSULT)
    assert new.worst_clearance <= Clearance.CONSULT
    assert old.clearance == Clearance.STOP


@given(sites=st.sets(st.sampled_from(SITES)), gates=st.sets(st.sampled_from(sorted(ASKED_AND_AGREED))))
@settings(max_examples=30, deadline=None)
def test_where_an_answer_is_not_known_the_new_policy_asks_and_does_not_stop(sites: set[str], gates: set[str]) -> None:
    """Without a written no there is nothing certain that forbids training; the most that is certain is to ask."""
    facts = {"bone_metastases": "yes", "bone_metastasis_sites": {"at_least": sorted(sites)}}
    decision = decide(POLICY, **facts, **dict.fromkeys(gates, None))
    assert decision.definite_clearance <= Clearance.CONSULT
    assert decision.clearance <= Clearance.CONSULT


def test_who_is_outside_a_trial_reads_not_in_this_programme() -> None:
    """An exclusion of a trial is about the trial, in both languages, and points to something else."""
    decision = decide(TRIAL, **BONE)
    (reason,) = (reason for reason in decision.reasons if reason.rule == "bone.trial-metastases")
    assert reason.because["en"].startswith("Not in this programme")
    assert reason.because["da"].startswith("Ikke i dette program")
    assert "other-programme" in decision.restriction.refer


def test_the_new_policy_hears_a_written_no() -> None:
    """Assess, do not exclude, does not mean to train against the physician's answer."""
    refused = decide(POLICY, **BONE, oncologist_clearance="refused", treating_clearance="pending")
    assert refused.clearance == Clearance.STOP


def test_joined_with_the_trial_the_old_policy_wins() -> None:
    """Joining takes the more cautious: a place that follows both excludes."""
    joined = load_protocol(TRIAL, POLICY)
    patient = form_patient(joined, "enrolment", "typical") | BONE
    decision = screen(Patient.from_dict(patient), joined, stage="enrolment", as_of=AS_OF)
    assert decision.clearance == Clearance.STOP


# Brain: what the module adds once somebody has agreed

BRAIN_RULES = {rule.id: rule for rule in load_protocol("dk-2015").rules if rule.id.startswith("brain.")}
SOLID = [option for option in load_dictionary().fields["cancer_type"].options
         if option not in ("brain", "leukaemia", "lymphoma", "myeloma")]  # fmt: skip
OWN_BRAIN = ("brain.watch-for-symptoms", "brain.tumour-can-train", "brain.seizure-precautions",
             "brain.haemorrhage-prone", "brain.steroid-myopathy")  # fmt: skip


@given(
    cancer=st.sampled_from(SOLID),
    steroids=st.sampled_from(["yes", "no", None]),
    seizure=st.sampled_from(["2026-11-20", "2026-11-01", "never", None]),
)
@settings(max_examples=40, deadline=None)
def test_without_disease_in_the_brain_the_brain_module_asks_and_says_nothing(
    cancer: str, steroids: str | None, seizure: str | None
) -> None:
    """Steroids and seizures are asked about only with brain metastases or a brain tumour."""
    decision = decide("dk-2015", cancer_type=cancer, steroid_use=steroids, last_seizure=seizure)
    assert not {reason.rule for reason in decision.reasons} & set(OWN_BRAIN)
    assert not {"steroid_use", "last_seizure"} & {fact.field for fact in decision.missing}


def test_what_was_recalled_about_the_brain_is_marked_and_what_was_read_is_not() -> None:
    """Seizures and kinds of cancer that bleed were recalled; stopping rules, myopathy and glioma trials were read."""
    recalled = {name for name in OWN_BRAIN if BRAIN_RULES[name].verified == "unverified"}
    assert recalled == {"brain.seizure-precautions", "brain.haemorrhage-prone"}


def test_a_brain_tumour_is_watched_and_stays_in_the_class() -> None:
    """The trials in glioma trained; nothing of the module takes a patient with a brain tumour out of the group."""
    decision = decide("dk-2015", cancer_type="brain")
    assert (decision.clearance, decision.track.word) == (Clearance.MODIFY, "group")
    assert {"neurological-signs", "balance"} <= decision.restriction.monitor
