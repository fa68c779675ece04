"""The safety law: what is unknown can make an answer more cautious, never less.

With D the join of the rules that fire and W the join of those that fire or are undecided, every part of W is at least
as cautious as the same part once the missing facts are known, and training is allowed only if W allows it.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_strategies import DICTIONARY, completions, conditions, knowledge_states, restrictions

from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, Not, Or
from exrx.rules.one import deciding_atoms, evaluate, open_atoms
from exrx.rules.restriction import Clearance, Track, join
from exrx.screening.verdict import GroupClass, clearance_of, track_of

GROUP_CLASS = GroupClass.of(DICTIONARY)
rules = st.lists(st.tuples(conditions(), restrictions), min_size=1, max_size=5)


def joins(rules_, state):
    answers = [(evaluate(condition, state), restriction) for condition, restriction in rules_]
    definite = join(restriction for answer, restriction in answers if answer == TRUE)
    worst = join(restriction for answer, restriction in answers if answer != FALSE)
    return definite, worst


@given(conditions(), knowledge_states(), st.data())
def test_a_decided_condition_stays_decided_whatever_the_missing_facts_are(condition, state, data):
    """True stays true and false stays false in every completion: Kleene's logic never guesses."""
    answer = evaluate(condition, state)
    complete = evaluate(condition, data.draw(completions(state)))
    assert complete in (FALSE, TRUE)
    assert answer in (UNDECIDED, complete)


@given(rules, knowledge_states(), st.data())
@settings(max_examples=300)
def test_knowing_more_never_makes_any_part_more_cautious_than_the_worst_case(rules_, state, data):
    """Every part of W holds every completion, and D is held by every completion."""
    definite, worst = joins(rules_, state)
    truth, truth_worst = joins(rules_, data.draw(completions(state)))
    assert truth == truth_worst
    assert definite <= truth <= worst


@given(rules, knowledge_states(), st.data())
@settings(max_examples=300)
def test_training_is_allowed_only_if_it_would_be_whatever_the_missing_facts_are(rules_, state, data):
    """Clear or modify is never given where some completion of the facts forbids training or asks for a closer track."""
    definite, worst = joins(rules_, state)
    truth, _ = joins(rules_, data.draw(completions(state)))
    if clearance_of(definite.clearance, worst.clearance) <= Clearance.MODIFY:
        assert clearance_of(truth.clearance, truth.clearance) <= Clearance.MODIFY
        assert track_of(truth, GROUP_CLASS) <= track_of(worst, GROUP_CLASS)


@given(st.sampled_from(Clearance), st.sampled_from(Clearance))
def test_the_clearance_follows_the_law(definite, worst):
    """D from consult upwards, assess where only W forbids, otherwise W; never below D."""
    if worst < definite or Clearance.ASSESS in (definite, worst):
        return
    answer = clearance_of(definite, worst)
    assert answer >= definite
    assert (answer == Clearance.ASSESS) == (definite < Clearance.CONSULT <= worst)
    assert (answer <= Clearance.MODIFY) == (worst <= Clearance.MODIFY)


@given(restrictions, restrictions)
def test_the_track_of_a_join_is_the_closer_of_the_two_tracks(a, b):
    """So a cohort needs only one bit a rule to know its track."""
    assert track_of(a | b, GROUP_CLASS) == max(track_of(a, GROUP_CLASS), track_of(b, GROUP_CLASS))
    assert track_of(a, GROUP_CLASS) < Track.NONE


@given(conditions(), conditions(), knowledge_states())
def test_the_three_answers_follow_de_morgan(a, b, state):
    """Not (a and b) is (not a) or (not b), in all three answers."""
    assert evaluate(Not(And((a, b))), state) == evaluate(Or((Not(a), Not(b))), state)
    assert evaluate(Not(Not(a)), state) == evaluate(a, state)


@given(conditions(), knowledge_states())
def test_an_undecided_condition_names_a_fact_that_is_open(condition, state):
    """Whoever reads 'undecided' is told at least one fact to get, and that fact is not known yet."""
    open_here = list(open_atoms(condition, state))
    assert bool(open_here) == (evaluate(condition, state) == UNDECIDED)
    for atom in open_here:
        assert not atom.field.is_known(state[atom.field.name])


@given(conditions(), knowledge_states())
def test_a_true_condition_shows_the_facts_it_rests_on(condition, state):
    """A reason is never empty-handed."""
    if evaluate(condition, state) == TRUE:
        assert list(deciding_atoms(condition, state))
