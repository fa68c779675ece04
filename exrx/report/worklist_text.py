"""The morning list in an 80-column terminal, and the shorter list of `exrx screen`: one look for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import CLEARANCES, EXAMPLE, Phrases, colour_of, shown_count
from exrx.report.first_step import is_example, next_step, short_key
from exrx.report.worklist_words import STYLES, WORDS, Said, Speaker, loosened
from exrx.worklist import WORDS as FOUR
from exrx.worklist import Worklist, urgency

_LONGEST_ID = 18


def worklist(
    decisions: Sequence[Mapping[str, Any]], lang: str, names: Dictionary, *, urgent: bool = False
) -> RenderableType:
    """One line a patient of any stage, the most urgent first: who, what, and why or what to ask.

    EXAMPLE patients are marked in their line, and the list then says that it is none to work from. With `urgent` the
    title says that these are the most urgent of more.
    """
    p, words = Phrases(lang, names), WORDS[lang]
    ranked = sorted(decisions, key=urgency)
    rows = []
    for decision in ranked:
        mark = f"{EXAMPLE} " if is_example(decision) else ""
        state = Text(p["short " + short_key(decision)], style=colour_of(decision["clearance"]))
        rows.append((decision["patient"] or p["no id"], state, Text(mark + next_step(decision, lang, names))))
    parts: list[RenderableType] = [
        _title(words["urgent list" if urgent else "list"], words["patients"].format(n=shown_count(len(ranked), lang)))
    ]
    parts.append(_clearances(Counter(d["clearance"] for d in ranked), p))
    if any(map(is_example, ranked)):
        parts.append(Text(words["examples"], style="yellow"))
    notice = " ".join((p["notice"], *loosened(ranked, p)))
    return Group(*parts, Text(""), _rows(rows), Text(""), Text(notice, style="italic"))


def morning_list(found: Worklist, speaker: Speaker) -> RenderableType:
    """The morning list: what comes first of all, then the groups, then who is expected nowhere."""
    words, lang = speaker.words, speaker.lang
    parts: list[RenderableType] = [
        _title(words["list"], words["patients"].format(n=shown_count(len(found.rows), lang))),
        *(Text(line) for line in speaker.heading(found)),
        _counts(found.counts(), words, lang),
    ]
    mark = speaker.mark(found)
    parts += [Text(mark, style="yellow")] if mark else []
    first = speaker.act_first(found)
    if first:
        parts += [Text(""), Text(words["act first"], style="bold red")]
        parts += [Text(f"  {f'{who}: ' if who else ''}{what}") for who, what in first]
    for group in found.groups:
        parts += [Text(""), Text(speaker.group_title(group.team, group.time, group.room), style="bold")]
        said = [(speaker.said(row), "" if group.room or not row.session else row.session.room) for row in group.rows]
        parts.append(_rows([_row(each, room, words) for each, room in said]))
    if found.unplanned:
        title = [Text(words["unplanned"], style="bold")] if found.has_sessions else []
        parts += [Text(""), *title, _rows([_row(speaker.said(row), "", words) for row in found.unplanned])]
    if found.gone:
        told = words["gone"].format(day=speaker.p.date(found.compared_with))
        parts += [Text(""), Text(told, style="bold"), Text("  " + ", ".join(found.gone))]
    return Group(*parts, Text(""), Text(speaker.notice(found.rows), style="italic"))


def _row(said: Said, room: str, words: Mapping[str, str]) -> tuple[str, Text, Text]:
    state = Text(said.state, style=STYLES[said.word])
    if said.urgent:
        state.append(f"\n{said.urgent}", style="bold red")
    body = Text(said.line)
    for key, text in (("measure", said.measure), ("call", said.call), ("limits", said.limits)):
        if text:
            body.append(f"\n{words[key]}: ", style="bold").append(text)
    for note in said.notes:
        body.append(f"\n! {note}", style="yellow")
    if said.change:
        body.append(f"\n{words['before']}: ", style="dim").append(said.change, "bold" if said.stands_out else "dim")
    who = "\n".join(filter(None, (said.name, said.patient, f"{words['room']} {room}" if room else "")))
    return who, state, body


def _rows(rows: Iterable[tuple[str, Text, Text]]) -> Table:
    """Who, state and text in three columns; an id too long for its column gets a line of its own."""
    every = list(rows)
    apart = any(len(word) > _LONGEST_ID for who, _, _ in every for word in who.split())
    table = Table.grid(padding=(0, 2), expand=True)
    if not apart:
        table.add_column(max_width=_LONGEST_ID)
    table.add_column(width=14)
    table.add_column(ratio=1, overflow="fold")
    for who, state, body in every:
        if apart:  # a shortened id could be another patient's
            table.add_row(state, Text.assemble(body, "\n", (who.replace("\n", " · "), "dim")))
        else:
            table.add_row(Text(who), state, body)
    return table


def _counts(found: Mapping[str, int], words: Mapping[str, str], lang: str) -> Text:
    line = Text()
    for word in reversed(FOUR):
        line.append(" · " if len(line) else "", style="dim")
        line.append(f"{words[word].lower()} {shown_count(found[word], lang)}", STYLES[word])
    return line


def _clearances(found: Counter[str], p: Phrases) -> Text:
    line = Text()
    for clearance in reversed(CLEARANCES):
        if found[clearance]:
            line.append(" · " if len(line) else "", style="dim")
            line.append(f"{p['short ' + clearance]} {shown_count(found[clearance], p.lang)}", colour_of(clearance))
    return line


def _title(text: str, end: str = "") -> Text:
    return Text.assemble((text, "bold"), (f" · {end}" if end else "", "dim"))
