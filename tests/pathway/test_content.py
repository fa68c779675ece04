"""Oversigt III and IV, late effects, and rehabilitation together with palliation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathway_builders import AS_OF, PLAN, WELL, asked, the_pathway

from exrx.pathway.forks import ANSWERS
from exrx.pathway.read import read_course
from exrx.pathway.state import pathway
from exrx.pathway.vocabulary import load_vocabulary

# Oversigt III


def phq(*answers):
    return [{"form": "phq-9", "date": "2026-11-20", "answers": list(answers)}]


def test_oversigt_3_a_positive_item_nine_is_an_emergency_whatever_the_sum():
    """III.A and R39: one point on item 9 and nothing else."""
    found = the_pathway(questionnaires=phq(0, 0, 0, 0, 0, 0, 0, 0, 1)).psychosocial
    assert (found.emergency, found.provider, found.most) == (True, "emergency", "none")


@pytest.mark.parametrize(
    ("answers", "least", "most", "provider"),
    [((0,) * 9, "none", "none", "none"), ((1,) * 5 + (0,) * 4, "low", "low", "programme"),
     ((2,) * 8 + (0,), "high", "high", "refer"), ((1,) * 5 + (None,) * 3 + (0,), "low", "moderate", "programme")],
)  # fmt: skip
def test_oversigt_3_the_level_is_that_of_the_highest_form_and_open_where_answers_lack(answers, least, most, provider):
    """None, low, moderate, high; marked unverified; high is referred."""
    found = the_pathway(questionnaires=phq(*answers)).psychosocial
    assert (found.least, found.most, found.provider, found.unverified) == (least, most, provider, True)


def test_a71_3_without_a_form_and_without_a_wish_there_is_no_psychosocial_suggestion():
    """Section 7.1: no method is offered out of the blue; a wish opens all of them, in no order."""
    assert the_pathway(assessments=[asked()]).psychosocial.methods == ()
    wished = the_pathway(assessments=[asked(psychosocial={"problem": "yes", "wants_help": "yes"})]).psychosocial
    assert set(wished.methods) == set(load_vocabulary().keys("psychosocial_methods"))


def test_iii_d_work_factors_are_counted_and_the_workplace_waits_for_consent():
    """Nine factors as a list without a weight; no and unknown consent both keep the workplace out."""
    answers = {"work_job_demands": "yes", "work_long_sick_leave": "yes"}
    found = the_pathway(answers=answers).work
    assert set(found.factors) == {"job_demands", "long_sick_leave"}
    assert len(found.factors) + len(found.not_asked) == 9
    assert found.workplace_allowed == "unknown"
    assert the_pathway(answers=answers | {"workplace_consent": "yes"}).work.workplace_allowed == "yes"


def test_a75_4_a_work_problem_with_training_only_is_warned_about():
    """Body-only efforts have little effect on work."""
    work = asked(work={"problem": "yes", "wants_help": "yes"})
    assert the_pathway(assessments=[work], plan=PLAN).work.body_only is True
    both = PLAN | {"contents": {"physical-training": "planned", "work": "planned"}}
    assert the_pathway(assessments=[work], plan=both).work.body_only is False


def test_iii_e_everyday_problems_open_three_kinds_of_effort():
    """ADL: training, strategies, surroundings."""
    found = the_pathway(assessments=[asked(everyday={"problem": "yes", "wants_help": "yes"})])
    assert set(found.everyday) == set(load_vocabulary().keys("everyday_efforts"))


# Oversigt IV


SOCIAL = st.fixed_dictionaries({}, optional={
    "education": st.sampled_from(["short", "medium", "long"]), "lives_alone": st.sampled_from(["yes", "no"]),
    "language_support_needed": st.sampled_from(["yes", "no"]),
})  # fmt: skip


@given(SOCIAL, st.dictionaries(st.sampled_from(["low_income", "relatives_need_help", "children_at_home",
                                                "prefers_mens_group"]), st.sampled_from(ANSWERS)))  # fmt: skip
@settings(max_examples=40)
def test_oversigt_4_social_facts_only_add_support(social, answers):
    """IV.A to IV.C: the walk, setting, clearance and track are those of the same person without them."""
    plain = pathway(read_course({"id": "p", "patient": WELL, "assessments": [asked()]}), as_of=AS_OF)
    found = pathway(read_course({"id": "p", "patient": WELL | social, "answers": answers, "assessments": [asked()]}),
                    as_of=AS_OF)  # fmt: skip
    assert found.steps == plain.steps
    assert (found.decision.clearance, found.decision.track) == (plain.decision.clearance, plain.decision.track)
    wanted = {"contact"} if social.get("education") == "short" or social.get("lives_alone") == "yes" else set()
    assert wanted <= {entry.support for entry in found.supports}


def test_iv_c_the_relatives_and_children_are_asked_about_until_somebody_has():
    """A4-13 and A83: two questions stand there from the start; answered they go, or become a support."""
    assert {"ask-relative", "ask-children"} <= {entry.support for entry in the_pathway().supports}
    done = the_pathway(answers={"relatives_asked": "yes", "children_at_home": "yes", "relatives_need_help": "yes"})
    assert {entry.support for entry in done.supports} == {"children", "relative-support"}


def test_iv_b_options_for_men_are_offered_by_wish_and_never_by_sex():
    """A82-3: a man who did not ask gets none, a woman who asks does."""
    man = pathway(read_course({"id": "p", "patient": WELL | {"sex": "male"}}), as_of=AS_OF)
    assert "function-framing" not in {entry.support for entry in man.supports}
    woman = the_pathway(answers={"prefers_function_focus": "yes"})
    assert "function-framing" in {entry.support for entry in woman.supports}


def test_a71_late_effects_are_suggested_by_disease_and_operation():
    """Lymphoedema after breast surgery, pelvic floor after prostate surgery, neither without an operation."""
    operated = {"last_surgery": "2026-06-01"}
    breast = pathway(read_course({"id": "p", "patient": WELL | operated}), as_of=AS_OF).late_effects
    man = WELL | operated | {"cancer_type": "prostate", "sex": "male"}
    prostate = pathway(read_course({"id": "p", "patient": man}), as_of=AS_OF).late_effects
    assert [entry.effect for entry in breast] == ["lymphoedema"]
    assert [entry.effect for entry in prostate] == ["pelvic-floor"]
    never = pathway(read_course({"id": "p", "patient": WELL | {"last_surgery": "never"}}), as_of=AS_OF).late_effects
    assert never == ()


# Rehabilitation and palliation


@pytest.mark.parametrize("phase", ["none", "early", "late", "terminal"])
@pytest.mark.parametrize("condition", load_vocabulary().keys("conditions"))
def test_krp_no_phase_of_any_illness_excludes_and_both_sides_can_refer(phase, condition):
    """B3, B7 and B16: placed like everybody else; an advanced phase asks for a palliative needs assessment."""
    made = read_course({"id": "p", "condition": condition, "patient": WELL | {"palliative_phase": phase},
                        "assessments": [asked(physical={"problem": "yes", "wants_help": "yes"})]})  # fmt: skip
    found = pathway(made, as_of=AS_OF)
    assert found.palliation.excludes is False
    assert found.setting in ("municipality", "hospital")
    assert found.palliation.refer_to_rehabilitation == "yes"
    assert found.palliation.needs_assessment == ("ask" if phase == "none" else "consider")


@pytest.mark.parametrize("indicator", load_vocabulary().keys("palliative_indicators"))
def test_krp_each_indicator_asks_for_a_palliative_needs_assessment_also_when_the_aim_is_cure(indicator):
    """Never a prognosis: the answer is to consider an assessment."""
    found = the_pathway(answers={indicator: "yes"}).palliation
    assert (found.needs_assessment, found.indicators, found.refer_to_palliation) == ("consider", (indicator,), "yes")


def test_krp_figure_1_is_a_checklist_in_three_dimensions_and_a_context_without_a_score():
    """B12: free answers come back as they were given; nothing is added up."""
    said = {"patient": "tired", "organisational": "two teams", "context": "short funding"}
    found = the_pathway(checklist=said).palliation
    assert dict(found.dimensions) == {"patient": "tired", "professional": "", "organisational": "two teams",
                                      "context": "short funding"}  # fmt: skip
