"""Why a plan is as it is: what each part of the restriction changes, and when a target is met or what forbids it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from exrx.rules.restriction import Intensity, Restriction, Supervision
from exrx.screening.decision import Decision
from exrx.training.course import Course, meets, restricted_parts
from exrx.training.plan_parts import Change, PlanWeek, Reach
from exrx.training.session import Dose, activity_week
from exrx.training.targets import Target, check_week
from exrx.training.wording import also_words, calendar_words, change_words, difference, met_words, unreached_words

CALENDAR = "calendar"


@frozen
class House:
    """What of a programme the explanations need besides its weeks."""

    home_by_supervision: dict[Supervision, Intensity]
    known_avoidances: frozenset[str]
    alone: frozenset[str]


def changes_of(course: Course, decision: Decision, house: House) -> Iterator[Change]:
    """What each part of the decision's restriction changes in the programme, by itself."""
    free, last = course.under(Restriction.none()), course.last_week
    parts = list(restricted_parts(course.restriction, house.home_by_supervision))
    ruling = _ruling(course, parts)
    for name, only in parts:
        effect = difference(free.week(last), course.under(only).week(last))
        unknown = bool(only.avoid - house.known_avoidances)
        text = change_words(name, only, effect, unknown, bool(only.avoid & house.alone))
        part, _, entry = name.partition(":")
        asking = [
            reason
            for reason in decision.reasons
            if (entry in getattr(reason.restriction, part) if entry else reason.restriction >= only)
        ]
        replaced = [
            (also_words(usual.name, others), now)
            for usual, now in course.replaced(only.avoid, decision.restriction.avoid)
            if (others := ruling[usual.id])[0] == (name, only)
        ]
        rules, because = tuple(reason.rule for reason in asking), tuple(reason.because for reason in asking)
        yield Change(name, text, rules, because, tuple(replaced))


def _ruling(course: Course, parts: list[tuple[str, Restriction]]) -> dict[str, list[tuple[str, Restriction]]]:
    """Of each exercise that is not used, the parts that ask for that: it is listed once, under the first."""
    ruling: dict[str, list[tuple[str, Restriction]]] = {}
    for name, only in parts:
        for usual, _ in course.replaced(only.avoid, only.avoid):
            ruling.setdefault(usual.id, []).append((name, only))
    return ruling


def reach_of(course: Course, target: Target, weeks: Sequence[PlanWeek], place: int, house: House) -> Reach:
    """When `target` is met: in a week of the plan, later at this rate, or never, and then what forbids it.

    `place` is where the target stands among each week's checks. A week of the plan counts as it was laid on its days;
    where the programme would meet the target and its days do not, the calendar binds.
    """
    last = course.last_week
    in_plan = next((week.number for week in weeks if week.checks[place].met), None)
    undisturbed = next((number for number in range(1, last + 1) if meets(course, number, target)), None)
    by_calendar = in_plan is None and undisturbed is not None and undisturbed <= len(weeks)
    met_from = in_plan if in_plan is not None or by_calendar else undisturbed
    best = max((week.dose for week in weeks), key=_size) if by_calendar else Dose.of(course.week(last))
    result = weeks[-1].checks[place] if by_calendar else check_week(activity_week(course.week(last)), target)
    within = met_from is not None and met_from <= len(weeks)
    if met_from:
        binding: tuple[str, ...] = ()
        unmet = [week.number for week in weeks if week.number > met_from and not week.checks[place].met]
        text = met_words(met_from, len(weeks), unmet)
    elif by_calendar:
        binding, text = (CALENDAR,), calendar_words(best, result.shortfalls)
    else:
        parts, aim = _binding(course, target, house)
        binding, text = tuple(parts), unreached_words(parts, aim, best, result.shortfalls)
    return Reach(target.id, target.label, met_from, within, binding, best, result.shortfalls, text)


def _size(dose: Dose) -> tuple[int, int]:
    return dose.moderate + 2 * dose.vigorous, dose.sets


def _binding(course: Course, target: Target, house: House) -> tuple[dict[str, Restriction], bool]:
    """The parts that forbid `target` even when the plan aims at it, and whether only the aim is another."""
    own = course.aiming_at(target)
    last, parts = own.last_week, dict(restricted_parts(own.restriction, house.home_by_supervision))
    if not meets(own.under(Restriction.none()), last, target):
        return {}, False
    if meets(own, last, target):
        return {}, True
    alone = {name: only for name, only in parts.items() if not meets(own.under(only), last, target)}
    return alone or parts, False
