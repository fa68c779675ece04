"""Excel files written with openpyxl, so that no cell that came from outside can be run as a formula."""

from __future__ import annotations

import io
from typing import Any

from exrx.errors import MissingDependencyError
from exrx.formulas import is_formula


def workbook() -> Any:
    """A new workbook without sheets.

    Raises:
        MissingDependencyError: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise MissingDependencyError.of("openpyxl", "excel", "An Excel file") from error
    book = Workbook()
    book.remove(book.active)
    return book


def put(cell: Any, text: str) -> Any:
    """Write text as text: what begins like a formula stays what it is, also when somebody edits the cell."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment

    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_formula(text):
        cell.quotePrefix = True
    return cell


def bold(size: int = 11) -> Any:
    """A bold font of the workbook's own family."""
    from openpyxl.styles import Font

    return Font(name="Calibri", bold=True, size=size)


def saved(book: Any) -> bytes:
    """The workbook as bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
