"""Tables: any CSV, any Parquet, and a mapping for what is called otherwise; N rows in, N rows out."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx import Clearance, load_protocol, screen_cohort
from exrx.errors import InputFileError, MissingDependencyError
from exrx.fields import NO, YES, load_dictionary
from exrx.io import read_input, read_table
from exrx.io.csvread import read_csv
from exrx.io.mapping import read_mapping
from exrx.io.tables import read_table_intake
from exrx.knowledge import know

AS_OF = date(2026, 11, 23)
DICTIONARY = load_dictionary()
MAPPINGS = Path(__file__).parent / "mappings"
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs", "Cc")), max_size=8)


def known(cohort, row, name):
    """The input of a field in a row, or None."""
    return know(cohort.source(row), DICTIONARY, AS_OF).inputs.get(name)


def shown(cohort, name):
    """The value of a field in every row, for people; None where nothing was given, "refused" where refused."""
    found = [known(cohort, row, name) for row in range(cohort.n)]
    return [(i.value if i.state != "refused" else "refused") if i else None for i in found]


def write(path, text, encoding="utf-8"):
    """A CSV file."""
    path.write_bytes(text.encode(encoding))
    return path


# ---- CSV as text -----------------------------------------------------------------------------------


@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
    ),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_was_written_is_read_back(rows, delimiter, encoding, end):
    """Every cell is found again where it was, whatever divides the columns, and quoted or not."""
    width = len(rows[0])
    header = [f"column{delimiter if width > 1 else ''} {number}" for number in range(width)]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    table = read_csv(text.getvalue().encode(encoding), "t.csv")
    kept = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    assert table.header == tuple(header)
    assert [list(row) for row in zip(*table.columns, strict=True)] == kept
    assert (table.n, table.problems) == (len(kept), ())


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6))
def test_a_ragged_row_is_a_row_of_which_nothing_is_used(rows):
    """Rows of another length keep their place, empty, and are named."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    table = read_csv(text.getvalue().encode(), "t.csv")
    kept = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    assert table.n == len(kept)
    ragged = [n for n, row in enumerate(kept, 1) if len(row) < 3 or any(row[3:])]
    assert [problem.row for problem in table.problems] == ragged
    for number in ragged:
        assert [column[number - 1] for column in table.columns] == ["", "", ""]


@given(st.binary(max_size=80))
def test_any_bytes_are_a_table_or_refused(content):
    """A file is a table or an InputFileError, never anything else."""
    try:
        table = read_csv(content, "t.csv")
    except InputFileError:
        return
    assert all(len(column) == table.n for column in table.columns)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"a,a\n1,2\n", b"\0\0\0"])
def test_what_is_no_table_is_refused_as_a_whole(content):
    """Empty files, repeated columns and binary files answer nothing."""
    with pytest.raises(InputFileError):
        read_csv(content, "t.csv")


def test_latin_1_is_read_and_said():
    """Danish letters from an old spreadsheet are right, and the output says how they were read."""
    table = read_csv("id;køn\n1;kvinde\n".encode("latin-1"), "t.csv")
    assert table.header == ("id", "køn")
    assert "Latin-1" in table.notes[0]


# ---- headers ---------------------------------------------------------------------------------------


def test_headers_say_field_unit_date_and_form(tmp_path):
    """A table needs no mapping when its header speaks exrx."""
    text = (
        "id,platelets [10^9/L],platelets.date,haemoglobin [g/dL],bone_metastases,form.door\n"
        "a17,45,2026-11-20,9.8,no,2026-11-23\n"
        "a18,<20,2026-11-22,,unknown,\n"
        "a19,NA,,N/A,ja,\n"
    )
    cohort = read_table(write(tmp_path / "t.csv", text))
    assert [patient.id for patient in map(cohort.source, range(3))] == ["a17", "a18", "a19"]
    assert shown(cohort, "platelets") == ["45", "<20", None]
    assert known(cohort, 0, "platelets").date == "2026-11-20"
    assert shown(cohort, "bone_metastases") == ["no", "unknown", "yes"]
    assert shown(cohort, "dizziness") == ["no", None, None]
    assert shown(cohort, "haemoglobin")[1:] == [None, None]


def test_a_danish_spreadsheet_reads(tmp_path):
    """Semicolons, decimal commas, Danish names and answers, gzipped."""
    text = "id;trombocytter;haemoglobin [mmol/L];bone_metastases\n1;45,5;6,2;nej\n2;180;8;ved ikke\n"
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(text.encode("utf-8-sig")))
    cohort = read_table(path)
    assert shown(cohort, "platelets") == ["45.5", "180"]
    assert shown(cohort, "haemoglobin") == ["6.2", "8"]
    assert shown(cohort, "bone_metastases") == ["no", "unknown"]


def test_a_column_with_two_plausible_units_needs_its_unit(tmp_path):
    """Haemoglobin of 8 may be mmol/L or g/dL; the header must say which."""
    with pytest.raises(InputFileError, match="g/dL"):
        read_table(write(tmp_path / "t.csv", "id,haemoglobin\n1,8\n"))


def test_cells_that_cannot_be_used_are_unknown_and_a_problem(tmp_path):
    """No value is clipped, guessed or dropped in silence."""
    cohort = read_table(write(tmp_path / "t.csv", "id,platelets,ecog\n1,45000,1\n2,many,7\n3,-5,0\n"))
    assert shown(cohort, "platelets") == ["refused"] * 3
    assert shown(cohort, "ecog") == ["1", "refused", "0"]


def test_columns_that_are_no_field_are_named_and_not_an_error(tmp_path):
    """A table may hold more than exrx wants to know."""
    intake = read_input(write(tmp_path / "t.csv", "id,platelets,shoe_size\n1,45,42\n"), as_of=AS_OF)
    assert intake.n == 1
    assert "shoe_size" in intake.notes[0]


def test_rows_without_an_id_are_called_by_their_number(tmp_path):
    """Everybody can be named in the output."""
    cohort = read_table(write(tmp_path / "t.csv", "id,platelets\na,45\n,180\n"))
    assert [cohort.source(row).id for row in range(2)] == ["a", "row-2"]


def test_a_ragged_row_stays_a_row_of_the_cohort(tmp_path):
    """The row is there, unknown in everything, and named."""
    intake = read_input(write(tmp_path / "t.csv", "id,platelets,ecog\n1,45\n2,180,1\n"), as_of=AS_OF)
    assert shown(intake.cohort, "platelets") == [None, "180"]
    assert [(problem.row, problem.code) for problem in intake.problems] == [(1, "ragged-row")]


def test_identifiers_of_the_civil_register_are_refused_and_never_repeated(tmp_path):
    """The digits are nowhere in the patient that comes out."""
    cohort = read_table(write(tmp_path / "t.csv", "id,platelets\n0405601234,45\n"))
    patient = cohort.source(0)
    assert "0405601234" not in repr(patient)
    assert [(row, problem.code) for row, problem in cohort.faults] == [(0, "identifier-refused")]


# ---- mapping ---------------------------------------------------------------------------------------

TABLE = "pid,hgb,sex,drawn,visit,dead\np1,9.8,1,2026-11-20,2026-11-21,0\np2,.,2,,2026-11-22,1\np3,7,3,,,9\n"
MAPPING = {
    "id": "pid",
    "columns": {
        "hgb": {"field": "haemoglobin", "unit": "g/dL", "date": "drawn"},
        "sex": {"field": "sex", "values": {1: "male", 2: "female"}},
        "dead": {"field": "deceased", "values": {0: "no", 1: "yes"}},
    },
    "constant": {"cancer_type": "lung"},
    "date": "visit",
    "undated": ["sex"],
    "missing": ["."],
}


def test_a_mapping_reads_somebody_elses_table(tmp_path):
    """Names, units, codes, dates and constants; a code that is not listed is a problem, not a guess."""
    cohort = read_table(write(tmp_path / "t.csv", TABLE), mapping=MAPPING)
    assert [cohort.source(row).id for row in range(3)] == ["p1", "p2", "p3"]
    assert shown(cohort, "sex") == ["male", "female", "refused"]
    assert shown(cohort, "cancer_type") == ["lung"] * 3
    assert shown(cohort, "haemoglobin")[1] is None
    assert known(cohort, 0, "haemoglobin").date == "2026-11-20"
    assert known(cohort, 1, "deceased").date == "2026-11-22"
    assert known(cohort, 0, "sex").date is None
    assert [know(cohort.source(row), DICTIONARY, AS_OF).state["deceased"] for row in range(3)] == [NO, YES, NO | YES]


def test_a_mapping_may_say_when_forms_were_filled_in(tmp_path):
    """From a column or for everybody; the risks that the form asks for are then no."""
    path = write(tmp_path / "t.csv", "n,asked\n1,2026-11-23\n2,\n")
    by_column = read_table(path, mapping={"columns": {"asked": "form.door"}})
    assert shown(by_column, "dizziness") == ["no", None]
    for_all = read_table(path, mapping={"columns": {"n": "weight"}, "constant": {"form.door": "2026-11-23"}})
    assert shown(for_all, "dizziness") == ["no", "no"]
    with pytest.raises(InputFileError, match="window"):
        read_table(path, mapping={"columns": {"asked": "form.window"}})


def test_a_mapping_that_names_a_missing_column_is_refused(tmp_path):
    """Without the column of deaths the dead would be screened as alive."""
    with pytest.raises(InputFileError, match="'dead'"):
        read_table(write(tmp_path / "t.csv", TABLE.replace("dead", "death")), mapping=MAPPING)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colums": {}}, "'colums' is not a key"),
        ({"columns": {"a": "platelet"}}, "platelets"),
        ({"columns": {"a": "haemoglobin"}}, "needs its unit"),
        ({"columns": {"a": {"field": "platelets", "unit": "K/uL"}}}, "kelvin"),
        ({"columns": {"a": {"field": "sex", "unit": "kg"}}}, "no measurement"),
        ({"columns": {"a": {"field": "sex", "values": {1: "mann"}}}}, "mann"),
        ({"columns": {"a": {"unit": "kg"}}}, "needs a field"),
        ({"columns": {"a": "sex", "b": "sex"}}, "two columns"),
        ({"columns": {}}, "'columns'"),
        ({"columns": {"a": "sex"}, "constant": {"sex": "male"}}, "two columns"),
        ({"columns": {"a": "sex"}, "constant": {"cancer_type": "lungs"}}, "lungs"),
        ({"columns": {"a": "sex"}, "undated": ["b"]}, "'undated'"),
        ({"columns": {"a": "sex"}, "missing": "."}, "lists"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(change, says):
    """Nothing is read with a mapping that cannot hold."""
    with pytest.raises(InputFileError, match=says):
        read_mapping(change, DICTIONARY)


def test_every_fault_of_a_mapping_is_reported_at_once():
    """One run shows everything that has to be mended."""
    with pytest.raises(InputFileError) as caught:
        read_mapping({"columns": {"a": "platelet", "b": "haemoglobin"}, "datum": "x"}, DICTIONARY)
    assert len(str(caught.value).splitlines()) == 4


# ---- Parquet ---------------------------------------------------------------------------------------


def test_parquet_and_csv_of_the_same_table_say_the_same(tmp_path):
    """The format of the file changes nothing, with or without a mapping."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {
        "pid": ["p1", "p2", "p3"],
        "hgb": [9.8, None, 7.0],
        "sex": [1, 2, 3],
        "drawn": [date(2026, 11, 20), None, None],
        "visit": [date(2026, 11, 21), date(2026, 11, 22), None],
        "dead": [0.0, 1.0, 9.0],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    one = read_table(tmp_path / "t.parquet", mapping=MAPPING)
    other = read_table(write(tmp_path / "t.csv", TABLE), mapping=MAPPING)
    for name in ("haemoglobin", "sex", "deceased", "cancer_type"):
        assert shown(one, name) == shown(other, name)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    """The message holds the line that mends it."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(MissingDependencyError, match=r"exrx\[tables\]"):
        read_table(path)


def test_a_damaged_parquet_file_is_refused(tmp_path):
    """Damage is said in a sentence."""
    pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 no more")
    with pytest.raises(InputFileError, match="Parquet"):
        read_table(path)


# ---- three public tables ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rows", "counted"),
    [
        ("ncctg_lung", 228, {"ecog": 227, "karnofsky": 227, "age": 228, "sex": 228, "cancer_type": 228}),
        ("pbc", 418, {"platelets": 407, "age": 418, "sex": 418}),
        ("mgus2", 1384, {"haemoglobin": 1371, "creatinine": 1354, "age": 1384, "sex": 1384}),
    ],
)
def test_public_tables_keep_every_row_and_every_value(shared_data, name, rows, counted):
    """N rows in, N out; as many values as the file has cells that are not empty, none refused."""
    intake = read_table_intake(shared_data / f"{name}.csv", mapping=MAPPINGS / f"{name}.yaml")
    assert (intake.n, intake.problems) == (rows, ())
    for field, expected in counted.items():
        values = shown(intake.cohort, field)
        assert len(values) == rows
        assert sum(value is not None for value in values) == expected, field
        assert "refused" not in values, field


def test_the_dead_of_a_public_table_are_stopped_and_nobody_is_lost(shared_data):
    """165 of the 228 had died by the end of the study: no plan, and the others are asked first."""
    intake = read_table_intake(shared_data / "ncctg_lung.csv", mapping=MAPPINGS / "ncctg_lung.yaml")
    decisions = screen_cohort(intake.cohort, load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF)
    found = [Clearance(level) for level in decisions.clearance]
    assert (found.count(Clearance.STOP), found.count(Clearance.ASSESS)) == (165, 63)
