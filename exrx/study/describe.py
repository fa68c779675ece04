"""What an input holds, column by column, before anything is screened: `Describer.add` as often as there are parts.

Nothing is filled in and nothing expires here: cells are counted as they stand. The memory needed depends on the
number of columns and of distinct values, and takes eight bytes a row for the ids; the rows themselves are let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field

from exrx.bits import Words, count, no_bits, pack, set_positions, unpack
from exrx.cohort import Cohort
from exrx.columns.numbers import NEVER_AFTER, NEVER_BEFORE, NO_DATE, TickColumn
from exrx.columns.options import FlagColumn, OptionColumn, SetColumn
from exrx.columns.read import Dates, Recorded, table_value
from exrx.dates import DateSpan
from exrx.errors import Problem, QuantityError
from exrx.fields import Dictionary, Field, Members, Span
from exrx.given import Cells, CodedCells, NumberCells
from exrx.patient import Patient, is_example
from exrx.quantities.units import units_of
from exrx.study.described import FIRST_ROWS, DayCounts, FieldCounts, Found
from exrx.table import Table, Values
from exrx.values import read_given

_ROW_NAME = "row-"
_ASKED = 1000
"""So many distinct refused numbers are asked in which unit they would be plausible."""


@define(eq=False)
class Describer:
    """Counts what the parts of an input hold; `as_of` is the day that no date may be after.

    `names` are the input's own names of columns by field, where a mapping renamed them.
    """

    as_of: date
    names: Mapping[str, str] = field(factory=dict)
    rows: int = 0
    examples: int = 0
    fields: dict[str, FieldCounts] = field(factory=dict)
    forms: dict[str, DayCounts] = field(factory=dict)
    unread: dict[str, Found] = field(factory=dict)
    nameless: Found = field(factory=Found)
    identifiers: Found = field(factory=Found)
    faults: dict[tuple[str, str], Found] = field(factory=dict)
    _ids: list[npt.NDArray[np.int64]] = field(factory=list, repr=False)

    def add(self, cohort: Cohort, *, with_ids: bool = True) -> None:
        """Count the rows of one part, which follow those that were added before; without ids if those were added."""
        if cohort.of_patients:
            self._patients([cohort.source(row) for row in range(cohort.n)], cohort.dictionary)
        elif cohort.table is not None:
            self._table(cohort, cohort.table)
        if with_ids:
            self._names(cohort.ids)
        self.rows += cohort.n
        for counts in self.fields.values():
            counts.rows = self.rows

    def add_patients(self, patients: Iterable[Patient], dictionary: Dictionary) -> None:
        """Count patients who came one by one, as `add` counts rows."""
        kept = list(patients)
        self._patients(kept, dictionary)
        self._names([patient.id for patient in kept])
        self.rows += len(kept)
        for counts in self.fields.values():
            counts.rows = self.rows

    def add_ids(self, keys: npt.NDArray[np.int64], faults: Iterable[tuple[int, Problem]]) -> None:
        """Count ids before the rows that they belong to: equal ids as equal numbers, 0 for none, and their problems."""
        self._ids.append(keys)
        nameless = np.flatnonzero(keys == 0)
        self.nameless.add(int(nameless.size), (self.rows + nameless[:FIRST_ROWS] + 1).tolist())
        for row, problem in faults:
            self._fault(problem, [self.rows + row + 1])

    def skip(self, rows: int) -> None:
        """Count rows of which no column is known."""
        self.rows += rows

    @property
    def duplicates(self) -> Found:
        """The rows whose id stands in several rows."""
        keys = np.concatenate(self._ids) if self._ids else np.zeros(0, np.int64)
        _, inverse, times = np.unique(keys, return_inverse=True, return_counts=True)
        again = np.flatnonzero((times[inverse] > 1) & (keys != 0))
        return Found(int(again.size), (again[:FIRST_ROWS] + 1).tolist())

    def _names(self, ids: Iterable[Any]) -> None:
        """Keep a number for each id (0 for a row without one): equal ids give equal numbers."""
        keys = [0 if not (name := str(given)) or name.startswith(_ROW_NAME) else hash(name) or 1 for given in ids]
        self.add_ids(np.array(keys, np.int64), ())

    def _field(self, entry: Field, header: str | None = None, unit: str | None = None) -> FieldCounts:
        if entry.name not in self.fields:
            shown = self.names.get(entry.name) or header or entry.name
            self.fields[entry.name] = FieldCounts(entry, shown, unit, self.rows)
        return self.fields[entry.name]

    # Tables: columns at a time.

    def _table(self, cohort: Cohort, table: Table) -> None:
        for name, source in table.values.items():
            counts = self._field(source.entry, source.header, source.unit)
            self._column(counts, source, cohort.recorded[name], cohort.n)
            if name in cohort.dates:
                dates = cohort.dates[name]
                _count_days(counts.observed, dates, cohort.recorded[name].given, self.as_of, self.rows)
                undated = (dates.ordinals == NO_DATE) if dates.partial is None else dates.first() == NEVER_AFTER
                counts.undated += count(pack(undated) & cohort.recorded[name].given)
            else:
                counts.undated += count(cohort.recorded[name].given)
        for form, dates in cohort.form_dates.items():
            everybody = ~no_bits(cohort.n)
            _count_days(self.forms.setdefault(form, DayCounts()), dates, everybody, self.as_of, self.rows)
        for row, problem in cohort.faults:
            self._fault(problem, [self.rows + row + 1] if row >= 0 else [])
        if table.origins is not None:
            coded = table.origins.coded()
            example = np.array([*(is_example(str(value)) for value in coded.values), False])
            self.examples += int(example[coded.codes].sum())

    def _fault(self, problem: Problem, rows: list[int]) -> None:
        if problem.code == "unknown-field":
            self.unread.setdefault(problem.field, Found()).add(1, rows)
        elif problem.code == "identifier-refused":
            self.identifiers.add(1, rows)
        elif problem.code != "duplicate-id":
            self.faults.setdefault((problem.field, problem.code), Found()).add(1, rows)

    def _column(self, counts: FieldCounts, source: Values, recorded: Recorded, n: int) -> None:
        given, usable = recorded.given, recorded.given & ~recorded.refused
        counts.given += count(given)
        if recorded.dates is not None:
            _count_days(counts.values, recorded.dates, usable, self.as_of, self.rows, counts.entry.towards_future)
            if counts.entry.kind == "elapsed":
                counts.open += count(usable & pack(recorded.dates.first(NO_DATE) == NO_DATE))
        column = recorded.column
        if counts.entry.kind != "elapsed":
            if isinstance(column, TickColumn):
                _count_ticks(counts, column, unpack(usable, n))
            elif isinstance(column, FlagColumn):
                _count_flags(counts, column, usable)
            elif isinstance(column, OptionColumn):
                _count_options(counts, column, unpack(usable, n))
            elif isinstance(column, SetColumn):
                _count_members(counts, column, usable, n)
            elif recorded.dates is None:  # a column in which nobody knows anything
                counts.open += count(usable)
        if recorded.refused.any():
            self._refusals(counts, source, set_positions(recorded.refused))

    def _refusals(self, counts: FieldCounts, source: Values, rows: npt.NDArray[np.int64]) -> None:
        """Why cells were refused: each distinct value is read once more."""
        cells = source.cells
        if isinstance(cells, NumberCells):
            cells = NumberCells(rows.size, cells.values[rows])
        coded = cells.coded() if isinstance(source.cells, NumberCells) else _taken(cells, rows)
        said = [_refusal(source.entry, table_value(source.entry, value), source.unit) for value in coded.values]
        often = np.bincount(coded.codes[coded.codes >= 0], minlength=len(said))
        for code in dict.fromkeys(said):
            wanted = np.array([*(one == code for one in said), False])[coded.codes]
            found = rows[wanted]
            counts.refuse(code, int(found.size), (self.rows + found[:FIRST_ROWS] + 1).tolist())
        if source.entry.kind == "quantity":
            for value, code, times in list(zip(coded.values, said, often.tolist(), strict=True))[:_ASKED]:
                unit = _meant_unit(source.entry, value, source.unit) if code == "implausible" else None
                if unit:
                    counts.meant[unit] += times

    # Patients one by one.

    def _patients(self, patients: list[Patient], dictionary: Dictionary) -> None:
        for row, patient in enumerate(patients, self.rows + 1):
            for name, seen in patient.observations.items():
                counts = self._field(dictionary.fields[name])
                counts.given += 1
                if seen.unit:
                    counts.units[seen.unit] += 1
                if seen.date is None:
                    counts.undated += 1
                else:
                    _count_day(counts.observed, seen.date, self.as_of, row)
                if seen.possible is None:
                    code = seen.problem.code if seen.problem else "unusable"
                    counts.refuse(code, 1, [row])
                    unit = _meant_unit(counts.entry, seen.given, seen.unit or None) if code == "implausible" else None
                    if unit:
                        counts.meant[unit] += 1
                else:
                    _count_possible(counts, seen.possible, self.as_of, row)
            self.examples += patient.example
            for form in patient.forms:
                if form.problem is None and form.date is not None:
                    _count_day(self.forms.setdefault(form.form, DayCounts()), form.date, self.as_of, row)
            for problem in patient.problems:
                if problem.field not in patient.observations:
                    self._fault(problem, [row])


def _taken(cells: Cells, rows: npt.NDArray[np.int64]) -> CodedCells:
    """Some rows of cells as distinct values, only those that occur in them."""
    coded = cells.coded()
    present, codes = np.unique(coded.codes[rows], return_inverse=True)
    values = [coded.values[code] for code in present.tolist() if code >= 0]
    shift = int((present < 0).any())
    return CodedCells(rows.size, (codes - shift).astype(np.int32), values)


def _refusal(entry: Field, value: Any, unit: str | None) -> str:
    """The code of the problem that a value is; where the value can be read, its date could not."""
    try:
        read_given(entry, value, unit)
    except QuantityError as error:
        return error.code
    return "impossible-date"


def _meant_unit(entry: Field, value: Any, unit: str | None) -> str | None:
    """The commonest other unit in which an implausible number would be plausible, None if there is none."""
    if entry.kind != "quantity" or isinstance(value, (bool, dict, list)) or value is None:
        return None
    text = str(value).split()[0] if str(value).split() else ""
    for other in units_of(entry.ticks):
        if other.unit == (unit or entry.ticks.unit):
            continue
        try:
            found = read_given(entry, text, other.unit)
        except QuantityError:
            continue
        if isinstance(found, Span):
            return other.unit
    return None


def _count_days(
    counts: DayCounts, dates: Dates, there: Words, as_of: date, before: int, future: bool = False
) -> None:
    """Count the days of the rows `there`; for what lies ahead (`future`) no day is late."""
    ordinals = dates.ordinals
    mask = unpack(there, ordinals.size) if there.any() else np.zeros(ordinals.size, np.bool_)
    never = mask & ((ordinals == NEVER_BEFORE) | (ordinals == NEVER_AFTER))
    counts.never += int(never.sum())
    exact = mask & ~never & (ordinals != NO_DATE)
    days, times = np.unique(ordinals[exact], return_counts=True)
    counts.days.update(dict(zip(days.tolist(), times.tolist(), strict=True)))
    first = np.where(never, NO_DATE, ordinals)
    if dates.partial is not None:
        rows = dates.partial.rows[mask[dates.partial.rows]]
        counts.partial += int(rows.size)
        first[dates.partial.rows] = dates.partial.lows
    if not future:
        late = np.flatnonzero(mask & (first > as_of.toordinal()))
        counts.late.add(int(late.size), (before + late[:FIRST_ROWS] + 1).tolist())


def _count_day(counts: DayCounts, day: DateSpan, as_of: date, row: int, future: bool = False) -> None:
    if day.exact:
        counts.days[day.earliest.toordinal()] += 1
    else:
        counts.partial += 1
    if not future and day.earliest > as_of:
        counts.late.add(1, [row])


def _count_ticks(counts: FieldCounts, column: TickColumn, usable: npt.NDArray[np.bool_]) -> None:
    scale = column.field.ticks
    down = np.zeros(column.n, np.bool_) if column.down is None else unpack(column.down, column.n)
    up = np.zeros(column.n, np.bool_) if column.up is None else unpack(column.up, column.n)
    between = np.zeros(column.n, np.bool_)
    if column.spans is not None:
        between[column.spans.rows] = True
    exact = usable & ~down & ~up & (column.ticks != scale.missing)
    ticks, times = np.unique(column.ticks[exact], return_counts=True)
    counts.ticks.update(dict(zip(ticks.tolist(), times.tolist(), strict=True)))
    counts.censored += int((usable & ((down ^ up) | between)).sum())
    counts.open += int((usable & down & up & ~between).sum())


def _count_flags(counts: FieldCounts, column: FlagColumn, usable: Words) -> None:
    for answer, where in (("yes", column.sure & usable), ("no", usable & ~column.maybe)):
        if where.any():
            counts.answers[answer] += count(where)
    counts.open += count(usable & column.maybe & ~column.sure)


def _count_options(counts: FieldCounts, column: OptionColumn, usable: npt.NDArray[np.bool_]) -> None:
    often = np.bincount(column.codes[usable], minlength=len(column.masks))
    for mask, times in zip(column.masks, often.tolist(), strict=True):
        if times:
            _count_mask(counts, mask, times)


def _count_mask(counts: FieldCounts, mask: int, times: int = 1) -> None:
    if mask.bit_count() == 1:
        counts.answers[counts.entry.names(mask)[0]] += times
    else:
        counts.open += times


def _count_members(counts: FieldCounts, column: SetColumn, usable: Words, n: int) -> None:
    maybe = no_bits(n)
    for index, option in enumerate(counts.entry.options):
        sure = column.sure.get(index, no_bits(n)) & usable
        if sure.any():
            counts.answers[option] += count(sure)
        maybe |= column.maybe.get(index, usable)
    none = usable & ~maybe
    if none.any():
        counts.answers["none"] += count(none)


def _count_possible(counts: FieldCounts, possible: Any, as_of: date, row: int) -> None:
    entry = counts.entry
    if isinstance(possible, DateSpan):
        _count_day(counts.values, possible, as_of, row, entry.towards_future)
    elif possible == entry.unknown:
        counts.open += 1
    elif isinstance(possible, Span):
        if entry.kind == "elapsed":
            counts.values.never += 1
        elif possible.low == possible.high:
            counts.ticks[possible.low] += 1
        else:
            counts.censored += 1
    elif isinstance(possible, Members):
        counts.answers.update(entry.names(possible.sure) or ("none",))
    else:
        _count_mask(counts, possible)


