"""Figures of a sweep: what each value of a number means, how far each moves the answers, which one matters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from exrx.protocol.local import BOTH_WAYS, LOOSENS
from exrx.report import shown_count
from exrx.report.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    TRACK_COLOURS,
    Caption,
    Picture,
    count_axis,
    decimal_axis,
    draw,
    label_axes,
    line,
    percent_axis,
)  # fmt: skip
from exrx.report.sweep_text import RESULT_WORDS, said_indices
from exrx.rules.words import say_number
from exrx.study.sweep import Sweep
from exrx.study.sweep.run import OUTCOMES, STAFF_HOURS, TRAINED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "curve": "Hvad værdien af {name} betyder", "share": "Andel af patienterne", "hours": "Personaletimer",
        "a week": "timer/uge", "own": "protokollens egen værdi", "loosens": "friere end protokollen",
        "others": "linje: de andre tal som i protokollen", "band": "bånd: mindst og mest over alle "
        "kombinationer", "answers": "Svar", "tracks": "Træningsform",
        "tornado": "Hvor langt hvert tal flytter andelen, der må træne", "mean": "ét tal ad gangen, de andre som i "
        "protokollen",
        "star": "* friere end protokollen",
        "loose": "{loose} af {all} varianter er friere end protokollen", "indices": "Hvilket tal betyder "
        "mest", "first": "alene", "total": "med samspil",
        "part": "Andel af variansen", "interval": "streg: 95 %-interval",
        "alt curve": "Andelen, der må træne, går fra {a} til {b}, når {name} går fra {low} til {high}.",
        "alt tornado": "Flytter mest: {name}.", "alt indices": "Størst samlet betydning for andelen, der må træne: "
        "{name}.",
    },
    "en": {
        "curve": "What the value of {name} means", "share": "Share of the patients", "hours": "Staff hours",
        "a week": "hours/week", "own": "the protocol's own value", "loosens": "freer than the protocol",
        "others": "line: the other numbers as in the protocol", "band": "band: least and most over all "
        "combinations", "answers": "Answers", "tracks": "Form of training",
        "tornado": "How far each number moves the share that may train", "mean": "one number at a time, the others "
        "as in the protocol",
        "star": "* freer than the protocol",
        "loose": "{loose} of {all} variants are freer than the protocol", "indices": "Which number matters "
        "most", "first": "alone", "total": "with interplay",
        "part": "Share of the variance", "interval": "line: 95 % interval",
        "alt curve": "The share that may train goes from {a} to {b} as {name} goes from {low} to {high}.",
        "alt tornado": "Moves most: {name}.", "alt indices": "Largest total effect on the share that may train: "
        "{name}.",
    },
}  # fmt: skip


def sweep_pictures(found: Sweep, lang: str) -> list[Picture]:
    """A curve for each number that is varied, the tornado, and the indices where there are some.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    pictures = [_curve(found, place, lang) for place in range(len(found.axes))]
    pictures.append(_tornado(found, lang))
    if found.indices:
        pictures.append(_indices(found, lang))
    return pictures


def _caption(found: Sweep, *notes: str) -> Caption:
    mark = found.variants.cohort.mark
    return Caption(found.protocol.id, found.protocol.version, found.as_of.isoformat(), found.n, mark, notes)


def _curve(found: Sweep, place: int, lang: str) -> Picture:
    words, axis = _WORDS[lang], found.axes[place]
    lists = [("answers", list(OUTCOMES)), ("tracks", [track.word for track in TRAINED])]
    if found.hours:
        lists.append(("hours", [STAFF_HOURS]))

    def paint(figure: Figure) -> None:
        panels = figure.subplots(1, len(lists), squeeze=False)[0]
        for panel, (head, results) in zip(panels, lists, strict=True):
            for number, result in enumerate(results):
                _one_line(panel, found, place, result, number, lang)
            hours = head == "hours"
            label_axes(panel, x=(axis.label, ""), y=(words["hours"], words["a "
            "week"]) if hours else (words["share"], ""))
            panel.set_title(words[head])
            if hours:
                panel.set_ylim(bottom=0)
                count_axis(panel.yaxis, lang)
            else:
                percent_axis(panel.yaxis)
            _own_value(panel, found, place, words if panel is panels[0] else {"loosens": "_", "own": "_"})
            panel.legend(loc="upper left", bbox_to_anchor=(0, -0.24), borderaxespad=0)

    curve = found.curve(place, "may-train")
    alt = words["alt curve"].format(name=axis.name, a=_percent(curve.y[0]), b=_percent(curve.y[-1]),
                                    low=f"{curve.x[0]:g}", high=f"{curve.x[-1]:g}")  # fmt: skip
    notes = [words["others"]] if len(found.axes) > 1 else []
    notes += [words["band"]] if curve.least is not None else []
    name = "curve-" + re.sub("[^a-z0-9]+", "-", axis.name.lower()).strip("-")
    return draw(paint, name=name, title=words["curve"].format(name=axis.name), alt=alt, caption=_caption(found, *notes),
                lang=lang, height=98)  # fmt: skip


def _one_line(panel: Axes, found: Sweep, place: int, result: str, number: int, lang: str) -> None:
    curve = found.curve(place, result)
    scale = 1 if result == STAFF_HOURS else 100
    style = line(number)
    if result in TRACK_COLOURS:
        style["color"] = TRACK_COLOURS[result]
    every = max(len(curve.x) // 12, 1)
    panel.plot(curve.x, curve.y * scale, label=RESULT_WORDS[lang][result], markevery=every, **style)
    if curve.least is not None and curve.most is not None:
        panel.fill_between(curve.x, curve.least * scale, curve.most * scale, color=style["color"], alpha=0.12, lw=0)


def _own_value(panel: Axes, found: Sweep, place: int, words: dict[str, str]) -> None:
    """The protocol's own value as a line, and what is freer than it shaded."""
    axis = found.axes[place]
    if axis.base_number is None:
        return
    freer = [value for value, verdict in zip(axis.values, axis.loosens, strict=True) if verdict in (LOOSENS, BOTH_WAYS)]
    if freer and max(freer) < axis.base_number:
        panel.axvspan(min(freer), axis.base_number, color=PALE, alpha=0.6, zorder=0, label=words["loosens"])
    elif freer and min(freer) > axis.base_number:
        panel.axvspan(axis.base_number, max(freer), color=PALE, alpha=0.6, zorder=0, label=words["loosens"])
    panel.axvline(axis.base_number, color=GREY, linestyle=":", label=words["own"])


def _tornado(found: Sweep, lang: str) -> Picture:
    words = _WORDS[lang]
    curves = [found.curve(place, "may-train") for place in range(len(found.axes))]
    order = sorted(range(len(curves)), key=lambda place: np.ptp(curves[place].y))

    def paint(figure: Figure) -> None:
        panel = figure.subplots()
        for row, place in enumerate(order):
            y = curves[place].y * 100
            panel.barh(row, np.ptp(y), left=y.min(), color=BLUE, height=0.55)
            for end, side in ((int(y.argmin()), "right"), (int(y.argmax()), "left")):
                star = "*" if curves[place].loosens[end] in (LOOSENS, BOTH_WAYS) else ""
                said = say_number(f"{curves[place].x[end]:g}", lang)
                panel.text(y[end], row, f" {said}{star} ", ha=side, va="center", fontsize=7)
        panel.set_yticks(range(len(order)), [found.axes[place].label for place in order], fontsize=7)
        panel.axvline(found.results["may-train"][0] * 100, color=GREY, linestyle=":", label=words["own"])
        label_axes(panel, x=(f"{words['share']}: {RESULT_WORDS[lang]['may-train']}", ""), y=("", ""))
        ends = [end * 100 for curve in curves for end in (curve.y.min(), curve.y.max())]
        panel.set_xlim(max(min(ends) - 6, 0), min(max(ends) + 6, 100))
        panel.xaxis.set_major_formatter(lambda value, _: f"{value:.0f} %")
        panel.legend(loc="lower right", bbox_to_anchor=(1, 1))

    alt = words["alt tornado"].format(name=found.axes[order[-1]].name)
    caption = _caption(found, words["mean"], words["star"])
    return draw(paint, name="tornado", title=words["tornado"], alt=alt, caption=caption, lang=lang,
                height=38 + 9 * len(order))  # fmt: skip


def _indices(found: Sweep, lang: str) -> Picture:
    words, shown = _WORDS[lang], said_indices(found)
    names = [axis.name for axis in found.axes]

    def paint(figure: Figure) -> None:
        panels = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
        rows = np.arange(len(names))
        for panel, result in zip(panels, shown, strict=True):
            indices = found.indices[result]
            for part, colour, up in (("first", ORANGE, 0.19), ("total", BLUE, -0.19)):
                values = np.array([getattr(index, part) for index in indices])
                ends = [getattr(index, f"{part}_interval") for index in indices]
                panel.barh(rows + up, values, height=0.34, color=colour, label=words[part])
                for row, pair in zip(rows, ends, strict=True):
                    if pair is not None:
                        panel.plot(pair, [row + up] * 2, color="black", lw=0.9)
            panel.set_yticks(rows, names, fontsize=7)
            panel.set_xlim(min(0.0, panel.get_xlim()[0]), max(1.0, panel.get_xlim()[1]))
            label_axes(panel, x=(words["part"], ""), y=("", ""))
            panel.set_xticks([0.0, 0.5, 1.0])
            decimal_axis(panel.xaxis, lang)
            panel.set_title(RESULT_WORDS[lang][result])
        panels[0].invert_yaxis()
        panels[0].legend(loc="upper left", bbox_to_anchor=(0, -0.3), borderaxespad=0)

    leading = max(range(len(names)), key=lambda place: found.indices[shown[0]][place].total)
    notes = [words["interval"]] if found.design.kind == "sobol" else []
    loose, every = (shown_count(number, lang) for number in (found.loosening, len(found.design)))
    notes.append(words["loose"].format(loose=loose, all=every))
    return draw(paint, name="indices", title=words["indices"], alt=words["alt indices"].format(name=names[leading]),
                caption=_caption(found, *notes), lang=lang, height=56 + 10 * len(names))  # fmt: skip


def _percent(share: Any) -> str:
    return f"{100 * share:.1f} %"


