"""What is to be mended in an input before it is screened, and what is only to be known, from what was counted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from exrx.errors import QuantityError
from exrx.fields import Span
from exrx.quantities import read_unit
from exrx.study.describe import Describer
from exrx.study.described import FieldCounts, Point, quartiles
from exrx.values import read_given

SCHEMA = "exrx/describe/1"
_DOUBT = 1.25
"""A unit is doubted when the middle number, so much nearer to a healthy person's by ratio, would fit another one."""


def points(described: Describer, unread: Mapping[str, str], faults: Sequence[str] = ()) -> list[Point]:
    """Everything to mend, then everything to know, each in the order of the columns.

    `unread` are columns that are not read, with a code why (`no-field`, `not-mapped`); `faults` what the reader could
    not read of the file, in words.
    """
    found = [*_of_input(described, faults), *_of_columns(described), *_to_know(described, unread)]
    return [point for point in found if point.mend] + [point for point in found if not point.mend]


def to_dict(
    described: Describer, unread: Mapping[str, str], faults: Sequence[str], notes: Sequence[str]
) -> dict[str, Any]:
    """The whole description as JSON of schema `exrx/describe/1`; `ready` is true where nothing is to be mended."""
    found = points(described, unread, faults)
    return {
        "schema": SCHEMA,
        "as_of": described.as_of.isoformat(),
        "rows": described.rows,
        "examples": described.examples,
        "ready": not any(point.mend for point in found),
        "points": [point.to_dict() for point in found],
        "columns": [counts.to_dict() for counts in described.fields.values()],
        "forms": {form: counts.to_dict() for form, counts in described.forms.items()},
        "not_read": {**dict.fromkeys(described.unread, "no-field"), **unread},
        "duplicate_ids": described.duplicates.to_dict(),
        "without_id": described.nameless.to_dict(),
        "notes": list(notes),
    }


def _of_input(described: Describer, faults: Sequence[str]) -> Iterator[Point]:
    if not described.rows:
        yield Point("no-rows")
    for fault in faults:
        yield Point("not-readable", more={"message": fault})
    if described.rows and not described.fields:
        yield Point("no-field")
    if described.identifiers.count:
        yield Point("identifier-refused", "id", described.identifiers.count, tuple(described.identifiers.rows))
    again = described.duplicates
    if again.count:
        yield Point("duplicate-id", "id", again.count, tuple(again.rows))
    for (column, code), seen in sorted(described.faults.items()):
        yield Point("refused", column, seen.count, tuple(seen.rows), more={"why": code})


def _of_columns(described: Describer) -> Iterator[Point]:
    for counts in described.fields.values():
        for code, seen in sorted(counts.refused.items()):
            more: dict[str, Any] = {"why": code}
            if code == "implausible" and counts.meant:
                unit, times = min(counts.meant.items(), key=lambda pair: (-pair[1], pair[0]))
                more |= {"meant": unit, "meant_count": times}
            yield Point("refused", counts.header, seen.count, tuple(seen.rows), more=more)
        late = counts.observed.late if counts.entry.kind != "elapsed" else counts.values.late
        if late.count:
            yield Point("after-as-of", counts.header, late.count, tuple(late.rows))
        if counts.entry.kind == "quantity" and counts.values.late.count:
            yield Point("after-as-of", counts.header, counts.values.late.count, tuple(counts.values.late.rows))
        doubted = _doubted(counts)
        if doubted:
            yield Point("unit-doubted", counts.header, counts.ticks.total(), more=doubted)
    for form, days in described.forms.items():
        if days.late.count:
            yield Point("after-as-of", f"form.{form}", days.late.count, tuple(days.late.rows))


def _to_know(described: Describer, unread: Mapping[str, str]) -> Iterator[Point]:
    for counts in described.fields.values():
        if counts.rows and not counts.given:
            yield Point("empty", counts.header, counts.rows, mend=False)
        dated = counts.entry.validity is not None and counts.entry.kind != "elapsed"
        if dated and counts.undated:
            yield Point("undated", counts.header, counts.undated, mend=False)
    nameless = described.nameless.count - described.identifiers.count
    if nameless > 0:
        rows = () if described.identifiers.count else tuple(described.nameless.rows)
        yield Point("without-id", "id", nameless, rows, mend=False)
    for name in described.unread:
        yield Point("not-read", name, mend=False, more={"why": "no-field"})
    for name, why in unread.items():
        yield Point("not-read", name, mend=False, more={"why": why})


def _doubted(counts: FieldCounts) -> dict[str, Any] | None:
    """The unit in which a column's middle number would be a likelier one, where two units are in everyday use.

    The bounds of plausibility are wide, so haemoglobin in g/dL passes as mmol/L. A middle number on the field's worse
    side is not doubted: that may be how ill the patients are.
    """
    entry = counts.entry
    if entry.kind != "quantity" or not entry.ticks.ambiguous or not counts.ticks or entry.typical is None:
        return None
    typical = read_given(entry, str(entry.typical), entry.ticks.unit)
    middle = quartiles(counts.ticks)[2]
    if not isinstance(typical, Span) or not middle or typical.low <= 0:
        return None
    healthy, seen = entry.ticks.value(typical.low), entry.ticks.value(middle)
    if (entry.worse.kind == "lower" and seen < healthy) or (entry.worse.kind == "higher" and seen > healthy):
        return None
    used = read_unit(counts.unit or entry.ticks.unit, entry.ticks)
    given = (Fraction(seen) - used.offset) / used.factor
    best = _distance(seen, healthy)
    for unit in entry.ticks.ambiguous:
        try:
            other = read_unit(unit, entry.ticks)
        except QuantityError:
            continue
        if (other.factor, other.offset) == (used.factor, used.offset):
            continue
        value = Decimal(float(other.factor * given + other.offset))
        if value > 0 and best > math.log(_DOUBT) and best > 2 * _distance(value, healthy):
            return {"unit": counts.unit or entry.ticks.unit, "meant": unit}
    return None


def _distance(one: Decimal, other: Decimal) -> float:
    return abs(math.log(float(one) / float(other)))
