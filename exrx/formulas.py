"""Which texts a spreadsheet would run as a formula, and the same made harmless; one rule for every file we write."""

from __future__ import annotations

from typing import Any

_STARTS = tuple("=+-@＝＋－＠")
_BREAKS = ("\t", "\r", "\n")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may read a text as a formula, whatever spaces or full-width signs it begins with."""
    return text.lstrip().startswith(_STARTS) or text[:1] in _BREAKS


def harmless(cell: Any) -> Any:
    """A cell of a CSV so that no spreadsheet runs a text in it; numbers and everything else stay as they are."""
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell
