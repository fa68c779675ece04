"""CTCAE grades: edges as printed, intervals for what is unknown, one value and a column alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import FieldError, ProtocolError, QuantityError, UnitError
from exrx.fields import load_dictionary
from exrx.outcomes import differences, find_term, grade, grade_column, load_ctcae
from exrx.outcomes.ctcae_table import EDITIONS, read_ctcae
from exrx.report.ctcae_text import ctcae_page, difference_lines, grade_lines, term_lines

DOCS = Path(__file__).parents[2] / "docs"
UNITS = {"haemoglobin": "g/dL", "glucose": "mmol/L"}
RANGES = {"haemoglobin": (30, 250), "glucose": (10, 400), "creatinine": (5, 5000), "inr": (5, 300)}
GRADED = [(term.id, edition) for term in load_ctcae().values() for edition in term.criteria]


def numbers(term_id):
    """Values of a term on and off its limits, in tenths of its unit."""
    term = find_term(term_id)
    low, high = RANGES.get(term.field, (0, 2000))
    at = term.units.index(UNITS[term.field]) if term.field in UNITS else 0
    printed = [n for c in term.criteria.values() for cell in c.cells.values() for p in cell.parts
               for n in getattr(p, "numbers", ())[at : at + 1]]  # fmt: skip
    near = [float(n) + step for n in printed for step in (-0.1, 0, 0.1) if low <= 10 * n < high]
    tenths = st.integers(low, high).map(lambda n: n / 10)
    return st.sampled_from(near) | tenths if near else tenths


known_or_not = st.none() | st.integers(1, 3000).map(lambda n: n / 10)


@st.composite
def questions(draw):
    """A term, an edition, a value and what is known beside it."""
    term, edition = draw(st.sampled_from(GRADED))
    return term, edition, draw(numbers(term)), {
        "lower_limit_of_normal": draw(known_or_not),
        "upper_limit_of_normal": draw(known_or_not),
        "baseline": draw(known_or_not),
        "on_anticoagulation": draw(st.sampled_from([True, False, None])),
    }  # fmt: skip


def ask(term, edition, value, facts):
    return grade(term, value, edition=edition, unit=UNITS.get(find_term(term).field), **facts)


@given(questions(), st.data())
@settings(max_examples=400)
def test_knowing_more_only_narrows_the_interval(question, data):
    """Whatever the missing facts turn out to be, the grade lies in the interval that was given before."""
    term, edition, value, facts = question
    before = ask(term, edition, value, facts)
    complete = {name: data.draw(known_or_not.filter(bool)) if fact is None else fact for name, fact in facts.items()}
    if facts["on_anticoagulation"] is None:
        complete["on_anticoagulation"] = data.draw(st.booleans())
    else:
        complete["on_anticoagulation"] = facts["on_anticoagulation"]
    after = ask(term, edition, value, complete)
    assert after.is_certain
    assert before.lowest <= after.lowest <= before.highest
    assert bool(before.missing) == (not before.is_certain)


@given(questions(), st.data())
@settings(max_examples=300)
def test_what_is_not_named_missing_does_not_matter(question, data):
    """Only unknown facts are named, and whatever the others turn out to be, the interval stays."""
    term, edition, value, facts = question
    before = ask(term, edition, value, facts)
    assert all(facts[name] is None for name in before.missing)
    unnamed = [name for name, fact in facts.items() if fact is None and name not in before.missing]
    others = {name: data.draw(known_or_not) for name in unnamed}
    if "on_anticoagulation" in others:
        others["on_anticoagulation"] = data.draw(st.booleans())
    after = ask(term, edition, value, facts | others)
    assert (after.lowest, after.highest) == (before.lowest, before.highest)


@given(st.sampled_from(GRADED), st.data())
@settings(max_examples=300)
def test_a_column_is_graded_like_its_values_one_by_one(graded, data):
    """Same lowest and highest grade, with limits for all rows, for each row, or for none."""
    term, edition = graded
    values = data.draw(st.lists(numbers(term) | st.just(float("nan")), min_size=1, max_size=12))
    uln, baseline = data.draw(known_or_not), data.draw(known_or_not)
    lln = data.draw(st.lists(known_or_not, min_size=len(values), max_size=len(values)))
    thinned = data.draw(st.sampled_from([True, False, None]))
    facts = {"upper_limit_of_normal": uln, "baseline": baseline, "on_anticoagulation": thinned}
    unit = UNITS.get(find_term(term).field)
    rows = np.array([np.nan if limit is None else limit for limit in lln])
    many = grade_column(term, np.array(values), edition=edition, unit=unit, lower_limit_of_normal=rows, **facts)
    one = [
        ask(term, edition, None if np.isnan(value) else value, facts | {"lower_limit_of_normal": limit})
        for value, limit in zip(values, lln, strict=True)
    ]
    assert many.lowest.tolist() == [found.lowest for found in one]
    assert many.highest.tolist() == [found.highest for found in one]
    assert many.lowest.dtype == many.highest.dtype == np.uint8
    assert many.refused.tolist() == []


@given(st.sampled_from([(t, e) for t, e in GRADED if t.endswith("-decreased") or t in ("anaemia", "hypoglycaemia")]),
       st.data())  # fmt: skip
@settings(max_examples=200)
def test_a_lower_value_of_what_is_too_low_never_has_a_lower_grade(graded, data):
    """The grades are tiers: both ends of the interval rise as the value falls."""
    term, edition = graded
    low, high = sorted((data.draw(numbers(term)), data.draw(numbers(term))))
    facts = {"lower_limit_of_normal": data.draw(known_or_not)}
    worse, better = ask(term, edition, low, facts), ask(term, edition, high, facts)
    assert worse.lowest >= better.lowest
    assert worse.highest >= better.highest


@pytest.mark.parametrize(
    ("term", "edition", "value", "expected"),
    [
        ("platelets", 5, "150", 0), ("platelets", 5, "149.9", 1), ("platelets", 5, "75", 1),
        ("platelets", 5, "74.9", 2), ("platelets", 5, "50", 2),
        ("platelets", 5, "49.95", 3), ("platelets", 5, "25", 3), ("platelets", 5, "24.9", 4),
        ("platelets", 6, "24.9", 3), ("platelets", 6, "10", 3), ("platelets", 6, "9.9", 4),
        ("platelets", 5, "49900 /uL", 3), ("platelets", 5, "<25", 4),
        ("neutrophils", 5, "0.5", 3), ("neutrophils", 5, "0.49", 4), ("neutrophils", 6, "0.49", 3),
        ("neutrophils", 6, "0.09", 4), ("anaemia", 5, "8.0 g/dL", 2), ("anaemia", 5, "7.99 g/dL", 3),
        ("anaemia", 5, "79,9 g/L", 3), ("anaemia", 5, "4.9 mmol/L", 2), ("anaemia", 5, "4.89 mmol/L", 3),
        ("inr-increased", 5, "2.6", 3), ("hypoglycaemia", 5, "39 mg/dL", 3), ("hypoglycaemia", 5, "2.2 mmol/L", 2),
        ("leukocytosis", 5, "100", 0), ("leukocytosis", 5, "100.01", 3),
    ],
)  # fmt: skip
def test_the_edges_stand_as_printed(term, edition, value, expected):
    """A value on a limit is not below it; the value's own unit chooses the printed limit."""
    found = grade(term, value, edition=edition, lower_limit_of_normal=150 if term == "platelets" else None)
    assert (found.lowest, found.highest) == (expected, expected)


def test_an_unknown_limit_of_normal_gives_an_interval_and_says_what_is_missing():
    """Platelets of 90 are grade 0 or 1: nobody guesses the laboratory's lower limit."""
    found = grade("platelets", 90, edition=5)
    assert (found.lowest, found.highest, found.missing) == (0, 1, ("lower_limit_of_normal",))
    assert grade("platelets", 90, edition=5, lower_limit_of_normal=150).lowest == 1
    assert grade("platelets", 90, edition=5, lower_limit_of_normal=80).highest == 0


def test_a_value_that_a_laboratory_cuts_off_gives_an_interval():
    """Below 20 is grade 3 or 4 in edition 6, and grade 4 in edition 5."""
    assert grade("platelets", "<20", edition=6).missing == ("value",)
    assert (grade("platelets", "<20", edition=6).lowest, grade("platelets", "<20", edition=6).highest) == (3, 4)
    assert grade("platelets", "<20", edition=5).is_certain


@pytest.mark.parametrize(
    ("term", "edition", "value", "lowest", "highest"),
    [
        ("leukocytosis", 5, ">100", 3, 3), ("leukocytosis", 5, ">=100", 0, 3), ("leukocytosis", 5, "<=100", 0, 0),
        ("platelets", 5, "<=25", 3, 4), ("neutrophils", 6, ">=1.5", 0, 0), ("neutrophils", 6, "<1.5", 1, 4),
    ],
)  # fmt: skip
def test_whether_the_cut_off_itself_is_possible_decides_at_a_limit(term, edition, value, lowest, highest):
    """More than 100 is above 100; 100 or more may be exactly 100."""
    found = grade(term, value, edition=edition)
    assert (found.lowest, found.highest) == (lowest, highest)


def test_a_float_that_misses_its_limit_by_a_hair_is_the_limit():
    """Three times 0.7 is 2.0999999999999996 in binary; 2.1 is not above it, alone or in a column."""
    facts = {"edition": 5, "upper_limit_of_normal": 0.7, "baseline": 0.7}
    assert grade("creatinine", 2.1, **facts).highest == 2
    assert grade_column("creatinine", np.array([2.1]), **facts).highest.tolist() == [2]


def test_a_missing_value_may_have_every_grade():
    """No number is no grade 0."""
    found = grade("neutrophils", None, edition=6)
    assert (found.lowest, found.highest, found.missing) == (0, 4, ("value",))


def test_haemoglobin_in_mmol_is_converted_where_only_g_per_dl_is_printed():
    """11.8 mmol/L is 19.0 g/dL: more than 2 g/dL above an upper limit of 10.5 mmol/L (16.9 g/dL)."""
    found = grade("haemoglobin-increased", "11.8 mmol/L", edition=5, upper_limit_of_normal=10.5)
    assert (found.lowest, found.highest) == (2, 2)


def test_creatinine_compares_numbers_of_one_unit_whatever_it_is():
    """mg/dL or umol/L: the same ratios give the same grade, and a bare number is no riddle here."""
    mass = grade("creatinine", 2.3, edition=5, upper_limit_of_normal=1.1, baseline=1.0)
    amount = grade("creatinine", "230 umol/L", edition=5, upper_limit_of_normal=110, baseline=100)
    assert mass.lowest == mass.highest == amount.lowest == amount.highest == 2


def test_the_edition_is_always_named_and_known():
    """There is no silent edition, and one that does not grade a term says which do."""
    with pytest.raises(TypeError):
        grade("platelets", 45)  # type: ignore[call-arg]
    with pytest.raises(FieldError, match="there is no CTCAE edition '3'"):
        grade("platelets", 45, edition=3)
    with pytest.raises(FieldError, match="CTCAE 5 does not grade 'hyperglycaemia' by a number; editions that do: 4, 6"):
        grade("hyperglycaemia", "15 mmol/L", edition=5)


@pytest.mark.parametrize(
    "name", ["platelets", "blodplader", "Platelet count decreased", "thrombocytopenia", "få blodplader"]
)
def test_a_term_is_found_by_either_adverse_event_name(name):
    """The name of edition 6 finds the grade of edition 5, which answers with its own name."""
    assert grade(name, 45, edition=5).name == "Platelet count decreased"
    assert grade(name, 45, edition=6).name == "Thrombocytopenia"


def test_a_term_that_is_not_here_or_not_one_is_refused_with_what_is_near():
    """A slip of the pen gets a suggestion, a field with two terms gets both."""
    with pytest.raises(FieldError, match="Did you mean 'anemia'"):
        find_term("anemias")
    with pytest.raises(FieldError, match="anaemia, haemoglobin-increased"):
        find_term("haemoglobin")


@pytest.mark.parametrize(
    ("value", "facts", "error"),
    [
        ("7.9", {}, UnitError), ("7.9 mmol", {}, UnitError), ("much", {}, QuantityError),
        ("900 g/dL", {}, QuantityError),
        ("7.9 g/dL", {"lower_limit_of_normal": 0}, QuantityError), (True, {}, QuantityError),
        ("7.9 g/dL", {"lower_limit_of_normal": "<11"}, QuantityError),
        ("7.9 g/dL", {"lower_limit_of_normal": "7 mmol/L"}, QuantityError),
    ],
)  # fmt: skip
def test_a_value_or_limit_that_cannot_be_used_is_refused(value, facts, error):
    """A haemoglobin without unit, an implausible value, a limit with a unit of its own: no grade is made of them."""
    with pytest.raises(error):
        grade("anaemia", value, edition=5, **facts)


def test_a_column_keeps_its_rows_and_names_those_it_could_not_use():
    """An implausible number may have any grade and is listed; a missing one is not."""
    found = grade_column("platelets", np.array([45, -3, np.nan, 1e9, 300.0]), edition=6, lower_limit_of_normal=150)
    assert found.lowest.tolist() == [3, 0, 0, 0, 0]
    assert found.highest.tolist() == [3, 4, 4, 4, 0]
    assert found.refused.tolist() == [1, 3]


def test_a_limit_of_zero_in_a_column_is_no_limit():
    """A laboratory has no such limit: the row counts as one whose limit is unknown."""
    found = grade_column("creatinine", np.array([80.0, 80.0]), edition=5, baseline=100,
                         upper_limit_of_normal=np.array([0.0, 90.0]))  # fmt: skip
    assert found.highest.tolist() == [4, 0]


def test_a_column_takes_whole_numbers_and_no_texts():
    """Integers count, texts and tables do not, and haemoglobin needs its unit."""
    assert grade_column("platelets", np.array([20, 60]), edition=5).lowest.tolist() == [4, 2]
    with pytest.raises(QuantityError):
        grade_column("platelets", np.array(["45"]), edition=5)
    with pytest.raises(QuantityError):
        grade_column("platelets", np.ones((2, 2)), edition=5)
    with pytest.raises(UnitError):
        grade_column("anaemia", np.array([7.9]), edition=5)


def test_the_differences_name_what_the_newest_edition_moved():
    """Neutrophils move by a grade and platelets lose their old fourth grade and their name."""
    moved = {(found.term, found.grade) for found in differences() if found.before == "5" and found.after == "6"}
    assert {("neutrophils-decreased", number) for number in (1, 2, 3, 4)} <= moved
    assert {("platelets-decreased", 0), ("platelets-decreased", 4)} <= moved
    assert ("platelets-decreased", 3) not in moved  # its upper edge stays 50; the lower one is grade 4's
    assert not any(found.term == "anaemia" for found in differences())


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_grade_is_said_in_both_languages(lang):
    """Each term of each edition has words, with what is missing and that it is no limit for exercise."""
    for term, edition in GRADED:
        lines = list(grade_lines(ask(term, edition, None, {}), "?", lang))
        assert lines[0].startswith(find_term(term).criteria[edition].name)
        assert lines[-1].endswith(("træning.", "exercise."))
    assert len(list(term_lines(lang))) == len(load_ctcae())
    assert any("0,1" in line if lang == "da" else "0.1" in line for line in difference_lines(lang))


def test_the_page_is_the_one_that_the_data_writes():
    """docs/ctcae.md is never behind protocols/ctcae.yaml; run docs/make_ctcae.py."""
    assert (DOCS / "ctcae.md").read_text(encoding="utf-8") == ctcae_page()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"< 75.0"', '"<= 75.0"', "syntax"), ('"< 75.0"', '"< 75.0 / 7.5"', "wrong-shape"),
        ("field: platelets", "field: plates", "unknown-field"), ("name: Leukocytosis, ", "", "missing-key"),
        ('"> 6.0 x uln"', '"> uln + 2"', "needs-unit"), ('"4": {source', '"3": {source', "unknown-key"),
    ],
)  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused_with_its_place(tmp_path, old, new, code):
    """A slip in the data is an error with file and line, not another grade."""
    text = (DOCS.parent / "protocols" / "ctcae.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "ctcae.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        read_ctcae(path, load_dictionary())
    assert code in {found.code for found in caught.value.diagnostics}
    assert all(found.location.line for found in caught.value.diagnostics)


def test_the_editions_are_those_with_a_source():
    """Every edition says where its numbers were read, and how well."""
    from exrx.library import library_root
    from exrx.yamlread import read_plain_yaml

    editions = read_plain_yaml(library_root() / "ctcae.yaml")["editions"]
    sources = read_plain_yaml(library_root() / "sources.yaml")
    assert tuple(editions) == EDITIONS
    assert all(entry["source"] in sources and entry["verified"] == "secondary" for entry in editions.values())
