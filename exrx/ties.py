"""What follows from one field for another: ties (`implies:` in fields.yaml) and scores.

A tie says that when every possible value of one field lies in a set, the other field lies in another set,
and the other way round: when the second cannot, the first does not. Where two answers cannot both be true
they contradict each other, and both become unknown.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any

from attrs import frozen

from exrx.errors import FieldError
from exrx.fields import NO, YES, Dictionary, Field, Members, Possible, Span, Tie

State = dict[str, Possible]


class SetTie(IntEnum):
    """Whether the first half of a tie asks a set, and for any member at all or for some of them."""

    NO = 0
    SOME = 1
    ANY = 2


def _set_tie(tie: Tie, first: Field) -> SetTie:
    if first.kind != "set":
        return SetTie.NO
    return SetTie.ANY if tie.if_mask == first.every_option else SetTie.SOME


@frozen
class Plan:
    """What `exrx.knowledge` needs from a dictionary, made once for it.

    `scores` holds for each score and item the lowest and highest points of every mask of options; `gates`
    for each gate the findings that it answers, with the mask of options that are a finding.
    """

    unknown: State
    units: dict[str, str]
    ties: tuple[tuple[Tie, SetTie], ...]
    scores: dict[str, dict[str, tuple[tuple[int, int], ...]]]
    gates: dict[str, dict[str, int]]


@lru_cache(maxsize=8)
def plan_of(dictionary: Dictionary) -> Plan:
    """The plan of a dictionary, made at its first use.

    Raises:
        FieldError: a tie concludes something about a set or a number, or a gate answers a number (for
        authors).
    """
    fields = dictionary.fields
    for tie in dictionary.ties:
        if fields[tie.then_field].is_numeric or fields[tie.then_field].kind == "set":
            raise FieldError(f"fields.yaml: nothing can be implied about '{tie.then_field}', which is no choice")
    return Plan(
        unknown={name: entry.unknown for name, entry in fields.items()},
        units={name: entry.ticks.unit if entry.is_numeric else "" for name, entry in fields.items()},
        ties=tuple((tie, _set_tie(tie, fields[tie.if_field])) for tie in dictionary.ties),
        scores={
            name: {item: _points_by_mask(fields[item], points) for item, points in entry.items.items()}
            for name, entry in fields.items()
            if entry.kind == "score"
        },
        gates={
            name: _findings(entry, dictionary) for name, entry in fields.items() if entry.kind == "gate"
        },
    )  # fmt: skip


def _points_by_mask(item: Field, points: dict[str, int]) -> tuple[tuple[int, int], ...]:
    table = [(0, 0)]
    for mask in range(1, item.every_option + 1):
        held = [points[option] for option in item.names(mask)]
        table.append((min(held), max(held)))
    return tuple(table)


def _findings(gate: Field, dictionary: Dictionary) -> dict[str, int]:
    found = {}
    for name in gate.answers:
        entry = dictionary.field(name)
        found[entry.name] = _finding(entry)
        for tie in dictionary.ties:
            if tie.then_field == entry.name and not tie.then_mask & ~_finding(entry):
                found[tie.if_field] = tie.if_mask
    return found


def _finding(entry: Field) -> int:
    """The options of a field that are a finding: what is worse than "asked, no"."""
    if entry.kind == "flag":
        return NO if entry.worse.kind == "no" else YES
    if entry.kind == "set":
        return entry.every_option
    if entry.kind == "elapsed":
        return 0
    if not isinstance(entry.unticked, int):
        raise FieldError(f"fields.yaml: a gate cannot answer '{entry.name}', which has no answer that is no finding")
    return entry.every_option & ~entry.unticked


def settle_ties(plan: Plan, state: State) -> tuple[Tie, ...]:
    """Narrow the tied fields of `state` in place; return the ties that are contradicted.

    Both fields of a contradicted tie become unknown and take no further part. All ties are followed at the
    same time, step by step, so their order does not matter.
    """
    active = plan.ties
    contradicted: list[Tie] = []
    while True:
        narrowed, clashes = _follow(active, state)
        if not clashes:
            state |= narrowed
            return tuple(contradicted)
        contradicted += clashes
        blank = {name for tie in clashes for name in (tie.if_field, tie.then_field)}
        state |= {name: plan.unknown[name] for name in blank}
        active = tuple(pair for pair in active if pair[0].if_field not in blank and pair[0].then_field not in blank)


def _follow(ties: tuple[tuple[Tie, SetTie], ...], state: State) -> tuple[State, list[Tie]]:
    """The fields narrowed as far as the ties reach, and the ties that cannot hold."""
    impossible = [tie for tie, is_set in ties if is_set is SetTie.ANY and _is_empty_and_yet_meant(tie, state)]
    if impossible:
        return {}, impossible
    narrowed: State = {}
    while True:
        step: State = {}
        causes: dict[str, list[Tie]] = {}
        clashes = []
        for tie, is_set in ties:
            first = narrowed.get(tie.if_field, state[tie.if_field])
            then = narrowed.get(tie.then_field, state[tie.then_field])
            holds = first.sure & tie.if_mask if is_set else not first & ~tie.if_mask  # type: ignore[union-attr, operator]
            if holds:
                target, allowed = tie.then_field, then & tie.then_mask  # type: ignore[operator]
                if allowed == then:
                    continue
                step[target] = step.get(target, then) & allowed  # type: ignore[operator]
                empty = not step[target]
            elif not then & tie.then_mask:  # type: ignore[operator]
                target = tie.if_field
                without = _without(first, tie.if_mask)
                if without == first:
                    continue
                step[target] = _without(step.get(target, first), tie.if_mask)
                empty = not isinstance(without, Members) and not step[target]
            else:
                continue
            causes.setdefault(target, []).append(tie)
            if empty:
                clashes += [cause for cause in causes[target] if cause not in clashes]
        if clashes or not step:
            return narrowed, clashes
        narrowed |= step


def _without(possible: Any, mask: int) -> Possible:
    """What is left when the options of a mask are not possible."""
    if isinstance(possible, Members):
        return Members(possible.sure, possible.possible & ~mask)
    return possible & ~mask


def _is_empty_and_yet_meant(tie: Tie, state: State) -> bool:
    """A set said to be empty, and yet what only its members can mean."""
    first, then = state[tie.if_field], state[tie.then_field]
    return isinstance(first, Members) and not first.possible and isinstance(then, int) and not then & ~tie.then_mask


def sum_scores(plan: Plan, state: State, given: dict[str, Span]) -> list[str]:
    """Set every score of `state` to the sum of its items; return those whose `given` total cannot be it.

    A given total narrows the sum; where the two contradict, the score is unknown.
    """
    contradicted = []
    for name, items in plan.scores.items():
        low = high = 0
        for item, points in items.items():
            least, most = points[state[item]]  # type: ignore[index]
            low, high = low + least, high + most
        low, high = 2 * low, 2 * high
        if name in given:
            low, high = max(low, given[name].low), min(high, given[name].high)
        if low <= high:
            state[name] = Span(low, high)
        else:
            state[name] = plan.unknown[name]
            contradicted.append(name)
    return contradicted
