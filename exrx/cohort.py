"""A cohort: patients as columns. The given columns are kept by reference, so any row can be read back as the
`Patient` it is.

A table's headers: a field's name or alias, with its unit in brackets where that is not the canonical one
(`haemoglobin [g/dL]`); `<field>.date` when it was observed; `<field>.readings` how many readings of that day there
are; `form.<id>` the day a form was filled in, which answers "no" to every field it covers that the row leaves empty;
`birth_date`; `id`. What a cell may say is what patient JSON may say; a set is its members with semicolons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
from attrs import define, evolve, field

from exrx.bits import Rows, Words, no_bits, pack
from exrx.columns.read import Dates, Recorded
from exrx.errors import InputFileError, MissingDependencyError, Problem
from exrx.fields import Dictionary, Possible, Validity, load_dictionary
from exrx.forms import Form, load_forms
from exrx.given import cells_of
from exrx.patient import EXAMPLE, SYNTHETIC, Patient, is_example
from exrx.table import Table, read_table, same_ids
from exrx.ties import plan_of
from exrx.today import Today


@define(eq=False, slots=False)
class Cohort:
    """N patients as columns.

    `recorded` holds per field what its cells say, `dates` when it was observed, `form_dates` when a form was filled
    in, `faults` what was refused about a whole column (row -1) or an id. `ids` are pseudonyms, the numbers from 1 if
    none were given. Made by `from_columns`, `from_arrow`, `from_frame` or `from_patients`; not changed afterwards.
    """

    n: int
    dictionary: Dictionary
    forms: Mapping[str, Form]
    ids: Sequence[Any]
    recorded: dict[str, Recorded] = field(factory=dict, repr=False)
    dates: dict[str, Dates] = field(factory=dict, repr=False)
    form_dates: dict[str, Dates] = field(factory=dict, repr=False)
    faults: list[tuple[int, Problem]] = field(factory=list, repr=False)
    _table: Table | None = field(default=None, repr=False)
    _patients: tuple[Patient, ...] = field(default=(), repr=False)

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, Any],
        *,
        units: Mapping[str, str] | None = None,
        dates: Mapping[str, Any] | None = None,
        ids: Any = None,
        dictionary: Dictionary | None = None,
        forms: Mapping[str, Form] | None = None,
        cell_units: bool = False,
    ) -> Cohort:
        """A cohort from columns of equal length: NumPy arrays, lists or Arrow arrays by header.

        Parameters
        ----------
        columns
            Headers to columns (see the module). An unknown header is a fault in `faults`, not an error.
        units
            Field names to units, for headers without one.
        dates
            Field names to the days on which the values were observed; as `<field>.date` columns.
        ids
            Pseudonyms; as an `id` column.
        dictionary, forms
            The shipped ones by default.
        cell_units
            A text that lacks a unit it needs is refused in its row, instead of the whole column.

        Raises:
            InputFileError: columns of different lengths, two for the same field, a unit that is missing where two
            everyday units are plausible, unknown, or of the wrong kind, or a column that holds no values at all.
        """
        given = dict(columns)
        given |= {f"{name}.date": column for name, column in (dates or {}).items()}
        if ids is not None:
            given["id"] = ids
        fields = dictionary or load_dictionary()
        known = load_forms() if forms is None else forms
        table = read_table({str(name): cells_of(column, str(name)) for name, column in given.items()},
                           units or {}, fields, known)
        recorded = table.recorded(cell_units=cell_units)
        return cls(table.n, fields, known, table.ids, recorded, table.days(), table.form_days(), table.faults, table)

    @classmethod
    def from_arrow(cls, table: Any, **options: Any) -> Cohort:
        """A cohort from a pyarrow Table or RecordBatch; numbers are not copied. Options as `from_columns`.

        Raises:
            InputFileError: as `from_columns`; two columns of one name; a type that holds no clinical values.
        """
        names = list(table.schema.names)
        double = [name for name in names if names.count(name) > 1]
        if double:
            raise InputFileError(f"two columns are called '{double[0]}'")
        return cls.from_columns({name: table.column(i) for i, name in enumerate(names)}, **options)

    @classmethod
    def from_frame(cls, frame: Any, **options: Any) -> Cohort:
        """A cohort from a pandas, Polars or other data frame that narwhals knows. Options as `from_columns`.

        Raises:
            MissingDependencyError: narwhals is not installed.
            InputFileError: as `from_arrow`; it is not a data frame.
        """
        try:
            import narwhals as nw
        except ImportError as error:
            raise MissingDependencyError.of("narwhals", "tables", "A data frame") from error
        try:
            known = nw.from_native(frame)
        except TypeError as error:
            raise InputFileError(f"a {type(frame).__name__} is not a data frame") from error
        if isinstance(known, nw.LazyFrame):
            known = known.collect()
        return cls.from_columns({name: _series(known[name]) for name in known.columns}, **options)

    @classmethod
    def from_patients(cls, patients: Iterable[Patient], *, dictionary: Dictionary | None = None) -> Cohort:
        """A cohort of single patients, each known exactly as `know` knows it. Takes `know`'s time for each."""
        kept = tuple(patients)
        ids = [patient.id or str(row + 1) for row, patient in enumerate(kept)]
        faults = same_ids(ids)
        return cls(len(kept), dictionary or load_dictionary(), load_forms(), ids, faults=faults, patients=kept)

    def __len__(self) -> int:
        return self.n

    def at(self, as_of: date, validities: Mapping[str, Validity] | None = None) -> Today:
        """The cohort on a day; `validities` replace those of the dictionary, field by field."""
        day = as_of.date() if isinstance(as_of, datetime) else as_of
        return Today(self, day, dict(validities or {}))

    def source(self, row: int, names: Collection[str] | None = None) -> Patient:
        """The patient in a row, as `Patient.from_dict` reads the same values; IndexError if there is none.

        With `names` only what is said of those fields is read: no other value, no form.
        """
        if not 0 <= row < self.n:
            raise IndexError(f"there is no row {row}; the cohort has {self.n} patients")
        if self._patients:
            return self._patients[row]
        assert self._table is not None
        faults = tuple(self._row_faults.get(row, ()))
        patient = self._table.patient(row, self.dictionary, self.forms, names)
        return evolve(patient, id=str(self.ids[row]) or f"row-{row + 1}", problems=patient.problems + faults)

    def cells(self, row: int, names: Iterable[str]) -> list[Any]:
        """What stands in a row of a table for some fields that it has: the value and its date, one after the other."""
        assert self._table is not None
        table = self._table
        return [
            cells.cell(row)
            for name in names
            for cells in (table.values[name].cells, table.dates.get(name))
            if cells is not None
        ]

    @cached_property
    def _row_faults(self) -> dict[int, list[Problem]]:
        found: dict[int, list[Problem]] = {}
        for row, problem in self.faults:
            found.setdefault(row, []).append(problem)
        return found

    @property
    def of_patients(self) -> bool:
        """Whether it was made of single patients, which bring their own problems with them."""
        return bool(self._patients)

    @property
    def table(self) -> Table | None:
        """The columns as they were handed in; None for single patients."""
        return self._table

    @cached_property
    def mark(self) -> str:
        """`synthetic` or `example` where the origin of any patient says so, empty for a cohort of real ones."""
        if self._patients:
            said = {observed.origin for patient in self._patients for observed in patient.observations.values()}
            origins = said | {patient.origin for patient in self._patients}
        else:
            origins = self._table.used_origins() if self._table is not None else set()
        marks = {origin.strip().casefold() for origin in origins if is_example(origin)}
        return SYNTHETIC if SYNTHETIC in marks else EXAMPLE if marks else ""

    @property
    def has_examples(self) -> bool:
        """Whether any row is an example or synthetic, of whom nothing may be decided."""
        return bool(self.mark)

    def unticked(self, name: str) -> Possible | None:
        """What an unticked form says of a field, None if no form asks for it."""
        found = (form.unticked[name] for form in self.forms.values() if name in form.unticked)
        return next(found, None)

    def read_twice(self, name: str) -> Words:
        """Where a field holds two or more usable readings of one day, however old; see `Today.read_twice`."""
        if self._patients:
            seen = [patient.observations.get(name) for patient in self._patients]
            return pack(np.array([found is not None and found.readings > 1 for found in seen], np.bool_))
        twice = self._table.readings_of(name) if self._table is not None else None
        if twice is None or name not in self.recorded:
            return no_bits(self.n)
        return twice & self.recorded[name].given & ~self.recorded[name].refused

    @cached_property
    def single_rows(self) -> Rows:
        """The rows that are not a matter of columns, ascending: single patients, and partial dates that have to be
        compared with each other (a gate's with a finding's, one form's with another's)."""
        if self._patients:
            return np.arange(self.n, dtype=np.int64)
        partial: list[Dates | None] = list(self.form_dates.values()) if len(self.form_dates) > 1 else []
        for gate, findings in plan_of(self.dictionary).gates.items():
            if gate in self.dates:
                partial.append(self.dates[gate])
                partial += [self.dates.get(name) for name in findings]
                partial += [self.recorded[name].dates for name in findings if name in self.recorded]
        rows = [dates.partial.rows for dates in partial if dates is not None and dates.partial is not None]
        return np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.int64)

    def limited_rows(self) -> tuple[int, ...]:
        """The rows in which a physician wrote limits beside an answer; only single patients can hold them."""
        return tuple(
            row
            for row, patient in enumerate(self._patients)
            if any(seen.note is not None and seen.note.limits for seen in patient.observations.values())
        )


def _series(series: Any) -> Any:
    native = series.to_native()
    if isinstance(getattr(native, "dtype", None), np.dtype):
        return native.to_numpy()
    try:
        return series.to_arrow()
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "tables", "A data frame") from error
