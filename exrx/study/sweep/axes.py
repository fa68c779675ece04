"""What is varied: a number of a protocol and its values, each held against the fields that it stands beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.errors import ConditionError, ProtocolError, QuantityError
from exrx.protocol.limits import limit_text, moved_compare
from exrx.protocol.model import Protocol
from exrx.protocol.varied import Place, Varied, vary
from exrx.quantities.scale import plain

MOST_VALUES = 10_000
_HOW = "write it as NAME=LOW:HIGH:STEP, such as platelets_session_min=20:100:5, or NAME=20,30,50"
_UNIT = re.compile(r"(?P<numbers>[^\sA-Za-z/%{]+)\s*(?P<unit>\S.*)?")


@frozen(eq=False)
class Axis:
    """One varied number: its values in ascending order with their texts, its unit, the protocol's own value."""

    name: str
    unit: str
    numbers: tuple[Decimal, ...]
    base: str
    loosens: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as limits are written."""
        return tuple(limit_text(plain(number), self.unit) for number in self.numbers)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The values as numbers, for tables and plots."""
        return np.array([float(number) for number in self.numbers])

    @property
    def label(self) -> str:
        """The name with its unit in brackets."""
        return f"{self.name} [{self.unit}]" if self.unit and not self.unit.startswith("{") else self.name

    @property
    def base_number(self) -> float | None:
        """The protocol's own value in the unit of the axis; None where it is written in another."""
        number, _, unit = self.base.partition(" ")
        return float(number) if unit.strip() == self.unit else None


def read_axes(protocol: Protocol, written: Sequence[str]) -> tuple[Axis, ...]:
    """What is varied, as it is written on the command line.

    Raises:
        ProtocolError: no such number, none of its uses, or one limit named twice; or a value that cannot stand there:
        not a number, off the field's grid, outside what is plausible, of another unit.
    """
    if not written:
        raise ProtocolError(f"nothing is varied; {_HOW}")
    pairs = [_named(text) for text in written]
    names = tuple(name for name, _ in pairs)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProtocolError(f"'{twice[0]}' is varied twice; give all of its values once")
    varied = vary(protocol, names)
    return tuple(_axis(varied, position, text) for position, (_, text) in enumerate(pairs))


def _named(text: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    if not equals or not name.strip() or not values.strip():
        raise ProtocolError(f"'{text}' varies nothing; {_HOW}")
    return name.strip(), values.strip()


def _axis(varied: Varied, position: int, text: str) -> Axis:
    name = varied.names[position]
    places = [place for place in varied.places if place.name == position]
    found = _UNIT.fullmatch(text)
    if found is None:
        raise ProtocolError(f"{name}: '{text}' holds no numbers; {_HOW}")
    unit = (found["unit"] or "").strip() or places[0].unit
    numbers = _numbers(name, found["numbers"], unit, places)
    shown = [limit_text(plain(number), unit) for number in numbers]
    for value in shown:
        for place in places:
            _check(name, value, unit, place)
    return Axis(name, unit, numbers, places[0].atom.limit.text, tuple(varied.loosens(position, x) for x in shown))


def _numbers(name: str, text: str, unit: str, places: Sequence[Place]) -> tuple[Decimal, ...]:
    """The values, ascending; a range without a step goes in steps of the field."""
    if ":" not in text:
        return tuple(sorted({_number(name, part) for part in text.split(",")}))
    parts = [_number(name, part) for part in text.split(":")]
    if len(parts) not in (2, 3):
        raise ProtocolError(f"{name}: '{text}' is no range; {_HOW}")
    low, high = parts[:2]
    step = parts[2] if len(parts) == 3 else _own_step(name, unit, places)
    if step <= 0 or high < low:
        raise ProtocolError(f"{name}: '{text}' goes nowhere: the lower value comes first, and the step is above 0")
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        raise ProtocolError(f"{name}: '{text}' has {count} values; at most {MOST_VALUES}, so take a larger step")
    return tuple(low + step * place for place in range(count))


def _own_step(name: str, unit: str, places: Sequence[Place]) -> Decimal:
    scale = places[0].atom.field.ticks
    if unit not in (scale.unit, *scale.spellings):
        raise ProtocolError(
            f"{name}: say the step (LOW:HIGH:STEP); {scale.name} has steps of {plain(scale.resolution)} {scale.unit}, "
            f"and the values here are in {unit or 'no unit'}"
        )
    return scale.resolution


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        hint = " Write a decimal point, not a comma." if re.fullmatch(r"\d+,\d+", text) else ""
        raise ProtocolError(f"{name}: '{text}' is not a number; {_HOW}.{hint}")
    return number


def _check(name: str, value: str, unit: str, place: Place) -> None:
    scale = place.atom.field.ticks
    try:
        tick = moved_compare(place.atom, value, None).limit.tick
    except (QuantityError, ConditionError) as error:
        hint = f" {error.suggestion}" if error.suggestion and error.suggestion not in error.message else ""
        raise ProtocolError(f"{name}={value}: {error.message.rstrip('.')}.{hint}") from error
    if tick % 2 and unit in (scale.unit, *scale.spellings):
        lower, upper = plain(scale.value(tick - 1)), plain(scale.value(tick + 1))
        raise ProtocolError(
            f"{name}={value}: {scale.name} is recorded in steps of {plain(scale.resolution)} {scale.unit}; "
            f"use {lower} or {upper}"
        )
