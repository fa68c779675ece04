"""One house style for all figures.

    caption = Caption(protocol="krop-og-kraeft", version="2026.1", as_of="2026-11-26", n=2000, mark="synthetic")

    def paint(figure):                       # a matplotlib.figure.Figure, its style already set
        axes = figure.subplots()
        axes.plot(weeks, minutes, **line(0))
        label_axes(axes, x=("Week", ""), y=("Aerobic training", "min/week"))
        count_axis(axes.yaxis, "en")

    picture = draw(paint, name="minutes", title="Minutes by week", alt="Minutes rise from 40 to 150.",
                   caption=caption, lang="en")
    picture.svg, picture.png                 # text for a page, bytes for a file

A clearance and a track always have the same colour (`CLEARANCE_COLOURS`, `TRACK_COLOURS`); other series take
`line(i)` or `SERIES[i]`. All colours stay apart in the three common kinds of colour blindness; colour still only
repeats what a word, a hatch or a marker says. Nothing here knows a number's meaning, a clock or pyplot's state: a
figure is drawn on Agg or as SVG from its own canvas, so the same input gives the same bytes, whatever the user's
matplotlibrc says.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from attrs.validators import in_

from exrx.errors import MissingDependencyError
from exrx.report import shown_count, shown_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Eight colours of Okabe and Ito's palette for colour-blind readers, and a grey.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, PALE = "#8C8C8C", "#E3E3E3"
CLEARANCE_COLOURS = MappingProxyType({
    "clear": GREEN, "modify": SKY, "assess": YELLOW, "consult": ORANGE, "defer": VERMILION, "stop": PURPLE,
    "emergency": BLACK,
})  # fmt: skip
TRACK_COLOURS = MappingProxyType({"group": BLUE, "individual": SKY, "supervised": ORANGE, "none": GREY})
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, BLACK)
_DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 2)), (0, (8, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCH = "////"
"""The hatch of what is hidden or not known, on `PALE`."""
WIDTH, HEIGHT = 170.0, 90.0
"""The usual size in millimetres: the text width of an A4 page."""
_DPI, _SVG_DPI, _PASSES = 200, 72, 2
_MM, _CAPTION_LINE, _TITLE_LINE, _MARGIN = 25.4, 3.3, 5.2, 2.0
_LETTERS_A_MM = 0.78
_STYLE = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "font.size": 8.0, "axes.titlesize": 8.5, "axes.titlelocation": "left", "axes.labelsize": 8.0,
    "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "legend.fontsize": 7.5, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "axes.grid": True,
    "grid.color": "#DDDDDD", "grid.linewidth": 0.6, "axes.linewidth": 0.7, "lines.linewidth": 1.6,
    "lines.markersize": 4.0, "hatch.linewidth": 0.6, "patch.linewidth": 0.6, "figure.facecolor": "white",
    "savefig.facecolor": "white", "figure.dpi": 100.0, "svg.fonttype": "none", "text.usetex": False,
    "text.parse_math": False, "axes.unicode_minus": True, "path.simplify": True,
}  # fmt: skip
_NOT_STYLE = ("backend", "interactive", "toolbar", "timezone")
_MARKS = {
    "": {"da": "", "en": ""},
    "synthetic": {"da": "SYNTETISKE PATIENTER", "en": "SYNTHETIC PATIENTS"},
    "example": {"da": "EKSEMPEL", "en": "EXAMPLE"},
}
_WORDS = {
    "da": {"as of": "opgjort {day}", "n": "n = {n}"},
    "en": {"as of": "as of {day}", "n": "n = {n}"},
}


@frozen
class Caption:
    """What stands under every figure. `n` is already a shown count or text where it had to be hidden.

    `mark`: "synthetic" or "example" where the data are, "" for real ones. `notes`: further lines, in the figure's
    language.
    """

    protocol: str
    version: str
    as_of: str
    n: int | str
    mark: str = field(default="", validator=in_(_MARKS))
    notes: tuple[str, ...] = ()

    def text(self, lang: str) -> str:
        """The caption on one line; unknown parts are left out."""
        words = _WORDS[lang]
        n = shown_count(self.n, lang) if isinstance(self.n, int) else self.n
        parts = [
            _MARKS[self.mark][lang],
            f"{self.protocol} {self.version}".strip(),
            words["as of"].format(day=shown_date(self.as_of, lang)) if self.as_of else "",
            words["n"].format(n=n) if n else "",
            *self.notes,
        ]
        return " · ".join(part for part in parts if part)


@frozen(slots=False)
class Picture:
    """A finished figure: `svg` (an `<svg>` element to put into a page, text kept as text), `png` (a whole file, drawn
    when it is first asked for)."""

    name: str
    title: str
    alt: str
    svg: str
    _draw_png: Callable[[], bytes] = field(eq=False, repr=False)

    @cached_property
    def png(self) -> bytes:
        """The figure as a PNG file."""
        return self._draw_png()


def draw(
    paint: Callable[[Figure], None],
    *,
    name: str,
    title: str,
    alt: str,
    caption: Caption,
    lang: str,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Picture:
    """A figure in the house style: `paint` draws the axes, everything around them is drawn here.

    Args:
        paint: gets an empty figure; called once for each format that is asked for.
        name: letters, digits and hyphens; starts every id in the SVG, so that figures share a page.
        alt: what the figure shows, in a sentence or two, for those who cannot see it.
        width, height: millimetres, of the whole figure with title and caption.

    Raises:
        MissingDependencyError: matplotlib is not installed.
        ValueError: the name holds something else.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"the name of a figure is made of small letters, digits and hyphens; '{name}' is not")

    def drawn(form: str) -> bytes:
        return _drawn(form, name, lambda: _frame(paint, title, caption, lang, width, height))

    svg = _element(drawn("svg").decode("utf-8"), name, alt)
    return Picture(name, title, alt, svg, lambda: drawn("png"))


def check_matplotlib() -> None:
    """Say at once that figures cannot be drawn, before minutes of counting.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingDependencyError.of("matplotlib", "plots", "A figure") from error


def _drawn(form: str, name: str, framed: Callable[[], Figure]) -> bytes:
    """The file of a figure, under the house's settings alone."""
    check_matplotlib()
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    settings: Any = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(_NOT_STYLE)}
    settings |= {**_STYLE, "svg.hashsalt": name}
    with mpl.rc_context(settings):
        figure = framed()
        (FigureCanvasSVG if form == "svg" else FigureCanvasAgg)(figure)
        figure.set_dpi(_DPI if form == "png" else _SVG_DPI)
        _settle(figure)
        return _saved(figure, form)


def _settle(figure: Figure) -> None:
    """Lay the axes out and round their places: the solver's last digits differ from run to run."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    for _ in range(_PASSES):
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, wide, high = axes.get_position(original=True).bounds
        axes.set_position((round(left, 5), round(bottom, 5), round(wide, 5), round(high, 5)))


def _frame(
    paint: Callable[[Figure], None], title: str, caption: Caption, lang: str, width: float, height: float
) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / _MM, height / _MM))
    heads = textwrap.wrap(title, int(width * 0.56))
    lines = textwrap.wrap(caption.text(lang), int(width * _LETTERS_A_MM))
    above = (_TITLE_LINE * len(heads) + _MARGIN) / height
    below = (_CAPTION_LINE * len(lines) + 2 * _MARGIN) / height
    figure.set_layout_engine("constrained", rect=(0.008, below, 0.984, 1 - above - below))
    paint(figure)
    left = _MARGIN / width
    figure.text(left, 1 - _MARGIN / height, "\n".join(heads), va="top", fontsize=9.5, fontweight="bold")
    figure.text(left, _MARGIN / height, "\n".join(lines), va="bottom", fontsize=6.5, color="#444444")
    if caption.mark:
        figure.text(
            1 - left, 1 - _MARGIN / height, _MARKS[caption.mark][lang], ha="right", va="top", fontsize=7,
            fontweight="bold", color="#B00020",
        )  # fmt: skip
    return figure


def _saved(figure: Figure, form: str) -> bytes:
    buffer = io.BytesIO()
    said = ("Date", "Creator", "Type", "Format") if form == "svg" else ("Software",)
    metadata: Any = dict.fromkeys(said)
    figure.savefig(buffer, format=form, dpi=figure.dpi, metadata=metadata)
    return buffer.getvalue()


def _element(svg: str, name: str, alt: str) -> str:
    """The `<svg>` element alone, its ids starting with `name`, its description for those who cannot see it."""
    svg = svg[svg.index("<svg") :].rstrip()
    opening, _, inside = svg.partition(">")
    said = dict(re.findall(r'(viewBox|width)="([^"]*)"', opening))
    inside = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\1{name}-", inside).replace(">*{", ">.figure *{", 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="figure" '
        f'viewBox="{said["viewBox"]}" width="{said["width"]}" role="img" aria-label="{escape(alt)}">{inside}'
    )


def line(index: int) -> dict[str, Any]:
    """Colour, dash and marker of the i-th series, for `Axes.plot`; readable in grey."""
    place = index % len(SERIES)
    return {"color": SERIES[place], "linestyle": _DASHES[place], "marker": _MARKERS[place]}


def label_axes(axes: Axes, *, x: tuple[str, str], y: tuple[str, str]) -> None:
    """Name both axes as (what, unit); the unit stands in brackets, "" where there is none to name (a category)."""
    for name, put in ((x, axes.set_xlabel), (y, axes.set_ylabel)):
        put(f"{name[0]} [{name[1]}]" if name[1] else name[0])


def count_axis(axis: Axis, lang: str) -> None:
    """Whole numbers from 0 with the language's thousands separator."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: shown_count(round(value), lang)))


def percent_axis(axis: Axis) -> None:
    """From 0 to 100 %; values are percents."""
    from matplotlib.ticker import FuncFormatter

    axis.set_view_interval(0, 100, ignore=True)
    axis.set_ticks([0, 20, 40, 60, 80, 100])
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} %"))


def decimal_axis(axis: Axis, lang: str, digits: int = 1) -> None:
    """Numbers with so many decimals, and the language's decimal sign."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.{digits}f}".replace(".", "," if lang == "da" else "."))
    )


def legend_above(axes: Axes, handles: Any = None, columns: int = 4) -> None:
    """The legend over the axes up to their right edge; above the labels at their left where it is wide."""
    if handles is None:
        handles = axes.get_legend_handles_labels()[0]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1.0), ncols=columns, borderaxespad=0.3)


def text_on(colour: str) -> str:
    """Black or white, whichever reads on this colour (WCAG relative luminance)."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return BLACK if luminance > 0.179 else "#FFFFFF"
