"""Gaps between groups: a point and its interval a comparison, in percentage points; hatched where it is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from exrx.report.overview_tables import Teller, span_of
from exrx.report.plots.style import BLACK, GREY, HATCH, PALE, decimal_axis, line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 48
"""A figure of more lines than fit on a page is left to its table."""


@frozen
class Gap:
    """One comparison: its words, the class that it is about, and the difference, None where it is hidden."""

    label: str
    place: int
    difference: Mapping[str, float | None] | None


def gaps_of(group: Mapping[str, Any], t: Teller) -> list[Gap]:
    """The comparisons of a group, by indicator; those with nobody on one side have no line."""
    found = []
    for each in group["indicators"]:
        compared = [row for row in each["rows"] if "difference" in row]
        for place, row in enumerate(compared):
            gap = row["difference"]
            if gap is None or gap["value"] is not None:
                found.append(Gap(f"{t.words[each['indicator']]}: {t.label(row)}", place, gap))
    return found


def told(gaps: list[Gap], t: Teller) -> str:
    """The figure in words."""
    parts = []
    for gap in gaps:
        number, ends = t.span(span_of(gap.difference, 1))
        parts.append(f"{gap.label} {number} ({ends})" if ends else f"{gap.label} {number}")
    return "; ".join(parts)


_ENDS = ("value", "low", "high")


def height_of(gaps: list[Gap]) -> float:
    """The height of the whole figure in millimetres."""
    return 44.0 + 5.2 * len(gaps)


def paint_gaps(figure: Figure, gaps: list[Gap], t: Teller) -> None:
    """Left of the line: fewer than in the group compared with."""
    axes = figure.subplots()
    widest = 10.0
    for height, gap in enumerate(reversed(gaps)):
        if gap.difference is None:
            continue
        value, low, high = (gap.difference[key] or 0.0 for key in _ENDS)
        looks = line(gap.place)
        axes.plot([low, high], [height, height], color=looks["color"], linewidth=1.4)
        axes.plot([value], [height], marker=looks["marker"], color=looks["color"], markersize=4.5, linestyle="none")
        widest = max(widest, abs(low), abs(high))
    for height, gap in enumerate(reversed(gaps)):
        if gap.difference is None:
            axes.barh(height, widest / 4, left=-widest / 8, color=PALE, hatch=HATCH, edgecolor=GREY, height=0.6)
    axes.axvline(0, color=BLACK, linewidth=0.8)
    axes.set_yticks(range(len(gaps)), [gap.label for gap in reversed(gaps)])
    axes.grid(visible=False, axis="y")
    axes.set_ylim(-0.7, len(gaps) - 0.3)
    axes.set_xlim(-widest * 1.05, widest * 1.05)
    decimal_axis(axes.xaxis, t.lang, 0)
    axes.set_xlabel(f"{t.words['x gap']} [{t.words['unit points']}]")
