"""What a sheet is made of, before it is HTML or PDF: sections of plain blocks. No block holds markup."""

from __future__ import annotations

import re
from typing import Any

from attrs import asdict, evolve, fields, frozen, has

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@frozen
class Line:
    """A line of text: `plain`, `loud` (must not be overlooked), `strong` (a small heading), `small`, or `reason`: it
    stays with what follows from it.
    """

    text: str
    kind: str = "plain"


@frozen
class Items:
    """A list; `columns` is how many may stand side by side, `small` is for what is looked up rather than read."""

    items: tuple[str, ...]
    columns: int = 1
    small: bool = False


@frozen
class Pairs:
    """Labels with their text, in `columns` side by side; an empty text is a line to fill in by hand."""

    rows: tuple[tuple[str, str], ...]
    columns: int = 1


@frozen
class Grid:
    """A table with a heading row. `widths` are shares of the width; `numeric` columns stand to the right.

    The first cell of a row is its heading. With `by_hand` the rows are high enough to write in; `small` as in Items.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numeric: tuple[int, ...] = ()
    by_hand: bool = False
    small: bool = False


@frozen
class Picture:
    """A drawing (SVG) and what it says in words."""

    svg: str
    alt: str
    caption: str


@frozen
class Log:
    """A table to fill in by hand, in two columns on the page: weeks of rows, each with its first two cells."""

    caption: str
    heads: tuple[str, ...]
    weeks: tuple[tuple[tuple[str, str], ...], ...]
    widths: tuple[float, ...]


Block = Line | Items | Pairs | Grid | Picture | Log


@frozen
class Section:
    """A heading with its blocks; `new_page` begins a page where the sheet is printed."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@frozen
class Sheet:
    """A whole sheet: its marks (empty when final) and `foot` stand on every page.

    `by_hand` are the labels of lines to fill in by hand before anything else: name and number are never data.
    """

    lang: str
    title: str
    mark: str
    patient: str
    by_hand: tuple[str, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...]
    page: str

    def cleaned(self) -> Sheet:
        """The sheet without the characters that nobody sees but that turn text around or break a document."""
        clean: Sheet = _cleaned(self)
        return clean

    def to_plain(self) -> dict[str, Any]:
        """The sheet as JSON; each block names its kind under `is`."""
        plain = asdict(self)
        for section, made in zip(self.sections, plain["sections"], strict=True):
            for block, each in zip(section.blocks, made["blocks"], strict=True):
                each["is"] = type(block).__name__.lower()
        return plain


def _cleaned(part: Any) -> Any:
    if isinstance(part, str):
        return _INVISIBLE.sub("", part)
    if isinstance(part, tuple):
        return tuple(map(_cleaned, part))
    if has(type(part)):
        return evolve(part, **{each.name: _cleaned(getattr(part, each.name)) for each in fields(type(part))})
    return part
