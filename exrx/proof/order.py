"""Which of two patients is worse, field by field, in the direction that the dictionary declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from exrx.fields import Field
from exrx.rules.prove import Formula, every, z3_library
from exrx.rules.views import Total


def no_better(before: Total, after: Total, held: Collection[str]) -> Iterator[Formula]:
    """In every field `after` is the same as `before` or worse; in those `held`, or without a worse side, the same.

    A score follows from its items. Two-sided fields get worse by moving out on one side of what is normal.
    """
    for entry in before.grid.fields:
        if entry.kind == "score":
            continue
        if entry.name in held or entry.worse.kind == "none":
            yield same(before, after, entry)
        else:
            yield _no_better(before, after, entry)


def same(before: Total, after: Total, entry: Field) -> Formula:
    """The two patients have the same answer to a field."""
    keys = before.grid.keys(entry)
    return every(before.vars[entry.name, key] == after.vars[entry.name, key] for key in keys)


def _no_better(before: Total, after: Total, entry: Field) -> Formula:
    if entry.worse.kind == "outside":
        return _further_out(before, after, entry)
    if entry.is_numeric:
        falls = entry.worse.kind == "lower"
        return _not_above(after, before, entry) if falls else _not_above(before, after, entry)
    if entry.kind == "set":
        return every(_implied(before, after, entry, 1 << index) for index in range(len(entry.options)))
    order = worst_last(entry)
    worse_parts = [sum(1 << option for option in order[start:]) for start in range(1, len(order))]
    outside_order = [1 << option for option in range(len(entry.options)) if option not in order]
    both_ways = [_implied(after, before, entry, mask) for mask in outside_order]
    return every([_implied(before, after, entry, mask) for mask in worse_parts + outside_order] + both_ways)


def worst_last(entry: Field) -> tuple[int, ...]:
    """The options of a field from best to worst."""
    if entry.worse.kind == "order":
        return entry.worse.options
    rising = tuple(range(len(entry.options)))
    return rising if entry.worse.kind in ("yes", "higher") else tuple(reversed(rising))


def _implied(before: Total, after: Total, entry: Field, mask: int) -> Formula:
    return z3_library().Implies(before.within(entry, mask).true, after.within(entry, mask).true)


def _not_above(lower: Total, upper: Total, entry: Field) -> Formula:
    """One patient's number is not above the other's: below every limit that the other is below."""
    z3 = z3_library()
    cuts = lower.grid.cuts[entry.name]
    return every(z3.Implies(upper.vars[entry.name, cut], lower.vars[entry.name, cut]) for cut in cuts)


def _further_out(before: Total, after: Total, entry: Field) -> Formula:
    z3, worse = z3_library(), entry.worse
    down = [
        _not_above(after, before, entry),
        after.below(entry, worse.low).true,
        before.below(entry, worse.high + 1).true,
    ]
    up = [
        _not_above(before, after, entry),
        z3.Not(after.below(entry, worse.high + 1).true),
        z3.Not(before.below(entry, worse.low).true),
    ]
    return z3.Or(same(before, after, entry), every(down), every(up))
