"""A plan as rows: CSV with a row a session part, and a table with a row a week."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from exrx.formulas import harmless
from exrx.training.plan_parts import PlanDay, PlanWeek
from exrx.training.session import Part, PlannedExercise, Session
from exrx.training.targets import Words
from exrx.training.wording import effort_words, intensity_word, strength_words

_WEEKDAYS = {"da": ("man", "tir", "ons", "tor", "fre", "lør", "søn"),
             "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}  # fmt: skip
_WORDS: dict[str, Words] = {
    "warm-up": {"da": "opvarmning", "en": "warm-up"},
    "balance": {"da": "balance", "en": "balance"},
    "impact": {"da": "hop og stød", "en": "impact"},
    "relaxation": {"da": "afspænding", "en": "relaxation"},
    "aerobic": {"da": "kondition", "en": "aerobic"},
    "strength": {"da": "styrke", "en": "strength"},
    "cool-down": {"da": "nedkøling", "en": "cool-down"},
    "home": {"da": "hjemme", "en": "at home"},
    "group": {"da": "hold", "en": "group"},
    "individual": {"da": "individuelt", "en": "individual"},
    "in-company": {"da": "sammen med en anden", "en": "in company"},
    "yes": {"da": "ja", "en": "yes"},
    "no": {"da": "nej", "en": "no"},
}
_HEADINGS = {
    "da": ("uge", "fra", "", "hjem", "styrke", "mod.", "høj", "nået"),
    "en": ("week", "from", "", "home", "strength", "mod.", "vig.", "met"),
}
_LED = {"group": {"da": "hold", "en": "class"}, "individual": {"da": "indiv.", "en": "indiv."}}
CSV_COLUMNS = (
    "status", "patient", "week", "date", "weekday", "session", "part", "intensity", "minutes", "most_bouts",
    "borg_low", "borg_high", "heart_rate_max", "effort", "exercises", "note", "key",
)  # fmt: skip


def part_rows_csv(weeks: tuple[PlanWeek, ...], first: tuple[str, str], led: str, lang: str) -> str:
    """The heading `CSV_COLUMNS` and one row a session part; `first` are the first two cells, `led` the form."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in _part_rows(weeks, led, lang):
        writer.writerow([harmless(cell) for cell in (*first, *row)])
    return lines.getvalue()


def _part_rows(weeks: tuple[PlanWeek, ...], led: str, lang: str) -> Iterator[tuple[Any, ...]]:
    for week in weeks:
        for day in week.days:
            if day.session:
                for part in day.session.parts:
                    yield _part_row(week.number, day, day.session, part, led, lang)


def _part_row(week: int, day: PlanDay, session: Session, part: Part, led: str, lang: str) -> tuple[Any, ...]:
    kind = led if session.kind == "class" else "home"
    notes = [_WORDS["in-company"][lang]] if session.in_company else []
    notes += [note[lang] for note in (*day.notes, *session.notes)]
    notes += [part.personal[lang]] if part.personal else []
    heart_rate = "" if session.heart_rate_max is None else session.heart_rate_max
    return (
        week, day.date.isoformat(), _WEEKDAYS[lang][day.date.weekday()],
        _WORDS[kind][lang], _WORDS[part.kind][lang], intensity_word(part.intensity, lang), part.minutes,
        part.bouts, *(part.borg or ("", "")), heart_rate, effort_words(part, lang),
        "; ".join(_exercise(exercise, lang) for exercise in part.exercises), "; ".join(notes), day.key,
    )  # fmt: skip


def week_headings(led: str, lang: str) -> tuple[str, ...]:
    """The headings of `week_row`; the third names the form of the led sessions."""
    week, first_day, _, *others = _HEADINGS[lang]
    return (week, first_day, _LED.get(led, _LED["group"])[lang], *others)


def week_row(week: PlanWeek, lang: str) -> tuple[str, ...]:
    """A week under 80 columns: sessions, strength, minutes, target met."""
    sessions = [day.session for day in week.days if day.session]
    classes = [s.minutes for s in sessions if s.kind == "class"]
    home = [s.minutes for s in sessions if s.kind == "home"]
    return (
        str(week.number), week.days[0].date.isoformat(), _times(classes), _times(home),
        strength_words(sessions, lang), str(week.dose.moderate), str(week.dose.vigorous),
        _WORDS["yes" if week.checks[0].met else "no"][lang],
    )  # fmt: skip


def _times(minutes: list[int]) -> str:
    if not minutes:
        return "-"
    low, high = min(minutes), max(minutes)
    return f"{len(minutes)}×{low}" if low == high else f"{len(minutes)}×{low}-{high}"


def _exercise(exercise: PlannedExercise, lang: str) -> str:
    name = exercise.name[lang]
    if exercise.sets is None or exercise.repetitions is None:
        return name
    low, high = exercise.repetitions
    times = str(low) if low == high else f"{low}-{high}"
    return f"{name} {exercise.sets} × {times}{_load(exercise, lang)}"


def _load(exercise: PlannedExercise, lang: str) -> str:
    said = [exercise.load[lang]] if exercise.load else []
    said += [f"{exercise.kilograms:g} kg"] if exercise.kilograms else []
    return f" ({', '.join(said)})" if said else ""
