"""Slips made on purpose: each is a different condition, and those that cases and check must notice are noticed."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from attrs import evolve
from hypothesis import given
from rule_strategies import conditions

from exrx.cli.main import main
from exrx.fields import load_dictionary
from exrx.proof.mutants import COUNT, FLIP, JOIN, NAMED_KINDS, NEGATION, OPTIONS, SHIFT, slips
from exrx.proof.mutation import Tally, mutate, mutate_all, with_rule
from exrx.protocol import load_protocol
from exrx.protocol.library import list_protocols
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


def test_a_law_notices_what_no_case_shows(folder):
    """Without cases, the protocol's own promise at its limit is enough for the proofs."""
    (folder / "protocol.yaml").write_text(PROTOCOL + "laws:\n  - never: platelets < 50 10^9/L and clearance = clear\n")
    mutants = list(mutate(folder))
    assert "platelets < (between 49.9 and 50.0) 10^9/L" in {m.slip.words for m in mutants if m.noticed_by == "prove"}
    assert Tally.of(mutants).share > Tally.of(mutate(folder, ("check", "test"))).share


def test_of_the_shipped_protocols_at_least_95_in_100_slips_are_noticed():
    """Flipped comparisons, dropped 'not' and limits moved by one tick, in every rule of every shipped protocol."""
    mutants = mutate_all([summary.id for summary in list_protocols()])
    named = [mutant for mutant in mutants if mutant.slip.kind in NAMED_KINDS]
    assert len(named) > 1000
    survivors = [f"{mutant.slip.location}: {mutant.key}" for mutant in mutants if mutant.survived]
    assert Tally.of(named).share >= 0.95, survivors
    assert survivors == [], "write a case that notices it, or say in docs/proofs.md why it means the same"


def test_an_unknown_judge_is_refused(capsys):
    """A misspelt word does not count as having asked."""
    assert main(["protocol", "mutate", "dk-2015", "--ask", "chek"]) == 2
    assert "not 'chek'" in capsys.readouterr().err


def test_the_command_counts_and_names_survivors(folder, capsys):
    """Without cases and laws limits can move unnoticed: exit 1, and each is named with its place."""
    assert main(["protocol", "mutate", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "nobody notices in bleeding.low: platelets <= 50 10^9/L" in out
    assert "are noticed (wanted: at least 95%)" in out
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    assert main(["protocol", "mutate", str(folder), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["named_kinds"]["share"] == 1


def test_a_rule_is_replaced_at_its_place_only():
    """The rest of the protocol stays as it is."""
    protocol = load_protocol("dk-2015")
    first, *rest = protocol.rules
    changed = with_rule(protocol, evolve(first, when=Not(first.when)))
    assert changed.rules[0].when == Not(first.when)
    assert changed.rules[1:] == tuple(rest)
