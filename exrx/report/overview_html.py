"""A cohort's overview as one HTML file: no script, nothing from the network, figures inside it, ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from exrx.fields import Dictionary
from exrx.report.notes import note_words
from exrx.report.overview_tables import Cell, Grid, Span, Teller, grids
from exrx.report.plots.overview import Drawn

SECTIONS = ("flow", "groups", "overlaps", "missing", "target", "attendance", "monitoring", "equity")
_STYLE = """
*{box-sizing:border-box}
body{font:10.5pt/1.4 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;background:#fff;
  max-width:190mm;margin:8mm auto;padding:0 6mm;overflow-wrap:break-word}
h1{font-size:18pt;margin:0}
h2{font-size:13pt;margin:8mm 0 2mm;border-bottom:1pt solid #000;break-after:avoid}
p{margin:1mm 0} section>p{break-after:avoid}
.mark{border:2pt solid #b00020;color:#b00020;padding:1.5mm 3mm;font-weight:bold;font-size:12pt;margin:2mm 0}
.small{font-size:8.5pt;color:#333}
table{border-collapse:collapse;width:100%;margin:2mm 0 5mm;font-size:9pt}
caption{text-align:left;font-weight:bold;padding:1mm 0;break-after:avoid}
th,td{border-bottom:.5pt solid #bbb;padding:.8mm 1.5mm;text-align:left;vertical-align:top}
thead th{background:#eee;border-bottom:1pt solid #000}
tbody th{font-weight:normal}
tr.last>*{border-top:1pt solid #000;font-weight:bold}
.number{text-align:right;font-variant-numeric:tabular-nums}
.percent{color:#555;font-size:7.5pt;display:block} .ends{white-space:nowrap}
tr{break-inside:avoid} thead{display:table-header-group}
figure{margin:3mm 0;break-inside:avoid} svg{width:100%;height:auto;max-width:178mm}
nav{font-size:9.5pt;margin:2mm 0} nav a{margin-right:4mm}
footer{margin-top:8mm;border-top:1pt solid #000;font-size:8.5pt}
.ghost{display:none}
@media print{
  body{margin:0;padding:0;max-width:none;font-size:9pt} nav{display:none} table{font-size:8pt}
  .ghost{display:block;position:fixed;top:45%;left:0;right:0;text-align:center;font-size:44pt;font-weight:bold;
    color:#000;opacity:.07;transform:rotate(-30deg);z-index:-1}
}
@page{size:A4;margin:14mm 14mm 16mm}
"""


def overview_html(content: Mapping[str, Any], drawn: Sequence[Drawn], lang: str, names: Dictionary) -> str:
    """The report as one self-contained HTML document in `da` or `en`, from the content and its figures."""
    t = Teller(content, lang, names)
    return "".join(_document(t, grids(content, lang, names), drawn))


def _document(t: Teller, tables: Sequence[Grid], drawn: Sequence[Drawn]) -> Iterator[str]:
    words, mark = t.words, t.content["mark"]
    yield f'<!doctype html><html lang="{t.lang}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{escape(words['title'])} · {escape(t.head())}</title><style>{_STYLE}</style></head><body>"
    if mark:
        yield f'<div class="ghost" aria-hidden="true">{escape(words[mark].split(":")[0])}</div>'
        yield f'<p class="mark">{escape(words[mark])}</p>'
    yield f"<h1>{escape(words['title'])}</h1><p><b>{escape(t.head())}</b></p>"
    yield f'<p class="small">{escape(t.legend())}</p>'
    yield from _contents(t)
    for section in SECTIONS:
        yield f'<section id="{section}"><h2>{escape(_heading(t, section))}</h2>'
        own = [table for table in tables if table.section == section]
        figures = [each.picture for each in drawn if each.section == section]
        for lead in dict.fromkeys(table.lead for table in own if table.lead):
            yield f"<p>{escape(lead)}</p>"
        placed = set()
        for table in own:
            for picture in figures:
                if picture.name == table.name:
                    placed.add(picture.name)
                    yield f"<figure>{picture.svg}</figure>"
            yield from _table(t, table)
        yield from (f"<figure>{picture.svg}</figure>" for picture in figures if picture.name not in placed)
        yield "</section>"
    yield from _notes(t)
    yield "</body></html>\n"


def _heading(t: Teller, section: str) -> str:
    return t.words["by"].format(x=t.words["groups"]) if section == "groups" else t.words[section]


def _contents(t: Teller) -> Iterator[str]:
    yield "<nav>"
    for section in SECTIONS:
        yield f'<a href="#{section}">{escape(_heading(t, section))}</a>'
    yield "</nav>"


def _notes(t: Teller) -> Iterator[str]:
    content, words = t.content, t.words
    yield f"<footer><h2>{escape(words['notes'])}</h2>"
    hidden = ("note hidden",) if content["smallest"] > 1 else ()
    told = [words[key] for key in ("note proposal", *hidden, "note n")]
    if content["unverified_rules"]:
        told.append(words["note unverified"].format(n=content["unverified_rules"], all=content["rules"]))
    told += [content["local_changes"][t.lang], *(note_words(note, t.lang) for note in content["notes"])]
    yield from (f"<p>{escape(note)}</p>" for note in told if note)
    hashes = f"{content['engine']} · {content['protocol']} {content['protocol_sha256'][:16]}"
    yield f'<p class="small">{escape(t.head())} · {escape(hashes)}</p></footer>'


def _table(t: Teller, table: Grid) -> Iterator[str]:
    if not table.rows:
        return
    yield f"<table><caption>{escape(table.title)}</caption><thead><tr>"
    numeric = [any(not isinstance(row[place], str) for row in table.rows) for place in range(len(table.heads))]
    for head, number in zip(table.heads, numeric, strict=True):
        yield f'<th scope="col"{_class(number)}>{escape(head)}</th>'
    yield "</tr></thead><tbody>"
    for place, row in enumerate(table.rows):
        last = table.shares and place == len(table.rows) - 1
        yield '<tr class="last">' if last else "<tr>"
        for column, cell in enumerate(row):
            tag = 'th scope="row"' if column == 0 else "td"
            percent = _percent(t, table, row, column)
            yield f"<{tag}{_class(numeric[column])}>{escape(_said(t, cell))}{percent}</{tag[:2]}>"
        yield "</tr>"
    yield "</tbody></table>"


def _class(number: bool) -> str:
    return ' class="number"' if number else ""


def _said(t: Teller, cell: Cell) -> str:
    if isinstance(cell, Span):
        return t.span(cell)[0]
    return cell if isinstance(cell, str) else t.count(cell)


def _percent(t: Teller, table: Grid, row: Sequence[Cell], column: int) -> str:
    cell = row[column]
    if isinstance(cell, Span):
        ends = t.span(cell)[1]
        return f'<span class="percent ends">{escape(ends)}</span>' if ends else ""
    whole, part = (row[1], row[column]) if table.shares and column > 1 else (None, None)
    if not isinstance(whole, int) or not isinstance(part, int) or not part:
        return ""
    share = t.share(part, whole)
    return f'<span class="percent">{escape(share)}</span>' if share else ""
