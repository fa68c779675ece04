"""A source's own effort under a patient's limits: kept, cut to the limit, or left to the Borg scale."""

from __future__ import annotations

from attrs import evolve

from exrx.rules.restriction import Intensity
from exrx.training.builder import Caps
from exrx.training.session import Effort, Intervals
from exrx.training.template import Band

_ALL_OUT = 20  # the end of Borg 6-20: how hard a repetition maximum and work near the maximum may be


def effort_under(
    effort: Effort | None, level: Intensity, caps: Caps, zones: dict[Intensity, Band], measured: int | None
) -> Effort | None:
    """The effort where no limit on exertion or pulse lies below it; None where one may, and Borg then steers.

    A limit in the same measure (Borg 6-20, % of the measured maximal pulse) cuts the range. In another measure the
    effort is kept only where the limit admits all of its intensity; vigorous may be as hard as can be, and so may a
    repetition maximum.
    """
    if effort is None or (caps.borg is None and caps.heart_rate is None):
        return effort
    if effort.metric == "borg":
        return effort if caps.borg is None else _at_most(effort, caps.borg)
    band = zones.get(level)
    if band is None or band.borg is None:
        return None
    all_out = level == Intensity.VIGOROUS or effort.metric == "rm"
    if caps.borg is not None and caps.borg < (_ALL_OUT if all_out else band.borg[1]):
        return None
    if caps.heart_rate is None:
        return effort
    if measured is None:
        return None
    if effort.metric == "hrmax":
        return _at_most(effort, 100 * caps.heart_rate // measured)
    return effort if 100 * caps.heart_rate >= measured * (100 if all_out else band.percent[1]) else None


def intervals_under(
    intervals: Intervals | None,
    level: Intensity,
    caps: Caps,
    zones: dict[Intensity, Band],
    measured: int | None,
    borg: tuple[int, int] | None,
) -> Intervals | None:
    """The intervals with their work at the source's effort, or at `borg` where a limit may lie below that."""
    if intervals is None:
        return None
    work = effort_under(intervals.work, level, caps, zones, measured)
    if work is None and intervals.work is not None and borg is not None:
        work = Effort("borg", *borg)
    return evolve(intervals, work=work)


def _at_most(effort: Effort, most: float) -> Effort:
    return Effort(effort.metric, min(effort.low, most), min(effort.high, most))
