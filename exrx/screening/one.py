"""Screening one patient: the decision with its reasons, and the walk through every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cached_property

from attrs import define, frozen

from exrx.errors import PatientError, Problem
from exrx.fields import Field
from exrx.knowledge import Knowledge, know
from exrx.patient import Patient
from exrx.protocol.model import Protocol
from exrx.protocol.stage import ActiveRule, StageRules, stage_rules
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED, Atom, Compare, atoms
from exrx.rules.one import deciding_atoms, evaluate
from exrx.rules.restriction import Clearance, Restriction, join
from exrx.screening.answers import Answer, Answers, answer_all
from exrx.screening.decision import Decision, Missing, Override, ProtocolUse, Reason, ReasonValue
from exrx.screening.gates import GateLimit, gate_limits
from exrx.screening.missing import Search, open_fields
from exrx.screening.verdict import proposal
from exrx.screening.what_if import WhatIf

STATES = {TRUE: "fires", UNDECIDED: "undecided", FALSE: "silent"}
APPLIES = {TRUE: "yes", UNDECIDED: "undecided", FALSE: "no"}


def screen(
    patient: Patient,
    protocol: Protocol,
    *,
    stage: str,
    as_of: date | str,
    overrides: Iterable[Mapping[str, str]] = (),
) -> Decision:
    """What `protocol` proposes for `patient` at `stage` on the day `as_of`.

    Unknown facts count as the cautious value until they are asked: they can make the answer more cautious, never
    less. Nothing here reads the clock.

    Args:
        patient: what is known, as `Patient.from_dict` reads it.
        protocol: from `load_protocol`.
        stage: a stage of the protocol, such as `enrolment` or `session`.
        as_of: the day of the decision, a date or ISO text.
        overrides: departures by a professional, each `{"by", "reason", "date"}` with an optional `"rule"`; they are
            recorded and never change a rule.

    Raises:
        ProtocolError: the protocol has no such stage.
        PatientError: `as_of` is not a date, or an override lacks its reason.
    """
    return ask_rules(patient, protocol, stage=stage, as_of=as_of).decision(overrides)


@define(slots=False)
class Asked:
    """A patient whom every rule was asked about: what was known, each rule's answer, the limits that gates brought."""

    patient: Patient
    protocol: Protocol
    knowledge: Knowledge
    limits: tuple[GateLimit, ...]
    found: Answers

    @cached_property
    def what_if(self) -> WhatIf:
        """The answers, to be tried with other facts."""
        return WhatIf.of(self.found, self.knowledge, self.limits)

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """The facts that could change the answer."""
        return Search(self.what_if).missing()

    def decision(self, overrides: Iterable[Mapping[str, str]] = ()) -> Decision:
        """The decision with its reasons; PatientError where an override lacks who, why or when."""
        return _decision(self, tuple(_override(given) for given in overrides))

    def walk(self) -> tuple[RuleAnswer, ...]:
        """Every rule with its answer, in the file's order."""
        return tuple(
            RuleAnswer(
                each.active.rule.id, each.state, each.active.rule.because, each.active.rule.then, each.active,
                _looked_at(each.active, self.knowledge), each.active.rule.source, each.active.rule.verified,
            )
            for each in self.found.answers
        )


def ask_rules(patient: Patient, protocol: Protocol, *, stage: str, as_of: date | str) -> Asked:
    """Ask every rule of a stage about a patient.

    Raises:
        ProtocolError, PatientError: as `screen`.
    """
    rules = stage_rules(protocol, stage)
    knowledge = know(patient, rules.dictionary, as_date(as_of), protocol.validity_at(stage))
    limits = gate_limits(knowledge, rules.dictionary)
    return Asked(patient, protocol, knowledge, limits, answer_all(rules, knowledge, limits))


def as_date(given: date | str) -> date:
    """A date, from a date or ISO text.

    Raises:
        PatientError: it is neither.
    """
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise PatientError(f"as_of is '{given}', which is not a date; write it as 2026-11-23") from None


def _override(given: Mapping[str, str]) -> Override:
    lacking = [key for key in ("by", "reason", "date") if not given.get(key)]
    if lacking:
        raise PatientError(f"an override needs who, why and when: {', '.join(lacking)} is missing")
    return Override(given["by"], given["reason"], given["date"], given.get("rule"))


def _decision(asked: Asked, overrides: tuple[Override, ...]) -> Decision:
    patient, found, knowledge, limits = asked.patient, asked.found, asked.knowledge, asked.limits
    rules = found.stage
    group_class = asked.what_if.group_class
    standing = found.standing()
    reasons = tuple(sorted(
        [_reason(each, rules, knowledge) for each in standing] + [_limit_reason(limit, rules) for limit in limits],
        key=lambda reason: (-reason.clearance, reason.state, reason.rule),
    ))
    rules_adapt = join([each.active.rule.then for each in standing] + [limit.restriction for limit in limits])
    return Decision(
        patient=patient.id,
        as_of=knowledge.as_of,
        stage=rules.stage,
        protocols=tuple(_uses(rules, knowledge)),
        rule_out=_rule_out(found, knowledge),
        adapted=rules_adapt.adapts,
        remeasure=tuple(sorted({name for each in standing for name in each.remeasure})),
        reasons=reasons,
        missing=asked.missing,
        inputs=knowledge.inputs,
        unverified=_unverified(reasons, knowledge),
        problems=knowledge.problems + tuple(_limit_problems(limits)),
        overrides=overrides,
        example=patient.example,
        local_changes=rules.protocol.local_changes,
        dictionary_sha256=rules.dictionary.sha256,
        source=patient,
        **proposal(found.definite, found.worst, group_class),
    )


def _uses(rules: StageRules, knowledge: Knowledge) -> Iterator[ProtocolUse]:
    for member in rules.protocol.members:
        applies = TRUE if member.applies_to is None else evaluate(member.applies_to, knowledge.state)
        yield ProtocolUse(member.id, member.version, member.sha256, APPLIES[applies])


def _rule_out(found: Answers, knowledge: Knowledge) -> tuple[str, ...]:
    if found.worst.clearance < Clearance.EMERGENCY or found.definite.clearance >= Clearance.EMERGENCY:
        return ()
    names: dict[str, None] = {}
    for each in found.answers:
        if each.state == UNDECIDED and each.active.rule.then.clearance is Clearance.EMERGENCY:
            names.update(dict.fromkeys(open_fields(each, knowledge.state) or each.remeasure))
    return tuple(names)


def _reason(found: Answer, rules: StageRules, knowledge: Knowledge) -> Reason:
    rule = found.active.rule
    return Reason(
        rule=rule.id,
        domain=rule.domain,
        state=STATES[found.state],
        clearance=rule.then.clearance,
        because=rule.because,
        source=rule.source,
        verified=rule.verified,
        values=reason_values(found.active, knowledge),
        restriction=rule.then,
    )


def _limit_reason(limit: GateLimit, rules: StageRules) -> Reason:
    gate = rules.dictionary.fields[limit.gate]
    because = {
        "da": f"{gate.labelled('da').capitalize()}: med begrænsninger. {limit.words}".strip(),
        "en": f"{gate.labelled('en').capitalize()}: with limits. {limit.words}".strip(),
    }
    return Reason(f"gate.{limit.gate}.limited", "consent", "fires", limit.restriction.clearance, because,
                  "clinician", "primary", {}, limit.restriction)


def _limit_problems(limits: tuple[GateLimit, ...]) -> Iterator[Problem]:
    for limit in limits:
        for fault in limit.not_understood:
            yield Problem(limit.gate, None, "limit-not-understood", fault)


def reason_values(active: ActiveRule, knowledge: Knowledge) -> dict[str, ReasonValue]:
    """The values that a rule's answer rests on, each beside its limit."""
    values: dict[str, ReasonValue] = {}
    for atom in deciding_atoms(active.condition, knowledge.state):
        name = atom.field.name
        limit = _limit_words(atom)
        if name in values:
            limit = f"{values[name].limit}; {limit}" if limit not in values[name].limit else values[name].limit
        values[name] = _value(atom.field, knowledge, limit)
    return values


def _limit_words(atom: Atom) -> str:
    if isinstance(atom, Compare):
        return f"{atom.operator} {atom.limit.text}"
    return "|".join(atom.field.names(atom.mask))


def _value(entry: Field, knowledge: Knowledge, limit: str) -> ReasonValue:
    given = knowledge.inputs.get(entry.name)
    unit = entry.ticks.unit if entry.is_numeric else ""
    if given is None:
        return ReasonValue("unknown", unit, None, limit)
    return ReasonValue(given.value, given.unit, given.date, limit)


def _unverified(reasons: tuple[Reason, ...], knowledge: Knowledge) -> tuple[str, ...]:
    rules = [reason.rule for reason in reasons if reason.verified == "unverified"]
    return (*rules, *(f"validity:{name}" for name in knowledge.unverified_validities))


@frozen
class RuleAnswer:
    """One rule on the walk through all of them: its answer, and what it looked at."""

    rule: str
    answer: int
    because: dict[str, str]
    restriction: Restriction
    active: ActiveRule
    values: dict[str, ReasonValue]
    source: str
    verified: str


def walk_rules(
    patient: Patient, protocol: Protocol, *, stage: str, as_of: date | str
) -> tuple[RuleAnswer, ...]:
    """Every rule of the protocol at this stage with its answer (0 false, 1 undecided, 2 true), in the file's order.

    Raises:
        ProtocolError, PatientError: as `screen`.
    """
    return ask_rules(patient, protocol, stage=stage, as_of=as_of).walk()


def _looked_at(active: ActiveRule, knowledge: Knowledge) -> dict[str, ReasonValue]:
    values: dict[str, ReasonValue] = {}
    for atom in atoms(active.condition):
        values.setdefault(atom.field.name, _value(atom.field, knowledge, _limit_words(atom)))
    return values
