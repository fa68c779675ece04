"""One patient and start-up: how long a user waits for a single answer.

    python benchmarks/bench_one.py

In-process figures are the median of many calls after one warm-up. Whole-process figures are the median of 9 runs of the
command, and `import exrx` is measured against an interpreter that imports nothing, run by turns.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

AS_OF = "2026-11-23"
RUNS = 9


def seconds(call: Callable[[], object], repeats: int) -> float:
    """The median time of a call, after one warm-up."""
    call()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def process_seconds(*arguments: str) -> float:
    """The median time of a whole process."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=False, capture_output=True)

    return seconds(run, RUNS)


def loading_seconds() -> float:
    """Loading and checking a protocol with its dictionary, in fresh interpreters with the modules already imported."""
    code = (
        "from time import perf_counter\n"
        "import exrx.protocol, exrx.screening, exrx.rules.parse\n"
        "start = perf_counter()\n"
        "exrx.protocol.load_protocol('dk-2015')\n"
        "print(perf_counter() - start)"
    )
    outputs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in range(RUNS)]
    return median(float(output.stdout) for output in outputs)


def row(what: str, measured: float, bar: float) -> None:
    """Print a figure beside its bar, in milliseconds."""
    verdict = "met" if measured <= bar else "MISSED"
    print(f"{what:<58}{1000 * measured:>9.2f} ms   bar {1000 * bar:>6.0f} ms   {verdict}")


def main() -> None:
    """Measure and print everything."""
    nothing = process_seconds("-c", "pass")
    row("import exrx, beyond Python's own start", process_seconds("-c", "import exrx") - nothing, 0.150)
    row("exrx --help (whole process)", process_seconds("-m", "exrx", "--help"), 0.300)
    row("load and check dk-2015 with its dictionary", loading_seconds(), 0.100)

    from exrx import Patient, load_protocol, screen
    from exrx.protocol.form import form_patient

    for protocol_id, stage in (("krop-og-kraeft", "session"), ("dk-2015", "enrolment")):
        protocol = load_protocol(protocol_id)
        for fill, bar in (("typical", 0.001), ("blank", 0.015)):
            patient = Patient.from_dict(form_patient(protocol, stage, fill))
            measured = seconds(lambda p=patient, q=protocol, s=stage: screen(p, q, stage=s, as_of=AS_OF), 200)
            row(f"screen a {fill} patient, {protocol_id} {stage}", measured, bar)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one-patient.json"
        file.write_text(json.dumps(form_patient(load_protocol("dk-2015"), "enrolment", "typical")))
        command = ["-m", "exrx", "screen", str(file), "--protocol", "dk-2015", "--stage", "enrolment", "--as-of", AS_OF]
        row("exrx screen one-patient.json (whole process)", process_seconds(*command), 0.800)


if __name__ == "__main__":
    main()
