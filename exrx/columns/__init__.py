"""Columns: what is possible for one field in every row, one class a kind of field.

A column answers questions about sets of values with a `Pair` of words: in the first a bit is set where every
possible value lies in the set, in the second where some value does; a bit of the second alone is an undecided row.
Where a column has nothing undecided both are one array. Columns are values: nothing here changes one, and a pair may
be a view of one, so whoever receives a pair writes elsewhere. Bits past the last row are not defined in a pair.

    base.py     `Column`, `Block`, the constant column
    numbers.py  quantities, elapsed days, scores
    options.py  flags, choices, sets
    patched.py  a column with a few rows taken from another one
    read.py     from cells as they were handed in
"""

from exrx.columns.base import (
    BLOCK_ROWS,
    Asker,
    Block,
    Column,
    ConstantColumn,
    Pair,
    Question,
    Room,
    blocks,
    unknown_column,
)
from exrx.columns.numbers import (
    NEVER_AFTER,
    NEVER_BEFORE,
    NO_DATE,
    ElapsedColumn,
    NumberColumn,
    RangeColumn,
    Spans,
    TickColumn,
)
from exrx.columns.options import FlagColumn, OptionColumn, SetColumn
from exrx.columns.patched import PatchedColumn

__all__ = [
    "BLOCK_ROWS",
    "NEVER_AFTER",
    "NEVER_BEFORE",
    "NO_DATE",
    "Asker",
    "Block",
    "Column",
    "ConstantColumn",
    "ElapsedColumn",
    "FlagColumn",
    "NumberColumn",
    "OptionColumn",
    "Pair",
    "PatchedColumn",
    "Question",
    "RangeColumn",
    "Room",
    "SetColumn",
    "Spans",
    "TickColumn",
    "blocks",
    "unknown_column",
]
