"""Damaged and hostile input: no row is lost in silence, no identifier is repeated, nothing ends in a traceback."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from fhir_builders import bundle, observation, person
from hypothesis import given
from hypothesis import strategies as st

from exrx.cohort import Cohort
from exrx.errors import InputFileError
from exrx.io import read_input
from exrx.io.csvread import read_csv
from exrx.values import has_identifier

AS_OF = date(2026, 11, 23)
GAPS = ["", "-", "–", "—", "‑", " ", ".", "/", "\u00a0", "\t", " - "]


@pytest.fixture
def read(tmp_path):
    """Read bytes or text as a file of the given name."""

    def one(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_input(path, as_of=AS_OF)

    return one


def ids(intake):
    """The names of all patients."""
    if intake.cohort is not None:
        return [intake.cohort.source(row).id for row in range(intake.n)]
    return [patient.id for patient in intake.patients]


# ---- headers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("platelets_date", "platelets.date"),
        ("platelets.Date", "platelets.date"),
        ("platelets [10^9/L].date", "platelets.date"),
        ("trombocytter_dato", "platelets.date"),
        ("chest_pian", "chest_pain"),
        ("form.dor", "form.door"),
        ("form_door", "form.door"),
    ],
)
def test_a_header_that_is_nearly_known_is_refused(read, header, meant):
    """A misspelt risk must never be answered by a form instead."""
    with pytest.raises(InputFileError) as refused:
        read(f"id,ecog,{header}\na,1,\n")
    assert header in str(refused.value)
    assert f"'{meant}'" in str(refused.value)
    with pytest.raises(InputFileError, match="nearly"):
        Cohort.from_columns({header: ["x"]})


def test_other_unknown_headers_are_only_named(read):
    """What is like no field is left aside."""
    assert "ward, visit_date, comment" in read("id,ecog,ward,visit_date,comment\na,1,,,\n").notes[0]


def test_two_id_columns_are_refused(read):
    """Nobody knows which one is the name."""
    with pytest.raises(InputFileError, match="both the id"):
        read("id,ID,ecog\na,b,1\n")


# ---- CSV -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    ['1,2,3\n2,"45,3\n3,4,5\n', '1,2,3\n2,"45,3\n3,"4",5\n', '1,2,3\n2,"45,3\n3,4",5\n4,5,6\n', '1,2,3\n2,"a" b,3\n'],
)
def test_a_quote_that_swallows_rows_is_refused_with_its_line(rows):
    """N rows in, N rows out, or none."""
    with pytest.raises(InputFileError, match="line 3 "):
        read_csv(f"id,a,b\n{rows}".encode(), "t.csv")


def test_a_comment_of_two_lines_is_a_cell():
    """Line breaks within well-formed quotes are data."""
    assert read_csv(b'id,a,b\n1,"c, d\ne",3\n', "t.csv").columns[1] == ["c, d\ne"]


def test_excels_first_line_says_the_delimiter():
    """`sep=;` is no header."""
    table = read_csv(b"sep=;\r\nid;a\r\n1;2,5\r\n", "t.csv")
    assert (table.header, table.columns) == (("id", "a"), (["1"], ["2,5"]))


def test_a_cell_without_end_is_a_problem():
    """The row is there, of which nothing is used."""
    table = read_csv(b"id,a\n1," + b"x" * 140_000 + b"\n2,3\n", "t.csv")
    assert [problem.code for problem in table.problems] == ["cell-too-long"]
    assert table.columns == (["", "2"], ["", "3"])


def test_a_header_alone_holds_nobody_and_says_so(read):
    """Zero rows is an answer."""
    intake = read("id,platelets\n")
    assert intake.n == 0
    assert "no rows" in intake.notes[0]


def test_rows_without_a_usable_id_are_called_by_their_number(read):
    """Absent, refused and unshowable ids; the name is unique."""
    intake = read('id,ecog\n311299—4321,1\n"a\x1b[2J",1\n,1\nrow-3,1\n')
    assert ids(intake) == ["row-1", "row-2", "row-3-nameless", "row-3"]
    assert [(row, fault.code) for row, fault in intake.cohort.faults] == [(0, "identifier-refused"), (1, "wrong-shape")]
    assert ids(read("ecog\n1\n2\n")) == ["row-1", "row-2"]
    patients = read(json.dumps([{"id": "a\nb"}, {"id": "row-1"}]), "p.json")
    assert ids(patients) == ["row-1-nameless", "row-1"]
    assert [problem.code for problem in patients.patients[0].problems] == ["wrong-shape"]


def test_yes_no_and_nothing_in_any_case(read):
    """TRUE and False are answers, the everyday texts for nothing are none."""
    cohort = read("id,chest_pain,dizziness\na,TRUE,false\nb,n/a,-\nc,Null,na\n").cohort
    given = [cohort.source(row).observations for row in range(3)]
    assert [given[0][name].shown for name in ("chest_pain", "dizziness")] == ["yes", "no"]
    assert given[1:] == [{}, {}]


@pytest.mark.parametrize("column", [None, "abc", {"a": 1}, 7])
def test_what_is_no_column_is_refused(column):
    """A plain refusal, no traceback."""
    with pytest.raises(InputFileError, match="platelets"):
        Cohort.from_columns({"platelets": column})


# ---- JSON ------------------------------------------------------------------------------------------


def test_lines_end_with_a_line_feed_only(read):
    """U+2028 and U+0085 are data."""
    assert ids(read('{"id": "a", "comment": "x\u2028y\u0085z"}\n{"id": "b"}\n', "p.jsonl")) == ["a", "b"]


def test_half_characters_are_replaced(read):
    """What no output can hold is not kept."""
    (patient,) = read('{"id": "x\\ud800", "ecog": "\\udfff"}', "p.json").patients
    json.dumps(patient.to_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize("start", ['{"a":', '{"resourceType":"Bundle","entry":'])
def test_nesting_without_end_is_refused(read, start):
    """One line, no traceback."""
    with pytest.raises(InputFileError, match="nested too deeply"):
        read(start + "[" * 100_000 + "]" * 100_000 + "}", "p.json")


# ---- FHIR ------------------------------------------------------------------------------------------

BUNDLE = json.dumps(bundle(person(), observation(180)))
LINES = f"{json.dumps(person())}\n{json.dumps(observation(180))}"


@pytest.mark.parametrize(
    "data",
    [
        BUNDLE.encode("utf-8-sig"),
        BUNDLE.encode("utf-16"),
        f"[{BUNDLE}]".encode(),
        f"[{json.dumps(person())}, {json.dumps(observation(180))}]".encode(),
        f"junk\n{LINES}".encode(),
    ],
    ids=["mark", "utf-16", "array of bundles", "array", "bad first line"],
)
def test_fhir_is_known_however_it_is_wrapped(read, data):
    """The same patient with the same count."""
    (patient,) = read(data, "p.json").patients
    assert (patient.id, patient.observations["platelets"].shown) == ("p1", "180")


@pytest.mark.parametrize("damage", [None, 5, {"resource": None}, {"resource": 7}, {"resource": {"resourceType": 7}}])
def test_one_bad_entry_is_named_and_the_rest_is_read(read, damage):
    """A file does not die of an entry."""
    content = json.loads(BUNDLE)
    content["entry"].append(damage)
    intake = read(json.dumps(content), "p.json")
    assert [patient.observations["platelets"].shown for patient in intake.patients] == ["180"]
    assert [problem.code for problem in intake.problems] == ["unreadable-resource"]


def test_a_lost_newer_value_is_not_replaced_by_the_older(read):
    """A cut line that names a person and a code leaves that field of that person unknown, with a problem."""
    cut = json.dumps(observation(20, "2026-11-22"))[:-30]
    (patient,) = read(f"{LINES}\n{cut}", "p.ndjson").patients
    assert patient.observations["platelets"].possible is None
    assert {"row", "platelets"} <= {problem.field for problem in patient.problems}


# ---- identifiers -----------------------------------------------------------------------------------


@given(
    day=st.integers(1, 28), more=st.sampled_from([0, 60]), month=st.integers(1, 12), year=st.integers(0, 99),
    serial=st.integers(1, 9999), gap=st.sampled_from(GAPS), wide=st.booleans(),
)  # fmt: skip
def test_identifiers_are_known_however_they_are_written(day, more, month, year, serial, gap, wide):
    """Any dash, space or dot between the parts, full-width digits, as a number, without the first zero."""
    text = f"{day + more:02}{month:02}{year:02}{gap}{serial:04}"
    number = int(f"{day + more:02}{month:02}{year:02}{serial:04}")
    if wide:
        text = text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert has_identifier(text)
    assert has_identifier(number)
    assert has_identifier(float(number))
    assert has_identifier(str(number))


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.times(), st.integers(0, 400))
def test_dates_are_no_identifiers(day, time, days):
    """ISO dates, moments and periods, and Danish dates."""
    end = (day + timedelta(days)).isoformat()
    moment = time.replace(microsecond=0).isoformat()
    texts = [day.isoformat(), f"{day}T{moment}Z", f"{day} {moment}", f"{day}/{end}", f"{day:%d-%m-%Y}", f"{day:%Y%m%d}"]
    assert not [text for text in texts if has_identifier(text)]


@given(
    st.floats(0.01, 99_999).map(lambda number: round(number, 3)),
    st.sampled_from(["", "<", ">=", "< "]),
    st.sampled_from(["", " 10^9/L", " 10⁹/L", " g/dL", " mmol/L", " %", "/uL"]),
)
def test_results_are_no_identifiers(number, sign, unit):
    """A laboratory's numbers pass, as texts and as numbers."""
    assert not has_identifier(f"{sign}{number}{unit}")
    assert not has_identifier(number)
    assert not has_identifier("120/80")


@pytest.mark.parametrize("content", ["311299—4321,ecog\na,1\n", "311299-4321\n1\n"])
def test_an_identifier_in_a_header_is_refused_and_not_repeated(read, content):
    """A table without a header begins with a person."""
    with pytest.raises(InputFileError) as refused:
        read(content)
    assert "4321" not in str(refused.value)


def test_an_identifier_in_the_name_of_a_file_is_not_repeated(read):
    """Messages call it otherwise."""
    with pytest.raises(InputFileError) as refused:
        read("{", "311299-4321.json")
    assert "4321" not in str(refused.value)
