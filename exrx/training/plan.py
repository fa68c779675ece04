"""A plan: dated weeks of sessions, what was changed and why, which targets are met when; as JSON, CSV and
table rows.

The plan only holds and shows what the prescriber made; it decides nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import asdict, frozen

from exrx.rules.restriction import Clearance, Track
from exrx.training.builder import Dose, Part, PlannedExercise, Session
from exrx.training.targets import Shortfall, TargetResult, Words
from exrx.training.wording import intensity_word, strength_words

SCHEMA = "exrx/plan/1"
_WEEKDAYS = {"da": ("man", "tir", "ons", "tor", "fre", "lør", "søn"),
             "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}  # fmt: skip
_WORDS: dict[str, Words] = {
    "warm-up": {"da": "opvarmning", "en": "warm-up"},
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
    "borg_low", "borg_high", "heart_rate_max", "exercises", "note",
)  # fmt: skip


@frozen
class PlanDay:
    """One date, and its session when there is one."""

    date: date
    session: Session | None

    def to_dict(self) -> dict[str, Any]:
        """The day as JSON."""
        return {"date": self.date.isoformat(), "session": _session(self.session) if self.session else None}


@frozen
class PlanWeek:
    """Seven days, the week's dose, how it differs from the week before, and each target's check."""

    number: int
    days: tuple[PlanDay, ...]
    dose: Dose
    change: Words
    checks: tuple[TargetResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """The week as JSON."""
        return {
            "week": self.number,
            "from": self.days[0].date.isoformat(),
            "days": [day.to_dict() for day in self.days],
            "dose": asdict(self.dose),
            "change": dict(self.change),
            "checks": [check.to_dict() for check in self.checks],
        }


@frozen
class Change:
    """What a part of the decision's restriction changes in the template, and the rules that ask for it.

    `part` is a restriction part (`aerobic_max`) or one of its entries (`avoid:valsalva`). `replaced`
    holds pairs of exercise names, the second None when nothing took its place.
    """

    part: str
    text: Words
    rules: tuple[str, ...]
    because: tuple[Words, ...]
    replaced: tuple[tuple[Words, Words | None], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        replaced = [{"instead_of": dict(old), "now": dict(new) if new else None} for old, new in self.replaced]
        return {
            "part": self.part,
            "text": dict(self.text),
            "rules": list(self.rules),
            "because": [dict(text) for text in self.because],
            "replaced": replaced,
        }


@frozen
class Reach:
    """When a target is met under the decision's restriction.

    `met_from_week` counts from the plan's start and may lie beyond its end (`within` False: only time is
    short); None when it is never met. Then `binding` names the restriction parts that forbid it, each
    alone or, if none does alone, together; empty when the template itself does not lead there. `best` is
    the largest dose reached, and `shortfalls` what it lacks.
    """

    target: str
    label: Words
    met_from_week: int | None
    within: bool
    binding: tuple[str, ...]
    best: Dose
    shortfalls: tuple[Shortfall, ...]
    text: Words

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {
            "target": self.target,
            "label": dict(self.label),
            "met_from_week": self.met_from_week,
            "within_plan": self.within,
            "binding": list(self.binding),
            "best": asdict(self.best),
            "shortfalls": [shortfall.to_dict() for shortfall in self.shortfalls],
            "text": dict(self.text),
        }


@frozen
class Plan:
    """A training plan for one patient: a proposal to the professional who decides.

    `reaches[0]` and each week's `checks[0]` are about the chosen target, the others about those that the
    template is always checked against. `protocols` and `dictionary_sha256` are the decision's. `notes`
    say what was not known.
    """

    patient: str
    training: str
    training_version: str
    training_sha256: str
    target: str
    start: date
    weeks: tuple[PlanWeek, ...]
    clearance: Clearance
    track: Track
    format: str
    as_of: date
    stage: str
    protocols: tuple[dict[str, str], ...]
    dictionary_sha256: str
    engine: str
    draft: bool
    example: bool
    changes: tuple[Change, ...]
    reaches: tuple[Reach, ...]
    avoid: tuple[str, ...]
    monitor: tuple[str, ...]
    notes: tuple[Words, ...]
    unverified: tuple[str, ...]
    notice: Words

    def to_dict(self) -> dict[str, Any]:
        """The plan as the JSON object of schema `exrx/plan/1`."""
        return {
            "schema": SCHEMA,
            "engine": self.engine,
            "notice": dict(self.notice),
            "draft": self.draft,
            "example": self.example,
            "patient": self.patient,
            "training": {
                "id": self.training,
                "version": self.training_version,
                "sha256": self.training_sha256,
            },
            "target": self.target,
            "start": self.start.isoformat(),
            "decision": {
                "as_of": self.as_of.isoformat(),
                "stage": self.stage,
                "clearance": self.clearance.word,
                "track": self.track.word,
                "format": self.format,
                "protocols": [dict(use) for use in self.protocols],
                "dictionary_sha256": self.dictionary_sha256,
            },
            "changes": [change.to_dict() for change in self.changes],
            "reaches": [reach.to_dict() for reach in self.reaches],
            "avoid": list(self.avoid),
            "monitor": list(self.monitor),
            "notes": [dict(note) for note in self.notes],
            "unverified": list(self.unverified),
            "weeks": [week.to_dict() for week in self.weeks],
        }

    def to_csv(self, lang: str = "en") -> str:
        """The plan as CSV with the heading `CSV_COLUMNS`, one row a session part, words in `lang`.

        Every row says that it is a proposal (or a draft, or an example). A cell that a spreadsheet would
        read as a formula is prefixed with an apostrophe.
        """
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for row in self._part_rows(lang):
            writer.writerow([_harmless(cell) for cell in row])
        return lines.getvalue()

    def _part_rows(self, lang: str) -> Iterator[tuple[Any, ...]]:
        for week in self.weeks:
            for day in week.days:
                if day.session:
                    for part in day.session.parts:
                        yield self._part_row(week.number, day.date, day.session, part, lang)

    def _part_row(self, week: int, on: date, session: Session, part: Part, lang: str) -> tuple[Any, ...]:
        kind = self.format if session.kind == "class" else "home"
        note = _WORDS["in-company"][lang] if session.in_company else ""
        heart_rate = "" if session.heart_rate_max is None else session.heart_rate_max
        return (
            self.notice[lang], self.patient, week, on.isoformat(), _WEEKDAYS[lang][on.weekday()],
            _WORDS[kind][lang], _WORDS[part.kind][lang], intensity_word(part.intensity, lang), part.minutes,
            part.bouts, *(part.borg or ("", "")), heart_rate,
            "; ".join(_exercise(exercise, lang) for exercise in part.exercises), note,
        )  # fmt: skip

    def headings(self, lang: str = "en") -> tuple[str, ...]:
        """The headings of `rows`; the third names the form of the led sessions, group or individual."""
        week, first_day, _, *others = _HEADINGS[lang]
        return (week, first_day, _LED.get(self.format, _LED["group"])[lang], *others)

    def rows(self, lang: str = "en") -> tuple[tuple[str, ...], ...]:
        """One row a week for a terminal table (under 80 columns): sessions, strength, minutes a week,
        target met.
        """
        return tuple(_week_row(week, lang) for week in self.weeks)


def _week_row(week: PlanWeek, lang: str) -> tuple[str, ...]:
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


def _session(session: Session) -> dict[str, Any]:
    return {
        "kind": session.kind,
        "minutes": session.minutes,
        "heart_rate_max": session.heart_rate_max,
        "in_company": session.in_company,
        "parts": [
            {
                "part": part.kind,
                "intensity": part.intensity.word,
                "minutes": part.minutes,
                "most_bouts": part.bouts,
                "borg": list(part.borg) if part.borg else None,
                "exercises": [_exercise_dict(exercise) for exercise in part.exercises],
            }
            for part in session.parts
        ],
    }


def _exercise_dict(exercise: PlannedExercise) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": exercise.id, "name": dict(exercise.name)}
    if exercise.sets is not None:
        plain["sets"] = exercise.sets
        plain["repetitions"] = list(exercise.repetitions or ())
        plain["load"] = dict(exercise.load or {})
    return plain


def _exercise(exercise: PlannedExercise, lang: str) -> str:
    name = exercise.name[lang]
    if exercise.sets is None or exercise.repetitions is None:
        return name
    low, high = exercise.repetitions
    return f"{name} {exercise.sets} × {low}-{high} ({(exercise.load or {}).get(lang, '')})"


def _harmless(cell: Any) -> Any:
    text = str(cell)
    formula = text.lstrip().startswith(tuple("=+-@＝＋－＠")) or text[:1] in ("\t", "\r", "\n")
    return f"'{text}" if formula else cell
