"""A patient as booleans, for z3: everything known, or what is possible.

A number is known by the questions that conditions ask of it, "is it below tick t?" for each limit, which chain (below
20 is below 50): exact, and faster to solve than arithmetic. An answer has a boolean an option, a set one a member.

    Total    every fact is exact; a condition is true or false
    Partial  what is possible, as in `one.State`: a condition has a formula for *true* and one for *possible*

A `Grid` is made first, from all conditions that a question to the solver will use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from attrs import define, field

from exrx.fields import Dictionary, Field, Members, Possible, Span, Tie
from exrx.rules.nodes import Compare, Condition, atoms
from exrx.rules.prove import Answer, Formula, any_of, z3_library


@define(eq=False)
class Grid:
    """The fields of some conditions, with the ticks that divide the numbers among them, in rising order.

    Fields that are tied to one of them, and the items of scores, belong to it too.
    """

    dictionary: Dictionary
    cuts: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, conditions: Iterable[Condition], dictionary: Dictionary, also: Iterable[str] = ()) -> Grid:
        """The grid of conditions, and of the fields `also`."""
        found: dict[str, set[int]] = {name: set() for name in also}
        for condition in conditions:
            for atom in atoms(condition):
                ticks = found.setdefault(atom.field.name, set())
                if isinstance(atom, Compare):
                    ticks |= {atom.limit.tick, atom.limit.tick + 1}
        _close(found, dictionary)
        return cls(dictionary, {name: _useful(dictionary.fields[name], ticks) for name, ticks in found.items()})

    @property
    def fields(self) -> list[Field]:
        """The fields, in the dictionary's order."""
        return [entry for name, entry in self.dictionary.fields.items() if name in self.cuts]

    def keys(self, entry: Field) -> tuple[int, ...]:
        """What the booleans of a field are numbered by: the cuts of a number, or the options."""
        return self.cuts[entry.name] if entry.is_numeric else tuple(range(len(entry.options)))


def _close(found: dict[str, set[int]], dictionary: Dictionary) -> None:
    size = -1
    while size != len(found):
        size = len(found)
        for tie in dictionary.ties:
            if tie.if_field in found or tie.then_field in found:
                found.setdefault(tie.if_field, set())
                found.setdefault(tie.then_field, set())
        for score in [name for name, entry in dictionary.fields.items() if entry.items and name in found]:
            for item in dictionary.fields[score].items:
                found.setdefault(item, set())


def _useful(entry: Field, ticks: set[int]) -> tuple[int, ...]:
    """The cuts that divide the plausible values; those where the worse side begins are among them."""
    if not entry.is_numeric:
        return ()
    worse = entry.worse
    both_sides = {worse.low, worse.high + 1} if worse.kind == "outside" else set()
    return tuple(sorted(tick for tick in ticks | both_sides if entry.ticks.lowest < tick <= entry.ticks.highest))


def _cell(entry: Field, cuts: tuple[int, ...], held: Iterable[bool]) -> Span:
    """The ticks between two cuts: `held` says of each cut whether the value lies below it."""
    low = entry.ticks.lowest
    for cut, below in zip(cuts, held, strict=True):
        if below:
            return Span(low, cut - 1)
        low = cut
    return Span(low, entry.ticks.highest)


@define(eq=False)
class Total:
    """A patient of whom everything is known; `name` sets it apart from another one in the same question."""

    grid: Grid
    name: str = "p"
    vars: dict[tuple[str, int], Formula] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        z3 = z3_library()
        for entry in self.grid.fields:
            if entry.kind == "flag":
                yes = z3.Bool(f"{self.name}.{entry.name}")
                self.vars[entry.name, 0], self.vars[entry.name, 1] = z3.Not(yes), yes
            elif entry.kind == "score":
                for cut in self.grid.cuts[entry.name]:
                    self.vars[entry.name, cut] = self._sum_below(entry, cut)
            else:
                keys = self.grid.keys(entry)
                for key in keys:
                    self.vars[entry.name, key] = z3.Bool(f"{self.name}.{entry.name}.{key}")

    def _sum_below(self, score: Field, cut: int) -> Formula:
        least = sum(min(points.values()) for points in score.items.values())
        weighted = []
        for item, points in score.items.items():
            options = self.grid.dictionary.fields[item].options
            weighted += [
                (self.vars_of_item(item, index), points[option] - min(points.values()))
                for index, option in enumerate(options)
                if points[option] > min(points.values())
            ]
        return z3_library().PbLe(weighted, (cut - 1) // 2 - least)

    def vars_of_item(self, item: str, index: int) -> Formula:
        """The variable of an item's option, whether it was made before its score or not."""
        if (item, index) not in self.vars:
            self.vars[item, index] = z3_library().Bool(f"{self.name}.{item}.{index}")
        return self.vars[item, index]

    def below(self, entry: Field, tick: int) -> Answer:
        """A number is below `tick`."""
        return Answer.both(_below(self.vars, entry, tick))

    def within(self, entry: Field, mask: int) -> Answer:
        """An answer is one of the options in `mask`."""
        return Answer.both(_any_option(self.vars, entry, mask))

    meets = within

    def axioms(self) -> list[Formula]:
        """What holds of every patient: one answer a question, numbers in order, tied fields, scores."""
        z3 = z3_library()
        found = []
        for entry in self.grid.fields:
            if entry.is_numeric:
                found += _chain([self.vars[entry.name, cut] for cut in self.grid.cuts[entry.name]])
                found += self._whole(entry) if entry.ticks.whole else []
            elif entry.kind in ("choice", "ordered", "gate"):
                found.append(z3.PbEq([(self.vars[entry.name, i], 1) for i in range(len(entry.options))], 1))
        fields = self.grid.dictionary.fields
        for tie in self.grid.dictionary.ties:
            if tie.if_field in self.grid.cuts:
                cause = _any_option(self.vars, fields[tie.if_field], tie.if_mask)
                effect = _any_option(self.vars, fields[tie.then_field], tie.then_mask)
                found.append(effect == cause if _both_ways(tie, fields) else z3.Implies(cause, effect))
        return found

    def _whole(self, entry: Field) -> list[Formula]:
        """Nothing lies in a gap between two grid points of a whole scale."""
        pairs = pairwise(self.grid.cuts[entry.name])
        return [
            self.vars[entry.name, low] == self.vars[entry.name, high]
            for low, high in pairs
            if low % 2 and high == low + 1
        ]

    def literals(self, state: Mapping[str, Possible]) -> dict[str, list[Formula]]:
        """Per field of the grid what fixes it to the exact value it has in `state`; scores follow from their items."""
        z3 = z3_library()
        found: dict[str, list[Formula]] = {}
        for entry in self.grid.fields:
            if entry.name not in state or entry.kind == "score":
                continue
            possible: Any = state[entry.name]
            if entry.is_numeric:
                held = {cut: possible.low < cut for cut in self.grid.cuts[entry.name]}
            else:
                mask = possible.sure if isinstance(possible, Members) else possible
                held = {index: bool(mask >> index & 1) for index in range(len(entry.options))}
            found[entry.name] = [
                self.vars[entry.name, key] if true else z3.Not(self.vars[entry.name, key]) for key, true in held.items()
            ]
        return found

    def state(self, model: Any) -> dict[str, Possible]:
        """The patient of a model: exact answers, and of a number the cell between two limits in which it lies."""
        found: dict[str, Possible] = {}
        for entry in self.grid.fields:
            if entry.is_numeric:
                cuts = self.grid.cuts[entry.name]
                held = [_holds(model, self.vars[entry.name, cut]) for cut in cuts]
                found[entry.name] = _cell(entry, cuts, held)
                continue
            mask = _mask(model, [self.vars[entry.name, i] for i in range(len(entry.options))])
            found[entry.name] = Members(mask, mask) if entry.kind == "set" else mask
        return found


@define(eq=False)
class Partial:
    """What is possible for a patient.

    `sure` holds per cut whether the whole range lies below it, and per member whether it is certain; `maybe` whether
    some of the range lies below it, and which options or members are possible.
    """

    grid: Grid
    name: str = "s"
    sure: dict[tuple[str, int], Formula] = field(factory=dict)
    maybe: dict[tuple[str, int], Formula] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.maybe:
            return
        z3 = z3_library()
        for entry in self.grid.fields:
            keys = self.grid.keys(entry)
            for key in keys:
                self.maybe[entry.name, key] = z3.Bool(f"{self.name}.{entry.name}.{key}?")
                if entry.is_numeric or entry.kind == "set":
                    self.sure[entry.name, key] = z3.Bool(f"{self.name}.{entry.name}.{key}!")

    def below(self, entry: Field, tick: int) -> Answer:
        """A number is below `tick`: surely when its highest value is, possibly when its lowest is."""
        return Answer(_below(self.sure, entry, tick), _below(self.maybe, entry, tick))

    def within(self, entry: Field, mask: int) -> Answer:
        """An answer is one of the options in `mask`: surely when no other is possible."""
        other = _any_option(self.maybe, entry, entry.every_option & ~mask)
        return Answer(z3_library().Not(other), _any_option(self.maybe, entry, mask))

    def meets(self, entry: Field, mask: int) -> Answer:
        """A set holds one of the options in `mask`."""
        return Answer(_any_option(self.sure, entry, mask), _any_option(self.maybe, entry, mask))

    def axioms(self, *, ties: bool = True) -> list[Formula]:
        """What holds of every state: something is possible, ranges have two ends in order, ties are followed."""
        z3 = z3_library()
        found = []
        for entry in self.grid.fields:
            keys = self.grid.keys(entry)
            if entry.is_numeric or entry.kind == "set":
                found += [z3.Implies(self.sure[entry.name, key], self.maybe[entry.name, key]) for key in keys]
            if entry.is_numeric:
                found += _chain([self.sure[entry.name, cut] for cut in keys])
                found += _chain([self.maybe[entry.name, cut] for cut in keys])
            elif entry.kind != "set":
                found.append(z3.Or([self.maybe[entry.name, key] for key in keys]))
            if entry.kind == "score":
                found += self._sums(entry)
        return found + (self._ties() if ties else [])

    def _ties(self) -> list[Formula]:
        z3, fields, found = z3_library(), self.grid.dictionary.fields, []
        for tie in self.grid.dictionary.ties:
            if tie.if_field not in self.grid.cuts:
                continue
            first, then = fields[tie.if_field], fields[tie.then_field]
            cause = (self.meets if first.kind == "set" else self.within)(first, tie.if_mask)
            effect = self.within(then, tie.then_mask)
            found += [z3.Implies(cause.true, effect.true), z3.Implies(cause.possible, effect.possible)]
            if _both_ways(tie, fields):
                found.append(z3.Implies(effect.true, cause.possible))
        return found

    def _sums(self, score: Field) -> list[Formula]:
        """A score lies between the sum of its items' least points and that of their most."""
        z3, fields = z3_library(), self.grid.dictionary.fields
        least, most, base = [], [], 0
        for item, points in score.items.items():
            entry, steps = fields[item], sorted(set(points.values()))
            base += steps[0]
            for lower, step in pairwise(steps):
                under = sum(entry.mask(option) for option, value in points.items() if value < step)
                least.append((z3.Not(_any_option(self.maybe, entry, under)), step - lower))
                most.append((_any_option(self.maybe, entry, entry.every_option & ~under), step - lower))
        found = []
        for cut in self.grid.cuts[score.name]:
            bound = (cut - 1) // 2 - base
            found.append(z3.Implies(self.maybe[score.name, cut], z3.PbLe(least, bound)))
            found.append(z3.Implies(z3.Not(self.sure[score.name, cut]), z3.Not(z3.PbLe(most, bound))))
        return found

    def literals(self, state: Mapping[str, Possible]) -> dict[str, list[Formula]]:
        """Per field of the grid what fixes it to what is possible in `state`."""
        z3 = z3_library()
        found: dict[str, list[Formula]] = {}
        for entry in self.grid.fields:
            possible: Any = state[entry.name]
            held: list[tuple[Formula, bool]] = []
            if entry.is_numeric:
                for cut in self.grid.cuts[entry.name]:
                    held.append((self.sure[entry.name, cut], possible.high < cut))
                    held.append((self.maybe[entry.name, cut], possible.low < cut))
            else:
                mask = possible.possible if isinstance(possible, Members) else possible
                for index in range(len(entry.options)):
                    held.append((self.maybe[entry.name, index], bool(mask >> index & 1)))
                    if isinstance(possible, Members):
                        held.append((self.sure[entry.name, index], bool(possible.sure >> index & 1)))
            found[entry.name] = [formula if true else z3.Not(formula) for formula, true in held]
        return found

    def state(self, model: Any) -> dict[str, Possible]:
        """What is possible in a model; a number reaches from the cell of its lowest value to that of its highest."""
        found: dict[str, Possible] = {}
        for entry in self.grid.fields:
            if entry.is_numeric:
                cuts = self.grid.cuts[entry.name]
                low = _cell(entry, cuts, [_holds(model, self.maybe[entry.name, cut]) for cut in cuts])
                high = _cell(entry, cuts, [_holds(model, self.sure[entry.name, cut]) for cut in cuts])
                found[entry.name] = Span(low.low, high.high)
                continue
            mask = _mask(model, [self.maybe[entry.name, i] for i in range(len(entry.options))])
            if entry.kind == "set":
                sure = _mask(model, [self.sure[entry.name, i] for i in range(len(entry.options))])
                found[entry.name] = Members(sure, mask)
            else:
                found[entry.name] = mask
        return found


def _both_ways(tie: Tie, fields: Mapping[str, Field]) -> bool:
    """A set that is empty contradicts what only its members can mean (see `exrx.ties`)."""
    first = fields[tie.if_field]
    return first.kind == "set" and tie.if_mask == first.every_option


def _below(held: Mapping[tuple[str, int], Formula], entry: Field, tick: int) -> Formula:
    if entry.ticks.lowest < tick <= entry.ticks.highest:
        return held[entry.name, tick]
    return z3_library().BoolVal(tick > entry.ticks.highest)


def _any_option(held: Mapping[tuple[str, int], Formula], entry: Field, mask: int) -> Formula:
    found = [held[entry.name, index] for index in range(len(entry.options)) if mask >> index & 1]
    return any_of(found)


def _chain(below: list[Formula]) -> list[Formula]:
    z3 = z3_library()
    return [z3.Implies(lower, higher) for lower, higher in pairwise(below)]


def _holds(model: Any, formula: Formula) -> bool:
    return bool(z3_library().is_true(model.eval(formula, model_completion=True)))


def _mask(model: Any, options: list[Formula]) -> int:
    return sum(1 << index for index, formula in enumerate(options) if _holds(model, formula))
