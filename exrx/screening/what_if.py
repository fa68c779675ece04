"""What the answer would be if some facts were otherwise.

Clearance and track are maxima over the rules, so a change is tried by asking again only the rules that name a changed
fact; what all the others ask for is summed up once for each choice of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from attrs import define, evolve, frozen

from exrx.fields import Dictionary, Possible
from exrx.knowledge import DECEASED, Knowledge
from exrx.protocol.stage import StageRules
from exrx.rules.nodes import FALSE, TRUE, atoms
from exrx.rules.one import State, evaluate
from exrx.rules.restriction import Clearance, Restriction, Track
from exrx.screening.answers import Answer, Answers, answer
from exrx.screening.gates import GateLimit, gate_limits
from exrx.screening.verdict import GroupClass, clearance_of, track_of
from exrx.ties import plan_of, settle_ties, sum_scores

Levels = tuple[int, int]
"""A clearance and a track, as whole numbers."""


@frozen
class Outcome:
    """What an answer comes to: the clearance that certainly holds and the one that may hold, each with its track."""

    definite: Clearance
    worst: Clearance
    definite_track: Track
    worst_track: Track

    @property
    def clearance(self) -> Clearance:
        """The clearance: D from consult upwards, else assess where W is consult or more, else W."""
        return clearance_of(self.definite, self.worst)

    @property
    def track(self) -> Track:
        """The track, none from assess upwards."""
        return Track.NONE if self.clearance >= Clearance.ASSESS else self.worst_track

    @property
    def is_settled(self) -> bool:
        """True when no unknown fact can change clearance or track any more."""
        if self.definite != self.worst:
            return False
        return self.clearance >= Clearance.ASSESS or self.definite_track == self.worst_track

    @property
    def may_train(self) -> bool:
        """True when nothing that may hold forbids training today."""
        return self.clearance <= Clearance.MODIFY

    def is_as_free_as(self, other: Outcome) -> bool:
        """Neither clearance nor track is more cautious than the other's."""
        return self.clearance <= other.clearance and self.track <= other.track

    def is_freer_than(self, other: Outcome) -> bool:
        """As free in both, and freer in one."""
        return self.is_as_free_as(other) and (self.clearance, self.track) != (other.clearance, other.track)


@define(slots=False)
class WhatIf:
    """One patient's answers, to be tried with other facts."""

    found: Answers
    knowledge: Knowledge
    limits: tuple[GateLimit, ...]
    group_class: GroupClass
    levels: list[Levels]
    _others: dict[tuple[int, ...], tuple[int, int, int, int]]

    @classmethod
    def of(cls, found: Answers, knowledge: Knowledge, limits: tuple[GateLimit, ...]) -> WhatIf:
        """As the patient was screened: the answers, what was known, and the limits that gates brought."""
        group_class = GroupClass.of(found.stage.dictionary)
        levels = [_levels(each.active.rule.then, group_class) for each in found.answers]
        return cls(found, knowledge, limits, group_class, levels, {})

    @property
    def stage(self) -> StageRules:
        """The rules that were asked."""
        return self.found.stage

    @property
    def dictionary(self) -> Dictionary:
        """The dictionary of the fields."""
        return self.found.stage.dictionary

    @property
    def is_dead(self) -> bool:
        """True of a patient whom the record calls dead: nothing else is asked then, and nothing can change it."""
        return self.knowledge.state[DECEASED] == 0b10

    @cached_property
    def now(self) -> Outcome:
        """The answer as it is."""
        return self._sum({}, self._base_now)

    def levels_of(self, restriction: Restriction) -> Levels:
        """The clearance and the track that a restriction asks for."""
        return _levels(restriction, self.group_class)

    def outcome(self, changes: Mapping[str, Possible], readings: Mapping[str, int] | None = None) -> Outcome:
        """The answer if `changes` were what is possible for those facts, everything else unchanged."""
        state, touched = state_with(self.knowledge.state, changes, self.dictionary)
        return self._sum(self._asked_again(state, touched, readings), self._base_with(state, touched, changes))

    def answers(self, changes: Mapping[str, Possible]) -> dict[int, Answer]:
        """The rules that name a changed fact, by their place, with their new answers."""
        state, touched = state_with(self.knowledge.state, changes, self.dictionary)
        return self._asked_again(state, touched, None)

    def without(self, index: int) -> Outcome:
        """The answer if one rule were not there."""
        silent = Answer(self.found.answers[index].active, FALSE)
        return self._sum({index: silent}, self._base_now)

    def _asked_again(
        self, state: State, touched: tuple[str, ...], readings: Mapping[str, int] | None
    ) -> dict[int, Answer]:
        counted = self.knowledge.readings if readings is None else {**self.knowledge.readings, **readings}
        again = {index for name in touched for index in self.stage.rules_by_field.get(name, ())}
        return {index: answer(self.found.answers[index].active, state, counted) for index in again}

    def _base_with(
        self, state: State, touched: tuple[str, ...], changes: Mapping[str, Possible]
    ) -> tuple[Levels, Levels]:
        """What is asked for beside the rules; of a gate that was answered otherwise, the limits of the new answer."""
        gate = any(self.dictionary.fields[name].kind == "gate" for name in changes)
        if not gate:
            return self._base_now if self._guarding.isdisjoint(touched) else self._base(state, self.limits)
        written = {name: said for name, said in self.knowledge.gate_limits.items() if name not in changes}
        knowledge = evolve(self.knowledge, state=dict(state), gate_limits=written)
        return self._base(state, gate_limits(knowledge, self.dictionary))

    @cached_property
    def _base_now(self) -> tuple[Levels, Levels]:
        return self._base(self.knowledge.state, self.limits)

    @cached_property
    def _guarding(self) -> frozenset[str]:
        """The fields that say for whom a protocol is made."""
        guards = (guard for guard, _ in self.stage.starts if guard is not None)
        return frozenset(atom.field.name for guard in guards for atom in atoms(guard))

    def _base(self, state: State, limits: tuple[GateLimit, ...]) -> tuple[Levels, Levels]:
        """What certainly holds and what may hold beside the rules: starting points, and limits of gates."""
        sure = [self.levels_of(limit.restriction) for limit in limits]
        possible = list(sure)
        for guard, start in self.stage.starts:
            applies = TRUE if guard is None else evaluate(guard, state)
            if applies == TRUE:
                sure.append(self.levels_of(start))
            if applies != FALSE:
                possible.append(self.levels_of(start))
        return _largest(sure), _largest(possible)

    def _sum(self, again: Mapping[int, Answer], base: tuple[Levels, Levels]) -> Outcome:
        definite, worst, definite_track, worst_track = self._of_others(tuple(sorted(again)))
        (base_definite, base_definite_track), (base_worst, base_worst_track) = base
        definite, worst = max(definite, base_definite), max(worst, base_worst)
        definite_track, worst_track = max(definite_track, base_definite_track), max(worst_track, base_worst_track)
        for index, found in again.items():
            if found.state == FALSE:
                continue
            clearance, track = self.levels[index]
            worst, worst_track = max(worst, clearance), max(worst_track, track)
            if found.state == TRUE:
                definite, definite_track = max(definite, clearance), max(definite_track, track)
        return Outcome(Clearance(definite), Clearance(worst), Track(definite_track), Track(worst_track))

    def _of_others(self, asked_again: tuple[int, ...]) -> tuple[int, int, int, int]:
        """What all other rules ask for; remembered, for the same facts are tried with several values."""
        if asked_again not in self._others:
            left_out = set(asked_again)
            standing = [each for each in self._standing if each[0] not in left_out]
            sure = _largest([self.levels[index] for index, state in standing if state == TRUE])
            possible = _largest([self.levels[index] for index, _ in standing])
            self._others[asked_again] = sure[0], possible[0], sure[1], possible[1]
        return self._others[asked_again]

    @cached_property
    def _standing(self) -> list[tuple[int, int]]:
        return [(index, each.state) for index, each in enumerate(self.found.answers) if each.state != FALSE]

    def standing(self) -> Iterator[int]:
        """The places of the rules that fire or may fire."""
        return (index for index, _ in self._standing)


def _levels(restriction: Restriction, group_class: GroupClass) -> Levels:
    return int(restriction.clearance), int(track_of(restriction, group_class))


def _largest(levels: list[Levels]) -> Levels:
    return max((c for c, _ in levels), default=0), max((t for _, t in levels), default=0)


def state_with(
    known: State, changes: Mapping[str, Possible], dictionary: Dictionary
) -> tuple[State, tuple[str, ...]]:
    """The state with some facts changed, and all fields that changed with them through ties and scores."""
    state = dict(known) | dict(changes)
    touched = list(changes)
    if not linked_fields(dictionary) & changes.keys():
        return state, tuple(touched)
    plan = plan_of(dictionary)
    tied = _tied_fields(dictionary)
    if any(name in tied for name in changes):
        settle_ties(plan, state)
        touched += [name for name in tied if state[name] != known[name]]
    if any(name in items for items in plan.scores.values() for name in changes):
        sum_scores(plan, state, {})
        touched += [name for name in plan.scores if state[name] != known[name]]
    return state, tuple(touched)


@lru_cache(maxsize=4)
def _tied_fields(dictionary: Dictionary) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for tie in dictionary.ties for name in (tie.if_field, tie.then_field)))


@lru_cache(maxsize=4)
def linked_fields(dictionary: Dictionary) -> frozenset[str]:
    """The fields from whose answer something follows for another: tied ones, and the items of scores."""
    return frozenset(_tied_fields(dictionary)) | {name for entry in dictionary.fields.values() for name in entry.items}
