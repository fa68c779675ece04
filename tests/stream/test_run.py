"""Whole tables in and out: every format, every cut, every interruption gives the same answers."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exrx.errors import InputFileError
from exrx.io.sources import open_table
from exrx.stream import run as stream_run
from exrx.stream import sinks
from exrx.stream.batch import BatchSettings
from exrx.stream.run import Run

AS_OF = date(2026, 11, 23)
SETTINGS = BatchSettings.of("krop-og-kraeft", stage="session", as_of=AS_OF)
REASONS = BatchSettings.of("krop-og-kraeft", stage="session", as_of=AS_OF, reasons=True)
N = 300


def ward(n: int = N) -> pa.Table:
    """A plain table of text and numbers, with one implausible value a hundred rows."""
    rows = range(n)
    return pa.table({
        "id": [f"P-{row:05}" for row in rows],
        "age": [40 + row % 40 for row in rows],
        "on_chemotherapy": [("yes", "no", None)[row % 3] for row in rows],
        "enrolment_cleared": ["yes"] * n,
        "platelets [10^9/L]": [99999.0 if row % 100 == 99 else 30.5 + row % 200 for row in rows],
        "platelets.date": [f"2026-11-{10 + row % 14}" for row in rows],
        "form.door": ["2026-11-23" if row % 2 else None for row in rows],
    })  # fmt: skip


def run_of(path: Path, settings: BatchSettings = SETTINGS, **options: object) -> Run:
    return Run.of(open_table(path), settings, **{"batch_rows": 64, "part_rows": 128, **options})


def written(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path, row_group_size=100)
    return path


@pytest.fixture(scope="module")
def parquet(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("in") / "ward.parquet", ward())


@pytest.fixture(scope="module")
def expected(parquet, tmp_path_factory) -> pa.Table:
    out = tmp_path_factory.mktemp("out") / "ward.parquet"
    run_of(parquet).to_file(out, None)
    return pq.read_table(out)


def answers_of(path: Path, tmp_path: Path, settings: BatchSettings = SETTINGS) -> pa.Table:
    run_of(path, settings).to_file(tmp_path / "answers.parquet", None)
    return pq.read_table(tmp_path / "answers.parquet")


def to_excel(path: Path, table: pa.Table) -> None:
    book = openpyxl.Workbook()
    book.active.append(table.column_names)
    for row in table.to_pylist():
        book.active.append(list(row.values()))
    book.create_sheet("more")
    book.save(path)


def to_partitions(path: Path, table: pa.Table) -> None:
    for number, start in enumerate(range(0, table.num_rows, 128)):
        folder = path / f"hospital=R%C3%B8dovre {number}"
        folder.mkdir(parents=True)
        pq.write_table(table.slice(start, 128), folder / "part.parquet")


def to_arrow(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=50)


def to_arrow_stream(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=70)


def to_danish_csv(path: Path, table: pa.Table) -> None:
    lines = [";".join(table.column_names)]
    for row in table.to_pylist():
        cells = ("" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)
                 for value in row.values())  # fmt: skip
        lines.append(";".join(cells))
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig", newline="")


def to_gz(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pc.write_csv(table, sink)
    path.write_bytes(gzip.compress(sink.getvalue().to_pybytes()))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("ward.csv", lambda path, table: pc.write_csv(table, path)),
        ("ward.tsv", lambda path, table: pc.write_csv(table, path, pc.WriteOptions(delimiter="\t"))),
        ("ward-da.csv", to_danish_csv),
        ("ward.csv.gz", to_gz),
        ("ward.arrow", to_arrow),
        ("ward.arrows", to_arrow_stream),
        ("ward.xlsx", to_excel),
        ("hospitals", to_partitions),
    ],
)
def test_every_format_in_gives_the_same_answers(name, write, tmp_path, expected):
    """Parquet, a partitioned folder, Arrow, CSV with its delimiters and decimals, gzip, Excel."""
    path = tmp_path / name
    write(path, ward())
    assert answers_of(path, tmp_path).equals(expected)


def test_the_folders_of_a_partitioned_table_are_columns(tmp_path):
    """They can be kept, spelt as they are meant, in the order of the rows."""
    to_partitions(tmp_path / "in", ward())
    source = open_table(tmp_path / "in")
    assert source.folder_columns == ("hospital",)
    settings = BatchSettings.of("krop-og-kraeft", stage="session", as_of=AS_OF, keep=source.folder_columns)
    kept = answers_of(tmp_path / "in", tmp_path, settings)["hospital"].to_pylist()
    assert kept == [f"Rødovre {row // 128}" for row in range(N)]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".arrow", ".xlsx"])
def test_every_format_out_holds_the_same_answers(ending, parquet, tmp_path, expected):
    """N rows in, N rows out; who made them stands in the file wherever a format has room for it."""
    out = tmp_path / f"answers{ending}"
    summary = run_of(parquet, REASONS).to_file(out, None)
    assert summary.rows == N
    if ending == ".xlsx":
        book = openpyxl.load_workbook(out)
        head, *rows = book["exrx"].iter_rows(values_only=True)
        assert dict(book["about"].iter_rows(values_only=True))["exrx.protocol"] == "krop-og-kraeft"
        found = [dict(zip(head, row, strict=True))["clearance"] for row in rows]
    elif ending == ".csv":
        found = pc.read_csv(out)["clearance"].to_pylist()
    else:
        table = pq.read_table(out) if ending == ".parquet" else pa.ipc.open_file(out).read_all()
        assert table.schema.metadata[b"exrx.dictionary_sha256"]
        assert table.schema.metadata[b"exrx.protocol_sha256"]
        found = table["clearance"].to_pylist()
    assert found == expected["clearance"].to_pylist()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([8, 32, 128]), st.integers(1, 3))
def test_the_file_does_not_depend_on_batches_or_threads(parquet, tmp_path, expected, batch_rows, threads):
    """Byte for byte."""
    for number, options in enumerate(({}, {"batch_rows": batch_rows, "threads": threads})):
        run_of(parquet, **options).to_file(tmp_path / f"{number}.parquet", tmp_path / f"{number}.csv")
    for ending in ("parquet", "csv"):
        assert (tmp_path / f"0.{ending}").read_bytes() == (tmp_path / f"1.{ending}").read_bytes()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_reads_as_one_table_of_the_same_answers(parquet, tmp_path, expected):
    """Problems and manifest lie beside, where no reader of the answers takes them for answers."""
    run_of(parquet).to_folder(tmp_path / "out", tmp_path / "problems.jsonl")
    assert ds.dataset(tmp_path / "out").to_table().cast(expected.schema).equals(expected)
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], manifest["parts"], manifest["complete"]) == (N, 3, True)
    listed = [json.loads(line) for line in (tmp_path / "problems.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(fault["row"], fault["code"]) for fault in listed] == [(row, "implausible") for row in (100, 200, 300)]


class Killed(BaseException):
    """Stands for a process that is gone."""


@pytest.mark.parametrize("moment", range(10))
def test_a_run_stopped_at_any_rename_ends_as_if_it_had_not_been(moment, parquet, tmp_path, monkeypatch):
    """Before any file takes its place: taken up again, the folder has the bytes of an undisturbed run."""
    undisturbed, disturbed = tmp_path / "one", tmp_path / "two"
    run_of(parquet).to_folder(undisturbed, None)
    replace, count = Path.replace, iter(range(100))

    def replace_or_die(self: Path, target: Path) -> Path:
        if next(count) == moment:
            raise Killed
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_or_die)
        if moment < 9:  # manifest, 3 x (problems, answers), problems of the whole table, manifest
            with pytest.raises(Killed):
                run_of(parquet).to_folder(disturbed, None)
        else:
            run_of(parquet).to_folder(disturbed, None)
    whole = {name: len(pq.read_table(disturbed / name)) for name in contents(disturbed) if name.startswith("part-")}
    assert set(whole.values()) <= {128, N % 128}
    summary = run_of(parquet).to_folder(disturbed, None, resume=(disturbed / "_manifest.json").exists())
    assert summary.rows == N
    assert contents(disturbed) == contents(undisturbed)


PROGRAM = """
import resource, signal, sys
from datetime import date
from pathlib import Path
from exrx.io.sources import open_table
from exrx.stream.batch import BatchSettings
from exrx.stream.run import Run

source, out, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
settings = BatchSettings.of("krop-og-kraeft", stage="session", as_of=date(2026, 11, 23))
run = Run.of(open_table(source), settings, batch_rows=16, part_rows=16)
if how != "full":
    run.to_folder(out, None, resume=how == "resume")
    sys.exit()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))  # as on a disk that is nearly full
try:
    run.to_file(out, None)
except OSError as error:
    print("refused", error.filename)
"""


def program(*given: object) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *map(str, given)]


def test_a_killed_process_leaves_whole_parts_that_a_second_run_completes(tmp_path):
    """SIGKILL in the middle; nothing half written, nothing of it left over, and the same bytes in the end."""
    path = written(tmp_path / "in.parquet", ward(480))
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(program(path, out, "new"), env=environment) as process:
        while not (out / "part-00003.parquet").exists() and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    parts = sorted(out.glob("part-*.parquet"))
    assert 4 <= len(parts) < 30
    assert {pq.read_metadata(part).num_rows for part in parts} == {16}
    subprocess.run(program(path, out, "resume"), env=environment, check=True)
    run_of(path, batch_rows=16, part_rows=16).to_folder(tmp_path / "other", None)
    assert contents(out) == contents(tmp_path / "other")


def test_a_run_is_not_taken_up_with_anything_else(parquet, tmp_path):
    """Another day, protocol, cut or input: refused, naming what differs and how to go on."""
    path, out = written(tmp_path / "in.parquet", ward()), tmp_path / "out"
    run_of(path).to_folder(out, None)
    tomorrow = BatchSettings.of("krop-og-kraeft", stage="session", as_of=date(2026, 11, 24))
    other = BatchSettings.of("aha-core-2019", stage="session", as_of=AS_OF)
    for run, why in (
        (run_of(path, tomorrow), "--as-of 2026-11-23"),
        (run_of(path, other), "--protocol krop-og-kraeft"),
        (run_of(path, REASONS), "--reasons False"),
        (run_of(path, part_rows=256), "128 rows each"),
        (run_of(parquet), "the input has changed"),
    ):
        with pytest.raises(InputFileError, match=why):
            run.to_folder(out, None, resume=True)
    with pytest.raises(InputFileError, match="finished run"):
        run_of(path).to_folder(out, None)
    assert run_of(path).to_folder(out, None, resume=True).kept == N


def test_a_folder_with_other_things_in_it_is_left_alone(parquet, tmp_path):
    """No run writes among files that are not its own."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputFileError, match="not empty"):
        run_of(parquet).to_folder(tmp_path, None)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_somebody_writes_to_is_left_alone(parquet, tmp_path):
    """Two runs into one folder would mix; a process that is alive holds it."""
    run_of(parquet).to_folder(tmp_path / "out", None)
    (tmp_path / "out" / ".lock").write_text(str(os.getppid()), encoding="utf-8")
    with pytest.raises(InputFileError, match="another run"):
        run_of(parquet).to_folder(tmp_path / "out", None, resume=True)


def test_ids_that_stand_twice_are_listed_across_batches(tmp_path):
    """Both rows, wherever they are, and both are answered."""
    table = ward()
    ids = table["id"].to_pylist()
    ids[250], ids[299] = ids[3], None
    path = written(tmp_path / "in.parquet", table.set_column(0, "id", pa.array(ids)))
    summary = run_of(path).to_file(tmp_path / "out.csv", tmp_path / "problems.csv")
    doubles = [row for row in pc.read_csv(tmp_path / "problems.csv").to_pylist() if row["code"] == "duplicate-id"]
    assert [(row["row"], row["patient"]) for row in doubles] == [(4, "P-00003"), (251, "P-00003")]
    assert summary.rows == N
    assert pc.read_csv(tmp_path / "out.csv")["patient"].to_pylist()[299] == "row-300"


def test_an_excel_cell_that_looks_like_a_formula_is_text(tmp_path):
    """Its value is kept and no program counts it out."""
    bad = ["=1+1", "+1", "-1", "@x", "a", "\x00=1"]
    table = pa.table({"id": bad, "ward": bad, "age": [50] * 6})
    settings = BatchSettings.of("krop-og-kraeft", stage="session", as_of=AS_OF, keep=("ward",))
    run_of(written(tmp_path / "in.parquet", table), settings).to_file(tmp_path / "out.xlsx", None)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["exrx"]
    for row, text in enumerate(bad[:4], 2):
        for cell in (sheet.cell(row, 1), sheet.cell(row, 9)):
            assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "d", "n"}


def test_a_sheet_that_would_overflow_is_refused_and_nothing_is_left(parquet, tmp_path, monkeypatch):
    """Excel would cut the list without a word; we say how many rows fit and what to write instead."""
    monkeypatch.setattr(sinks, "SHEET_ROWS", 200)
    with pytest.raises(InputFileError, match=r"199 rows.*\.parquet"):
        run_of(parquet).to_file(tmp_path / "out.xlsx", None)
    assert list(tmp_path.iterdir()) == []


def test_more_problems_than_rows_do_not_fill_the_memory(monkeypatch, parquet, tmp_path):
    """Problems are written as they come, not gathered."""
    largest = []
    write = sinks.Sink.write

    def watched(self, table):
        if "code" in table.column_names:
            largest.append(table.num_rows)
        write(self, table)

    monkeypatch.setattr(stream_run.Sink, "write", watched)
    table = ward().set_column(1, "age", pa.array([999] * N))
    run_of(written(tmp_path / "in.parquet", table)).to_file(tmp_path / "o.csv", tmp_path / "p.csv")
    assert sum(largest) == N + 3
    assert max(largest) <= 65


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_full_disk_names_the_file_and_leaves_what_was_there(ending, parquet, tmp_path):
    """The old answers stay, no half file takes their place, none lies beside them."""
    out = tmp_path / f"out{ending}"
    out.write_text("yesterday's", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(program(parquet, out, "full"), env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == f"refused {out}\n", done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert out.read_text(encoding="utf-8") == "yesterday's"
