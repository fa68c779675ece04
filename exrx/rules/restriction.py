"""What a rule does, as a lattice: joining two restrictions takes the more cautious in every part.

`a | b` is associative, commutative and idempotent, and `Restriction.none()` is its identity, so the order of
rules never matters and protocols compose by putting their rules together. `a <= b` says that b is at least as
cautious as a in every part.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from attrs import evolve, field, fields, frozen


class Level(IntEnum):
    """A chain from least to most restrictive; `word` is its spelling in files and JSON."""

    @property
    def word(self) -> str:
        """The spelling in protocol files and JSON, such as `one-to-one`."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def words(cls) -> tuple[str, ...]:
        """All spellings, least restrictive first."""
        return tuple(level.word for level in cls)

    @classmethod
    def from_word(cls, word: str) -> Any:
        """The level spelled `word`; KeyError when there is none."""
        return cls[word.upper().replace("-", "_")]


class Clearance(Level):
    """May this patient train: from `clear` to `emergency`."""

    CLEAR = 0
    MODIFY = 1
    ASSESS = 2
    CONSULT = 3
    DEFER = 4
    STOP = 5
    EMERGENCY = 6


class Track(Level):
    """Where the patient trains, freest first."""

    GROUP = 0
    INDIVIDUAL = 1
    SUPERVISED = 2
    NONE = 3


class Supervision(Level):
    """How closely a professional follows the training."""

    INDEPENDENT = 0
    REMOTE = 1
    GROUP = 2
    ONE_TO_ONE = 3
    CONTINUOUS = 4


class Setting(Level):
    """Which part of the health service trains the patient."""

    USUAL_ADVICE = 0
    GP = 1
    MUNICIPALITY = 2
    HOSPITAL = 3


class Intensity(Level):
    """The highest intensity allowed."""

    VIGOROUS = 0
    MODERATE = 1
    LIGHT = 2
    NONE = 3


class Progression(Level):
    """Whether the load may rise from week to week."""

    NORMAL = 0
    HOLD = 1
    REDUCE = 2


@frozen
class Again:
    """When to ask again: after which events, and how many days at the earliest."""

    after: frozenset[str] = frozenset()
    days: int | None = None

    def __or__(self, other: Again) -> Again:
        return Again(self.after | other.after, _larger(self.days, other.days))


def _larger(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else max(a, b)


def _smaller(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else min(a, b)


def _both(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    return b if a is None else a if b is None else a & b


def _union(a: Any, b: Any) -> Any:
    return a | b


_JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "clearance": max,
    "supervision": max,
    "setting": max,
    "aerobic_max": max,
    "strength_max": max,
    "progression": max,
    "session_minutes_max": _smaller,
    "heart_rate_max": _smaller,
    "rpe_max": _smaller,
    "allowed_meanwhile": _both,
}


@frozen
class Restriction:
    """Everything one rule, or a join of rules, asks for.

    Parts are chains (the more cautious wins), unions (consult, formats_forbidden, avoid, monitor, refer, again),
    limits (the lower wins, None = no limit) and `allowed_meanwhile` (the intersection of those that say anything,
    None = says nothing). Units: minutes, beats a minute, Borg 6-20.
    """

    clearance: Clearance = Clearance.CLEAR
    consult: frozenset[str] = frozenset()
    supervision: Supervision = Supervision.INDEPENDENT
    setting: Setting = Setting.USUAL_ADVICE
    formats_forbidden: frozenset[str] = frozenset()
    aerobic_max: Intensity = Intensity.VIGOROUS
    strength_max: Intensity = Intensity.VIGOROUS
    session_minutes_max: int | None = None
    heart_rate_max: int | None = None
    rpe_max: int | None = None
    progression: Progression = Progression.NORMAL
    avoid: frozenset[str] = frozenset()
    monitor: frozenset[str] = frozenset()
    refer: frozenset[str] = frozenset()
    again: Again = field(factory=Again)
    allowed_meanwhile: frozenset[str] | None = None

    @classmethod
    def none(cls) -> Restriction:
        """The identity of the join: nothing is restricted."""
        return _NONE

    def __or__(self, other: Restriction) -> Restriction:
        """The join: the more cautious of the two in every part."""
        changed = {}
        for name, empty in _PARTS.items():
            theirs = getattr(other, name)
            if theirs == empty:
                continue
            mine = getattr(self, name)
            if mine == empty:
                changed[name] = theirs
            elif mine != theirs:
                changed[name] = _JOINS.get(name, _union)(mine, theirs)
        return evolve(self, **changed) if changed else self

    def __le__(self, other: Restriction) -> bool:
        """True when `other` is at least as cautious in every part."""
        return self | other == other

    def __ge__(self, other: Restriction) -> bool:
        return other <= self

    @property
    def adapts(self) -> bool:
        """True when training itself is limited beyond the group template (caps, avoidances, format, progression)."""
        return any(getattr(self, name) != getattr(_NONE, name) for name in _ADAPTING)


_ADAPTING = (
    "formats_forbidden",
    "aerobic_max",
    "strength_max",
    "session_minutes_max",
    "heart_rate_max",
    "rpe_max",
    "progression",
    "avoid",
)
_NONE = Restriction()
_PARTS = {part.name: getattr(_NONE, part.name) for part in fields(Restriction)}


def join(restrictions: Any) -> Restriction:
    """The join of any number of restrictions; of none of them, `Restriction.none()`."""
    total = _NONE
    for restriction in restrictions:
        total = total | restriction
    return total
