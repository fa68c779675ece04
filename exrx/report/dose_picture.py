"""A picture of the weeks' dose: stacked bars of aerobic minutes by intensity, readable in grey, and its words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from exrx.training.plan import Plan
from exrx.training.plan_parts import PlanWeek

WIDTH, HEIGHT = 520, 146
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 36, 40
_LEVELS = ("light", "moderate", "vigorous")
_FILLS = {"light": "#ffffff", "moderate": "#b0b0b0", "vigorous": "#303030"}
_STEPS = (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
_MOST_LINES, _MOST_NUMBERS = 6, 26
_WORDS = {
    "da": {
        "title": "Konditionstræning, minutter om ugen", "light": "let", "moderate": "moderat",
        "vigorous": "høj intensitet", "week": "uge", "strength": "styrke", "infusion": "behandlingsdag",
        "alt": "Minutter med konditionstræning om ugen ({levels}). {weeks}.",
        "each": "Uge {n}: {light}, {moderate}, {vigorous}", "levels": "let, moderat, høj intensitet",
    },
    "en": {
        "title": "Aerobic training, minutes a week", "light": "light", "moderate": "moderate", "vigorous": "vigorous",
        "week": "week", "strength": "strength", "infusion": "treatment day",
        "alt": "Minutes of aerobic training a week ({levels}). {weeks}.",
        "each": "Week {n}: {light}, {moderate}, {vigorous}", "levels": "light, moderate, vigorous",
    },
}  # fmt: skip


def dose_words(plan: Plan, lang: str) -> str:
    """What the picture shows, in words, for those who cannot see it."""
    words = _WORDS[lang]
    each = [
        words["each"].format(n=week.number, **{level: getattr(week.dose, level) for level in _LEVELS})
        for week in plan.weeks
    ]
    return words["alt"].format(levels=words["levels"], weeks="; ".join(each))


def dose_svg(plan: Plan, lang: str) -> str:
    """The picture as SVG: axis in minutes, a bar a week, days of strength training below, weeks of treatment marked.

    Light is white, moderate grey, vigorous nearly black, each with an outline, so that it reads in grey print.
    """
    words, weeks = _WORDS[lang], plan.weeks
    most = max(10, *(_minutes(week) for week in weeks))
    step = next((each for each in _STEPS if most / each <= _MOST_LINES), math.ceil(most / _MOST_LINES))
    top = math.ceil(most / step) * step
    treated = _treated(plan)
    drawn = [
        *_axis(top, step, words["title"]),
        *_legend(words, bool(treated)),
        *_bars(weeks, top, treated),
        *_numbers(weeks, words),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(dose_words(plan, lang))}" font-family="Libertinus Serif, Georgia, serif" '
        f'font-size="9" fill="#000000">{"".join(drawn)}</svg>'
    )


def _minutes(week: PlanWeek) -> int:
    return sum(getattr(week.dose, level) for level in _LEVELS)


def _treated(plan: Plan) -> set[int]:
    """The numbers of the weeks with an infusion."""
    days = set(plan.treatment.infusions) if plan.treatment else set()
    return {week.number for week in plan.weeks if any(day.date in days for day in week.days)}


def _height(minutes: float, top: int) -> float:
    return minutes / top * (HEIGHT - _TOP - _BOTTOM)


def _axis(top: int, step: int, title: str) -> Iterator[str]:
    for minutes in range(0, top + 1, step):
        y = HEIGHT - _BOTTOM - _height(minutes, top)
        yield f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="{"#000" if minutes == 0 else "#ccc"}" fill="none"/>'
        yield _text(_LEFT - 5, y + 3, str(minutes), "end")
    yield _text(2, 10, title, "start", "bold")


def _legend(words: dict[str, str], treated: bool) -> Iterator[str]:
    x = _LEFT
    for level in _LEVELS:
        yield _box(x, 17, 9, 9, level)
        yield _text(x + 13, 24.5, words[level])
        x += 90
    if treated:
        yield _triangle(x + 4, 25)
        yield _text(x + 12, 24.5, words["infusion"])


def _bars(weeks: tuple[PlanWeek, ...], top: int, treated: set[int]) -> Iterator[str]:
    slot = (WIDTH - _LEFT - _RIGHT) / len(weeks)
    wide = min(26.0, slot * 0.62)
    for index, week in enumerate(weeks):
        middle, y = _LEFT + slot * (index + 0.5), float(HEIGHT - _BOTTOM)
        for level in _LEVELS:
            if high := _height(getattr(week.dose, level), top):
                y -= high
                yield _box(middle - wide / 2, y, wide, high, level)
        if week.number in treated:
            yield _triangle(middle, y - 3)


def _numbers(weeks: tuple[PlanWeek, ...], words: dict[str, str]) -> Iterator[str]:
    slot = (WIDTH - _LEFT - _RIGHT) / len(weeks)
    every = math.ceil(len(weeks) / _MOST_NUMBERS)
    yield _text(_LEFT - 5, HEIGHT - _BOTTOM + 13, words["week"], "end")
    yield _text(_LEFT - 5, HEIGHT - _BOTTOM + 27, words["strength"], "end")
    for index, week in enumerate(weeks[::every]):
        middle = _LEFT + slot * (index * every + 0.5)
        yield _text(middle, HEIGHT - _BOTTOM + 13, str(week.number), "middle")
        yield _text(middle, HEIGHT - _BOTTOM + 27, f"{week.dose.strength_days}×", "middle")


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'


def _box(x: float, y: float, wide: float, high: float, level: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{_FILLS[level]}" '
        'stroke="#000000" stroke-width="0.7"/>'
    )


def _triangle(x: float, y: float) -> str:
    return f'<path d="M{x - 4:.1f} {y - 7:.1f}h8l-4 7z" fill="#000000"/>'
