"""Every formula of the package by id, so that a plan or a document can list what it rests on."""

from __future__ import annotations

from exrx.training.capacity import compendium, heart_rate, load, metabolic, oxygen, repetition, walking
from exrx.training.capacity.formula import Formula

_MODULES = (heart_rate, metabolic, oxygen, walking, repetition, load, compendium)
FORMULAS: dict[str, Formula] = {formula.id: formula for module in _MODULES for formula in module.FORMULAS}
_HEAD = ("id", "what", "formula", "gives", "holds for", "error", "source", "verified")
_MARKS = {"read": "", "recalled": " (recalled)", "local": "*"}


def formula_table() -> str:
    """All formulas as a Markdown table, the one in `docs/capacity.md`; a star marks our own limits."""
    lines = [_row(_HEAD), _row(("---",) * len(_HEAD))]
    return "\n".join(lines + [_row(_cells(formula)) for formula in FORMULAS.values()]) + "\n"


def _cells(formula: Formula) -> tuple[str, ...]:
    limits = "; ".join(f"{limit}{_MARKS[limit.basis]}" for limit in formula.ranges)
    error = ". ".join(part.rstrip(".") for part in (formula.error, formula.note) if part)
    return (
        f"`{formula.id}`", f"{formula.name} (`{formula.function}`)", formula.text, formula.unit, limits, error,
        formula.source, formula.verified,
    )  # fmt: skip


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
