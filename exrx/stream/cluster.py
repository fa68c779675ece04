"""A table answered on several machines: it is cut into tasks, each answered anywhere, and taken back in order.

    dask.py    tasks as Dask futures
    spark.py   tasks as rows of a Spark `mapInArrow`; and `mapInArrow` on a data frame of one's own

The machine that starts the run writes the answers, part after part, as a run on one machine does: the same bytes.
Parquet is read where it is answered, so it must lie where every machine finds it under one path; other tables are read
once, here, and their rows are sent along. A task that is lost with its machine is answered again: it has no effect but
its answer. Every machine needs the same exrx and the same protocol files; where they differ the run stops and says so.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from attrs import evolve, frozen

from exrx.io.arrow_source import ParquetSource
from exrx.io.patients_json import FileProblem
from exrx.io.sources import ROW, Piece
from exrx.stream.batch import BatchSettings
from exrx.stream.run import Run, answer_piece

Answer = tuple[Any, Any, int]
"""Decisions, problems, and how many rows stand before them."""


@frozen(eq=False)
class Task:
    """Some consecutive rows to answer: from where they lie, or sent along as Arrow IPC bytes with what was unread.

    `rows` are the first row and the one after the last, counted from 0.
    """

    settings: BatchSettings
    rows: tuple[int, int]
    batch_rows: int
    source: ParquetSource | None = None
    columns: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    sent: tuple[tuple[bytes, tuple[FileProblem, ...]], ...] = ()

    def answers(self) -> Iterator[Answer]:
        """The answers, batch by batch, in order; what `Run.answers` gives for the same rows."""
        for piece in self._pieces():
            yield answer_piece(piece, self.settings)

    def _pieces(self) -> Iterator[Piece]:
        if self.source is None:
            yield from (Piece(from_ipc(content), problems, 0.0) for content, problems in self.sent)
            return
        start, stop = self.rows
        for piece in self.source.read(self.columns, self.batch_rows, start, self.plain):
            if piece.batch.column(ROW)[0].as_py() > stop:
                return
            yield piece


@frozen(eq=False)
class ClusterRun(Run):
    """A run whose tasks are answered elsewhere; `task_rows` (a multiple of `batch_rows`) changes no answer."""

    task_rows: int = 1 << 20

    @abstractmethod
    def deal(self, tasks: Iterator[Task]) -> Iterator[list[Answer]]:
        """The answers of each task, in the order of the tasks."""

    def answers(self, start: int) -> Iterator[Answer]:
        """As `Run.answers`."""
        total = max(self.source.rows or 0, 1)
        for answers in self.deal(self.tasks(start)):
            for decisions, problems, before in answers:
                self.progress(before + decisions.num_rows, min((before + decisions.num_rows) / total, 1.0))
                yield decisions, problems, before

    def tasks(self, start: int) -> Iterator[Task]:
        """The rows from `start` on as tasks."""
        assert self.task_rows % self.batch_rows == 0, "a task is made of whole batches"
        columns = tuple(name for name in self.header.read if name != ROW)
        if isinstance(self.source, ParquetSource):
            source = evolve(
                self.source, parts=tuple(evolve(part, path=part.path.resolve()) for part in self.source.parts)
            )
            for first in range(start, self.source.rows, self.task_rows):
                rows = first, min(first + self.task_rows, self.source.rows)
                yield Task(self.settings, rows, self.batch_rows, source, columns, self._plain)
            return
        pieces = self.source.read(columns, self.batch_rows, start, self._plain)
        while held := list(islice(pieces, self.task_rows // self.batch_rows)):
            first = held[0].batch.column(ROW)[0].as_py() - 1
            sent = tuple((to_ipc(piece.batch), piece.problems) for piece in held)
            yield Task(self.settings, (first, first + sum(p.batch.num_rows for p in held)), self.batch_rows, sent=sent)


def to_ipc(batch: Any) -> bytes:
    """A record batch as bytes, nothing beside its own rows."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def from_ipc(content: bytes) -> Any:
    """The record batch of `to_ipc`."""
    with pa.ipc.open_stream(content) as reader:
        return reader.read_next_batch()


def plain_columns(batch: Any) -> Any:
    """The batch with texts in place of codes, for engines that know no dictionaries."""
    return pa.RecordBatch.from_arrays(
        [column.cast(_plain_type(column.type)) for column in batch.columns], names=batch.schema.names
    )


def plain_schema(schema: Any) -> Any:
    """The schema of `plain_columns`."""
    return pa.schema([(column.name, _plain_type(column.type)) for column in schema])


def _plain_type(kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.list_(_plain_type(kind.value_type)) if pa.types.is_list(kind) else kind


def workers_agree(found: Sequence[str], here: str) -> list[str]:
    """The versions of exrx on other machines that are not the one here."""
    return sorted({version for version in found if version != here})
