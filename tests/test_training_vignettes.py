"""The worked patients V4 and V9, from their facts through the decision to the plan."""

from __future__ import annotations

from typing import Any

import pytest
from test_training_plan import AS_OF, decided, planned, used
from test_training_refusal import typical

from exrx import load_protocol, screen
from exrx.rules.restriction import Intensity, Progression, Restriction, Supervision, Track
from exrx.training import Plan, prescribe
from exrx.training.exercises import load_exercises

V4 = {
    "age": 58, "cancer_type": "breast", "disease_status": "chronic-in-treatment", "on_chemotherapy": "yes",
    "in_initial_treatment": "yes", "bone_metastases": {"value": "yes", "date": "2026-10-01"},
    "bone_metastasis_sites": {"value": ["lumbar"], "date": "2026-10-01"}, "sins_location": "mobile",
    "sins_pain": "none", "sins_lesion": "lytic", "sins_collapse": "over-half-body-involved",
    "bone_pain_on_loading": "no", "surgeon_clearance": None,
    "oncologist_clearance": {"value": "limited", "date": "2026-11-16", "limits": "no heavy lifting"},
}  # fmt: skip
V9 = {
    "age": 81, "cancer_type": "lung", "disease_status": "chronic-treatment-finished", "palliative_phase": "late",
    "ecog": 3, "lives_alone": "yes", "mmrc": 3, "spo2": 93, "sit_to_stand_30s": 6, "fall_risk": "yes",
}  # fmt: skip


def plan_for(facts: dict[str, Any], weeks: int = 6) -> Plan:
    """The final plan of a typical patient with these facts."""
    patient = typical("dk-2015", "enrolment", **facts)
    decision = screen(patient, load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF)
    return prescribe(patient, decision, "dk-2015-group", target="acsm-150-75", start=AS_OF, weeks=weeks)


def parts(plan: Plan, kind: str) -> list[Any]:
    """Every part of one kind in a plan's sessions."""
    sessions = [day.session for week in plan.weeks for day in week.days if day.session]
    return [part for session in sessions for part in session.parts if part.kind == kind]


def test_v9_trains_every_week_at_most_moderately_and_in_short_bouts() -> None:
    """Not refused, not empty; no aerobic part is longer than can be split in bouts of five minutes."""
    plan = plan_for(V9)
    assert not plan.draft
    assert all(week.dose.moderate and week.dose.strength_days == 2 for week in plan.weeks)
    aerobic = parts(plan, "aerobic")
    assert all(part.intensity >= Intensity.MODERATE for part in aerobic)
    assert all(part.minutes <= 15 and part.bouts == 3 for part in aerobic)
    assert "walking" in used(plan)


def test_v9_trains_balance_and_rising_from_a_chair() -> None:
    """Her fall risk is known: a supported stand instead of one leg, a chair instead of the leg press."""
    plan = plan_for(V9)
    assert used(plan) >= {"chair-rise", "feet-together-stand"}
    assert not used(plan) & {"leg-press", "one-leg-stand", "step-circuit", "treadmill-walking"}
    falls = next(change for change in plan.changes if change.part == "avoid:falls-risk-activities")
    assert [(old["en"], new and new["en"]) for old, new in falls.replaced] == [
        ("leg press", "chair rise"),
        ("step and brisk walking circuit", "stationary cycling"),
        ("one-leg stand with support", "feet-together stand, both hands on support"),
    ]
    assert "balance" in plan.monitor


def test_v9_does_not_reach_150_minutes_and_is_not_pressed() -> None:
    """Not met, why, and that a little is better than nothing; the weeks stay as they are."""
    plan = plan_for(V9)
    reach = plan.reaches[0]
    assert reach.met_from_week is None
    assert "progression" in reach.binding
    assert reach.text["en"].startswith("Cannot be met under: progression: no increase")
    assert reach.text["en"].endswith("A little is better than nothing.")
    assert reach.text["da"].endswith("Lidt er bedre end ingenting.")
    assert not any(week.change["en"] or week.checks[0].met for week in plan.weeks)
    urging = ("must", "should", "skal op", "bør")
    assert not any(word in reach.text[lang] for word in urging for lang in ("da", "en"))


@pytest.mark.parametrize("weeks", [1, 6])
def test_v9_with_ecog_1_gets_no_smaller_dose(weeks: int) -> None:
    """Better function never costs training."""
    for worse, better in zip(plan_for(V9, weeks).weeks, plan_for(V9 | {"ecog": 1}, weeks).weeks, strict=True):
        assert better.dose.moderate >= worse.dose.moderate
        assert better.dose.moderate + better.dose.light >= worse.dose.moderate + worse.dose.light
        assert better.dose.sets >= worse.dose.sets


def test_without_fall_risk_the_leg_press_and_one_leg_stay() -> None:
    """The same woman who does not fall."""
    exercises = used(plan_for(V9 | {"fall_risk": "no"}))
    assert exercises >= {"leg-press", "one-leg-stand"}
    assert not exercises & {"chair-rise", "feet-together-stand"}


def test_who_may_fall_but_must_not_stand_gets_neither_chair_rise_nor_balance_in_standing() -> None:
    """What is preferred never outranks what is avoided."""
    avoid = frozenset({"falls-risk-activities", "standing-exercise"})
    exercises = used(planned(decided(Restriction(avoid=avoid))))
    assert "leg-press" in exercises
    assert not exercises & {"chair-rise", "feet-together-stand", "one-leg-stand"}


def test_late_palliative_phase_gets_a_plan_that_is_not_empty_and_does_not_press() -> None:
    """The caps by themselves: light, short, held; 150 minutes are reported as not met, with the cap that binds."""
    restriction = Restriction(
        supervision=Supervision.ONE_TO_ONE, aerobic_max=Intensity.MODERATE, strength_max=Intensity.LIGHT,
        progression=Progression.HOLD, avoid=frozenset({"falls-risk-activities"}),
    )  # fmt: skip
    plan = planned(decided(restriction, format="individual", track=Track.INDIVIDUAL), weeks=6)
    assert all(week.dose.sets and week.dose.moderate for week in plan.weeks)
    assert plan.reaches[0].met_from_week is None
    assert not used(plan) & {"one-leg-stand", "step-circuit"}


def test_v4_cycles_instead_of_walking_and_spares_the_spine() -> None:
    """In the class and at home; no trunk exercise and no bending or turning, but arms and legs are trained."""
    plan = plan_for(V4, weeks=12)
    aerobic = {exercise.id for part in parts(plan, "aerobic") for exercise in part.exercises}
    assert aerobic == {"stationary-cycling"}
    assert not used(plan) & {
        "walking", "step-circuit", "treadmill-walking", "band-hold", "crunch", "pelvic-tilt", "bridge", "trunk-turn",
        "hamstring-stretch", "wall-push-up", "lat-pulldown",
    }  # fmt: skip
    assert used(plan) >= {"leg-press", "chest-press", "seated-row"}


def test_v4_lifts_ten_to_twelve_times_or_more_and_never_heavily() -> None:
    """10-12 repetitions rather than 6-8 at 80-85 %."""
    strength = parts(plan_for(V4, weeks=30), "strength")
    assert all(part.intensity >= Intensity.MODERATE for part in strength)
    assert min(exercise.repetitions for part in strength for exercise in part.exercises) == (10, 12)


V8 = {
    "age": 66, "sex": "male", "cancer_type": "rectal", "ostomy": "yes", "last_surgery": "2026-10-05",
    "surgical_wound_healed": "yes", "functional_loss": 2, "language_support_needed": "yes",
}  # fmt: skip


def test_v9_has_goal_evidence_and_evaluation_of_a_late_phase() -> None:
    """Function and quality of life, low evidence, an evaluation earlier than the default, and no prognosis."""
    late, usual = plan_for(V9).phase, plan_for({}).phase
    assert late is not None
    assert usual is not None
    assert late.id == "palliative-late"
    assert "livskvalitet" in late.goal["da"]
    assert late.evidence["da"].startswith("lav")
    assert late.evaluation < usual.evaluation


def test_v9_is_asked_for_gait_speed_and_a_palliative_needs_assessment_is_considered() -> None:
    """Six chair rises ask for gait speed; the plan says "consider", and never how long there is."""
    notes = [note["da"] for note in plan_for(V9).notes]
    assert any("ganghastighed" in note for note in notes)
    assert any(note.startswith("Overvej en behovsvurdering i palliation") for note in notes)
    assert not any("prognose" in note.lower() or "levetid" in note.lower() for note in notes)


def test_v4_is_steered_by_borg_and_repetitions_during_treatment() -> None:
    """Chemotherapy: exertion steers, the plan says why, and advanced disease is named with its evidence."""
    plan = plan_for(V4)
    assert plan.steering[0]["da"].startswith("Anstrengelse på Borgs skala")
    assert any("I behandling" in reason["da"] for reason in plan.steering)
    assert plan.phase is not None
    assert plan.phase.id == "advanced"
    assert [(each.role, each.answer, each.limits) for each in plan.confirmations if each.role == "oncologist"] == [
        ("oncologist", "limited", "no heavy lifting")
    ]


def test_v4_is_asked_about_again_after_a_new_scan() -> None:
    """The exercises follow the site of the lesion, so a new scan asks the oncologist again."""
    assert any("ny scanning" in note["da"] for note in plan_for(V4).notes)
    assert not any("ny scanning" in note["da"] for note in plan_for({}).notes)


def test_v8_avoids_straining_and_trains_everything_else() -> None:
    """No exercise that raises abdominal pressure; legs, arms and aerobic training stay."""
    plan = plan_for(V8)
    known = load_exercises().by_id
    assert not any(known[name].loads & {"valsalva", "high-intra-abdominal-pressure"} for name in used(plan))
    muscles = {muscle for name in used(plan) for muscle in known[name].muscles}
    assert muscles >= {"thighs", "back of thighs", "chest", "back", "calves"}
    assert all(week.dose.moderate for week in plan.weeks)
    assert any(fact.field == "ostomy" for fact in plan.facts)
