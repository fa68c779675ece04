"""The exercise library as a list: rows for a table, and the page `docs/exercises.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.training.exercises import (
    KINDS,
    LEVELS,
    PLACES,
    Condition,
    Exercise,
    Exercises,
    check_asked,
    known_avoidances,
    load_exercises,
)

Row = dict[str, Any]
_WORDED = ("kind", "where", "muscles", "pattern", "equipment", "position")
_HEAD = """# Exercises

This page is made from `protocols/training/exercises.yaml`: change that file, then run `python docs/make_exercises.py`.

What an exercise asks of the body is our own reading of its movement (`verified: {verified}`).
**A second physiotherapist has not reviewed it.** Instructions are in our own words.

{count} exercises: {by_kind}.
"""


def exercise_rows(lang: str, *, avoid: frozenset[str] = frozenset(), where: str | None = None) -> list[Row]:
    """One row an exercise, in the file's order; `where` keeps those that can be done in the class or at home.

    Keys: `id`, `name`, `instruction` · `kind`, `pattern` (one word) and `where`, `muscles`, `equipment`, `position`
    (lists) in the words of `lang` (da or en) · `allowed` (bool) under `avoid` · `ruled_out_by`, the wording of what
    forbids it, empty where it is allowed.

    Raises:
        PlanError: an avoidance, place or language that does not exist.
    """
    if lang not in ("da", "en"):
        raise PlanError(f"there is no language '{lang}'. Use one of: da, en")
    check_asked(avoid, where)
    library = load_exercises()
    return [_row(library, e, lang, avoid) for e in library.by_id.values() if where is None or where in e.where]


def _row(library: Exercises, exercise: Exercise, lang: str, avoid: frozenset[str]) -> Row:
    worded = {
        name: [library.words[name][word][lang] for word in _in_order(library, exercise, name)] for name in _WORDED
    }
    return {
        "id": exercise.id,
        "name": exercise.name[lang],
        **worded,
        "kind": worded["kind"][0],
        "pattern": worded["pattern"][0],
        "allowed": exercise.allowed(avoid),
        "ruled_out_by": _avoidances(exercise.loads & avoid, lang),
        "instruction": exercise.instruction[lang],
    }


def _in_order(library: Exercises, exercise: Exercise, name: str) -> tuple[str, ...]:
    if name == "muscles":
        return exercise.muscles
    return tuple(word for word in library.words[name] if word in exercise.attributes[name])


def _avoidances(names: Iterable[str], lang: str) -> list[str]:
    words = load_dictionary().vocabulary["avoid"]
    return [words[name][lang] for name in known_avoidances() if name in names]


def nothing_left(library: Exercises, avoid: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """For each place the muscle groups that have no allowed strength exercise left; groups that never have one are out.

    `neck` is stretched and not strengthened here, so it never stands in the answer.
    """
    strength = [exercise for exercise in library.by_id.values() if exercise.kind == "strength"]
    left: dict[str, tuple[str, ...]] = {}
    for place in PLACES:
        here = [exercise for exercise in strength if place in exercise.where]
        trained = {muscle for exercise in here for muscle in exercise.muscles}
        still = {muscle for exercise in here if exercise.allowed(avoid) for muscle in exercise.muscles}
        left[place] = tuple(muscle for muscle in library.words["muscles"] if muscle in trained - still)
    return left


def exercises_page() -> str:
    """The text of `docs/exercises.md`, equal for equal data."""
    library = load_exercises()
    counts = {kind: sum(e.kind == kind for e in library.by_id.values()) for kind in KINDS}
    by_kind = ", ".join(f"{count} {library.words['kind'][kind]['en']}" for kind, count in counts.items())
    lines = [_HEAD.format(verified=library.verified, count=len(library.by_id), by_kind=by_kind)]
    lines += _rules_out(library)
    lines += _gaps(library)
    for kind in KINDS:
        lines += _section(library, kind)
    return "\n".join(lines).rstrip() + "\n"


def _rules_out(library: Exercises) -> Iterator[str]:
    yield "## What rules an exercise out\n"
    yield "| avoidance | rules out an exercise with | exercises |\n|---|---|---|"
    for avoidance in known_avoidances():
        if conditions := library.rules_out.get(avoidance, ()):
            when = " · or ".join(_condition(condition) for condition in conditions)
        elif avoidance in library.known_avoidances - library.said_in_words:
            when = "(named by the exercise itself)"
        elif avoidance in library.by_dose:
            when = "(obeyed by load, intensity, progression or company, in the training template)"
        else:
            when = "(said in words in the plan; no exercise here asks for it)"
        yield f"| `{avoidance}` | {when} | {sum(avoidance in e.loads for e in library.by_id.values())} |"
    yield ""


def _condition(condition: Condition) -> str:
    return " and ".join(f"{name} {' or '.join(sorted(words))}" for name, words in condition.wanted.items())


def _gaps(library: Exercises) -> Iterator[str]:
    yield "## Where nothing is left\n"
    yield "Muscle groups without any strength exercise under one avoidance alone; every other avoidance leaves one.\n"
    yield "| avoidance | class | home |\n|---|---|---|"
    for avoidance in known_avoidances():
        gaps = nothing_left(library, frozenset({avoidance}))
        if any(gaps.values()):
            yield f"| `{avoidance}` | {', '.join(gaps['class']) or '-'} | {', '.join(gaps['home']) or '-'} |"
    yield ""


def _section(library: Exercises, kind: str) -> Iterator[str]:
    yield f"## {library.words['kind'][kind]['en'].capitalize()}\n"
    for exercise in library.by_id.values():
        if exercise.kind == kind:
            yield from _exercise(library, exercise)


def _exercise(library: Exercises, exercise: Exercise) -> Iterator[str]:
    row = _row(library, exercise, "en", frozenset())
    high = [site for site, load in exercise.site_load.items() if load == "high"]
    facts = [
        f"{' and '.join(row['where'])}; {', '.join(row['position'])}; {', '.join(row['equipment'])}",
        f"trains or stretches {', '.join(row['muscles'])}" if exercise.muscles else "",
        *(f"{name.replace('_', ' ')} {exercise.level(name)}" for name in LEVELS if not _least(exercise, name)),
        f"high load on {', '.join(high)}" if high else "",
    ]
    yield f"### `{exercise.id}` {exercise.name['en']} · {exercise.name['da']}\n"
    yield f"- {exercise.instruction['en']}"
    yield f"- {exercise.instruction['da']}"
    yield f"- {'. '.join(fact for fact in facts if fact)}."
    yield f"- ruled out by: {', '.join(sorted(exercise.loads)) or 'nothing'}\n"


def _least(exercise: Exercise, name: str) -> bool:
    return exercise.level(name) == LEVELS[name][0]
