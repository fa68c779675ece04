"""What the proofs assume is what the engine does: marks, the decision, what expires, and who is worse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rule_strategies import (
    DICTIONARY,
    FIELDS,
    atoms,
    completions,
    conditions,
    knowledge_states,
    restrictions,
    without_contradictions,
)

from exrx import load_protocol
from exrx.fields import Span
from exrx.proof.example import decide, patient_of
from exrx.proof.expiry import _expired
from exrx.proof.ground import Ground
from exrx.proof.marks import Marks, say_mark, say_marks
from exrx.proof.order import no_better
from exrx.protocol.library import list_protocols
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, And, Or
from exrx.rules.one import evaluate
from exrx.rules.polarity import reversals
from exrx.rules.prove import encode, z3_library
from exrx.rules.restriction import Again, join
from exrx.rules.views import Grid, Partial, Total
from exrx.screening.verdict import GroupClass

z3 = z3_library()
GROUP_CLASS = GroupClass.of(DICTIONARY)
STAGES = [(summary.id, stage) for summary in list_protocols() for stage in summary.stages]
more = st.tuples(
    restrictions,
    st.none() | st.frozensets(st.sampled_from(["rest", "walking", "daily-activity"])),
    st.builds(Again, st.frozensets(st.sampled_from(["fever gone"])), st.none() | st.integers(0, 3)),
)


def whole(parts):
    """A restriction with something in every kind of part."""
    from attrs import evolve

    restriction, meanwhile, again = parts
    return evolve(restriction, allowed_meanwhile=meanwhile, again=again)


@given(st.lists(more.map(whole), min_size=2, max_size=5))
def test_marks_are_the_restriction(several):
    """Joining is joining the marks, and at least as cautious is at least the same marks."""
    marks = Marks.of(several, GROUP_CLASS)
    a, b = several[0], join(several[1:])
    assert marks.marks(a | b) == marks.marks(a) | marks.marks(b)
    assert (a <= b) == (marks.marks(a) <= marks.marks(b))


@given(more.map(whole))
def test_every_mark_has_words(restriction):
    """Each mark can be said in both languages, and together only the most cautious of a chain is."""
    marks = Marks.of([restriction], GROUP_CLASS).marks(restriction)
    for lang in ("da", "en"):
        assert all(say_mark(mark, lang) for mark in marks)
        assert say_marks(marks, lang).count("; ") + 1 <= max(len(marks), 1)


@pytest.mark.parametrize(("protocol_id", "stage"), STAGES)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_decision_of_the_formulas_is_the_engines(protocol_id, stage, data):
    """For a patient that z3 finds, the rules that fire and all parts of the restriction are those of `screen`."""
    ground = Ground.of(load_protocol(protocol_id), stage)
    known = ground.known
    wanted = data.draw(st.lists(st.sampled_from(known.fires), max_size=3))
    assume(known.can(*wanted))
    known.can(*wanted)
    model = known.solver.model()
    state = known.view.state(model)
    assume(not any(DICTIONARY.fields[name].kind == "gate" and value == 0b10 for name, value in state.items()))
    decision = decide(patient_of(ground, state), ground.protocol, stage)
    firing = {i for i, formula in enumerate(known.fires) if z3.is_true(model.eval(formula, True))}
    names = {ground.sources[i].name for i in firing if ground.sources[i].rule}
    standing = {reason.rule for reason in decision.reasons if reason.state == "fires"}
    assert names == standing
    expected = frozenset().union(*(ground.by_source[i] for i in firing))
    definite = join(ground.sources[i].then for i in firing)
    assert ground.marks.marks(definite) == expected
    assert decision.definite_clearance == definite.clearance
    assert not [reason.rule for reason in decision.reasons if reason.state == "undecided"]
    assert decision.restriction == definite


@given(conditions(), knowledge_states(), st.sampled_from(FIELDS))
@settings(deadline=None)
def test_an_expired_value_widens_for_z3_as_it_does_for_the_engine(condition, state, entry):
    """The three answers after `Field.expired` are those of the widened formulas."""
    view = Partial(Grid.of([condition], DICTIONARY, also=[entry.name]))
    when = z3.Bool("when")
    later = encode(condition, _expired(view, {entry.name: when}))
    solver = z3.SolverFor("QF_FD")
    solver.add(when, *(literal for literals in view.literals(state).values() for literal in literals))
    expected = evaluate(condition, state | {entry.name: entry.expired(state[entry.name])})
    if solver.check(z3.Not(later.true)) == z3.unsat:
        answer = TRUE
    else:
        answer = FALSE if solver.check(later.possible) == z3.unsat else UNDECIDED
    assert answer == expected


def _joins(inner):
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or))


with_the_direction = st.recursive(atoms().filter(lambda atom: not list(reversals(atom))), _joins, max_leaves=6)
TWO_SIDED = {entry.name for entry in FIELDS if entry.worse.kind == "outside"}


@given(with_the_direction, knowledge_states(), st.data())
@settings(deadline=None)
def test_nobody_worse_escapes_a_condition_that_goes_with_every_direction(condition, state, data):
    """Polarity and the order of the proofs agree: where such a condition holds it holds for whoever is no better."""
    known = without_contradictions(data.draw(completions(state)))
    grid = Grid.of([condition], DICTIONARY)
    before, after = Total(grid, "p"), Total(grid, "q")
    solver = z3.SolverFor("QF_FD")
    solver.add(*(literal for literals in before.literals(known).values() for literal in literals))
    solver.add(*no_better(before, after, TWO_SIDED))
    assert solver.check() == z3.sat
    escapes = solver.check(z3.Not(encode(condition, after).true)) == z3.sat
    assert not (escapes and evaluate(condition, known) == TRUE)


@pytest.mark.parametrize(
    ("first", "second", "worse"),
    [(70, 45, True), (70, 105, True), (45, 40, True), (40, 45, False), (45, 105, False), (70, 75, False)],
)
def test_two_sided_fields_get_worse_outwards(first, second, worse):
    """A pulse gets worse below 50 and above 100, moving away from what is normal, on its own side."""
    entry = DICTIONARY.fields["resting_heart_rate"]
    ticks = {value: entry.ticks.tick(entry.ticks.low.__class__(value)) for value in (first, second)}
    grid = Grid(DICTIONARY, {entry.name: tuple(sorted({entry.worse.low, entry.worse.high + 1, *ticks.values()}))})
    before, after = Total(grid, "p"), Total(grid, "q")
    solver = z3.SolverFor("QF_FD")
    for view, value in ((before, first), (after, second)):
        solver.add(*view.literals({entry.name: Span(ticks[value], ticks[value])})[entry.name])
    solver.add(*no_better(before, after, ()))
    assert (solver.check() == z3.sat) == worse
