"""Laws: the protocol's own, for those for whom it is made, and those that the engine keeps for every protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from exrx.errors import Location
from exrx.fields import YES
from exrx.knowledge import DECEASED
from exrx.proof.decided import Decided, decision_state
from exrx.proof.example import PATIENT, decide, example, nearest, patient_of, state_of
from exrx.proof.ground import Ground, new_solver
from exrx.proof.model import Patients, Proof
from exrx.protocol.laws import with_decision
from exrx.protocol.model import Law, Member, Protocol
from exrx.protocol.stage import ENGINE
from exrx.rules.nodes import FALSE, TRUE, And, Condition, Not, OneOf, Or
from exrx.rules.one import evaluate
from exrx.rules.parse import Names, parse_condition
from exrx.rules.prove import Formula, View, encode, z3_library
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
    own = [
        _Asked(NAME, law, None if law.for_everyone else member.applies_to)
        for member, law in laws_of(ground.protocol, ground.stage)
    ]
    asked = own + [_Asked(ENGINE_NAME, law, None) for law in _engine_laws(ground)]
    decided, free = Decided(ground, ground.known.view, ground.known.fires), _Free.of(ground, asked)
    for law in asked:
        yield _prove(ground, law, decided, free)
    yield _the_dead_are_stopped(ground)


@frozen(eq=False)
class _Asked:
    """A law, and for whom it is asked (None: everyone)."""

    name: str
    law: Law
    population: Condition | None

    def broken(self, view: View) -> list[Formula]:
        """Where the law is broken in a view."""
        found = encode(self.law.condition, view).true
        broken = found if self.law.kind == "never" else z3_library().Not(found)
        return [broken] if self.population is None else [encode(self.population, view).true, broken]


@frozen(eq=False)
class _Free:
    """A patient about whom the decision could be anything: whom a law is about at all."""

    view: Total
    solver: Any

    @classmethod
    def of(cls, ground: Ground, asked: list[_Asked]) -> _Free:
        conditions = [law.law.condition for law in asked]
        conditions += [law.population for law in asked if law.population is not None]
        view, solver = Total(Grid.of(conditions, with_decision(ground.dictionary))), new_solver()
        solver.add(*view.axioms())
        return cls(view, solver)


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


def _prove(ground: Ground, asked: _Asked, decided: Decided, free: _Free) -> Proof:
    law, known = asked.law, ground.known
    of = law.text if asked.name == ENGINE_NAME else f"{law.kind}: {law.text}"
    place: Location | None = law.location if asked.name == NAME else None

    def proof(holds: bool, **more: Any) -> Proof:
        return Proof(asked.name, ground.protocol.id, ground.stage, of, holds, where=place, **more)

    broken = asked.broken(decided)
    if known.can(*broken):
        patient = patient_of(ground, known.view.state(nearest(ground, known.solver, broken, [known.view])))
        shown = example(ground, (PATIENT,), (patient,), lambda patients: _breaks(ground, asked, patients))
        why = {"da": "Der er en patient, for hvem loven ikke holder.", "en": "There is a patient for whom it fails."}
        return proof(False, why=why, counterexample=shown)
    if free.solver.check(*asked.broken(free.view)) != z3_library().sat:
        why = {
            "da": "Loven siger intet: ingen patient kan opfylde dens betingelser, uanset afgørelsen.",
            "en": "The law says nothing: no patient can meet its conditions, whatever the decision.",
        }
        return proof(False, why=why)
    return proof(True)


def _breaks(ground: Ground, asked: _Asked, patients: Patients) -> bool:
    """Whether the engine's own decision breaks the law."""
    state = state_of(patients[0], ground.protocol, ground.stage)
    if asked.population is not None and evaluate(asked.population, state) != TRUE:
        return False
    decision = decide(patients[0], ground.protocol, ground.stage)
    parts = decision_state(decision, with_decision(ground.dictionary).fields)
    return evaluate(asked.law.condition, state | parts) == (TRUE if asked.law.kind == "never" else FALSE)


def _the_dead_are_stopped(ground: Ground) -> Proof:
    """The dead are asked nothing but this rule, so the engine's own answer to one of them is the answer to all."""
    decision = decide({"id": "example-1", DECEASED: "yes"}, ground.protocol, ground.stage)
    holds = decision.clearance.word == "stop" and decision.track.word == "none" and not decision.missing
    return Proof(ENGINE_NAME, ground.protocol.id, ground.stage, "the dead are stopped and asked nothing", holds)
