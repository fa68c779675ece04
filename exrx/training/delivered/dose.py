"""How much of a plan was delivered: dose metrics per person and for a group, as training trials in cancer report them.

Attendance, treatment interruption (3 or more consecutive sessions missed), short misses (1-2), discontinuation, dose
modification, early termination, intensity lowered before the start, and relative dose intensity (RDI, done / planned)
of minutes, MET hours and volume load; Phys-Can's adherence to frequency, intensity, time, type and volume.

Everything that is not known is given twice: `known` leaves it out, `cautious` counts it as missed or nothing.

Source: Nilsen 2018 (met-hours-2018), Fairman 2020 (volume-load-2020), Phys-Can (table of PMC7493247); intensity lowered
before the start is defined from memory (unverified).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from exrx.training.adaptations import AdaptationRules, everyone, load_rules
from exrx.training.adapting.history import check_keys_of
from exrx.training.adapting.judge import band_of
from exrx.training.delivered.group import DeliveredMany, GroupRdi, delivered_many, group_rdi
from exrx.training.delivered.parts import METRICS, SCHEMA, Delivered, Misses, Share
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.logs.log import DAY, ExerciseDone, LogReading, SessionLog
from exrx.training.plan import Plan
from exrx.training.session import Part, PlannedExercise, Session

__all__ = [
    "METRICS", "PHYS_CAN", "SCHEMA", "Delivered", "DeliveredMany", "GroupRdi", "Misses", "Share", "delivered",
    "delivered_many", "group_rdi",
]  # fmt: skip
PHYS_CAN = ("frequency", "intensity", "time", "type", "volume")

Due = list[tuple[KeyedSession, SessionLog | None]]


def delivered(
    plan: Plan, log: Sequence[SessionLog] | LogReading, as_of: date, *, met_of: Mapping[str, float] | None = None
) -> Delivered:
    """What was delivered of `plan` up to `as_of`.

    Args:
        plan: the plan as it was prescribed: the planned dose is its own, not the adapted one.
        log: entries, or what `read_log` gave.
        as_of: sessions before it are due, those on it only when logged.
        met_of: MET of each aerobic exercise by its id; without it `met_hours` is None. Minutes done are shared over a
            session's parts as they were planned. An exercise without a MET leaves `met_hours` None: none is guessed.

    Raises:
        PlanError: the log does not belong to the plan.
    """
    entries = log.entries if isinstance(log, LogReading) else tuple(log)
    sessions, rules = keyed_sessions(plan), load_rules(None, plan)
    check_keys_of(plan, sessions, entries)
    logged = {entry.key: entry for entry in entries if entry.key != DAY and entry.date <= as_of}
    due: Due = [(s, logged.get(s.key)) for s in sessions.values() if s.key in logged or s.date < as_of]
    rows = [entry for _, entry in due if entry is not None]
    trained = [(keyed, entry) for keyed, entry in due if entry is not None and entry.trained]
    fewest = rules["interruption_sessions"]
    pairs = [(None if entry is None else float(entry.trained), 1.0) for _, entry in due]
    without = sorted({e.id for s, _ in due for e in _aerobic(s.session)} - set(met_of or {}))
    return Delivered(
        patient=plan.patient,
        as_of=as_of,
        planned=len(sessions),
        due=len(due),
        attended=len(trained),
        completed=sum(entry.done == "yes" for entry in rows),
        missed=len(rows) - len(trained),
        not_known=len(due) - len(rows),
        attendance=Share.of(pairs),
        misses=_runs([entry is not None and not entry.trained for _, entry in due], fewest),
        misses_cautious=_runs([entry is None or not entry.trained for _, entry in due], fewest),
        discontinued=_discontinued(due, len(sessions), fewest),
        modified=sum(_is_modified(keyed, entry) for keyed, entry in trained),
        terminated_early=sum(_is_early(keyed, entry) for keyed, entry in trained),
        pre_lowered=sum(entry.pre_lowered is True for entry in rows),
        minutes=Share.of((_minutes(entry), float(s.session.minutes)) for s, entry in due),
        met_hours=None if met_of is None or without else Share.of(_met_hours(due, met_of)),
        volume_load=Share.of(volumes) if (volumes := list(_volumes(due))) else None,
        phys_can=_phys_can(due, rules),
        stop_reasons=dict(sorted(Counter(e.stop_reason for e in rows if e.stop_reason).items())),
        without_met=tuple(without) if met_of is not None else (),
    )


def _minutes(entry: SessionLog | None) -> float | None:
    """Minutes done; None where they are not known."""
    if entry is None:
        return None
    return 0.0 if not entry.trained else None if entry.minutes is None else float(entry.minutes)


def _runs(missed: Sequence[bool], fewest: int) -> Misses:
    lengths, run = [], 0
    for miss in (*missed, False):
        if miss:
            run += 1
        elif run:
            lengths.append(run)
            run = 0
    return Misses(sum(length >= fewest for length in lengths), sum(length < fewest for length in lengths))


def _discontinued(due: Due, planned: int, fewest: int) -> str:
    """Yes where a stop reason ended the course, or the plan is over and its last sessions were all missed."""
    reasons, after = everyone().stop_reasons, list(due)
    while after and (after[-1][1] is None or not after[-1][1].trained):
        after.pop()
    tail = [entry for _, entry in due[len(after) :]]
    if any(e is not None and e.stop_reason in reasons and reasons[e.stop_reason].final for e in tail):
        return "yes"
    if len(due) < planned or len(tail) < fewest:
        return "no"
    return "yes" if all(entry is not None for entry in tail) else "unknown"


def _is_modified(keyed: KeyedSession, entry: SessionLog) -> bool:
    """True when less was done than planned in anything that was written down, or it began easier."""
    repeats = sum(part.intervals.repeats for part in keyed.session.parts if part.intervals)
    exercises = {e.id: e for e in _strength(keyed.session)}
    lifted = [(exercises[name], done) for name, done in entry.loads.items() if name in exercises]
    return bool(
        entry.pre_lowered
        or (entry.minutes is not None and entry.minutes < keyed.session.minutes)
        or (entry.intervals_done is not None and entry.intervals_done < repeats)
        or any(_is_less(planned, done) for planned, done in lifted)
    )


def _is_less(planned: PlannedExercise, done: ExerciseDone) -> bool:
    low = planned.repetitions[0] if planned.repetitions else None
    pairs = ((done.sets, planned.sets), (done.repetitions, low), (done.kilograms, planned.kilograms))
    return any(have is not None and most is not None and have < most for have, most in pairs)


def _is_early(keyed: KeyedSession, entry: SessionLog) -> bool:
    """True when the session was stopped before its planned end; partly done in full length it was not."""
    whole = entry.minutes is not None and entry.minutes >= keyed.session.minutes and not entry.stop_reason
    return entry.done == "partly" and not whole


def _aerobic(session: Session) -> Iterator[PlannedExercise]:
    yield from (each for part in session.parts if part.kind == "aerobic" for each in part.exercises)


def _strength(session: Session) -> Iterator[PlannedExercise]:
    yield from (each for part in session.parts for each in part.exercises if each.sets is not None)


def _met_hours(due: Due, met_of: Mapping[str, float]) -> Iterator[tuple[float | None, float]]:
    for keyed, entry in due:
        parts = [part for part in keyed.session.parts if part.kind == "aerobic" and part.exercises]
        planned = sum(part.minutes / 60 * _met(part, met_of) for part in parts)
        minutes = _minutes(entry)
        yield None if minutes is None else planned * minutes / keyed.session.minutes, planned


def _met(part: Part, met_of: Mapping[str, float]) -> float:
    """The mean MET of the part's exercises."""
    return sum(met_of[each.id] for each in part.exercises) / len(part.exercises)


def _volumes(due: Due) -> Iterator[tuple[float | None, float]]:
    """Repetitions x sets x kilograms of exercises with a planned load; the fewest planned repetitions count."""
    for keyed, entry in due:
        for planned in _strength(keyed.session):
            if planned.kilograms is None or planned.repetitions is None:
                continue
            yield _volume(entry, planned.id), planned.kilograms * (planned.sets or 0) * planned.repetitions[0]


def _volume(entry: SessionLog | None, name: str) -> float | None:
    if entry is None or not entry.trained:
        return None if entry is None else 0.0
    done = entry.loads.get(name, ExerciseDone())
    if done.kilograms is None or done.sets is None or done.repetitions is None:
        return None
    return done.kilograms * done.sets * done.repetitions


def _phys_can(due: Due, rules: AdaptationRules) -> dict[str, Share]:
    """Phys-Can's five: sessions attended, exertion within the range, length, exercises used, and minutes in all."""
    trained = [(keyed, entry) for keyed, entry in due if entry is not None and entry.trained]
    types = [
        (float(e.id in entry.loads) if entry.loads else None, 1.0)
        for keyed, entry in trained
        for e in _strength(keyed.session)
    ]
    shares = (
        Share.of((None if entry is None else float(entry.trained), 1.0) for _, entry in due),
        Share.of((_within(keyed, entry, rules), 1.0) for keyed, entry in trained),
        Share.of((_minutes(entry), float(keyed.session.minutes)) for keyed, entry in trained),
        Share.of(types),
        Share.of((_minutes(entry), float(keyed.session.minutes)) for keyed, entry in due),
    )
    return dict(zip(PHYS_CAN, shares, strict=True))


def _within(keyed: KeyedSession, entry: SessionLog, rules: AdaptationRules) -> float | None:
    band = band_of(keyed.session, entry.scale, rules)
    if entry.rpe is None or band is None or band.low is None:
        return None
    return float(band.low <= entry.rpe <= band.high)
