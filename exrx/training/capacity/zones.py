"""Which class of intensity a value belongs to, by a named version of a named scale, with a named rule for gaps.

70 % of maximal heart rate is vigorous in `acsm-2000` and moderate in `acsm-2018`: there is no default scale.

A value between two printed bands (75.5 % of maximal heart rate in `sundhedsstyrelsen`, or 63.5 between 57-63 and
64-76) lies in a gap. `gap="higher"` gives the class above, for caps: it counts as the more intense one.
`gap="lower"` gives the class below, for credit towards a target. There is no default either (local decision).
An edge that is printed in two bands (ESSA's 70 %) is treated in the same way.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from exrx.errors import PlanError
from exrx.training.capacity.formula import Array, Numbers, Outside, Range, numbers
from exrx.training.capacity.scales import Level, Metric, Scale, ZoneBand, ZoneTable, load_scales

Gap = Literal["higher", "lower"]


def classify(value: float | None, metric: str, scale: str, *, gap: Gap) -> Level | None:
    """The class of one value of `metric` (`percent-hr-max`, `percent-hrr`, `borg`, ..) in a named scale version.

    None for an unknown value (None or NaN): unknown has no class and compares with nothing.

    Raises:
        PlanError: no such scale, no such metric in it, no gap rule, or a value the metric cannot have.

    Source: protocols/training/scales.yaml, which says for each scale and metric where it was read.
    """
    code = classify_many(value, metric, scale, gap=gap)
    if code.ndim:
        raise PlanError("classify takes one value; use classify_many for several")
    return None if np.isnan(code) else Level(int(code))


def classify_many(values: Numbers, metric: str, scale: str, *, gap: Gap, outside: Outside = "raise") -> Array:
    """The classes of many values, as the numbers of `Level` in an array of the same shape; NaN for unknown.

    Equal to `classify` value by value.

    Raises:
        PlanError: as `classify`; values that the metric cannot have are NaN with `outside="nan"`.
    """
    if gap not in ("higher", "lower"):
        raise PlanError(f"name the rule for gaps: 'higher' (for caps) or 'lower' (for credit), not {gap!r}")
    known, named, table = _find(metric, scale)
    limit = Range(metric, known.lowest, known.highest, known.unit)
    given = limit.check(numbers(values, metric), outside)
    lows = np.array([band.low for band in table.bands])
    highs = np.array([band.high for band in table.bands])
    open_above = np.array([band.open_above for band in table.bands])
    levels = np.array([band.level for band in table.bands], dtype=np.float64)
    at = np.searchsorted(lows, given, side="right") - 1
    band = np.maximum(at, 0)
    inside = (given < highs[band]) | ((given == highs[band]) & ~open_above[band])
    above = np.append(levels[1:], named.above)
    result = np.where(inside, levels[band], above[band] if gap == "higher" else levels[band])
    if gap == "lower":
        before = np.maximum(band - 1, 0)
        shared = (at > 0) & (given == highs[before]) & ~open_above[before]
        result = np.where(shared, levels[before], result)
    result = np.where(~inside & (at == len(lows) - 1), float(named.above), result)
    result = np.where(at < 0, float(named.below), result)
    return np.where(np.isnan(given), np.nan, result)


def zone_band(level: Level | str, metric: str, scale: str) -> ZoneBand:
    """The printed band of a class: its edges in the metric's unit, infinite where it is open.

    Raises:
        PlanError: no such scale, metric or class in it.
    """
    wanted = Level.from_word(level) if isinstance(level, str) else level
    for band in _find(metric, scale)[2].bands:
        if band.level == wanted:
            return band
    raise PlanError(f"the scale '{scale}' prints no {wanted.word} for {metric}")


def named_scale(scale: str) -> Scale:
    """The scale with this id.

    Raises:
        PlanError: there is no such scale.
    """
    scales = load_scales().scales
    if scale not in scales:
        raise PlanError(f"there is no intensity scale {scale!r}. Use one of: {', '.join(scales)}")
    return scales[scale]


def _find(metric: str, scale: str) -> tuple[Metric, Scale, ZoneTable]:
    named = named_scale(scale)
    if metric not in named.tables:
        raise PlanError(f"the scale '{scale}' has no {metric!r}. It has: {', '.join(named.tables)}")
    return load_scales().metrics[metric], named, named.tables[metric]
