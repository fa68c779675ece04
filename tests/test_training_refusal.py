"""When no plan is given: for which decisions, in which words, and what a draft leaves open."""

from __future__ import annotations

import copy
import pickle
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from test_training_plan import AS_OF, PATIENT, decided, inputs, planned

from exrx import load_protocol, screen
from exrx.errors import PlanError
from exrx.patient import Patient
from exrx.protocol.form import form_patient
from exrx.rules.restriction import Again, Clearance, Restriction, Track
from exrx.screening.decision import Missing, Reason
from exrx.training import prescribe
from exrx.training.refusal import PlanRefused

WORDS = ("assess", "consult", "defer", "modify")


def reason(rule: str, state: str, clearance: Clearance, restriction: Restriction | None = None) -> Reason:
    """A reason whose text is its name."""
    because = {"da": f"{rule} på dansk.", "en": f"{rule}."}
    return Reason(rule, "bone", state, clearance, because, "s", "primary", {}, restriction or Restriction())


def refused(decision: Any, **more: Any) -> PlanRefused:
    """The refusal of a plan."""
    with pytest.raises(PlanRefused) as error:
        planned(decision, **more)
    return error.value


def typical(protocol: str, stage: str, **changes: Any) -> Patient:
    """A typical patient with some facts changed, and not an example."""
    filled = form_patient(load_protocol(protocol), stage, "typical") | changes
    known = {name: value for name, value in filled.items() if value is not None}
    return Patient.from_dict({n: {**v, "origin": "stated"} if isinstance(v, dict) else v for n, v in known.items()})


def try_plan(patient: Patient, protocol: str, stage: str, draft: bool = False, start: date = AS_OF) -> Any:
    """The plan of a whole patient."""
    decision = screen(patient, load_protocol(protocol), stage=stage, as_of=AS_OF)
    return prescribe(patient, decision, "dk-2015-group", target="acsm-150-75", start=start, weeks=4, draft=draft)


@pytest.mark.parametrize(
    ("clearance", "said"),
    [
        (Clearance.CONSULT, "Fires-consult. Get first: an answer from oncologist."),
        (Clearance.ASSESS, "It is not known yet whether this holds: Open-stop. Get first: "),
        (Clearance.STOP, "Fires-stop."),
    ],
)
def test_a_refusal_names_the_reason_that_causes_it(clearance: Clearance, said: str) -> None:
    """What fires with the decision's clearance, else the strongest that is open; never merely the first reason."""
    reasons = [reason("Open-emergency", "undecided", Clearance.EMERGENCY)] if clearance != Clearance.ASSESS else []
    reasons += [
        reason("Open-stop", "undecided", Clearance.STOP),
        reason("Open-consult", "undecided", Clearance.CONSULT),
        reason("Fires-modify", "fires", Clearance.MODIFY),
    ]
    if clearance != Clearance.ASSESS:
        reasons.append(reason(f"Fires-{clearance.word}", "fires", clearance))
    decision = decided(
        clearance=clearance, reasons=tuple(reasons), consult=("oncologist",),
        missing=(Missing("leukocytes", "blood-test", ()),),
    )  # fmt: skip
    text = str(refused(decision))
    assert said in text
    assert "Open-emergency" not in text
    assert ("leukocytes" in text) == (clearance == Clearance.ASSESS)


@pytest.mark.parametrize("clearance", [Clearance.ASSESS, Clearance.CONSULT])
def test_no_plan_without_clearance_except_a_marked_draft(clearance: Clearance) -> None:
    """A draft says DRAFT in JSON and in every CSV row, and takes the track that clearance would give."""
    decision = decided(clearance=clearance, track=Track.NONE, track_if_cleared=Track.INDIVIDUAL)
    with pytest.raises(PlanError, match="lumbar spine"):
        planned(decision)
    plan = planned(decision, draft=True)
    assert plan.draft
    assert plan.track is Track.INDIVIDUAL
    assert plan.to_dict()["notice"]["en"].startswith("DRAFT")
    assert all(row.startswith('"DRAFT') for row in plan.to_csv().splitlines()[1:])


@pytest.mark.parametrize("field", ["clearance", "definite_clearance"])
@pytest.mark.parametrize("clearance", [Clearance.DEFER, Clearance.STOP, Clearance.EMERGENCY])
def test_defer_stop_and_emergency_give_no_plan_and_no_draft(clearance: Clearance, field: str) -> None:
    """Whoever certainly must not train, is contraindicated or needs an ambulance gets no schedule."""
    for draft in (False, True):
        assert "not even a draft" in str(refused(decided(**{field: clearance}), draft=draft))


@pytest.mark.parametrize("stage", ["enrolment", "session"])
def test_platelets_of_8_give_not_even_a_draft_but_why_and_what_to_wait_for(stage: str) -> None:
    """The whole patient: deferred for certain, so nothing is planned until the next count."""
    patient = typical("krop-og-kraeft", stage, platelets="8 10^9/L")
    with pytest.raises(PlanRefused, match=r"Platelets are below .* Ask again after: new platelet count\.") as error:
        try_plan(patient, "krop-og-kraeft", stage, draft=True)
    assert "nyt blodpladetal" in error.value.danish


def test_what_to_wait_for_comes_from_the_rules_that_defer() -> None:
    """Not from a rule beside them; with nothing to name, it says to screen again later."""
    wait = Restriction(again=Again(frozenset({"fever gone"}), 3))
    other = reason("other", "fires", Clearance.MODIFY, Restriction(again=Again(frozenset({"new scan"}))))
    cause = reason("cause", "fires", Clearance.DEFER, wait)
    decision = decided(clearance=Clearance.DEFER, reasons=(other, cause))
    assert str(refused(decision)).endswith("cause. Ask again after: fever gone, 3 days.")
    plain = evolve(cause, restriction=Restriction())
    assert str(refused(evolve(decision, reasons=(plain,)))).endswith("Screen again when that has passed.")
    dead = evolve(plain, clearance=Clearance.STOP)
    assert str(refused(evolve(decision, clearance=Clearance.STOP, reasons=(dead, cause)))).endswith("cause.")


def test_a_draft_names_first_what_is_open() -> None:
    """The decision and its cause, the emergency to rule out, who has to answer, and every missing fact."""
    decision = decided(
        clearance=Clearance.CONSULT, consult=("oncologist",), rule_out=("saddle_numbness",),
        reasons=(reason("Ask", "fires", Clearance.CONSULT),),
        missing=tuple(Missing(name, "door", ()) for name in ("saddle_numbness", "leukocytes", "ongoing_bleeding")),
    )  # fmt: skip
    plan = planned(decision, draft=True)
    assert [note["en"] for note in plan.notes[:4]] == [
        "Still open: the patient may not train before a physician has answered. Ask.",
        "First rule out an emergency: numbness in the saddle area.",
        "An answer is awaited from oncologist.",
        "Facts are missing: leukocytes (white cells), ongoing bleeding.",
    ]
    assert plan.notes[2]["da"] == "Der mangler svar fra onkolog."
    assert "before a physician has answered" in plan.notice["en"]
    assert plan.to_dict()["decision"]["clearance"] == "consult"
    possible = planned(evolve(decision, clearance=Clearance.ASSESS), draft=True)
    assert possible.notes[2]["en"] == "An answer may be needed from oncologist."


def test_a_draft_of_a_whole_patient_names_its_missing_fact() -> None:
    """Only one fact is missing, and it stands in the first notes."""
    patient = typical("dk-2015", "enrolment", ongoing_bleeding=None)
    plan = try_plan(patient, "dk-2015", "enrolment", draft=True)
    assert plan.notes[0]["en"].startswith("Still open: it is not known yet whether the patient may train.")
    assert "Facts are missing: ongoing bleeding." in [note["en"] for note in plan.notes[:3]]


def test_a_long_list_of_missing_facts_ends_with_how_many_more() -> None:
    """Twenty are named."""
    missing = tuple(Missing(name, "door", ()) for name in sorted(inputs(age=50)) * 25)
    plan = planned(decided(clearance=Clearance.ASSESS, missing=missing), draft=True)
    assert plan.notes[1]["en"].endswith(" and 5 more.")


@pytest.mark.parametrize("clearance", list(Clearance)[2:])
def test_refusals_are_plain_words_in_both_languages(clearance: Clearance) -> None:
    """No name of a field or of a clearance: labels, and what they mean."""
    decision = decided(
        clearance=clearance, consult=("gp",), rule_out=("saddle_numbness",),
        reasons=(reason("Cause", "fires", clearance, Restriction(again=Again(frozenset({"wound healed"})))),),
        missing=(Missing("ongoing_bleeding", "door", ()), Missing("on_chemotherapy", "door", ())),
    )  # fmt: skip
    error = refused(decision)
    for text in (str(error), error.danish):
        assert "_" not in text
        assert "'" not in text
        assert not any(word in text for word in WORDS)
    assert error.danish.startswith("ingen plan")
    assert "Cause på dansk." in error.danish


def test_a_refusal_survives_pickling_and_copying() -> None:
    """Both languages cross process borders."""
    error = refused(decided(clearance=Clearance.STOP))
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(again), again.danish) == (str(error), error.danish)


@pytest.mark.parametrize("days", [0, 30])
def test_a_decision_of_up_to_thirty_days_before_the_start_counts(days: int) -> None:
    """The limit is a named local number, and every plan says that it is unverified."""
    start = AS_OF + timedelta(days=days)
    plan = prescribe(PATIENT, decided(), "dk-2015-group", target="dk-now", start=start, weeks=1)
    assert "dk-2015-group.decision_valid_days" in plan.unverified


@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("days", [31, 400])
def test_an_older_decision_asks_to_screen_again_nearer_the_start(days: int, draft: bool) -> None:
    """A plan for next spring does not rest on blood counts of today; nor does a draft."""
    start = AS_OF + timedelta(days=days)
    with pytest.raises(PlanRefused, match=r"more than 30 days later\. Screen again nearer the start") as error:
        prescribe(PATIENT, decided(), "dk-2015-group", target="dk-now", start=start, weeks=1, draft=draft)
    assert "Screen igen" in error.value.danish


def test_a_start_before_the_decision_stays_refused() -> None:
    """By a day."""
    with pytest.raises(PlanError, match="before the day of the decision"):
        prescribe(PATIENT, decided(), "dk-2015-group", target="dk-now", start=AS_OF - timedelta(days=1), weeks=1)


def test_an_example_patient_gets_only_a_draft() -> None:
    """No final plan rests on example values."""
    assert "EXAMPLE" in str(refused(decided(example=True)))
    plan = planned(decided(example=True), draft=True)
    assert plan.example
    assert plan.draft
    assert "EXAMPLE" in plan.notice["en"]


@pytest.mark.parametrize("origin", ["example", "Example", "EXAMPLE", " eXample "])
def test_an_example_is_one_however_it_is_spelled(origin: str) -> None:
    """As the origin of the patient, of one value, or of what a decision used; a draft is marked."""
    whole = form_patient(load_protocol("dk-2015"), "enrolment", "typical")
    real = {n: {**v, "origin": "stated"} if isinstance(v, dict) else v for n, v in whole.items() if v is not None}
    one = next(name for name, value in real.items() if isinstance(value, dict))
    for content in (real | {"origin": origin}, real | {one: {**real[one], "origin": origin}}):
        with pytest.raises(PlanRefused, match="EXAMPLE"):
            try_plan(Patient.from_dict(content), "dk-2015", "enrolment")
    used = {name: evolve(entry, origin=origin) for name, entry in inputs(age=50).items()}
    assert "EXAMPLE" in str(refused(decided(inputs=used)))
    plan = planned(decided(inputs=used), draft=True)
    assert plan.example
    assert "EXAMPLE" in plan.notice["en"]


def test_a_decision_about_another_patient_is_refused() -> None:
    """The wrong patient is a hazard."""
    with pytest.raises(PlanError, match="p2"):
        planned(decided(patient="p2"))
