"""Patient JSON files: N rows in, N patients out, whatever stands in them."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import junk, patients

from exrx.errors import InputFileError
from exrx.io import read_input, read_patients
from exrx.io.patients_json import patients_from_bytes
from exrx.patient import Patient

AS_OF = date(2026, 11, 23)


def from_text(text, **more):
    """Read the content of a file called p.json."""
    return patients_from_bytes(text.encode() if isinstance(text, str) else text, "p.json", **more)


@given(st.lists(patients(), max_size=4))
def test_an_array_and_lines_of_the_same_patients_read_the_same(rows):
    """The two shapes of a file differ in nothing but their brackets."""
    array = from_text(json.dumps(rows)).patients
    assert len(array) == len(rows)
    if rows:
        assert from_text("\n".join(map(json.dumps, rows)), lines=True).patients == array


@given(st.lists(st.one_of(patients(broken=True), st.integers(), st.text(), st.none(), st.booleans()), max_size=5))
def test_as_many_patients_come_out_as_rows_went_in(rows):
    """Rows that are no patients are patients of whom nothing is known, each with a problem in the file."""
    intake = from_text(json.dumps(rows, default=str))
    assert intake.n == len(intake.patients) == len(rows)
    bad = [number for number, row in enumerate(rows, 1) if not isinstance(row, dict)]
    assert [problem.row for problem in intake.problems] == bad
    for number in bad:
        patient = intake.patients[number - 1]
        assert (patient.observations, patient.forms) == ({}, ())
        assert patient.problems[0].code == "not-a-patient"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content):
    """A file is patients or an InputFileError, never anything else."""
    try:
        intake = from_text(content)
    except InputFileError:
        return
    assert intake.n >= 0


@given(junk())
def test_any_json_value_is_a_patient_or_a_problem(value):
    """One strange value is one row."""
    try:
        text = json.dumps([value])
    except (TypeError, ValueError):
        return
    intake = from_text(text)
    assert intake.n == 1


def test_one_object_is_one_patient(tmp_path):
    """A file may hold a single patient."""
    path = tmp_path / "one.json"
    path.write_text('{"id": "a", "platelets": 180}', encoding="utf-8")
    (patient,) = read_patients(path)
    assert patient == Patient.from_dict({"id": "a", "platelets": 180})


def test_a_broken_line_is_a_patient_of_whom_nothing_is_known(tmp_path):
    """The line is named with its place, and its text is never repeated."""
    path = tmp_path / "p.jsonl"
    path.write_text('{"id": "a"}\n\n{"id": "secret, broken\n{"platelets": 45}\n', encoding="utf-8")
    intake = read_input(path, as_of=AS_OF)
    assert [patient.id for patient in intake.patients] == ["a", "row-2", "row-3"]
    (problem,) = intake.problems
    assert (problem.row, problem.place, problem.code) == (2, "p.jsonl, line 3", "not-json")
    assert "secret" not in problem.message
    assert intake.patients[1].problems[0].code == "not-json"


def test_patients_who_share_an_id_are_all_kept_and_all_warned_about():
    """Nobody is dropped or merged, and every answer says that it may reach the wrong person."""
    intake = from_text('[{"id": "a", "platelets": 180}, {"id": "b"}, {"id": "a", "platelets": 20}]')
    assert [[p.code for p in patient.problems] for patient in intake.patients] == [
        ["duplicate-id"],
        [],
        ["duplicate-id"],
    ]
    assert intake.patients[2].observations["platelets"].given == 20


@pytest.mark.parametrize("text", [
    '{"id": "a", "platelets": 180, "platelets": 20}',
    '{"id": "a", "plt": 180, "plt": 20}',
])  # fmt: skip
def test_a_key_that_stands_twice_leaves_its_field_unknown(text):
    """JSON readers keep the last of two values in silence; here neither is used."""
    (patient,) = from_text(text).patients
    assert patient.observations["platelets"].possible is None
    assert "contradiction" in [problem.code for problem in patient.problems]


def test_two_ids_in_one_patient_name_nobody():
    """Two ids in one object cannot be told apart."""
    (patient,) = from_text('{"id": "a", "id": "b"}').patients
    assert patient.id == "row-1"


def test_identifiers_of_the_civil_register_are_refused_and_never_repeated():
    """The digits are nowhere in what comes out."""
    intake = from_text('[{"id": "040560-1234"}]')
    assert intake.patients[0].id == "row-1"
    assert "1234" not in repr(intake)


@pytest.mark.parametrize("text", ["", "  \n", "{", "[1, 2", '{"a": 1}}', "NaN,", "[" * 100_000, "\x00"])
def test_what_is_not_json_is_refused_as_a_whole(text):
    """Nothing can be answered from it, so nothing is."""
    with pytest.raises(InputFileError):
        from_text(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 5000])
def test_numbers_that_are_none_are_problems_not_crashes(number):
    """A value that is no number leaves its field unknown."""
    try:
        (patient,) = from_text(f'{{"id": "a", "platelets": {number}}}').patients
    except InputFileError:
        assert len(number) > 1000
        return
    assert patient.observations["platelets"].possible is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_reads(encoding):
    """Files from any editor read the same."""
    (patient,) = from_text('{"id": "å", "køn": "female"}'.encode(encoding)).patients
    assert (patient.id, patient.observations["sex"].shown) == ("å", "female")


def test_gzip_and_standard_input_read_like_files(tmp_path, monkeypatch):
    """The same patient through three doors."""
    content = b'{"id": "a", "platelets": 180}'
    path = tmp_path / "p.json.gz"
    path.write_bytes(gzip.compress(content))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_input(path, as_of=AS_OF) == read_input("-", as_of=AS_OF)
    path.write_bytes(gzip.compress(content)[:-6])
    with pytest.raises(InputFileError, match="gzip"):
        read_input(path, as_of=AS_OF)


def test_a_file_that_is_not_there_is_said_by_its_name_only(tmp_path):
    """The message says which file, and nothing about the machine's folders."""
    with pytest.raises(InputFileError) as caught:
        read_input(tmp_path / "nobody.json", as_of=AS_OF)
    assert "nobody.json" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_assuming_no_for_patient_json_changes_nothing_and_says_so(tmp_path):
    """Patient JSON says no itself; nothing is filled in."""
    path = tmp_path / "p.json"
    path.write_text('{"id": "a"}', encoding="utf-8")
    intake = read_input(path, as_of=AS_OF, assume_no={"conditions"})
    assert intake.patients[0].observations == {}
    assert "Nothing was assumed" in intake.notes[0]


def test_a_mapping_for_json_is_refused(tmp_path):
    """A mapping that would be ignored is a mistake of the call."""
    path = tmp_path / "p.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InputFileError, match="mapping"):
        read_input(path, as_of=AS_OF, mapping={"columns": {"a": "age"}})
