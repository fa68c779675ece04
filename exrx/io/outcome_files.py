"""Filled questionnaires, measurements and goals from CSV or Parquet; every row is used or named in the problems.

    answers       id, date, 1, 2, .. (or q1, item 1, phq-9.1)       one row a form
    measurements  id, date, measure, value, when (pre, post)        one row a measurement; a value may carry its unit;
                  age, sex, height, weight for a norm of the walk
    goals         id, goal, weight, before, after                   one row a goal; levels -2 to 2
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from attrs import Factory, frozen
from numpy.typing import NDArray

from exrx.errors import FieldError, InputFileError, MissingDependencyError, Problem, QuantityError
from exrx.field import Field
from exrx.fields import load_dictionary
from exrx.io.csvread import read_csv
from exrx.io.patients_json import FileProblem, read_bytes, shown_name
from exrx.io.sources import PARQUET
from exrx.io.tables import MISSING
from exrx.outcomes.goals import MOST_WEIGHT
from exrx.outcomes.measures import find_measure
from exrx.outcomes.questionnaires import Questionnaire
from exrx.quantities import read_value
from exrx.said import REFUSED_IDENTIFIER
from exrx.values import has_identifier

_ITEM = re.compile(r"(?:.*[._ -])?(?:q|item|spm)?[ ._-]*0*(\d{1,2})", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
NOT_A_NUMBER = np.nan
Floats = NDArray[np.float64]


@frozen(eq=False)
class Answers:
    """N filled forms: pseudonyms, ISO days (empty where there is none), (N, items) answers, and what was refused."""

    ids: tuple[str, ...]
    days: tuple[str, ...]
    answers: Floats
    problems: tuple[FileProblem, ...]


@frozen(eq=False)
class Measurements:
    """N measurements: pseudonyms, days (NaT), measure words, values (NaN) in the measure's unit, marks."""

    ids: tuple[str, ...]
    days: NDArray[np.datetime64]
    measures: tuple[str, ...]
    values: Floats
    marks: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    people: dict[str, NDArray[np.generic]] = Factory(dict)
    """Facts of the person that were asked for, (N,) each: a quantity in its canonical unit (NaN), a choice ('')."""


@frozen(eq=False)
class Goals:
    """The goals of N patients: (N, most goals) levels before and after and weights (0 where there is no such goal)."""

    ids: tuple[str, ...]
    before: Floats
    after: Floats
    weights: Floats
    problems: tuple[FileProblem, ...]


@frozen
class Texts:
    """A table as text, with the columns' names in lower case."""

    name: str
    columns: dict[str, list[str]]
    problems: list[FileProblem]

    @property
    def n(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def column(self, name: str) -> list[str]:
        """A column's texts, empty where a text means nothing; empty texts where there is no such column."""
        given = self.columns.get(name, [""] * self.n)
        return ["" if cell.casefold() in MISSING else cell for cell in given]

    def need(self, *names: str) -> None:
        """Refuse a table that lacks one of these columns."""
        absent = [name for name in names if name not in self.columns]
        if absent:
            raise InputFileError(
                f"{self.name} has no column '{absent[0]}'. It has: {', '.join(self.columns)}. "
                f"Needed are: {', '.join(names)}."
            )

    def refuse(self, row: int, code: str, message: str) -> None:
        self.problems.append(FileProblem(row + 1, f"{self.name}, row {row + 1}", code, message))


def read_answers(path: str | Path, form: Questionnaire) -> Answers:
    """The filled forms of a file; a cell that holds no number is no answer, and a problem.

    Raises:
        InputFileError: the file cannot be read, or has no column for an item; two columns for one item.
        MissingDependencyError: Parquet without pyarrow.
    """
    table = read_texts(path)
    columns = _items(table, form)
    answers = np.full((table.n, form.items), NOT_A_NUMBER)
    for item, name in columns.items():
        answers[:, item - 1] = _numbers(table, name)
    days = table.column("date")
    for row, day in enumerate(days):
        if day and not _is_day(day):
            table.refuse(row, "impossible-date", "the date is not read; write it as 2026-11-23")
            days[row] = ""
    return Answers(tuple(_ids(table)), tuple(days), answers, tuple(table.problems))


def read_measurements(path: str | Path, facts: Sequence[str] = ()) -> Measurements:
    """The measurements of a file. A value may carry its unit; a value that cannot be read is NaN and a problem.

    Args:
        facts: fields of the dictionary that have to stand beside each value, as age and height; they go to `people`.

    Raises:
        InputFileError: the file cannot be read or lacks a column.
        MissingDependencyError: Parquet without pyarrow.
    """
    table = read_texts(path)
    table.need("id", "date", "measure", "value")
    measures, units = table.column("measure"), table.column("unit")
    known: dict[tuple[str, str, str], float | str] = {}
    values = np.full(table.n, NOT_A_NUMBER)
    for row, said in enumerate(zip(measures, table.column("value"), units, strict=True)):
        found = known.get(said)
        if found is None:
            found = known[said] = _value(*said)
        if isinstance(found, str):
            table.refuse(row, "not-a-number", found)
        else:
            values[row] = found
    people = {name: _fact(table, load_dictionary().field(name)) for name in facts}
    ids, days, marks = _ids(table), _days(table), [mark.casefold() for mark in table.column("when")]
    return Measurements(tuple(ids), days, tuple(measures), values, tuple(marks), tuple(table.problems), people)


def _fact(table: Texts, entry: Field) -> NDArray[np.generic]:
    """A fact of the person in each row, under any name of the field; what cannot be read is unknown and a problem."""
    names = (entry.name, *entry.aliases)
    column = next((name for name in names if name.casefold() in table.columns), None)
    if column is None:
        raise InputFileError(f"{table.name} has no column '{entry.name}', which this norm needs (also: "
                             f"{', '.join(entry.aliases)}). It has: {', '.join(table.columns)}.")  # fmt: skip
    cells = table.column(column.casefold())
    if entry.scale is None:
        return np.array([_option(table, entry, row, cell) for row, cell in enumerate(cells)], np.str_)
    known: dict[str, float | str] = {"": NOT_A_NUMBER}
    numbers = np.full(table.n, NOT_A_NUMBER)
    for row, cell in enumerate(cells):
        if cell not in known:
            known[cell] = _in_unit(cell, entry, None, "a percentage needs a number, and this is a range")
        found = known[cell]
        if isinstance(found, str):
            table.refuse(row, "not-a-number", f"'{column}' is not used: {found}")
        else:
            numbers[row] = found
    return numbers


def _option(table: Texts, entry: Field, row: int, cell: str) -> str:
    words = {word.casefold(): option for option in entry.options
             for word in (option, *entry.option_labels.get(option, {}).values())}  # fmt: skip
    found = words.get(cell.casefold(), "")
    if cell and not found:
        table.refuse(row, "not-an-option", f"'{entry.name}' is none of: {', '.join(entry.options)}; it is not used")
    return found


def read_goals(path: str | Path) -> Goals:
    """The goals of a file by patient. A goal without a level before is refused: nothing can be said of it afterwards.

    Raises:
        InputFileError: the file cannot be read or lacks a column.
        MissingDependencyError: Parquet without pyarrow.
    """
    table = read_texts(path)
    table.need("id", "goal", "before", "after")
    before, after = _numbers(table, "before"), _numbers(table, "after")
    weights = _numbers(table, "weight") if "weight" in table.columns else np.ones(table.n)
    goals: dict[str, list[tuple[float, float, float]]] = {}
    for row, (name, goal) in enumerate(zip(_ids(table), table.column("goal"), strict=True)):
        fault = _goal_fault(goal, before[row], after[row], weights[row])
        if fault:
            table.refuse(row, "goal-without-level", fault)
            goals.setdefault(name, [])
        else:
            goals.setdefault(name, []).append((before[row], after[row], weights[row]))
    most = max((len(entries) for entries in goals.values()), default=0)
    made = np.full((3, len(goals), most), NOT_A_NUMBER)
    made[2] = 0.0
    for place, entries in enumerate(goals.values()):
        if entries:
            made[:, place, : len(entries)] = np.array(entries).T
    return Goals(tuple(goals), made[0], made[1], made[2], tuple(table.problems))


def _goal_fault(goal: str, before: float, after: float, weight: float) -> str:
    levels = (-2, -1, 0, 1, 2)
    if not goal:
        return "the goal has no words; write what the patient wants to reach"
    if before not in levels:
        return "the goal has no level before, one of -2, -1, 0, 1, 2; set the levels with the patient first"
    if not np.isnan(after) and after not in levels:
        return "the level after is none of -2, -1, 0, 1, 2"
    if not 0 < weight <= MOST_WEIGHT:
        return f"the weight of the goal is not a number above 0, at most {MOST_WEIGHT}"
    return ""


def read_texts(path: str | Path) -> Texts:
    """A CSV or Parquet file as columns of text; errors as `read_answers`."""
    name, data = shown_name(path), read_bytes(path)
    if Path(path).suffix.lower() in PARQUET:
        return Texts(name, _parquet(data, name), [])
    text = read_csv(data, name)
    columns = {header.strip().casefold(): column for header, column in zip(text.header, text.columns, strict=True)}
    return Texts(name, columns, list(text.problems))


def _parquet(data: bytes, name: str) -> dict[str, list[str]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "tables", "Reading Parquet") from error
    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise InputFileError(f"{name} is not a Parquet file that can be read.") from error
    return {
        column.strip().casefold(): ["" if cell is None else str(cell) for cell in table.column(column).to_pylist()]
        for column in table.column_names
    }


def _ids(table: Texts) -> list[str]:
    """The pseudonyms; `row-<n>` where there is none or one that must not be here."""
    found = []
    for row, given in enumerate(table.column("id")):
        if has_identifier(given):
            table.refuse(row, "identifier-refused", REFUSED_IDENTIFIER)
            given = ""
        found.append(given or f"row-{row + 1}")
    return found


def _days(table: Texts) -> NDArray[np.datetime64]:
    days = np.full(table.n, np.datetime64("NaT"), "datetime64[D]")
    for row, given in enumerate(table.column("date")):
        try:
            if _DAY.fullmatch(given[:10]):
                days[row] = np.datetime64(given[:10])
        except ValueError:
            continue  # `effect` names every row without a day
    return days


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and not np.isnat(np.datetime64(text))
    except ValueError:
        return False


def _items(table: Texts, form: Questionnaire) -> dict[int, str]:
    """The column of each item of a form."""
    found: dict[int, str] = {}
    for name in table.columns:
        match = _ITEM.fullmatch(name.replace(form.id, "q"))
        item = int(match[1]) if match else 0
        if not 1 <= item <= form.items:
            continue
        if item in found:
            raise InputFileError(f"{table.name}: '{found[item]}' and '{name}' are both item {item}; keep one of them.")
        found[item] = name
    absent = [str(item) for item in range(1, form.items + 1) if item not in found]
    if absent:
        raise InputFileError(
            f"{table.name} has no column for item {', '.join(absent)} of {form.id}. Call the columns 1, 2, .. or q1, "
            "q2, ..; leave the cells of an item empty where it was not asked."
        )
    return found


def _numbers(table: Texts, name: str) -> Floats:
    """A column's numbers, with a decimal comma or point; NaN and a problem where there is none."""
    cells = table.column(name)
    try:
        return np.array([cell or "nan" for cell in cells], np.float64)
    except ValueError:
        numbers = np.full(table.n, NOT_A_NUMBER)
    for row, cell in enumerate(cells):
        if cell:
            try:
                numbers[row] = float(cell.replace(",", "."))
            except ValueError:
                table.refuse(row, "not-a-number", f"'{name}' holds no number; the cell is not used")
    return numbers


def _value(measure: str, text: str, unit: str) -> float | str:
    """A value in the measure's unit, or why it cannot be used; NaN where nothing was written."""
    if not text:
        return NOT_A_NUMBER
    try:
        known = find_measure(measure)
    except FieldError:
        return NOT_A_NUMBER  # `effect` names the measure that it does not know
    entry = load_dictionary().fields.get(known.field)
    if entry is None or entry.scale is None:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return "the value is not a number"
    return _in_unit(text, entry, unit or None, "a change needs a number, and this value is a range")


def _in_unit(text: str, entry: Field, unit: str | None, on_range: str) -> float | str:
    """A number in the field's canonical unit, or why there is none."""
    assert entry.scale is not None
    try:
        span = read_value(text, entry.scale, unit)
    except QuantityError as error:
        return str(error)
    return float(entry.scale.value(span.low)) if span.low == span.high else on_range


def row_problems(problems: Sequence[tuple[int, Problem]], name: str) -> tuple[FileProblem, ...]:
    """Problems by row as problems of a file."""
    return tuple(FileProblem(row + 1, f"{name}, row {row + 1}", found.code, found.message) for row, found in problems)
