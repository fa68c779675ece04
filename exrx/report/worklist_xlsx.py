"""The morning list as an Excel workbook: one row a patient, ready to filter, tick and print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exrx.io.sheets import bold, put, saved, workbook
from exrx.report.worklist_words import Speaker
from exrx.worklist import Row, Worklist

_WIDTHS = {
    "done": 5, "team": 7, "time": 6, "room": 8, "patient": 18, "name": 18, "answer": 12, "do": 42, "measure": 18,
    "call": 16, "limits": 32, "before": 16,
}  # fmt: skip
_FILLS = {"go": "FFFFFF", "adapt": "FFFFFF", "first": "FFF2CC", "no": "D9D9D9"}


def worklist_xlsx(found: Worklist, speaker: Speaker) -> bytes:
    """The list as a workbook; the same list gives the same cells. Nothing in it is a formula.

    Raises:
        MissingDependencyError: openpyxl is not installed.
    """
    book = workbook()
    from openpyxl.utils import get_column_letter

    words, mark = speaker.words, speaker.mark(found)
    sheet = book.create_sheet(words["list"])
    heads = [head for head in _WIDTHS if head != "before" or found.compared_with]
    heads = [head for head in heads if head != "name" or speaker.keys]
    top = [words["list"], *speaker.heading(found), *filter(None, [mark]), speaker.notice(found.rows)]
    top += [f"{who}: {what}" if who else what for who, what in _first(found, speaker)]
    if found.gone:
        top.append(f"{words['gone'].format(day=speaker.p.date(found.compared_with))}: {', '.join(found.gone)}")
    for line in top:
        _line(sheet, line, len(heads))
    sheet["A1"].font = bold(14)
    head_row = sheet.max_row + 1
    for column, head in enumerate(heads, 1):
        put(sheet.cell(head_row, column), words[head]).font = bold()
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[head]
    for row in found.rows:
        _row(sheet, row, heads, speaker, words["unplanned"] if found.has_sessions else "")
    _lay_out(sheet, head_row, len(heads), found, speaker)
    book.properties.creator = "exrx"
    book.properties.created = book.properties.modified = datetime.fromisoformat(found.as_of)
    return saved(book)


def _first(found: Worklist, speaker: Speaker) -> list[tuple[str, str]]:
    lines = speaker.act_first(found)
    return [("", f"{speaker.words['act first']}:"), *lines] if lines else []


def _line(sheet: Any, text: str, columns: int) -> None:
    row = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    put(sheet.cell(row, 1), text)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    sheet.row_dimensions[row].height = 15 * (1 + len(text) // 170)


def _row(sheet: Any, row: Row, heads: list[str], speaker: Speaker, expected_nowhere: str) -> None:
    from openpyxl.styles import Border, PatternFill, Side

    said, session = speaker.said(row), row.session
    notes = said.notes if session or not expected_nowhere else (expected_nowhere, *said.notes)
    texts = {
        "done": "☐",
        "team": session.team if session else "", "time": session.time if session else "",
        "room": session.room if session else "", "patient": said.patient, "name": said.name,
        "answer": "\n".join(filter(None, (said.state, said.urgent))),
        "do": "\n".join((said.line, *(f"! {note}" for note in notes))),
        "measure": said.measure, "call": said.call, "limits": said.limits, "before": said.change,
    }  # fmt: skip
    number = sheet.max_row + 1
    thin = Side(style="thin", color="888888")
    for column, head in enumerate(heads, 1):
        cell = put(sheet.cell(number, column), texts[head])
        cell.border = Border(top=thin, bottom=thin, left=thin, right=thin)
        if head == "answer":
            cell.fill = PatternFill("solid", start_color=_FILLS[said.word])
            cell.font = bold()
        elif head == "before" and said.stands_out:
            cell.font = bold()
    lines = max(-(-len(part) // (_WIDTHS[head] - 2)) or 1 for head in heads for part in [texts[head]])
    lines = max(lines, *(texts[head].count("\n") + 1 for head in heads))
    sheet.row_dimensions[number].height = 15 * min(lines, 20)


def _lay_out(sheet: Any, head_row: int, columns: int, found: Worklist, speaker: Speaker) -> None:
    from openpyxl.utils import get_column_letter

    last = get_column_letter(columns)
    sheet.freeze_panes = f"A{head_row + 1}"
    sheet.auto_filter.ref = f"A{head_row}:{last}{sheet.max_row}"
    sheet.print_title_rows = f"{head_row}:{head_row}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    mark = speaker.mark(found)
    sheet.oddHeader.left.text = _plain(" · ".join(speaker.heading(found)))
    sheet.oddHeader.right.text = _plain(mark.split(":")[0])
    sheet.oddFooter.left.text = _plain(speaker.p["notice"])
    sheet.oddFooter.right.text = "&P / &N"


def _plain(text: str) -> str:
    """A text for Excel's page header, in which & begins a code."""
    return text.replace("&", "&&")[:200]
