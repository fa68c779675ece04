"""Which facts to get first: the sets are as small as can be, and do what is said of them."""

from __future__ import annotations

from datetime import date
from itertools import combinations, product
from math import prod

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from rule_strategies import atoms as single_conditions
from rule_strategies import knowledge_states, restrictions

from exrx import Clearance, Patient, Track, explain, load_protocol, screen
from exrx.errors import Location
from exrx.fields import Members, Span, load_dictionary
from exrx.knowledge import Knowledge
from exrx.protocol.form import form_patient
from exrx.protocol.model import Member, Protocol, Rule
from exrx.protocol.stage import stage_rules
from exrx.rules.nodes import And, AtLeast, Compare, Not, Or, atoms
from exrx.rules.restriction import Restriction
from exrx.screening.advice.settle import settle
from exrx.screening.answers import answer_all
from exrx.screening.missing import Search
from exrx.screening.what_if import WhatIf

AS_OF = date(2026, 11, 23)
DICTIONARY = load_dictionary()
PLACE = Location("test", 1, 1)


def made(conditions_and_effects) -> Protocol:
    """A protocol of some rules for everyone."""
    rules = tuple(
        Rule(f"r.{n}", "other", (), when, then, {"da": "x", "en": "x"}, "x", "primary", PLACE)
        for n, (when, then) in enumerate(conditions_and_effects)
    )
    member = Member("t", "1", {}, "t", "0", ("session",), None, "", Restriction.none(), {}, {}, {}, rules)
    return Protocol((member,))


def what_if_of(protocol: Protocol, state) -> WhatIf:
    """A patient of whom `state` is known."""
    known = {**state, "deceased": 1}
    knowledge = Knowledge(known, {}, (), {}, {}, (), AS_OF, False)
    return WhatIf.of(answer_all(stage_rules(protocol, "session"), knowledge), knowledge, ())


def values(entry, possible, asked):
    """Enough values of a fact: every option, or one number between each two limits."""
    if isinstance(possible, Span):
        cuts = {possible.low, possible.high}
        for atom in asked:
            if isinstance(atom, Compare):
                cuts |= {atom.limit.tick - 1, atom.limit.tick, atom.limit.tick + 1}
        return [Span(tick, tick) for tick in sorted(cuts) if possible.low <= tick <= possible.high]
    if isinstance(possible, Members):
        return [
            Members(possible.sure | extra, possible.sure | extra)
            for extra in range(entry.every_option + 1)
            if not extra & ~possible.possible
        ]
    return [1 << i for i in range(len(entry.options)) if possible >> i & 1]


TIED = {name for tie in DICTIONARY.ties for name in (tie.if_field, tie.then_field)}


def smallest_by_trying(what_if: WhatIf, most: int) -> int | None:
    """The size of the smallest set of facts with some answers of which the patient may train; None above `most`."""
    by_name: dict[str, list] = {}
    for found in what_if.found.answers:
        for atom in atoms(found.active.condition):
            by_name.setdefault(atom.field.name, []).append(atom)
    state = what_if.knowledge.state
    open_names = [n for n in by_name if n != "deceased" and not DICTIONARY.fields[n].is_known(state[n])]
    for size in range(1, most + 1):
        for chosen in combinations(open_names, size):
            for several in product(*(values(DICTIONARY.fields[n], state[n], by_name[n]) for n in chosen)):
                if what_if.outcome(dict(zip(chosen, several, strict=True))).may_train:
                    return size
    return None


def small_conditions() -> st.SearchStrategy:
    """Conditions on up to three facts from which nothing follows for others, so that trying all answers is quick."""
    single = single_conditions().filter(lambda atom: atom.field.name not in TIED and atom.field.kind != "set")
    signed = single | single.map(Not)
    several = st.lists(signed, min_size=2, max_size=3).map(tuple)
    return signed | several.map(And) | several.map(Or) | several.map(lambda items: AtLeast(2, items))


@st.composite
def cases(draw: st.DrawFn):
    """Up to five rules, and what is known."""
    rules = draw(st.lists(st.tuples(small_conditions(), restrictions), min_size=1, max_size=5))
    return made(rules), draw(knowledge_states())


@st.composite
def blocking_cases(draw: st.DrawFn):
    """Cases in which a rule that could forbid training leads: of most of them the answer is to ask first."""
    rule = draw(small_conditions()), Restriction(draw(st.sampled_from([Clearance.CONSULT, Clearance.STOP])))
    more = draw(st.lists(st.tuples(small_conditions(), restrictions), max_size=4))
    state = draw(knowledge_states()) | {atom.field.name: atom.field.unknown for atom in atoms(rule[0])}
    return made([rule, *more]), state


@given(st.one_of(blocking_cases(), cases()))
@settings(max_examples=80, deadline=None)
def test_no_smaller_set_of_answers_lets_the_patient_train(case):
    """Held against every set of facts with every answer: the size is the smallest there is."""
    protocol, state = case
    what_if = what_if_of(protocol, state)
    assume(what_if.now.clearance is Clearance.ASSESS)
    found = settle(what_if)
    assert found.goal == "train"
    size = len(found.sets[0].facts) if found.sets else None
    smallest = smallest_by_trying(what_if, 2)
    event(f"smallest set {size}, exact {found.exact}")
    if size is not None:
        assert smallest is None or smallest <= size
    if found.exact:
        assert smallest == (size if size is not None and size <= 2 else None)


@given(cases())
@settings(max_examples=80, deadline=None)
def test_the_good_answers_of_a_set_do_what_is_said(case):
    """With the needed answers the patient may train, or, where the goal is to settle, nothing unknown matters."""
    protocol, state = case
    what_if = what_if_of(protocol, state)
    found = settle(what_if)
    for facts in found.sets:
        then = what_if.outcome(facts.needed)
        assert then == facts.then
        assert then.may_train if found.goal == "train" else then.is_settled
        assert {len(each.facts) for each in found.sets} == {len(facts.facts)}
    if what_if.now.is_settled:
        assert found.sets == ()


@given(cases())
@settings(max_examples=80, deadline=None)
def test_the_joint_answers_of_a_set_are_complete_and_true(case):
    """Every combination of answers falls into exactly one line, and the line says what the decision then is."""
    protocol, state = case
    what_if = what_if_of(protocol, state)
    pieces = {fact.field: {w.condition: w.possible for w in fact.would} for fact in Search(what_if).missing()}
    for facts in settle(what_if).sets:
        if not facts.joint:
            assert 2 ** len(facts.facts) > 36 or prod(len(pieces[name]) for name in facts.facts) > 36
            continue
        for several in product(*(pieces[name].items() for name in facts.facts)):
            said = {name: words for name, (words, _) in zip(facts.facts, several, strict=True)}
            (line,) = (joint for joint in facts.joint if dict(joint.answers).items() <= said.items())
            outcome = what_if.outcome({n: part for n, (_, part) in zip(facts.facts, several, strict=True)})
            assert (outcome.clearance, outcome.track) == (line.clearance, line.track)


def explained(protocol="krop-og-kraeft", stage="session", **changes):
    loaded = load_protocol(protocol)
    given = form_patient(loaded, stage, "typical") | changes
    patient = Patient.from_dict({name: value for name, value in given.items() if value is not None})
    return explain(patient, loaded, stage=stage, as_of=AS_OF)


def lines(facts):
    return {joint.answers: (joint.clearance, joint.track) for joint in facts.joint}


def test_one_missing_count_is_the_one_answer_that_is_needed():
    """Platelets alone decide, and each answer is said."""
    settling = explained(platelets=None).settling
    (facts,) = settling.sets
    assert (facts.facts, facts.who, settling.exact) == (("platelets",), ("blood-test",), True)
    assert lines(facts) == {
        (("platelets", "< 50.0 10^9/L"),): (Clearance.DEFER, Track.NONE),
        (("platelets", ">= 50.0 10^9/L"),): (Clearance.CLEAR, Track.SUPERVISED),
    }


def test_the_question_at_the_door_that_could_be_an_emergency_comes_first():
    """Chest pain before platelets; with chest pain the count no longer matters."""
    settling = explained(platelets=None, chest_pain=None).settling
    (facts,) = settling.sets
    assert settling.first == "chest_pain"
    assert facts.facts == ("chest_pain", "platelets")
    assert (("chest_pain", "yes"),) in lines(facts)
    assert lines(facts)[("chest_pain", "yes"),] == (Clearance.EMERGENCY, Track.NONE)


def test_either_of_two_facts_can_settle_a_rule_that_names_both():
    """No metastases, or the oncologist's clearance: two sets of one, each with what it leads to."""
    settling = explained("dk-2015", "enrolment", bone_metastases=None, oncologist_clearance=None).settling
    assert {facts.facts for facts in settling.sets} == {("bone_metastases",), ("oncologist_clearance",)}


def test_a_second_reading_is_a_fact_to_get():
    """One high blood pressure is measured again; both outcomes are said."""
    settling = explained("aha-core-2019", systolic_bp=172).settling
    (facts,) = settling.sets
    assert facts.again == {"systolic_bp"}
    assert set(lines(facts).values()) == {(Clearance.CLEAR, Track.SUPERVISED), (Clearance.DEFER, Track.NONE)}


def test_the_dates_of_events_can_stand_for_new_counts():
    """Two counts of the same day, and nobody knows of chemotherapy or transfusion since: three pairs are enough."""
    counted = {"unit": "10^9/L", "date": "2026-11-20"}
    settling = explained(
        platelets={"value": 180, **counted}, leukocytes={"value": 4, **counted}, last_chemotherapy=None,
        last_transfusion=None,
    ).settling  # fmt: skip
    assert settling.exact
    assert {frozenset(facts.facts) for facts in settling.sets} == {
        frozenset({"platelets", "leukocytes"}), frozenset({"platelets", "last_chemotherapy"}),
        frozenset({"last_chemotherapy", "last_transfusion"}),
    }  # fmt: skip
    for facts in settling.sets:
        assert facts.then.clearance == Clearance.CLEAR
        assert (Clearance.CLEAR, Track.SUPERVISED) in lines(facts).values()


def test_a_score_asks_for_the_item_that_is_enough():
    """Two unknown Mirels items: one of them, answered well, keeps the score below the limit."""
    settling = explained(
        "dk-2015", "enrolment", bone_metastases="yes", bone_metastasis_sites=["proximal_femur"],
        mirels_site="peritrochanteric", mirels_pain="mild", mirels_size=None, mirels_type=None,
        surgeon_clearance="not-asked",
    ).settling  # fmt: skip
    assert {facts.facts for facts in settling.sets} == {("mirels_size",), ("mirels_type",)}


def test_nothing_is_asked_where_nothing_can_change():
    """A complete patient, and a dead one."""
    assert explained().settling.sets == ()
    assert explained(deceased="yes", platelets=None).settling.sets == ()


def test_a_blank_patient_gets_an_exact_smallest_set():
    """Forty facts and more, found exactly, and good answers to them lead to training."""
    for protocol, stage in (("krop-og-kraeft", "session"), ("dk-2015", "enrolment"), ("dk-2015", "session")):
        loaded = load_protocol(protocol)
        blank = explain(Patient.from_dict(form_patient(loaded, stage, "blank")), loaded, stage=stage, as_of=AS_OF)
        assert blank.settling.exact
        assert blank.settling.sets[0].then.may_train


@pytest.mark.parametrize("changes", [
    {}, {"platelets": {"value": 42, "date": "2026-11-21"}}, {"platelets": None, "on_chemotherapy": "yes"},
    {"on_chemotherapy": "no", "haematological_cancer": "yes", "cancer_type": "lymphoma"},
])  # fmt: skip
def test_joined_protocols_each_say_what_they_say_alone(changes):
    """The same answer as a screening by that protocol alone, and never a more cautious one than the joined answer."""
    together = explained("dk-2015,krop-og-kraeft", **changes)
    assert [alone.protocol for alone in together.apart] == ["dk-2015", "krop-og-kraeft"]
    patient = form_patient(load_protocol("dk-2015,krop-og-kraeft"), "session", "typical") | changes
    patient = Patient.from_dict({name: value for name, value in patient.items() if value is not None})
    for alone in together.apart:
        own = screen(patient, load_protocol(alone.protocol), stage="session", as_of=AS_OF)
        assert (own.clearance, own.track) == (alone.outcome.clearance, alone.outcome.track)
        assert own.protocols[0].applies == alone.applies
        firing = {reason.rule for reason in own.reasons}
        assert {each.rule for each in alone.because} <= firing
    assert explained("dk-2015", **changes).apart == ()
