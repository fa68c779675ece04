"""Explanations that say what to do next: `explain` gives a patient's decision with what would change it.

    settle.py          which facts to get first, and what each answer does; ways.py and cover.py find the smallest sets
    counterfactual.py  the least changes of what can change that would make the answer freer
    apart.py           what protocols that were joined each say on their own
    wording.py         all of it in Danish and English
"""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import frozen

from exrx.patient import Patient
from exrx.protocol.model import Protocol
from exrx.rules.words import LANGUAGES, say, sentence
from exrx.screening.advice.apart import Alone, Because, differ, each_alone
from exrx.screening.advice.counterfactual import Change, Counterfactual, Counterfactuals, counterfactuals
from exrx.screening.advice.settle import FactSet, Joint, Settling, settle
from exrx.screening.advice.wording import change_words, with_changes
from exrx.screening.decision import Decision
from exrx.screening.one import STATES, RuleAnswer, ask_rules

__all__ = [
    "Alone",
    "Because",
    "Change",
    "Counterfactual",
    "Counterfactuals",
    "Explanation",
    "FactSet",
    "Joint",
    "Settling",
    "change_words",
    "differ",
    "explain",
]

SCHEMA = "exrx/explanation/1"


@frozen
class Explanation:
    """A decision, every rule's answer, and what would settle or change it."""

    decision: Decision
    rules: tuple[RuleAnswer, ...]
    settling: Settling
    counterfactuals: Counterfactuals
    apart: tuple[Alone, ...]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as the JSON object of schema `exrx/explanation/1` (docs/explain.md)."""
        return {
            "schema": SCHEMA,
            "decision": self.decision.to_dict(),
            "rules": rules_json(self.rules),
            "settling": self.settling.to_dict(),
            "counterfactuals": {
                "found": [_with_words(each) for each in self.counterfactuals.found],
                "complete": self.counterfactuals.complete,
            },
            "apart": [each.to_dict() for each in self.apart],
        }


def explain(patient: Patient, protocol: Protocol, *, stage: str, as_of: date | str) -> Explanation:
    """The decision of `screen`, with every rule, the facts to get first, and the changes that would free the answer.

    Args:
        patient: what is known, as `Patient.from_dict` reads it.
        protocol: from `load_protocol`.
        stage: a stage of the protocol, such as `enrolment` or `session`.
        as_of: the day of the decision, a date or ISO text.

    Raises:
        ProtocolError: the protocol has no such stage.
        PatientError: `as_of` is not a date.
    """
    asked = ask_rules(patient, protocol, stage=stage, as_of=as_of)
    return Explanation(
        asked.decision(), asked.walk(), settle(asked.what_if), counterfactuals(asked), each_alone(asked)
    )  # fmt: skip


def rules_json(answers: tuple[RuleAnswer, ...]) -> list[dict[str, Any]]:
    """The walk as JSON: per rule its state, condition in words, reason, source and what it looked at."""
    return [
        {
            "rule": answer.rule,
            "state": STATES[answer.answer],
            "clearance": answer.restriction.clearance.word,
            "when": {lang: sentence(say(answer.active.condition, lang)) for lang in LANGUAGES},
            "because": answer.because,
            "source": answer.source,
            "verified": answer.verified,
            "values": {
                name: {"value": v.value, "unit": v.unit, "date": v.date, "limit": v.limit}
                for name, v in answer.values.items()
            },
        }
        for answer in answers
    ]


def _with_words(counterfactual: Counterfactual) -> dict[str, Any]:
    return {**counterfactual.to_dict(), "words": {lang: with_changes(counterfactual, lang) for lang in LANGUAGES}}
