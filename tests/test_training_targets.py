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

blocks = st.lists(st.tuples(st.integers(0, 15), st.integers(15, 40)), max_size=2).map(tuple)
bouts = st.lists(st.integers(0, 40), max_size=3).map(tuple)
days = st.builds(ActivityDay, st.integers(0, 90), bouts, st.booleans(), blocks)
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
        one.interval_blocks + extra.interval_blocks,
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
        check_week(WEEK_A, "who-2010")


def test_every_number_of_every_target_has_a_source() -> None:
    """Only our own readings of what a bout is are unverified, and they say so."""
    unverified = {name for target in load_targets().values() for name in target.unverified}
    assert {name.split(".", 1)[1] for name in unverified} == {"vigorous-bouts.rule", "vigorous-bouts.on_distinct_days"}
    assert not any(name.startswith(("dk-2014.", "acsm", "who", "dk-now")) for name in unverified)


INTERVALS = ActivityDay(20, (), True, ((8, 22),))


@pytest.mark.parametrize(
    ("day", "meets"),
    [
        (UNBROKEN, {"dk-2014", "dk-2014-intervals", "dk-2014-summed"}),
        (SPLIT, {"dk-2014-summed"}),
        (INTERVALS, {"dk-2014-intervals"}),
        (ActivityDay(10, (10,), True), set()),
    ],
)
def test_what_a_bout_is_is_a_named_choice(day: ActivityDay, meets: set[str]) -> None:
    """The same week under the three readings of "20 minutes twice": unbroken, intervals, added up over the day."""
    week = (WALK, day, WALK, day, WALK, WALK, WALK)
    asked = ("dk-2014", "dk-2014-intervals", "dk-2014-summed")
    counted = {target: check_week(week, target).shortfalls for target in asked}
    short = {target: [each.kind for each in shortfalls] for target, shortfalls in counted.items()}
    assert {target for target in asked if "vigorous-bouts" not in short[target]} == meets


def test_both_bouts_on_one_day_count_where_distinct_days_are_not_asked_for() -> None:
    """The report of 2015 says twice a week; our interval reading asks for two days."""
    week = (ActivityDay(0, (20, 20), True), *[WALK] * 6)
    assert check_week(week, "dk-2014").met
    assert not check_week(week, "dk-2014-intervals").met


def test_the_rests_of_intervals_count_towards_nothing() -> None:
    """Eight minutes of work in a block of twenty-two are eight vigorous minutes."""
    assert INTERVALS.vigorous_minutes == 8
    assert INTERVALS.active_minutes == 28


def test_class_and_home_minutes_are_counted_apart() -> None:
    """Two classes of 30 active minutes and five walks of 30."""
    in_class = ActivityDay(10, (20,), True, class_minutes=30)
    week = (WALK, in_class, WALK, in_class, WALK, WALK, WALK)
    assert check_week(week, "dk-now").minutes == {"class": 60, "home": 150}


@pytest.mark.parametrize(
    ("week", "met"),
    [
        ([WALK] * 3 + [ActivityDay()] * 4, {"acsm-2019-fatigue-aerobic", "acsm-2019-function-aerobic"}),
        ([ActivityDay(0, (), True)] * 2 + [ActivityDay()] * 5, {"acsm-2019-fatigue-strength"}),
        (
            [ActivityDay(20, (), True)] * 2 + [ActivityDay()] * 5,
            {"acsm-2019-fatigue-strength", "acsm-2019-quality-of-life-combined"},
        ),
    ],
)
def test_the_acsm_doses_of_2019_are_targets_of_their_own(week: list[ActivityDay], met: set[str]) -> None:
    """Each outcome's dose is checked by itself."""
    assert {name for name in load_targets() if name.startswith("acsm-2019") and check_week(week, name).met} == met


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
