"""One batch of rows answered: the only unit of work, whatever engine deals the batches out.

    settings = BatchSettings.of("krop-og-kraeft", stage="session", as_of=date(2026, 11, 23))
    answer = answer_batch(batch, settings)         # pure; the settings pickle

Readers add the column `ROW`, the row's number in the whole table; without it a patient without an id has no name, and
problems have no row number. What a row is answered depends on that row and the settings alone, so a table may be cut
anywhere. Three things therefore do not happen here, because they concern the whole: the header (`check_header`, once,
before any row), ids that stand twice (`ids.py`), and rows that no reader could read (they arrive empty, the reader
lists them).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from exrx import __version__
from exrx.cohort import Cohort
from exrx.errors import InputFileError, MissingDependencyError, Problem, ProtocolError
from exrx.fields import Dictionary, load_dictionary
from exrx.given import CodedCells
from exrx.io.mapping import TableMapping, mapping_content, read_mapping
from exrx.io.sources import ROW
from exrx.io.tables import MISSING, NamedColumns, known_columns
from exrx.protocol import Protocol, load_protocol
from exrx.screening import Decisions, screen_cohort

try:
    import pyarrow as pa
except ImportError as error:
    raise MissingDependencyError.of("pyarrow", "tables", "Screening in batches") from error

from exrx.stream.names import Faults, names_of

__all__ = ["PROBLEMS", "ROW", "AnswerBatch", "BatchSettings", "Header", "answer_batch", "check_header"]

PROBLEMS = pa.schema([
    ("row", pa.int64()), ("patient", pa.string()), ("field", pa.string()), ("code", pa.string()),
    ("message", pa.string()),
])  # fmt: skip
_RULES = pa.list_(pa.dictionary(pa.int16(), pa.string()))


@frozen
class BatchSettings:
    """Everything that an answer depends on beside the row; made by `of`, picklable and hashable.

    `protocol` holds ids or paths joined by commas, `mapping` the content of a mapping file as JSON, `keep` input
    columns that go into the output as they are, `reasons` whether the rules behind each answer are listed.
    `identity` is what the protocol's files and the dictionary were when the settings were made.
    """

    protocol: str
    stage: str
    as_of: date
    mapping: str | None = None
    reasons: bool = False
    keep: tuple[str, ...] = ()
    identity: str = ""

    @classmethod
    def of(
        cls,
        protocol: str,
        *,
        stage: str,
        as_of: date,
        mapping: str | Path | Mapping[str, Any] | None = None,
        reasons: bool = False,
        keep: Sequence[str] = (),
    ) -> BatchSettings:
        """Settings that hold.

        Raises:
            ProtocolError: no such protocol, or it has no such stage.
            InputFileError: the mapping cannot be read or is wrong.
        """
        content = mapping if mapping is None or isinstance(mapping, Mapping) else mapping_content(mapping)
        text = None if content is None else json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
        made = cls(protocol, stage, as_of, text, reasons, tuple(keep))
        ready = _ready(made)
        if mapping is not None and not isinstance(mapping, Mapping):
            read_mapping(mapping, ready.dictionary)  # again, for its name in the message
        return evolve(made, identity=ready.identity)

    @property
    def missing_texts(self) -> frozenset[str]:
        """Texts, casefolded, that stand for "not given"."""
        return _ready(self).missing

    @property
    def provenance(self) -> dict[str, str]:
        """What made the answers, for the metadata of a file: texts by key."""
        ready = _ready(self)
        return provenance(ready.protocol, self.stage, self.as_of, self.mapping or "")


@frozen(eq=False)
class AnswerBatch:
    """The answers of a batch, one a row in its order, and the problems of its rows, by row.

    `decisions` has the columns of `Decisions.to_arrow`, then with `reasons` the lists `fires` and `undecided` of rule
    ids, then the columns kept from the input. `problems` has the schema `PROBLEMS`; `row` is null if nobody knows it.
    """

    decisions: Any
    problems: Any


@frozen(eq=False)
class Header:
    """What a table's columns are: those read, those not, and the faults that concern whole columns."""

    read: tuple[str, ...]
    unread: tuple[str, ...]
    faults: tuple[Problem, ...]
    schema: Any
    """The schema of the decisions."""


@frozen(eq=False)
class _Ready:
    """Settings with their files read, once a process."""

    protocol: Protocol
    dictionary: Dictionary
    plan: TableMapping | None
    missing: frozenset[str]
    identity: str

    def parts(self, names: Sequence[str]) -> tuple[str | None, list[str]]:
        """Which column holds the ids, None if none does, and which hold anything else.

        Raises:
            InputFileError: two columns hold ids or have one name, or the mapping's column of ids is not there.
        """
        twice = sorted({name for name in names if list(names).count(name) > 1})
        if twice:
            raise InputFileError(f"the column '{twice[0]}' stands twice; keep or rename one.")
        others = [name for name in names if name != ROW]
        if self.plan is not None:
            if self.plan.id is not None and self.plan.id not in others:
                raise InputFileError(f"there is no column '{self.plan.id}', which the mapping names as the id.")
            return self.plan.id, others
        found = [name for name in others if name.strip().casefold() == "id"]
        if len(found) > 1:
            raise InputFileError(f"the columns '{found[0]}' and '{found[1]}' are both the id; give one of them")
        return (found[0] if found else None), [name for name in others if name not in found]

    def columns(self, batch: Any, name: str = "the table") -> tuple[dict[str, Any], list[str]]:
        """The columns of a batch as a cohort knows them, and the names of those that say nothing to it."""
        identifier, others = self.parts(batch.schema.names)
        given = {name: batch.column(batch.schema.get_field_index(name)) for name in others}
        plan = None if self.plan is None else evolve(self.plan, id=None)
        made, unread = known_columns(NamedColumns(batch.num_rows, given), plan, name, self.dictionary)
        return made, [name for name in unread if name != identifier]


@lru_cache(maxsize=8)
def _ready(settings: BatchSettings) -> _Ready:
    dictionary = load_dictionary()
    protocol = load_protocol(settings.protocol)
    if settings.stage not in protocol.stages:
        raise ProtocolError(
            f"there is no stage '{settings.stage}' in {protocol.id}; it has {', '.join(protocol.stages)}"
        )
    identity = f"{protocol.sha256} {dictionary.sha256}"
    if settings.identity and settings.identity != identity:
        raise ProtocolError(
            f"{protocol.id} or the dictionary of fields is not the one here that the run began with, so its answers "
            "would not belong together. Give every machine the same version of exrx and the same protocol files."
        )
    plan = None if settings.mapping is None else read_mapping(json.loads(settings.mapping), dictionary)
    missing = MISSING if plan is None else MISSING.union(text.casefold() for text in plan.missing)
    return _Ready(protocol, dictionary, plan, missing, identity)


def id_column(names: Sequence[str], settings: BatchSettings) -> str | None:
    """The column that holds the patients' ids, None if there is none; raises as `check_header`."""
    return _ready(settings).parts(names)[0]


def provenance(protocol: Protocol, stage: str, as_of: date, mapping: str = "") -> dict[str, str]:
    """What made answers, as texts by key, for the metadata of a file."""
    changes = [change.to_dict() for change in protocol.local_changes]
    content = {
        "engine": f"exrx {__version__}",
        "protocol": protocol.id,
        "protocol_version": protocol.version,
        "protocol_sha256": protocol.sha256,
        "dictionary_sha256": load_dictionary().sha256,
        "stage": stage,
        "as_of": as_of.isoformat(),
        "mapping": mapping,
        "local_changes": json.dumps(changes, ensure_ascii=False),
    }
    return {f"exrx.{key}": value for key, value in content.items()}


def check_header(schema: Any, settings: BatchSettings, name: str = "the table") -> Header:
    """What the columns of a table are, before any row is read.

    Raises:
        InputFileError: a column stands twice, two are the same field, one needs its unit in the header or has a wrong
            one, a name is nearly a known one, the mapping or `keep` names a column that is not there, or no column
            is known at all.
    """
    ready = _ready(settings)
    empty = schema.empty_table().combine_chunks()
    batch = pa.RecordBatch.from_arrays([column.combine_chunks() for column in empty.columns], schema=schema)
    made, unread = ready.columns(batch, name)
    identifier, _ = ready.parts(schema.names)
    absent = [name for name in settings.keep if name not in schema.names]
    if absent:
        raise InputFileError(f"there is no column '{absent[0]}' to keep; there are: {', '.join(schema.names)}")
    if not made and identifier is None:
        raise InputFileError(
            f"none of the columns of {name} is a field, so no row can be answered: {', '.join(unread[:20])}. "
            "Rename them, or say what they mean with --mapping FILE. See docs/input.md, and exrx fields for the names "
            "that are known."
        )
    cohort = _cohort(made, 0)
    kept = [name for name in unread if name not in settings.keep]
    read = [name for name in schema.names if name not in kept]
    faults = tuple(problem for row, problem in cohort.faults if row < 0)
    return Header(tuple(read), tuple(kept), faults, answer_batch(batch, settings).decisions.schema)


def check_units(batch: Any, settings: BatchSettings) -> None:
    """Look at a table's first rows for texts without the unit that they need, which no later row would have either.

    Raises:
        InputFileError: naming the column, as for a table that is read at once.
    """
    columns, _ = _ready(settings).columns(batch)
    if columns:
        Cohort.from_columns(columns)


def answer_batch(batch: Any, settings: BatchSettings) -> AnswerBatch:
    """The answers of a pyarrow RecordBatch: one row in, one row out, in the same order.

    Depends on nothing but the arguments (and the protocol files that the settings name), changes nothing, and a table
    cut into batches anywhere has the same answers as in one. A value that cannot be used is unknown, and a problem.

    Raises:
        InputFileError, ProtocolError: as `check_header` and `BatchSettings.of`.
    """
    ready = _ready(settings)
    identifier, _ = ready.parts(batch.schema.names)
    columns, _ = ready.columns(batch)
    rows = batch.column(batch.schema.get_field_index(ROW)) if ROW in batch.schema.names else None
    ids = None if identifier is None else batch.column(batch.schema.get_field_index(identifier))
    names, faults = names_of(ids, rows, ready.missing)
    if names is None:
        names = pa.nulls(batch.num_rows, pa.string())
    cohort = _cohort(columns, batch.num_rows)
    decisions = screen_cohort(cohort, ready.protocol, stage=settings.stage, as_of=settings.as_of, threads=1)
    table = {**decision_columns(decisions, reasons=settings.reasons), "patient": names}
    table |= {name: _decoded(batch.column(batch.schema.get_field_index(name))) for name in settings.keep}
    faults += [(row, problem) for row, problem in decisions.today.problems() if row >= 0]
    return AnswerBatch(pa.RecordBatch.from_pydict(table), problem_rows(faults, rows, names))


def decision_columns(decisions: Decisions, *, reasons: bool) -> dict[str, Any]:
    """The columns of decisions, `patient` null; with `reasons` the lists `fires` and `undecided`."""
    return {**decisions.to_columns(), **(_reasons(decisions) if reasons else {})}


def _cohort(columns: dict[str, Any], n: int) -> Cohort:
    """The cohort of a batch; one of which no field is given still has its rows."""
    known = columns or {"origin": CodedCells(n, np.full(n, -1, np.int32), [])}
    return Cohort.from_columns(known, cell_units=True)


def problem_rows(faults: Faults, rows: Any, names: Any) -> Any:
    """Problems as a RecordBatch of the schema `PROBLEMS`, by row; those of one row in their order.

    `faults` have their row in the batch, `rows` are the rows' numbers in the table (None: unknown), `names` theirs.
    """
    faults = sorted(faults, key=lambda fault: fault[0])
    at = pa.array([row for row, _ in faults], pa.int64())
    found = [problem for _, problem in faults]
    numbers = pa.nulls(len(faults), pa.int64()) if rows is None else rows.cast(pa.int64()).take(at)
    texts = [pa.array([getattr(problem, part) for problem in found], pa.string())
             for part in ("field", "code", "message")]  # fmt: skip
    return pa.RecordBatch.from_arrays([numbers, names.take(at), *texts], schema=PROBLEMS)


def _decoded(column: Any) -> Any:
    """A column whose type does not depend on which values a batch holds."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _reasons(decisions: Decisions) -> dict[str, Any]:
    """The ids of the rules that fire and of those that are undecided, as lists in the protocol's order."""
    rules = list(decisions.rules.rule_places)
    planes = [(decisions.fired(rule), decisions.undecided(rule)) for rule in rules]
    return {
        name: _lists(rules, [np.flatnonzero(pair[which]) for pair in planes], decisions.n)
        for which, name in enumerate(("fires", "undecided"))
    }


def _lists(rules: list[str], places: list[Any], n: int) -> Any:
    """A list column in which row i holds the rules whose places name i."""
    rows = np.concatenate([*places, np.zeros(0, np.int64)])
    codes = np.repeat(np.arange(len(rules), dtype=np.int16), [len(place) for place in places])
    order = np.argsort(rows, kind="stable")
    offsets = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=n), out=offsets[1:])
    named = pa.DictionaryArray.from_arrays(pa.array(codes[order]), pa.array(rules, pa.string()))
    return pa.ListArray.from_arrays(pa.array(offsets), named).cast(_RULES)
