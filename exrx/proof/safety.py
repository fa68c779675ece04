"""The safety law: what is unknown can make an answer more cautious, never less.

For every state s and every patient t whose facts are possible in s: a rule that fires in s fires in t, and a rule that
fires in t may fire in s. So D(s) is held by t and t is held by W(s), in every mark; and training is allowed in s only
if it is in t.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exrx.fields import Field
from exrx.proof.example import decide, example, patient_of
from exrx.proof.ground import Ground, named, new_solver
from exrx.proof.model import Patients, Proof
from exrx.rules.prove import Formula, any_of, every, z3_library
from exrx.rules.restriction import Clearance
from exrx.rules.views import Partial, Total
from exrx.screening.verdict import clearance_of

NAME = "safety"
KNOWN = {"da": "hvad der er kendt", "en": "what is known"}
TRUTH = {"da": "hvordan det kan være", "en": "how it may be"}
_WRITTEN = tuple(level for level in Clearance if level is not Clearance.ASSESS)
"""The levels that rules write."""


def prove_safety(ground: Ground) -> Iterator[Proof]:
    """One proof for all rules, and one for the clearance that follows."""
    z3, partial, total, solver = z3_library(), Partial(ground.grid), Total(ground.grid, "t"), new_solver()
    solver.add(*partial.axioms(ties=False), *total.axioms(), ground.alive(partial), ground.alive(total))
    solver.add(*_possible_in(partial, total))
    known = ground.firing(partial)
    sure = named(solver, "sure", [answer.true for answer in known])
    may = named(solver, "may", [answer.possible for answer in known])
    fires = named(solver, "fires", [answer.true for answer in ground.firing(total)])
    broken = any_of(z3.Or(z3.And(s, z3.Not(f)), z3.And(f, z3.Not(m))) for s, f, m in zip(sure, fires, may, strict=True))
    yield _proof(ground, "every rule", solver, broken, partial, total)
    yield _proof(ground, "clearance", solver, z3.Not(_law(ground, sure, fires, may)), partial, total)


def _proof(ground: Ground, of: str, solver: Any, broken: Formula, partial: Partial, total: Total) -> Proof:
    z3 = z3_library()
    if solver.check(broken) != z3.sat:
        return Proof(NAME, ground.protocol.id, ground.stage, of, True)
    model = solver.model()
    patients = (patient_of(ground, partial.state(model)), patient_of(ground, total.state(model)))
    found = example(ground, (KNOWN, TRUTH), patients, lambda pair: _unsafe(ground, pair))
    why = {
        "da": "Det, der ikke vides, gør svaret mindre forsigtigt.",
        "en": "What is not known makes the answer less cautious.",
    }
    return Proof(NAME, ground.protocol.id, ground.stage, of, False, why, None, found)


def _possible_in(partial: Partial, total: Total) -> Iterator[Formula]:
    """The patient's facts are among what is possible."""
    z3 = z3_library()
    for entry in partial.grid.fields:
        for key in partial.grid.keys(entry):
            exact = total.vars[entry.name, key]
            yield z3.Implies(exact, partial.maybe[entry.name, key])
            if _has_two_ends(entry):
                yield z3.Implies(partial.sure[entry.name, key], exact)


def _has_two_ends(entry: Field) -> bool:
    return entry.is_numeric or entry.kind == "set"


def _law(ground: Ground, sure: Any, fires: Any, may: Any) -> Formula:
    """With D, T and W the clearances: D <= T <= W, D <= answer, and the answer allows training only if T does."""
    z3 = z3_library()
    definite, truth, worst = (_levels(ground, formulas) for formulas in (sure, fires, may))
    forbidden, certain = [], []
    for low in _WRITTEN:
        for high in _WRITTEN[_WRITTEN.index(low) :]:
            here, answer = z3.And(definite[low], worst[high]), clearance_of(low, high)
            if answer >= Clearance.ASSESS:
                forbidden.append(here)
            if answer >= Clearance.CONSULT:
                certain.append(here)
    refused = any_of(formula for level, formula in truth.items() if level >= Clearance.CONSULT)
    ordered = [
        z3.Not(z3.And(one[high], other[low]))
        for one, other in ((definite, truth), (truth, worst))
        for low in _WRITTEN
        for high in _WRITTEN
        if high > low
    ]
    return every([*ordered, z3.Implies(refused, any_of(forbidden)), z3.Implies(any_of(certain), refused)])


def _levels(ground: Ground, formulas: Any) -> dict[Clearance, Formula]:
    """For each clearance where it is the highest that some source sets."""
    z3 = z3_library()

    def at_least(level: int) -> Formula:
        if level == 0:
            return z3.BoolVal(True)
        return any_of(formulas[i] for i in ground.by_mark.get(("clearance", level), ()))

    return {level: z3.And(at_least(level), z3.Not(at_least(level + 1))) for level in Clearance}


def _unsafe(ground: Ground, pair: Patients) -> bool:
    known, truth = (decide(patient, ground.protocol, ground.stage) for patient in pair)
    allowed = known.may_train and not truth.may_train
    return allowed or not truth.restriction <= known.restriction or truth.clearance < known.definite_clearance
