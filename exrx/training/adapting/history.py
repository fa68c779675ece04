"""A plan followed through its log, week by week: how far the patient has come in each kind of session and each domain.

`position` is the week of the plan that has been earned. A week that went well earns the next; a week without training
goes back by the break rule; anything else stays. What is asked is no more than the plan's own session of the week, nor
than the largest session that the position has earned, but for one step before the plan where it was easy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from attrs import define, evolve, field

from exrx.errors import PlanError
from exrx.rules.restriction import Intensity
from exrx.training.adaptations import DOMAINS, AdaptationRules
from exrx.training.adapting.dose import PARTS, is_training, parts_of, scaled, with_exercises, with_parts
from exrx.training.adapting.earning import fitted, further, largest, percent_after
from exrx.training.adapting.illness import Illness, illness_on
from exrx.training.adapting.judge import Cause, Judgement, Verdict, judge, signs_against
from exrx.training.adapting.loads import LoadState
from exrx.training.capacity.repetition import load_for_percent, one_rm
from exrx.training.logs.entry import DAY, SessionLog
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.plan import Plan
from exrx.training.session import PlannedExercise, Session
from exrx.training.targets import DAYS_A_WEEK

KINDS = ("class", "home")
FORMULA = "brzycki"


@define
class Standing:
    """Where one kind of session stands in one domain."""

    position: int = 1
    lowerings: int = 0
    run: int = 0
    last: Judgement | None = None
    down: Cause | None = None
    broke: Cause | None = None
    earned: bool = False
    dropped: bool = False
    eased: bool = False
    ceilings: dict[int, Session] = field(factory=dict)

    def take(self, found: Judgement, place: int, asked: Session) -> None:
        """Take in how a session of this kind went."""
        self.last, self.eased = found, self.eased or self.lowerings > 0
        self.earned = found.verdict >= Verdict.GOOD
        self.run = self.run + 1 if found.verdict is Verdict.EASY else 0
        if self.earned:
            self.ceilings.clear()
            self.lowerings, self.broke = max(0, self.lowerings - 1), None
        else:
            self.ceilings[place] = asked
        if found.verdict is Verdict.DOWN:
            self.lower(found)

    def lower(self, found: Judgement) -> None:
        """Lower the next sessions once more."""
        self.lowerings, self.down, self.run, self.eased = self.lowerings + 1, found.cause, 0, True

    def end_week(self, week: int, running: int, ahead: bool) -> None:
        """Move on by a week when its last session was good and none was lowered; by one more where two were easy."""
        if self.earned and not self.eased:
            easy = self.run >= running and not self.dropped
            most = week + (2 if easy and ahead else 1)
            self.position = max(self.position, min(self.position + (2 if easy else 1), most))
        self.earned = self.dropped = False
        self.eased = self.lowerings > 0

    def go_back(self, weeks: int, rule: str, week: int) -> None:
        """Go back for a week without training."""
        self.position, self.run, self.earned, self.dropped = max(1, self.position - weeks), 0, False, False
        self.eased = self.lowerings > 0
        self.broke = Cause("break", rule, {"weeks": weeks, "week": week})


@define
class History:
    """The plan so far: standings by kind and domain, loads by exercise, what was asked last, and what is to come."""

    plan: Plan
    rules: AdaptationRules
    as_of: date
    entries: tuple[SessionLog, ...]
    sessions: dict[str, KeyedSession]
    coming: tuple[KeyedSession, ...]
    first: int
    standings: dict[tuple[str, str], Standing] = field(factory=dict)
    loads: dict[str, LoadState] = field(factory=dict)
    asked: dict[tuple[str, int], Session] = field(factory=dict)
    unlogged: list[str] = field(factory=list)
    illness: Illness = field(factory=Illness)
    _earned: dict[tuple[str, int, int, str], Session | None] = field(factory=dict)

    @property
    def holds_progression(self) -> bool:
        """True where the plan's own restriction lets nothing rise."""
        return any(change.part == "progression" for change in self.plan.changes)

    def ask(self, keyed: KeyedSession, ahead: int = 0) -> Session | None:
        """The session as it is asked of the patient now; `ahead` weeks further if all goes well until then."""
        session = self.earned(keyed, ahead)
        if session is None:
            return None
        session = self._lowered(session, keyed)
        session = self._loaded(session, keyed, ahead)
        return session if is_training(session) else None

    def earned(self, keyed: KeyedSession, ahead: int = 0) -> Session | None:
        """The session by what has been earned, before anything lowers it; None where it has not been earned at all."""
        domains = [domain for domain in DOMAINS if parts_of(keyed.session, domain)]
        reached = {domain: self._reached(keyed, domain, ahead) for domain in domains}
        ceilings = {domain: self.standing(keyed, domain).ceilings.get(keyed.place) for domain in domains}
        session = fitted(keyed.session, reached, ceilings, self.rules.everyone)
        return session if ahead or session is None else self._further(session, keyed)

    def standing(self, keyed: KeyedSession, domain: str) -> Standing:
        """Where sessions of this kind stand in a domain."""
        return self.standings.setdefault((keyed.kind, domain), Standing())

    def _reached(self, keyed: KeyedSession, domain: str, ahead: int = 0) -> Session | None:
        """The largest session of this kind and place that the position has earned; None where there was none yet."""
        position = self.standing(keyed, domain).position + ahead
        if position >= keyed.week:
            return keyed.session
        at = (keyed.kind, keyed.place, position, domain)
        if at not in self._earned:
            self._earned[at] = largest((e.session for e in self._alike(keyed) if e.week <= position), domain)
        return self._earned[at]

    def first_week(self, keyed: KeyedSession) -> int:
        """The week of the plan in which this kind of session is there for the first time in this place."""
        return min(each.week for each in self._alike(keyed))

    def _alike(self, keyed: KeyedSession) -> Iterator[KeyedSession]:
        return (e for e in self.sessions.values() if (e.kind, e.place) == (keyed.kind, keyed.place))

    def _further(self, session: Session, keyed: KeyedSession) -> Session:
        """A step before the plan's own, where two sessions running were easy: duration alone or intensity alone."""
        standing = self.standing(keyed, "aerobic")
        treated = bool(keyed.day.treatment or keyed.day.notes or keyed.session.notes)
        if standing.position <= keyed.week or treated or self.holds_progression or standing.ceilings.get(keyed.place):
            return session
        later = next((each for each in self._alike(keyed) if each.week == keyed.week + 1), None)
        if later is None or later.day.treatment:
            return session
        longest = max(each.session.minutes for each in self.sessions.values() if each.kind == keyed.kind)
        return further(session, later.session, longest, self.rules)

    def percent(self, keyed: KeyedSession, domain: str) -> int:
        """How much of the dose is left after lowerings and on the way back from an infection."""
        return min(percent_after(self.standing(keyed, domain).lowerings, self.rules), self.illness.percent)

    def _lowered(self, session: Session, keyed: KeyedSession) -> Session:
        for domain in DOMAINS:
            share = self.percent(keyed, domain)
            if domain == "strength" and self._has_loads(session):
                share = self.illness.percent
            session = with_parts(session, domain, scaled(session, domain, share, self.rules.everyone))
        return session

    def _has_loads(self, session: Session) -> bool:
        """True where each exercise has a load that is lowered instead of its sets."""
        exercises = [e for part in parts_of(session, "strength") for e in part.exercises]
        states = [self.loads.get(each.id) for each in exercises]
        return bool(states) and all(state is not None and state.kilograms is not None for state in states)

    def _loaded(self, session: Session, keyed: KeyedSession, ahead: int) -> Session:
        changed: dict[str, PlannedExercise | None] = {}
        for part in parts_of(session, "strength"):
            for exercise in part.exercises:
                changed[exercise.id] = self._load_of(exercise, part.intensity, ahead)
        return with_exercises(session, changed)

    def _load_of(self, exercise: PlannedExercise, level: Intensity, ahead: int) -> PlannedExercise | None:
        state = self.loads.get(exercise.id)
        if state is None or exercise.sets is None:
            return exercise
        most = self.heaviest(exercise.id, level)
        load = state.coming(exercise.kilograms, most, not self.holds_progression and not ahead, self.rules)
        if most is None and state.kilograms is not None and level > state.level:
            load = exercise.kilograms if exercise.kilograms and exercise.kilograms <= state.kilograms else None
        if state.hurts and state.kilograms is None:
            sets = exercise.sets - state.hurts
            return evolve(exercise, sets=sets) if sets > 0 else None
        return exercise if load == exercise.kilograms else evolve(exercise, kilograms=load)

    def heaviest(self, name: str, level: Intensity) -> float | None:
        """The upper end of the intensity for an exercise that was tested."""
        test = self.plan.details.tested_loads.get(name)
        band = self.rules.everyone.strength_bands.get(level)
        if test is None or band is None:
            return None
        return float(load_for_percent(float(one_rm(test.kilograms, test.repetitions, FORMULA)), band.percent[1]))


def follow(plan: Plan, log: Sequence[SessionLog], as_of: date, rules: AdaptationRules) -> History:
    """The plan up to `as_of`. A session is due when its day is past or it is logged; later rows do not count yet.

    Raises:
        PlanError: a row names no session of the plan, two rows name the same, or the plan has no session left.
    """
    sessions = keyed_sessions(plan)
    check_keys_of(plan, sessions, log)
    entries = tuple(sorted((e for e in log if e.date <= as_of), key=lambda e: (e.date, e.key)))
    logged = {entry.key: entry for entry in entries if entry.key != DAY}
    due = [each for each in sessions.values() if each.key in logged or each.date < as_of]
    coming = tuple(each for each in sessions.values() if each.key not in logged and each.date >= as_of)
    if not coming:
        raise PlanError(f"the plan has no session left on {as_of}: prescribe again, from a new screening")
    history = History(plan, rules, as_of, entries, sessions, coming, coming[0].week)
    for kind in KINDS:
        for domain in DOMAINS:
            history.standings[kind, domain] = Standing()
    for week in plan.weeks[: history.first - plan.weeks[0].number + 1]:
        _follow_week(history, week.number, due, logged, ended=week.number < history.first)
    history.illness = illness_on(entries, as_of, rules)
    return history


def check_keys_of(plan: Plan, sessions: dict[str, KeyedSession], log: Sequence[SessionLog]) -> None:
    """Refuse a log that does not belong to the plan, or names a session twice.

    Raises:
        PlanError: names the plan's patient and the key.
    """
    seen: set[str] = set()
    for entry in log:
        if entry.key == DAY:
            continue
        if entry.key not in sessions:
            raise PlanError(f"the log does not belong to the plan of '{plan.patient}': it has no session '{entry.key}'")
        if entry.key in seen:
            raise PlanError(f"the log of '{plan.patient}' names the session '{entry.key}' twice; keep one")
        seen.add(entry.key)


def _follow_week(
    history: History, week: int, due: list[KeyedSession], logged: dict[str, SessionLog], ended: bool
) -> None:
    here = [each for each in due if each.week == week]
    events: list[tuple[date, str, KeyedSession | SessionLog]] = [
        (logged[each.key].date if each.key in logged else each.date, each.key, each) for each in here
    ]
    events += [(entry.date, entry.key, entry) for entry in _days(history, week)]
    for _, _, event in sorted(events, key=lambda each: each[:2]):
        if isinstance(event, SessionLog):
            _take_signs(history, event, None)
        else:
            _take(history, event, logged.get(event.key))
    if not ended:
        return
    trained = any(each.key in logged and logged[each.key].trained for each in here)
    running, ahead = history.rules["sessions_running"], not history.holds_progression
    for (_, domain), standing in history.standings.items():
        if here and not trained:
            standing.go_back(history.rules.back(domain), f"{domain}_weeks_back", week)
        else:
            standing.end_week(week, running, ahead and domain == "aerobic")
    for state in history.loads.values():
        if here:
            state.end_week(week, trained, history.rules)


def _days(history: History, week: int) -> Iterator[SessionLog]:
    """The entries of days without a session in a week of the plan; days before it belong to the first."""
    plan = history.plan
    for entry in history.entries:
        if entry.key == DAY:
            number = plan.weeks[0].number + max(0, (entry.date - plan.start).days // DAYS_A_WEEK)
            if min(number, history.first) == week:
                yield entry


def _take_signs(history: History, entry: SessionLog, but: str | None) -> None:
    """Symptoms lower the other kinds of session too, and a day's own symptoms all of them."""
    for (kind, domain), standing in history.standings.items():
        found = signs_against(entry, domain, history.rules) if kind != but else None
        if found is not None:
            standing.lower(found)


def _take(history: History, keyed: KeyedSession, entry: SessionLog | None) -> None:
    """A due session: judged against what the patient had earned then."""
    rules, plan = history.rules, history.plan
    on = keyed.date if entry is None else entry.date
    history.illness = illness_on([e for e in history.entries if e.date < on], on, rules)
    asked, earned = history.ask(keyed), history.earned(keyed)
    standings = {domain: history.standing(keyed, domain) for domain in DOMAINS}
    if asked is None and entry is None:
        for standing in standings.values():
            standing.dropped = True
        return
    if entry is None:
        history.unlogged.append(keyed.key)
    alike = [e.session.minutes for e in history.sessions.values() if e.kind == keyed.kind and e.week <= keyed.week]
    measured = earned or keyed.session
    judged = {d: judge(entry, measured, keyed, d, rules, min(alike), plan.borg_max) for d in DOMAINS}
    for domain, standing in standings.items():
        found = judged[domain]
        if earned is None and found.verdict > Verdict.HOLD:
            found = Judgement(Verdict.HOLD, Cause("not-asked", "plan-step", {"key": keyed.key}))
        standing.take(found, keyed.place, measured)
    if asked is not None:
        history.asked[keyed.kind, keyed.place] = asked
    if entry is not None:
        _take_signs(history, entry, keyed.kind)
        rest = judge(evolve(entry, loads={}), measured, keyed, "strength", rules, min(alike), plan.borg_max)
        _take_loads(history, entry, measured, rest)


def _take_loads(history: History, entry: SessionLog, asked: Session, whole: Judgement) -> None:
    planned = {e.id: (e, part.intensity) for part in parts_of(asked, "strength") for e in part.exercises}
    lowest = max((part.intensity for part in asked.parts if part.kind in PARTS["strength"]), default=Intensity.LIGHT)
    for name in sorted({*planned, *entry.loads}):
        exercise, level = planned.get(name, (None, lowest))
        state = history.loads.setdefault(name, LoadState())
        state.follow(name, entry, exercise, level, whole, history.rules)
