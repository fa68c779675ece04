"""What a decision's inputs say about the person, as a plan needs it: exact numbers, answers, facts for the sheet."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from exrx.fields import Members, Span, load_dictionary
from exrx.knowledge import Input
from exrx.patient import Patient
from exrx.screening.decision import Decision
from exrx.training.plan_parts import Confirmation, Fact

SHEET_FACTS = (
    "affected_side", "line", "ostomy", "lymphoedema", "feeding_tube", "pacemaker_or_icd", "platelets", "haemoglobin",
    "leukocytes", "neutrophils", "lvef", "spo2", "six_minute_walk", "sit_to_stand_30s", "handgrip", "timed_up_and_go",
    "gait_speed", "vo2peak", "peak_watts", "hr_max_measured", "bone_metastasis_sites", "language_support_needed",
)  # fmt: skip
_SAYS_NOTHING = ("", "no", "none")


@frozen
class Person:
    """The inputs of a decision. Expired, censored and missing values are never more exact than they are."""

    inputs: dict[str, Input]

    def span(self, name: str) -> Span | None:
        """What is still possible for a number; None when nothing is known."""
        entry, known = self.inputs.get(name), load_dictionary().field(name)
        possible = entry.possible if entry is not None else None
        return possible if isinstance(possible, Span) and possible != known.unknown else None

    def exact(self, name: str) -> float | None:
        """The number in its canonical unit when exactly one is possible."""
        span = self.span(name)
        if span is None or span.low != span.high:
            return None
        return float(load_dictionary().field(name).ticks.value(span.low))

    def at_least(self, name: str) -> int | None:
        """The lowest number that is possible, None when nothing is known."""
        span = self.span(name)
        return None if span is None else int(load_dictionary().field(name).ticks.value(span.low))

    def answer(self, name: str) -> str:
        """`yes`, `no` or `unknown` of a flag."""
        return self.option(name) or "unknown"

    def option(self, name: str) -> str | None:
        """The option of a choice or flag when exactly one is possible."""
        entry, known = self.inputs.get(name), load_dictionary().field(name)
        if entry is None or isinstance(entry.possible, (Span, Members)) or not known.is_known(entry.possible):
            return None
        if known.kind == "flag":
            return entry.value
        return known.names(entry.possible)[0]

    def below(self, name: str, tick: int) -> str:
        """Whether a number lies below a limit in ticks: `yes`, `no` or `unknown`."""
        span = self.span(name)
        if span is None:
            return "unknown"
        return "yes" if span.high < tick else "no" if span.low >= tick else "unknown"


def facts_of(decision: Decision) -> Iterator[Fact]:
    """The values that the sheet shows, each with its date; what says nothing (no, none) is left out."""
    for name in SHEET_FACTS:
        entry = decision.inputs.get(name)
        if entry is None or entry.state == "refused" or entry.value in _SAYS_NOTHING:
            continue
        known = load_dictionary().field(name)
        unit = "" if entry.unit.startswith("{") else entry.unit  # a count has no unit that people write
        yield Fact(name, dict(known.label), entry.value, unit, entry.date or "", entry.state)


def confirmations_of(patient: Patient, decision: Decision) -> Iterator[Confirmation]:
    """The physicians' answers that the plan rests on, with who gave them, until when, and their limits."""
    for name, entry in decision.inputs.items():
        known = load_dictionary().field(name)
        if known.kind != "gate" or known.role is None or entry.state == "refused":
            continue
        observed = patient.observations.get(name)
        note = observed.note if observed else None
        until = note.until.latest.isoformat() if note and note.until else ""
        limits = note.limits if note else None
        said = limits if isinstance(limits, str) else (limits or {}).get("text", "") if limits else ""
        by, given = (note.by if note else ""), entry.date or ""
        yield Confirmation(known.role, entry.value, by, given, until, str(said))
