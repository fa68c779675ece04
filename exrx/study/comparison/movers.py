"""Which rules move whom: for each patient with another answer, the rules of the stricter protocol that make it.

The answer of a patient is the strictest of what each rule asks for alone, since restrictions only join. So a rule moves
a patient whose answer is stricter than under the other protocol, if alone it asks for that answer. Every such patient
has at least one such rule, or the protocol's starting point, or a physician's limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import Words, count, no_bits, numbered, pack, unpack
from exrx.rules.restriction import Clearance, Track
from exrx.screening.many import Decisions
from exrx.screening.questions.holding import Twice
from exrx.study.comparison.sides import NOT_COVERED, OUTSIDE, answers_of, population_of

STARTS_FROM, LIMITS = "starts_from", "physician-limits"
_BESIDE = {
    STARTS_FROM: {"da": "Protokollens udgangspunkt.", "en": "The starting point of the protocol."},
    LIMITS: {"da": "En læges forbehold.", "en": "Limits that a physician set."},
}
_TOGETHER = 12  # rules told apart before the combinations so far are numbered anew


@frozen
class Mover:
    """A rule and how many it makes stricter than they are under the other protocol.

    `side` is 0 for a rule of the first protocol, 1 of the second. `alone` are the patients whom no other rule moves as
    well (without it their answer would be freer), `together` those whom several do. `part` is `clearance`, `track`
    (looked at where both let the patient train), or `population`: both wait for a physician, the one for want of a
    protocol.
    """

    part: str
    side: int
    rule: str
    because: dict[str, str]
    alone: int
    together: int

    @property
    def moved(self) -> int:
        """How many it moves."""
        return self.alone + self.together

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "part": self.part, "side": "AB"[self.side], "rule": self.rule, "because": self.because,
            "moved": self.moved, "alone": self.alone, "together": self.together,
        }  # fmt: skip


@frozen(eq=False)
class Movers:
    """All movers, most patients first, and for each in which rows it moves (packed bits)."""

    n: int
    found: tuple[Mover, ...]
    planes: tuple[Words, ...]

    def of_each(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """For each row the rules that move it, as `A:rule` and `B:rule` joined by spaces (object, (len(rows),))."""
        names = [f"{'AB'[mover.side]}:{mover.rule}" for mover in self.found]
        code = np.zeros(rows.size, np.int64)
        sets: list[tuple[int, ...]] = [()]
        for start in range(0, len(names), _TOGETHER):
            places = range(start, min(start + _TOGETHER, len(names)))
            for place in places:
                code = 2 * code + unpack(self.planes[place], self.n)[rows]
            keys, code = numbered(code)
            sets = [(*sets[int(key) >> len(places)], *_members(int(key), places)) for key in keys]
        words = [" ".join(dict.fromkeys(names[place] for place in members)) for members in sets]
        return np.array([*words, ""], object)[code] if rows.size else np.zeros(0, object)


def _members(key: int, places: range) -> list[int]:
    """The places whose bits are set; the last place is the lowest bit."""
    return [place for shift, place in enumerate(reversed(places)) if key >> shift & 1]


def movers(first: Decisions, second: Decisions) -> Movers:
    """The rules that move patients from one answer to another between two protocols on the same cohort."""
    found: list[tuple[Mover, Words]] = []
    for side, (stricter, freer) in enumerate(((first, second), (second, first))):
        for part, asked in (
            ("clearance", _by_clearance(stricter, freer)), ("track", _by_track(stricter, freer)),
            ("population", _by_population(stricter, freer)),
        ):  # fmt: skip
            found += _counted(part, side, list(asked), first.n)
    found.sort(key=lambda pair: (pair[0].part, -pair[0].moved, pair[0].side, pair[0].rule))
    return Movers(first.n, tuple(mover for mover, _ in found), tuple(rows for _, rows in found))


Asked = tuple[str, dict[str, str], Words]


def _counted(part: str, side: int, asked: list[Asked], n: int) -> Iterator[tuple[Mover, Words]]:
    """Rules of one name are one mover, as a patient's reasons name them."""
    planes: dict[str, Words] = {}
    because: dict[str, dict[str, str]] = {}
    for rule, words, rows in asked:
        planes[rule] = planes[rule] | rows if rule in planes else rows
        because.setdefault(rule, words)
    seen = Twice(no_bits(n), no_bits(n))
    for rows in planes.values():
        seen.add(rows)
    for rule, rows in planes.items():
        alone = count(seen.only(rows))
        if every := count(rows):
            yield Mover(part, side, rule, because[rule], alone, every - alone), rows


def _by_clearance(stricter: Decisions, freer: Decisions) -> Iterator[Asked]:
    """Where each rule of the stricter protocol alone asks for its answer, which is stricter than the other's."""
    ours, moved = stricter.clearance, stricter.clearance > freer.clearance
    answer = {level: pack(moved & (ours == level)) for level in Clearance if level > Clearance.CLEAR}
    none = no_bits(stricter.n)

    def asks(clearance: Clearance, true: Words, possible: Words) -> Words:
        if clearance is Clearance.CLEAR:
            return none
        if clearance < Clearance.CONSULT:
            return possible & answer[clearance]
        return (true & answer[clearance]) | (possible & answer[Clearance.ASSESS])

    for index, active in enumerate(stricter.rules.stage.rules):
        yield active.rule.id, active.rule.because, asks(active.rule.then.clearance, *stricter.rule_planes(index))
    beside = list(stricter.beside_rules())
    for place, (clearance, _, true, possible) in enumerate(beside):
        name = LIMITS if place == len(beside) - 1 else STARTS_FROM
        yield name, _BESIDE[name], asks(clearance, true, possible)


def _by_population(outside: Decisions, other: Decisions) -> Iterator[Asked]:
    """Where both wait for a physician, the one only because its protocol is not made for the patient."""
    theirs, ours = (answers_of(each, population_of(each)) for each in (other, outside))
    rows = (ours == OUTSIDE) & (theirs == Clearance.CONSULT)
    for place in outside.rules.rule_places.get(NOT_COVERED, ()):
        yield NOT_COVERED, outside.rules.stage.rules[place].rule.because, pack(rows)


def _by_track(stricter: Decisions, freer: Decisions) -> Iterator[Asked]:
    """The same of the track, among those who train under both."""
    theirs, ours = freer.track, stricter.track
    moved = (ours > theirs) & (ours < Track.NONE)
    left, none = pack(moved), no_bits(stricter.n)
    answer = {track: pack(moved & (ours == track)) for track in (Track.INDIVIDUAL, Track.SUPERVISED)}
    for index, active in enumerate(stricter.rules.stage.rules):
        rows = stricter.rule_planes(index)[1] & answer.get(stricter.rules.entries[index].track, none)
        left = left & ~rows
        yield active.rule.id, active.rule.because, rows
    for _, track, _, possible in stricter.beside_rules():
        rows = possible & answer.get(track, none)
        left = left & ~rows
        yield STARTS_FROM, _BESIDE[STARTS_FROM], rows
    yield LIMITS, _BESIDE[LIMITS], left
