"""A training programme followed by one patient under one restriction: `week(n)` is the n-th week's sessions.

`LadderCourse` climbs a template's ladder towards a target; `exrx.training.table` has the same for a trial's table.
What a cap costs is asked by following the programme under that cap alone, so explanation and plan come from one code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from attrs import define, evolve, field

from exrx.rules.restriction import Intensity, Progression, Restriction, Supervision
from exrx.training.builder import Baseline, Caps, Step, build_week, caps_of, entry_step, ladder, stage_in_week
from exrx.training.exercises import Exercise
from exrx.training.session import Pattern, activity_week
from exrx.training.targets import Target, Words, check_week
from exrx.training.template import Training

CHAINS = ("aerobic_max", "strength_max", "session_minutes_max", "heart_rate_max", "rpe_max", "progression")


class Course(Protocol):
    """What the prescriber follows. Weeks count from 1; from `last_week` on every week is the same."""

    @property
    def caps(self) -> Caps:
        """What the restriction leaves open."""

    @property
    def restriction(self) -> Restriction:
        """The restriction that is obeyed."""

    @property
    def last_week(self) -> int:
        """The week from which every later week is the same."""

    def week(self, number: int) -> Pattern:
        """The sessions of this week by weekday."""

    def under(self, restriction: Restriction) -> Course:
        """The same course under another restriction."""

    def aiming_at(self, target: Target) -> Course:
        """The same course with this target as its aim; a table's aim is its own."""

    def replaced(self, avoid: frozenset[str], all_avoid: frozenset[str]) -> Iterator[tuple[Exercise, Words | None]]:
        """The usual exercises that `avoid` takes away, and what is done instead when `all_avoid` are avoided."""


@define(eq=False)
class LadderCourse:
    """A goal-driven template followed under one restriction.

    `pace` is how many weeks a week of the ladder takes: 1 as the template says, 2 half as fast.
    """

    training: Training
    steps: tuple[Step, ...]
    baseline: Baseline
    restriction: Restriction
    heart_rate_max_measured: int | None
    pace: int = 1
    caps: Caps = field(init=False)
    entry: int = field(init=False)
    _weeks: dict[Any, Pattern] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.caps = caps_of(self.restriction, self.training, self.heart_rate_max_measured)
        self.entry = entry_step(self.training, self.steps, self.baseline)

    @property
    def last_week(self) -> int:
        """The week from which every later week is the same."""
        return (len(self.steps) + self.training.stages[-1].slow_from_week) * self.pace

    def week(self, number: int) -> Pattern:
        """The sessions of this week by weekday; a held or reduced progression stays in the first."""
        number = (number - 1) // self.pace + 1 if self.caps.progression == Progression.NORMAL else 1
        step = self.steps[min(self.entry + number, len(self.steps)) - 1]
        stage = stage_in_week(self.training, self.baseline, number, self.caps.slow)
        if (step, stage) not in self._weeks:
            self._weeks[step, stage] = build_week(self.training, step, stage, self.caps)
        return self._weeks[step, stage]

    def under(self, restriction: Restriction) -> LadderCourse:
        """The same course under another restriction."""
        return LadderCourse(
            self.training, self.steps, self.baseline, restriction, self.heart_rate_max_measured, self.pace
        )

    def aiming_at(self, target: Target) -> LadderCourse:
        """The same course on the ladder towards this target."""
        return evolve(self, steps=ladder(self.training, target))

    def replaced(self, avoid: frozenset[str], all_avoid: frozenset[str]) -> Iterator[tuple[Exercise, Words | None]]:
        """The usual exercises that `avoid` takes away, and what is done instead when `all_avoid` are avoided."""
        training = self.training
        for choice in (*training.slots, *training.aerobic.values(), training.balance):
            usual, now = training.first(choice, frozenset()), training.first(choice, all_avoid)
            if usual and training.first(choice, avoid) is not usual and now is not usual:
                yield usual, now.name if now else None
        for exercise in (*training.warm_up, *training.cool_down):
            if not exercise.allowed(avoid):
                yield exercise, None


def meets(course: Course, number: int, target: Target) -> bool:
    """True when this week of the course, undisturbed by any calendar, meets the target."""
    return check_week(activity_week(course.week(number)), target).met


def restricted_parts(
    asked: Restriction, home_by_supervision: dict[Supervision, Intensity]
) -> Iterator[tuple[str, Restriction]]:
    """Each restricted part of training by name, and the restriction that asks for that part alone."""
    none = Restriction.none()
    for name in CHAINS:
        if getattr(asked, name) != getattr(none, name):
            yield name, evolve(none, **{name: getattr(asked, name)})
    if home_by_supervision[asked.supervision] > home_by_supervision[Supervision.INDEPENDENT]:
        yield "supervision", evolve(none, supervision=asked.supervision)
    for name in ("formats_forbidden", "avoid"):
        for entry in sorted(getattr(asked, name)):
            only: Any = {name: frozenset({entry})}
            yield f"{name}:{entry}", evolve(none, **only)
