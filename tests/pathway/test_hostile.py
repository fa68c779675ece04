"""Course JSON that is wrong on purpose: nothing forbidden is printed, nobody is lost, and no need gets smaller."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pathway_builders import AS_OF, GOP, PLAN, WELL, asked, course, the_pathway

from exrx.io.courses import read_courses
from exrx.pathway.needs import need_of, newest
from exrx.pathway.psychosocial import psychosocial
from exrx.pathway.read import read_course
from exrx.pathway.state import pathway
from exrx.pathway.to_json import pathway_dict
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report.pathway_text import sections

CPR = "010170-1234"
WHOLE = {
    "id": "p", "patient": WELL, "assessments": [asked()], "condition": "cancer", "municipality": "Aarhus",
    "medical_need": {"value": "yes", "signed_by": "treating", "date": "2026-11-10"},
    "events": [{"date": "2026-11-18", "event": "discharge"}],
    "referrals": [GOP | {"date": "2026-11-18", "needs": ["re-training"], "minutes_per_week": 120}],
    "examinations": {"physical": "2026-11-20"}, "plan": PLAN | {"what_matters_most": "the dog"},
    "goals": [{"text": "stairs", "type": "function", "before": -1, "after": 1, "weight": 2}],
    "measurements": [{"date": "2026-11-20", "measure": "6mwt", "value": 400, "when": "pre"}],
    "questionnaires": [{"form": "phq-9", "date": "2026-11-20", "answers": [0] * 9}],
    "answers": {"relatives_asked": "yes"}, "checklist": {"organisational": "two teams"},
}  # fmt: skip


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


def put(path, said):
    """The whole course with `said` at one place."""
    made = copy.deepcopy(WHOLE)
    if not path:
        return said
    part = made
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = said
    return made


PLACES = list(places(WHOLE))
ODD = st.sampled_from([
    None, True, False, 0, -1, 7, 3.5, float("nan"), float("inf"), 10**30, "", "x", "yes", "2026-13-45", "2099-01-01",
    "=1+1", "<b>", [], ["x"], [1], [[]], [None], {}, {"a": 1}, {"date": 5}, [{"date": "2026-11-20"}], "\ud800", "\x00",
])  # fmt: skip


UNSIGNED = [(("medical_need",), None), (("medical_need",), []), (("medical_need", "value"), False)]
"""Where nothing is wrong: nobody signed, or a physician signed a no."""


@given(st.sampled_from(PLACES[1:]), ODD)
@settings(max_examples=400, deadline=None)
def test_no_single_wrong_value_stops_the_reading_or_turns_a_signed_need_into_no(path, said):
    """Whatever stands where: a course comes out, and the need that a physician signed is yes or open, never no."""
    assume((path, said) not in UNSIGNED)
    made = read_course(put(path, said), "row-1")
    assert made.id
    assert need_of(made, AS_OF, "no").value in ("yes", "unknown")


@given(st.sampled_from(PLACES[1:]), ODD)
@settings(max_examples=25, deadline=None)
def test_a_course_with_a_wrong_value_still_has_all_its_sections(path, said):
    """From the reading to the last line, in both languages."""
    found = pathway(read_course(put(path, said), "row-1"), as_of=AS_OF)
    assert all(len(sections(found, lang)) > 5 for lang in ("da", "en"))
    json.dumps(pathway_dict(found))


@pytest.mark.parametrize("path", PLACES[1:], ids=str)
def test_a_cpr_number_is_refused_wherever_it_stands(path):
    """In an id, a goal, a plan, a checklist, a key or a misspelt word: it is not kept and not repeated."""
    for said in (CPR, f"call {CPR} first", {CPR: "yes"}):
        made = read_course(put(path, said), "row-1")
        shown = repr(made)
        assert CPR not in shown
        assert made.problems or made.patient.problems


def test_a_cpr_number_as_the_name_of_a_part_is_not_repeated():
    """An unknown part is named in its problem, unless the name is the number."""
    made = read_course({"id": "p", CPR: "yes"}, "row-1")
    assert made.problems
    assert CPR not in repr(made)


# What is missing, stale or contradictory never loosens


@pytest.mark.parametrize(
    "broken",
    [{"medical_need": {"value": "yes", "signed_by": "Dr Hansen", "date": "2026-11-10"}},
     {"medical_need": {"value": "yes", "signed_by": "treating", "date": "10/11-2026"}},
     {"medical_needs": {"value": "yes", "signed_by": "treating", "date": "2026-11-10"}},
     {"medical_need": {"value": "yes", "signed_by": "treating", "date": "2062-11-10"}},
     {"assessments": [asked(), {"date": "2026-11-21", "domains": {"phisical": "yes"}}]},
     {"events": [{"date": "2026-11-22", "event": "changed"}]},
     {"events": [{"date": "2026-11-22", "event": "change"}]}],
)  # fmt: skip
def test_no_need_is_not_said_while_something_that_may_say_otherwise_was_refused_or_is_due(broken):
    """The assessment says no in every domain; a need that cannot be read, or a change since, opens it again."""
    assert the_pathway(assessments=[asked()]).need.value == "no"
    found = the_pathway(**{"assessments": [asked()], **broken})
    assert found.need.value == "unknown"
    assert found.need.because in ("refused", "outdated")
    assert found.here.because == "need-unknown"


def test_of_two_assessments_on_one_day_the_one_that_needs_more_holds():
    """In either order."""
    helps = asked(physical={"problem": "yes", "wants_help": "yes"})
    for both in ([asked(), helps], [helps, asked()]):
        assert the_pathway(assessments=both).need.domains == ("physical",)


def test_a_later_assessment_that_does_not_ask_a_domain_again_leaves_its_need_standing():
    """An earlier yes stays until somebody asks again; an earlier no does not stand in for an answer."""
    first = asked(physical={"problem": "yes", "wants_help": "yes"}) | {"date": "2026-11-01"}
    later = {"date": "2026-11-20", "domains": {"nutrition": "no"}}
    found = the_pathway(assessments=[first, later]).need
    assert (found.value, found.domains) == ("yes", ("physical",))
    assert "work" in found.not_asked
    assert newest(course(assessments=[first, asked()]), AS_OF).domains["physical"].problem == "no"


def phq(day, *answers):
    return {"form": "phq-9", "date": day, "answers": list(answers)}


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_forms_on_one_day_the_worse_holds_and_its_item_nine_sounds(turned):
    """Contradictory forms of one day, in either order."""
    forms = [phq("2026-11-20", *[0] * 9), phq("2026-11-20", *[2] * 9)]
    found = psychosocial(course(questionnaires=forms[::-1] if turned else forms), AS_OF)
    assert (found.least, found.most, found.emergency) == ("high", "high", True)


def test_a_refused_form_does_not_let_an_older_one_speak_and_its_item_nine_still_sounds():
    """An answer outside the form refuses the form; the level is open, and a positive item 9 is still an emergency."""
    older = phq("2026-11-01", *[0] * 9)
    found = psychosocial(course(questionnaires=[older, phq("2026-11-20", 9, *[0] * 7, 3)]), AS_OF)
    assert (found.least, found.most, found.emergency) == ("high", "high", True)
    quiet = psychosocial(course(questionnaires=[older, phq("2026-11-20", 9, *[0] * 8)]), AS_OF)
    assert (quiet.least, quiet.most, quiet.emergency, quiet.ask_item_nine) == ("none", "high", False, True)
    undated = psychosocial(course(questionnaires=[older, phq("20/11", *[0] * 9)]), AS_OF)
    assert undated.ask_item_nine is True


@pytest.mark.parametrize(
    "later",
    [{"examinations": {"physical": "2027-01-01"}}, {"plan": PLAN | {"discussed": "2027-01-01"}},
     {"plan": PLAN | {"informed": [{"who": "gp", "date": "2027-01-01"}]}},
     {"measurements": [{"date": "2026-11-01", "measure": "6mwt", "value": 400, "when": "pre"},
                       {"date": "2027-01-01", "measure": "6mwt", "value": 450, "when": "post"}]}],
)  # fmt: skip
def test_what_is_dated_after_the_day_asked_for_has_not_happened(later):
    """An examination, a talk, a letter or a measurement of next year leaves its task open today."""
    parts = {"assessments": [asked(physical={"problem": "yes", "wants_help": "yes"})], "plan": PLAN}
    parts["goals"] = [{"text": "stairs", "type": "function", "before": -1, "after": 1}]
    found = the_pathway(**parts | later)
    open_ = {task.what for task in found.tasks}
    assert open_ & {"consider-examination", "discuss", "inform", "evaluate"}
    assert found.here.node != "again"


def test_an_assessment_of_next_year_meets_no_requirement():
    """Requirement 1 is met by what has been done."""
    assert the_pathway(assessments=[asked() | {"date": "2027-01-01"}]).requirements[0].met == "no"


@pytest.mark.parametrize("value", [None, "", "many", float("nan"), -5, 99999, True, [], "<300 m"])
def test_a_measurement_without_a_usable_value_is_no_measurement(value):
    """Nobody has been measured before by an empty cell, a minus or a text."""
    made = course(measurements=[{"date": "2026-11-20", "measure": "6mwt", "value": value, "when": "pre"}])
    assert made.measurements == ()
    assert len(made.problems) == 1


@pytest.mark.parametrize("key", ["programm", "Træningsprogram", "note", "sets"])
def test_a_referral_holds_nothing_but_what_a_referral_has(key):
    """R55: no free part through which a programme could come in."""
    made = course(referrals=[GOP | {"date": "2026-11-18", key: "3 x 10"}])
    assert made.referrals == ()
    assert "holds the need and no programme" in made.problems[0].message


def test_close_monitoring_alone_asks_for_the_specialised_level_as_it_asks_for_the_hospital():
    """The place and the level do not contradict each other; unknown monitoring leaves the level open."""
    need = [asked(physical={"problem": "yes", "wants_help": "yes"})]
    monitored = read_course({"id": "p", "patient": WELL | {"close_monitoring_needed": "yes"}, "assessments": need})
    found = pathway(monitored, as_of=AS_OF)
    assert (found.setting, found.level) == ("hospital", "specialiseret")
    unknown = read_course({"id": "p", "patient": WELL | {"close_monitoring_needed": "unknown"}, "assessments": need})
    assert pathway(unknown, as_of=AS_OF).level == ""


def test_palliation_is_not_ruled_out_while_nobody_has_asked():
    """No is said only where every indicator was asked."""
    assert the_pathway().palliation.refer_to_palliation == "unknown"
    no = dict.fromkeys(load_vocabulary().keys("palliative_indicators"), "no")
    assert the_pathway(answers=no).palliation.refer_to_palliation == "no"


def test_an_answer_under_a_name_that_does_not_exist_is_named():
    """A misspelt indicator is no silence."""
    made = course(answers={"weight_los": "yes"})
    assert (made.answers, "weight_loss" in made.problems[0].message) == ({}, True)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), "x", True, [1]])
def test_a_goal_with_an_impossible_weight_is_refused(weight):
    """Else the T score is no number."""
    made = course(goals=[{"text": "stairs", "type": "function", "before": 0, "weight": weight}])
    assert (made.goals, len(made.problems)) == ((), 1)


def test_a_key_that_stands_twice_is_not_used(tmp_path):
    """JSON keeps the last one silently; here nobody knows which was meant, and a need stays open."""
    path = tmp_path / "courses.json"
    text = json.dumps({"id": "p", "patient": WELL, "assessments": [asked()]})
    signed = ', "medical_need": {"value": "%s", "signed_by": "gp", "date": "2026-11-01"}'
    path.write_text(text[:-1] + signed % "yes" + signed % "no" + "}", encoding="utf-8")
    [made] = read_courses(path)
    assert need_of(made, AS_OF, "no").value == "unknown"
    path.write_text(text.replace('"age": 55', '"age": 15, "age": 55'), encoding="utf-8")
    [made] = read_courses(path)
    assert pathway(made, as_of=AS_OF).here.because == "age-unknown"


def test_a_course_whose_patient_has_another_id_uses_no_fact_of_that_patient():
    """Whose facts are they?"""
    made = read_course({"id": "p1", "patient": WELL | {"id": "p2"}})
    assert (made.id, made.patient.observations, made.problems[0].code) == ("p1", {}, "contradiction")


def test_one_line_that_is_no_json_does_not_stop_the_others(tmp_path):
    """JSON Lines: three lines, three people."""
    path = tmp_path / "courses.jsonl"
    path.write_text('{"id": "a"}\n{"id": "b"\n{"id": "c"}\n', encoding="utf-8")
    made = read_courses(path)
    assert [entry.id for entry in made] == ["a", "row-2", "c"]
    assert "not JSON" in made[1].problems[0].message
