"""Screening a cohort: the same law as for one patient, on bits.

A clearance is kept as one plane of bits a level, "at least this level", for D and for W; a track as two planes. All of
a decision's ordinals are expanded from these planes only when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import define

from exrx.bits import Words, all_bits, count, no_bits, unpack, unpack_ordinals
from exrx.cohort import Cohort
from exrx.errors import FieldError, MissingDependencyError
from exrx.protocol.local import loosening_notice
from exrx.protocol.model import Protocol
from exrx.protocol.stage import DECEASED_RULE, StageRules, stage_rules
from exrx.rules.many import Answers
from exrx.rules.restriction import Clearance, Level, Track
from exrx.screening.cohort_rules import LEVELS, TRACKS, CohortRules, of_rule
from exrx.screening.decision import Decision
from exrx.screening.one import as_date, screen
from exrx.screening.verdict import track_of
from exrx.today import Today

if TYPE_CHECKING:
    import pyarrow as pa


@define(eq=False, slots=False)
class Decisions:
    """The decisions of a cohort, in its order.

    `clearance`, `definite`, `worst` are uint8 (N,) of `Clearance`, `track` and `track_if_cleared` uint8 (N,) of
    `Track`; each is expanded when it is first asked for. `fired(rule)` and `undecided(rule)` are bool (N,).
    """

    cohort: Cohort
    protocol: Protocol
    stage: str
    as_of: date
    rules: CohortRules
    _today: Today
    _definite: dict[Clearance, Words]
    _worst: dict[Clearance, Words]
    _track: dict[Track, Words]
    _limited: dict[int, Decision]

    def __len__(self) -> int:
        return self.cohort.n

    @property
    def n(self) -> int:
        """The number of patients."""
        return self.cohort.n

    @cached_property
    def definite(self) -> npt.NDArray[np.uint8]:
        """What certainly holds."""
        return self._levels(self._definite, "definite_clearance")

    @cached_property
    def worst(self) -> npt.NDArray[np.uint8]:
        """What may hold."""
        return self._levels(self._worst, "worst_clearance")

    @cached_property
    def clearance(self) -> npt.NDArray[np.uint8]:
        """The clearance: D from consult upwards, else assess where W is consult or more, else W."""
        return self._levels(self._final, "clearance")

    @cached_property
    def track(self) -> npt.NDArray[np.uint8]:
        """The track, none from assess upwards."""
        untrained = self._final[Clearance.ASSESS]
        single, close = self._track[Track.INDIVIDUAL], self._track[Track.SUPERVISED]
        return self._expand([(single ^ close) | untrained, close | untrained], "track")

    @cached_property
    def track_if_cleared(self) -> npt.NDArray[np.uint8]:
        """The track that the patient would have if cleared."""
        single, close = self._track[Track.INDIVIDUAL], self._track[Track.SUPERVISED]
        return self._expand([single ^ close, close], "track_if_cleared")

    @cached_property
    def _final(self) -> dict[Clearance, Words]:
        return {
            **self._definite,
            Clearance.MODIFY: self._worst[Clearance.MODIFY],
            Clearance.ASSESS: self._worst[Clearance.CONSULT],
        }

    def _levels(self, planes: Mapping[Clearance, Words], name: str) -> npt.NDArray[np.uint8]:
        """Ordinals from "at least" planes: of six nested planes the binary digits are parities of some of them."""
        modify, consult = planes[Clearance.MODIFY], planes[Clearance.CONSULT]
        assess = planes.get(Clearance.ASSESS, consult)
        defer, stop, emergency = (planes[level] for level in LEVELS[2:])
        ones = modify ^ assess
        ones ^= consult
        ones ^= defer
        ones ^= stop
        ones ^= emergency
        return self._expand([ones, assess ^ defer ^ emergency, defer], name)

    def _expand(self, planes: list[Words], name: str) -> npt.NDArray[np.uint8]:
        ordinals = np.empty(self.n, np.uint8)
        unpack_ordinals(planes, ordinals)
        for row, decision in self._limited.items():
            ordinals[row] = getattr(decision, name)
        return ordinals

    def fired(self, rule: str) -> npt.NDArray[np.bool_]:
        """Where a rule certainly fires; FieldError if the protocol has no such rule at this stage."""
        return unpack(self._rule_words(rule)[0], self.n)

    def undecided(self, rule: str) -> npt.NDArray[np.bool_]:
        """Where a rule fires or not depending on facts that are missing; FieldError as `fired`."""
        true, possible = self._rule_words(rule)
        return unpack(possible & ~true, self.n)

    @property
    def today(self) -> Today:
        """The cohort on the day of the decisions."""
        return self._today

    @property
    def limited_rows(self) -> tuple[int, ...]:
        """The rows in which a physician wrote limits: their decisions are made one by one."""
        return tuple(self._limited)

    def at_least(self, clearance: Clearance) -> Words:
        """Where the clearance is at least this one, above `clear`; not to be changed."""
        return self._final[clearance]

    def rule_planes(self, index: int) -> tuple[Words, Words]:
        """Where the rule at this place of the stage fires, and where it fires or may fire, among the living."""
        return self._alive(self.rules.stage.rules[index].rule.id, self._answers, index)

    def beside_rules(self) -> Iterator[tuple[Clearance, Track, Words, Words]]:
        """What is asked for beside the rules: a clearance, a track, where it certainly is, and where it may be."""
        rules, everyone = self.rules, all_bits(self.n)
        yield rules.floor.clearance, track_of(rules.floor, rules.group_class), everyone, everyone
        for index in range(len(rules.stage.rules), len(rules.entries)):
            entry = rules.entries[index]
            alive = ~self._dead
            true, possible = self._answers.true(index) & alive, self._answers.possible(index) & alive
            yield entry.clearance, entry.track, true, possible
        limited = rules.limited(self._today) & ~self._dead
        yield Clearance.MODIFY, Track.GROUP, limited, limited

    def under(self, protocol: Protocol) -> Decisions:
        """The decisions of the same cohort on the same day under another protocol with the same stage."""
        stage, day = self.stage, self.as_of
        rules = compiled(stage_rules(protocol, stage))
        same = protocol.validity_at(stage) == self.protocol.validity_at(stage)
        today = self._today if same else self.cohort.at(day, protocol.validity_at(stage))
        definite, worst, track = cohort_planes(rules, today, 2)
        limited = {row: screen(self.cohort.source(row), protocol, stage=stage, as_of=day) for row in self._limited}
        return Decisions(self.cohort, protocol, stage, day, rules, today, definite, worst, track, limited)

    @cached_property
    def _answers(self) -> Answers:
        """Every rule's planes, kept once they are asked for."""
        return self.rules.program.run(self._today, conditions=range(len(self.rules.entries)))

    def _rule_words(self, rule: str) -> tuple[Words, Words]:
        places = self.rules.rule_places.get(rule)
        if places is None:
            known = ", ".join(sorted(self.rules.rule_places))
            raise FieldError(
                f"there is no rule '{rule}' in {self.protocol.id} at stage '{self.stage}'; it has: {known}"
            )
        return self._anywhere(rule, self.rules.program.run(self._today, conditions=places))

    def _anywhere(self, rule: str, answers: Answers) -> tuple[Words, Words]:
        """A rule's planes, joined over the places where joined protocols have a rule of that name."""
        planes = [self._alive(rule, answers, place) for place in self.rules.rule_places[rule]]
        true, possible = (np.bitwise_or.reduce(several) for several in zip(*planes, strict=True))
        return true, possible

    def _alive(self, rule: str, answers: Answers, index: int) -> tuple[Words, Words]:
        """A rule's planes among the living: of the dead nothing else is asked."""
        true, possible = of_rule(answers, self._confirmed, index)
        return (true, possible) if rule == DECEASED_RULE else (true & ~self._dead, possible & ~self._dead)

    @cached_property
    def _dead(self) -> Words:
        return self.rules.dead(self._today)

    @cached_property
    def _confirmed(self) -> Answers | None:
        return self.rules.confirmed(self._today)

    def rule_counts(self) -> dict[str, tuple[int, int]]:
        """For each rule how many patients it fires for, and for how many it is undecided."""
        counts = {}
        for rule in self.rules.rule_places:
            true, possible = self._anywhere(rule, self._answers)
            counts[rule] = count(true), count(possible & ~true)
        return counts

    def explain(self, row: int) -> Decision:
        """The decision of one row with its reasons; equal to `screen` of that patient."""
        if not 0 <= row < self.n:
            raise FieldError(f"there is no row {row}; the cohort has {self.n} patients")
        return screen(self.cohort.source(row), self.protocol, stage=self.stage, as_of=self.as_of)

    def to_arrow(self) -> pa.Table:
        """The decisions as an Arrow table with the names of the decision JSON, in the cohort's order.

        Raises:
            MissingDependencyError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError as error:
            raise MissingDependencyError.of("pyarrow", "tables", "An Arrow table") from error
        return pa.table(self.to_columns() | {"patient": pa.array([str(name) for name in self.cohort.ids])})

    def to_columns(self) -> dict[str, Any]:
        """The columns of `to_arrow` as Arrow arrays, `patient` first and all null: names are the caller's."""
        import pyarrow as pa

        def words(ordinals: npt.NDArray[np.uint8], levels: type[Level]) -> Any:
            return pa.DictionaryArray.from_arrays(pa.array(ordinals.view(np.int8)), pa.array(levels.words()))

        return {
            "patient": pa.nulls(self.n, pa.string()),
            "as_of": pa.repeat(pa.scalar(self.as_of, pa.date32()), self.n),
            "stage": pa.DictionaryArray.from_arrays(pa.array(np.zeros(self.n, np.int8)), pa.array([self.stage])),
            "clearance": words(self.clearance, Clearance),
            "definite_clearance": words(self.definite, Clearance),
            "worst_clearance": words(self.worst, Clearance),
            "track": words(self.track, Track),
            "track_if_cleared": words(self.track_if_cleared, Track),
            **self._loosened(pa),
        }

    def _loosened(self, pa: Any) -> dict[str, Any]:
        """A column with what local overlays loosened, where they did: a table has no other place that stays with it."""
        said = loosening_notice(self.protocol.local_changes, "en")
        same = pa.array(np.zeros(self.n, np.int8))
        return {"local_changes": pa.DictionaryArray.from_arrays(same, pa.array([said]))} if said else {}


def screen_cohort(
    cohort: Cohort, protocol: Protocol, *, stage: str, as_of: date | str, threads: int = 2
) -> Decisions:
    """What `protocol` proposes for every patient of a cohort, row by row as `screen` would.

    Args:
        cohort: N patients.
        protocol: from `load_protocol`.
        stage: a stage of the protocol.
        as_of: the day of the decisions.
        threads: how many threads share the rows; the answers do not depend on it.

    Raises:
        ProtocolError: the protocol has no such stage.
        PatientError: `as_of` is not a date.
    """
    day = as_date(as_of)
    rules = compiled(stage_rules(protocol, stage))
    today = cohort.at(day, protocol.validity_at(stage))
    definite, worst, track = cohort_planes(rules, today, threads)
    limited = {row: screen(cohort.source(row), protocol, stage=stage, as_of=day) for row in cohort.limited_rows()}
    return Decisions(cohort, protocol, stage, day, rules, today, definite, worst, track, limited)


@lru_cache(maxsize=64)
def compiled(stage: StageRules) -> CohortRules:
    """The stage's rules as one program, kept for the next call."""
    return CohortRules.of(stage)


def cohort_planes(
    rules: CohortRules, today: Today, threads: int
) -> tuple[dict[Clearance, Words], dict[Clearance, Words], dict[Track, Words]]:
    """At least each level for certain, at least each level as far as is known, at least each track: planes of bits."""
    groups = {level.word: rules.at_least(level) for level in LEVELS}
    tracks = {track.word: rules.at_least_track(track) for track in TRACKS}
    answers = rules.program.run(
        today,
        conditions=rules.waiting,
        groups={name: members for name, members in groups.items() if members},
        possible_groups={name: members for name, members in tracks.items() if members},
        threads=threads,
    )
    definite, worst = {}, {}
    for level in LEVELS:
        everyone = rules.floor.clearance >= level
        definite[level] = _group(answers, groups, level, 0, everyone)
        worst[level] = _group(answers, groups, level, 1, everyone)
    confirmed = rules.confirmed(today)
    for index in rules.waiting:
        true, possible = of_rule(answers, confirmed, index)
        for level in LEVELS:
            if rules.entries[index].clearance >= level:
                definite[level] |= true
                worst[level] |= possible
    floor = track_of(rules.floor, rules.group_class)
    track = {track: _group(answers, tracks, track, 1, floor >= track) for track in TRACKS}
    limited = rules.limited(today)
    definite[Clearance.MODIFY] = definite[Clearance.MODIFY] | limited
    worst[Clearance.MODIFY] = worst[Clearance.MODIFY] | limited
    _settle_dead(rules, today, definite, worst, track)
    return definite, worst, track


def _settle_dead(
    rules: CohortRules, today: Today, definite: dict[Clearance, Words], worst: dict[Clearance, Words],
    track: dict[Track, Words],
) -> None:
    """Of the dead only the engine's own rule holds."""
    dead = rules.dead(today)
    if not dead.any():
        return
    for planes in (definite, worst):
        for level in LEVELS:
            planes[level] = planes[level] | dead if level <= Clearance.STOP else planes[level] & ~dead
    floor = track_of(rules.floor, rules.group_class)
    for closer in TRACKS:
        if floor < closer:
            track[closer] = track[closer] & ~dead


def _group(answers: Answers, members: Mapping[str, Iterable[int]], level: Level, which: int, everyone: bool) -> Words:
    if everyone:
        return all_bits(answers.n)
    if not members[level.word]:
        return no_bits(answers.n)
    return answers.group_possible(level.word) if which else answers.group_true(level.word)
