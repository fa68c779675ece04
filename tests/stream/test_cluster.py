"""Several machines: the same bytes as on one, whichever engine deals the rows out and whoever dies on the way."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from exrx.errors import InputFileError
from exrx.io.sources import numbered, open_table
from exrx.io.synthetic import write_blocks
from exrx.stream.batch import BatchSettings, check_header
from exrx.stream.cluster import ClusterRun, Task
from exrx.stream.run import Run
from exrx.study.synth import synthetic_blocks

DAY = date(2026, 11, 23)
SIZES = {"batch_rows": 256, "part_rows": 1024}


@pytest.fixture(scope="module")
def settings() -> BatchSettings:
    """A session of Krop og Kræft."""
    return BatchSettings.of("krop-og-kraeft", stage="session", as_of=DAY)


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, Path]:
    """A synthetic cohort of 3,000 as Parquet and CSV, with doubled ids and a value that cannot be used."""
    folder = tmp_path_factory.mktemp("tables")
    whole = folder / "cohort.parquet"
    write_blocks(whole, synthetic_blocks(3000, seed=4, as_of=DAY))
    table = pq.read_table(whole)
    ids = table["id"].to_pylist()
    ids[5], ids[2999], ids[7] = ids[0], ids[0], None
    table = table.set_column(table.schema.get_field_index("id"), "id", pa.array(ids, pa.string()))
    platelets = table["platelets"].to_pylist()
    platelets[2500] = 10**6
    table = table.set_column(table.schema.get_field_index("platelets"), "platelets", pa.array(platelets))
    pq.write_table(table, whole, row_group_size=700)
    text = folder / "cohort.csv"
    pa.csv.write_csv(table, text)
    return {"parquet": whole, "csv": text}


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file in a folder by name, but for the manifest's own."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


@pytest.fixture(scope="module")
def expected(tmp_path_factory, tables, settings) -> dict[str, dict[str, bytes]]:
    """What one machine writes, by kind of input."""
    found = {}
    for kind, path in tables.items():
        out = tmp_path_factory.mktemp(kind)
        Run.of(open_table(path), settings, **SIZES).to_folder(out, None)
        found[kind] = files_of(out)
    return found


class InOneProcess(ClusterRun):
    """Deals tasks to nobody but itself."""

    def deal(self, tasks):
        """See `ClusterRun`."""
        yield from (list(task.answers()) for task in tasks)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize("task_rows", [256, 768, 4096])
def test_the_size_of_a_task_changes_no_byte(tmp_path, tables, settings, expected, kind, task_rows):
    """Tasks of any number of batches, read where they lie or sent along, give the files of one machine."""
    run = InOneProcess.of(open_table(tables[kind]), settings, **SIZES, task_rows=task_rows)
    summary = run.to_folder(tmp_path / "out", None)
    assert files_of(tmp_path / "out") == expected[kind]
    assert summary.rows == 3000


def test_tasks_cross_processes_whole(tables, settings):
    """A task pickled and read back answers as it did."""
    import pickle

    run = InOneProcess.of(open_table(tables["csv"]), settings, **SIZES, task_rows=512)
    for task in run.tasks(0):
        again: Task = pickle.loads(pickle.dumps(task))
        for (one, faults, before), (other, others, then) in zip(task.answers(), again.answers(), strict=True):
            assert one.equals(other)
            assert faults.equals(others)
            assert before == then


@pytest.fixture(scope="module")
def dask_client():
    """Two worker processes of one thread each."""
    distributed = pytest.importorskip("distributed", reason="Dask needs distributed: python -m pip install exrx[dask]")
    with (
        distributed.LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None,
                                 silence_logs=50) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_dask_worker_killed_half_way_changes_no_byte(tmp_path, tables, settings, expected, dask_client, kind):
    """One of two worker processes is killed while tasks are out; the files are those of one machine."""
    from exrx.stream.dask import DaskRun

    killed: list[int] = []

    def kill(rows: int, done: float) -> None:
        if not killed and rows >= 512:
            pids = dask_client.run(os.getpid)
            killed.append(pids[sorted(pids)[0]])
            os.kill(killed[0], signal.SIGKILL)

    run = DaskRun.of(open_table(tables[kind]), settings, **SIZES, task_rows=256, client=dask_client, progress=kill)
    run.to_folder(tmp_path / "out", None)
    assert killed
    assert files_of(tmp_path / "out") == expected[kind]


def test_an_error_on_a_worker_is_the_error_of_the_run(tmp_path, tables, settings, dask_client):
    """A file that is damaged when a worker reads it ends the run with the message of one machine."""
    from exrx.stream.dask import DaskRun

    broken = tmp_path / "broken.parquet"
    content = bytearray(tables["parquet"].read_bytes())
    broken.write_bytes(content)
    run = DaskRun.of(open_table(broken), settings, **SIZES, task_rows=256, client=dask_client)
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    broken.write_bytes(content)
    with pytest.raises(InputFileError, match=r"broken\.parquet is damaged"):
        run.to_folder(tmp_path / "out", None)


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A local Spark session of two cores; skipped where there is no Java or no PySpark."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark needs pyspark: python -m pip install exrx[spark]")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later, and there is no java on the path")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        sql.SparkSession.builder.master("local[2]").appName("exrx").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "3").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse"))).getOrCreate()
    )  # fmt: skip
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore")
def test_spark_writes_the_bytes_of_one_machine(tmp_path, tables, settings, expected, spark):
    """Tasks as rows of `mapInArrow`, taken back in order."""
    from exrx.stream.spark import SparkRun

    run = SparkRun.of(open_table(tables["parquet"]), settings, **SIZES, task_rows=512, session=spark)
    run.to_folder(tmp_path / "out", None)
    assert files_of(tmp_path / "out") == expected["parquet"]


@pytest.mark.filterwarnings("ignore")
def test_a_data_frame_of_ones_own_is_answered_row_by_row(tables, settings, spark):
    """Shuffled over partitions and sorted again, every row has the answer and the problems of one machine."""
    from exrx.stream.spark import screen_frame

    table = pq.read_table(tables["parquet"]).combine_chunks()
    rows = numbered(table.to_batches()[0], 0)
    frame = spark.createDataFrame(pa.Table.from_batches([rows])).repartition(3)
    answers = screen_frame(frame, settings).toArrow().sort_by("row")
    run = Run.of(open_table(tables["parquet"]), settings, **SIZES)
    local = list(run.answers(0))
    for name in check_header(open_table(tables["parquet"]).schema, settings).schema.names:
        wanted = [value for decisions, _, _ in local for value in decisions.column(name).to_pylist()]
        assert answers[name].to_pylist() == wanted, name
    found = [(row, problem["code"]) for row, listed in zip(answers["row"].to_pylist(), answers["problems"].to_pylist(),
                                                           strict=True) for problem in listed]  # fmt: skip
    assert found == [(problem["row"], problem["code"]) for _, problems, _ in local for problem in problems.to_pylist()]


def test_the_command_line_deals_a_table_out(tmp_path, tables, expected, dask_client):
    """`--on dask=ADDRESS` writes what the same call without it writes."""
    from exrx.cli.main import main

    address = dask_client.scheduler.address
    call = ["screen", str(tables["parquet"]), "--protocol", "krop-og-kraeft", "--stage", "session",
            "--as-of", DAY.isoformat()]  # fmt: skip
    assert main([*call, "--out", f"{tmp_path}/here/"]) == 1
    assert main([*call, "--out", f"{tmp_path}/there/", "--on", f"dask={address}"]) == 1
    assert files_of(tmp_path / "there") == files_of(tmp_path / "here")


def test_an_engine_that_is_not_there_is_one_clear_message(tmp_path, tables, capsys, monkeypatch):
    """No scheduler, no Java, no engine of that name: what is missing and what to do, and nothing written."""
    from exrx.cli.main import main
    from exrx.stream import dask

    call = ["screen", str(tables["parquet"]), "--protocol", "krop-og-kraeft", "--stage", "session",
            "--as-of", DAY.isoformat(), "--out", f"{tmp_path}/out/"]  # fmt: skip
    monkeypatch.setattr(dask, "PATIENCE", 1)
    assert main([*call, "--on", "dask=tcp://127.0.0.1:9"]) == 2
    assert "there is no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
    pytest.importorskip("pyspark")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert main([*call, "--on", "spark"]) == 2
    assert "Spark needs Java 17 or later" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
