"""Which single rule holds back how many patients."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.bits import Words, clear_rows, count, no_bits, set_rows, unpack
from exrx.rules.restriction import Clearance
from exrx.screening.cohort_rules import LEVELS, TRACKS
from exrx.screening.many import Decisions
from exrx.screening.one import ask_rules
from exrx.screening.what_if import WhatIf


def held_by(what_if: WhatIf) -> frozenset[int]:
    """The rules, by their place in the stage, without any one of which a patient's answer would be freer."""
    now = what_if.now
    return frozenset(index for index in what_if.standing() if what_if.without(index).is_freer_than(now))


@frozen
class Held:
    """A rule: how many would have a freer answer without it, and how many of those could then train."""

    rule: str
    protocol: str
    freer: int
    would_train: int

    def to_dict(self) -> dict[str, Any]:
        """The rule as JSON."""
        return {"rule": self.rule, "protocol": self.protocol, "freer": self.freer, "would_train": self.would_train}


@frozen(eq=False)
class SingleRules:
    """Who is held back. `not_training` = the sum of all `would_train` + `several`; `n` rows in all."""

    n: int
    not_training: int
    several: int
    rules: tuple[Held, ...]
    _planes: dict[int, Words] = field(repr=False)

    def rows(self, index: int) -> npt.NDArray[np.bool_]:
        """Where the answer would be freer without the rule at this place of the stage, bool (n,)."""
        return unpack(self._planes.get(index, no_bits(self.n)), self.n)

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "patients": self.n,
            "not_training": self.not_training,
            "held_by_several": self.several,
            "rules": [held.to_dict() for held in self.rules],
        }


@define(eq=False)
class Twice:
    """Where a level is asked for at all, and where by two or more."""

    once: Words
    twice: Words

    def add(self, rows: Words) -> None:
        """One more that asks for the level."""
        self.twice |= self.once & rows
        self.once |= rows

    def add_always(self, rows: Words) -> None:
        """What no rule can take away."""
        self.once |= rows
        self.twice |= rows

    def only(self, rows: Words) -> Words:
        """Where these rows' rule is the only one that asks."""
        alone: Words = rows & self.once & ~self.twice
        return alone


def single_rules(decisions: Decisions) -> SingleRules:
    """Which single rule holds back how many of a cohort: without it their clearance or track would be freer."""
    rules, n = decisions.rules, decisions.n
    definite = {level: Twice(no_bits(n), no_bits(n)) for level in LEVELS}
    worst = {level: Twice(no_bits(n), no_bits(n)) for level in LEVELS}
    tracks = {track: Twice(no_bits(n), no_bits(n)) for track in TRACKS}
    planes = [decisions.rule_planes(index) for index in range(len(rules.stage.rules))]
    for (true, possible), entry in zip(planes, rules.entries, strict=False):
        for level in LEVELS:
            if entry.clearance >= level:
                definite[level].add(true)
                worst[level].add(possible)
        for track in TRACKS:
            if entry.track >= track:
                tracks[track].add(possible)
    for clearance, track_asked, true, possible in decisions.beside_rules():
        for level in LEVELS:
            if clearance >= level:
                definite[level].add_always(true)
                worst[level].add_always(possible)
        for track in TRACKS:
            if track_asked >= track:
                tracks[track].add_always(possible)
    untrained = worst[Clearance.CONSULT].once
    freer: dict[int, Words] = {}
    trains: dict[int, Words] = {}
    for index, ((true, possible), entry) in enumerate(zip(planes, rules.entries, strict=False)):
        if not possible.any():
            continue
        rows, alone = no_bits(n), no_bits(n)
        for level in LEVELS:
            if entry.clearance >= level and level >= Clearance.CONSULT:
                rows |= definite[level].only(true)
        for level in (Clearance.MODIFY, Clearance.CONSULT):
            if entry.clearance >= level:
                rows |= worst[level].only(possible)
        if entry.clearance >= Clearance.CONSULT:
            alone = worst[Clearance.CONSULT].only(possible)
        for track in TRACKS:
            if entry.track >= track:
                rows |= tracks[track].only(possible) & ~(untrained & ~alone)
        freer[index], trains[index] = rows, alone
    _patch_limited(decisions, freer, trains)
    not_training = count(untrained)
    held = [
        Held(rules.stage.rules[index].rule.id, _protocol_of(decisions, index), count(rows), count(trains[index]))
        for index, rows in freer.items()
        if rows.any()
    ]
    held.sort(key=lambda one: (-one.would_train, -one.freer, one.rule))
    several = not_training - sum(one.would_train for one in held)
    return SingleRules(n, not_training, several, tuple(held), freer)


def _patch_limited(decisions: Decisions, freer: dict[int, Words], trains: dict[int, Words]) -> None:
    """The few rows in which a physician wrote limits, one by one."""
    for row in decisions.limited_rows:
        what_if = ask_rules(
            decisions.cohort.source(row), decisions.protocol, stage=decisions.stage, as_of=decisions.as_of
        ).what_if
        here = np.array([row], np.int64)
        for rows in (*freer.values(), *trains.values()):
            clear_rows(rows, here)
        for index in held_by(what_if):
            set_rows(freer.setdefault(index, no_bits(decisions.n)), here)
            trained = what_if.without(index).may_train and not what_if.now.may_train
            if trained:
                set_rows(trains.setdefault(index, no_bits(decisions.n)), here)
            trains.setdefault(index, no_bits(decisions.n))


def _protocol_of(decisions: Decisions, index: int) -> str:
    rule = decisions.rules.stage.rules[index].rule
    return next((member.id for member in decisions.protocol.members if rule in member.rules), "exrx")
