"""From all patients to those who train: boxes downwards, those who leave to the right, with their reasons."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from exrx.report.overview_tables import Teller
from exrx.report.plots.style import BLUE, CLEARANCE_COLOURS, GREEN, GREY, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE, _PAD, _GAP = 4.0, 2.2, 3.2
_MAIN, _SIDE, _SIDE_WIDTH = 62.0, 70.0, 97.0
_LETTERS, _MOST = 72, 4


@frozen
class Step:
    """A box: what and how many, at the side for those who leave; further lines of reasons."""

    title: str
    lines: tuple[str, ...]
    colour: str
    side: bool

    @property
    def height(self) -> float:
        """Millimetres."""
        return _LINE * (1 + len(self.lines)) + 2 * _PAD


def steps_of(t: Teller) -> list[Step]:
    """The boxes in their order; steps at which nobody leaves are left out."""
    words, flow = t.words, t.content["flow"]
    steps = [_main(words["patients"], t.content["patients"], BLUE, t)]
    steps += [_side(leaving, t) for leaving in flow["leaving"] if leaving["n"] != 0]
    parts = [f"{words[key]}: {t.count(flow[key])}" for key in ("clear", "modify")]
    parts += [f"{words[key]}: {t.count(number)}" for key, number in flow["tracks"].items() if number != 0]
    steps.append(_main(words["may train"], flow["may_train"], GREEN, t, parts))
    if flow["planned"] is not None and t.content["target"]:
        last = t.content["target"]["weeks"][-1]
        reached = f"{words['target reached'].format(week=last['week'])}: {t.count(last['all'])}"
        steps.append(_main(words["planned"], flow["planned"], GREEN, t, [reached]))
    if "trained" in flow:
        steps += [
            Step(f"{words[key.replace('_', ' ')]}: {t.count(flow[key])}", (), GREY, True)
            for key in ("not_trained", "no_log")
            if flow[key] != 0
        ]
        steps.append(_main(words["trained"], flow["trained"], GREEN, t))
    return steps


def _main(name: str, number: int | None, colour: str, t: Teller, lines: Sequence[str] = ()) -> Step:
    wrapped = [part for line in lines for part in textwrap.wrap(line, 40)]
    return Step(f"{name}: {t.count(number)}", tuple(wrapped), colour, False)


def _side(leaving: Mapping[str, Any], t: Teller) -> Step:
    lines = [f"{t.count(number)}  {text}" for text, number in t.reasons(leaving["reasons"])[:_MOST]]
    if leaving["step"] == "assess":
        facts = [fact for fact in t.content["missing"]["facts"] if fact["alone"] != 0]
        alone = t.words["alone"]
        lines = [f"{t.count(fact['alone'])}  {alone}: {t.fact(fact)}" for fact in facts[:_MOST]]
        lines.append(f"{t.count(t.content['missing']['several'])}  {t.words['several']}")
    short = tuple(textwrap.shorten(line, _LETTERS, placeholder=" …") for line in lines)
    colour = CLEARANCE_COLOURS[leaving["step"]]
    return Step(f"{_capital(t.words[leaving['step']])}: {t.count(leaving['n'])}", short, colour, True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def height_of(steps: Sequence[Step]) -> float:
    """The height of the whole figure in millimetres, with title and caption."""
    return sum(step.height + _GAP for step in steps) + 18


def paint_flow(figure: Figure, steps: Sequence[Step]) -> None:
    """Draw the boxes; one unit of the axes is a millimetre."""
    axes = figure.add_axes((0, 0, 1, 1))
    figure.set_layout_engine("none")
    high = height_of(steps)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, high)
    axes.axis("off")
    top, from_box = high - 9.0, None
    for step in steps:
        left, wide = (_SIDE, _SIDE_WIDTH) if step.side else (2.0, _MAIN)
        middle = top - step.height / 2
        if step.side:
            _arrow(axes, (2.0 + _MAIN / 2, middle), (left, middle))
        elif from_box is not None:
            _arrow(axes, (2.0 + _MAIN / 2, from_box), (2.0 + _MAIN / 2, top))
        _box(axes, step, left, top, wide)
        if not step.side:
            from_box = top - step.height
        top -= step.height + _GAP


def _box(axes: Axes, step: Step, left: float, top: float, wide: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((left, top - step.height), wide, step.height, facecolor="white", edgecolor=GREY, zorder=2))
    axes.add_patch(Rectangle((left, top - step.height), 1.6, step.height, facecolor=step.colour, zorder=3))
    y = top - _PAD - _LINE / 2
    axes.text(left + 3.4, y, step.title, va="center", fontweight="bold", fontsize=7.6, zorder=4)
    for place, line in enumerate(step.lines, start=1):
        axes.text(left + 3.4, y - place * _LINE, line, va="center", fontsize=6.6, zorder=4)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "#555555", "lw": 0.8, "shrinkA": 0,
                                              "shrinkB": 0}, zorder=1)  # fmt: skip
