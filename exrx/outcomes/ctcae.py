"""CTCAE laboratory grades: of one value, exactly, and of a whole column; what is unknown gives an interval of grades.

    A cell is true, false or open for what is known: a missing limit of normal may be any number.
    lowest  = the highest grade whose cell is certainly true, 0 if there is none
    highest = the highest grade whose cell may be true

Limits stand as printed: a value of exactly 50 is not below 50. The grades are those of toxicity, not of exercise.

Source: NCI CTCAE v4, v5, v6, numbers read second-hand (protocols/ctcae.yaml). secondary
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from exrx.errors import QuantityError
from exrx.outcomes.ctcae_table import Cell, Comparison, Criterion, OnAnticoagulation, Part, Term, find_term
from exrx.quantities import Scale, read_unit, read_value
from exrx.quantities.number import split_number

if TYPE_CHECKING:
    import numpy as np

FACTS = {
    "value": "value",
    "lln": "lower_limit_of_normal",
    "uln": "upper_limit_of_normal",
    "baseline": "baseline",
    "anticoagulation": "on_anticoagulation",
}
"""What a cell may ask for, and the argument that answers it."""

SLACK = 1e-9
"""Relative distance within which a binary float counts as the limit itself."""
_DIGITS = 12
_MOST = Decimal("Infinity")


@frozen
class Grade:
    """The grade of one value in one edition: certain where `lowest == highest`, otherwise every grade between may hold.

    `name` is the adverse event's name in that edition. `missing` names the arguments that would settle it.
    """

    term: str
    edition: str
    name: str
    lowest: int
    highest: int
    missing: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        """True when only one grade is possible."""
        return self.lowest == self.highest


@frozen(eq=False)
class Grades:
    """The grades of a column: `lowest` and `highest` uint8 (N,), and the rows whose number could not be used.

    A missing or unusable value may have every grade that a number can give. `refused` is int64, ascending.
    """

    lowest: np.ndarray
    highest: np.ndarray
    refused: np.ndarray


@frozen
class _Known:
    """A closed interval of numbers or arrays; an open end is marked. Nothing known is 0 to infinity."""

    low: Any
    high: Any
    low_open: bool = False
    high_open: bool = False


_NOTHING = _Known(Decimal(0), _MOST)


def grade(
    term: str,
    value: Any,
    *,
    edition: str | int,
    unit: str | None = None,
    lower_limit_of_normal: Any = None,
    upper_limit_of_normal: Any = None,
    baseline: Any = None,
    on_anticoagulation: bool | None = None,
) -> Grade:
    """The grade of one laboratory value, as an interval where something that decides it is unknown.

    Args:
        term: an id of `load_ctcae`, an adverse event's name in any edition, or a field with one term (`platelets`).
        value: a number, or a text with or without unit and comparator (`"45"`, `"8.0 g/dL"`, `"<20"`); None is unknown.
        edition: 4, 5 or 6; there is no default, because the grades differ.
        unit: the value's unit where the text has none. Limits of normal and baseline are in the value's unit.
        lower_limit_of_normal, upper_limit_of_normal, baseline: the laboratory's and the patient's own numbers; None is
            unknown and never guessed.
        on_anticoagulation: only INR asks; None is unknown.

    Raises:
        FieldError: no such term or edition, or an edition that does not grade the term by a number.
        QuantityError: a value or limit that cannot be used; as `exrx.quantities.read_value`.
    """
    found = find_term(term)
    criterion = found.criterion(edition)
    known, column, factor = _one(found, value, unit)
    limits = {"lln": lower_limit_of_normal, "uln": upper_limit_of_normal, "baseline": baseline}
    facts = {"value": known} | {name: _limit(name, given, factor) for name, given in limits.items()}
    asked = _Asked(facts, on_anticoagulation, column, Decimal(0))
    lowest = max((row for row, cell in criterion.cells.items() if asked.certain(cell)), default=0)
    highest = max((row for row, cell in criterion.cells.items() if asked.possible(cell)), default=0)
    missing = () if lowest == highest else asked.open_facts(criterion, lowest)
    return Grade(found.id, criterion.edition, criterion.name, lowest, highest, missing)


def grade_column(
    term: str,
    values: Any,
    *,
    edition: str | int,
    unit: str | None = None,
    lower_limit_of_normal: Any = None,
    upper_limit_of_normal: Any = None,
    baseline: Any = None,
    on_anticoagulation: bool | np.ndarray | None = None,
) -> Grades:
    """The grades of a column of numbers; row by row what `grade` gives.

    `values` is an array of floats or integers (N,), NaN where unknown. Limits and baseline are one number for all rows
    or an array (N,) with NaN where unknown, None where nothing is known, in the same unit; 0 or less counts as unknown.
    Floats within a billionth of a limit count as the limit.

    Raises:
        FieldError: as `grade`. UnitError: the column needs a unit. QuantityError: not a column of numbers.
    """
    import numpy as np

    found = find_term(term)
    criterion = found.criterion(edition)
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise QuantityError(f"{found.id}: {array.ndim}-dimensional {array.dtype} is no column of numbers.",
                            code="not-a-number", suggestion="Give a one-dimensional array of numbers.")  # fmt: skip
    column, factor = _unit(found, unit)
    numbers = array.astype(np.float64)
    usable = _plausible(found, numbers, unit)
    limits = {"lln": lower_limit_of_normal, "uln": upper_limit_of_normal, "baseline": baseline}
    with np.errstate(all="ignore"):
        facts = {"value": _interval(np.where(usable, numbers, np.nan), factor)}
        for name, given in limits.items():
            numbers_of = np.asarray(np.nan if given is None else given, dtype=np.float64)
            facts[name] = _interval(np.where(numbers_of > 0, numbers_of, np.nan), factor)
        asked = _Asked(facts, on_anticoagulation, column, SLACK)
        lowest, highest = (_highest(criterion, len(array), ask) for ask in (asked.certain, asked.possible))
    return Grades(lowest, highest, np.flatnonzero(~usable & ~np.isnan(numbers)))


def _highest(criterion: Criterion, rows: int, ask: Callable[[Cell], Any]) -> np.ndarray:
    import numpy as np

    grades = np.zeros(rows, dtype=np.uint8)
    for row, cell in sorted(criterion.cells.items()):
        grades[np.broadcast_to(ask(cell), rows)] = row
    return grades


@frozen
class _Asked:
    """What is known, and the three answers of a cell about it: certain, possible, neither. Numbers or arrays alike."""

    facts: dict[str, _Known]
    on_anticoagulation: Any
    column: int
    slack: Any

    def certain(self, cell: Cell) -> Any:
        return _any(_all(self._certain(part) for part in parts) for parts in cell.alternatives)

    def possible(self, cell: Cell) -> Any:
        return _any(_all(self._possible(part) for part in parts) for parts in cell.alternatives)

    def open_facts(self, criterion: Criterion, lowest: int) -> tuple[str, ...]:
        """The unknown facts of the cells above `lowest` that are open, in the order of `FACTS`."""
        cells = [c for row, c in criterion.cells.items() if row > lowest and self.possible(c) and not self.certain(c)]
        parts = [p for cell in cells for p in cell.parts if self._possible(p) and not self._certain(p)]
        names = {name for part in parts for name in _asks(part) if self._is_open(name)}
        return tuple(argument for name, argument in FACTS.items() if name in names)

    def _is_open(self, name: str) -> bool:
        if name == "anticoagulation":
            return self.on_anticoagulation is None
        return bool(self.facts[name].low != self.facts[name].high)

    def _certain(self, part: Part) -> Any:
        if isinstance(part, OnAnticoagulation):
            return False if self.on_anticoagulation is None else self.on_anticoagulation
        subject, low, high = self._sides(part)
        if part.operator == "<":
            return (subject.high < low) | (subject.high_open & (subject.high <= low))
        return (subject.low > high) | (subject.low_open & (subject.low >= high))

    def _possible(self, part: Part) -> Any:
        if isinstance(part, OnAnticoagulation):
            return True if self.on_anticoagulation is None else self.on_anticoagulation
        subject, low, high = self._sides(part)
        return subject.low < high if part.operator == "<" else subject.high > low

    def _sides(self, part: Comparison) -> tuple[_Known, Any, Any]:
        """The subject, and the lowest and highest amount it is held against."""
        number = float if self.slack else Decimal
        subject = self.facts[part.subject]
        if part.numbers:
            low = high = number(part.numbers[self.column])
        else:
            amount, times, plus = self.facts[part.of], number(part.times), number(part.plus)
            low, high = amount.low * times + plus, amount.high * times + plus
        if self.slack:
            nudge = 1 - self.slack if part.operator == "<" else 1 + self.slack
            low, high = low * nudge, high * nudge
        return subject, low, high


def _asks(part: Part) -> tuple[str, ...]:
    if isinstance(part, OnAnticoagulation):
        return ("anticoagulation",)
    return (part.subject, part.of) if part.of else (part.subject,)


def _any(answers: Any) -> Any:
    total: Any = False
    for found in answers:
        total = total | found
    return total


def _all(answers: Any) -> Any:
    total: Any = True
    for found in answers:
        total = total & found
    return total


def _unit(term: Term, unit: str | None) -> tuple[int, Fraction]:
    """Which printed limit holds for a value in `unit`, and what turns the value into that printed unit.

    A term without printed units takes any unit: value and limits only have to share it.
    """
    if not term.units:
        return 0, Fraction(1)
    given = read_unit(unit, term.scale)
    printed = [read_unit(text, term.scale) for text in term.units]
    for column, there in enumerate(printed):
        if there.factor == given.factor:
            return column, Fraction(1)
    return 0, given.factor / printed[0].factor


def _one(term: Term, value: Any, unit: str | None) -> tuple[_Known, int, Fraction]:
    """The value as an interval in the printed unit that holds for it."""
    split = split_number(value) if isinstance(value, str) else None
    own = split.unit if split is not None and split.unit else unit
    if value is None:
        return _NOTHING, *((0, Fraction(1)) if own is None else _unit(term, own))
    scale = _bare(term.field) if own is None and not term.units else term.scale
    read_value(value, scale, unit)
    column, factor = _unit(term, own)
    here = _times(_exact(value, scale, own), factor)
    comparator = split.comparator if split is not None else ""
    if comparator.startswith("<"):
        return _Known(Decimal(0), here, high_open=comparator == "<"), column, factor
    if comparator:
        return _Known(here, _MOST, low_open=comparator == ">"), column, factor
    return _Known(here, here), column, factor


def _limit(name: str, given: Any, factor: Fraction) -> _Known:
    """A limit of normal or a baseline: one number above 0 in the value's unit, or nothing known."""
    if given is None:
        return _NOTHING
    scale = _bare(FACTS[name])
    span = read_value(given, scale)
    if span.low != span.high or span.low <= 0:
        raise QuantityError(f"{scale.name}: {given!r} is not one number above 0.", code="not-a-number", given=given,
                            suggestion="Write one plain number in the unit of the value, or leave it out.")  # fmt: skip
    here = _times(_exact(given, scale, None), factor)
    return _Known(here, here)


def _bare(name: str) -> Scale:
    """A scale for a number whose unit is that of another one."""
    return Scale(name, "{number}", Decimal("0.001"), Decimal(0), Decimal(1_000_000))


def _exact(given: Any, scale: Scale, unit: str | None) -> Decimal:
    """The number as it is written, usable by `read_value`; a float to twelve digits."""
    if isinstance(given, str):
        split = split_number(given)
        readings = split.readings if split is not None else ()
        factor = read_unit(unit, scale).factor if unit else Fraction(1)
        plausible = [n for n in readings if scale.low <= _times(n, factor) <= scale.high]
        return (plausible or list(readings))[0]
    return given if isinstance(given, Decimal) else Decimal(f"{given:.{_DIGITS}g}" if given % 1 else int(given))


def _times(number: Decimal, factor: Fraction) -> Decimal:
    return number if factor == 1 else number * factor.numerator / factor.denominator


def _plausible(term: Term, numbers: np.ndarray, unit: str | None) -> np.ndarray:
    """The rows whose number lies inside the plausible range; NaN does not."""
    if not term.units and not unit:
        return (numbers >= 0) & (numbers <= float(_bare(term.field).high))
    factor = float(read_unit(unit, term.scale).factor)
    low, high = float(term.scale.low), float(term.scale.high)
    return (numbers * factor >= low * (1 - SLACK)) & (numbers * factor <= high * (1 + SLACK))


def _interval(numbers: np.ndarray, factor: Fraction) -> _Known:
    import numpy as np

    unknown = np.isnan(numbers)
    here = numbers * float(factor)
    return _Known(np.where(unknown, 0.0, here), np.where(unknown, np.inf, here))
