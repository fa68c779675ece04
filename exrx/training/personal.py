"""The patient's own numbers on a session: pulse or watts beside Borg, kilograms where a load was tested.

Borg comes first; `capacity.steering` says whether pulse or watts may stand beside it. Nothing here changes a dose.
"""

from __future__ import annotations

import math

from attrs import evolve, field, frozen

from exrx.rules.restriction import Intensity
from exrx.training.capacity.repetition import load_for_percent, load_for_repetitions, one_rm
from exrx.training.capacity.steering import Steering, choose_steering, personal_targets, watts_of_test
from exrx.training.details import TestedLoad
from exrx.training.exercises import load_exercises
from exrx.training.person import Person
from exrx.training.phase import Phase, load_phases
from exrx.training.session import Effort, Part, PlannedExercise, Session
from exrx.training.targets import Words
from exrx.training.template import Band

FORMULA = "brzycki"
SMALLEST_STEP = 0.5  # kg: loads are rounded down to it
RESTS_ON = f"capacity.one-rm-{FORMULA}"
_TESTS = {"wpeak": "cpet", "msec": "steep-ramp"}
_PULSE: Words = {"da": "puls {low}-{high}", "en": "pulse {low}-{high}"}
_WATTS: Words = {"da": "{low}-{high} watt", "en": "{low}-{high} watts"}
_WORK: Words = {"da": "arbejde {watts} watt", "en": "work {watts} watts"}


@frozen
class Numbers:
    """What was measured: steering with its reasons, pulses, peak watts and their test, tested loads."""

    steering: Steering
    hr_max: float | None
    hr_rest: float | None
    peak_watts: float | None
    peak_watts_test: str | None
    loads: dict[str, TestedLoad] = field(factory=dict)


def numbers_of(person: Person, phase: Phase, loads: dict[str, TestedLoad]) -> Numbers:
    """What the decision's inputs and the tests give to steer by; unknown counts as the cautious answer."""
    in_treatment: str = "no" if phase.id == "after" else "yes"
    steering = choose_steering(
        beta_blocker=person.answer("on_beta_blocker"),  # type: ignore[arg-type]
        anaemia=person.below("haemoglobin", load_phases().borg_below_haemoglobin),  # type: ignore[arg-type]
        neuropathy=person.answer("peripheral_neuropathy"),  # type: ignore[arg-type]
        hr_max_measured=person.exact("hr_max_measured"),
        peak_watts=person.exact("peak_watts") or None,
        in_treatment=in_treatment,  # type: ignore[arg-type]
        peak_watts_test=person.option("peak_watts_test"),
    )
    return Numbers(
        steering,
        person.exact("hr_max_measured"),
        person.exact("resting_heart_rate"),
        person.exact("peak_watts") or None,
        person.option("peak_watts_test"),
        loads,
    )


def with_numbers(session: Session, numbers: Numbers, loads: dict[Intensity, Band]) -> Session:
    """The session with the patient's own numbers; never above the session's limit of pulse."""
    parts = tuple(_with_numbers(part, session, numbers, loads) for part in session.parts)
    return evolve(session, parts=parts) if parts != session.parts else session


def _with_numbers(part: Part, session: Session, numbers: Numbers, loads: dict[Intensity, Band]) -> Part:
    if part.kind == "strength":
        exercises = tuple(_loaded(exercise, part.intensity, numbers.loads, loads) for exercise in part.exercises)
        return evolve(part, exercises=exercises)
    if part.kind != "aerobic" or part.intensity is Intensity.NONE or part.borg is None:
        return part
    said = [*_work(part, numbers), *_steered(part, session, numbers)]
    if not said:
        return part
    return evolve(part, personal={lang: ", ".join(each[lang] for each in said) for lang in ("da", "en")})


def _steered(part: Part, session: Session, numbers: Numbers) -> list[Words]:
    if part.intervals:
        return []
    own = personal_targets(
        part.intensity.word,
        steering=numbers.steering,
        borg=part.borg,
        hr_max_measured=numbers.hr_max,
        hr_rest=numbers.hr_rest,
        peak_watts=numbers.peak_watts,
        peak_watts_test=numbers.peak_watts_test,
    )
    said = []
    if own.bpm is not None:
        low, high = own.bpm[0], min(own.bpm[1], session.heart_rate_max or own.bpm[1])
        said += [_filled(_PULSE, low=low, high=high)] if low <= high else []
    if own.watts is not None and session.heart_rate_max is None and _on_a_cycle(part):
        said.append(_filled(_WATTS, low=own.watts[0], high=own.watts[1]))
    return said


def _on_a_cycle(part: Part) -> bool:
    """True where the watts of a test on a cycle mean something."""
    known = load_exercises().by_id
    return all("cycle" in known[exercise.id].attributes["equipment"] for exercise in part.exercises)


def _work(part: Part, numbers: Numbers) -> list[Words]:
    """The watts of intervals that a trial states as a share of the test that this patient did."""
    work = part.intervals.work if part.intervals else part.effort
    if work is None or not numbers.peak_watts or not _on_a_cycle(part):
        return []
    if _TESTS.get(work.metric) != numbers.peak_watts_test:
        return []
    share = watts_of_test(
        work.low, numbers.peak_watts, stated_for=_TESTS[work.metric], test=numbers.peak_watts_test
    )
    return [_filled(_WORK, watts=math.floor(share))]


def _filled(words: Words, **facts: object) -> Words:
    return {lang: text.format(**facts) for lang, text in words.items()}


def _loaded(
    exercise: PlannedExercise, level: Intensity, tested: dict[str, TestedLoad], loads: dict[Intensity, Band]
) -> PlannedExercise:
    test = tested.get(exercise.id)
    if test is None or exercise.sets is None or level is Intensity.NONE:
        return exercise
    most = float(one_rm(test.kilograms, test.repetitions, FORMULA))
    heaviest = float(load_for_percent(most, loads[level].percent[1]))
    kilograms = min(_of_effort(exercise.effort, most, float(load_for_percent(most, loads[level].percent[0]))), heaviest)
    return evolve(exercise, kilograms=math.floor(kilograms / SMALLEST_STEP) * SMALLEST_STEP)


def _of_effort(effort: Effort | None, most: float, otherwise: float) -> float:
    """The lower end of a load that is stated as % of 1RM or as a repetition maximum; else of the band."""
    if effort is not None and effort.metric in ("1rm", "h1rm"):
        return float(load_for_percent(most, effort.low))
    if effort is not None and effort.metric == "rm" and effort.high <= 10:
        return float(load_for_repetitions(most, int(effort.high), FORMULA))
    return otherwise
