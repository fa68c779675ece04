"""Answers for people: a decision, an explanation, a plan, a cohort, each as lines for an 80-column terminal.

Reports read the JSON forms (`Decision.to_dict()` and so on), so a saved answer prints as the fresh one did.
This module holds what they share: the phrases in Danish and English, and how values and dates are worded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from exrx.errors import FieldError
from exrx.fields import Dictionary, Field
from exrx.report.notes import note_words
from exrx.rules.words import say_elapsed, say_option, say_quantity

CLEARANCES = ("clear", "modify", "assess", "consult", "defer", "stop", "emergency")
TRACKS = ("group", "individual", "supervised", "none")
EXAMPLE = "EXAMPLE"
# fmt: off
_COLOURS = {
    "deceased": "red", "clear": "green", "modify": "green", "assess": "yellow", "rule-out": "red", "consult": "yellow",
    "defer": "red", "stop": "red", "scope": "red", "emergency": "white on red",
}
# fmt: on
_MONTHS = {
    "da": ("jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sept.", "okt.", "nov.", "dec."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_SIGNS = {
    "da": {
        "<": "under {x}",
        "<=": "højst {x}",
        ">": "over {x}",
        ">=": "mindst {x}",
        "=": "{x}",
        "!=": "andet end {x}",
    },
    "en": {
        "<": "below {x}",
        "<=": "at most {x}",
        ">": "above {x}",
        ">=": "at least {x}",
        "=": "{x}",
        "!=": "other than {x}",
    },
}
# fmt: off
_DA: dict[str, str] = {
    "no id": "patient uden id", "head clear": "KAN TRÆNE",
    "head deceased": "AFGÅET VED DØDEN: INGEN TRÆNING", "head modify": "TRÆN MED TILPASNINGER",
    "head assess": "SPØRG FØRST", "head rule-out": "UDELUK FØRST EN AKUT TILSTAND",
    "head consult": "VENT MED AT TRÆNE", "head defer": "IKKE I DAG",
    "head stop": "TRÆN IKKE, KONTRAINDICERET", "head scope": "IKKE UNDER DENNE PROTOKOL",
    "say stop": "kontraindiceret: {x}", "say scope": "uden for denne protokol: {x}",
    "head emergency": "AKUT: HANDL NU, INGEN TRÆNING",
    "head consult end": ": indhent svar fra {roles}", "short clear": "kan træne",
    "short modify": "med tilpasning", "short assess": "spørg først", "short consult": "vent",
    "short defer": "ikke i dag", "short stop": "træn ikke", "short scope": "ikke her", "short emergency": "akut",
    "format group": "på hold", "format individual": "individuelt", "track group": "på hold",
    "track individual": "individuelt", "track supervised": "under tæt opsyn", "track none": "ingen træning",
    "applies no": "protokollen er ikke lavet til denne patient",
    "applies undecided": "det er uvist, om protokollen passer til patienten", "settle": "Afklar straks",
    "now": "Gør nu", "contact": "Kontakt", "meanwhile": "Imens", "again": "Ny vurdering",
    "remeasure": "Mål igen", "if cleared": "Efter afklaring", "range": "Spændvidde",
    "from to": "sikkert nu: {low}; hvis de manglende svar er dårlige: {high}", "again after": "efter: {x}",
    "after minutes": "{x} efter {n} minutter", "why": "Hvorfor", "ask": "Spørg om",
    "adapt": "Sådan trænes der", "adapt later": "Når det er afklaret, trænes der sådan",
    "validity of": "gyldighed af {x}", "stale": "Om værdierne", "problems": "Problemer i oplysningerne",
    "overrides": "Fraveget af en fagperson", "perhaps": "måske {x}", "unverified": "grænse ikke efterprøvet",
    "limit": "grænse", "where": "Hvor", "aerobic_max": "Kondition", "strength_max": "Styrke",
    "session_minutes_max": "Varighed", "heart_rate_max": "Puls", "rpe_max": "Anstrengelse",
    "progression": "Progression", "avoid": "Undgå", "monitor": "Hold øje med", "refer": "Henvis",
    "at most": "højst {x}", "state expired": "forældet", "state censored": "kun en grænse",
    "state refused": "afvist", "counts unknown": "{x} regnes som ukendt", "state undated": "uden dato",
    "counts today": "regnes som målt i dag: {x}", "counts as": "{x} regnes som {y}",
    "override": "{reason} ({by}, {date}); reglen gælder stadig i beregningen",
    "rests on": "Hviler på tal, der ikke er efterprøvet: {x}",
    "notice": "Et forslag til den fagperson, der beslutter; ikke en beslutning.",
    "stage enrolment": "optagelse", "stage session": "dagens træning", "unknown": "ukendt", "none": "ingen",
    "never": "aldrig", "or": "eller", "and": "og", "any": "uanset værdi", "ago": "for {x} siden",
    "ahead": "om {x}", "within": "inden for de seneste {x}",
    "not within": "ikke inden for de seneste {x}", "at least": "mindst {x}", "or worse": "{x} eller værre",
    "rule holds": "reglen gælder: {x}", "verified primary": "læst i kilden",
    "verified secondary": "læst på anden hånd", "verified unverified": "ikke efterprøvet",
    "not format": "Ikke", "today": "i dag", "missing answers one": ": 1 oplysning mangler",
    "missing answers many": ": {n} oplysninger mangler", "in days one": "tidligst i morgen",
    "in days many": "tidligst om {n} dage",
    "more reasons one": "og 1 grund mere, der afhænger af manglende svar (exrx explain)",
    "more reasons many": "og {n} grunde mere, der afhænger af manglende svar (exrx explain)",
    "hand out": "Udlever: {x}", "rule out first": "udeluk en akut tilstand",
    "all patients": "Alle patienter: --format jsonl", "more one": "og 1 mere",
    "more many": "og {n} mere", "more facts one": "og 1 oplysning mere",
    "more facts many": "og {n} oplysninger mere",
}
_EN: dict[str, str] = {
    "no id": "patient without id", "head clear": "MAY TRAIN", "head deceased": "DECEASED: NO TRAINING",
    "head modify": "TRAIN WITH ADAPTATIONS", "head assess": "ASK FIRST",
    "head rule-out": "RULE OUT AN EMERGENCY FIRST", "head consult": "WAIT", "head defer": "NOT TODAY",
    "head stop": "DO NOT TRAIN, CONTRAINDICATED", "head scope": "NOT UNDER THIS PROTOCOL",
    "say stop": "contraindicated: {x}", "say scope": "outside this protocol: {x}",
    "head emergency": "EMERGENCY: ACT NOW, NO TRAINING",
    "head consult end": ": get an answer from {roles}", "short clear": "may train",
    "short modify": "adapted", "short assess": "ask first", "short consult": "wait",
    "short defer": "not today", "short stop": "do not train", "short scope": "not here", "short emergency": "emergency",
    "format group": "in the group", "format individual": "individually", "track group": "in the group",
    "track individual": "individually", "track supervised": "under close supervision",
    "track none": "no training", "applies no": "this protocol is not made for this patient",
    "applies undecided": "it is not known whether this protocol fits the patient",
    "settle": "Settle at once", "now": "Do now", "contact": "Contact", "meanwhile": "Meanwhile",
    "again": "Ask again", "remeasure": "Measure again", "if cleared": "Once settled", "range": "Span",
    "from to": "certain now: {low}; if the missing answers are bad: {high}", "again after": "after: {x}",
    "after minutes": "{x} after {n} minutes", "why": "Why", "ask": "What to ask", "adapt": "How to train",
    "adapt later": "How to train once settled", "validity of": "validity of {x}",
    "stale": "About the values", "problems": "Could not be used",
    "overrides": "Departed from by a professional", "perhaps": "perhaps {x}",
    "unverified": "limit not verified", "limit": "limit", "where": "Where", "aerobic_max": "Aerobic",
    "strength_max": "Strength", "session_minutes_max": "Duration", "heart_rate_max": "Heart rate",
    "rpe_max": "Exertion", "progression": "Progression", "avoid": "Avoid", "monitor": "Watch",
    "refer": "Refer", "at most": "at most {x}", "state expired": "out of date",
    "state censored": "only a bound", "state refused": "refused", "counts unknown": "{x} counts as unknown",
    "state undated": "no date", "counts today": "taken as measured today: {x}",
    "counts as": "{x} counts as {y}",
    "override": "{reason} ({by}, {date}); the rule still counts in the answer",
    "rests on": "Rests on numbers that are not verified: {x}",
    "notice": "A proposal to the professional who decides; not a decision.", "stage enrolment": "enrolment",
    "stage session": "today's session", "unknown": "unknown", "none": "none", "never": "never", "or": "or",
    "and": "and", "any": "whatever the value", "ago": "{x} ago", "ahead": "in {x}",
    "within": "in the last {x}", "not within": "not in the last {x}",
    "at least": "at least {x}", "or worse": "{x} or worse", "rule holds": "rule holds: {x}",
    "verified primary": "read in the source", "verified secondary": "read second-hand",
    "verified unverified": "not verified", "not format": "Not", "today": "today",
    "missing answers one": ": 1 fact is missing", "missing answers many": ": {n} facts are missing",
    "in days one": "tomorrow at the earliest", "in days many": "in {n} days at the earliest",
    "more reasons one": "and 1 more reason that depends on missing answers (exrx explain)",
    "more reasons many": "and {n} more reasons that depend on missing answers (exrx explain)",
    "hand out": "Hand out: {x}", "rule out first": "rule out an emergency",
    "all patients": "All patients: --format jsonl", "more one": "and 1 more",
    "more many": "and {n} more", "more facts one": "and 1 more fact",
    "more facts many": "and {n} more facts",
}
# fmt: on
PHRASES: dict[str, dict[str, str]] = {"da": _DA, "en": _EN}


def colour_of(clearance: str) -> str:
    """The colour of a clearance; colour only ever repeats what a word says."""
    return _COLOURS[clearance]


def shown_count(number: int, lang: str) -> str:
    """A count with the language's thousands separator: 5.000 in Danish, 5,000 in English."""
    return f"{number:,}".replace(",", "." if lang == "da" else ",")


def shown_date(date: str, lang: str) -> str:
    """An ISO date for people (`23. nov. 2026`, `23 Nov 2026`); a partial date or other text as it is."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(date))
    if not match:
        return str(date)
    year, month, day = (int(part) for part in match.groups())
    dot = "." if lang == "da" else ""
    return f"{day}{dot} {_MONTHS[lang][month - 1]} {year}"


def first_sentence(text: str) -> str:
    """The text up to and with its first full stop; an abbreviation or a decimal does not end a sentence."""
    found = re.match(r".+?[.!?](?=\s+[A-ZÆØÅ]|\s*$)", text, re.DOTALL)
    return found[0] if found else text


class Phrases:
    """The words of one language: fixed phrases by key, labels and values of the dictionary."""

    def __init__(self, lang: str, names: Dictionary) -> None:
        self.lang, self.names = lang, names
        self._phrases = PHRASES[lang]

    def __getitem__(self, key: str) -> str:
        return self._phrases[key]

    def get(self, key: str) -> str | None:
        """A fixed phrase, or None where there is none."""
        return self._phrases.get(key)

    def counted(self, key: str, number: int) -> str:
        """A phrase that depends on a count."""
        return self._phrases[f"{key} {'one' if number == 1 else 'many'}"].format(n=shown_count(number, self.lang))

    def some(self, words: Iterable[str], most: int = 8) -> str:
        """A list that stays readable: the first few words, and how many more; `unverified` entries reworded."""
        every = [self.unverified(word) for word in words]
        rest = len(every) - most
        return "; ".join(every[:most] + ([self.counted("more", rest)] if rest > 0 else []))

    def word(self, kind: str, key: str) -> str:
        """The label of one vocabulary key."""
        return self.names.word(kind, key, self.lang)

    def words(self, kind: str, keys: Iterable[str]) -> str:
        """The labels of vocabulary keys, which may hold commas, joined by semicolons."""
        return "; ".join(self.word(kind, key) for key in keys)

    def label(self, name: str) -> str:
        """The label of a field; an unknown name as it is."""
        entry = self._field(name)
        return entry.labelled(self.lang) if entry else name

    def stage(self, stage: str) -> str:
        """A stage for people."""
        return self._phrases.get(f"stage {stage}", stage)

    def date(self, date: str) -> str:
        """A date for people."""
        return shown_date(date, self.lang)

    def text(self, both: Any) -> str:
        """The sentence of a `{da, en}` mapping in this language; plain text as it is."""
        if isinstance(both, Mapping):
            return str(both.get(self.lang) or both.get("en") or "")
        return str(both or "")

    def notice(self, notice: Any) -> str:
        """The decision's notice; the fixed phrase where it is in another language."""
        return note_words(self.text(notice), self.lang) if isinstance(notice, Mapping) else self["notice"]

    def is_telling(self, name: str, value: Mapping[str, Any], certain: bool) -> bool:
        """True when a value adds to its reason's sentence: a number, a dated finding, a no."""
        if value.get("value") in (None, "", "?", "unknown"):
            return certain
        entry = self._field(name)
        return entry is None or entry.is_numeric or value.get("value") != "yes" or bool(value.get("date"))

    def unverified(self, name: str) -> str:
        """An entry of the decision's `unverified` list: a rule, or how long a field's value is trusted."""
        field = str(name).removeprefix("validity:")
        return self["validity of"].format(x=self.label(field)) if field != name else field

    def value(self, name: str, value: Any, unit: str | None = "") -> str:
        """A value of the JSON form in words: "below 20 ×10⁹/L" for `<20`, "ja" for `yes`, "49 days ago"."""
        entry = self._field(name)
        if value in (None, "", "?", "unknown"):
            return self["unknown"]
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, (list, tuple)):
            return ", ".join(self.value(name, item) for item in value) or self["none"]
        text = str(value)
        if entry is None or entry.is_numeric:
            return self._number(entry, text, unit or "")
        lead = "at least " if text.startswith("at least ") else ""
        parts = re.split(r"( or |, |\|)", text.removeprefix(lead))
        joints = {" or ": f" {self['or']} ", "|": f" {self['or']} "}
        words = "".join(joints.get(part) or self._option(entry, part) for part in parts)
        return self["at least"].format(x=words) if lead else words

    def labelled_value(self, name: str, value: Any, unit: str | None = "") -> str:
        """A field's label with its value: "blodplader 45 ×10⁹/L", "lymfødem: ja"."""
        return f"{self.label(name)}{self.joint(name)}{self.value(name, value, unit)}"

    def joint(self, name: str) -> str:
        """What stands between a field's label and its value: nothing before a number, a colon before a word."""
        entry = self._field(name)
        return " " if entry is not None and entry.is_numeric else ": "

    def _option(self, entry: Field, option: str) -> str:
        if option == "none" and option not in entry.options:
            return self["none"]
        return say_option(entry, option, self.lang) if option in entry.options else option

    def _number(self, entry: Field | None, text: str, unit: str) -> str:
        """`45`, `<20`, `20-30`, `>=50 <100` or `>= 50 and < 100 10^9/L` in words."""
        if text == "never":
            return self["never"]
        signs = re.sub(r"^(-?[\d.]+)-([\d.]+)$", r">=\1 <=\2", text)
        bounds = re.findall(r"(<=|>=|!=|<|>|=)?\s*(-?\d+(?:\.\d+)?)(?=$|\s)", signs)
        if not bounds:
            return text
        words = [self._bound(entry, sign or "=", number, unit) for sign, number in bounds]
        return f" {self['and']} ".join(words)

    def _bound(self, entry: Field | None, sign: str, number: str, unit: str) -> str:
        quantity = say_quantity(number, unit, self.lang)
        if entry is not None and entry.kind == "elapsed":
            if sign == "=":
                return self["ahead" if entry.towards_future else "ago"].format(x=quantity)
            return say_elapsed(entry, sign, quantity, self.lang)
        return _SIGNS[self.lang][sign].format(x=quantity)

    def limit(self, name: str, limit: Any) -> str:
        """The limit of a reason's number, in the unit that it was written in; empty for an option."""
        entry = self._field(name)
        if entry is None or not entry.is_numeric:
            return ""
        words = []
        for part in str(limit).split("; "):
            match = re.fullmatch(r"(<=|>=|!=|<|>|=)?\s*(-?\d+(?:\.\d+)?)\s*(.*)", part.strip())
            if match:
                words.append(self._bound(entry, match[1] or "=", match[2], match[3] or entry.ticks.unit))
        return f" {self['or']} ".join(words)

    def given(self, name: str, given: Any) -> str:
        """A value as it was given, with this language's decimal sign and labels."""
        if isinstance(given, Mapping):
            unit = given.get("unit")
            given = f"{given.get('value')} {unit}" if unit else given.get("value")
        entry = self._field(name)
        if entry and not entry.is_numeric:
            return self.value(name, given)
        match = re.fullmatch(r"\s*([<>]=?)?\s*(-?\d+(?:\.\d+)?)\s*(\D.*)?", str(given))
        if not match:
            return self.date(str(given))
        unit = match[3] or (entry.ticks.unit if entry and entry.kind == "quantity" else "")
        return self._number(None, f"{match[1] or ''}{match[2]}", unit.strip())

    def after_expiry(self, name: str, value: Any, unit: str) -> str:
        """What an expired value still says: it has widened towards the worse side only."""
        entry = self._field(name)
        worse = entry.worse.kind if entry else "none"
        shown = self.value(name, value, unit)
        if entry is None or worse in ("none", "outside"):
            return self["unknown"]
        if worse in ("yes", "no"):
            return shown if str(value) == worse or entry.kind == "set" else self["unknown"]
        if entry.is_numeric and re.fullmatch(r"-?[\d.]+", str(value)):
            return self._bound(entry, "<=" if worse == "lower" else ">=", str(value), unit)
        return self["or worse"].format(x=shown)

    def condition(self, name: str, condition: Any) -> str:
        """One answer of `missing.would.if` in words, without the field's label."""
        text, entry = str(condition), self._field(name)
        fixed = {"no further ones": "none", "any value": "any", "any time or never": "any"}
        if text in fixed:
            return self[fixed[text]]
        if entry is None:
            return text
        within = re.fullmatch(r"(not )?in the last (\d+) d", text)
        if within:
            time = say_quantity(within[2], "d", self.lang)
            return self["not within" if within[1] else "within"].format(x=time)
        if entry.kind == "elapsed" and text.endswith(" d ago, or never"):
            return self._bound(entry, ">=", text.removeprefix("at least ").removesuffix(" d ago, or never"), "d")
        if entry.is_numeric:
            plain = re.sub(r"(\d)\.0+(?!\d)|(\.\d*?[1-9])0+(?!\d)", r"\1\2", text.removesuffix(entry.ticks.unit))
            return self._number(entry, plain.strip(), entry.ticks.unit)
        return self.value(name, text)

    def _field(self, name: str) -> Field | None:
        try:
            return self.names.fields.get(name) or self.names.field(name)
        except FieldError:
            return None


__all__ = ["CLEARANCES", "EXAMPLE", "PHRASES", "Phrases", "colour_of", "first_sentence", "shown_count", "shown_date"]
