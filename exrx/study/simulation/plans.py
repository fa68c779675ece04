"""Which plan each enrolled patient follows: the programme's own weeks under the enrolment answer, as for a cohort.

Patients who start alike under the same restriction share a plan. The weeks lie on the programme's own days, from a
Monday; they are not laid around the chemotherapy. What has been earned decides what is asked of a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import define, frozen

from exrx.bits import numbered, unpack
from exrx.fields import YES
from exrx.rules.restriction import Clearance, Progression, Restriction
from exrx.screening.many import Decisions
from exrx.screening.restrictions import restrictions_of
from exrx.study.findings import Column
from exrx.study.simulation.sessions import NONE, Library
from exrx.training.adaptations import DEFAULT, DOMAINS, WITH_LYMPHOEDEMA, AdaptationRules, load_adaptations
from exrx.training.adapting.history import KINDS
from exrx.training.cohort import starts_of
from exrx.training.programme import Programme
from exrx.training.session import Session
from exrx.training.targets import DAYS_A_WEEK, Target

_FASTER = "rapid-load-increase"


@frozen(eq=False)
class Plans:
    """The plans of a block: `of` (n,) is each patient's, -1 for who is not enrolled; the other arrays are by plan.

    `sessions`, `kinds`, `places` (P, weeks, 7): number of a day's session, its kind in `KINDS`, and which of its kind
    it is in the week. `best` (P, kinds, places, weeks + 1, domains): the largest session up to a week. `longest`
    (P, kinds). `holds` (P,): nothing may rise. `avoided`, `borg` (P,): numbers. `rules_of` (P,): index into `rules`.
    """

    of: Column
    sessions: Column
    kinds: Column
    places: Column
    best: Column
    longest: Column
    holds: Column
    avoided: Column
    borg: Column
    rules_of: Column
    rules: tuple[AdaptationRules, ...]

    def next_of(self, plan: Column, kind: Column, place: Column, week: int) -> Column:
        """The session of the same kind and place a week after `week` (from 0), for some plans; -1 for none."""
        found = np.full(plan.size, NONE, np.int64)
        if week + 1 < self.sessions.shape[1]:
            for day in range(DAYS_A_WEEK):
                there = (self.kinds[plan, week + 1, day] == kind) & (self.places[plan, week + 1, day] == place)
                found = np.where(there, self.sessions[plan, week + 1, day], found)
        return found

    @property
    def most_places(self) -> int:
        """The most sessions of one kind in a week."""
        return int(self.best.shape[2])


@define(eq=False)
class Planner:
    """Makes the plans of one protocol's enrolled patients; what a plan holds is asked once."""

    programme: Programme
    target: Target
    weeks: int
    library: Library

    def plans(self, decisions: Decisions, may: Column) -> Plans:
        """The plans of the patients that `decisions` clears for enrolment and `may` (n,) allows."""
        given = (decisions.clearance <= Clearance.MODIFY) & may
        restrictions = restrictions_of(decisions, given, 1)
        rows = np.flatnonzero(given)
        starts = starts_of(decisions, rows, self.programme, self.target)
        ill = self._lymphoedema(decisions, rows)
        codes = restrictions.codes[rows].astype(np.int64)
        keys = np.stack([codes, starts.alike, starts.pulse, ill.astype(np.int64)])
        firsts, inverse = _distinct(keys)
        of = np.full(decisions.n, NONE, np.int64)
        of[rows] = inverse
        asked = restrictions.distinct
        courses = (starts.course(self.programme, self.target, first, asked[codes[first]]) for first in firsts)
        made = [
            self._plan(asked[codes[first]], course, bool(ill[first]))
            for first, course in zip(firsts.tolist(), courses, strict=True)
        ]
        return self._together(of, made)

    def _lymphoedema(self, decisions: Decisions, rows: Column) -> Column:
        """Where lymphoedema is known or open: such a plan rises more slowly."""
        possible = decisions.today.column("lymphoedema").words("within", YES)[1]
        return unpack(possible, decisions.n)[rows]

    def _plan(self, restriction: Restriction, course: Any, lymphoedema: bool) -> dict[str, Any]:
        weeks = [course.week(number) for number in range(1, self.weeks + 1)]
        rules = WITH_LYMPHOEDEMA if lymphoedema or _FASTER in restriction.avoid else DEFAULT
        return {
            "weeks": weeks,
            "holds": restriction.progression is not Progression.NORMAL,
            "avoid": self.library.avoidance(restriction.avoid),
            "borg": NONE if restriction.rpe_max is None else restriction.rpe_max,
            "rules": rules,
        }

    def _together(self, of: Column, made: list[dict[str, Any]]) -> Plans:
        names = tuple(dict.fromkeys(plan["rules"] for plan in made))
        shape = (len(made), self.weeks, DAYS_A_WEEK)
        sessions, kinds, places = (np.full(shape, NONE, np.int64) for _ in range(3))
        seen: dict[int, int] = {}  # by identity: `made` keeps every session while this is used
        for index, plan in enumerate(made):
            for week, pattern in enumerate(plan["weeks"]):
                for day, session, kind, place in _keyed(pattern):
                    if id(session) not in seen:
                        seen[id(session)] = self.library.number(session)
                    sessions[index, week, day] = seen[id(session)]
                    kinds[index, week, day], places[index, week, day] = kind, place
        best, longest = self._best(sessions, kinds, places)
        return Plans(
            of, sessions, kinds, places, best, longest, np.array([plan["holds"] for plan in made], np.bool_),
            np.array([plan["avoid"] for plan in made], np.int64), np.array([plan["borg"] for plan in made], np.int64),
            np.array([names.index(plan["rules"]) for plan in made], np.int64),
            tuple(load_adaptations()[name] for name in names),
        )  # fmt: skip

    def _best(self, sessions: Column, kinds: Column, places: Column) -> tuple[Column, Column]:
        """The largest session of each kind and place up to each week, by domain; and the longest of each kind."""
        most = int(places.max(initial=0)) + 1
        best = np.full((len(sessions), len(KINDS), most, self.weeks + 1, len(DOMAINS)), NONE, np.int64)
        longest = np.zeros((len(sessions), len(KINDS)), np.int64)
        for plan, kind in np.ndindex(len(sessions), len(KINDS)):
            own = sessions[plan][kinds[plan] == kind]
            longest[plan, kind] = max((self.library.sessions[number].minutes for number in own), default=0)
            for place in range(most):
                for week in range(self.weeks):
                    best[plan, kind, place, week + 1] = best[plan, kind, place, week]
                    here = sessions[plan, week][(kinds[plan, week] == kind) & (places[plan, week] == place)]
                    for at, domain in enumerate(DOMAINS if here.size else ()):
                        before = int(best[plan, kind, place, week, at])
                        best[plan, kind, place, week + 1, at] = self.library.larger(before, int(here[0]), domain)
        return best, longest


def _keyed(pattern: dict[int, Session]) -> Iterator[tuple[int, Session, int, int]]:
    """Each day's session of a week, its kind, and which of its kind it is."""
    count = [0] * len(KINDS)
    for day in sorted(pattern):
        kind = KINDS.index(pattern[day].kind)
        yield day, pattern[day], kind, count[kind]
        count[kind] += 1


def _distinct(keys: Column) -> tuple[Column, Column]:
    """The first row of each distinct column of keys, and which each row has."""
    code = np.zeros(keys.shape[1], np.int64)
    for row in keys:
        _, inverse = numbered(row - row.min(initial=0))
        code = code * (int(inverse.max(initial=0)) + 1) + inverse
        _, code = numbered(code)
    _, firsts, inverse = np.unique(code, return_index=True, return_inverse=True)
    return firsts, inverse
