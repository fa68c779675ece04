"""Needs, requirements and the whole course: who is asked what, when, and what a plan lacks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathway_builders import AS_OF, DOMAINS, PLAN, WELL, asked, course, the_pathway

from exrx.pathway.forks import ANSWERS
from exrx.pathway.needs import assess, due_assessments, need_of, needs_help
from exrx.pathway.planning import missing_parts, requirements
from exrx.pathway.read import read_course
from exrx.pathway.record import Assessment, DomainAnswer
from exrx.pathway.state import pathway
from exrx.pathway.vocabulary import load_vocabulary

ANSWER = st.builds(DomainAnswer, st.sampled_from(ANSWERS), st.sampled_from(["yes", "no", "later", "unknown"]))


# Need


@given(st.dictionaries(st.sampled_from(DOMAINS), ANSWER))
@settings(max_examples=200)
def test_a_need_is_denied_only_where_every_domain_was_asked(domains):
    """Requirement 1: a domain that nobody asked, or a problem whose wish nobody asked, keeps the need open."""
    found = assess(Assessment(AS_OF, "other", "diagnosis", "", domains))
    answers = [needs_help(domains.get(name, DomainAnswer())) for name in DOMAINS]
    assert found.value == ("yes" if "yes" in answers else "unknown" if "unknown" in answers else "no")
    assert set(found.not_asked) == {name for name, answer in zip(DOMAINS, answers, strict=True) if answer == "unknown"}


def test_a_problem_without_a_wish_for_help_is_no_need_and_a_later_wish_is():
    """Problem is not need (2.1): no help wanted closes it, "later" keeps it."""
    assert needs_help(DomainAnswer("yes", "no")) == "no"
    assert needs_help(DomainAnswer("yes", "later")) == "yes"
    assert needs_help(DomainAnswer("yes", "unknown")) == "unknown"


@given(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS))
def test_a6_14_a_need_signed_by_a_physician_cannot_be_downgraded(later, loss):
    """Section 6: a signed yes stands, whatever a later signature, assessment or measurement says."""
    made = course(
        medical_need=[
            {"value": "yes", "signed_by": "treating", "date": "2026-10-01"},
            {"value": later, "signed_by": "gp", "date": "2026-11-01"},
        ],
        assessments=[asked()],
    )
    found = need_of(made, AS_OF, loss)
    assert (found.value, found.because) == ("yes", "signed")


@pytest.mark.parametrize("event", load_vocabulary().keys("triggers"))
def test_a4_1_every_defined_time_asks_for_an_assessment_until_one_is_made(event):
    """I.1 and A4-1: due from the event, overdue after its last day, answered by a later assessment."""
    asking = course(events=[{"date": "2026-10-01", "event": event}])
    [due] = due_assessments(asking, AS_OF)
    assert (due.trigger, due.overdue) == (event, True)
    assert due_assessments(asking, date(2026, 9, 30)) == ()
    assert due_assessments(course(events=[{"date": "2026-10-01", "event": event}], assessments=[asked()]), AS_OF) == ()


def test_i_1_an_assessment_is_due_at_discharge_at_the_latest():
    """Overdue the day after discharge; one made for the discharge in the weeks before answers it."""
    event = [{"date": "2026-11-18", "event": "discharge"}]
    assert due_assessments(course(events=event), date(2026, 11, 18))[0].overdue is False
    assert due_assessments(course(events=event), date(2026, 11, 19))[0].overdue is True
    before = asked() | {"date": "2026-11-10", "trigger": "discharge"}
    assert due_assessments(course(events=event, assessments=[before]), AS_OF) == ()


@pytest.mark.parametrize("tool", ["nordjylland", "sjaelland"])
def test_a5_1_a_form_without_the_thermometer_is_whole_without_its_score(tool):
    """A5-1 and A5-9: the score is absent by design, and nothing is missing for it."""
    made = course(assessments=[asked() | {"tool": tool}])
    assert made.problems == ()
    assert made.assessments[0].distress is None
    assert load_vocabulary().lists["tools"][tool]["thermometer"] == "no"


# The three requirements and the plan


@pytest.mark.parametrize("part", load_vocabulary().keys("parts"))
def test_requirement_3_a_plan_without_one_of_its_six_parts_lacks_exactly_that(part):
    """Content, responsible, purpose, evaluation, coordination, informed (A4-4)."""
    keys = {"content": ("content", "contents"), "coordination": ("coordination",)}.get(part, (part,))
    made = course(plan={key: value for key, value in PLAN.items() if key not in keys})
    assert missing_parts(made.plan) == (part,)


def test_requirement_3_a_plan_has_exactly_one_coordinator():
    """Two leads are none: coordination is missing, and a task names it (B15)."""
    found = the_pathway(plan=PLAN | {"coordinator": ["gp", "contact-nurse"]}, assessments=[asked(physical={
        "problem": "yes", "wants_help": "yes"})])  # fmt: skip
    assert missing_parts(found.course.plan) == ("coordination",)
    assert "one-coordinator" in {task.what for task in found.tasks}


def test_requirement_2_a_domain_in_need_asks_for_an_in_depth_examination():
    """Met once the domain was examined; with the need unknown it cannot be settled."""
    need = asked(physical={"problem": "yes", "wants_help": "yes"})
    before = the_pathway(assessments=[need]).requirements[1]
    after = the_pathway(assessments=[need], examinations={"physical": "2026-11-21"}).requirements[1]
    assert (before.met, before.lacking, after.met) == ("no", ("physical",), "yes")
    made = course()
    assert requirements(made, need_of(made, AS_OF, "unknown"), ())[1].met == "unknown"


def test_requirement_1_is_met_once_nothing_is_due():
    """An assessment after the event meets it."""
    event = [{"date": "2026-11-01", "event": "end-of-treatment"}]
    assert the_pathway(events=event).requirements[0].met == "no"
    assert the_pathway(events=event, assessments=[asked()]).requirements[0].met == "yes"


# Oversigt I as a whole


def test_oversigt_1_a_survivor_without_risk_goes_to_the_municipality_and_through_the_course():
    """I.1 to I.9 in order, and again to I.1; the same course without the measures after stands in the content."""
    parts = {
        "assessments": [asked(physical={"problem": "yes", "wants_help": "yes"})], "plan": PLAN,
        "goals": [{"text": "stairs", "type": "function", "before": -1, "after": 1}],
        "measurements": [{"date": "2026-08-01", "measure": "6mwt", "value": 400, "when": "pre"},
                         {"date": "2026-11-01", "measure": "6mwt", "value": 450, "when": "post"}],
    }  # fmt: skip
    found = the_pathway(**parts)
    assert [step.node for step in found.steps] == [
        "needs-assessment", "need", "risk-assessment", "no-special-risk", "municipality", "pre-measurement", "content",
        "post-measurement", "again",
    ]  # fmt: skip
    assert the_pathway(**parts | {"measurements": parts["measurements"][:1]}).here.node == "content"


def test_oversigt_1_a_child_is_a_specialist_task_and_gets_no_course():
    """Section 8.4: 17 is a specialist task; an unknown age is asked first."""
    assert pathway(read_course({"id": "p", "patient": WELL | {"age": 17}}), as_of=AS_OF).here.node == "specialist"
    unknown = {key: value for key, value in WELL.items() if key != "age"}
    assert pathway(read_course({"id": "p", "patient": unknown}), as_of=AS_OF).here.because == "age-unknown"


def test_oversigt_1_nothing_known_places_nobody():
    """A blank person: no setting, and the first thing to do is an assessment."""
    found = pathway(read_course({"id": "p", "patient": {"age": 60}}), as_of=AS_OF)
    assert (found.setting, found.here.node) == ("", "needs-assessment")
    assert "assess" in {task.what for task in found.tasks}
