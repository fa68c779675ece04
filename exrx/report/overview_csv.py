"""The tables of a cohort's overview as CSV: one file a table, or all in one long table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from exrx.fields import Dictionary
from exrx.report.overview_tables import Cell, Grid, Span, Teller, grids

Flat = str | int | float | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def overview_csvs(content: Mapping[str, Any], lang: str, names: Dictionary) -> dict[str, str]:
    """Each table as CSV text by its name; a hidden number is the word for it, and the last line says what it means.

    In Danish the cells are divided by semicolons, as a Danish spreadsheet expects.
    """
    t = Teller(content, lang, names)
    return {table.name: _text(t, _flat(t, table)) for table in grids(content, lang, names) if table.rows}


def overview_csv(content: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """All tables as one: table, row, column, number; a row a number."""
    t = Teller(content, lang, names)
    heads = {"da": ("tabel", "række", "kolonne", "antal"), "en": ("table", "row", "column", "number")}[lang]
    lines: list[Sequence[Flat]] = [heads]
    for table in grids(content, lang, names):
        lines += _long(table.name, *_flat(t, table))
    return _text(t, lines)


def _flat(t: Teller, table: Grid) -> list[Sequence[Flat]]:
    """The heads and rows with each number that has an interval as three columns, empty where there is none."""
    wide = [any(isinstance(row[place], Span) for row in table.rows) for place in range(len(table.heads))]
    ends = ("", f" {t.words['from']}", f" {t.words['to']}")
    lines: list[Sequence[Flat]] = [
        [head + end for head, spans in zip(table.heads, wide, strict=True) for end in (ends if spans else ends[:1])]
    ]
    rows = (zip(row, wide, strict=True) for row in table.rows)
    return [*lines, *([part for cell, spans in row for part in _parts(cell, spans)] for row in rows)]


def _parts(cell: Cell, spans: bool) -> Sequence[Flat]:
    if isinstance(cell, Span):
        ends = (cell.value, cell.low, cell.high)
        return (None,) * 3 if cell.hidden else tuple("" if end is None else float(end) for end in ends)
    return (cell,) * 3 if spans else (cell,)


def _long(name: str, heads: Sequence[Flat], *rows: Sequence[Flat]) -> list[Sequence[Flat]]:
    found: list[Sequence[Flat]] = []
    first = ""
    for row in rows:
        first = str(row[0]) or first
        texts = [first, *(str(cell) for cell in row[1:] if isinstance(cell, str) and cell)]
        found += [
            (name, " / ".join(texts), head, cell)
            for head, cell in zip(heads[1:], row[1:], strict=True)
            if not isinstance(cell, str)
        ]
        if all(isinstance(cell, str) for cell in row):
            found.append((name, first, heads[1], row[1]))
    return found


def _text(t: Teller, rows: Sequence[Sequence[Flat]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if t.lang == "da" else ",", lineterminator="\n")
    mark = t.content["mark"]
    if mark:
        writer.writerow([t.words[mark]])
    writer.writerows([[_cell(t, cell) for cell in row] for row in rows])
    writer.writerow([f"{t.head()} · {t.legend().replace(t.words['mark'], t.words['hidden'])}"])
    return out.getvalue()


def _cell(t: Teller, cell: Flat) -> str | int | float:
    if cell is None:
        return t.words["hidden"]
    if isinstance(cell, float):
        return str(cell).replace(".", ",") if t.lang == "da" else cell
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
