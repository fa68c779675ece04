"""The same quantity across protocols: every limit is listed once, with who asks it, and nothing is typed by hand."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main
from exrx.errors import FieldError, ProtocolError
from exrx.fields import load_dictionary
from exrx.protocol import conflicts
from exrx.protocol.conflicts import compare_protocols, read_comments
from exrx.protocol.library import list_protocols, load_protocol
from exrx.rules.nodes import Compare, atoms

DICTIONARY = load_dictionary()
NUMERIC = [entry.name for entry in DICTIONARY.fields.values() if entry.is_numeric]


@pytest.mark.parametrize("name", NUMERIC)
def test_every_limit_of_every_protocol_stands_in_the_comparison(name):
    """A limit that a rule sets is never left out, whichever protocol sets it."""
    (quantity,) = compare_protocols(name)
    listed = {
        (protocol, stand.rule.id, stand.comparison.limit.tick)
        for stand in quantity.stands
        for protocol in stand.protocols
    }
    written = {
        (summary.id, rule.id, atom.limit.tick)
        for summary in list_protocols()
        for rule in load_protocol(summary.id).rules
        for atom in atoms(rule.when)
        if isinstance(atom, Compare) and atom.field.name == name
    }
    assert listed == written


def test_a_rule_of_a_module_is_listed_once_with_all_who_include_it():
    """One line, however many protocols include the module."""
    (quantity,) = compare_protocols("temperature")
    stands = [stand for stand in quantity.stands if stand.rule.id == "infection.fever-during-chemotherapy"]
    assert [len(stand.protocols) > 1 for stand in stands] == [True]


def test_the_platelet_limits_of_the_sources_stand_side_by_side():
    """50 in the trial, 50 not trained in cardio-oncology, 20 with blood diseases: each with its own source."""
    (quantity,) = compare_protocols("platelets")
    rows = {(s.protocols[0], s.comparison.operator, s.comparison.limit.text, s.source) for s in quantity.stands}
    assert {
        ("body-cancer-trial-2009", "<", "50 10^9/L", "adamsen-2009"),
        ("aha-core-2019", "<=", "50 10^9/L", "gilchrist-2019"),
        ("herlev-haematology", "<", "20 10^9/L", "herlev-haematology"),
    } <= rows
    ticks = [stand.comparison.limit.tick for stand in quantity.stands]
    assert ticks == sorted(ticks)


def test_bone_metastases_are_excluded_by_the_trial_and_asked_about_by_the_others():
    """The policy on a finding is what it alone makes fire, not every rule that names it."""
    (quantity,) = compare_protocols("bone_metastases")
    found = {(stand.protocols[0], stand.rule.id): stand.rule.then.clearance.word for stand in quantity.stands}
    assert found["body-cancer-trial-2009", "bone.trial-metastases"] == "stop"
    assert found["aha-core-2019", "bone.core-bone-metastases-plan"] == "consult"
    assert "bone.imminent-fracture-signs" not in {rule for _, rule in found}


def test_without_a_field_only_what_several_files_speak_of_is_listed():
    """A quantity of one file is no conflict; it is given when it is asked for by name, by any of its names."""
    names = {quantity.field.name for quantity in compare_protocols()}
    assert all(len({stand.file for stand in quantity.stands}) > 1 for quantity in compare_protocols())
    (alone,) = compare_protocols("functional_loss")
    assert alone.field.name == "functional_loss"
    assert alone.stands
    assert {"platelets", "haemoglobin", "temperature", "last_myocardial_infarction"} <= names
    assert compare_protocols("blodplader")[0].field.name == "platelets"


def test_a_doctors_answer_and_a_population_are_no_findings():
    """Gates and fields without a worse direction have no policy of their own."""
    assert [quantity.stands for quantity in compare_protocols("oncologist_clearance")] == [()]
    assert [quantity.stands for quantity in compare_protocols("cancer_type")] == [()]


def test_comments_are_in_both_languages_and_on_fields_that_exist(tmp_path, monkeypatch):
    """The shipped ones are; a comment on nothing, or in one language, is refused with its place."""
    assert all(set(comment) == {"da", "en"} for comment in read_comments(DICTIONARY).values())
    (tmp_path / "conflicts.yaml").write_text("platelet: {da: a, en: b}\nhaemoglobin: {da: a}\n")
    monkeypatch.setattr(conflicts, "library_root", lambda: tmp_path)
    with pytest.raises(ProtocolError) as raised:
        read_comments(DICTIONARY)
    assert [(d.code, d.location.line) for d in raised.value.diagnostics] == [("unknown-field", 1), ("missing-key", 2)]


@pytest.mark.parametrize(
    ("lang", "words"), [("da", ("læst i kilden", "ikke i dag")), ("en", ("read in the source", "not today"))]
)
def test_the_command_speaks_danish_and_english_within_the_terminal(capsys, lang, words):
    """Limits with unit and date, no line wider than 80 columns."""
    assert main(["protocol", "conflicts", "platelets", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert "≤ 50 ×10⁹/L" in out
    assert all(word in " ".join(out.split()) for word in words)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_quantity_can_be_printed(capsys, lang):
    """All at once, comments included."""
    assert main(["protocol", "conflicts", "--lang", lang]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert " ".join(read_comments(DICTIONARY)["platelets"][lang].split()) in out


def test_a_limit_in_another_unit_is_shown_in_both(capsys):
    """8.0 g/dL stands beside its value in the field's own unit."""
    assert main(["protocol", "conflicts", "haemoglobin"]) == 0
    assert "< 8.0 g/dL (≈ 4.965 mmol/L)" in capsys.readouterr().out


def test_the_command_gives_json_and_refuses_what_is_no_field(capsys):
    """JSON carries comparison, limit, source and protocols; an unknown field is exit 2 with the nearest name."""
    assert main(["protocol", "conflicts", "platelets", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["field"] == "platelets"
    assert {rule["comparison"] for rule in found["rules"]} == {"<", "<="}
    assert main(["protocol", "conflicts", "platlets"]) == 2
    assert "platelets" in capsys.readouterr().err
    with pytest.raises(FieldError):
        compare_protocols("platlets")
