"""What a part of a table must not say, beyond its keys: exercises that do not fit, and slips of the pen.

The limits here only catch slips (120 sets for 12); how much is too much for a patient is said by the caps.
"""

from __future__ import annotations

from collections.abc import Iterator

from exrx.training.table.model import SETS, TablePart, TableSession, TableTraining

FITS = {  # part -> kinds of exercises that may stand in it
    "warm-up": ("aerobic", "mobility", "stretch", "balance"),
    "aerobic": ("aerobic",),
    "strength": ("strength",),
    "impact": ("impact",),
    "balance": ("balance",),
    "relaxation": ("mobility", "stretch"),
    "cool-down": ("aerobic", "mobility", "stretch"),
}
LONGEST_MINUTES, MOST_BOUTS, MOST_SETS, MOST_REPETITIONS, MOST_REPEATS = 240, 12, 12, 60, 60


def faults_of(part: TablePart, place: str) -> Iterator[tuple[str, str]]:
    """Code and message of each fault of one part of a session in this place; an empty place fits everything."""
    for exercise in part.exercises:
        if exercise.kind not in FITS[part.kind] or place not in ("", *exercise.where):
            where, kinds = " and ".join(exercise.where), " or ".join(FITS[part.kind])
            yield "wrong-exercise", f"'{exercise.id}' is {exercise.kind} for {where}; here stands {kinds} for {place}"
    if len({exercise.id for exercise in part.exercises}) != len(part.exercises):
        yield "contradiction", "an exercise stands twice"
    if part.minutes and part.intervals:
        yield "contradiction", "give minutes or intervals; intervals say their own minutes"
    for name, numbers, most in (
        ("minutes", part.minutes, LONGEST_MINUTES),
        ("bouts", (part.bouts,), MOST_BOUTS),
        ("sets", (part.sets,) if part.kind in SETS else None, MOST_SETS),
        ("repetitions", part.repetitions, MOST_REPETITIONS),
        ("repeats", (part.intervals.repeats,) if part.intervals else None, MOST_REPEATS),
    ):
        if numbers and not (numbers[0] >= 1 and numbers[-1] <= most):
            yield "out-of-range", f"{name} must be from 1 to {most}, not {numbers[-1] if numbers[0] else 0}"


def never_held(training: TableTraining) -> Iterator[tuple[TableSession, TablePart]]:
    """The parts that stand in no session of the whole course, such as those of week 13 in one of 12 weeks."""
    held = {
        id(part)
        for week in range(1, training.weeks + 1)
        for _, _, parts in training.sessions_of(week)
        for part in parts
    }
    for session in training.sessions:
        for part in session.parts:
            if id(part) not in held:
                yield session, part
