"""FHIR at size: files in any order give the same patients, whatever is kept on disk between reading and answering."""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import date

import pytest
from fhir_builders import bundle, condition, observation, person
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import InputFileError
from exrx.io import fhir_shelves, read_input
from exrx.io.fhir import fhir_blocks, read_fhir, read_fhir_intake

DAY = date(2026, 11, 23)
PEOPLE = 5


def about(number: int, **more) -> dict:
    """An observation or condition about a person."""
    return {"subject": {"reference": f"Patient/p{number}"}, **more}


resources = st.lists(
    st.one_of(
        st.builds(lambda n, v, d: observation(v, d, subject=f"Patient/p{n}"), st.integers(0, PEOPLE),
                  st.integers(5, 400), st.sampled_from(["2026-11-19", "2026-11-20", "2026-12-01"])),
        st.builds(lambda n: condition(**about(n)), st.integers(0, PEOPLE)),
        st.builds(lambda n: condition(("http://snomed.info/sct", "1"), **about(n)), st.integers(0, PEOPLE)),
    ),
    max_size=25,
)  # fmt: skip


def facts(patients) -> dict:
    """What is known of each, by id, without the order in which equal things were said."""
    return {patient.id: {name: (seen.possible, seen.date) for name, seen in patient.observations.items()}
            for patient in patients}  # fmt: skip


def lines(folder, name: str, content: list[dict], packed: bool = False) -> None:
    """Write resources one a line."""
    text = "".join(json.dumps(resource) + "\n" for resource in content).encode()
    (folder / (name + (".gz" if packed else ""))).write_bytes(gzip.compress(text) if packed else text)


@settings(max_examples=25)
@given(resources, st.integers(0, 2**16), st.booleans(), st.sampled_from([1, 300, 1 << 20]))
def test_shuffled_lines_on_disk_or_in_memory_give_the_patients_of_one_bundle(
    tmp_path_factory, found, seed, packed, most_bytes
):
    """Order, number of files, packing, and what is kept on disk change nothing about anybody."""
    everybody = [person(f"p{number}") for number in range(PEOPLE)]
    folder = tmp_path_factory.mktemp("fhir")
    whole = folder / "whole.json"
    whole.write_text(json.dumps(bundle(*everybody, *found)), "utf-8")
    mixed = [*everybody, *found]
    random.Random(seed).shuffle(mixed)
    apart = folder / "apart"
    apart.mkdir()
    lines(apart, "a.ndjson", mixed[::2], packed)
    lines(apart, "b.ndjson", mixed[1::2])
    before, fhir_shelves.MOST_BYTES = fhir_shelves.MOST_BYTES, most_bytes
    try:
        blocks = list(fhir_blocks(apart, as_of=DAY))
    finally:
        fhir_shelves.MOST_BYTES = before
    assert facts(p for block in blocks for p in block.patients) == facts(read_fhir(whole, as_of=DAY))


def test_people_beyond_a_shelf_keep_their_order_and_their_names(tmp_path, monkeypatch):
    """Numbers of nameless patients and doubled ids are those of the whole, not of a block."""
    monkeypatch.setattr(fhir_shelves, "MOST_BYTES", 200)
    count = 2 * fhir_shelves.PEOPLE + 3
    everybody = [person(f"p{number}") for number in range(count)]
    everybody[-1] = person("0101901234")
    everybody[-2] = person("p0", birthDate="1999-09-09")
    lines(tmp_path, "all.ndjson", everybody)
    blocks = list(fhir_blocks(tmp_path / "all.ndjson", as_of=DAY))
    assert [len(block.patients) for block in blocks] == [fhir_shelves.PEOPLE, fhir_shelves.PEOPLE, 3, 0]
    patients = [patient for block in blocks for patient in block.patients]
    assert [patient.id for patient in patients] == [
        *(f"p{number}" for number in range(count - 2)), "p0", f"row-{count}",
    ]  # fmt: skip
    doubled = [at for at, patient in enumerate(patients) if any(p.code == "duplicate-id" for p in patient.problems)]
    assert doubled == [0, count - 2]


def test_what_is_kept_aside_is_the_owners_alone_and_is_gone_afterwards(tmp_path, monkeypatch):
    """Nobody else can read the files between, and none is left, not even when reading stops half-way."""
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    monkeypatch.setattr(fhir_shelves, "MOST_BYTES", 1)
    lines(tmp_path, "all.ndjson", [person("p1"), observation(45)])
    blocks = fhir_blocks(tmp_path / "all.ndjson", as_of=DAY)
    next(blocks)
    (folder,) = aside.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    blocks.close()
    assert list(aside.iterdir()) == []


def test_a_damaged_packed_file_of_lines_is_a_problem_and_used_for_nothing(tmp_path):
    """Damage is found before anything of the file is used; the others are read."""
    lines(tmp_path, "a.ndjson", [person("p1"), observation(45)])
    lines(tmp_path, "b.ndjson", [observation(12, "2026-11-22")] * 3000, packed=True)
    whole = (tmp_path / "b.ndjson.gz").read_bytes()
    (tmp_path / "b.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    intake = read_fhir_intake(tmp_path, as_of=DAY)
    assert [patient.id for patient in intake.patients] == ["p1", "row-2"]
    assert intake.patients[0].observations["platelets"].given == "45"
    assert [problem.code for problem in intake.problems] == ["unreadable-file"]


def test_a_file_of_lines_is_told_by_any_line_and_need_not_be_read_whole(tmp_path):
    """Patient JSON one a line stays patient JSON; one FHIR line makes it FHIR."""
    (tmp_path / "p.jsonl").write_text('{"id": "a", "platelets": 45}\n{"id": "b"}\n', "utf-8")
    assert [patient.id for patient in read_input(tmp_path / "p.jsonl", as_of=DAY).patients] == ["a", "b"]
    lines(tmp_path, "f.ndjson", [{"nothing": 1}, person("p1"), observation(45)])
    intake = read_input(tmp_path / "f.ndjson", as_of=DAY)
    assert intake.patients[0].observations["platelets"].given == "45"


def test_a_file_that_is_not_there_says_so(tmp_path):
    """The reason stands in the message."""
    with pytest.raises(InputFileError, match="No such file"):
        read_fhir(tmp_path / "none.ndjson", as_of=DAY)


@pytest.mark.skipif(os.name != "posix", reason="reads peak memory from the system")
def test_memory_does_not_grow_with_the_resources(tmp_path):
    """Ten times as many observations of as many people take no more than a little more memory."""
    import subprocess
    import sys

    peaks = []
    for times in (40, 400):
        folder = tmp_path / str(times)
        folder.mkdir()
        lines(folder, "people.ndjson", [person(f"p{number}") for number in range(100)])
        once = [observation(45, f"2026-11-{day:02d}", subject=f"Patient/p{n}", note=[{"text": "x" * 500}])
                for n in range(100) for day in (19, 20)]  # fmt: skip
        text = "".join(json.dumps(resource) + "\n" for resource in once)
        with (folder / "observations.ndjson").open("w") as file:
            for _ in range(times // 2):
                file.write(text)
        code = (
            "import resource; from datetime import date; from exrx.io import fhir_shelves;"
            "from exrx.io.fhir import fhir_blocks; fhir_shelves.MOST_BYTES = 1 << 20; fhir_shelves.PEOPLE = 10;"
            f"found = fhir_blocks({str(folder)!r}, as_of=date(2026, 11, 23));"
            "assert sum(len(block.patients) for block in found) == 100;"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 30, peaks
