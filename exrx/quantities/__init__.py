"""Quantities at the border: text, a number with a unit, or a whole column becomes integer ticks.

Inside exrx a clinical decimal is a tick of its field's grid (`Scale.tick`); everything that comes from
outside passes through here once, exactly, or is refused with a message that says what to do.

    scale.py    `Scale`, the numeric side of a field, and `Span`, a closed interval of ticks
    units.py    everyday spellings and exact factors, one table; `read_unit`
    ucum.py     what the table does not hold: the only importer of pint and ucumvert, loaded on demand
    number.py   number text: comparators, decimal comma, thousands
    read.py     `read_value`, `read_limit`, `read_text_column`
    column.py   `read_column`: millions of rows on several threads

Importing this package loads neither NumPy nor pint.
"""

from exrx.quantities.column import Column, read_column
from exrx.quantities.read import TextColumn, read_limit, read_text_column, read_value
from exrx.quantities.scale import Scale, Span
from exrx.quantities.units import Conversion, read_unit

__all__ = [
    "Column",
    "Conversion",
    "Scale",
    "Span",
    "TextColumn",
    "read_column",
    "read_limit",
    "read_text_column",
    "read_unit",
    "read_value",
]
