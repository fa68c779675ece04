"""One value, one limit, or a column of texts becomes ticks, exactly or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import frozen

from exrx.errors import ImplausibleError, QuantityError, UnitError
from exrx.quantities.number import split_number
from exrx.quantities.scale import Scale, Span, plain
from exrx.quantities.units import Conversion, needs_unit, read_unit, units_of

if TYPE_CHECKING:
    import numpy as np

_FURTHER_NUMBER = re.compile(r"[-\u2013\u2014:;]|/\s*\d|[02-9]|\d+$")
"""What follows a number when it is a range, a date, a pair or a second number, not a unit."""
_NO_VALUE = frozenset({"", "nan", "na", "n/a", "none", "null", "inf", "infinity", "unknown", "ukendt"})
_LARGEST = 40
"""Powers of ten beyond which a value is moved inwards: far outside every scale, and cheap to handle."""


class TextColumn(NamedTuple):
    """A column of texts as ticks: `low == high` where exact, both the scale's `missing` where absent."""

    lows: np.ndarray
    highs: np.ndarray
    problems: list[tuple[int, QuantityError]]


@frozen
class _Given:
    """A value as it came, taken apart; `binary` marks a float, which may miss its decimal by a hair.

    `readings` are the numbers that it may mean, the decimal one first (see `split_number`).
    """

    comparator: str
    readings: tuple[Decimal, ...]
    unit: Conversion
    binary: bool


def read_value(given: Any, scale: Scale, unit: str | None = None) -> Span:
    """The interval of ticks that `given` says, inside the plausible bounds of `scale`.

    `given` is a text (`"45"`, `"45 10^9/L"`, `"49,9"`, `"<20"`, `"≥5 g/dL"`), an int, float or Decimal;
    `unit` its unit where the text has none. Text, int and Decimal are read exactly; a float counts as the
    grid point that it misses by at most a thousandth of a step. A comparator gives everything on its side
    that is plausible. A bare number is in the canonical unit, unless the scale calls that ambiguous.
    `1,200` is 1.2 or 1200, and so is `1.200 /uL` (a point counts as a thousands sign only in front of another
    unit): the plausible one holds, and if both are it is refused.

    Raises `QuantityError` (not-a-number; contradiction if text and `unit` name different units),
    `UnitError` (needs-unit, unknown-unit, wrong-dimension, kelvin-unit), `ImplausibleError` (implausible).
    """
    value = _take_apart(given, scale, unit)
    number, *others = value.readings
    for other in others:
        if scale.lowest <= _tick(value, other, scale) <= scale.highest:
            if scale.lowest <= _tick(value, number, scale) <= scale.highest:
                raise _ambiguous(given, value, scale)
            number = other
    span = _span(value, number, scale)
    if span is None:
        raise _implausible(given, value, scale)
    return span


_PLAIN_LIMIT = "Write one plain number, with its unit if needed."


def read_limit(text: str | float | Decimal, scale: Scale, *, at_bound: bool = False) -> int:
    """The tick of a rule's limit: a number in the canonical unit or with its own, `8.0 g/dL`, `3 months`.

    A limit off the grid gives the odd tick of its cell. One at or beyond the plausible bounds could never
    decide anything and is refused, unless `at_bound` admits the bounds themselves (grade 4 of 0-4).

    Raises as `read_value`; `ImplausibleError` (limit-out-of-range).
    """
    try:
        value = _take_apart(text, scale, None)
    except QuantityError as error:
        if error.code != "not-a-number":
            raise
        raise _not_a_number(text, scale, "is not one number", _PLAIN_LIMIT) from None
    if value.comparator or len(value.readings) > 1:
        raise _not_a_number(text, scale, "is not a single limit", _PLAIN_LIMIT)
    tick = _tick(value, value.readings[0], scale)
    inside = scale.lowest <= tick <= scale.highest if at_bound else scale.lowest < tick < scale.highest
    if not inside:
        raise ImplausibleError(
            f"{scale.name}: the limit {_shown(text, value)} is not inside the plausible range "
            f"{_range(scale)}, so it could never decide anything.",
            code="limit-out-of-range",
            given=text,
            suggestion=_meant(value, scale) or "Check the number and its unit.",
        )
    return tick


def read_text_column(
    texts: Sequence[str | None],
    scale: Scale,
    unit: str | None = None,
    *,
    missing: Collection[str] = ("", "NA"),
) -> TextColumn:
    """A column of texts as ticks; N texts in, N ticks out.

    None and the texts in `missing` are missing. A text that cannot be used is missing too and stands in
    `problems` with its row. Equal texts are read once. `unit` is the column's unit, for cells without one.

    Raises `UnitError` if `unit` itself is unknown or of the wrong kind: that is one fault of the column.
    """
    import numpy as np

    if unit is not None:
        read_unit(unit, scale)
    absent = Span(scale.missing, scale.missing)
    known: dict[str | None, Span | QuantityError] = {None: absent}
    lows: list[int] = []
    highs: list[int] = []
    problems: list[tuple[int, QuantityError]] = []
    for row, text in enumerate(texts):
        found = known.get(text)
        if found is None:
            known[text] = found = _read_cell(text or "", scale, unit, missing) or absent
        if isinstance(found, QuantityError):
            problems.append((row, found))
            found = absent
        lows.append(found.low)
        highs.append(found.high)
    return TextColumn(np.array(lows, scale.dtype), np.array(highs, scale.dtype), problems)


def _read_cell(
    text: str, scale: Scale, unit: str | None, missing: Collection[str]
) -> Span | QuantityError | None:
    if text.strip() in missing:
        return None
    try:
        return read_value(text, scale, unit)
    except QuantityError as error:
        return error


def _take_apart(given: Any, scale: Scale, unit: str | None) -> _Given:
    """Comparator, number and unit of `given`; the numbers are finite and cheap to handle."""
    if not isinstance(given, str):
        number, binary = _number(given, scale)
        number = _handy(number)
        return _Given("", (number,), _unit(given, number, "", unit, scale), binary)
    split = split_number(given)
    if split is None or (_FURTHER_NUMBER.match(split.unit) and not _out_of_ten(split.unit, scale)):
        raise _not_a_number(given, scale, "is not one number", None)
    readings = tuple(_handy(number) for number in split.readings)
    conversion = _unit(given, readings[0], split.unit, unit, scale)
    if not split.comma and conversion.factor == 1:
        readings = readings[:1]
    return _Given(split.comparator, readings, conversion, binary=False)


def _number(given: Any, scale: Scale) -> tuple[Decimal, bool]:
    """`given` as a Decimal, and whether it was a binary float; floats by their shortest decimal text."""
    if type(given) is int:
        return Decimal(given), False
    if isinstance(given, float):
        number, binary = Decimal(float.__repr__(given)), True
    elif isinstance(given, Decimal):
        number, binary = given, False
    elif isinstance(given, Integral) and not isinstance(given, bool):
        number, binary = Decimal(int(given)), False
    elif isinstance(given, Real) and not isinstance(given, bool | Fraction):
        number, binary = Decimal(str(given)), True
    else:
        raise _not_a_number(given, scale, "is not a number", None)
    if not number.is_finite():
        raise _not_a_number(given, scale, "is not a number", "Leave the value out if it is unknown.")
    return number, binary


def _out_of_ten(unit: str, scale: Scale) -> bool:
    """Whether `unit` is the `/10` of a score from 0 to 10 written as 7/10."""
    return unit.replace(" ", "") == f"/{plain(scale.high)}"


def _handy(number: Decimal) -> Decimal:
    if not number:
        return Decimal(0)
    if -_LARGEST <= number.adjusted() <= _LARGEST:
        return number
    return Decimal(1).scaleb(int(math.copysign(_LARGEST, number.adjusted()))).copy_sign(number)


def _unit(given: Any, number: Decimal, text: str, unit: str | None, scale: Scale) -> Conversion:
    if not text and not (unit and unit.strip()):
        if scale.ambiguous:
            raise needs_unit(given, number, scale)
        return read_unit(scale.unit, scale)
    try:
        conversion = read_unit(text or unit, scale)
        other = read_unit(unit, scale) if text and unit and unit.strip() else conversion
    except UnitError as error:
        raise UnitError(error.message, code=error.code, given=given, suggestion=error.suggestion) from None
    if other != conversion:
        raise UnitError(
            f"{scale.name}: {str(given).strip()!r} has another unit than the one given beside it, {unit!r}.",
            code="contradiction",
            given=given,
            suggestion="Give the unit once.",
        )
    return conversion


def _ratio(value: _Given, number: Decimal) -> tuple[int, int]:
    """`number` in the canonical unit as numerator and denominator, exactly."""
    over, under = number.as_integer_ratio()
    factor, offset = value.unit.factor, value.unit.offset
    if factor == 1 and not offset:
        return over, under
    under_all = under * factor.denominator * offset.denominator
    return (
        over * factor.numerator * offset.denominator + offset.numerator * under * factor.denominator,
        under_all,
    )


def _tick(value: _Given, number: Decimal, scale: Scale) -> int:
    return scale.tick_of_ratio(*_ratio(value, number), snap=value.binary)


def _span(value: _Given, number: Decimal, scale: Scale) -> Span | None:
    """What is plausible of the value, or None. An open limit inside a gap keeps the gap: never too narrow."""
    tick = _tick(value, number, scale)
    if scale.whole and tick % 2:
        return None
    if not value.comparator:
        return Span(tick, tick) if scale.lowest <= tick <= scale.highest else None
    on_grid, step = 1 - tick % 2, 2 if scale.whole else 1
    low, high = scale.lowest, scale.highest
    if value.comparator == "<":
        high = min(high, tick - step * on_grid)
    elif value.comparator == "<=":
        high = min(high, tick)
    elif value.comparator == ">":
        low = max(low, tick + step * on_grid)
    else:
        low = max(low, tick)
    return Span(low, high) if low <= high else None


def _shown(given: Any, value: _Given) -> str:
    """The value as it came, and its unit where it had none."""
    if not isinstance(given, str):
        return _with_unit(plain(value.readings[0]), value.unit.unit)
    split = split_number(given)
    return given.strip() if split and split.unit else _with_unit(given.strip(), value.unit.unit)


def _with_unit(number: str, unit: str) -> str:
    """`number` and its unit; a plain count has none to show."""
    return number if unit.startswith("{") else f"{number} {unit}"


def _range(scale: Scale) -> str:
    return _with_unit(f"{plain(scale.low)} to {plain(scale.high)}", scale.unit)


def _converted(value: _Given, unit: Conversion, scale: Scale) -> str:
    number = float(unit.factor * Fraction(value.readings[0]) + unit.offset)
    return _with_unit(f"{value.comparator}{number:.4g}", scale.unit)


def _meant(value: _Given, scale: Scale) -> str | None:
    """The commonest other unit in which the number would be plausible."""
    for unit in units_of(scale):
        other = _Given(value.comparator, value.readings, unit, value.binary)
        if unit != value.unit and any(_span(other, number, scale) for number in value.readings):
            asked = _with_unit(value.comparator + plain(value.readings[0]), unit.unit)
            same = unit.factor == 1 and not unit.offset
            means = "" if same else f" (= {_converted(other, unit, scale)})"
            return f"Was {asked} meant{means}? Then write that unit."
    return None


def _implausible(given: Any, value: _Given, scale: Scale) -> ImplausibleError:
    number = value.readings[0]
    shown = _shown(given, value)
    if scale.whole and _tick(value, number, scale) % 2:
        return ImplausibleError(
            f"{scale.name}: {shown} is not possible, because only whole numbers exist here.",
            code="implausible",
            given=given,
            suggestion=f"Write a whole number from {plain(scale.low)} to {plain(scale.high)}.",
        )
    same = value.unit.factor == 1 and not value.unit.offset
    also = "" if same else f" (= {_converted(value, value.unit, scale)})"
    return ImplausibleError(
        f"{scale.name}: {shown}{also} is outside the plausible range {_range(scale)} and is not used.",
        code="implausible",
        given=given,
        suggestion=_meant(value, scale) or "Check the number and its unit.",
    )


def _ambiguous(given: Any, value: _Given, scale: Scale) -> QuantityError:
    small, large = (plain(number) for number in value.readings)
    plainly = small + "0" if small[-4:-3] == "." else small
    return _not_a_number(
        given, scale, f"could mean {small} or {large}", f"Write {plainly} or {large}, whichever is meant."
    )


def _not_a_number(given: Any, scale: Scale, why: str, suggestion: str | None) -> QuantityError:
    simple = isinstance(given, str | float | bool | Decimal | None)
    shown = repr(given) if isinstance(given, str) else str(given) if simple else f"a {type(given).__name__}"
    if len(shown) > 60:
        shown = shown[:57] + "..."
    if suggestion is None:
        suggestion = f"Write one number, such as {_example(scale)}."
        if simple and str(given).strip().lstrip("+-").casefold() in _NO_VALUE:
            suggestion = "Leave the value out if it is unknown."
    return QuantityError(
        f"{scale.name}: {shown} {why}.", code="not-a-number", given=given, suggestion=suggestion
    )


def _example(scale: Scale) -> str:
    """A plausible number with its unit, bare too where that is allowed, and with a comparator."""
    number = plain(scale.value((scale.lowest + scale.highest) // 4 * 2))
    whole = _with_unit(number, scale.unit)
    forms = dict.fromkeys([whole, f"<{whole}"] if scale.ambiguous else [number, whole, f"<{number}"])
    *first, last = (f'"{form}"' for form in forms)
    return f"{', '.join(first)} or {last}"
