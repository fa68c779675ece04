"""A worse fact never loosens anything: no part of the restriction, not the track, not the clearance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from exrx.proof.example import BEFORE, WORSE, decide, example, nearest, patient_of
from exrx.proof.ground import Ground, named, new_solver
from exrx.proof.marks import Mark, say_marks
from exrx.proof.model import Patients, Proof
from exrx.proof.order import no_better, same
from exrx.rules.prove import Formula, any_of, every, z3_library
from exrx.rules.views import Total
from exrx.screening.decision import Decision

NAME = "monotone"


@frozen(eq=False)
class _Question:
    """Two patients, the second no better than the first, and for each mark where only the first has it."""

    ground: Ground
    before: Total
    after: Total
    solver: Any
    loosened: dict[Mark, Formula]

    @classmethod
    def of(cls, ground: Ground, held: frozenset[str], left_out: frozenset[int] = frozenset()) -> _Question:
        before, after, solver = Total(ground.grid, "p"), Total(ground.grid, "q"), new_solver()
        fires = []
        for view in (before, after):
            solver.add(*view.axioms(), ground.alive(view))
            fires.append(named(solver, f"{view.name}:fires", [answer.true for answer in ground.firing(view)]))
        solver.add(*no_better(before, after, held))
        return cls(ground, before, after, solver, lost(ground, solver, "loosened", fires[0], fires[1], left_out))

    def fails(self) -> bool:
        """Whether some worse patient is treated less cautiously."""
        return bool(self.solver.check(any_of(self.loosened.values())) == z3_library().sat)


def lost(
    ground: Ground,
    solver: Any,
    name: str,
    before: Sequence[Formula],
    after: Sequence[Formula],
    left_out: frozenset[int] = frozenset(),
) -> dict[Mark, Formula]:
    """For each mark where some source sets it before and none does after; the sources `left_out` are not counted."""
    z3 = z3_library()
    by_mark = {mark: tuple(i for i in sources if i not in left_out) for mark, sources in ground.by_mark.items()}
    groups = list(dict.fromkeys(by_mark.values()))
    formulas = named(
        solver,
        name,
        (every([any_of(before[i] for i in group), z3.Not(any_of(after[i] for i in group))]) for group in groups),
    )
    by_group = dict(zip(groups, formulas, strict=True))
    return {mark: by_group[sources] for mark, sources in by_mark.items()}


def prove_monotone(ground: Ground, excepted: frozenset[str] = frozenset()) -> Iterator[Proof]:
    """One proof over all fields, those of the population held fixed; one more for each that fails.

    Fields that are `excepted` are held fixed as well, and asked again for the rules that do not declare a polarity
    for them. Then each is asked alone: what fails there is what the exception excuses.
    """
    held = ground.population | excepted
    failures = list(_failures(_Question.of(ground, held)))
    if excepted:
        declared = frozenset(
            i for i, source in enumerate(ground.sources) if source.rule and excepted & source.rule.polarity.keys()
        )
        failures += [
            evolve(failure, of=f"besides the declared rules: {failure.of.replace(', ', ' and ')}")
            for failure in _failures(_Question.of(ground, ground.population, declared))
        ]
    yield from failures or [Proof(NAME, ground.protocol.id, ground.stage, "every field", True)]
    for name in sorted(excepted):
        question = _Question.of(ground, held - {name})
        if question.fails():
            yield _failure(question)


def _failures(question: _Question) -> Iterator[Proof]:
    """Failure after failure; the fields of one are held fixed before the next is sought."""
    fields = question.ground.dictionary.fields
    while question.fails():
        failure = _failure(question)
        yield failure
        worse = [fields[name] for name in failure.of.split(", ")]
        question.solver.add(*(same(question.before, question.after, entry) for entry in worse))


def _failure(question: _Question) -> Proof:
    ground = question.ground
    asked = [any_of(question.loosened.values())]
    model = nearest(ground, question.solver, asked, (question.before, question.after))
    before, after = question.before.state(model), question.after.state(model)
    marks = [mark for mark, formula in question.loosened.items() if z3_library().is_true(model.eval(formula, True))]
    worse = [name for name in before if before[name] != after[name] and not ground.dictionary.fields[name].items]
    patients = (patient_of(ground, before), patient_of(ground, after))
    found = example(ground, (BEFORE, WORSE), patients, lambda pair: _loosens(ground, pair))
    fields = ", ".join(worse)
    return Proof(
        NAME, ground.protocol.id, ground.stage, fields, False, _why(ground, worse, marks),
        _place(ground, marks, worse), found, marks=tuple(marks),
    )  # fmt: skip


def _why(ground: Ground, worse: list[str], marks: list[Mark]) -> dict[str, str]:
    words = {}
    for lang, text in (
        ("da", "Når {} bliver værre, falder noget væk: {}."),
        ("en", "When {} gets worse, something falls away: {}."),
    ):
        fields = ", ".join(ground.dictionary.fields[name].labelled(lang) for name in worse)
        words[lang] = text.format(fields, say_marks(marks, lang))
    return words


def _place(ground: Ground, marks: list[Mark], worse: list[str]) -> Any:
    """The rule that loses its voice: one that sets a lost mark and asks the field."""
    for mark in marks:
        for index in ground.by_mark[mark]:
            rule = ground.sources[index].rule
            if rule is not None and set(rule.fields) & set(worse):
                return rule.location
    return None


def _loosens(ground: Ground, pair: Patients) -> bool:
    first, second = (decide(patient, ground.protocol, ground.stage) for patient in pair)
    return looser(first, second)


def looser(first: Decision, second: Decision) -> bool:
    """True when the second decision is less cautious than the first in some part."""
    return (
        not first.restriction <= second.restriction
        or second.clearance < first.clearance
        or second.track < first.track
        or second.definite_clearance < first.definite_clearance
    )
