"""A formula: what goes into it and between which limits, what comes out, how wrong it is, where it was read.

Every function of this package takes numbers or arrays that broadcast together and gives a float for numbers, an
array for arrays. Unknown (None or NaN) goes in as unknown and comes out as NaN. A value outside the formula's
range is refused (`outside="raise"`, names the range and the position) or unknown (`outside="nan"`).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from attrs import field, frozen, validators
from numpy.typing import NDArray

from exrx.errors import PlanError
from exrx.protocol.model import VERIFIED

Array = NDArray[np.float64]
Numbers = Any  # a number, None, or anything that numpy reads as an array of numbers
Answer = float | Array
Outside = Literal["raise", "nan"]
OUTSIDE = ("raise", "nan")
BASES = ("read", "recalled", "local")
_ROUNDING = 1e-12  # an inverse may miss its limit by the last bits
_SEXES = {"male": 1.0, "female": 0.0, "other": np.nan, "unknown": np.nan}


@frozen
class Range:
    """The limits of one input, both included.

    `basis` says where they come from: `read` in a source, `recalled` and not found, or `local`, our own guard
    against slips and against use in people whom the formula was not made for.
    """

    name: str
    low: float
    high: float
    unit: str
    basis: str = field(default="local", validator=validators.in_(BASES))

    def __str__(self) -> str:
        return f"{self.name} {self.low:g} to {self.high:g} {self.unit}".strip()

    def check(self, values: Array, outside: Outside = "raise") -> Array:
        """The values with those outside the range refused or unknown.

        Raises:
            PlanError: a value lies outside; names the range and where the first such value stands.
        """
        slack = _ROUNDING * max(abs(self.low), abs(self.high))
        wrong = (values < self.low - slack) | (values > self.high + slack)
        if not wrong.any():
            return values
        if outside == "raise":
            raise PlanError(
                f"{self.name} must be {self.low:g} to {self.high:g} {self.unit}{_place(wrong)}. "
                'Correct it, or ask with outside="nan" to leave it out as unknown'
            )
        return np.where(wrong, np.nan, values)


AGE = Range("age", 18, 110, "years")
MASS = Range("mass", 25, 300, "kg")
HEIGHT = Range("height", 120, 230, "cm")
BMI = Range("bmi", 12, 55, "kg/m2")
HEART_RATE = Range("hr", 30, 230, "beats/min")
HR_MAX = Range("hr_max", 60, 230, "beats/min")
HR_REST = Range("hr_rest", 30, 140, "beats/min")
PERCENT = Range("percent", 0, 100, "%")
MINUTES = Range("minutes", 0, 1440, "min")


@frozen
class Formula:
    """A published formula; `see` is its standard error of estimate in `unit`, where one was found."""

    id: str
    name: str
    text: str
    unit: str
    function: str
    ranges: tuple[Range, ...]
    source: str
    verified: str = field(validator=validators.in_(VERIFIED))
    error: str = ""
    see: float | None = None
    note: str = ""

    def read(self, outside: Outside, **inputs: Numbers) -> tuple[Array, ...]:
        """The inputs as arrays of float64 in the order given, each held against its range.

        `sex` becomes 1 for male, 0 for female and NaN for other or unknown, for which there is no equation.

        Raises:
            PlanError: an input that is no number, lies outside its range, or does not fit the others' shapes.
        """
        if outside not in OUTSIDE:
            raise PlanError(f"outside must be 'raise' or 'nan', not {outside!r}")
        limits = {limit.name: limit for limit in self.ranges}
        arrays = tuple(
            males(value) if name == "sex" else limits[name].check(numbers(value, name), outside)
            for name, value in inputs.items()
        )
        try:
            np.broadcast_shapes(*(array.shape for array in arrays))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(inputs, arrays, strict=True))
            raise PlanError(f"{self.name}: the inputs have shapes that do not fit together: {shapes}") from None
        return arrays


def numbers(value: Numbers, name: str) -> Array:
    """The value as an array of float64; None and masked entries are NaN.

    Raises:
        PlanError: text, yes or no, or anything else that is no number.
    """
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(np.float64), np.nan)
    try:
        given = np.asarray(value)
        words = given.dtype.kind == "O" and any(isinstance(item, str | bytes | bool) for item in given.flat)
        if words or given.dtype.kind not in "iufO":
            raise TypeError
        return given.astype(np.float64)
    except (TypeError, ValueError):
        raise PlanError(f"{name} must be a number or an array of numbers; use NaN or None for unknown") from None


def males(sex: Any) -> Array:
    """1 for male, 0 for female, NaN for other, unknown and None.

    Raises:
        PlanError: any other word.
    """
    words = np.asarray(sex)
    kinds, which = np.unique(words, return_inverse=True) if words.dtype.kind == "U" else (words.ravel(), ...)
    codes = np.array([_sex_code(word) for word in kinds.tolist()], dtype=np.float64)
    return codes[which].reshape(words.shape)


def _sex_code(word: Any) -> float:
    if isinstance(word, str) and word in _SEXES:
        return _SEXES[word]
    if word is None or (isinstance(word, float) and np.isnan(word)):
        return np.nan
    raise PlanError(f"sex must be one of {', '.join(_SEXES)} (or None), not {word!r}")


def answer(values: Array) -> Answer:
    """A float for a single number, the array otherwise."""
    return float(values) if np.ndim(values) == 0 else values


def by_sex(male: Array, men: Array, women: Array) -> Array:
    """The men's value where `male` is 1, the women's where it is 0, NaN where it is not known."""
    return np.where(male == 1, men, np.where(male == 0, women, np.nan))


def _place(wrong: NDArray[np.bool_]) -> str:
    if wrong.ndim == 0:
        return ""
    first = np.argwhere(wrong)[0].tolist()
    others = int(wrong.sum()) - 1
    at = str(first[0]) if len(first) == 1 else str(tuple(first))
    return f"; the value at position {at}{f' and {others} more' if others else ''} is not"
