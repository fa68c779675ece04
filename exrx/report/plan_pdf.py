"""A plan's sheet as a PDF, set by typst (optional: `pip install "exrx[pdf]"`) with the template `sheet.typ`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from exrx.errors import MissingDependencyError
from exrx.fields import Dictionary
from exrx.report.plan_sheet import sheet_of
from exrx.training.plan import Plan

_TEMPLATE = Path(__file__).with_name("sheet.typ")
_ONE_AT_A_TIME = Lock()


def sheet_pdf(plan: Plan, lang: str, names: Dictionary) -> bytes:
    """The sheet as PDF in `da` or `en`, A4, with the fonts that typst embeds.

    The content goes to the template as data, so that no text of the plan is read as markup. The PDF's date is the
    plan's `as_of`: the same plan gives the same bytes.

    Raises:
        MissingDependencyError: typst is not installed.
    """
    [made] = typeset(plan, lang, names, "pdf")
    return made


def typeset(plan: Plan, lang: str, names: Dictionary, form: str = "pdf") -> list[bytes]:
    """The sheet as `pdf` (one document) or `png` (a picture a page).

    Raises:
        MissingDependencyError: typst is not installed.
    """
    sheet = json.dumps(sheet_of(plan, lang, names).to_plain(), ensure_ascii=False)
    on = datetime(plan.as_of.year, plan.as_of.month, plan.as_of.day, tzinfo=UTC)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format=form, sys_inputs={"sheet": sheet}, timestamp=on, ppi=110)
    return list(made) if isinstance(made, list) else [made]


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """The template, compiled once: only the first sheet pays for reading the fonts."""
    try:
        import typst
    except ImportError as error:
        raise MissingDependencyError.of("typst", "pdf", "A PDF sheet") from error
    return typst.Compiler(_TEMPLATE, root=_TEMPLATE.parent, ignore_system_fonts=True)
