"""A session made easier: on the hard days after an infusion, or today, because of how the patient is.

Lowering is monotone: a smaller share or a lower ceiling never gives more of anything.
"""

from __future__ import annotations

from attrs import evolve

from exrx.rules.restriction import Intensity
from exrx.training.session import Part, PlannedExercise, Session
from exrx.training.template import Band


def lowered(
    session: Session,
    share: int,
    ceiling: Intensity,
    zones: dict[Intensity, Band],
    loads: dict[Intensity, Band],
    sets_share: int | None = None,
) -> Session | None:
    """The session with `share` per cent of its minutes and sets, and nothing above `ceiling`; None if nothing is left.

    `sets_share` is for strength and impact training where that is another. Intervals become continuous work at the
    ceiling when they lay above it. Warm-up and cool-down stay.
    """
    parts = []
    for part in session.parts:
        if part.kind == "aerobic":
            parts.append(_aerobic(part, share, ceiling, zones))
        elif part.kind in ("strength", "impact"):
            parts.append(_strength(part, share if sets_share is None else sets_share, ceiling, loads))
        else:
            parts.append(part)
    kept = tuple(part for part in parts if part is not None and part.minutes > 0)
    if not any(part.kind in ("aerobic", "strength", "impact", "balance", "relaxation") for part in kept):
        return None
    return evolve(session, parts=kept)


def _aerobic(part: Part, share: int, ceiling: Intensity, zones: dict[Intensity, Band]) -> Part | None:
    minutes, level = part.minutes * share // 100, max(part.intensity, ceiling)
    if minutes == 0 or level is Intensity.NONE:
        return None
    repeats = part.intervals.repeats * share // 100 if part.intervals else 0
    if part.intervals and not repeats:
        level = max(level, Intensity.MODERATE)
    if level == part.intensity:
        intervals = evolve(part.intervals, repeats=repeats) if part.intervals and repeats else None
        return evolve(part, minutes=minutes, intervals=intervals, bouts=min(part.bouts, minutes))
    return evolve(
        part, minutes=minutes, intensity=level, borg=_borg(part, level, zones), intervals=None, effort=None,
        bouts=min(part.bouts, minutes),
    )  # fmt: skip


def _borg(part: Part, level: Intensity, zones: dict[Intensity, Band]) -> tuple[int, int] | None:
    edges = zones[level].borg
    if edges is None or part.borg is None:
        return edges
    return min(edges[0], part.borg[0]), min(edges[1], part.borg[1])


def _strength(part: Part, share: int, ceiling: Intensity, loads: dict[Intensity, Band]) -> Part | None:
    level = max(part.intensity, ceiling)
    if level is Intensity.NONE:
        return None
    total = sum(exercise.sets or 0 for exercise in part.exercises) * share // 100
    exercises = []
    for exercise, sets in zip(part.exercises, _shared(total, part.exercises), strict=True):
        if sets:
            lighter = level != part.intensity
            exercises.append(
                evolve(
                    exercise,
                    sets=sets,
                    load=loads[level].word if lighter and level in loads else exercise.load,
                    effort=None if lighter else exercise.effort,
                )
            )
    if not exercises:
        return None
    minutes = max(1, part.minutes * share // 100)
    return evolve(part, minutes=minutes, intensity=level, exercises=tuple(exercises))


def _shared(total: int, exercises: tuple[PlannedExercise, ...]) -> list[int]:
    """So many sets over the exercises, one round after the other, none above its own number."""
    given = [0] * len(exercises)
    while total > 0:
        open_ones = [i for i, exercise in enumerate(exercises) if given[i] < (exercise.sets or 0)]
        for index in open_ones[:total]:
            given[index] += 1
        total -= min(total, len(open_ones)) if open_ones else total
    return given
