"""One week from caps and baseline: no cap is exceeded, and more caution never gives more training."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.fields import load_dictionary
from exrx.rules.restriction import Intensity, Progression, Restriction, Supervision
from exrx.training import load_target, load_training
from exrx.training.builder import Baseline, ladder
from exrx.training.course import LadderCourse
from exrx.training.exercises import load_exercises
from exrx.training.session import Dose, Pattern

TEMPLATE = load_training("dk-2015-group")
TARGETS = ("acsm-150-75", "dk-2014", "dk-now")
AVOIDANCES = sorted(load_dictionary().vocabulary["avoid"])
UPWARDS = (Intensity.VIGOROUS, Intensity.MODERATE, Intensity.LIGHT)

restrictions = st.builds(
    Restriction,
    supervision=st.sampled_from(Supervision),
    formats_forbidden=st.frozensets(st.sampled_from(["group", "individual", "home"])),
    aerobic_max=st.sampled_from(Intensity),
    strength_max=st.sampled_from(Intensity),
    session_minutes_max=st.none() | st.integers(0, 90),
    heart_rate_max=st.none() | st.integers(60, 180),
    rpe_max=st.none() | st.integers(6, 20),
    progression=st.sampled_from(Progression),
    avoid=st.frozensets(st.sampled_from(AVOIDANCES), max_size=6),
)
baselines = st.builds(
    Baseline,
    moderate=st.none() | st.integers(0, 300),
    vigorous=st.none() | st.integers(0, 100),
    strength_days=st.none() | st.integers(0, 7),
)
measured = st.none() | st.integers(90, 200)
week_numbers = st.integers(1, 20)
targets = st.sampled_from(TARGETS)


def course(
    restriction: Restriction, baseline: Baseline, target: str = "dk-2014", maximum: int | None = None
) -> LadderCourse:
    """The shipped template followed under a restriction."""
    return LadderCourse(TEMPLATE, ladder(TEMPLATE, load_target(target)), baseline, restriction, maximum)


def size(week: Pattern) -> tuple[int, ...]:
    """A week's dose as numbers that all grow with it: minutes at or above each intensity, sets, days, load."""
    dose = Dose.of(week)
    parts = [part for session in week.values() for part in session.parts if part.kind == "strength"]
    load = max((Intensity.NONE - part.intensity for part in parts), default=0)
    above = (dose.vigorous, dose.vigorous + dose.moderate, dose.vigorous + dose.moderate + dose.light)
    return (*above, dose.sets, dose.strength_days, load)


def no_larger(one: Pattern, other: Pattern) -> bool:
    """True when no number of `one` exceeds that of `other`."""
    return all(a <= b for a, b in zip(size(one), size(other), strict=True))


@given(restrictions, baselines, targets, measured, week_numbers)
def test_no_week_exceeds_a_cap_or_holds_an_avoided_exercise(
    asked: Restriction, baseline: Baseline, target: str, maximum: int | None, number: int
) -> None:
    """Minutes, intensity, exertion, pulse, load, format and every exercise obey the restriction."""
    known = load_exercises().by_id
    for session in course(asked, baseline, target, maximum).week(number).values():
        assert 0 < session.minutes <= TEMPLATE["class_minutes"]
        assert asked.session_minutes_max is None or session.minutes <= asked.session_minutes_max
        assert session.heart_rate_max == asked.heart_rate_max
        assert session.kind == "class" or "home" not in asked.formats_forbidden
        assert session.kind == "home" or not {"group", "individual"} <= asked.formats_forbidden
        assert session.kind == "class" or "training-alone" not in asked.avoid or session.in_company
        for part in session.parts:
            strength = part.kind == "strength"
            assert part.minutes > 0
            assert part.intensity >= (asked.strength_max if strength else asked.aerobic_max)
            if part.intensity < Intensity.NONE:
                band = (TEMPLATE.loads if strength else TEMPLATE.zones)[part.intensity]
                assert not band.loads & asked.avoid
                assert part.borg is not None
                assert part.borg[0] <= part.borg[1] <= (asked.rpe_max or 20)
            assert all(known[exercise.id].allowed(asked.avoid) for exercise in part.exercises)


@given(restrictions, restrictions, baselines, targets, measured, week_numbers)
def test_more_caution_never_gives_a_larger_dose(
    one: Restriction, other: Restriction, baseline: Baseline, target: str, maximum: int | None, number: int
) -> None:
    """The join of two restrictions gives no more of anything than either, in any week."""
    joined = course(one | other, baseline, target, maximum).week(number)
    for alone in (one, other):
        assert no_larger(joined, course(alone, baseline, target, maximum).week(number))


@given(baselines, baselines, restrictions, targets, week_numbers)
def test_a_larger_baseline_never_gives_a_smaller_week(
    one: Baseline, other: Baseline, asked: Restriction, target: str, number: int
) -> None:
    """At the start and in every later week; unknown counts as nothing."""
    more = Baseline(
        max(one.moderate or 0, other.moderate or 0),
        max(one.vigorous or 0, other.vigorous or 0),
        max(one.strength_days or 0, other.strength_days or 0),
    )
    assert no_larger(course(asked, one, target).week(number), course(asked, more, target).week(number))


@given(baselines, targets)
def test_the_start_does_not_exceed_the_baseline_unless_it_is_the_lowest_dose(baseline: Baseline, target: str) -> None:
    """Nobody is started above what he or she does, except at the template's lowest step."""
    week = Dose.of(course(Restriction.none(), baseline, target).week(1))
    lowest = Dose.of(course(Restriction.none(), Baseline(), target).week(1))
    done = (baseline.moderate or 0) + (baseline.vigorous or 0)
    assert week.moderate + week.vigorous <= max(done, lowest.moderate)
    assert week.vigorous <= (baseline.vigorous or 0)


@pytest.mark.parametrize("target", TARGETS)
def test_duration_and_intensity_never_rise_together_and_duration_rises_first(target: str) -> None:
    """One change a week at most; no vigorous minute before the minutes are at the top."""
    steps = ladder(TEMPLATE, load_target(target))
    for one, next_one in pairwise(steps):
        changed = [
            one.minutes != next_one.minutes, one.home_days != next_one.home_days, one.vigorous != next_one.vigorous
        ]  # fmt: skip
        assert sum(changed) <= 1
        assert next_one.minutes - one.minutes <= TEMPLATE["step_minutes"]
        assert next_one.home_days - one.home_days <= 1
        assert next_one.vigorous - one.vigorous <= TEMPLATE["vigorous_step_minutes"]
        if next_one.vigorous > one.vigorous:
            assert (one.minutes, one.home_days) == (steps[-1].minutes, steps[-1].home_days)


@given(baselines, st.frozensets(st.sampled_from(["rapid-load-increase"])))
def test_strength_sets_and_load_never_rise_in_the_same_week(baseline: Baseline, avoid: frozenset[str]) -> None:
    """Sets first, then load."""
    followed = course(Restriction(avoid=avoid), baseline)
    for number in range(1, 16):
        one, next_one = size(followed.week(number)), size(followed.week(number + 1))
        assert not (next_one[3] > one[3] and next_one[5] > one[5])


@given(restrictions, baselines, week_numbers, st.sampled_from([Progression.HOLD, Progression.REDUCE]))
def test_a_held_or_reduced_progression_never_rises(
    asked: Restriction, baseline: Baseline, number: int, progression: Progression
) -> None:
    """Every week is as the first."""
    held = course(asked | Restriction(progression=progression), baseline)
    assert held.week(number) == held.week(1)


def test_home_days_rise_only_as_far_as_they_help() -> None:
    """150 minutes need three days at home beside two classes, 30 minutes a day needs five."""
    last = {target: ladder(TEMPLATE, load_target(target))[-1] for target in TARGETS}
    assert last["acsm-150-75"].home_days == 3
    assert last["dk-2014"].home_days == last["dk-now"].home_days == 5


def test_a_slow_load_stays_light_through_sixteen_sessions() -> None:
    """With lymphoedema the load rises in week 9 at the earliest."""
    slow = course(Restriction(avoid=frozenset({"rapid-load-increase"})), Baseline())
    free = course(Restriction.none(), Baseline())
    light = Intensity.NONE - Intensity.LIGHT
    assert size(free.week(6))[5] > light
    assert size(slow.week(8))[5] == light < size(slow.week(9))[5]


def test_a_class_has_warm_up_aerobic_strength_and_cool_down_inside_its_minutes() -> None:
    """The full class is 60 minutes, its vigorous minutes one unbroken bout."""
    week = course(Restriction.none(), Baseline(300, 100, 3)).week(20)
    session = week[TEMPLATE.class_weekdays[0]]
    assert [part.kind for part in session.parts] == ["warm-up", "aerobic", "aerobic", "strength", "cool-down"]
    assert session.minutes == 60
    assert session.activity().vigorous_bouts == (20,)


def test_a_cap_on_minutes_moves_aerobic_training_to_more_days_at_home() -> None:
    """30 minutes a session still reach 150 minutes a week, and not a minute more than without the cap."""
    week = course(Restriction(session_minutes_max=30), Baseline(), "acsm-150-75").week(20)
    dose = Dose.of(week)
    assert max(session.minutes for session in week.values()) <= 30
    assert dose.moderate + dose.vigorous == 150


@pytest.mark.parametrize(
    ("maximum", "limit", "highest"),
    [
        (None, 170, Intensity.MODERATE),
        (160, 170, Intensity.VIGOROUS),
        (160, 120, Intensity.MODERATE),
        (160, 100, Intensity.LIGHT),
        (160, 80, Intensity.NONE),
    ],
)
def test_a_pulse_limit_takes_the_zones_that_begin_above_it(maximum: int | None, limit: int, highest: Intensity) -> None:
    """Without a measured maximal pulse no zone can be placed, and vigorous training is left out."""
    caps = course(Restriction(heart_rate_max=limit), Baseline(), maximum=maximum).caps
    assert caps.class_aerobic == highest


def test_an_exertion_limit_narrows_the_zone_or_takes_it() -> None:
    """Borg at most 12 leaves moderate training at 12; at most 11 leaves light training."""
    at_12 = course(Restriction(rpe_max=12), Baseline()).week(1)[TEMPLATE.home_weekdays[0]].parts[0]
    at_11 = course(Restriction(rpe_max=11), Baseline()).week(1)[TEMPLATE.home_weekdays[0]].parts[0]
    assert (at_12.intensity, at_12.borg) == (Intensity.MODERATE, (12, 12))
    assert (at_11.intensity, at_11.borg) == (Intensity.LIGHT, (9, 11))


def test_continuous_supervision_leaves_no_training_at_home() -> None:
    """Own training is not supervised; one to one leaves it light."""
    kinds = {
        closeness: {
            (session.kind, session.parts[0].intensity)
            for session in course(Restriction(supervision=closeness), Baseline()).week(1).values()
            if session.kind == "home"
        }
        for closeness in Supervision
    }
    assert kinds[Supervision.CONTINUOUS] == set()
    assert kinds[Supervision.ONE_TO_ONE] == {("home", Intensity.LIGHT)}
    assert kinds[Supervision.GROUP] == {("home", Intensity.MODERATE)}


def test_first_sessions_at_home_may_be_split_into_short_bouts() -> None:
    """15 minutes may be taken as three times five; later weeks are whole."""
    free = course(Restriction.none(), Baseline())
    home = TEMPLATE.home_weekdays[0]
    assert (free.week(1)[home].minutes, free.week(1)[home].parts[0].bouts) == (15, 3)
    assert free.week(9)[home].parts[0].bouts == 1
