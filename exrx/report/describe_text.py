"""What an input holds, in lines for an 80-column terminal: a verdict, what to mend, and each column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import Phrases, shown_count
from exrx.report.describe_words import WORDS
from exrx.report.notes import note_words
from exrx.rules.words import say_number

_FIRST = ("min", "q1", "median", "q3", "max")
_ABOUT_COLUMNS = frozenset({"empty", "undated", "not-read"})
_MOST_COLUMNS = 12
_MOST_POINTS, _MOST_ANSWERS, _MOST_UNITS = 30, 6, 4
UNUSABLE = frozenset({"no-rows", "not-readable", "no-field"})


def describe_report(content: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The description of schema `exrx/describe/1` in words."""
    p, words = Phrases(lang, names), WORDS[lang]
    day = p.date(content["as_of"])
    head = words["head"].format(n=shown_count(content["rows"], lang), columns=len(content["columns"]), day=day)
    mend = [point for point in content["points"] if point["mend"]]
    know = [point for point in content["points"] if not point["mend"]]
    return Group(
        Text(head, style="bold"),
        *([Text(words["example"].format(n=shown_count(content["examples"], lang)))] if content["examples"] else []),
        _verdict(mend, lang),
        *_points(words["to mend"], mend, p, day, "yellow"),
        *_columns(content["columns"], p),
        *_forms(content["forms"], p),
        *_points(words["to know"], know, p, day, ""),
        *(Text(f"! {note_words(note, lang)}", style="yellow") for note in content["notes"]),
    )


def _verdict(mend: list[Mapping[str, Any]], lang: str) -> Text:
    words = WORDS[lang]
    if not mend:
        return Text(words["ready"], style="bold green")
    key = "unusable" if any(point["code"] in UNUSABLE for point in mend) else "mend one"
    key = "mend many" if key == "mend one" and len(mend) > 1 else key
    return Text(words[key].format(n=len(mend)), style="bold red" if key == "unusable" else "bold yellow")


def point_words(point: Mapping[str, Any], p: Phrases, day: str) -> str:
    """A point as one sentence: what, where, how often, and what to do."""
    words = WORDS[p.lang]
    key = f"not-read {point['why']}" if point["code"] == "not-read" else point["code"]
    said = {**point, "n": shown_count(point["count"], p.lang), "day": day}
    if point["code"] == "refused":
        why = "why implausible meant" if "meant" in point else f"why {point['why']}"
        said["why"] = words.get(why, words["why"]).format(**point)
    elif key not in words:
        return f"{point['column']}: {point['code']}"
    text = words[key].format(**said)
    rows = point["rows"]
    if not rows:
        return text
    more = "rows more" if point["count"] > len(rows) else "rows"
    return text.removesuffix(".") + words[more].format(rows=", ".join(map(str, rows))) + "."


def _points(title: str, points: list[Mapping[str, Any]], p: Phrases, day: str, style: str) -> Iterator[RenderableType]:
    if not points:
        return
    yield Text("")
    yield Text(title, style="bold")
    said = [point_words(point, p, day) for point in _joined(points, p)]
    rest = len(said) - _MOST_POINTS
    for sentence in said[:_MOST_POINTS] + ([p.counted("more", rest)] if rest > 0 else []):
        line = Table.grid(padding=(0, 1))
        line.add_row(Text("  ·"), Text(sentence, style=style))
        yield line


def _joined(points: list[Mapping[str, Any]], p: Phrases) -> Iterator[Mapping[str, Any]]:
    """The points, those that say the same of many columns as one that names them."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for point in points:
        if point["code"] in _ABOUT_COLUMNS:
            groups.setdefault((point["code"], point.get("why", "")), []).append(point)
        else:
            yield point
    for group in groups.values():
        counted = group[0]["code"] == "undated"
        named = [one["column"] + (f" ({shown_count(one['count'], p.lang)})" if counted else "") for one in group]
        rest = len(named) - _MOST_COLUMNS
        more = [p.counted("more", rest)] if rest > 0 else []
        yield {**group[0], "rows": [], "columns": ", ".join(named[:_MOST_COLUMNS] + more)}


def _columns(columns: list[Mapping[str, Any]], p: Phrases) -> Iterator[RenderableType]:
    if not columns:
        return
    words = WORDS[p.lang]
    table = Table.grid(padding=(0, 2))
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=5)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(*(Text(words[key], style="dim") for key in ("column", "read as", "missing")))
    for column in columns:
        table.add_row(Text(column["column"]), Text("\n".join(_lines(column, p))), Text(_share(column, p.lang)))
    yield Text("")
    yield Text(words["columns"], style="bold")
    yield Padding(table, (0, 0, 0, 2))


def _share(column: Mapping[str, Any], lang: str) -> str:
    share = column["missing_share"]
    if share is None:
        return ""
    percent = 100 * share
    if 0 < percent < 1:
        return "<1 %"
    if 99 < percent < 100:
        return ">99 %"
    return f"{percent:.0f} %"


def _lines(column: Mapping[str, Any], p: Phrases) -> Iterator[str]:
    words, lang = WORDS[p.lang], p.lang
    canonical = column["canonical_unit"]
    unit = None if canonical is None or canonical.startswith("{") else canonical
    yield words["in"].format(field=p.label(column["field"]), unit=unit) if unit else p.label(column["field"])
    if column["unit"] and unit and column["unit"] != unit:
        yield words["given in"].format(unit=column["unit"], canonical=unit)
    if "range" in column:
        yield " / ".join(say_number(column["range"][name], lang) for name in _FIRST)
    if "answers" in column:
        answers = list(column["answers"].items())
        said = [f"{p.value(column['field'], name)} {shown_count(times, lang)}" for name, times in answers]
        rest = len(said) - _MOST_ANSWERS
        yield ", ".join(said[:_MOST_ANSWERS] + ([p.counted("more", rest)] if rest > 0 else []))
    if "days" in column:
        yield from _span(column["days"], p, "days" if column["kind"] == "elapsed" else "born")
    if "dates" in column:
        undated = column["dates"]["undated"]
        more = [words["no date"].format(n=shown_count(undated, lang))] if undated else []
        yield from _span(column["dates"], p, "dates", more)
    if len(column.get("units_given", ())) > 1:
        given = list(column["units_given"].items())[:_MOST_UNITS]
        yield words["units"].format(units=", ".join(f"{unit} {shown_count(n, lang)}" for unit, n in given))
    counted = [words[key].format(n=shown_count(column[key], lang)) for key in ("censored", "unknown") if column[key]]
    if counted:
        yield "; ".join(counted)
    if not column["given"]:
        yield words["nothing"]


def _span(days: Mapping[str, Any], p: Phrases, key: str, more: list[str] | None = None) -> Iterator[str]:
    words = WORDS[p.lang]
    said = []
    if days["oldest"]:
        key = "one date" if days["oldest"] == days["newest"] and key == "dates" else key
        said.append(words[key].format(oldest=p.date(days["oldest"]), newest=p.date(days["newest"])))
    said += [words[part].format(n=shown_count(days[part], p.lang)) for part in ("partial", "never") if days[part]]
    said += more or []
    if said:
        yield "; ".join(said)


def _forms(forms: Mapping[str, Mapping[str, Any]], p: Phrases) -> Iterator[RenderableType]:
    words = WORDS[p.lang]
    for form, days in forms.items():
        if days["oldest"]:
            said = words["form"].format(
                form=form, n=shown_count(days["count"], p.lang), oldest=p.date(days["oldest"]),
                newest=p.date(days["newest"]),
            )  # fmt: skip
            yield Padding(Text(said), (0, 0, 0, 2))
