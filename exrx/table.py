"""A table's headers and cells, kept as they were handed in: what belongs to which field, and any row as a patient."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
from attrs import define, evolve, field, frozen

from exrx.bits import Words, pack, set_positions
from exrx.columns.read import Dates, Recorded, read_cells, read_dates, table_value
from exrx.errors import FieldError, InputFileError, Problem, QuantityError
from exrx.fields import Dictionary, Field
from exrx.forms import Form
from exrx.given import Cells, NumberCells
from exrx.patient import Patient
from exrx.said import REFUSED_IDENTIFIER
from exrx.values import UNSHOWABLE, WITHHELD, has_identifier, is_missing, is_unshowable, json_safe, row_name

_HEADER = re.compile(r"\s*(?P<name>[^\[\]]*?)\s*(?:\[\s*(?P<unit>[^\[\]]*?)\s*\])?\s*")
_NEAR = 0.86
_DATED = re.compile(r"(?P<base>.+?)[ ._-]*(?P<part>date|dato|readings)", re.IGNORECASE)
_BIRTH = frozenset({"birth_date", "birthdate", "date_of_birth", "fødselsdato", "foedselsdato", "fødselsdag"})


@frozen(eq=False)
class Values:
    """A column of values: its header, the key it has in patient JSON, its unit."""

    header: str
    key: str
    entry: Field
    unit: str | None
    cells: Cells


@frozen(eq=False)
class Ids(Sequence[str]):
    """The pseudonyms of a table; `row-<n>` where there is none, or one that must not be here.

    `taken` holds given ids that look like such names themselves, so that no two rows share one by accident.
    """

    cells: Cells
    withheld: frozenset[int]
    taken: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return self.cells.n

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        given = None if row in self.withheld else self.cells.cell(int(row))
        return ("" if given is None else str(given).strip()) or row_name(int(row) + 1, self.taken)


def refuse_misspelt(header: str, dictionary: Dictionary, forms: Collection[str]) -> None:
    """Refuse an unknown header that is nearly a known one: what was meant must not be lost in silence.

    Raises:
        InputFileError: it is the date of a field written another way, nearly a field or nearly a form.
    """
    meant = _meant(" ".join(re.sub(r"\[[^\[\]]*\]", "", header).split()), dictionary, forms)
    if meant:
        raise InputFileError(
            f"the column '{header:.80}' is not known, but is nearly '{meant}'. "
            f"Rename it to that if it is meant, or to what it is, or map it with --mapping FILE, or drop the column."
        )


def _meant(name: str, dictionary: Dictionary, forms: Collection[str]) -> str | None:
    """The header that was probably meant, None if it is like no other."""
    plain = re.sub(r"[ ._-]+", "_", name.casefold()).strip("_")
    known = {re.sub("[ ._-]+", "_", alias): entry for alias, entry in dictionary.names_by_alias.items()}
    known |= {f"form_{form.replace('-', '_')}": f"form.{form}" for form in forms}
    found = _DATED.fullmatch(name)
    if found and plain not in _BIRTH:
        base = re.sub(r"[ ._-]+", "_", found["base"].casefold()).strip("_")
        part = "readings" if found["part"].casefold() == "readings" else "date"
        base = base if base in known else next(iter(get_close_matches(base, known, 1, _NEAR)), "")
        field = known.get(base, "")
        if field in dictionary.fields:
            dated = dictionary.fields[field].kind == "elapsed" and part == "date"
            return field if dated else f"{field}.{part}"
    near = [plain] if plain in known else get_close_matches(plain, [*known, *_BIRTH], 1, _NEAR)
    return known.get(near[0], "birth_date") if near else None


@define(eq=False)
class Table:
    """The columns of a table by what they are for."""

    n: int
    ids: Sequence[Any]
    values: dict[str, Values] = field(factory=dict)
    dates: dict[str, Cells] = field(factory=dict)
    forms: dict[str, Cells] = field(factory=dict)
    readings: dict[str, Cells] = field(factory=dict)
    origins: Cells | None = None
    faults: list[tuple[int, Problem]] = field(factory=list)

    def recorded(self, *, cell_units: bool = False) -> dict[str, Recorded]:
        """What each column says; InputFileError for a fault of a column's unit (see `read_cells`)."""
        found = {}
        for name, source in self.values.items():
            try:
                recorded = read_cells(source.entry, source.cells, source.unit, cell_units=cell_units)
            except QuantityError as error:
                raise InputFileError(_unit_fault(source, error)) from error
            if name in self.dates:
                _, wrong = read_dates(self.dates[name])
                recorded = evolve(recorded, refused=recorded.refused | (wrong & recorded.given))
            found[name] = recorded
        return found

    def days(self) -> dict[str, Dates]:
        """When the values of each column were observed."""
        return {name: read_dates(cells)[0] for name, cells in self.dates.items()}

    def form_days(self) -> dict[str, Dates]:
        """When each form was filled in; a date that cannot be used fills in nothing."""
        found = {}
        for name, cells in self.forms.items():
            found[name], wrong = read_dates(cells)
            self.faults += [
                (row, Problem("forms", json_safe(cells.cell(row)), "impossible-date",
                              f"the date of the form '{name}' cannot be used; it answers nothing."))
                for row in set_positions(wrong).tolist()
            ]  # fmt: skip
        return found

    def readings_of(self, name: str) -> Words | None:
        """Where a field was read twice or more, None if the table does not say."""
        cells = self.readings.get(name)
        if cells is None:
            return None
        if isinstance(cells, NumberCells):
            return pack((cells.values >= 2) & cells.present)
        coded = cells.coded()
        return pack(np.array([*(_count(value) > 1 for value in coded.values), False])[coded.codes])

    def used_origins(self) -> set[str]:
        """The texts that stand in the column of origins, if there is one."""
        if self.origins is None or not self.origins.n:
            return set()
        coded = self.origins.coded()
        return {str(coded.values[code]) for code in np.unique(coded.codes).tolist() if code >= 0}

    def patient(
        self, row: int, dictionary: Dictionary, forms: Mapping[str, Form], names: Collection[str] | None = None
    ) -> Patient:
        """The patient of a row, as `Patient.from_dict` reads the same values; with `names` of those fields alone."""
        content: dict[str, Any] = {"id": self.ids[row]}
        if self.origins is not None:
            content["origin"] = self.origins.cell(row)
        for name, source in self.values.items():
            if names is not None and name not in names:
                continue
            value = source.cells.cell(row)
            if not is_missing(value):
                day = self.dates[name].cell(row) if name in self.dates else None
                content[source.key] = {
                    "value": table_value(source.entry, value),
                    **({"unit": source.unit} if source.unit else {}),
                    **({"date": _day(day)} if _day(day) else {}),
                }
        asked = self.forms if names is None else {}
        days = ((form, _day(cells.cell(row))) for form, cells in asked.items())
        content["forms"] = [{"form": form, "date": day, "yes": []} for form, day in days if day]
        patient = Patient.from_dict(content, dictionary=dictionary, forms=forms)
        given = patient.observations
        counts = {name: _count(cells.cell(row)) for name, cells in self.readings.items()}
        counted = {
            name: evolve(given[name], readings=count)
            for name, count in counts.items()
            if count > 1 and name in given and given[name].possible is not None
        }
        filled = tuple(
            evolve(form, answers={name: answer for name, answer in form.answers.items() if name not in given})
            for form in patient.forms
            if form.problem is None
        )
        problems = tuple(problem for problem in patient.problems if problem.field != "forms")
        return evolve(patient, observations=given | counted, forms=filled, problems=problems)


def read_table(
    columns: Mapping[str, Cells], units: Mapping[str, str], dictionary: Dictionary, forms: Mapping[str, Form]
) -> Table:
    """The columns of a table by what they are for.

    Raises:
        InputFileError: columns of different lengths, two columns for one thing, a unit where there can be none, a
            header that is nearly a known one, or one that holds an identifier.
    """
    lengths = {cells.n: header for header, cells in columns.items()}
    if len(lengths) > 1:
        shown = ", ".join(f"'{header}' has {n}" for n, header in sorted(lengths.items())[:3])
        raise InputFileError(f"the columns have different numbers of rows: {shown}")
    table = Table(next(iter(lengths), 0), range(1, next(iter(lengths), 0) + 1))
    for header, cells in columns.items():
        _place(table, header, cells, units, dictionary, forms)
    for parts, what in ((table.dates, "date"), (table.readings, "readings")):
        for name in parts.keys() - table.values.keys():
            del parts[name]
            _unknown(table, f"{name}.{what}", f"there is no column '{name}' that '{name}.{what}' could belong to.")
    return table


def _place(
    table: Table, header: str, cells: Cells, units: Mapping[str, str], dictionary: Dictionary, forms: Mapping[str, Form]
) -> None:
    found = _HEADER.fullmatch(header)
    name, unit = (found["name"], found["unit"]) if found else (header, None)
    base, _, part = name.rpartition(".")
    if has_identifier(header):
        raise InputFileError("a CPR number stands in a header; the header names the columns, and no CPR number.")
    if name.casefold() == "id":
        if isinstance(table.ids, Ids):
            raise InputFileError(f"the column '{header}' and another one are both the id; give one of them")
        table.ids, faults = _read_ids(cells)
        table.faults += faults
    elif name.casefold() == "origin":
        if table.origins is not None:
            raise InputFileError(f"the column '{header}' and another one are both the origin; give one of them")
        table.origins = cells
    elif base.casefold() == "form":
        if part in forms:
            _put(table.forms, part, cells, header)
        else:
            refuse_misspelt(header, dictionary, forms)
            _unknown(table, header, f"there is no form '{part}'. There are: {', '.join(sorted(forms))}.")
    elif part in ("date", "readings") and base:
        entry = _field(table, header, base, dictionary, forms)
        if entry is not None:
            _put(table.dates if part == "date" else table.readings, entry.name, cells, header)
    else:
        born = re.sub("[ -]", "_", name.casefold()) in _BIRTH
        entry = _field(table, header, "age" if born else name, dictionary, forms)
        if entry is not None:
            unit = unit or units.get(header) or units.get(entry.name)
            if unit and not entry.is_numeric:
                raise InputFileError(f"the column '{header}' is a {entry.kind} and has no unit")
            key = "birth_date" if born else entry.name
            _put(table.values, entry.name, Values(header, key, entry, unit or None, cells), header)


def _field(table: Table, header: str, name: str, dictionary: Dictionary, forms: Mapping[str, Form]) -> Field | None:
    try:
        return dictionary.field(name)
    except FieldError as error:
        refuse_misspelt(header, dictionary, forms)
        _unknown(table, header, str(error))
        return None


def _unknown(table: Table, header: str, message: str) -> None:
    table.faults.append((-1, Problem(header, header, "unknown-field", message)))


def _put(parts: dict[str, Any], name: str, part: Any, header: str) -> None:
    if name in parts:
        raise InputFileError(f"the column '{header}' and another one are the same thing, '{name}'; give one of them")
    parts[name] = part


def _unit_fault(source: Values, error: QuantityError) -> str:
    scale = source.entry.ticks
    if error.code == "needs-unit":
        names = " or ".join(f"'{source.entry.name} [{unit}]'" for unit in scale.ambiguous)
        return f"the column '{source.header}' needs its unit in the header, because several are plausible: {names}"
    return f"the column '{source.header}': {error}"


def _count(given: Any) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        return 1


def _day(given: Any) -> Any:
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return json_safe(given)


def _read_ids(cells: Cells) -> tuple[Ids, list[tuple[int, Problem]]]:
    """The ids with those that are a person's identifier withheld, and a problem for each of them and each double."""
    faults = []
    withheld, unshown = _identifiers(cells)
    faults += [(row, Problem("id", WITHHELD, "identifier-refused", REFUSED_IDENTIFIER)) for row in sorted(withheld)]
    faults += [(row, Problem("id", None, "wrong-shape", UNSHOWABLE)) for row in sorted(unshown - withheld)]
    distinct = () if isinstance(cells, NumberCells) else cells.coded().values
    taken = frozenset(name for value in distinct if (name := str(value).strip()).startswith("row-"))
    ids = Ids(cells, frozenset(withheld | unshown), taken)
    if not (isinstance(cells, NumberCells) and cells.valid is None and bool((np.diff(cells.values) > 0).all())):
        faults += same_ids(ids)
    return ids, faults


def _identifiers(cells: Cells) -> tuple[set[int], set[int]]:
    """The rows whose id is a person's identifier, and those whose id cannot be shown."""
    if isinstance(cells, NumberCells) and cells.values.dtype.kind in "iu":
        day, month = cells.values // 10**8, cells.values // 10**6 % 100
        born = ((day >= 1) & (day <= 31)) | ((day >= 61) & (day <= 91))
        return set(np.flatnonzero(born & (month >= 1) & (month <= 12) & cells.present).tolist()), set()
    coded = cells.coded()
    texts = [json_safe(value) for value in coded.values]
    shaped = np.array([*(has_identifier(text) for text in texts), False], np.bool_)
    unshown = np.array([*(isinstance(text, str) and is_unshowable(text.strip()) for text in texts), False], np.bool_)
    return set(np.flatnonzero(shaped[coded.codes]).tolist()), set(np.flatnonzero(unshown[coded.codes]).tolist())


def same_ids(ids: Iterable[str]) -> list[tuple[int, Problem]]:
    """A problem for every row whose id stands in several rows."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(ids):
        if name:
            rows.setdefault(name, []).append(row)
    return [
        (row, Problem("id", name, "duplicate-id", f"the id '{name}' stands in several rows."))
        for name, found in rows.items()
        if len(found) > 1
        for row in found
    ]
