"""Lint: what an author of a protocol should put right although it can be used, without running a case.

`lint_text` looks at the files and the checked protocol; `exrx.screening.lint` adds what the cases say.
"""

from exrx.protocol.lint.gather import Draft, read_draft
from exrx.protocol.lint.rules import lint_text

__all__ = ["Draft", "lint_text", "read_draft"]
