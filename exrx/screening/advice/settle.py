"""Which facts to get first: the smallest sets of missing facts that can settle the decision.

Rules stand between what certainly holds (D) and what may hold (W). Where training waits for answers the goal is the
freest one, *train*: a set of facts whose good answers silence every undecided rule that forbids training. Otherwise it
is *settle*: a set whose good answers silence every undecided rule that could still change clearance or track. Bad
answers settle a decision sooner; what each answer does is said for every set.

Each rule brings its ways to be silenced (`ways.py`), and the smallest joins of one way for each are found exactly
(`cover.py`); where a search is cut, `exact` is false and a smaller set may exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

from attrs import define, frozen

from exrx.fields import Possible, Span
from exrx.rules.nodes import Atom, atoms
from exrx.rules.one import open_atoms
from exrx.rules.restriction import Clearance, Track
from exrx.screening.advice.cover import smallest_covers
from exrx.screening.advice.ways import Way, ways_to_silence
from exrx.screening.answers import Answer
from exrx.screening.missing import Search, cut
from exrx.screening.what_if import Outcome, WhatIf

WHO_FIRST = ("door", "patient", "record", "blood-test", "doctor")
"""Who can answer soonest: whoever stands at the door first, a physician last."""
MOST_SETS = 6
MOST_JOINT = 36
"""Sets that are listed, and joint answers that are worked out for a set."""


@frozen
class Joint:
    """Answers to the facts of a set, and what the decision then is. A fact that no longer matters is left out."""

    answers: tuple[tuple[str, str], ...]
    clearance: Clearance
    track: Track

    def to_dict(self) -> dict[str, Any]:
        """The joint answer as JSON."""
        return {
            "if": [{"field": name, "is": words} for name, words in self.answers],
            "clearance": self.clearance.word,
            "track": self.track.word,
        }


@frozen
class FactSet:
    """Facts to get, in the order to get them; what good answers lead to, and what all others do.

    `joint` is empty where there are too many joint answers to be read; `again` names those of the facts that are known
    and wait for a second reading.
    """

    facts: tuple[str, ...]
    who: tuple[str, ...]
    needed: dict[str, Possible]
    then: Outcome
    joint: tuple[Joint, ...]
    again: frozenset[str] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """The set as JSON."""
        return {
            "facts": [
                {"field": name, "who": who, "second_reading": name in self.again}
                for name, who in zip(self.facts, self.who, strict=True)
            ],
            "then": {"clearance": self.then.clearance.word, "track": self.then.track.word},
            "answers": [joint.to_dict() for joint in self.joint],
        }


@frozen
class Settling:
    """The smallest sets of facts that can settle the decision; none where nothing that is unknown can change it.

    `goal` is `train` or `settle`. `exact` false says that the search was cut: a smaller set, or another one of the same
    size, may exist. `more` says that there are others of the same size than those listed. `first` is the fact to get
    first.
    """

    goal: str
    sets: tuple[FactSet, ...]
    exact: bool
    more: bool = False

    @property
    def first(self) -> str | None:
        """The fact to get first, None where none is needed."""
        return self.sets[0].facts[0] if self.sets else None

    def to_dict(self) -> dict[str, Any]:
        """The sets as JSON."""
        return {
            "goal": self.goal,
            "first": self.first,
            "exact": self.exact,
            "sets": [each.to_dict() for each in self.sets],
            "more": self.more,
        }


def settle(what_if: WhatIf) -> Settling:
    """The smallest sets of missing facts that can settle the decision of one patient."""
    waits = what_if.now.clearance is Clearance.ASSESS
    goal = "train" if waits else "settle"
    relevant = Search(what_if).relevant
    targets = {
        index: found for index, found in relevant.items()
        if not waits or what_if.levels[index][0] >= Clearance.CONSULT
    }  # fmt: skip
    if not targets or what_if.is_dead:
        return Settling(goal, (), True)
    found = [ways_to_silence(what_if, each) for each in targets.values()]
    cover = smallest_covers([each.ways for each in found if each.ways])
    order = _Order.of(what_if, targets)
    covers = sorted(cover.best, key=lambda way: order.of_set(tuple(way.facts)))[:MOST_SETS]
    sets = [_fact_set(what_if, way, order, targets) for way in covers]
    reached = tuple(each for each in sets if _is_reached(each.then, waits))
    exact = cover.exact and len(reached) == len(sets) and all(each.complete and each.ways for each in found)
    return Settling(goal, reached, exact, cover.more or len(cover.best) > len(sets))


def _is_reached(then: Outcome, waits: bool) -> bool:
    return then.may_train if waits else then.is_settled


def _rank(who: str) -> int:
    return WHO_FIRST.index(who) if who in WHO_FIRST else len(WHO_FIRST)


@define
class _Order:
    """In which order to get facts: those that could be gravest first, of equal ones whoever can answer soonest."""

    weight: dict[str, int]
    number: dict[str, int]
    who: dict[str, str]

    @classmethod
    def of(cls, what_if: WhatIf, targets: dict[int, Answer]) -> _Order:
        weight: dict[str, int] = {}
        number: dict[str, int] = {}
        fields, state = what_if.dictionary.fields, what_if.knowledge.state
        for index, found in targets.items():
            open_here = [atom.field.name for atom in open_atoms(found.active.condition, state)]
            for name in dict.fromkeys((*found.remeasure, *open_here)):
                event = what_if.knowledge.unsure_events.get(name)
                for fact in (name, *fields[name].items, *(event.fields if event else ())):
                    weight[fact] = max(weight.get(fact, 0), what_if.levels[index][0])
                    number[fact] = number.get(fact, 0) + 1
        return cls(weight, number, {name: entry.who for name, entry in fields.items()})

    def of_fact(self, name: str) -> tuple[int, int, int, str]:
        """The key to sort a fact by."""
        return -self.weight.get(name, 0), _rank(self.who[name]), -self.number.get(name, 0), name

    def of_set(self, names: Sequence[str]) -> tuple[int, list[tuple[int, int, int, str]]]:
        """The key to sort a set by: first whoever has to answer, then its facts."""
        return sum(_rank(self.who[name]) for name in names), sorted(map(self.of_fact, names))


def _fact_set(what_if: WhatIf, way: Way, order: _Order, targets: dict[int, Answer]) -> FactSet:
    facts = tuple(sorted(way.facts, key=order.of_fact))
    again = frozenset(name for found in targets.values() for name in found.remeasure) & frozenset(facts)
    return FactSet(
        facts=facts,
        who=tuple(order.who[name] for name in facts),
        needed={name: way.facts[name] for name in facts},
        then=what_if.outcome(way.changes),
        joint=_joint_answers(what_if, facts, targets, again),
        again=again,
    )


Piece = tuple[str, dict[str, Possible]]


def _joint_answers(
    what_if: WhatIf, facts: tuple[str, ...], targets: dict[int, Answer], again: frozenset[str]
) -> tuple[Joint, ...]:
    """What every combination of answers leads to, without asking on where the rest no longer matters."""
    if 2 ** len(facts) > MOST_JOINT:
        return ()
    search, state = Search(what_if), what_if.knowledge.state
    open_by_field: dict[str, list[Atom]] = {}
    for found in (*targets.values(), *search.relevant.values()):
        for atom in open_atoms(found.active.condition, state):
            open_by_field.setdefault(atom.field.name, []).append(atom)
        if found.remeasure:
            for atom in _all_on(found, again):
                open_by_field.setdefault(atom.field.name, []).append(atom)
    pieces: list[list[Piece]] = []
    for name in facts:
        if name in again:
            entry = what_if.dictionary.fields[name]
            whole = cut(entry, entry.unknown, open_by_field[name])
            pieces.append([(words, {name: piece}) for words, piece in whole])
        else:
            pieces.append(search.pieces(name, open_by_field.get(name, [])))
    if prod(map(len, pieces)) > MOST_JOINT:
        return ()
    return tuple(_branches(what_if, facts, pieces, again))


def _all_on(found: Answer, names: frozenset[str]) -> list[Atom]:
    return [atom for atom in atoms(found.active.condition) if atom.field.name in names]


def _with_values_that_count(what_if: WhatIf, changes: dict[str, Possible]) -> dict[str, Possible]:
    """The changes with the values that count again because none of the events that may have outdated them did."""
    for value, event in what_if.knowledge.unsure_events.items():
        days = [changes.get(day) for day in event.fields]
        if value not in changes and all(isinstance(day, Span) and day.low >= event.age for day in days):
            changes[value] = event.reported
    return changes


def _branches(
    what_if: WhatIf, facts: tuple[str, ...], pieces: list[list[Piece]], again: frozenset[str]
) -> list[Joint]:
    leaves: dict[tuple[int, ...], Outcome] = {}
    twice = dict.fromkeys(again, 2)
    for chosen in product(*(range(len(each)) for each in pieces)):
        changes: dict[str, Possible] = {}
        for place, index in enumerate(chosen):
            changes |= pieces[place][index][1]
        leaves[chosen] = what_if.outcome(_with_values_that_count(what_if, changes), twice)

    def grow(path: tuple[int, ...]) -> list[Joint]:
        under = {(leaf.clearance, leaf.track) for key, leaf in leaves.items() if key[: len(path)] == path}
        if len(under) == 1:
            clearance, track = under.pop()
            answers = tuple((facts[place], pieces[place][index][0]) for place, index in enumerate(path))
            return [Joint(answers, clearance, track)]
        return [joint for index in range(len(pieces[len(path)])) for joint in grow((*path, index))]

    return grow(())
