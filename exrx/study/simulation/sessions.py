"""Sessions under a number each, and the single patient's own functions on them, each asked once for the same question.

Many patients are asked for the same session after the same history. So what has been earned, what a symptom leaves
of it, what today's restriction leaves of that, and how a log row is judged are the functions that follow one patient
(`exrx.training.adapting`), called once for each question that occurs and looked up for everybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import RLock
from typing import Any

import numpy as np
from attrs import define, field

from exrx.rules.restriction import Progression, Restriction
from exrx.study.findings import Column
from exrx.training.adaptations import DOMAINS, AdaptationRules
from exrx.training.adapting.dose import intervals_of, is_training, parts_of, scaled, with_parts
from exrx.training.adapting.earning import fitted, further, largest, percent_after
from exrx.training.adapting.judge import band_of, judge
from exrx.training.adapting.today import barred, capped_by
from exrx.training.logs.entry import SessionLog
from exrx.training.logs.keys import KeyedSession
from exrx.training.plan_parts import PlanDay
from exrx.training.session import INTENSITIES, Session

NONE = -1
NOT_DONE, INFECTED, STOPPED, LESS, SYMPTOM, UNWRITTEN, EASY, GOOD = range(8)
"""What the log of a session says: not done, not done with signs of an infection, and six ways of doing it."""
_SOME_DAY = date(2000, 1, 3)


def log_row(
    key: str, day: date, outcome: int, asked: Session, rules: AdaptationRules, borg_max: int | None
) -> SessionLog:
    """The row that somebody would write of a session with this outcome; exertion in the middle of what was asked."""
    if outcome == NOT_DONE:
        return SessionLog(key, day, "no", stop_reason="no-show")
    if outcome == INFECTED:
        return SessionLog(key, day, "no", symptoms=("fever-signs",))
    if outcome in (STOPPED, LESS):
        return SessionLog(key, day, "partly", stop_reason="event" if outcome == STOPPED else "")
    if outcome == UNWRITTEN:
        return SessionLog(key, day, "yes")
    band = band_of(asked, "borg", rules, borg_max)
    rpe = 12.0 if band is None else band.high if band.low is None else band.low
    if outcome == EASY and band is not None and band.low is not None:
        rpe = max(6.0, band.low - 1)
    return SessionLog(key, day, "yes", rpe=rpe, symptoms=("fatigue",) if outcome == SYMPTOM else None)


@define(eq=False)
class Library:
    """Sessions, restrictions and rules by number. Numbers say nothing outside one library; -1 is none."""

    sessions: list[Session] = field(factory=list)
    restrictions: list[Restriction] = field(factory=list)
    avoidances: list[frozenset[str]] = field(factory=list)
    _others: dict[Any, int] = field(factory=dict)
    _numbers: dict[str, int] = field(factory=dict)
    _known: dict[Any, int] = field(factory=dict)
    _lock: RLock = field(factory=RLock)
    _doses: Any = field(default=None)

    def number(self, session: Session | None) -> int:
        """The number of a session."""
        if session is None:
            return NONE
        text = repr(session)  # words are dicts, which cannot be keys
        with self._lock:
            found = self._numbers.get(text)
            if found is None:
                found = self._numbers[text] = len(self.sessions)
                self.sessions.append(session)
            return found

    def restriction(self, restriction: Restriction) -> int:
        """The number of a restriction."""
        return self._numbered(restriction, self.restrictions)

    def avoidance(self, avoid: frozenset[str]) -> int:
        """The number of a set of things to avoid."""
        return self._numbered(avoid, self.avoidances)

    def _numbered(self, entry: Any, entries: list[Any]) -> int:
        with self._lock:
            if entry not in self._others:
                self._others[entry] = len(entries)
                entries.append(entry)
            return self._others[entry]

    def session(self, number: int) -> Session | None:
        """The session of a number."""
        return None if number < 0 else self.sessions[number]

    def doses(self) -> dict[str, Column]:
        """What each session so far holds: minutes, aerobic minutes by intensity, sets, and what a target counts."""
        with self._lock:
            known = self._doses["minutes"].size if self._doses is not None else 0
            if known < len(self.sessions) or self._doses is None:
                new = _doses_of(self.sessions[known:])
                self._doses = new if self._doses is None else _joined(self._doses, new)
            doses: dict[str, Column] = self._doses
            return doses

    def _ask(self, parts: tuple[Column, ...], about: Any, answer: Callable[..., int]) -> Column:
        """`answer(*parts)` for each row, asked once for the same numbers; `about` is the rest of the question."""
        if not parts[0].size:
            return np.zeros(0, np.int64)
        stack = np.stack([np.asarray(part, np.int64) for part in parts])
        lows = stack.min(axis=1)
        spans = stack.max(axis=1) - lows + 1
        packed = np.zeros(stack.shape[1], np.int64)
        for row, low, span in zip(stack, lows, spans, strict=True):
            packed = packed * span + (row - low)
        _, firsts, inverse = np.unique(packed, return_index=True, return_inverse=True)
        answers = np.empty(firsts.size, np.int64)
        for place, first in enumerate(firsts):
            question = tuple(stack[:, first].tolist())
            key = (answer.__name__, about, question)
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = answer(*question)
            answers[place] = found
        return answers[inverse]

    def larger(self, best: int, other: int, domain: str) -> int:
        """The second of two sessions where the first does not exceed it in a domain, else the first; -1 is none."""
        if best < 0 or best == other:
            return other
        key = ("larger", domain, (best, other))
        if key not in self._known:
            found = largest((self.sessions[best], self.sessions[other]), domain)
            self._known[key] = other if found is self.sessions[other] else best
        return self._known[key]

    def earned(self, planned: Column, reached: list[Column], ceilings: list[Column], rules: AdaptationRules) -> Column:
        """What is left of the planned sessions after what was reached and the ceilings, a column a domain."""

        def earn(session: int, *others: int) -> int:
            own = self.sessions[session]
            domains = [domain for domain in DOMAINS if parts_of(own, domain)]
            best = dict(zip(DOMAINS, map(self.session, others[:2]), strict=True))
            least = dict(zip(DOMAINS, map(self.session, others[2:]), strict=True))
            return self.number(fitted(own, {domain: best[domain] for domain in domains}, least, rules.everyone))

        return self._ask((planned, *reached, *ceilings), None, earn)

    def further(self, sessions: Column, later: Column, longest: Column, rules: AdaptationRules) -> Column:
        """A step before the plan."""

        def step(session: int, next_one: int, minutes: int) -> int:
            return self.number(further(self.sessions[session], self.sessions[next_one], minutes, rules))

        return self._ask((sessions, later, longest), rules.id, step)

    def lowered(self, sessions: Column, shares: list[Column], rules: AdaptationRules) -> Column:
        """The sessions with so many per cent of each domain; -1 where no training is left."""

        def lower(number: int, *percents: int) -> int:
            session = self.sessions[number]
            for domain, share in zip(DOMAINS, percents, strict=True):
                session = with_parts(session, domain, scaled(session, domain, share, rules.everyone))
            return self.number(session) if is_training(session) else NONE

        return self._ask((sessions, *shares), rules.id, lower)

    def capped(
        self, sessions: Column, before: Column, restrictions: Column, avoided: Column, rules: AdaptationRules
    ) -> Column:
        """The sessions within today's restriction; -1 where it leaves nothing."""

        def cap(number: int, earlier: int, restriction: int, avoid: int) -> int:
            session, today = self.sessions[number], self.restrictions[restriction]
            if barred(session.kind, today):
                return NONE
            return self.number(capped_by(session, self.session(earlier), self.avoidances[avoid], today, rules))

        held = np.array([each.progression is not Progression.NORMAL for each in self.restrictions])[restrictions]
        return self._ask((sessions, np.where(held, before, NONE), restrictions, avoided), rules.id, cap)

    def verdicts(
        self, measured: Column, planned: Column, outcomes: Column, borg: Column, domain: str, rules: AdaptationRules
    ) -> Column:
        """How the day's log rows are judged in a domain (`Verdict`)."""

        def verdict(number: int, own: int, outcome: int, borg_max: int) -> int:
            session, limit = self.sessions[number], borg_max if borg_max >= 0 else None
            day = PlanDay(_SOME_DAY, self.sessions[own])
            keyed = KeyedSession("w01-1", 1, 0, day, self.sessions[own])
            row = log_row("w01-1", _SOME_DAY, outcome, session, rules, limit)
            return int(judge(row, session, keyed, domain, rules, 0, limit).verdict)

        own = np.where(self.doses()["intervals"][planned] > 0, planned, measured)
        return self._ask((measured, own, outcomes, borg), (rules.id, domain), verdict)


def percents_after(rules: AdaptationRules, most: int) -> Column:
    """Per cent of the dose left after 0 to `most` lowerings."""
    return np.array([percent_after(count, rules) for count in range(most + 1)])


def _doses_of(sessions: list[Session]) -> dict[str, Column]:
    days = [session.activity() for session in sessions]
    bouts = max((len(day.vigorous_bouts) for day in days), default=0) or 1
    blocks = max((len(day.interval_blocks) for day in days), default=0) or 1
    table: dict[str, Column] = {
        "minutes": np.array([session.minutes for session in sessions]),
        "sets": np.array([session.sets for session in sessions]),
        "intervals": np.array([intervals_of(session) for session in sessions]),
        **{level.word: np.array([session.aerobic_minutes(level) for session in sessions]) for level in INTENSITIES},
        "bouts": np.zeros((len(sessions), bouts)),
        "work": np.zeros((len(sessions), blocks)),
        "whole": np.zeros((len(sessions), blocks)),
    }
    for number, day in enumerate(days):
        table["bouts"][number, : len(day.vigorous_bouts)] = day.vigorous_bouts
        for place, (work, whole) in enumerate(day.interval_blocks):
            table["work"][number, place], table["whole"][number, place] = work, whole
    return table


def _joined(one: dict[str, Column], other: dict[str, Column]) -> dict[str, Column]:
    """Two tables of doses, one below the other; bouts and blocks as wide as the wider."""
    joined = {}
    for name, column in one.items():
        parts = [column, other[name]]
        if column.ndim > 1:
            width = max(part.shape[1] for part in parts)
            parts = [np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts]
        joined[name] = np.concatenate(parts)
    return joined
