"""A training plan for people: what to reach, what was changed and why, the weeks, and one week in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import EXAMPLE, Phrases
from exrx.report.notes import note_words
from exrx.training.wording import effort_words, spoken

if TYPE_CHECKING:
    from exrx.training.plan import Plan

_WORDS = {
    "da": {
        "plan": "TRÆNINGSPLAN", "weeks": "{n} uger fra {date}", "draft": "UDKAST, må ikke tages i brug",
        "target": "Mål", "changes": "Tilpasset", "week": "Uge {n}", "weeks head": "Uge for uge",
        "notes": "Bemærk", "warm-up": "opvarmning", "aerobic": "kondition", "strength": "styrke",
        "cool-down": "nedkøling", "balance": "balance", "impact": "hop og stød", "relaxation": "afspænding",
        "class": "hold", "own": "individuelt", "home": "hjemme",
        "company": "sammen med en anden", "bouts": "fordelt på højst {n} gange",
        "replaced": "i stedet for {old}: {new}", "left out": "udeladt: {old}", "avoid": "Undgå",
        "monitor": "Hold øje med", "at most": "puls højst {n}/min", "phase": "Fase", "evidence": "evidens: {x}",
        "evaluation": "Evaluering", "steering": "Styres efter", "treatment": "Behandling",
        "blood": "Blodprøve senest", "left out head": "Udgår", "session": "uge {n}: {x}",
        "missing": "Mangler før endelig",
    },
    "en": {
        "plan": "TRAINING PLAN", "weeks": "{n} weeks from {date}", "draft": "DRAFT, not to be used",
        "target": "Target", "changes": "Adapted", "week": "Week {n}", "weeks head": "Week by week",
        "notes": "Note", "warm-up": "warm-up", "aerobic": "aerobic", "strength": "strength",
        "cool-down": "cool-down", "balance": "balance", "impact": "impact", "relaxation": "relaxation",
        "class": "class", "own": "individual", "home": "at home",
        "company": "in company", "bouts": "in at most {n} bouts", "replaced": "instead of {old}: {new}",
        "left out": "left out: {old}", "avoid": "Avoid", "monitor": "Watch",
        "at most": "pulse at most {n}/min", "phase": "Phase", "evidence": "evidence: {x}",
        "evaluation": "Evaluation", "steering": "Steered by", "treatment": "Treatment",
        "blood": "Blood test by", "left out head": "Left out", "session": "week {n}: {x}",
        "missing": "Missing before final",
    },
}  # fmt: skip
_WEEKDAYS = {
    "da": ("man", "tir", "ons", "tor", "fre", "lør", "søn"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def plan_report(plan: Plan, lang: str, names: Dictionary, *, brief: bool = False) -> RenderableType:
    """The plan, at most 80 columns wide; a draft and an EXAMPLE are marked in the first line.

    The first and the last week stand in full, with `brief` only the first.
    """
    p, words = Phrases(lang, names), _WORDS[lang]
    parts: list[RenderableType] = [_headline(plan, p), Text(plan.patient or p["no id"], style="dim")]
    reaches = [(reach.label[lang], reach.text[lang]) for reach in plan.reaches]
    parts += [Text(""), Text(words["target"], style="bold"), _pairs(reaches)]
    if lines := list(_around(plan, p)):
        parts += [Text(""), _pairs(lines)]
    if plan.changes:
        parts += [Text(""), Text(words["changes"], style="bold"), *_changes(plan, lang)]
    parts += [Text(""), Text(words["weeks head"], style="bold"), _weeks(plan, lang)]
    shown = [plan.weeks[0].number] if brief else [plan.weeks[0].number, plan.weeks[-1].number]
    for week in dict.fromkeys(shown):
        parts += [Text(""), Text(words["week"].format(n=week), style="bold"), *_week(plan, week, p)]
    said = {change.part for change in plan.changes}
    kinds = {"avoid": [key for key in plan.avoid if f"avoid:{key}" not in said], "monitor": plan.monitor}
    lists = [(words[kind], p.words(kind, keys)) for kind, keys in kinds.items() if keys]
    lists += [(words["notes"], note[lang]) for note in plan.notes]
    if lists:
        parts += [Text(""), _pairs(lists)]
    parts.append(Text(""))
    if plan.unverified:
        parts.append(Text(p["rests on"].format(x=p.some(plan.unverified)), style="dim"))
    parts.append(Text(note_words(plan.notice[lang], lang), style="italic"))
    hashes = ", ".join(f"{use['id']} {use['version']} ({use['sha256'][:12]})" for use in plan.protocols)
    parts.append(Text(f"{plan.engine} · {plan.training} {plan.training_version} · {hashes}", style="dim"))
    return Group(*parts)


def _headline(plan: Plan, p: Phrases) -> Text:
    words = _WORDS[p.lang]
    marks = [EXAMPLE] if plan.example else []
    marks += [words["draft"]] if plan.draft else []
    span = words["weeks"].format(n=len(plan.weeks), date=p.date(plan.start.isoformat()))
    head = " · ".join([*marks, f"{words['plan']}, {span}"])
    return Text(head, style="bold red" if plan.draft else "bold green")


def _around(plan: Plan, p: Phrases) -> Iterator[tuple[str, str]]:
    """The phase, what the effort is steered by, the treatment, what has no day, and what a final plan still needs."""
    words, lang = _WORDS[p.lang], p.lang
    if plan.phase:
        yield words["phase"], f"{plan.phase.title[lang]}: {plan.phase.goal[lang]}"
        yield "", words["evidence"].format(x=plan.phase.evidence[lang])
        yield words["evaluation"], p.date(plan.phase.evaluation.isoformat())
    if plan.steering:
        yield words["steering"], " ".join(spoken(reason)[lang] for reason in plan.steering)
    if plan.treatment:
        days = ", ".join(p.date(day.isoformat()) for day in plan.treatment.infusions)
        yield words["treatment"], f"{plan.treatment.label[lang]}: {days}"
        if plan.treatment.blood_tests:
            yield words["blood"], ", ".join(p.date(day.isoformat()) for day in plan.treatment.blood_tests)
    out: dict[str, list[int]] = {}
    for week in plan.weeks:
        for each in week.left_out:
            out.setdefault(each.why[lang], []).append(week.number)
    for why, weeks in out.items():
        yield words["left out head"], words["session"].format(n=", ".join(map(str, dict.fromkeys(weeks))), x=why)
    if plan.incomplete and not plan.draft:
        yield words["missing"], ", ".join(each[lang] for each in plan.incomplete)


def _changes(plan: Plan, lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    plain = "; ".join(change.text[lang] for change in plan.changes if not change.replaced)
    if plain:
        yield Padding(Text(plain), (0, 0, 0, 2))
    for change in plan.changes:
        if change.replaced:
            yield Padding(Text(change.text[lang]), (0, 0, 0, 2))
        for old, new in change.replaced:
            key = "replaced" if new else "left out"
            text = words[key].format(old=old[lang], new=new[lang] if new else "")
            yield Padding(Text(text, style="dim"), (0, 0, 0, 4))


def _weeks(plan: Plan, lang: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for index, heading in enumerate(plan.headings(lang)):
        table.add_column(heading, justify="right" if index in (0, 5, 6) else "left", no_wrap=True)
    for row in plan.rows(lang):
        table.add_row(*row)
    return table


def _week(plan: Plan, number: int, p: Phrases) -> Iterator[RenderableType]:
    """The sessions of a week; days with the same session share its lines."""
    week = next(week for week in plan.weeks if week.number == number)
    days: dict[tuple[str, ...], list[str]] = {}
    for day in week.days:
        if day.session is not None:
            lines = (*_session(plan, day.session, p), *(note[p.lang] for note in day.notes))
            days.setdefault(lines, []).append(_WEEKDAYS[p.lang][day.date.weekday()])
    rows = []
    for (head, *parts), weekdays in days.items():
        rows += [(", ".join(weekdays), head), *(("", part) for part in parts)]
    yield _pairs(rows)


def _session(plan: Plan, session: Any, p: Phrases) -> tuple[str, ...]:
    words = _WORDS[p.lang]
    kind = words["home"] if session.kind == "home" else words["class" if plan.format == "group" else "own"]
    head = [kind, f"{session.minutes} min"]
    head += [words["company"]] if session.in_company else []
    head += [words["at most"].format(n=session.heart_rate_max)] if session.heart_rate_max is not None else []
    return (", ".join(head), *(_part(part, p) for part in session.parts))


def _part(part: Any, p: Phrases) -> str:
    words = _WORDS[p.lang]
    text = f"{words[part.kind]} {part.minutes} min"
    if part.intensity.word != "none":
        text += f", {p.word('intensity', part.intensity.word)}"
    if part.borg:
        text += f" (Borg {part.borg[0]}-{part.borg[1]})"
    if said := effort_words(part, p.lang):
        text += f", {said}"
    if part.personal:
        text += f", {part.personal[p.lang]}"
    if part.bouts > 1:
        text += f", {words['bouts'].format(n=part.bouts)}"
    exercises = "; ".join(_exercise(exercise, p.lang) for exercise in part.exercises)
    return f"{text}: {exercises}" if exercises else text


def _exercise(exercise: Any, lang: str) -> str:
    name = str(exercise.name[lang])
    if exercise.sets is None or exercise.repetitions is None:
        return name
    low, high = exercise.repetitions
    times = str(low) if low == high else f"{low}-{high}"
    kilograms = f" ({exercise.kilograms:g} kg)" if exercise.kilograms else ""
    return f"{name} {exercise.sets} × {times}{kilograms}"


def _pairs(rows: list[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(max_width=26)
    table.add_column(ratio=1)
    for label, text in rows:
        table.add_row(Text(label), Text(text))
    return Padding(table, (0, 0, 0, 2))
