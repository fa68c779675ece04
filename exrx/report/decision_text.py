"""A decision for the professional who decides: what to do in the first line, then why, then what to ask.

Reads the decision's JSON form (`Decision.to_dict()`, schema exrx/decision/1) and returns something rich can
print; colour only repeats what the words say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import CLEARANCES, EXAMPLE, Phrases, colour_of
from exrx.report.first_step import (
    hand_out,
    is_deceased,
    is_example,
    is_out_of_scope,
    place_words,
    stop_key,
    stop_sentence,
)
from exrx.report.limits import limit_rows, remeasured
from exrx.report.problem_text import problem_words

Row = tuple[str, str, str]
"""A label, a text and a style."""
_SHOWN_MISSING = 10
_SHOWN_UNDECIDED = 5
_SHOWN_DOUBTFUL = 8
_DOUBTFUL = ("expired", "censored", "refused")


def decision_report(decision: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The whole answer for one patient, at most as wide as the console.

    Everything unknown, stale, refused or unverified is said; an EXAMPLE patient is marked in the first line.
    """
    return _Report(decision, Phrases(lang, names)).whole()


def first_line(decision: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """What to do, as one line of plain text."""
    return _Report(decision, Phrases(lang, names)).first_line()


def reason_value(p: Phrases, name: str, value: Mapping[str, Any]) -> str:
    """One value that a rule looked at, with its date, whether it has expired, and the rule's limit."""
    text = p.labelled_value(name, value.get("value"), value.get("unit"))
    limit = p.limit(name, value.get("limit"))
    aside = [p.date(value["date"])] if value.get("date") else []
    aside += [p["state expired"]] if value.get("state") == "expired" else []
    aside += [p["rule holds"].format(x=limit)] if limit else []
    return f"{text} ({'; '.join(aside)})" if aside else text


class _Report:
    def __init__(self, decision: Mapping[str, Any], phrases: Phrases) -> None:
        self.decision, self.p = decision, phrases
        self.deceased = is_deceased(decision)

    @property
    def covered(self) -> bool:
        """True when a protocol is made, or may be made, for this patient."""
        return any(entry.get("applies", "yes") != "no" for entry in self.decision["protocols"])

    def whole(self) -> RenderableType:
        adapt = "adapt" if self.decision["clearance"] in ("clear", "modify") else "adapt later"
        sections: list[tuple[str, list[Row]]] = [
            ("", self.to_do()),
            ("why", self.reasons()),
            (adapt, self.adaptations()),
            ("stale", self.doubtful_inputs()),
            ("problems", self.problems()),
            ("overrides", self.overrides()),
        ]
        parts: list[RenderableType] = [self.headline(), self.identity()]
        for key, rows in sections:
            if not rows:
                continue
            parts.append(Text(""))
            if key:
                parts.append(Text(self.p[key], style="bold"))
            parts.append(Padding(_two_columns(rows), (0, 0, 0, 2)))
            if key == "why" and not self.deceased:
                parts += self.missing()
        return Group(*parts, Text(""), *self.footer())

    # What to do

    def first_line(self) -> str:
        mark = f"{EXAMPLE} · " if is_example(self.decision) else ""
        return f"{mark}{self.p['head ' + self._headline_key()]}{self._headline_end()}"

    def headline(self) -> RenderableType:
        return Text(self.first_line(), style=f"bold {colour_of(self._headline_key())}")

    def _headline_key(self) -> str:
        clearance = self.decision["clearance"]
        if self.deceased:
            return "deceased"
        if clearance != "emergency" and self.decision["rule_out"]:
            return "rule-out"
        return stop_key(self.decision) or str(clearance)

    def _headline_end(self) -> str:
        key, decision, p = self._headline_key(), self.decision, self.p
        if key in ("clear", "modify"):
            return f": {place_words(decision, p)}"
        if key == "assess":
            count = len(decision["missing"])
            return p.counted("missing answers", count)
        if key == "consult":
            roles = p.words("roles", decision["consult"])
            return p["head consult end"].format(roles=roles) if roles else ""
        if key == "defer":
            again = self._again()
            return f". {p['again']} {again}" if again else ""
        stop = stop_key(decision)
        if not stop or key == "deceased":
            return ""
        sentence = stop_sentence(decision, p)
        if key == "rule-out":  # what is certain still stands in the first line
            return f". {p['head ' + stop]}{f': {sentence}' if sentence else ''}"
        return f": {sentence}" if sentence else ""

    def identity(self) -> RenderableType:
        p, decision = self.p, self.decision
        titles = ", ".join(f"{entry['id']} {entry['version']}" for entry in decision["protocols"])
        patient = decision["patient"] or p["no id"]
        return Text(f"{patient} · {titles} · {p.stage(decision['stage'])} · {p.date(decision['as_of'])}", style="dim")

    def to_do(self) -> list[Row]:
        p, decision = self.p, self.decision
        rows: list[Row] = []
        if self.deceased:
            return rows
        serious = decision["clearance"] in ("consult", "defer", "stop", "emergency")
        if self._headline_key() == "rule-out":
            rows.append((p["settle"], self.p.some([p.label(name) for name in decision["rule_out"]]), "bold"))
        if decision["clearance"] == "emergency":
            for reason in filter(_is_urgent, decision["reasons"]):
                rows.append((p["now"], p.text(reason["because"]), "bold"))
                rows += [("", detail, "dim") for detail in self._detail(reason)]
        if serious and decision["consult"] and self._headline_key() != "consult":
            rows.append((p["contact"], p.words("roles", decision["consult"]), ""))
        if serious and decision.get("allowed_meanwhile"):
            rows.append((p["meanwhile"], p.words("allowed_meanwhile", decision["allowed_meanwhile"]), ""))
        if serious and self._headline_key() != "defer" and self._again():
            rows.append((p["again"], self._again(), ""))
        if decision["clearance"] in ("stop", "emergency") and decision["restriction"]["refer"]:
            rows.append((p["refer"], p.words("refer", decision["restriction"]["refer"]), ""))
        if decision.get("remeasure"):
            rows.append((p["remeasure"], ", ".join(remeasured(entry, p) for entry in decision["remeasure"]), ""))
        if decision["clearance"] in ("assess", "consult", "defer") and self.covered:
            rows.append((p["if cleared"], place_words(decision, p), ""))
        if decision["definite_clearance"] != decision["worst_clearance"]:
            span = p["from to"].format(
                low=p["short " + decision["definite_clearance"]],
                high=p["short " + decision["worst_clearance"]],
            )
            rows.append((p["range"], span, ""))
        for entry in decision["protocols"]:
            if entry.get("applies", "yes") != "yes":
                rows.append((entry["id"], p["applies " + entry["applies"]], ""))
        return rows

    def _again(self) -> str:
        again = self.decision.get("again") or {}
        events = self.p.some((self.p.word("again", event) for event in again.get("after", [])), 4)
        days = again.get("days")
        wait = self.p.counted("in days", days) if days is not None else ""
        return ", ".join(part for part in (self.p["again after"].format(x=events) if events else "", wait) if part)

    # Why

    def reasons(self) -> list[Row]:
        reasons = sorted(
            filter(self._is_worth_saying, self.decision["reasons"]),
            key=lambda reason: (-CLEARANCES.index(reason["clearance"]), reason["state"] != "fires"),
        )
        rows: list[Row] = []
        undecided = 0
        for reason in reasons:
            if self.decision["clearance"] == "emergency" and _is_urgent(reason):
                continue
            if reason["state"] != "fires":
                undecided += 1
                if undecided > _SHOWN_UNDECIDED:
                    continue
            rows += self._reason(reason)
        if undecided > _SHOWN_UNDECIDED:
            rows.append(("", self.p.counted("more reasons", undecided - _SHOWN_UNDECIDED), "dim"))
        return rows

    def _is_worth_saying(self, reason: Mapping[str, Any]) -> bool:
        return not self.deceased or "deceased" in reason["values"]

    def _reason(self, reason: Mapping[str, Any]) -> Iterator[Row]:
        p, certain = self.p, reason["state"] == "fires"
        label = p["short " + ("scope" if is_out_of_scope(reason) else reason["clearance"])]
        yield (
            label if certain else p["perhaps"].format(x=label),
            p.text(reason["because"]),
            colour_of(reason["clearance"]) if certain or reason["clearance"] == "emergency" else "dim",
        )
        for detail in self._detail(reason):
            yield "", detail, "dim"

    def _detail(self, reason: Mapping[str, Any]) -> Iterator[str]:
        """What a reason rests on: the values it looked at, its source, whether the limit was verified."""
        p, certain = self.p, reason["state"] == "fires"
        shown = [
            reason_value(p, name, value)
            for name, value in reason["values"].items()
            if p.is_telling(name, value, certain)
        ]
        source = [reason["source"]] if reason.get("source") else []
        source += [p["unverified"]] if reason.get("verified") == "unverified" else []
        parts = ["; ".join(shown)] if shown else []
        parts += [f"[{', '.join(source)}]"] if source else []
        if parts:
            yield " ".join(parts)

    # What to ask

    def missing(self) -> list[RenderableType]:
        p, facts = self.p, self.decision["missing"]
        lines: list[RenderableType] = [Text(""), Text(p["ask"], style="bold")] if facts else []
        for fact in facts[:_SHOWN_MISSING]:
            who = f" ({p.word('who', fact['who'])})"
            lines.append(Padding(Text.assemble((p.label(fact["field"]), "bold"), (who, "dim")), (0, 0, 0, 2)))
            if any(piece["clearance"] != self.decision["clearance"] for piece in fact["would"]):
                pieces = "; ".join(self._would(fact["field"], piece) for piece in fact["would"])
                lines.append(Padding(Text(pieces), (0, 0, 0, 6)))
        rest = len(facts) - _SHOWN_MISSING
        if rest > 0:
            lines.append(Padding(Text(p.counted("more facts", rest), style="dim"), (0, 0, 0, 2)))
        handed = hand_out(self.decision, p)
        if handed:
            lines.append(Padding(Text(handed, style="bold"), (0, 0, 0, 2)))
        return lines

    def _would(self, name: str, piece: Mapping[str, str]) -> str:
        p = self.p
        then = p["short " + piece["clearance"]]
        if piece["clearance"] in ("clear", "modify"):
            then = f"{then}, {p['track ' + piece['track']]}"
        return f"{p.condition(name, piece['if'])} → {then}"

    # How to train

    def adaptations(self) -> list[Row]:
        p, decision, parts = self.p, self.decision, self.decision["restriction"]
        if decision["clearance"] in ("stop", "emergency") or not self.covered:
            return []
        if len(decision["missing"]) > _SHOWN_MISSING:
            return []
        where = place_words(decision, p)
        if decision["supervision"] != "group":  # the form of training says that already
            where = f"{where}; {p.word('supervision', decision['supervision'])}"
        rows = [(p["where"], where, "")]
        return rows + [(label, text, "") for label, text in limit_rows(parts, p)]

    # What is doubtful

    def doubtful_inputs(self) -> list[Row]:
        p, decision = self.p, self.decision
        asked = {fact["field"] for fact in decision["missing"]}
        asked |= {name for reason in decision["reasons"] for name in reason["values"]}
        doubtful = [name for name, entry in decision["inputs"].items() if entry["state"] in _DOUBTFUL]
        doubtful.sort(key=lambda name: name not in asked)
        rows = [self._doubt(name, decision["inputs"][name]) for name in doubtful[:_SHOWN_DOUBTFUL]]
        if len(doubtful) > _SHOWN_DOUBTFUL:
            rows.append(("", p.counted("more", len(doubtful) - _SHOWN_DOUBTFUL), "dim"))
        undated = [p.label(name) for name, entry in decision["inputs"].items() if entry["state"] == "undated"]
        if undated:
            rows.append((p["state undated"], p["counts today"].format(x=self.p.some(undated)), ""))
        return rows

    def _doubt(self, name: str, entry: Mapping[str, Any]) -> Row:
        p = self.p
        if entry["state"] == "refused":
            return p["state refused"], p["counts unknown"].format(x=p.label(name)), ""
        date = f" ({p.date(entry['date'])})" if entry.get("date") else ""
        said = f"{p.label(name)}{p.joint(name)}{p.given(name, entry['given'])}{date}"
        expired = entry["state"] == "expired"
        value = (p.after_expiry if expired else p.value)(name, entry["value"], entry["unit"])
        return p["state " + entry["state"]], p["counts as"].format(x=said, y=value), ""

    def problems(self) -> list[Row]:
        return [(*problem_words(self.p, entry), "yellow") for entry in self.decision["problems"]]

    def overrides(self) -> list[Row]:
        p = self.p
        return [
            (
                entry.get("rule", ""),
                p["override"].format(
                    by=entry.get("by", "?"),
                    reason=entry.get("reason", "?"),
                    date=p.date(entry.get("date", "")),
                ),
                "",
            )
            for entry in self.decision["overrides"]
        ]

    def footer(self) -> Iterator[RenderableType]:
        p, decision = self.p, self.decision
        if decision["unverified"] and not self.deceased:
            yield Text(p["rests on"].format(x=p.some(decision["unverified"])), style="dim")
        hashes = ", ".join(entry["sha256"][:12] for entry in decision["protocols"])
        yield Text(p.notice(decision.get("notice")), style="italic")
        yield Text(f"{decision['engine']} · sha256 {hashes}", style="dim")


def _is_urgent(reason: Mapping[str, Any]) -> bool:
    return reason["clearance"] == "emergency" and reason["state"] == "fires"


def _two_columns(rows: list[Row]) -> Table:
    """Rows of (label, text, style): a narrow label column and the text beside it."""
    widest = max((len(label) for label, _, _ in rows), default=0)
    table = Table.grid(padding=(0, 2))
    table.add_column(width=min(widest, 18))
    table.add_column(ratio=1)
    for label, text, style in rows:
        table.add_row(Text(label, style=style), Text(text, style="dim" if style == "dim" else ""))
    return table
