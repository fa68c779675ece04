"""The formulas for z3 mean what `one.py` means: on everything known, and on what is possible."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_strategies import DICTIONARY, completions, conditions, knowledge_states

from exrx.fields import Members, Span
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, Compare, Limit
from exrx.rules.one import evaluate
from exrx.rules.prove import encode, z3_library
from exrx.rules.views import Grid, Partial, Total
from exrx.ties import plan_of, settle_ties, sum_scores

z3 = z3_library()


def solver_of(view, state):
    """A solver that knows only what `state` says."""
    solver = z3.SolverFor("QF_FD")
    for literals in view.literals(state).values():
        solver.add(*literals)
    assert solver.check() == z3.sat
    return solver


def answer_of(solver, answer):
    """FALSE, UNDECIDED or TRUE, as the solver finds them."""
    if solver.check(z3.Not(answer.true)) == z3.unsat:
        return TRUE
    return FALSE if solver.check(answer.possible) == z3.unsat else UNDECIDED


@given(st.lists(conditions(), min_size=1, max_size=4), knowledge_states())
@settings(deadline=None, max_examples=60)
def test_on_what_is_possible_the_formulas_give_the_three_answers(several, state):
    """Each condition is true, false or undecided for z3 exactly where it is for `one.py`."""
    view = Partial(Grid.of(several, DICTIONARY))
    solver = solver_of(view, state)
    for condition in several:
        assert answer_of(solver, encode(condition, view)) == evaluate(condition, state)


@given(st.lists(conditions(), min_size=1, max_size=4), knowledge_states(), st.data())
@settings(deadline=None)
def test_on_everything_known_the_formulas_give_the_two_answers(several, state, data):
    """Each condition is true or false for z3 exactly where it is for `one.py`."""
    complete = data.draw(completions(state))
    view = Total(Grid.of(several, DICTIONARY))
    solver = solver_of(view, complete)
    for condition in several:
        assert answer_of(solver, encode(condition, view)) == evaluate(condition, complete)


@given(conditions(), knowledge_states())
@settings(deadline=None)
def test_a_model_read_back_is_a_patient_with_the_same_answers(condition, state):
    """What z3 finds can be handed to the engine: the state of a model answers as the formulas do."""
    view = Partial(Grid.of([condition], DICTIONARY))
    solver = solver_of(view, state)
    solver.check()
    assert evaluate(condition, state | view.state(solver.model())) == evaluate(condition, state)


@st.composite
def scored_states(draw, score):
    """What is possible for the items of a score, and the sum that follows."""
    state = {name: entry.unknown for name, entry in DICTIONARY.fields.items()}
    for item in score.items:
        entry = DICTIONARY.fields[item]
        known = st.integers(0, len(entry.options) - 1).map(lambda i: 1 << i)
        state[item] = draw(known | st.integers(1, entry.every_option))
    sum_scores(plan_of(DICTIONARY), state, {})
    return state


@given(st.sampled_from([entry for entry in DICTIONARY.fields.values() if entry.kind == "score"]), st.data())
@settings(deadline=None)
def test_a_score_is_the_sum_of_its_items(score, data):
    """With items known or not, z3 allows a score to be exactly where the engine's sum lies."""
    limit = data.draw(st.integers(score.ticks.lowest // 2 + 1, score.ticks.highest // 2 - 1)) * 2
    condition = Compare(score, ">=", Limit(limit, "limit"))
    state = data.draw(scored_states(score))
    grid = Grid.of([condition], DICTIONARY)
    view = Partial(grid)
    solver = solver_of(view, state)
    solver.add(*view.axioms())
    assert answer_of(solver, encode(condition, view)) == evaluate(condition, state)
    if all(state[item].bit_count() == 1 for item in score.items):
        total = Total(grid)
        assert answer_of(solver_of(total, state), encode(condition, total)) == evaluate(condition, state)


def contradicted(state):
    """Whether the engine finds two tied answers that cannot both be true."""
    return bool(settle_ties(plan_of(DICTIONARY), dict(state)))


@given(knowledge_states(), st.data())
@settings(deadline=None)
def test_tied_facts_are_possible_for_z3_exactly_where_the_engine_accepts_them(state, data):
    """A patient whom the engine would call contradictory is no counterexample, and every other may be one."""
    complete = data.draw(completions(state))
    grid = Grid(DICTIONARY, {name: () for tie in DICTIONARY.ties for name in (tie.if_field, tie.then_field)})
    view = Total(grid)
    solver = solver_of(view, complete)
    solver.add(*view.axioms())
    assert (solver.check() == z3.sat) != contradicted(complete)


@given(knowledge_states())
@settings(deadline=None)
def test_what_the_ties_leave_possible_is_possible_for_z3(state):
    """After the engine has followed the ties, the state satisfies what z3 assumes of states."""
    settled = dict(state)
    settle_ties(plan_of(DICTIONARY), settled)
    view = Partial(Grid(DICTIONARY, {n: () for tie in DICTIONARY.ties for n in (tie.if_field, tie.then_field)}))
    solver = solver_of(view, settled)
    solver.add(*view.axioms())
    assert solver.check() == z3.sat


def test_a_gap_between_two_steps_and_the_bounds_are_kept():
    """`= 50` holds at 50 alone, not in the gap beside it; below the lowest plausible value there is nobody."""
    platelets = DICTIONARY.fields["platelets"]
    equal = Compare(platelets, "=", Limit(1000, "50"))
    lowest = Compare(platelets, "<=", Limit(platelets.ticks.lowest, "0"))
    view = Total(Grid.of([equal, lowest], DICTIONARY))
    base = {name: entry.unknown for name, entry in DICTIONARY.fields.items()}
    for tick in (0, 999, 1000, 1001, platelets.ticks.highest):
        state = base | {"platelets": Span(tick, tick)}
        solver = solver_of(view, state)
        for condition in (equal, lowest):
            assert answer_of(solver, encode(condition, view)) == evaluate(condition, state)


def test_sets_are_known_by_sure_and_possible_members():
    """A member that may be there leaves a question open."""
    sites = DICTIONARY.fields["bone_metastasis_sites"]
    state = {name: entry.unknown for name, entry in DICTIONARY.fields.items()}
    state["bone_metastasis_sites"] = Members(0b001, 0b011)
    view = Partial(Grid(DICTIONARY, {"bone_metastasis_sites": ()}))
    solver = solver_of(view, state)
    assert [answer_of(solver, view.meets(sites, mask)) for mask in (0b001, 0b010, 0b100)] == [TRUE, UNDECIDED, FALSE]
