"""The morning list as one HTML file for A4: no script, nothing from the network, every text escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from exrx import __version__
from exrx.report import shown_count
from exrx.report.worklist_words import Said, Speaker
from exrx.worklist import WORDS as FOUR
from exrx.worklist import Row, Worklist

_STYLE = """
*{box-sizing:border-box}
body{font:10pt/1.3 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;background:#fff;
  max-width:277mm;margin:6mm auto;padding:0 5mm;overflow-wrap:break-word}
h1{font-size:16pt;margin:0} p{margin:.8mm 0} ul{margin:1mm 0;padding-left:5mm}
.mark{border:2pt solid #000;padding:1.5mm 3mm;font-weight:bold;font-size:12pt;margin:2mm 0}
.first{border:2.2pt solid #000;padding:1.5mm 3mm;margin:2mm 0;break-inside:avoid}
.counts b{font-size:12pt} .counts span{margin-right:6mm;white-space:nowrap}
table{border-collapse:collapse;width:100%;table-layout:fixed;margin-top:2mm}
th,td{border:.5pt solid #555;padding:.8mm 1.4mm;text-align:left;vertical-align:top}
thead{display:table-header-group} thead .day td{border:0;font-size:8.5pt;padding:0 0 .8mm}
thead .day b{margin-right:3mm;text-decoration:underline}
thead th{background:#eee;border-bottom:1.2pt solid #000}
tr{break-inside:avoid}
tr.group th{background:#fff;border:0;border-bottom:1.2pt solid #000;font-size:12pt;padding-top:3.5mm;
  break-after:avoid}
.box{text-align:center} .box i{display:inline-block;width:4mm;height:4mm;border:.9pt solid #000}
.word{font-weight:bold} .first-word .word{background:#ddd} .no .word,.urgent .word{background:#000;color:#fff}
.urgent td{border-top:1.6pt solid #000;border-bottom:1.6pt solid #000}
.name{font-weight:bold} .small{font-size:8.5pt} .change{font-weight:bold}
.do b,.limits b{font-weight:600}
footer{margin-top:4mm;border-top:1pt solid #000;font-size:8.5pt}
.ghost{display:none}
@media(max-width:700px){table{font-size:9pt;table-layout:auto}}
@media print{
  body{margin:0;padding:0;max-width:none;font-size:8.8pt;line-height:1.2}
  *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
  .ghost{display:block;position:fixed;top:45%;left:0;right:0;text-align:center;font-size:60pt;font-weight:bold;
    opacity:.08;transform:rotate(-25deg);z-index:-1}
}
"""
_PAGE = """
@page{size:A4 landscape;margin:14mm 12mm 16mm;
  @top-right{content:%s;font:bold 10pt sans-serif}
  @bottom-left{content:%s;font:7pt sans-serif}
  @bottom-right{content:%s counter(page) %s counter(pages);font:8pt sans-serif}}
"""
_WIDTHS = {"done": 4, "patient": 15, "answer": 10, "do": 37, "limits": 22, "before": 12}


def worklist_html(found: Worklist, speaker: Speaker) -> str:
    """The list as one self-contained document, A4 across, its day, protocol and mark on every printed page."""
    return "".join(_document(found, speaker))


def _document(found: Worklist, speaker: Speaker) -> Iterator[str]:
    words, mark = speaker.words, speaker.mark(found)
    title = f"{words['list']} {found.as_of}"
    notice = speaker.notice(found.rows)
    page = _PAGE % tuple(map(_css, (mark.split(":")[0], notice[:160], f"{words['page']} ", f" {words['of']} ")))
    yield f'<!doctype html><html lang="{speaker.lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
    yield f"<style>{_STYLE}{page}</style></head><body>"
    if mark:
        yield f'<div class="ghost" aria-hidden="true">{escape(mark.split(":")[0])}</div>'
    yield f"<h1>{escape(words['list'])}</h1>"
    yield from (f"<p>{escape(line)}</p>" for line in speaker.heading(found))
    if mark:
        yield f'<p class="mark">{escape(mark)}</p>'
    counts = found.counts()
    yield (
        '<p class="counts">'
        + "".join(
            f"<span>{escape(words[word])} <b>{shown_count(counts[word], speaker.lang)}</b></span>" for word in FOUR
        )
        + "</p>"
    )
    yield from _act_first(found, speaker)
    yield from _table(found, speaker)
    if found.gone:
        told = words["gone"].format(day=speaker.p.date(found.compared_with))
        yield f"<p><b>{escape(told)}:</b> {escape(', '.join(found.gone))}</p>"
    yield f"<footer><p>{escape(notice)}</p><p>{escape(words['made'])} exrx {escape(__version__)} · "
    yield escape(", ".join(f"{use['id']} sha256 {use['sha256'][:12]}" for use in found.protocols))
    yield f"</p><p>{escape(words['sign'])}: ______________________________</p></footer></body></html>\n"


def _act_first(found: Worklist, speaker: Speaker) -> Iterator[str]:
    lines = speaker.act_first(found)
    if lines:
        items = (f"<li>{f'<b>{escape(who)}:</b> ' if who else ''}{escape(what)}</li>" for who, what in lines)
        yield f'<div class="first"><b>{escape(speaker.words["act first"])}</b><ul>{"".join(items)}</ul></div>'


def _table(found: Worklist, speaker: Speaker) -> Iterator[str]:
    words, mark = speaker.words, speaker.mark(found)
    widths = {head: width for head, width in _WIDTHS.items() if head != "before" or found.compared_with}
    heads, total = list(widths), sum(widths.values())
    shares = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in widths.values())
    yield f"<table><colgroup>{shares}</colgroup><thead>"
    day = " · ".join(speaker.heading(found))
    stamp = f"<b>{escape(mark.split(':')[0])}</b>" if mark else ""
    yield f'<tr class="day"><td colspan="{len(heads)}">{stamp}{escape(day)}</td></tr><tr>'
    yield "".join(f'<th scope="col">{escape(words[head])}</th>' for head in heads) + "</tr></thead>"
    groups = [(speaker.group_title(group.team, group.time, group.room), group.rows) for group in found.groups]
    if found.unplanned:
        groups.append((words["unplanned"] if found.has_sessions else words["list"], found.unplanned))
    for title, rows in groups:
        rooms = {row.session.room for row in rows if row.session}
        yield f'<tbody><tr class="group"><th colspan="{len(heads)}" scope="rowgroup">{escape(title)}</th></tr>'
        yield from (_row(row, speaker, len(heads), len(rooms) > 1) for row in rows)
        yield "</tbody>"
    yield "</table>"


def _row(row: Row, speaker: Speaker, columns: int, with_room: bool) -> str:
    said, words = speaker.said(row), speaker.words
    kind = " ".join(filter(None, ({"first": "first-word"}.get(said.word, said.word), "urgent" if said.urgent else "")))
    room = f"{words['room']} {row.session.room}" if with_room and row.session else ""
    who = f'<span class="name">{escape(said.name or said.patient)}</span>'
    who += f'<br><span class="small">{escape(said.patient)}</span>' if said.name else ""
    who += f'<br><span class="small">{escape(room)}</span>' if room else ""
    cells = [
        '<td class="box"><i></i></td>',
        f"<td>{who}</td>",
        f'<td class="word">{escape(said.state)}{f"<br>{escape(said.urgent)}" if said.urgent else ""}</td>',
        f'<td class="do">{_do(said, speaker)}</td>',
        f'<td class="limits">{escape(said.limits)}</td>',
    ]
    if columns > len(cells):
        cells.append(f'<td class="{"change" if said.stands_out else "small"}">{escape(said.change)}</td>')
    return f'<tr class="{kind}">{"".join(cells)}</tr>'


def _do(said: Said, speaker: Speaker) -> str:
    parts = [escape(said.line)]
    parts += [
        f"<b>{escape(speaker.words[key])}:</b> {escape(text)}"
        for key, text in (("measure", said.measure), ("call", said.call))
        if text
    ]
    parts += [f"<b>! {escape(note)}</b>" for note in said.notes]
    return "<br>".join(parts)


def _css(text: str) -> str:
    """A text as a CSS string that cannot end its own rule or the style element."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ").replace("\\n", " ")
