"""What changed from before to after: pairs of measurements, who got better by which difference, and who is missing.

The value before is the one marked `pre`, the value after the one marked `post`; without marks the first and the last
day of a patient's measurements. Nothing is filled in: a patient without a value after is counted, not dropped, and has
no change. A pair that contradicts itself (two baselines on one day, the after before the before) gives no change and is
named in `problems`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import stats

from exrx.errors import FieldError, InputFileError, Problem
from exrx.outcomes.measures import Difference, Measure, find_measure

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
ROUNDING = 1e-9
"""Below this a change counts as having reached a difference: 0.85 - 0.80 is 0.05."""
PRE, POST = "pre", "post"


@frozen(eq=False)
class Change:
    """One measure of N patients: `before`, `after`, their days, and `change` in the better direction; NaN and NaT
    where there is no value. `row_before`, `row_after`: their places in the measurements, -1 for none."""

    measure: Measure
    ids: tuple[str, ...]
    before: Floats
    after: Floats
    day_before: Days
    day_after: Days
    row_before: NDArray[np.int64]
    row_after: NDArray[np.int64]

    @property
    def change(self) -> Floats:
        """After minus before in the measure's unit, NaN where one of them is missing; positive is more, not better."""
        return self.after - self.before

    @property
    def paired(self) -> NDArray[np.bool_]:
        """Where both values are there."""
        return ~np.isnan(self.change)

    def better(self, difference: Difference) -> NDArray[np.int8]:
        """1 where it got better by at least the difference, -1 where worse by it, 0 between; 0 where unpaired."""
        least = difference.at_least / 100 * np.abs(self.before) if difference.percent else difference.at_least
        gain = self.change * self.measure.sign
        result = np.zeros(len(self.ids), np.int8)
        with np.errstate(invalid="ignore"):
            result[gain >= least - ROUNDING] = 1
            result[gain <= -(least - ROUNDING)] = -1
        return result


@frozen(eq=False)
class Effect:
    """The changes by measure, and what could not be used: (row of the input, problem); row -1 concerns a pair."""

    changes: tuple[Change, ...]
    problems: tuple[tuple[int, Problem], ...]


@frozen
class Summary:
    """A measure in the whole cohort. `n` patients have a row of it, usable or not; shares are of those with both.

    `mean`, `sd`, `low` and `high`: the mean change, its standard deviation and the 95 % interval of the mean (Student).
    None where fewer than two patients have both.
    """

    measure: Measure
    n: int
    paired: int
    no_before: int
    no_after: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    responders: tuple[tuple[Difference, int, int], ...]
    """A difference with how many got better and how many worse by it."""


def effect(
    ids: Sequence[str], days: Any, measures: Sequence[str], values: Any, marks: Sequence[str] | None = None,
    *, until: date | None = None,
) -> Effect:
    """Pairs of before and after from measurements in any order, one a row.

    Args:
        ids: pseudonyms.
        days: datetime64[D] or ISO dates, NaT where unknown.
        measures: ids of measures or fields.
        values: numbers in the measure's unit, NaN where unknown.
        marks: `pre`, `post` or empty, a row.
        until: the day of the question; what is dated later cannot have been measured. None refuses no day.

    Raises:
        InputFileError: columns of different lengths.
    """
    n = len(ids)
    marked = np.char.lower(np.asarray([""] * n if marks is None else marks, dtype=np.str_))
    if not n == len(days) == len(measures) == len(values) == len(marked):
        raise InputFileError("ids, days, measures, values and marks need one entry a measurement")
    rows = _Rows(
        *np.unique(np.asarray(ids, dtype=np.str_), return_inverse=True), np.asarray(days, "datetime64[D]"),
        np.asarray(values, np.float64), marked,
    )  # fmt: skip
    words, word = np.unique(np.asarray(measures, dtype=np.str_), return_inverse=True)
    known, faults = _known(words.tolist())
    for place, fault in faults.items():
        rows.refuse(word == place, "measure", "unknown-field", fault)
    usable = ~np.isin(word, list(faults))
    for wrong, what, code, message in (
        (~np.isin(marked, ("", PRE, POST)), "when", "unknown-word", "a mark is pre, post or empty"),
        (np.isnat(rows.days), "date", "impossible-date", "the day is missing or is no date; write it as 2026-11-23"),
        (rows.days > np.datetime64(until, "D") if until else np.zeros(n, np.bool_), "date", "impossible-date",
         "the day lies in the future; correct it"),
        (np.isnan(rows.values), "value", "not-a-number", "there is no number that can be used"),
    ):
        rows.refuse(usable & wrong, what, code, message)
        usable &= ~wrong
    changes = []
    for measure, places in known.items():
        here = usable & np.isin(word, places)
        low, high = measure.plausible
        wild = here & ((rows.values < low) | (rows.values > high))
        rows.refuse(wild, measure.id, "implausible", f"outside {low:g} to {high:g} {measure.unit}; it is not used")
        people = np.unique(rows.patient[np.isin(word, places)])
        changes.append(_change(measure, rows, np.flatnonzero(here & ~wild), people))
    return Effect(tuple(changes), tuple(sorted(rows.problems, key=lambda found: found[0])))


def _known(words: list[str]) -> tuple[dict[Measure, list[int]], dict[int, str]]:
    """The measures with the places of the words that mean them, and what is wrong with the other words."""
    known: dict[Measure, list[int]] = {}
    faults = {}
    for place, word in enumerate(words):
        try:
            known.setdefault(find_measure(word), []).append(place)
        except FieldError as error:
            faults[place] = str(error)
    return known, faults


@frozen(eq=False)
class _Rows:
    """The measurements as columns, and what was refused of them."""

    names: NDArray[np.str_]
    patient: NDArray[np.int64]
    days: Days
    values: Floats
    marks: NDArray[np.str_]
    problems: list[tuple[int, Problem]] = field(factory=list)

    def refuse(self, rows: NDArray[np.bool_], what: str, code: str, message: str) -> None:
        """Remember a problem for each row where `rows` is true."""
        self.refuse_at(np.flatnonzero(rows), what, code, message)

    def refuse_at(self, rows: NDArray[np.int64], what: str, code: str, message: str) -> None:
        """Remember a problem for each of these rows."""
        self.problems.extend((row, Problem(what, None, code, message)) for row in rows.tolist())


def _change(measure: Measure, rows: _Rows, chosen: NDArray[np.int64], patients: NDArray[np.int64]) -> Change:
    """The pairs of one measure from the usable rows of it, for everybody of whom it has a row."""
    chosen = chosen[np.lexsort((rows.days[chosen], rows.patient[chosen]))]
    group = np.searchsorted(patients, rows.patient[chosen])
    before, after = _ends(rows, chosen, group, len(patients))
    torn = np.zeros(len(patients), np.bool_)
    for end, what in ((before, "before"), (after, "after")):
        several = np.bincount(group[end], minlength=len(patients)) > 1
        rows.refuse_at(chosen[end & several[group]], what, "twice-on-one-day",
                       f"two values {what} stand on one day; keep the one that holds")  # fmt: skip
        torn |= several
    first, last = (_one_a_patient(chosen[end], group[end], len(patients)) for end in (before, after))
    both = (first >= 0) & (last >= 0)
    swapped = both & (rows.days[last] <= rows.days[first])
    rows.refuse_at(last[swapped & ~torn], measure.id, "after-before-before",
                   "the value after is not later than the value before; correct the days or the marks")  # fmt: skip
    first[torn | swapped] = last[torn | swapped] = -1
    nothing = np.datetime64("NaT")
    return Change(
        measure, tuple(rows.names[patients].tolist()), _taken(rows.values, first, np.nan),
        _taken(rows.values, last, np.nan), _taken(rows.days, first, nothing), _taken(rows.days, last, nothing),
        first, last,
    )  # fmt: skip


def _ends(
    rows: _Rows, chosen: NDArray[np.int64], group: NDArray[np.int64], patients: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the sorted rows are a value before, and which a value after.

    With marks the last day marked `pre` and the last marked `post`; without, the first day and a later last one.
    """
    days = rows.days[chosen].astype(np.int64)
    pre, post = rows.marks[chosen] == PRE, rows.marks[chosen] == POST
    has_marks = np.bincount(group[pre | post], minlength=patients).astype(np.bool_)[group]
    first, last = np.full(patients, np.iinfo(np.int64).max), np.full(patients, np.iinfo(np.int64).min)
    np.minimum.at(first, group, days)
    np.maximum.at(last, group, days)
    ends = []
    for mark in (pre, post):
        latest = np.full(patients, np.iinfo(np.int64).min)
        np.maximum.at(latest, group[mark], days[mark])
        ends.append(mark & (days == latest[group]))
    alone = ~has_marks
    before = ends[0] | (alone & (days == first[group]))
    after = ends[1] | (alone & (days == last[group]) & (last > first)[group])
    return before, after


def _one_a_patient(rows: NDArray[np.int64], group: NDArray[np.int64], patients: int) -> NDArray[np.int64]:
    found = np.full(patients, -1)
    found[group] = rows
    return found


def _taken(values: Any, rows: NDArray[np.int64], nothing: Any) -> Any:
    taken = np.full(len(rows), nothing, values.dtype)
    taken[rows >= 0] = values[rows[rows >= 0]]
    return taken


def summarise(change: Change) -> Summary:
    """The change of one measure over the cohort, with who is missing."""
    gains = change.change[change.paired]
    mean = sd = low = high = None
    if len(gains) > 1:
        mean, sd = float(gains.mean()), float(gains.std(ddof=1))
        half = float(stats.t.ppf(0.975, len(gains) - 1)) * sd / len(gains) ** 0.5
        low, high = mean - half, mean + half
    responders = [(known, change.better(known)) for known in change.measure.differences]
    return Summary(
        change.measure, len(change.ids), len(gains), int(np.isnan(change.before).sum()),
        int(np.isnan(change.after).sum()), mean, sd, low, high,
        tuple((known, int((moved == 1).sum()), int((moved == -1).sum())) for known, moved in responders),
    )  # fmt: skip
