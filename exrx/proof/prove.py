"""All proofs of a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from exrx.proof.expiry import prove_time
from exrx.proof.ground import Ground
from exrx.proof.laws import laws_of, prove_laws
from exrx.proof.model import Proof
from exrx.proof.monotone import prove_monotone
from exrx.proof.safety import prove_safety
from exrx.proof.single import prove_rules
from exrx.proof.tiers import prove_tiers
from exrx.protocol.model import BY_FIELD, EXCEPTIONS, Exemption, Protocol, Rule

ANY_STAGE = ("can-fire", "not-always", "swallowed")
"""Proofs about a rule that hold when they hold at one of the stages where it is asked."""
UNNEEDED = "exception"


def prove_protocol(
    protocol: Protocol, stages: Iterable[str] | None = None, *, examples: bool = True
) -> tuple[Proof, ...]:
    """Every proof of a protocol, at all of its stages unless some are named; without `examples` no counterexamples.

    A proof that fails where the protocol declares an exception holds, and carries the reason; an exception that no
    proof needs at any stage is a failure itself.

    Raises:
        ProtocolError: the protocol has no such stage.
        MissingDependencyError: z3 is not installed.
    """
    asked = tuple(protocol.stages if stages is None else stages)
    declared = _declared(protocol)
    needed: set[Exemption] = set()
    found = [proof for stage in asked for proof in _prove_stage(protocol, stage, declared, examples=examples)]
    judged = [_excused(proof, declared, needed) for proof in _at_any_stage(found)]
    if stages is None and len(protocol.members) == 1:
        judged += [_unneeded(protocol, e) for e in declared.values() if e not in needed]
    return tuple(judged)


def notices(protocol: Protocol, rule: Rule) -> bool:
    """True when some proof of the protocol fails at a stage where `rule` is asked; stops at the first.

    For a protocol in which `rule` was changed: whether the proofs would notice. No counterexamples are made.

    Raises:
        MissingDependencyError: z3 is not installed.
    """
    declared = _declared(protocol)
    excused = {key for key in declared if key[0] in ANY_STAGE}
    single: list[Proof] = []
    for stage in protocol.stages:
        if rule.stages and stage not in rule.stages:
            continue
        for proof in _prove_stage(protocol, stage, declared, examples=False):
            if proof.name in ANY_STAGE:
                single.append(proof)
            elif not _excused(proof, declared, set()).holds:
                return True
    return any(not proof.holds and (proof.name, proof.of) not in excused for proof in _at_any_stage(single))


def _declared(protocol: Protocol) -> dict[tuple[str, str], Exemption]:
    return {(e.proof, e.of): e for member in protocol.members for e in member.exceptions}


def _prove_stage(
    protocol: Protocol, stage: str, declared: dict[tuple[str, str], Exemption], *, examples: bool
) -> Iterator[Proof]:
    ground = Ground.of(protocol, stage, [law.condition for _, law in laws_of(protocol, stage)], examples=examples)
    excepted = {name: frozenset(of for proof, of in declared if proof == name) for name in EXCEPTIONS}
    for name in BY_FIELD:
        excepted[name] &= set(ground.grid.cuts)
    yield from prove_tiers(ground)
    yield from prove_monotone(ground, excepted["monotone"])
    yield from prove_safety(ground)
    yield from prove_time(ground, excepted["time"])
    yield from prove_laws(ground)
    yield from prove_rules(ground, excepted["swallowed"])


def _at_any_stage(proofs: list[Proof]) -> list[Proof]:
    """The proofs about single rules, one a rule: it is enough that the rule does something at one stage."""
    held = {(proof.name, proof.of) for proof in proofs if proof.holds}
    seen: set[tuple[str, str]] = set()
    kept = []
    for proof in proofs:
        key = (proof.name, proof.of)
        if proof.name in ANY_STAGE:
            if key in seen or (not proof.holds and key in held):
                continue
            seen.add(key)
        kept.append(proof)
    return kept


def _excused(proof: Proof, declared: dict[tuple[str, str], Exemption], needed: set[Exemption]) -> Proof:
    if proof.holds:
        return proof
    for of in (proof.of, *proof.of.split(", ")):
        exemption = declared.get((proof.name, of))
        if exemption is not None:
            needed.add(exemption)
            return evolve(proof, holds=True, declared=exemption.because.get("en", exemption.of))
    return proof


def _unneeded(protocol: Protocol, exemption: Exemption) -> Proof:
    why = {
        "da": f"Undtagelsen fra '{exemption.proof}' for '{exemption.of}' er ikke nødvendig. Fjern den.",
        "en": f"The exception from '{exemption.proof}' for '{exemption.of}' is not needed. Remove it.",
    }
    return Proof(UNNEEDED, protocol.id, "", f"{exemption.proof}: {exemption.of}", False, why, exemption.location)
