"""Columns of quantities: a column is its values read one by one, at any length, on any number of threads."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exrx.errors import QuantityError, UnitError
from exrx.quantities import Scale, Span, read_column, read_text_column, read_unit, read_value
from exrx.quantities.column import BLOCK

PLATELETS = Scale("platelets", "10^9/L", "0.1", 0, 3000, spellings=("trc/nL",))
HAEMOGLOBIN = Scale(
    "haemoglobin",
    "mmol/L",
    "0.01",
    0,
    20,
    ambiguous=("mmol/L", "g/dL"),
    mass_unit="g/L",
    mass_factor=Decimal("0.06206"),
)
TEMPERATURE = Scale("temperature", "degC", "0.01", 20, 45)
BASE_EXCESS = Scale("base_excess", "mmol/L", "0.1", -40, 40)
PAIN = Scale("pain", "{score}", 1, 0, 10, whole=True)
LAST_SURGERY = Scale("last_surgery", "d", 1, 0, 40000)
FINE = Scale("fine", "mg/L", "0.001", 0, 500)
SCALES = (PLATELETS, TEMPERATURE, BASE_EXCESS, PAIN, LAST_SURGERY, FINE)


def expected(value: object, scale: Scale, unit: str | None = None) -> int:
    """The tick that `read_value` gives, or the sentinel."""
    try:
        return read_value(value, scale, unit).low
    except QuantityError:
        return scale.missing


@given(
    st.data(),
    st.sampled_from(
        [
            *[(scale, None) for scale in SCALES],
            *[(PLATELETS, "/uL"), (TEMPERATURE, "[degF]"), (HAEMOGLOBIN, "g/dL")],
        ]
    ),
)
def test_a_column_is_its_values_read_one_by_one(data, case):
    """Same tick row by row, nan only missing, everything else that is refused listed."""
    scale, unit = case
    cells = st.floats(-10, 4000) | st.floats() | st.integers(-10, 4000).map(float)
    cells |= st.integers(-100, 40000).map(lambda n: n / 10)
    values = np.array(data.draw(st.lists(cells, max_size=20)), dtype=np.float64)
    conversion = read_unit(unit, scale)
    for value in values[np.isfinite(values)]:
        steps = (conversion.factor * Fraction(float(value)) + conversion.offset) / Fraction(scale.resolution)
        away = abs(abs(steps - round(steps)) - Fraction(1, 1000))
        assume(abs(steps) > 10**9 or away > Fraction(1, 10**6))
    column = read_column(values, scale, unit)
    assert column.ticks.dtype == scale.dtype
    assert column.ticks.tolist() == [expected(value, scale, unit) for value in values]
    refused = (column.ticks == scale.missing) & ~np.isnan(values)
    assert column.implausible.tolist() == np.flatnonzero(refused).tolist()


@given(st.lists(st.integers(0, 30000), min_size=1, max_size=50), st.sampled_from(["f4", "f8"]))
def test_grid_points_are_exact_in_single_and_double_precision(steps, dtype):
    """3000.1 in float32 is off by 0.002 steps and still the grid point; 49.99975 is not 50."""
    values = (np.array(steps) / 10).astype(dtype)
    assert read_column(values, PLATELETS).ticks.tolist() == [2 * step for step in steps]
    assert read_column(np.array([49.99975], dtype), PLATELETS).ticks.tolist() == [999]


@given(st.lists(st.integers(-5, 20), max_size=30), st.sampled_from(["i1", "i2", "i4", "i8"]))
def test_integers_are_read_as_numbers(numbers, dtype):
    """Signed integers of every width."""
    column = read_column(np.array(numbers, dtype), PAIN)
    assert column.ticks.tolist() == [2 * n if 0 <= n <= 10 else PAIN.missing for n in numbers]


def test_fractions_on_a_whole_scale_are_implausible():
    """A pain of 3.5 is missing and listed; nan is missing and not listed."""
    column = read_column(np.array([3.0, 3.5, np.nan, np.inf, 3.0004]), PAIN)
    assert column.ticks.tolist() == [6, PAIN.missing, PAIN.missing, PAIN.missing, 6]
    assert column.implausible.tolist() == [1, 3]


def test_rows_that_do_not_count_are_missing_whatever_stands_there():
    """A validity array and a mask hide garbage."""
    values = np.array([45.0, 1e9, np.nan, 45.0])
    for column in (
        read_column(values, PLATELETS, valid=np.array([True, False, True, False])),
        read_column(np.ma.array(values, mask=[False, True, False, True]), PLATELETS),
    ):
        assert column.ticks.tolist() == [900] + [PLATELETS.missing] * 3
        assert column.implausible.size == 0


@pytest.mark.parametrize("rows", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_blocks_and_threads_do_not_show(rows):
    """The same answer at every block edge, on one thread and on three, strided or not."""
    values = np.arange(rows) % 4000 / 1.0
    one, three = (read_column(values, PLATELETS, threads=n) for n in (1, 3))
    assert np.array_equal(one.ticks, np.where(values <= 3000, values * 20, 65535))
    assert np.array_equal(one.implausible, np.flatnonzero(values > 3000))
    assert np.array_equal(one.ticks, three.ticks)
    assert np.array_equal(one.implausible, three.implausible)
    assert np.array_equal(read_column(values[::-1], PLATELETS).ticks, one.ticks[::-1])


def test_the_input_is_left_as_it_was():
    """No mutation."""
    values = np.array([45.0, 98.6])
    read_column(values, TEMPERATURE, "[degF]")
    assert values.tolist() == [45.0, 98.6]


@pytest.mark.parametrize(
    "values", [np.array([True]), np.array(["45"]), np.array([1, None]), np.ones((2, 2)), [1j]]
)
def test_what_is_no_column_of_numbers_is_refused(values):
    """Booleans, texts, objects, tables."""
    with pytest.raises(QuantityError) as refused:
        read_column(values, PLATELETS)
    assert refused.value.code == "not-a-number"


def test_a_column_needs_its_unit_where_a_number_does():
    """Haemoglobin without a unit in the header, and K/uL for platelets."""
    with pytest.raises(UnitError, match="mmol/L or g/dL could be meant"):
        read_column(np.array([8.0]), HAEMOGLOBIN)
    with pytest.raises(UnitError, match="kelvin"):
        read_column(np.array([8.0]), PLATELETS, "K/uL")


@given(st.lists(st.none() | st.sampled_from(["45", "<20", "", "NA", " ", "x", "49,9", "1e9", "7 mmol/L"])))
def test_a_text_column_is_its_cells_read_one_by_one(texts):
    """N cells in, N out; missing is missing, the rest are ticks or problems with their row."""
    lows, highs, problems = read_text_column(texts, PLATELETS)
    rows = dict(problems)
    assert len(lows) == len(highs) == len(texts)
    for row, text in enumerate(texts):
        if text is None or text.strip() in {"", "NA"}:
            assert lows[row] == highs[row] == PLATELETS.missing
            assert row not in rows
        elif row in rows:
            assert lows[row] == highs[row] == PLATELETS.missing
            assert expected(text, PLATELETS) == PLATELETS.missing
        else:
            assert read_value(text, PLATELETS) == Span(lows[row], highs[row])


def test_a_bad_unit_of_a_text_column_is_one_fault():
    """Not one problem a row."""
    with pytest.raises(UnitError, match="frobs"):
        read_text_column(["1", "2"], PLATELETS, "frobs")
