"""What would change the answer: what is promised holds when the patient is screened again, and less does not do it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import FIELDS, observed

from exrx import Clearance, Patient, explain, load_protocol, screen
from exrx.fields import Span, load_dictionary
from exrx.protocol.form import form_patient
from exrx.protocol.stage import stage_rules
from exrx.rules.nodes import Compare, atoms
from exrx.screening.advice.counterfactual import answered_anew, counterfactuals
from exrx.screening.one import ask_rules

AS_OF = date(2026, 11, 23)
DICTIONARY = load_dictionary()
CALLS = [
    ("krop-og-kraeft", "session"),
    ("dk-2015", "enrolment"),
    ("herlev-haematology", "session"),
    ("aha-core-2019", "session"),
    ("dk-2015,krop-og-kraeft", "session"),
]
CHANGEABLE = tuple(entry for entry in FIELDS if entry.changeable)


def typical(protocol, stage, **changes) -> Patient:
    """A typical patient with some facts otherwise; None leaves a fact out."""
    given = form_patient(protocol, stage, "typical") | changes
    return Patient.from_dict({name: value for name, value in given.items() if value is not None})


def near_a_limit(protocol, stage, entry) -> st.SearchStrategy[object]:
    """A number on, or one tick beside, a limit that a rule of this stage sets; a usual answer where there is none."""
    rules = stage_rules(protocol, stage)
    conditions = [rules.rules[index].condition for index in rules.rules_by_field.get(entry.name, ())]
    ticks = [a.limit.tick for c in conditions for a in atoms(c) if a.field is entry and isinstance(a, Compare)]
    if not ticks:
        return observed(entry)
    scale, step = entry.ticks, 2 if entry.ticks.whole else 1
    beside = [t + d * step for t in ticks for d in (-1, 0, 1) if scale.lowest <= t + d * step <= scale.highest]
    unit = "" if scale.unit.startswith("{") else f" {scale.unit}"
    texts = [f"{scale.value(tick)}{unit}" for tick in beside]
    texts += [f"<{scale.value(tick)}{unit}" for tick in ticks if not scale.whole]
    days = st.sampled_from(["2026-11-23", "2026-11-21", "2026-10-01"])
    return st.builds(lambda text, day: {"value": text, "date": day}, st.sampled_from(texts), days)


@st.composite
def troubled(draw: st.DrawFn):
    """A protocol, a stage, and a typical patient with up to four facts that can change, and one other, otherwise."""
    protocol_id, stage = draw(st.sampled_from(CALLS))
    protocol = load_protocol(protocol_id)
    named = stage_rules(protocol, stage).rules_by_field
    here = [entry for entry in CHANGEABLE if entry.name in named]
    chosen = draw(st.lists(st.sampled_from(here), min_size=1, max_size=4, unique=True))
    changes = {entry.name: draw(near_a_limit(protocol, stage, entry)) for entry in chosen}
    other = draw(st.sampled_from(FIELDS))
    if other.name != "deceased" and draw(st.booleans()):
        changes[other.name] = draw(observed(other) | st.none())
    return protocol, stage, typical(protocol, stage, **changes)


def shown(decision) -> tuple[Clearance, object]:
    return decision.clearance, decision.track


def worse(name: str, needed: Span, least: Span) -> Span | None:
    """One tick less than the least change, on the side from which it was approached; None where there is none."""
    entry = DICTIONARY.fields[name]
    step = (2 if entry.ticks.whole else 1) * (-1 if least.low <= needed.low + 1 else 1)
    tick = least.low + step
    return Span(tick, tick) if entry.ticks.lowest <= tick <= entry.ticks.highest else None


@given(troubled(), st.data())
@settings(max_examples=150, deadline=None)
def test_a_counterfactual_holds_when_the_patient_is_screened_again(case, data):
    """The least change gives exactly the promised clearance and track, and so does, or better, all that is as good."""
    protocol, stage, patient = case
    asked = ask_rules(patient, protocol, stage=stage, as_of=AS_OF)
    for found in counterfactuals(asked).found:
        least = {change.field: change.least for change in found.changes}
        again = screen(answered_anew(patient, least, asked), protocol, stage=stage, as_of=AS_OF)
        assert shown(again) == (found.then.clearance, found.then.track)
        assert found.then.is_freer_than(asked.what_if.now)
        fires = {reason.rule for reason in again.reasons}
        assert not fires & set(found.lifts)
        beyond = dict(least)
        for change in found.changes:
            if isinstance(change.needed, Span):
                low, high = change.needed.low, change.needed.high
                tick = data.draw(st.sampled_from([low, high]) | st.integers(low, high))
                if not DICTIONARY.fields[change.field].ticks.whole or tick % 2 == 0:
                    beyond[change.field] = Span(tick, tick)
        further = screen(answered_anew(patient, beyond, asked), protocol, stage=stage, as_of=AS_OF)
        if len(beyond) == 1:
            assert further.clearance <= found.then.clearance
            assert further.track <= found.then.track


@given(troubled())
@settings(max_examples=150, deadline=None)
def test_one_tick_less_does_not_give_what_was_promised(case):
    """Each number of a counterfactual is the least that will do; leaving any change out will not do either."""
    protocol, stage, patient = case
    asked = ask_rules(patient, protocol, stage=stage, as_of=AS_OF)
    for found in counterfactuals(asked).found:
        least = {change.field: change.least for change in found.changes}
        for change in found.changes:
            less = {name: value for name, value in least.items() if name != change.field}
            if isinstance(change.needed, Span):
                short = worse(change.field, change.needed, change.least)
                if short is None:
                    continue
                less[change.field] = short
            again = ask_rules(answered_anew(patient, less, asked), protocol, stage=stage, as_of=AS_OF)
            assert not again.what_if.now.is_as_free_as(found.then)


@given(troubled())
@settings(max_examples=100, deadline=None)
def test_only_what_can_change_is_suggested(case):
    """Age, cancer, metastases and history never stand among the changes, and an unknown fact is asked for instead."""
    protocol, stage, patient = case
    explained = explain(patient, protocol, stage=stage, as_of=AS_OF)
    missing = {fact.field for fact in explained.decision.missing}
    for found in explained.counterfactuals.found:
        for change in found.changes:
            assert DICTIONARY.fields[change.field].changeable
            assert change.field not in missing
    json.dumps(explained.to_dict())


@pytest.mark.parametrize(
    "name", ["age", "sex", "cancer_type", "bone_metastases", "brain_metastases", "last_surgery", "on_chemotherapy",
             "deceased", "cardiac_disease", "bleeding_risk", "ecog", "lvef"],
)  # fmt: skip
def test_what_a_patient_is_cannot_be_changed(name):
    """No explanation says that the patient should be younger, have another cancer, or no metastases."""
    assert not DICTIONARY.fields[name].changeable


@pytest.mark.parametrize(
    "name", ["platelets", "temperature", "diastolic_bp", "chest_pain", "dizziness", "oncologist_clearance",
             "surgical_wound_healed", "enrolment_cleared", "saddle_numbness"],
)  # fmt: skip
def test_what_changes_within_days_can(name):
    """Blood counts, vital signs, today's complaints, physicians' answers, and a wound that heals."""
    assert DICTIONARY.fields[name].changeable


def words_of(stage="session", protocol="krop-og-kraeft", lang="en", **changes) -> list[str]:
    loaded = load_protocol(protocol)
    explained = explain(typical(loaded, stage, **changes), loaded, stage=stage, as_of=AS_OF)
    return [found["words"][lang] for found in explained.to_dict()["counterfactuals"]["found"]]


def test_low_platelets_say_from_where_on_and_what_they_were():
    """The limit as the rule prints it, the present value, and how old it is."""
    count = {"value": 42, "date": "2026-11-21"}
    assert words_of(platelets=count) == [
        "Platelets of at least 50 ×10⁹/L (now 42 ×10⁹/L, 2 days ago). Then: may train, supervised training. "
        "First: new platelet count."
    ]
    assert words_of(platelets=count, lang="da") == [
        "Blodplader på mindst 50 ×10⁹/L (nu 42 ×10⁹/L, for 2 dage siden). Så: kan træne, overvåget træning. "
        "Først: nyt blodpladetal."
    ]


def test_an_edge_is_kept_as_its_source_prints_it():
    """Herlev trains from 20 and lifts its cap above 50: two steps, one with and one without its edge."""
    found = words_of(protocol="herlev-haematology", platelets={"value": 15, "date": "2026-11-22"})
    assert [words.split(" (")[0] for words in found] == [
        "Platelets of at least 20 ×10⁹/L", "Platelets above 50 ×10⁹/L",
    ]  # fmt: skip


def test_a_range_with_two_sides_says_both():
    """A diastolic pressure that is too low must not be answered with one that is too high."""
    (found,) = words_of(diastolic_bp=40)
    assert found.startswith("Diastolic blood pressure from 45 to 95 mmHg (now 40 mmHg).")


def test_nobody_is_told_to_answer_no():
    """A complaint has to be gone and, where the rule calls a physician, assessed."""
    found = words_of(chest_pain="yes", lang="da")
    assert found == [
        "Når det ikke længere gælder: brystsmerter (nu: ja). Så: kan træne, overvåget træning. "
        "Først: behandlende læge har vurderet det."
    ]


def test_two_limits_at_once_are_named_together():
    """Where no single change lets the patient train, the smallest pair that does is said."""
    (found,) = words_of(protocol="dk-2015", temperature=38.4, dizziness="yes")
    assert found.startswith("Body temperature of at most 38 °C (now 38.4 °C); and once this is no longer so: dizziness")


def test_a_physicians_answer_is_waited_for_not_assumed():
    """A pending gate is lifted by its answer; what limits would come with it nobody knows."""
    (found,) = words_of("enrolment", "dk-2015", bone_metastases="yes", oncologist_clearance="pending")
    assert found.startswith("Once it is given: oncologist's clearance (now: answer pending). Then: train with adapt")


def test_the_dead_and_the_young_are_told_of_no_way():
    """Nothing that can change makes an answer of these."""
    assert words_of(deceased="yes", platelets=12) == []
    assert words_of("enrolment", "dk-2015", age=16) == []
