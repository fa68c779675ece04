"""What happens to the patients day by day, whatever is trained: blood, symptoms, illness, forms, and the day's lots.

All draws are made for everybody on every day, so that protocols and programmes are compared on the same patients and
the same numbers. Blood is sampled on the day of an infusion and on two days a week, some samples are missing, and the
screening knows the newest result, with its date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from attrs import define, field, frozen

from exrx.cohort import Cohort
from exrx.given import Cells, cells_of
from exrx.patient import SYNTHETIC
from exrx.study.bodies import Bodies, measured
from exrx.study.findings import VITALS, Column, Treatment, draw_forgotten, draw_vitals, shares, written
from exrx.study.marrow import Floats
from exrx.study.regimens import parameters
from exrx.study.simulation.behaviour import Behaviour
from exrx.study.simulation.start import Start
from exrx.training.targets import DAYS_A_WEEK

_BEFORE = 7
"""Days before the programme on which blood may have been taken."""
_COUNTS = ("platelets", "neutrophils", "leukocytes", "haemoglobin [mmol/L]")


@frozen(eq=False)
class WorldDay:
    """A day of the programme (`number` from 0) for n patients.

    `cohort` is what the hospital would know if everybody came; `cycle_day` (n,) days since the infusion; `treated`
    whether the course still runs. `ill` stay at home, `infected` for an infection; `feverish` have signs of one at
    the door; `well_again` are asked on this day and have no symptoms. `comes` and `held` are lots from 0 to 1.
    """

    number: int
    date: date
    cohort: Cohort
    cycle_day: Column
    treated: Column
    ill: Column
    infected: Column
    feverish: Column
    well_again: Column
    comes: Floats
    held: Floats


@define(eq=False)
class World:
    """A block of patients from the first day on; `days()` is asked once."""

    start: Start
    day: date
    weeks: int
    behaviour: Behaviour
    rng: np.random.Generator
    _staying: dict[str, Cells] = field(init=False)
    _bodies: Bodies = field(init=False)
    _plan: Floats = field(init=False)
    _cycles: Column = field(init=False)
    _ends: Column = field(init=False)
    _lab: dict[str, Floats] = field(init=False)
    _taken: Column = field(init=False)
    _weekday: Column = field(init=False)
    _newest: list[Any] = field(init=False, factory=list)
    will: Floats = field(init=False)

    def __attrs_post_init__(self) -> None:
        n, people = len(self.start), self.start.people
        self._bodies = Bodies(people.marrow, people.haemoglobin)
        regimens = parameters().regimens
        self._ends = np.array([regimen.effects.shape[1] for regimen in regimens])[people.regimen]
        longest = max(regimen.effects.shape[1] for regimen in regimens)
        self._plan = np.zeros((2, len(regimens), longest))
        self._cycles = np.zeros((3, len(regimens), longest), np.int64)
        for index, regimen in enumerate(regimens):
            days = regimen.effects.shape[1]
            self._plan[:, index, :days] = regimen.effects
            cycle = np.searchsorted(regimen.starts, np.arange(longest), side="right")
            self._cycles[0, index] = cycle
            self._cycles[1, index] = regimen.starts[cycle - 1]
            self._cycles[2, index] = regimen.lengths[cycle - 1]
        self._lab = {name: np.full(n, np.nan) for name in _COUNTS}
        self._taken = np.full(n, -9999, np.int64)
        self._weekday = self.rng.integers(0, DAYS_A_WEEK, n)
        self.will = _wills(self.rng, n, self.behaviour)
        own = {name: cells_of(column, name) for name, column in self.start.columns.items()}
        same = {"origin": SYNTHETIC, "temperature_site": "ear"}
        own |= {name: cells_of(np.full(n, text, dtype=object), name) for name, text in same.items()}
        self._staying = {"id": cells_of(np.arange(1, n + 1), "id")} | own

    def days(self) -> Iterator[WorldDay]:
        """The days of the programme in order."""
        n, last = len(self.start), self.weeks * DAYS_A_WEEK
        earliest = -max(int(self.start.offset.max(initial=0)), _BEFORE)
        left, infected, was = np.zeros(n, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        for number in range(earliest, last):
            course = self.start.offset + number
            if number >= -_BEFORE:
                self._sample(number, course)
            if number >= 0:
                left, infected = self._fall_ill(left, infected)
                ill = left > 0
                yield self._today(number, course, ill, ill & infected, was & ~ill)
                was, left = ill & infected, np.maximum(left - 1, 0)
            self._pass(number, earliest, course)

    def _pass(self, number: int, earliest: int, course: Column) -> None:
        """Give the day's doses and let the day pass."""
        at = np.clip(course, 0, self._plan.shape[2] - 1)
        given = (course >= 0) & (course < self._ends)
        kind = self.start.people.regimen
        white, plates = (np.where(given, self._plan[lineage, kind, at], 0.0) for lineage in (0, 1))
        if white.any() or plates.any():
            self._bodies.dose(white, plates, course > 0)
        self._bodies.day(number - earliest)

    def _sample(self, number: int, course: Column) -> None:
        """Take blood where it is due: before an infusion and on two days a week; one in twelve is missing."""
        n = len(self.start)
        at = np.clip(course, 0, self._plan.shape[2] - 1)
        dosed = (course >= 0) & (course < self._ends) & (self._plan[:, self.start.people.regimen, at].sum(axis=0) > 0)
        turn = (number + self._weekday) % DAYS_A_WEEK
        due = (dosed | (turn == 0) | (turn == 3)) & (self.rng.random(n) > 1 / written("missing", "one_blood_test_in"))
        values = measured(self.rng, self._bodies.counts)
        for name, found in values.items():
            self._lab[name] = np.where(due, found, self._lab[name])
        self._taken = np.where(due, number, self._taken)
        self._newest.append((number, {name: column.copy() for name, column in self._lab.items()}, self._taken))
        del self._newest[: -(int(self.behaviour["result_after"]) + 1)]

    def _fall_ill(self, left: Column, infected: Column) -> tuple[Column, Column]:
        n, behaviour = left.size, self.behaviour
        falls = (self.rng.random(n) < behaviour["falls_ill"]) & (left == 0)
        lengths = self.rng.geometric(1 / behaviour["ill_days"], n)
        kinds = self.rng.random(n) < behaviour["ill_with_infection"]
        return np.where(falls, lengths, left), np.where(falls, kinds, infected)

    def _today(self, number: int, course: Column, ill: Column, infected: Column, well_again: Column) -> WorldDay:
        n, rng = len(self.start), self.rng
        kind, at = self.start.people.regimen, np.clip(course, 0, self._plan.shape[2] - 1)
        cycle, begun, length = (table[kind, at] for table in self._cycles)
        since = np.maximum(course - begun, 0)
        ticks = {name: rng.random(n) < share for name, share in shares("today").items()}
        vitals = draw_vitals(rng, n, Treatment(cycle, length, since))
        forgotten = draw_forgotten(rng, n)
        columns = self._answers(number, ticks, vitals, forgotten)
        columns |= self._results(forgotten["counts"])
        columns |= self._treatment(number, cycle, length, since)
        fever = ticks["infection_requiring_treatment"] | (vitals["temperature"] >= 38)
        return WorldDay(
            number, self._date(number), Cohort.from_columns(self._staying | columns), since, course < self._ends, ill,
            infected, fever, well_again, rng.random(n), rng.random(n),
        )  # fmt: skip

    def _answers(
        self, number: int, ticks: dict[str, Column], vitals: dict[str, Column], forgotten: dict[str, Column]
    ) -> dict[str, Any]:
        """Forms and door: what is ticked, what was measured, and what somebody forgot."""
        n = len(self.start)
        today = np.full(n, np.datetime64(self._date(number)))
        again = int(self.behaviour["forms_again_after"]) or 1
        enrolled = np.full(n, np.datetime64(self._date(number - number % again)))
        asked = ~forgotten["door_form"] & (self.rng.random(n) < self.behaviour["answers_kept"])
        columns: dict[str, Any] = {name: yes_where(mask) for name, mask in ticks.items()}
        for name in VITALS:
            gone = forgotten.get(name, False)
            columns[name] = np.where(gone, np.nan, vitals[name])
            columns[f"{name}.date"] = today
        columns |= {"exclusion_list_checked_today": yes_where(asked), "exclusion_list_checked_today.date": today}
        columns |= {"monitoring_plan": yes_where(np.full(n, self.behaviour["answers_kept"] > 0)),
                    "monitoring_plan.date": enrolled}  # fmt: skip
        columns |= {"form.enrolment": enrolled, "form.heart": enrolled}
        columns["form.door"] = np.where(forgotten["door_form"], np.datetime64("NaT"), today)
        return columns

    def _results(self, forgotten: Column) -> dict[str, Any]:
        """The newest blood counts that are known, each with the day it was taken."""
        _, lab, taken = self._newest[0]
        there = (taken > -9999) & ~forgotten
        days = np.where(there, np.datetime64(self.day) + np.where(there, taken, 0), np.datetime64("NaT"))
        columns: dict[str, Any] = {}
        for name, values in lab.items():
            columns[name] = np.where(there, values, np.nan)
            columns[f"{name.split(' ')[0]}.date"] = days
        return columns

    def _treatment(self, number: int, cycle: Column, length: Column, since: Column) -> dict[str, Any]:
        today = np.datetime64(self._date(number))
        infusion = today - since.astype("timedelta64[D]")
        form = np.datetime64(self._date(number - number % (int(self.behaviour["forms_again_after"]) or 1)))
        blood = self._bodies.red.transfused
        earliest = -max(int(self.start.offset.max(initial=0)), _BEFORE)
        given = np.where(blood >= 0, np.datetime64(self.day) + (blood + earliest), np.datetime64("NaT"))
        return {
            "chemotherapy_cycle": cycle,
            "chemotherapy_cycle_length": length,
            "last_chemotherapy": infusion,
            "next_chemotherapy": infusion + length.astype("timedelta64[D]"),
            "last_transfusion": given,
            "form.cycle": np.maximum(infusion, form),
        }

    def _date(self, number: int) -> date:
        return self.day + timedelta(days=number)


def yes_where(mask: Column) -> Any:
    """A column that says yes where the mask is true, and nothing elsewhere."""
    return np.ma.MaskedArray(np.ones(mask.size, np.bool_), mask=~mask)


def _wills(rng: np.random.Generator, n: int, behaviour: Behaviour) -> Floats:
    """How often each patient comes when nothing is against it: a beta distribution by its mean and spread."""
    mean, spread = behaviour["comes"], behaviour["comes_spread"]
    if not spread or mean in (0.0, 1.0):
        return np.full(n, mean)
    size = mean * (1 - mean) / spread**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, n)
