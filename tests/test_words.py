"""Conditions in words: what a physiotherapist reads says exactly what the engine asks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.fields import load_dictionary
from exrx.rules.nodes import And, Compare, Limit, Not, Or
from exrx.rules.parse import Names, parse_condition
from exrx.rules.words import LANGUAGES, say, say_quantity, sentence
from tests.rule_strategies import conditions

DICTIONARY = load_dictionary()
NAMES = Names(DICTIONARY, {"platelets_min": "50 10^9/L", "hb_min": "8.0 g/dL"})


def words(text: str, lang: str = "en") -> str:
    """The condition written in `text`, in words."""
    return say(parse_condition(text, NAMES), lang)


@given(conditions(), st.sampled_from(LANGUAGES))
@settings(max_examples=200)
def test_no_formula_reaches_the_reader(condition, lang):
    """No sign of the rule language and no field name with underscores stands in a sentence."""
    text = say(condition, lang)
    assert not re.search(r"[<>={}_|]", text)
    if lang == "da":
        assert not re.search(r"\d\.\d", text)


@given(conditions(), st.sampled_from(LANGUAGES))
def test_two_negations_are_none(condition, lang):
    """A negation is pushed to the single fields, so negating twice gives the first sentence."""
    assert say(Not(Not(condition)), lang) == say(condition, lang)


@given(conditions(), st.sampled_from(LANGUAGES))
def test_a_negation_changes_the_words(condition, lang):
    """A condition and its opposite never read alike."""
    assert say(Not(condition), lang) != say(condition, lang)


@given(st.lists(conditions(), min_size=2, max_size=3).map(tuple), st.sampled_from(LANGUAGES))
def test_all_and_any_never_read_alike(items, lang):
    """The joining word or the brackets tell `and` from `or`."""
    assert say(And(items), lang) != say(Or(items), lang)


@pytest.mark.parametrize(
    ("text", "danish", "english"),
    [
        ("platelets < platelets_min", "blodplader under 50 ×10⁹/L", "platelets below 50 ×10⁹/L"),
        ("not platelets >= 50", "blodplader under 50 ×10⁹/L", "platelets below 50 ×10⁹/L"),
        ("haemoglobin < hb_min", "hæmoglobin (blodprocent) under 8,0 g/dL", "haemoglobin below 8.0 g/dL"),
        ("50 <= platelets < 100", "blodplader fra 50 til under 100 ×10⁹/L", "platelets from 50 to below 100 ×10⁹/L"),
        ("last_surgery < 8 weeks", "seneste operation for mindre end 8 uger siden",
         "last surgery less than 8 weeks ago"),
        ("next_chemotherapy <= 1 d", "næste kemoterapi om højst 1 dag", "next chemotherapy in at most 1 day"),
        ("age < 18", "alder under 18 år", "age below 18 years"),
        ("systolic_bp < 90 or systolic_bp > 180", "systolisk blodtryk under 90 mmHg eller over 180 mmHg",
         "systolic blood pressure below 90 mmHg or above 180 mmHg"),
        ("bone_metastases", "knoglemetastaser", "bone metastases"),
        ("not bone_metastases", "knoglemetastaser: nej", "bone metastases: no"),
        ("oncologist_clearance = refused", "onkologens godkendelse: afvist", "oncologist's clearance: refused"),
    ],
)  # fmt: skip
def test_limits_keep_the_number_and_unit_of_their_source(text, danish, english):
    """Sentences as they stand in a report, in both languages."""
    assert words(text, "da") == danish
    assert words(text, "en") == english


def test_never_counts_as_long_ago_and_says_so():
    """"At least 3 days ago" is true of someone who never had it, so the words include never."""
    assert words("last_chemotherapy >= 3 d") == "last chemotherapy at least 3 days ago or never"
    assert words("last_chemotherapy >= 3 d", "da") == "seneste kemoterapi for mindst 3 dage siden eller aldrig"


def test_brackets_show_what_belongs_together():
    """A nested alternative is bracketed, one that stands alone is not."""
    assert words("dizziness and (fatigue > 7 or pain > 5)") == (
        "dizziness and (fatigue (0-10) above 7 or pain (0-10) above 5)"
    )
    assert words("dizziness or syncope") == "dizziness or fainting"


def test_counting_says_how_many():
    """`at least 2 of` and its opposite count in words."""
    assert words("at least 2 of (dizziness, syncope, pain > 5)").startswith("at least 2 of (")
    assert words("not at least 2 of (dizziness, syncope, pain > 5)").startswith("at most 1 of (")
    assert words("not at least 1 of (dizziness, syncope)").startswith("none of (")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shipped_field_has_words_in_both_languages(lang):
    """No label is missing: a sentence never falls back to another language."""
    assert [name for name, entry in DICTIONARY.fields.items() if not entry.label.get(lang)] == []


def test_a_node_without_words_raises_by_name():
    """A new kind of condition cannot pass silently."""

    class Sometimes:
        pass

    with pytest.raises(KeyError, match="Sometimes"):
        say(Sometimes(), "en")  # type: ignore[arg-type]


def test_a_language_without_words_raises():
    """There are two languages, and no third falls back to one of them."""
    with pytest.raises(KeyError, match="sv"):
        words("bone_metastases", "sv")


def test_an_unreadable_limit_falls_back_to_its_tick():
    """A limit without a number in its text still shows the number it stands for."""
    entry = DICTIONARY.fields["platelets"]
    assert say(Compare(entry, "<", Limit(entry.ticks.tick(entry.ticks.value(100)), "limit")), "en").endswith("×10⁹/L")


def test_units_and_numbers_follow_the_language():
    """Decimal comma, plural and sign of the unit."""
    assert say_quantity("1", "weeks", "da") == "1 uge"
    assert say_quantity("38.0", "degC", "da") == "38,0 °C"
    assert say_quantity("100", "/min", "en") == "100/min"
    assert say_quantity("7", "{score}", "en") == "7"
    assert sentence("platelets below 50") == "Platelets below 50"
    assert sentence("mMRC of at least 3") == "mMRC of at least 3"


