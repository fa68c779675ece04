"""Packed bits: one bit a patient, 64 patients a word, the first patient in the lowest bit.

`Words` are uint64 arrays of `word_count(n)` words. Bits past patient n - 1 (the tail) are zero in everything that
this module returns as a result; the word operators `&`, `|` keep that, `~` does not, so whoever negates calls
`clear_tail` before the bits leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

WORD = np.dtype("<u8")
BITS = 64
# Rows unpacked at a time: NumPy allocates what it unpacks, and a piece this small stays in the level-2 cache
# and under malloc's mmap threshold (larger pieces measured 6 times slower, all of it page faults).
_PIECE = 1 << 16

Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def word_count(n: int) -> int:
    """The number of words that hold n bits."""
    return (n + BITS - 1) // BITS


def no_bits(n: int) -> Words:
    """Words for n patients, no bit set."""
    return np.zeros(word_count(n), WORD)


def all_bits(n: int) -> Words:
    """Words for n patients, all n bits set and the tail zero."""
    words = np.full(word_count(n), ~np.uint64(0), WORD)
    clear_tail(words, n)
    return words


def clear_tail(words: Words, n: int) -> None:
    """Sets the bits past patient n - 1 to zero, in place; works along the last axis."""
    over = words.shape[-1] * BITS - n
    if over:
        words[..., -1] &= ~np.uint64(0) >> np.uint64(over)


def pack(mask: npt.NDArray[np.bool_]) -> Words:
    """The words of a bool (n,) array."""
    packed = np.packbits(mask, bitorder="little")
    if packed.size % 8 == 0:
        return packed.view(WORD)
    words = no_bits(mask.size)
    words.view(np.uint8)[: packed.size] = packed
    return words


def pack_equal(values: npt.NDArray[Any], value: Any) -> Words:
    """Where a number stands in an array (n,); a piece at a time, so that no mask of the array's length is made."""
    words = no_bits(values.size)
    octets = words.view(np.uint8)
    mask = np.empty(min(_PIECE, values.size), np.bool_)
    for start in range(0, values.size, _PIECE):
        found = np.equal(values[start : start + _PIECE], value, out=mask[: values.size - start])
        packed = np.packbits(found, bitorder="little")
        octets[start // 8 : start // 8 + packed.size] = packed
    return words


def unpack(words: npt.NDArray[np.unsignedinteger], n: int) -> Mask:
    """The first n bits of words or octets as bool (n,)."""
    mask = np.empty(n, np.uint8)
    octets = words.view(np.uint8)
    for start in range(0, n, _PIECE):
        count = min(_PIECE, n - start)
        mask[start : start + count] = np.unpackbits(octets[start // 8 :], count=count, bitorder="little")
    return mask.view(np.bool_)


def unpack_ordinals(planes: Sequence[Words], out: npt.NDArray[np.uint8]) -> None:
    """Writes `out[i] = sum of bit i of planes[k] << k` for every i of out (uint8, (n,)); at most 8 planes."""
    octets = [plane.view(np.uint8) for plane in reversed(planes)]
    for start in range(0, out.size, _PIECE):
        count = min(_PIECE, out.size - start)
        piece = np.unpackbits(octets[0][start // 8 :], count=count, bitorder="little")
        here = out[start : start + count]
        for lower in octets[1:]:
            np.add(piece, piece, out=piece)
            lowest = np.unpackbits(lower[start // 8 :], count=count, bitorder="little")
            np.bitwise_or(piece, lowest, out=here if lower is octets[-1] else piece)
        if len(octets) == 1:
            here[:] = piece


def pack_rows(rows: Rows, n: int) -> Words:
    """Words for n patients with the bits of `rows` set."""
    words = no_bits(n)
    set_rows(words, rows)
    return words


def set_rows(words: Words, rows: Rows) -> None:
    """Sets the bits of `rows` (any order), in place."""
    np.bitwise_or.at(words, rows >> 6, np.uint64(1) << (rows & 63).astype(np.uint64))


def clear_rows(words: Words, rows: Rows) -> None:
    """Clears the bits of `rows` (any order), in place."""
    np.bitwise_and.at(words, rows >> 6, ~(np.uint64(1) << (rows & 63).astype(np.uint64)))


def bit(words: Words, row: int) -> bool:
    """The bit of one row."""
    return bool(int(words[row >> 6]) >> (row & 63) & 1)


def bits_of(words: Words, rows: Rows) -> Mask:
    """The bits of some rows as bool (len(rows),)."""
    return (words[rows >> 6] >> (rows & 63).astype(np.uint64) & np.uint64(1)).astype(np.bool_)


def count(words: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def set_positions(words: Words) -> Rows:
    """The rows whose bit is set, ascending; quick when they are few."""
    busy = np.flatnonzero(words)
    if busy.size == 0:
        return busy.astype(np.int64)
    spread = np.unpackbits(np.ascontiguousarray(words[busy]).view(np.uint8), bitorder="little").reshape(-1, BITS)
    which, where = np.nonzero(spread)
    return busy[which].astype(np.int64) * BITS + where


def choose(condition: Words, yes: Words, no: Words) -> Words:
    """Bit by bit: yes where condition is set, no elsewhere."""
    return no ^ (condition & (yes ^ no))


def numbered(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The distinct keys (0 or more) in ascending order, and for each key its place among them.

    As `np.unique` with its inverse, without sorting where the keys lie close together.
    """
    most = int(keys.max(initial=0))
    if most > max(1 << 22, 4 * keys.size):
        found, inverse = np.unique(keys, return_inverse=True)
        return found, inverse.astype(np.int64)
    there = np.zeros(most + 1, np.bool_)
    there[keys] = True
    found = np.flatnonzero(there).astype(np.int64)
    place = np.zeros(most + 1, np.int64)
    place[found] = np.arange(found.size)
    return found, place[keys]
