"""The weeks of a plan's sheet: a row a week, a picture, the first week in full, its exercises, and the diary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from exrx.report import Phrases
from exrx.report.dose_picture import dose_svg, dose_words
from exrx.report.sheet_blocks import Block, Grid, Items, Line, Log, Picture, Section
from exrx.report.sheet_words import WEEKDAYS, WORDS, short_date, short_day
from exrx.training.exercises import load_exercises
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.plan import Plan
from exrx.training.plan_parts import PlanDay, PlanWeek
from exrx.training.session import Part, PlannedExercise, Session
from exrx.training.wording import effort_words

_FIELD_NAME = re.compile(r" \([a-z0-9_, ]+\)")
_WEEK_WIDTHS = (0.6, 1.6, 1.2, 1.2, 1.6, 1.6, 1.9, 0.8)


def weeks_section(plan: Plan, p: Phrases) -> Section:
    """A row a week with a picture of the dose, what changes, and the days that ask for something."""
    words = WORDS[p.lang]
    picture = Picture(dose_svg(plan, p.lang), dose_words(plan, p.lang), "")
    blocks = [picture, _weeks(plan, p), Line(words["levels"], "small"), *_days(plan, p), *_left_out(plan, p)]
    changes = [f"{words['week n'].format(n=week.number)}: {said}" for week in plan.weeks if (said := _said(week, p))]
    if changes:
        blocks += [Line(words["changes later"], "strong"), Items(tuple(changes), small=True)]
    return Section(words["the weeks"], tuple(blocks))


def first_week_section(plan: Plan, p: Phrases) -> Section:
    """The sessions of the first week that has any, part by part; days with the same session share it."""
    words = WORDS[p.lang]
    week = next((week for week in plan.weeks if any(day.session for day in week.days)), None)
    if week is None:
        return Section(words["first week"].format(n=1), (Line(words["no sessions"]),))
    blocks: list[Block] = [_session(session, weekdays, plan, p) for session, weekdays in _alike(week, p.lang)]
    if plan.steering:
        reasons = tuple(_FIELD_NAME.sub("", reason[p.lang]) for reason in plan.steering)
        blocks += [Line(words["steered"], "strong"), Items(reasons, small=True)]
    return Section(words["first week"].format(n=week.number), tuple(blocks))


def exercise_section(plan: Plan, p: Phrases) -> Section:
    """Every exercise of the plan once: its dose where it first comes, and how it is done."""
    words, rows = WORDS[p.lang], []
    known = load_exercises().by_id
    for number, exercise in _first_uses(plan):
        entry = known.get(exercise.id)
        how = getattr(entry, "instruction", None) or {}
        dose = _dose(exercise, p.lang)
        later = words["from week"].format(n=number) if number > 1 else ""
        rows.append((exercise.name[p.lang], ", ".join(filter(None, (dose, later))), how.get(p.lang, "")))
    heads = (words["exercise"], words["dose"], words["how"])
    grid = Grid("", heads, tuple(rows), (1.7, 1.9, 5), small=True)
    return Section(words["exercises"], (grid,) if rows else (Line(words["no sessions"]),))


def log_section(plan: Plan, p: Phrases) -> Section:
    """A line a session to fill in by hand: done, minutes, Borg, pain, why it was stopped."""
    words = WORDS[p.lang]
    weeks: dict[int, list[tuple[str, str]]] = {}
    for each in keyed_sessions(plan).values():
        weeks.setdefault(each.week, []).append((each.key, _planned(each, plan, p)))
    heads = tuple(words[key] for key in ("key", "planned", "done", "minutes", "borg", "pain", "why stopped"))
    blocks: list[Block] = [Line(words["log caption"], "small")]
    if any(_mark(day) for week in plan.weeks for day in week.days):
        blocks.append(Line(words["log marks"], "small"))
    blocks.append(Log(words["log"], heads, tuple(map(tuple, weeks.values())), (1, 2.9, 0.55, 0.85, 0.9, 1.2, 1.9)))
    return Section(words["log"], tuple(blocks), new_page=True)


def _said(week: PlanWeek, p: Phrases) -> str:
    return "; ".join(filter(None, (week.change[p.lang], *(note[p.lang] for note in week.notes))))


def _weeks(plan: Plan, p: Phrases) -> Grid:
    words, led = WORDS[p.lang], _led(plan, p)
    heads = (
        words["week"], words["dates"], led, words["home"], words["class minutes"].format(x=led.lower()),
        words["home minutes"], words["strength"], words["met"],
    )  # fmt: skip
    rows = []
    for week, (number, _, classes, home, strength, *_, met) in zip(plan.weeks, plan.rows(p.lang), strict=True):
        days = f"{short_date(week.days[0].date, p.lang)}-{short_date(week.days[-1].date, p.lang)}"
        minutes = [" · ".join(str(each) for each in week.minutes(kind).values()) for kind in ("class", "home")]
        rows.append((number, days, classes, home, *minutes, strength, met))
    return Grid("", heads, tuple(rows), _WEEK_WIDTHS, (0,))


def _led(plan: Plan, p: Phrases) -> str:
    return WORDS[p.lang]["individual" if plan.format == "individual" else "group"]


def _mark(day: PlanDay) -> str:
    """B where a blood test belongs before the session, L on the days after an infusion."""
    if day.session is None:
        return ""
    return "B" if day.treatment.endswith("nadir") else "L" if day.treatment.endswith("hard") else ""


def _days(plan: Plan, p: Phrases) -> Iterator[Block]:
    words, days = WORDS[p.lang], [day for week in plan.weeks for day in week.days if day.session]
    for mark, key in (("B", "blood first"), ("L", "easier days")):
        dates = [short_day(day.date, p.lang) for day in days if _mark(day) == mark]
        if dates:
            yield Line(f"{words[key]}:", "strong")
            yield Line(", ".join(dates))
    others = [day for day in days if day.notes and not _mark(day)]
    if others:
        yield Line(f"{words['other days']}:", "strong")
        said = (f"{short_day(d.date, p.lang)}: {'; '.join(note[p.lang] for note in d.notes)}" for d in others)
        yield Items(tuple(said), 2, small=True)


def _left_out(plan: Plan, p: Phrases) -> Iterator[Block]:
    words = WORDS[p.lang]
    weeks: dict[str, list[int]] = {}
    for week in plan.weeks:
        for each in week.left_out:
            weeks.setdefault(each.why[p.lang], []).append(week.number)
    if weeks:
        yield Line(f"{words['left out']}:", "strong")
        yield Items(tuple(_left_out_words(why, numbers, words) for why, numbers in weeks.items()), small=True)


def _left_out_words(why: str, numbers: list[int], words: dict[str, str]) -> str:
    many = words["sessions one"] if len(numbers) == 1 else words["sessions many"].format(n=len(numbers))
    listed = ", ".join(str(number) for number in dict.fromkeys(numbers))
    return words["left out of"].format(n=many, weeks=f"{words['week'].lower()} {listed}", why=why)


def _alike(week: PlanWeek, lang: str) -> list[tuple[Session, list[str]]]:
    """The different sessions of a week, each with its weekdays."""
    alike: list[tuple[Session, list[str]]] = []
    for day in week.days:
        if day.session is None:
            continue
        weekday = WEEKDAYS[lang][day.date.weekday()]
        known = next((days for session, days in alike if session == day.session), None)
        if known is None:
            alike.append((day.session, [weekday]))
        else:
            known.append(weekday)
    return alike


def _kind(session: Session, plan: Plan, p: Phrases) -> str:
    return WORDS[p.lang]["home"] if session.kind == "home" else _led(plan, p)


def _session(session: Session, weekdays: list[str], plan: Plan, p: Phrases) -> Grid:
    words = WORDS[p.lang]
    head = words["session"].format(kind=_kind(session, plan, p), n=session.minutes, days=", ".join(weekdays))
    said = [words["in company"]] if session.in_company else []
    said += [words["pulse at most"].format(x=session.heart_rate_max)] if session.heart_rate_max is not None else []
    said += [note[p.lang] for note in session.notes]
    rows = tuple(_part(part, p) for part in session.parts)
    heads = tuple(words[key] for key in ("part", "min", "effort", "what"))
    return Grid("; ".join([head, *said]), heads, rows, (1.2, 0.6, 2.2, 4.4), (1,))


def _part(part: Part, p: Phrases) -> tuple[str, ...]:
    words = WORDS[p.lang]
    effort = [] if part.intensity.word == "none" else [p.word("intensity", part.intensity.word)]
    effort += [f"Borg {_span(*part.borg)}"] if part.borg else []
    effort += [effort_words(part, p.lang)]
    effort += [part.personal[p.lang]] if part.personal else []
    what = "; ".join(_named(exercise, p.lang) for exercise in part.exercises)
    split = words["bouts"].format(n=part.bouts) if part.bouts > 1 else ""
    title = words["strength part" if part.kind == "strength" else part.kind]
    return title, str(part.minutes), ", ".join(filter(None, effort)), "; ".join(filter(None, (what, split)))


def _named(exercise: PlannedExercise, lang: str) -> str:
    sets = _sets(exercise, lang)
    return f"{exercise.name[lang]} {sets}" if sets else exercise.name[lang]


def _sets(exercise: PlannedExercise, lang: str) -> str:
    if exercise.sets is None or exercise.repetitions is None:
        return ""
    kilograms = f" · {exercise.kilograms:g} kg".replace(".", "," if lang == "da" else ".") if exercise.kilograms else ""
    return f"{exercise.sets} × {_span(*exercise.repetitions)}{kilograms}"


def _dose(exercise: PlannedExercise, lang: str) -> str:
    load = exercise.load[lang] if exercise.load else ""
    return ", ".join(filter(None, (_sets(exercise, lang), load)))


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _first_uses(plan: Plan) -> Iterator[tuple[int, PlannedExercise]]:
    """Each exercise of the plan with the week it first comes in, strength exercises with their first dose."""
    seen: set[str] = set()
    for week in plan.weeks:
        for exercise in _exercises(week):
            if exercise.id not in seen:
                seen.add(exercise.id)
                yield week.number, exercise


def _exercises(week: PlanWeek) -> Iterable[PlannedExercise]:
    return (exercise for day in week.days if day.session for part in day.session.parts for exercise in part.exercises)


def _planned(each: KeyedSession, plan: Plan, p: Phrases) -> str:
    kind = "home" if each.kind == "home" else "individual" if plan.format == "individual" else "group"
    said = f"{short_day(each.date, p.lang)} {WORDS[p.lang][f'log {kind}']} {each.session.minutes}"
    return f"{said} {_mark(each.day)}".rstrip()
