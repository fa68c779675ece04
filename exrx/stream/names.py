"""What the patients of a batch are called: their ids as they stand, `row-<n>` where there is none that may be shown.

Row by row the names of `exrx.table.Ids`, but column-wise: a name is looked at one by one only where Arrow's own
kernels cannot say that it is plain.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from exrx.errors import Problem
from exrx.said import REFUSED_IDENTIFIER
from exrx.values import UNSHOWABLE, WITHHELD, has_identifier, is_unshowable, json_safe, row_name

_FEWEST = 9
_NINE_DIGITS = r"^(?:[^0-9]*[0-9]){9}"
"""A CPR number has ten digits, nine where a program dropped the first zero."""
Faults = list[tuple[int, Problem]]


def names_of(ids: Any, rows: Any, missing: Collection[str]) -> tuple[Any, Faults]:
    """The names of a batch and the problems of its ids, each with its row in the batch, ascending.

    Parameters
    ----------
    ids
        The column of ids as an Arrow array, None if the table has none.
    rows
        int64 Arrow array of the rows' numbers in the whole table, from 1; None where nobody knows them. Then a
        patient without an id has no name (null).
    missing
        Texts, casefolded, that stand for "not given".
    """
    plain, faults = _plain_ids(ids, missing) if ids is not None else (None, [])
    if plain is not None and not plain.null_count:
        return plain, faults
    if rows is None:
        return plain, faults
    named = pc.binary_join_element_wise(row_name(0)[:-1], rows.cast(pa.string()), "")
    return named if plain is None else pc.coalesce(plain, named), faults


def _plain_ids(ids: Any, missing: Collection[str]) -> tuple[Any, Faults]:
    """The ids that may be shown, trimmed, null for the others; and the problems of those that may not."""
    kind = ids.type
    if pa.types.is_dictionary(kind):
        ids, kind = ids.cast(kind.value_type), kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view"
    if text or pa.types.is_integer(kind):
        texts = ids.cast(pa.string())
    else:
        texts = pa.array([_text(value) for value in ids.to_pylist()], pa.string())
    trimmed = pc.ascii_trim(texts, " ")
    absent = pc.or_(pc.equal(trimmed, ""), pc.is_in(pc.utf8_lower(trimmed), pa.array(sorted(missing), pa.string())))
    kept = pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)
    faults, changed = [], {}
    for row in _suspicious(texts):
        name, fault = _looked_at(texts[row].as_py(), missing)
        changed[row] = name
        if fault is not None:
            faults.append((row, fault))
    if changed:
        mask = pa.array([row in changed for row in range(len(kept))], pa.bool_())
        kept = pc.replace_with_mask(kept, mask, pa.array([changed[row] for row in sorted(changed)], pa.string()))
    return kept, faults


def _suspicious(texts: Any) -> list[int]:
    """The rows, ascending, whose text is not plain or may hold an identifier."""
    long = pc.greater_equal(pc.binary_length(texts), _FEWEST)
    odd = pc.invert(pc.utf8_is_printable(texts))
    if pc.any(long).as_py():
        digits = pc.or_(pc.match_substring_regex(texts, _NINE_DIGITS), pc.equal(texts, WITHHELD))
        odd = pc.or_(odd, pc.and_(long, pc.or_(digits, pc.invert(pc.string_is_ascii(texts)))))
    found: list[int] = pc.indices_nonzero(pc.fill_null(odd, False)).to_pylist()
    return found


def _looked_at(text: str, missing: Collection[str]) -> tuple[str | None, Problem | None]:
    """The name of one text, None if it has none, and why."""
    name = text.strip()
    if not name or name.casefold() in missing:
        return None, None
    if has_identifier(text):
        return None, Problem("id", WITHHELD, "identifier-refused", REFUSED_IDENTIFIER)
    if is_unshowable(name):
        return None, Problem("id", None, "wrong-shape", UNSHOWABLE)
    return name, None


def _text(value: Any) -> str | None:
    return None if value is None or value != value else str(json_safe(value))
