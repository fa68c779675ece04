"""The six-minute walks of a course as a percentage of one named norm: before, after, and why where there is none.

A value is compared with what healthy people of the age, sex and size that stand beside it walk. Who is outside the
people that the norm was made from, or lacks a fact that it needs, has no percentage (NaN) and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from exrx.errors import Problem
from exrx.outcomes.change import Change, Floats
from exrx.training.capacity.formula import Formula, Range
from exrx.training.capacity.walking import FORMULAS, METRES, norm_needs, percent_predicted_walk

FIELDS = {"age": "age", "sex": "sex", "height": "height", "mass": "weight"}
"""The facts of a norm by the field of the dictionary (years, a word, cm, kg)."""
Rows = NDArray[np.int64]


@frozen(eq=False)
class WalkedPercent:
    """The percentages of N patients, NaN where there is none, and (row of the measurements, problem) for each that
    was walked and has none."""

    norm: Formula
    before: Floats
    after: Floats
    problems: tuple[tuple[int, Problem], ...]

    @property
    def change(self) -> Floats:
        """After minus before in percentage points."""
        return self.after - self.before


def norm_formula(norm: str) -> Formula:
    """The norm with its ranges, source and mark.

    Raises:
        PlanError: there is no such norm; the message names all.
    """
    norm_needs(norm)
    return next(formula for formula in FORMULAS if formula.id == f"walk-{norm}")


def needed_fields(norm: str) -> tuple[str, ...]:
    """The fields of the dictionary that a norm needs beside the walk; errors as `norm_formula`."""
    return tuple(FIELDS[name] for name in norm_needs(norm))


def walked_percent(change: Change, norm: str, people: Mapping[str, NDArray[np.generic]]) -> WalkedPercent:
    """The walks of a change, in metres, as percentages of a norm.

    Args:
        people: `needed_fields` by name, one entry a row of the measurements (M,): age in years, height in cm, weight
            in kg (NaN unknown), sex as a word of the dictionary (empty unknown).

    Raises:
        PlanError: there is no such norm.
    """
    formula = norm_formula(norm)
    problems: list[tuple[int, Problem]] = []
    ends = []
    for metres, rows in ((change.before, change.row_before), (change.after, change.row_after)):
        known = rows >= 0
        facts = {name: people[FIELDS[name]][rows[known]] for name in norm_needs(norm)}
        sex = np.where(np.isin(facts["sex"], ("male", "female")), facts["sex"], "unknown")
        sizes = {name: facts[name] for name in ("height", "mass") if name in facts}
        percent = np.full(len(rows), np.nan)
        percent[known] = percent_predicted_walk(metres[known], norm, facts["age"], sex, **sizes, outside="nan")
        problems += _reasons(formula, percent[known], metres[known], facts | {"sex": sex}, rows[known])
        ends.append(percent)
    return WalkedPercent(formula, ends[0], ends[1], tuple(sorted(problems, key=lambda found: found[0])))


def _reasons(
    formula: Formula, percent: Floats, metres: Floats, facts: Mapping[str, NDArray[np.generic]], rows: Rows
) -> Iterator[tuple[int, Problem]]:
    """Why a walk has no percentage: everything that is missing, or outside the people of the norm."""
    ranges: dict[str, Range] = {limit.name: limit for limit in formula.ranges}
    for place in np.flatnonzero(np.isnan(percent)).tolist():
        in_range = METRES.low <= metres[place] <= METRES.high
        said = [] if in_range else [f"the walk is not {METRES.low:g} to {METRES.high:g} m"]
        for name, column in facts.items():
            label, value = FIELDS[name], column[place]
            if name == "sex":
                said += [f"{label} is not known as female or male"] if value == "unknown" else []
            elif np.isnan(value):
                said.append(f"{label} is missing")
            elif not ranges[name].low <= value <= ranges[name].high:
                limit = ranges[name]
                said.append(f"{label} is outside {limit.low:g} to {limit.high:g} {limit.unit}")
        message = f"no percentage of the norm {formula.id.removeprefix('walk-')}: {'; '.join(said)}"
        yield int(rows[place]), Problem("six-minute-walk", None, "outside-norm", message)
