"""Who changes if one limit moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.protocol.limits import with_limit
from exrx.rules.restriction import Clearance, Track
from exrx.screening.compare import crossed
from exrx.screening.many import Decisions


@frozen(eq=False)
class Moved:
    """Who changes when a limit moves: `table` and `tracks` count from (row) to (column), `changed` is bool (n,)."""

    name: str
    value: str
    n: int
    table: npt.NDArray[np.int64]
    tracks: npt.NDArray[np.int64]
    changed: npt.NDArray[np.bool_]
    freer: int
    stricter: int

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON; every patient stands in one line of each table."""
        return {
            "limit": self.name,
            "value": self.value,
            "patients": self.n,
            "changed": int(self.changed.sum()),
            "freer": self.freer,
            "stricter": self.stricter,
            "clearance": _lines(self.table, Clearance.words()),
            "track": _lines(self.tracks, Track.words()),
        }


def _lines(table: npt.NDArray[np.int64], words: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"from": words[old], "to": words[new], "patients": int(table[old, new])}
        for old, new in zip(*np.nonzero(table), strict=True)
    ]


def moved_by(decisions: Decisions, name: str, value: str) -> Moved:
    """Who changes if the parameter `name`, or the only limit of the rule `name`, is set to `value`.

    Raises:
        ProtocolError: there is no such limit.
        QuantityError, ConditionError: the value is none, or makes a condition that is always or never true.
    """
    moved = decisions.under(with_limit(decisions.protocol, name, value))
    before, after = decisions.clearance, moved.clearance
    tracks, new_tracks = decisions.track, moved.track
    changed = (before != after) | (tracks != new_tracks)
    freer = (after <= before) & (new_tracks <= tracks) & changed
    return Moved(
        name, value, decisions.n, crossed(before, after, len(Clearance)), crossed(tracks, new_tracks, len(Track)),
        changed, int(freer.sum()), int((changed & ~freer).sum()),
    )  # fmt: skip
