"""Lint of tiers: what it reads off conditions agrees with asking them."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rule_strategies import FIELDS, atoms, conditions, knowledge_states

from exrx.fields import Span
from exrx.protocol.lint import lint_text, read_draft
from exrx.protocol.lint.tiers import inside, shape, span_of
from exrx.protocol.read import read_member
from exrx.rules.nodes import ATOMS, TRUE, And, AtLeast, Condition, Not, Or
from exrx.rules.one import evaluate

NUMERIC = [entry for entry in FIELDS if entry.is_numeric]


def turned(condition: Condition) -> Condition:
    """The same condition with everything that is joined in the opposite order."""
    if isinstance(condition, ATOMS):
        return condition
    if isinstance(condition, Not):
        return Not(turned(condition.item))
    items = tuple(turned(item) for item in reversed(condition.items))
    if isinstance(condition, AtLeast):
        return AtLeast(condition.count, items)
    return And(items) if isinstance(condition, And) else Or(items)


@given(conditions())
def test_the_order_of_what_is_joined_does_not_hide_a_repetition(condition):
    """`a and b` is `b and a`."""
    assert shape(turned(condition)) == shape(condition)


@given(st.data(), conditions(), knowledge_states())
def test_conditions_that_lint_calls_the_same_have_the_same_answer(data, condition, state):
    """Nothing is called a repetition that could decide otherwise."""
    other = data.draw(st.one_of(conditions(), st.just(turned(condition))))
    if shape(other) == shape(condition):
        assert evaluate(other, state) == evaluate(condition, state)


two_of_a_field = st.sampled_from(FIELDS).flatmap(lambda entry: st.tuples(atoms(entry), atoms(entry)))


@given(two_of_a_field, knowledge_states())
def test_what_lies_inside_is_never_more_certain(two, state):
    """When one condition lies inside another of the same field, the other is at least as true for whatever is known."""
    one, other = two
    if inside(one, other):
        assert evaluate(one, state) <= evaluate(other, state)


@given(st.data(), st.sampled_from(NUMERIC))
def test_the_span_of_a_range_is_where_it_is_true(data, entry):
    """A comparison or a chain of two, against every tick near its limits."""
    ranges = atoms(entry).filter(lambda atom: atom.operator != "!=")
    items = data.draw(st.lists(ranges, min_size=1, max_size=2).map(tuple))
    condition = items[0] if len(items) == 1 else And(items)
    span = span_of(condition)
    assert span is not None
    for tick in {item.limit.tick + step for item in items for step in range(-2, 3)}:
        if entry.ticks.lowest <= tick <= entry.ticks.highest:
            state = {entry.name: Span(tick, tick)}
            assert (span.low <= tick <= span.high) is (evaluate(condition, state) == TRUE)


PROTOCOL = """\
id: tiers
version: "1"
title: {{da: Trin, en: Tiers}}
rules:
  - id: age.first
    domain: scope
    when: {0} <= age {1} {2}
    then: {{clearance: modify, aerobic_max: moderate}}
    because: {{da: Alder., en: Age.}}
    source: kb-2015
    verified: primary
  - id: age.second
    domain: scope
    when: {3} {4} age <= {5}
    then: {{clearance: modify, aerobic_max: light}}
    because: {{da: Alder., en: Age.}}
    source: kb-2015
    verified: primary
"""
limits = st.lists(st.integers(20, 30), min_size=4, max_size=4).map(sorted)


@settings(max_examples=60)
@given(limits, st.sampled_from(["<", "<="]), st.sampled_from(["<", "<="]))
def test_a_gap_or_an_overlap_is_remarked_exactly_where_there_is_one(found, end, start):
    """Held against asking every age, and every age and a half, between the tiers."""
    first, second = found[0], found[3]
    ends, starts = found[1] + 1, found[2] + 1
    text = PROTOCOL.format(first, end, ends, starts, start, second + 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiers.yaml"
        path.write_text(text, encoding="utf-8")
        member, _ = read_member(path)
        assert member is not None, text
        codes = {d.code for d in lint_text(read_draft(path, member, date(2026, 11, 25)))}
    scale = member.rules[0].when.items[0].field.ticks
    one, two = (rule.when for rule in member.rules)
    ticks = range(scale.tick(first), scale.tick(second + 2) + 1)
    answers = [[evaluate(when, {"age": Span(tick, tick)}) == TRUE for when in (one, two)] for tick in ticks]
    assert ("tiers-overlap" in codes) is any(all(both) for both in answers)
    assert ("tiers-gap" in codes) is any(not any(both) for both in answers)
