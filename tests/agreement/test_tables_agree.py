"""A table with dates, forms and readings gives the decisions of its rows read one by one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from exrx import Cohort, load_protocol, screen, screen_cohort
from exrx.knowledge import know

AS_OF = date(2026, 11, 23)
N = 400


def random_table(seed):
    """A chemotherapy cohort with gaps, old dates, forms old and new, implausible cells and second readings."""
    rng = np.random.default_rng(seed)

    def some(values, missing=0.2):
        return [None if rng.random() < missing else values[rng.integers(len(values))] for _ in range(N)]

    days = ["2026-11-23", "2026-11-22", "2026-11-17", "2026-11-01", "2026-08-01", "2026-11"]
    return {
        "id": [f"p{i}" for i in range(N)],
        "age": some([17, 18, 52, 81]),
        "cancer_type": some(["breast", "lung", "lymphoma"]),
        "on_chemotherapy": some(["yes", "no", "ja", "ved ikke"]),
        "enrolment_cleared": some(["yes", "yes", "no"]),
        "platelets [10^9/L]": some([12.0, 49.9, 50.0, 180.0, 99999.0, float("nan")]),
        "platelets.date": some(days),
        "haemoglobin [g/dL]": some([7.9, 8.0, 9.6, 13.1]),
        "temperature": some([36.8, 38.0, 38.1, 38.6]),
        "temperature.date": some(["2026-11-23", "2026-11-22"], 0.5),
        "systolic_bp": some([120, 161, 201]),
        "systolic_bp.readings": some([1, 2], 0.0),
        "bone_metastases": some(["yes", "no", "unknown"]),
        "bone_metastasis_sites": some(["lumbar", "lumbar;pelvis", ""]),
        "functional_loss": some([0, 2, 3], 0.7),
        "ecog": some([0, 2, 3], 0.7),
        "last_chemotherapy": some(["2026-11-20", "2026-10-01", "never"]),
        "last_transfusion": some(["never", "2026-11-21"]),
        "oncologist_clearance": some(["cleared", "pending", "refused"]),
        "treating_clearance": some(["cleared", "limited"], 0.3),
        "treating_clearance.date": some(["2026-11-20", "2026-01-01"], 0.4),
        "form.enrolment": some(["2026-11-23", "2026-11-02", "2026-06-01"], 0.3),
        "form.door": some(["2026-11-23", "2026-11-22"], 0.3),
        "form.cycle": some(["2026-11-20"], 0.3),
        "deceased": some(["no", "no", "yes"], 0.9),
    }


@pytest.mark.parametrize(
    ("protocol_id", "stage"),
    [
        ("dk-2015", "enrolment"),
        ("krop-og-kraeft", "session"),
        ("aha-core-2019", "session"),
        ("dk-2015,herlev-haematology", "session"),
    ],
)
def test_a_table_is_screened_as_its_rows_are_one_by_one(protocol_id, stage):
    """Clearance, certain and worst clearance, track and reasons, row by row."""
    protocol = load_protocol(protocol_id)
    cohort = Cohort.from_columns(random_table(seed=2026))
    decisions = screen_cohort(cohort, protocol, stage=stage, as_of=AS_OF)
    fired = {active.rule.id: decisions.fired(active.rule.id) for active in decisions.rules.stage.rules}
    for row in range(N):
        alone = screen(cohort.source(row), protocol, stage=stage, as_of=AS_OF)
        assert decisions.clearance[row] == alone.clearance, row
        assert decisions.definite[row] == alone.definite_clearance, row
        assert decisions.worst[row] == alone.worst_clearance, row
        assert decisions.track[row] == alone.track, row
        firing = [reason.rule for reason in alone.reasons if reason.state == "fires"]
        fires = {rule for rule in firing if not rule.startswith("gate.")}
        assert {rule for rule, bits in fired.items() if bits[row]} == fires, row
        assert decisions.explain(row) == alone


def test_an_arrow_table_gives_the_decisions_in_its_own_order():
    """Rows come back as they went in, with the names of the decision JSON."""
    pa = pytest.importorskip("pyarrow")
    table = pa.table(random_table(seed=7))
    decisions = screen_cohort(Cohort.from_arrow(table), load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF)
    answer = decisions.to_arrow()
    assert answer.num_rows == N
    assert answer["patient"].to_pylist() == table["id"].to_pylist()
    assert [str(word) for word in answer["clearance"].to_pylist()[:5]] == [
        decisions.explain(row).clearance.word for row in range(5)
    ]


def test_frames_of_any_library_give_one_answer():
    """pandas, Polars and Arrow hold the same cohort."""
    pa, pl, pd = (pytest.importorskip(name) for name in ("pyarrow", "polars", "pandas"))
    columns = {name: values for name, values in random_table(seed=3).items() if name != "bone_metastasis_sites"}
    protocol = load_protocol("dk-2015")
    frames = [Cohort.from_arrow(pa.table(columns)), Cohort.from_frame(pl.DataFrame(columns, strict=False)),
              Cohort.from_frame(pd.DataFrame(columns))]
    answers = [screen_cohort(cohort, protocol, stage="enrolment", as_of=AS_OF).clearance for cohort in frames]
    assert (answers[0] == answers[1]).all()
    assert (answers[0] == answers[2]).all()


@pytest.mark.parametrize("seed", [3, 4])
def test_the_problems_of_a_table_are_those_of_its_rows(seed):
    """In the same words and order, although a cell that is refused in many rows is read once."""
    texts = {"spo2": ["97", "ninety", "<20", "300 %"] * (N // 4), "sex": ["f", "female"] * (N // 2)}
    days = ["2026-11-22", "22/11/2026", "2027-01-01", ""]
    dates = {"spo2.date": days * (N // 4), "sex.date": days * (N // 4), "form.cycle": ["2026-11-20", "soon"] * (N // 2)}
    columns = random_table(seed) | texts | dates
    cohort = Cohort.from_columns(columns)
    validities = load_protocol("krop-og-kraeft").validity_at("session")
    alone = [
        (row, problem)
        for row in range(N)
        for problem in know(cohort.source(row), cohort.dictionary, AS_OF, validities).problems
    ]
    codes = {"contradiction", "implausible", "not-an-option", "impossible-date", "future-date"}
    assert {problem.code for _, problem in alone} >= codes
    assert list(cohort.at(AS_OF, validities).problems()) == alone
