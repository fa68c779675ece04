"""Laws: the protocol's own, for those for whom it is made, and those that the engine keeps for every protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exrx.errors import Location
from exrx.fields import YES
from exrx.knowledge import DECEASED
from exrx.proof.decided import Decided, decision_state
from exrx.proof.example import PATIENT, decide, example, nearest, patient_of, state_of
from exrx.proof.ground import Ground
from exrx.proof.model import Patients, Proof
from exrx.protocol.laws import with_decision
from exrx.protocol.model import Law, Member, Protocol
from exrx.protocol.stage import ENGINE
from exrx.rules.nodes import FALSE, TRUE, And, Condition, Not, OneOf, Or
from exrx.rules.one import evaluate
from exrx.rules.parse import Names, parse_condition
from exrx.rules.prove import encode, z3_library
from exrx.rules.views import Grid, Total

NAME = "law"
ENGINE_NAME = "engine"


def laws_of(protocol: Protocol, stage: str) -> Iterator[tuple[Member, Law]]:
    """The laws that speak of a stage, with the protocol that has them."""
    for member in protocol.members:
        for law in member.laws:
            if law.is_asked_at(stage):
                yield member, law


def prove_laws(ground: Ground) -> Iterator[Proof]:
    """One proof a law."""
    for member, law in laws_of(ground.protocol, ground.stage):
        yield _prove(ground, NAME, law, member.applies_to)
    for law in _engine_laws(ground):
        yield _prove(ground, ENGINE_NAME, law, None)
    yield _the_dead_are_stopped(ground)


def _engine_laws(ground: Ground) -> Iterator[Law]:
    """Whom no protocol covers, and whom enrolment did not clear, is not cleared."""
    names = Names(with_decision(ground.dictionary))
    trained = parse_condition("clearance <= modify", names)
    populations = [member.applies_to for member in ground.protocol.members if member.applies_to is not None]
    if len(populations) == len(ground.protocol.members):
        covered = populations[0] if len(populations) == 1 else Or(tuple(populations))
        yield _engine_law("whom no protocol covers is not cleared", And((Not(covered), trained)))
    rules = {source.rule.id for source in ground.sources if source.rule and source.rule.location == ENGINE}
    if "enrolment.not-cleared" in rules:
        not_cleared = Not(OneOf(ground.dictionary.fields["enrolment_cleared"], YES, "enrolment_cleared"))
        yield _engine_law("whom enrolment did not clear does not train", And((not_cleared, trained)))


def _engine_law(text: str, condition: Condition) -> Law:
    return Law("never", text, condition, (), {}, ENGINE)


def _prove(ground: Ground, name: str, law: Law, population: Condition | None) -> Proof:
    z3 = z3_library()
    view, solver, fires = ground.total()
    if population is not None:
        solver.add(encode(population, view).true)
    found = encode(law.condition, Decided(ground, view, fires)).true
    broken = found if law.kind == "never" else z3.Not(found)
    of = law.text if name == ENGINE_NAME else f"{law.kind}: {law.text}"
    place: Location | None = law.location if name == NAME else None

    def proof(holds: bool, **more: Any) -> Proof:
        return Proof(name, ground.protocol.id, ground.stage, of, holds, where=place, **more)

    if solver.check(broken) == z3.sat:
        patient = patient_of(ground, view.state(nearest(ground, solver, [broken], [view])))
        shown = example(ground, (PATIENT,), (patient,), lambda patients: _breaks(ground, law, patients))
        why = {"da": "Der er en patient, for hvem loven ikke holder.", "en": "There is a patient for whom it fails."}
        return proof(False, why=why, counterexample=shown)
    if not _is_about_somebody(ground, law, population):
        return proof(False, why={
            "da": "Loven siger intet: ingen patient kan opfylde dens betingelser, uanset afgørelsen.",
            "en": "The law says nothing: no patient can meet its conditions, whatever the decision.",
        })  # fmt: skip
    return proof(True)


def _is_about_somebody(ground: Ground, law: Law, population: Condition | None) -> bool:
    """Whether the law could fail at all, were the decision free to be anything."""
    z3 = z3_library()
    conditions = [law.condition] if population is None else [law.condition, population]
    view = Total(Grid.of(conditions, with_decision(ground.dictionary)))
    solver = z3.SolverFor("QF_FD")
    solver.add(*view.axioms())
    if population is not None:
        solver.add(encode(population, view).true)
    found = encode(law.condition, view).true
    return bool(solver.check(found if law.kind == "never" else z3.Not(found)) == z3.sat)


def _breaks(ground: Ground, law: Law, patients: Patients) -> bool:
    """Whether the engine's own decision breaks the law."""
    decision = decide(patients[0], ground.protocol, ground.stage)
    if any(use.applies == "no" for use in decision.protocols) and len(decision.protocols) == 1:
        return False
    state = state_of(patients[0], ground.protocol, ground.stage)
    answer = evaluate(law.condition, state | decision_state(decision, with_decision(ground.dictionary).fields))
    return answer == (TRUE if law.kind == "never" else FALSE)


def _the_dead_are_stopped(ground: Ground) -> Proof:
    """The dead are asked nothing but this rule, so the engine's own answer to one of them is the answer to all."""
    decision = decide({"id": "example-1", DECEASED: "yes"}, ground.protocol, ground.stage)
    holds = decision.clearance.word == "stop" and decision.track.word == "none" and not decision.missing
    return Proof(ENGINE_NAME, ground.protocol.id, ground.stage, "the dead are stopped and asked nothing", holds)
