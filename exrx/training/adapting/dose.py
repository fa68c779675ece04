"""Sessions compared and made smaller, domain by domain: aerobic training, and strength with impact.

Nothing here makes a session larger, and nothing brings in an exercise that the plan does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from exrx.rules.restriction import Intensity
from exrx.training.adaptations import Everyone
from exrx.training.session import INTENSITIES, Effort, Part, PlannedExercise, Session
from exrx.training.weeks.lowering import lowered

PARTS = {"aerobic": ("aerobic",), "strength": ("strength", "impact")}
MAIN = ("aerobic", "strength", "impact", "balance", "relaxation")
_LESS_IS_HARDER = ("rm", "reserve")


def parts_of(session: Session, domain: str) -> tuple[Part, ...]:
    """The session's parts of one domain."""
    return tuple(part for part in session.parts if part.kind in PARTS[domain])


def minutes_of(session: Session | None) -> int:
    """Aerobic minutes of all intensities; none of no session."""
    return sum(part.minutes for part in parts_of(session, "aerobic")) if session else 0


def intervals_of(session: Session | None) -> int:
    """Intervals of the session."""
    parts = parts_of(session, "aerobic") if session else ()
    return sum(part.intervals.repeats for part in parts if part.intervals)


def amounts(session: Session, domain: str) -> tuple[int, ...]:
    """Minutes (aerobic) or sets (strength) at or above each intensity, hardest first, then minutes."""
    parts = parts_of(session, domain)
    at = {level: sum(_amount(part) for part in parts if part.intensity == level) for level in INTENSITIES}
    vigorous, moderate, light = at[Intensity.VIGOROUS], at[Intensity.MODERATE], at[Intensity.LIGHT]
    return vigorous, vigorous + moderate, vigorous + moderate + light, sum(part.minutes for part in parts)


def _amount(part: Part) -> int:
    return part.minutes if part.kind == "aerobic" else sum(exercise.sets or 0 for exercise in part.exercises)


def _hardness(session: Session, domain: str) -> dict[str, float]:
    """The hardest effort in each measure; more is harder in all of them."""
    found: dict[str, float] = {}
    for metric, value in _efforts(parts_of(session, domain)):
        found[metric] = max(found.get(metric, value), value)
    return found


def _efforts(parts: Iterable[Part]) -> Iterator[tuple[str, float]]:
    for part in parts:
        if part.borg:
            yield "borg", part.borg[1]
        if part.intervals:
            yield "repeats", part.intervals.repeats
        work = part.intervals.work if part.intervals else None
        for effort in (part.effort, work, *(exercise.effort for exercise in part.exercises)):
            if effort is not None:
                yield effort.metric, _hard(effort)


def _hard(effort: Effort) -> float:
    return -effort.low if effort.metric in _LESS_IS_HARDER else effort.high


def no_larger(one: Session, other: Session, domain: str) -> bool:
    """True when `one` has no more of anything than `other`, nor is harder in a measure that both state."""
    hard, limit = _hardness(one, domain), _hardness(other, domain)
    harder = any(value > limit[metric] for metric, value in hard.items() if metric in limit)
    pairs = zip(amounts(one, domain), amounts(other, domain), strict=True)
    return not harder and all(have <= most for have, most in pairs)


def harder(one: Session, other: Session, domain: str) -> bool:
    """True when `one` has more vigorous training than `other`, or is harder in a measure that both state."""
    hard, limit = _hardness(one, domain), _hardness(other, domain)
    measured = any(value > limit[metric] for metric, value in hard.items() if metric in limit)
    return measured or amounts(one, domain)[0] > amounts(other, domain)[0]


def smaller(one: Session, other: Session, domain: str, shared: Everyone) -> tuple[Part, ...]:
    """The parts of a domain that are no larger than in either session."""
    if no_larger(one, other, domain):
        return parts_of(one, domain)
    if no_larger(other, one, domain):
        return parts_of(other, domain)
    easy, hard = (other, one) if harder(one, other, domain) else (one, other)
    pairs = zip(amounts(easy, domain), amounts(hard, domain), strict=True)
    percent = min((most * 100 // have for have, most in pairs if have > most), default=100)
    return scaled(easy, domain, percent, shared)


def scaled(session: Session, domain: str, percent: int, shared: Everyone) -> tuple[Part, ...]:
    """The parts of a domain with so many per cent of minutes and sets, rounded down."""
    parts = parts_of(session, domain)
    if percent >= 100 or not parts:
        return parts
    bands = shared.aerobic_bands if domain == "aerobic" else shared.strength_bands
    less = lowered(evolve(session, parts=parts), percent, Intensity.VIGOROUS, bands, bands)
    return less.parts if less else ()


def with_parts(session: Session, domain: str, parts: tuple[Part, ...]) -> Session:
    """The session with these parts in place of its own of the domain."""
    if parts == parts_of(session, domain):
        return session
    others = [part for part in session.parts if part.kind not in PARTS[domain]]
    first = next((n for n, part in enumerate(session.parts) if part.kind in PARTS[domain]), None)
    if first is None:
        first = next((n for n, part in enumerate(others) if part.kind in ("cool-down", "relaxation")), len(others))
    return evolve(session, parts=(*others[:first], *parts, *others[first:]))


def is_training(session: Session) -> bool:
    """True when something besides warm-up and cool-down is left."""
    return any(part.kind in MAIN and part.minutes > 0 for part in session.parts)


def shortened(session: Session, minutes: int, shared: Everyone) -> Session | None:
    """The session within so many minutes; warm-up and cool-down shrink only where they would take more than half.

    None when nothing is left.
    """
    if session.minutes <= minutes:
        return session
    edges = [part for part in session.parts if part.kind not in MAIN]
    taken, room = sum(part.minutes for part in edges), minutes // 2
    if taken > room:
        session = _with_edges(session, room * 100 // taken)
        taken = sum(part.minutes for part in session.parts if part.kind not in MAIN)
    main = session.minutes - taken
    percent = max(0, minutes - taken) * 100 // main if main else 0
    while percent > 0 and (less := _all_scaled(session, percent, shared)).minutes > minutes:
        percent -= 1
    less = _all_scaled(session, percent, shared)
    return less if is_training(less) and less.minutes <= minutes else None


def _with_edges(session: Session, percent: int) -> Session:
    parts = (p if p.kind in MAIN else evolve(p, minutes=p.minutes * percent // 100) for p in session.parts)
    return evolve(session, parts=tuple(part for part in parts if part.minutes > 0))


def _all_scaled(session: Session, percent: int, shared: Everyone) -> Session:
    less = session
    for domain in PARTS:
        less = with_parts(less, domain, scaled(less, domain, percent, shared))
    others = (
        evolve(p, minutes=p.minutes * percent // 100) if p.kind in ("balance", "relaxation") else p for p in less.parts
    )
    return evolve(less, parts=tuple(part for part in others if part.minutes > 0))


def with_exercises(session: Session, exercises: dict[str, PlannedExercise | None]) -> Session:
    """The session with these strength exercises changed, or left out where None; a part without exercises goes too."""
    parts = []
    for part in session.parts:
        if part.kind not in PARTS["strength"]:
            parts.append(part)
            continue
        kept = [exercises.get(each.id, each) for each in part.exercises]
        left = tuple(each for each in kept if each is not None)
        if left == part.exercises:
            parts.append(part)
        elif left:
            sets, before = sum(e.sets or 0 for e in left), _amount(part)
            minutes = max(1, -(-part.minutes * sets // before)) if before else part.minutes
            parts.append(evolve(part, exercises=left, minutes=min(part.minutes, minutes)))
    return session if tuple(parts) == session.parts else evolve(session, parts=tuple(parts))
