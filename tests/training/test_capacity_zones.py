"""Intensity scales by version, the rule for gaps, the compendium, and what a wrong file is told."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError, ProtocolError
from exrx.rules.restriction import Intensity
from exrx.training import capacity as c
from exrx.training.capacity.compendium import EDITIONS, read_compendium
from exrx.training.capacity.scales import read_scales

Level = c.Level
TABLES = [(name, metric) for name, scale in c.load_scales().scales.items() for metric in scale.tables]
ROOT = Path(__file__).parents[2] / "protocols" / "training"


@st.composite
def asked(draw: st.DrawFn) -> tuple[float, str, str]:
    """A value, a metric and a scale that has it; whole values and edges are frequent."""
    scale, metric = draw(st.sampled_from(TABLES))
    limits = c.load_scales().metrics[metric]
    low, high = limits.lowest, limits.highest
    value = draw(st.one_of(st.floats(low, high), st.integers(math.ceil(low), math.floor(high)).map(float)))
    return value, metric, scale


def test_seventy_percent_is_vigorous_in_2000_and_moderate_in_2018() -> None:
    """The same number changed its class with the table."""
    for gap in ("higher", "lower"):
        assert c.classify(70, "percent-hr-max", "acsm-2000", gap=gap) is Level.VIGOROUS
        assert c.classify(70, "percent-hr-max", "acsm-2018", gap=gap) is Level.MODERATE


@pytest.mark.parametrize("value", [74.1, 75, 75.5, 76, 76.9])
def test_the_gap_of_the_danish_scale_follows_the_named_rule(value: float) -> None:
    """75 and 76 % of maximal heart rate are vigorous for a cap and moderate for credit."""
    assert c.classify(value, "percent-hr-max", "sundhedsstyrelsen", gap="higher") is Level.VIGOROUS
    assert c.classify(value, "percent-hr-max", "sundhedsstyrelsen", gap="lower") is Level.MODERATE


@pytest.mark.parametrize(
    ("value", "metric", "scale", "higher", "lower"),
    [
        (64, "percent-hr-max", "sundhedsstyrelsen", "moderate", "moderate"),
        (74, "percent-hr-max", "sundhedsstyrelsen", "moderate", "moderate"),
        (77, "percent-hr-max", "sundhedsstyrelsen", "vigorous", "vigorous"),
        (93, "percent-hr-max", "sundhedsstyrelsen", "vigorous", "vigorous"),
        (99, "percent-hr-max", "sundhedsstyrelsen", "vigorous", "vigorous"),
        (63, "percent-hr-max", "sundhedsstyrelsen", "light", "light"),
        (63.5, "percent-hr-max", "garber-2011", "moderate", "light"),
        (56.9, "percent-hr-max", "garber-2011", "very-light", "very-light"),
        (96, "percent-hr-max", "garber-2011", "near-maximal", "near-maximal"),
        (55, "percent-hr-max", "essa-2010", "moderate", "light"),
        (70, "percent-hr-max", "essa-2010", "vigorous", "moderate"),
        (69, "percent-hr-max", "acsm-2000", "moderate", "moderate"),
        (89, "percent-hrr", "garber-2011", "vigorous", "vigorous"),
        (89, "percent-hrr", "acsm-2018", "near-maximal", "near-maximal"),
        (36, "percent-vo2max", "garber-2011", "very-light", "very-light"),
        (63, "percent-vo2max", "garber-2011", "moderate", "moderate"),
        (13, "borg", "garber-2011", "moderate", "moderate"),
        (13.5, "borg", "garber-2011", "vigorous", "moderate"),
        (17, "borg", "acsm-2000", "near-maximal", "near-maximal"),
        (17, "borg", "acsm-2018", "vigorous", "vigorous"),
        (2.95, "mets", "garber-2011", "moderate", "light"),
        (5.99, "mets", "essa-2010", "moderate", "moderate"),
        (4, "cr10", "essa-2010", "moderate", "moderate"),
        (7, "cr10", "essa-2010", "near-maximal", "near-maximal"),
        (70, "percent-one-rm", "breast-review-2018", "vigorous", "vigorous"),
    ],
)
def test_values_have_the_printed_class(value: float, metric: str, scale: str, higher: str, lower: str) -> None:
    """Edges belong to the band that prints them; between bands the named rule decides."""
    assert c.classify(value, metric, scale, gap="higher") is Level.from_word(higher)
    assert c.classify(value, metric, scale, gap="lower") is Level.from_word(lower)


@given(asked())
def test_for_a_cap_a_value_never_counts_as_less_than_for_credit(question: tuple[float, str, str]) -> None:
    """The two rules differ by one class at most, and only where no band, or two, hold the value."""
    value, metric, scale = question
    higher, lower = (c.classify(value, metric, scale, gap=gap) for gap in ("higher", "lower"))
    assert higher is not None
    assert lower is not None
    assert 0 <= higher - lower <= 1
    bands = c.load_scales().scales[scale].tables[metric].bands
    if sum(band.holds(value) for band in bands) == 1:
        assert higher is lower
        assert next(band.level for band in bands if band.holds(value)) is higher


@given(asked(), st.floats(0, 30), st.sampled_from(["higher", "lower"]))
def test_a_higher_value_never_has_a_lower_class(question: tuple[float, str, str], more: float, gap: Any) -> None:
    """Classes rise with the value, whatever the rule for gaps."""
    value, metric, scale = question
    values = [value, min(value + more, c.load_scales().metrics[metric].highest)]
    first, second = c.classify_many(values, metric, scale, gap=gap)
    assert first <= second


@given(asked(), st.sampled_from(["higher", "lower"]))
def test_many_values_are_classified_as_each_one(question: tuple[float, str, str], gap: Any) -> None:
    """An array has the classes of its entries, and unknown has none."""
    value, metric, scale = question
    many = c.classify_many([[value, None]], metric, scale, gap=gap)
    assert many.shape == (1, 2)
    assert many[0, 0] == c.classify(value, metric, scale, gap=gap)
    assert np.isnan(many[0, 1])


def test_unknown_has_no_class() -> None:
    """None is returned, which compares with nothing; a value the metric cannot have is refused."""
    assert c.classify(None, "borg", "garber-2011", gap="higher") is None
    assert c.classify(float("nan"), "borg", "garber-2011", gap="lower") is None
    assert np.isnan(c.classify_many([5, 21], "borg", "garber-2011", gap="higher", outside="nan")).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c.classify(5, "borg", "garber-2011", gap="higher"), "borg must be 6 to 20"),
        (lambda: c.classify(70, "percent-hr-max", "acsm", gap="higher"), "no intensity scale 'acsm'"),
        (lambda: c.classify(70, "mets", "acsm-2000", gap="higher"), "has no 'mets'"),
        (lambda: c.classify(70, "percent-hr-max", "acsm-2000", gap="middle"), "name the rule for gaps"),
        (lambda: c.classify([70], "percent-hr-max", "acsm-2000", gap="lower"), "classify takes one value"),
        (lambda: c.zone_band("light", "borg", "sundhedsstyrelsen"), "prints no light"),
        (lambda: c.zone_band("hard", "borg", "garber-2011"), "no intensity class 'hard'"),
    ],
)
def test_a_wrong_question_says_what_there_is(call: Any, says: str) -> None:
    """Scale, metric, class and rule are each named."""
    with pytest.raises(PlanError, match=says):
        call()


def test_classes_become_the_three_intensities_of_plans() -> None:
    """Very light is light, near maximal is vigorous."""
    assert [level.intensity for level in Level] == [
        Intensity.LIGHT, Intensity.LIGHT, Intensity.MODERATE, Intensity.VIGOROUS, Intensity.VIGOROUS,
    ]  # fmt: skip


def test_bands_are_those_of_the_group_template() -> None:
    """The edges of garber-2011 that plans use."""
    band = c.zone_band("moderate", "percent-hr-max", "garber-2011")
    assert (band.low, band.high) == (64, 76)
    assert c.zone_band(Level.VERY_LIGHT, "borg", "garber-2011").low == -math.inf


def test_the_file_says_what_is_not_verified() -> None:
    """Bands from weak pages and our own are listed."""
    assert {"essa-2010.cr10", "garber-2011.percent-peak-watts", "repetitions"} <= set(c.load_scales().unverified)


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A copy of a shipped file with one text replaced."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / file
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("moderate: {from: 40, to: 59}", "moderate: {from: 39, under: 59, to: 59}", "included"),
        ("light: {from: 20, to: 39}", "light: {from: 20, to: 41}", "overlap"),
        ("light: {from: 20, to: 39}", "light: {from: 39, to: 20}", "begins above its end"),
        ("light: {from: 20, to: 39}", "light: {from: x, to: 39}", "must be a number"),
        ("light: {from: 20, to: 39}", "light: {from: 20, till: 39}", "has no key 'till'"),
        ("below: very-light", "below: very-lite", "did you mean 'very-light'"),
        ("source: intensity-scales-2020", "source: nowhere", "not in sources.yaml"),
        ("percent-hrr:\n        {source", "percent-hr:\n        {source", "did you mean 'percent-hrr'"),
        ("12: 70}", "13: 70}", "run on from 1"),
        ("lowest: 6, highest: 20", "lowest: 20, highest: 6", "lowest must be below"),
    ],
)
def test_a_wrong_scale_file_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    """The author reads what is wrong and where."""
    with pytest.raises(ProtocolError, match=says) as raised:
        read_scales(changed(tmp_path, "scales.yaml", old, new))
    assert all(fault.location.line > 1 for fault in raised.value.diagnostics)


def test_the_compendium_depends_on_the_edition() -> None:
    """The same code has other METs in other editions."""
    assert c.met("02071") == 4.8
    assert c.met("02071", "2000") == 3.5
    assert [c.met("17220", edition) for edition in EDITIONS] == [5.0, 5.0, 4.0]
    assert c.met("17190") == 3.5


def test_the_compendium_has_its_83_rows_named_in_both_languages() -> None:
    """Every row has the value of 2011 and two short names of its own."""
    rows = c.load_compendium().activities
    assert len(rows) == 83
    assert all("2011" in row.mets and row.name["da"] and row.name["en"] for row in rows.values())
    assert len({row.name["da"] for row in rows.values()}) == 83
    for edition, count, total in (("2011", 83, 450.7), ("2000", 55, 310.2), ("1993", 50, 291.9)):
        mets = [row.mets[edition] for row in rows.values() if edition in row.mets]
        assert (len(mets), round(sum(mets), 1)) == (count, total)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: c.met("99999"), "no code '99999'"),
        (lambda: c.met("1719"), "did you mean '17190'"),
        (lambda: c.met("17190", "2024"), "renumbers stationary cycling"),
        (lambda: c.met("07021", "1993"), "it stands in: 2011"),
        (lambda: c.net_met(3, baseline="rest"), "name the baseline"),
        (lambda: c.net_met(-1, baseline="rest-1.0"), "met must be 0 to 25"),
    ],
)
def test_a_wrong_row_or_edition_says_what_there_is(call: Any, says: str) -> None:
    """Codes, editions and baselines are named."""
    with pytest.raises(PlanError, match=says):
        call()


def test_net_mets_depend_on_the_named_baseline() -> None:
    """Sitting is 1.3 in 2011, not 1.0, and nothing falls below zero."""
    assert c.net_met(4.3, baseline="rest-1.0") == pytest.approx(3.3)
    assert c.net_met([4.3, 1.0, None], baseline="sitting-2011") == pytest.approx([3.0, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"07021"', '"7021"', "five digits"),
        ("{2011: 1.3}", "{2011: -}", "such as 3.5"),
        ("{2011: 1.3}", "{2012: 1.3}", "did you mean"),
        ("{2011: 1.3}", "{}", "has no MET"),
        ("da: sidde stille, ", "", "needs the key 'da'"),
        ("source: ainsworth-2011", "source: somebody", "not in sources.yaml"),
    ],
)
def test_a_wrong_compendium_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    """The author reads what is wrong and where."""
    with pytest.raises(ProtocolError, match=says):
        read_compendium(changed(tmp_path, "compendium.yaml", old, new))
