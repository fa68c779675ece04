"""Next week for any log: worse never gives more, nothing exceeds the plan, and the order of rows never matters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from adapt_builders import (
    LOADED,
    PLANS,
    RULES,
    SYMPTOMS,
    monday,
    no_larger,
    rows,
)
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from test_training_plan import AS_OF

from exrx.training.adaptations import load_adaptations
from exrx.training.adapting.adapt import adapt
from exrx.training.adapting.dose import amounts
from exrx.training.exercises import load_exercises
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.logs.log import DAY, ExerciseDone, SessionLog


@given(rows(), st.sampled_from(RULES), st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters_and_the_answer_is_the_same_every_time(
    log: list[SessionLog], rules: str, number: int, shuffled: Any
) -> None:
    """Stateless: recomputed from plan, log and day."""
    mixed = list(log)
    shuffled.shuffle(mixed)
    one, other = (adapt(LOADED, each, as_of=monday(number), rules=rules) for each in (log, mixed))
    assert one == other
    assert one.to_dict() == adapt(LOADED, log, as_of=monday(number), rules=rules).to_dict()


@given(rows(), st.sampled_from(RULES), st.integers(0, 40), st.data())
def test_a_session_that_was_not_done_in_full_never_gives_more(
    log: list[SessionLog], rules: str, offset: int, data: st.DataObject
) -> None:
    """Turning any session from done in full into partly done raises nothing."""
    full = [n for n, entry in enumerate(log) if entry.key != DAY and entry.done == "yes"]
    if not full:
        return
    index = data.draw(st.sampled_from(full))
    worse = [evolve(entry, done="partly") if n == index else entry for n, entry in enumerate(log)]
    as_of = AS_OF + timedelta(days=offset)
    one, other = (adapt(LOADED, each, as_of=as_of, rules=rules) for each in (worse, log))
    assert no_larger(one, other)


@given(
    st.sampled_from(sorted(PLANS)), st.sampled_from(RULES), st.integers(0, 40), st.data(),
    st.sampled_from(["symptom", "pain", "rpe", "no-rpe", "load-pain"]),
)  # fmt: skip
def test_more_symptoms_more_pain_or_more_exertion_never_give_more(
    name: str, rules: str, offset: int, data: st.DataObject, worse: str
) -> None:
    """Whatever else stands in the log."""
    plan = PLANS[name]
    log = data.draw(rows(plan))
    rated = [n for n, e in enumerate(log) if e.key != DAY and (worse in ("symptom", "pain") or e.rpe is not None)]
    if not rated:
        return
    index, symptom = data.draw(st.sampled_from(rated)), data.draw(st.sampled_from(SYMPTOMS))
    entry = log[index]
    changed = {
        "symptom": {"symptoms": (*(entry.symptoms or ()), symptom)},
        "pain": {"pain": 8},
        "rpe": {"rpe": min(20.0, (entry.rpe or 6) + data.draw(st.integers(1, 6)))},
        "no-rpe": {"rpe": None},
        "load-pain": {"loads": {n: evolve(each, pain=8) for n, each in entry.loads.items()}},
    }[worse]
    if worse == "no-rpe" and (entry.rpe or 20) > 13:
        return
    as_of = AS_OF + timedelta(days=offset)
    bad = [*log[:index], evolve(entry, **changed), *log[index + 1 :]]
    one, other = (adapt(plan, each, as_of=as_of, rules=rules) for each in (bad, log))
    assert no_larger(one, other)


def largest(sessions: Iterable[KeyedSession], key: str) -> int:
    """The most of something in any session."""
    return max(getattr(each.session, key) for each in sessions)


@given(st.sampled_from(sorted(PLANS)), st.sampled_from(RULES), st.integers(1, 5), st.data())
def test_nothing_exceeds_the_plan_and_no_exercise_is_added(
    name: str, rules: str, number: int, data: st.DataObject
) -> None:
    """No session is longer than the plan's longest, harder than its own week's or the next, or holds anything new."""
    plan = PLANS[name]
    answer = adapt(plan, data.draw(rows(plan)), as_of=monday(number), rules=rules)
    sessions = list(keyed_sessions(plan).values())
    allowed = {e.id for each in sessions for part in each.session.parts for e in part.exercises}
    for day in answer.sessions:
        session, own = day.session, keyed_sessions(plan)[day.key]
        assert session is not None
        alike = [s for s in sessions if s.kind == own.kind and s.week <= own.week + 1]
        for domain in ("aerobic", "strength"):
            tops = [max(column) for column in zip(*(amounts(s.session, domain) for s in alike), strict=True)]
            assert all(a <= top for a, top in zip(amounts(session, domain), tops, strict=True))
        assert session.minutes <= largest(alike, "minutes")
        assert session.heart_rate_max == own.session.heart_rate_max
        used = {e.id for part in session.parts for e in part.exercises}
        assert used <= allowed
        assert all(load_exercises().by_id[e].allowed(frozenset(plan.avoid)) for e in used)
        borg = [part.borg[1] for part in session.parts if part.borg]
        assert max(borg) <= (plan.borg_max or 20)


@given(st.sampled_from(RULES), st.lists(st.sampled_from([18.0, 20.0, 30.0, 60.0, 500.0]), min_size=1, max_size=8))
def test_a_load_never_rises_by_more_than_the_rules_step_nor_above_what_was_tested(
    rules: str, lifted: list[float]
) -> None:
    """Whatever the log says was lifted: one step taken over from it, and one step up, from class to class."""
    classes = [k for k in keyed_sessions(LOADED).values() if k.kind == "class"]
    log = [
        SessionLog(k.key, k.date, "yes", rpe=9, loads={"leg-press": ExerciseDone(kilograms, 1, 20)})
        for k, kilograms in zip(classes, lifted, strict=False)
    ]
    chosen, before = load_adaptations()[rules], 20.0
    for number in range(1, len(log) + 1):
        answer = adapt(LOADED, log[:number], as_of=classes[number].date, rules=rules)
        after = next(m.after for m in answer.moves if m.exercise == "leg-press")
        step, percent = chosen["smallest_load_step"] / 1000, (100 + chosen["load_up_most"]) / 100
        assert after is not None
        assert after <= max(max(before + step, before * percent) * percent, before + 2 * step)
        assert after <= 60 * 36 / 29 * 0.49  # 8 repetitions at 60 kg, and the upper end of a light load
        before = after


@given(st.lists(st.sampled_from(["partly", "no", None]), min_size=1, max_size=20), st.sampled_from([9, 12, None]))
def test_without_a_single_session_done_in_full_nothing_exceeds_the_first_week(
    done: list[str | None], rpe: float | None
) -> None:
    """However long, and however easy it was said to be."""
    sessions = list(keyed_sessions(LOADED).values())
    log = [
        SessionLog(
            k.key, k.date, word, rpe=rpe if word == "partly" else None,
            loads={"leg-press": ExerciseDone(60, 3, 20)} if word == "partly" and k.kind == "class" else {},
        )
        for k, word in zip(sessions, done, strict=False) if word
    ]  # fmt: skip
    answer = adapt(LOADED, log, as_of=sessions[len(done)].date)
    first = [k for k in sessions if k.week == 1]
    for day in answer.sessions:
        assert day.session is not None
        for domain in ("aerobic", "strength"):
            tops = [max(column) for column in zip(*(amounts(k.session, domain) for k in first), strict=True)]
            assert all(a <= top for a, top in zip(amounts(day.session, domain), tops, strict=True))
        loads = [e.kilograms or 0 for part in day.session.parts for e in part.exercises if e.id == "leg-press"]
        assert max(loads, default=0) <= 20
    assert all(move.direction != "up" for move in answer.moves)
