"""Who gets which answer, by group: one bar a group, its parts in percent, what is hidden hatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exrx.report.overview_tables import Teller
from exrx.report.plots.style import GREY, HATCH, PALE, legend_above, percent_axis, text_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDE_ENOUGH = 6.0


def bars_of(table: Mapping[str, Any], t: Teller) -> list[Mapping[str, Any]]:
    """The rows that are drawn: those with people, and everybody last."""
    rows = [row for row in table["rows"] if row["n"] != 0]
    return [*rows, {**table["all"], "label": {"da": t.words["all"], "en": t.words["all"]}}]


def height_of(rows: Sequence[Any]) -> float:
    """The height of the whole figure in millimetres."""
    return 44.0 + 6.6 * len(rows)


def paint_bars(
    figure: Figure, rows: Sequence[Mapping[str, Any]], t: Teller, part: str, colours: Mapping[str, str]
) -> None:
    """Bars of 100 %: printed parts in their colours, the hidden rest of a printed total hatched at the right end."""
    axes = figure.subplots()
    hidden_used = False
    for place, row in enumerate(reversed(rows)):
        whole = row["n"]
        if whole is None:
            axes.barh(place, 100, color=PALE, hatch=HATCH, edgecolor=GREY, height=0.72)
            hidden_used = True
            continue
        left = 0.0
        for key, colour in colours.items():
            share = 100 * (row[part][key] or 0) / whole
            if share:
                axes.barh(place, share, left=left, color=colour, edgecolor="white", linewidth=0.5, height=0.72)
                _number(axes, left, share, place, t.count(row[part][key]), colour)
                left += share
        if any(row[part][key] is None for key in colours) and left < 100:
            axes.barh(place, 100 - left, left=left, color=PALE, hatch=HATCH, edgecolor=GREY, height=0.72, linewidth=0.5)
            hidden_used = True
    labels = [f"{t.label(row)}  (n = {t.count(row['n'])})" for row in reversed(rows)]
    axes.set_yticks(range(len(rows)), labels)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(-0.6, len(rows) - 0.4)
    percent_axis(axes.xaxis)
    axes.set_xlabel(f"{t.words['x patients']} [%]")
    _legend(axes, rows, t, part, colours, hidden_used)


def _number(axes: Axes, left: float, share: float, place: int, text: str, colour: str) -> None:
    if share >= _WIDE_ENOUGH:
        axes.text(left + share / 2, place, text, ha="center", va="center", fontsize=6.5, color=text_on(colour))


def _legend(
    axes: Axes, rows: Sequence[Mapping[str, Any]], t: Teller, part: str, colours: Mapping[str, str], hidden: bool
) -> None:
    from matplotlib.patches import Patch

    seen = [key for key in colours if any(row[part][key] != 0 for row in rows)]
    patches = [Patch(facecolor=colours[key], label=t.words[key]) for key in seen]
    if hidden:
        patches.append(Patch(facecolor=PALE, hatch=HATCH, edgecolor=GREY, label=t.words["hidden"]))
    legend_above(axes, patches, 4 if len(patches) > 5 else len(patches))
