"""Quantities at the border: exact ticks, exact conversions, and refusals that say what to do."""

from __future__ import annotations

import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exrx.errors import ImplausibleError, QuantityError, UnitError
from exrx.quantities import (
    Scale,
    Span,
    read_limit,
    read_text_column,
    read_unit,
    read_value,
)
from exrx.quantities.kinds import KINDS, Unit
from exrx.quantities.ucum import read_ucum

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
SODIUM = Scale("sodium", "mmol/L", 1, 80, 200)
TEMPERATURE = Scale("temperature", "degC", "0.01", 20, 45)
BASE_EXCESS = Scale("base_excess", "mmol/L", "0.1", -40, 40)
PAIN = Scale("pain", "{score}", 1, 0, 10, whole=True)
LAST_SURGERY = Scale("last_surgery", "d", 1, 0, 40000)
SYSTOLIC = Scale("systolic_bp", "mmHg", 1, 30, 350)
DAYS = Scale("strength_days_per_week", "d/wk", 1, 0, 7)
FINE = Scale("fine", "mg/L", "0.001", 0, 500)
SCALES = (PLATELETS, TEMPERATURE, BASE_EXCESS, PAIN, LAST_SURGERY, FINE)

RATIOS = {"a number", "a percentage", "days a week", "times a week", "minutes a week"}
"""Kinds without a dimension: the table alone keeps them apart."""

scales = st.sampled_from(SCALES)


def code_of(value: object, scale: Scale, unit: str | None = None) -> str:
    """The code with which `value` is refused."""
    with pytest.raises(QuantityError) as refused:
        read_value(value, scale, unit)
    return refused.value.code


def grid(scale: Scale) -> st.SearchStrategy[Decimal]:
    """Plausible grid points of `scale`."""
    points = st.integers(scale.lowest // 2, scale.highest // 2)
    return points.map(lambda steps: steps * scale.resolution)


def finely(scale: Scale) -> st.SearchStrategy[Decimal]:
    """Plausible values of `scale`, a thousand times finer than its grid."""
    points = st.integers(scale.lowest * 500, scale.highest * 500)
    return points.map(lambda steps: steps * scale.resolution / 1000)


class TestTicks:
    @given(st.data(), scales)
    def test_all_six_comparisons_with_a_limit_on_the_grid_are_exact(self, data, scale):
        """Ticks compare with the tick of a grid point as the values do."""
        value, limit = data.draw(finely(scale)), data.draw(grid(scale))
        left, right = scale.tick(value), scale.tick(limit)
        assert (left < right, left <= right, left == right) == (value < limit, value <= limit, value == limit)

    @given(st.data(), scales)
    def test_a_tick_holds_its_value(self, data, scale):
        """Even ticks give the value back, odd ones the middle of a gap; the text reads back."""
        value = data.draw(finely(scale))
        tick = scale.tick(value)
        assert tick % 2 or scale.value(tick) == value
        assert abs(scale.value(tick) - value) < scale.resolution
        if tick % 2 == 0 and not scale.whole:
            assert read_value(scale.text(tick, tick), scale) == Span(tick, tick)

    @given(st.data(), scales)
    def test_an_open_interval_reads_as_it_is_shown(self, data, scale):
        """`<20` and `>=20` shown for a half-open interval are read as the same interval."""
        tick = data.draw(st.integers(scale.lowest + 2, scale.highest - 2))
        tick += tick % 2 if scale.whole else 0
        for span in (Span(scale.lowest, tick), Span(tick, scale.highest)):
            assert read_value(scale.text(span.low, span.high), scale) == span

    def test_intervals_are_shown_for_people(self):
        """Each form once."""
        shown = PLATELETS.text
        assert shown(900, 900) == "45"
        assert shown(0, 399) == "<20"
        assert shown(400, 60000) == ">=20"
        assert shown(400, 600) == "20-30"
        assert shown(999, 999) == ">49.9 <50"
        assert shown(0, 60000) == "?"

    def test_columns_have_the_smallest_dtype_with_room_for_the_sentinel(self):
        """uint16 unless too long or below zero; the sentinel is no plausible tick."""
        assert [scale.dtype for scale in (PLATELETS, FINE, BASE_EXCESS)] == ["uint16", "uint32", "int32"]
        for scale in SCALES:
            assert scale.missing == np.iinfo(scale.dtype).max > scale.highest

    def test_a_scale_pickles_and_hashes(self):
        """The same scale after a round trip, usable as a key."""
        again = pickle.loads(pickle.dumps(HAEMOGLOBIN))
        assert again == HAEMOGLOBIN
        assert hash(again) == hash(HAEMOGLOBIN)
        assert again.highest == HAEMOGLOBIN.highest

    @pytest.mark.parametrize(
        "faulty",
        [
            {"low": "0.05"},
            {"low": 10, "high": 0},
            {"resolution": 0},
            {"whole": True},
            {"mass_unit": "g/L"},
            {"high": "1e9"},
            {"high": "NaN"},
        ],
    )
    def test_an_inconsistent_scale_is_refused_when_built(self, faulty):
        """Off-grid bounds, bounds the wrong way round, too many ticks, half an analyte."""
        with pytest.raises(QuantityError) as refused:
            Scale(**({"name": "x", "unit": "g/L", "resolution": "0.1", "low": 0, "high": 10} | faulty))
        assert refused.value.code == "bad-scale"


class TestOneValue:
    @given(st.data(), scales)
    def test_text_is_read_exactly(self, data, scale):
        """A decimal text gives the tick of that decimal, with a decimal point or a comma."""
        value = data.draw(finely(scale))
        assume(not scale.whole or value == int(value))
        text = format(value, "f")
        assert read_value(text, scale) == Span(scale.tick(value), scale.tick(value))
        if "." in text and len(text.partition(".")[2]) != 3:
            assert read_value(text.replace(".", ","), scale) == read_value(text, scale)

    @given(st.data(), scales)
    def test_a_float_on_the_grid_is_the_grid_point(self, data, scale):
        """Binary noise of a sum does not move a value into a gap."""
        value = data.draw(grid(scale))
        noisy = float(value) * 3 / 3 + 0.1 - 0.1
        assert read_value(noisy, scale) == read_value(value, scale) == Span(*[scale.tick(value)] * 2)

    @given(st.data(), scales, st.sampled_from(["<", "<=", ">", ">="]))
    def test_a_comparator_holds_every_value_on_its_side_and_no_other(self, data, scale, sign):
        """With a limit on the grid the interval is exact."""
        value, limit = data.draw(finely(scale)), data.draw(grid(scale))
        holds = {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[sign]
        assume(not scale.whole or value == int(value))
        try:
            span = read_value(f"{sign} {limit}", scale)
        except ImplausibleError:
            assert not holds
        else:
            assert (span.low <= scale.tick(value) <= span.high) == holds

    @given(finely(PLATELETS), finely(PLATELETS))
    def test_a_limit_inside_a_gap_never_cuts_off_a_possible_value(self, value, limit):
        """`<20.05` keeps the gap that holds 20.01."""
        assume(value < limit)
        span = read_value(f"<{limit}", PLATELETS)
        assert span.low <= PLATELETS.tick(value) <= span.high

    @given(
        st.text(max_size=12)
        | st.from_regex(r"[<>=]{0,2} ?[0-9.,eE+-]{1,8} ?[a-zA-Z/^*0-9]{0,6}", fullmatch=True)
    )
    @settings(max_examples=150, deadline=None)
    def test_any_text_is_read_or_refused_with_a_message(self, text):
        """Nothing but `QuantityError` leaves, and a read value is plausible."""
        for scale in (PLATELETS, HAEMOGLOBIN, PAIN):
            (low,), (high,), problems = read_text_column([text], scale, missing=())
            for _, error in problems:
                assert str(error).startswith(scale.name + ": ")
                assert error.suggestion
            assert problems or scale.lowest <= low <= high <= scale.highest

    @pytest.mark.parametrize(
        ("given", "low", "high"),
        [
            (45, 900, 900),
            ("45", 900, 900),
            ("45 10^9/L", 900, 900),
            ("<20 10^9/L", 0, 399),
            ("<= 20", 0, 400),
            (">1000", 20001, 60000),
            ("≥5", 100, 60000),
            ("49,9", 998, 998),
            ("4.5e1", 900, 900),
            ("49.96", 999, 999),
            (0.1 + 0.2, 6, 6),
            (np.float32(49.9), 998, 998),
            (np.int64(45), 900, 900),
            (Decimal("49.96"), 999, 999),
            ("1.234,5", 24690, 24690),
            ("1,234.5", 24690, 24690),
            ("1.200.000 /uL", 24000, 24000),
            ("49,900", 998, 998),
            ("49.900", 998, 998),
            ("1.500", 30, 30),
            ("45e9/L", 900, 900),
            ("45 10^9 cells/L", 900, 900),
        ],
    )
    def test_forms_of_a_platelet_count(self, given, low, high):
        """Every form that a person, a laboratory or a program writes."""
        assert read_value(given, PLATELETS) == Span(low, high)

    @pytest.mark.parametrize(
        "given",
        [
            *["", " ", "nan", "NaN", "inf", "-inf", "abc", "45-50", "120/80", "2026-11-23", "4 2", "1,2,3"],
            *["150 000 /uL", "1e999999999", "9" * 100, "1,234", "150.000/µL", "~45", "12:30"],
            *[float("nan"), float("inf"), Decimal("NaN"), True, False, np.True_, None, [45], b"45"],
            Fraction(1, 3),
        ],
    )
    def test_what_is_not_one_number_is_refused(self, given):
        """Booleans, nan, infinities, ranges, dates, pairs, spaced and ambiguous thousands."""
        assert code_of(given, PLATELETS) == "not-a-number"

    @pytest.mark.parametrize("given", ["45000", "-1", "<0", ">3000", "1e9999", 10**60, "3000.01", 3000.2])
    def test_an_implausible_value_is_refused_not_clipped(self, given):
        """Outside the bounds, or a comparator that misses them."""
        assert code_of(given, PLATELETS) == "implausible"

    def test_an_implausible_value_names_the_unit_that_was_probably_meant(self):
        """The message holds the value, the unit, the range and the likely unit."""
        with pytest.raises(
            ImplausibleError, match=r"45000 10\^9/L is outside .* 0 to 3000 10\^9/L"
        ) as refused:
            read_value(45000, PLATELETS)
        assert "45000 /uL meant (= 45 10^9/L)" in refused.value.suggestion
        with pytest.raises(ImplausibleError, match=r"98.6 °F meant \(= 37 degC\)"):
            read_value("98.6", TEMPERATURE)
        with pytest.raises(ImplausibleError, match="140 g/L meant"):
            read_value("140 mmol/L", HAEMOGLOBIN)

    def test_whole_scales_refuse_fractions_and_close_gaps(self):
        """A grade of 3.5 does not exist; more than 3 is at least 4."""
        assert code_of("3.5", PAIN) == "implausible"
        assert code_of(3.5, PAIN) == "implausible"
        assert read_value(">3", PAIN) == Span(8, 20)
        assert read_value("<4", PAIN) == Span(0, 6)
        assert read_value("7/10", PAIN) == Span(14, 14)
        assert code_of("3/5", PAIN) == "not-a-number"

    def test_two_units_for_one_value_must_agree(self):
        """A unit in the text and one beside it."""
        assert read_value("45 G/L", PLATELETS, "10^9/L") == Span(900, 900)
        assert code_of("45 /uL", PLATELETS, "10^9/L") == "contradiction"


class TestUnits:
    @pytest.mark.parametrize(
        "spelling",
        [
            *["10^9/L", "10*9/L", "10**9/L", "x10E9/l", "10e9/L", "×10⁹/L", "x10^9/L", "x 10^9 / l", "mia/l"],
            *["10^3/uL", "10^3/µL", "10³/μl", "10*3/mm3", "10*3/mcL", "10^3/cumm", "10^6/mL", "10(9)/L"],
            *["thousand/uL", "10*3{cells}/uL", "10^9 cells/L", "trc/nL", "TRC/nl", "G/L", "E9/L"],
        ],
    )
    def test_spellings_of_a_cell_count(self, spelling):
        """UCUM and everyday spellings are the canonical unit, without loading pint."""
        assert read_unit(spelling, PLATELETS).factor == 1
        assert read_value(f"45 {spelling}", PLATELETS) == Span(900, 900)
        assert read_value(45, PLATELETS, spelling) == Span(900, 900)

    @pytest.mark.parametrize(
        ("given", "scale", "value"),
        [
            ("100.4 degF", TEMPERATURE, 38),
            ("100,4 °F", TEMPERATURE, 38),
            ("311.15 K", TEMPERATURE, 38),
            ("38 Cel", TEMPERATURE, 38),
            ("38 °C", TEMPERATURE, 38),
            ("120 mm[Hg]", SYSTOLIC, 120),
            ("120 mm Hg", SYSTOLIC, 120),
            ("45000 /uL", PLATELETS, 45),
            ("8 weeks", LAST_SURGERY, 56),
            ("8 uger", LAST_SURGERY, 56),
            ("0.14 mol/L", SODIUM, 140),
            ("14 cmol/L", SODIUM, 140),
            ("3 points", PAIN, 3),
            ("2 dage om ugen", DAYS, 2),
        ],
    )
    def test_conversions_are_exact(self, given, scale, value):
        """Factors and offsets as fractions: 100.4 degF is 38 degC, not beside it."""
        assert read_value(given, scale) == Span(scale.tick(Decimal(value)), scale.tick(Decimal(value)))

    def test_mass_converts_to_moles_only_where_the_substance_is_known(self):
        """8.0 g/dL of haemoglobin is 4.9648 mmol/L; of sodium it is refused."""
        assert read_unit("g/dL", HAEMOGLOBIN).factor == Fraction("0.6206")
        assert read_value("8,0 g/dl", HAEMOGLOBIN) == Span(993, 993)
        assert read_value("0.08 g/mL", HAEMOGLOBIN) == read_value("80 g/L", HAEMOGLOBIN) == Span(993, 993)
        assert code_of("322 mg/dL", SODIUM) == "wrong-dimension"

    def test_a_bare_number_in_two_possible_units_is_refused_with_both_meanings(self):
        """8 may be mmol/L or g/dL."""
        for bare in (8, "8", 8.0, "<8"):
            with pytest.raises(UnitError, match=r"8\S* mmol/L or 8\S* g/dL \(= 4.965 mmol/L\)") as refused:
                read_value(bare, HAEMOGLOBIN)
            assert refused.value.code == "needs-unit"
        assert read_value(8, HAEMOGLOBIN, "mmol/L") == Span(1600, 1600)

    @pytest.mark.parametrize(
        ("given", "scale", "code", "hint"),
        [
            ("45 K/uL", PLATELETS, "kelvin-unit", "10^3/uL"),
            ("45 k/µl", PLATELETS, "kelvin-unit", "10^3/uL"),
            ("45 109/L", PLATELETS, "unknown-unit", "10^9/L"),
            ("45 10 9/L", PLATELETS, "unknown-unit", "10^9/L"),
            ("45 10^9L", PLATELETS, "unknown-unit", "10^9/L"),
            ("45 g/L", PLATELETS, "wrong-dimension", "10^9/L"),
            ("45 [IU]/L", PLATELETS, "wrong-dimension", "10^9/L"),
            ("45 mmol/L", PLATELETS, "wrong-dimension", "10^9/L"),
            ("8 G/L", HAEMOGLOBIN, "wrong-dimension", "mmol/L"),
            ("8 meq/L", HAEMOGLOBIN, "wrong-dimension", "mmol/L"),
            ("8 mmol/LL", HAEMOGLOBIN, "unknown-unit", "mmol/L"),
            ("50 %", DAYS, "wrong-dimension", "d/wk"),
            ("38 frobs", TEMPERATURE, "unknown-unit", "degC"),
            ("38 cells/uL", TEMPERATURE, "wrong-dimension", "degC"),
        ],
    )
    def test_a_wrong_unit_is_refused_with_the_unit_to_use(self, given, scale, code, hint):
        """Never converted by accident: the code and the suggestion say what is wrong."""
        with pytest.raises(UnitError) as refused:
            read_value(given, scale)
        assert refused.value.code == code
        assert hint in refused.value.suggestion
        assert refused.value.given == given

    @pytest.mark.parametrize(
        ("unit", "base"),
        [(unit, units[0]) for kind, units in KINDS.items() if kind not in RATIOS for unit in units[1:]],
    )
    def test_the_everyday_table_agrees_with_pint(self, unit: Unit, base: Unit):
        """Each line's factor and offset, as exact fractions, by its UCUM code."""
        there, here = read_ucum(unit.ucum), read_ucum(base.ucum)
        assert there.kind == here.kind
        assert unit.factor == there.factor / here.factor
        assert unit.offset == (there.offset - here.offset) / here.factor

    def test_one_spelling_never_means_two_units_of_a_kind(self):
        """Spellings are unique inside their kind."""
        from exrx.quantities.units import normal

        for units in KINDS.values():
            keys = [{normal(text) for text in (unit.shown, unit.ucum, *unit.also)} for unit in units]
            assert sum(map(len, keys)) == len(set().union(*keys))


class TestLimits:
    @pytest.mark.parametrize(
        ("text", "scale", "tick"),
        [
            ("50", PLATELETS, 1000),
            ("50 10^9/L", PLATELETS, 1000),
            ("8.0 g/dL", HAEMOGLOBIN, 993),
            ("56 d", LAST_SURGERY, 112),
            ("8 weeks", LAST_SURGERY, 112),
            ("3 months", LAST_SURGERY, 183),
            ("1 years", LAST_SURGERY, 731),
            (50, PLATELETS, 1000),
        ],
    )
    def test_limits_keep_their_own_unit(self, text, scale, tick):
        """Durations in words; off the grid gives the odd tick of the cell."""
        assert read_limit(text, scale) == tick

    @pytest.mark.parametrize(
        ("text", "scale", "code"),
        [
            ("3000", PLATELETS, "limit-out-of-range"),
            ("0", PLATELETS, "limit-out-of-range"),
            ("5000", PLATELETS, "limit-out-of-range"),
            ("8", HAEMOGLOBIN, "needs-unit"),
            ("<50", PLATELETS, "not-a-number"),
            ("50 g/L", PLATELETS, "wrong-dimension"),
        ],
    )
    def test_a_limit_that_cannot_decide_is_refused(self, text, scale, code):
        """At or beyond the bounds, without a needed unit, with a comparator."""
        with pytest.raises(QuantityError) as refused:
            read_limit(text, scale)
        assert refused.value.code == code

    def test_the_last_grade_may_be_a_limit_where_asked(self):
        """`nyha >= 4` of 1-4."""
        assert read_limit("10", PAIN, at_bound=True) == 20
        with pytest.raises(ImplausibleError):
            read_limit("11", PAIN, at_bound=True)


def test_everyday_values_need_neither_numpy_nor_pint():
    """Importing, everyday units and their refusals load no slow library."""
    program = (
        "import sys; from exrx.quantities import Scale, read_value\n"
        "s = Scale('temperature', 'degC', '0.01', 20, 45); read_value('100.4 degF', s)\n"
        "try: read_value('45 mmol/L', s)\n"
        "except ValueError as e: assert 'temperature' in str(e)\n"
        "print({'numpy', 'pint', 'ucumvert', 'lark'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_refusals_pickle_with_their_facts():
    """Errors cross process borders whole."""
    with pytest.raises(UnitError) as refused:
        read_value("45 K/uL", PLATELETS)
    again = pickle.loads(pickle.dumps(refused.value))
    assert (again.code, again.given, str(again)) == ("kelvin-unit", "45 K/uL", str(refused.value))
