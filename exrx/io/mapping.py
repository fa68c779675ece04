"""A mapping file: which column of somebody's table is which field, in which unit, with which codes.

    id: patient_id
    columns:
      age: age                                          # the column `age` is the field `age`
      hgb: {field: haemoglobin, unit: g/dL}
      sex: {field: sex, values: {1: male, 2: female}}
      platelet: {field: platelets, unit: 10^9/L, date: drawn}
      asked: form.enrolment                             # the day the form was filled in, nothing else ticked
    constant: {cancer_type: lung}                       # the same for everybody
    date: visit                                         # the day of every value without its own date
    undated: [sex]                                      # columns that the day does not concern
    missing: [".", "-9"]                                # further texts for "not given"

YAML or JSON. Everything that is wrong with it is reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen

from exrx.dates import read_date
from exrx.errors import FieldError, InputFileError, ProtocolError, QuantityError
from exrx.fields import Dictionary
from exrx.forms import load_forms
from exrx.quantities import read_unit
from exrx.values import is_missing, read_given
from exrx.yamlread import read_yaml

FORM = "form."
"""What the header of a column of form dates begins with."""
_KEYS = frozenset({"id", "columns", "constant", "date", "undated", "missing"})
_COLUMN_KEYS = frozenset({"field", "unit", "values", "date"})


@frozen
class MappedColumn:
    """One column of the table: its field, and its unit, codes and column of dates if it has them."""

    field: str
    unit: str | None = None
    values: Mapping[str, str] = Factory(dict)
    date: str | None = None


@frozen
class TableMapping:
    """A mapping that holds: every field exists, every unit and constant can be read."""

    columns: Mapping[str, MappedColumn]
    id: str | None = None
    constant: Mapping[str, Any] = Factory(dict)
    missing: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """Every column of the table that the mapping speaks about."""
        dates = [column.date for column in self.columns.values() if column.date]
        return tuple(dict.fromkeys([*([self.id] if self.id else []), *self.columns, *dates]))


def read_mapping(source: str | Path | Mapping[str, Any], dictionary: Dictionary) -> TableMapping:
    """Read a mapping from a file, or from its content.

    Raises:
        InputFileError: it cannot be read, has unknown keys or fields, maps two columns to one field, or gives
            a unit or a constant that its field cannot have; all faults in one message.
    """
    if isinstance(source, Mapping):
        return _Checker("the mapping", dictionary).mapping(source)
    return _Checker(Path(source).name, dictionary).mapping(mapping_content(source))


def mapping_content(path: str | Path) -> dict[str, Any]:
    """What a mapping file says, unchecked; InputFileError if it cannot be read."""
    name = Path(path).name
    try:
        content = read_yaml(Path(path), name).plain()
    except ProtocolError as error:
        raise InputFileError(str(error)) from error
    if not isinstance(content, dict):
        raise InputFileError(f"{name} is not a mapping: it must hold keys such as 'columns'.")
    return content


@define
class _Checker:
    """Collects the faults of one mapping."""

    name: str
    dictionary: Dictionary
    faults: list[str] = Factory(list)

    def mapping(self, content: Mapping[str, Any]) -> TableMapping:
        """The mapping; InputFileError with every fault."""
        self._keys(content, _KEYS, "a mapping")
        day, undated = content.get("date"), content.get("undated", [])
        listed = content.get("columns")
        if not isinstance(listed, Mapping) or not listed:
            self.faults.append("'columns' must list at least one column: `column: field`.")
            listed = {}
        if not isinstance(undated, list) or not isinstance(content.get("missing", []), list):
            self.faults.append("'undated' and 'missing' must be lists.")
            undated = []
        columns = {}
        for column, said in listed.items():
            made = self._column(str(column), said, None if column in undated else day)
            if made:
                columns[str(column)] = made
        for column in undated:
            if column not in listed:
                self.faults.append(f"'undated' names '{column}', which is not in 'columns'.")
        constant = self._constants(content.get("constant", {}))
        self._one_column_a_field([*(made.field for made in columns.values()), *constant])
        if self.faults:
            raise InputFileError("\n".join([f"{self.name} cannot be used:", *(f"  {x}" for x in self.faults)]))
        identifier = content.get("id")
        return TableMapping(
            columns=columns,
            id=str(identifier) if identifier is not None else None,
            constant=constant,
            missing=tuple(map(str, content.get("missing", []))),
        )

    def _keys(self, content: Mapping[str, Any], known: frozenset[str], what: str) -> None:
        for key in content:
            if key not in known:
                self.faults.append(f"'{key}' is not a key of {what}. Use: {', '.join(sorted(known))}.")

    def _column(self, column: str, said: Any, day: Any) -> MappedColumn | None:
        content = {"field": said} if isinstance(said, str) else said
        if not isinstance(content, Mapping) or "field" not in content:
            self.faults.append(f"column '{column}' needs a field: `{column}: field` or `{column}: {{field: ..}}`.")
            return None
        self._keys(content, _COLUMN_KEYS, f"column '{column}'")
        name = self._field(str(content["field"]))
        values = content.get("values", {})
        if not isinstance(values, Mapping):
            self.faults.append(f"the values of column '{column}' must be a block: `values: {{1: male}}`.")
            values = {}
        unit = content.get("unit")
        if name is None:
            return None
        self._unit(name, column, unit)
        codes = {str(code): value for code, value in values.items()}
        for code, value in codes.items():
            self._value(name, f"column '{column}', code '{code}'", value, unit)
        own_day = None if name.startswith(FORM) else content.get("date", day)
        return MappedColumn(name, unit, {c: str(v) for c, v in codes.items()}, str(own_day) if own_day else None)

    def _field(self, name: str) -> str | None:
        forms = load_forms()
        if name.startswith(FORM) and name.removeprefix(FORM) in forms:
            return name
        try:
            return self.dictionary.field(name).name
        except FieldError as error:
            self.faults.append(str(error))
            return None

    def _unit(self, name: str, column: str, unit: Any) -> None:
        if name.startswith(FORM):
            return
        entry = self.dictionary.fields[name]
        if unit is None:
            if entry.kind == "quantity" and entry.ticks.ambiguous:
                either = " or ".join(entry.ticks.ambiguous)
                self.faults.append(f"column '{column}' needs its unit, because {name} may be {either}.")
        elif entry.kind != "quantity":
            self.faults.append(f"column '{column}' has a unit, but {name} is no measurement.")
        else:
            try:
                read_unit(str(unit), entry.ticks)
            except QuantityError as error:
                self.faults.append(f"column '{column}': {error}")

    def _constants(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self.faults.append("'constant' must be a block: `constant: {cancer_type: lung}`.")
            return {}
        constant = {}
        for key, value in given.items():
            name = self._field(str(key))
            if name:
                self._value(name, f"constant '{key}'", value, None)
                constant[name] = value
        return constant

    def _value(self, name: str, place: str, value: Any, unit: Any) -> None:
        try:
            if name.startswith(FORM):
                read_date(value)
            elif not is_missing(value):
                read_given(self.dictionary.fields[name], value, unit)
        except QuantityError as error:
            self.faults.append(f"{place}: {error}")

    def _one_column_a_field(self, names: list[str]) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.faults.append(f"two columns or constants are '{name}'; keep one.")
