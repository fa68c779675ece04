"""A form as one HTML file to print: a page a patient, no script, nothing from the network, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
*{box-sizing:border-box}
body{font:9.6pt/1.25 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;background:#fff;
  max-width:190mm;margin:6mm auto;padding:0 5mm;overflow-wrap:break-word}
h1{font-size:15pt;margin:0} h2{font-size:11.5pt;margin:4mm 0 1mm;break-after:avoid} p{margin:.8mm 0}
section{break-after:page} section:last-of-type{break-after:auto}
.small{font-size:8pt} .how{font-weight:bold;font-size:8.8pt;border-left:2.5pt solid #000;padding-left:2mm}
.who{display:grid;grid-template-columns:1fr 1fr;gap:2.5mm 8mm;margin:2.5mm 0}
.who .by-hand{border-bottom:.6pt solid #000;min-height:6.5mm;display:block}
table{border-collapse:collapse;width:100%}
td,th{border:.5pt solid #666;padding:1mm 1.5mm;text-align:left;vertical-align:top}
thead{display:table-header-group} thead th{background:#eee} tr{break-inside:avoid}
.tick{width:13mm;text-align:center}
.tick i,.which i{display:inline-block;width:3.6mm;height:3.6mm;border:.8pt solid #000}
.which{font-size:8.3pt;margin-top:.8mm} .which span{display:inline-block;margin-right:4mm}
.which i{width:2.9mm;height:2.9mm;margin-right:1mm;vertical-align:-.4mm}
.line{display:inline-block;border-bottom:.6pt solid #000;min-width:30mm;height:4mm}
.measure{columns:2;column-gap:8mm} .measure p{break-inside:avoid;margin:1.6mm 0}
footer{font-size:8pt;border-top:.8pt solid #000;margin-top:3mm}
@media print{body{margin:0;padding:0;max-width:none}}
@page{size:A4;margin:12mm 13mm}
"""


def form_html(content: Mapping[str, Any]) -> str:
    """The forms of `form_content` as one self-contained document."""
    return "".join(_document(content))


def _document(content: Mapping[str, Any]) -> Iterator[str]:
    title = escape(", ".join(form["title"] for form in content["forms"]))
    yield f'<!doctype html><html lang="{content["lang"]}"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    for person in content["people"]:
        for form in content["forms"]:
            yield from _page(form, person, content)
    yield "</body></html>\n"


def _page(form: Mapping[str, Any], person: Mapping[str, str], content: Mapping[str, Any]) -> Iterator[str]:
    words = content["words"]
    used = " · ".join(filter(None, (form["version"], content["protocol"])))
    yield f'<section><h1>{escape(form["title"])}</h1><p class="small">{escape(used)}</p><div class="who">'
    for key in ("id", "name"):
        yield f'<div>{escape(words[key])}<span class="by-hand">{escape(person[key])}</span></div>'
    yield f'<div>{escape(words["date"])}<span class="by-hand"></span></div>'
    yield f"<div>{escape(words['role'])}: {_boxes(form['roles'])}</div></div>"
    yield f'<p class="how">{escape(words["how"])}</p><table><thead><tr><th></th>'
    yield "".join(f'<th class="tick">{escape(words[key])}</th>' for key in ("yes", "no", "unknown"))
    yield "</tr></thead><tbody>"
    for question in form["questions"]:
        yield f"<tr><td>{question['number']}. {escape(question['text'])}"
        if question["which"]:
            yield f'<div class="which">{escape(words["which"])} {_boxes(question["which"])}</div>'
        yield from (f'<div class="which">{escape(date)} <span class="line"></span></div>' for date in question["dates"])
        yield "</td>" + '<td class="tick"><i></i></td>' * 3 + "</tr>"
    yield "</tbody></table>"
    yield from _measure(form, words)
    yield f"<footer><p>{escape(words['signature'])}: ______________________________</p>"
    yield f"<p>{escape(words['notice'])}</p></footer></section>"


def _measure(form: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    if not form["measure"]:
        return
    yield f'<h2>{escape(words["measure"])}</h2><div class="measure">'
    if form["sampled"]:
        yield f'<p>{escape(form["sampled"])} <span class="line"></span></p>'
    for each in form["measure"]:
        answer = _boxes(each["options"]) if each["options"] else '<span class="line"></span>'
        yield f"<p>{escape(each['label'])}: {answer} {escape(each['unit'])}</p>"
    yield "</div>"


def _boxes(labels: list[str]) -> str:
    return '<span class="which">' + "".join(f"<span><i></i>{escape(label)}</span>" for label in labels) + "</span>"
