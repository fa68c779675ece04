"""Two protocols on one cohort: whose clearance or track is another, from what to what."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.cohort import Cohort
from exrx.protocol.model import Protocol
from exrx.rules.restriction import Clearance, Level, Track
from exrx.screening.many import screen_cohort


@frozen
class FromTo:
    """How many patients go from one answer to another; the counts add up to all patients."""

    before: str
    after: str
    patients: int


@frozen
class CohortDifference:
    """Who is affected: `n` patients, the from-to counts of clearance and of track, and the ids of those who differ.

    Affected is who gets another clearance or another track.
    """

    n: int
    clearance: tuple[FromTo, ...]
    track: tuple[FromTo, ...]
    ids: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        tables = {
            name: [{"from": pair.before, "to": pair.after, "patients": pair.patients} for pair in pairs]
            for name, pairs in (("clearance", self.clearance), ("track", self.track))
        }
        return {"patients": self.n, "affected": len(self.ids), **tables, "ids": list(self.ids)}


def compare_on_cohort(
    cohort: Cohort, first: Protocol, second: Protocol, *, stage: str, as_of: date | str
) -> CohortDifference:
    """The answers of two protocols for every patient of a cohort, side by side.

    Raises:
        ProtocolError: one of them has no such stage.
        PatientError: `as_of` is not a date.
    """
    before, after = (screen_cohort(cohort, protocol, stage=stage, as_of=as_of) for protocol in (first, second))
    moved = (before.clearance != after.clearance) | (before.track != after.track)
    return CohortDifference(
        cohort.n,
        _from_to(before.clearance, after.clearance, Clearance),
        _from_to(before.track, after.track, Track),
        tuple(str(cohort.ids[row]) for row in np.flatnonzero(moved).tolist()),
    )


def crossed(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], levels: int) -> npt.NDArray[np.int64]:
    """How many go from each level (row) to each (column): (levels, levels), adding up to all."""
    pairs = np.bincount(before * np.uint8(levels) + after, minlength=levels * levels)
    return pairs.reshape(levels, levels).astype(np.int64)


def _from_to(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], levels: type[Level]) -> tuple[FromTo, ...]:
    """The pairs that occur, those that differ first, then by how many."""
    words = levels.words()
    table = crossed(before, after, len(levels))
    found = [FromTo(words[a], words[b], int(table[a, b])) for a, b in zip(*np.nonzero(table), strict=True)]
    return tuple(sorted(found, key=lambda pair: (pair.before == pair.after, -pair.patients)))
