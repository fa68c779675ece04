"""Conditions as small frozen nodes.

A node knows its fields, its limits and where it stands in the file; it knows no patient. Building one refuses
what makes no sense: a comparison on a set, an option that does not exist. What a node means is written once per
interpreter: `one.py` (a patient, with reasons), `many.py` (a cohort), `prove.py` (every patient, for z3), `words.py`
(Danish and English).

Every condition on one field is a set of values. With the values that are possible for a patient it is
true when all of them lie in the set, false when none does, undecided otherwise; `and`, `or`, `not` and
`at least n of` join the three answers as Kleene's strong logic does.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field as attribute
from attrs import frozen

from exrx.errors import ConditionError, Location
from exrx.fields import Field

FALSE, UNDECIDED, TRUE = 0, 1, 2
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")


@frozen
class Limit:
    """The right-hand side of a comparison: a tick, the words it was written in, and the parameter it came from."""

    tick: int
    text: str
    parameter: str | None = None


@frozen
class Compare:
    """A numeric field against a limit: `platelets < 50`."""

    field: Field
    operator: str
    limit: Limit
    location: Location | None = attribute(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        if not self.field.is_numeric:
            raise ConditionError(
                f"'{self.field.name}' is a {self.field.kind} and cannot be compared with a number",
                code="wrong-type", location=self.location,
                suggestion=f"compare it with one of: {', '.join(self.field.options)}",
            )
        if self.operator not in COMPARISONS:
            raise ConditionError(f"'{self.operator}' is not a comparison", code="syntax", location=self.location)
        scale, tick = self.field.ticks, self.limit.tick
        nothing_below, nothing_above = tick <= scale.lowest, tick >= scale.highest
        if (nothing_below and self.operator in ("<", ">=")) or (nothing_above and self.operator in (">", "<=")):
            always = "always" if self.operator in (">=", "<=") else "never"
            raise ConditionError(
                f"'{self.field.name} {self.operator} {self.limit.text}' is {always} true: plausible values go from "
                f"{scale.value(scale.lowest)} to {scale.value(scale.highest)} {scale.unit}",
                code="constant-condition", location=self.location,
            )


@frozen
class OneOf:
    """A flag, choice, ordered choice or gate is one of some options: `cancer_type in {lung, colon}`."""

    field: Field
    mask: int
    text: str
    location: Location | None = attribute(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.field.is_numeric or self.field.kind == "set":
            raise ConditionError(
                f"'{self.field.name}' is a {self.field.kind}, not a choice", code="wrong-type", location=self.location
            )
        if self.mask == 0 or self.mask == self.field.every_option:
            always = "never" if self.mask == 0 else "always"
            raise ConditionError(
                f"'{self.text}' is {always} true", code="constant-condition", location=self.location
            )


@frozen
class AnyOf:
    """A set holds at least one of some options: `bone_metastasis_sites in {lumbar, pelvis}`."""

    field: Field
    mask: int
    text: str
    location: Location | None = attribute(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.field.kind != "set":
            raise ConditionError(
                f"'{self.field.name}' is a {self.field.kind}, not a set", code="wrong-type", location=self.location
            )


@frozen
class Not:
    """The opposite; an undecided condition stays undecided."""

    item: Condition
    location: Location | None = attribute(default=None, eq=False)


@frozen
class And:
    """True when all are true, false when one is false."""

    items: tuple[Condition, ...]
    location: Location | None = attribute(default=None, eq=False)


@frozen
class Or:
    """True when one is true, false when all are false."""

    items: tuple[Condition, ...]
    location: Location | None = attribute(default=None, eq=False)


@frozen
class AtLeast:
    """True when at least `count` are true, false when fewer could be."""

    count: int
    items: tuple[Condition, ...]
    location: Location | None = attribute(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.count <= len(self.items):
            raise ConditionError(
                f"'at least {self.count}' of {len(self.items)} conditions can never be decided by counting",
                code="impossible-count", location=self.location,
                suggestion=f"use a count from 1 to {len(self.items)}",
            )


Atom = Compare | OneOf | AnyOf
Condition = Compare | OneOf | AnyOf | Not | And | Or | AtLeast
ATOMS = (Compare, OneOf, AnyOf)
NODE_CLASSES = (Compare, OneOf, AnyOf, Not, And, Or, AtLeast)


def atoms(condition: Condition) -> Iterator[Atom]:
    """Every condition on a single field, in the order they are written."""
    if isinstance(condition, ATOMS):
        yield condition
    elif isinstance(condition, Not):
        yield from atoms(condition.item)
    else:
        for item in condition.items:
            yield from atoms(item)


def all_of(conditions: tuple[Condition, ...]) -> Condition:
    """The conjunction, without a wrapper around a single condition."""
    return conditions[0] if len(conditions) == 1 else And(conditions)
