"""Time never loosens: a value that expires widens towards its worse side, and no answer gets less cautious.

No part of what may be (W) loosens, and so no part of the answer but the clearance could. For fields with a worse side
the clearance that is certain (D) stays as well. A field without one (such as the cancer type), or one that says for
whom the protocol is made, may become unknown: training that was not allowed is not allowed later either.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from attrs import frozen

from exrx.fields import Field, Validity
from exrx.proof.example import AS_OF, decide, example, nearest_state, patient_of
from exrx.proof.ground import Ground, named, new_solver
from exrx.proof.marks import Mark, say_marks
from exrx.proof.model import Patients, Proof
from exrx.proof.monotone import looser, lost
from exrx.proof.order import worst_last
from exrx.rules.prove import Formula, any_of, z3_library
from exrx.rules.views import Partial

NAME = "time"
FRESH = {"da": "nyt svar", "en": "fresh value"}
OLD = {"da": "udløbet svar", "en": "expired value"}


def can_expire(ground: Ground, entry: Field) -> bool:
    """Whether the engine ever lets a value of this field expire: it has a validity, or is a gate with an end."""
    return _validity(ground, entry) is not None or entry.kind == "gate"


def _validity(ground: Ground, entry: Field) -> Validity | None:
    return ground.protocol.validity_at(ground.stage).get(entry.name) or entry.validity


@frozen(eq=False)
class _Question:
    ground: Ground
    state: Partial
    later: Partial
    expires: dict[str, Formula]
    solver: Any
    certain: dict[Mark, Formula]
    possible: dict[Mark, Formula]

    @classmethod
    def of(cls, ground: Ground, held: frozenset[str]) -> _Question:
        z3, state, solver = z3_library(), Partial(ground.grid), new_solver()
        solver.add(*state.axioms(), ground.alive(state))
        expires = {
            entry.name: z3.Bool(f"expires.{entry.name}")
            for entry in ground.grid.fields
            if can_expire(ground, entry) and entry.name not in held
        }
        later = _expired(state, expires)
        answers, answers_later = ground.firing(state), ground.firing(later)
        sure = named(solver, "sure", [answer.true for answer in answers])
        may = named(solver, "may", [answer.possible for answer in answers])
        sure_later = named(solver, "sure-later", [answer.true for answer in answers_later])
        may_later = named(solver, "may-later", [answer.possible for answer in answers_later])
        certain = lost(ground, solver, "certain", sure, sure_later)
        return cls(
            ground,
            state,
            later,
            expires,
            solver,
            {mark: formula for mark, formula in certain.items() if mark[0] == "clearance"},
            lost(ground, solver, "possible", may, may_later),
        )

    @property
    def without_side(self) -> list[Formula]:
        """The expiries of fields that have no worse side, or that say for whom the protocol is made."""
        fields, population = self.ground.dictionary.fields, self.ground.population
        return [
            formula for name, formula in self.expires.items() if fields[name].worse.kind == "none" or name in population
        ]


def _expired(state: Partial, expires: dict[str, Formula]) -> Partial:
    """The state in which the values of `expires` have widened, as `Field.expired` does."""
    z3 = z3_library()
    sure, maybe = dict(state.sure), dict(state.maybe)
    for entry in state.grid.fields:
        when = expires.get(entry.name)
        if when is None:
            continue
        for key in state.grid.keys(entry):
            wide_sure, wide_maybe = _widened(state, entry, key)
            maybe[entry.name, key] = z3.If(when, wide_maybe, state.maybe[entry.name, key])
            if (entry.name, key) in state.sure:
                sure[entry.name, key] = z3.If(when, wide_sure, state.sure[entry.name, key])
    return Partial(state.grid, "later", sure, maybe)


def _widened(state: Partial, entry: Field, key: int) -> tuple[Formula, Formula]:
    """What an expired value still says of one cut or option."""
    z3, kind = z3_library(), entry.worse.kind
    yes, no = z3.BoolVal(True), z3.BoolVal(False)
    if entry.is_numeric:
        sure, maybe = state.sure[entry.name, key], state.maybe[entry.name, key]
        if kind == "outside":
            low_side = state.below(entry, entry.worse.high + 1).possible
            high_side = z3.Not(state.below(entry, entry.worse.low).true)
            return z3.And(sure, z3.Not(high_side)), z3.Or(maybe, low_side)
        return (no if kind in ("higher", "none") else sure), (yes if kind in ("lower", "none") else maybe)
    if entry.kind == "set":
        return (no if kind == "none" else state.sure[entry.name, key]), yes
    if kind == "none":
        return no, yes
    order = worst_last(entry)
    better = order[: order.index(key) + 1] if key in order else (key,)
    return no, any_of(state.maybe[entry.name, option] for option in better)


def prove_time(ground: Ground, excepted: frozenset[str] = frozenset()) -> Iterator[Proof]:
    """One proof over what is certain and what may be; one more for each field that fails, and each exception."""
    question = _Question.of(ground, excepted)
    failures = list(_failures(question))
    yield from failures or [Proof(NAME, ground.protocol.id, ground.stage, "every field", True)]
    for name in sorted(excepted):
        yield from _failures(_Question.of(ground, excepted - {name}))


def _failures(question: _Question) -> Iterator[Proof]:
    z3, solver = z3_library(), question.solver
    worse_sided = [z3.Not(formula) for formula in question.without_side]
    for marks, held in ((question.certain, worse_sided), (question.possible, [])):
        fails = any_of(marks.values())
        while solver.check(fails, *held) == z3.sat:
            failure, names = _failure(question, marks, [fails, *held])
            yield failure
            solver.add(*(z3.Not(question.expires[name]) for name in names))


def _failure(question: _Question, gone: dict[Mark, Formula], asked: list[Formula]) -> tuple[Proof, list[str]]:
    z3, ground = z3_library(), question.ground
    kept = list(asked)
    for formula in question.expires.values():
        if question.solver.check(*kept, z3.Not(formula)) == z3.sat:
            kept.append(z3.Not(formula))
    model = nearest_state(ground, question.solver, kept, question.state)
    names = [name for name, formula in question.expires.items() if z3.is_true(model.eval(formula, True))]
    marks = [mark for mark, formula in gone.items() if z3.is_true(model.eval(formula, True))]
    patient = patient_of(ground, question.state.state(model))
    pair = (_dated(ground, patient, names, old=False), _dated(ground, patient, names, old=True))
    found = example(ground, (FRESH, OLD), pair, lambda both: _loosens(ground, both))
    why = {}
    for lang, text in (
        ("da", "Når {} udløber, falder noget væk: {}."),
        ("en", "When {} expires, something falls away: {}."),
    ):
        fields = ", ".join(ground.dictionary.fields[name].labelled(lang) for name in names)
        why[lang] = text.format(fields, say_marks(marks, lang))
    place = next(
        (
            rule.location
            for mark in marks
            for index in ground.by_mark[mark]
            if (rule := ground.sources[index].rule) is not None and set(rule.fields) & set(names)
        ),
        None,
    )
    proof = Proof(
        NAME, ground.protocol.id, ground.stage, ", ".join(names), False, why, place, found, marks=tuple(marks)
    )
    return proof, names


def _dated(ground: Ground, patient: dict[str, Any], names: list[str], *, old: bool) -> dict[str, Any]:
    """The patient with the values of `names` measured today, or so long ago that they have expired."""
    made = dict(patient)
    for name in names:
        given = made.get(name)
        value = given["value"] if isinstance(given, dict) and "value" in given else given
        validity = _validity(ground, ground.dictionary.fields[name])
        if validity is not None and validity.days is not None:
            day = AS_OF - timedelta(days=validity.days + 1) if old else AS_OF
            made[name] = {"value": value, "date": day.isoformat()}
        elif old and ground.dictionary.fields[name].kind == "gate":
            made[name] = {"value": value, "until": (AS_OF - timedelta(days=1)).isoformat()}
    return made


def _loosens(ground: Ground, pair: Patients) -> bool:
    fresh, old = (decide(patient, ground.protocol, ground.stage) for patient in pair)
    return looser(fresh, old)
