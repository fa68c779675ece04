"""What is trained on a day: exercises in parts, parts in a session, sessions in a week, and the week's dose.

A session says how hard in an intensity of ours (none to vigorous, for caps and targets) and, where its source steers by
something else, in the source's own measure (`Effort`): 50-60 % of peak watts stays that.
"""

from __future__ import annotations

from attrs import evolve, field, frozen

from exrx.rules.restriction import Intensity
from exrx.training.targets import DAYS_A_WEEK, ActivityDay, Words

INTENSITIES = (Intensity.LIGHT, Intensity.MODERATE, Intensity.VIGOROUS)
METRICS = (
    "borg",  # 6-20
    "rpe",  # 0-10
    "hrmax",  # % of maximal heart rate
    "hrr",  # % of heart-rate reserve
    "vo2peak",  # % of peak oxygen uptake
    "wpeak",  # % of the peak watts of a cardiopulmonary exercise test
    "msec",  # % of the peak watts of a steep ramp test (maximal short exercise capacity)
    "watts",  # watts
    "1rm",  # % of the load that can be lifted once
    "h1rm",  # % of that load as predicted from more repetitions
    "rm",  # the load that can just be lifted so many times
    "reserve",  # repetitions left in reserve
)


@frozen
class Effort:
    """How hard, in the source's own measure: one of `METRICS`, lowest and highest."""

    metric: str
    low: float
    high: float


@frozen
class Intervals:
    """Repeated work and rest: seconds, and how hard each is (None: not stated)."""

    repeats: int
    work_seconds: int
    rest_seconds: int
    work: Effort | None = None
    rest: Effort | None = None

    @property
    def work_minutes(self) -> float:
        """Minutes of work without the rests."""
        return self.repeats * self.work_seconds / 60


@frozen
class PlannedExercise:
    """An exercise in a part; sets, repetitions (lowest, highest) and load for strength training only.

    `load` says how heavy in words; `effort` in the source's measure; `kilograms` is the patient's own load where a
    test gave it.
    """

    id: str
    name: Words
    sets: int | None = None
    repetitions: tuple[int, int] | None = None
    load: Words | None = None
    effort: Effort | None = None
    kilograms: float | None = None


@frozen
class Part:
    """A part of a session: warm-up, aerobic, strength, balance, impact, relaxation or cool-down.

    `bouts` says into how many it may be split. `intensity` is for caps and targets; `effort` and `intervals` hold what
    the source states, `personal` the patient's own numbers (pulse, watts) or how to judge it, in words.
    """

    kind: str
    intensity: Intensity
    minutes: int
    borg: tuple[int, int] | None
    exercises: tuple[PlannedExercise, ...]
    bouts: int = 1
    effort: Effort | None = None
    intervals: Intervals | None = None
    personal: Words | None = None


@frozen
class Session:
    """A supervised session (`class`, in a group or alone) or own training at home (`home`).

    Limits: beats a minute; `in_company` when the patient should not be alone.
    """

    kind: str
    parts: tuple[Part, ...]
    heart_rate_max: int | None = None
    in_company: bool = False
    notes: tuple[Words, ...] = field(default=(), kw_only=True)

    @property
    def minutes(self) -> int:
        """Minutes from warm-up to cool-down."""
        return sum(part.minutes for part in self.parts)

    def aerobic_minutes(self, intensity: Intensity) -> int:
        """Minutes of aerobic training at this intensity; warm-up and cool-down do not count."""
        return sum(p.minutes for p in self.parts if p.kind == "aerobic" and p.intensity == intensity)

    @property
    def sets(self) -> int:
        """All sets of strength training."""
        return sum(e.sets or 0 for part in self.parts for e in part.exercises)

    def activity(self) -> ActivityDay:
        """The session as a target check sees it: each vigorous part one bout, of intervals the work alone."""
        vigorous = [p for p in self.parts if p.kind == "aerobic" and p.intensity == Intensity.VIGOROUS and p.minutes]
        blocks = tuple((int(p.intervals.work_minutes), p.minutes) for p in vigorous if p.intervals)
        bouts = tuple(part.minutes for part in vigorous if not part.intervals)
        day = ActivityDay(self.aerobic_minutes(Intensity.MODERATE), bouts, self.sets > 0, blocks)
        return evolve(day, class_minutes=day.active_minutes) if self.kind == "class" else day


Pattern = dict[int, Session]


@frozen
class Dose:
    """A week's training in numbers: aerobic minutes by intensity, days and sets of strength training."""

    light: int
    moderate: int
    vigorous: int
    strength_days: int
    sets: int

    @classmethod
    def of(cls, week: Pattern) -> Dose:
        """The dose of a week's sessions."""
        light, moderate, vigorous = (
            sum(session.aerobic_minutes(level) for session in week.values()) for level in INTENSITIES
        )
        days = sum(session.sets > 0 for session in week.values())
        return cls(light, moderate, vigorous, days, sum(session.sets for session in week.values()))


def activity_week(week: Pattern) -> list[ActivityDay]:
    """The week as a target check sees it, Monday first."""
    return [week[day].activity() if day in week else ActivityDay() for day in range(DAYS_A_WEEK)]
