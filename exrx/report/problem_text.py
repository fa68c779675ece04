"""What could not be used, in the reader's language.

Readers word their problems in English, with a stable code. In Danish a problem is a frame of the field's label and the
value as it was given, and a sentence by code; a code that the table does not know keeps its English message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exrx.errors import FieldError
from exrx.fields import Field
from exrx.quantities.scale import plain
from exrx.report import Phrases
from exrx.rules.words import say_number, say_quantity
from exrx.values import WITHHELD, has_identifier

_SHOWN = 40
_KEPT = ("duplicate-id", "limit-not-understood", "unknown-patient")
"""Codes of what is used all the same, and only has to be known."""
_NAMELESS = ("unknown-field", "identifier-refused", "contradiction", *_KEPT)
"""Codes whose value is not repeated: nobody knows what stands in an unknown field, and it may be a name."""
_FIELDS = {"forms": "skema", "row": "rækken", "id": "id", "origin": "oprindelse", WITHHELD: "et navn på et felt"}
_DA = {
    "after-before-before": "eftermålingen er ikke senere end førmålingen; ret dagene eller mærkerne",
    "answer-outside": "et svar er ikke et af skemaets egne tal, så hele skemaet er afvist",
    "bad-scale": "feltets måleskala er forkert beskrevet",
    "contradiction": "oplysningerne modsiger hinanden, så feltet regnes som ukendt",
    "duplicate-id": "flere patienter har dette id; kontrollér, at hvert svar når den rette",
    "future-date": "datoen ligger efter den dag, der svares for",
    "goal-without-level": "målet mangler ord, trin eller vægt; trin er et af -2, -1, 0, 1, 2 og aftales med patienten",
    "identifier-refused": "her står et CPR-nummer. Giv et pseudonym, og intet CPR-nummer andre steder",
    "implausible": "værdien er ikke mulig{range}. {meant}",
    "impossible-date": "det er ikke en dato, der kan læses. Skriv den som 2026-11-23",
    "kelvin-unit": "enheden betyder kelvin. Skriv 10^3 foran, hvis der menes tusinder",
    "later-than-asked": "dagen ligger efter den dag, der svares for, så det tæller ikke endnu",
    "limit-not-understood": "lægens begrænsninger mangler eller kan ikke læses; spørg, hvad de går ud på",
    "needs-unit": "enheden mangler, og flere er mulige. Skriv den: {units}",
    "no-patient": "der er ingen patient, som oplysningen hører til",
    "no-result": "det nyeste svar har intet resultat",
    "not-a-number": "det er ikke ét tal. Skriv ét tal, eventuelt med enhed",
    "not-a-patient": "rækken er ikke en patient med felter",
    "not-an-option": "det er ikke et muligt svar{options}",
    "not-json": "linjen er ikke JSON",
    "not-on-form": "et svar findes ikke på skemaet; kun det, der er sat kryds ved, er brugt",
    "outside-norm": "normen gælder ikke for denne alder, højde eller vægt, så der er ingen procent",
    "ragged-row": "rækken har et andet antal celler end overskriften, så intet i den er brugt",
    "twice-on-one-day": "to værdier står på samme dag; behold den, der gælder",
    "undated-value": "dagen for blodprøverne mangler på skemaet, så værdien er ikke brugt",
    "unknown-field": "der er intet felt med det navn (exrx fields viser dem, der er)",
    "unknown-form": "der er intet skema med det navn; kun det, der er sat kryds ved, er brugt",
    "unknown-key": "værdien har en nøgle, der ikke findes, eller mangler «value»",
    "unknown-patient": "patienten er ikke blandt dem, skemaerne blev lavet til, eller i oplysningerne; se id efter",
    "unknown-word": "ordet findes ikke på listen over svar",
    "unknown-unit": "enheden kendes ikke. Skriv {units}",
    "unreadable-file": "filen kan ikke læses",
    "unreadable-resource": "oplysningen kan ikke læses",
    "unsigned-form": "skemaet mangler dato eller rolle, så kun det, der er svaret ja til, er brugt",
    "wrong-dimension": "enheden hører til en anden slags størrelse. Skriv {units}",
    "wrong-shape": "værdien har en form, der ikke kan læses",
}
CODES = frozenset(_DA)
"""The codes that have a Danish sentence."""


def problem_words(p: Phrases, problem: Mapping[str, Any]) -> tuple[str, str]:
    """A problem of a patient as a label and what to say beside it."""
    if p.lang != "da":
        name = str(problem["field"])
        return p.label(name), str(problem["message"]).removeprefix(f"{name}: ")
    return "", danish_problem(p, problem)


def danish_problem(p: Phrases, problem: Mapping[str, Any]) -> str:
    """A problem in Danish: what was not used, and why."""
    name, code = str(problem["field"]), problem["code"]
    entry = _field(p, name)
    label = p.label(name) if entry is not None else _FIELDS.get(name, f"«{name:.{_SHOWN}}»")
    shown = "" if code in _NAMELESS else _given(problem.get("given"))
    frame = "bemærk" if code in _KEPT else "ikke brugt"
    return f"{frame}: {label}{f' «{shown}»' if shown else ''}: {_sentence(p, problem, entry)}"


def danish_fault(place: str, code: str) -> str | None:
    """A fault of a file or a row in Danish; None for a code without a sentence."""
    return f"ikke brugt: {place}: {_DA[code]}" if code in _DA and "{" not in _DA[code] else None


def _sentence(p: Phrases, problem: Mapping[str, Any], entry: Field | None) -> str:
    code, message, given = problem["code"], problem["message"], problem.get("given")
    if code not in _DA:
        return str(message).removeprefix(f"{problem['field']}: ")
    if code == "contradiction" and isinstance(given, Mapping):
        sides = [p.label(name) for name in given if _field(p, name) is not None]
        if len(sides) > 1:
            return f"{' og '.join(sides)} modsiger hinanden, så begge regnes som ukendte."
    words = _DA[code].format(range=_range(entry), units=_units(entry), options=_options(entry), meant=_meant(message))
    return f"{words}." if words[-1].isalnum() else words


def _meant(message: str) -> str:
    """The reader's guess at the unit that was meant."""
    found = re.search(r"Was (.+?) meant", message)
    return f"Menes {found[1]}? Så skriv den enhed." if found else "Kontrollér tallet og enheden."


def _range(entry: Field | None) -> str:
    if entry is None or not entry.is_numeric or entry.kind == "elapsed":
        return ""
    low, high = (plain(number) for number in (entry.ticks.low, entry.ticks.high))
    whole = ", kun hele tal" if entry.ticks.whole else ""
    return f" ({say_number(low, 'da')} til {say_quantity(high, entry.ticks.unit, 'da')}{whole})"


def _units(entry: Field | None) -> str:
    if entry is None or not entry.is_numeric:
        return "en kendt enhed"
    return " eller ".join(entry.ticks.ambiguous or (entry.ticks.unit,))


def _options(entry: Field | None) -> str:
    if entry is None:
        return ""
    return f". Skriv et af: {', '.join(entry.options) or 'yes, no, unknown'}"


def _given(given: Any) -> str:
    """The value as it was given, short; nothing where there is none or it may identify somebody."""
    if isinstance(given, Mapping) and "value" in given:
        given = " ".join(str(given[key]) for key in ("value", "unit") if given.get(key) not in (None, ""))
    if given is None or isinstance(given, (Mapping, list, tuple)) or has_identifier(given):
        return ""
    text = str(given)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _field(p: Phrases, name: str) -> Field | None:
    try:
        return p.names.field(name)
    except FieldError:
        return None
