"""A plan's sheet as one HTML file: no script, nothing from the network, every text escaped, ready to print on A4."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from attrs import evolve

from exrx.fields import Dictionary
from exrx.report.plan_sheet import sheet_of
from exrx.report.sheet_blocks import Block, Grid, Items, Line, Log, Pairs, Picture, Section, Sheet
from exrx.training.plan import Plan

_STYLE = """
*{box-sizing:border-box}
body{font:10.5pt/1.35 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;background:#fff;
  max-width:190mm;margin:8mm auto;padding:0 6mm;overflow-wrap:break-word;hyphens:auto}
h1{font-size:17pt;margin:0}
h2{font-size:12.5pt;margin:5mm 0 1.5mm;border-bottom:1pt solid #000;break-after:avoid}
h3{font-size:10.5pt;margin:2.5mm 0 .5mm;break-after:avoid}
p{margin:1mm 0}
.mark{border:2pt solid #000;padding:1.5mm 3mm;font-weight:bold;font-size:13pt;margin:2mm 0}
.loud{border-left:3pt solid #000;padding:1mm 2.5mm;font-weight:bold;margin:1.5mm 0}
.small{font-size:8.5pt}
.reason{font-style:italic;font-size:9pt;margin:1.5mm 0 .5mm;break-after:avoid}
.hand{display:flex;gap:8mm;margin:3mm 0}
.hand span{flex:1;border-bottom:.6pt solid #000;min-height:6mm}
ul{margin:0;padding-left:5mm}
ul.two{columns:2;column-gap:6mm} ul.three{columns:3;column-gap:6mm}
li{break-inside:avoid}
dl{display:grid;grid-template-columns:minmax(30mm,max-content) 1fr;gap:.5mm 4mm;margin:1mm 0}
dl.two{grid-template-columns:32mm 1fr 32mm 1fr}
dt{font-weight:600;max-width:58mm} dd{margin:0}
dd.blank{border-bottom:.6pt solid #000;min-height:5.5mm}
table{border-collapse:collapse;width:100%;margin:1.5mm 0;table-layout:fixed}
caption{text-align:left;font-weight:bold;padding:1mm 0;break-after:avoid}
th,td{border:.5pt solid #666;padding:.7mm 1.4mm;text-align:left;vertical-align:top}
thead th{background:#eee;border-bottom:1pt solid #000}
tbody th{font-weight:normal}
tbody.week>tr:first-child>*{border-top:1.2pt solid #000}
.number{text-align:right}
.by-hand td,.by-hand tbody th{height:7mm}
tr,.short{break-inside:avoid}
thead{display:table-header-group}
figure{margin:1mm 0;break-inside:avoid} svg{width:100%;height:auto;max-width:182mm}
svg{font-family:inherit}
.log{columns:2;column-gap:6mm} .log table{font-size:8.5pt;margin:0 0 2mm}
.log td{height:5.6mm}
.log table{table-layout:auto} .log th,.log td{white-space:nowrap;padding:.7mm 1mm}
.log thead th{white-space:normal}
footer{margin-top:6mm;border-top:1pt solid #000;font-size:8.5pt}
.ghost{display:none}
@media(max-width:700px){
  .log,ul.two,ul.three{columns:1} dl,dl.two{grid-template-columns:1fr} table{font-size:9pt;table-layout:auto}
}
@media print{
  body{margin:0;padding:0;max-width:none;font-size:9pt;line-height:1.25}
  h2{margin-top:3.5mm} .log{column-gap:4mm} .log table{font-size:7.5pt}
  .log th,.log td{padding:.5mm .7mm} .small{font-size:7.5pt} footer{font-size:7.5pt} footer p{margin:.3mm 0}
  .page{break-before:page}
  .ghost{display:block;position:fixed;top:45%;left:0;right:0;text-align:center;font-size:44pt;font-weight:bold;
    color:#000;opacity:.07;transform:rotate(-30deg);z-index:-1}
}
"""
_PAGE = """
@page{size:A4;margin:16mm 14mm 20mm;
  @top-right{content:%s;font:bold 10pt sans-serif}
  @top-left{content:%s;font:8pt sans-serif}
  @bottom-left{content:%s;font:7pt sans-serif;white-space:pre-line;width:150mm;vertical-align:top;padding-top:2mm}
  @bottom-right{content:%s;font:8pt sans-serif;vertical-align:top;padding-top:2mm}}
"""
_UNBROKEN_ROWS = 8
_COLUMNS = {1: "", 2: "two", 3: "three"}


def sheet_html(plan: Plan, lang: str, names: Dictionary) -> str:
    """The sheet as one self-contained HTML document in `da` or `en`.

    Promises that it holds no script, asks nothing of the network, that every text of the plan is escaped, and that a
    plan that is not final is marked on each printed page. The same plan gives the same bytes.
    """
    return html_of(sheet_of(plan, lang, names))


def html_of(sheet: Sheet) -> str:
    """A sheet as an HTML document."""
    title = " · ".join(filter(None, (sheet.mark, sheet.title, sheet.patient)))
    return "".join(
        [
            f'<!doctype html>\n<html lang="{sheet.lang}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
            '<meta name="robots" content="noindex">\n',
            f"<title>{escape(title)}</title>\n<style>{_STYLE}{_page_style(sheet)}</style>\n</head>\n<body>\n",
            *_head(sheet),
            "<main>\n",
            *map(_section, sheet.sections),
            "</main>\n<footer>",
            *(f"<p>{escape(line)}</p>" for line in (sheet.mark, *sheet.foot) if line),
            "</footer>\n</body>\n</html>\n",
        ]
    )


def _page_style(sheet: Sheet) -> str:
    """The margins of a printed page: mark, notice and versions, page number."""
    before, between = sheet.page.split("{n}")
    between, after = between.split("{m}")
    count = f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"
    return _PAGE % (_css(sheet.mark), _css(f"{sheet.title}, {sheet.patient}"), _css("\n".join(sheet.foot)), count)


def _css(text: str) -> str:
    """A text as a CSS string: everything but letters, digits and spaces is escaped, so that it cannot end it."""
    return '"' + re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", text) + '"'


def _head(sheet: Sheet) -> Iterator[str]:
    yield f"<header><h1>{escape(sheet.title)}</h1>"
    if sheet.mark:
        yield f'<p class="mark" role="note">{escape(sheet.mark)}</p><div class="ghost" aria-hidden="true">'
        yield f"{escape(sheet.mark)}</div>"
    blanks = "".join(f"<span>{escape(label)}:</span>" for label in sheet.by_hand)
    yield f'<p>{escape(sheet.patient)}</p><div class="hand">{blanks}</div></header>\n'


def _section(section: Section) -> str:
    blocks = "".join(_BLOCKS[type(block)](block) for block in section.blocks)
    page = ' class="page"' if section.new_page else ""
    return f"<section{page}><h2>{escape(section.title)}</h2>{blocks}</section>\n"


def _line(line: Line) -> str:
    if line.kind == "strong":
        return f"<h3>{escape(line.text)}</h3>"
    kind = f' class="{line.kind}"' if line.kind in ("loud", "small", "reason") else ""
    return f"<p{kind}>{escape(line.text)}</p>"


def _classes(*names: str) -> str:
    given = " ".join(filter(None, names))
    return f' class="{given}"' if given else ""


def _items(block: Items) -> str:
    kind = _classes(_COLUMNS[block.columns], "small" if block.small else "")
    return f"<ul{kind}>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"


def _pairs(block: Pairs) -> str:
    rows = (
        f"<dt>{escape(label)}</dt>" + (f"<dd>{escape(text)}</dd>" if text else '<dd class="blank"></dd>')
        for label, text in block.rows
    )
    kind = _classes(_COLUMNS[block.columns])
    return f"<dl{kind}>{''.join(rows)}</dl>"


def _grid(block: Grid) -> str:
    rows = []
    for first, *others in block.rows:
        cells = "".join(f"<td{_number(block, n)}>{escape(cell)}</td>" for n, cell in enumerate(others, start=1))
        rows.append(f'<tr><th scope="row"{_number(block, 0)}>{escape(first)}</th>{cells}</tr>')
    short = len(block.rows) <= _UNBROKEN_ROWS
    kind = _classes("by-hand" if block.by_hand else "", "small" if block.small else "", "short" if short else "")
    return f"<table{kind}>{_table_head(block)}<tbody>{''.join(rows)}</tbody></table>"


def _number(block: Grid, column: int) -> str:
    return ' class="number"' if column in block.numeric else ""


def _table_head(block: Grid | Log) -> str:
    shares = "".join(f'<col style="width:{100 * width / sum(block.widths):.1f}%">' for width in block.widths)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in block.heads)
    caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
    return f"{caption}<colgroup>{shares}</colgroup><thead><tr>{heads}</tr></thead>"


def _picture(block: Picture) -> str:
    caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
    return f"<figure>{block.svg}{caption}</figure>"


def _log(block: Log) -> str:
    blank = "<td></td>" * (len(block.heads) - 2)
    bodies = "".join(
        '<tbody class="week">'
        + "".join(f'<tr><td>{escape(key)}</td><th scope="row">{escape(said)}</th>{blank}</tr>' for key, said in rows)
        + "</tbody>"
        for rows in block.weeks
    )
    head = _table_head(evolve(block, caption=""))
    return f'<div class="log"><table aria-label="{escape(block.caption)}">{head}{bodies}</table></div>'


_BLOCKS: dict[type[Block], Callable[[Any], str]] = {
    Line: _line, Items: _items, Pairs: _pairs, Grid: _grid, Picture: _picture, Log: _log,
}  # fmt: skip
