"""How an undecided rule can be silenced: the smallest sets of facts that make it false when they turn out well.

A fact turns out well for a rule when conditions on it go against the rule. The smallest sets of facts are found by
trying them in order of their size, each with every range of answers that may do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations, product

from attrs import field, frozen

from exrx.fields import Dictionary, Field, Members, Possible, Span
from exrx.knowledge import UnsureEvent
from exrx.protocol.stage import ActiveRule
from exrx.rules.nodes import FALSE, TRUE, And, AtLeast, Atom, Condition, Not, Or, atoms
from exrx.rules.one import evaluate, open_atoms
from exrx.screening.answers import Answer
from exrx.screening.missing import cut
from exrx.screening.what_if import WhatIf, linked_fields, state_with
from exrx.ties import plan_of

MOST_TRIES = 300
"""Sets of facts tried for one rule; what is not found within them is reported as a search that was cut."""


@frozen
class Way:
    """A set of facts with the answers that silence a rule; `also` holds the values that count again with them."""

    facts: Mapping[str, Possible]
    also: Mapping[str, Possible] = field(factory=dict)

    @property
    def changes(self) -> dict[str, Possible]:
        """Everything that would be known."""
        return {**self.facts, **self.also}

    def joined(self, other: Way) -> Way | None:
        """Both together, None where they need different answers to one fact."""
        facts = dict(self.facts)
        for name, needed in other.facts.items():
            if name not in facts:
                facts[name] = needed
            elif facts[name] != needed:
                both = overlap(facts[name], needed)
                if both is None:
                    return None
                facts[name] = both
        return Way(facts, {**self.also, **other.also})


def overlap(one: Possible, other: Possible) -> Possible | None:
    """The answers that two ranges of answers share, None where there is none."""
    if isinstance(one, Span) and isinstance(other, Span):
        low, high = max(one.low, other.low), min(one.high, other.high)
        return Span(low, high) if low <= high else None
    if isinstance(one, Members) and isinstance(other, Members):
        both = Members(one.sure | other.sure, one.possible & other.possible)
        return both if not both.sure & ~both.possible else None
    if isinstance(one, int) and isinstance(other, int):
        return one & other or None
    return None


@frozen
class Ways:
    """The ways to silence one rule, smallest first; `complete` is false where the search was cut."""

    ways: tuple[Way, ...]
    complete: bool


def ways_to_silence(what_if: WhatIf, found: Answer) -> Ways:
    """The smallest sets of facts that can make an undecided rule false. A second reading counts as a fact."""
    knowledge, dictionary = what_if.knowledge, what_if.dictionary
    names = _looked_at(found.active, dictionary)
    known = tuple((name, knowledge.state[name]) for name in names)
    events = tuple((name, knowledge.unsure_events[name]) for name in names if name in knowledge.unsure_events)
    days = tuple((day, knowledge.state[day]) for _, event in events for day in event.fields)
    return _ways(dictionary, found.active, found.remeasure, known + days, events)


@lru_cache(maxsize=1024)
def _looked_at(active: ActiveRule, dictionary: Dictionary) -> tuple[str, ...]:
    """The fields that a rule's answer can depend on: those it names, a score's items, and what is tied to them."""
    names = {atom.field.name for atom in atoms(active.condition)}
    names |= {item for name in names for item in dictionary.fields[name].items}
    tied = {name for tie in dictionary.ties for name in (tie.if_field, tie.then_field)}
    return tuple(sorted(names | tied if names & tied else names))


@lru_cache(maxsize=2048)
def _ways(
    dictionary: Dictionary,
    active: ActiveRule,
    remeasure: tuple[str, ...],
    known: tuple[tuple[str, Possible], ...],
    events: tuple[tuple[str, UnsureEvent], ...],
) -> Ways:
    """The ways of one rule; remembered, for most rules are undecided for the same reason in many patients."""
    state = {**plan_of(dictionary).unknown, **dict(known)}
    handles = list(_handles(dictionary, active, remeasure, state, dict(events)))
    ways: list[tuple[int, Way]] = []
    tries = 0
    for size in range(1, len(handles) + 1):
        for chosen in combinations(range(len(handles)), size):
            mask = sum(1 << index for index in chosen)
            if any(not inside & ~mask for inside, _ in ways):
                continue
            for parts in product(*(handles[index] for index in chosen)):
                tries += 1
                if tries > MOST_TRIES:
                    return Ways(tuple(way for _, way in ways), False)
                way = parts[0] if size == 1 else _join(parts)
                if way is not None and _silences(dictionary, active.condition, way, state):
                    ways.append((mask, way))
    return Ways(tuple(way for _, way in ways), True)


def _join(parts: tuple[Way, ...]) -> Way | None:
    joined: Way | None = parts[0]
    for part in parts[1:]:
        joined = joined.joined(part) if joined is not None else None
    return joined


def _silences(dictionary: Dictionary, condition: Condition, way: Way, state: dict[str, Possible]) -> bool:
    """Whether a condition is false with a way's answers; `state` is what is known, and is so again afterwards."""
    changes = way.changes
    if linked_fields(dictionary) & changes.keys():
        return evaluate(condition, state_with(state, changes, dictionary)[0]) == FALSE
    before = {name: state[name] for name in changes}
    state.update(changes)
    silent = evaluate(condition, state) == FALSE
    state.update(before)
    return silent


def _handles(
    dictionary: Dictionary,
    active: ActiveRule,
    remeasure: tuple[str, ...],
    state: dict[str, Possible],
    events: Mapping[str, UnsureEvent],
) -> Iterator[tuple[Way, ...]]:
    """For each fact that the rule waits for: the answers worth trying, each as a way."""
    fields = dictionary.fields
    wanted: dict[str, list[tuple[Atom, bool]]] = {}
    for atom, holds in _with_sign(active.condition, True):
        wanted.setdefault(atom.field.name, []).append((atom, holds))
    for name in remeasure or dict.fromkeys(atom.field.name for atom in open_atoms(active.condition, state)):
        entry = fields[name]
        items = [item for item in entry.items if not fields[item].is_known(state[item])]
        if items:
            yield from ((Way({item: _fewest_points(entry, fields[item], state[item])}),) for item in items)
            continue
        known = entry.unknown if remeasure else state[name]
        yield tuple(Way({name: piece}) for piece in _good_pieces(entry, known, wanted[name]))
        event = events.get(name)
        if event is not None and not remeasure:
            not_since = {day: _from(state[day], event.age) for day in event.fields}
            yield (Way(not_since, {name: event.reported}),)


def _from(possible: Possible, age: int) -> Possible:
    assert isinstance(possible, Span)
    return Span(min(max(age, possible.low), possible.high), possible.high)


def _with_sign(condition: Condition, holds: bool) -> Iterator[tuple[Atom, bool]]:
    """Every single-field condition, and whether it speaks for the whole (not against it, under a `not`)."""
    if isinstance(condition, Not):
        yield from _with_sign(condition.item, not holds)
    elif isinstance(condition, (And, Or, AtLeast)):
        for item in condition.items:
            yield from _with_sign(item, holds)
    else:
        yield condition, holds


def _fewest_points(score: Field, item: Field, possible: Possible) -> Possible:
    assert isinstance(possible, int)
    points = score.items[item.name]
    names = item.names(possible)
    fewest = min(points[name] for name in names)
    return sum(item.mask(name) for name in names if points[name] == fewest)


def _good_pieces(entry: Field, possible: Possible, asked: list[tuple[Atom, bool]]) -> list[Possible]:
    """The pieces in which some condition goes against the rule, first those in which all do, joined.

    The others matter where another rule needs an answer that lies outside the first: `x < 5 and x < 6` is silent at 5
    already, and only there where a further rule asks for less than 6. Where no condition goes against, all pieces.
    """
    pieces = [piece for _, piece in cut(entry, possible, [atom for atom, _ in asked])]
    against = [
        sum(evaluate(atom, {entry.name: piece}) == (FALSE if holds else TRUE) for atom, holds in asked)
        for piece in pieces
    ]
    good = _joined_pieces([piece for piece, count in zip(pieces, against, strict=True) if count == len(asked)])
    some = [piece for piece, count in zip(pieces, against, strict=True) if 0 < count < len(asked)]
    return [*good, *some] or pieces


def _joined_pieces(pieces: list[Possible]) -> list[Possible]:
    """Options as one mask, neighbouring ranges as one range; of sets each on its own."""
    joined: list[Possible] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, int) and isinstance(last, int):
            joined[-1] = last | piece
        elif isinstance(piece, Span) and isinstance(last, Span) and last.high + 1 == piece.low:
            joined[-1] = Span(last.low, piece.high)
        else:
            joined.append(piece)
    return joined
