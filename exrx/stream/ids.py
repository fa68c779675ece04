"""Ids that stand in several rows, found in bounded memory whatever the number of rows.

Each name is kept as a 128-bit hash with its row: 24 bytes, on disk in 256 buckets once there are many. A bucket holds
every row of a name, so it can be looked through alone. Two names of one hash (odds below 1 in 10^19 for a billion
patients) would be reported as one and change no answer.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_IN_MEMORY = 1 << 20
_BUCKETS = 256
_LONG = 64
_U64 = np.uint64
_LANES = (
    (_U64(0x9E3779B97F4A7C15), _U64(0xBF58476D1CE4E5B9), _U64(0x94D049BB133111EB)),
    (_U64(0xC2B2AE3D27D4EB4F), _U64(0xFF51AFD7ED558CCD), _U64(0xC4CEB9FE1A85EC53)),
)
Keys = npt.NDArray[np.uint64]


class SeenIds:
    """Collects the names of rows; `doubles` says which rows share theirs with another row."""

    def __init__(self, most_in_memory: int = _IN_MEMORY) -> None:
        self._held: list[Keys] = []
        self._count, self._rows, self._most = 0, 0, most_in_memory
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, names: Any, before: int) -> None:
        """Names of consecutive rows (Arrow strings), the first of them the row after `before` rows."""
        there = np.flatnonzero(names.is_valid().to_numpy(zero_copy_only=False))
        keys = np.empty((len(there), 3), _U64)
        keys[:, 0], keys[:, 1] = hashes(names.drop_null())
        keys[:, 2] = there + before
        self._held.append(keys)
        self._count += len(keys)
        self._rows = max(self._rows, before + len(names))
        if self._count > self._most:
            self._spill()

    def doubles(self) -> npt.NDArray[np.bool_]:
        """Where a row's name stands in another row as well, by row; bool, one a row."""
        found = np.zeros(self._rows, np.bool_)
        if self._folder is None:
            self._mark(np.concatenate(self._held) if self._held else np.zeros((0, 3), _U64), found)
            return found
        self._spill()
        for path in sorted(Path(self._folder.name).iterdir()):
            self._mark(np.fromfile(path, _U64).reshape(-1, 3), found)
        self._folder.cleanup()
        self._folder = None
        return found

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="exrx-ids-")
        keys = np.concatenate(self._held) if self._held else np.zeros((0, 3), _U64)
        bucket = (keys[:, 0] >> _U64(56)).astype(np.int64)
        keys = keys[np.argsort(bucket, kind="stable")]
        edges = np.cumsum([0, *np.bincount(bucket, minlength=_BUCKETS)])
        for number in range(_BUCKETS):
            if edges[number] < edges[number + 1]:
                with (Path(self._folder.name) / f"{number:03}").open("ab") as file:
                    keys[edges[number] : edges[number + 1]].tofile(file)
        self._held, self._count = [], 0

    @staticmethod
    def _mark(keys: Keys, found: npt.NDArray[np.bool_]) -> None:
        keys = keys[np.lexsort((keys[:, 1], keys[:, 0]))]
        same = (keys[1:, 0] == keys[:-1, 0]) & (keys[1:, 1] == keys[:-1, 1])
        rows = keys[:, 2].astype(np.int64)
        found[rows[1:][same]] = True
        found[rows[:-1][same]] = True


def hashes(names: Any) -> tuple[Keys, Keys]:
    """Two 64-bit hashes of each text of an Arrow array of strings without nulls."""
    n = len(names)
    if n == 0:
        return np.zeros(0, _U64), np.zeros(0, _U64)
    _, offsets, data = names.buffers()
    ends = np.frombuffer(offsets, np.int32)[names.offset : names.offset + n + 1].astype(np.int64)
    lengths = np.diff(ends)
    width = -(-min(int(lengths.max()), _LONG) // 8) * 8 or 8
    bytes_ = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    padded = np.zeros((n, width), np.uint8)
    inside = np.arange(width) < np.minimum(lengths, width)[:, None]
    at = ends[:-1, None] + np.arange(width)
    padded[inside] = bytes_[at[inside]]
    words = padded.view(_U64)
    first, second = (_mixed(words, lengths.astype(_U64), lane) for lane in _LANES)
    for row in np.flatnonzero(lengths > _LONG).tolist():
        digest = hashlib.blake2b(names[row].as_py().encode(), digest_size=16).digest()
        first[row], second[row] = np.frombuffer(digest, _U64)
    return first, second


def _mixed(words: Keys, lengths: Keys, lane: tuple[np.uint64, ...]) -> Keys:
    one, two, three = lane
    state = lengths * two + three  # another factor than the words', so that no word undoes the length
    for column in range(words.shape[1]):
        following = (state ^ (words[:, column] * one)) * two
        following ^= following >> _U64(29)
        state = np.where(lengths > _U64(8 * column), following, state)  # a batch's longest name must not matter
    state = (state ^ (state >> _U64(32))) * three
    return state ^ (state >> _U64(31))
