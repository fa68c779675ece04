"""What steers training and the numbers that follow: cautious with unknowns, and no pulse out of an age."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.training import capacity as c

FREE: dict[str, Any] = {"beta_blocker": "no", "anaemia": "no", "neuropathy": "no", "in_treatment": "no"}
MEASURED: dict[str, Any] = {"hr_max_measured": 180, "peak_watts": 150}
NOTHING: dict[str, Any] = {"hr_max_measured": None, "peak_watts": None}

answers = st.fixed_dictionaries(dict.fromkeys(FREE, st.sampled_from(["yes", "no", "unknown"])))
measures = st.fixed_dictionaries(
    {
        "hr_max_measured": st.sampled_from([None, 171]),
        "peak_watts": st.sampled_from([None, 140]),
        "peak_watts_test": st.sampled_from([None, "cpet", "steep-ramp", "watt-max"]),
    }
)


def steer(**changes: Any) -> c.Steering:
    """The steering of somebody whom nothing disturbs, with changes."""
    return c.choose_steering(**{**FREE, **MEASURED, **changes})


@pytest.mark.parametrize(
    ("changes", "metric"),
    [
        ({}, "heart-rate"),
        ({"peak_watts": None}, "heart-rate"),
        ({"hr_max_measured": None}, "watts"),
        (NOTHING, "borg"),
        ({"beta_blocker": "yes"}, "watts"),
        ({"beta_blocker": "yes", "peak_watts": None}, "borg"),
        ({"beta_blocker": "yes", "peak_watts_test": "steep-ramp"}, "borg"),
        ({"beta_blocker": "unknown"}, "borg"),
        ({"anaemia": "yes"}, "borg"),
        ({"anaemia": "unknown"}, "borg"),
        ({"neuropathy": "yes"}, "watts"),
        ({"neuropathy": "yes", "peak_watts": None}, "borg"),
        ({"neuropathy": "unknown"}, "borg"),
        ({"in_treatment": "yes"}, "borg"),
        ({"in_treatment": "unknown"}, "borg"),
        ({"part": "strength"}, "repetition-maximum"),
    ],
)
def test_each_fact_switches_the_steering(changes: dict[str, Any], metric: str) -> None:
    """Heart rate only where nothing disturbs it; Borg in treatment, with anaemia and with anything unknown."""
    assert steer(**changes).metric == metric


@given(answers, measures)
def test_heart_rate_steers_only_when_everything_is_known_to_allow_it(given: Any, measured: Any) -> None:
    """One yes or one unknown is enough to leave the pulse out; a disturbed pulse is not even shown beside."""
    steering = c.choose_steering(**given, **measured)
    free = all(value == "no" for value in given.values()) and measured["hr_max_measured"] is not None
    assert (steering.metric == "heart-rate") == free
    disturbed = any(given[name] != "no" for name in ("beta_blocker", "anaemia", "neuropathy"))
    assert not (disturbed and steering.shows("heart-rate"))
    assert steering.shows("borg")
    if given["anaemia"] != "no":
        assert not steering.shows("watts")


@given(answers, measures)
def test_every_reason_names_its_field_in_both_languages(given: Any, measured: Any) -> None:
    """There is always a reason; each names a field of the dictionary; each unknown answer is said to be unknown."""
    steering = c.choose_steering(**given, **measured)
    assert steering.reasons
    assert len(steering.reasons) == len(steering.fields)
    for words, name in zip(steering.reasons, steering.fields, strict=True):
        assert load_dictionary().field(name)
        assert f"({name})" in words["da"]
        assert f"({name})" in words["en"]
    unknown = sum("not known" in words["en"] for words in steering.reasons)
    assert unknown == sum(value == "unknown" for value in given.values())


@given(answers, measures, st.sampled_from(["light", "moderate", "vigorous"]), st.sampled_from([None, 58]))
def test_personal_numbers_appear_only_where_they_may(given: Any, measured: Any, level: str, rest: int | None) -> None:
    """No pulse without a measured maximum or against the steering; no watts without a CPET; Borg always."""
    steering = c.choose_steering(**given, **measured)
    own = c.personal_targets(level, steering=steering, hr_rest=rest, **measured)
    assert own.bpm is None or (measured["hr_max_measured"] is not None and steering.shows("heart-rate"))
    assert own.watts is None or (measured["peak_watts_test"] == "cpet" and steering.shows("watts"))
    assert not own.estimated
    assert own.borg[0] <= own.borg[1]
    assert own.talk["da"]
    assert own.talk["en"]


@given(st.floats(100, 210), st.floats(40, 80), st.floats(20, 400), st.sampled_from(["light", "moderate", "vigorous"]))
def test_numbers_stay_inside_the_band_of_the_scale(top: float, rest: float, watts: float, level: str) -> None:
    """Rounding goes inwards: no number lies above its band, and the maximum is never reached."""
    steering = steer(hr_max_measured=top, peak_watts=watts)
    own = c.personal_targets(
        level, steering=steering, hr_max_measured=top, hr_rest=rest, peak_watts=watts, peak_watts_test="cpet"
    )
    band = c.zone_band(level, "percent-hrr", "garber-2011")
    assert own.bpm is not None
    assert own.watts is not None
    assert own.bpm[0] <= own.bpm[1] <= rest + band.high / 100 * (top - rest) + 1e-6
    assert own.watts[0] <= own.watts[1] <= band.high / 100 * watts + 1e-6
    assert own.bpm[1] < top


def test_the_pulse_says_whether_it_is_of_the_reserve_or_of_the_maximum() -> None:
    """With a resting heart rate the reserve, without it the maximum; the note logs which."""
    reserve = c.personal_targets("moderate", steering=steer(), hr_max_measured=180, hr_rest=60)
    maximum = c.personal_targets("moderate", steering=steer(), hr_max_measured=180)
    assert (reserve.bpm, reserve.bpm_from) == ((108, 130), "percent-hrr")
    assert (maximum.bpm, maximum.bpm_from) == ((116, 136), "percent-hr-max")
    assert "heart-rate reserve (garber-2011)" in reserve.notes[0]["en"]
    assert "højeste puls" in maximum.notes[0]["da"]


def test_the_scale_changes_the_numbers() -> None:
    """Moderate is 55-69 % of the maximum in acsm-2000 and 64-74 in Sundhedsstyrelsen's bands."""
    old = c.personal_targets("moderate", steering=steer(), hr_max_measured=200, scale="acsm-2000")
    danish = c.personal_targets("moderate", steering=steer(), hr_max_measured=200, scale="sundhedsstyrelsen")
    assert (old.bpm, danish.bpm) == ((110, 138), (128, 148))


def test_an_age_alone_gives_no_pulse() -> None:
    """Only an estimate that is handed in becomes a pulse, and it says how wrong it may be."""
    steering = steer(**NOTHING)
    assert c.personal_targets("light", steering=steering).bpm is None
    guess = c.personal_targets("light", steering=steering, hr_max_estimated=c.estimate_hr_max(60, "tanaka"))
    assert guess.bpm == (95, 104)
    assert guess.estimated
    assert "estimated from age, ± 11 beats (SEE)" in guess.notes[1]["en"]
    assert "± 11 slag (SEE)" in guess.notes[1]["da"]
    blocked = steer(beta_blocker="yes", hr_max_measured=None)
    assert c.personal_targets("light", steering=blocked, hr_max_estimated=c.estimate_hr_max(60, "fox")).bpm is None


def test_a_measured_maximum_outranks_an_estimate() -> None:
    """The estimate is not used and not mentioned."""
    guess = c.estimate_hr_max(60, "tanaka")
    own = c.personal_targets("light", steering=steer(), hr_max_measured=180, hr_max_estimated=guess)
    assert not own.estimated
    assert own.bpm == (103, 113)


@pytest.mark.parametrize("test", ["steep-ramp", "watt-max", None])
def test_watts_of_another_test_are_not_converted(test: str | None) -> None:
    """There is a note instead of a number, and a programme's percent needs the test it was stated for."""
    own = c.personal_targets("moderate", steering=steer(), peak_watts=200, peak_watts_test=test)
    assert own.watts is None
    assert "not converted" in own.notes[0]["en"]
    assert c.watts_of_test(65, 200, stated_for="steep-ramp", test="steep-ramp") == 130
    with pytest.raises(PlanError, match="test again"):
        c.watts_of_test(65, 200, stated_for="cpet", test=test)


def test_a_scale_without_watts_gives_none_and_says_so() -> None:
    """Nothing is borrowed from another scale."""
    own = c.personal_targets(
        "moderate", steering=steer(), peak_watts=200, peak_watts_test="cpet", scale="acsm-2000"
    )
    assert own.watts is None
    assert "acsm-2000 has no limits" in own.notes[0]["en"]


def test_the_templates_own_borg_range_is_kept() -> None:
    """A given range stands, else the scale's."""
    assert c.personal_targets("vigorous", steering=steer(), borg=(14, 15)).borg == (14, 15)
    assert c.personal_targets("vigorous", steering=steer()).borg == (14, 17)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: steer(beta_blocker=True), "must be 'yes', 'no' or 'unknown'"),
        (lambda: steer(hr_max_measured=-1), "hr_max_measured must be a number above 0"),
        (lambda: steer(peak_watts="150"), "peak_watts must be a number above 0"),
        (lambda: steer(peak_watts_test="ramp"), "peak_watts_test must be one of cpet"),
        (lambda: c.personal_targets("hard", steering=steer()), "no intensity class 'hard'"),
        (lambda: c.personal_targets("near-maximal", steering=steer()), "personal numbers are for light"),
        (lambda: c.personal_targets("light", steering=steer(), borg=(3, 4)), "from 6 to 20"),
        (lambda: c.personal_targets("light", steering=steer(), borg=(12, 9)), "lowest first"),
        (lambda: c.personal_targets("light", steering=steer(), borg=(9, 11), scale="acsm"), "no intensity scale"),
        (lambda: c.personal_targets("light", steering=steer(), hr_max_measured=400), "hr_max must be 60 to 230"),
        (lambda: c.personal_targets("light", steering=steer(), hr_max_measured=100, hr_rest=110), "must be below"),
        (lambda: c.watts_of_test(65, None, stated_for="cpet", test="cpet"), "not known"),  # type: ignore[arg-type]
    ],
)
def test_wrong_input_says_what_is_wrong(call: Any, says: str) -> None:
    """Each wrong input has its own sentence."""
    with pytest.raises(PlanError, match=says):
        call()


def test_importing_steering_loads_no_solver() -> None:
    """`exrx.training.capacity` needs numpy only."""
    code = "import sys, exrx.training.capacity.steering; print(any(m.split('.')[0] == 'scipy' for m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
