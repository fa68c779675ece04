"""A trial's table followed by one patient: the same weeks, within every cap and without anything avoided.

What a cap takes is taken from the table's own dose: a harder part becomes continuous work at the cap, a longer
session is shortened part by part, an exercise that is ruled out is replaced by another for the same muscles or left
out. Nothing is given elsewhere instead, so a more cautious restriction never gives a larger dose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from attrs import define, evolve, field

from exrx.rules.restriction import Intensity, Progression, Restriction
from exrx.training.builder import Baseline, Caps, caps_of, stage_in_week
from exrx.training.exercises import Exercise
from exrx.training.session import Effort, Part, Pattern, PlannedExercise, Session
from exrx.training.substitution import substitute, substitutes
from exrx.training.table.held import Held, as_published, held_week
from exrx.training.table.model import SETS, TablePart, TableSession, TableTraining
from exrx.training.table.stated import effort_under, intervals_under
from exrx.training.table.totals import block_minutes
from exrx.training.targets import Target, Words
from exrx.training.template import Training, load_training
from exrx.training.weeks.lowering import lowered

POLICY = "dk-2015-group"  # gives zones, loads and what may be done at home
FEWEST_REPETITIONS_WHEN_LOWERED = (12, 15)
_MAIN = ("aerobic", "strength", "impact", "balance", "relaxation")


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
            normal = self.caps.progression == Progression.NORMAL
            held = as_published(self.training, number) if normal else held_week(self.training, number)
            slow_week = number if normal else 1
            found = ((day, self._session(session, parts, held, slow_week)) for day, session, parts in held.sessions)
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

    def _session(self, session: TableSession, parts: tuple[TablePart, ...], held: Held, number: int) -> Session | None:
        """The session within the caps; None when nothing of it is left."""
        at_home = session.place == "home"
        aerobic = self.caps.home_aerobic if at_home else self.caps.class_aerobic
        if (at_home and "home" in self.restriction.formats_forbidden) or not (at_home or self.caps.classes):
            return None
        reduced = self.caps.progression == Progression.REDUCE
        highest = max(aerobic, Intensity.MODERATE if reduced else Intensity.VIGOROUS)
        at_most = self.base.home_by_supervision[self.restriction.supervision] if at_home else Intensity.VIGOROUS
        lighter = Intensity.LIGHT if reduced else Intensity.VIGOROUS
        heaviest = max(self.caps.strength, at_most, lighter, self._slow(number))
        counted = [(exercise, part.sets) for part in parts if part.kind in SETS for exercise in part.exercises]
        instead = iter(substitutes(counted, self.caps.avoid, where=session.place))
        made = []
        for part in parts:
            if part.kind in SETS:
                chosen = [now for now in islice(instead, len(part.exercises)) if now is not None]
                made.append(self._counted(part, chosen, heaviest, aerobic))
            elif part.kind == "aerobic":
                made.append(self._aerobic(part, session.place, highest))
            else:
                made.append(self._beside(part, session.place, aerobic))
        shortened = [
            now
            for part, whole in zip(parts, made, strict=True)
            if whole and (now := self._shortened(part, whole, parts, held))
        ]
        if not any(part.kind in _MAIN for part in shortened):
            return None
        return Session(session.place, tuple(shortened), self.caps.heart_rate, at_home and self.caps.in_company)

    def _slow(self, number: int) -> Intensity:
        """The heaviest load while loads rise slowly: that of the policy's slow stages in this week."""
        if not self.caps.slow:
            return Intensity.VIGOROUS
        return stage_in_week(self.base, Baseline(), number, True).load

    def _beside(self, part: TablePart, place: str, aerobic: Intensity) -> Part | None:
        """A warm-up, cool-down, balance or relaxation part, with the exercises that are allowed."""
        stated = [
            (exercise, 1) for exercise in part.exercises if exercise.kind != "aerobic" or aerobic < Intensity.NONE
        ]
        exercises = [now for now in substitutes(stated, self.caps.avoid, where=place) if now is not None]
        minutes = part.minutes[0] if part.minutes else 0
        if not minutes or (part.exercises and not exercises):
            return None
        level = max(part.intensity, aerobic) if part.intensity < Intensity.NONE else Intensity.NONE
        return Part(
            part.kind, level, minutes, self._borg(level), _named(exercises), effort=self._under(part.effort, level)
        )

    def _aerobic(self, part: TablePart, place: str, highest: Intensity) -> Part | None:
        now = substitute(part.exercises[0], self.caps.avoid, where=place)
        level = max(part.intensity, highest)
        if level is Intensity.NONE or now is None:
            return None
        as_stated, borg = level == part.intensity, self._borg(level)
        limits = (level, self.caps, self.base.zones, self.heart_rate_max_measured)
        return Part(
            "aerobic", level, block_minutes(part) * part.bouts, borg, _named([now]), part.bouts,
            effort_under(part.effort, *limits) if as_stated else None,
            intervals_under(part.intervals, *limits, borg) if as_stated else None,
        )  # fmt: skip

    def _counted(
        self, part: TablePart, exercises: list[Exercise], heaviest: Intensity, aerobic: Intensity
    ) -> Part | None:
        """Strength or impact training; impact is left out where no more than light aerobic training is allowed."""
        level = max(part.intensity, heaviest)
        too_hard = part.kind == "impact" and aerobic > Intensity.MODERATE
        if level is Intensity.NONE or too_hard or not exercises or part.repetitions is None:
            return None
        low, high = part.repetitions
        if level != part.intensity:
            fewest, usual = FEWEST_REPETITIONS_WHEN_LOWERED
            low, high = max(low, fewest), max(high, usual)
        effort = self._under(part.effort, level) if level == part.intensity else None
        word = self.base.loads[level].word if part.kind == "strength" else None
        planned = tuple(PlannedExercise(each.id, each.name, part.sets, (low, high), word, effort) for each in exercises)
        return Part(part.kind, level, _set_minutes(part, len(planned), self.base), self._borg(level), planned)

    def _under(self, effort: Effort | None, level: Intensity) -> Effort | None:
        """The source's effort where the limit on exertion leaves it; a limit on pulse says nothing about a load."""
        return effort_under(effort, level, evolve(self.caps, heart_rate=None), self.base.zones, None)

    def _borg(self, level: Intensity) -> tuple[int, int] | None:
        edges = self.base.zones[level].borg if level < Intensity.NONE else None
        if edges is None or self.caps.borg is None:
            return edges
        return edges[0], min(edges[1], self.caps.borg)

    def _shortened(self, part: TablePart, whole: Part, parts: tuple[TablePart, ...], held: Held) -> Part | None:
        """The part's share of what the caps leave of the table's own minutes, so that what another cap frees is not
        filled again; the parts around the main ones keep at most half of a session's limit.
        """
        around, fits = self._room(parts)
        if part.kind not in _MAIN:
            minutes = whole.minutes * around // 100
            return evolve(whole, minutes=minutes) if minutes else None
        reduced = self.base["reduce_percent"] if self.caps.progression == Progression.REDUCE else 100
        if part.kind not in ("aerobic", *SETS):
            minutes = whole.minutes * min(fits, held.minutes[Intensity.LIGHT] * reduced // 100) // 100
            return evolve(whole, minutes=minutes) if minutes else None
        of_week = held.sets if part.kind in SETS else held.minutes[part.intensity]
        share, zones, loads = min(fits, of_week * reduced // 100), self.base.zones, self.base.loads
        left = lowered(Session("class", (whole,)), share, Intensity.VIGOROUS, zones, loads)
        return left.parts[0] if left else None

    def _room(self, parts: tuple[TablePart, ...]) -> tuple[int, int]:
        """Per cent of the minutes around the main parts, and of theirs, that a limit on minutes leaves."""
        if self.caps.minutes is None:
            return 100, 100
        edges, main = (sum(_minutes(part, self.base) for part in parts if (part.kind in _MAIN) is is_main)
                       for is_main in (False, True))  # fmt: skip
        around = min(edges, self.caps.minutes // 2)
        return _percent(around, edges), _percent(self.caps.minutes - around, main)

    def test_points(self) -> tuple[tuple[int, Words], ...]:
        """The weeks in which the trial tested something, and what."""
        return tuple((test.week, test.what) for test in self.training.tests)


def _named(exercises: Sequence[Exercise]) -> tuple[PlannedExercise, ...]:
    return tuple(PlannedExercise(exercise.id, exercise.name) for exercise in exercises)


def _minutes(part: TablePart, base: Training) -> int:
    """The minutes that the table's own part takes, whatever the caps are."""
    if part.kind == "aerobic":
        return block_minutes(part) * part.bouts
    if part.kind in SETS:
        return _set_minutes(part, len(part.exercises), base)
    return part.minutes[0] if part.minutes else 0


def _set_minutes(part: TablePart, exercises: int, base: Training) -> int:
    rest = base["rest_seconds"] if part.rest_seconds is None else part.rest_seconds
    return -(-part.sets * exercises * (base["seconds_per_set"] + rest) // 60)


def _percent(some: int, whole: int) -> int:
    return min(100, 100 * some // whole) if whole else 0
