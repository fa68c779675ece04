"""Weekly targets: what meets them, what is short, and that more activity never hurts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError, ProtocolError
from exrx.training import ActivityDay, check_week, load_targets
from exrx.training.targets import read_targets

WALK = ActivityDay(30)
UNBROKEN = ActivityDay(10, (20,), True)
SPLIT = ActivityDay(10, (10, 10), True)
WEEK_A = (WALK, UNBROKEN, WALK, UNBROKEN, WALK, WALK, WALK)
WEEK_B = (WALK, SPLIT, WALK, SPLIT, WALK, WALK, WALK)

days = st.builds(ActivityDay, st.integers(0, 90), st.lists(st.integers(0, 40), max_size=3).map(tuple), st.booleans())
weeks = st.lists(days, min_size=7, max_size=7)


@given(weeks, days, st.integers(0, 6))
def test_more_activity_never_unmeets_a_target(week: list[ActivityDay], extra: ActivityDay, day: int) -> None:
    """Adding moderate minutes, a bout or strength training to a day keeps every target that was met."""
    one = week[day]
    more = list(week)
    more[day] = ActivityDay(
        one.moderate_minutes + extra.moderate_minutes,
        one.vigorous_bouts + extra.vigorous_bouts,
        one.strength or extra.strength,
    )
    for target in load_targets():
        assert check_week(more, target).met or not check_week(week, target).met


@given(weeks)
def test_a_target_is_met_exactly_when_nothing_is_short(week: list[ActivityDay]) -> None:
    """`met` and `shortfalls` never disagree, and a shortfall always lacks something."""
    for target in load_targets():
        result = check_week(week, target)
        assert result.met == (not result.shortfalls)
        assert all(short.got < short.needed for short in result.shortfalls)


def test_week_a_of_the_survivor_meets_all_three_targets() -> None:
    """V1 A: two classes with 20 unbroken vigorous minutes and five walks; vigorous minutes lie inside the 210."""
    assert sum(day.moderate_minutes for day in WEEK_A) == 170
    assert sum(day.vigorous_minutes for day in WEEK_A) == 40
    assert all(check_week(WEEK_A, target).met for target in ("acsm-150-75", "dk-2014", "dk-now"))


def test_week_b_with_split_bouts_is_short_by_exactly_the_two_bouts() -> None:
    """V1 B: two bouts of ten are not a bout of twenty; nothing else is short."""
    assert check_week(WEEK_B, "acsm-150-75").met
    assert check_week(WEEK_B, "dk-now").met
    (short,) = check_week(WEEK_B, "dk-2014").shortfalls
    assert short.text["en"] == "two bouts of at least 20 minutes high intensity"
    assert (short.needed, short.got) == (2, 0)


@pytest.mark.parametrize(
    ("moderate", "vigorous", "met"),
    [(150, 0, True), (149, 0, False), (0, 75, True), (0, 74, False), (90, 30, True), (89, 30, False)],
)
def test_150_moderate_or_75_vigorous_or_a_mix_is_met_on_the_minute(moderate: int, vigorous: int, met: bool) -> None:
    """The edges count as met; a vigorous minute counts as two."""
    week = [ActivityDay(moderate, (vigorous,)), *[ActivityDay()] * 6]
    assert check_week(week, "acsm-150-75").met is met


def test_150_minutes_on_five_days_are_not_30_minutes_every_day() -> None:
    """The targets are not equal volumes: five days of thirty meet one and not the other."""
    week = [*[WALK] * 5, ActivityDay(), ActivityDay()]
    assert check_week(week, "acsm-150-75").met
    (short,) = check_week(week, "dk-now").shortfalls[:1]
    assert (short.kind, short.needed, short.got) == ("daily-minutes", 7, 5)


def test_a_strength_day_is_needed_twice_today_and_not_in_2014() -> None:
    """Strength belongs to the present Danish advice only."""
    week = [ActivityDay(10, (20,)), ActivityDay(10, (20,)), *[WALK] * 5]
    assert check_week(week, "dk-2014").met
    assert [short.kind for short in check_week(week, "dk-now").shortfalls] == ["strength-days"]


@pytest.mark.parametrize("week", [[WALK] * 6, [WALK] * 8, [30] * 7])
def test_a_week_is_seven_days_and_never_filled_in(week: list[ActivityDay]) -> None:
    """A day of which nothing is known cannot be left out."""
    with pytest.raises(PlanError, match="7"):
        check_week(week, "acsm-150-75")


@pytest.mark.parametrize("minutes", [-1, 1441, 2.5, True])
def test_minutes_that_do_not_fit_a_day_are_refused(minutes: int) -> None:
    """Negative, fractional, boolean and more than a day."""
    with pytest.raises(PlanError):
        ActivityDay(minutes)


def test_an_unknown_target_names_the_known_ones() -> None:
    """The message says what can be asked for."""
    with pytest.raises(PlanError, match="dk-2014"):
        check_week(WEEK_A, "who-2020")


def test_every_number_of_every_target_has_a_source() -> None:
    """The one number that is only reported second-hand is the mix; nothing is unverified."""
    assert all(target.unverified == () for target in load_targets().values())


BAD = """targets:
  mine:
    label: {da: mit, en: mine}
    requirements:
      - kind: weekly-minuts
        text: {da: a, en: b}
      - kind: strength-days
        text: {da: a, en: b}
        days: {value: 0, unit: d/wk, source: nowhere, verified: maybe}
"""


def test_all_faults_of_a_target_file_are_reported_at_once(tmp_path: Path) -> None:
    """A wrong kind, a number too low, an unknown source and an unknown flag, each with its line."""
    path = tmp_path / "targets.yaml"
    path.write_text(BAD, encoding="utf-8")
    with pytest.raises(ProtocolError) as error:
        read_targets(path)
    found = {(fault.code, fault.location.line) for fault in error.value.diagnostics}
    assert found >= {("unknown-word", 5), ("out-of-range", 9), ("unknown-source", 9), ("unknown-word", 9)}
