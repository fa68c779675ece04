"""Patients a second by engine and by kind of input, each in a process of its own.

    python benchmarks/bench_scale.py --patients 1000000 --people 5000 [--only here,dask,spark,describe,fhir,omop]

Tables (`--patients`): Parquet in, a folder of Parquet parts out, on this machine, on two Dask worker processes,
and on local Spark, the files compared; `exrx cohort describe` of the same. People one by one (`--people`, each with 100
observations or measurements in no order): FHIR NDJSON and OMOP Parquet, decided and written as CSV.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench_files import make_input

AS_OF = date(2026, 11, 23)
CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", AS_OF.isoformat()]
EACH = 100
CODES = [("777-3", 3024929, "10*3/uL", 200), ("718-7", 3000963, "g/dL", 12), ("751-8", 3013650, "10*3/uL", 3),
         ("8480-6", 3004249, "mm[Hg]", 120), ("8867-4", 3027018, "/min", 70), ("29463-7", 3025315, "kg", 70),
         ("8302-2", 1, "cm", 170), ("2339-0", 2, "mg/dL", 90)]  # fmt: skip
"""LOINC, OMOP (1 and 2 are invented), unit, middle: some are fields, some are not, as in a hospital's own data."""


def main() -> None:
    """Make the inputs, run each engine, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--only", default="here,dask,spark,describe,fhir,omop")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(run_one(arguments.run, arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.folder or Path(made)
        wanted = arguments.only.split(",")
        if set(wanted) & {"here", "dask", "spark", "describe"}:
            make_input(folder / "cohort.parquet", arguments.patients)
        if "fhir" in wanted:
            make_fhir(folder / "fhir", arguments.people)
        if "omop" in wanted:
            make_omop(folder / "omop", arguments.people)
        print("| what | patients | seconds | patients a second | peak MB |\n|---|---|---|---|---|")
        for name in wanted:
            call = [sys.executable, __file__, "--run", name, "--folder", str(folder)]
            done = subprocess.run(call, capture_output=True, text=True)
            if done.returncode:
                print(f"| {name} | failed: {done.stderr.strip().splitlines()[-1]} | | | |")
                continue
            count = arguments.people if name in ("fhir", "omop") else arguments.patients
            found = json.loads(done.stdout.strip().splitlines()[-1])
            rate = count / found["seconds"]
            print(f"| {name} | {count:,} | {found['seconds']:.1f} | {rate:,.0f} | {found['peak']:.0f} |", flush=True)
        check_same(folder, [name for name in wanted if name in ("here", "dask", "spark")])


def run_one(name: str, folder: Path) -> dict[str, float]:
    """Run one engine and measure it; start-up of the cluster is not counted, that of exrx is."""
    from exrx.cli.main import main as exrx

    out = folder / f"out-{name}"
    client = None
    if name == "dask":
        from distributed import Client, LocalCluster

        client = Client(LocalCluster(2, threads_per_worker=1, dashboard_address=None))
    start = time.perf_counter()
    table = ["screen", str(folder / "cohort.parquet"), *CALL, "--out", f"{out}/"]
    calls = {
        "here": table,
        "dask": [*table, "--on", f"dask={client.scheduler.address}" if client else ""],
        "spark": [*table, "--on", "spark"],
        "describe": ["cohort", "describe", str(folder / "cohort.parquet"), "--as-of", AS_OF.isoformat(), "--out",
                     str(folder / "described.txt")],
        "fhir": ["screen", str(folder / "fhir"), *CALL, "--out", str(folder / "fhir.csv")],
        "omop": ["screen", str(folder / "omop"), *CALL, "--out", str(folder / "omop.csv")],
    }  # fmt: skip
    code = exrx(calls[name])
    assert code in (0, 1), f"{name} ended with {code}"
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # getrusage would count the parent's memory at the start as well
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    if client is not None:
        client.shutdown()
    return {"seconds": seconds, "peak": peak}


def check_same(folder: Path, engines: list[str]) -> None:
    """Say whether the engines wrote the same bytes."""
    parts = [{path.name: path.read_bytes() for path in (folder / f"out-{name}").glob("part-*")} for name in engines]
    if len(parts) > 1:
        print("same bytes:", "yes" if all(part == parts[0] and part for part in parts) else "NO")


def make_fhir(folder: Path, people: int) -> None:
    """Patient.ndjson and Observation.ndjson, the observations in no order."""
    folder.mkdir(exist_ok=True)
    draw = random.Random(1)
    with (folder / "Patient.ndjson").open("w") as file:
        for number in range(people):
            person = {"resourceType": "Patient", "id": f"p{number}", "gender": "female", "birthDate": "1960-05-04"}
            file.write(json.dumps(person) + "\n")
    with (folder / "Observation.ndjson").open("w") as file:
        for number in range(people * EACH):
            code, _, unit, middle = draw.choice(CODES)
            day = f"20{draw.randrange(16, 26)}-0{draw.randrange(1, 10)}-1{draw.randrange(10)}T10:00:00+01:00"
            value = {"value": round(middle * draw.uniform(0.9, 1.1), 1), "unit": unit, "code": unit,
                     "system": "http://unitsofmeasure.org"}  # fmt: skip
            file.write(json.dumps({
                "resourceType": "Observation", "id": f"o{number}", "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "subject": {"reference": f"Patient/p{draw.randrange(people)}"}, "effectiveDateTime": day,
                "valueQuantity": value,
            }) + "\n")  # fmt: skip


def make_omop(folder: Path, people: int) -> None:
    """person and measurement as Parquet, the measurements in no order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(exist_ok=True)
    draw = np.random.default_rng(1)
    ids = np.arange(1, people + 1)
    pq.write_table(pa.table({
        "person_id": ids, "gender_concept_id": draw.choice([8507, 8532], people),
        "year_of_birth": draw.integers(1935, 2000, people),
    }), folder / "person.parquet")  # fmt: skip
    rows = people * EACH
    kind = draw.integers(0, len(CODES), rows)
    days = np.datetime64(AS_OF) - draw.integers(0, 3000, rows)
    value = np.array([code[3] for code in CODES])[kind] * draw.uniform(0.9, 1.1, rows)
    pq.write_table(pa.table({
        "measurement_id": np.arange(rows), "person_id": draw.integers(1, people + 1, rows),
        "measurement_concept_id": np.array([code[1] for code in CODES])[kind], "measurement_date": pa.array(days),
        "value_as_number": np.round(value, 1), "unit_source_value": np.array([code[2] for code in CODES])[kind],
    }), folder / "measurement.parquet")  # fmt: skip


if __name__ == "__main__":
    main()
