"""The numeric side of a field: its grid of ticks, its plausible bounds, how a tick reads."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import field, frozen

from exrx.errors import QuantityError

if TYPE_CHECKING:
    import numpy as np


@frozen
class Span:
    """A closed interval of ticks; `low == high` is an exact value (or one gap of the grid)."""

    low: int
    high: int


@frozen(cache_hash=True)
class Scale:
    """A grid of ticks between plausible bounds, in one canonical unit.

    A tick is `2 * floor(v / resolution)`, plus 1 if v lies strictly between two grid points: even ticks
    are grid points, odd ticks the gaps. So every comparison with a limit on the grid is exact, and "<20"
    is a closed range of ticks.

    Parameters
    ----------
    name
        The field's name, used in messages.
    unit
        The canonical unit as people write it (`10^9/L`); `{score}` or any `{...}` for a plain count.
    resolution
        The distance of two grid points, in `unit`.
    low, high
        Plausible bounds in `unit`, both inside and on the grid. Engineering bounds, not clinical limits.
    spellings
        Further spellings that equal `unit`.
    whole
        Only whole numbers exist (a grade, a count of repetitions); the resolution is then 1.
    ambiguous
        Units that a bare number could be in; a bare number is then refused.
    mass_unit, mass_factor
        `value in unit = mass_factor * value in mass_unit`, for the substance of this field only.

    Holds no pint object, is hashable and picklable. Raises `QuantityError` (bad-scale) if it is inconsistent.
    """

    name: str
    unit: str
    resolution: Decimal = field(converter=Decimal)
    low: Decimal = field(converter=Decimal)
    high: Decimal = field(converter=Decimal)
    spellings: tuple[str, ...] = field(default=(), converter=tuple)
    whole: bool = False
    ambiguous: tuple[str, ...] = field(default=(), converter=tuple)
    mass_unit: str | None = None
    mass_factor: Decimal | None = None
    lowest: int = field(init=False, eq=False, repr=False)
    """The tick of `low`."""
    highest: int = field(init=False, eq=False, repr=False)
    """The tick of `high`."""
    dtype_name: str = field(init=False, eq=False, repr=False)
    """uint16 where it fits, else uint32, or int32 below zero."""
    missing: int = field(init=False, eq=False, repr=False)
    """The sentinel of a column of ticks: the largest number of its dtype, never a plausible tick."""

    _step: tuple[int, int] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not all(d.is_finite() for d in (self.resolution, self.low, self.high)) or self.resolution <= 0:
            raise self._bad("resolution and plausible bounds must be finite and the resolution above 0")
        object.__setattr__(self, "_step", self.resolution.as_integer_ratio())
        lowest, highest = self.tick(self.low), self.tick(self.high)
        if lowest % 2 or highest % 2 or lowest >= highest:
            raise self._bad("the plausible bounds must lie on the grid, the lower one first")
        if self.whole and self.resolution != 1:
            raise self._bad("a scale of whole numbers has the resolution 1")
        if (self.mass_unit is None) != (self.mass_factor is None) or (
            self.mass_factor is not None and not self.mass_factor > 0
        ):
            raise self._bad("mass_unit and mass_factor come together, the factor above 0")
        name, missing = "int32", 2**31 - 1
        if lowest >= 0:
            name, missing = ("uint16", 2**16 - 1) if highest < 2**16 - 1 else ("uint32", 2**32 - 1)
        if highest >= missing or lowest < -(2**31):
            raise self._bad("the plausible range holds more ticks than 32 bits can count")
        for key, value in (
            ("lowest", lowest),
            ("highest", highest),
            ("dtype_name", name),
            ("missing", missing),
        ):
            object.__setattr__(self, key, value)

    def _bad(self, why: str) -> QuantityError:
        return QuantityError(f"{self.name}: the scale is inconsistent: {why}.", code="bad-scale")

    @property
    def dtype(self) -> np.dtype:
        """The NumPy dtype of a column of ticks."""
        import numpy as np

        return np.dtype(self.dtype_name)

    def tick(self, value: Decimal) -> int:
        """The tick of a finite `value` in `unit`, exactly, plausible or not."""
        over, under = value.as_integer_ratio()
        return self.tick_of_ratio(over, under)

    def tick_of_ratio(self, over: int, under: int, *, snap: bool = False) -> int:
        """The tick of `over / under` (`under` > 0) in `unit`.

        With `snap`, a value within a thousandth of a step of a grid point is that grid point: the rule for
        binary floats, which cannot hold most decimals.
        """
        step_over, step_under = self._step
        under *= step_over
        steps, rest = divmod(over * step_under, under)
        if not rest:
            return 2 * steps
        if snap:
            if rest * 1000 <= under:
                return 2 * steps
            if (under - rest) * 1000 <= under:
                return 2 * steps + 2
        return 2 * steps + 1

    def value(self, tick: int) -> Decimal:
        """The value of an even tick, exactly; of an odd one the middle of its gap."""
        return self.resolution * tick / 2

    def text(self, low: int, high: int) -> str:
        """The interval `low..high` of ticks for people, without the unit.

        `45`, `<20`, `>=20`, `20-30`; `>49.9 <50` for a value between two grid points; `?` for no knowledge.
        """
        if low <= self.lowest and high >= self.highest:
            return "?"
        if low == high and low % 2 == 0:
            return self._plain(low)
        upper = f"<{self._plain(high + 1)}" if high % 2 else f"<={self._plain(high)}"
        if low <= self.lowest:
            return upper
        lower = f">{self._plain(low - 1)}" if low % 2 else f">={self._plain(low)}"
        if high >= self.highest:
            return lower
        return f"{lower} {upper}" if (low | high) % 2 else f"{self._plain(low)}-{self._plain(high)}"

    def _plain(self, tick: int) -> str:
        return plain(self.value(tick))


def plain(number: Decimal) -> str:
    """`number` without exponent and without trailing zeros."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
