"""What the morning list says of each patient, in Danish or English, whatever it is written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from exrx.fields import Dictionary
from exrx.report import EXAMPLE, Phrases, first_sentence
from exrx.report.first_step import forms_to_hand_out, next_step, place_words
from exrx.report.limits import limit_rows, remeasured
from exrx.worklist import Change, Row, Worklist, is_example

WORDS = {
    "da": {
        "go": "Klar", "adapt": "Tilpas", "first": "Skaf først", "no": "Ikke i dag",
        "list": "Dagens liste", "urgent list": "De mest presserende", "patients": "{n} patienter",
        "emergency": "AKUT", "rule-out": "UDELUK AKUT",
        "examples": f"{EXAMPLE}: listen holder eksempler og må ikke bruges som arbejdsliste.",
        "draft": "UDKAST: ikke en liste at arbejde efter.",
        "made up": f"{EXAMPLE}: listen holder eksempler, ikke rigtige patienter.",
        "act first": "Først af alt", "hand out one": "1 patient: udlever først {forms}",
        "hand out many": "{n} patienter: udlever først {forms}",
        "day": "Hospitalsdag", "protocol": "Protokol", "made": "Lavet med",
        "team": "Hold", "no team": "Uden hold", "time": "Tid", "room": "Lokale", "patient": "Patient", "name": "Navn",
        "answer": "Svar", "do": "Hvorfor, og hvad der skal gøres", "limits": "Grænser i dag", "done": "Set",
        "measure": "Mål ved døren", "call": "Ring til", "refer": "Henvis til", "before": "Sidst", "change": "Ændring",
        "later": "når det er afklaret", "no data": "der er ingen oplysninger om patienten",
        "shared": "flere patienter har dette id: find ud af, hvem svaret gælder",
        "problems one": "1 oplysning kunne ikke bruges", "problems many": "{n} oplysninger kunne ikke bruges",
        "unplanned": "Har oplysninger, men ingen tid i dag",
        "gone": "På listen {day}, men ikke i dag", "compared": "sammenlignet med {day}",
        "better": "bedre", "worse": "VÆRRE", "same": "uændret", "new": "NY", "unclear": "uklart, hvem svaret gjaldt",
        "was": "var: {x}", "none": "ingen", "sign": "Set af (navn og tid)", "row": "linje {n} af {m}",
        "page": "side", "of": "af", "yes": "ja",
    },
    "en": {
        "go": "Go", "adapt": "Adapt", "first": "Get this first", "no": "Not today",
        "list": "Today's list", "urgent list": "The most urgent", "patients": "{n} patients",
        "emergency": "EMERGENCY", "rule-out": "RULE OUT",
        "examples": f"{EXAMPLE}: this list holds examples and is no worklist.",
        "draft": "DRAFT: no list to work from.",
        "made up": f"{EXAMPLE}: this list holds examples, not real patients.",
        "act first": "First of all", "hand out one": "1 patient: hand out first: {forms}",
        "hand out many": "{n} patients: hand out first: {forms}",
        "day": "Hospital day", "protocol": "Protocol", "made": "Made with",
        "team": "Team", "no team": "No team", "time": "Time", "room": "Room", "patient": "Patient", "name": "Name",
        "answer": "Answer", "do": "Why, and what to do", "limits": "Limits today", "done": "Seen",
        "measure": "Measure at the door", "call": "Call", "refer": "Refer to", "before": "Before", "change": "Change",
        "later": "once settled", "no data": "there are no data about this patient",
        "shared": "several patients have this id: find out whose answer it is",
        "problems one": "1 fact could not be used", "problems many": "{n} facts could not be used",
        "unplanned": "With data, but expected nowhere today",
        "gone": "On the list of {day}, not on today's", "compared": "compared with {day}",
        "better": "better", "worse": "WORSE", "same": "unchanged", "new": "NEW", "unclear": "unclear whose it was",
        "was": "was: {x}", "none": "none", "sign": "Seen by (name and time)", "row": "row {n} of {m}",
        "page": "page", "of": "of", "yes": "yes",
    },
}  # fmt: skip
STYLES = {"go": "green", "adapt": "green", "first": "yellow", "no": "red"}
_FEW = 10


@frozen
class Said:
    """One row in words. `line` is why in one plain line; the other texts are empty where there is nothing to say.

    `stands_out` is true for a change that has to be seen: for the worse, new, or of nobody knows whom.
    """

    patient: str
    name: str
    word: str
    state: str
    urgent: str
    line: str
    measure: str
    call: str
    limits: str
    change: str
    stands_out: bool
    notes: tuple[str, ...]

    @property
    def who(self) -> str:
        """The name with the pseudonym beside it, or the pseudonym alone."""
        return f"{self.name} ({self.patient})" if self.name else self.patient


class Speaker:
    """Words for one list in one language; `keys` are the names by pseudonym, joined here and nowhere else."""

    def __init__(self, lang: str, names: Dictionary, keys: Mapping[str, str] | None = None) -> None:
        self.lang, self.names, self.keys = lang, names, keys or {}
        self.p = Phrases(lang, names)
        self.words = WORDS[lang]

    def said(self, row: Row) -> Said:
        """A row in words."""
        decision = row.decision
        return Said(
            patient=row.patient or self.p["no id"],
            name=self.keys.get(row.patient, ""),
            word=row.word,
            state=self.words[row.word],
            urgent=self.words[row.urgent] if row.urgent else "",
            line=self._line(row),
            measure="; ".join(self.measured(row)),
            call=self._call(decision),
            limits=self._limits(row),
            change=self._change(row.change),
            stands_out=row.change is not None and row.change.state in ("worse", "new", "unclear"),
            notes=self._notes(row),
        )

    def _line(self, row: Row) -> str:
        mark = f"{EXAMPLE} " if is_example(row.decision) else ""
        if row.word == "go":
            step = place_words(row.decision, self.p)
        else:
            step = next_step(row.decision, self.lang, self.names)
            step = first_sentence(step) if row.word == "adapt" else step
            step += self._certain(row)
        return f"{mark}{step[:1].upper()}{step[1:]}"

    def _certain(self, row: Row) -> str:
        """Why it is no already, where the line begins with an emergency to rule out; a stop says it itself."""
        decision = row.decision
        if row.urgent != "rule-out" or decision["clearance"] not in ("consult", "defer"):
            return ""
        because = next(
            (
                self.p.text(reason["because"])
                for reason in decision["reasons"]
                if reason["state"] == "fires" and reason["clearance"] == decision["clearance"]
            ),
            "",
        )
        return f". {first_sentence(because)}" if because else ""

    def _notes(self, row: Row) -> tuple[str, ...]:
        problems = len(row.decision["problems"])
        return tuple(
            filter(None, (
                self.words["no data"] if row.no_data else "",
                self.words["shared"] if row.shared else "",
                self.words[f"problems {'one' if problems == 1 else 'many'}"].format(n=problems) if problems else "",
            ))
        )  # fmt: skip

    def measured(self, row: Row) -> list[str]:
        """What to measure or look up at the door: a second reading, and what is missing and no form asks."""
        if row.word == "no" and not row.decision["remeasure"]:
            return []
        again = [remeasured(entry, self.p) for entry in row.decision["remeasure"]]
        return [*again, *(self.p.label(name) for name in measured_fields(row.decision) if row.word != "no")]

    def _call(self, decision: Mapping[str, Any]) -> str:
        refer = decision["restriction"]["refer"] if decision["clearance"] in ("stop", "emergency") else []
        roles = called(decision, self.names)
        parts = [self.p.words("roles", roles)] if roles else []
        parts += [f"{self.words['refer'].lower()}: {self.p.words('refer', refer)}"] if refer else []
        return "; ".join(parts)

    def _limits(self, row: Row) -> str:
        """The limits that hold; for who has something to get first, only where little is missing."""
        decision = row.decision
        if row.word == "no" or (row.word == "first" and len(decision["missing"]) > _FEW):
            return ""
        place = [] if row.word == "go" else [("", place_words(decision, self.p))]
        found = [*place, *limit_rows(decision["restriction"], self.p)]
        text = "; ".join(f"{label.lower()}: {said}" if label else said for label, said in found)
        return f"{self.words['later']}: {text}" if text and row.word == "first" else text

    def _change(self, change: Change | None) -> str:
        if change is None:
            return ""
        before = f" ({self.words['was'].format(x=self.p['short ' + change.before])})" if change.before else ""
        return f"{self.words[change.state]}{'' if change.state == 'same' else before}"

    def heading(self, worklist: Worklist) -> list[str]:
        """Lines that stand on every page: the day, the protocols with version, and that it is a proposal."""
        used = ", ".join(f"{use['id']} {use['version']}" for use in worklist.protocols)
        compared = f" · {self.words['compared'].format(day=self.p.date(worklist.compared_with))}"
        day = self.p.date(worklist.as_of) + (compared if worklist.compared_with else "")
        return [f"{self.words['day']}: {day}", f"{self.words['protocol']}: {used} · {self.p.stage(worklist.stage)}"]

    def mark(self, worklist: Worklist) -> str:
        """What a draft says on every page; empty for a final list."""
        made_up = [self.words["made up"]] if worklist.example else []
        return " ".join([self.words["draft"], *made_up]) if worklist.draft else ""

    def notice(self, rows: Iterable[Row]) -> str:
        """That it is a proposal, and what local overlays loosened in any of the decisions, each once."""
        return " ".join((self.p["notice"], *loosened((row.decision for row in rows), self.p)))

    def act_first(self, worklist: Worklist) -> list[tuple[str, str]]:
        """The urgent rows that need more than a form, each as who and what; and one line for those that need a form."""
        singly: dict[str, tuple[str, str]] = {}
        waiting: dict[str, tuple[str, ...]] = {}
        for row in worklist.urgent:
            forms = self.form_titles(row.decision)
            if row.urgent == "emergency" or not forms:
                said = self.said(row)
                place = " ".join(filter(None, (row.session.team, row.session.time))) if row.session else ""
                singly[row.patient] = (f"{said.who}{f' · {place}' if place else ''}", f"{said.urgent}: {said.line}")
            else:
                waiting[row.patient] = forms
        lines = list(singly.values())
        if waiting:
            titles = dict.fromkeys(title for forms in waiting.values() for title in forms)
            counted = self.words[f"hand out {'one' if len(waiting) == 1 else 'many'}"]
            lines.append(("", counted.format(n=len(waiting), forms="; ".join(titles))))
        return lines

    def form_titles(self, decision: Mapping[str, Any]) -> tuple[str, ...]:
        """The titles of the forms that would answer several of the missing facts."""
        return tuple(self.p.text(form.title) for form in forms_wanted(decision))

    def group_title(self, team: str, time: str, room: str) -> str:
        """A group's head: team, time and room."""
        parts = [f"{self.words['team']} {team}" if team else self.words["no team"], time]
        parts += [f"{self.words['room'].lower()} {room}"] if room else []
        return " · ".join(filter(None, parts))


def forms_wanted(decision: Mapping[str, Any]) -> list[Any]:
    """The forms that would answer several of the missing facts each."""
    return forms_to_hand_out((fact["field"] for fact in decision["missing"]), decision["stage"])


def called(decision: Mapping[str, Any], names: Dictionary) -> list[str]:
    """The roles to call: whom the answer asks for, or whose missing answer is waited for.

    While a form still has to be handed out, what it would say may name others, so only a certain answer names any.
    """
    if decision["clearance"] != "assess":
        uncertain = decision["clearance"] == "defer" and forms_wanted(decision)
        return [] if uncertain else list(decision["consult"])
    roles = (names.fields[fact["field"]].role for fact in decision["missing"] if fact["field"] in names.fields)
    return list(dict.fromkeys(role for role in roles if role))


def measured_fields(decision: Mapping[str, Any]) -> list[str]:
    """The missing facts that are measured or looked up at the door and that no form to hand out asks."""
    asked = {name for form in forms_wanted(decision) for name in form.covers}
    return [fact["field"] for fact in decision["missing"] if fact["who"] == "door" and fact["field"] not in asked]


def loosened(decisions: Iterable[Mapping[str, Any]], p: Phrases) -> list[str]:
    """What local overlays loosened in any of the decisions, each once."""
    found = (change for decision in decisions for change in decision.get("local_changes", ()))
    return list(dict.fromkeys(p.text(change["text"]) for change in found if change["loosens"] != "no"))
