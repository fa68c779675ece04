"""`compare`: the answers of two protocols for every patient of a cohort, side by side, with intervals."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define

from exrx import __version__
from exrx.cohort import Cohort
from exrx.errors import InputFileError, ProtocolError
from exrx.protocol import load_protocol
from exrx.protocol.model import Protocol
from exrx.rules.restriction import Track
from exrx.screening.many import screen_cohort
from exrx.screening.one import as_date
from exrx.study.comparison.movers import Movers, movers
from exrx.study.comparison.places import assume, places_of
from exrx.study.comparison.sides import ANSWERS, POPULATION, Pair, Side, answers_of, population_of
from exrx.study.comparison.tally import figures_of
from exrx.study.figures import Figure
from exrx.study.statistics import TIMES

SCHEMA, SEED = "exrx/compare/1", 2009


@define(eq=False, slots=False)
class Comparison(Pair):
    """Two protocols on one cohort: the tables of the pair, `figures` with intervals, and `movers`."""

    @cached_property
    def movers(self) -> Movers:
        """Which rules move whom."""
        return movers(self.first.decisions, self.second.decisions)

    @cached_property
    def example(self) -> bool:
        """Whether any patient is an example or synthetic: then every output says so."""
        return self.first.decisions.cohort.has_examples

    def moved(self) -> dict[str, Any]:
        """The patients who moved as columns: id, both answers and tracks, and the rules that move each."""
        a, b, rows = self.first, self.second, self.rows
        words, tracks = np.array(ANSWERS, object), np.array(Track.words(), object)
        ids = self.first.decisions.cohort.ids
        return {
            "patient": np.array([str(ids[row]) for row in rows.tolist()], object),
            "clearance_a": words[a.answers[rows]],
            "clearance_b": words[b.answers[rows]],
            "track_a": tracks[a.decisions.track[rows]],
            "track_b": tracks[b.decisions.track[rows]],
            "rules": self.movers.of_each(rows),
        }

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every number: shares with Wilson's interval, differences, kappa and hours with paired bootstrap intervals."""
        return figures_of(self)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON, without patients."""
        return {
            "schema": SCHEMA,
            "engine": f"exrx {__version__}",
            "dictionary_sha256": self.first.decisions.cohort.dictionary.sha256,
            "a": self.first.to_dict(),
            "b": self.second.to_dict(),
            "stage": self.stage,
            "as_of": self.as_of.isoformat(),
            "example": self.example,
            "patients": self.n,
            "moved": int(self.rows.size),
            "seed": self.seed,
            "samples": self.times,
            "assumptions": self.assumed.to_dict(),
            "clearance": _lines(self.clearance, ANSWERS),
            "track": _lines(self.track, Track.words()),
            "population": _lines(self.population, POPULATION),
            "movers": [mover.to_dict() for mover in self.movers.found],
            "figures": [figure.to_dict() for figure in self.figures],
        }


def _lines(table: npt.NDArray[np.int64], words: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"a": words[a], "b": words[b], "patients": int(table[a, b])} for a, b in zip(*np.nonzero(table), strict=True)
    ]


def compare(
    first: Protocol | str | Path,
    second: Protocol | str | Path,
    cohort: Cohort,
    *,
    stage: str,
    as_of: date | str,
    training: str = "",
    target: str = "acsm-150-75",
    weeks: int = 12,
    group_class: str | Path | None = None,
    hospital_class: str | Path | None = None,
    seed: int = SEED,
    times: int = TIMES,
    threads: int = 2,
) -> Comparison:
    """The answers of two protocols for every patient of a cohort, side by side.

    Whoever a protocol is certainly not made for is `outside` and not hidden among those who wait for a physician.
    Seats and hours follow from a class (`group_class`, `hospital_class`), or week by week from the programme `training`
    towards `target`. Intervals draw patients, with both of their answers, `times` times from the `seed`.

    Raises:
        InputFileError: the cohort holds no patients.
        ProtocolError: a protocol that cannot be used, or without that stage.
        PatientError: `as_of` is not a date.
        PlanError: there is no such programme, target or class.
    """
    if not cohort.n:
        raise InputFileError("the cohort holds no patients, so there is nothing to compare")
    day = as_date(as_of)
    chosen = [each if isinstance(each, Protocol) else load_protocol(each) for each in (first, second)]
    for protocol in chosen:
        if stage not in protocol.stages:
            raise ProtocolError(f"{protocol.id} has no stage '{stage}'; it has: {', '.join(protocol.stages)}")
    labels = [protocol.id for protocol in chosen]
    if labels[0] == labels[1]:
        labels = [f"{label} ({letter})" for label, letter in zip(labels, "AB", strict=True)]
    assumed = assume(
        group=group_class, hospital=hospital_class, training=training, target=target if training else "",
        weeks=weeks if training else 1,
    )  # fmt: skip
    sides = []
    for label, protocol in zip(labels, chosen, strict=True):
        decisions = screen_cohort(cohort, protocol, stage=stage, as_of=day, threads=threads)
        population = population_of(decisions)
        sides.append(Side(label, decisions, answers_of(decisions, population), population,
                          places_of(decisions, assumed, day, threads)))  # fmt: skip
    return Comparison(sides[0], sides[1], stage, day, assumed, seed, times)
