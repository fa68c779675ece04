"""Today's session under today's screening: no session where it does not clear, and within every cap where it does.

Capping is monotone: a more cautious restriction never leaves more. Nothing that the plan or the day avoids is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import evolve, frozen

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.rules.restriction import Intensity, Progression, Restriction, Supervision
from exrx.screening.decision import Decision
from exrx.training.adaptations import AdaptationRules, Everyone
from exrx.training.adapting.dose import is_training, parts_of, scaled, shortened, smaller, with_parts
from exrx.training.adapting.words import said
from exrx.training.exercises import load_exercises
from exrx.training.plan import Plan
from exrx.training.refusal import meaning, open_notes
from exrx.training.session import INTENSITIES, Part, PlannedExercise, Session
from exrx.training.substitution import substitute
from exrx.training.targets import Words
from exrx.training.weeks.lowering import lowered

LANGUAGES = ("da", "en")


@frozen
class Today:
    """Today's session: `session` as it may be done, or None with `refused` and what to `get` first; `why` says what the
    screening changed. Without a planned session today `key` is empty.
    """

    date: date
    key: str
    session: Session | None
    screened: bool
    refused: Words | None = None
    get: tuple[Words, ...] = ()
    why: tuple[Words, ...] = ()


def check_decision(plan: Plan, decision: Decision, as_of: date) -> None:
    """Refuse a screening of another patient, of another day, or of an example.

    Raises:
        PlanError: says which.
    """
    if plan.patient and decision.patient and plan.patient != decision.patient:
        raise PlanError(f"the screening is of patient '{decision.patient}', the plan of '{plan.patient}'")
    if decision.as_of != as_of:
        raise PlanError(f"the screening is of {decision.as_of}, not of {as_of}: screen on the day of the session")
    if decision.example and not plan.example:
        raise PlanError("the screening is an EXAMPLE, the plan is not: screen the patient")


def today_of(
    plan: Plan, key: str, session: Session | None, before: Session | None, decision: Decision | None, as_of: date,
    rules: AdaptationRules,
) -> Today:  # fmt: skip
    """Today's session under today's screening; `before` is what was asked last, for a progression that is held."""
    if decision is None:
        return Today(as_of, key, session, False)
    if not decision.may_train:
        return Today(as_of, key, None, True, _refused(decision), tuple(_get(decision)))
    if session is None:
        return Today(as_of, key, None, True)
    asked = decision.restriction
    if barred(session.kind, asked):
        return Today(as_of, key, None, True, said("format"))
    capped = capped_by(session, before, frozenset(plan.avoid), asked, rules)
    if capped is None:
        return Today(as_of, key, None, True, said("nothing-left"))
    why = tuple(_because(decision)) if capped != session else ()
    return Today(as_of, key, capped, True, why=why)


def _refused(decision: Decision) -> Words:
    causes = [each.because for each in decision.reasons if each.clearance == decision.worst_clearance][:2]
    means = meaning(decision) or {"da": "", "en": ""}
    return {lang: ". ".join([means[lang], *(c.get(lang, c.get("en", "")).rstrip(".") for c in causes)]) + "."
            for lang in LANGUAGES}  # fmt: skip


def _get(decision: Decision) -> Iterator[Words]:
    """What to get or wait for before the patient may train."""
    yield from list(open_notes(decision))[1:]
    again, names = decision.restriction.again, load_dictionary()
    for event in sorted(again.after):
        yield said("again", what={lang: names.word("again", event, lang) for lang in LANGUAGES})
    if again.days:
        yield said("again-days", days=again.days)


def _because(decision: Decision) -> Iterator[Words]:
    for reason in decision.reasons:
        if reason.restriction.adapts:
            yield {lang: reason.because.get(lang, reason.because.get("en", "")) for lang in LANGUAGES}


def barred(kind: str, asked: Restriction) -> bool:
    """True when the restriction forbids every form in which a class, or training at home, is given."""
    return ({"group", "individual"} if kind == "class" else {"home"}) <= asked.formats_forbidden


def capped_by(
    session: Session, before: Session | None, avoided: frozenset[str], asked: Restriction, rules: AdaptationRules
) -> Session | None:
    """The session within the restriction; None where nothing is left. `avoided` is what the plan avoids already."""
    shared = rules.everyone
    capped = session
    if asked.progression is not Progression.NORMAL and before is not None:
        for domain in ("aerobic", "strength"):
            capped = with_parts(capped, domain, smaller(capped, before, domain, shared))
    if asked.progression is Progression.REDUCE:
        for domain in ("aerobic", "strength"):
            capped = with_parts(capped, domain, scaled(capped, domain, rules["reduce_percent"], shared))
    avoid = asked.avoid | avoided
    if (
        session.heart_rate_max is not None
        and (asked.heart_rate_max or session.heart_rate_max) >= session.heart_rate_max
    ):
        asked = evolve(asked, heart_rate_max=None)
    aerobic = max(_ceiling("aerobic", asked, avoid, shared), _alone(session, asked))
    capped = _under(capped, "aerobic", aerobic, shared)
    capped = _under(capped, "strength", _ceiling("strength", asked, avoid, shared), shared)
    capped = evolve(capped, parts=tuple(_limited(part, asked) for part in capped.parts))
    capped = _without(capped, asked.avoid, avoid)
    limits = [limit for limit in (session.heart_rate_max, asked.heart_rate_max) if limit is not None]
    company = session.in_company or (session.kind == "home" and "training-alone" in asked.avoid)
    capped = evolve(capped, heart_rate_max=min(limits, default=None), in_company=company)
    minutes = asked.session_minutes_max
    shorter = capped if minutes is None else shortened(capped, minutes, shared)
    return shorter if shorter is not None and is_training(shorter) else None


def _alone(session: Session, asked: Restriction) -> Intensity:
    """At home nothing vigorous is done where closer supervision is asked, and nothing at all where it is continuous."""
    if session.kind != "home":
        return Intensity.VIGOROUS
    closest = {Supervision.ONE_TO_ONE: Intensity.LIGHT, Supervision.CONTINUOUS: Intensity.NONE}
    return closest.get(asked.supervision, Intensity.VIGOROUS)


def _ceiling(domain: str, asked: Restriction, avoid: frozenset[str], shared: Everyone) -> Intensity:
    """The highest intensity that the restriction leaves open."""
    highest = asked.aerobic_max if domain == "aerobic" else asked.strength_max
    bands = shared.aerobic_bands if domain == "aerobic" else shared.strength_bands
    if domain == "aerobic" and asked.heart_rate_max is not None:
        highest = max(highest, shared.without_measured_maximum)
    for level in reversed(INTENSITIES):
        band = bands[level]
        above = asked.rpe_max is not None and band.borg is not None and band.borg[0] > asked.rpe_max
        if level >= highest and not band.loads & avoid and not above:
            return level
    return Intensity.NONE


def _under(session: Session, domain: str, ceiling: Intensity, shared: Everyone) -> Session:
    """No part of the domain harder than this; the load that was meant for more is then left to the words."""
    parts = parts_of(session, domain)
    if not parts or all(part.intensity >= ceiling for part in parts):
        return session
    bands = shared.aerobic_bands if domain == "aerobic" else shared.strength_bands
    less = lowered(evolve(session, parts=parts), 100, ceiling, bands, bands)
    return with_parts(session, domain, tuple(_unloaded(part, parts) for part in less.parts) if less else ())


def _unloaded(part: Part, before: tuple[Part, ...]) -> Part:
    if part in before:
        return part
    exercises = tuple(evolve(each, kilograms=None) for each in part.exercises)
    return evolve(part, exercises=exercises, personal=None)


def _limited(part: Part, asked: Restriction) -> Part:
    """The part's Borg within the limit, and no words about a pulse that a new limit may cross."""
    if part.borg is not None and asked.rpe_max is not None and part.borg[1] > asked.rpe_max:
        part = evolve(part, borg=(min(part.borg[0], asked.rpe_max), asked.rpe_max))
    return evolve(part, personal=None) if asked.heart_rate_max is not None and part.personal else part


def _without(session: Session, new: frozenset[str], avoid: frozenset[str]) -> Session:
    """The session without what the day avoids; a stand-in of the same muscles where there is one."""
    if not new:
        return session
    library = load_exercises().by_id
    parts = []
    for part in session.parts:
        used = {each.id for each in part.exercises}
        kept = []
        for each in part.exercises:
            exercise = library.get(each.id)
            if exercise is not None and exercise.allowed(avoid):
                kept.append(each)
                continue
            other = substitute(exercise, avoid, where=session.kind) if exercise is not None else None
            if other is not None and other.id not in used:
                used.add(other.id)
                kept.append(_in_place(each, other))
        if kept or not part.exercises:
            parts.append(part if tuple(kept) == part.exercises else evolve(part, exercises=tuple(kept)))
    return evolve(session, parts=tuple(parts))


def _in_place(each: PlannedExercise, other: Any) -> PlannedExercise:
    return evolve(each, id=other.id, name=other.name, kilograms=None)
