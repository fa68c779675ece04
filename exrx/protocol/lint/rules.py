"""Everything lint says from a protocol's text and its rules, in one call."""

from __future__ import annotations

from exrx.errors import Diagnostic
from exrx.protocol.lint.effects import lint_effects
from exrx.protocol.lint.gather import Draft
from exrx.protocol.lint.names import lint_names
from exrx.protocol.lint.numbers import lint_numbers
from exrx.protocol.lint.tiers import lint_tiers
from exrx.protocol.lint.wording import lint_wording


def lint_text(draft: Draft) -> tuple[Diagnostic, ...]:
    """Every remark about names, numbers, wording, tiers and effects, in no particular order."""
    for part in (lint_names, lint_numbers, lint_wording, lint_tiers, lint_effects):
        part(draft)
    return tuple(draft.diagnostics)
