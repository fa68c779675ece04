"""The tables of an OMOP database through DuckDB: which rows matter, sorted by person, a stream a table.

Only rows whose concept is a field are asked for, and of measurements only those of the newest day at or before
`as_of` (and the death) of each concept: older ones can decide nothing. DuckDB filters and sorts, on disk if it must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from attrs import Factory, define

from exrx.errors import InputFileError, MissingDependencyError
from exrx.fields import Dictionary
from exrx.io.fhir_codes import Meaning, index_codes
from exrx.io.fhir_resources import Person
from exrx.io.omop_codes import Concept, ConceptSets, Meanings
from exrx.io.omop_files import READ, table_files
from exrx.io.omop_record import Row, person_of
from exrx.io.patients_json import shown_name

_FETCH = 10_000
_MEMORY = "400MB"
_DAYS = {
    "measurement": ("measurement_date", "measurement_datetime", None),
    "observation": ("observation_date", "observation_datetime", None),
    "condition_occurrence": ("condition_start_date", None, "condition_end_date"),
    "procedure_occurrence": ("procedure_date", None, None),
    "drug_exposure": ("drug_exposure_start_date", None, "drug_exposure_end_date"),
}
"""The tables of facts, with their columns for the day, the exact time and the last day."""


@define(eq=False, slots=False)
class OmopTables:
    """An open database; `orphans` counts rows about nobody, `notes` says what was read, both once all is read."""

    base: Any
    name: str
    as_of: date
    meanings: Meanings
    columns: Mapping[str, frozenset[str]]
    orphans: dict[str, int] = Factory(dict)
    _notes: list[str] = Factory(list)
    _wanted: dict[str, list[tuple[Meaning, ...]]] = Factory(dict)

    @classmethod
    def open(cls, path: Path, as_of: date, sets: ConceptSets, dictionary: Dictionary) -> OmopTables:
        """Open a folder or a DuckDB file and look up what its concepts mean; raises as `read_omop_intake`."""
        try:
            import duckdb
        except ImportError as error:
            raise MissingDependencyError.of("duckdb", "omop", "Reading OMOP") from error
        name = shown_name(path)
        base = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "threads": 2})
        try:
            base.execute("SET preserve_insertion_order = false")
            columns = _views(base, path, name)
            made = cls(base, name, as_of, Meanings(dictionary, index_codes(dictionary), sets), columns)
            made._look_up()
        except duckdb.Error as error:
            base.close()
            raise InputFileError(f"{name} cannot be read as OMOP: {_first_line(error)}") from error
        except BaseException:
            base.close()
            raise
        return made

    def __enter__(self) -> OmopTables:
        return self

    def __exit__(self, *_: Any) -> None:
        self.base.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found in the tables, for everybody who reads the answers."""
        return tuple(self._notes)

    @cached_property
    def doubles(self) -> dict[str, int]:
        """The ids that stand in several rows of person, with how many."""
        person = self._sql("person", "person_id", "BIGINT")
        rows = self.base.execute(f"SELECT {person}, count(*) FROM person t GROUP BY 1 HAVING count(*) > 1").fetchall()
        return {str(number): times for number, times in rows}

    def people(self) -> Iterator[tuple[Person, list[Row]]]:
        """Every person in the order of `person_id`, with the rows about them."""
        import duckdb

        streams = {table: _Stream(self._rows(table)) for table in _DAYS if self._wanted.get(table)}
        deaths = _Stream(self._deaths())
        try:
            for number, gender, *born in self._persons():
                died = deaths.of(number)
                death = (bool(died), died[0][1] if died else None)
                rows = [self._row(table, row) for table, stream in streams.items() for row in stream.of(number)]
                yield person_of(str(number), gender, (born[0], born[1], born[2]), death), rows
        except duckdb.Error as error:
            raise InputFileError(f"{self.name} cannot be read as OMOP: {_first_line(error)}") from error
        for table, stream in [*streams.items(), ("death", deaths)]:
            self.orphans[table] = stream.finish()

    # What the concepts mean.

    def _look_up(self) -> None:
        """Find the distinct concepts of each table, and keep those that are a field."""
        named = {table: self._distinct(table) for table in _DAYS if table in self.columns}
        occurring = {number for rows in named.values() for row in rows for number in row[:2] if number}
        self.meanings.concepts = self._concepts() if "concept" in self.columns else None
        self.meanings.descendants = self._descendants(occurring)
        for table, rows in named.items():
            found = [(row, meanings) for row in rows if (meanings := self.meanings.of(*row[:3]))]
            self._wanted[table] = [meanings for _, meanings in found]
            total = sum(row[3] for row in rows)
            kept = sum(row[3] for row, _ in found)
            self._notes.append(f"OMOP {table}: {kept} of {total} rows are about a field.")
            self.base.execute(f"CREATE TABLE wanted_{table} (concept BIGINT, source BIGINT, text VARCHAR, k INTEGER)")
            if found:
                self.base.executemany(
                    f"INSERT INTO wanted_{table} VALUES (?, ?, ?, ?)",
                    [(row[0], row[1], row[2], number) for number, (row, _) in enumerate(found)],
                )
        if self.meanings.concepts is None:
            self._notes.append("OMOP: there is no concept table, so only known concept ids and LOINC and SNOMED source "
                               "codes were read.")  # fmt: skip

    def _distinct(self, table: str) -> list[tuple[int, int, str, int]]:
        concept, source, text = self._names(table)
        return list(self.base.execute(
            f"SELECT {concept}, {source}, {text}, count(*) FROM {table} t GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ).fetchall())  # fmt: skip

    def _names(self, table: str) -> tuple[str, str, str]:
        """SQL for a row's concept, source concept and source value: 0 and '' where there is none.

        The source value only counts where no concept table says what the concepts are.
        """
        kind = table.split("_")[0]
        concept = self._sql(table, f"{kind}_concept_id", "BIGINT", "0")
        source = self._sql(table, f"{kind}_source_concept_id", "BIGINT", "0")
        text = "''" if "concept" in self.columns else self._sql(table, f"{kind}_source_value", "VARCHAR", "''")
        return concept, source, text

    def _sql(self, table: str, column: str, kind: str, otherwise: str = "NULL") -> str:
        """SQL for a column that may not be there, as a type that its text may not have."""
        if column not in self.columns[table]:
            return otherwise
        made = f't."{column}"'
        read = f"try_cast({made} AS {kind})"
        return read if otherwise == "NULL" else f"coalesce({read}, {otherwise})"

    def _concepts(self) -> dict[int, Concept]:
        """The concepts that are read: those of known vocabularies, units and statuses, that occur in any table."""
        uses = [
            f'SELECT try_cast(t."{column}" AS BIGINT) AS id FROM {table} t'
            for table in _DAYS for column in sorted(self.columns.get(table, ())) if column.endswith("concept_id")
        ]  # fmt: skip
        if not uses:
            return {}
        rows = self.base.execute(
            "SELECT try_cast(concept_id AS BIGINT), vocabulary_id, concept_code, concept_name FROM concept WHERE "
            f"try_cast(concept_id AS BIGINT) IN ({' UNION '.join(uses)})"
        ).fetchall()
        return {row[0]: Concept(str(row[1]), str(row[2]), str(row[3] or "")) for row in rows}

    def _descendants(self, occurring: set[int]) -> dict[int, frozenset[int]]:
        """For each concept that occurs, those named in the mapping that lie above it."""
        named = self.meanings.sets.ids
        if not named or "concept_ancestor" not in self.columns:
            return {}
        ids = ", ".join(map(str, sorted(named)))
        rows = self.base.execute(
            "SELECT try_cast(descendant_concept_id AS BIGINT), try_cast(ancestor_concept_id AS BIGINT) "
            f"FROM concept_ancestor WHERE try_cast(ancestor_concept_id AS BIGINT) IN ({ids})"
        ).fetchall()
        found: dict[int, set[int]] = {}
        for below, above in rows:
            if below in occurring:
                found.setdefault(below, set()).add(above)
        return {below: frozenset(above) for below, above in found.items()}

    # Rows.

    def _persons(self) -> Iterator[tuple[Any, ...]]:
        parts = [self._sql("person", column, "BIGINT") for column in
                 ("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth")]  # fmt: skip
        return self._stream(f"SELECT {', '.join(parts)} FROM person t ORDER BY 1")

    def _deaths(self) -> Iterator[tuple[Any, ...]]:
        if "death" not in self.columns:
            return iter(())
        person, day = self._sql("death", "person_id", "BIGINT"), self._sql("death", "death_date", "VARCHAR")
        return self._stream(f"SELECT {person}, min({day}) FROM death t GROUP BY 1 ORDER BY 1")

    def _rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table of facts that are about a field, by person; see `_row` for the columns."""
        day, time, end = _DAYS[table]
        concept, source, text = self._names(table)
        key = f"{table}_id" if f"{table}_id" in self.columns[table] else f"{table.split('_')[0]}_id"
        values = {
            "person": self._sql(table, "person_id", "BIGINT"),
            "k": "w.k",
            "id": self._sql(table, key, "VARCHAR"),
            "day": self._sql(table, day, "VARCHAR"),
            "time": self._sql(table, time, "VARCHAR") if time else "NULL",
            "last": self._sql(table, end, "VARCHAR") if end else "NULL",
            "status": self._sql(table, "condition_status_concept_id", "BIGINT"),
            "operator": self._sql(table, "operator_concept_id", "BIGINT"),
            "number": self._sql(table, "value_as_number", "VARCHAR"),
            "text": self._sql(table, "value_as_string", "VARCHAR"),
            "answer": self._sql(table, "value_as_concept_id", "BIGINT"),
            "unit": self._sql(table, "unit_concept_id", "BIGINT"),
            "unit_text": self._sql(table, "unit_source_value", "VARCHAR"),
        }
        chosen = ", ".join(f'{sql} AS "{name}"' for name, sql in values.items())
        joined = f"w.concept = {concept} AND w.source = {source} AND w.text = {text}"
        found = f"SELECT {chosen} FROM {table} t JOIN wanted_{table} w ON {joined}"
        limit = f"DATE '{self.as_of.isoformat()}'"
        if "death" in self.columns:
            person, died = self._sql("death", "person_id", "BIGINT"), self._sql("death", "death_date", "DATE")
            found = (
                f"SELECT f.* FROM ({found}) f LEFT JOIN (SELECT {person} AS dead, min({died}) AS died FROM death t "
                f"GROUP BY 1) ON f.person = dead WHERE coalesce(try_cast(f.day AS DATE) <= least({limit}, died), true)"
            )
        else:
            found = f"SELECT f.* FROM ({found}) f WHERE coalesce(try_cast(f.day AS DATE) <= {limit}, true)"
        if table == "measurement":
            found += (" QUALIFY try_cast(f.day AS DATE) IS NULL OR try_cast(f.day AS DATE) = "
                      "max(try_cast(f.day AS DATE)) OVER (PARTITION BY f.person, f.k)")  # fmt: skip
        return self._stream(f'SELECT * FROM ({found}) ORDER BY person, k, "day", "time", id')

    def _row(self, table: str, row: tuple[Any, ...]) -> Row:
        _, k, key, day, time, end, status, operator, number, text, answer, unit, unit_text = row
        concepts = self.meanings.concepts or {}
        unit_known, standing = concepts.get(unit or 0), concepts.get(status or 0)
        return Row(
            table, str(key), self._wanted[table][k], day, time, end,
            uncertain=bool(standing and standing.uncertain), operator=operator, number=number,
            text=(text or "").strip() or None, answer=answer or None,
            unit_code=unit_known.code if unit_known and unit_known.vocabulary == "UCUM" else None,
            unit_text=(unit_text or "").strip() or None,
        )  # fmt: skip

    def _stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        cursor = self.base.cursor()
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_FETCH):
                yield from rows
        finally:
            cursor.close()


class _Stream:
    """Rows sorted by person, given out person by person; those about nobody are counted."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, itemgetter(0))
        self._next: tuple[Any, list[tuple[Any, ...]]] | None = None
        self._orphans = 0
        self._advance()

    def of(self, person: int) -> list[tuple[Any, ...]]:
        """The rows about a person, who comes after everybody asked about before."""
        while self._next is not None and (self._next[0] is None or self._next[0] < person):
            self._orphans += len(self._next[1])
            self._advance()
        if self._next is None or self._next[0] != person:
            return []
        rows = self._next[1]
        self._advance()
        return rows

    def finish(self) -> int:
        """How many rows are about nobody."""
        while self._next is not None:
            self._orphans += len(self._next[1])
            self._advance()
        return self._orphans

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (group[0], list(group[1]))


def _views(base: Any, path: Path, name: str) -> dict[str, frozenset[str]]:
    """Make a view of each table that is there; its columns in lower case."""
    if path.is_dir():
        for table, files in table_files(path).items():
            listed = ", ".join(_quoted(file) for file in files)
            how = f"read_parquet([{listed}])" if files[0].lower().endswith(".parquet") else (
                f"read_csv([{listed}], header = true, all_varchar = true, nullstr = '')")  # fmt: skip
            base.execute(f"CREATE VIEW {table} AS SELECT * FROM {how}")
    else:
        base.execute(f"ATTACH {_quoted(str(path))} AS cdm (READ_ONLY)")
        rows = base.execute(
            "SELECT lower(table_name), table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = 'cdm' ORDER BY table_schema"
        ).fetchall()
        homes = sorted({schema for lower, schema, _ in rows if lower == "person"})
        if len(homes) > 1:
            raise InputFileError(f"{name} has a table person in several schemas: {', '.join(homes)}; keep one.")
        for lower, schema, table in rows:
            if lower in READ and [schema] == homes:
                base.execute(f'CREATE VIEW {lower} AS SELECT * FROM cdm."{schema}"."{table}"')
    columns = {
        table: frozenset(row[0].lower() for row in base.execute(f"DESCRIBE {table}").fetchall())
        for (table,) in base.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
                                     "AND table_catalog = 'memory'").fetchall()
    }  # fmt: skip
    _check(columns, name)
    return columns


def _check(columns: Mapping[str, frozenset[str]], name: str) -> None:
    if "person" not in columns:
        raise InputFileError(f"{name} has no table person, so it is not OMOP CDM.")
    for table, there in columns.items():
        must = {"person_id"} if table not in ("concept", "concept_ancestor") else set()
        if table in _DAYS:
            must |= {_DAYS[table][0], f"{table.split('_')[0]}_concept_id"}
        if table == "concept":
            must |= {"concept_id", "vocabulary_id", "concept_code", "concept_name"}
        absent = sorted(must - there)
        if absent:
            raise InputFileError(
                f"{name}: the table {table} has no column {', '.join(absent)}, which OMOP CDM 5.4 asks for."
            )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
