"""How far many patients have come: `adapting.history.Standing` and `adapting.illness` for n patients at once.

Every array is (kinds, domains, n), or (kinds, domains, places, n) for ceilings; `tests/agreement` holds them against
the single patient's code, log row by log row.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from exrx.study.findings import Column
from exrx.study.simulation.sessions import NONE
from exrx.training.adaptations import DOMAINS, everyone
from exrx.training.adapting.history import KINDS
from exrx.training.adapting.judge import Verdict

NEVER = -1
AEROBIC = DOMAINS.index("aerobic")


@define(eq=False)
class Standings:
    """Positions, lowerings and ceilings of n patients, in `places` sessions of each kind a week."""

    n: int
    places: int
    position: Column = field(init=False)
    lowerings: Column = field(init=False)
    ceilings: Column = field(init=False)
    _run: Column = field(init=False)
    _earned: Column = field(init=False)
    _dropped: Column = field(init=False)
    _eased: Column = field(init=False)

    def __attrs_post_init__(self) -> None:
        shape = (len(KINDS), len(DOMAINS), self.n)
        self.position = np.ones(shape, np.int64)
        self.lowerings, self._run = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._earned, self._dropped, self._eased = (np.zeros(shape, np.bool_) for _ in range(3))
        self.ceilings = np.full((len(KINDS), len(DOMAINS), self.places, self.n), NONE, np.int64)

    def take(self, domain: int, rows: Column, kind: Column, place: Column, verdict: Column, asked: Column) -> None:
        """Take in how the rows' sessions went (`Verdict`); `asked` are the sessions that were measured against."""
        at = (kind, domain, rows)
        self._eased[at] |= self.lowerings[at] > 0
        good = verdict >= Verdict.GOOD
        self._earned[at] = good
        self._run[at] = np.where(verdict == Verdict.EASY, self._run[at] + 1, 0)
        self.lowerings[at] = np.where(good, np.maximum(self.lowerings[at] - 1, 0), self.lowerings[at])
        for every in range(self.places):
            ceiling = self.ceilings[kind, domain, every, rows]
            self.ceilings[kind, domain, every, rows] = np.where(good, NONE, ceiling)
        self.ceilings[kind, domain, place, rows] = np.where(good, NONE, asked)
        down = verdict == Verdict.DOWN
        self.lower(domain, rows[down], kind[down])

    def lower(self, domain: int, rows: Column, kind: Column) -> None:
        """Lower the rows' next sessions of a kind once more."""
        at = (kind, domain, rows)
        self.lowerings[at] += 1
        self._run[at], self._eased[at] = 0, True

    def drop(self, rows: Column, kind: Column) -> None:
        """A session that was not asked for at all."""
        for domain in range(len(DOMAINS)):
            self._dropped[kind, domain, rows] = True

    def end_week(self, week: int, idle: Column, running: Column, back: Column, ahead: Column) -> None:
        """Move on by a week, or go back where it was `idle` (n,): sessions were due and none was trained.

        `week` counts from 1. `running` (n,): easy sessions in a row that count. `back` (domains, n): weeks that a week
        without training takes. `ahead` (n,): whether anything may rise before the plan.
        """
        first = (np.arange(len(DOMAINS)) == AEROBIC)[None, :, None]
        easy = (self._run >= running) & ~self._dropped
        most = week + np.where(easy & ahead & first, 2, 1)
        next_one = np.maximum(self.position, np.minimum(self.position + np.where(easy, 2, 1), most))
        moved = np.where(self._earned & ~self._eased, next_one, self.position)
        self.position = np.where(idle, np.maximum(1, self.position - back[None]), moved)
        self._run = np.where(idle, 0, self._run)
        self._earned[:], self._dropped[:] = False, False
        self._eased = self.lowerings > 0


@define(eq=False)
class Convalescence:
    """Infections: the day of each patient's last one, symptom-free days since, and sessions done since."""

    n: int
    since: Column = field(init=False)
    free: Column = field(init=False)
    back: Column = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.since = np.full(self.n, NEVER, np.int64)
        self.free, self.back = np.zeros(self.n, np.int64), np.zeros(self.n, np.int64)

    @property
    def percent(self) -> Column:
        """How much of the dose is left (n,); 0 while a symptom-free day is waited for."""
        shared = everyone()
        steps = [shared.number("return_first_percent"), shared.number("return_second_percent"), 100]
        share = np.array(steps)[np.minimum(self.back, len(steps) - 1)]
        share = np.where(self.free < shared.number("symptom_free_days"), 0, share)
        return np.where(self.since == NEVER, 100, share)

    def fall_ill(self, rows: Column, day: int) -> None:
        """An infection was written down on this day."""
        self.since[rows], self.free[rows], self.back[rows] = day, 0, 0

    def end_day(self, day: int, well: Column, signs: Column, trained: Column) -> None:
        """Count the day: `well` (n,) somebody wrote that there were no symptoms, `signs` that there were, `trained` a
        session was done in full without any."""
        later = (self.since != NEVER) & (self.since < day)
        self.free += later & well & ~signs
        self.back += later & trained
