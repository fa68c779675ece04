"""An adaptation for people, at most 80 columns wide: today, what moves and why, the sessions, what was delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from datetime import date

    from exrx.training.adapting.adapt import Adaptation, Move
    from exrx.training.delivered.dose import Delivered
    from exrx.training.plan_parts import PlanDay
    from exrx.training.session import Part, Session

_WORDS = {
    "da": {
        "head": "NÆSTE TRÆNINGER, uge {week}", "draft": "UDKAST, må ikke tages i brug", "today": "I dag",
        "nothing today": "ingen planlagt træning", "moves": "Hvad ændrer sig", "sessions": "Træningerne",
        "delivered": "Leveret indtil nu", "notes": "Bemærk", "get": "Gør først", "plan": "planen {x}",
        "aerobic-minutes": "kondition, min", "intervals": "intervaller", "sets": "styrke, sæt", "load": "kg",
        "session": "træning", "class": "hold", "home": "hjemme", "rests": "Hviler på ubekræftede regler: {x}",
        "aerobic": "kondition", "strength": "styrke", "impact": "hop og stød", "balance": "balance",
        "warm-up": "opvarmning", "cool-down": "nedkøling", "relaxation": "afspænding", "rules": "regler: {x}",
        "pulse": "puls højst {x}", "company": "sammen med en anden",
    },
    "en": {
        "head": "NEXT SESSIONS, week {week}", "draft": "DRAFT, not to be used", "today": "Today",
        "nothing today": "no session planned", "moves": "What changes", "sessions": "The sessions",
        "delivered": "Delivered so far", "notes": "Note", "get": "First", "plan": "plan {x}",
        "aerobic-minutes": "aerobic, min", "intervals": "intervals", "sets": "strength, sets", "load": "kg",
        "session": "session", "class": "class", "home": "at home", "rests": "Rests on unverified rules: {x}",
        "aerobic": "aerobic", "strength": "strength", "impact": "impact", "balance": "balance",
        "warm-up": "warm-up", "cool-down": "cool-down", "relaxation": "relaxation", "rules": "rules: {x}",
        "pulse": "pulse at most {x}", "company": "in company",
    },
}  # fmt: skip
_WEEKDAYS = {
    "da": ("man", "tir", "ons", "tor", "fre", "lør", "søn"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_ARROWS = {"up": "↑", "hold": "=", "down": "↓"}


def adaptation_report(answer: Adaptation, got: Delivered, lang: str) -> RenderableType:
    """Everything a physiotherapist needs for the coming sessions; a draft and an EXAMPLE are marked first."""
    words = _WORDS[lang]
    marks = (["EXAMPLE"] if answer.example else []) + ([words["draft"]] if answer.draft else [])
    head = " · ".join([*marks, words["head"].format(week=answer.week), answer.patient or "-"])
    parts: list[RenderableType] = [Text(head, style="bold red" if marks or answer.waiting else "bold green")]
    parts += [Text(""), *_today(answer, lang), Text(""), Text(words["moves"], style="bold"), *_moves(answer, lang)]
    if answer.sessions:
        parts += [Text(""), Text(words["sessions"], style="bold"), _sessions(answer.sessions, lang)]
    parts += [Text(""), Text(words["delivered"], style="bold"), Padding(Text(got.cert_16b()[lang]), (0, 0, 0, 2))]
    if answer.notes:
        parts += [Text(""), Text(words["notes"], style="bold")]
        parts += [Padding(Text(note[lang]), (0, 0, 0, 2)) for note in answer.notes]
    parts.append(Text(""))
    if answer.unverified:
        parts.append(Text(words["rests"].format(x="; ".join(answer.unverified)), style="dim"))
    parts.append(Text(answer.notice[lang], style="italic"))
    parts.append(Text(f"{answer.engine} · {answer.training} · {words['rules'].format(x=answer.rules)}", style="dim"))
    return Group(*parts)


def _today(answer: Adaptation, lang: str) -> Iterator[RenderableType]:
    words, today = _WORDS[lang], answer.today
    yield Text(f"{words['today']}, {_date(today.date, lang)}", style="bold")
    if today.refused is not None:
        yield Padding(Text(today.refused[lang], style="red"), (0, 0, 0, 2))
    elif today.session is None:
        yield Padding(Text(words["nothing today"]), (0, 0, 0, 2))
    else:
        yield Padding(Text(f"{today.key}: {_session(today.session, lang)}"), (0, 0, 0, 2))
    for each in (*today.get, *today.why):
        yield Padding(Text(each[lang], style="dim"), (0, 0, 0, 4))


def _moves(answer: Adaptation, lang: str) -> Iterator[RenderableType]:
    """Moves that say the same of several sessions share their lines."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for move in answer.moves:
        grouped.setdefault((*_numbers(move, lang), move.why[lang]), []).append(move.key)
    for (arrow, target, numbers, planned, why), keys in grouped.items():
        shown = dict.fromkeys(keys)
        yield Padding(Text(f"{arrow} {target}: {numbers}{planned} · {', '.join(shown)}"), (0, 0, 0, 2))
        yield Padding(Text(why, style="dim"), (0, 0, 0, 4))


def _numbers(move: Move, lang: str) -> tuple[str, str, str, str]:
    words = _WORDS[lang]
    target = f"{move.exercise}, {words['load']}" if move.exercise else words[move.target]
    differs = move.planned is not None and move.planned != move.after
    planned = f" ({words['plan'].format(x=_number(move.planned))})" if differs else ""
    return _ARROWS[move.direction], target, f"{_number(move.before)} → {_number(move.after)}", planned


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _sessions(days: tuple[PlanDay, ...], lang: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for day in days:
        if day.session is not None:
            table.add_row(_date(day.date, lang), day.key, _session(day.session, lang))
    return table


def _session(session: Session, lang: str) -> str:
    words = _WORDS[lang]
    said = [f"{words.get(session.kind, session.kind)} {session.minutes} min"]
    said += [_part(part, lang) for part in session.parts]
    said += [words["pulse"].format(x=session.heart_rate_max)] if session.heart_rate_max else []
    said += [words["company"]] if session.in_company else []
    return ", ".join(said)


def _part(part: Part, lang: str) -> str:
    borg = f" Borg {part.borg[0]}-{part.borg[1]}" if part.borg and part.kind in ("aerobic", "strength") else ""
    sets = sum(each.sets or 0 for each in part.exercises)
    many = f" {sets} {'sæt' if lang == 'da' else 'sets'}" if sets else ""
    times = f" {part.intervals.repeats} ×" if part.intervals else ""
    return f"{_WORDS[lang].get(part.kind, part.kind)} {part.minutes} min{times}{many}{borg}"


def _date(day: date, lang: str) -> str:
    return f"{_WEEKDAYS[lang][day.weekday()]} {day.isoformat()}"
