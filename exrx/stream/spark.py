"""Spark: tasks as rows of `mapInArrow`, or `mapInArrow` on a data frame of one's own.

    run = SparkRun.of(open_table("cohort/"), settings, session=spark)       the same files as on one machine
    run.to_folder(Path("answers"), None, resume=True)

    screen_frame(spark.read.parquet("cohort/"), settings)                   a data frame, inside one's own pipeline

Needs Java 17 or later, and exrx on every executor.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from attrs import frozen

from exrx.errors import InputFileError, MissingDependencyError
from exrx.io.sources import ROW
from exrx.stream.batch import BatchSettings, answer_batch, check_header, id_column
from exrx.stream.cluster import Answer, ClusterRun, Task, from_ipc, plain_columns, plain_schema, to_ipc
from exrx.stream.names import names_of

_TASKS = "number long, task binary"
_ANSWERS = "number long, before long, decisions binary, problems binary"
_SCHEMA = pa.schema([("number", pa.int64()), ("before", pa.int64()), ("decisions", pa.binary()),
                     ("problems", pa.binary())])  # fmt: skip
_PROBLEM = pa.struct([("field", pa.string()), ("code", pa.string()), ("message", pa.string())])


@frozen(eq=False)
class SparkRun(ClusterRun):
    """A run on Spark; `session` is a `SparkSession`, `wave` how many tasks are out at once, by default 2 a core."""

    session: Any = None
    wave: int | None = None

    def deal(self, tasks: Iterator[Task]) -> Iterator[list[Answer]]:
        """See `ClusterRun`: wave after wave, each answered whole before it is taken back."""
        size = self.wave or 2 * self.session.sparkContext.defaultParallelism
        while held := list(islice(tasks, size)):
            rows = [(number, pickle.dumps(task)) for number, task in enumerate(held)]
            frame = self.session.createDataFrame(rows, _TASKS).repartitionByRange(len(rows), "number")
            found = frame.mapInArrow(_answer_tasks, _ANSWERS).collect()
            by_task: list[list[Answer]] = [[] for _ in held]
            for row in sorted(found, key=lambda row: (row["number"], row["before"])):
                answer = from_ipc(bytes(row["decisions"])), from_ipc(bytes(row["problems"])), row["before"]
                by_task[row["number"]].append(answer)
            yield from by_task


def connect() -> Any:
    """The Spark session that is running, or one on this machine.

    Raises:
        MissingDependencyError: PySpark is not installed.
        InputFileError: there is no Java.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingDependencyError.of("pyspark", "spark", "Spark") from error
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputFileError("Spark needs Java 17 or later, and there is no java on the path; install it, or use Dask")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.builder.appName("exrx").getOrCreate()


def screen_frame(frame: Any, settings: BatchSettings) -> Any:
    """A Spark data frame of patients with the answer to every row: a data frame of the same number of rows.

    Its columns are those of the answers, and `problems`, which lists what could not be used of a row. Spark keeps no
    order: a column `exrx.row` of the input (the row of the whole table, from 1) is kept as `row` to sort by; without it
    a patient without an id has no name. Ids that stand in several rows show only in the whole table: group by
    `patient`.

    Raises:
        InputFileError: as `check_header`.
        MissingDependencyError: PySpark is not installed.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
    except ImportError as error:
        raise MissingDependencyError.of("pyspark", "spark", "Spark") from error
    names = list(frame.columns)
    schema = plain_schema(check_header(to_arrow_schema(frame.schema), settings).schema)
    parts = [*([pa.field("row", pa.int64())] if ROW in names else []), *schema,
             pa.field("problems", pa.list_(_PROBLEM))]  # fmt: skip
    numbered = frame.toDF(*(f"column{at}" for at in range(len(names))))  # Spark takes a dot in a name for a path
    return numbered.mapInArrow(_answer_rows(names, settings), from_arrow_schema(pa.schema(parts)))


def _answer_rows(names: Sequence[str], settings: BatchSettings) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What `mapInArrow` calls: record batches in, one row of answers a row out, in the same order."""

    def answered(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            if batch.num_rows:
                yield _with_problems(batch.rename_columns(list(names)), settings)

    return answered


def _answer_tasks(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        for number, packed in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            task: Task = pickle.loads(packed)
            for decisions, problems, before in task.answers():
                row = [[number], [before], [to_ipc(decisions)], [to_ipc(problems)]]
                yield pa.RecordBatch.from_arrays(
                    [pa.array(cell, field.type) for cell, field in zip(row, _SCHEMA, strict=True)], schema=_SCHEMA
                )


def _with_problems(batch: Any, settings: BatchSettings) -> Any:
    """The answers of a batch with the problems of each row beside them."""
    rows = batch.column(ROW).cast(pa.int64()) if ROW in batch.schema.names else None
    numbers = pa.array(range(batch.num_rows), pa.int64()) if rows is None else rows
    given = batch if rows is not None else batch.append_column(ROW, numbers)
    answer = answer_batch(given, settings)
    made = dict(zip(answer.decisions.schema.names, plain_columns(answer.decisions).columns, strict=True))
    if rows is None:  # numbers that depend on where the table was cut name nobody
        identifier = id_column(batch.schema.names, settings)
        ids = None if identifier is None else batch.column(identifier)
        names, _ = names_of(ids, None, settings.missing_texts)
        made["patient"] = pa.nulls(batch.num_rows, pa.string()) if names is None else names
    listed: dict[int, list[dict[str, str]]] = {number: [] for number in numbers.to_pylist()}
    for problem in answer.problems.to_pylist():
        listed[problem["row"]].append({key: problem[key] for key in ("field", "code", "message")})
    made = {**({} if rows is None else {"row": rows}), **made}
    return pa.RecordBatch.from_pydict({**made, "problems": pa.array(list(listed.values()), pa.list_(_PROBLEM))})
