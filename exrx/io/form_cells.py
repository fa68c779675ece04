"""One row of a filled form becomes patient JSON: what was answered, what was left blank, and what is wrong with it.

ja            yes; "which" names the facts, dates and options are values of the form's day
nej           no, but for nothing that the same row reports elsewhere
ved ikke      unanswered, as an empty cell is: the facts stay unknown
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from attrs import define, field

from exrx.dates import read_date
from exrx.errors import Problem, QuantityError
from exrx.fields import Field
from exrx.forms import Question
from exrx.protocol.paper import PaperForm
from exrx.report.form_words import FORM_WORDS, ROLES, role_word

ANSWERS = {
    words[key].casefold(): key for words in FORM_WORDS.values() for key in ("yes", "no", "unknown")
} | {"unknown": "unknown", "do not know": "unknown", "dont know": "unknown"}  # fmt: skip
Cells = Mapping[str, Any]
"""The cells of a row by key: id, date, role, sampled, q:<question>, which:<question>, date:<field>, value:<field>."""


@define
class RowReader:
    """Reads one row of one form; `content` is its patient JSON and `problems` what could not be used."""

    paper: PaperForm
    cells: Cells
    place: str
    row: int = 0
    content: dict[str, Any] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    yes: list[str] = field(factory=list)
    blank: list[str] = field(factory=list)
    reported: list[str] = field(factory=list)

    @property
    def is_filled(self) -> bool:
        """Whether anything but who and when stands in the row."""
        return any(text(cell) for key, cell in self.cells.items() if key not in ("id", "date", "role"))

    def read(self) -> None:
        """Fill `content` and `problems`. A row that is not filled in says nothing."""
        if not self.is_filled:
            return
        day, role = self._day("date", "the form's date"), self._role()
        signed = bool(day and role)
        for question in self.paper.form.questions:
            self._question(question, day or "")
        if signed:
            self._measured(day or "")
            self._add_form(day, role)
            return
        lacking = " and ".join(part for part, given in (("a date", day), ("a role", role)) if not given)
        self._problem(
            "forms", "unsigned-form",
            f"{self.place} is filled in without {lacking}. It answers nothing with no, and its values are not used; "
            "only what was answered yes counts. Write date and role and read it again.",
        )  # fmt: skip
        self.content.clear()
        self.yes += self.reported
        if self.yes:
            self.blank = [question.id for question in self.paper.form.questions if question.id not in self.yes]
            self._add_form(day, role)

    def _add_form(self, day: str | None, role: str) -> None:
        said: dict[str, Any] = {"form": self.paper.form.id, "date": day, "role": role, "yes": sorted(set(self.yes))}
        left = [name for name in dict.fromkeys(self.blank) if name not in self.yes]
        self.content["forms"] = [said | ({"unanswered": left} if left else {})]

    def _question(self, question: Question, day: str) -> None:
        given = text(self.cells.get(f"q:{question.id}"))
        answer = ANSWERS.get(given.casefold()) if given else "unknown"
        named, chosen = self._which(question)
        values = chosen | self._dates(question)
        if answer is None:
            self._problem(
                "forms", "not-on-form",
                f"{self.place}: '{given:.40}' is none of yes, no and don't know; the item '{question.id}' counts as "
                "unanswered.",
            )  # fmt: skip
        elif answer != "yes" and (named or values):
            self._problem(
                "forms", "contradiction",
                f"{self.place}: the item '{question.id}' is not answered yes, and something is named beside it. What "
                "is named counts; the rest of the item is unanswered. Ask again.",
            )  # fmt: skip
        for name, value in values.items():
            self.content[name] = {"value": value, "date": day, "origin": f"form:{self.paper.form.id}"}
        self.yes += named
        self.blank += list(values)
        self.reported += list(values)
        rest = [name for name in question.covers if name not in named and name not in values]
        if answer == "yes" and not named and not values:
            self.yes.append(question.id)
        elif answer == "yes":
            # naming some facts says no to the others that could be named; a date says nothing about any other
            can_be_named = {name for name, _ in self.paper.details(question, "en").values()}
            self.blank += [name for name in rest if not (named or chosen) or name not in can_be_named]
        elif answer != "no" or named or values:
            self.blank += rest

    def _which(self, question: Question) -> tuple[list[str], dict[str, str]]:
        """The fields that are named as they are, and those with the option that is named."""
        known: dict[str, tuple[str, str]] = {}
        for lang in ("da", "en"):
            known |= {label.casefold(): what for label, what in self.paper.details(question, lang).items()}
        named: list[str] = []
        chosen: dict[str, str] = {}
        unsure = False
        for part in filter(None, (part.strip() for part in text(self.cells.get(f"which:{question.id}")).split(";"))):
            found = known.get(part.casefold()) or ((part, "") if part in question.covers else None)
            if found is None:
                self._problem(
                    "forms", "not-on-form",
                    f"{self.place}: '{part:.40}' is no answer to '{question.id}'; that item counts as yes, "
                    "and nobody knows which.",
                )  # fmt: skip
                unsure = True
                continue
            name, option = found
            if option and name not in chosen:
                chosen[name] = option
            elif option:  # two options of one field: any of them is possible
                chosen.pop(name)
                named.append(name)
            else:
                named.append(name)
        return [*named, question.id] if unsure else named, chosen

    def _dates(self, question: Question) -> dict[str, str]:
        found = {entry.name: self._day(f"date:{entry.name}", entry.name) for entry in self.paper.dated(question)}
        return {name: day for name, day in found.items() if day}

    def _measured(self, day: str) -> None:
        sampled = self._day("sampled", "the day of the blood tests")
        for entry in self.paper.measure:
            cell = self.cells.get(f"value:{entry.name}")
            if not text(cell):
                continue
            when = sampled if entry.group == "blood" else day
            if when is None:
                self._problem(
                    entry.name, "undated-value",
                    f"{self.place}: the day of the blood tests is not written, so '{entry.name}' is not used.",
                )  # fmt: skip
                continue
            self.content[entry.name] = self._value(entry, cell) | {
                "date": when, "origin": f"form:{self.paper.form.id}"
            }  # fmt: skip

    def _value(self, entry: Field, cell: Any) -> dict[str, Any]:
        said = text(cell)
        if entry.kind == "elapsed":
            return {"value": said}
        if entry.kind == "quantity":
            plain = isinstance(cell, (int, float)) or not any(letter.isalpha() for letter in said)
            return {"value": cell if isinstance(cell, (int, float)) else said} | (
                {"unit": entry.ticks.unit} if plain else {}
            )
        if entry.kind == "flag":
            return {"value": ANSWERS.get(said.casefold(), said)}
        by_label = {
            entry.option_label(option, lang).casefold(): option for option in entry.options for lang in ("da", "en")
        }
        if entry.kind == "set":
            return {"value": [by_label.get(part.strip().casefold(), part.strip()) for part in said.split(";")]}
        return {"value": by_label.get(said.casefold(), said)}

    def _day(self, key: str, what: str) -> str | None:
        cell = self.cells.get(key)
        if not text(cell):
            return None
        try:
            return read_date(cell if isinstance(cell, date) else text(cell)).text
        except QuantityError as error:
            self._problem("forms", error.code, f"{self.place}: {what} cannot be used: {error}")
            return None

    def _role(self) -> str:
        said = text(self.cells.get("role"))
        known = {role_word(role, lang): role for role in {*self.paper.form.roles, *ROLES} for lang in ("da", "en")}
        role = known.get(said.casefold(), "")
        if said and role not in self.paper.form.roles:
            roles = ", ".join(self.paper.form.roles)
            self._problem("forms", "not-on-form", f"{self.place}: the role must be one of {roles}.")
            return ""
        return role

    def _problem(self, name: str, code: str, message: str) -> None:
        self.problems.append(Problem(name, None, code, message))


def text(cell: Any) -> str:
    """A cell as text: nothing for an empty one, whole numbers without a point, dates as ISO."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()
