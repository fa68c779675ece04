"""A progression that is held: what the first week leaves of a later one.

A later week is never replaced by the first, because tables have deload weeks and repeating the first would give more.
It keeps its own sessions, with nothing harder, heavier or longer than the first week's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, field, frozen

from exrx.rules.restriction import Intensity
from exrx.training.session import INTENSITIES, Effort
from exrx.training.table.efforts import FALLING
from exrx.training.table.model import SETS, TablePart, TableSession, TableTraining
from exrx.training.table.totals import block_minutes

Planned = tuple[int, TableSession, tuple[TablePart, ...]]


@frozen
class Held:
    """A week's sessions, and per cent of the minutes at each intensity and of the sets that are done."""

    sessions: tuple[Planned, ...]
    sets: int = 100
    minutes: dict[Intensity, int] = field(factory=lambda: dict.fromkeys(INTENSITIES, 100))


def as_published(training: TableTraining, number: int) -> Held:
    """The week as the table has it."""
    return Held(tuple(training.sessions_of(number)))


def held_week(training: TableTraining, number: int) -> Held:
    """The week with no more minutes at or above any intensity than the first, no more sets, and nothing harder."""
    first = training.sessions_of(1)
    now = tuple(
        (day, session, _held(day, session, parts, first)) for day, session, parts in training.sessions_of(number)
    )
    before, after = _parts(first), _parts(now)
    shares, lowest = {}, 100
    for level in INTENSITIES:  # the easiest first: what is hard counts among all that is easier
        lowest = min(lowest, _percent(_minutes(before, level), _minutes(after, level)))
        shares[level] = lowest
    return Held(now, _percent(_sets(before), _sets(after)), shares)


def _held(
    day: int, session: TableSession, parts: tuple[TablePart, ...], first: Sequence[Planned]
) -> tuple[TablePart, ...]:
    week = _parts(first)
    same = [part for on, other, held in first if (on, other.id) == (day, session.id) for part in held]
    return tuple(_aerobic(part, same, week) if part.kind == "aerobic" else _heavy(part, week) for part in parts)


def _aerobic(part: TablePart, same: Iterable[TablePart], week: Iterable[TablePart]) -> TablePart:
    """No harder than the same session of the first week, nor in its own measure than anything of that week."""
    levels = [each.intensity for each in same if each.kind == "aerobic"]
    levels = levels or [each.intensity for each in week if each.kind == "aerobic"]
    hardest = min(levels, default=Intensity.VIGOROUS)
    if part.intensity < hardest:
        minutes = block_minutes(part)
        return evolve(part, intensity=hardest, effort=None, intervals=None, minutes=(minutes, minutes))
    known = [effort for each in week if each.kind == "aerobic" for effort in (each.effort, _work(each)) if effort]
    intervals = part.intervals and evolve(part.intervals, work=_no_harder(part.intervals.work, known))
    return evolve(part, effort=_no_harder(part.effort, known), intervals=intervals)


def _work(part: TablePart) -> Effort | None:
    return part.intervals.work if part.intervals else None


def _no_harder(effort: Effort | None, known: Iterable[Effort]) -> Effort | None:
    """The effort within the hardest one of its measure; None where the measure is a new one."""
    most = max((each.high for each in known if effort and each.metric == effort.metric), default=None)
    if effort is None or most is None:
        return None
    return Effort(effort.metric, min(effort.low, most), min(effort.high, most))


def _heavy(part: TablePart, week: Iterable[TablePart]) -> TablePart:
    """Strength and impact training as in the first week, unless it is lighter."""
    before = [each for each in week if each.kind == part.kind and each.sets]
    if part.kind not in SETS or not before or any(_load(each) == _load(part) for each in before):
        return part
    lightest = max(before, key=_lightness)
    if not _lighter(lightest, part):
        return part
    level = max(part.intensity, lightest.intensity)
    effort = lightest.effort if level == lightest.intensity else None
    return evolve(part, intensity=level, repetitions=lightest.repetitions, effort=effort)


def _load(part: TablePart) -> tuple[object, ...]:
    return part.repetitions, part.effort, part.intensity


def _lightness(part: TablePart) -> tuple[int, int, float]:
    """Grows as a load gets lighter: by intensity, then repetitions, then the effort in its own measure."""
    effort = part.effort
    hard = 0.0 if effort is None else -effort.low if effort.metric in FALLING else effort.high
    return part.intensity, (part.repetitions or (0, 0))[0], -hard


def _lighter(one: TablePart, other: TablePart) -> bool:
    same = one.effort and other.effort and one.effort.metric == other.effort.metric
    places = 3 if same else 2
    return _lightness(one)[:places] > _lightness(other)[:places]


def _parts(sessions: Iterable[Planned]) -> list[TablePart]:
    return [part for _, _, parts in sessions for part in parts]


def _minutes(parts: Iterable[TablePart], level: Intensity) -> int:
    """Aerobic minutes at or above a level."""
    return sum(block_minutes(part) * part.bouts for part in parts if part.kind == "aerobic" and part.intensity <= level)


def _sets(parts: Iterable[TablePart]) -> int:
    return sum(part.sets * len(part.exercises) for part in parts if part.kind in SETS)


def _percent(first: int, now: int) -> int:
    return min(100, 100 * first // now) if now else 100
