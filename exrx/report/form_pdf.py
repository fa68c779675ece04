"""Forms as a PDF, set by typst (optional: `pip install "exrx[pdf]"`) with the template `form.typ`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exrx.errors import MissingDependencyError

_TEMPLATE = Path(__file__).with_name("form.typ")
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in the file: a blank form has none of its own, and the same form gives the same bytes."""


def form_pdf(content: Mapping[str, Any]) -> bytes:
    """The forms of `form_content` as one PDF document.

    Raises:
        MissingDependencyError: typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise MissingDependencyError.of("typst", "pdf", "A PDF form") from error
    inputs = {"form": json.dumps(content, ensure_ascii=False)}
    made: bytes = typst.compile(_TEMPLATE, format="pdf", sys_inputs=inputs, timestamp=_MADE, ignore_system_fonts=True)
    return made
