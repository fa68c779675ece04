"""`exrx protocol diff` read aloud: every word of it is one that a physiotherapist knows, in Danish and English."""

from __future__ import annotations

import re

import pytest
from overlay_texts import HEAD

from exrx.cli.main import main

LOWER = """\
parameters:
  platelets_in_chemotherapy_min: {value: "40,5", unit: 10^9/L, source: local-decision, verified: unverified}
"""
HB = """\
rules:
  - {id: blood.hb, domain: haematological, when: haemoglobin < 5.5 mmol/L, then: {clearance: defer}, because: low,
     source: local-decision, verified: unverified}
"""
START = "starts_from: {setting: hospital, supervision: one-to-one}\n"


@pytest.fixture
def said(tmp_path, capsys):
    """What diff says of dk-2015 and an overlay with this body."""

    def run(body, lang="en", *, first="dk-2015", more=("--stage", "session")):
        path = tmp_path / "local.yaml"
        path.write_text(HEAD + body)
        assert main(["protocol", "diff", first, str(path), "--lang", lang, *more]) == 0
        return capsys.readouterr().out

    return run


def test_the_facts_that_make_two_answers_of_one_are_named(said):
    """Whoever was adapted before differs from whoever could train, and it says how."""
    out = said(HB)
    (adapted,) = re.findall(r"clearance: adapted → not today\n +(.*)\n", out)
    (trained,) = re.findall(r"clearance: may train → not today\n +(.*)\n", out)
    assert trained == "haemoglobin 5.49 mmol/L; otherwise a typical patient"
    assert adapted != trained


@pytest.mark.parametrize("lang", ["da", "en"])
def test_numbers_are_written_as_people_write_them(said, lang):
    """Units and the decimal sign are those of the language, also where the file says 40,5."""
    out = said(LOWER, lang, more=("--written",))
    number = {"da": "40,5", "en": "40.5"}[lang]
    read = {"da": "læst på anden hånd", "en": "read second-hand"}[lang]
    assert f"50 ×10⁹/L [adamsen-2009, {read}] → {number} ×10⁹/L" in out
    assert "10^9" not in out


@pytest.mark.parametrize("lang", ["da", "en"])
def test_nothing_is_said_in_the_spelling_of_files(said, lang):
    """Neither the keys of the vocabulary nor an empty dash stand where people read."""
    out = said(LOWER + HB + START, lang)
    for word in ("one-to-one", "starts_from", "consult:", "setting", "daily-activity", " → -", "- →"):
        assert word not in out
    meanwhile = {
        "da": "Imens: daglige gøremål; rolig gang → intet angivet",
        "en": "Meanwhile: daily activities; easy walking → nothing said",
    }
    assert meanwhile[lang] in said(LOWER, lang)


def test_who_else_asks_the_same_is_said_with_the_protocol_it_stands_in(said):
    """A rule of the same id in the other protocol is not the rule itself, and one of many is enough."""
    out = said(LOWER)
    assert "unless this holds as well: in local bleeding.platelets-low-in-treatment, or one of " in out
    assert re.search(r"or one of \d+ rules that both have", out)
    assert "medmindre dette også gælder: i local bleeding.platelets-low-in-treatment, eller en af " in said(LOWER, "da")


def test_a_freer_start_is_said_in_words(said):
    """Where and under whose eyes, before and after."""
    assert "starts from: municipality, in a group → hospital, one to one" in said(START, more=("--written",))
    assert "udgangspunkt: kommune, på hold → hospital, en til en" in said(START, "da", more=("--written",))


def test_a_protocol_and_itself_differ_in_nothing(capsys):
    """Neither is it said that names differ."""
    assert main(["protocol", "diff", "dk-2015", "dk-2015", "--written"]) == 0
    assert capsys.readouterr().out.endswith("nothing differs\n")


def test_of_the_modules_only_those_that_came_or_went_are_listed(said):
    """A protocol of eighteen modules with one more."""
    out = said("includes: [modules/febrile-neutropenia]\n", more=("--written",))
    assert "\n    modules: + modules/febrile-neutropenia\n" in out
