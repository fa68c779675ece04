"""`prescribe_cohort` gives every patient the weeks that `prescribe` gives, and a plan to exactly the same patients."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_strategies import patients
from test_training_refusal import typical

from exrx import Cohort, Patient, load_protocol, screen_cohort
from exrx.errors import PlanError
from exrx.rules.restriction import Clearance
from exrx.training import load_targets
from exrx.training.cohort import CohortPlans, prescribe_cohort

AS_OF = date(2026, 11, 23)
PROTOCOL = load_protocol("dk-2015")
WEEKS = 12
minutes = st.none() | st.integers(0, 300)
starts = st.fixed_dictionaries(
    {},
    optional={
        "moderate_minutes_per_week": minutes,
        "vigorous_minutes_per_week": st.none() | st.integers(0, 90),
        "strength_days_per_week": st.none() | st.integers(0, 4),
        "hr_max_measured": st.none() | st.integers(100, 200),
        "palliative_phase": st.sampled_from(["none", "early", "late", "unknown"]),
        "disease_status": st.sampled_from(["chronic-in-treatment", "no-evidence-in-follow-up", "unknown"]),
        "bone_metastases": st.just("yes"),
        "bone_metastasis_sites": st.lists(st.sampled_from(["lumbar", "pelvis", "humerus"]), unique=True, min_size=1),
        "oncologist_clearance": st.just(
            {"value": "limited", "limits": {"aerobic_max": "light", "session_minutes_max": 20, "text": "slowly"}}
        ),
        "fall_risk": st.just("yes"),
        "lymphoedema": st.just("yes"),
        "ostomy": st.just("yes"),
        "ecog": st.integers(0, 3),
        "cardiac_disease": st.just("yes"),
    },
)


def plans_of(people: list[Patient], target: str, training: str = "dk-2015-group") -> CohortPlans:
    """The cohort's plans."""
    decisions = screen_cohort(Cohort.from_patients(people), PROTOCOL, stage="enrolment", as_of=AS_OF)
    return prescribe_cohort(decisions, training, target=target, start=AS_OF, weeks=WEEKS)


def assert_agrees(plans: CohortPlans, row: int) -> None:
    """The row's weeks are those of its own plan, or neither path gives one."""
    decision = plans.decisions.explain(row)
    assert plans.given[row] == (decision.clearance <= Clearance.MODIFY)
    if not plans.given[row]:
        assert not plans.doses[row].any()
        assert not plans.met[row].any()
        with pytest.raises(PlanError):
            plans.plan(row)
        return
    plan = plans.plan(row)
    for number, week in enumerate(plan.weeks):
        kinds = [day.session.kind for day in week.days if day.session]
        dose = week.dose
        single = [dose.light, dose.moderate, dose.vigorous, kinds.count("class"), kinds.count("home"),
                  dose.strength_days, dose.sets]  # fmt: skip
        assert plans.doses[row, number].tolist() == single
        assert plans.met[row, number] == week.checks[0].met
    assert plans.aerobic_max[row] == decision.restriction.aerobic_max
    assert plans.strength_max[row] == decision.restriction.strength_max
    assert plans.progression[row] == decision.restriction.progression
    assert plans.minutes_max[row] == (decision.restriction.session_minutes_max or -1)


@settings(max_examples=25)
@given(st.lists(starts, min_size=1, max_size=6), st.sampled_from(sorted(load_targets())))
def test_one_is_many_for_people_who_may_train(facts: list[dict[str, Any]], target: str) -> None:
    """Typical people with findings, limits and baselines; some of them then need an answer first."""
    people = [typical("dk-2015", "enrolment", id=f"p{row}", **some) for row, some in enumerate(facts)]
    plans = plans_of(people, target)
    for row in range(len(people)):
        assert_agrees(plans, row)


@settings(max_examples=15)
@given(st.lists(patients(PROTOCOL, "enrolment", AS_OF), min_size=1, max_size=4))
def test_one_is_many_for_anybody(several: list[dict[str, Any]]) -> None:
    """Patients aimed at the protocol's limits, most of whom may not train."""
    people = [Patient.from_dict(given | {"id": f"p{row}"}) for row, given in enumerate(several)]
    plans = plans_of(people, "acsm-150-75")
    for row in range(len(people)):
        assert_agrees(plans, row)


@pytest.mark.parametrize("count", [1, 63, 64, 65])
def test_a_row_does_not_depend_on_the_others(count: int) -> None:
    """The same person first, last and in between gets the same weeks."""
    plain = typical("dk-2015", "enrolment")
    held = typical("dk-2015", "enrolment", fall_risk="yes", moderate_minutes_per_week=120)
    plans = plans_of([held if row % 3 == 0 else plain for row in range(count)], "dk-2014")
    for row in range(count):
        assert np.array_equal(plans.doses[row], plans.doses[0 if row % 3 == 0 else 1])


def test_a_personally_adapted_programme_agrees_too() -> None:
    """Every shipped ladder, not only the group's."""
    people = [typical("dk-2015", "enrolment", moderate_minutes_per_week=minutes) for minutes in (0, 60, 150)]
    plans = plans_of(people, "dk-2014", "dk-2015-individual")
    for row in range(len(people)):
        assert_agrees(plans, row)


@pytest.mark.parametrize("training", ["effect-2022", "exact-2019", "mikkelsen-2022"])
def test_a_trials_table_agrees_too(training: str) -> None:
    """Tables are followed once for each kind of restriction."""
    some = [{}, {"fall_risk": "yes"}, {"bone_metastases": "yes", "bone_metastasis_sites": ["lumbar"]}, {"ecog": 3}]
    people = [typical("dk-2015", "enrolment", id=f"p{row}", **facts) for row, facts in enumerate(some)]
    plans = plans_of(people, "acsm-150-75", training)
    for row in range(len(people)):
        assert_agrees(plans, row)


def test_nobody_cleared_is_an_answer_too() -> None:
    """A cohort of people who may not train gets no weeks, and no error."""
    plans = plans_of([Patient.from_dict({"id": "p"})] * 3, "acsm-150-75")
    assert not plans.given.any()
    assert plans.doses.shape == (3, WEEKS, 7)
    assert not plans.doses.any()


@pytest.mark.parametrize(
    ("start", "weeks"), [(AS_OF, 0), (AS_OF, 105), (date(2026, 11, 1), 12), (date(2027, 2, 1), 12)]
)
def test_impossible_times_are_refused(start: date, weeks: int) -> None:
    """As for one patient: too few or many weeks, a start before the decisions or long after."""
    decisions = screen_cohort(
        Cohort.from_patients([typical("dk-2015", "enrolment")]), PROTOCOL, stage="enrolment", as_of=AS_OF
    )
    with pytest.raises(PlanError):
        prescribe_cohort(decisions, "dk-2015-group", target="dk-2014", start=start, weeks=weeks)


def test_more_patients_share_the_same_rows() -> None:
    """Prescribing for a person is a look-up: the table grows with the kinds of people, not with their number."""
    person = typical("dk-2015", "enrolment")
    assert plans_of([person] * 200, "dk-2014").table.shape[0] == 1
