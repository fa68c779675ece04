"""Whole plans on a calendar: caps and avoidances hold on every day, and each check is about the plan's own days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_training_builder import restrictions
from test_training_plan import AS_OF, LUMBAR, PATIENT, decided, inputs, planned

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.rules.restriction import Intensity, Restriction
from exrx.training import Details, Frame, Plan, check_week, load_target, load_training, prescribe
from exrx.training.exercises import load_exercises
from exrx.training.session import INTENSITIES, Dose, Session, activity_week
from exrx.training.weeks.availability import Availability
from exrx.training.weeks.classes import load_class
from exrx.training.weeks.lowering import lowered
from exrx.training.weeks.treatment import Treatment, load_regimens

TEMPLATE = load_training("dk-2015-group")
FEC = Treatment.from_regimen("fec100", date(2026, 11, 24))
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
frames = st.builds(
    Frame,
    availability=st.none() | st.builds(Availability, weekdays=weekdays, preferred=st.frozensets(st.integers(0, 6))),
    treatment=st.none() | st.sampled_from([FEC, Treatment.from_dates([date(2026, 11, 25)], 7)]),
    klass=st.none() | st.sampled_from([load_class("municipal-default"), load_class("herlev-krop-og-kraeft")]),
)
targets = st.sampled_from(["acsm-150-75", "dk-2014"])


def laid(asked: Restriction, frame: Frame, target: str = "acsm-150-75", weeks: int = 6, **more: Any) -> Plan:
    """A plan under a restriction, laid around a frame."""
    return planned(decided(asked), target, weeks, frame=frame, **more)


def sessions(plan: Plan) -> list[tuple[date, Session]]:
    """Every session with its date."""
    return [(day.date, day.session) for week in plan.weeks for day in week.days if day.session]


@pytest.mark.hazard("plan-beyond-a-cap")
@settings(max_examples=40)
@given(restrictions, frames, targets)
def test_no_day_of_a_plan_exceeds_a_cap_or_holds_an_avoided_exercise(
    asked: Restriction, frame: Frame, target: str
) -> None:
    """Whatever class, wishes and treatment do to the week."""
    known = load_exercises().by_id
    for _, session in sessions(laid(asked, frame, target)):
        assert asked.session_minutes_max is None or session.minutes <= asked.session_minutes_max
        assert session.kind == "class" or "home" not in asked.formats_forbidden
        for part in session.parts:
            assert part.minutes > 0
            assert part.intensity >= (asked.strength_max if part.kind == "strength" else asked.aerobic_max)
            assert part.borg is None or part.borg[1] <= (asked.rpe_max or 20)
            assert all(known[exercise.id].allowed(asked.avoid) for exercise in part.exercises)


@settings(max_examples=40)
@given(restrictions, frames, targets)
def test_every_session_of_the_programme_has_a_day_or_a_reason(asked: Restriction, frame: Frame, target: str) -> None:
    """Nothing is lost on the way to the calendar, and no key stands twice."""
    free = planned(decided(asked), target, 6, frame=evolve(frame, availability=None, treatment=None))
    plan = laid(asked, frame, target)
    for one, week in zip(free.weeks, plan.weeks, strict=True):
        keys = [day.key for day in week.days if day.key] + [each.key for each in week.left_out]
        assert sorted(keys) == sorted([day.key for day in one.days if day.key] + [out.key for out in one.left_out])
        assert all(each.why["da"] and each.why["en"] for each in week.left_out)
        assert all((day.session is not None) <= bool(day.key) for day in week.days)


@settings(max_examples=40)
@given(restrictions, frames)
def test_the_target_check_agrees_with_the_plans_own_days(asked: Restriction, frame: Frame) -> None:
    """Each check is what a check of the week's days says, and the dose is their sum."""
    plan = laid(asked, frame)
    for week in plan.weeks:
        on_days = {place: day.session for place, day in enumerate(week.days) if day.session}
        assert week.dose == Dose.of(on_days)
        for check in week.checks:
            assert check == check_week(activity_week(on_days), check.target)
    for reach, check in zip(plan.reaches, plan.weeks[0].checks, strict=True):
        first = next((week.number for week in plan.weeks if _check(week, check.target).met), None)
        assert not reach.within or reach.met_from_week == first
        assert (first is None) or reach.within


def _check(week: Any, target: str) -> Any:
    return next(check for check in week.checks if check.target == target)


@settings(max_examples=40)
@given(restrictions, frames)
def test_strength_days_and_vigorous_days_lie_apart(asked: Restriction, frame: Frame) -> None:
    """48 hours between strength sessions and no two vigorous days in a row, over the week's border too."""
    if frame.is_empty:
        frame = Frame(Availability())
    plan = laid(asked, frame)
    for (one, earlier), (other, later) in pairwise(sessions(plan)):
        if (other - one).days == 1:
            assert not (earlier.sets and later.sets)
            assert not (_vigorous(earlier) and _vigorous(later))


def _vigorous(session: Session) -> int:
    return session.aerobic_minutes(Intensity.VIGOROUS)


@pytest.mark.hazard("plan-beyond-a-cap")
@settings(max_examples=30)
@given(restrictions, restrictions)
def test_a_more_cautious_restriction_never_yields_a_larger_dose(one: Restriction, other: Restriction) -> None:
    """In any week of a plan, on the programme's own days."""
    joined, alone = (planned(decided(asked), "dk-2014", 6) for asked in (one | other, one))
    for less, more in zip(joined.weeks, alone.weeks, strict=True):
        assert less.dose.vigorous <= more.dose.vigorous
        assert less.dose.vigorous + less.dose.moderate <= more.dose.vigorous + more.dose.moderate
        assert less.dose.sets <= more.dose.sets


sessions_of = st.sampled_from([session for _, session in sessions(planned(decided(), "dk-2014", 20))])


@pytest.mark.hazard("plan-beyond-a-cap")
@given(sessions_of, st.integers(0, 100), st.integers(0, 100), st.sampled_from(Intensity), st.sampled_from(Intensity))
def test_lowering_more_never_gives_more(
    session: Session, share: int, other: int, ceiling: Intensity, higher: Intensity
) -> None:
    """A smaller share and a lower ceiling give no more minutes at or above any intensity, nor more sets."""
    less = lowered(session, min(share, other), max(ceiling, higher), TEMPLATE.zones, TEMPLATE.loads)
    more = lowered(session, share, ceiling, TEMPLATE.zones, TEMPLATE.loads)
    assert size(less) <= size(session)
    assert all(small <= large for small, large in zip(size(less), size(more), strict=True))


def size(session: Session | None) -> tuple[int, ...]:
    """Aerobic minutes at or above each intensity, and sets."""
    if session is None:
        return (0, 0, 0, 0)
    minutes = [session.aerobic_minutes(level) for level in reversed(INTENSITIES)]
    return (minutes[0], sum(minutes[:2]), sum(minutes), session.sets)


@pytest.mark.hazard("wrong-day")
def test_treatment_leaves_the_infusion_free_lowers_the_days_after_and_asks_for_blood() -> None:
    """Cycle day 1 has no session, days 2 to 5 half the dose at most moderate, days 7 to 14 a blood test first."""
    frame = Frame(treatment=FEC)
    plan, free = laid(Restriction.none(), frame, weeks=12), planned(decided(Restriction.none()), weeks=12)
    usual = {day.key: day.session for week in free.weeks for day in week.days if day.session}
    policy = load_regimens().policy
    seen = set()
    for week in plan.weeks:
        for day in week.days:
            state = FEC.on(day.date).state
            assert state != "infusion" or day.session is None
            if day.session is None or state not in ("hard", "nadir"):
                continue
            seen.add(state)
            assert any("kemoserien" in note["da"] for note in day.notes)
            if state == "hard":
                before = usual[day.key]
                assert before is not None
                share = policy["share_on_hard_days"]
                assert sum(day.session.activity().vigorous_bouts) == 0
                assert day.session.activity().active_minutes <= before.activity().active_minutes * share // 100 + 1
    assert seen == {"hard", "nadir"}
    assert plan.treatment is not None
    assert plan.treatment.infusions[0] == date(2026, 11, 24)
    nadir = [on for on, _ in sessions(plan) if FEC.on(on).state == "nadir"]
    for session_day in nadir:
        tests = [test for test in plan.treatment.blood_tests if test < session_day]
        assert tests
        assert (session_day - tests[-1]).days <= policy["blood_test_days"] + 1
    assert "regimens.policy.nadir_from_day" in plan.unverified


def test_a_delay_shifts_the_rest_of_the_plan() -> None:
    """A week's delay of the third cycle moves its hard days, and only from there."""
    late = Frame(treatment=Treatment.from_regimen("fec100", date(2026, 11, 24), {3: 7}))
    one, other = (laid(Restriction.none(), frame, weeks=12) for frame in (Frame(treatment=FEC), late))
    assert one.weeks[:6] == other.weeks[:6]
    assert one.weeks[6] != other.weeks[6]


def test_a_class_gives_its_days_and_minutes() -> None:
    """Monday, Wednesday and Friday, 90 minutes with 30 of warm-up."""
    plan = laid(Restriction.none(), Frame(klass=load_class("herlev-krop-og-kraeft")), weeks=6)
    classes = [(on, session) for on, session in sessions(plan) if session.kind == "class"]
    assert {on.weekday() for on, _ in classes} == {0, 2, 4}
    assert all(session.minutes <= 90 and session.parts[0].minutes == 30 for _, session in classes)
    assert "classes.herlev-krop-og-kraeft.minutes" in plan.unverified


def test_days_that_bind_are_named_as_what_keeps_the_target_away() -> None:
    """Two days a week cannot hold thirty minutes on each of seven."""
    plan = laid(Restriction.none(), Frame(Availability(frozenset({1, 3}))), "dk-2014", weeks=40)
    assert plan.reaches[0].binding == ("calendar",)
    assert "de dage, der er til rådighed" in plan.reaches[0].text["da"]
    assert any(week.left_out for week in plan.weeks)


def test_a_plan_on_christmas_has_no_class_on_holidays() -> None:
    """25 and 26 December 2026 are a Friday and a Saturday."""
    klass = load_class("herlev-krop-og-kraeft")
    plan = planned(weeks=6, frame=Frame(Availability(), klass=klass))
    on_days = {on: session.kind for on, session in sessions(plan)}
    assert on_days.get(date(2026, 12, 25)) != "class"
    assert any(each.why["da"].startswith("ingen dag") for week in plan.weeks for each in week.left_out)


@pytest.mark.hazard("load-too-high")
def test_a_tested_load_becomes_kilograms_and_says_what_it_rests_on() -> None:
    """60 kg lifted 8 times is 74.5 kg once; light is from 30 %, moderate from 50 %, rounded down to half a kilo."""
    details = Details.of({"tested_loads": {"leg-press": {"kilograms": 60, "repetitions": 8}}})
    plan = planned(decided(Restriction.none()), weeks=12, details=details)
    loads = {
        (part.intensity, exercise.kilograms)
        for _, session in sessions(plan)
        for part in session.parts
        for exercise in part.exercises
        if exercise.id == "leg-press"
    }
    assert loads == {(Intensity.LIGHT, 22.0), (Intensity.MODERATE, 37.0)}
    assert "capacity.one-rm-brzycki" in plan.unverified


def _pulse(**facts: Any) -> list[str]:
    known = inputs(hr_max_measured=160, resting_heart_rate=70)
    answers = {"on_beta_blocker": "no", "peripheral_neuropathy": "no"} | facts
    patient = _answers(**answers) | known
    plan = planned(decided(Restriction.none(), inputs=patient))
    parts = [part for _, session in sessions(plan) for part in session.parts if part.personal]
    return [part.personal["da"] for part in parts if part.personal]


def test_watts_stand_only_beside_a_cycle() -> None:
    """The peak of a cycle test says nothing of walking."""
    known = inputs(hr_max_measured=160, resting_heart_rate=70, peak_watts=180)
    facts = _answers(on_beta_blocker="no", peripheral_neuropathy="no", peak_watts_test="cpet")
    cycling = frozenset({"weight-bearing-aerobic"})
    for avoid, there in ((frozenset(), False), (cycling, True)):
        plan = planned(decided(Restriction(avoid=avoid), inputs=facts | known))
        said = [part.personal["da"] for _, session in sessions(plan) for part in session.parts if part.personal]
        assert any("watt" in each for each in said) is there


def _answers(**facts: str) -> dict[str, Any]:
    from exrx import Patient
    from exrx.fields import load_dictionary
    from exrx.knowledge import know

    stated = {"haemoglobin": "8.5 mmol/L", "on_chemotherapy": "no", "on_immunotherapy": "no", "on_radiotherapy": "no",
              "in_initial_treatment": "no"} | facts  # fmt: skip
    return know(Patient.from_dict({"id": "p"} | stated), load_dictionary(), AS_OF).inputs


@pytest.mark.hazard("load-too-high")
def test_a_measured_pulse_stands_beside_borg_only_when_nothing_disturbs_it() -> None:
    """A beta blocker, low haemoglobin, neuropathy or not knowing takes the pulse away, and the plan says why."""
    assert any("puls" in said for said in _pulse())
    assert not any("puls" in said for said in _pulse(on_beta_blocker="yes"))
    assert not any("puls" in said for said in _pulse(on_beta_blocker="unknown"))
    assert not any("puls" in said for said in _pulse(haemoglobin="6.0 mmol/L"))
    assert not any("puls" in said for said in _pulse(peripheral_neuropathy="yes"))
    plan = planned(decided(Restriction.none(), inputs=_answers(on_beta_blocker="yes")))
    assert any("betablokker" in reason["da"].lower() for reason in plan.steering)


def test_every_reason_names_what_it_rests_on() -> None:
    """A steering reason names its field, a change the rules that ask for it."""
    plan = planned(decided(LUMBAR, inputs=_answers(on_beta_blocker="yes")))
    fields = load_dictionary().fields
    for reason in plan.steering[1:]:
        assert any(f"({name})" in reason["en"] for name in fields)
        assert any(f"({name})" in reason["da"] for name in fields)
    assert plan.changes
    assert all(change.rules for change in plan.changes)


@pytest.mark.parametrize(
    ("facts", "phase", "weeks"),
    [
        ({}, "after", 8),
        ({"on_chemotherapy": "yes"}, "during", 6),
        ({"disease_status": "chronic-in-treatment"}, "advanced", 4),
        ({"palliative_phase": "late"}, "palliative-late", 2),
        ({"palliative_phase": "terminal"}, "terminal", 1),
    ],
)
def test_the_phase_changes_goal_evidence_and_evaluation(facts: dict[str, str], phase: str, weeks: int) -> None:
    """Each phase has its own words, and the evaluation comes earlier the further the illness has come."""
    plan = planned(decided(Restriction.none(), inputs=_answers(**facts)))
    assert plan.phase is not None
    assert (plan.phase.id, plan.phase.evaluation) == (phase, AS_OF + timedelta(weeks=weeks))
    assert plan.phase.goal["da"]
    assert plan.phase.evidence["en"]


def test_prehabilitation_may_be_asked_for_and_a_late_phase_is_never_asked_away() -> None:
    """The phase that the record does not say is the caller's; a recorded late phase is not."""
    asked = planned(decided(inputs=_answers()), phase="prehabilitation")
    assert asked.phase is not None
    assert asked.phase.id == "prehabilitation"
    late = planned(decided(inputs=_answers(palliative_phase="late")), phase="prehabilitation")
    assert late.phase is not None
    assert late.phase.id == "palliative-late"
    with pytest.raises(PlanError, match="there is no phase 'before'"):
        planned(phase="before")


def test_a_plan_is_final_only_with_what_a_plan_must_have() -> None:
    """Goals, a responsible person, purpose, evaluation and who is informed; a draft is never final."""
    whole = Details.of(
        {"goals": ["gå tur"], "responsible": "NN", "purpose": "styrke", "evaluation": "2027-01-11",
         "informed": ["læge"]}
    )
    assert planned(details=whole).status == "final"
    lacking = planned(details=evolve(whole, informed=()))
    assert lacking.status == "proposal"
    assert [words["da"] for words in lacking.incomplete] == ["hvem der er informeret"]
    draft = prescribe(
        PATIENT, decided(example=True), "dk-2015-group", target=load_target("dk-2014"), start=AS_OF, weeks=2,
        draft=True, details=whole,
    )  # fmt: skip
    assert draft.status == "draft"


def test_few_chair_rises_ask_for_gait_speed() -> None:
    """Six rises in thirty seconds ask for another test; nine or five do not."""
    asked = {}
    for rises in (5, 6, 8, 9):
        plan = planned(decided(inputs=_answers(sit_to_stand_30s=str(rises))))
        asked[rises] = any("ganghastighed" in note["da"] for note in plan.notes)
    assert asked == {5: False, 6: True, 8: True, 9: False}
