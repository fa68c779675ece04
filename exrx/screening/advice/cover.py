"""The smallest joins of ways: one way for each rule, as few facts together as can be.

Facts are bits, and so are the answers that ways need of them; answers of one fact that exclude each other are known
beforehand. Rules with a single way leave no choice, and what they need is had for nothing by all others. What is left
falls into parts that share no fact; each part is searched on its own and never beyond the best that was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, islice, product

from attrs import define, field, frozen

from exrx.fields import Possible
from exrx.screening.advice.ways import Way, overlap

MOST_STEPS = 3000
MOST_KEPT = 8
"""Steps of the search of one part, and the equally small joins that are kept."""


@frozen
class Covers:
    """The smallest joins; `more` is true where there are others as small, `exact` false where a search was cut."""

    best: tuple[Way, ...]
    more: bool
    exact: bool


@frozen
class _Option:
    """A way as bits: the facts it needs, the answers, and the answers of others that exclude it."""

    facts: int
    answers: int
    excluded: int
    way: Way


Rule = list[_Option]


def smallest_covers(ways: Sequence[tuple[Way, ...]]) -> Covers:
    """The joins of one way for each rule that need the fewest facts, each set of facts once."""
    rules = _as_bits(ways)
    chosen = _Chosen()
    for rule in rules:
        if len(rule) == 1:
            chosen = chosen.with_option(rule[0])
    left = []
    for rule in rules:
        possible = [option for option in rule if not option.excluded & chosen.answers]
        had = next((o for o in possible if not o.facts & ~chosen.facts and not o.excluded), None)
        if had is not None:
            chosen = chosen.with_option(had)
        elif len(rule) > 1:
            left.append(possible)
    parts = [_Part(chosen, part) for part in _parts(left, chosen.facts)]
    for part in parts:
        part.search()
    together = list(islice(product(*(part.best.values() for part in parts)), MOST_KEPT))
    base, known = _join_all(Way({}), chosen.ways), len(chosen.ways)
    every_join = (_join_all(base, (way for part in found for way in part.ways[known:])) for found in together)
    joins = [join for join in every_join if join is not None]
    every = 1
    for part in parts:
        every *= len(part.best)
    exact = len(joins) == len(together) > 0 and all(part.exact for part in parts)
    return Covers(tuple(joins), every > len(together) or any(part.more for part in parts), exact)


def _as_bits(rules: Sequence[tuple[Way, ...]]) -> list[Rule]:
    fact_bit: dict[str, int] = {}
    answer_bit: dict[tuple[str, Possible], int] = {}
    for way in (way for ways in rules for way in ways):
        for name, needed in way.facts.items():
            fact_bit.setdefault(name, 1 << len(fact_bit))
            answer_bit.setdefault((name, needed), 1 << len(answer_bit))
    excluded = dict.fromkeys(answer_bit, 0)
    by_fact: dict[str, list[tuple[str, Possible]]] = {}
    for key in answer_bit:
        by_fact.setdefault(key[0], []).append(key)
    for keys in by_fact.values():
        for one, other in combinations(keys, 2):
            if overlap(one[1], other[1]) is None:
                excluded[one] |= answer_bit[other]
                excluded[other] |= answer_bit[one]
    return [
        [
            _Option(
                sum(fact_bit[name] for name in way.facts),
                sum(answer_bit[key] for key in way.facts.items()),
                _or(excluded[key] for key in way.facts.items()),
                way,
            )
            for way in ways
        ]
        for ways in rules
    ]


def _or(masks: Iterable[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _join_all(first: Way | None, ways: Iterable[Way]) -> Way | None:
    """Ways together, None where they need different answers to one fact."""
    joined = first
    for way in ways:
        joined = joined.joined(way) if joined is not None else None
    return joined


def _parts(rules: list[Rule], forced: int) -> list[list[Rule]]:
    """The rules in parts that share no fact beyond the forced ones."""
    parts: list[tuple[int, list[Rule]]] = []
    for rule in rules:
        facts, together = _or(option.facts & ~forced for option in rule), [rule]
        for part in [part for part in parts if part[0] & facts]:
            parts.remove(part)
            facts |= part[0]
            together = part[1] + together
        parts.append((facts, together))
    return [together for _, together in parts]


@frozen
class _Chosen:
    """What has been chosen: facts and answers as bits, and the ways."""

    facts: int = 0
    answers: int = 0
    ways: tuple[Way, ...] = ()

    def with_option(self, option: _Option) -> _Chosen:
        """With one way more."""
        if not option.answers & ~self.answers and not option.way.also:
            return self
        return _Chosen(self.facts | option.facts, self.answers | option.answers, (*self.ways, option.way))


@define
class _Part:
    """The search of one part; `best` holds for each of the smallest sets of facts what was chosen."""

    start: _Chosen
    rules: list[Rule]
    exact: bool = True
    more: bool = False
    best: dict[int, _Chosen] = field(factory=dict)
    size: int = 0
    steps: int = 0

    def search(self) -> None:
        """Fill `best`."""
        self.rules.sort(key=lambda rule: (len(rule), min((o.facts.bit_count() for o in rule), default=0)))
        self.size = (_or(option.facts for rule in self.rules for option in rule) | self.start.facts).bit_count() + 1
        self._choose(0, self.start)

    def _choose(self, index: int, chosen: _Chosen) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            self.exact = False
            return
        while index < len(self.rules):
            rule = [option for option in self.rules[index] if not option.excluded & chosen.answers]
            free = next((o for o in rule if not o.answers & ~chosen.answers), None) or next(
                (o for o in rule if not o.facts & ~chosen.facts and not o.excluded), None
            )
            if free is None:
                break
            chosen, index = chosen.with_option(free), index + 1  # had already: no other way can need fewer facts
        if index == len(self.rules):
            self._keep(chosen)
            return
        ranked = [((chosen.facts | option.facts).bit_count(), place) for place, option in enumerate(rule)]
        for size, place in sorted(ranked):
            if size < self.size or (size == self.size and not self.more):
                self._choose(index + 1, chosen.with_option(rule[place]))

    def _keep(self, chosen: _Chosen) -> None:
        size = chosen.facts.bit_count()
        if size < self.size:
            self.size, self.best, self.more = size, {}, False
        if size == self.size and chosen.facts not in self.best:
            if len(self.best) >= MOST_KEPT:
                self.more = True
            else:
                self.best[chosen.facts] = chosen
