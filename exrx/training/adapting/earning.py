"""What a session may be after what has been earned: sessions in, a session out, whoever the patient is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exrx.training.adaptations import AdaptationRules, Everyone
from exrx.training.adapting.dose import harder, minutes_of, no_larger, parts_of, scaled, smaller, with_parts
from exrx.training.session import Session


def largest(sessions: Iterable[Session], domain: str) -> Session | None:
    """The last of the sessions that no other exceeds."""
    best: Session | None = None
    for each in sessions:
        if best is None or no_larger(best, each, domain):
            best = each
    return best


def fitted(
    planned: Session, reached: Mapping[str, Session | None], ceilings: Mapping[str, Session | None], shared: Everyone
) -> Session | None:
    """The planned session, in each domain no larger than the largest that was reached, nor than the ceiling.

    `reached` has an entry for each domain that the session has; None where nothing of it was earned yet. `ceilings`
    are sessions that were not done in full: the same one does not rise after them. None where nothing was earned.
    """
    if reached and not any(reached.values()):
        return None
    session = planned
    for domain, best in reached.items():
        session = with_parts(session, domain, smaller(planned, best, domain, shared) if best else ())
        ceiling = ceilings.get(domain)
        if ceiling is not None and parts_of(ceiling, domain):
            session = with_parts(session, domain, smaller(session, ceiling, domain, shared))
    return session


def further(session: Session, later: Session, longest: int, rules: AdaptationRules) -> Session:
    """A step towards the plan's next session: duration alone or intensity alone, and no longer than `longest`."""
    if no_larger(later, session, "aerobic"):
        return session
    have, want = minutes_of(session), minutes_of(later)
    if want > have and harder(later, session, "aerobic"):
        return session
    most, parts = have + rules["minutes_step"], parts_of(later, "aerobic")
    if want > most:
        parts = scaled(later, "aerobic", most * 100 // want, rules.everyone)
    more = with_parts(session, "aerobic", parts)
    return more if (minutes_of(more) > have and more.minutes <= longest) or want == have else session


def percent_after(lowerings: int, rules: AdaptationRules) -> int:
    """How many per cent of the dose are left after so many lowerings."""
    share, least = 100, rules["lowest_percent"]
    for _ in range(lowerings):
        share = max(least, share * (100 - rules["dose_down"]) // 100)
    return share
