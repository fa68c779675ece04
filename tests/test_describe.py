"""`exrx cohort describe`: an input is counted as it stands, and what is to be mended is said with how."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.cli.cohort_describe import described as describe_input
from exrx.cli.main import main
from exrx.cohort import Cohort
from exrx.fields import load_dictionary
from exrx.io.patients_json import patients_from_bytes
from exrx.io.sources import open_table
from exrx.report import Phrases
from exrx.report.describe_text import point_words
from exrx.report.describe_words import WORDS
from exrx.stream.describe import describe_table
from exrx.study.describe import Describer
from exrx.study.describe_points import to_dict
from exrx.study.described import quartiles

DAY = date(2026, 11, 23)
BAD = """\
ID;hb [mmol/L];hb.date;plt;plt.date;sex;creatinine;bone_metastases;last_chemotherapy;form.door;chest_pian;rest
a;13.2;2026-11-20;150;2026-11-20;f;70;1;2026-11-10;2026-11-23;no;x
b;12.1;2026-11-20;<20;20/11-2026;female;70;no;never;2026-11-24;no;x
b;140;2026-11-30;150000;2026-11-20;male;70;ja;2026;2026-11-23;no;x
0101901234;8.1;2026-11-20;unknown;2026-11;male;70;nej;2026-12-01;2026-11-23;no;x
"""
numbers = st.one_of(st.none(), st.sampled_from(["45", "<20", "unknown", "12", "180", "99999", "many", "45.37"]))
rows = st.fixed_dictionaries({
    "id": st.sampled_from(["", "a", "b", "c", "0101901234"]),
    "platelets": numbers,
    "platelets.date": st.sampled_from(["", "2026-11-20", "2026-11", "2026-12-24", "soon"]),
    "sex": st.sampled_from(["", "male", "female", "both", "unknown"]),
    "bone_metastases": st.sampled_from(["", "yes", "no", "unknown", "7"]),
    "bone_metastasis_sites": st.sampled_from(["", "lumbar;pelvis", "none", "moon"]),
    "last_chemotherapy": st.sampled_from(["", "never", "2026-11-01", "2026", "2027-01-01", "unknown"]),
    "form.door": st.sampled_from(["", "2026-11-23", "2026-11-24"]),
    "colour": st.sampled_from(["", "red"]),
})  # fmt: skip


def described(*parts: list[dict]) -> dict:
    """The description of a table that comes in parts."""
    made = Describer(DAY)
    for part in parts:
        made.add(Cohort.from_columns({name: [row[name] for row in part] for name in part[0]}))
    return to_dict(made, {}, [], [])


@settings(max_examples=40)
@given(st.lists(rows, min_size=2, max_size=12), st.data())
def test_a_table_is_described_alike_in_one_part_and_in_two(table, data):
    """Counts, ranges, dates, duplicates and first rows do not depend on where a table is cut."""
    cut = data.draw(st.integers(1, len(table) - 1))
    assert described(table[:cut], table[cut:]) == described(table)


@settings(max_examples=40)
@given(st.lists(rows, min_size=1, max_size=12))
def test_every_cell_is_counted_once(table):
    """What is given is usable, a bound, written unknown or refused; what is not given is missing."""
    made = described(table)
    for column in made["columns"]:
        assert column["given"] + column["missing"] == len(table)
        refused = sum(found["count"] for found in column["refused"].values())
        counted = column["censored"] + column["unknown"] + refused
        if column["kind"] == "flag":
            assert counted + sum(column.get("answers", {}).values()) == column["given"]
        if column["field"] == "last_chemotherapy":
            days = column.get("days", {"count": 0, "never": 0})
            assert days["count"] + days["never"] + counted == column["given"]


@settings(max_examples=40)
@given(st.lists(rows, min_size=1, max_size=8))
def test_patients_one_by_one_are_counted_like_the_table_they_are_rows_of(table):
    """Given, missing, refused, bounds, answers and ranges agree between the two ways of reading."""
    cohort = Cohort.from_columns({name: [row[name] for row in table] for name in table[0]})
    single = Describer(DAY)
    single.add_patients([cohort.source(row) for row in range(len(table))], load_dictionary())
    ours = {column["field"]: column for column in to_dict(single, {}, [], [])["columns"]}
    for column in described(table)["columns"]:
        if column["given"]:
            other = ours[column["field"]]
            for key in ("given", "missing", "censored", "unknown", "range", "answers", "days"):
                assert other.get(key) == column.get(key), (column["field"], key)
            both = [sum(found["count"] for found in made["refused"].values()) for made in (column, other)]
            assert both[0] == both[1]


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40))
def test_quartiles_are_numpys_inverted_distribution(values):
    """Each is a number that was given: the smallest that the share does not exceed."""
    from collections import Counter

    wanted = np.quantile(values, [0, 0.25, 0.5, 0.75, 1], method="inverted_cdf")
    assert list(quartiles(Counter(values))) == wanted.tolist()


def test_every_fault_of_a_table_is_said_at_once_with_its_rows_and_what_to_do(tmp_path):
    """A header that refuses the file does not hide what else is wrong."""
    path = tmp_path / "bad.csv"
    path.write_text(BAD, encoding="utf-8")
    made = describe_input(str(path), DAY, None)
    found = {(point["code"], point["column"]): point for point in made["points"]}
    messages = " ".join(point["message"] for point in made["points"] if point["code"] == "not-readable")
    assert "'creatinine [umol/L]'" in messages
    assert "'chest_pain'" in messages
    assert found["identifier-refused", "id"]["rows"] == [4]
    assert found["duplicate-id", "id"]["rows"] == [2, 3]
    assert found["unit-doubted", "hb [mmol/L]"]["meant"] == "g/dL"
    assert found["after-as-of", "last_chemotherapy"]["rows"] == [4]
    assert found["after-as-of", "form.door"]["rows"] == [2]
    assert found["not-read", "rest"]["why"] == "no-field"
    platelets = next(column for column in made["columns"] if column["field"] == "platelets")
    assert platelets["refused"] == {
        "impossible-date": {"count": 1, "rows": [2]}, "implausible": {"count": 1, "rows": [3]},
    }  # fmt: skip
    assert platelets["meant"] == {"/uL": 1}
    assert not made["ready"]


def test_no_refused_value_is_repeated(tmp_path, capsys):
    """The text names rows and reasons, never what stands in a refused cell."""
    path = tmp_path / "names.csv"
    path.write_text("id,platelets,sex\na,Niels Hansen,Niels Hansen\n", encoding="utf-8")
    for layout in ("table", "json"):
        assert main(["cohort", "describe", str(path), "--as-of", "2026-11-23", "--format", layout]) == 1
        assert "Hansen" not in capsys.readouterr().out


def test_a_mapping_shows_the_tables_own_names(tmp_path):
    """Columns are called what the file calls them, and those that the mapping leaves out are named."""
    path = tmp_path / "own.csv"
    path.write_text("pid,hgb,gender,extra\n1,13.1,1,x\n2,9.0,2,y\n", encoding="utf-8")
    mapping = {"id": "pid", "columns": {"hgb": {"field": "haemoglobin", "unit": "g/dL"},
               "gender": {"field": "sex", "values": {1: "male", 2: "female"}}}}  # fmt: skip
    made = describe_table(open_table(path), as_of=DAY, mapping=mapping)
    assert [column["column"] for column in made["columns"]] == ["hgb", "gender"]
    assert made["columns"][0]["unit"] == "g/dL"
    assert made["not_read"] == {"extra": "not-mapped"}
    assert made["ready"]


@pytest.mark.parametrize(("lang", "says"), [("en", "READY"), ("da", "KLAR")])
def test_the_command_says_ready_in_80_columns(tmp_path, capsys, lang, says):
    """The verdict comes second, the columns below it, and nothing is wider than the terminal."""
    path = tmp_path / "good.csv"
    path.write_text("id,platelets,platelets.date,origin\na,45,2026-11-20,synthetic\nb,<20,2026-11-20,\n", "utf-8")
    assert main(["cohort", "describe", str(path), "--as-of", "2026-11-23", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert says in out
    assert {"en": "EXAMPLE: 1", "da": "EKSEMPEL: 1"}[lang] in out
    assert max(map(len, out.splitlines())) <= 80


def test_fhir_and_json_are_described_too(tmp_path):
    """Units as given are counted, so that a column of mixed units is seen."""
    content = [{"id": "a", "platelets": {"value": 45, "unit": "10^9/L", "date": "2026-11-20"}},
               {"id": "b", "platelets": {"value": 45000, "unit": "/uL", "date": "2026-11-20"},
                "nonsense": 1}]  # fmt: skip
    path = tmp_path / "two.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    made = describe_input(str(path), DAY, None)
    assert made["columns"][0]["units_given"] == {"10^9/L": 1, "/uL": 1}
    assert made["columns"][0]["range"]["max"] == "45"
    assert made["not_read"] == {"nonsense": "no-field"}
    assert patients_from_bytes(path.read_bytes(), "two.json").n == made["rows"]


def test_every_point_has_a_sentence_in_both_languages():
    """No code of a point is shown raw, in Danish or English."""
    assert WORDS["da"].keys() == WORDS["en"].keys()
    codes = ["no-rows", "no-field", "identifier-refused", "duplicate-id", "after-as-of", "without-id"]
    for lang in ("da", "en"):
        phrases = Phrases(lang, load_dictionary())
        for code in codes:
            point = {"code": code, "column": "x", "count": 2, "rows": [1, 2], "mend": True}
            assert code not in point_words(point, phrases, "23 Nov 2026")
