"""The chemotherapy calendar: lengths that sources state, delays that shift the rest, days that are never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx import Patient, load_protocol, screen
from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.training.person import Person
from exrx.training.weeks.treatment import STATES, Treatment, load_regimens, read_treatment, treatment_of

FIRST = date(2026, 11, 24)
AS_OF = date(2026, 11, 23)
whole_regimens = [name for name, each in load_regimens().by_id.items() if all(p.cycles for p in each.phases)]


def test_every_regimen_of_the_dictionary_has_its_cycles() -> None:
    """All options of the field `regimen` but none and other."""
    options = set(load_dictionary().field("regimen").options) - {"none", "other"}
    assert set(load_regimens().by_id) >= options


@pytest.mark.parametrize(
    ("regimen", "weeks"), [("fec100-docetaxel", 18), ("ac-weekly-paclitaxel", 24), ("tc", 12), ("cmf-oral", 24)]
)
def test_a_regimen_lasts_as_long_as_its_source_says(regimen: str, weeks: int) -> None:
    """FEC x 3 then docetaxel x 3 is 18 weeks, AC x 4 then 12 weekly paclitaxel 24, TC x 4 12."""
    assert sum(Treatment.from_regimen(regimen, FIRST).cycle_days) == 7 * weeks


@given(st.sampled_from(whole_regimens), st.integers(1, 4), st.integers(1, 30))
def test_a_delay_shifts_its_cycle_and_all_later_ones(regimen: str, cycle: int, days: int) -> None:
    """Earlier infusions stay; every later one comes so many days later; added days are usual days."""
    planned = Treatment.from_regimen(regimen, FIRST)
    late = Treatment.from_regimen(regimen, FIRST, {cycle: days})
    for number, (before, after) in enumerate(zip(planned.infusions, late.infusions, strict=True), start=1):
        assert after - before == timedelta(days=days if number >= cycle else 0)
    for (one, following), length in zip(pairwise(late.infusions), late.cycle_days, strict=False):
        for day in range(length, (following - one).days):
            assert late.on(one + timedelta(days=day)).state == "usual"


@given(st.sampled_from(whole_regimens), st.integers(-30, 400))
def test_each_day_is_one_kind_of_day(regimen: str, offset: int) -> None:
    """Day 1 is the infusion; before the first and after the last cycle is outside."""
    treatment, on = Treatment.from_regimen(regimen, FIRST), FIRST + timedelta(days=offset)
    day = treatment.on(on)
    assert day.state in STATES
    assert (day.state == "infusion") == (on in treatment.infusions)
    assert (day.state == "outside") == (not 0 <= offset < sum(treatment.cycle_days))
    assert day.state == "outside" or day.infusion == on - timedelta(days=day.day - 1)
    assert day.state == "outside" or treatment.infusions[day.cycle - 1] == day.infusion


def test_a_cycle_of_three_weeks_has_hard_days_then_a_nadir_window() -> None:
    """Days 2 to 5 are hard, days 7 to 14 the expected nadir, marked unverified."""
    treatment = Treatment.from_regimen("fec100", FIRST)
    states = [treatment.on(FIRST + timedelta(days=day)).state for day in range(21)]
    assert states == ["infusion", *["hard"] * 4, "usual", *["nadir"] * 8, *["usual"] * 7]
    assert "regimens.policy.nadir_from_day" in load_regimens().policy.unverified


def test_a_weekly_cycle_is_not_hard_all_week_and_has_no_nadir_window() -> None:
    """Only the day after the infusion is hard."""
    weekly = Treatment.from_dates([FIRST], 7)
    assert [weekly.on(FIRST + timedelta(days=day)).state for day in range(7)] == ["infusion", "hard", *["usual"] * 5]


def person(**facts: Any) -> Person:
    """What a decision knows of a patient with these facts."""
    patient = Patient.from_dict({"id": "p"} | facts)
    decision = screen(patient, load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF)
    return Person(decision.inputs)


def test_the_record_gives_the_treatment_that_it_states() -> None:
    """The last and the next infusion, and the rest of a regimen whose cycle number is known."""
    stated = {
        "on_chemotherapy": "yes", "last_chemotherapy": "2026-11-10", "next_chemotherapy": "2026-12-01",
        "chemotherapy_cycle_length": 21,
    }  # fmt: skip
    known = treatment_of(person(**stated), AS_OF)
    assert known is not None
    assert known.infusions == (date(2026, 11, 10), date(2026, 12, 1))
    more = treatment_of(person(**stated, regimen="fec100", chemotherapy_cycle=2), AS_OF)
    assert more is not None
    assert len(more.infusions) == 5
    assert more.on(date(2026, 12, 2)).cycle == 3
    assert known.on(date(2026, 12, 2)).cycle == 0
    assert more.label["da"] == "FEC100"


@pytest.mark.parametrize("lacking", ["on_chemotherapy", "chemotherapy_cycle_length", "next_chemotherapy"])
def test_nothing_is_guessed_where_the_record_is_silent(lacking: str) -> None:
    """Without one of the three facts there is no treatment calendar."""
    stated = {"on_chemotherapy": "yes", "next_chemotherapy": "2026-12-01", "chemotherapy_cycle_length": 21}
    del stated[lacking]
    assert treatment_of(person(**stated), AS_OF) is None


@pytest.mark.hazard("wrong-day")
def test_a_next_infusion_that_has_passed_is_not_an_infusion_today() -> None:
    """Yesterday's "next" says nothing; today's is today."""
    stated = {"on_chemotherapy": "yes", "chemotherapy_cycle_length": 21}
    assert treatment_of(person(**stated, next_chemotherapy="2026-11-10"), AS_OF) is None
    today = treatment_of(person(**stated, next_chemotherapy="2026-11-23"), AS_OF)
    assert today is not None
    assert today.infusions == (AS_OF,)


def test_a_number_of_cycles_may_be_said_where_the_source_has_none() -> None:
    """CAPOX has a recalled length and no number of cycles."""
    capox = read_treatment({"regimen": "capox", "first": "2026-11-24", "cycles": "4"})
    assert len(capox.infusions) == 4
    assert any("capox" in name for name in capox.unverified)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"regimen": "fec100", "first": "2026-11-24", "cycle_days": 21}, "no key 'cycle_days'"),
        ({"infusions": ["2026-11-24"], "cycle_days": 21, "delays": {1: 7}}, "no key 'delays'"),
        ({"infusions": ["2026-11-24", "2036-11-24"]}, "is a date wrong"),
        ({"regimen": "fec100", "first": "9999-12-01"}, "year 9999 cannot be meant"),
        ({"regimen": ["fec100"], "first": "2026-12-01"}, "there is no regimen"),
        ({"regimen": "fec10", "first": "2026-11-24"}, "did you mean 'fec100'"),
        ({"regimen": "cmf-iv", "first": "2026-11-24"}, "say it with 'cycles'"),
        ({"regimen": "fec100"}, "needs 'first'"),
        ({"regimen": "fec100", "first": "2026-02-30"}, "not a date that exists"),
        ({"regimen": "fec100", "first": "2026-11-24", "delays": {9: 7}}, "there is no cycle 9"),
        ({"regimen": "fec100", "first": "2026-11-24", "delays": {2: -7}}, "whole numbers"),
        ({"infusions": []}, "1 to 60 different dates"),
        ({"infusions": ["2026-11-24"]}, "needs cycle_days"),
        ({"infusions": ["2026-11-24", "2026-11-24"]}, "different dates"),
        ({"infusions": "2026-11-24"}, "list of dates"),
        ({}, "either 'regimen'"),
        ({"cycle": 3}, "there is no key 'cycle'"),
    ],
)
def test_a_treatment_that_cannot_be_is_refused(given: Any, named: str) -> None:
    """Each with what to write instead."""
    with pytest.raises(PlanError, match=named):
        read_treatment(given)
