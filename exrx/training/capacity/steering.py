"""By what a person's training is steered: heart rate, Borg, watts or repetitions; and the numbers that follow.

Borg comes first. Heart rate steers only with a measured maximum, outside treatment, when a beta blocker, anaemia
and damage to the autonomic nerves are each known to be absent. Unknown counts as the cautious answer.
"""

from __future__ import annotations

import math
import numbers
from typing import Literal, get_args

import numpy as np
from attrs import field, frozen, validators

from exrx.errors import PlanError
from exrx.training.capacity.formula import HR_MAX
from exrx.training.capacity.heart_rate import HrMaxEstimate, karvonen
from exrx.training.capacity.scales import Level, load_scales
from exrx.training.capacity.steering_words import NOTES, WHY
from exrx.training.capacity.zones import named_scale, zone_band
from exrx.training.targets import Words

YesNo = Literal["yes", "no", "unknown"]
Metric = Literal["heart-rate", "borg", "watts", "repetition-maximum"]
METRICS = get_args(Metric)
THREE_LEVELS = (Level.LIGHT, Level.MODERATE, Level.VIGOROUS)
PEAK_TESTS = ("cpet", "steep-ramp", "watt-max")


@frozen
class Steering:
    """What steers a part of the training, and why.

    `reasons` are sentences in Danish and English, each naming its field; `fields` are those fields in the same
    order. `beside` are metrics that may be shown next to the steering one; they never overrule it.
    """

    metric: Metric = field(validator=validators.in_(METRICS))
    reasons: tuple[Words, ...]
    fields: tuple[str, ...]
    beside: tuple[Metric, ...] = ()

    def shows(self, metric: Metric) -> bool:
        """True when numbers of this metric may be shown: it steers, or stands beside what steers."""
        return metric == self.metric or metric in self.beside


@frozen
class PersonalTargets:
    """One person's numbers for an intensity, lowest and highest; None where they must not be given.

    `bpm_from` says whether the pulse is a share of the reserve or of the maximum, `estimated` whether that maximum
    is a guess from age (a note then says how wrong it is). `notes` say how each number was made, or why not.
    """

    level: Level
    scale: str
    metric: Metric
    borg: tuple[int, int]
    bpm: tuple[int, int] | None
    bpm_from: str | None
    estimated: bool
    watts: tuple[int, int] | None
    talk: Words
    notes: tuple[Words, ...]


_DISTURBS = ("beta_blocker", "anaemia", "neuropathy")
_FIELDS = {
    "beta_blocker": "on_beta_blocker",
    "anaemia": "haemoglobin",
    "neuropathy": "peripheral_neuropathy",
    "in_treatment": "in_initial_treatment",
}


def choose_steering(
    *,
    beta_blocker: YesNo,
    anaemia: YesNo,
    neuropathy: YesNo,
    hr_max_measured: float | None,
    peak_watts: float | None,
    in_treatment: YesNo,
    peak_watts_test: str | None = None,
    part: Literal["aerobic", "strength"] = "aerobic",
) -> Steering:
    """What steers a person's aerobic (or strength) training, with every reason.

    In treatment, anaemic, or with any of the four answers unknown: Borg. On a beta blocker or with neuropathy, the
    rest known to be absent: watts where a peak was measured, else Borg. None of them, and a measured HRmax: heart
    rate; no measured HRmax: watts, else Borg. Strength training is always steered by the repetition maximum.
    Making a "no" into "unknown" or "yes" never brings heart rate in.

    Args:
        neuropathy: autonomic involvement is what matters; that it makes the pulse useless is recalled, unverified.
        peak_watts: measured peak watts; those known to come from another test than `cpet` do not steer.

    Raises:
        PlanError: an answer other than yes, no and unknown, or a number that cannot be one.

    Source: RM and RPE so that load regulates itself: interval-gap4-2018; what breaks heart rate: recalled. unverified
    """
    answers = {"beta_blocker": beta_blocker, "anaemia": anaemia, "neuropathy": neuropathy, "in_treatment": in_treatment}
    for name, given in answers.items():
        if given not in get_args(YesNo):
            raise PlanError(f"{name} must be 'yes', 'no' or 'unknown', not {given!r}")
    _check_test(peak_watts_test)
    measured = _positive(hr_max_measured, "hr_max_measured") is not None
    watts = _positive(peak_watts, "peak_watts") is not None
    if part == "strength":
        return Steering("repetition-maximum", (WHY["strength"],), (_FIELDS["in_treatment"],))
    keys = [f"{name}:{given}" for name, given in answers.items() if given != "no"]
    other_test = watts and peak_watts_test not in (None, "cpet")
    pulse_free = all(answers[name] == "no" for name in _DISTURBS)
    only_borg = in_treatment != "no" or anaemia != "no" or "unknown" in (beta_blocker, neuropathy)
    if pulse_free and not measured:
        keys.append("hr_max_measured:no")
    if other_test:
        keys.append("peak_watts_test:other")
    metric: Metric = "borg"
    if not only_borg and pulse_free and measured:
        metric, keys = "heart-rate", [*keys, "hr_max_measured:yes"]
    elif not only_borg and watts and not other_test:
        metric, keys = "watts", [*keys, "peak_watts:yes"]
    may_show: dict[Metric, bool] = {"borg": True, "heart-rate": pulse_free, "watts": watts and anaemia == "no"}
    beside = tuple(name for name, shown in may_show.items() if shown and name != metric)
    fields = tuple(_FIELDS.get(key.partition(":")[0], key.partition(":")[0]) for key in keys)
    return Steering(metric, tuple(WHY[key] for key in keys), fields, beside)


def personal_targets(
    level: Level | str,
    *,
    steering: Steering,
    borg: tuple[int, int] | None = None,
    hr_max_measured: float | None = None,
    hr_rest: float | None = None,
    peak_watts: float | None = None,
    peak_watts_test: str | None = None,
    scale: str = "garber-2011",
    hr_max_estimated: HrMaxEstimate | None = None,
) -> PersonalTargets:
    """Borg, pulse, watts and talk test for light, moderate or vigorous training of one person.

    Borg (6-20) is the range given, else the scale's. A pulse stands only where the steering lets it and a maximum
    was measured, or an estimate was handed in on purpose; with `hr_rest` it is a share of the reserve, else of the
    maximum. Watts stand only for the peak of a `cpet`. All ranges are rounded inwards. Unknown (None) gives None.

    Raises:
        PlanError: another level, a scale that does not print it, a Borg range off the scale, or impossible numbers.

    Source: the named scale; both ways to the pulse are in use (docs/capacity.md, the conflict on %HRR).
    """
    wanted = Level.from_word(level) if isinstance(level, str) else Level(level)
    if wanted not in THREE_LEVELS:
        raise PlanError(f"personal numbers are for {', '.join(one.word for one in THREE_LEVELS)}, not {wanted.word}")
    _check_test(peak_watts_test)
    named_scale(scale)
    notes: list[Words] = []
    measured = _positive(hr_max_measured, "hr_max_measured")
    top = measured if measured is not None else hr_max_estimated.bpm if hr_max_estimated else None
    bpm, bpm_from = None, None
    if top is not None:
        HR_MAX.check(np.asarray(top))
    if top is not None and steering.shows("heart-rate"):
        rest = _positive(hr_rest, "hr_rest")
        bpm_from = "percent-hr-max" if rest is None else "percent-hrr"
        low, high = _edges(wanted, bpm_from, scale)
        ends = [float(karvonen(p, top, rest)) if rest is not None else p * top / 100 for p in (low, high)]
        bpm = _inwards(*ends)
        notes.append(_note(bpm_from, low=low, high=high, scale=scale))
        if measured is None and hr_max_estimated:
            notes.append(_note("estimated", see=round(hr_max_estimated.see)))
    power = _positive(peak_watts, "peak_watts")
    watts = None
    if power is not None and steering.shows("watts"):
        watts, why = _watts(wanted, power, peak_watts_test, scale)
        notes.append(why)
    return PersonalTargets(
        level=wanted,
        scale=scale,
        metric=steering.metric,
        borg=_borg(borg, wanted, scale),
        bpm=bpm,
        bpm_from=bpm_from,
        estimated=bpm is not None and measured is None,
        watts=watts,
        talk=load_scales().talk_test[wanted.word],
        notes=tuple(notes),
    )


def watts_of_test(percent: float, peak_watts: float, *, stated_for: str, test: str | None) -> float:
    """Watts where a programme states percent of a named test's peak (EFFECT: 65 % of the steep ramp test's).

    Raises:
        PlanError: the person's peak comes from another test or from one that is not known: nothing is converted.
    """
    _check_test(stated_for)
    _check_test(test)
    power, share = _positive(peak_watts, "peak_watts"), _positive(percent, "percent")
    if power is None or share is None:
        raise PlanError("watts need both the percentage and the peak watts; one of them is not known")
    if test != stated_for:
        raise PlanError(f"the programme states percent of {stated_for}, the peak watts are from {test}: test again")
    return share * power / 100


def _watts(level: Level, power: float, test: str | None, scale: str) -> tuple[tuple[int, int] | None, Words]:
    if test != "cpet":
        return None, _note("other-test", test=test or "?")
    if "percent-peak-watts" not in named_scale(scale).tables:
        return None, _note("no-watts-in-scale", scale=scale)
    low, high = _edges(level, "percent-peak-watts", scale)
    said = _note("percent-peak-watts", low=low, high=high, scale=scale)
    return _inwards(low * power / 100, high * power / 100), said


def _borg(given: tuple[int, int] | None, level: Level, scale: str) -> tuple[int, int]:
    low, high = given if given is not None else _edges(level, "borg", scale)
    if not 6 <= low <= high <= 20:
        raise PlanError("a Borg range is two numbers from 6 to 20, lowest first (this is not the 0-10 scale)")
    return int(low), int(high)


def _edges(level: Level, metric: str, scale: str) -> tuple[float, float]:
    band = zone_band(level, metric, scale)
    return band.low, band.high


def _inwards(low: float, high: float) -> tuple[int, int]:
    """The whole numbers inside the range; where it holds none, the one below its upper end."""
    last = math.floor(round(high, 9))
    return min(math.ceil(round(low, 9)), last), last


def _note(key: str, **facts: object) -> Words:
    return {lang: text.format(**facts) for lang, text in NOTES[key].items()}


def _positive(value: float | None, name: str) -> float | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 < value < math.inf:
        raise PlanError(f"{name} must be a number above 0, or None when it is not known")
    return float(value)


def _check_test(test: str | None) -> None:
    if test is not None and test not in PEAK_TESTS:
        raise PlanError(f"peak_watts_test must be one of {', '.join(PEAK_TESTS)} or None, not {test!r}")
