"""Why there is no plan, or only a draft, in plain words of both languages: what stands in the way and what to do first.

refuse          raises `PlanRefused` where no plan may be given     open_notes      what a draft leaves open
check_age_of    the decision must not be too old for the start
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.patient import Patient, is_example
from exrx.rules.restriction import Clearance, join
from exrx.screening.decision import Decision
from exrx.training.targets import Words
from exrx.training.wording import LANGUAGES

LONGEST_WEEKS = 104
_NAMED_IN_REFUSAL, _NAMED_IN_DRAFT = 3, 20
_MEANS: dict[Clearance, Words] = {
    Clearance.ASSESS: {
        "da": "det vides endnu ikke, om patienten må træne",
        "en": "it is not known yet whether the patient may train",
    },
    Clearance.CONSULT: {
        "da": "patienten må ikke træne, før en læge har svaret",
        "en": "the patient may not train before a physician has answered",
    },
    Clearance.DEFER: {"da": "patienten må ikke træne for tiden", "en": "the patient may not train at present"},
    Clearance.STOP: {
        "da": "patienten må ikke træne efter denne protokol",
        "en": "the patient may not train under this protocol",
    },
    Clearance.EMERGENCY: {"da": "det er en akut situation, handl først", "en": "this is an emergency, act first"},
}
_SAY: dict[str, Words] = {
    "no plan": {"da": "ingen plan: {}.", "en": "no plan: {}."},
    "not even": {"da": "ingen plan, heller ikke et udkast: {}.", "en": "no plan, not even a draft: {}."},
    "nobody's": {
        "da": "Ingen af de valgte protokoller er lavet til denne patient.",
        "en": "No protocol that was asked is made for this patient.",
    },
    "open": {
        "da": "Det vides endnu ikke, om dette gælder: {}",
        "en": "It is not known yet whether this holds: {}",
    },
    "rule out": {"da": "Udeluk først en akut tilstand: {}.", "en": "First rule out an emergency: {}."},
    "answer": {"da": "Indhent først: svar fra {}.", "en": "Get first: an answer from {}."},
    "again": {"da": "Screen igen efter: {}.", "en": "Ask again after: {}."},
    "days": {"da": "{} dage", "en": "{} days"},
    "later": {"da": "Screen igen, når det er ovre.", "en": "Screen again when that has passed."},
    "facts": {"da": "Indhent først: {}.", "en": "Get first: {}."},
    "then facts": {"da": "Derefter: {}.", "en": "Then: {}."},
    "more": {"da": " og {} mere", "en": " and {} more"},
    "still open": {"da": "Endnu ikke afklaret: {}.", "en": "Still open: {}."},
    "awaited": {"da": "Der mangler svar fra {}.", "en": "An answer is awaited from {}."},
    "may be asked": {"da": "Måske skal der også svar fra {}.", "en": "An answer may be needed from {}."},
    "missing": {"da": "Der mangler oplysninger: {}.", "en": "Facts are missing: {}."},
    "example": {
        "da": "ingen plan: dette er et EXAMPLE, ikke en rigtig patient; der kan kun skrives et udkast",
        "en": "no plan: this is an EXAMPLE, not a real patient; only a draft can be written",
    },
    "too old": {
        "da": "afgørelsen er fra {} og planen skulle begynde {}, mere end {} dage senere. "
        "Screen igen tættere på start.",
        "en": "the decision is of {} and the plan would start on {}, more than {} days later. "
        "Screen again nearer the start.",
    },
    "too early": {
        "da": "planen skulle begynde {}, før dagen for afgørelsen ({})",
        "en": "the plan would start on {}, before the day of the decision ({})",
    },
    "another": {
        "da": "afgørelsen handler om patienten '{}', ikke '{}'",
        "en": "the decision is about patient '{}', not '{}'",
    },
}


class PlanRefused(PlanError):
    """A plan that this decision does not allow: the message in English, `danish` the same in Danish."""

    def __init__(self, message: str, danish: str = "") -> None:
        super().__init__(message)
        self.danish = danish


def _refused(said: Words) -> PlanRefused:
    return PlanRefused(said["en"], said["da"])


def _said(key: str, *about: object) -> Words:
    """A sentence in both languages; what goes into it is a text or texts by language."""
    each = {lang: [part[lang] if isinstance(part, dict) else part for part in about] for lang in LANGUAGES}
    return {lang: _SAY[key][lang].format(*each[lang]) for lang in LANGUAGES}


def _joined(parts: Sequence[Words], between: str = " ") -> Words:
    return {lang: between.join(part[lang] for part in parts if part[lang]) for lang in LANGUAGES}


def rests_on_example(patient: Patient, decision: Decision) -> bool:
    """True when the patient or any value behind the decision is an example, however the word is spelled."""
    return decision.example or patient.example or any(is_example(entry.origin) for entry in decision.inputs.values())


def refuse(patient: Patient, decision: Decision, weeks: Any, draft: bool) -> None:
    """Raise where no plan, or no draft, may be given for this decision and length.

    A draft is for facts that are missing, for an answer that a physician owes, and for examples. What certainly
    defers, stops or is an emergency gives none, nor does a patient whom no protocol covers.
    """
    if patient.id and decision.patient and patient.id != decision.patient:
        raise _refused(_said("another", decision.patient, patient.id))
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= LONGEST_WEEKS:
        raise PlanError(f"weeks must be a whole number from 1 to {LONGEST_WEEKS}, not {weeks!r}")
    holds = max(decision.clearance, decision.definite_clearance)
    uncovered = bool(decision.protocols) and all(use.applies == "no" for use in decision.protocols)
    never = uncovered or holds >= Clearance.DEFER
    if never or (holds >= Clearance.ASSESS and not draft):
        headline = _said("not even" if never else "no plan", _MEANS[holds])
        raise _refused(_joined([headline, _cause(decision, holds), *_first(decision, holds)]))
    if not draft and rests_on_example(patient, decision):
        raise _refused(_said("example"))


def check_age_of(as_of: date, start: Any, most_days: int) -> None:
    """Raise when a plan would start before its decision, or more than `most_days` after: much can change until then."""
    if isinstance(start, datetime) or not isinstance(start, date):
        raise PlanError(f"start must be a date, such as datetime.date(2026, 11, 23), not {start!r}")
    if start < as_of:
        raise _refused(_said("too early", start, as_of))
    if start - as_of > timedelta(days=most_days):
        raise _refused(_said("too old", as_of, start, most_days))
    if start > date.max - timedelta(weeks=LONGEST_WEEKS):
        raise PlanError(f"a plan cannot start on {start}")


def meaning(decision: Decision) -> Words | None:
    """What stands against training, in words; None when the patient is cleared."""
    return _MEANS.get(decision.clearance)


def open_notes(decision: Decision) -> Iterator[Words]:
    """What a draft leaves open: the decision and its cause, the emergency to rule out, the answers and the facts."""
    means = meaning(decision)
    if means is None:
        return
    yield _joined([_said("still open", means), _cause(decision, decision.clearance)])
    if decision.rule_out:
        yield _said("rule out", _labels(decision.rule_out, _NAMED_IN_DRAFT))
    if decision.consult:
        yield _said("awaited" if decision.clearance >= Clearance.CONSULT else "may be asked", _roles(decision))
    if asked := _asked(decision):
        yield _said("missing", _labels(asked, _NAMED_IN_DRAFT))


def _cause(decision: Decision, holds: Clearance) -> Words:
    """The reason that makes the decision what it is: one that fires with its clearance, else the strongest that may."""
    fires = [each for each in decision.reasons if each.state == "fires"]
    for each in fires:
        if each.clearance == holds:
            return _because(each.because)
    if decision.protocols and all(use.applies == "no" for use in decision.protocols):
        return _said("nobody's")
    open_ones = [each for each in decision.reasons if each.state != "fires" and each.clearance >= Clearance.CONSULT]
    if open_ones:
        return _said("open", _because(max(open_ones, key=lambda each: each.clearance).because))
    return _because(fires[0].because if fires else {})


def _because(because: Words) -> Words:
    return {lang: because.get(lang, because.get("en", "")) for lang in LANGUAGES}


def _first(decision: Decision, holds: Clearance) -> Iterator[Words]:
    """What to do first: rule out an emergency, get an answer or facts, or wait for something and screen again."""
    if holds == Clearance.EMERGENCY:
        return
    if decision.rule_out:
        yield _said("rule out", _labels(decision.rule_out, _NAMED_IN_REFUSAL))
    if holds >= Clearance.DEFER:
        yield from _wait(decision, holds)
    elif holds == Clearance.CONSULT and decision.consult:
        yield _said("answer", _roles(decision))
    elif holds == Clearance.ASSESS and (asked := _asked(decision)):
        yield _said("then facts" if decision.rule_out else "facts", _labels(asked, _NAMED_IN_REFUSAL))


def _wait(decision: Decision, holds: Clearance) -> Iterator[Words]:
    """What to wait for, as the rules that defer or stop ask, not those beside them."""
    causes = [each for each in decision.reasons if each.state == "fires" and each.clearance == holds]
    again, names = join(each.restriction for each in causes).again, load_dictionary()
    events = [{lang: names.word("again", event, lang) for lang in LANGUAGES} for event in sorted(again.after)]
    if again.days:
        events.append(_said("days", again.days))
    if events:
        yield _said("again", _joined(events, ", "))
    elif holds == Clearance.DEFER:
        yield _said("later")


def _asked(decision: Decision) -> list[str]:
    return [fact.field for fact in decision.missing if fact.field not in decision.rule_out]


def _roles(decision: Decision) -> Words:
    names = load_dictionary()
    return _joined([{lang: names.word("roles", role, lang) for lang in LANGUAGES} for role in decision.consult], ", ")


def _labels(fields: Sequence[str], most: int) -> Words:
    names, more = load_dictionary(), len(fields) - most
    shown = _joined([{lang: names.field(name).labelled(lang) for lang in LANGUAGES} for name in fields[:most]], ", ")
    return _joined([shown, _said("more", more)], "") if more > 0 else shown
