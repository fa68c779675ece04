"""Whole columns of numbers become ticks: NumPy blocks on a few threads, no temporaries in the loop.

For x, the value in grid steps, and a tolerance e, a tick is `floor(x + e) + ceil(x - e)`: twice the grid
point within e of x, else the odd number between two of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any

from attrs import frozen

from exrx.errors import QuantityError
from exrx.quantities.scale import Scale
from exrx.quantities.units import read_unit

if TYPE_CHECKING:
    import numpy as np

BLOCK = 1 << 17
"""Rows a block. Smaller ones lose to the interpreter lock, larger ones leave the cache: on two cores 410 M
values/s at 1 << 16, 480 at 1 << 17, 430 at 1 << 19 (benchmarks/bench_quantities.py)."""

TOLERANCE = 1e-3
"""Steps by which a binary float may miss its grid point."""


@frozen(eq=False)
class Column:
    """Ticks of a column, shape (N,), in the scale's dtype, the scale's `missing` where there is no value.

    `implausible` holds the rows, int64 and ascending, whose number was refused: outside the plausible range,
    infinite, or a fraction where only whole numbers exist. They are missing in `ticks`; nan is only missing.
    """

    ticks: np.ndarray
    implausible: np.ndarray


def read_column(
    values: Any,
    scale: Scale,
    unit: str | None = None,
    *,
    valid: np.ndarray | None = None,
    threads: int | None = None,
) -> Column:
    """The ticks of a column of numbers in `unit` (canonical unless given); equal to `read_value` row by row.

    `values` is a one-dimensional array of floats or integers; nan, masked rows and rows where the boolean
    array `valid` is False are missing, whatever number stands there. Floats count as the grid point that they
    miss by at most a thousandth of a step; float32 by that or by half its last digit, if that is more.
    `threads` is the number of processors, at most 4, unless given; the answer never depends on it.

    Raises `UnitError` (needs-unit, unknown-unit, wrong-dimension, kelvin-unit) for the column's unit and
    `QuantityError` (not-a-number) for a column that holds no numbers.
    """
    import numpy as np

    array, valid = _numbers(values, valid, scale)
    conversion = read_unit(unit, scale)
    rows = len(array)
    ticks = np.empty(rows, dtype=scale.dtype)
    kernel = _Kernel.of(scale, conversion.factor, conversion.offset, array.dtype)
    workers = max(1, min(threads or min(os.cpu_count() or 1, 4), rows // BLOCK))
    blocks = count(0, BLOCK)
    if workers == 1:
        refused = kernel.run(array, valid, ticks, blocks)
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            parts = [pool.submit(kernel.run, array, valid, ticks, blocks) for _ in range(workers)]
            refused = [rows for part in parts for rows in part.result()]
    refused.sort(key=lambda found: int(found[0]))
    return Column(ticks, np.concatenate(refused) if refused else np.empty(0, dtype=np.int64))


def _numbers(values: Any, valid: Any, scale: Scale) -> tuple[np.ndarray, np.ndarray | None]:
    """`values` as an array of floats or integers, and its rows that count, None for all of them."""
    import numpy as np

    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise QuantityError(
            f"{scale.name}: {array.ndim}-dimensional {array.dtype} is not a column of numbers.",
            code="not-a-number",
            suggestion="Give a one-dimensional array of numbers; read texts with read_text_column.",
        )
    if valid is not None:
        valid = np.asarray(valid)
        if valid.dtype != np.bool_ or valid.shape != array.shape:
            raise QuantityError(
                f"{scale.name}: `valid` must be a boolean array as long as the column.", code="not-a-number"
            )
    if isinstance(values, np.ma.MaskedArray) and values.mask is not np.ma.nomask:
        unmasked = ~np.ma.getmaskarray(values)
        valid = unmasked if valid is None else valid & unmasked
    return array, valid


@frozen
class _Kernel:
    """The arithmetic of one (scale, unit, dtype), in grid steps of the scale."""

    factor: float
    offset: float
    low: float
    high: float
    missing: int
    whole: bool
    rounding: float
    """Half a last digit of the input's dtype, relative, where it is coarser than float64; else 0."""

    @classmethod
    def of(cls, scale: Scale, factor: Fraction, offset: Fraction, dtype: np.dtype) -> _Kernel:
        import numpy as np

        step = Fraction(scale.resolution)
        coarse = dtype.kind == "f" and dtype.itemsize < 8
        return cls(
            factor=float(factor / step),
            offset=float(offset / step),
            low=float(scale.lowest // 2),
            high=float(scale.highest // 2),
            missing=scale.missing,
            whole=scale.whole,
            rounding=float(np.finfo(dtype).eps) / 2 if coarse else 0.0,
        )

    def run(
        self, values: np.ndarray, valid: np.ndarray | None, ticks: np.ndarray, blocks: Iterator[int]
    ) -> list[np.ndarray]:
        """Fill `ticks` for the blocks that `blocks` hands out; the refused rows of each block."""
        import numpy as np

        size = min(BLOCK, max(len(values), 1))
        floats, flags = np.empty((3, size)), np.empty((2, size), dtype=bool)
        refused = []
        with np.errstate(all="ignore"):
            for start in blocks:
                if start >= len(values):
                    break
                here = slice(start, start + BLOCK)
                rows = self.block(
                    values[here], None if valid is None else valid[here], ticks[here], floats, flags
                )
                if rows is not None:
                    refused.append(rows + start)
        return refused

    def block(
        self,
        values: np.ndarray,
        valid: np.ndarray | None,
        ticks: np.ndarray,
        floats: np.ndarray,
        flags: np.ndarray,
    ) -> np.ndarray | None:
        """Fill `ticks` for one block; the rows of refused numbers, or None."""
        import numpy as np

        up, down, tolerance = floats[:, : len(values)]
        fits, other = flags[:, : len(values)]
        np.multiply(values, self.factor, out=down, dtype=np.float64)
        if self.rounding:
            np.abs(down, out=tolerance)
            np.multiply(tolerance, self.rounding, out=tolerance)
            np.maximum(tolerance, TOLERANCE, out=tolerance)
        if self.offset:
            np.add(down, self.offset, out=down)
        if self.rounding:
            np.add(down, tolerance, out=up)
            np.subtract(down, tolerance, out=down)
        else:
            np.add(down, TOLERANCE, out=up)
            np.subtract(down, TOLERANCE, out=down)
        np.floor(up, out=up)
        np.ceil(down, out=down)
        np.greater_equal(up, self.low, out=fits)
        np.less_equal(down, self.high, out=other)
        np.logical_and(fits, other, out=fits)
        np.add(up, down, out=up)
        np.copyto(ticks, up, casting="unsafe")
        if self.whole:
            np.bitwise_and(ticks, 1, out=ticks)
            np.logical_not(ticks, out=other)
            np.logical_and(fits, other, out=fits)
            np.copyto(ticks, up, casting="unsafe")
        if valid is not None:
            np.logical_and(fits, valid, out=fits)
        if fits.all():
            return None
        np.logical_not(fits, out=fits)
        _mark(ticks, fits, self.missing)
        np.equal(values, values, out=other)
        np.logical_and(fits, other, out=fits)
        if valid is not None:
            np.logical_and(fits, valid, out=fits)
        return np.flatnonzero(fits) if fits.any() else None


def _mark(ticks: np.ndarray, where: np.ndarray, missing: int) -> None:
    """Writes `missing` over some ticks: as bits set, where `missing` is every bit (ten times faster than a mask)."""
    import numpy as np

    if ticks.dtype.kind != "u":
        np.copyto(ticks, missing, where=where, casting="unsafe")
        return
    bits = where.astype(ticks.dtype)
    np.multiply(bits, ticks.dtype.type(missing), out=bits)
    np.bitwise_or(ticks, bits, out=ticks)
