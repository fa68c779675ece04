"""`exrx protocol` and `exrx fields`: what is known can be listed, shown, checked, tested and filled in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exrx.cli.main import main
from exrx.fields import load_dictionary
from exrx.patient import Patient
from exrx.protocol.library import list_protocols

BAD = sorted((Path(__file__).parent / "bad_protocols").glob("*.yaml"))
IDS = [summary.id for summary in list_protocols()]


def test_the_list_as_json_names_every_protocol(capsys):
    """A program finds the ids that `screen` takes."""
    assert main(["protocol", "list", "--format", "json"]) == 0
    assert [entry["id"] for entry in json.loads(capsys.readouterr().out)] == IDS


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_list_fits_the_terminal(capsys, lang):
    """Ids are whole and no line is wider than 80 columns."""
    assert main(["protocol", "list", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in IDS)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", IDS)
def test_every_shipped_protocol_shows_and_checks(capsys, name):
    """What is shipped can be read in words and has no fault."""
    assert main(["protocol", "show", name, "--lang", "da"]) == 0
    assert main(["protocol", "check", name]) == 0
    assert "0 faults" in capsys.readouterr().out


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_protocol_is_exit_2_with_its_places(capsys, path):
    """Each fault comes with file, line and code; nothing is raised."""
    assert main(["protocol", "check", str(path)]) == 2
    out = capsys.readouterr().out
    assert "error" in out
    assert "cannot be used" in out


def test_one_bad_protocol_among_good_ones_is_exit_1(capsys):
    """Done, but one file was refused and named."""
    assert main(["protocol", "check", IDS[0], "no-such-protocol"]) == 1
    out, err = capsys.readouterr()
    assert IDS[0] in out
    assert "no-such-protocol" in err


def test_a_case_that_does_not_hold_is_exit_1_and_says_what_came_out(tmp_path, capsys):
    """A failing case is printed with its place and what came out instead."""
    last = list_protocols()[-1]
    source = Path(last.path)
    folder = tmp_path / "copy"
    folder.mkdir()
    shipped = Path(__file__).parents[1] / source
    (folder / "protocol.yaml").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "cases.yaml").write_text(
        f"cases:\n  - name: everyone may train\n    stage: {last.stages[-1]}\n    as_of: 2026-11-23\n    from: blank\n"
        "    expect: {clearance: clear}\n", encoding="utf-8",
    )  # fmt: skip
    assert main(["protocol", "test", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "everyone may train" in out
    assert "expected clear, got assess" in out


def test_the_worked_patients_of_a_shipped_protocol_hold(capsys):
    """`exrx protocol test` counts the cases and ends with 0."""
    assert main(["protocol", "test", "herlev-haematology"]) == 0
    held, of, total = capsys.readouterr().out.split(": ")[-1].split()[:3]
    assert (held, of) == (total, "of")


@pytest.mark.parametrize("fill", ["blank", "typical"])
def test_a_form_reads_back_as_a_patient(capsys, fill):
    """What `protocol form` prints, `Patient.from_dict` reads without a problem."""
    assert main(["protocol", "form", "dk-2015", "--stage", "enrolment", "--fill", fill]) == 0
    patient = Patient.from_dict(json.loads(capsys.readouterr().out))
    assert patient.problems == ()
    assert patient.example is (fill == "typical")


def test_all_fields_are_listed_within_the_terminal(capsys):
    """Every field by name; long Danish labels wrap."""
    assert main(["fields", "--lang", "da"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out or f"  {name}\n" in out for name in load_dictionary().fields)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", list(load_dictionary().fields))
def test_each_field_can_be_shown_in_full(capsys, name):
    """No kind of field makes the page fail, and none is wider than 80 columns."""
    assert main(["fields", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name}: ")
    assert max(map(len, out.splitlines())) <= 80


def test_a_field_answers_to_its_danish_name(capsys):
    """An alias finds the field."""
    assert main(["fields", "blodplader"]) == 0
    assert "platelets" in capsys.readouterr().out.splitlines()[0]


def test_a_code_says_where_it_was_verified(capsys):
    """Each code stands with how and where it was checked."""
    main(["fields", "platelets"])
    out = " ".join(capsys.readouterr().out.split())
    assert "LOINC 777-3 (primary: " in out


def test_an_unknown_field_names_the_nearest(capsys):
    """Exit 2 and the names that were probably meant."""
    assert main(["fields", "plateles"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "platelets" in err


def test_an_unknown_group_names_the_groups(capsys):
    """Exit 2 and the groups there are."""
    assert main(["fields", "--group", "bloods"]) == 2
    assert "blood" in capsys.readouterr().err


def test_fields_as_json_hold_unit_and_codes(capsys):
    """The dictionary for programs."""
    assert main(["fields", "platelets", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["unit"] == "10^9/L"
    assert {"system", "code", "verified", "where"} <= entry["codes"][0].keys()
