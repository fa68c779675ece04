"""Questions about a cohort, answered in lines: what is waited for, what holds back, what a moved limit would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import Phrases, shown_count
from exrx.report.figures_text import section, table

MOST_LINES = 12
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "head": "{n} patienter, {p}, {stage}, {day}",
        "blocking": "Hvem venter på svar?",
        "waiting": "{n} venter på svar (spørg først).",
        "nobody waits": "Ingen venter på svar.",
        "fact": "Svar, der mangler", "alone": "kun dette", "together": "også andre",
        "several": "mangler flere svar på én gang",
        "second-reading": "en ny måling til bekræftelse",
        "holding": "Hvem holdes tilbage af én regel?",
        "not training": "{n} må ikke træne i dag (eller skal spørges først).",
        "all train": "Alle må træne.",
        "rule": "Uden denne ene regel", "train": "kan træne", "freer": "friere svar",
        "by several": "holdes tilbage af flere regler på én gang",
        "limit": "Hvad hvis {name} var {value}?",
        "moved": "{n} får et andet svar: {freer} friere, {stricter} strengere.",
        "same": "Ingen får et andet svar.",
        "from to": "Fra → til", "patients": "patienter", "unchanged": "samme svar",
        "track": "træningsform: {x}",
        "note": "Et regnestykke om regler, ikke en beslutning om nogen patient.",
    },
    "en": {
        "head": "{n} patients, {p}, {stage}, {day}",
        "blocking": "Who waits for answers?",
        "waiting": "{n} wait for answers (ask first).",
        "nobody waits": "Nobody waits for answers.",
        "fact": "Answer that is missing", "alone": "only this", "together": "others too",
        "several": "lack several answers at once",
        "second-reading": "a second reading to confirm",
        "holding": "Who is held back by a single rule?",
        "not training": "{n} may not train today (or have to be asked first).",
        "all train": "Everybody may train.",
        "rule": "Without this one rule", "train": "may train", "freer": "freer answer",
        "by several": "are held back by several rules at once",
        "limit": "What if {name} were {value}?",
        "moved": "{n} get another answer: {freer} freer, {stricter} stricter.",
        "same": "Nobody gets another answer.",
        "from to": "From → to", "patients": "patients", "unchanged": "the same answer",
        "track": "form of training: {x}",
        "note": "A sum about rules, not a decision about any patient.",
    },
}  # fmt: skip


def questions_report(content: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The answers of schema `exrx/questions/1` in words; every column adds up to its heading."""
    p, words = Phrases(lang, names), _WORDS[lang]
    head = words["head"].format(
        n=shown_count(content["patients"], lang), p=content["protocol"], stage=p.stage(content["stage"]),
        day=p.date(content["as_of"]),
    )  # fmt: skip
    return Group(
        Text(head, style="bold"),
        *_blocking(content["blocking"], p),
        *_holding(content["single_rules"], p),
        *(line for limit in content["limits"] for line in _limit(limit, p)),
        Text(""),
        Text(words["note"], style="italic"),
    )


def _blocking(blocks: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    if not blocks["waiting"]:
        yield from section(words["blocking"], words["nobody waits"])
        return
    yield from section(words["blocking"], words["waiting"].format(n=shown_count(blocks["waiting"], lang)))
    rows = [
        (_fact(block, p), shown_count(block["alone"], lang), shown_count(block["together"], lang))
        for block in blocks["facts"][:MOST_LINES]
    ]
    rest = len(blocks["facts"]) - MOST_LINES
    if rest > 0:
        rows.append((p.counted("more facts", rest), _sum(blocks["facts"][MOST_LINES:], "alone", lang), ""))
    last = words["several"], shown_count(blocks["waiting_for_several"], lang), ""
    yield table((words["fact"], words["alone"], words["together"]), rows, last)


def _fact(block: Mapping[str, Any], p: Phrases) -> str:
    if block["field"] == "second-reading":
        return f"{_WORDS[p.lang]['second-reading']} ({p.word('who', block['who'])})"
    return f"{p.label(block['field'])} ({p.word('who', block['who'])})"


def _holding(single: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    count = single["not_training"]
    line = words["not training"].format(n=shown_count(count, lang)) if count else words["all train"]
    yield from section(words["holding"], line)
    if not single["rules"]:
        return
    ids = [held["rule"] for held in single["rules"]]
    rows = [
        (
            held["rule"] if ids.count(held["rule"]) == 1 else f"{held['rule']} ({held['protocol']})",
            shown_count(held["would_train"], lang),
            shown_count(held["freer"], lang),
        )
        for held in single["rules"][:MOST_LINES]
    ]
    rest = single["rules"][MOST_LINES:]
    if rest:
        rows.append((p.counted("more", len(rest)), _sum(rest, "would_train", lang), ""))
    last = words["by several"], shown_count(single["held_by_several"], lang), ""
    yield table((words["rule"], words["train"], words["freer"]), rows, last)


def _sum(entries: Sequence[Mapping[str, Any]], key: str, lang: str) -> str:
    return shown_count(sum(entry[key] for entry in entries), lang)


def _limit(limit: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    title = words["limit"].format(name=limit["limit"], value=limit["value"])
    if not limit["changed"]:
        yield from section(title, words["same"])
        return
    counts = {key: shown_count(limit[key], lang) for key in ("freer", "stricter")}
    yield from section(title, words["moved"].format(n=shown_count(limit["changed"], lang), **counts))
    rows, same = [], 0
    for line in limit["clearance"]:
        if line["from"] == line["to"]:
            same += line["patients"]
        else:
            rows.append((f"{p['short ' + line['from']]} → {p['short ' + line['to']]}", line["patients"]))
    if not rows:
        rows, same = _tracks(limit, p)
    shown = [(text, shown_count(count, lang)) for text, count in sorted(rows, key=lambda row: -row[1])]
    yield table((words["from to"], words["patients"]), shown, (words["unchanged"], shown_count(same, lang)))


def _tracks(limit: Mapping[str, Any], p: Phrases) -> tuple[list[tuple[str, int]], int]:
    """The table of the form of training, where no clearance changes."""
    words = _WORDS[p.lang]
    rows = [
        (words["track"].format(x=f"{p['track ' + line['from']]} → {p['track ' + line['to']]}"), line["patients"])
        for line in limit["track"] if line["from"] != line["to"]
    ]  # fmt: skip
    return rows, sum(line["patients"] for line in limit["track"] if line["from"] == line["to"])


