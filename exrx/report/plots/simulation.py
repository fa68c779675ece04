"""Figures of a simulation: sessions by cause over weeks and cycle, the dose, and the weeks to the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exrx.report import shown_count
from exrx.report.plots.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    Caption,
    Picture,
    draw,
    label_axes,
    line,
    percent_axis,
)
from exrx.report.simulation_text import CAUSE_WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {
    "held": (BLUE, ""), "held-in-part": (SKY, ""), "not-cleared": (VERMILION, ""), "missing-facts": (YELLOW, "////"),
    "ill": (PURPLE, ""), "after-infection": (PURPLE, "xxxx"), "did-not-come": (ORANGE, ""), "nothing-left": (BLACK, ""),
    "not-earned": (PALE, "...."),
}  # fmt: skip
_LAST_DAY = 27
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "week": "Uge", "day": "Dage siden infusion", "share": "Andel af planlagte træninger",
        "weeks": "Planlagte træninger efter uge og årsag", "cycle": "Planlagte træninger efter dag i kuren og årsag",
        "dose": "Planlagt og trænet, pr. optaget patient", "minutes": "Minutter", "a week": "min/uge",
        "planned": "planlagt", "done": "trænet", "target": "Optagne, der har nået målet {target} i mindst én uge",
        "reached": "Andel af optagne", "alt": "{title}. {more}",
    },
    "en": {
        "week": "Week", "day": "Days since the infusion", "share": "Share of planned sessions",
        "weeks": "Planned sessions by week and cause", "cycle": "Planned sessions by day of the cycle and cause",
        "dose": "Planned and trained, by enrolled patient", "minutes": "Minutes", "a week": "min/week",
        "planned": "planned", "done": "trained", "target": "Enrolled who have met {target} in at least one week",
        "reached": "Share of enrolled", "alt": "{title}. {more}",
    },
}  # fmt: skip


def simulation_figures(content: Mapping[str, Any], tables: Mapping[str, Any], lang: str) -> Iterator[Picture]:
    """The figures of a simulation, one after the other: `sessions-by-week`, `sessions-by-cycle-day`, `dose`, `target`.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    words = _WORDS[lang]
    first = content["variants"][0]["protocols"][0]
    names = " · ".join(variant["name"] for variant in content["variants"])
    version = first["version"] if len(content["variants"]) == 1 else ""
    caption = Caption(names, version, content["start"], content["patients"], "synthetic")

    def picture(paint: Any, name: str, title: str, more: str, height: float = 90.0) -> Picture:
        alt = words["alt"].format(title=title, more=more)
        return draw(paint, name=name, title=title, alt=alt, caption=caption, lang=lang, height=height)

    tall = 62.0 + 38.0 * len(content["variants"])
    for name, column, what in (("sessions-by-week", "week", "weeks"), ("sessions-by-cycle-day", "cycle_day", "cycle")):
        label = words["week" if column == "week" else "day"]
        paint = partial(_stacks, content=content, sessions=tables["sessions"], column=column, label=label, lang=lang)
        yield picture(paint, name, words[what], _said(content, lang), tall)
    yield picture(lambda figure: _dose(figure, content, tables["dose"], lang), "dose", words["dose"],
                  _said(content, lang))  # fmt: skip
    title = words["target"].format(target=content["target"])
    yield picture(lambda figure: _target(figure, content, tables["target"], lang), "target", title,
                  _said(content, lang))  # fmt: skip


def _said(content: Mapping[str, Any], lang: str) -> str:
    """Sessions held of those planned, for who cannot see the figure."""
    parts = []
    for variant in content["variants"]:
        held = variant["causes"]["held"] + variant["causes"]["held-in-part"]
        share = f"{100 * held / variant['planned']:.0f} %" if variant["planned"] else "-"
        parts.append(f"{variant['name']}: {share} {CAUSE_WORDS[lang]['held']}")
    return "; ".join(parts)


def _stacks(
    figure: Figure, content: Mapping[str, Any], sessions: Mapping[str, Any], column: str, label: str, lang: str
) -> None:
    """A stack of shares for each week or day, a panel a variant."""
    names = [variant["name"] for variant in content["variants"]]
    panels: Any = figure.subplots(len(names), 1, sharex=True, squeeze=False)
    handles: dict[str, Any] = {}
    for axes, name in zip(panels[:, 0], names, strict=True):
        handles |= _stack(axes, sessions, name, column, lang)
        axes.set_title(name)
        label_axes(axes, x=("", ""), y=(_WORDS[lang]["share"], ""))
        percent_axis(axes.yaxis)
        axes.set_ylim(0, 100)
    panels[-1, 0].set_xlabel(label)
    figure.legend(handles.values(), handles.keys(), loc="outside right center")


def _stack(axes: Axes, sessions: Mapping[str, Any], name: str, column: str, lang: str) -> dict[str, Any]:
    mine = (sessions["variant"] == name) & (sessions[column] <= (_LAST_DAY if column == "cycle_day" else 10**6))
    places = np.unique(sessions[column][mine]).astype(int)
    totals = np.array([sessions["sessions"][mine & (sessions[column] == place)].sum() for place in places])
    bottom, handles = np.zeros(places.size), {}
    if places.size:
        axes.set_xlim(places.min() - 0.6, places.max() + 0.6)
    _whole_numbers(axes)
    for cause, (colour, hatch) in _COLOURS.items():
        of_cause = mine & (sessions["cause"] == cause)
        counts = np.array([sessions["sessions"][of_cause & (sessions[column] == place)].sum() for place in places])
        share = 100 * counts / np.maximum(totals, 1)
        if share.any():
            bars = axes.bar(places, share, 0.9, bottom, color=colour, hatch=hatch, edgecolor="white", linewidth=0.3)
            handles[CAUSE_WORDS[lang][cause]] = bars
        bottom += share
    return handles


def _dose(figure: Figure, content: Mapping[str, Any], dose: Mapping[str, Any], lang: str) -> None:
    words, axes = _WORDS[lang], figure.subplots()
    for index, variant in enumerate(content["variants"]):
        mine = (dose["variant"] == variant["name"]) & (dose["measure"] == "minutes")
        people = max(variant["enrolled"], 1)
        weeks = dose["week"][mine]
        axes.plot(weeks, dose["planned"][mine] / people, color=GREY, linestyle=line(index)["linestyle"], linewidth=1.0,
                  label=f"{variant['name']}, {words['planned']}")  # fmt: skip
        axes.plot(weeks, dose["done"][mine] / people, **line(index), label=f"{variant['name']}, {words['done']}")
    label_axes(axes, x=(words["week"], ""), y=(words["minutes"], words["a week"]))
    axes.set_ylim(bottom=0)
    _whole_numbers(axes)
    axes.legend()


def _target(figure: Figure, content: Mapping[str, Any], target: Mapping[str, Any], lang: str) -> None:
    words, axes = _WORDS[lang], figure.subplots()
    for index, variant in enumerate(content["variants"]):
        mine = (target["variant"] == variant["name"]) & np.isfinite(target["week"])
        reached = 100 * np.cumsum(target["first_met"][mine]) / max(variant["enrolled"], 1)
        text = f"{variant['name']} (n = {shown_count(variant['enrolled'], lang)})"
        axes.step(target["week"][mine], reached, where="post", **line(index), label=text)
    label_axes(axes, x=(words["week"], ""), y=(words["reached"], ""))
    percent_axis(axes.yaxis)
    axes.set_ylim(0, 100)
    _whole_numbers(axes)
    axes.legend()


def _whole_numbers(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
