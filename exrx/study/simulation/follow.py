"""A protocol followed through the days: on each planned day screen, train what the answer allows, log, adapt.

A session is held only where the day's screening clears it. Why it was not is one of `CAUSES`: the first that applies,
in the order of `Follower._sessions`.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field, frozen

from exrx.bits import unpack
from exrx.protocol.model import Protocol
from exrx.rules.restriction import Clearance
from exrx.screening.many import Decisions, screen_cohort
from exrx.screening.restrictions import restrictions_of
from exrx.study.findings import Column
from exrx.study.simulation.behaviour import Behaviour
from exrx.study.simulation.plans import Planner, Plans
from exrx.study.simulation.sessions import (
    EASY,
    GOOD,
    INFECTED,
    LESS,
    NONE,
    NOT_DONE,
    STOPPED,
    SYMPTOM,
    UNWRITTEN,
    Library,
    percents_after,
)
from exrx.study.simulation.standing import AEROBIC, Convalescence, Standings
from exrx.study.simulation.world import WorldDay
from exrx.training.adaptations import DOMAINS
from exrx.training.adapting.history import KINDS
from exrx.training.adapting.judge import Verdict
from exrx.training.targets import DAYS_A_WEEK

CAUSES = (
    "held", "held-in-part", "ill", "after-infection", "did-not-come", "not-cleared", "missing-facts",
    "nothing-left", "not-earned",
)  # fmt: skip
HELD, IN_PART, ILL, AFTER_INFECTION, AWAY, NOT_CLEARED, MISSING, NOTHING_LEFT, NOT_EARNED = range(len(CAUSES))
_LOWERINGS = 40
_WEEK_AFTER = 7


@frozen(eq=False)
class Held:
    """The planned sessions of a day, one entry a patient in `rows`: sessions by number (-1 none), what became of them.

    `planned` is the plan's own, `asked` what was asked after all that went before, `done` what today's restriction
    left; `part` of its minutes was done. `cause` indexes `CAUSES`, `rule` the protocol's rules of the stage (-1: none).
    `outcome` is what the log says, -1 where nothing was asked and nothing is logged; it is judged against `measured`.
    """

    number: int
    rows: Column
    kind: Column
    place: Column
    planned: Column
    asked: Column
    done: Column
    part: Column
    outcome: Column
    cause: Column
    rule: Column
    cycle_day: Column
    measured: Column


@define(eq=False)
class Follower:
    """One protocol's programme for a block of patients.

    `well_today` (n,): whom somebody asks today, and writes down as free of symptoms: the day after an infection.
    """

    protocol: Protocol
    planner: Planner
    behaviour: Behaviour
    will: Column
    plans: Plans = field(init=False)
    enrolment: Column = field(init=False)
    well_today: Column = field(init=False)
    _standings: Standings = field(init=False)
    _convalescence: Convalescence = field(init=False)
    _asked: Column = field(init=False)
    _due: Column = field(init=False)
    _trained: Column = field(init=False)
    _noted: Column = field(init=False)
    _noted_yesterday: Column = field(init=False)
    _judged: tuple[Column, Column] = field(init=False)

    @property
    def library(self) -> Library:
        """Sessions by number."""
        return self.planner.library

    def enrol(self, today: WorldDay) -> None:
        """Screen everybody for enrolment and make the plans of those who are cleared."""
        n = len(today.cohort)
        decisions = screen_cohort(today.cohort, self.protocol, stage="enrolment", as_of=today.date, threads=1)
        self.enrolment = decisions.clearance
        self.plans = self.planner.plans(decisions, today.treated)
        places = self.plans.most_places
        self._standings, self._convalescence = Standings(n, places), Convalescence(n)
        self._asked = np.full((len(KINDS), places, n), NONE, np.int64)
        self._due, self._trained, self._noted, self._noted_yesterday = (np.zeros(n, np.bool_) for _ in range(4))

    def follow_day(self, today: WorldDay) -> Held | None:
        """The day's sessions and what became of them; None where nobody has one. Ends the week on its last day."""
        held = self._sessions(today)
        if held is not None:
            self._log(today, held)
        signs, trained = (np.zeros(len(today.cohort), np.bool_) for _ in range(2))
        if held is not None:
            signs[held.rows[np.isin(held.outcome, (SYMPTOM, INFECTED))]] = True
            trained[held.rows[np.isin(held.outcome, (UNWRITTEN, EASY, GOOD))]] = True
        self.well_today = (today.well_again | self._noted_yesterday) & ~today.ill & (self.plans.of >= 0)
        self._convalescence.end_day(today.number, self.well_today, signs, trained)
        self._noted &= today.ill
        self._noted_yesterday = signs & ~today.ill
        if today.number % DAYS_A_WEEK == DAYS_A_WEEK - 1:
            self._end_week(today.number // DAYS_A_WEEK + 1)
        return held

    def _sessions(self, today: WorldDay) -> Held | None:
        week, day = divmod(today.number, DAYS_A_WEEK)
        plans = self.plans
        enrolled = np.flatnonzero((plans.of >= 0) & today.treated)
        planned = plans.sessions[plans.of[enrolled], week, day]
        rows, planned = enrolled[planned >= 0], planned[planned >= 0]
        if not rows.size:
            return None
        plan = plans.of[rows]
        kind, place = plans.kinds[plan, week, day], plans.places[plan, week, day]
        earned, asked = self._ask(rows, plan, kind, place, planned, week)
        percent = self._convalescence.percent[rows]
        lot, comes = today.comes[rows], self._comes(today, rows, kind)
        cause = np.full(rows.size, HELD)
        open_ones = np.ones(rows.size, np.bool_)
        for mask, why in (
            ((asked < 0) & (percent > 0), NOT_EARNED),
            (today.ill[rows], ILL),
            (percent == 0, AFTER_INFECTION),
            (lot >= comes, AWAY),
        ):
            cause[open_ones & mask] = why
            open_ones &= ~mask
        rule, done = np.full(rows.size, NONE), np.full(rows.size, NONE)
        before = self._asked[kind, place, rows]
        self._screen(today, rows, plan, asked, before, open_ones, cause, rule, done)
        outcome, part = self._outcomes(today, rows, cause)
        self._judged = (plan, earned)
        measured = np.where(earned >= 0, earned, planned)
        return Held(
            today.number, rows, kind, place, planned, asked, done, part, outcome, cause, rule, today.cycle_day[rows],
            measured,
        )  # fmt: skip

    def _comes(self, today: WorldDay, rows: Column, kind: Column) -> Column:
        """How likely each comes who is not ill: illness is part of not coming."""
        behaviour = self.behaviour
        begun = behaviour["falls_ill"] * behaviour["ill_days"]
        ill = begun / (1 + begun)
        after = today.cycle_day[rows] < _WEEK_AFTER
        share = self.will[rows] * np.where(after, behaviour["week_after_infusion"], behaviour["other_weeks"])
        share = share * np.where(kind == KINDS.index("home"), behaviour["at_home"], 1.0)
        return np.minimum(share / (1 - ill), 1.0)

    def _ask(
        self, rows: Column, plan: Column, kind: Column, place: Column, planned: Column, week: int
    ) -> tuple[Column, Column]:
        """What has been earned of the planned sessions, and what is asked; -1 for nothing."""
        plans, stand, library = self.plans, self._standings, self.library
        positions = [stand.position[kind, domain, rows] for domain in range(len(DOMAINS))]
        reached = [
            np.where(at > week, planned, plans.best[plan, kind, place, np.minimum(at, week), domain])
            for domain, at in enumerate(positions)
        ]
        ceilings = [stand.ceilings[kind, domain, place, rows] for domain in range(len(DOMAINS))]
        later = plans.next_of(plan, kind, place, week)
        before = (positions[AEROBIC] > week + 1) & ~plans.holds[plan] & (ceilings[AEROBIC] < 0) & (later >= 0)
        percent = self._convalescence.percent[rows]
        earned, asked = np.full(rows.size, NONE), np.full(rows.size, NONE)
        for index, rules in enumerate(plans.rules):
            mine = plans.rules_of[plan] == index
            own = library.earned(planned[mine], [r[mine] for r in reached], [c[mine] for c in ceilings], rules)
            ahead = before[mine] & (own >= 0)
            at = np.flatnonzero(mine)[ahead]
            own[ahead] = library.further(own[ahead], later[at], plans.longest[plan[at], kind[at]], rules)
            earned[mine] = own
            there = np.flatnonzero(mine)[own >= 0]
            table = percents_after(rules, _LOWERINGS)
            shares = [
                np.minimum(table[np.minimum(stand.lowerings[kind[there], d, rows[there]], _LOWERINGS)], percent[there])
                for d in range(len(DOMAINS))
            ]
            asked[there] = library.lowered(earned[there], shares, rules)
        return earned, asked

    def _screen(
        self, today: WorldDay, rows: Column, plan: Column, asked: Column, before: Column, came: Column, cause: Column,
        rule: Column, done: Column,
    ) -> None:  # fmt: skip
        """Screen those who came; what is not cleared is not trained, and a cleared session is kept within its caps."""
        if not came.any():
            return
        decisions = screen_cohort(today.cohort, self.protocol, stage="session", as_of=today.date, threads=1)
        clearance = decisions.clearance[rows]
        unclear, cleared = came & (clearance == Clearance.ASSESS), came & (clearance <= Clearance.MODIFY)
        cause[came & ~cleared] = NOT_CLEARED
        cause[unclear] = MISSING
        refused = np.flatnonzero(came & ~cleared)
        rule[refused] = ruling(decisions, rows[refused])
        mask = np.zeros(len(today.cohort), np.bool_)
        mask[rows[cleared]] = True
        found = restrictions_of(decisions, mask, 1)
        numbers = np.array([*(self.library.restriction(each) for each in found.distinct), NONE], np.int64)
        today_asked = numbers[found.codes[rows]]
        for index, rules in enumerate(self.plans.rules):
            mine = np.flatnonzero(cleared & (self.plans.rules_of[plan] == index))
            avoided = self.plans.avoided[plan[mine]]
            done[mine] = self.library.capped(asked[mine], before[mine], today_asked[mine], avoided, rules)
        cause[cleared & (done < 0)] = NOTHING_LEFT

    def _outcomes(self, today: WorldDay, rows: Column, cause: Column) -> tuple[Column, Column]:
        """What the log says of each session, and the part of it that was done."""
        behaviour = self.behaviour
        ways = ("stops_early", "does_less", "symptom_in_session", "exertion_not_written", "easy")
        edges = np.cumsum([behaviour[name] for name in ways])
        trained = np.array([STOPPED, LESS, SYMPTOM, UNWRITTEN, EASY, GOOD])[
            np.searchsorted(edges, today.held[rows], side="right")
        ]
        held = cause == HELD
        outcome = np.where(held, trained, NOT_DONE)
        new = today.infected[rows] & ~self._noted[rows]
        fever = ((cause == ILL) & new) | (np.isin(cause, (NOT_CLEARED, MISSING)) & today.feverish[rows])
        outcome[fever] = INFECTED
        outcome[cause == NOT_EARNED] = NONE
        cause[held & ((outcome == STOPPED) | (outcome == LESS))] = IN_PART
        part = np.where(outcome == STOPPED, behaviour["stopped_part"], 1.0)
        part = np.where(outcome == LESS, behaviour["less_part"], part)
        return outcome, np.where(held, part, 0.0)

    def _log(self, today: WorldDay, held: Held) -> None:
        """Take the day's log rows in."""
        plan, earned = self._judged
        rows, kind = held.rows, held.kind
        silent = held.outcome == NONE
        self._standings.drop(rows[silent], kind[silent])
        for index, rules in enumerate(self.plans.rules):
            mine = np.flatnonzero(~silent & (self.plans.rules_of[plan] == index))
            borg, outcome = self.plans.borg[plan[mine]], held.outcome[mine]
            for at, domain in enumerate(DOMAINS):
                verdict = self.library.verdicts(held.measured[mine], held.planned[mine], outcome, borg, domain, rules)
                verdict = np.where(earned[mine] < 0, np.minimum(verdict, Verdict.HOLD), verdict)
                self._standings.take(at, rows[mine], kind[mine], held.place[mine], verdict, held.measured[mine])
        there = held.asked >= 0
        self._asked[kind[there], held.place[there], rows[there]] = held.asked[there]
        signs = np.isin(held.outcome, (SYMPTOM, INFECTED))
        for at in range(len(DOMAINS)):
            self._standings.lower(at, rows[signs], 1 - kind[signs])
        infected = rows[held.outcome == INFECTED]
        self._convalescence.fall_ill(infected, today.number)
        self._noted[infected] = True
        self._due[rows] = True
        self._trained[rows[held.part > 0]] = True

    def _end_week(self, week: int) -> None:
        plans, plan = self.plans, np.maximum(self.plans.of, 0)
        if not plans.rules:
            return
        which = plans.rules_of[plan]
        running = np.array([rules["sessions_running"] for rules in plans.rules])[which]
        back = np.stack([np.array([rules.back(domain) for rules in plans.rules])[which] for domain in DOMAINS])
        self._standings.end_week(week, self._due & ~self._trained, running, back, ~plans.holds[plan])
        self._due[:], self._trained[:] = False, False


def ruling(decisions: Decisions, rows: Column) -> Column:
    """For each of these rows, none of which is cleared, the first rule that asks for its clearance.

    Where facts are missing (assess) it is the first rule of consult or more that is undecided; -1 where no rule of the
    protocol does, but a physician's limits.
    """
    found = np.full(rows.size, NONE)
    if not rows.size:
        return found
    clearance = decisions.clearance[rows]
    for index, active in enumerate(decisions.rules.stage.rules):
        asks = active.rule.then.clearance
        if asks < Clearance.CONSULT:
            continue
        true, possible = decisions.rule_planes(index)
        fires = unpack(true, decisions.n)[rows] & (clearance == asks)
        opens = unpack(possible & ~true, decisions.n)[rows] & (clearance == Clearance.ASSESS)
        found[(fires | opens) & (found == NONE)] = index
    return found
