"""What the days come to: sessions counted by cause, the dose of every patient, and the week of the target."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from attrs import define, field, frozen

from exrx.rules.restriction import Clearance
from exrx.study.findings import Column
from exrx.study.simulation.follow import CAUSES, Follower, Held
from exrx.study.simulation.sessions import NONE
from exrx.training.adapting.history import KINDS
from exrx.training.delivered.group import delivered_many
from exrx.training.session import INTENSITIES
from exrx.training.targets import DAYS_A_WEEK, Target
from exrx.training.targets_cohort import CohortWeek, check_weeks

DOSES = ("minutes", "sets", *(level.word for level in INTENSITIES))
MOST_CYCLE_DAYS = 64
_SHAPE = (len(KINDS), MOST_CYCLE_DAYS, len(CAUSES), 10_000)


@frozen(eq=False)
class Outcome:
    """One variant of one block.

    `patients`: columns (n,) by name. `sessions`: counts by kind, week (from 0), day since the infusion, cause and rule.
    `dose` (2, doses, weeks): planned and done.
    """

    patients: dict[str, Column]
    sessions: Counter[tuple[int, ...]]
    dose: Column


@define(eq=False)
class Tally:
    """Counts for one follower."""

    follower: Follower
    target: Target
    weeks: int
    sessions: Counter[tuple[int, ...]] = field(factory=Counter)
    _by_cause: Column = field(init=False)
    _planned: dict[str, Column] = field(init=False)
    _done: dict[str, Column] = field(init=False)
    _dose: Column = field(init=False)
    _rows: list[tuple[Column, Column]] = field(init=False, factory=list)
    _week: list[tuple[Column, Column, Column, Column, Column]] = field(init=False, factory=list)
    _met: Column = field(init=False)

    def __attrs_post_init__(self) -> None:
        n = self.follower.will.size
        self._by_cause = np.zeros((len(CAUSES), n), np.int64)
        self._planned, self._done = ({name: np.zeros(n) for name in DOSES} for _ in range(2))
        self._dose = np.zeros((2, len(DOSES), self.weeks))
        self._met = np.zeros(n, np.int64)

    def add(self, number: int, held: Held | None) -> None:
        """Count a day."""
        week = number // DAYS_A_WEEK
        if held is not None:
            self._count(week, held)
        self._activity(held)
        if number % DAYS_A_WEEK == DAYS_A_WEEK - 1:
            met = check_weeks(self._whole_week(), self.target).met
            self._met = np.where((self._met == 0) & met & (self.follower.plans.of >= 0), week + 1, self._met)
            self._week.clear()

    def _count(self, week: int, held: Held) -> None:
        parts = (held.kind, np.minimum(held.cycle_day, MOST_CYCLE_DAYS - 1), held.cause, held.rule + 1)
        distinct, counts = np.unique(np.ravel_multi_index(parts, _SHAPE), return_counts=True)
        for kind, day, cause, rule, count in zip(*np.unravel_index(distinct, _SHAPE), counts, strict=True):
            self.sessions[int(kind), week, int(day), int(cause), int(rule) - 1] += int(count)
        self._by_cause[held.cause, held.rows] += 1
        doses = self.follower.library.doses()
        trained = held.done >= 0
        for at, name in enumerate(DOSES):
            planned = doses[name][held.planned]
            done = np.where(trained, np.floor(doses[name][np.maximum(held.done, 0)] * held.part), 0)
            self._planned[name][held.rows] += planned
            self._done[name][held.rows] += done
            self._dose[:, at, week] += planned.sum(), done.sum()
            if name == "minutes":
                whole = np.zeros((2, self.follower.will.size))
                whole[:, held.rows] = planned, done
                self._rows.append((whole[0].astype(np.int16), whole[1].astype(np.int16)))

    def _activity(self, held: Held | None) -> None:
        """What the day counts towards a weekly target."""
        n, doses = self.follower.will.size, self.follower.library.doses()
        moderate, strength = np.zeros(n), np.zeros(n)
        bouts, work, whole = (np.zeros((n, doses[name].shape[1])) for name in ("bouts", "work", "whole"))
        if held is not None:
            there = held.part > 0
            rows, done, part = held.rows[there], held.done[there], held.part[there]
            moderate[rows] = np.floor(doses["moderate"][done] * part)
            strength[rows] = np.floor(doses["sets"][done] * part) > 0
            for table, name in ((bouts, "bouts"), (work, "work"), (whole, "whole")):
                table[rows] = np.floor(doses[name][done] * part[:, None])
        self._week.append((moderate, bouts, strength, work, whole))

    def _whole_week(self) -> CohortWeek:
        columns = list(zip(*self._week, strict=True))
        moderate, strength = (np.stack(columns[at], axis=1) for at in (0, 2))
        bouts, work, whole = (_padded(columns[at]) for at in (1, 3, 4))
        return CohortWeek.of(moderate, bouts, strength, work, whole)

    def outcome(self, ids: Column) -> Outcome:
        """Everything of the block."""
        enrolled = self.follower.plans.of >= 0
        patients: dict[str, Column] = {
            "id": ids,
            "enrolment": np.array(Clearance.words(), dtype=object)[self.follower.enrolment],
            "enrolled": enrolled,
            "planned": self._by_cause.sum(axis=0),
            **{cause: self._by_cause[at] for at, cause in enumerate(CAUSES)},
            **{f"planned_{name}": self._planned[name].astype(np.int64) for name in DOSES},
            **{f"done_{name}": self._done[name].astype(np.int64) for name in DOSES},
            "week_of_target": np.where(self._met > 0, self._met, NONE),
        }
        return Outcome(patients | self._delivered(), self.sessions, self._dose)

    def _delivered(self) -> dict[str, Column]:
        n = self.follower.will.size
        if not self._rows:
            return {name: np.full(n, np.nan) for name in ("attendance", "rdi", "interruptions", "short_misses")}
        planned, done = (np.stack([day[at] for day in self._rows], axis=1).astype(float) for at in (0, 1))
        there = delivered_many(planned, done)
        return {
            "attendance": there.attendance,
            "rdi": there.rdi,
            "interruptions": there.interruptions.astype(float),
            "short_misses": there.short_misses.astype(float),
        }


def _padded(days: tuple[Any, ...]) -> Column:
    width = max(day.shape[1] for day in days)
    return np.stack([np.pad(day, ((0, 0), (0, width - day.shape[1]))) for day in days], axis=1)


__all__ = ["DOSES", "KINDS", "Outcome", "Tally"]
