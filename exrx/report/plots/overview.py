"""The figures of a cohort's overview, drawn from its content alone: a hidden number cannot reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from exrx.fields import Dictionary
from exrx.report.overview_tables import Teller, gap_title
from exrx.report.plots import flow, gaps, stacked, upset
from exrx.report.plots.style import (
    CLEARANCE_COLOURS,
    GREY,
    HATCH,
    ORANGE,
    PALE,
    TRACK_COLOURS,
    Caption,
    Picture,
    count_axis,
    draw,
    legend_above,
    line,
    percent_axis,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@frozen
class Drawn:
    """A picture and the section of the report that it belongs to."""

    section: str
    picture: Picture


def pictures(content: Mapping[str, Any], lang: str, names: Dictionary) -> list[Drawn]:
    """Every figure of the report, in its order.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    return list(_Drawer(content, lang, names).every())


class _Drawer:
    def __init__(self, content: Mapping[str, Any], lang: str, names: Dictionary) -> None:
        self.content, self.lang = content, lang
        self.t = Teller(content, lang, names)
        legend = self.t.legend() if content["smallest"] > 1 else ""
        self.caption = Caption(
            protocol=content["protocol"], version=content["version"], as_of=content["as_of"],
            n=content["patients"], mark=content["mark"], notes=(legend,) if legend else (),
        )  # fmt: skip

    def every(self) -> Iterator[Drawn]:
        """The figures in order."""
        yield self._flow()
        for name, table in self.content["tables"].items():
            for part, colours in (("clearance", CLEARANCE_COLOURS), ("track", TRACK_COLOURS)):
                yield self._bars(name, table, part, colours)
        if self.content["overlaps"]["sets"]:
            yield self._upset()
        if self.content["missing"]["facts"]:
            yield self._missing()
        if self.content["target"] is not None:
            yield self._target()
        if self.content["attendance"] is not None:
            yield self._attendance()
        for name, group in self.content["equity"]["groups"].items():
            found = gaps.gaps_of(group, self.t)
            if 0 < len(found) <= gaps.MOST_LINES:
                yield self._gaps(name, group, found)

    def _drawn(self, section: str, name: str, title: str, alt: str, paint: Any, height: float) -> Drawn:
        return Drawn(section, draw(paint, name=name, title=title, alt=alt, caption=self.caption, lang=self.lang,
                                   height=height))  # fmt: skip

    def _flow(self) -> Drawn:
        steps = flow.steps_of(self.t)
        alt = f"{self.t.words['flow']}. " + "; ".join(step.title for step in steps)
        return self._drawn("flow", "flow", self.t.words["flow"], alt, lambda figure: flow.paint_flow(figure, steps),
                           flow.height_of(steps))  # fmt: skip

    def _bars(self, name: str, table: Mapping[str, Any], part: str, colours: Mapping[str, str]) -> Drawn:
        t, rows = self.t, stacked.bars_of(table, self.t)
        title = f"{t.words['by'].format(x=t.phrases.text(table['label']))}: {t.words[part]}"
        told = [
            f"{t.label(row)} {t.count(row['n'])}: "
            + ", ".join(f"{t.words[key]} {t.count(row[part][key])}" for key in colours if row[part][key] != 0)
            for row in rows
        ]
        return self._drawn(
            "groups", f"{part}-by-{name.replace('_', '-')}", title, f"{title}. {'; '.join(told)}",
            lambda figure: stacked.paint_bars(figure, rows, t, part, colours), stacked.height_of(rows),
        )  # fmt: skip

    def _upset(self) -> Drawn:
        t, found = self.t, self.content["overlaps"]
        told = [f"{t.domains(row['domains'])} {t.count(row['n'])}" for row in found["combinations"]]
        alt = f"{t.words['overlaps']}. {'; '.join(told)}"
        return self._drawn("overlaps", "reasons-together", t.words["overlaps"], alt,
                           lambda figure: upset.paint_upset(figure, found, t), upset.height_of(found))  # fmt: skip

    def _missing(self) -> Drawn:
        t, facts = self.t, self.content["missing"]["facts"]
        told = [f"{t.fact(fact)}: {t.words['alone']} {t.count(fact['alone'])}, "
                f"{t.words['together']} {t.count(fact['together'])}" for fact in facts]  # fmt: skip
        alt = f"{t.words['missing']}. {'; '.join(told)}"
        return self._drawn("missing", "missing", t.words["missing"], alt, self._paint_missing, 42 + 8.0 * len(facts))

    def _paint_missing(self, figure: Figure) -> None:
        t, facts = self.t, self.content["missing"]["facts"][::-1]
        axes = figure.subplots()
        most = max([fact[key] or 0 for fact in facts for key in ("alone", "together")] + [1])
        for offset, key, colour in ((0.19, "alone", ORANGE), (-0.19, "together", GREY)):
            for place, fact in enumerate(facts):
                self._lying(axes, place + offset, fact[key], most, colour)
            axes.barh(0, 0, color=colour, label=t.words[key])
        axes.set_yticks(range(len(facts)), [_folded(t.fact(fact, 1)) for fact in facts])
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, most * 1.12)
        count_axis(axes.xaxis, self.lang)
        axes.set_xlabel(f"{t.words['x patients']} [{t.words['unit patients']}]")
        legend_above(axes)

    def _lying(self, axes: Any, place: float, number: int | None, most: int, colour: str) -> None:
        if number is None:
            axes.barh(place, most / 8, color=PALE, hatch=HATCH, edgecolor=GREY, height=0.36)
        else:
            axes.barh(place, number, color=colour, height=0.36)
        wide = most / 8 if number is None else number
        axes.text(wide + most * 0.01, place, self.t.count(number), va="center", fontsize=6.5)

    def _gaps(self, name: str, group: Mapping[str, Any], found: list[gaps.Gap]) -> Drawn:
        title = gap_title(self.t, name, group)
        return self._drawn(
            "equity", f"equity-by-{name.replace('_', '-')}", title, f"{title}. {gaps.told(found, self.t)}",
            lambda figure: gaps.paint_gaps(figure, found, self.t), gaps.height_of(found),
        )  # fmt: skip

    def _target(self) -> Drawn:
        t, found = self.t, self.content["target"]
        last = found["weeks"][-1]
        reached = t.words["target reached"].format(week=last["week"])
        alt = f"{t.words['target']}. {reached}: {t.count(last['all'])} / {t.count(found['planned']['all'])}"
        return self._drawn("target", "target", t.words["target"], alt, self._paint_target, 85)

    def _paint_target(self, figure: Figure) -> None:
        t, found = self.t, self.content["target"]
        axes = figure.subplots()
        ways = [way for way in found["planned"] if found["planned"][way]]
        if len(ways) == 2:  # everybody has the same form of training: one line says it
            ways = ways[1:]
        for place, way in enumerate(ways):
            whole = found["planned"][way]
            shares = [None if row[way] is None else 100 * row[way] / whole for row in found["weeks"]]
            weeks = [row["week"] for row, share in zip(found["weeks"], shares, strict=True) if share is not None]
            label = f"{t.words[way]} (n = {t.count(whole)})"
            axes.plot(weeks, [share for share in shares if share is not None], label=label, **line(place))
        axes.set_xlabel(t.words["x week"])
        axes.set_ylabel(f"{t.words['reached']} [%]")
        percent_axis(axes.yaxis)
        axes.set_ylim(0, 103)
        axes.set_xlim(0.5, len(found["weeks"]) + 0.5)
        every = -(-len(found["weeks"]) // 26)
        axes.set_xticks(range(1, len(found["weeks"]) + 1, every))
        if ways:
            axes.legend(loc="lower right")

    def _attendance(self) -> Drawn:
        t, found = self.t, self.content["attendance"]
        told = [f"{t.words.get(row['key'], row['key'] + ' %')}: {t.count(row['n'])}" for row in found["bands"]]
        alt = f"{t.words['attendance']}. {'; '.join(told)}"
        return self._drawn("attendance", "attendance", t.words["attendance"], alt, self._paint_attendance, 72)

    def _paint_attendance(self, figure: Figure) -> None:
        t, rows = self.t, self.content["attendance"]["bands"]
        axes = figure.subplots()
        most = max([row["n"] or 0 for row in rows] + [1])
        for place, row in enumerate(rows):
            high = most / 8 if row["n"] is None else row["n"]
            looks = (
                {"color": PALE, "hatch": HATCH, "edgecolor": GREY} if row["n"] is None else {"color": line(0)["color"]}
            )
            axes.bar(place, high, width=0.65, **looks)
            axes.text(place, high + most * 0.015, t.count(row["n"]), ha="center", va="bottom", fontsize=7)
        axes.set_xticks(range(len(rows)), [t.words.get(row["key"], row["key"].replace("-", "–")) for row in rows])
        axes.grid(visible=False, axis="x")
        axes.margins(y=0.12)
        count_axis(axes.yaxis, self.lang)
        axes.set_xlabel(f"{t.words['band']} [%]")
        axes.set_ylabel(f"{t.words['x patients']} [{t.words['unit patients']}]")


def _folded(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 46))
