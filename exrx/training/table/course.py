"""A trial's table followed by one patient: the same weeks, within every cap and without anything avoided.

What a cap takes is taken from the table's own dose: a harder part becomes continuous work at the cap, a longer
session is shortened part by part, an exercise that is ruled out is replaced by another for the same muscles or left
out. Nothing is given elsewhere instead, so a more cautious restriction never gives a larger dose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from attrs import define, evolve, field, frozen

from exrx.rules.restriction import Intensity, Progression, Restriction
from exrx.training.builder import Caps, caps_of
from exrx.training.exercises import Exercise
from exrx.training.session import Part, Pattern, PlannedExercise, Session
from exrx.training.substitution import substitute, substitutes
from exrx.training.table.model import TablePart, TableSession, TableTraining
from exrx.training.table.totals import block_minutes
from exrx.training.targets import Target, Words
from exrx.training.template import Training, load_training
from exrx.training.weeks.lowering import lowered

POLICY = "dk-2015-group"  # gives zones, loads and what may be done at home
FEWEST_REPETITIONS_WHEN_LOWERED = (12, 15)
_MAIN = ("aerobic", "strength", "impact", "balance", "relaxation")


@frozen
class _Share:
    """Minutes and sets (of a week, or per cent of them), and the hardest aerobic and strength training."""

    minutes: int = 100
    sets: int = 100
    aerobic: Intensity = Intensity.VIGOROUS
    strength: Intensity = Intensity.VIGOROUS

    @classmethod
    def of(cls, training: TableTraining, week: int, base: Training) -> _Share:
        """What a week of the table holds."""
        parts = [part for _, _, held in training.sessions_of(week) for part in held]
        aerobic, strength = ([part for part in parts if part.kind == kind] for kind in ("aerobic", "strength"))
        return cls(
            sum(_minutes(part, base) for part in aerobic),
            sum(part.sets * len(part.exercises) for part in strength),
            min((part.intensity for part in aerobic), default=Intensity.VIGOROUS),
            min((part.intensity for part in strength), default=Intensity.VIGOROUS),
        )


@define(eq=False)
class TableCourse:
    """A table under one restriction; `week(n)` is its n-th week, and after its end the last one goes on."""

    training: TableTraining
    restriction: Restriction
    heart_rate_max_measured: int | None = None
    base: Training = field(init=False)
    caps: Caps = field(init=False)
    _weeks: dict[int, Pattern] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.base = load_training(POLICY)
        self.caps = caps_of(self.restriction, self.base, self.heart_rate_max_measured)

    @property
    def last_week(self) -> int:
        """The table's last week."""
        return self.training.weeks

    def under(self, restriction: Restriction) -> TableCourse:
        """The same table under another restriction."""
        return TableCourse(self.training, restriction, self.heart_rate_max_measured)

    def aiming_at(self, target: Target) -> TableCourse:
        """Itself: a trial's table has its own aim."""
        return self

    def week(self, number: int) -> Pattern:
        """The sessions of this week by weekday; where the progression is held, none harder or longer than the first."""
        number = min(number, self.last_week)
        if number not in self._weeks:
            planned = self.training.sessions_of(number)
            found = ((day, self._session(session, parts, number)) for day, session, parts in planned)
            self._weeks[number] = {day: session for day, session in found if session is not None}
        return self._weeks[number]

    def replaced(self, avoid: frozenset[str], all_avoid: frozenset[str]) -> Iterator[tuple[Exercise, Words | None]]:
        """The table's exercises that `avoid` takes away, and what is done instead when `all_avoid` are avoided."""
        used = {
            exercise.id: (exercise, session.place)
            for session in self.training.sessions
            for part in session.parts
            for exercise in part.exercises
        }
        for exercise, place in used.values():
            if not exercise.allowed(avoid):
                now = substitute(exercise, all_avoid, where=place)
                yield exercise, now.name if now else None

    def _session(self, session: TableSession, parts: tuple[TablePart, ...], number: int) -> Session | None:
        """The session within the caps; None when nothing of it is left."""
        at_home = session.place == "home"
        aerobic = self.caps.home_aerobic if at_home else self.caps.class_aerobic
        if (at_home and "home" in self.restriction.formats_forbidden) or not (at_home or self.caps.classes):
            return None
        reduced, first = self.caps.progression == Progression.REDUCE, self._first_week(number)
        highest = max(aerobic, first.aerobic, Intensity.MODERATE if reduced else Intensity.VIGOROUS)
        light = reduced or self._slow(number)
        strength = max(self.caps.strength, first.strength, Intensity.LIGHT if light else Intensity.VIGOROUS)
        strong = [(exercise, part.sets) for part in parts if part.kind == "strength" for exercise in part.exercises]
        instead = iter(substitutes(strong, self.caps.avoid, where=session.place))
        made = []
        for part in parts:
            if part.kind == "strength":
                chosen = [now for now in islice(instead, len(part.exercises)) if now is not None]
                made.append(self._strength(part, chosen, strength))
            elif part.kind == "aerobic":
                made.append(self._aerobic(part, session.place, highest))
            else:
                made.append(self._beside(part, session.place, aerobic))
        whole = Session(session.place, tuple(part for part in made if part is not None), self.caps.heart_rate,
                        at_home and self.caps.in_company)  # fmt: skip
        percent = self.base["reduce_percent"] if reduced else 100
        return self._shortened(whole, parts, first.minutes * percent // 100, first.sets * percent // 100)

    def _first_week(self, number: int) -> _Share:
        """What a held progression leaves of this week: no more minutes and sets than the first, and none harder."""
        if self.caps.progression == Progression.NORMAL:
            return _Share()
        first, now = (_Share.of(self.training, week, self.base) for week in (1, number))
        return _Share(
            min(100, 100 * first.minutes // now.minutes if now.minutes else 100),
            min(100, 100 * first.sets // now.sets if now.sets else 100),
            first.aerobic,
            first.strength,
        )

    def _slow(self, number: int) -> bool:
        """True while the load may not rise: as many weeks as the policy's slow stages stay light."""
        first = next((s.slow_from_week for s in self.base.stages if s.load <= Intensity.MODERATE), 1)
        return self.caps.slow and number < first

    def _beside(self, part: TablePart, place: str, aerobic: Intensity) -> Part | None:
        """A warm-up, cool-down, balance, impact or relaxation part, with the exercises that are allowed."""
        stated = [(exercise, 1) for exercise in part.exercises]
        exercises = [now for now in substitutes(stated, self.caps.avoid, where=place) if now is not None]
        minutes = part.minutes[0] if part.minutes else 0
        too_hard = part.kind == "impact" and aerobic > Intensity.MODERATE
        if not minutes or too_hard or (part.exercises and not exercises):
            return None
        level = max(part.intensity, aerobic) if part.intensity < Intensity.NONE else Intensity.NONE
        return Part(part.kind, level, minutes, self._borg(level), _named(exercises), effort=part.effort)

    def _aerobic(self, part: TablePart, place: str, highest: Intensity) -> Part | None:
        now = substitute(part.exercises[0], self.caps.avoid, where=place)
        level = max(part.intensity, highest)
        if level is Intensity.NONE or now is None:
            return None
        as_stated = level == part.intensity
        return Part(
            "aerobic", level, block_minutes(part) * part.bouts, self._borg(level), _named([now]), part.bouts,
            part.effort if as_stated else None, part.intervals if as_stated else None,
        )  # fmt: skip

    def _strength(self, part: TablePart, exercises: list[Exercise], highest: Intensity) -> Part | None:
        level = max(part.intensity, highest)
        if level is Intensity.NONE or not exercises or part.repetitions is None:
            return None
        low, high = part.repetitions
        if level != part.intensity:
            fewest, usual = FEWEST_REPETITIONS_WHEN_LOWERED
            low, high = max(low, fewest), max(high, usual)
        effort = part.effort if level == part.intensity else None
        word = self.base.loads[level].word
        planned = tuple(
            PlannedExercise(each.id, each.name, part.sets, (low, high), word, effort) for each in exercises
        )
        rest = self.base["rest_seconds"] if part.rest_seconds is None else part.rest_seconds
        seconds = part.sets * len(planned) * (self.base["seconds_per_set"] + rest)
        return Part("strength", level, -(-seconds // 60), self._borg(level), planned)

    def _borg(self, level: Intensity) -> tuple[int, int] | None:
        edges = self.base.zones[level].borg if level < Intensity.NONE else None
        if edges is None or self.caps.borg is None:
            return edges
        return edges[0], min(edges[1], self.caps.borg)

    def _shortened(self, session: Session, parts: tuple[TablePart, ...], share: int, sets: int) -> Session | None:
        """The session within the minutes cap: a share of what the table itself would take, so that what another cap
        frees is not filled again.
        """
        if self.caps.minutes is not None:
            edges = sum(_minutes(part, self.base) for part in parts if part.kind not in _MAIN)
            main = sum(_minutes(part, self.base) for part in parts if part.kind in _MAIN)
            around = min(edges, self.caps.minutes // 2)
            room = self.caps.minutes - around
            fits = 100 * room // main if main else 0
            share, sets = min(share, fits), min(sets, fits)
            kept = (_edge(part, around, edges) if part.kind not in _MAIN else part for part in session.parts)
            session = evolve(session, parts=tuple(part for part in kept if part is not None))
        beside = ("balance", "relaxation")
        parts_now = tuple(_share_of(part, share) if part.kind in beside else part for part in session.parts)
        shared = evolve(session, parts=parts_now)
        return lowered(shared, share, Intensity.VIGOROUS, self.base.zones, self.base.loads, sets)

    def test_points(self) -> tuple[tuple[int, Words], ...]:
        """The weeks in which the trial tested something, and what."""
        return tuple((test.week, test.what) for test in self.training.tests)


def _named(exercises: Sequence[Exercise]) -> tuple[PlannedExercise, ...]:
    return tuple(PlannedExercise(exercise.id, exercise.name) for exercise in exercises)


def _minutes(part: TablePart, base: Training) -> int:
    """The minutes that the table's own part takes, whatever the caps are."""
    if part.kind == "aerobic":
        return block_minutes(part) * part.bouts
    if part.kind == "strength":
        rest = base["rest_seconds"] if part.rest_seconds is None else part.rest_seconds
        return -(-part.sets * len(part.exercises) * (base["seconds_per_set"] + rest) // 60)
    return part.minutes[0] if part.minutes else 0


def _share_of(part: Part, share: int) -> Part:
    return evolve(part, minutes=part.minutes * share // 100)


def _edge(part: Part, around: int, edges: int) -> Part | None:
    """A warm-up or cool-down shortened to its share of the minutes around the main parts."""
    minutes = part.minutes * around // edges if edges else 0
    return evolve(part, minutes=minutes) if minutes else None
