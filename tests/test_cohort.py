"""A cohort holds what its table says: every row is the patient that the same values would be, on every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import AS_OF, DICTIONARY, FIELDS, FORMS, patients, written_dates

from exrx import Cohort, Patient
from exrx.bits import unpack
from exrx.errors import FieldError, InputFileError
from exrx.fields import YES, Field, Members, Span, Validity
from exrx.knowledge import know

RUBBISH = ["rubbish", True, 3, "1012801234", -5.5, 1e9, "2026-11-01", "45 bananas", float("inf")]
BLANK = [None, "", "unknown", "ved ikke", float("nan")]


def assert_every_row_is_its_patient(cohort, as_of=AS_OF, validities=None):
    """Each cell on a day, the problems and the second readings are those of `know` for the same row."""
    today = cohort.at(as_of, validities)
    known = [know(cohort.source(row), DICTIONARY, as_of, validities or {}) for row in range(cohort.n)]
    for name in DICTIONARY.fields:
        assert [today.column(name).possible(row) for row in range(cohort.n)] == [k.state[name] for k in known], name
        assert unpack(today.read_twice(name), cohort.n).tolist() == [name in k.readings for k in known], name
    faulty = {row for row, _ in cohort.faults if row >= 0}
    assert set(today.problem_rows.tolist()) - faulty == {row for row, k in enumerate(known) if k.problems} - faulty


@st.composite
def written_days(draw):
    """A day as tables hold it: text, a date, partial, impossible, in the future, or nothing."""
    return draw(
        st.none() | st.sampled_from(["", "2026-13-01", "2026-11-24", date(2026, 11, 23), "2026-11-22T08:15"])
        | written_dates(120, 3)
    )  # fmt: skip


@st.composite
def cells(draw, entry: Field):
    """A cell of a field: usable, censored, blank or rubbish."""
    usual = {
        "flag": st.sampled_from(["yes", "no", True, False, "ja", " Nej"]),
        "set": st.sampled_from(["none", *entry.options, ";".join(entry.options[:2]), list(entry.options[:1]), []]),
        "elapsed": st.just("never") | written_days(),
    }.get(entry.kind)
    if entry.is_numeric and entry.kind != "elapsed":
        scale = entry.ticks
        tick = draw(st.integers(scale.lowest, scale.highest))
        value = scale.value(tick - tick % 2 if scale.whole else tick)
        unit = f" {scale.unit}" if scale.ambiguous else ""
        usual = st.sampled_from([float(value), f"{value}{unit}", f"<{value}{unit}", f">={value}{unit}"])
        if entry.name == "age":
            usual = usual | st.sampled_from(["1961-05-02", "2026-12-01", "1850-01-01", "1950-11"])
    usual = usual if usual is not None else st.sampled_from(entry.options)
    return draw(st.one_of(usual, usual, usual, st.sampled_from(BLANK), st.sampled_from(RUBBISH)))


@st.composite
def tables(draw, names=tuple(DICTIONARY.fields), most: int = 7):
    """Columns of a few fields, their dates, readings and forms, as lists."""
    n = draw(st.sampled_from([1, 5, 65]))

    def column(cell):
        few = draw(st.lists(cell, min_size=1, max_size=12))
        return [few[draw(st.integers(0, len(few) - 1)) if n < 10 else row * 7 % len(few)] for row in range(n)]

    table = {}
    for name in draw(st.lists(st.sampled_from(names), max_size=most, unique=True)):
        entry = DICTIONARY.fields[name]
        unit = f" [{entry.ticks.ambiguous[0]}]" if entry.is_numeric and entry.ticks.ambiguous else ""
        table[name + unit] = column(cells(entry))
        if draw(st.booleans()):
            table[f"{name}.date"] = column(written_days())
        if draw(st.integers(0, 3)) == 0:
            table[f"{name}.readings"] = column(st.sampled_from([None, 1, 2, 3]))
    for form in draw(st.lists(st.sampled_from(sorted(FORMS)), max_size=2, unique=True)):
        table[f"form.{form}"] = column(written_days())
    return table


CLOSELY_LINKED = (
    "bone_metastases", "bone_metastasis_sites", "cancer_type", "haematological_cancer", "oncologist_clearance",
    "surgeon_clearance", "last_surgery", "last_chemotherapy", "last_transfusion", "platelets", "deceased", "age",
    "mirels", "mirels_site", "mirels_size", "mirels_type", "mirels_pain", "surgical_wound_healed", "ostomy",
)  # fmt: skip


@given(tables())
@settings(max_examples=60)
def test_every_row_of_a_table_is_known_as_its_patient_is(table):
    """Any fields, any cells, dates and forms."""
    assert_every_row_is_its_patient(Cohort.from_columns(table))


@given(tables(CLOSELY_LINKED, most=12))
@settings(max_examples=80)
def test_fields_that_depend_on_each_other_agree_too(table):
    """Ties, gates and their findings, scores and their items, events and what they end, death."""
    assert_every_row_is_its_patient(Cohort.from_columns(table))


@given(st.lists(patients(), max_size=6), st.integers(0, 60))
@settings(max_examples=30)
def test_a_cohort_of_patients_knows_what_they_know(given_patients, days):
    """`from_patients` is `know`, whatever their JSON held, and `source` gives them back."""
    people = [Patient.from_dict(content) for content in given_patients]
    cohort = Cohort.from_patients(people)
    assert [cohort.source(row) for row in range(cohort.n)] == people
    assert_every_row_is_its_patient(cohort, AS_OF + timedelta(days=days))


@given(tables(CLOSELY_LINKED, most=8), st.integers(1, 100))
@settings(max_examples=40)
def test_time_alone_makes_no_column_more_certain(table, days):
    """A later day leaves possible what was possible, for every field that does not itself count days."""
    cohort = Cohort.from_columns({name: cells for name, cells in table.items() if not name.startswith("form.")})
    now, later = cohort.at(AS_OF + timedelta(days=3)), cohort.at(AS_OF + timedelta(days=3 + days))
    for entry in FIELDS:
        if entry.kind in ("flag", "choice", "ordered", "set") and entry.name in cohort.recorded:
            for row in range(cohort.n):
                before, after = now.column(entry.name).possible(row), later.column(entry.name).possible(row)
                if isinstance(before, Members):
                    assert before.possible & ~after.possible == 0
                else:
                    assert before & ~after == 0


# What tables look like, one by one.


def test_numbers_keep_their_ticks_and_what_cannot_be_used_is_unknown():
    """Floats, integers, nan, masked and implausible cells."""
    cohort = Cohort.from_columns({"platelets": np.array([49.96, np.nan, -1.0, 3000.0])})
    column = cohort.at(AS_OF).column("platelets")
    unknown = DICTIONARY.fields["platelets"].unknown
    assert [column.possible(row) for row in range(4)] == [Span(999, 999), unknown, unknown, Span(60000, 60000)]
    masked = np.ma.MaskedArray(np.array([50, 60], np.int16), [False, True])
    column = Cohort.from_columns({"platelets": masked}).at(AS_OF).column("platelets")
    assert [column.possible(row) for row in range(2)] == [Span(1000, 1000), unknown]


def test_a_float32_column_reads_as_the_decimals_that_were_written():
    """The shortest decimal of a float32 is what its row's patient holds."""
    cohort = Cohort.from_columns({"haemoglobin [mmol/L]": np.array([8.05, 7.999], np.float32)})
    assert_every_row_is_its_patient(cohort)
    assert cohort.source(0).observations["haemoglobin"].given == 8.05


def test_problems_name_the_row_and_say_what_a_patient_file_would_say():
    """A refused cell is a problem with the same words as in `screen`; a foreign column is one of the table."""
    cohort = Cohort.from_columns({"platelets": ["45", "K/uL", None], "ward": [1, 2, 3], "id": ["a", "b", "b"]})
    problems = list(cohort.at(AS_OF).problems())
    assert [(row, p.field, p.code) for row, p in problems] == [
        (-1, "ward", "unknown-field"), (1, "id", "duplicate-id"), (1, "platelets", "not-a-number"),
        (2, "id", "duplicate-id"),
    ]  # fmt: skip
    assert problems[2][1] == Patient.from_dict({"id": "b", "platelets": "K/uL"}).problems[0]


def test_an_identifier_is_never_kept_as_an_id():
    """CPR-shaped ids, as text or as numbers, are withheld and named as a problem without their digits."""
    for ids in (["010180-1234", "p2"], np.array([101801234, 7])):
        cohort = Cohort.from_columns({"id": ids, "platelets": [45, 46]})
        assert cohort.ids[0] == "row-1"
        assert [(row, p.code) for row, p in cohort.faults] == [(0, "identifier-refused")]
        assert "1234" not in str(cohort.faults) + str(cohort.source(0))


def test_units_are_read_from_the_header_or_the_mapping():
    """The same haemoglobin, three ways; a header wins over nothing, text may bring its own unit."""
    columns = (
        Cohort.from_columns({"haemoglobin [g/dL]": [8.0]}),
        Cohort.from_columns({"hb": [8.0]}, units={"haemoglobin": "g/dL"}),
        Cohort.from_columns({"haemoglobin": ["8.0 g/dL"]}),
    )
    assert len({cohort.at(AS_OF).column("haemoglobin").possible(0) for cohort in columns}) == 1


@pytest.mark.parametrize("column", [np.array([8.0]), ["8.0"]])
def test_a_column_that_could_be_in_two_units_is_refused_as_a_whole(column):
    """The message names the units to choose from."""
    with pytest.raises(InputFileError, match=r"haemoglobin \[mmol/L\].*haemoglobin \[g/"):
        Cohort.from_columns({"haemoglobin": column})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"platelets": [1], "ecog": [1, 2]}, "different numbers of rows"),
        ({"platelets": [1], "plt": [2]}, "the same thing"),
        ({"age": [1], "birth_date": ["1961-05-02"]}, "the same thing"),
        ({"chest_pain [g/L]": ["yes"]}, "has no unit"),
        ({"platelets [K/uL]": [45]}, "kelvin"),
        ({"platelets [bananas]": ["45"]}, "bananas"),
        ({"platelets": np.zeros((2, 2))}, "2 dimensions"),
        ({"platelets": np.zeros(2, complex)}, "complex"),
    ],
)
def test_a_faulty_table_is_refused_with_what_is_wrong(columns, message):
    """A fault of a whole column is the file's, not its patients'."""
    with pytest.raises(InputFileError, match=message):
        Cohort.from_columns(columns)


def test_orphaned_and_unknown_headers_are_named_and_dropped():
    """Dates of nothing, forms that do not exist, and words that are no field."""
    cohort = Cohort.from_columns({"platelets.date": ["2026-11-01"], "form.tea": ["2026-11-01"], "mood": ["good"]})
    assert {problem.field for _, problem in cohort.faults} == {"platelets.date", "form.tea", "mood"}
    assert cohort.recorded == {}


def test_flags_are_yes_no_or_bools_and_never_numbers():
    """1 and 0 are refused as in a patient file: nobody said what they mean."""
    column = Cohort.from_columns({"chest_pain": [True, "no", "ja", None, "unknown"]}).at(AS_OF).column("chest_pain")
    assert [column.possible(row) for row in range(5)] == [2, 1, 2, 3, 3]
    numbers = Cohort.from_columns({"chest_pain": np.array([1, 0])})
    assert numbers.at(AS_OF).problem_rows.tolist() == [0, 1]


def test_a_filled_form_answers_no_where_the_row_says_nothing():
    """Door form of the morning: blank risks are no, given ones stay, and a row without a form stays unknown."""
    cohort = Cohort.from_columns(
        {"chest_pain": [None, "yes", "rubbish", None], "form.door": ["2026-11-23"] * 3 + [None]}
    )
    column = cohort.at(AS_OF).column("chest_pain")
    assert [column.possible(row) for row in range(4)] == [1, 2, 3, 3]
    assert cohort.at(AS_OF + timedelta(days=60)).column("chest_pain").possible(0) & YES


def test_expired_numbers_widen_to_the_worse_side_only():
    """Old platelets of 180 become "180 or lower"; a newer transfusion expires them at once."""
    old = (AS_OF - timedelta(days=5)).isoformat()
    cohort = Cohort.from_columns(
        {
            "platelets": np.array([180.0, 180.0, 180.0]),
            "last_transfusion": ["never", "2026-11-20", None],
            "last_chemotherapy": ["never"] * 3,
        },
        dates={"platelets": [old] * 3},
    )
    week = {"platelets": Validity(7, ("chemotherapy", "transfusion"))}
    column = cohort.at(AS_OF, week).column("platelets")
    assert [column.possible(row) for row in range(3)] == [Span(3600, 3600), Span(0, 3600), Span(0, 3600)]
    assert cohort.at(AS_OF + timedelta(days=3), week).column("platelets").possible(0) == Span(0, 3600)
    with pytest.raises(FieldError, match="full-moon"):
        cohort.at(AS_OF, {"platelets": Validity(7, ("full-moon",))}).column("platelets")


@pytest.mark.parametrize("name", ["last_chemotherapy", "last_transfusion"])
@given(table=tables(("last_chemotherapy", "last_transfusion", "platelets"), most=3))
@settings(max_examples=15)
def test_an_event_that_ends_another_event_or_itself_is_read_in_the_dictionarys_order(name, table):
    """A validity may name any event for any field, even the event's own."""
    validity = Validity(60, ("chemotherapy", "transfusion"))
    assert_every_row_is_its_patient(Cohort.from_columns(table), AS_OF, {name: validity, "platelets": validity})


def test_a_contradiction_blanks_both_fields_in_its_row_only():
    """Sites of bone metastases without bone metastases."""
    cohort = Cohort.from_columns(
        {"bone_metastasis_sites": ["lumbar", "lumbar", "none"], "bone_metastases": ["no", None, "no"]}
    )
    today = cohort.at(AS_OF)
    assert [today.column("bone_metastases").possible(row) for row in range(3)] == [3, 2, 1]
    assert today.column("bone_metastasis_sites").possible(0) == Members(0, 127)
    assert [(row, p.code) for row, p in today.problems()] == [(0, "contradiction")]


def test_partial_dates_that_must_be_compared_are_left_to_know():
    """Only rows whose partial date meets another date leave the columns; all still agree."""
    table = {
        "surgeon_clearance": ["cleared"] * 3,
        "surgeon_clearance.date": ["2026-10-15"] * 3,
        "last_surgery": ["2026-10", "2026-11-01", "2026-09-01"],
    }
    cohort = Cohort.from_columns(table)
    assert cohort.single_rows.tolist() == [0]
    assert_every_row_is_its_patient(cohort)


# Where tables come from.

FRAME = {
    "id": ["p1", "p2", "p3"],
    "platelets": [45.0, None, 180.0],
    "ecog": [1, 2, None],
    "chest_pain": [True, None, False],
    "cancer_type": ["lung", None, "colon"],
    "last_surgery": [date(2026, 10, 1), None, date(2026, 11, 30)],
    "bone_metastasis_sites": [["lumbar"], None, []],
}


def possible_cells(cohort):
    today = cohort.at(AS_OF)
    return [[today.column(name).possible(row) for row in range(cohort.n)] for name in FRAME if name != "id"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cohort.from_arrow(pa.table(FRAME)),
        lambda: Cohort.from_arrow(pa.record_batch(FRAME)),
        lambda: Cohort.from_frame(pl.DataFrame(FRAME)),
        lambda: Cohort.from_frame(pl.LazyFrame(FRAME)),
        lambda: Cohort.from_frame(pd.DataFrame(FRAME)),
        lambda: Cohort.from_frame(pd.DataFrame(FRAME).convert_dtypes()),
        lambda: Cohort.from_frame(pd.DataFrame(FRAME).astype({"cancer_type": "category"}).iloc[::-1].iloc[::-1]),
        lambda: Cohort.from_frame(pa.table(FRAME)),
        lambda: Cohort.from_arrow(pa.concat_tables([pa.table(FRAME)] * 2)[3:]),
    ],
    ids=["arrow", "batch", "polars", "lazy", "pandas", "pandas-nullable", "pandas-category", "narwhals-arrow", "slice"],
)
def test_every_kind_of_table_says_the_same(make):
    """Arrow, Polars and pandas tables of the same cells make the same cohort, ids included."""
    cohort, expected = make(), Cohort.from_columns(FRAME)
    assert possible_cells(cohort) == possible_cells(expected)
    assert list(cohort.ids) == FRAME["id"]
    assert_every_row_is_its_patient(cohort)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["lung", None, "colon"]).dictionary_encode(),
        pa.chunked_array([["lung"], [None, "colon"]]),
        pa.array(["lung", None, "colon"], pa.large_string()),
        pa.array(["lung", None, "colon"], pa.string_view()),
        np.array(["lung", None, "colon"], object),
    ],
    ids=["dictionary", "chunked", "large", "view", "objects"],
)
def test_texts_of_every_storage_read_alike(column):
    """One meaning, however the texts are stored."""
    cohort = Cohort.from_columns({"cancer_type": column})
    lung, colon = (DICTIONARY.fields["cancer_type"].mask(name) for name in ("lung", "colon"))
    every = DICTIONARY.fields["cancer_type"].every_option
    assert [cohort.at(AS_OF).column("cancer_type").possible(row) for row in range(3)] == [lung, every, colon]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([date(2026, 11, 1), None]),
        pa.array([date(2026, 11, 1), None], pa.date64()),
        pa.array([datetime(2026, 11, 1, 13), None]),  # noqa: DTZ001 - a table without zones
        pa.array([datetime(2026, 10, 31, 23, 30, tzinfo=UTC), None], pa.timestamp("us", "Europe/Copenhagen")),
        pa.array([None, date(2026, 11, 1), None])[1:],
        np.array(["2026-11-01T13:00", "NaT"], "datetime64[s]"),
        pd.Series([pd.Timestamp("2026-11-01 13:00"), None]),
        [date(2026, 11, 1), None],
    ],
    ids=["date32", "date64", "timestamp", "zone", "slice", "numpy", "pandas", "list"],
)
def test_days_of_every_storage_read_alike(column):
    """Dates and times of day are whole days since."""
    held = Cohort.from_columns({"last_surgery": column}).at(AS_OF).column("last_surgery")
    assert [held.possible(row) for row in range(2)] == [Span(44, 44), DICTIONARY.fields["last_surgery"].unknown]


def test_what_is_no_table_is_refused():
    """A list is no data frame, a struct column holds no value, and a name stands once."""
    with pytest.raises(InputFileError, match="not a data frame"):
        Cohort.from_frame([1, 2])
    with pytest.raises(InputFileError, match="struct"):
        Cohort.from_arrow(pa.table({"platelets": [{"value": 1}]}))
    with pytest.raises(InputFileError, match="two columns"):
        Cohort.from_arrow(pa.table([[1], [2]], names=["platelets", "platelets"]))


def test_an_empty_cohort_is_a_cohort():
    """No rows, no patients, no columns: nothing fails."""
    for cohort in (Cohort.from_columns({}), Cohort.from_patients([]), Cohort.from_columns({"platelets": []})):
        assert len(cohort) == 0
        assert list(cohort.at(AS_OF).problems()) == []
        assert_every_row_is_its_patient(cohort)
    with pytest.raises(IndexError, match="no row 3"):
        Cohort.from_columns({"platelets": [1]}).source(3)
