"""From a template, a restriction and a baseline to one week of training, as pure steps.

    caps_of       what the restriction leaves open            ladder   the weeks from the lowest dose to
    the target entry_step    where on the ladder the patient begins      build_week   one week's sessions,
    caps obeyed

Every step is monotone: a more cautious restriction never gives more minutes at or above any intensity,
nor more sets or a heavier load; a larger baseline never gives a smaller start. So nothing that a cap
takes is given back elsewhere beyond the week's minutes on the ladder, and what an avoidance takes from
strength training is not given to other sets.
"""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from exrx.rules.restriction import Intensity, Progression, Restriction
from exrx.training.exercises import Exercise
from exrx.training.session import INTENSITIES, Part, Pattern, PlannedExercise, Session
from exrx.training.targets import DAYS_A_WEEK, ActivityDay, Target, check_week
from exrx.training.template import Band, Stage, Training


@frozen
class Caps:
    """What a restriction leaves open. Minutes a session, Borg 6-20, beats a minute; None is no limit."""

    classes: bool
    class_aerobic: Intensity
    home_aerobic: Intensity
    strength: Intensity
    minutes: int | None
    borg: int | None
    heart_rate: int | None
    progression: Progression
    avoid: frozenset[str]
    in_company: bool
    slow: bool


def caps_of(restriction: Restriction, training: Training, heart_rate_max_measured: int | None = None) -> Caps:
    """What `restriction` leaves open in `training`.

    A limit on pulse or exertion takes away the intensities that begin above it. Without a measured
    maximal pulse a pulse limit cannot be placed, and the template's `without_measured_maximum` holds.
    """
    limits = (restriction.rpe_max, restriction.heart_rate_max, heart_rate_max_measured)
    aerobic = _highest(training, training.zones, restriction.aerobic_max, restriction.avoid, *limits)
    strength = _highest(training, training.loads, restriction.strength_max, restriction.avoid, limits[0])
    home = max(aerobic, training.home_by_supervision[restriction.supervision])
    return Caps(
        classes=not {"group", "individual"} <= restriction.formats_forbidden,
        class_aerobic=aerobic,
        home_aerobic=Intensity.NONE if "home" in restriction.formats_forbidden else home,
        strength=strength,
        minutes=restriction.session_minutes_max,
        borg=restriction.rpe_max,
        heart_rate=restriction.heart_rate_max,
        progression=restriction.progression,
        avoid=restriction.avoid,
        in_company=bool(restriction.avoid & training.alone),
        slow=bool(restriction.avoid & training.slow_for),
    )


def _highest(
    training: Training,
    bands: dict[Intensity, Band],
    highest: Intensity,
    avoid: frozenset[str],
    borg: int | None = None,
    heart_rate: int | None = None,
    measured: int | None = None,
) -> Intensity:
    for level in reversed(INTENSITIES):
        if level < highest or bands[level].loads & avoid:
            continue
        edge = training.zones[level].borg
        if borg is not None and edge is not None and edge[0] > borg:
            continue
        if heart_rate is not None and measured is None and level < training.without_measured_maximum:
            continue
        begins = bands[level].percent[0] * (measured or 0)
        if heart_rate is not None and begins > 100 * heart_rate:
            continue
        return level
    return Intensity.NONE


@frozen
class Step:
    """A week on the ladder: minutes of aerobic training a session, days at home, vigorous minutes a class."""

    minutes: int
    home_days: int
    vigorous: int = 0


@lru_cache(maxsize=64)
def ladder(training: Training, target: Target) -> tuple[Step, ...]:
    """The weeks from the template's lowest dose to the target, one step a week; the last one goes on.

    One change at a time: a day at home or minutes a session first, then vigorous minutes in the class.
    Days at home rise as far as they help towards the target.
    """
    most_days, top = _home_days_needed(training, target), training["top_minutes"]
    patience = training["weeks_per_intensity_step"]
    step = Step(training["start_minutes"], min(training["start_home_days"], most_days))
    steps, day_changed, minutes_changed, changed = [step], 0, 1, 1
    while step != Step(top, most_days, training["vigorous_top_minutes"]):
        week = len(steps) + 1
        waited = {
            "day": week - day_changed - training["weeks_per_home_day"] if step.home_days < most_days else -1,
            "minutes": week - minutes_changed - training["weeks_per_step"] if step.minutes < top else -1,
        }
        change = max(waited, key=lambda name: waited[name])
        if waited[change] >= 0 and change == "day":
            step, day_changed = Step(step.minutes, step.home_days + 1), week
        elif waited[change] >= 0:
            step = Step(min(top, step.minutes + training["step_minutes"]), step.home_days)
            minutes_changed = week
        elif (step.minutes, step.home_days) == (top, most_days) and week - changed >= patience:
            more = step.vigorous + training["vigorous_step_minutes"]
            step = Step(top, most_days, min(training["vigorous_top_minutes"], more))
        if step != steps[-1]:
            changed = week
        steps.append(step)
    return tuple(steps)


def _home_days_needed(training: Training, target: Target) -> int:
    top, classes, most = training["top_minutes"], len(training.class_weekdays), len(training.home_weekdays)

    def short(days: int) -> object:
        class_days, home_days = [ActivityDay(top, (), True)] * classes, [ActivityDay(top)] * days
        quiet = [ActivityDay()] * (DAYS_A_WEEK - classes - days)
        return check_week([*class_days, *home_days, *quiet], target).shortfalls

    enough = short(most)
    return next(days for days in range(most + 1) if short(days) == enough)


@frozen
class Baseline:
    """What the patient does now, at least: minutes a week, days a week. None is unknown and counts as
    nothing.
    """

    moderate: int | None = None
    vigorous: int | None = None
    strength_days: int | None = None


def entry_step(training: Training, steps: tuple[Step, ...], baseline: Baseline) -> int:
    """The index of the highest step that does not exceed the baseline; 0 when none does or nothing is
    known.
    """
    vigorous = baseline.vigorous or 0
    minutes, classes = (baseline.moderate or 0) + vigorous, len(training.class_weekdays)
    reached = [
        step
        for step in steps
        if (classes + step.home_days) * step.minutes <= minutes and classes * step.vigorous <= vigorous
    ]
    return steps.index(reached[-1]) if reached else 0


def stage_in_week(training: Training, baseline: Baseline, week: int, slow: bool) -> Stage:
    """The stage of strength training in this week of the plan (from 1)."""
    weeks = [stage.slow_from_week if slow else stage.from_week for stage in training.stages]
    trained = (baseline.strength_days or 0) >= training["strength_entry_days"]
    begins = weeks[training["strength_entry_stage"] - 1] if trained else weeks[0]
    return [s for s, from_week in zip(training.stages, weeks, strict=True) if from_week < begins + week][-1]


def build_week(training: Training, step: Step, stage: Stage, caps: Caps) -> Pattern:
    """One week's sessions by weekday (Monday 0), within every cap and without anything avoided.

    The week's aerobic minutes are the step's, or its reduced share. What the classes cannot hold goes to
    days at home, each no longer than the step's session, as far as there are days.
    """
    reduced = caps.progression == Progression.REDUCE
    share = training["reduce_percent"] if reduced else 100
    minutes = step.minutes * share // 100
    budget = (len(training.class_weekdays) + step.home_days) * minutes
    week: Pattern = {}
    class_session = _class_session(training, step, stage, caps, share)
    if class_session:
        for weekday in training.class_weekdays:
            week[weekday] = class_session
            budget -= sum(p.minutes for p in class_session.parts if p.kind == "aerobic")
    exercise = training.first(training.aerobic["home"], caps.avoid)
    longest = minutes if caps.minutes is None else min(minutes, caps.minutes)
    if exercise and caps.home_aerobic < Intensity.NONE and longest > 0:
        days = min(len(training.home_weekdays), -(-max(0, budget) // longest))
        total = min(max(0, budget), days * longest)
        for number, weekday in enumerate(training.home_weekdays[:days]):
            own = total // days + (number < total % days)
            bouts = _bouts(training, step, own)
            part = _aerobic(training, caps, caps.home_aerobic, own, exercise, bouts)
            week[weekday] = Session("home", (part,), caps.heart_rate, caps.in_company)
    return week


def _borg(training: Training, caps: Caps, intensity: Intensity) -> tuple[int, int] | None:
    edges = training.zones[intensity].borg if intensity < Intensity.NONE else None
    return edges if edges is None or caps.borg is None else (edges[0], min(edges[1], caps.borg))


def _aerobic(
    training: Training, caps: Caps, intensity: Intensity, minutes: int, exercise: Exercise, bouts: int = 1
) -> Part:
    planned = (PlannedExercise(exercise.id, exercise.name),)
    return Part("aerobic", intensity, minutes, _borg(training, caps, intensity), planned, bouts)


def _class_session(training: Training, step: Step, stage: Stage, caps: Caps, share: int) -> Session | None:
    if not caps.classes:
        return None
    room = training["class_minutes"] if caps.minutes is None else min(training["class_minutes"], caps.minutes)
    around = training["warm_up_minutes"] + training["cool_down_minutes"]
    edges = min(around, room // 2)
    cool_down = edges * training["cool_down_minutes"] // around if around else 0
    aerobic_room = (room - edges) * training["aerobic_share"] // 100
    main = [
        *_class_aerobic(training, step, min(step.minutes * share // 100, aerobic_room), caps),
        *_class_strength(training, room - edges - aerobic_room, stage, caps, share),
    ]
    if not main:
        return None
    parts = [_warm_up(training, edges - cool_down, caps), *main, _cool_down(training, cool_down, caps)]
    return Session("class", tuple(p for p in parts if p.minutes), caps.heart_rate)


def _class_aerobic(training: Training, step: Step, minutes: int, caps: Caps) -> list[Part]:
    exercise = training.first(training.aerobic["class"], caps.avoid)
    if exercise is None or caps.class_aerobic == Intensity.NONE:
        return []
    may = caps.class_aerobic == Intensity.VIGOROUS and caps.progression != Progression.REDUCE
    hard = min(step.vigorous, minutes) if may else 0
    easy, level = minutes - hard, max(caps.class_aerobic, Intensity.MODERATE)
    parts = [_aerobic(training, caps, level, easy, exercise, _bouts(training, step, easy))] if easy else []
    return [*parts, _aerobic(training, caps, Intensity.VIGOROUS, hard, exercise)] if hard else parts


def _bouts(training: Training, step: Step, minutes: int) -> int:
    """Into how many bouts the minutes may be split: short ones at the lowest dose, later one."""
    return -(-minutes // training["bout_minutes"]) if step.minutes <= training["start_minutes"] else 1


def _class_strength(training: Training, room: int, stage: Stage, caps: Caps, share: int) -> list[Part]:
    if caps.strength == Intensity.NONE:
        return []
    seconds = training["seconds_per_set"] + training["rest_seconds"]
    slots = len(training.slots)
    total = min(stage.sets * slots * share // 100, room * 60 // seconds)
    reduced = caps.progression == Progression.REDUCE
    load = max(stage.load, caps.strength, Intensity.LIGHT if reduced else Intensity.VIGOROUS)
    as_light = [s.repetitions for s in training.stages if s.load == load and s.from_week <= stage.from_week]
    planned = []
    for number, slot in enumerate(training.slots):
        sets = total // slots + (number < total % slots)
        exercise = training.first(slot, caps.avoid)
        if exercise and sets:
            repetitions = as_light[-1] if as_light else stage.repetitions
            word = training.loads[load].word
            planned.append(PlannedExercise(exercise.id, exercise.name, sets, repetitions, word))
    minutes = -(-sum(e.sets or 0 for e in planned) * seconds // 60)
    return [Part("strength", load, minutes, _borg(training, caps, load), tuple(planned))] if planned else []


def _warm_up(training: Training, minutes: int, caps: Caps) -> Part:
    moving = training.first(training.aerobic["class"], caps.avoid) if caps.class_aerobic < Intensity.NONE else None
    balance = training.first(training.balance, caps.avoid)
    chosen = [e for e in (moving, *training.warm_up, balance) if e and e.allowed(caps.avoid)]
    intensity = Intensity.LIGHT if moving else Intensity.NONE
    return Part("warm-up", intensity, minutes, _borg(training, caps, intensity), _named(chosen))


def _cool_down(training: Training, minutes: int, caps: Caps) -> Part:
    chosen = [exercise for exercise in training.cool_down if exercise.allowed(caps.avoid)]
    return Part("cool-down", Intensity.NONE, minutes, None, _named(chosen))


def _named(exercises: list[Exercise]) -> tuple[PlannedExercise, ...]:
    return tuple(PlannedExercise(exercise.id, exercise.name) for exercise in exercises)
