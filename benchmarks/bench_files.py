"""Parquet in, Parquet out: `exrx screen` beside pyarrow that merely reads and writes the same columns.

    python benchmarks/bench_files.py --patients 10000000 [--folder /tmp]

Each runs in a process of its own, so that the peak memory is its own; the answers are counted, so that both have seen
every row. The input: 40 columns of the synthetic cohort, each block of 1,048,576 patients the same but for their ids.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

COLUMNS = 40
BLOCK = 1 << 20
AS_OF = "2026-11-23"
CALL = ("--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", AS_OF)


def make_input(path: Path, patients: int) -> None:
    """The input, unless it is there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from exrx.protocol import load_protocol
    from exrx.study.synth import synthetic_blocks

    if path.exists() and pq.ParquetFile(path).metadata.num_rows == patients:
        return
    used = {field for rule in load_protocol("krop-og-kraeft").rules for field in rule.fields}
    blocks = [
        pa.table({name: _arrow(column) for name, column in block.items()})
        for block in synthetic_blocks(min(patients, BLOCK), seed=2009, as_of=date.fromisoformat(AS_OF))
    ]
    table = pa.concat_tables(blocks).combine_chunks()
    names = [name for name in table.column_names if name.split(" [")[0].split(".")[0] in used or name[:5] == "form."]
    others = [name for name in table.column_names if name not in names and name not in ("id", "synthetic.regimen")]
    table = table.select(["id", *(names + others)[: COLUMNS - 1]])
    print("columns:", ", ".join(table.column_names))
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for start in range(0, patients, BLOCK):
            part = table.slice(0, min(BLOCK, patients - start))
            ids = pa.array([f"S-{number:08}" for number in range(start + 1, start + 1 + part.num_rows)])
            writer.write_table(part.set_column(0, "id", ids), row_group_size=1 << 18)


def _arrow(column):
    import numpy as np
    import pyarrow as pa

    if column.dtype.kind == "f":
        return pa.array(column, mask=np.isnan(column))
    return pa.array(column) if column.dtype.kind in "iu" else pa.array(column.astype(object), mask=column == "")


def copy(source: str, out: str) -> int:
    """Read and write every column with pyarrow alone, batch by batch."""
    import pyarrow.parquet as pq

    rows = 0
    file = pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20)
    with file, pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches(1 << 17):
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def read(source: str, out: str) -> int:
    """Read every column with pyarrow alone, write none."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20) as file:
        return sum(batch.num_rows for batch in file.iter_batches(1 << 17))


def screen(source: str, out: str) -> int:
    """Screen every row as the command line does."""
    import pyarrow.parquet as pq

    from exrx.cli.main import main

    assert main(["screen", source, *CALL, "--out", out]) in (0, 1)
    return sum(pq.ParquetFile(path).metadata.num_rows for path in _parts(Path(out)))


def _parts(out: Path) -> list[Path]:
    return sorted(out.glob("part-*.parquet")) if out.is_dir() else [out]


JOBS = {"read": read, "copy": copy, "screen": screen, "screen into a folder": screen}


def measured(job: str, source: Path, out: str | Path) -> dict[str, float]:
    """Time and peak memory of a job in a process of its own."""
    call = [sys.executable, __file__, "--job", job, "--source", str(source), "--out", str(out)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure, or be measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--rounds", type=int, default=1, help="the fastest of so many counts")
    parser.add_argument("--make", action="store_true")
    for name in ("--job", "--source", "--out"):
        parser.add_argument(name)
    given = parser.parse_args()
    if given.job:
        start = time.perf_counter()
        rows = JOBS[given.job](given.source, given.out)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "megabytes": peak}))
        return
    source = given.folder / f"bench-{given.patients}.parquet"
    if given.make:
        make_input(source, given.patients)
        return
    call = [sys.executable, __file__, "--make", "--patients", str(given.patients), "--folder", str(given.folder)]
    subprocess.run(call, check=True)  # apart, because a child begins with the peak memory of its parent
    print(f"{given.patients:,} patients x {COLUMNS} columns, {source.stat().st_size / 1e6:,.0f} MB")
    found = {}
    for job in JOBS:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            out = Path(folder) / "parts" if "folder" in job else Path(folder) / "out.parquet"
            runs = []
            for number in range(given.rounds):
                place = f"{out}{number}/" if "folder" in job else out
                runs.append(measured(job, source, place))
            found[job] = min(runs, key=lambda run: run["seconds"])
            assert found[job]["rows"] == given.patients, job
            said = found[job]
            print(f"{job:<22}{said['seconds']:8.1f} s {said['cpu']:8.1f} s of CPU {said['megabytes']:8.0f} MB peak")
    for base in ("copy", "read"):
        wall, cpu = (found["screen"][what] / found[base][what] for what in ("seconds", "cpu"))
        print(f"screen / {base}: {wall:.2f} of the time, {cpu:.2f} of the CPU")


if __name__ == "__main__":
    main()
