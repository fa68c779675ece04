"""The sweep itself: every variant's counts, as a tidy table, as curves and as indices, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, frozen

from exrx.cohort import Cohort
from exrx.protocol.local import BOTH_WAYS, LOOSENS, loosening_notice
from exrx.protocol.model import Protocol
from exrx.rules.restriction import Clearance, Track
from exrx.screening.variants import ScreenedVariants, Values, screen_variants
from exrx.study.sweep.axes import Axis
from exrx.study.sweep.design import Design
from exrx.study.sweep.sensitivity import LEVEL, RESAMPLES, Index, grid_indices, sobol_with_intervals

Floats = npt.NDArray[np.float64]
SCHEMA = "exrx/sweep/1"
OUTCOMES = {
    "may-train": (Clearance.CLEAR, Clearance.MODIFY),
    "ask-first": (Clearance.ASSESS,),
    "held-back": (Clearance.CONSULT, Clearance.DEFER, Clearance.STOP, Clearance.EMERGENCY),
}
"""The three answers that a service plans by, each with its clearances."""
TRAINED = (Track.GROUP, Track.INDIVIDUAL, Track.SUPERVISED)
STAFF_HOURS = "staff-hours"
_MOST_POINTS, _BINS = 30, 12


@frozen(eq=False)
class Curve:
    """One result along one axis: at each value the mean, least and most over everything else that was varied."""

    x: Floats
    mean: Floats
    least: Floats
    most: Floats
    loosens: tuple[str, ...]


@define(eq=False, slots=False)
class Sweep:
    """Every variant of a protocol over a cohort. Variant 0 is the protocol as it is, 1 to V those of the design.

    `hours`: staff hours a week for one patient of each track, as the caller states them; empty where none are stated.
    """

    protocol: Protocol
    axes: tuple[Axis, ...]
    design: Design
    variants: ScreenedVariants
    hours: dict[str, float]
    seed: int

    @property
    def n(self) -> int:
        """The number of patients."""
        return self.variants.n

    @property
    def stage(self) -> str:
        """The stage."""
        return self.variants.stage

    @property
    def as_of(self) -> date:
        """The day of the decisions."""
        return self.variants.as_of

    @cached_property
    def loosening(self) -> int:
        """How many variants of the design loosen the protocol, for some patients at least."""
        return sum(verdict in (LOOSENS, BOTH_WAYS) for verdict in self.variants.loosens[1:])

    @cached_property
    def results(self) -> dict[str, Floats]:
        """(1 + V,) each: shares of all patients, in the order of the variants; and staff hours a week, if stated."""
        share = 1 / max(self.n, 1)
        found = {
            name: self.variants.clearance[:, list(levels)].sum(axis=1) * share for name, levels in OUTCOMES.items()
        }
        found |= {track.word: self.variants.track[:, track] * share for track in TRAINED}
        if self.hours:
            each = np.array([self.hours.get(track.word, 0.0) for track in Track])
            found[STAFF_HOURS] = self.variants.track @ each
        return found

    def curve(self, axis: int, result: str) -> Curve:
        """A result along an axis: at each of its values, or where these are many, in twelve equal groups of them."""
        rows = self._independent
        which, y = self.design.which[rows, axis], self.results[result][1:][rows]
        numbers = self.axes[axis].values
        places = np.unique(which)
        if places.size > _MOST_POINTS:
            groups = [part for part in np.array_split(np.argsort(which, kind="stable"), _BINS) if part.size]
        else:
            groups = [np.flatnonzero(which == place) for place in places]
        verdicts = [{self.axes[axis].loosens[place] for place in which[group].tolist()} for group in groups]
        said = [LOOSENS if LOOSENS in found else BOTH_WAYS if BOTH_WAYS in found else min(found) for found in verdicts]
        x = np.array([numbers[which[group]].mean() for group in groups])
        mean, least, most = (np.array([of(y[group]) for group in groups]) for of in (np.mean, np.min, np.max))
        return Curve(x, mean, least, most, tuple(said))

    @property
    def _independent(self) -> slice:
        """The variants that are drawn independently: of a Sobol design the samples A and B."""
        return slice(0, 2 * self.design.samples) if self.design.kind == "sobol" else slice(None)

    @cached_property
    def indices(self) -> dict[str, list[Index]]:
        """For each result one index an axis; no entry where the result does not move, none for a Latin hypercube."""
        found: dict[str, list[Index]] = {}
        for name, result in self.results.items():
            if self.design.kind == "grid":
                found[name] = grid_indices(result[1:], [len(axis.numbers) for axis in self.axes])
            elif self.design.kind == "sobol":
                found[name] = sobol_with_intervals(result[1:], len(self.axes), seed=self.seed)
        return {name: indices for name, indices in found.items() if indices}

    def tidy(self) -> dict[str, Any]:
        """The whole sweep as columns, one row a variant and level of a measure.

        `variant`, a column for each axis, `loosens` (yes, no, both, same), `measure`, `level`, `patients`, `share`, and
        `hours` a week. NaN where a column does not apply.
        """
        found = self.variants
        blocks: list[tuple[str, str, npt.NDArray[Any], bool]] = []
        for measure, counts, levels in (
            ("clearance", found.clearance, Clearance), ("definite_clearance", found.definite, Clearance),
            ("worst_clearance", found.worst, Clearance), ("track", found.track, Track),
        ):  # fmt: skip
            blocks += [(measure, level.word, counts[:, level], False) for level in levels]
        blocks += [
            ("outcome", name, found.clearance[:, list(levels)].sum(axis=1), False) for name, levels in OUTCOMES.items()
        ]
        if self.hours:
            blocks.append((STAFF_HOURS, "week", self.results[STAFF_HOURS], True))
        count, variants = len(blocks), len(found.values)
        columns: dict[str, Any] = {"variant": np.repeat(np.arange(variants), count)}
        for place, axis in enumerate(self.axes):
            base = np.nan if axis.base_number is None else axis.base_number
            columns[axis.label] = np.repeat(np.r_[base, axis.values[self.design.which[:, place]]], count)
        columns["loosens"] = np.repeat(np.array(found.loosens, object), count)
        columns["measure"] = np.tile(np.array([block[0] for block in blocks], object), variants)
        columns["level"] = np.tile(np.array([block[1] for block in blocks], object), variants)
        values = np.stack([block[2] for block in blocks], axis=1).astype(float)
        timed = np.array([block[3] for block in blocks])
        columns["patients"] = np.where(timed, np.nan, values).ravel()
        columns["share"] = columns["patients"] / max(self.n, 1)
        columns["hours"] = np.where(timed, values, np.nan).ravel()
        return columns

    def index_table(self) -> dict[str, Any]:
        """The indices as columns: result, number, first and total order, each with its 95 % interval (NaN: none)."""
        rows = [
            (name, axis.name, index.first, *(index.first_interval or (np.nan, np.nan)), index.total,
             *(index.total_interval or (np.nan, np.nan)))
            for name, indices in self.indices.items() for axis, index in zip(self.axes, indices, strict=True)
        ]  # fmt: skip
        names = ("result", "number", "first", "first_low", "first_high", "total", "total_low", "total_high")
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        kinds = (object, object, *[float] * 6)
        return {name: np.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)}

    def manifest(self) -> dict[str, Any]:
        """What the sweep rests on, as JSON: enough to run it again and get the same bytes."""
        own, sampled = self.protocol, dict[str, Any]()
        if self.design.seed is not None:
            sampled |= {"samples": self.design.samples, "seed": self.design.seed}
        if self.design.kind == "sobol":
            sampled |= {"bootstrap_resamples": RESAMPLES, "interval": LEVEL}
        return {
            "schema": SCHEMA,
            "protocol": {"id": own.id, "version": own.version, "sha256": own.sha256},
            "dictionary_sha256": self.variants.cohort.dictionary.sha256,
            "stage": self.stage,
            "as_of": self.as_of.isoformat(),
            "patients": self.n,
            "synthetic_or_example": self.variants.cohort.has_examples,
            "local_changes": {lang: loosening_notice(own.local_changes, lang) for lang in ("da", "en")},
            "design": {"kind": self.design.kind, "variants": len(self.design), **sampled},
            "varied": [_axis_json(axis) for axis in self.axes],
            "variants_that_loosen": self.loosening,
            "staff_hours_a_patient_and_week": self.hours,
        }


def _axis_json(axis: Axis) -> dict[str, Any]:
    pairs = zip(axis.texts, axis.loosens, strict=True)
    loosening = [text for text, verdict in pairs if verdict in (LOOSENS, BOTH_WAYS)]
    return {"name": axis.name, "unit": axis.unit, "protocol_value": axis.base, "values": [str(x) for x in axis.numbers],
            "values_that_loosen": loosening}  # fmt: skip


def sweep(
    cohort: Cohort,
    protocol: Protocol,
    axes: Sequence[Axis],
    design: Design,
    *,
    stage: str,
    as_of: date | str,
    hours: Mapping[str, float] | None = None,
    seed: int = 2009,
    threads: int = 2,
) -> Sweep:
    """Ask every variant of a design about a cohort.

    Args:
        cohort: n patients.
        protocol: from `load_protocol`.
        axes: what is varied (`read_axes`).
        design: which variants (`make_design`).
        stage: a stage of the protocol.
        as_of: the day of the decisions.
        hours: staff hours a week for one patient of a track (group, individual, supervised).
        seed: of the bootstrap.
        threads: how many threads share the rows; the counts do not depend on it.

    Raises:
        ProtocolError: there is no such stage, or no rule of this stage uses a number that is varied.
        PatientError: `as_of` is not a date.
    """
    texts = [axis.texts for axis in axes]
    rows = [tuple(axis.base for axis in axes)]
    rows += [tuple(texts[place][value] for place, value in enumerate(row)) for row in design.which.tolist()]
    values = Values.of([axis.name for axis in axes], rows)
    variants = screen_variants(cohort, protocol, values, stage=stage, as_of=as_of, threads=threads)
    return Sweep(protocol, tuple(axes), design, variants, dict(hours or {}), seed)
