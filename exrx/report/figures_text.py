"""Figures in words: shares, numbers and intervals in the language's spelling, and the plain tables they stand in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_TO = {"da": "til", "en": "to"}
UNKNOWN = {"da": "ikke defineret", "en": "not defined"}


def number(value: float | None, lang: str, digits: int = 1) -> str:
    """A number with the language's signs: 1.234,5 in Danish, 1,234.5 in English; a word where there is none."""
    if value is None or math.isnan(value):
        return UNKNOWN[lang]
    text = f"{value:,.{digits}f}"
    text = text.removeprefix("-") if float(value) == 0 or not text.strip("-0.,") else text
    return text.translate(str.maketrans(",.", ".,")) if lang == "da" else text


def spread(figure: Mapping[str, Any], lang: str, digits: int = 1, factor: float = 1) -> str:
    """A figure of the JSON form with its interval: `12.3 (10.1 to 14.9)`; shares as per cent with `factor` 100."""
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    if value is None:
        return UNKNOWN[lang]
    shown = number(value * factor, lang, digits)
    if low is None or high is None:
        return shown
    ends = f" {_TO[lang]} ".join(number(end * factor, lang, digits) for end in (low, high))
    return f"{shown} ({ends})"


def percent(figure: Mapping[str, Any], lang: str) -> str:
    """A share of the JSON form as per cent, with its interval."""
    return spread(figure, lang, 1, 100)


def loosened(protocol: Mapping[str, Any], lang: str) -> list[str]:
    """What a local file loosened in a protocol (its JSON form), each once: every output that rests on it says so."""
    changes = (change for change in protocol["local_changes"] if change["loosens"] != "no")
    return list(dict.fromkeys(str(change["text"][lang]) for change in changes))


def section(title: str, line: str) -> Iterator[RenderableType]:
    """A heading with a line below it."""
    yield Text("")
    yield Text(title, style="bold")
    yield Padding(Text(line), (0, 0, 0, 2))


def table(
    heads: Sequence[str], rows: Sequence[tuple[str, ...]], last: tuple[str, ...] | None = None
) -> RenderableType:
    """Rows below their heads, the first column wide; `last` is dimmed."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(ratio=1)
    for _ in heads[1:]:
        grid.add_column(justify="right", no_wrap=True)
    grid.add_row(*(Text(head, style="dim") for head in heads))
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    if last is not None:
        grid.add_row(*(Text(cell, style="dim") for cell in last))
    return Padding(grid, (0, 0, 0, 2))
