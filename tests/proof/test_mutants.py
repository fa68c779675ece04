"""Slips made on purpose: each is a different condition, and those that cases and check must notice are noticed."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve
from hypothesis import given
from rule_strategies import conditions

from exrx.fields import load_dictionary
from exrx.proof.mutants import COUNT, FLIP, JOIN, NEGATION, OPTIONS, SHIFT, slips
from exrx.proof.mutation import Tally, mutate, with_rule
from exrx.protocol import load_protocol
from exrx.rules.nodes import Not, atoms
from exrx.rules.parse import Names, parse_condition


def parsed(text):
    return parse_condition(text, Names(load_dictionary()))


def kinds(text):
    return Counter(slip.kind for slip in slips(parsed(text)))


@given(conditions())
def test_a_slip_is_never_the_condition_itself(condition):
    """Each slip changes something, and leaves the fields that are read the same or fewer."""
    fields = {atom.field.name for atom in atoms(condition)}
    for slip in slips(condition):
        if slip.condition is not None:
            assert slip.condition != condition
            assert {atom.field.name for atom in atoms(slip.condition)} <= fields


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("platelets < 50", {FLIP: 3, SHIFT: 2}),
        ("ecog > 1", {FLIP: 3, SHIFT: 2}),
        ("not ostomy", {NEGATION: 1, FLIP: 1}),
        ("ostomy and ataxia or cachexia", {JOIN: 2, FLIP: 3}),
        ("gp_clearance >= pending", {FLIP: 1, SHIFT: 2}),
        ("cancer_type in {lung, colon}", {FLIP: 1, OPTIONS: 2}),
        ("at least 2 of (ostomy, ataxia, cachexia)", {COUNT: 2, FLIP: 3}),
    ],
)
def test_the_slips_of_a_condition_are_counted(text, wanted):
    """Every comparison is flipped, every limit moved one tick each way, every 'not' dropped."""
    assert kinds(text) == Counter(wanted)


def test_a_limit_moves_by_one_tick_and_a_whole_number_by_one_step():
    """Between two steps of a whole number nothing can be observed, so half a step would be no slip."""
    platelets = [s.condition.limit.tick for s in slips(parsed("platelets < 50")) if s.kind == SHIFT]
    weeks = [s.condition.limit.tick for s in slips(parsed("last_surgery <= 2 weeks")) if s.kind == SHIFT]
    assert platelets == [999, 1001]
    assert weeks == [26, 30]


def test_a_slip_that_cannot_be_written_is_one_that_check_notices():
    """A count of four out of three is refused by the reader."""
    found = [slip for slip in slips(parsed("at least 3 of (ostomy, ataxia, cachexia)")) if slip.condition is None]
    assert [slip.kind for slip in found] == [COUNT]


PROTOCOL = """
id: mine
version: '1'
stages: [enrolment]
rules:
  - id: bleeding.low
    when: platelets < 50 10^9/L
    then: {clearance: defer}
    because: {da: Lave blodplader., en: Low platelets.}
    source: adamsen-2009
"""
CASES = """
cases:
  - {name: on the limit, stage: enrolment, as_of: 2026-11-23, patient: {platelets: 50}, expect: {clearance: clear}}
  - {name: just below, stage: enrolment, as_of: 2026-11-23, patient: {platelets: 49.95}, expect: {clearance: defer}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "protocol.yaml").write_text(PROTOCOL, encoding="utf-8")
    return tmp_path


def test_without_cases_a_slip_that_keeps_the_direction_survives(folder):
    """Check alone sees a comparison turned round; it cannot know the number."""
    survivors = {mutant.slip.words for mutant in mutate(folder) if mutant.survived}
    assert "platelets <= 50 10^9/L" in survivors
    assert "platelets > 50 10^9/L" not in survivors
    assert len([words for words in survivors if "between" in words]) == 2


def test_two_cases_at_the_limit_notice_every_slip_of_a_comparison(folder):
    """One exactly on it, one a tick inside."""
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    mutants = list(mutate(folder))
    assert [mutant.slip.words for mutant in mutants if mutant.survived] == []
    assert {mutant.noticed_by for mutant in mutants} == {"check", "test"}


def test_a_proof_is_asked_only_of_what_nothing_else_notices(folder):
    """The judge sees the protocol with the slip in it, and its word counts."""
    asked = []

    def prove(protocol, rule):
        asked.append(rule.condition_text)
        return protocol.rules[0].when == rule.when

    mutants = list(mutate(folder, prove))
    assert len(asked) == sum(mutant.noticed_by == "prove" for mutant in mutants) > 0
    assert Tally.of(mutants).share == 1


def test_a_rule_is_replaced_at_its_place_only():
    """The rest of the protocol stays as it is."""
    protocol = load_protocol("dk-2015")
    first, *rest = protocol.rules
    changed = with_rule(protocol, evolve(first, when=Not(first.when)))
    assert changed.rules[0].when == Not(first.when)
    assert changed.rules[1:] == tuple(rest)
