"""A protocol made ready for one stage: its rules under the populations they are made for.

Three rules belong to no protocol and hold for all: the dead are never trained, a patient whom no protocol covers is
nobody's to clear, and a session asks whether the enrolment was cleared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from attrs import define, field

from exrx.errors import Location, ProtocolError
from exrx.fields import YES, Dictionary, load_dictionary
from exrx.protocol.model import Member, Protocol, Rule
from exrx.rules.nodes import Condition, Not, OneOf, Or, all_of, atoms
from exrx.rules.restriction import Clearance, Restriction

ENGINE = Location("exrx", 1, 1)
DECEASED_RULE = "scope.deceased"


@define(eq=False)
class ActiveRule:
    """A rule and the whole condition under which it fires: its protocol applies, and its own `when` holds."""

    rule: Rule
    condition: Condition


@define(eq=False)
class StageRules:
    """What a protocol asks at one stage: rules, populations and starting points, in a fixed order."""

    protocol: Protocol
    stage: str
    dictionary: Dictionary
    rules: tuple[ActiveRule, ...]
    starts: tuple[tuple[Condition | None, Restriction], ...]
    rules_by_field: dict[str, tuple[int, ...]] = field(factory=dict)


@lru_cache(maxsize=64)
def stage_rules(protocol: Protocol, stage: str) -> StageRules:
    """The rules of `protocol` at `stage`.

    Raises:
        ProtocolError: a member protocol does not have this stage.
    """
    for member in protocol.members:
        if stage not in member.stages:
            raise ProtocolError(f"{member.id} has no stage '{stage}'; it has: {', '.join(member.stages)}")
    dictionary = load_dictionary()
    guards: dict[Rule, list[Condition | None]] = {}
    for member in protocol.members:
        for rule in _rules_of(member, stage, dictionary):
            guards.setdefault(rule, []).append(None if rule.for_everyone else member.applies_to)
    merged = [ActiveRule(rule, _guarded(rule, found)) for rule, found in _merge_same(guards).items()]
    merged += [ActiveRule(rule, rule.when) for rule in _engine_rules(protocol, dictionary)]
    starts = tuple((member.applies_to, member.starts_from) for member in protocol.members)
    return StageRules(protocol, stage, dictionary, tuple(merged), starts, _by_field(merged, dictionary))


def _rules_of(member: Member, stage: str, dictionary: Dictionary) -> Iterator[Rule]:
    yield from (rule for rule in member.rules if not rule.stages or stage in rule.stages)
    if stage == "session" and "enrolment" in member.stages:
        yield _enrolment_rule(dictionary)


def _merge_same(guards: dict[Rule, list[Condition | None]]) -> dict[Rule, list[Condition | None]]:
    """Join equal rules that several protocols share through a module, so that each is asked once."""
    kept: dict[tuple[object, ...], Rule] = {}
    merged: dict[Rule, list[Condition | None]] = {}
    for rule, found in guards.items():
        first = kept.setdefault((rule.id, rule.when, rule.then, rule.confirm), rule)
        merged.setdefault(first, []).extend(found)
    return merged


def _guarded(rule: Rule, guards: list[Condition | None]) -> Condition:
    populations = tuple(dict.fromkeys(guards))
    if None in populations:
        return rule.when
    known = tuple(guard for guard in populations if guard is not None)
    guard = known[0] if len(known) == 1 else Or(known)
    return all_of((guard, rule.when))


def _by_field(rules: list[ActiveRule], dictionary: Dictionary) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for index, active in enumerate(rules):
        names = {atom.field.name for atom in atoms(active.condition)}
        names |= {item for name in names for item in dictionary.fields[name].items}
        for name in names:
            found.setdefault(name, []).append(index)
    return {name: tuple(indices) for name, indices in found.items()}


def _engine_rules(protocol: Protocol, dictionary: Dictionary) -> Iterator[Rule]:
    deceased = OneOf(dictionary.fields["deceased"], YES, "deceased")
    yield _engine_rule(
        DECEASED_RULE, "scope", deceased, Restriction(Clearance.STOP, allowed_meanwhile=frozenset()),
        "Personen er registreret som død.", "The record says that the person has died.",
    )
    whole = [member for member in protocol.members if not member.supplement]
    populations = [member.applies_to for member in whole or protocol.members]
    known = tuple(population for population in populations if population is not None)
    if len(known) == len(populations):
        covered = known[0] if len(known) == 1 else Or(known)
        yield _engine_rule(
            "scope.no-protocol", "scope", Not(covered), Restriction(Clearance.CONSULT, frozenset({"treating"})),
            "Ingen af de valgte protokoller gælder for denne patient.", "No protocol covers this patient.",
        )


@lru_cache(maxsize=4)
def _enrolment_rule(dictionary: Dictionary) -> Rule:
    cleared = OneOf(dictionary.fields["enrolment_cleared"], YES, "enrolment_cleared")
    return _engine_rule(
        "enrolment.not-cleared", "enrolment", Not(cleared), Restriction(Clearance.CONSULT, frozenset({"treating"})),
        "Patienten er ikke godkendt ved indskrivningen.", "The patient was not cleared at enrolment.",
    )


def _engine_rule(
    rule_id: str, domain: str, when: Condition, then: Restriction, danish: str, english: str
) -> Rule:
    return Rule(
        id=rule_id, domain=domain, stages=(), when=when, then=then, because={"da": danish, "en": english},
        source="exrx", verified="primary", location=ENGINE,
    )
