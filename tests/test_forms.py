"""Forms make "asked, no" sayable: the shipped ones, what a filled one answers, and files that are refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import ProtocolError
from exrx.fields import NO, YES, Members
from exrx.forms import Form, form_of, load_forms, read_form, ticked_value, unticked_value
from exrx.knowledge import know
from exrx.patient import Patient
from exrx.yamlread import read_yaml_text
from tests.strategies import AS_OF, DICTIONARY, FIELDS, FORMS, junk

DOOR = FORMS["door"]
TODAY = AS_OF.isoformat()


def filled(*yes: str, form: str = "door", day: object = TODAY) -> dict:
    return {"form": form, "date": day, "role": "nurse", "yes": list(yes)}


def known(*forms: object, **fields: object):
    return know(Patient.from_dict({"forms": list(forms)} | fields), DICTIONARY, AS_OF)


# ---- the shipped forms ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_shipped_form_says_what_an_unticked_box_means(form):
    """Each covered field has an answer for "asked, no", and nothing is asked twice or measured and asked."""
    assert form.covers == tuple(name for question in form.questions for name in question.covers)
    assert not set(form.covers) & set(form.measure)
    for name in form.covers:
        entry = DICTIONARY.fields[name]
        assert form.unticked[name] == unticked_value(entry) != ticked_value(entry)
        assert form.question_of(name).covers.count(name) == 1
        assert entry.worse.kind != "no", f"silence about '{name}' would be the worse answer"
    for question in form.questions:
        assert question.text.keys() == form.title.keys() == {"da", "en"}


def test_the_door_form_is_short():
    """At most eight questions, and the vital signs to measure."""
    assert len(DOOR.questions) <= 8
    assert {"systolic_bp", "diastolic_bp", "resting_heart_rate", "temperature"} <= set(DOOR.measure)


def test_gates_and_baselines_are_never_answered_by_silence():
    """A clearance nobody gave is not a clearance."""
    for form in FORMS.values():
        assert {DICTIONARY.fields[name].group for name in form.covers}.isdisjoint({"gates", "baseline"})
        assert "deceased" not in form.covers


# ---- what a filled form answers ---------------------------------------------------------------------------------


@given(st.sampled_from(sorted(FORMS)), st.data())
@settings(max_examples=100)
def test_a_form_answers_exactly_what_it_covers(name, data):
    """Ticked, opened and unticked are the covered fields in three heaps; ticking more never adds a "no"."""
    form = FORMS[name]
    names = st.sampled_from([*form.covers, *(question.id for question in form.questions)])
    yes = data.draw(st.sets(names, max_size=5))
    answers = form.answers(yes)
    assert answers.strangers == ()
    heaps = [set(answers.ticked), set(answers.opened), set(answers.unticked)]
    assert set.union(*heaps) == set(form.covers)
    assert sum(map(len, heaps)) == len(form.covers)
    fewer = form.answers(set(list(yes)[1:]))
    assert set(answers.unticked) <= set(fewer.unticked)


@given(st.sets(st.text(max_size=12), max_size=4))
@settings(max_examples=50)
def test_any_tick_means_something_or_is_a_stranger(yes):
    """No tick raises and none is lost."""
    answers = DOOR.answers(yes)
    assert set(answers.strangers) <= yes
    assert len(answers.strangers) + len(answers.ticked) + len(answers.opened) >= min(len(yes), 1)


@given(st.sampled_from(FIELDS))
def test_a_ticked_field_is_never_answered_with_no(entry):
    """Whatever form lists it, covered or not."""
    possible = DOOR.answers([entry.name]).ticked[entry.name]
    assert possible == ticked_value(entry)
    assert unticked_value(entry) is None or possible != unticked_value(entry)


def test_silence_on_a_filled_form_is_no_and_without_one_unknown():
    """The whole point of a form."""
    without, with_form = known(), known(filled())
    for name in DOOR.covers:
        assert without.state[name] == DICTIONARY.fields[name].unknown
        assert with_form.state[name] == DOOR.unticked[name]
        assert with_form.inputs[name].origin == "form:door"
    assert {said.state for said in with_form.inputs.values()} == {"known"}


def test_a_ticked_question_that_covers_several_leaves_them_unknown():
    """At least one is yes; until it is said which, none is answered. A question with one field is that field."""
    state = known(filled("cord", "saddle_numbness", "tired")).state
    assert state["saddle_numbness"] == state["extreme_fatigue"] == YES
    assert state["gait_unsteady_new"] == state["bladder_bowel_disturbance"] == NO | YES
    assert state["chest_pain"] == NO


def test_ticks_of_choices_sets_and_dates_say_no_more_than_they_know():
    """A ticked "line" is some line; a ticked operation is some day; ticked sites are some sites."""
    ticks = filled("line", "last_surgery", "bone_metastasis_sites", form="enrolment")
    state = known(ticks).state
    assert state["bone_metastases"] == YES, "ticked sites are metastases"
    assert state["line"] == DICTIONARY.fields["line"].every_option & ~1
    assert state["last_surgery"] == DICTIONARY.fields["last_surgery"].unknown
    assert state["bone_metastasis_sites"] == Members(0, 0b1111111)
    silent = known(filled(form="enrolment")).state
    assert (silent["line"], silent["bone_metastasis_sites"]) == (1, Members(0, 0))
    assert silent["last_surgery"] == DICTIONARY.fields["last_surgery"].never


def test_a_risk_ticked_on_the_wrong_form_is_not_lost():
    """Lymphoedema is not asked at the door; whoever writes it there still said it."""
    knowledge = known(filled("lymphoedema"))
    assert knowledge.state["lymphoedema"] == YES
    assert knowledge.problems == ()


# ---- forms that cannot be read ----------------------------------------------------------------------------------

BROKEN = [
    (filled("chest_pain", day="23/11"), "impossible-date"),
    (filled("chest_pain", day="2027-01-01"), "future-date"),
    (filled("chest_pain", form="dor"), "unknown-form"),
    (filled("chest_pain", "dizzines"), "not-on-form"),
    ({"form": "door", "date": TODAY}, "wrong-shape"),
    ({"form": "door", "date": TODAY, "yse": ["chest_pain"]}, "wrong-shape"),
    ({"form": "door", "date": TODAY, "yes": "chest_pain"}, "wrong-shape"),
    ({"form": ["door"], "date": TODAY, "yes": ["chest_pain", 5]}, "wrong-shape"),
    ("door", "wrong-shape"),
]


@pytest.mark.parametrize(("form", "code"), BROKEN, ids=[f"{i}-{code}" for i, (_, code) in enumerate(BROKEN)])
def test_a_broken_form_answers_nothing_with_no_and_keeps_what_was_ticked(form, code):
    """A misspelt tick must not turn into "no", and a reported risk must not disappear."""
    patient = Patient.from_dict({"forms": [form]})
    knowledge = know(patient, DICTIONARY, AS_OF)
    assert [problem.code for problem in knowledge.problems] == [code]
    ticked = isinstance(form, dict) and isinstance(form.get("yes"), list)
    assert knowledge.state["chest_pain"] == (YES if ticked else NO | YES)
    assert {name for name in DOOR.covers if knowledge.state[name] == NO} == set()
    assert Patient.from_dict(patient.to_dict()) == patient


@given(st.lists(st.dictionaries(st.sampled_from(["form", "date", "yes", "role", "by"]), junk(), max_size=4) | junk()))
@settings(max_examples=100)
def test_junk_forms_answer_nothing(forms):
    """No pile of paper clears a patient."""
    knowledge = know(Patient.from_dict({"forms": forms}), DICTIONARY, AS_OF)
    assert {name for name in DOOR.covers if knowledge.state[name] == NO} == set()


# ---- forms against values, and against each other ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form_day", "expected"),
    [
        ("no", TODAY, NO | YES),  # undated counts as today's; a tick against a no of the same day is open again
        ({"value": "no", "date": TODAY}, TODAY, NO | YES),
        ({"value": "no", "date": "2026-11-22"}, TODAY, YES),
        ({"value": "no", "date": "2026-11-23"}, "2026-11-22", NO),
        ({"value": "no", "date": "2026-11"}, TODAY, YES),  # the month ends later, but not before the form
        ({"value": "unknown", "date": TODAY}, TODAY, NO | YES),
        ({"value": "maybe", "date": TODAY}, TODAY, NO | YES),
        ({"value": "maybe", "date": "2026-11-22"}, TODAY, YES),
        ({"value": "no", "date": "soon"}, TODAY, NO | YES),
        (None, TODAY, YES),
    ],
)
def test_the_newer_of_form_and_value_decides_even_when_unusable(value, form_day, expected):
    """`chest_pain` ticked on a form, and something else said about it."""
    state = known(filled("chest_pain", day=form_day), chest_pain=value).state
    assert state["chest_pain"] in (expected, NO | YES if "2026-11'" in str(value) else expected)


def test_where_it_is_open_which_is_newer_both_are_possible():
    """A value of "November" against a form of the 10th: neither may win."""
    state = known(
        filled("lymphoedema", form="enrolment", day="2026-11-10"), lymphoedema={"value": "no", "date": "2026-11"}
    ).state
    assert state["lymphoedema"] == NO | YES
    state = known(
        filled("lymphoedema", form="enrolment", day="2026-10"), lymphoedema={"value": "no", "date": "2026-11"}
    ).state
    assert state["lymphoedema"] == NO


@pytest.mark.parametrize("reverse", [False, True])
def test_the_newest_form_decides_and_of_the_same_day_the_tick(reverse):
    """Whatever order the forms are listed in."""
    older, newer, again = filled("new_lymphoedema", day="2026-11-22"), filled(), filled("chest_pain")
    forms = [older, newer, again]
    state = known(*(reversed(forms) if reverse else forms)).state
    assert (state["new_lymphoedema"], state["chest_pain"]) == (NO, YES)


def test_a_form_expires_like_any_other_answer():
    """Yesterday's "no" at the door says nothing about today; yesterday's "yes" still does."""
    knowledge = known(filled("chest_pain", day="2026-11-22"))
    assert (knowledge.state["chest_pain"], knowledge.state["syncope"]) == (YES, NO | YES)
    assert knowledge.inputs["syncope"].state == "expired"


def test_an_undated_form_says_no_to_nothing_and_keeps_its_ticks():
    """A form speaks for the day it was filled in; without a day only what was ticked counts."""
    knowledge = known(filled("syncope", day=None))
    assert knowledge.state["chest_pain"] == NO | YES
    assert knowledge.state["syncope"] == YES
    assert [problem.code for problem in knowledge.problems] == ["undated-form"]


def test_a_misspelt_tick_leaves_the_field_it_probably_meant_open():
    """Another form's no does not settle what somebody tried to tick."""
    assert known(filled("chest_pian"), filled()).state["chest_pain"] == NO | YES


# ---- form files -------------------------------------------------------------------------------------------------

GOOD = """
id: short
version: 1
title: {da: Kort, en: Short}
role: nurse
questions:
  - {id: pain, text: {da: Smerter?, en: Pain?}, covers: [chest_pain, dizziness]}
measure: [temperature]
"""


def form_from(text: str) -> Form:
    return form_of(read_yaml_text(text, "short.yaml"), DICTIONARY)


def test_a_form_reads_from_its_file(tmp_path):
    """One role or a list of them."""
    path = tmp_path / "short.yaml"
    path.write_text(GOOD, encoding="utf-8")
    form = read_form(path, DICTIONARY)
    assert (form.id, form.version, form.roles, form.measure) == ("short", "1", ("nurse",), ("temperature",))
    assert form.answers(["pain"]).opened.keys() == {"chest_pain", "dizziness"}
    own = Patient.from_dict({"forms": [filled(form="short")]}, forms={"short": form})
    assert know(own, DICTIONARY, AS_OF).state["chest_pain"] == NO
    assert load_forms() is load_forms()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("dizziness]", "dizzyness]", "unknown-field", 7),
        ("dizziness]", "plt]", "unknown-field", 7),
        ("dizziness]", "chest_pain]", "duplicate-field", 7),
        ("dizziness]", "pain]", "not-answerable", 7),
        ("dizziness]", "gp_clearance]", "not-answerable", 7),
        ("covers: [chest_pain, dizziness]", "covers: chest_pain", "wrong-shape", 7),
        ("covers:", "cover:", "unknown-key", 7),
        ("[temperature]", "[temp]", "unknown-field", 8),
        ("role: nurse", "rolle: nurse", "unknown-key", 5),
        ("version: 1\n", "", "missing-key", 2),
        ("  - {id", "  - {id: pain, text: {}, covers: []}\n  - {id", "duplicate-id", 7),
        ("{da: Smerter?,", "{da: Smerter, ondt?,", "wrong-shape", 7),
        ("{da: Kort, en: Short}", "Short", "wrong-shape", 4),
        ("  - {id", "  - pain\n  - {id", "wrong-shape", 7),
    ],
)
def test_a_faulty_form_is_refused_with_the_place(old, new, code, line):
    """Every fault of the file at once, each with code, line and what to do."""
    assert old in GOOD
    with pytest.raises(ProtocolError) as caught:
        form_from(GOOD.replace(old, new))
    assert (code, line) in [(fault.code, fault.location.line) for fault in caught.value.diagnostics]
    assert all(fault.location.file == "short.yaml" for fault in caught.value.diagnostics)


def test_a_form_that_is_no_block_is_refused():
    """A list is no form."""
    with pytest.raises(ProtocolError):
        form_from("- a")
    assert date(2026, 11, 23) == AS_OF


# ---- items left blank -------------------------------------------------------------------------------------------


@pytest.mark.hazard("unknown-read-as-no")
@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from([question.id for question in DOOR.questions])), st.data())
def test_an_item_left_blank_says_neither_yes_nor_no(blank, data):
    """Of a form only the items that were answered are answered; what was left blank stays unknown."""
    asked = [question for question in DOOR.questions if question.id not in blank]
    ticked = data.draw(st.sets(st.sampled_from([name for question in asked for name in question.covers] or ["x"])))
    yes = sorted(ticked - {"x"})
    state = known({**filled(*yes), "unanswered": sorted(blank)}).state
    whole = known(filled(*yes)).state
    for question in DOOR.questions:
        for name in question.covers:
            if question.id in blank and name not in DOOR.answers(yes).ticked:
                assert state[name] == DICTIONARY.fields[name].unknown
            else:
                assert state[name] == whole[name]


def test_a_blank_item_ends_an_earlier_no_and_undoes_no_yes():
    """Yesterday's "no" is not renewed by a blank, and neither a recorded nor a ticked risk is undone by one."""
    yesterday = (AS_OF - timedelta(days=1)).isoformat()
    earlier = filled(form="enrolment", day=yesterday)
    blank = {**filled(form="enrolment"), "unanswered": ["brain"]}
    assert known(earlier).state["brain_metastases"] == NO
    assert known(earlier, blank).state["brain_metastases"] == DICTIONARY.fields["brain_metastases"].unknown
    assert known(blank, brain_metastases={"value": "yes", "date": yesterday}).state["brain_metastases"] == YES
    assert known({**earlier, "yes": ["brain"]}, blank).state["brain_metastases"] == YES
    assert known(blank, brain_metastases={"value": "no", "date": TODAY}).state["brain_metastases"] == NO
    unknown = DICTIONARY.fields["brain_metastases"].unknown
    assert known(blank, brain_metastases={"value": "no", "date": yesterday}).state["brain_metastases"] == unknown


def test_a_blank_item_must_be_one_of_the_form():
    """What is no item of the form is a problem, and then the form answers nothing with no."""
    found = Patient.from_dict({"forms": [{**filled(), "unanswered": ["mood"]}]})
    assert [problem.code for problem in found.problems] == ["not-on-form"]
    assert not found.forms[0].answers
