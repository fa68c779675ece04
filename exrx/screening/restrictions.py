"""The restrictions of a whole cohort: each distinct one once, and which of them holds for whom.

The same W as in each patient's decision, in the parts that shape training (`ADAPTING` and supervision); clearance and
what a rule refers to are left out, so that patients who train alike share a restriction.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from exrx.bits import numbered, unpack
from exrx.rules.restriction import Restriction, join
from exrx.screening.many import Decisions

PARTS = (
    "supervision", "formats_forbidden", "aerobic_max", "strength_max", "session_minutes_max", "heart_rate_max",
    "rpe_max", "progression", "avoid",
)  # fmt: skip
_BITS = 12  # rules told apart before the kinds so far are numbered anew
_NONE = Restriction.none()


@frozen(eq=False)
class Restrictions:
    """`distinct[codes[i]]` is what row i's training is restricted by; code -1 for rows that were not asked for."""

    distinct: tuple[Restriction, ...]
    codes: npt.NDArray[np.int32]


def training_parts(restriction: Restriction) -> Restriction:
    """A restriction with only the parts that shape training."""
    return evolve(_NONE, **{part: getattr(restriction, part) for part in PARTS})


def restrictions_of(decisions: Decisions, rows: npt.NDArray[np.bool_], threads: int = 2) -> Restrictions:
    """The training restrictions of the rows in a mask (N,).

    Unknown counts as the cautious value, as in each decision. A row with a physician's own limits is taken from its
    decision, one by one.
    """
    rules = decisions.rules
    thens = [active.rule.then for active in rules.stage.rules]
    thens += [start for guard, start in rules.stage.starts if guard is not None]
    alike: dict[Restriction, list[int]] = {}
    for index, then in enumerate(thens):
        if (parts := training_parts(then)) != _NONE:
            alike.setdefault(parts, []).append(index)
    floor = training_parts(rules.floor)
    groups = {str(number): members for number, members in enumerate(alike.values())}
    answers = rules.program.run(decisions._today, conditions=(), possible_groups=groups, threads=threads)
    asked = np.flatnonzero(rows)
    parts_of = list(alike)
    inverse = np.zeros(asked.size, np.int64)
    sets: list[tuple[int, ...]] = [()]
    for start in range(0, len(parts_of), _BITS):
        places = range(start, min(start + _BITS, len(parts_of)))
        for place in places:
            holds = unpack(answers.group_possible(str(place)), decisions.n)
            inverse = 2 * inverse + (holds if asked.size == decisions.n else holds[asked])
        found, inverse = numbered(inverse)
        sets = [(*sets[int(key) >> len(places)], *_members(int(key), places)) for key in found]
    joined = [floor | join(parts_of[place] for place in members) for members in sets]
    return _with_limits(decisions, asked, joined, inverse)


def _members(key: int, places: range) -> tuple[int, ...]:
    """The places whose bits are set; the last place is the lowest bit."""
    return tuple(place for shift, place in enumerate(reversed(places)) if key >> shift & 1)


def _with_limits(
    decisions: Decisions, asked: npt.NDArray[np.intp], joined: list[Restriction], inverse: npt.NDArray[np.int64]
) -> Restrictions:
    """The same restriction under one code, and the rows with a physician's limits from their own decisions."""
    numbered: dict[Restriction, int] = {}
    merged = np.array([numbered.setdefault(each, len(numbered)) for each in joined] or [0], np.int32)
    codes = np.full(decisions.n, -1, np.int32)
    codes[asked] = merged[inverse] if asked.size else 0
    for row, decision in decisions._limited.items():
        if codes[row] >= 0:
            codes[row] = numbered.setdefault(training_parts(decision.restriction), len(numbered))
    return Restrictions(tuple(numbered), codes)
