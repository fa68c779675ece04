"""Columns as they were handed in: kept by reference, read cell by cell or distinct value by distinct value.

    NumberCells   integers and floats, nan and masked rows missing
    FlagCells     bools
    DayCells      days, as proleptic Gregorian ordinals
    CodedCells    anything else (texts, lists, mixed): each row an index into the distinct values

pyarrow is only used for columns that come from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define

from exrx.bits import Words, clear_tail, pack, unpack
from exrx.errors import InputFileError
from exrx.values import json_safe

NO_DAY = int(np.iinfo(np.int32).min)
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


@define(eq=False)
class Cells:
    """One column of n cells."""

    n: int

    def cell(self, row: int) -> Any:
        """The value of one row as Python holds it, None where nothing is given."""
        raise NotImplementedError

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Where a value is given, bool (n,)."""
        raise NotImplementedError

    def coded(self) -> CodedCells:
        """The same cells as distinct values."""
        raise NotImplementedError


@define(eq=False)
class CodedCells(Cells):
    """`values[codes[i]]` is the value of row i; code -1 is no value."""

    codes: npt.NDArray[np.int32]
    values: Sequence[Any]

    def cell(self, row: int) -> Any:
        code = self.codes[row]
        return None if code < 0 else self.values[code]

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        return self.codes >= 0

    def coded(self) -> CodedCells:
        return self


@define(eq=False)
class NumberCells(Cells):
    """Numbers; `valid` None where every row holds one. nan is no value."""

    values: npt.NDArray[Any]
    valid: npt.NDArray[np.bool_] | None = None

    def cell(self, row: int) -> Any:
        if self.valid is not None and not self.valid[row]:
            return None
        value = self.values[row]
        if value != value:
            return None
        # The shortest text of a float32 is the decimal that was meant; its float64 value is not.
        return float(str(value)) if value.dtype.kind == "f" else int(value)

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        there = self.values == self.values
        return there if self.valid is None else there & self.valid

    def coded(self) -> CodedCells:
        there = self.present
        distinct, inverse = np.unique(self.values[there], return_inverse=True)
        codes = np.full(self.n, -1, np.int32)
        codes[there] = inverse
        cells = NumberCells(distinct.size, distinct)
        return CodedCells(self.n, codes, [cells.cell(row) for row in range(distinct.size)])


@define(eq=False)
class FlagCells(Cells):
    """Bools; `valid` None where every row holds one."""

    values: npt.NDArray[np.bool_]
    valid: npt.NDArray[np.bool_] | None = None

    def cell(self, row: int) -> Any:
        return None if self.valid is not None and not self.valid[row] else bool(self.values[row])

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        return np.ones(self.n, np.bool_) if self.valid is None else self.valid

    def coded(self) -> CodedCells:
        codes = self.values.astype(np.int32)
        if self.valid is not None:
            codes[~self.valid] = -1
        return CodedCells(self.n, codes, [False, True])

    def words(self) -> tuple[Words, Words]:
        """Where the value is true, and where it is true or not given."""
        if self.valid is None:
            yes = pack(self.values)
            return yes, yes
        yes, valid = pack(self.values), pack(self.valid)
        maybe = yes | ~valid
        clear_tail(maybe, self.n)
        return yes & valid, maybe


@define(eq=False)
class DayCells(Cells):
    """Days as ordinals (1 is 1 January of the year 1), int32, NO_DAY where none is given."""

    ordinals: npt.NDArray[np.int32]

    def cell(self, row: int) -> Any:
        ordinal = int(self.ordinals[row])
        if ordinal == NO_DAY:
            return None
        return date.fromordinal(ordinal) if _FIRST <= ordinal <= _LAST else f"day {ordinal}"

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        return self.ordinals != NO_DAY

    def coded(self) -> CodedCells:
        distinct, inverse = np.unique(self.ordinals, return_inverse=True)
        cells = DayCells(distinct.size, distinct)
        values = [cells.cell(row) for row in range(distinct.size)]
        codes = inverse.astype(np.int32)
        if distinct.size and distinct[0] == NO_DAY:
            codes, values = codes - 1, values[1:]
        return CodedCells(self.n, codes.astype(np.int32), values)


def cells_of(column: Any, name: str) -> Cells:
    """A column as cells: a NumPy array (masked ones too), a list, an Arrow array or another sequence.

    Raises:
        InputFileError: it is not one-dimensional, or holds what cannot be a value.
    """
    if isinstance(column, Cells):
        return column
    if type(column).__module__.partition(".")[0] == "pyarrow":
        return _arrow_cells(column, name)
    valid = None
    if isinstance(column, np.ma.MaskedArray):
        valid = None if column.mask is np.ma.nomask else ~np.ma.getmaskarray(column)
        column = column.data
    if not isinstance(column, np.ndarray):
        if isinstance(column, (str, bytes, Mapping)) or not isinstance(column, Iterable):
            raise InputFileError(f"the column '{name}' is a {type(column).__name__}; give one value a row")
        column = list(column)
        plain = np.array(column) if column and all(type(item) is float for item in column) else None
        return _listed_cells(column) if plain is None else NumberCells(len(column), plain)
    if column.ndim != 1:
        raise InputFileError(f"the column '{name}' has {column.ndim} dimensions; give one value a row")
    return _array_cells(column, valid, name)


def _array_cells(array: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None, name: str) -> Cells:
    kind = array.dtype.kind
    if kind in "iuf":
        if array.dtype.itemsize > 8:
            array = array.astype(np.float64)
        return NumberCells(array.size, array, valid)
    if kind == "b":
        return FlagCells(array.size, array, valid)
    if kind == "M":
        days = array.astype("datetime64[D]")
        ordinals = days.astype(np.int64) + _EPOCH
        ordinals[np.isnat(days) | (False if valid is None else ~valid)] = NO_DAY
        return DayCells(array.size, np.clip(ordinals, NO_DAY, np.iinfo(np.int32).max).astype(np.int32))
    if kind in "OSUT":
        items = array.tolist()
        if valid is not None:
            items = [item if there else None for item, there in zip(items, valid.tolist(), strict=True)]
        return _listed_cells(items)
    raise InputFileError(f"the column '{name}' is of the type {array.dtype}, which holds no clinical values")


def _listed_cells(items: Iterable[Any]) -> Cells:
    index: dict[Any, int] = {}
    values: list[Any] = []
    codes = []
    for item in items:
        key = item if type(item) is str else _key(item)
        code = index.get(key)
        if code is None:
            value = _plain(item)
            code = index[key] = -1 if value is None else len(values)
            if code >= 0:
                values.append(value)
        codes.append(code)
    return CodedCells(len(codes), np.array(codes, np.int32), values)


def _key(item: Any) -> Any:
    if isinstance(item, (list, tuple, set, frozenset, dict, np.ndarray)):
        return type(item), repr(item)
    return type(item), (item if item == item else "nan")


def _plain(item: Any) -> Any:
    """The value as patient JSON would hold it; None for the missing values of NumPy, pandas and JSON."""
    if item is None or (isinstance(item, float) and item != item) or type(item).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(item, datetime):
        return item.date()
    if isinstance(item, (date, bool, str)):
        return item
    if isinstance(item, np.ndarray):
        item = item.tolist()
    if isinstance(item, bytes):
        item = item.decode("utf-8", "replace")
    return json_safe(item)


def _arrow_cells(column: Any, name: str) -> Cells:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind, types = column.type, pa.types
    n = len(column)
    if types.is_null(kind):
        return CodedCells(n, np.full(n, -1, np.int32), [])
    if types.is_integer(kind) or types.is_floating(kind):
        valid = None if column.null_count == 0 else _arrow_valid(column)
        return NumberCells(n, _arrow_buffer(column, kind.to_pandas_dtype()), valid)
    if types.is_boolean(kind):
        valid = None if column.null_count == 0 else _arrow_valid(column)
        return FlagCells(n, _arrow_bits(column, 1), valid)
    if types.is_date(kind) or types.is_timestamp(kind):
        if types.is_timestamp(kind) and kind.tz is not None:
            column = pc.local_timestamp(column)
        days = column if types.is_date(kind) else pc.floor_temporal(column, unit="day")
        days = days.cast(pa.date32())
        ordinals = _arrow_buffer(days, np.int32) + np.int32(_EPOCH)
        if days.null_count:
            ordinals[~_arrow_valid(days)] = NO_DAY
        return DayCells(n, ordinals)
    if types.is_decimal(kind):
        column = column.cast(pa.string())
    if types.is_dictionary(column.type) or types.is_string(column.type) or types.is_large_string(column.type):
        coded = column if types.is_dictionary(column.type) else column.dictionary_encode()
        codes = pc.fill_null(coded.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
        values = [_plain(item) for item in coded.dictionary.to_pylist()]
        if None in values:
            codes = np.where(np.array([value is None for value in values])[codes], -1, codes)
        return CodedCells(n, codes.astype(np.int32, copy=False), values)
    if types.is_list(kind) or types.is_large_list(kind) or str(kind) == "string_view":
        return _listed_cells(column.to_pylist())
    raise InputFileError(f"the column '{name}' is of the Arrow type {kind}, which holds no clinical values")


def _arrow_buffer(column: Any, dtype: Any) -> npt.NDArray[Any]:
    """The numbers of an Arrow array where they lie; anything where it is null."""
    buffer = column.buffers()[1]
    if buffer is None:
        return np.zeros(len(column), dtype)
    return np.frombuffer(buffer, dtype)[column.offset : column.offset + len(column)]


def _arrow_valid(column: Any) -> npt.NDArray[np.bool_]:
    """Where an Arrow array holds a value; it has nulls."""
    return _arrow_bits(column, 0)


def _arrow_bits(column: Any, buffer: int) -> npt.NDArray[np.bool_]:
    """One of an Arrow array's buffers of bits as bools; all False where it has none (an array of nulls)."""
    packed, n = column.buffers()[buffer], len(column)
    if packed is None:
        return np.zeros(n, np.bool_)
    octets, before = np.frombuffer(packed, np.uint8)[column.offset // 8 :], column.offset % 8
    if not before:
        return unpack(octets, n)
    return unpack(octets, n + before)[before:]
