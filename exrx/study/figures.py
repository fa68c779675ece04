"""One figure a row: the tidy table that comparisons and validations write."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import asdict, frozen

from exrx.study.statistics import Interval

COLUMNS = ("name", "protocol", "value", "low", "high", "n", "unit")


@frozen
class Figure:
    """A number with what it is of: `name` and `protocol` say which, `n` what it rests on.

    `low` and `high` are the ends of its 95 % interval, nan where it has none; `unit` is a UCUM unit, or what is counted
    in braces: `1` a share, `h/wk`, `{patient}`.
    """

    name: str
    protocol: str
    value: float
    low: float
    high: float
    n: float
    unit: str

    @classmethod
    def of(cls, name: str, protocol: str, interval: Interval, unit: str) -> Figure:
        """A figure from its interval."""
        return cls(name, protocol, interval.value, interval.low, interval.high, interval.n, unit)

    @classmethod
    def counted(cls, name: str, protocol: str, value: float, n: float, unit: str = "{patient}") -> Figure:
        """A figure that is no estimate and has no interval."""
        return cls(name, protocol, float(value), math.nan, math.nan, n, unit)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: null where there is no number."""
        return {name: _json(value) for name, value in asdict(self).items()}


def _json(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def columns_of(figures: Iterable[Figure], *, example: bool = False) -> dict[str, Any]:
    """The figures as columns, text and float64, for `exrx.io.synthetic.write_blocks`; `origin` marks examples."""
    rows = [figure.to_dict() for figure in figures]
    origin = np.array(["EXAMPLE" if example else "" for _ in rows], object)
    return {"origin": origin} | {
        name: np.array([row[name] for row in rows], object if name in ("name", "protocol", "unit") else float)
        for name in COLUMNS
    }
