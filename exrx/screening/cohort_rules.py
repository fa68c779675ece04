"""A stage's rules as one program over a cohort, with what each of them does."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from attrs import define, field, frozen

from exrx.bits import Words, clear_tail
from exrx.columns import Column
from exrx.fields import Field
from exrx.protocol.stage import DECEASED_RULE, StageRules
from exrx.rules.many import Answers, Program, compile_conditions
from exrx.rules.nodes import Condition, OneOf
from exrx.rules.restriction import Clearance, Restriction, Track
from exrx.screening.gates import CLEARED, LIMITED, gates
from exrx.screening.verdict import GroupClass, track_of
from exrx.today import Today

LEVELS = (Clearance.MODIFY, Clearance.CONSULT, Clearance.DEFER, Clearance.STOP, Clearance.EMERGENCY)
TRACKS = (Track.INDIVIDUAL, Track.SUPERVISED)


@frozen
class Entry:
    """One condition of the program with what it does: a rule, or the starting point of a population."""

    clearance: Clearance
    track: Track
    waits_for: tuple[str, ...] = ()


@frozen(eq=False)
class Confirmed:
    """A cohort's day on which the vital signs that were read only once count as unknown."""

    today: Today
    measured: frozenset[str]

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.today.n

    def column(self, name: str) -> Column:
        """What is confirmed for a field in every row."""
        column = self.today.column(name)
        if name not in self.measured:
            return column
        once = ~self.today.read_twice(name)
        clear_tail(once, self.n)
        return column.blanked(once)


@define(eq=False)
class CohortRules:
    """A stage's rules as one program over a cohort, with the floor that holds for everyone.

    `rule_places` says where each rule id stands among the rules: joined protocols may each have a rule of one name.
    """

    stage: StageRules
    program: Program
    entries: tuple[Entry, ...]
    floor: Restriction
    group_class: GroupClass
    rule_places: dict[str, tuple[int, ...]] = field(factory=dict)

    @classmethod
    def of(cls, stage: StageRules) -> CohortRules:
        """Compile a stage."""
        group_class = GroupClass.of(stage.dictionary)
        conditions, entries = [], []
        for active in stage.rules:
            then, confirm = active.rule.then, active.rule.confirm
            conditions.append(active.condition)
            waits = active.rule.measured_fields if confirm else ()
            entries.append(Entry(then.clearance, track_of(then, group_class), waits))
        floor = Restriction.none()
        for guard, start in stage.starts:
            if guard is None:
                floor = floor | start
            else:
                conditions.append(guard)
                entries.append(Entry(start.clearance, track_of(start, group_class)))
        places: dict[str, tuple[int, ...]] = {}
        for place, active in enumerate(stage.rules):
            places[active.rule.id] = (*places.get(active.rule.id, ()), place)
        known_gates = (stage.dictionary.fields[name] for name in gates(stage.dictionary))
        limited = [condition for gate in known_gates for condition in _limits(gate)]
        program = compile_conditions([*conditions, *limited])
        return cls(stage, program, tuple(entries), floor, group_class, places)

    @cached_property
    def waiting(self) -> tuple[int, ...]:
        """The rules that wait for a confirming reading."""
        return tuple(i for i, entry in enumerate(self.entries) if entry.waits_for)

    def confirmed(self, today: Today) -> Answers | None:
        """The answers of the waiting rules on confirmed readings alone; None where no rule waits."""
        if not self.waiting:
            return None
        return self.program.run(self.confirmed_day(today), conditions=self.waiting)

    def confirmed_day(self, today: Today) -> Confirmed:
        """The same day on which the vital signs that waiting rules want read twice count only where they were."""
        return Confirmed(today, frozenset(name for index in self.waiting for name in self.entries[index].waits_for))

    def limited(self, today: Today) -> Words:
        """Where a gate is, or when it expired was, `limited`, which is never clear (as `gates.gate_limits`)."""
        conditions = range(len(self.entries), len(self.program.trees))
        answers = self.program.run(today, conditions=conditions)
        pairs = zip(conditions[::2], conditions[1::2], strict=True)
        return np.bitwise_or.reduce([answers.true(held) & answers.possible(limited) for held, limited in pairs])

    def dead(self, today: Today) -> Words:
        """Where the record certainly says that the patient has died."""
        [index] = self.rule_places[DECEASED_RULE]
        return self.program.run(today, conditions=[index]).true(index)

    def at_least(self, clearance: Clearance) -> list[int]:
        """The rules that ask for at least this clearance, without those that wait for a reading."""
        return [i for i, e in enumerate(self.entries) if e.clearance >= clearance and not e.waits_for]

    def at_least_track(self, track: Track) -> list[int]:
        """The rules that ask for at least this track."""
        return [i for i, e in enumerate(self.entries) if e.track >= track]


def _limits(gate: Field) -> tuple[Condition, Condition]:
    """Not cleared, and limited: a gate that certainly is the one and possibly the other brings limits."""
    held = OneOf(gate, gate.every_option & ~CLEARED, f"{gate.name} > cleared")
    return held, OneOf(gate, LIMITED, f"{gate.name} = limited")


def of_rule(answers: Answers, confirmed: Answers | None, index: int) -> tuple[Words, Words]:
    """A rule's planes; one that waits for a reading is true where it is so on confirmed readings."""
    waits = confirmed is not None and ("condition", index) in confirmed.where
    return confirmed.true(index) if waits and confirmed else answers.true(index), answers.possible(index)
