"""A whole table: batches on a few threads, in order, into a file or a folder of parts that can be taken up again.

    OUT/part-00000.parquet ...          the answers of PART_ROWS rows each
    OUT/_problems/part-00000.parquet    their problems; there before the answers are
    OUT/_manifest.json                  what is being screened, with what; written first, and again when all is done

A part takes its place in one rename, so what is there is whole. Whoever reads OUT as one table (pyarrow, Spark,
DuckDB) sees the answers alone: names that begin with `_` do not count.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import define, field, frozen

from exrx.errors import Problem
from exrx.io.patients_json import FileProblem
from exrx.io.sources import Piece, TableSource
from exrx.rules.restriction import Clearance, Track
from exrx.screening import Decisions
from exrx.stream.batch import (
    PROBLEMS,
    ROW,
    BatchSettings,
    Header,
    answer_batch,
    check_header,
    check_units,
    decision_columns,
    id_column,
    problem_rows,
    provenance,
)
from exrx.stream.folder import Folder
from exrx.stream.ids import SeenIds
from exrx.stream.names import names_of
from exrx.stream.sinks import Sink, in_blocks, whole

BATCH_ROWS = 1 << 16
"""Rows that one thread answers at a time."""
PART_ROWS = 1 << 20
"""Rows of a part of a folder, of a row group of a Parquet file."""
_FIRST_ROWS = 1000
DUPLICATE = "duplicate-id"
Progress = Callable[[int, float], None]


@define
class Summary:
    """What became of a table: counts alone, no patient's values.

    `rows` were answered, `kept` of them by an earlier run; `clearance` and `track` count patients by word, `problems`
    by code.
    """

    rows: int = 0
    kept: int = 0
    clearance: Counter[str] = field(factory=Counter)
    track: Counter[str] = field(factory=Counter)
    problems: Counter[str] = field(factory=Counter)
    ids: SeenIds = field(factory=SeenIds, repr=False)

    def add(self, decisions: Any, before: int) -> None:
        """Count some decisions (a batch or a table), the first of them the row after `before` rows."""
        self.rows += decisions.num_rows
        for counts, name, words in ((self.clearance, "clearance", Clearance), (self.track, "track", Track)):
            column = decisions.column(name)
            parts = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
            for part in parts:
                found = np.bincount(part.indices.to_numpy(zero_copy_only=False), minlength=len(words))
                counts.update({word: int(n) for word, n in zip(part.dictionary.to_pylist(), found, strict=False) if n})
        names = decisions.column("patient")
        self.ids.add(names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names, before)

    def add_problems(self, problems: Any) -> None:
        """Count some problems."""
        for entry in problems.column("code").value_counts().to_pylist():
            self.problems[entry["values"]] += entry["counts"]


@frozen(eq=False)
class Run:
    """One table to be screened: what to read, with what, and how it is cut; made by `of`.

    `batch_rows` divides `part_rows`; neither changes an answer.
    """

    source: TableSource
    settings: BatchSettings
    header: Header
    batch_rows: int = BATCH_ROWS
    part_rows: int = PART_ROWS
    threads: int = 2
    progress: Progress = lambda rows, done: None

    @classmethod
    def of(cls, source: TableSource, settings: BatchSettings, **options: Any) -> Run:
        """A run whose header holds; raises as `check_header`, `check_units`."""
        run = cls(source, settings, check_header(source.schema, settings, source.name), **options)
        assert run.part_rows % run.batch_rows == 0, "a part is made of whole batches"
        first = next(source.read([name for name in run.header.read if name != ROW], _FIRST_ROWS), None)
        if first is not None:
            check_units(first.batch, settings)
        return run

    @property
    def _plain(self) -> tuple[str, ...]:
        identifier = id_column(self.source.schema.names, self.settings)
        return (*self.settings.keep, *([identifier] if identifier is not None else []))

    def to_file(self, path: Path, problems: Path | None) -> Summary:
        """Answer every row into one file, and every problem into another.

        Nothing is at either place until both are whole; a run that is stopped leaves them as they were.

        Raises:
            InputFileError: the input is damaged, or does not fit in the format.
            OSError: a file cannot be written.
        """
        summary = Summary()
        with ExitStack() as stack:
            sink = stack.enter_context(Sink(path, self.header.schema, self.settings.provenance))
            found = stack.enter_context(self._problem_sink(problems)) if problems else None  # in place first

            def batches() -> Iterator[Any]:
                for decisions, faults, before in self.answers(0):
                    summary.add(decisions, before)
                    self._keep(faults, summary, found)
                    yield decisions

            in_blocks(batches(), self.part_rows, sink.write)
            for faults in self._whole_table(summary):
                self._keep(faults, summary, found)
        return summary

    def to_folder(self, folder: Path, problems: Path | None, *, resume: bool = False) -> Summary:
        """Answer every row into a folder of parts; with `resume` those that are there already stay.

        Raises:
            InputFileError: the input is damaged; the folder holds something else, or the parts of another run.
            OSError: a file cannot be written; the parts that are whole stay.
        """
        with Folder(folder, self) as parts:
            parts.begin(resume)
            return self.into(parts, problems)

    def into(self, parts: Folder, problems: Path | None) -> Summary:
        """Answer the rows that are missing in a folder that is begun; raises as `to_folder`."""
        summary = Summary()
        for number in range(parts.finished):
            summary.add(parts.decisions(number), number * self.part_rows)
            summary.add_problems(parts.problems(number))
        summary.kept = summary.rows
        answers = self.answers(summary.kept)
        first = next(answers, None)
        while first is not None or not parts.finished:
            first = self._part(parts, first, answers, summary)
        with parts.problem_sink("whole-table") as sink:
            for faults in self._whole_table(summary):
                self._keep(faults, summary, sink)
        if problems is not None:
            with self._problem_sink(problems) as out:
                for batch in parts.all_problems():
                    out.write(batch)
        parts.end(summary)
        return summary

    def _part(self, parts: Folder, first: Any, answers: Iterator[Any], summary: Summary) -> Any:
        """Write one part, which begins with the answers `first`; the answers that the next one begins with."""
        number, held = parts.finished, []
        with parts.problem_sink(number) as sink:
            while first is not None:
                decisions, faults, before = first
                if before >= (number + 1) * self.part_rows:
                    break
                summary.add(decisions, before)
                self._keep(faults, summary, sink)
                held.append(decisions)
                first = next(answers, None)
        table = whole(held) if held else self.header.schema.empty_table()
        parts.write(number, table)
        return first

    def answers(self, start: int) -> Iterator[tuple[Any, Any, int]]:
        """Decisions and problems batch by batch in the order of the rows, with how many rows stand before them."""
        columns = [name for name in self.header.read if name != ROW]
        pieces = self.source.read(columns, self.batch_rows, start, self._plain)
        waiting: deque[tuple[Future[Any], float]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                for piece in pieces:
                    waiting.append((pool.submit(answer_piece, piece, self.settings), piece.done))
                    while len(waiting) > self.threads:
                        yield self._done(waiting)
                while waiting:
                    yield self._done(waiting)
            finally:
                for future, _ in waiting:
                    future.cancel()

    def _done(self, waiting: deque[tuple[Future[Any], float]]) -> tuple[Any, Any, int]:
        future, done = waiting.popleft()
        decisions, problems, before = future.result()
        self.progress(before + decisions.num_rows, done)
        return decisions, problems, before

    def _whole_table(self, summary: Summary) -> Iterator[Any]:
        """The problems that only the whole table shows: columns that mean nothing, ids that stand in several rows."""
        if self.header.faults:
            faults = [(0, fault) for fault in self.header.faults]
            nobody = pa.nulls(1, pa.string())
            yield problem_rows(faults, pa.nulls(1, pa.int64()), nobody)
        doubles = summary.ids.doubles()
        identifier = id_column(self.source.schema.names, self.settings)
        if identifier is None or not doubles.any():
            return
        for piece in self.source.read([identifier], self.batch_rows, plain=[identifier]):
            rows = piece.batch.column(ROW)
            names, _ = names_of(piece.batch.column(0), rows, self.settings.missing_texts)
            before = rows[0].as_py() - 1
            twice = np.flatnonzero(doubles[before : before + len(rows)]).tolist()
            found = [(row, _double(names[row].as_py())) for row in twice]
            if found:
                yield problem_rows(found, rows, names)

    def _problem_sink(self, path: Path) -> Sink:
        return Sink(path, PROBLEMS, self.settings.provenance)

    @staticmethod
    def _keep(faults: Any, summary: Summary, sink: Sink | None) -> None:
        if faults.num_rows:
            summary.add_problems(faults)
            if sink is not None:
                sink.write(pa.Table.from_batches([faults]))


def answer_piece(piece: Piece, settings: BatchSettings) -> tuple[Any, Any, int]:
    """The decisions and problems of a piece of a table, with how many rows stand before it."""
    answer = answer_batch(piece.batch, settings)
    before = piece.batch.column(ROW)[0].as_py() - 1
    problems = _with_unread(answer.problems, piece.problems, answer.decisions.column("patient"), before)
    return answer.decisions, problems, before


def write_decisions(
    blocks: Iterator[tuple[Decisions, Sequence[FileProblem], Sequence[str]]], path: Path, problems: Path | None, *,
    reasons: bool = False,
) -> Summary:
    """Write the decisions of patients that did not come as a table, block after block; raises as `Run.to_file`.

    A block is its decisions, what could not be read (with numbers of the whole input), and what was assumed of its
    patients: a column says it in every row.
    """
    summary = Summary()
    with ExitStack() as stack:
        sink: Sink | None = None
        found: Sink | None = None
        for decisions, unread, assumed in blocks:
            batch, faults = _of_patients(decisions, unread, assumed, summary.rows, reasons)
            if sink is None:
                metadata = provenance(decisions.protocol, decisions.stage, decisions.as_of)
                sink = stack.enter_context(Sink(path, batch.schema, metadata))
                found = stack.enter_context(Sink(problems, PROBLEMS, metadata)) if problems else None
            if batch.num_rows or not summary.rows:
                sink.write(pa.Table.from_batches([batch]))
                summary.add(batch, summary.rows)
            for listed in faults:
                Run._keep(listed, summary, found)
    return summary


def _of_patients(
    decisions: Decisions, unread: Sequence[FileProblem], assumed: Sequence[str], before: int, reasons: bool
) -> tuple[Any, list[Any]]:
    """The answers to a block of patients, of whom the first comes after `before` others, and all problems."""
    table = decision_columns(decisions, reasons=reasons)
    table["patient"] = pa.array([str(name) for name in decisions.cohort.ids], pa.string())
    if assumed:
        table["assumptions"] = pa.repeat(pa.scalar(" ".join(assumed), pa.string()), decisions.n)
    batch = pa.RecordBatch.from_pydict(table)
    faults = list(decisions.today.problems())
    said = {problem.message for _, problem in faults}
    rows = problem_rows([fault for fault in faults if fault[0] >= 0],
                        pa.array(np.arange(before + 1, before + 1 + decisions.n)), batch.column("patient"))  # fmt: skip
    nobody = [(0, problem) for row, problem in faults if row < 0]
    lost = [problem for problem in unread if problem.message not in said]
    nobody += [(at, Problem("row", None, problem.code, problem.message)) for at, problem in enumerate(lost, 1)]
    numbers = pa.array([None, *(problem.row for problem in lost)], pa.int64())
    return batch, [rows, problem_rows(nobody, numbers, pa.nulls(len(numbers), pa.string()))]


def _double(name: str) -> Problem:
    return Problem("id", name, DUPLICATE, f"the id '{name}' stands in several rows.")


def _with_unread(problems: Any, unread: tuple[FileProblem, ...], names: Any, before: int) -> Any:
    """The problems with those of rows that could not be read, by row."""
    if not unread:
        return problems
    faults = [(problem.row - 1 - before, Problem("row", None, problem.code, problem.message))
              for problem in unread if problem.row is not None]  # fmt: skip
    numbers = pa.array(np.arange(before + 1, before + 1 + len(names)))
    both = pa.Table.from_batches([problem_rows(faults, numbers, names), problems])
    return both.take(np.argsort(both["row"].to_numpy(), kind="stable")).combine_chunks().to_batches()[0]
