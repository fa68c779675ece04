"""Fills a workbook of forms as a team would: every item answered from what is true of a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from exrx.fields import Span, load_dictionary
from exrx.forms import load_forms, unticked_value
from exrx.protocol.paper import PaperForm
from exrx.values import read_given

DICTIONARY = load_dictionary()
WORDS = {"da": ("ja", "nej", "fysioterapeut"), "en": ("yes", "no", "physiotherapist")}


def facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of patient JSON."""
    return {name: said["value"] if isinstance(said, dict) else said for name, said in record.items()}


def fill(path: Path, truth: Mapping[str, Mapping[str, Any]], day: str, lang: str = "da",
         change: Callable[[dict[str, Any], str], None] | None = None) -> None:
    """Answer every item of every row; `change` may alter a patient's cells, by key, before they are written."""
    book = load_workbook(path)
    forms = {row[1]: row[2] for row in book["_exrx"].iter_rows(values_only=True) if row[0] == "sheet"}
    for title, form in forms.items():
        sheet = book[title]
        columns = {cell.value: cell.column for cell in sheet[3] if cell.value}
        for row in range(5, sheet.max_row + 1):
            patient = sheet.cell(row, columns["id"]).value
            if patient not in truth:
                continue
            cells = answers(form, list(columns), truth[patient], day, lang)
            if change:
                change(cells, patient)
            for key, value in cells.items():
                sheet.cell(row, columns[key]).value = value
    book.save(path)


def is_yes(name: str, value: Any) -> bool:
    """Whether somebody who knows this value answers the question about it with yes."""
    entry = DICTIONARY.fields[name]
    if value in (None, "", "never", "unknown"):
        return False
    if entry.kind in ("elapsed", "set"):
        return bool(value)
    possible, no = read_given(entry, value), unticked_value(entry)
    if isinstance(possible, Span):
        return not no.low <= possible.low <= possible.high <= no.high
    return possible != no


def answers(form: str, keys: list[str], truth: Mapping[str, Any], day: str, lang: str) -> dict[str, Any]:
    """The cells of one row, by key."""
    yes, no, role = WORDS[lang]
    paper = PaperForm(load_forms()[form], ())
    cells: dict[str, Any] = {"date": day, "role": role}
    for question in paper.form.questions:
        held = [name for name in question.covers if is_yes(name, truth.get(name))]
        cells[f"q:{question.id}"] = yes if held else no
        labels = [label for label, (name, option) in paper.details(question, lang).items()
                  if name in held and option in ("", truth[name])]  # fmt: skip
        if labels:
            cells[f"which:{question.id}"] = "; ".join(labels)
        for entry in paper.dated(question):
            if entry.name in held:
                cells[f"date:{entry.name}"] = truth[entry.name]
    for key in keys:
        name = key.removeprefix("value:")
        if name != key:
            entry = DICTIONARY.fields[name]
            known = truth.get(name, entry.typical)
            if isinstance(known, list):
                cells[key] = "; ".join(entry.option_label(option, lang) for option in known)
            elif known not in (None, ""):
                cells[key] = {"yes": yes, "no": no}.get(known, known) if entry.kind == "flag" else (
                    entry.option_label(known, lang) if entry.options else known)  # fmt: skip
    if "sampled" in keys:
        cells["sampled"] = day
    return cells
