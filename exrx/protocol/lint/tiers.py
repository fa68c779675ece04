"""Tiers: conditions that repeat, ranges that are empty, overlap or leave a gap, steps that add nothing.

Everything here is read off the conditions as they are written; what needs a proof is left to `exrx protocol prove`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from exrx.errors import Location
from exrx.fields import Field
from exrx.protocol.lint.gather import Draft
from exrx.protocol.model import Rule
from exrx.quantities import Span
from exrx.quantities.scale import plain
from exrx.rules.nodes import ATOMS, And, AtLeast, Atom, Compare, Condition, Not

Tier = tuple[Rule, Span]


def lint_tiers(draft: Draft) -> None:
    """Report to `draft`: same-condition, repeated-condition, empty-range, swallowed-tier, tiers-overlap, tiers-gap."""
    rules = draft.member.rules
    for rule in rules:
        _within(draft, rule.when, rule)
    _same(draft, rules)
    _swallowed(draft, [rule for rule in rules if not _excepted(draft, "swallowed", rule)])
    for tiers in _ladders(rules):
        for (first, below), (second, above) in pairwise(tiers):
            if not _excepted(draft, "tiers", first) and not _excepted(draft, "tiers", second):
                _neighbours(draft, first, below, second, above)


def _excepted(draft: Draft, proof: str, rule: Rule) -> bool:
    """True where the protocol says, with a reason, that a proof would find this and that it is meant so."""
    return any(each.proof == proof and each.of == rule.id for each in draft.member.exceptions)


def shape(condition: Condition) -> tuple[Any, ...]:
    """A condition as a value that does not depend on the order of `and`, `or` and `at least`, nor on its place."""
    if isinstance(condition, Compare):
        return ("compare", condition.field.name, condition.operator, condition.limit.tick)
    if isinstance(condition, ATOMS):
        return (type(condition).__name__, condition.field.name, condition.mask)
    if isinstance(condition, Not):
        return ("Not", shape(condition.item))
    count = condition.count if isinstance(condition, AtLeast) else 0
    return (type(condition).__name__, count, *sorted((shape(item) for item in condition.items), key=repr))


def _place(condition: Condition, rule: Rule) -> Location:
    return condition.location or rule.location


def _within(draft: Draft, condition: Condition, rule: Rule) -> None:
    """Look inside one condition for what repeats and what is empty."""
    if isinstance(condition, Not):
        return _within(draft, condition.item, rule)
    if isinstance(condition, ATOMS):
        return None
    seen: set[tuple[Any, ...]] = set()
    for item in condition.items:
        if shape(item) in seen:
            draft.remark("repeated-condition", f"'{rule.id}' asks the same twice", _place(item, rule),
                         "delete one, or write what was meant")
        seen.add(shape(item))
        _within(draft, item, rule)
    if isinstance(condition, And):
        for name, span in _spans(condition.items).items():
            if span.low > span.high:
                draft.remark("empty-range", f"'{rule.id}' asks for a range of '{name}' that holds no value",
                             _place(condition, rule), "swap the limits")
    return None


def _spans(items: tuple[Condition, ...]) -> dict[str, Span]:
    """What the comparisons of a conjunction leave of each numeric field, in ticks."""
    left: dict[str, Span] = {}
    for item in items:
        span = span_of(item)
        if span is not None and isinstance(item, Compare):
            before = left.get(item.field.name, span)
            left[item.field.name] = Span(max(before.low, span.low), min(before.high, span.high))
    return left


def span_of(condition: Condition) -> Span | None:
    """The ticks for which a comparison or a range of one field is true; None for everything else."""
    if isinstance(condition, And):
        spans = _spans(condition.items)
        whole = len(spans) == 1 and all(isinstance(item, Compare) for item in condition.items)
        return next(iter(spans.values())) if whole else None
    if not isinstance(condition, Compare) or condition.operator == "!=":
        return None
    tick, ticks = condition.limit.tick, condition.field.ticks
    low, high = {
        "<": (ticks.lowest, tick - 1),
        "<=": (ticks.lowest, tick),
        ">": (tick + 1, ticks.highest),
        ">=": (tick, ticks.highest),
        "=": (tick, tick),
    }[condition.operator]
    return Span(low, high)


def _meet(one: Rule, other: Rule) -> bool:
    return not one.stages or not other.stages or bool(set(one.stages) & set(other.stages))


def _same(draft: Draft, rules: tuple[Rule, ...]) -> None:
    first: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in rules:
        earlier = first.setdefault((shape(rule.when), rule.for_everyone), [])
        twin = next((other for other in earlier if _meet(rule, other)), None)
        if twin is not None and _could_be_one(rule, twin) and not _excepted(draft, "swallowed", rule):
            draft.remark("same-condition", f"'{rule.id}' has the condition of '{twin.id}' (line "
                         f"{twin.location.line} of {twin.location.file})", rule.location, "join them in one rule")
        earlier.append(rule)


def _could_be_one(rule: Rule, twin: Rule) -> bool:
    """False where two sources say something of one finding: each keeps its own rule."""
    return rule.source == twin.source


def _swallowed(draft: Draft, rules: list[Rule]) -> None:
    for rule in rules:
        for wider in draft.member.rules:
            if _follows(rule, wider) and rule.then <= wider.then:
                draft.remark("swallowed-tier", f"'{rule.id}' adds nothing to '{wider.id}', which holds whenever it "
                             "does", rule.location, "give it what its greater danger asks for, or delete it")
                break


def _follows(rule: Rule, wider: Rule) -> bool:
    """True when both ask one field alone, and wherever `rule` is true `wider` is, and not the other way round."""
    one, other = rule.when, wider.when
    if not _stages_within(rule, wider) or (wider.confirm and wider.confirm != rule.confirm):
        return False
    if isinstance(one, ATOMS) and isinstance(other, ATOMS):
        return one.field is other.field and inside(one, other) and not inside(other, one)
    return False


def _stages_within(rule: Rule, wider: Rule) -> bool:
    everyone = wider.for_everyone or not rule.for_everyone
    return everyone and (not wider.stages or (bool(rule.stages) and set(rule.stages) <= set(wider.stages)))


def inside(one: Atom, other: Atom) -> bool:
    """True when every value of the field that makes `one` true makes `other` true; both ask the same field."""
    if isinstance(one, Compare) or isinstance(other, Compare):
        small, large = span_of(one), span_of(other)
        return small is not None and large is not None and large.low <= small.low and small.high <= large.high
    return not one.mask & ~other.mask


def _ladders(rules: tuple[Rule, ...]) -> Iterator[list[Tier]]:
    """The tiers of each field and stage, lowest first, where at least one has a lower and an upper limit."""
    found: dict[tuple[str, tuple[str, ...]], list[Tier]] = {}
    bounded = set()
    for rule in rules:
        span, name = span_of(rule.when), rule.fields[0]
        if span is not None and span.low <= span.high:
            found.setdefault((name, rule.stages), []).append((rule, span))
            if isinstance(rule.when, And):
                bounded.add((name, rule.stages))
    for key, tiers in found.items():
        if key in bounded:
            yield sorted(tiers, key=lambda tier: (tier[1].low, tier[1].high))


def _neighbours(draft: Draft, first: Rule, below: Span, second: Rule, above: Span) -> None:
    compared = _compared(second)
    step = 2 if compared.ticks.whole else 1
    if compared.ticks.whole:  # between two whole numbers lies nothing
        below, above = Span(below.low, below.high - below.high % 2), Span(above.low + above.low % 2, above.high)
    if above.low <= below.high:
        shared = _words(compared, above.low, min(above.high, below.high))
        draft.remark("tiers-overlap", f"'{first.id}' and '{second.id}' both hold for {shared}", second.location,
                     "let one end where the other begins: one '<=', the other '<'")
    elif above.low > below.high + step:
        left = _words(compared, below.high + step, above.low - step)
        draft.remark("tiers-gap", f"neither '{first.id}' nor '{second.id}' holds for {left}", second.location,
                     "let the more cautious tier take the gap, and say so in NOTES.md")


def _words(compared: Field, low: int, high: int) -> str:
    first, last = (plain(compared.ticks.value(tick)) for tick in (low, high))
    return f"{compared.name} {first if low == high else f'{first} to {last}'} {compared.ticks.unit}"


def _compared(rule: Rule) -> Field:
    items = rule.when.items if isinstance(rule.when, And) else (rule.when,)
    return next(item.field for item in items if isinstance(item, Compare))
