"""What may stand in for an exercise that a patient must not do, or cannot do in this place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exrx.training.exercises import BALANCE_DEMANDS, Exercise, check_asked, load_exercises


def substitute(
    exercise: Exercise, avoid: frozenset[str], *, where: str, among: Iterable[Exercise] | None = None
) -> Exercise | None:
    """The exercise to do in place of `exercise` when these are avoided; itself where nothing forbids it.

    Promises that nothing avoided loads it, that it is of the same kind and possible in that place, and that it shares a
    muscle group (aerobic and balance exercises name none, breathing neither: there any of the kind will do). The same
    pattern comes first, then most of the same muscles, then the lower balance demand, then the file's order. `among`
    narrows the choice, for example to what there is equipment for; without it the whole library is looked through.
    None only where nothing qualifies; more avoidances never turn None into an exercise.

    Raises:
        PlanError: a place or an avoidance that does not exist.

    Source: local decision (unverified), as everything in exercises.yaml.
    """
    check_asked(avoid, where)
    return next(iter(_fit(exercise, avoid, where, among)), None)


def _fit(
    exercise: Exercise, avoid: frozenset[str], where: str, among: Iterable[Exercise] | None = None
) -> list[Exercise]:
    """All that may stand in for an exercise, the best first."""
    library = load_exercises().by_id
    places = {name: place for place, name in enumerate(library)}
    fit = [
        other
        for other in (library.values() if among is None else among)
        if where in other.where and other.allowed(avoid) and stands_in(other, exercise)
    ]
    return sorted(fit, key=lambda other: (*_distance(other, exercise), places.get(other.id, len(places))))


def substitutes(
    exercises: Sequence[tuple[Exercise, int]], avoid: frozenset[str], *, where: str
) -> list[Exercise | None]:
    """What is done in place of each of several exercises of one session, none twice; None where nothing is left.

    Each comes with its sets. As many sets as can be are kept: exercises with more sets choose first, and one that has
    chosen makes room where it has another choice (a largest matching). So more avoidances never give more sets.

    Raises:
        PlanError: a place or an avoidance that does not exist.
    """
    check_asked(avoid, where)
    fits = [_fit(exercise, avoid, where) for exercise, _ in exercises]
    holder: dict[str, int] = {}

    def seat(index: int, seen: set[str]) -> bool:
        for other in fits[index]:
            if other.id not in seen:
                seen.add(other.id)
                if other.id not in holder or seat(holder[other.id], seen):
                    holder[other.id] = index
                    return True
        return False

    by_sets = sorted(range(len(exercises)), key=lambda index: -exercises[index][1])
    for index in by_sets:
        seat(index, set())
    chosen = {index: load_exercises().by_id[name] for name, index in holder.items()}
    return [chosen.get(index) for index in range(len(exercises))]


def stands_in(other: Exercise, exercise: Exercise) -> bool:
    """Whether `other` is of the same kind and shares a muscle group with `exercise`, or neither names any."""
    if other.kind != exercise.kind:
        return False
    shared = set(other.muscles) & set(exercise.muscles)
    return bool(shared) or not (other.muscles or exercise.muscles)


def _distance(other: Exercise, exercise: Exercise) -> tuple[bool, bool, int, int]:
    """How far `other` is from `exercise`, nearest first."""
    lost = len(set(exercise.muscles) - set(other.muscles))
    demand = BALANCE_DEMANDS.index(other.level("balance_demand"))
    return other.id != exercise.id, other.pattern != exercise.pattern, lost, demand
