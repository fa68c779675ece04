"""A sweep asks what it says it asks, its indices are those of known functions, and what cannot be is refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exrx import Cohort, load_protocol, screen_cohort
from exrx.errors import ProtocolError
from exrx.protocol.limits import with_limit
from exrx.study.sweep import grid_indices, make_design, read_axes, sobol_with_intervals, sweep
from exrx.study.sweep.design import _saltelli

AS_OF = date(2026, 11, 23)
PROTOCOL = load_protocol("krop-og-kraeft")


def cohort() -> Cohort:
    """Three hundred people in chemotherapy with complete forms, their counts and vital signs spread out."""
    rng = np.random.default_rng(5)
    n, day = 300, "2026-11-23"
    columns = {
        "id": [f"p{i}" for i in range(n)], "age": [55] * n, "on_chemotherapy": ["yes"] * n,
        "enrolment_cleared": ["yes"] * n, "treating_clearance": ["cleared"] * n, "origin": ["synthetic"] * n,
        "last_chemotherapy": ["2026-11-10"] * n, "platelets": rng.integers(15, 150, n),
        "leukocytes": np.round(rng.uniform(0.4, 6, n), 1), "resting_heart_rate": rng.integers(60, 125, n),
        "diastolic_bp": rng.integers(60, 105, n), "systolic_bp": [125] * n, "temperature": [36.8] * n,
        "spo2": [98] * n, "respiratory_rate": [14] * n, "temperature_site": ["ear"] * n,
        "form.enrolment": ["2026-11-02"] * n, "form.cycle": ["2026-11-20"] * n, "form.door": [day] * n,
    }  # fmt: skip
    return Cohort.from_columns(columns, dates={name: [day] * n for name in ("platelets", "leukocytes")})


COHORT = cohort()


def run(*written: str, design: str = "grid", samples: int | None = None, hours=None):
    axes = read_axes(PROTOCOL, written)
    made = make_design(design, axes, samples=samples, seed=7)
    return sweep(COHORT, PROTOCOL, axes, made, stage="session", as_of=AS_OF, hours=hours, seed=7)


@given(st.integers(20, 90), st.integers(1, 30), st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_each_row_of_the_tidy_table_is_a_count_of_the_changed_protocol(low, step, count):
    """Every variant's patients of every clearance are those that `screen_cohort` finds, and shares add up to one."""
    found = run(f"platelets_session_min={low}:{low + step * count}:{step}")
    table = found.tidy()
    first = found.designed.start
    assert table["asked"][table["variant"] >= first].tolist() == ["design"] * (count + 1) * 28
    for place, value in enumerate(["50", *(str(low + step * i) for i in range(count + 1))]):
        variant = 0 if place == 0 else first + place - 1
        expected = screen_cohort(COHORT, with_limit(PROTOCOL, "platelets_session_min", value), stage="session",
                                 as_of=AS_OF)  # fmt: skip
        rows = (table["variant"] == variant) & (table["measure"] == "clearance")
        assert table["patients"][rows].tolist() == np.bincount(expected.clearance, minlength=7).tolist()
        assert table["share"][rows].sum() == pytest.approx(1)
        assert set(table["platelets_session_min [10^9/L]"][rows]) == {float(value)}
        verdict = "same" if value == "50" else "yes" if float(value) < 50 else "no"
        assert set(table["loosens"][rows]) == {verdict}


def test_a_grid_asks_every_combination_and_a_hypercube_every_value_equally_often():
    """Two axes of four and three values are twelve variants; four samples of four values meet each once."""
    axes = read_axes(PROTOCOL, ["platelets_session_min=20:80:20", "leukocytes_session_min=0.5,1,2"])
    assert len({tuple(row) for row in make_design("grid", axes).which.tolist()}) == 12
    drawn = make_design("latin-hypercube", axes[:1], samples=8, seed=1).which[:, 0]
    assert np.bincount(drawn).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("design", ["latin-hypercube", "sobol"])
def test_the_same_seed_asks_the_same_variants(design):
    """And another seed asks others."""
    axes = read_axes(PROTOCOL, ["platelets_session_min=20:100", "heart_rate_session_max=90:130"])
    first, again, other = (make_design(design, axes, samples=16, seed=seed).which for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def ishigami(u: np.ndarray) -> np.ndarray:
    """Ishigami and Homma's test function with a = 7, b = 0.1, of three numbers on the unit cube."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_indices_of_the_ishigami_function_are_those_of_its_formula():
    """First 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437; and the intervals hold them."""
    a, b = 7.0, 0.1
    first = (0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0)
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = sum(first) + both
    expected = [(first[0] / whole, (first[0] + both) / whole), (first[1] / whole, first[1] / whole), (0, both / whole)]
    found = sobol_with_intervals(ishigami(_saltelli(4096, 3, seed=3)), 3, seed=3, resamples=60)
    for index, (one, total) in zip(found, expected, strict=True):
        assert index.first == pytest.approx(one, abs=0.02)
        assert index.total == pytest.approx(total, abs=0.02)
        assert index.first_interval[0] - 0.01 <= one <= index.first_interval[1] + 0.01
        assert index.total_interval[0] - 0.01 <= total <= index.total_interval[1] + 0.01


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=5), st.lists(st.floats(-5, 5), min_size=2, max_size=5))
@example([0.0, 0.0], [0.0, 5.952254062088086e-282])
def test_on_a_grid_numbers_that_only_add_up_share_the_variance_between_them(a, b):
    """f(x, y) = a(x) + b(y): first and total order agree, and together they are the whole."""
    grid = (np.array(a)[:, None] + np.array(b)[None, :]).ravel()
    found = grid_indices(grid, (len(a), len(b)))
    if np.var(grid) < 1e-6:
        return
    assert sum(index.first for index in found) == pytest.approx(1)
    for index, own in zip(found, (a, b), strict=True):
        assert index.first == pytest.approx(index.total) == pytest.approx(np.var(own) / np.var(grid))


def test_numbers_that_act_together_have_a_total_order_beyond_the_first():
    """f = x y on {-1, 1}: nothing alone, everything together."""
    assert [(i.first, i.total) for i in grid_indices(np.array([1.0, -1.0, -1.0, 1.0]), (2, 2))] == [(0, 1), (0, 1)]


def test_the_number_that_matters_most_has_the_largest_index():
    """Platelets from 20 to 150 move this cohort; a pulse limit above every pulse moves nobody."""
    found = run("platelets_session_min=20:150:10", "heart_rate_session_max=200:210", design="sobol", samples=32)
    first, second = found.indices["may-train"]
    assert first.total == pytest.approx(1, abs=0.05)
    assert second.total == 0
    assert "individual" not in found.indices


def test_a_number_that_is_varied_alone_accounts_for_everything():
    """On every design; and where nothing moves there is no index."""
    for design, samples in (("grid", None), ("sobol", 16)):
        (index,) = run("platelets_session_min=20:150:10", design=design, samples=samples).indices["may-train"]
        assert (index.first, index.total) == pytest.approx((1, 1))
        assert run("heart_rate_session_max=200:210:2", design=design, samples=samples).indices == {}


def test_curves_move_one_number_and_say_what_loosens():
    """Everything else as in the protocol; on a grid with the least and the most over all combinations."""
    found = run("platelets_session_min=30:70:20", "heart_rate_session_max=90,115,120")
    curve = found.curve(0, "may-train")
    grid = found.results["may-train"][found.designed].reshape(3, 3)
    assert curve.x.tolist() == [30, 50, 70]
    assert curve.y == pytest.approx(grid[:, 1])
    assert curve.least == pytest.approx(grid.min(axis=1))
    assert curve.most == pytest.approx(grid.max(axis=1))
    assert curve.loosens == ("yes", "same", "no")
    assert (np.diff(curve.y) < 0).all()
    alone = run("platelets_session_min=30:70:20").curve(0, "may-train")
    assert alone.least is None
    assert alone.y == pytest.approx(curve.y)


def test_staff_hours_follow_the_tracks_as_stated():
    """Hours a patient and week, times the patients of each track; nothing where none are stated."""
    found = run("platelets_session_min=40,60", hours={"group": 0.25, "supervised": 2})
    track = found.variants.track
    assert found.results["staff-hours"] == pytest.approx(track[:, 0] * 0.25 + track[:, 2] * 2)
    assert "staff-hours" not in run("platelets_session_min=40,60").results


def test_a_sweep_says_what_it_rests_on():
    """Protocol, hashes, seed, design, the protocol's own values, what loosens, and that the patients are made up."""
    manifest = run("platelets_session_min=40,50,60", design="latin-hypercube", samples=9).manifest()
    assert manifest["protocol"]["sha256"] == PROTOCOL.sha256
    assert manifest["design"] == {"kind": "latin-hypercube", "variants": 9, "samples": 9, "seed": 7}
    assert manifest["varied"][0]["values_that_loosen"] == ["40 10^9/L"]
    assert manifest["varied"][0]["protocol_value"] == "50 10^9/L"
    assert manifest["variants_that_loosen"] == 3
    assert manifest["synthetic_or_example"] is True


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ([], "nothing is varied"),
        (["platelets_session_min"], "varies nothing"),
        (["platelet_session_min=20:100:5"], "Did you mean: platelets_session_min"),
        (["platelets_session_min=100:20:5"], "lower value comes first"),
        (["platelets_session_min=20:100:0"], "step is above 0"),
        (["platelets_session_min=20:100:5:2"], "is no range"),
        (["platelets_session_min=low:high"], "holds no numbers"),
        (["platelets_session_min=20.05,30"], "steps of 0.1"),
        (["platelets_session_min=20:100:5 mmHg"], "mmHg"),
        (["platelets_session_min=-5,20"], "plausible"),
        (["temperature_session_max=380"], "plausible"),
        (["platelets_session_min=20,30", "platelets_session_min=40"], "varied twice"),
        (["maltser_platelets_light=5"], "no parameter"),
        (["platelets_session_min=1:5000:0.1"], "larger step"),
        (["leukocytes_session_min=1000:5000 /uL"], "say the step"),
    ],
)
def test_what_cannot_be_varied_says_why(written, error):
    """No such number, no range, off the grid, implausible, of another unit."""
    with pytest.raises(ProtocolError, match=error):
        read_axes(PROTOCOL, written)


@pytest.mark.parametrize(
    ("kind", "samples", "error"),
    [
        ("grid", 10, "every combination"), ("sobol", 100, "take 64 or 128"), ("sobol", 1, "2 or more"),
        ("random", None, "use one of"), ("latin-hypercube", 10**6, "at most"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_be_drawn_says_why(kind, samples, error):
    """A grid takes no samples, a Sobol sequence a power of two, nothing a million variants."""
    axes = read_axes(PROTOCOL, ["platelets_session_min=20:100:5"])
    with pytest.raises(ProtocolError, match=error):
        make_design(kind, axes, samples=samples)


def test_values_in_another_unit_of_the_same_kind_are_taken():
    """Leukocytes in cells per microlitre move the same limit as in 10^9/L."""
    in_cells, in_litres = run("leukocytes_session_min=500,2000 /uL"), run("leukocytes_session_min=0.5,2")
    assert in_cells.variants.clearance.tolist() == in_litres.variants.clearance.tolist()
    assert in_cells.axes[0].label == "leukocytes_session_min [/uL]"
