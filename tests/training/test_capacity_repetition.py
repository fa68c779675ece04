"""1RM from repetitions and back, the repetitions table, and training load with its named conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.training import capacity as c

WEEK = [420, 0, 675, 0, 90, 0, 0]
VECTORS = {
    "epley": (66.67, 58.33, 50.67),
    "brzycki": (66.67, 56.25, 49.66),
    "oconner": (62.50, 56.25, 48.00),
    "lander": (67.04, 56.85, 50.04),
    "lombardi": (62.95, 58.73, 49.25),
    "mayhew": (65.47, 59.51, 50.51),
    "wathan": (67.37, 58.29, 51.07),
}
formulas = st.sampled_from(c.ONE_RM_FORMULAS)
weeks = st.lists(st.floats(0, 1000), min_size=7, max_size=7)


@pytest.mark.parametrize("formula", c.ONE_RM_FORMULAS)
def test_one_rm_gives_the_computed_vectors(formula: str) -> None:
    """50 kg x 10, 50 kg x 5 and 40 kg x 8 come out as listed, for every formula there is."""
    assert c.one_rm([50, 50, 40], [10, 5, 8], formula) == pytest.approx(VECTORS[formula], abs=0.005)


def test_epley_and_brzycki_agree_at_ten_repetitions_only() -> None:
    """Below ten Epley is higher."""
    assert c.one_rm(50, 10, "epley") == pytest.approx(c.one_rm(50, 10, "brzycki"))
    assert all(c.one_rm(50, count, "epley") > c.one_rm(50, count, "brzycki") for count in range(2, 10))


@given(st.floats(1, 300), formulas)
def test_one_repetition_is_the_load(load: float, formula: str) -> None:
    """No formula adds anything to a load that was lifted once."""
    assert c.one_rm(load, 1, formula) == load
    assert c.load_for_repetitions(load, 1, formula) == load


@given(st.floats(1, 300), st.integers(1, 10), formulas)
def test_the_load_for_repetitions_inverts_the_prediction(load: float, count: int, formula: str) -> None:
    """The load of a predicted 1RM for the same repetitions is the load that was lifted."""
    assert c.load_for_repetitions(c.one_rm(load, count, formula), count, formula) == pytest.approx(load)


@given(st.floats(1, 300), st.integers(1, 9), formulas)
def test_more_repetitions_never_mean_a_lower_one_rm(load: float, count: int, formula: str) -> None:
    """With the same load, one more repetition raises the prediction or keeps it."""
    assert c.one_rm(load, count + 1, formula) >= c.one_rm(load, count, formula)


@pytest.mark.hazard("load-too-high")
@given(st.integers(11, 500), formulas)
def test_many_repetitions_predict_nothing(count: int, formula: str) -> None:
    """Above ten repetitions there is an error that says so, or unknown when asked."""
    with pytest.raises(PlanError, match=f"{count} repetitions cannot predict"):
        c.one_rm(50, count, formula)
    assert np.isnan(c.one_rm(50, count, formula, outside="nan"))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c.one_rm(50, 0, "epley"), "0 repetitions cannot predict"),
        (lambda: c.one_rm(50, -3, "epley"), "-3 repetitions cannot predict"),
        (lambda: c.one_rm(50, 5.5, "epley"), "whole numbers"),
        (lambda: c.one_rm(-5, 5, "epley"), "load must be 0 to 1000"),
        (lambda: c.one_rm(50, 5, "guess"), "name the 1RM formula"),
        (lambda: c.one_rm(50, 5, "epley", most_repetitions=30), "from 2 to 20"),
        (lambda: c.load_for_percent(100, 120), "percent must be 0 to 100"),
        (lambda: c.percent_for_repetitions(13), "repetitions must be 1 to 12"),
        (lambda: c.repetitions_for_percent(60), "percent must be 70 to 100"),
    ],
)
def test_wrong_repetitions_say_what_is_wrong(call: Any, says: str) -> None:
    """Each wrong input has its own sentence."""
    with pytest.raises(PlanError, match=says):
        call()


def test_the_caller_may_widen_the_range_on_its_own_word() -> None:
    """Fifteen repetitions are taken when asked for; an unknown count stays unknown."""
    assert c.one_rm(50, 15, "epley", most_repetitions=15) == pytest.approx(75)
    assert np.isnan(c.one_rm(50, None, "epley"))
    assert np.isnan(c.one_rm(None, 1, "epley"))


def test_the_repetitions_table_reads_both_ways() -> None:
    """Each row leads back to itself; between rows the fewer repetitions hold."""
    counts = np.arange(1, 13)
    percents = c.percent_for_repetitions(counts)
    assert np.array_equal(np.asarray(percents), [100, 95, 93, 90, 87, 85, 83, 80, 77, 75, 73, 70])
    assert np.array_equal(np.asarray(c.repetitions_for_percent(percents)), counts)
    assert c.repetitions_for_percent(76) == 9
    assert np.isnan(c.percent_for_repetitions(None))
    assert np.isnan(c.repetitions_for_percent(None))
    assert c.load_for_percent(80, 70) == 56


def test_session_load_gives_the_published_examples() -> None:
    """Minutes times CR10."""
    assert c.session_load([7, 9, 3, 6], [60, 75, 30, 120]) == pytest.approx([420, 675, 90, 720])
    with pytest.raises(PlanError, match="CR10"):
        c.session_load(13, 60)


@pytest.mark.parametrize(("sd", "even", "strained"), [("sample", 0.625, 741), ("population", 0.676, 801)])
def test_monotony_and_strain_depend_on_the_named_sd(sd: Any, even: float, strained: float) -> None:
    """The same week has two monotonies."""
    assert c.weekly_load(WEEK) == 1185
    assert c.monotony(WEEK, sd=sd) == pytest.approx(even, abs=0.0005)
    assert c.strain(WEEK, sd=sd) == pytest.approx(strained, abs=0.5)


def test_leaving_rest_days_out_is_another_monotony() -> None:
    """Over the three training days only, mean 395 and their own spread."""
    loads = np.array([420, 675, 90])
    assert c.monotony(WEEK, sd="sample", rest_days="omit") == pytest.approx(395 / loads.std(ddof=1))
    one_day = [300, 0, 0, 0, 0, 0, 0]
    assert np.isnan(c.monotony(one_day, sd="sample", rest_days="omit"))


@given(weeks, st.sampled_from(["sample", "population"]), st.sampled_from(["count", "omit"]))
def test_monotony_of_many_weeks_equals_each_week(week: list[float], sd: Any, rest_days: Any) -> None:
    """A table of weeks gives what each week gives; where there is no spread there is no monotony."""
    many = c.monotony([week, WEEK], sd=sd, rest_days=rest_days)
    each = [c.monotony(one, sd=sd, rest_days=rest_days) for one in (week, WEEK)]
    assert np.array_equal(np.asarray(many), np.array(each), equal_nan=True)
    assert not np.isinf(many).any()
    if len(set(week)) == 1:
        assert np.isnan(each[0])


def test_an_unknown_day_makes_the_week_unknown() -> None:
    """Nothing is summed past a gap."""
    week = [*WEEK[:-1], None]
    assert np.isnan(c.weekly_load(week))
    assert np.isnan(c.monotony(week, sd="sample"))
    with pytest.raises(PlanError, match="7 daily loads"):
        c.weekly_load(WEEK[:6])
    with pytest.raises(PlanError, match="name the convention"):
        c.monotony(WEEK, sd="both")  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="daily must be 0"):
        c.weekly_load([-1, *WEEK[1:]])


def test_trimp_names_the_womens_multiplier() -> None:
    """30 minutes at 130 with 200 and 40: 31.80 for a man, 37.13 or 27.63 for a woman."""
    assert c.trimp(30, 130, 200, 40, "male") == pytest.approx(31.80, abs=0.005)
    assert c.trimp(30, 130, 200, 40, "female", female_multiplier=0.86) == pytest.approx(37.13, abs=0.005)
    assert c.trimp(30, 130, 200, 40, "female", female_multiplier=0.64) == pytest.approx(27.63, abs=0.005)
    assert np.isnan(c.trimp(30, 130, 200, 40, "other"))
    with pytest.raises(PlanError, match="name female_multiplier"):
        c.trimp(30, 130, 200, 40, ["male", "female"])
    with pytest.raises(PlanError, match=r"0\.64 or 0\.86"):
        c.trimp(30, 130, 200, 40, "female", female_multiplier=0.7)
    with pytest.raises(PlanError, match="reserve must be 0 to 100"):
        c.trimp(30, 210, 200, 40, "male")


@pytest.mark.parametrize(
    ("sex", "multiplier", "most"), [("male", None, 4.37), ("female", 0.64, 3.40), ("female", 0.86, 4.57)]
)
def test_trimp_at_the_maximum_is_the_published_most_a_minute(sex: str, multiplier: float | None, most: float) -> None:
    """One minute at the maximal heart rate."""
    assert c.trimp(1, 200, 200, 40, sex, female_multiplier=multiplier) == pytest.approx(most, abs=0.005)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30), st.integers(1, 42))
def test_a_weighted_average_stays_among_its_days(loads: list[float], days: int) -> None:
    """Started from the first day it never leaves the range of the loads so far; with one day it is the load."""
    averages = c.ewma(loads, days, start="first")
    assert averages.shape == (len(loads),)
    assert (averages <= np.maximum.accumulate(loads) + 1e-9).all()
    assert (averages >= np.minimum.accumulate(loads) - 1e-9).all()
    assert c.ewma(loads, 1, start="zero") == pytest.approx(loads)


def test_the_weights_of_seven_and_twenty_eight_days() -> None:
    """One load after nothing shows the weight: 0.25 and 0.069."""
    assert c.ewma([1], 7, start="zero")[0] == 0.25
    assert c.ewma([1], 28, start="zero")[0] == pytest.approx(0.068966, abs=1e-6)
    assert np.isnan(c.ewma([1, None, 1], 7, start="first")).tolist() == [False, True, True]
    with pytest.raises(PlanError, match="start 'first' or 'zero'"):
        c.ewma([1], 7, start="mean")  # type: ignore[arg-type]


def test_volume_load_is_repetitions_by_sets_by_kilograms() -> None:
    """Three sets of ten with 40 kg are 1200 kg, and less than nothing is refused."""
    assert c.volume_load(10, 3, 40) == 1200
    with pytest.raises(PlanError, match="sets must be 0"):
        c.volume_load(10, -3, 40)
