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
_MOST_POINTS = 41
OWN, ALONE, DESIGNED = "own", "one-at-a-time", "design"


@frozen(eq=False)
class Curve:
    """One result along one axis, every other number at the protocol's own value.

    `least` and `most` over all combinations with the others, where a grid asked them all; else None.
    """

    x: Floats
    y: Floats
    loosens: tuple[str, ...]
    least: Floats | None = None
    most: Floats | None = None


@define(eq=False, slots=False)
class Sweep:
    """Every variant of a protocol over a cohort: the protocol as it is, each number alone, those of the design.

    `alone`: for each axis the places of the values that were asked alone (all of them, or 41 evenly spread).
    `hours`: staff hours a week for one patient of each track, as the caller states them; empty where none are stated.
    """

    protocol: Protocol
    axes: tuple[Axis, ...]
    design: Design
    variants: ScreenedVariants
    alone: tuple[npt.NDArray[np.int64], ...]
    hours: dict[str, float]
    seed: int

    @cached_property
    def designed(self) -> slice:
        """The variants of the design."""
        first = 1 + sum(map(len, self.alone))
        return slice(first, first + len(self.design))

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
        return sum(verdict in (LOOSENS, BOTH_WAYS) for verdict in self.variants.loosens[self.designed])

    @cached_property
    def results(self) -> dict[str, Floats]:
        """For each variant the shares of all patients; and staff hours a week, if stated."""
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
        """A result along an axis."""
        first = 1 + sum(map(len, self.alone[:axis]))
        places, values = self.alone[axis], self.results[result]
        x, y = self.axes[axis].values[places], values[first : first + len(places)]
        loosens = tuple(self.axes[axis].loosens[place] for place in places.tolist())
        if self.design.kind != "grid" or len(self.axes) == 1:
            return Curve(x, y, loosens)
        grid = np.moveaxis(values[self.designed].reshape([len(each.numbers) for each in self.axes]), axis, 0)
        rows = grid.reshape(len(grid), -1)[places]
        return Curve(x, y, loosens, rows.min(axis=1), rows.max(axis=1))

    @cached_property
    def indices(self) -> dict[str, list[Index]]:
        """For each result one index an axis; no entry where the result does not move, none for a Latin hypercube."""
        found: dict[str, list[Index]] = {}
        for name, result in self.results.items():
            if self.design.kind == "grid":
                found[name] = grid_indices(result[self.designed], [len(axis.numbers) for axis in self.axes])
            elif self.design.kind == "sobol":
                found[name] = sobol_with_intervals(result[self.designed], len(self.axes), seed=self.seed)
        return {name: indices for name, indices in found.items() if indices}

    def tidy(self) -> dict[str, Any]:
        """The whole sweep as columns, one row a variant and level of a measure.

        `variant`, `asked` (own, one-at-a-time, design), a column for each axis, `loosens` (yes, no, both,
        same), `measure`, `level`, `patients`, `share`, and `hours` a week. NaN where a column does not apply.
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
        asked = [OWN, *[ALONE] * (self.designed.start - 1), *[DESIGNED] * len(self.design)]
        columns: dict[str, Any] = {
            "variant": np.repeat(np.arange(variants), count), "asked": np.repeat(np.array(asked, object), count)
        }  # fmt: skip
        for place, axis in enumerate(self.axes):
            base = np.nan if axis.base_number is None else axis.base_number
            alone = [axis.values[own] if at == place else np.full(len(own), base) for at, own in enumerate(self.alone)]
            chosen = axis.values[self.design.which[:, place]]
            columns[axis.label] = np.repeat(np.concatenate([[base], *alone, chosen]), count)
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
    shown = [str(number) for number in axis.numbers]
    return {"name": axis.name, "unit": axis.unit, "protocol_value": axis.base, "values": _shortened(shown),
            "values_that_loosen": _shortened(loosening)}  # fmt: skip


def _shortened(values: list[str]) -> list[str] | dict[str, Any]:
    """All of a few values; of many the first two, the last and their number."""
    if len(values) <= _MOST_POINTS:
        return values
    return {"first": values[0], "second": values[1], "last": values[-1], "count": len(values)}


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
    own = tuple(axis.base for axis in axes)
    alone = tuple(_spread(len(axis.numbers)) for axis in axes)
    rows = [own]
    for place, values in enumerate(alone):
        rows += [(*own[:place], texts[place][value], *own[place + 1 :]) for value in values.tolist()]
    rows += [tuple(texts[place][value] for place, value in enumerate(row)) for row in design.which.tolist()]
    asked = Values.of([axis.name for axis in axes], rows)
    variants = screen_variants(cohort, protocol, asked, stage=stage, as_of=as_of, threads=threads)
    return Sweep(protocol, tuple(axes), design, variants, alone, dict(hours or {}), seed)


def _spread(values: int) -> npt.NDArray[np.int64]:
    """The places of all values, or of so many evenly spread ones."""
    return np.unique(np.linspace(0, values - 1, min(values, _MOST_POINTS)).round().astype(np.int64))
