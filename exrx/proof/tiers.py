"""Tiers: rules that draw limits on one field, under the same further conditions, form a ladder.

As the field gets worse the ladder has no gap (once one of its rules fires, one always does), and a rule that begins
further out never allows more than one that begins earlier: no higher cap, no lower clearance.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from attrs import fields, frozen

from exrx.fields import Field, Possible, Span
from exrx.proof.example import PATIENT, decide, example, nearest, patient_of, state_of
from exrx.proof.ground import Ground
from exrx.proof.model import Patients, Proof
from exrx.proof.order import worst_last
from exrx.protocol.model import Rule
from exrx.protocol.stage import ENGINE
from exrx.rules.nodes import TRUE, And, Compare, Condition, OneOf, atoms
from exrx.rules.one import evaluate
from exrx.rules.prove import encode
from exrx.rules.restriction import Restriction

NAME = "tiers"
DOWN, UP, NONE = "below", "above", "neither"


@frozen(eq=False)
class Tier:
    """A rule of a ladder, by its place among the sources, with its own condition on the field."""

    index: int
    rule: Rule
    on_field: Condition


@frozen(eq=False)
class Ladder:
    """Rules with limits on one field and side, under the same `guard`."""

    field: Field
    side: str
    guard: tuple[Condition, ...]
    tiers: tuple[Tier, ...]

    @property
    def values(self) -> list[Possible]:
        """A value from each stretch between two limits, from best to worst."""
        if not self.field.is_numeric:
            return [1 << option for option in worst_last(self.field)]
        scale = self.field.ticks
        limits = {atom.limit.tick for tier in self.tiers for atom in atoms(tier.on_field) if isinstance(atom, Compare)}
        ticks = {scale.lowest, scale.highest} | {tick + step for tick in limits for step in (-1, 0, 1)}
        if scale.whole:
            ticks = {tick - tick % 2 for tick in ticks}
        inside = sorted(tick for tick in ticks if scale.lowest <= tick <= scale.highest)
        return [Span(tick, tick) for tick in (reversed(inside) if self.side == DOWN else inside)]

    def firing(self, value: Possible) -> list[Tier]:
        """The tiers whose own limits hold at a value."""
        return [tier for tier in self.tiers if evaluate(tier.on_field, {self.field.name: value}) == TRUE]


def ladders(ground: Ground) -> list[Ladder]:
    """Every ladder of two rules or more, in the order of their first rules."""
    found: dict[tuple[Any, ...], list[Tier]] = {}
    guards: dict[tuple[Any, ...], tuple[Field, str, tuple[Condition, ...]]] = {}
    for index, source in enumerate(ground.sources):
        if source.rule is None or source.rule.location == ENGINE:
            continue
        items = source.rule.when.items if isinstance(source.rule.when, And) else (source.rule.when,)
        limits = [item for item in items if isinstance(item, Compare) or _is_step(item)]
        if not limits or len({item.field for item in limits}) != 1:  # type: ignore[union-attr]
            continue
        entry: Field = limits[0].field  # type: ignore[union-attr]
        if entry.worse.kind == "outside" and len({item.operator[0] for item in limits}) > 1:  # type: ignore[union-attr]
            continue  # a range on a two-sided field has no side; `monotone` judges it
        guard = tuple(item for item in items if item not in limits)
        side = _side(entry, limits)
        key = (entry, side, frozenset(guard))
        guards.setdefault(key, (entry, side, guard))
        on_field = limits[0] if len(limits) == 1 else And(tuple(limits))
        found.setdefault(key, []).append(Tier(index, source.rule, on_field))
    return [Ladder(*guards[key], tuple(tiers)) for key, tiers in found.items() if len(tiers) > 1]


def _is_step(item: Condition) -> bool:
    return isinstance(item, OneOf) and item.field.kind in ("ordered", "gate")


def _side(entry: Field, limits: list[Any]) -> str:
    """The direction in which the ladder is climbed; none where the dictionary knows no worse side."""
    if entry.worse.kind == "none":
        return NONE
    if entry.worse.kind in ("lower", "higher") and entry.is_numeric:
        return DOWN if entry.worse.kind == "lower" else UP
    return DOWN if any(getattr(item, "operator", "") in ("<", "<=") for item in limits) else UP


def prove_tiers(ground: Ground) -> Iterator[Proof]:
    """One proof a ladder that holds, or one for each fault of it."""
    for ladder in ladders(ground):
        faults = [*_gap(ground, ladder), *_reversed(ground, ladder)]
        yield from faults or [_proof(ground, ladder, ladder.field.name, True)]


def _proof(ground: Ground, ladder: Ladder, of: str, holds: bool, **more: Any) -> Proof:
    return Proof(NAME, ground.protocol.id, ground.stage, of, holds, **more)


def _gap(ground: Ground, ladder: Ladder) -> Iterator[Proof]:
    """A value at which the ladder falls silent after one of its rules fired.

    Without a worse side, only a single value between two rules counts: limits may mark both ends of a population.
    """
    fired = [ladder.firing(value) for value in ladder.values]
    for place in range(1, len(fired)):
        again = ladder.side != NONE or (place + 1 < len(fired) and fired[place + 1])
        if fired[place] or not fired[place - 1] or not again:
            continue
        value, before = ladder.values[place], fired[place - 1][0].rule
        words = _shown(ladder.field, value)
        names = ", ".join(dict.fromkeys(f"'{tier.rule.id}'" for tier in ladder.tiers))
        why = {
            "da": f"Ved {ladder.field.labelled('da')} {words} gælder ingen af {names}, men lige før gjorde en af dem.",
            "en": f"At {ladder.field.labelled('en')} {words} none of {names} fires, though just before one did.",
        }
        found = _example(ground, ladder, value, lambda patients: _none_stands(ground, ladder, patients))
        yield _proof(ground, ladder, before.id, False, why=why, where=before.location, counterexample=found)
        return


def _shown(entry: Field, value: Any) -> str:
    if isinstance(value, Span):
        unit = entry.ticks.unit
        return f"{entry.ticks.text(value.low, value.high)}{'' if unit.startswith('{') else ' ' + unit}"
    return entry.names(value)[0]


def _none_stands(ground: Ground, ladder: Ladder, patients: Patients) -> bool:
    state = state_of(patients[0], ground.protocol, ground.stage)
    decision = decide(patients[0], ground.protocol, ground.stage)
    standing = {reason.rule for reason in decision.reasons}
    guarded = all(evaluate(item, state) == TRUE for item in ladder.guard)
    return guarded and not standing & {tier.rule.id for tier in ladder.tiers}


def _reversed(ground: Ground, ladder: Ladder) -> Iterator[Proof]:
    if ladder.side == NONE:
        return
    starts = {
        id(tier): next((i for i, value in enumerate(ladder.values) if tier in ladder.firing(value)), len(ladder.values))
        for tier in ladder.tiers
    }
    for outer in ladder.tiers:
        for inner in ladder.tiers:
            if starts[id(inner)] >= starts[id(outer)]:
                continue
            parts = less_cautious(inner.rule.then, outer.rule.then)
            if parts:
                yield _reversal(ground, ladder, inner, outer, parts)
                break


def _reversal(ground: Ground, ladder: Ladder, inner: Tier, outer: Tier, parts: list[str]) -> Proof:
    value = next(
        (v for v in ladder.values if {inner.index, outer.index} <= {tier.index for tier in ladder.firing(v)}), None
    )

    def shows(patients: Patients) -> bool:
        decision = decide(patients[0], ground.protocol, ground.stage)
        firing = {reason.rule: reason.restriction for reason in decision.reasons if reason.state == "fires"}
        both = inner.rule.id in firing and outer.rule.id in firing
        return both and bool(less_cautious(firing[inner.rule.id], firing[outer.rule.id]))

    found = _example(ground, ladder, value, shows) if value is not None else None
    listed = ", ".join(parts)
    why = {
        "da": f"'{outer.rule.id}' begynder ved en værre værdi end '{inner.rule.id}', men tillader mere: {listed}.",
        "en": f"'{outer.rule.id}' begins at a worse value than '{inner.rule.id}' but allows more: {listed}.",
    }
    return _proof(ground, ladder, outer.rule.id, False, why=why, where=outer.rule.location, counterexample=found)


def less_cautious(inner: Restriction, outer: Restriction) -> list[str]:
    """The levels and limits that both restrictions set and where the second allows more."""
    found, nothing = [], Restriction()
    for part in fields(Restriction):
        one, other, default = (getattr(r, part.name) for r in (inner, outer, nothing))
        if one == default or other == default:
            continue
        more = other < one if isinstance(one, IntEnum) else isinstance(one, int) and other > one
        if more:
            found.append(part.name)
    return found


def _example(ground: Ground, ladder: Ladder, value: Any, shows: Any) -> Any:
    """A patient with the value, under the ladder's guard; None where the others facts do not allow it."""
    known, view = ground.known, ground.known.view
    literals = view.literals({ladder.field.name: value})[ladder.field.name]
    asked = [*literals, *(encode(item, view).true for item in ladder.guard)]
    if not known.can(*asked):
        return None
    state = view.state(nearest(ground, known.solver, asked, [view])) | {ladder.field.name: value}
    return example(ground, (PATIENT,), (patient_of(ground, state),), shows)
