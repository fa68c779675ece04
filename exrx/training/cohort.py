"""Plans for a cohort: the weekly dose of every cleared patient, equal to the single path, and whole plans by row.

Patients who train under the same restriction, from the same start, share one row of a dose table; only looking it up is
done per patient. Plans of a cohort lie on the programme's own days: no class, wishes or treatment are known for it.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.bits import numbered, unpack
from exrx.columns import Column, NumberColumn, PatchedColumn
from exrx.errors import PlanError
from exrx.rules.restriction import Clearance, Restriction
from exrx.screening.many import Decisions
from exrx.screening.restrictions import restrictions_of
from exrx.today import Today
from exrx.training.builder import Baseline, Step, caps_of, entry_step, ladder, stage_in_week
from exrx.training.cohort_dose import Traits, week_doses
from exrx.training.course import Course
from exrx.training.phase import load_phases
from exrx.training.plan import Plan
from exrx.training.prescriber import BASELINE_FIELDS, prescribe
from exrx.training.programme import Programme, load_programme
from exrx.training.refusal import LONGEST_WEEKS, check_age_of
from exrx.training.session import Dose, activity_week
from exrx.training.targets import Target, check_week, load_target
from exrx.training.targets_cohort import check_weeks

_PULSES = 1_000  # more than any pulse
_STARTS = 100_000  # more than there are starts
_CHRONIC = ("chronic-in-treatment", "chronic-treatment-paused", "chronic-treatment-finished")
COLUMNS = ("light", "moderate", "vigorous", "classes", "home_sessions", "strength_days", "sets")


@frozen(eq=False)
class CohortPlans:
    """The weekly doses of N patients over W weeks; patients who get no plan have zeros.

    `given` (N,): who gets a plan. `rows` (N,): which row of `table` holds a patient's weeks, -1 for none.
    `table` (M, W, 7) int16: `COLUMNS`, minutes, sessions, days and sets a week. `met_table` (M, W) bool: the target.
    `minutes`, `sessions`, `strength_days`, `sets` and `met` look these up for everyone. `aerobic_max`, `strength_max`,
    `progression` (N,) uint8 and `minutes_max` (N,) int16 (-1: none) are the caps.
    """

    decisions: Decisions
    programme: Programme
    target: Target
    start: date
    weeks: int
    given: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int32]
    table: npt.NDArray[np.int16]
    met_table: npt.NDArray[np.bool_]
    restrictions: tuple[Restriction, ...]
    restriction_codes: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return self.given.size

    @cached_property
    def doses(self) -> npt.NDArray[np.int16]:
        """All of `COLUMNS` for everyone (N, W, 7)."""
        return np.concatenate([self.table, np.zeros_like(self.table[:1])])[self.rows]

    @property
    def minutes(self) -> npt.NDArray[np.int16]:
        """Aerobic minutes a week, light, moderate and vigorous (N, W, 3)."""
        return self.doses[:, :, :3]

    @property
    def sessions(self) -> npt.NDArray[np.int16]:
        """Classes and sessions at home a week (N, W, 2)."""
        return self.doses[:, :, 3:5]

    @property
    def strength_days(self) -> npt.NDArray[np.int16]:
        """Days with strength training a week (N, W)."""
        return self.doses[:, :, 5]

    @property
    def sets(self) -> npt.NDArray[np.int16]:
        """Sets a week (N, W)."""
        return self.doses[:, :, 6]

    @cached_property
    def met(self) -> npt.NDArray[np.bool_]:
        """Whether the week meets the target (N, W)."""
        return np.concatenate([self.met_table, self.met_table[:1] & False])[self.rows]

    def _caps(self, part: str) -> npt.NDArray[np.uint8]:
        values = np.array([*(getattr(each, part) for each in self.restrictions), 0], np.uint8)
        return values[self.restriction_codes]

    @property
    def aerobic_max(self) -> npt.NDArray[np.uint8]:
        """The highest aerobic intensity allowed (`Intensity`)."""
        return self._caps("aerobic_max")

    @property
    def strength_max(self) -> npt.NDArray[np.uint8]:
        """The highest intensity of strength training allowed (`Intensity`)."""
        return self._caps("strength_max")

    @property
    def progression(self) -> npt.NDArray[np.uint8]:
        """Whether the load may rise (`Progression`)."""
        return self._caps("progression")

    @property
    def minutes_max(self) -> npt.NDArray[np.int16]:
        """The most minutes a session, -1 for no limit."""
        limits = [-1 if each.session_minutes_max is None else each.session_minutes_max for each in self.restrictions]
        return np.array([*limits, -1], np.int16)[self.restriction_codes]

    def plan(self, row: int) -> Plan:
        """The whole plan of one row, as `prescribe` gives it: its weeks' doses are those of `doses`.

        Raises:
            PlanError: this patient gets no plan; the message says why and what to get first.
        """
        decision = self.decisions.explain(row)
        patient = self.decisions.cohort.source(row)
        return prescribe(patient, decision, self.programme, target=self.target, start=self.start, weeks=self.weeks)


def prescribe_cohort(
    decisions: Decisions,
    training: str | Path | Programme,
    *,
    target: str | Target,
    start: date,
    weeks: int,
    threads: int = 2,
) -> CohortPlans:
    """The weekly doses of every cleared patient of a screened cohort.

    Row i's doses are those of `prescribe` for that patient without class, wishes and treatment. Who is not cleared
    gets none (`given`), and `plan(i)` says why. Example patients are not told apart here: `plan(i)` refuses them.

    Raises:
        PlanError: weeks not 1 to 104, or a start before the decisions or too long after them.
    """
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= LONGEST_WEEKS:
        raise PlanError(f"weeks must be a whole number from 1 to {LONGEST_WEEKS}, not {weeks!r}")
    programme, wanted = load_programme(training), load_target(target)
    check_age_of(decisions.as_of, start, programme.valid_days)
    given = decisions.clearance <= Clearance.MODIFY
    restrictions = restrictions_of(decisions, given, threads)
    people = _People(decisions._today, np.flatnonzero(given))
    codes = restrictions.codes[people.rows].astype(np.int64)
    tables = _Tables(programme, wanted, weeks, restrictions.distinct)
    rows = np.full(decisions.n, -1, np.int32)
    table, met, rows[people.rows] = tables.fill(people, codes)
    return CohortPlans(
        decisions, programme, wanted, start, weeks, given, rows, table, met, restrictions.distinct, restrictions.codes
    )


@define(eq=False)
class _People:
    """The rows that get a plan, with what their course starts from."""

    today: Today
    rows: npt.NDArray[np.intp]

    def lowest(self, name: str) -> npt.NDArray[np.int64]:
        """The lowest value that is possible, in whole units; unknown is the lowest plausible."""
        column = self.today.column(name)
        return _whole(_ends(column)[0][self.rows], column.field.ticks)

    def exact(self, name: str) -> npt.NDArray[np.int64]:
        """The value where exactly one is possible, -1 elsewhere."""
        column = self.today.column(name)
        low, high = (ends[self.rows] for ends in _ends(column))
        return np.where(low == high, _whole(low, column.field.ticks), -1)

    def surely(self, name: str, *options: str) -> npt.NDArray[np.bool_]:
        """Where the field is exactly one of the options."""
        entry, found = self.today.cohort.dictionary.field(name), np.zeros(self.today.n, np.bool_)
        for option in options:
            found |= unpack(self.today.column(name).words("within", entry.mask(option))[0], self.today.n)
        return found[self.rows]

    @cached_property
    def pace(self) -> npt.NDArray[np.int64]:
        """How slowly each climbs: as `phase_of` and its phases say."""
        phases = load_phases().by_id
        late, terminal = self.surely("palliative_phase", "late"), self.surely("palliative_phase", "terminal")
        advanced = self.surely("palliative_phase", "early") | self.surely("disease_status", *_CHRONIC)
        pace = np.full(self.rows.size, phases["after"].pace, np.int64)
        for where, name in ((advanced, "advanced"), (late, "palliative-late"), (terminal, "terminal")):
            pace[where] = phases[name].pace
        return pace


@frozen(eq=False)
class Starts:
    """Where the courses of some rows of a cohort start. Rows with the same number in `alike` and the same measured
    maximal pulse (-1: not known) follow the same course under the same restriction; `habits` are what they do now.
    """

    alike: npt.NDArray[np.int64]
    pulse: npt.NDArray[np.int64]
    habits: tuple[npt.NDArray[np.int64], ...]
    pace: npt.NDArray[np.int64]

    def course(self, programme: Programme, target: Target, place: int, restriction: Restriction) -> Course:
        """The course of the row at a place, as `prescribe` follows it."""
        pulse, pace = int(self.pulse[place]), int(self.pace[place])
        baseline = Baseline(*(int(column[place]) for column in self.habits))
        return programme.course(restriction, baseline, target, None if pulse < 0 else pulse, pace)


def starts_of(decisions: Decisions, rows: npt.NDArray[np.intp], programme: Programme, target: Target) -> Starts:
    """Where the courses of these rows start; unknown activity counts as none."""
    people = _People(decisions.today, rows)
    alike = np.zeros(rows.size, np.int64)
    if programme.starts_from_baseline and rows.size:
        alike = _Tables(programme, target, 1, ())._starts(people)
    habits = tuple(people.lowest(name) for name in BASELINE_FIELDS)
    return Starts(alike, people.exact("hr_max_measured"), habits, people.pace)


def _ends(column: Column) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The lowest and the highest possible tick of every row of a number."""
    if isinstance(column, NumberColumn):
        return column.ends()
    if isinstance(column, PatchedColumn):
        pairs = [(ends.copy(), patch) for ends, patch in zip(_ends(column.base), _ends(column.patch), strict=True)]
        for ends, patch in pairs:
            ends[column.rows] = patch
        return pairs[0][0], pairs[1][0]
    span: Any = column.possible(0) if column.n else column.field.unknown
    return np.full(column.n, span.low, np.int64), np.full(column.n, span.high, np.int64)


def _whole(ticks: npt.NDArray[Any], scale: Any) -> npt.NDArray[np.int64]:
    """Ticks as whole units, rounded down."""
    per_unit = round(1 / float(scale.value(2) - scale.value(0)))
    return (ticks.astype(np.int64) // 2) // per_unit


@define(eq=False)
class _Tables:
    """Fills the dose table: a row for each distinct restriction (or its traits), start and pace that occur."""

    programme: Programme
    target: Target
    weeks: int
    restrictions: tuple[Restriction, ...]
    _steps: tuple[Step, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._steps = ladder(self.programme.base, self.target)

    def fill(
        self, people: _People, codes: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
        """The table (M, W, 7), whether each week meets the target (M, W), and each person's row."""
        if not people.rows.size:
            return np.zeros((1, self.weeks, len(COLUMNS)), np.int16), np.zeros((1, self.weeks), np.bool_), _none()
        pulse = self._with_pulse(people, codes)
        if not self.programme.starts_from_baseline:
            found, rows = numbered(pulse)
            return (*self._each([self._course(int(key)) for key in found]), rows.astype(np.int32))
        keys, trait_of = self._traits(pulse)
        start = self._starts(people)
        starts, start = numbered(start)
        found, rows = numbered(trait_of * starts.size + start)
        found = found // starts.size * _STARTS + starts[found % starts.size]
        return (*self._ladder(keys, found), rows.astype(np.int32))

    def _with_pulse(self, people: _People, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The restriction with the measured maximal pulse, where a limit of pulse makes it count."""
        limited = np.array([each.heart_rate_max is not None for each in self.restrictions])[codes]
        if not limited.any():
            return codes * _PULSES
        return codes * _PULSES + np.where(limited, people.exact("hr_max_measured") + 1, 0)

    def _caps(self, key: int) -> Any:
        code, pulse = divmod(key, _PULSES)
        return caps_of(self.restrictions[code], self.programme.base, pulse - 1 if pulse else None)

    def _course(self, key: int) -> Course:
        code, pulse = divmod(key, _PULSES)
        maximum = pulse - 1 if pulse else None
        return self.programme.course(self.restrictions[code], Baseline(), self.target, maximum, 1)

    def _traits(self, pulse: npt.NDArray[np.int64]) -> tuple[list[Traits], npt.NDArray[np.int64]]:
        """The distinct traits, and which each person has."""
        found, inverse = numbered(pulse)
        distinct: dict[Traits, int] = {}
        traits = (Traits.of(self._caps(int(key)), self.programme.base) for key in found)
        places = np.array([distinct.setdefault(trait, len(distinct)) for trait in traits], np.int64)
        return list(distinct), places[inverse]

    def _starts(self, people: _People) -> npt.NDArray[np.int64]:
        """Entry step, strength training so far, and pace, as one number a person."""
        moderate, vigorous, strength = (people.lowest(name) for name in BASELINE_FIELDS)
        base = self.programme.base
        minutes, code = numbered(moderate + vigorous)
        most = int(vigorous.max(initial=0)) + 1
        pairs, inverse = numbered(code * most + vigorous)
        entries = np.array([self._entry(int(minutes[pair // most]), int(pair % most)) for pair in pairs])[inverse]
        trained = strength >= base["strength_entry_days"]
        return (entries * 2 + trained) * 10 + people.pace

    def _entry(self, active: int, vigorous: int) -> int:
        return entry_step(self.programme.base, self._steps, Baseline(active - vigorous, vigorous))

    def _ladder(
        self, traits: list[Traits], keys: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
        base = self.programme.base
        wanted, steps, stages = [], [], []
        for key in keys.tolist():
            trait_of, start = divmod(key, _STARTS)
            rest, pace = divmod(start, 10)
            entry, trained = divmod(rest, 2)
            trait = traits[trait_of]
            baseline = Baseline(strength_days=base["strength_entry_days"] if trained else 0)
            for week in range(1, self.weeks + 1):
                number = (week - 1) // pace + 1 if trait.progression == 0 else 1
                wanted.append(trait)
                steps.append(self._steps[min(entry + number, len(self._steps)) - 1])
                stages.append(stage_in_week(base, baseline, number, trait.slow))
        doses = week_doses(base, wanted, steps, stages)
        table = np.concatenate(
            [doses.minutes, doses.sessions, doses.strength_days[:, None], doses.week_sets[:, None]], axis=1
        ).astype(np.int16)
        met = check_weeks(doses.activity(base.class_weekdays, base.home_weekdays), self.target).met
        return table.reshape(len(keys), self.weeks, len(COLUMNS)), met.reshape(len(keys), self.weeks)

    def _each(self, courses: list[Course]) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
        """The table of programmes that are followed one by one, such as a trial's."""
        weeks = [[course.week(number) for number in range(1, self.weeks + 1)] for course in courses]
        table = [[_row(week) for week in of_one] for of_one in weeks]
        met = [[check_week(activity_week(week), self.target).met for week in of_one] for of_one in weeks]
        return np.array(table, np.int16), np.array(met, np.bool_)


def _row(week: Any) -> list[int]:
    dose, kinds = Dose.of(week), [session.kind for session in week.values()]
    minutes = [dose.light, dose.moderate, dose.vigorous]
    return [*minutes, kinds.count("class"), kinds.count("home"), dose.strength_days, dose.sets]


def _none() -> npt.NDArray[np.int32]:
    return np.zeros(0, np.int32)
