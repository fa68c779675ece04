"""What arrives broken: said plainly, nothing lost, nothing silently dropped, and no patient's value in a log."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from exrx.cli.main import main

CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23"]
HEAD = "id,age,on_chemotherapy,enrolment_cleared,platelets,platelets.date,form.door"
ROW = "P-{n},52,yes,yes,180,2026-11-22,2026-11-23"


@pytest.fixture
def screened(tmp_path, capsys):
    """Screens a file from the command line: exit code, answers, problems, what was said."""

    def run(name: str, content: bytes, *options: str):
        (tmp_path / name).write_bytes(content)
        out, problems = tmp_path / "out.csv", tmp_path / "problems.jsonl"
        code = main(["screen", str(tmp_path / name), *CALL, "--out", str(out), "--problems", str(problems), *options])
        said = capsys.readouterr()
        assert said.out == ""
        assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []
        if code == 2:
            assert not out.exists()
            return code, None, None, said.err
        listed = [json.loads(line) for line in problems.read_text(encoding="utf-8").splitlines()]
        return code, pc.read_csv(out).to_pylist(), listed, said.err

    return run


def csv_of(rows: list[str], head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def parquet_of(columns: dict[str, list]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def test_a_parquet_file_that_was_cut_off_says_so(screened):
    """Its end is missing: nothing is answered, and what to do is said."""
    whole = parquet_of({"id": [f"P-{n}" for n in range(2000)], "age": [50] * 2000})
    code, _, _, err = screened("cut.parquet", whole[: len(whole) // 2])
    assert code == 2
    assert "cut.parquet" in err
    assert "its end is missing" in err


def test_a_parquet_file_damaged_inside_is_refused_whole(screened):
    """No half of the answers is left."""
    whole = bytearray(parquet_of({"id": [f"P-{n}" for n in range(5000)], "age": [50] * 5000}))
    whole[200:4000] = bytes(3800)
    code, _, _, err = screened("hole.parquet", bytes(whole))
    assert code == 2
    assert "hole.parquet is damaged" in err


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.parquet", b"id,age\n", "not a Parquet file"),
        ("a.arrow", b"ARROW1 no", "not an Arrow file"),
        ("a.xlsx", b"PK no", "not an Excel file"),
        ("a.csv.gz", gzip.compress(csv_of([ROW.format(n=n) for n in range(999)]))[:-40], "damaged gzip"),
        ("a.csv", csv_of(["P-1,52"], "id,age,age"), "'age' stands twice"),
        ("a.csv", csv_of(["P-1,52,7"], "id,age,haemoglobin"), "needs its unit"),
        ("a.csv", csv_of(["a,b"], "navn,blod"), "none of the columns of a.csv is a field"),
        ("a.csv", csv_of([*[ROW.format(n=n) for n in range(70_000)], '"P-1,52', "P-2"]), "line 70002"),
    ],
    ids=["empty", "no-parquet", "no-arrow", "no-excel", "cut-gzip", "twice", "unit", "strangers", "open-quote"],
)
def test_a_file_that_would_lose_something_is_refused(screened, name, content, why):
    """Exit 2 with what and where; nothing is written."""
    code, _, _, err = screened(name, content)
    assert code == 2
    assert why in err


def test_a_column_given_twice_in_parquet_is_refused(screened, tmp_path):
    """Whichever was meant, the other would be lost."""
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array([50]), pa.array([60])], names=["id", "age", "age"])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    code, _, _, err = screened("twice.parquet", sink.getvalue().to_pybytes())
    assert code == 2
    assert "'age' stands twice" in err


def test_one_bad_row_among_many_costs_that_row_alone(screened):
    """Of the row nothing is known, it is named with its number, and every other row is answered as without it."""
    rows = [ROW.format(n=n) for n in range(3000)]
    rows[2017] = "P-2017,52,yes"
    code, answers, problems, err = screened("big.csv", csv_of(rows))
    assert code == 1
    assert len(answers) == 3000
    bad = answers.pop(2017)
    assert [row["patient"] for row in answers] == [f"P-{n}" for n in range(3000) if n != 2017]
    assert {row["definite_clearance"] for row in answers} == {answers[0]["definite_clearance"]}
    assert bad["patient"] == "row-2018"
    assert bad["clearance"] not in ("clear", "modify")
    assert [(problem["row"], problem["code"]) for problem in problems] == [(2018, "ragged-row")]
    assert "P-" not in err


def test_mixed_units_in_a_column_are_read_where_they_stand(screened):
    """Each cell with its own unit counts exactly; a bare number is unknown and listed, and the rest is answered."""
    cells = ["7.2 mmol/L", "11.6 g/dL", "11,6 g/dL"] * 400
    cells[1100] = "7.2"
    rows = [f"P-{n},52,{cell!r}".replace("'", '"') for n, cell in enumerate(cells)]
    code, answers, problems, err = screened("units.csv", csv_of(rows, "id,age,haemoglobin"))
    assert code == 1
    assert len(answers) == 1200
    assert [(problem["row"], problem["code"]) for problem in problems] == [(1101, "needs-unit")]
    assert "7.2" not in err


def test_dates_in_three_formats_are_read_or_listed_never_guessed(screened):
    """2026-11-23 is a day; 23/11/2026 and 11-23-26 would need guessing, so their values are not used."""
    days = ["2026-11-23", "23/11/2026", "11-23-26"]
    rows = [ROW.format(n=n).replace("2026-11-22", day) for n, day in enumerate(days)]
    code, answers, problems, _ = screened("dates.csv", csv_of(rows), "--reasons")
    assert code == 1
    assert [(problem["row"], problem["field"], problem["code"]) for problem in problems] == [
        (2, "platelets", "impossible-date"), (3, "platelets", "impossible-date"),
    ]  # fmt: skip
    known, *unknown = (set(row["undecided"].split("; ")) for row in answers)
    for undecided in unknown:
        assert any("platelets" in rule for rule in undecided - known)


def test_another_encoding_is_said_and_its_letters_are_right(screened):
    """A file from an old program: read as Latin-1, which is said; decimal commas are decimals."""
    text = "id;age;on_chemotherapy;platelets\nSØREN-1;52;ja;180,5\n"
    code, answers, _, err = screened("old.csv", text.encode("latin-1"))
    assert code == 0
    assert answers[0]["patient"] == "SØREN-1"
    assert "Latin-1" in err
    assert "SØREN" not in err


def test_ids_given_twice_are_answered_and_listed(screened):
    """Both rows keep their answers; neither is taken for the other."""
    code, answers, problems, err = screened("ids.csv", csv_of([ROW.format(n=n) for n in (1, 2, 1)]))
    assert code == 1
    assert [row["patient"] for row in answers] == ["P-1", "P-2", "P-1"]
    assert [(problem["row"], problem["code"]) for problem in problems] == [(1, "duplicate-id"), (3, "duplicate-id")]
    assert "P-1" not in err


def test_a_cpr_number_is_in_no_output(screened):
    """Neither in the answers, nor in the problems, nor in what is said."""
    code, answers, problems, err = screened("cpr.csv", csv_of([ROW.format(n=1).replace("P-1", "010170-1234")]))
    assert code == 1
    assert answers[0]["patient"] == "row-1"
    assert problems[0]["code"] == "identifier-refused"
    assert "010170" not in json.dumps([answers, problems], default=str) + err
