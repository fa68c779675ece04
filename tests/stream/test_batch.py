"""One batch, whichever rows it holds, is answered as the whole table is."""

from __future__ import annotations

import pickle
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Cohort, load_protocol, screen_cohort
from exrx.errors import InputFileError, ProtocolError
from exrx.stream.batch import PROBLEMS, ROW, BatchSettings, answer_batch, check_header

AS_OF = date(2026, 11, 23)
SESSION = BatchSettings.of("krop-og-kraeft", stage="session", as_of=AS_OF, reasons=True, keep=("ward",))
N = 100


def messy_table(seed: int) -> pa.Table:
    """A chemotherapy ward with gaps, old dates, forms, implausible cells, odd ids and texts with their own units."""
    rng = np.random.default_rng(seed)

    def some(values, missing=0.2):
        return [None if rng.random() < missing else values[rng.integers(len(values))] for _ in range(N)]

    ids = [f"p{i}" for i in range(N)]
    ids[3], ids[70], ids[71], ids[90] = None, " p70 ", "010170-1234", "a\nb"
    days = ["2026-11-23", "2026-11-17", "2026-08-01", "2026-11", "23-11-2026", "31-31-2026", ""]
    return pa.table({
        ROW: pa.array(range(1, N + 1), pa.int64()),
        "id": ids,
        "ward": some(["A", "B"], 0),
        "age": some([17, 52, 81]),
        "on_chemotherapy": pa.array(some(["yes", "no", "ja", "ved ikke", "perhaps"])).dictionary_encode(),
        "enrolment_cleared": some([True, True, False]),
        "platelets [10^9/L]": pa.array(some([12.0, 49.9, 50.0, 180.0, 99999.0]), pa.float32()),
        "platelets.date": some(days),
        "haemoglobin": some(["9.6 g/dL", "6,0 mmol/L", "7.2", "<20 g/dL", "four"]),
        "temperature": some([36.8, 38.0, 38.6]),
        "temperature.date": some([date(2026, 11, 23), date(2026, 11, 22)], 0.4),
        "systolic_bp": some([120, 161, 201]),
        "systolic_bp.readings": some([1, 2], 0.0),
        "bone_metastases": some(["yes", "no", "unknown"]),
        "bone_metastasis_sites": some(["lumbar", "lumbar;pelvis", "elsewhere"]),
        "last_chemotherapy": some(["2026-11-20", "2026-10", "never"]),
        "oncologist_clearance": some(["cleared", "pending", "refused", "limited"]),
        "oncologist_clearance.date": some(["2026-11-20", "2026-11", "2026-01-01"], 0.4),
        "form.door": some(["2026-11-23", "2026-11-22", "soon"], 0.3),
        "form.cycle": some(["2026-11-20"], 0.3),
        "deceased": some(["no", "yes"], 0.9),
    })  # fmt: skip


def written(batches: list[pa.RecordBatch]) -> bytes:
    """The rows as bytes, however many batches they come in."""
    table = pa.Table.from_batches(batches).combine_chunks().unify_dictionaries()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.to_batches():
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def answered(batches: list[pa.RecordBatch]) -> tuple[bytes, bytes]:
    """The bytes of all decisions and of all problems."""
    answers = [answer_batch(batch, SESSION) for batch in batches]
    return written([answer.decisions for answer in answers]), written([answer.problems for answer in answers])


TABLES = {seed: messy_table(seed).combine_chunks() for seed in (1, 2)}
WHOLE = {seed: answered(table.to_batches()) for seed, table in TABLES.items()}


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.sets(st.integers(1, N - 1), max_size=6))
def test_a_table_cut_anywhere_gives_the_bytes_of_one_batch(seed, cuts):
    """Decisions, reasons, names and problems of a row depend on that row alone."""
    edges = [0, *sorted(cuts), N]
    batch = TABLES[seed].to_batches()[0]
    parts = [batch.slice(start, stop - start) for start, stop in pairwise(edges)]
    assert answered(parts) == WHOLE[seed]


@settings(max_examples=3, deadline=None)
@given(st.permutations(range(12)))
def test_rows_in_another_order_are_the_same_answers(order):
    """An engine may deal the rows out as it likes."""
    table = TABLES[1].slice(60, 12)
    shuffled = answer_batch(table.take(order).combine_chunks().to_batches()[0], SESSION).decisions
    straight = answer_batch(table.combine_chunks().to_batches()[0], SESSION).decisions
    assert shuffled.to_pylist() == straight.take(pa.array(order)).to_pylist()


def test_a_batch_is_screened_as_a_cohort_is():
    """Batches have no law of their own: `screen_cohort` of the same columns, names and problems included."""
    table = TABLES[1]
    cells = [None if text in ("7.2", None) else text for text in table["haemoglobin"].to_pylist()]
    known = table.drop_columns(["ward", ROW]).set_column(6, "haemoglobin", pa.array(cells))
    cohort = Cohort.from_arrow(known)
    decisions = screen_cohort(cohort, load_protocol("krop-og-kraeft"), stage="session", as_of=AS_OF)
    answer = answer_batch(table.to_batches()[0], SESSION)
    assert answer.decisions.column("patient").to_pylist() == list(cohort.ids)
    expected = decisions.to_arrow()
    assert pa.Table.from_batches([answer.decisions]).select(expected.column_names).to_pylist() == expected.to_pylist()
    fires = answer.decisions.column("fires").to_pylist()
    for rule in decisions.rules.rule_places:
        assert [rule in firing for firing in fires] == decisions.fired(rule).tolist()
    said = {(row + 1, problem.code) for row, problem in decisions.today.problems()}
    found = {(row["row"], row["code"]) for row in answer.problems.to_pylist()}
    assert found - {(row, "needs-unit") for row in range(N + 1)} == said
    assert {code for _, code in found} >= {"identifier-refused", "wrong-shape", "needs-unit", "implausible"}


def test_settings_cross_a_process_border_and_refuse_another_protocol():
    """A worker with other files than the run began with must not answer."""
    again = pickle.loads(pickle.dumps(SESSION))
    assert again == SESSION
    other = BatchSettings(**{**{name: getattr(SESSION, name) for name in BatchSettings.__slots__ if name[0] != "_"},
                             "identity": "another"})  # fmt: skip
    with pytest.raises(ProtocolError, match="same version of exrx"):
        answer_batch(TABLES[1].to_batches()[0], other)


def test_without_a_row_column_nobody_is_named_by_a_number():
    """On an engine that does not count rows, a patient without an id has no name, and keeps the answer."""
    counted = answer_batch(TABLES[1].to_batches()[0], SESSION)
    uncounted = answer_batch(TABLES[1].drop_columns([ROW]).to_batches()[0], SESSION)
    names = [None if name.startswith("row-") else name for name in counted.decisions.column("patient").to_pylist()]
    assert uncounted.decisions.column("patient").to_pylist() == names
    assert uncounted.decisions.column("clearance").equals(counted.decisions.column("clearance"))
    assert uncounted.problems.column("row").null_count == uncounted.problems.num_rows > 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"haemoglobin": [7.2]}, "needs its unit"),
        ({"platelets": [1.0], "plt": [1.0]}, "same thing, 'platelets'"),
        ({"platlets": [1.0]}, "nearly 'platelets'"),
        ({"id": ["a"], "ID": ["a"]}, "both the id"),
        ({"x": ["a"], "y": ["b"]}, "none of the columns of the table is a field"),
        ({"age": [1], "wing": ["b"]}, "no column 'ward' to keep"),
    ],
    ids=["unit", "twice", "misspelt", "two-ids", "strangers", "keep"],
)
def test_a_header_that_would_lose_something_is_refused_before_any_row(columns, message):
    """What is wrong with a whole column stops the run, naming it."""
    table = pa.table(columns if "wing" in columns else columns | {"ward": ["A"]})
    with pytest.raises(InputFileError, match=message):
        check_header(table.schema, SESSION)


def test_the_header_says_what_was_read_and_how_the_answers_look():
    """Columns left aside are named; the schema of the answers stands before the first row."""
    table = TABLES[1].append_column("shoe size", pa.array([40] * N))
    header = check_header(table.schema, SESSION)
    assert header.unread == ("shoe size",)
    assert "ward" in header.read
    assert header.schema == answer_batch(TABLES[1].to_batches()[0], SESSION).decisions.schema
    assert answer_batch(TABLES[1].to_batches()[0], SESSION).problems.schema == PROBLEMS
