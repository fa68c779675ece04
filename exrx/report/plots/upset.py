"""Reasons that occur together: bars of combinations over a grid of dots, the size of each reason at the left.

The form is UpSet's (Lex and others 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from exrx.report.overview_tables import Teller
from exrx.report.plots.style import BLUE, GREY, HATCH, PALE, count_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROOM = 0.6


def height_of(found: Mapping[str, Any]) -> float:
    """The height of the whole figure in millimetres."""
    return 62.0 + 6.0 * len(found["sets"])


def paint_upset(figure: Figure, found: Mapping[str, Any], t: Teller) -> None:
    """Draw printed combinations and sets; hidden ones are hatched, with the mark of a hidden number."""
    sets, combinations = found["sets"], found["combinations"]
    grid = figure.add_gridspec(2, 2, width_ratios=(1.1, 2.6), height_ratios=(1.6, 0.24 * len(sets) + 0.3))
    above, left, dots = (figure.add_subplot(grid[place]) for place in ((0, 1), (1, 0), (1, 1)))
    names = [row["domain"] for row in sets]
    rows = {name: len(sets) - 1 - place for place, name in enumerate(names)}
    most = max([row["n"] or 0 for row in combinations] + [1])
    for place, row in enumerate(combinations):
        _bar(above, place, row["n"], most, t)
        inside = [rows[name] for name in row["domains"]]
        dots.plot([place] * len(sets), range(len(sets)), "o", color=PALE, markersize=5.5, zorder=2)
        dots.plot([place] * len(inside), inside, "o", color=BLUE, markersize=5.5, zorder=3)
        dots.plot([place, place], [min(inside), max(inside)], color=BLUE, linewidth=1.6, zorder=3)
    for name, number in ((row["domain"], row["n"]) for row in sets):
        _lying(left, rows[name], number, max([row["n"] or 0 for row in sets] + [1]), t)
    _dress(above, left, dots, names, rows, len(combinations), t)


def _bar(axes: Axes, place: int, number: int | None, most: int, t: Teller) -> None:
    if number is None:
        axes.bar(place, most / 6, color=PALE, hatch=HATCH, edgecolor=GREY, width=_ROOM)
    else:
        axes.bar(place, number, color=BLUE, width=_ROOM)
    high = most / 6 if number is None else number
    axes.text(place, high + most * 0.02, t.count(number), ha="center", va="bottom", fontsize=7)


def _lying(axes: Axes, place: int, number: int | None, most: int, t: Teller) -> None:
    if number is None:
        axes.barh(place, most / 6, color=PALE, hatch=HATCH, edgecolor=GREY, height=_ROOM)
    else:
        axes.barh(place, number, color=GREY, height=_ROOM)
    wide = most / 6 if number is None else number
    axes.text(wide + most * 0.04, place, t.count(number), ha="right", va="center", fontsize=7)


def _dress(
    above: Axes, left: Axes, dots: Axes, names: list[str], rows: Mapping[str, int], columns: int, t: Teller
) -> None:
    for axes in (above, dots):
        axes.set_xlim(-0.7, max(columns, 4) - 0.3)
        axes.set_xticks([])
        axes.grid(visible=False, axis="x")
    above.set_ylabel(f"{t.words['x patients']} [{t.words['unit patients']}]")
    count_axis(above.yaxis, t.lang)
    above.margins(y=0.15)
    left.set_ylim(-0.6, len(names) - 0.4)
    left.invert_xaxis()
    left.margins(x=0.3)
    left.set_xlabel(f"{t.words['x patients']} [{t.words['unit patients']}]")
    left.set_yticks([])
    left.grid(visible=False, axis="y")
    count_axis(left.xaxis, t.lang)
    left.spines["left"].set_visible(False)
    dots.set_ylim(-0.6, len(names) - 0.4)
    dots.set_yticks([rows[name] for name in names], [t.domains([name]) for name in names])
    dots.tick_params(length=0)
    dots.grid(visible=False)
    for side in dots.spines.values():
        side.set_visible(False)
