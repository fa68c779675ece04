"""Conditions on a cohort: the same three answers as `one.py`, 64 patients a word.

A condition has two planes of bits, *true* and *possible*; undecided is possible and not true. On planes Kleene's logic
is bitwise, and the same for both: at least n of the items are true, at least n of them are possible.

`compile_conditions` draws each condition as a tree of questions (see `trees.py`). `Program.run` plans the trees that
are asked for (`plan.py`) and works the plan on one block of rows after the other: columns answer, then pairs of planes
are joined, one NumPy call for both planes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.bits import BITS, WORD, Words, clear_tail, word_count
from exrx.columns import Asker, Block, Column, Question, Room
from exrx.rules.nodes import And, AnyOf, AtLeast, Compare, Condition, Not, OneOf, Or
from exrx.rules.plan import Groups, Plan, make_plan
from exrx.rules.trees import Tree, at_least, join

FEWEST_ROWS, MOST_ROWS = 1 << 16, 1 << 20
BLOCK_BYTES = 24 << 20
"""A block has as many rows as give its planes this room. Smaller blocks stay in the cache but make so many short
NumPy calls that threads wait for the interpreter lock; larger ones only take memory (benchmarks/RESULTS.md)."""


class Today(Protocol):
    """What a program runs on: a cohort at a day."""

    @property
    def n(self) -> int:
        """The number of rows."""

    def column(self, name: str) -> Column:
        """What is possible for a field in every row."""


@frozen(eq=False)
class Answers:
    """The planes that were kept of n rows: of each condition and group where it is true, and where it is possible.

    A condition is undecided where it is possible and not true. Every method gives a new array.
    """

    n: int
    planes: npt.NDArray[np.uint64]
    where: Mapping[tuple[str, Any], tuple[int | None, int]]

    def true(self, condition: int) -> Words:
        """Where a condition is true; KeyError if it was not kept."""
        return self._words(("condition", condition), 0)

    def possible(self, condition: int) -> Words:
        """Where a condition is true or undecided; KeyError if it was not kept."""
        return self._words(("condition", condition), 1)

    def group_true(self, name: str) -> Words:
        """Where one of a group's conditions is true; KeyError if that was not asked for."""
        return self._words(("group", name), 0)

    def group_possible(self, name: str) -> Words:
        """Where one of a group's conditions is true or undecided; KeyError if there is no such group."""
        return self._words(("group", name), 1)

    def _words(self, key: tuple[str, Any], which: int) -> Words:
        row = self.where[key][which]
        if row is None:
            raise KeyError(f"only what is possible was asked for the group '{key[1]}'")
        words: Words = self.planes[row].copy()
        return words

    def within(self, block: Block) -> Answers:
        """The answers of a block's rows."""
        return Answers(block.stop - block.start, self.planes[:, block.words], self.where)


@define(eq=False)
class Program:
    """Conditions that can be run on any cohort; plans are kept for the next run."""

    trees: tuple[Tree, ...]
    _plans: dict[Any, Plan] = field(factory=dict, repr=False)

    def run(
        self,
        today: Today,
        *,
        conditions: Iterable[int] | None = None,
        groups: Groups | None = None,
        possible_groups: Groups | None = None,
        each_block: Callable[[Block, Answers], None] | None = None,
        threads: int = 2,
        out: Answers | None = None,
    ) -> Answers:
        """The answers of every row.

        Parameters
        ----------
        today
            The cohort at a day.
        conditions
            Which conditions to keep, 2 bits a row and condition; all by default.
        groups
            Names to conditions, at least one each: the bitwise or of their planes is kept, 2 bits a row and group.
        possible_groups
            The same where only the possible plane is wanted, 1 bit.
        each_block
            Called with each block and the answers of its rows, in the thread that has just computed them; may write
            to those rows of the caller's arrays.
        threads
            Threads; a cohort of one block always runs in the calling thread.
        out
            Earlier answers that are no longer needed: where their memory fits it is written over, which saves the
            system giving out new pages.
        """
        kept = tuple(range(len(self.trees)) if conditions is None else conditions)
        plan = self._plan(kept, groups or {}, possible_groups or {})
        askers = [today.column(name).asker(questions) for name, questions in plan.asked]
        shape = (plan.kept, word_count(today.n))
        planes = np.empty(shape, WORD) if out is None or out.planes.shape != shape else out.planes
        answers = Answers(today.n, planes, plan.where)
        size = block_rows(plan.slots)
        starts = iter(range(0, today.n, size))

        def worker() -> None:
            room = Room()
            for start in starts:
                room.clear()
                block = Block(start, min(start + size, today.n), room)
                _work(plan, askers, block, answers.planes)
                if each_block is not None:
                    each_block(block, answers.within(block))

        if today.n <= size or threads == 1:
            worker()
        else:
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(worker) for _ in range(threads)]:
                    done.result()
        return answers

    def _plan(self, kept: tuple[int, ...], groups: Groups, possible: Groups) -> Plan:
        key = (kept, *(tuple((name, tuple(members)) for name, members in g.items()) for g in (groups, possible)))
        if key not in self._plans:
            self._plans[key] = make_plan(self.trees, kept, groups, possible)
        return self._plans[key]


def block_rows(pairs: int) -> int:
    """The rows of a block that needs so many pairs of planes: a power of two."""
    most = BLOCK_BYTES * 8 // max(2 * pairs, 1)
    return min(max(1 << most.bit_length() - 1, FEWEST_ROWS), MOST_ROWS)


def _work(plan: Plan, askers: Sequence[Asker], block: Block, planes: npt.NDArray[np.uint64]) -> None:
    """Ask the columns about one block, and join the answers into its part of `planes` (kept planes, words)."""
    here = planes[:, block.words]
    kept = here[: 2 * plan.conditions].reshape(plan.conditions, 2, block.word_count, copy=False)
    pairs: list[Any] = []
    for asker, places in zip(askers, plan.places, strict=True):
        given = asker.ask(block, [None if place is None else kept[place] for place in places])
        pairs += (pair for pair, place in zip(given, places, strict=True) if place is None)
    slots = [*kept, *block.take(2 * plan.rooms).reshape(plan.rooms, 2, block.word_count), *pairs]
    for operation, first, second, target in plan.steps:
        operation(slots[first], slots[second], slots[target])
    for group in plan.groups:
        joined = here[group.planes]
        parts = [slots[slot][2 - len(joined) :] for slot in group.slots]
        if group.earlier is not None:
            parts.append(here[group.earlier])
        np.bitwise_or(parts[0], parts[-1], joined)
        for part in parts[1:-1]:
            np.bitwise_or(joined, part, joined)
    if block.stop % BITS:
        clear_tail(planes, block.stop)


def _compare(node: Compare, negated: bool) -> Tree:
    tick = node.limit.tick
    if node.operator in ("=", "!="):
        return Question(node.field.name, "unequal" if (node.operator == "!=") != negated else "equal", tick)
    below = (node.operator in ("<", "<=")) != negated
    return Question(node.field.name, "below" if below else "at_least", tick + (node.operator in ("<=", ">")))


def _one_of(node: OneOf, negated: bool) -> Tree:
    return Question(node.field.name, "within", node.field.every_option & ~node.mask if negated else node.mask)


def _any_of(node: AnyOf, negated: bool) -> Tree:
    return Question(node.field.name, "lacks" if negated else "meets", node.mask)


def _not(node: Not, negated: bool) -> Tree:
    return draw(node.item, not negated)


def _and(node: And, negated: bool) -> Tree:
    return join(not negated, (draw(item, negated) for item in node.items))


def _or(node: Or, negated: bool) -> Tree:
    return join(negated, (draw(item, negated) for item in node.items))


def _at_least(node: AtLeast, negated: bool) -> Tree:
    count = len(node.items) - node.count + 1 if negated else node.count
    return at_least(count, (draw(item, negated) for item in node.items))


_DRAW: dict[type, Callable[[Any, bool], Tree]] = {
    Compare: _compare,
    OneOf: _one_of,
    AnyOf: _any_of,
    Not: _not,
    And: _and,
    Or: _or,
    AtLeast: _at_least,
}


def draw(condition: Condition, negated: bool = False) -> Tree:
    """The tree of a condition, or of its opposite; KeyError if the node's class has no line in the table."""
    return _DRAW[type(condition)](condition, negated)


def compile_conditions(conditions: Iterable[Condition]) -> Program:
    """A program for conditions; KeyError if a node's class has no line in the table."""
    return Program(tuple(draw(condition) for condition in conditions))
