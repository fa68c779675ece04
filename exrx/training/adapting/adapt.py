"""Next week from what was done: the plan and its log give the coming sessions, each target moved with one line why.

Stateless: the same plan, log and day give the same answer, and the order of rows never matters. `adapt_history` follows
the plan through its log, `judge` says how each session went, `today` holds today's session against today's
screening.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from attrs import evolve, field, frozen

from exrx import __version__
from exrx.screening.decision import Decision
from exrx.training.adaptations import AdaptationRules, load_rules
from exrx.training.adapting.dose import intervals_of, minutes_of, parts_of
from exrx.training.adapting.history import History, Standing, follow
from exrx.training.adapting.illness import Illness
from exrx.training.adapting.judge import Cause, Verdict
from exrx.training.adapting.today import Today, check_decision, today_of
from exrx.training.adapting.words import said, why
from exrx.training.logs.keys import KeyedSession
from exrx.training.logs.log import LogReading, SessionLog
from exrx.training.plan import Plan
from exrx.training.plan_json import day_to_dict as day_json
from exrx.training.plan_json import session_to_dict as session_json
from exrx.training.plan_parts import PlanDay
from exrx.training.session import PlannedExercise, Session
from exrx.training.targets import Words

SCHEMA = "exrx/adaptation/1"
LOWERS = ("symptom", "pain", "far-above", "intervals", "fewer")
TARGETS = ("aerobic-minutes", "intervals", "sets", "load", "session")


@frozen
class Move:
    """A target moved up, held or lowered.

    `target` is one of `TARGETS`, `key` the coming session, `exercise` the exercise of a load. `before` is what was
    asked (of a load: lifted) last, `after` what is asked now, `planned` what the plan itself says; None where there is
    no number. `why` is one line with the session and the value it rests on; `rule` names the rules behind it,
    `verified` how well the weakest of them is.
    """

    target: str
    key: str
    before: float | None
    after: float | None
    planned: float | None
    why: Words
    rule: str
    verified: str
    exercise: str = ""

    @property
    def direction(self) -> str:
        """`up`, `hold` or `down`; a number that comes or goes is no rise."""
        if self.before is None or self.after is None or self.before == self.after:
            return "down" if self.target == "session" and not self.after else "hold"
        return "up" if self.after > self.before else "down"

    def to_dict(self) -> dict[str, Any]:
        """The move as JSON."""
        return {
            "target": self.target,
            "key": self.key,
            "exercise": self.exercise or None,
            "from": self.before,
            "to": self.after,
            "planned": self.planned,
            "direction": self.direction,
            "why": dict(self.why),
            "rule": self.rule,
            "verified": self.verified,
        }


@frozen
class Adaptation:
    """The coming sessions of a plan, adapted to what was done: a proposal to the professional who decides.

    `week` is the plan week that holds the next session due on `as_of` or later. `sessions` are its days with a session
    still to come (with `weeks` more than one, the following weeks' too), none while `waiting` says why nothing is
    trained yet. `unverified` names the rules used that rest on unverified numbers.
    """

    patient: str
    training: str
    start: date
    as_of: date
    rules: str
    week: int
    sessions: tuple[PlanDay, ...]
    moves: tuple[Move, ...]
    today: Today
    notes: tuple[Words, ...]
    unverified: tuple[str, ...]
    notice: Words
    draft: bool
    example: bool
    waiting: Words | None = None
    engine: str = field(default=f"exrx {__version__}", kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """The adaptation as the JSON object of schema `exrx/adaptation/1`."""
        return {
            "schema": SCHEMA,
            "engine": self.engine,
            "notice": dict(self.notice),
            "draft": self.draft,
            "example": self.example,
            "patient": self.patient,
            "plan": {"training": self.training, "start": self.start.isoformat()},
            "as_of": self.as_of.isoformat(),
            "rules": self.rules,
            "week": self.week,
            "waiting": dict(self.waiting) if self.waiting else None,
            "today": _today_json(self.today),
            "moves": [move.to_dict() for move in self.moves],
            "sessions": [day_json(day) for day in self.sessions],
            "notes": [dict(note) for note in self.notes],
            "unverified": list(self.unverified),
        }


def _today_json(today: Today) -> dict[str, Any]:
    return {
        "date": today.date.isoformat(),
        "key": today.key or None,
        "screened": today.screened,
        "session": session_json(today.session) if today.session else None,
        "refused": dict(today.refused) if today.refused else None,
        "get": [dict(each) for each in today.get],
        "why": [dict(each) for each in today.why],
    }


def adapt(
    plan: Plan,
    log: Sequence[SessionLog] | LogReading,
    *,
    as_of: date,
    rules: str | AdaptationRules | None = None,
    decision: Decision | None = None,
    weeks: int = 1,
) -> Adaptation:
    """The coming sessions of `plan`, from what its log says was done.

    Promises that the same input gives the same answer whatever the order of rows; that a session that was not done, or
    not in full, raises nothing; that more symptoms, more pain or a higher exertion never give more; that no session
    exceeds the plan's own caps or holds an exercise that the plan does not; and that before the first session the
    plan's own first week comes back unchanged. A session that is due without a row counts as not done, an exertion that
    is not written down as not below the planned range.

    Args:
        plan: the plan that was followed.
        log: entries, or what `read_log` gave: then the symptoms of rows that could not be used count as well.
        as_of: the day to answer for. Sessions before it are due, those on it only when logged; later rows do not count.
        rules: the id of a set in adaptation.yaml; by default that of the plan's population.
        decision: today's screening. It caps today's session, or forbids it, and clears a symptom of an earlier day.
        weeks: how many weeks to give, from the one that holds the next session.

    Raises:
        PlanError: the log does not belong to the plan, the plan has no session left, there is no such set of rules, or
            the screening is of another patient or day.
    """
    chosen = load_rules(rules, plan)
    if decision is not None:
        check_decision(plan, decision, as_of)
    reading = log if isinstance(log, LogReading) else LogReading(tuple(log))
    history = follow(plan, (*reading.entries, *reading.warnings_kept), as_of, chosen)
    waiting = _waiting(history.illness, decision)
    here = [each for each in history.coming if each.week < history.first + max(1, weeks)]
    asked = {each.key: None if waiting else history.ask(each, each.week - history.first) for each in here}
    moves = tuple(_moves(history, [each for each in here if each.week == history.first], asked, waiting))
    days = tuple(evolve(each.day, key=each.key, session=own) for each in here if (own := asked[each.key]) is not None)
    used = dict.fromkeys(rule for move in moves for rule in move.rule.split(", "))
    return Adaptation(
        patient=plan.patient,
        training=plan.training,
        start=plan.start,
        as_of=as_of,
        rules=chosen.id,
        week=history.first,
        sessions=days,
        moves=moves,
        today=_today(history, asked, decision, waiting),
        notes=tuple(_notes(history, reading, log, weeks, decision)),
        unverified=tuple(rule for rule in used if chosen.rule(rule.rpartition(".")[2])[1] == "unverified"),
        notice=plan.notice,
        draft=plan.draft,
        example=plan.example,
        waiting=why(waiting) if waiting else None,
    )


def _waiting(illness: Illness, decision: Decision | None) -> Cause | None:
    """Why nothing is trained yet: an infection, or a symptom that no later screening has cleared."""
    if illness.waiting is not None:
        return illness.waiting
    since = illness.blocked_since
    cleared = decision is not None and decision.may_train and since is not None and decision.as_of > since
    return None if cleared else illness.blocked


def _today(
    history: History, asked: dict[str, Session | None], decision: Decision | None, waiting: Cause | None
) -> Today:
    keyed = next((each for each in history.coming if each.date == history.as_of), None)
    key = keyed.key if keyed else ""
    session = asked.get(key)
    if waiting is not None:
        return Today(history.as_of, key, None, decision is not None, why(waiting))
    before = history.asked.get((keyed.kind, keyed.place)) if keyed else None
    return today_of(history.plan, key, session, before, decision, history.as_of, history.rules)


def _moves(
    history: History, here: list[KeyedSession], asked: dict[str, Session | None], waiting: Cause | None
) -> Iterator[Move]:
    lifted: set[str] = set()
    for keyed in here:
        now = asked[keyed.key]
        before = history.asked.get((keyed.kind, keyed.place), keyed.session)
        if now is None:
            yield _left_out(history, keyed, waiting)
            continue
        for target, count, domain in (
            ("aerobic-minutes", minutes_of, "aerobic"),
            ("intervals", intervals_of, "aerobic"),
            ("sets", _sets_of, "strength"),
        ):
            numbers = (count(before), count(now), count(keyed.session))
            if any(numbers):
                yield _move(history, keyed, target, domain, numbers)
        for exercise in _lifted(now):
            if exercise.id not in lifted:
                lifted.add(exercise.id)
                yield from _load_move(history, keyed, before, exercise)


def _sets_of(session: Session) -> int:
    return session.sets


def _lifted(session: Session) -> Iterator[PlannedExercise]:
    yield from (each for part in parts_of(session, "strength") for each in part.exercises if each.sets is not None)


def _left_out(history: History, keyed: KeyedSession, waiting: Cause | None) -> Move:
    cause = waiting or Cause("not-yet", "plan-step", {"week": history.first_week(keyed)})
    return Move("session", keyed.key, 1, 0, 1, why(cause), *history.rules.rule(cause.rule))


def _move(history: History, keyed: KeyedSession, target: str, domain: str, numbers: tuple[int, int, int]) -> Move:
    before, after, planned = numbers
    cause, kind = _cause(history, keyed, domain, before, after, planned)
    text = why(cause, kind, position=history.standing(keyed, domain).position)
    names = (cause.rule, "dose_down") if kind in LOWERS else (cause.rule,)
    return Move(target, keyed.key, before, after, planned, text, *history.rules.rule(*names))


def _cause(
    history: History, keyed: KeyedSession, domain: str, before: int, after: int, planned: int
) -> tuple[Cause, str]:
    """Why a number is what it is, and how to word it."""
    standing, share = history.standing(keyed, domain), history.percent(keyed, domain)
    lowered = _lowering(history, standing, share)
    if lowered is not None:
        return lowered, lowered.kind
    if standing.last is None:
        return Cause("start", "plan-step"), "start"
    if after > planned:
        kind = "easy" if standing.last.verdict >= Verdict.GOOD else "ahead"
        return evolve(standing.last.cause, rule="minutes_step"), kind
    if after < before and after == planned:
        return Cause("plan-lower", "plan-step"), "plan-lower"
    if standing.last.verdict >= Verdict.GOOD:
        behind = after < planned
        kind = ("good-back" if after > before else "earlier") if behind else "good-same" if before == after else "good"
        return standing.last.cause, kind
    return standing.last.cause, standing.last.cause.kind


def _lowering(history: History, standing: Standing, share: int) -> Cause | None:
    """What lowers the dose below what was earned, the strongest first."""
    if history.illness.returning is not None and history.illness.percent <= share:
        return history.illness.returning
    if standing.lowerings and standing.down is not None:
        return standing.down
    return standing.broke


def _load_move(history: History, keyed: KeyedSession, before: Session, exercise: PlannedExercise) -> Iterator[Move]:
    state, rules = history.loads.get(exercise.id), history.rules
    earlier = {each.id: each.kilograms for each in _lifted(before)}
    planned = {each.id: each.kilograms for each in _lifted(keyed.session)}.get(exercise.id)
    last = earlier.get(exercise.id) if state is None or state.lifted is None else state.lifted
    after = exercise.kilograms
    if last is None and after is None and planned is None:
        return
    if state is None or state.cause is None or state.verdict is None:
        standing = history.standing(keyed, "strength").last
        cause = standing.cause if standing else Cause("start", "plan-step")
        kind = "good-same" if cause.kind == "good" else cause.kind
    else:
        cause, kind = _load_cause(state.cause, state.verdict, state.run, last, after, planned, rules)
    text = why(cause, kind, most=rules["load_up_most"], planned=f"{planned:g}" if planned else "-")
    names = (cause.rule, "load_down") if kind in LOWERS else (cause.rule,)
    yield Move("load", keyed.key, last, after, planned, text, *rules.rule(*names), exercise=exercise.id)


def _load_cause(
    cause: Cause, verdict: Verdict, run: int, last: float | None, after: float | None, planned: float | None,
    rules: AdaptationRules,
) -> tuple[Cause, str]:  # fmt: skip
    if after is None and last is not None and verdict >= Verdict.GOOD:
        return evolve(cause, rule="plan-step"), "too-heavy"
    if cause.kind == "one-step":
        return cause, cause.kind
    rose = last is not None and after is not None and after > last
    by_step = "smallest_load_step" if rules.load_by == "smallest" else "load_up_least"
    if rose and planned is not None and after is not None and after <= planned:
        return evolve(cause, rule="load_up_most"), "plan-load"
    if rose:
        return evolve(cause, rule=by_step), "easy-load"
    if verdict >= Verdict.GOOD and run >= rules["sessions_running"]:
        return evolve(cause, rule="load_up_most"), "easy-small"
    return cause, "good-same" if cause.kind == "good" else cause.kind


def _notes(
    history: History, reading: LogReading, log: Sequence[SessionLog] | LogReading, weeks: int, decision: Decision | None
) -> Iterator[Words]:
    rules, plan = history.rules, history.plan
    if plan.phase is not None and plan.phase.id not in rules.valid_for:
        yield said("population", rules=rules.id, population=rules.population, phase=plan.phase.title)
    if history.unlogged:
        yield said("unlogged", keys=", ".join(history.unlogged))
    if unread := len({problem.row for problem in reading.problems}):
        yield said("unread", count=unread)
    if later := sum(entry.date > history.as_of for entry in reading.entries):
        yield said("later", count=later, date=history.as_of)
    times = max((standing.lowerings for standing in history.standings.values()), default=0)
    if times > rules["sessions_running"]:
        yield said("remake", times=times)
    if history.holds_progression:
        yield said("no-lead")
    if weeks > 1:
        yield said("preview", week=history.first)
    if decision is None:
        yield said("not-screened")
