"""A simulation in lines for a terminal: what came of each protocol, beside published figures, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.report import shown_count, shown_date

MOST_RULES = 8
CAUSE_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "held": "gennemført", "held-in-part": "gennemført delvist", "ill": "syg",
        "after-infection": "venter efter infektion", "did-not-come": "mødte ikke (ferie, andet)",
        "not-cleared": "må ikke i dag", "missing-facts": "oplysninger mangler",
        "nothing-left": "intet tilbage under dagens grænser", "not-earned": "planens trin ikke nået",
    },
    "en": {
        "held": "held", "held-in-part": "held in part", "ill": "ill", "after-infection": "waiting after an infection",
        "did-not-come": "did not come (holiday, other)", "not-cleared": "not cleared that day",
        "missing-facts": "facts missing", "nothing-left": "nothing left under the day's limits",
        "not-earned": "step of the plan not reached",
    },
}  # fmt: skip
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "synthetic": "SYNTETISKE PATIENTER: ingen rigtige mennesker, ingen prognose, ingen klinisk påstand.",
        "head": "{n} syntetiske patienter, {weeks} uger fra {day}, {training} mod {target}, frø {seed}",
        "enrolled": "optaget", "planned": "planlagte træninger", "of planned": "Af de planlagte",
        "attendance": "fremmøde pr. person (spredning)", "class_attendance": "fremmøde på hold",
        "week_after": "fremmøde i ugen efter en infusion", "rdi": "RDI, minutter, pr. person (spredning)",
        "ratio_of_sums": "RDI, sum af alle", "interrupted": "med 3+ udeblivelser i træk",
        "short_misses": "med 1-2 udeblivelser i træk",
        "target": "nåede målet i mindst én uge", "median": "median uge for dem, der nåede det",
        "never": "nåede det aldrig",
        "rules": "Hvad stod i vejen?", "sessions": "træninger", "beside": "uden for reglerne",
        "differences": "Forskel patient for patient: {other} minus {first}",
        "m held": "gennemførte træninger", "m not-cleared": "træninger uden tilladelse",
        "m missing-facts": "træninger uden oplysninger", "m done_minutes": "minutter trænet",
        "m done_sets": "sæt trænet", "m attendance": "fremmøde, %", "m rdi": "RDI, %",
        "mean": "i snit", "error": "± fra simuleringen", "more": "flere", "fewer": "færre",
        "errors": "± siger kun, hvor mange der blev simuleret; ikke, hvad der gælder for rigtige patienter.",
        "published": "Publicerede tal til sammenligning",
        "p attendance": "fremmøde", "p week_after": "i ugen efter", "p rdi": "RDI", "p interrupted": "3+ i træk",
        "p short_misses": "1-2 i træk",
        "assumed": "Antaget om mennesker (skift med --assume NAVN=VÆRDI)",
        "ours": "vores antagelse, ikke efterprøvet", "primary": "læst i kilden", "given": "givet med kaldet",
        "all days": "Planlagt er hold- og hjemmedage, alle screenet på dagen; publiceret er superviserede træninger.",
    },
    "en": {
        "synthetic": "SYNTHETIC PATIENTS: no real people, no forecast, no clinical claim.",
        "head": "{n} synthetic patients, {weeks} weeks from {day}, {training} towards {target}, seed {seed}",
        "enrolled": "enrolled", "planned": "sessions planned", "of planned": "Of those planned",
        "attendance": "attendance by person (SD)", "class_attendance": "attendance in class",
        "week_after": "attendance in the week after an infusion", "rdi": "RDI, minutes, by person (SD)",
        "ratio_of_sums": "RDI, sum of all", "interrupted": "with 3+ missed in a row",
        "short_misses": "with 1-2 missed in a row",
        "target": "met the target in a week", "median": "median week of those who met it", "never": "never met it",
        "rules": "What stood against it?", "sessions": "sessions", "beside": "beside the rules",
        "differences": "Patient by patient: {other} minus {first}",
        "m held": "sessions held in full", "m not-cleared": "sessions not cleared",
        "m missing-facts": "sessions with facts missing", "m done_minutes": "minutes trained",
        "m done_sets": "sets trained", "m attendance": "attendance, %", "m rdi": "RDI, %",
        "mean": "mean", "error": "± of simulating", "more": "more", "fewer": "fewer",
        "errors": "± says how many were simulated, and nothing about real patients.",
        "published": "Published figures to hold it against",
        "p attendance": "attendance", "p week_after": "week after", "p rdi": "RDI", "p interrupted": "3+ in a row",
        "p short_misses": "1-2 in a row",
        "assumed": "Assumed about people (change with --assume NAME=VALUE)",
        "ours": "our assumption, not verified", "primary": "read in the source", "given": "given with the call",
        "all days": "Planned are classes and home days, each screened that day; published are supervised sessions.",
    },
}  # fmt: skip


def simulation_report(content: Mapping[str, Any], lang: str) -> RenderableType:
    """A summary of schema `exrx/simulation/1` in words."""
    words = _WORDS[lang]
    head = words["head"].format(
        n=shown_count(content["patients"], lang), weeks=content["weeks"], day=shown_date(content["start"], lang),
        training=content["training"]["id"], target=content["target"], seed=content["seed"],
    )  # fmt: skip
    return Group(
        Text(words["synthetic"], style="bold red"),
        Text(head, style="bold"),
        Text(""),
        _results(content["variants"], lang),
        *_rules(content["variants"], lang),
        *_differences(content["differences"], lang),
        *_published(content["published"], lang),
        *_assumptions(content["assumptions"], lang),
    )


def _results(variants: list[dict[str, Any]], lang: str) -> Table:
    words, table = _WORDS[lang], _table("", *(variant["name"] for variant in variants))

    def row(label: str, cells: Iterable[str]) -> None:
        table.add_row(label, *cells)

    row(words["enrolled"], (shown_count(each["enrolled"], lang) for each in variants))
    row(words["planned"], (shown_count(each["planned"], lang) for each in variants))
    table.add_row(Text(words["of planned"], style="dim"))
    for cause, text in CAUSE_WORDS[lang].items():
        shares = (_ratio(each["causes"][cause], each["planned"]) for each in variants)
        row(f"  {text}", (percent(share, lang) for share in shares))
    row(words["attendance"], (_with_spread(each["attendance"], lang) for each in variants))
    for name in ("class_attendance", "week_after"):
        row(words[name], (percent(each[name], lang) for each in variants))
    row(words["rdi"], (_with_spread(each["rdi"], lang) for each in variants))
    for name in ("ratio_of_sums", "interrupted", "short_misses"):
        row(words[name], (percent(each[name], lang) for each in variants))
    row(words["target"], (shown_count(each["target"]["met"], lang) for each in variants))
    row(words["never"], (shown_count(each["target"]["never"], lang) for each in variants))
    weeks = (each["target"]["median_week"] for each in variants)
    row(words["median"], ("-" if week is None else decimal(week, lang) for week in weeks))
    return table


def _rules(variants: list[dict[str, Any]], lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    for variant in variants:
        if variant["rules"]:
            yield from _head(f"{words['rules']} ({variant['name']})")
            table = _table("", words["sessions"])
            for each in variant["rules"][:MOST_RULES]:
                rule = each["rule"] or words["beside"]
                table.add_row(f"{CAUSE_WORDS[lang][each['cause']]}: {rule}", shown_count(each["sessions"], lang))
            yield table


def _differences(rows: list[dict[str, Any]], lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    for other in dict.fromkeys(row["variant"] for row in rows):
        mine = [row for row in rows if row["variant"] == other]
        yield from _head(words["differences"].format(other=other, first=mine[0]["against"]))
        table = _table("", words["mean"], words["error"], words["more"], words["fewer"])
        for row in mine:
            scale = 100 if row["measure"] in ("attendance", "rdi") else 1
            numbers = [
                "-" if row[name] is None else decimal(scale * row[name], lang, 2)
                for name in ("mean_difference", "monte_carlo_error")
            ]
            counts = (shown_count(row[name], lang) for name in ("more", "fewer"))
            table.add_row(words[f"m {row['measure']}"], *numbers, *counts)
        yield table
        yield Text(words["errors"], style="dim")


def _published(rows: list[dict[str, Any]], lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    yield from _head(words["published"])
    table = _table("", "", "", "")
    for row in rows:
        spread = f" ± {decimal(row['spread'], lang)}" if row["spread"] is not None else ""
        value = f"{decimal(row['percent'], lang)}{spread} %"
        table.add_row(words[f"p {row['what']}"], row["who"][lang], value, row["source"])
    yield table
    yield Text(words["all days"], style="dim")


def _assumptions(rows: list[dict[str, Any]], lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    yield from _head(words["assumed"])
    for row in rows:
        value = decimal(row["value"], lang, 3)
        origin = words["given"] if row["source"] == "given" else words["ours"]
        if row["verified"] != "unverified":
            origin = f"{row['source']}, {words['primary']}"
        line = Text(f"{row['name']} {value}: {row['label'][lang]} ")
        line.append(f"({origin})", style="dim")
        yield Padding(line, (0, 0, 0, 1))


def _head(title: str) -> Iterator[RenderableType]:
    yield Text("")
    yield Text(title, style="bold")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", show_header=any(columns))
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 or not any(columns) else "right", overflow="fold")
    return table


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _with_spread(given: Mapping[str, float | None], lang: str) -> str:
    if given["mean"] is None:
        return "-"
    spread = "" if given["spread"] is None else f" ({decimal(100 * given['spread'], lang)})"
    return f"{decimal(100 * given['mean'], lang)} %{spread}"


def percent(share: float | None, lang: str) -> str:
    """A share as per cent with one decimal; - for none."""
    return "-" if share is None else f"{decimal(100 * share, lang)} %"


def decimal(value: float, lang: str, digits: int = 1) -> str:
    """A number with at most so many decimals and the language's decimal sign."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = "0" if text == "-0" else text
    return text.replace(".", ",") if lang == "da" else text
