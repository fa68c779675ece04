"""The dose of a ladder's weeks for many kinds of patient at once: `build_week`'s arithmetic, on arrays.

What a week holds depends on the caps only through a few facts (`Traits`). For every pair of traits and week the numbers
are those of the single path; `tests/agreement` holds the two together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.rules.restriction import Intensity, Progression
from exrx.training.builder import Caps, Step
from exrx.training.session import INTENSITIES
from exrx.training.targets import DAYS_A_WEEK
from exrx.training.targets_cohort import CohortWeek
from exrx.training.template import Stage, Training

Whole = npt.NDArray[np.int64]
NO_LIMIT = 10_000


@frozen
class Traits:
    """What of a patient's caps and avoidances shapes the dose."""

    classes: bool
    class_aerobic: Intensity
    home_aerobic: Intensity
    strength: Intensity
    minutes: int
    progression: Progression
    slow: bool
    slots: int

    @classmethod
    def of(cls, caps: Caps, training: Training) -> Traits:
        """The traits of caps in a template."""
        usable = [training.first(slot, caps.avoid) is not None for slot in training.slots]
        none = Intensity.NONE
        return cls(
            caps.classes,
            caps.class_aerobic if training.first(training.aerobic["class"], caps.avoid) else none,
            caps.home_aerobic if training.first(training.aerobic["home"], caps.avoid) else none,
            caps.strength,
            NO_LIMIT if caps.minutes is None else caps.minutes,
            caps.progression,
            caps.slow,
            sum(1 << place for place, there in enumerate(usable) if there),
        )


@frozen(eq=False)
class WeekDoses:
    """M weeks: aerobic minutes of one class by intensity (M, 3), of each home day (M, days), and sets of one class."""

    class_minutes: Whole
    home_days: Whole
    home_level: Whole
    sets: Whole
    has_class: npt.NDArray[np.bool_]
    classes_a_week: int

    @property
    def minutes(self) -> Whole:
        """Aerobic minutes a week by intensity, light, moderate, vigorous (M, 3)."""
        total = self.class_minutes * self.classes_a_week
        home = self.home_days.sum(axis=1)
        for place, level in enumerate(INTENSITIES):
            total[:, place] += np.where(self.home_level == level, home, 0)
        return total

    @property
    def week_sets(self) -> Whole:
        """Sets a week (M,)."""
        return self.sets * self.classes_a_week

    @property
    def strength_days(self) -> Whole:
        """Days with strength training (M,)."""
        return np.where(self.sets > 0, self.classes_a_week, 0)

    @property
    def sessions(self) -> Whole:
        """Classes and sessions at home a week (M, 2)."""
        return np.stack([np.where(self.has_class, self.classes_a_week, 0), (self.home_days > 0).sum(axis=1)], axis=1)

    def activity(self, weekdays: tuple[int, ...], home_weekdays: tuple[int, ...]) -> CohortWeek:
        """The weeks as a target check sees them."""
        shape = (len(self.sets), DAYS_A_WEEK)
        moderate, vigorous, strength = (np.zeros(shape) for _ in range(3))
        for day in weekdays:
            moderate[:, day], vigorous[:, day] = self.class_minutes[:, 1], self.class_minutes[:, 2]
            strength[:, day] = self.sets > 0
        for place, day in enumerate(home_weekdays):
            moderate[:, day] = np.where(self.home_level == Intensity.MODERATE, self.home_days[:, place], 0)
            vigorous[:, day] = np.where(self.home_level == Intensity.VIGOROUS, self.home_days[:, place], 0)
        return CohortWeek.of(moderate, vigorous, strength)


def week_doses(training: Training, traits: list[Traits], steps: list[Step], stages: list[Stage]) -> WeekDoses:
    """The doses of M weeks, the m-th of `traits[m]` at `steps[m]` and `stages[m]`."""
    trait, step, stage = _columns(traits), _columns(steps), _columns(stages)
    reduced = trait["progression"] == Progression.REDUCE
    share = np.where(reduced, training["reduce_percent"], 100)
    room = np.minimum(training["class_minutes"], trait["minutes"])
    around = training["warm_up_minutes"] + training["cool_down_minutes"]
    main = room - np.minimum(around, room // 2)
    aerobic_room = main * training["aerobic_share"] // 100
    minutes = step["minutes"] * share // 100
    class_minutes = _class_aerobic(trait, step, np.minimum(minutes, aerobic_room), reduced)
    sets = _class_sets(training, trait, stage, share, main - aerobic_room)
    has_class = trait["classes"].astype(bool) & ((class_minutes.sum(axis=1) > 0) | (sets > 0))
    class_minutes[~has_class], sets[~has_class] = 0, 0
    classes = len(training.class_weekdays)
    budget = (classes + step["home_days"]) * minutes - classes * class_minutes.sum(axis=1)
    home = _home_days(training, trait, minutes, np.maximum(budget, 0))
    return WeekDoses(class_minutes, home, trait["home_aerobic"], sets, has_class, classes)


def _columns(records: list[Any]) -> dict[str, Whole]:
    """The whole numbers of records as one array a name."""
    names = [name for name in type(records[0]).__slots__ if name != "__weakref__"] if records else []
    return {
        name: np.array([getattr(record, name) for record in records], np.int64)
        for name in names
        if isinstance(getattr(records[0], name), int)
    }


def _class_aerobic(
    trait: dict[str, Whole], step: dict[str, Whole], minutes: Whole, reduced: npt.NDArray[np.bool_]
) -> Whole:
    """Minutes of one class by intensity (M, 3)."""
    level = trait["class_aerobic"]
    minutes = np.where((level < Intensity.NONE) & trait["classes"].astype(bool), minutes, 0)
    hard = np.where((level == Intensity.VIGOROUS) & ~reduced, np.minimum(step["vigorous"], minutes), 0)
    easy, light = minutes - hard, level >= Intensity.LIGHT
    return np.stack([np.where(light, easy, 0), np.where(light, 0, easy), hard], axis=1)


def _class_sets(
    training: Training, trait: dict[str, Whole], stage: dict[str, Whole], share: Whole, room: Whole
) -> Whole:
    """Sets of one class: those of slots without an allowed exercise are not given to others."""
    slots = len(training.slots)
    seconds = training["seconds_per_set"] + training["rest_seconds"]
    total = np.minimum(stage["sets"] * slots * share // 100, room * 60 // seconds)
    allowed = np.where(trait["strength"] < Intensity.NONE, trait["slots"], 0)
    given = np.zeros_like(total)
    for place in range(slots):
        given += np.where(allowed >> place & 1, total // slots + (place < total % slots), 0)
    return given


def _home_days(training: Training, trait: dict[str, Whole], minutes: Whole, budget: Whole) -> Whole:
    """Minutes of each day at home, in the order in which days are added (M, days)."""
    most = len(training.home_weekdays)
    longest = np.minimum(minutes, trait["minutes"])
    may = (trait["home_aerobic"] < Intensity.NONE) & (longest > 0)
    days = np.where(may, np.minimum(most, -(-budget // np.maximum(longest, 1))), 0)
    total = np.minimum(budget, days * longest)
    each, rest = total // np.maximum(days, 1), total % np.maximum(days, 1)
    place = np.arange(most)
    given = each[:, None] + (place < rest[:, None])
    return np.where(place < days[:, None], given, 0)
