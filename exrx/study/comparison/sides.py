"""A pair of protocols on one cohort: the answers of each, who each is made for, and the tables between them."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, frozen

from exrx.protocol.model import Protocol
from exrx.rules.restriction import Clearance, Track, join
from exrx.screening.compare import crossed
from exrx.screening.many import Decisions
from exrx.study.comparison.places import Assumptions, Places

OUTSIDE = len(Clearance)
ANSWERS = (*Clearance.words(), "outside")
"""The answers of a comparison: the clearances, and `outside` for whom a protocol is certainly not made."""
POPULATION = ("inside", "undecided", "outside")
NOT_COVERED = "scope.no-protocol"


@frozen(eq=False)
class Side:
    """One of the two protocols: how it is called here, what was screened, and who it is made for.

    `answers` uint8 (N,) in `ANSWERS`, `population` uint8 (N,) in `POPULATION`.
    """

    label: str
    decisions: Decisions
    answers: npt.NDArray[np.uint8]
    population: npt.NDArray[np.uint8]
    places: Places

    @property
    def protocol(self) -> Protocol:
        """The protocol."""
        return self.decisions.protocol

    def to_dict(self) -> dict[str, Any]:
        """Which protocol it is, as JSON."""
        start = join(member.starts_from for member in self.protocol.members)
        return {
            "label": self.label, "id": self.protocol.id, "version": self.protocol.version,
            "sha256": self.protocol.sha256, "title": self.protocol.title,
            "starts_from": {"setting": start.setting.word, "supervision": start.supervision.word},
            "unverified_rules": sum(each.rule.verified == "unverified" for each in self.decisions.rules.stage.rules),
            "rules": len(self.decisions.rules.stage.rules),
            "local_changes": [change.to_dict() for change in self.protocol.local_changes],
            "waiting_for_a_seat": self.places.waiting,
        }  # fmt: skip


@define(eq=False, slots=False)
class Pair:
    """Two protocols on one cohort of n patients.

    `clearance` (8, 8) counts from `ANSWERS` of the first (rows) to those of the second, `track` (4, 4) likewise,
    `population` (3, 3) who each is made for; each adds up to n.
    """

    first: Side
    second: Side
    stage: str
    as_of: date
    assumed: Assumptions
    seed: int
    times: int

    @property
    def n(self) -> int:
        """The number of patients."""
        return self.first.decisions.n

    @cached_property
    def clearance(self) -> npt.NDArray[np.int64]:
        """How many go from each answer to each."""
        return crossed(self.first.answers, self.second.answers, len(ANSWERS))

    @cached_property
    def track(self) -> npt.NDArray[np.int64]:
        """How many go from each track to each."""
        return crossed(self.first.decisions.track, self.second.decisions.track, len(Track))

    @cached_property
    def population(self) -> npt.NDArray[np.int64]:
        """For how many each is made, not decided, and not made."""
        return crossed(self.first.population, self.second.population, len(POPULATION))

    @cached_property
    def both(self) -> npt.NDArray[np.bool_]:
        """Where neither protocol is certainly not made for the patient (N,): only there can answers agree."""
        outside = POPULATION.index("outside")
        return np.asarray((self.first.population != outside) & (self.second.population != outside))

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """The patients who get another answer or another track, ascending."""
        a, b = self.first, self.second
        return np.flatnonzero((a.answers != b.answers) | (a.decisions.track != b.decisions.track)).astype(np.int64)


def population_of(decisions: Decisions) -> npt.NDArray[np.uint8]:
    """For whom a protocol is made (N,), in `POPULATION`; of several joined, any."""
    found = np.zeros(decisions.n, np.uint8)
    if NOT_COVERED in decisions.rules.rule_places:
        found[decisions.undecided(NOT_COVERED)] = 1
        found[decisions.fired(NOT_COVERED)] = 2
    return found


def answers_of(decisions: Decisions, population: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The clearances, with `outside` for those who wait for nothing but a protocol; a red flag stays what it is."""
    answers = decisions.clearance.copy()
    answers[(population == POPULATION.index("outside")) & (answers == Clearance.CONSULT)] = OUTSIDE
    return answers
