"""Referral: which form, who may send it, which level and authority, and the clock from discharge."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathway_builders import AS_OF, GOP, course

from exrx.pathway.forks import ANSWERS
from exrx.pathway.referral import authority, clock, proposed_level, referral_type, weekly_load


@given(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS), st.dates(date(2015, 2, 1), date(2030, 1, 1)))
def test_a6_9_a_general_practitioner_never_issues_a_gop(loss, prevention, day):
    """The form is REF01 or XREF15 by the day; with loss of function the answer says that a GOP needs the hospital."""
    found = referral_type(loss, prevention, "gp", day)
    assert found.type in ("", "ref01" if day < date(2019, 1, 2) else "xref15")
    assert (found.because == "gop-needs-hospital") == (loss == "yes")


def test_a6_8_a_gop_needs_loss_of_function_and_unknown_loss_is_asked_first():
    """The hospital: loss gives a GOP, no loss and a need for prevention XREF15, unknown loss nothing yet."""
    assert referral_type("yes", "yes", "hospital", AS_OF).type == "gop"
    assert referral_type("no", "yes", "hospital", AS_OF).type == "xref15"
    unknown = referral_type("unknown", "yes", "hospital", AS_OF)
    assert (unknown.type, unknown.because) == ("", "functional-loss-unknown")


@pytest.mark.parametrize("key", ["programme", "schedule", "Exercises", "træning"])
def test_a6_13_a_referral_with_a_programme_in_it_is_refused_and_the_others_kept(key):
    """Section 6: the referral holds the need, never the programme."""
    good = {"date": "2026-11-18", "type": "gop", "sender": "hospital", "needs": ["re-training"]}
    made = course(referrals=[good | {key: "2 x 10"}, good])
    assert len(made.referrals) == 1
    assert "holds the need and no programme" in made.problems[0].message


def test_v8_the_clock_from_discharge_ends_after_seven_days():
    """Discharged on 18 November: running on the 25th, late on the 26th, excused with one of KL's reasons."""
    given_ = GOP | {"date": "2026-11-18", "discharge": "2026-11-18"}
    [referral] = course(referrals=[given_]).referrals
    assert clock(referral, date(2026, 11, 25)).state == "running"
    late = clock(referral, date(2026, 11, 26))
    assert (late.state, late.last_day, late.free_choice) == ("late", date(2026, 11, 25), True)
    [excused] = course(referrals=[given_ | {"no_activity": "free-choice"}]).referrals
    assert clock(excused, date(2026, 12, 24)).state == "excused"
    [begun] = course(referrals=[given_ | {"first_offer": "2026-11-24"}]).referrals
    assert clock(begun, date(2026, 12, 24)).state == "on-time"


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_clock_is_late_exactly_after_its_last_day(offered, asked_after):
    """With or without an offer: on time up to day seven, late from day eight."""
    day = date(2026, 11, 1)
    given_ = GOP | {"date": "2026-11-01", "discharge": "2026-11-01"}
    given_["first_offer"] = (day + timedelta(days=offered)).isoformat()
    [referral] = course(referrals=[given_]).referrals
    state = clock(referral, day + timedelta(days=asked_after)).state
    if offered <= asked_after:
        assert state == ("on-time" if offered <= 7 else "late")
    else:
        assert state == ("running" if asked_after <= 7 else "late")


def test_the_authority_for_prevention_and_rehabilitation_changes_on_1_january_2027():
    """Municipality until the day before, region from then on; almen re-training stays."""
    before, after = date(2026, 12, 31), date(2027, 1, 1)
    for task in ("prevention", "rehabilitering"):
        assert (authority(task, before).value, authority(task, after).value) == ("municipality", "region")
    assert authority("almen", after).value == "municipality"


def test_a6_10_two_referrals_at_once_add_up_in_the_weekly_load():
    """A GOP and a group offer run together; one without minutes is counted as unknown, an ended one not at all."""
    base = {"date": "2026-11-01", "sender": "hospital"}
    made = course(referrals=[
        base | {"type": "gop", "minutes_per_week": 120}, base | {"type": "xref15", "minutes_per_week": 60},
        base | {"type": "xref15"}, base | {"type": "xref15", "minutes_per_week": 600, "ended": "2026-11-10"},
    ])  # fmt: skip
    load = weekly_load(made.referrals, AS_OF)
    assert (load.minutes, load.referrals, load.unknown) == (180, 3, 1)


def test_a6_17_a_level_is_proposed_only_where_the_triggers_are_known():
    """Complexity or safety: specialised; both no: almen; anything unknown: not settled."""
    assert proposed_level("yes", "unknown") == proposed_level("no", "yes") == "specialiseret"
    assert proposed_level("no", "no") == "almen"
    assert proposed_level("no", "unknown") == ""
