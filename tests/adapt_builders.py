"""Plans, logs and comparisons for the tests of next week: whole weeks done, single entries, who got more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from test_training_plan import AS_OF, decided, planned

from exrx.rules.restriction import Restriction
from exrx.training.adaptations import load_adaptations
from exrx.training.adapting.adapt import Adaptation, Move
from exrx.training.adapting.dose import amounts
from exrx.training.details import Details
from exrx.training.exercises import load_exercises
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.logs.log import DAY, ExerciseDone, SessionLog
from exrx.training.plan import Plan
from exrx.training.session import Session

TESTED = Details.of({"tested_loads": {"leg-press": {"kilograms": 60, "repetitions": 8},
                                      "chest-press": {"kilograms": 20, "repetitions": 10}}})  # fmt: skip


def with_loads(plan: Plan, kilograms: dict[str, float]) -> Plan:
    """The plan with its own loads in every strength exercise named."""

    def loaded(session: Session | None) -> Session | None:
        if session is None:
            return None
        parts = [
            evolve(p, exercises=tuple(evolve(e, kilograms=kilograms.get(e.id)) if e.sets else e for e in p.exercises))
            for p in session.parts
        ]
        return evolve(session, parts=tuple(parts))

    weeks = tuple(
        evolve(week, days=tuple(evolve(day, session=loaded(day.session)) for day in week.days)) for week in plan.weeks
    )
    return evolve(plan, weeks=weeks, details=TESTED)


PLAN = planned(weeks=8)
LOADED = with_loads(planned(weeks=8), {"leg-press": 20.0, "chest-press": 8.0})
VIGOROUS = planned(decided(Restriction.none()), target="dk-2014", weeks=12)
KEYS = keyed_sessions(PLAN)
SYMPTOMS = ("dizziness", "swelling", "fever-signs", "chest-pain", "fatigue")
RULES = tuple(load_adaptations())


def week(plan: Plan, number: int, **said: Any) -> list[SessionLog]:
    """Every session of a week done in full as planned, but for what is said."""
    said = {"done": "yes", "rpe": 12} | said
    return [SessionLog(k.key, k.date, **said) for k in keyed_sessions(plan).values() if k.week == number]


def weeks(plan: Plan, *numbers: int, **said: Any) -> list[SessionLog]:
    """Several weeks of it."""
    return [entry for number in numbers for entry in week(plan, number, **said)]


def monday(number: int) -> date:
    """The first day of a week of the plan."""
    return AS_OF + timedelta(weeks=number - 1)


def moves(answer: Adaptation, target: str, kind: str = "") -> list[Move]:
    """The moves of a target."""
    return [move for move in answer.moves if move.target == target and (not kind or KEYS[move.key].kind == kind)]


def sizes(answer: Adaptation) -> dict[str, tuple[float, ...]]:
    """Each coming session's dose as numbers that grow with it: amounts by domain, sets and load of each exercise."""
    found = {}
    for day in answer.sessions:
        assert day.session is not None
        exercises = {e.id: e for part in day.session.parts for e in part.exercises if e.sets is not None}
        loads = [(exercises[n].kilograms or 0.0) if n in exercises else 0.0 for n in sorted(load_exercises().by_id)]
        sets = [(exercises[n].sets or 0) if n in exercises else 0 for n in sorted(load_exercises().by_id)]
        found[day.key] = (*amounts(day.session, "aerobic"), *amounts(day.session, "strength"), *sets, *loads)
    return found


def no_larger(one: Adaptation, other: Adaptation) -> bool:
    """True when no coming session of `one` exceeds that of `other`."""
    mine, theirs = sizes(one), sizes(other)
    return mine.keys() <= theirs.keys() and all(
        a <= b for key, mine_of in mine.items() for a, b in zip(mine_of, theirs[key], strict=True)
    )


def sets_at_load(plan: Plan, key: str) -> dict[str, int]:
    """The exercises with sets of a planned session."""
    session = keyed_sessions(plan)[key].session
    return {e.id: e.sets for part in session.parts for e in part.exercises if e.sets is not None}


@st.composite
def rows(draw: st.DrawFn, plan: Plan = LOADED, last_week: int = 4) -> list[SessionLog]:
    """A log of the first weeks, with gaps, symptoms, loads and days without a session."""
    sessions = [k for k in keyed_sessions(plan).values() if k.week <= last_week]
    made = [entry for k in sessions if (entry := draw(entries(k, plan))) is not None]
    for offset in draw(st.lists(st.integers(0, 7 * last_week - 1), max_size=2, unique=True)):
        named = draw(st.lists(st.sampled_from(SYMPTOMS), max_size=1))
        made.append(SessionLog(DAY, plan.start + timedelta(days=offset), symptoms=tuple(named)))
    return made


@st.composite
def entries(draw: st.DrawFn, keyed: KeyedSession, plan: Plan) -> SessionLog | None:
    """A row of one session, or none; most went well."""
    kind = draw(st.sampled_from(["yes", "yes", "yes", "yes", "partly", "no", None]))
    if kind is None:
        return None
    odd = draw(st.integers(0, 5)) == 0
    named = tuple(draw(st.lists(st.sampled_from(SYMPTOMS), max_size=1))) if odd else None
    lifted = {}
    if kind != "no" and sets_at_load(plan, keyed.key) and draw(st.booleans()):
        lifted = {
            "leg-press": ExerciseDone(
                draw(st.sampled_from([10.0, 20.0, 22.0, 60.0])), 1, draw(st.sampled_from([8, 12, 17])),
                draw(st.sampled_from([None, None, 0, 4])),
            )
        }  # fmt: skip
    return SessionLog(
        keyed.key, keyed.date, kind,
        rpe=draw(st.sampled_from([None, 9, 11, 12, 13, 14, 17])) if kind != "no" else None,
        minutes=draw(st.sampled_from([None, keyed.session.minutes, 5])) if kind != "no" else None,
        symptoms=named, pain=draw(st.sampled_from([None, 0, 3])) if odd else None, loads=lifted,
    )  # fmt: skip


PLANS = {"loaded": LOADED, "vigorous": VIGOROUS}
