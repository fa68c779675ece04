"""A cohort's summary with bars: who trains where, why, and which answers are waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.forms import load_forms
from exrx.report import CLEARANCES, Phrases, colour_of, first_sentence, shown_count
from exrx.report.first_step import forms_to_hand_out

if TYPE_CHECKING:
    from exrx.screening import Decision, Decisions

_BAR = 26
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_WORDS = {
    "da": {
        "patients": "{n} patienter",
        "places": "Hvem træner hvor",
        "reasons": "Hyppigste grunde til ikke at træne i dag",
        "changes": "Hyppigste tilpasninger",
        "facts": "Skaf først disse svar ({n} patienter venter på svar)",
        "none": "ingen",
        "sample": "talt på de første {n}",
        "group": "på hold, som planlagt",
        "adapted": "på hold, med tilpasning",
        "individual": "individuelt",
        "assess": "spørg først",
        "consult": "vent på lægens svar",
        "defer": "ikke i dag",
        "stop": "må ikke træne her",
        "emergency": "akut: handl nu",
    },
    "en": {
        "patients": "{n} patients",
        "places": "Who trains where",
        "reasons": "Most frequent reasons not to train today",
        "changes": "Most frequent adaptations",
        "facts": "Get these answers first ({n} patients wait for one)",
        "none": "none",
        "sample": "counted in the first {n}",
        "group": "in the group, as planned",
        "adapted": "in the group, adapted",
        "individual": "individually",
        "assess": "ask first",
        "consult": "wait for a physician",
        "defer": "not today",
        "stop": "not to train here",
        "emergency": "emergency: act now",
    },
}
PLACES = ("group", "adapted", "individual", "assess", "consult", "defer", "stop", "emergency")


@attrs.frozen
class RuleCount:
    """A rule and how many patients it holds for."""

    rule: str
    because: dict[str, str]
    clearance: str
    patients: int


@attrs.frozen
class Wanted:
    """A fact, or a form to hand out, that so many patients wait for first; `who` answers it."""

    name: str
    is_form: bool
    who: str
    patients: int


@attrs.frozen
class CohortSummary:
    """What a cohort's decisions come to: places, reasons, and the facts whose answers are waited for."""

    patients: int
    places: dict[str, int]
    reasons: tuple[RuleCount, ...]
    changes: tuple[RuleCount, ...]
    facts: tuple[Wanted, ...]
    asked: int

    @property
    def waiting(self) -> int:
        """How many patients are `assess`."""
        return self.places["assess"]

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON."""
        return attrs.asdict(self)


def summarise(decisions: Decisions, waiting: Iterable[Decision]) -> CohortSummary:
    """Count a cohort's decisions; `waiting` are the full decisions of the rows that are `assess`,
    or of the first of them.

    `facts` counts, over `waiting`, the form that answers most, or the fact that stands first in `missing`.
    """
    import numpy as np

    from exrx.rules.restriction import Clearance
    from exrx.screening.verdict import format_of

    clearance = decisions.clearance
    active = decisions.rules.stage.rules
    group_class = decisions.rules.group_class
    alone = np.full(len(decisions), format_of(decisions.rules.floor, group_class) == "individual")
    for each in active:
        if format_of(each.rule.then, group_class) == "individual":
            alone |= decisions.fired(each.rule.id) | decisions.undecided(each.rule.id)
    trains = clearance <= Clearance.MODIFY
    places = {
        "group": int((trains & ~alone & (clearance == Clearance.CLEAR)).sum()),
        "adapted": int((trains & ~alone & (clearance == Clearance.MODIFY)).sum()),
        "individual": int((trains & alone).sum()),
    }
    for level in (Clearance.ASSESS, Clearance.CONSULT, Clearance.DEFER, Clearance.STOP, Clearance.EMERGENCY):
        places[level.word] = int((clearance == level).sum())
    counts = _telling_counts(decisions)
    ranked = sorted(
        (
            RuleCount(each.rule.id, each.rule.because, each.rule.then.clearance.word, counts[each.rule.id])
            for each in active
            if counts.get(each.rule.id)
        ),
        key=lambda found: (-found.patients, found.rule),
    )
    asked = list(waiting)
    first = Counter(_first_wanted(decision) for decision in asked if decision.missing)
    ordered = sorted(first.items(), key=lambda item: (-item[1], item[0]))
    return CohortSummary(
        patients=len(decisions),
        places=places,
        reasons=tuple(found for found in ranked if CLEARANCES.index(found.clearance) >= Clearance.CONSULT),
        changes=tuple(found for found in ranked if CLEARANCES.index(found.clearance) < Clearance.CONSULT),
        facts=tuple(Wanted(*wanted, patients) for wanted, patients in ordered),
        asked=len(asked),
    )


def _telling_counts(decisions: Decisions) -> dict[str, int]:
    """For how many patients each rule fires; of rules that ask the same of the same facts only the first."""
    counts, seen = {}, set()
    every = decisions.rule_counts()
    for each in decisions.rules.stage.rules:
        fires = every[each.rule.id][0]
        alike = (frozenset(each.rule.fields), each.rule.then.clearance, fires)
        if alike not in seen:
            seen.add(alike)
            counts[each.rule.id] = fires
    return counts


def _first_wanted(decision: Decision) -> tuple[str, bool, str]:
    forms = forms_to_hand_out((fact.field for fact in decision.missing), decision.stage)
    if forms:
        return forms[0].id, True, ""
    return decision.missing[0].field, False, decision.missing[0].who


def cohort_report(summary: CohortSummary, lang: str, names: Dictionary, *, top: int = 5) -> RenderableType:
    """The summary with bars: who trains where, the most frequent reasons, the answers to get first."""
    p, words = Phrases(lang, names), _WORDS[lang]
    total = max(summary.patients, 1)
    places = [
        (
            words[place],
            summary.places[place],
            "green" if place in PLACES[:3] else colour_of(place).split(" on ")[-1],
        )
        for place in PLACES
    ]
    parts: list[RenderableType] = [
        _title(words["places"], words["patients"].format(n=shown_count(summary.patients, lang))),
        _bars(places, total, lang),
    ]
    for key, rules in (("reasons", summary.reasons), ("changes", summary.changes)):
        if rules:
            parts += [Text(""), _title(words[key]), _ranked(_in_short(rules, p)[:top], lang)]
    counted = "" if summary.asked == summary.waiting else words["sample"].format(n=shown_count(summary.asked, lang))
    parts += [Text(""), _title(words["facts"].format(n=shown_count(summary.waiting, lang)), counted)]
    facts = [(wanted.patients, _wanted(wanted, p)) for wanted in summary.facts[:top]]
    parts.append(_ranked(facts, lang) if facts else Text(words["none"]))
    return Group(*parts)


def _in_short(rules: Iterable[RuleCount], p: Phrases) -> list[tuple[int, str]]:
    """The first sentence of each reason; rules that begin alike are one line, with the larger count."""
    said: dict[str, int] = {}
    for found in rules:
        first = first_sentence(p.text(found.because)).rstrip(".")
        said[first] = max(said.get(first, 0), found.patients)
    return [(patients, text) for text, patients in said.items()]


def _wanted(wanted: Wanted, p: Phrases) -> str:
    if wanted.is_form:
        return p["hand out"].format(x=p.text(load_forms()[wanted.name].title))
    return f"{p.label(wanted.name)} ({p.word('who', wanted.who)})"


def _title(text: str, end: str = "") -> Text:
    return Text.assemble((text, "bold"), (f" · {end}" if end else "", "dim"))


def _ranked(rows: list[tuple[int, str]], lang: str) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(justify="right", width=6)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for count, text in rows:
        table.add_row(Text(shown_count(count, lang)), Text(text))
    return table


def _bars(rows: list[tuple[str, int, str]], total: int, lang: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(width=_BAR)
    table.add_column(justify="right")
    table.add_column(justify="right")
    largest = max((count for _, count, _ in rows), default=0) or 1
    for label, count, style in rows:
        share = f"{100 * count / total:.1f} %"
        table.add_row(
            Text(f"  {label}"),
            Text(bar(count / largest, _BAR), style=style),
            shown_count(count, lang),
            Text(share.replace(".", ",") if lang == "da" else share, style="dim"),
        )
    return table


def bar(share: float, width: int) -> str:
    """A bar of `share` (0-1) of `width` columns in eighths of a column; anything above 0 shows."""
    eighths = round(share * width * 8) or (1 if share > 0 else 0)
    return _EIGHTHS[8] * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
