"""Screening: a protocol and a patient give a decision; a protocol and a cohort give decisions.

`screen` and `Decision` load no NumPy; the cohort side is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exrx.screening.decision import Decision, Missing, Override, Reason, ReasonValue, Would
from exrx.screening.one import RuleAnswer, screen, walk_rules

if TYPE_CHECKING:
    from exrx.screening.many import Decisions, screen_cohort

__all__ = [
    "Decision",
    "Decisions",
    "Missing",
    "Override",
    "Reason",
    "ReasonValue",
    "RuleAnswer",
    "Would",
    "screen",
    "screen_cohort",
    "walk_rules",
]


def __getattr__(name: str) -> Any:
    if name in ("Decisions", "screen_cohort"):
        from exrx.screening import many

        return getattr(many, name)
    raise AttributeError(f"module 'exrx.screening' has no attribute '{name}'")
