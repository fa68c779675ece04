"""The tables of a cohort's overview as CSV: one file a table, or all in one long table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from exrx.fields import Dictionary
from exrx.report.overview_tables import Cell, Grid, Teller, grids

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def overview_csvs(content: Mapping[str, Any], lang: str, names: Dictionary) -> dict[str, str]:
    """Each table as CSV text by its name; a hidden number is the word for it, and the last line says what it means.

    In Danish the cells are divided by semicolons, as a Danish spreadsheet expects.
    """
    t = Teller(content, lang, names)
    return {table.name: _text(t, [table.heads, *table.rows]) for table in grids(content, lang, names) if table.rows}


def overview_csv(content: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """All tables as one: table, row, column, number; a row a number."""
    t = Teller(content, lang, names)
    heads = {"da": ("tabel", "række", "kolonne", "antal"), "en": ("table", "row", "column", "number")}[lang]
    lines: list[Sequence[Cell]] = [heads]
    for table in grids(content, lang, names):
        lines += _long(table)
    return _text(t, lines)


def _long(table: Grid) -> list[Sequence[Cell]]:
    found: list[Sequence[Cell]] = []
    first = ""
    for row in table.rows:
        first = str(row[0]) or first
        texts = [first, *(str(cell) for cell in row[1:] if isinstance(cell, str) and cell)]
        found += [
            (table.name, " / ".join(texts), head, cell)
            for head, cell in zip(table.heads[1:], row[1:], strict=True)
            if not isinstance(cell, str)
        ]
        if all(isinstance(cell, str) for cell in row):
            found.append((table.name, first, table.heads[1], row[1]))
    return found


def _text(t: Teller, rows: Sequence[Sequence[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if t.lang == "da" else ",", lineterminator="\n")
    mark = t.content["mark"]
    if mark:
        writer.writerow([t.words[mark]])
    writer.writerows([[_cell(t, cell) for cell in row] for row in rows])
    writer.writerow([f"{t.head()} · {t.legend().replace(t.words['mark'], t.words['hidden'])}"])
    return out.getvalue()


def _cell(t: Teller, cell: Cell) -> str | int:
    if cell is None:
        return t.words["hidden"]
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
