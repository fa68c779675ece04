"""Oversigt I as a state machine: unknown passes no fork, every box is reached, and many are walked as one is."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.pathway.forks import OPTIONS, TRIGGERS, Facts, walk, walk_many
from exrx.pathway.vocabulary import load_vocabulary

FACTS = st.builds(Facts, **{name: st.sampled_from(options) for name, options in OPTIONS.items()})
SETTLED = Facts(under_eighteen="no", assessed="yes", need="yes", complexity="no", safety="no", monitoring="no",
                admitted="no", clearance="may-train", before="yes", planned="yes", after="yes")  # fmt: skip


def nodes(facts):
    return [step.node for step in walk(facts)]


@given(FACTS)
@settings(max_examples=400)
def test_unknown_risk_never_falls_through_to_no_special_risk(facts):
    """I.5b needs all three triggers to be no, the person grown up, in need, and allowed to train."""
    if "no-special-risk" in nodes(facts):
        assert (facts.complexity, facts.safety, facts.monitoring) == ("no", "no", "no")
        assert (facts.under_eighteen, facts.need, facts.clearance) == ("no", "yes", "may-train")
        assert facts.admitted == "no"


@given(FACTS)
@settings(max_examples=400)
def test_an_unknown_fact_passes_no_fork(facts):
    """Nobody is placed before the need is known, nor trains before age, clearance and a place are."""
    walked = set(nodes(facts))
    if facts.need != "yes" or facts.under_eighteen != "no":
        assert not walked & {"risk-assessment", "hospital", "municipality"}
    if facts.clearance != "may-train":
        assert not walked & {"pre-measurement", "content", "municipality"}
    if "unknown" in (facts.complexity, facts.safety, facts.monitoring):
        assert "municipality" not in walked


@given(st.lists(FACTS, min_size=1, max_size=20))
@settings(max_examples=100)
def test_a_cohort_is_walked_as_each_of_its_people(people):
    """One pass over columns gives each person's own walk, and the counts add up to everybody."""
    columns = {
        name: np.array([options.index(getattr(one, name)) for one in people], np.uint8)
        for name, options in OPTIONS.items()
    }
    walks = walk_many(columns)
    assert [walks.of(row) for row in range(len(people))] == [walk(one) for one in people]
    assert sum(walks.counts().values()) == len(people)


def test_every_box_of_oversigt_1_is_reached_and_every_step_has_its_wording():
    """I.1 to I.9 and the specialist task: no box without a way to it, no reason without words."""
    from itertools import product

    from exrx.report.pathway_words import BECAUSE

    names = list(OPTIONS)
    facts = (Facts(**dict(zip(names, answers, strict=True))) for answers in product(*OPTIONS.values()))
    steps = {step for one in facts for step in walk.__wrapped__(one)}
    assert {step.node for step in steps} == set(load_vocabulary().keys("nodes"))
    assert {step.because for step in steps} <= set(BECAUSE["da"]) == set(BECAUSE["en"])


@pytest.mark.parametrize(
    ("change", "last", "because"),
    [
        ({}, "again", "again"),
        ({"need": "no"}, "again", "again"),
        ({"need": "unknown"}, "need", "need-unknown"),
        ({"assessed": "no", "need": "unknown"}, "needs-assessment", "no-assessment"),
        ({"under_eighteen": "yes"}, "specialist", "under-eighteen"),
        ({"under_eighteen": "unknown"}, "needs-assessment", "age-unknown"),
        ({"deceased": "yes"}, "needs-assessment", "deceased"),
        ({"monitoring": "unknown"}, "risk-assessment", "risk-unknown"),
        ({"clearance": "ask-first"}, "risk-assessment", "ask-first"),
        ({"clearance": "not-yet", "safety": "yes"}, "hospital", "not-yet"),
        ({"before": "no"}, "pre-measurement", "no-before"),
        ({"planned": "no"}, "content", "no-plan"),
        ({"after": "no"}, "content", "under-way"),
    ],
)
def test_oversigt_1_each_person_stands_in_the_box_that_the_facts_lead_to(change, last, because):
    """From a person with everything settled, one fact changed at a time."""
    here = walk(evolve(SETTLED, **change))[-1]
    assert (here.node, here.because) == (last, because)


@pytest.mark.parametrize("trigger", [*TRIGGERS, "admitted"])
def test_section_4_each_trigger_alone_places_at_the_hospital_and_is_named(trigger):
    """Complexity, safety and close monitoring are reported separately (A4-9, I.5a)."""
    steps = walk(evolve(SETTLED, **{trigger: "yes"}))
    assert "hospital" in [step.node for step in steps]
    assert next(step for step in steps if step.node == "risk-assessment").facts == (trigger,)


def test_a_column_that_is_no_fact_is_refused():
    """A misspelt column is no fact that was answered."""
    with pytest.raises(KeyError, match="nedd"):
        walk_many({"nedd": np.zeros(3, np.uint8)})
