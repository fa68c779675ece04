"""Which missing fact keeps how many patients waiting, alone or together with others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.bits import Words, all_bits, count, no_bits, unpack
from exrx.fields import Field
from exrx.rules.many import Answers, Program, compile_conditions
from exrx.rules.nodes import ATOMS, Condition, Not
from exrx.rules.one import open_atoms
from exrx.rules.restriction import Clearance
from exrx.screening.cohort_rules import CohortRules
from exrx.screening.many import Decisions
from exrx.screening.what_if import WhatIf

SECOND_READING = "second-reading"
"""What blocks where a vital sign has to be measured again before a rule decides."""


def blockers(what_if: WhatIf) -> frozenset[str]:
    """The facts that keep one patient waiting ("ask first"): what the undecided rules that forbid training wait for.

    Of a score the items that are unknown; `second-reading` for a vital sign that has to be measured again. Empty for a
    patient who does not wait.
    """
    if what_if.now.clearance is not Clearance.ASSESS:
        return frozenset()
    fields, state = what_if.dictionary.fields, what_if.knowledge.state
    found: set[str] = set()
    for index in what_if.standing():
        each = what_if.found.answers[index]
        if what_if.levels[index][0] < Clearance.CONSULT:
            continue
        if each.remeasure:
            found.add(SECOND_READING)
        for atom in open_atoms(each.active.condition, state):
            items = [item for item in atom.field.items if not fields[item].is_known(state[item])]
            found |= set(items) or {atom.field.name}
    return frozenset(found)


@frozen
class Block:
    """A missing fact: how many it keeps waiting alone, and how many together with other facts."""

    field: str
    who: str
    alone: int
    together: int

    def to_dict(self) -> dict[str, Any]:
        """The fact as JSON."""
        return {"field": self.field, "who": self.who, "alone": self.alone, "together": self.together}


@frozen(eq=False)
class Blocks:
    """Who waits for answers. `waiting` = the sum of all `alone` + `several`; `n` rows in all."""

    n: int
    waiting: int
    several: int
    facts: tuple[Block, ...]
    _planes: dict[str, Words] = field(repr=False)

    def rows(self, name: str) -> npt.NDArray[np.bool_]:
        """Where a fact keeps a patient waiting, bool (n,)."""
        return unpack(self._planes.get(name, no_bits(self.n)), self.n)

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "patients": self.n,
            "waiting": self.waiting,
            "waiting_for_several": self.several,
            "facts": [block.to_dict() for block in self.facts],
        }


def blocking_facts(decisions: Decisions) -> Blocks:
    """Which missing fact keeps how many of a cohort waiting."""
    rules, today, n = decisions.rules, decisions.today, decisions.n
    waiting = decisions.at_least(Clearance.ASSESS) & ~decisions.at_least(Clearance.CONSULT)
    opened = _opened(rules)
    answers = opened.program.run(today)
    planes: dict[str, Words] = {}
    for index, active in enumerate(rules.stage.rules):
        if active.rule.then.clearance < Clearance.CONSULT:
            continue
        true, possible = decisions.rule_planes(index)
        undecided = possible & ~true & waiting
        if not undecided.any():
            continue
        if rules.entries[index].waits_for:
            again = undecided & opened.true(answers, active.condition)
            _add(planes, SECOND_READING, again)
            undecided = undecided & ~again
        for name, rows in opened.open_fields(answers, active.condition, undecided):
            _add(planes, name, rows)
    planes = _with_items(planes, decisions)
    once, twice = no_bits(n), no_bits(n)
    for rows in planes.values():
        twice |= once & rows
        once |= rows
    fields = rules.stage.dictionary.fields
    facts = [
        Block(name, fields[name].who if name in fields else "door", count(rows & ~twice), count(rows & twice))
        for name, rows in planes.items()
    ]
    facts.sort(key=lambda block: (-block.alone, -block.together, block.field))
    return Blocks(n, count(waiting), count(twice), tuple(facts), planes)


def _add(planes: dict[str, Words], name: str, rows: Words) -> None:
    if rows.any():
        planes[name] = planes[name] | rows if name in planes else rows


@define(eq=False)
class _Opened:
    """Every part of a stage's conditions as one program, to see which parts are open."""

    program: Program
    place: dict[Condition, int]

    def true(self, answers: Answers, condition: Condition) -> Words:
        """Where a condition is true."""
        if isinstance(condition, Not):
            return answers.possible(self.place[condition.item]) ^ self._everywhere(answers)
        return answers.true(self.place[condition])

    @staticmethod
    def _everywhere(answers: Answers) -> Words:
        return all_bits(answers.n)

    def open_fields(self, answers: Answers, condition: Condition, rows: Words) -> Iterator[tuple[str, Words]]:
        """The fields that keep a condition open in `rows`, and in which of them."""
        if isinstance(condition, Not):
            yield from self.open_fields(answers, condition.item, rows)
            return
        place = self.place[condition]
        here = rows & answers.possible(place) & ~answers.true(place)
        if not here.any():
            return
        if isinstance(condition, ATOMS):
            yield condition.field.name, here
            return
        for item in condition.items:
            yield from self.open_fields(answers, item, here)


@lru_cache(maxsize=16)
def _opened(rules: CohortRules) -> _Opened:
    parts: dict[Condition, None] = {}
    for active in rules.stage.rules:
        if active.rule.then.clearance >= Clearance.CONSULT:
            parts |= dict.fromkeys(_parts(active.condition))
    return _Opened(compile_conditions(parts), {part: place for place, part in enumerate(parts)})


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Not):
        yield from _parts(condition.item)
        return
    yield condition
    if not isinstance(condition, ATOMS):
        for item in condition.items:
            yield from _parts(item)


def _with_items(planes: dict[str, Words], decisions: Decisions) -> dict[str, Words]:
    """Scores replaced by those of their items that are unknown."""
    fields = decisions.rules.stage.dictionary.fields
    found: dict[str, Words] = {}
    for name, rows in planes.items():
        left = rows
        for item in fields[name].items if name in fields else ():
            unknown = rows & ~_known(decisions, fields[item])
            _add(found, item, unknown)
            left = left & ~unknown
        _add(found, name, left)
    return found


def _known(decisions: Decisions, entry: Field) -> Words:
    """Where one answer of a field is the only possible one."""
    column = decisions.today.column(entry.name)
    known = no_bits(decisions.n)
    for option in range(len(entry.options)):
        known |= column.words("within", 1 << option)[0]
    return known
