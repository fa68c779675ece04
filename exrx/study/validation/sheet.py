"""Sheets that studies fill in: columns by any of their names, and what was wrong with which row, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from exrx.errors import InputFileError
from exrx.training.logs.cells import CellError

Words = Mapping[str, str]
_NAMED = 8


@frozen
class RowFault:
    """Why a row of a sheet was not used, or only in part; `row` counts from 1 below the header."""

    row: int
    code: str
    text: Words

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"row": self.row, "code": self.code, "text": dict(self.text)}


@frozen(eq=False)
class Sheet:
    """A sheet as text, its columns under our names; `other` are headers that mean nothing here."""

    name: str
    columns: Mapping[str, Sequence[str]]
    n: int
    other: tuple[str, ...]

    @classmethod
    def of(
        cls, name: str, header: Sequence[str], columns: Sequence[Sequence[str]], names: Mapping[str, Sequence[str]],
        needed: Sequence[str],
    ) -> Sheet:
        """The sheet with the columns of `names`, each under one of its spellings.

        Raises:
            InputFileError: a column that is needed is not there, or one is there under two spellings.
        """
        known = {spelling.casefold(): ours for ours, spellings in names.items() for spelling in (ours, *spellings)}
        found: dict[str, Sequence[str]] = {}
        other = []
        for head, column in zip(header, columns, strict=True):
            ours = known.get(" ".join(head.replace("_", " ").split()).casefold()) or known.get(head.casefold())
            if ours is None:
                other.append(head)
            elif ours in found:
                raise InputFileError(f"{name}: two columns mean '{ours}'; keep one")
            else:
                found[ours] = column
        lacking = [ours for ours in needed if ours not in found]
        if lacking:
            more = f" and {len(header) - _NAMED} more" if len(header) > _NAMED else ""
            raise InputFileError(
                f"{name} has no column {' and no column '.join(repr(each) for each in lacking)}. "
                f"It has: {', '.join(header[:_NAMED])}{more}. See docs/validate.md"
            )
        return cls(name, found, len(columns[0]) if columns else 0, tuple(other))

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row with its number, empty text where a column is not there."""
        for row in range(self.n):
            yield row + 1, {name: column[row].strip() for name, column in self.columns.items()}


def cell_fault(row: int, error: CellError) -> RowFault:
    """The fault of a cell that cannot be read; what stands in it is not repeated."""
    if error.code in _CELLS:
        return RowFault(row, error.code, _CELLS[error.code])
    return RowFault(row, error.code, error.message)


_CELLS = {
    "impossible-date": {"da": "datoen findes ikke; skriv 2026-11-23", "en": "no date that exists; write 2026-11-23"},
    "not-a-number": {"da": "timerne er ikke et tal", "en": "the hours are no number"},
}
