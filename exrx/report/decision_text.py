"""A decision for the professional who decides: what to do in the first line, then why, then what to ask.

Reads the decision's JSON form (`Decision.to_dict()`, schema exrx/decision/1) and returns something rich can print;
colour only repeats what the words say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import CLEARANCES, Phrases, colour_of

_SHOWN_MISSING = 10
_SHOWN_UNDECIDED = 5


def decision_report(decision: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The whole answer for one patient, at most as wide as the console.

    Everything unknown, stale, refused or unverified is said; an EXAMPLE patient is marked in the first line.
    """
    return _Report(decision, Phrases(lang, names)).whole()


def first_line(decision: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """What to do, as one line of plain text."""
    return _Report(decision, Phrases(lang, names)).first_line()


def is_example(decision: Mapping[str, Any]) -> bool:
    """True when any value of the decision was made up for show (`origin: example`)."""
    return any(
        entry.get("state") == "example" or entry.get("origin") == "example"
        for entry in decision["inputs"].values()
    )


def next_step(decision: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """The first thing to do or to know about a patient, for one line of a list."""
    p = Phrases(lang, names)
    if decision["rule_out"]:
        return "; ".join(p.label(name) for name in decision["rule_out"])
    if decision["clearance"] == "assess":
        return "; ".join(p.label(fact["field"]) for fact in decision["missing"])
    ranked = sorted(decision["reasons"], key=lambda reason: -CLEARANCES.index(reason["clearance"]))
    for reason in ranked:
        if reason["state"] == "fires" and reason["clearance"] == decision["clearance"]:
            return p.text(reason["because"])
    return place_words(decision, p)


def reason_value(p: Phrases, name: str, value: Mapping[str, Any]) -> str:
    """One value that a rule looked at, with its date and the rule's limit."""
    text = f"{p.label(name)} {p.value(name, value.get('value'), value.get('unit'))}"
    limit = p.limit(name, value.get("limit"))
    aside = [p.date(value["date"])] if value.get("date") else []
    aside += [p["rule holds"].format(x=limit)] if limit else []
    return f"{text} ({'; '.join(aside)})" if aside else text


def place_words(decision: Mapping[str, Any], p: Phrases) -> str:
    """Where and how the patient trains: the form of training and the setting."""
    setting = p.word("setting", decision["setting"])
    return f"{p['format ' + decision['format']]}, {setting}"


class _Report:
    def __init__(self, decision: Mapping[str, Any], phrases: Phrases) -> None:
        self.decision, self.p = decision, phrases

    def whole(self) -> RenderableType:
        sections = [
            (None, self.to_do()),
            ("why", self.reasons()),
            ("ask", self.missing()),
            ("adapt", self.adaptations()),
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
        return Group(*parts, Text(""), *self.footer())

    # What to do

    def first_line(self) -> str:
        mark = f"{self.p['example']} · " if is_example(self.decision) else ""
        return f"{mark}{self.p['head ' + self._headline_key()]}{self._headline_end()}"

    def headline(self) -> RenderableType:
        return Text(self.first_line(), style=f"bold {colour_of(self._headline_key())}")

    def _headline_key(self) -> str:
        clearance = self.decision["clearance"]
        return "rule-out" if clearance != "emergency" and self.decision["rule_out"] else clearance

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
            return f": {again}" if again else ""
        return ""

    def identity(self) -> RenderableType:
        p, decision = self.p, self.decision
        titles = ", ".join(f"{entry['id']} {entry['version']}" for entry in decision["protocols"])
        patient = decision["patient"] or p["no id"]
        return Text(
            f"{patient} · {titles} · {p.stage(decision['stage'])} · {p.date(decision['as_of'])}", style="dim"
        )

    def to_do(self) -> list[tuple[str, str, str]]:
        p, decision, rows = self.p, self.decision, []
        serious = decision["clearance"] in ("consult", "defer", "stop", "emergency")
        if self._headline_key() == "rule-out":
            rows.append((p["settle"], "; ".join(p.label(name) for name in decision["rule_out"]), "bold"))
        if decision["clearance"] == "emergency":
            urgent = [
                reason
                for reason in decision["reasons"]
                if reason["clearance"] == "emergency" and reason["state"] == "fires"
            ]
            rows += [(p["now"], p.text(reason["because"]), "bold") for reason in urgent]
        if serious and decision["consult"] and self._headline_key() != "consult":
            rows.append((p["contact"], p.words("roles", decision["consult"]), ""))
        if serious and decision.get("allowed_meanwhile"):
            rows.append((p["meanwhile"], p.words("allowed_meanwhile", decision["allowed_meanwhile"]), ""))
        if serious and self._headline_key() != "defer" and self._again():
            rows.append((p["again"], self._again(), ""))
        if decision.get("remeasure"):
            rows.append((p["remeasure"], ", ".join(map(self._remeasure, decision["remeasure"])), ""))
        if decision["clearance"] not in ("clear", "modify") and decision["track_if_cleared"] not in (
            None,
            "none",
        ):
            rows.append((p["if cleared"], p["track " + decision["track_if_cleared"]], ""))
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
        events = self.p.words("again", again.get("after", []))
        days = again.get("days")
        wait = self.p.counted("in days", days) if days is not None else ""
        return ", ".join(
            part for part in (self.p["again after"].format(x=events) if events else "", wait) if part
        )

    def _remeasure(self, entry: Any) -> str:
        if isinstance(entry, Mapping):
            minutes = entry.get("minutes")
            label = self.p.label(entry["field"])
            return self.p["after minutes"].format(x=label, n=minutes) if minutes else label
        return self.p.label(entry)

    # Why

    def reasons(self) -> list[tuple[str, str, str]]:
        reasons = sorted(
            self.decision["reasons"],
            key=lambda reason: (-CLEARANCES.index(reason["clearance"]), reason["state"] != "fires"),
        )
        rows: list[tuple[str, str, str]] = []
        undecided = 0
        for reason in reasons:
            if reason["state"] != "fires":
                undecided += 1
                if undecided > _SHOWN_UNDECIDED:
                    continue
            rows += self._reason(reason)
        if undecided > _SHOWN_UNDECIDED:
            rows.append(("", self.p.counted("more reasons", undecided - _SHOWN_UNDECIDED), "dim"))
        return rows

    def _reason(self, reason: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        p, certain = self.p, reason["state"] == "fires"
        label = p["short " + reason["clearance"]]
        yield (
            label if certain else p["perhaps"].format(x=label),
            p.text(reason["because"]),
            colour_of(reason["clearance"]) if certain else "dim",
        )
        shown = [
            reason_value(p, name, value)
            for name, value in reason["values"].items()
            if certain or not p.is_unknown(value)
        ]
        source = reason.get("source") or ""
        if reason.get("verified") == "unverified":
            source = f"{source}, {p['unverified']}" if source else p["unverified"]
        detail = "; ".join(shown)
        if source:
            detail = f"{detail} [{source}]" if detail else f"[{source}]"
        if detail:
            yield "", detail, "dim"

    # What to ask

    def missing(self) -> list[tuple[str, str, str]]:
        p, rows = self.p, []
        for entry in self.decision["missing"][:_SHOWN_MISSING]:
            pieces = [self._would(entry["field"], piece) for piece in entry["would"]]
            rows.append((p.word("who", entry["who"]), p.label(entry["field"]), "bold"))
            if pieces:
                rows.append(("", "; ".join(pieces), ""))
        rest = len(self.decision["missing"]) - _SHOWN_MISSING
        if rest > 0:
            rows.append(("", p.counted("more facts", rest), "dim"))
        return rows

    def _would(self, name: str, piece: Mapping[str, str]) -> str:
        p = self.p
        then = p["short " + piece["clearance"]]
        if piece["clearance"] in ("clear", "modify"):
            then = f"{then}, {p['track ' + piece['track']]}"
        return f"{p.condition(name, piece['if'])} → {then}"

    # How to train

    def adaptations(self) -> list[tuple[str, str, str]]:
        p, decision, parts = self.p, self.decision, self.decision["restriction"]
        if decision["clearance"] in ("stop", "emergency"):
            return []
        rows = [
            (
                p["where"],
                f"{p.word('setting', decision['setting'])}; {p.word('supervision', decision['supervision'])}",
                "",
            )
        ]
        for key in ("aerobic_max", "strength_max"):
            if parts[key] != "vigorous":
                rows.append((p[key], p["at most"].format(x=p.word("intensity", parts[key])), ""))
        for key, unit in (("session_minutes_max", "min"), ("heart_rate_max", "/min"), ("rpe_max", "Borg")):
            if parts.get(key) is not None:
                rows.append(
                    (
                        p[key],
                        p["at most"].format(
                            x=f"{unit} {parts[key]}" if unit == "Borg" else f"{parts[key]} {unit}"
                        ),
                        "",
                    )
                )
        if parts["progression"] != "normal":
            rows.append((p["progression"], p.word("progression", parts["progression"]), ""))
        for key in ("avoid", "monitor", "refer"):
            if parts[key]:
                rows.append((p[key], p.words(key, parts[key]), ""))
        return rows

    # What is doubtful

    def doubtful_inputs(self) -> list[tuple[str, str, str]]:
        p, rows = self.p, []
        undated: list[str] = []
        for name, entry in self.decision["inputs"].items():
            if entry["state"] == "undated":
                undated.append(p.label(name))
            elif entry["state"] in ("expired", "censored"):
                given = p.given(name, entry["given"])
                date = f" ({p.date(entry['date'])})" if entry.get("date") else ""
                value = p.value(name, entry["value"], entry["unit"])
                if entry["state"] == "expired":
                    value = p.after_expiry(name, entry["value"], entry["unit"])
                rows.append(
                    (
                        p["state " + entry["state"]],
                        p["counts as"].format(x=f"{p.label(name)} {given}{date}", y=value),
                        "",
                    )
                )
            elif entry["state"] == "refused":
                rows.append((p["state refused"], p.label(name), ""))
        if undated:
            rows.append((p["state undated"], ", ".join(undated), ""))
        return rows

    def problems(self) -> list[tuple[str, str, str]]:
        return [
            (self.p.label(entry["field"]), entry["message"], "yellow") for entry in self.decision["problems"]
        ]

    def overrides(self) -> list[tuple[str, str, str]]:
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
        if decision["unverified"]:
            yield Text(p["rests on"].format(x=", ".join(map(str, decision["unverified"]))), style="dim")
        hashes = ", ".join(entry["sha256"][:12] for entry in decision["protocols"])
        yield Text(p.notice(decision.get("notice")), style="italic")
        yield Text(f"exrx {decision['engine']} · sha256 {hashes}", style="dim")


def _two_columns(rows: list[tuple[str, str, str]]) -> Table:
    """Rows of (label, text, style): a narrow label column and the text beside it."""
    widest = max((len(label) for label, _, _ in rows), default=0)
    table = Table.grid(padding=(0, 2))
    table.add_column(width=min(widest, 18))
    table.add_column(ratio=1)
    for label, text, style in rows:
        table.add_row(Text(label, style=style), Text(text, style="dim" if style == "dim" else ""))
    return table
