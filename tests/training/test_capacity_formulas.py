"""The formulas: published and computed vectors, ranges, unknown values, arrays, and the registry with its page."""

from __future__ import annotations

import inspect
import operator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.protocol.sources import load_sources
from exrx.training import capacity as c
from exrx.training.capacity import formula, oxygen, walking

DOCS = Path(__file__).parents[2] / "docs" / "capacity.md"
MAN, WOMAN = (60, "male", 175, 80), (60, "female", 165, 70)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (c.hr_max_fox, [180, 165, 160, 150]),
        (c.hr_max_tanaka, [180, 169.5, 166, 159]),
        (c.hr_max_gellish, [179, 168.5, 165, 158]),
        (c.hr_max_nes, [185.4, 175.8, 172.6, 166.2]),
    ],
)
def test_age_formulas_give_the_computed_vectors(function: Any, expected: list[float]) -> None:
    """Ages 40, 55, 60 and 70 give the listed maxima, one by one and as an array."""
    assert function([40, 55, 60, 70]) == pytest.approx(expected)
    assert [function(age) for age in (40, 55, 60, 70)] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("got", "expected", "within"),
    [
        (c.walking_vo2(c.m_per_min_from_mph(3.0)), 11.54, 0.005),
        (c.met_from_vo2(c.walking_vo2(c.m_per_min_from_mph(3.0))), 3.30, 0.005),
        (c.running_vo2(c.m_per_min_from_mph(6.0)), 35.66, 0.005),
        (c.met_from_vo2(c.running_vo2(c.m_per_min_from_mph(6.0))), 10.19, 0.005),
        (c.stepping_vo2(30, 0.3048), 31.3907, 0.00005),
        (c.watts_from_kgm(540), 90, 1e-9),
        (c.watts_from_kgm(540, kgm_per_watt=6.12), 88.2, 0.05),
        (c.met_minutes(3, 150), 450, 1e-9),
        (c.met_hours(3, 150), 7.5, 1e-9),
        (c.steep_ramp_ml_per_min(200), 1696.7, 1e-9),
        (c.steep_ramp_vo2(200, 70), 24.24, 0.005),
        (c.ebbeling(50, "female", 3, 120), 32.05, 0.005),
        (c.ebbeling(45, "male", 3.5, 130), 42.93, 0.005),
        (c.jackson_bmi(50, "female", 26, 3), 23.47, 0.005),
        (walking.enright_1998(*MAN), 573.75, 0.005),
        (walking.enright_1998(*WOMAN), 508.05, 0.005),
        (walking.troosters(*MAN), 705.6, 0.05),
        (walking.troosters(*WOMAN), 620.9, 0.05),
        (walking.gibbons(*MAN[:2]), 689.4, 0.05),
        (walking.gibbons(*WOMAN[:2]), 614.7, 0.05),
        (c.enright_1998_lower_limit(*MAN), 573.75 - 153, 0.005),
        (c.enright_1998_lower_limit(*WOMAN), 508.05 - 139, 0.005),
        (c.reynolds_leg_press(100), 123.9546, 1e-9),
        (c.reynolds_chest_press(40), 45.9279, 1e-9),
    ],
)
def test_formulas_give_the_published_and_computed_vectors(got: float, expected: float, within: float) -> None:
    """Each worked example of the fact base comes out as listed."""
    assert isinstance(got, float)
    assert got == pytest.approx(expected, abs=within)


def test_formulas_without_a_published_example_follow_their_text() -> None:
    """Each equation equals its text, computed here once by hand."""
    assert c.jackson_fat(50, "male", 20, 3) == pytest.approx(50.513 + 4.767 - 14.45 - 11.04 + 5.863)
    assert c.baynard_bmi(50, "female", 25) == pytest.approx(77.96 - 10.35 - 23 - 16)
    assert c.baynard_waist(50, "male", 90) == pytest.approx(88.35 - 36 - 13.5)
    assert c.friend(50, "female", 100 * oxygen.KG_PER_POUND) == pytest.approx(79.9 - 19.5 - 13.7 - 12.7)
    assert c.hunt_bmi(50, "male", bmi=26, hr_rest=60, pa_index=5) == pytest.approx(
        92.05 - 16.35 - 24.258 - 10.02 + 1.285
    )
    assert c.hunt_waist(50, "female", waist=90, hr_rest=60, pa_index=5) == pytest.approx(
        74.74 - 12.35 - 23.31 - 6.84 + 0.99
    )
    pounds = c.one_mile_walk(50, "male", 200 * oxygen.KG_PER_POUND, 15, 120) * 200 * oxygen.KG_PER_POUND / 1000
    assert pounds == pytest.approx(6.9652 + 1.82 - 1.285 + 0.5955 - 3.36 - 1.38)
    assert c.six_minute_walk_group(500) == pytest.approx(16.448)
    assert walking.enright_2003(70, "male", 170, 80) == pytest.approx(510 + 374 - 74.4 - 371)
    assert walking.chetta(40, "female", 165) == pytest.approx(518.853 + 206.25 - 112.64 - 39.07)
    assert walking.jenkins(60, "female", 165, 70) == pytest.approx(525 - 171.6 + 447.15 - 6.22 * 70 / 1.65**2)
    assert walking.jenkins(60, "male", 175, None) == pytest.approx(867 - 342.6 + 180.25)
    assert walking.hill(60, "male") == pytest.approx(970.7 - 330 + 56.3)
    assert c.arm_cycling_vo2(50, 75) == pytest.approx(3.5 + 3 * 300 / 75)
    assert c.leg_cycling_vo2(100, 72) == pytest.approx(7 + 10.8 * 100 / 72)
    assert c.leg_cycling_vo2(100, 72, kgm_per_watt=6.12) / c.leg_cycling_vo2(100, 72) == pytest.approx(1.0136, abs=1e-4)


@given(st.floats(0, 100), st.floats(120, 200), st.floats(40, 100))
def test_karvonen_and_its_inverse_agree(percent: float, top: float, rest: float) -> None:
    """The share of the reserve of the heart rate at a share is that share."""
    assert c.percent_hrr(c.karvonen(percent, top, rest), top, rest) == pytest.approx(percent, abs=1e-6)


@given(st.floats(50, 100), st.floats(0, 0.2), st.floats(134, 300), st.floats(50, 200), st.floats(40, 150))
def test_metabolic_equations_and_their_inverses_agree(
    walk: float, grade: float, run: float, watts: float, mass: float
) -> None:
    """The speed or work rate of a VO2 is the one that gave it, at the limits too."""
    assert c.walking_speed(c.walking_vo2(walk, grade), grade) == pytest.approx(walk)
    assert c.running_speed(c.running_vo2(run, grade / 4), grade / 4) == pytest.approx(run)
    assert c.leg_cycling_watts(c.leg_cycling_vo2(watts, mass), mass) == pytest.approx(watts)


@given(st.lists(st.one_of(st.none(), st.floats(-50, 200)), min_size=1, max_size=6))
def test_arrays_equal_the_single_calls_and_unknown_stays_unknown(ages: list[float | None]) -> None:
    """An array gives entry by entry what single calls give; None and values outside the range give NaN."""
    many = c.hr_max_tanaka(ages, outside="nan")
    one = [c.hr_max_tanaka(age, outside="nan") for age in ages]
    assert np.array_equal(np.asarray(many), np.array(one), equal_nan=True)
    for age, value in zip(ages, one, strict=True):
        assert np.isnan(value) == (age is None or not 18 <= age <= 110)


def test_inputs_broadcast_and_keep_their_shape() -> None:
    """A column against a row gives a table; an empty array gives an empty array; integers and floats are the same."""
    table = c.leg_cycling_vo2(np.array([[50], [100]]), np.array([60, 80, 100], dtype=np.float32))
    assert isinstance(table, np.ndarray)
    assert table.shape == (2, 3)
    assert table.dtype == np.float64
    assert np.shape(c.hr_max_fox([])) == (0,)
    assert c.hr_max_fox(np.int64(50)) == c.hr_max_fox(50.0) == 170
    assert np.isnan(c.hr_max_fox(np.ma.array([50], mask=[True]))).all()
    with pytest.raises(PlanError, match="do not fit"):
        c.met_minutes([1, 2], [1, 2, 3])


def test_a_sex_without_an_equation_gives_unknown() -> None:
    """Other, unknown and None are NaN, a misspelt word is an error."""
    got = np.asarray(walking.gibbons(50, ["male", "female", "other", "unknown"]))
    assert np.isnan(got).tolist() == [False, False, True, True]
    assert np.isnan(walking.hill(50, None))
    assert np.isnan(c.hunt_bmi(50, "other", bmi=25, hr_rest=60, pa_index=3))
    assert np.isnan(walking.hill([50, 50], [None, float("nan")])).all()
    with pytest.raises(PlanError, match="sex must be"):
        walking.hill(50, "man")
    with pytest.raises(PlanError, match="sex must be"):
        walking.hill(50, 1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c.hr_max_fox([40, 130]), "age must be 18 to 110 years; the value at position 1"),
        (lambda: c.hr_max_fox([[40, 130], [5, 40]]), r"position \(0, 1\) and 1 more"),
        (lambda: c.hr_max_fox("40"), "age must be a number"),
        (lambda: c.hr_max_fox(True), "age must be a number"),
        (lambda: c.hr_max_fox(["40", None]), "age must be a number"),
        (lambda: c.hr_max_fox(40, outside="clip"), "outside must be"),
        (lambda: c.hr_max_fox(float("inf")), "age must be 18"),
        (lambda: c.walking_vo2(110), "speed must be 50 to 100 m/min"),
        (lambda: c.running_vo2(100), "speed must be 134"),
        (lambda: c.walking_vo2(80, 5), "grade must be 0 to 0.4 as a decimal"),
        (lambda: c.walking_speed(30), "speed must be 50 to 100"),
        (lambda: c.leg_cycling_vo2(30, 70), "watts must be 50 to 200"),
        (lambda: c.leg_cycling_watts(60, 70), "watts must be 50 to 200"),
        (lambda: c.watts_from_kgm(540, kgm_per_watt=6.1), "kgm_per_watt must be 6"),
        (lambda: c.stepping_vo2(30, 30.48), "step_height must be 0.04 to 0.4 m"),
        (lambda: c.karvonen(60, 100, 110), "resting heart rate must be below"),
        (lambda: c.ebbeling(65, "male", 3, 120), "age must be 20 to 59"),
        (lambda: walking.chetta(60, "male", 175), "age must be 20 to 50"),
        (lambda: c.predicted_walk("borg", 60, "male"), "name the norm"),
        (lambda: c.percent_predicted_walk(-5, "hill", 60, "male"), "metres must be 0 to 1000"),
        (lambda: c.hunt_activity_index(2, 5, 1.5, rule="averaged"), "name the rule"),
        (lambda: c.hunt_activity_index(4, 5, 1.5, rule="added"), "frequency must be one of"),
        (lambda: c.estimate_hr_max(60, "gellish"), "known error"),
        (lambda: c.estimate_hr_max(None, "fox"), "age of one person"),
    ],
)
def test_wrong_input_says_what_is_wrong(call: Any, says: str) -> None:
    """The error names the limit or the choices, and never repeats the values."""
    with pytest.raises(PlanError, match=says) as raised:
        call()
    assert "130" not in str(raised.value)


def test_truly_walking_and_running_widen_the_range() -> None:
    """Between the two equations the caller says what the person does."""
    assert c.walking_vo2(120, truly_walking=True) == pytest.approx(15.5)
    assert c.running_vo2(100, truly_running=True) == pytest.approx(23.5)
    assert np.isnan(c.walking_vo2(120, outside="nan"))


def test_a_body_mass_index_cannot_pass_as_a_waist() -> None:
    """HUNT's two equations share no value of that input, so mixing them is an error."""
    assert formula.BMI.high < oxygen._WAIST.low
    with pytest.raises(PlanError, match="waist must be 56"):
        c.hunt_waist(50, "male", waist=26, hr_rest=60, pa_index=5)
    with pytest.raises(PlanError, match="bmi must be 12"):
        c.hunt_bmi(50, "male", bmi=94, hr_rest=60, pa_index=5)


def test_the_activity_index_depends_on_the_named_rule() -> None:
    """Adding and multiplying differ, and an unknown answer stays unknown."""
    assert c.hunt_activity_index(2, 5, 1.5, rule="added") == 8.5
    assert c.hunt_activity_index(2, 5, 1.5, rule="multiplied") == 15
    assert np.isnan(c.hunt_activity_index(2, float("nan"), 1.5, rule="added"))


def test_an_estimated_maximum_carries_its_error() -> None:
    """Tanaka at 60 is 166 with 11.4 beats of error."""
    estimate = c.estimate_hr_max(60, "tanaka")
    assert (estimate.bpm, estimate.see, estimate.formula) == (pytest.approx(166), 11.4, "hr-max-tanaka")


def test_a_steep_ramp_improvement_begins_at_its_limit() -> None:
    """0.26 W/kg is an improvement, less is not, and an unknown test is unknown."""
    got = c.steep_ramp_improved(100, [118.2, 118.1, None], 70, 70)
    assert np.array_equal(np.asarray(got), [1, 0, np.nan], equal_nan=True)


def test_the_walk_norms_disagree_and_are_always_named() -> None:
    """For one man they span at least 130 m; every norm is reached by name, with % of its own prediction."""
    predictions = {
        norm: c.predicted_walk(norm, 60, "male", height=175, mass=80, outside="nan") for norm in c.WALK_NORMS
    }
    known = [value for value in predictions.values() if not np.isnan(value)]
    assert max(known) - min(known) > 130
    assert [norm for norm, value in predictions.items() if np.isnan(value)] == ["enright-2003", "chetta"]
    assert c.percent_predicted_walk(573.75, "enright-1998", *MAN[:2], height=175, mass=80) == pytest.approx(100)
    assert np.isnan(c.predicted_walk("troosters", 60, "male", height=175))


def test_the_registry_names_real_functions_sources_and_flags() -> None:
    """Every formula has a function that exists, a source in sources.yaml and, where it errs in its unit, a number."""
    for one in c.FORMULAS.values():
        module, name = one.function.split(".")
        function = operator.attrgetter(name)(import_module(f"exrx.training.capacity.{module}"))
        assert callable(function)
        assert inspect.getdoc(function)
        assert one.source in load_sources()
        assert one.text
    assert c.FORMULAS["hr-max-fox"].see == 12.4
    assert len(c.FORMULAS) == sum(
        len(import_module(f"exrx.training.capacity.{module}").FORMULAS)
        for module in ("heart_rate", "metabolic", "oxygen", "walking", "repetition", "load", "compendium")
    )


def test_every_formula_function_documents_error_and_source() -> None:
    """A docstring of a formula says its source and how well it was read, like its registry entry."""
    for one in c.FORMULAS.values():
        module, name = one.function.split(".")
        text = inspect.getdoc(operator.attrgetter(name)(import_module(f"exrx.training.capacity.{module}"))) or ""
        if one.source not in ("local-decision", "acsm-unit-pages", "garber-2011"):
            assert "Source:" in text, one.id
            assert text.rstrip().endswith(one.verified), one.id


def test_the_page_equals_the_registry() -> None:
    """docs/capacity.md holds the generated table; paste `formula_table()` between its marks after a change."""
    page = DOCS.read_text(encoding="utf-8")
    assert page.split("<!-- formulas: begin -->\n")[1].split("<!-- formulas: end -->")[0] == c.formula_table()


@pytest.mark.parametrize(
    ("limit", "name"),
    [(formula.AGE, "age"), (formula.HEIGHT, "height"), (formula.MASS, "weight"), (formula.BMI, "bmi")],
)
def test_our_own_limits_lie_inside_what_the_dictionary_holds_plausible(limit: c.Range, name: str) -> None:
    """A value that a formula takes is one that a patient may have."""
    scale = load_dictionary().field(name).ticks
    assert float(scale.low) <= limit.low < limit.high <= float(scale.high)
