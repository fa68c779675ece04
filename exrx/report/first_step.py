"""The first thing to do or to know about a patient: what a headline says in full and a list in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exrx.fields import Dictionary
from exrx.forms import Form, load_forms
from exrx.report import CLEARANCES, Phrases, first_sentence
from exrx.worklist.rows import is_deceased, is_example

_FORMS = ("door", "cycle", "enrolment")
_WORTH_A_FORM = 4
_LISTED = 6
_NOT_HERE = "Not in this programme"
"""How a rule of any domain begins its reason when it only limits whom a programme takes."""


def is_out_of_scope(reason: Mapping[str, Any]) -> bool:
    """True for a stop that says nothing against training, only that this protocol is not for the patient."""
    because = reason["because"]
    said = because.get("en", "") if isinstance(because, Mapping) else str(because)
    return reason["clearance"] == "stop" and (reason["domain"] == "scope" or said.startswith(_NOT_HERE))


def stop_key(decision: Mapping[str, Any]) -> str:
    """`stop` where training is contraindicated, `scope` where the protocol is not for the patient, else empty."""
    if decision["clearance"] != "stop":
        return ""
    reason = _stop_reason(decision)
    return "scope" if reason is not None and is_out_of_scope(reason) else "stop"


def stop_sentence(decision: Mapping[str, Any], p: Phrases) -> str:
    """The first sentence of the strongest reason of a stop."""
    reason = _stop_reason(decision)
    return first_sentence(p.text(reason["because"])) if reason is not None else ""


def _stop_reason(decision: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The strongest certain reason of a stop: a contraindication outranks the limits of a programme."""
    certain = [each for each in decision["reasons"] if each["state"] == "fires" and each["clearance"] == "stop"]
    return min(certain, key=is_out_of_scope, default=None)


def short_key(decision: Mapping[str, Any]) -> str:
    """The key of the short word for a decision: its clearance, or `scope`."""
    return "scope" if stop_key(decision) == "scope" else str(decision["clearance"])


def next_step(decision: Mapping[str, Any], lang: str, names: Dictionary) -> str:
    """The first thing to do or to know about a patient, for one line of a list."""
    p = Phrases(lang, names)
    if is_deceased(decision):
        return p["head deceased"]
    urgent = _to_rule_out(decision, p)
    stop = stop_key(decision)
    if stop:
        said = p["say " + stop].format(x=stop_sentence(decision, p))
        return f"{urgent}. {said[:1].upper()}{said[1:]}" if urgent else said
    if urgent:
        return urgent
    if decision["clearance"] == "assess":
        return hand_out(decision, p) or p.some([p.label(fact["field"]) for fact in decision["missing"]], _LISTED)
    ranked = sorted(decision["reasons"], key=lambda reason: -CLEARANCES.index(reason["clearance"]))
    for reason in ranked:
        if reason["state"] == "fires" and reason["clearance"] == decision["clearance"]:
            return p.text(reason["because"])
    return place_words(decision, p)


def _to_rule_out(decision: Mapping[str, Any], p: Phrases) -> str:
    """What settles whether there is an emergency; empty where that is known."""
    if not decision["rule_out"] or decision["clearance"] == "emergency":
        return ""
    forms = hand_out(decision, p)
    facts = p.some(map(p.label, decision["rule_out"]), _LISTED)
    return f"{p['rule out first']}. {forms}" if forms else f"{p['rule out first']}: {facts}"


def forms_to_hand_out(missing: Iterable[str], stage: str) -> list[Form]:
    """The forms that answer several of the missing facts each: at enrolment its own first, else the door form."""
    open_facts, forms = set(missing), []
    wanted = _FORMS if stage != "enrolment" else tuple(reversed(_FORMS))
    shipped = load_forms()
    for form in [shipped[name] for name in wanted if name in shipped]:
        answered = open_facts & {*form.covers, *form.measure}
        if len(answered) >= _WORTH_A_FORM:
            forms.append(form)
            open_facts -= answered
    return forms


def hand_out(decision: Mapping[str, Any], p: Phrases) -> str:
    """Which forms to hand out; empty where asking is quicker."""
    forms = forms_to_hand_out((fact["field"] for fact in decision["missing"]), decision["stage"])
    return p["hand out"].format(x="; ".join(p.text(form.title) for form in forms)) if forms else ""


def place_words(decision: Mapping[str, Any], p: Phrases) -> str:
    """Where and how the patient trains: the form of training and the setting."""
    setting = p.word("setting", decision["setting"])
    return f"{p['format ' + decision['format']]} ({setting})"


__all__ = [
    "forms_to_hand_out", "hand_out", "is_deceased", "is_example", "is_out_of_scope", "next_step", "place_words",
    "short_key", "stop_key", "stop_sentence",
]  # fmt: skip
