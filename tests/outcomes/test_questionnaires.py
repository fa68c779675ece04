"""Questionnaires: the points of the scorings' own examples, and that what is missing never makes a score better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import FieldError, InputFileError
from exrx.outcomes.questionnaires import find_questionnaire, load_questionnaires
from exrx.outcomes.scoring import score

NAN = float("nan")
FORMS = sorted(load_questionnaires())


@st.composite
def filled(draw, gaps=True):
    """A questionnaire with a few filled forms, some answers missing."""
    form = find_questionnaire(draw(st.sampled_from(FORMS)))
    answer = [st.integers(*ends).map(float) for ends in form.ranges]
    if gaps:
        answer = [st.one_of(one, st.just(NAN)) for one in answer]
    return form, np.array(draw(st.lists(st.tuples(*answer), min_size=1, max_size=5)))


@given(filled(), st.data())
@settings(max_examples=150)
def test_the_interval_of_a_sum_holds_every_way_to_fill_the_gaps(made, data):
    """Whatever the missing answers turn out to be, the sum lies between the ends, and so does its level."""
    form, answers = made
    whole = answers.copy()
    for row, item in np.argwhere(np.isnan(answers)):
        whole[row, item] = data.draw(st.integers(*form.ranges[item]))
    before, after = score(form, answers), score(form, whole)
    for name, scale in form.scales.items():
        if scale.count == "sum":
            assert (before.low[name] <= after.low[name]).all()
            assert (after.low[name] == after.high[name]).all()
            assert (after.high[name] <= before.high[name]).all()
    for cut_off in form.cut_offs.values():
        if form.scales[cut_off.scale].count == "sum":
            least, most = before.levels(cut_off)
            level, same = after.levels(cut_off)
            assert (level == same).all()
            assert ((least <= level) & (level <= most)).all()


@given(filled(gaps=False))
@settings(max_examples=100)
def test_a_linear_scale_is_0_to_100_and_turns_its_function_scales(made):
    """Best answers give 100 on a scale where higher is better, and 0 on a scale of symptoms."""
    form, answers = made
    scores = score(form, answers)
    for name, scale in form.scales.items():
        assert not np.isnan(scores.low[name]).any()
        if scale.count == "linear":
            columns = [item - 1 for item in scale.items]
            lowest, highest = form.ranges[columns[0]]
            by_hand = (answers[:, columns].mean(axis=1) - lowest) / (highest - lowest) * 100
            np.testing.assert_allclose(scores.low[name], 100 - by_hand if scale.turned else by_hand)


def qlq(**items):
    answers = np.full((1, 30), NAN)
    for item, answer in items.items():
        answers[0, int(item[1:]) - 1] = answer
    return score("qlq-c30", answers)


def test_the_qlq_c30_gives_the_scoring_programs_own_examples():
    """Five vectors worked out by hand from the published formulas (function, symptom, global, the rule of half)."""
    assert qlq(q1=1, q2=2, q3=1, q4=1, q5=1).low["physical"][0] == pytest.approx(93.33, abs=0.005)
    assert qlq(q10=2, q12=3, q18=2).low["fatigue"][0] == pytest.approx(44.44, abs=0.005)
    assert qlq(q29=5, q30=6).low["global-health"][0] == 75
    assert qlq(q1=1, q2=2, q5=1).low["physical"][0] == pytest.approx(88.89, abs=0.005)
    assert np.isnan(qlq(q1=1, q2=2).low["physical"][0])
    assert qlq(q21=1, q23=3).low["emotional"][0] == pytest.approx(66.67, abs=0.005)


def test_the_summary_score_needs_all_thirteen_scales_and_neither_global_health_nor_money():
    """The mean of thirteen scales with the symptoms turned; one missing scale and there is none."""
    best = np.ones((1, 30))
    best[0, [27, 28, 29]] = NAN
    assert score("qlq-c30", best).low["summary"][0] == 100
    best[0, 7] = NAN
    assert np.isnan(score("qlq-c30", best).low["summary"][0])


def test_an_answer_that_the_form_does_not_have_refuses_the_form_and_no_other():
    """A 5 where 0 to 3 can be answered: no score of that form, and the next row is scored."""
    scores = score("phq-9", [[1, 1, 5, 1, 1, 1, 1, 1, 0], [1] * 8 + [0], [0.5] + [1] * 8])
    assert scores.refused.tolist() == [True, False, True]
    assert np.isnan(scores.low["total"][[0, 2]]).all()
    assert scores.score("total")[1] == 8


def test_item_nine_of_the_phq_9_sounds_whatever_the_total_and_is_asked_for_where_it_is_empty():
    """1 is an alarm in a form with a total of 1; an empty item is neither yes nor no."""
    scores = score("phq-9", [[0] * 8 + [1], [3] * 8 + [0], [0] * 8 + [NAN]])
    assert scores.alarms["item-9"].tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    ("cut_off", "total", "level"),
    [("oversigt-3", 4, "none"), ("oversigt-3", 5, "low"), ("oversigt-3", 8, "moderate"), ("oversigt-3", 15, "high"),
     ("general", 9, "mild"), ("general", 10, "moderate"), ("cancer-outpatients", 7, "none"),
     ("cancer-outpatients", 8, "possible")],
)  # fmt: skip
def test_levels_begin_at_the_printed_edge(cut_off, total, level):
    """The edge itself belongs to the higher level."""
    answers = [[min(3, max(0, total - 3 * place)) for place in range(9)]]
    scores = score("phq-9", answers)
    assert scores.score("total")[0] == total
    words = scores.form.cut_off(cut_off).words
    assert {words[int(end[0])] for end in scores.levels(cut_off)} == {level}


def test_facit_counts_its_items_from_the_other_end():
    """All answers 0: 11 items turned to 4 each, items 7 and 8 stay 0."""
    assert score("facit-fatigue", [[0] * 13]).score("total")[0] == 44


def test_unverified_cut_offs_say_so_and_every_number_has_a_source():
    """What was only recalled is marked so: in particular our own proposal for the levels of Oversigt III."""
    for form in load_questionnaires().values():
        for cut_off in form.cut_offs.values():
            assert cut_off.source
            recalled = cut_off.source.startswith("recalled-")
            assert (cut_off.verified == "unverified") == recalled, (form.id, cut_off.id)


def test_an_empty_form_is_not_scored_as_zero():
    """Nothing answered: the whole range of a sum is open, and a linear scale has no score."""
    empty = score("phq-9", [[NAN] * 9])
    assert (empty.low["total"][0], empty.high["total"][0], empty.answered[0]) == (0, 27, 0)
    assert np.isnan(empty.score("total")[0])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: find_questionnaire("phq9"), FieldError, "Did you mean 'phq-9'"),
        (lambda: score("phq-9", [[1, 2]]), InputFileError, "9 items"),
        (lambda: score("phq-9", [["a"] * 9]), InputFileError, "must be numbers"),
        (lambda: score("phq-9", [[1] * 9]).levels("danish"), FieldError, "it has: general"),
        (lambda: score("phq-9", [[1] * 9]).score("sum"), FieldError, "it has: total"),
    ],
)
def test_a_wrong_call_says_what_there_is(call, error, words):
    """The message names the forms, items, scales or cut-offs that exist."""
    with pytest.raises(error, match=words):
        call()
