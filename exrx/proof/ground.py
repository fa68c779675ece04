"""What the proofs of one stage stand on: everything that restricts a patient there, and the marks it sets.

The dead are asked nothing (`screening/answers.py`), so the proofs are about the living; the engine's own rule for the
dead is proved as a law (`laws.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from attrs import define, frozen

from exrx.fields import NO, Dictionary
from exrx.knowledge import DECEASED
from exrx.proof.marks import Mark, Marks
from exrx.protocol.laws import GROUP as DECISION
from exrx.protocol.model import Protocol, Rule
from exrx.protocol.stage import DECEASED_RULE, StageRules, stage_rules
from exrx.rules.nodes import Condition, OneOf, atoms
from exrx.rules.prove import Answer, Formula, View, encode, z3_library
from exrx.rules.restriction import Restriction
from exrx.rules.views import Grid, Total
from exrx.screening.verdict import GroupClass

ALIVE = "deceased = no"


@frozen(eq=False)
class Source:
    """What restricts a patient: a rule, or the starting point of a protocol (`rule` is then None).

    `condition` is None where it holds for everyone.
    """

    name: str
    condition: Condition | None
    then: Restriction
    rule: Rule | None = None


@define(eq=False, slots=False)
class Ground:
    """One stage of a protocol, made ready for questions to z3; without `examples` no counterexamples are made."""

    protocol: Protocol
    stage: str
    rules: StageRules
    sources: tuple[Source, ...]
    grid: Grid
    marks: Marks
    examples: bool = True

    @classmethod
    def of(cls, protocol: Protocol, stage: str, also: Iterable[Condition] = (), *, examples: bool = True) -> Ground:
        """The ground of a stage; `also` are conditions of laws that will be asked of it.

        Raises:
            ProtocolError: the protocol has no such stage.
            MissingDependencyError: z3 is not installed.
        """
        z3_library()
        rules = stage_rules(protocol, stage)
        sources = [
            Source(active.rule.id, active.condition, active.rule.then, active.rule)
            for active in rules.rules
            if active.rule.id != DECEASED_RULE
        ]
        sources += [Source("starts_from", guard, start) for guard, start in rules.starts if start != Restriction()]
        conditions = [source.condition for source in sources if source.condition is not None]
        conditions += [member.applies_to for member in protocol.members if member.applies_to is not None]
        conditions += [atom for law in also for atom in atoms(law) if atom.field.group != DECISION]
        grid = Grid.of(conditions, rules.dictionary, also=(DECEASED,))
        marks = Marks.of((source.then for source in sources), GroupClass.of(rules.dictionary))
        return cls(protocol, stage, rules, tuple(sources), grid, marks, examples)

    @property
    def dictionary(self) -> Dictionary:
        """The data dictionary."""
        return self.rules.dictionary

    @cached_property
    def by_source(self) -> tuple[frozenset[Mark], ...]:
        """The marks that each source sets."""
        return tuple(self.marks.marks(source.then) for source in self.sources)

    @cached_property
    def by_mark(self) -> dict[Mark, tuple[int, ...]]:
        """Each mark with the sources that set it."""
        found: dict[Mark, list[int]] = {}
        for index, marks in enumerate(self.by_source):
            for mark in marks:
                found.setdefault(mark, []).append(index)
        return {mark: tuple(found[mark]) for mark in sorted(found, key=repr)}

    @cached_property
    def population(self) -> frozenset[str]:
        """The fields that say for whom the protocol is made; proofs hold them fixed."""
        guards = [member.applies_to for member in self.protocol.members if member.applies_to is not None]
        return frozenset(atom.field.name for guard in guards for atom in atoms(guard))

    def firing(self, view: View) -> tuple[Answer, ...]:
        """For each source where it fires, and where it may."""
        everyone = Answer.both(z3_library().BoolVal(True))
        return tuple(
            everyone if source.condition is None else encode(source.condition, view) for source in self.sources
        )

    def alive(self, view: View) -> Formula:
        """The patient is known to live."""
        return encode(OneOf(self.dictionary.fields[DECEASED], NO, ALIVE), view).true

    @cached_property
    def known(self) -> Known:
        """A patient of whom everything is known; many questions are asked of its one solver."""
        view, solver = Total(self.grid), new_solver()
        solver.add(*view.axioms(), self.alive(view))
        fires = named(solver, "fires", [answer.true for answer in self.firing(view)])
        return Known(view, solver, fires, tuple(z3_library().Not(formula) for formula in fires))


@frozen(eq=False)
class Known:
    """A patient of whom everything is known, a solver that knows of it alone, and where each source fires or is silent.

    What is asked of the solver is assumed for that question only; nothing is ever added to it.
    """

    view: Total
    solver: Any
    fires: tuple[Formula, ...]
    silent: tuple[Formula, ...]

    def can(self, *asked: Formula) -> bool:
        """Whether some patient is as asked."""
        return bool(self.solver.check(*asked) == z3_library().sat)


def new_solver() -> Any:
    """A solver for booleans and counts of them."""
    return z3_library().SolverFor("QF_FD")


def named(solver: Any, name: str, formulas: Iterable[Formula]) -> tuple[Formula, ...]:
    """A boolean of its own for each formula."""
    z3 = z3_library()
    found = []
    for index, formula in enumerate(formulas):
        boolean = z3.Bool(f"{name}.{index}")
        solver.add(boolean == formula)
        found.append(boolean)
    return tuple(found)
