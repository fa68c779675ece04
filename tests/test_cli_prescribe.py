"""`exrx prescribe`: a plan for whoever is cleared; for the others the decision and what to get."""

from __future__ import annotations

import csv
import json

import pytest

from exrx.cli.main import main

PLAN = ["--protocol", "dk-2015", "--training", "dk-2015-group", "--target", "acsm-150-75",
        "--start", "2026-11-23", "--weeks", "4"]  # fmt: skip


@pytest.fixture
def typical(tmp_path):
    """Write a typical patient, real or EXAMPLE, with some facts changed; returns the path as text."""

    def _write(real: bool = True, **facts) -> str:
        path = tmp_path / "patient.json"
        main(["protocol", "form", "dk-2015", "--stage", "enrolment", "--fill", "typical", "--out", str(path)])
        patient = json.loads(path.read_text(encoding="utf-8")) | facts
        if real:
            patient = {
                name: {**value, "origin": "stated"} if isinstance(value, dict) else value
                for name, value in patient.items()
            }
        path.write_text(json.dumps(patient), encoding="utf-8")
        return str(path)

    return _write


def test_the_format_follows_the_ending(typical, tmp_path, capsys):
    """JSON, CSV and text of the same plan; nothing on stdout."""
    patient = typical()
    for ending in ("json", "csv", "txt"):
        out = tmp_path / f"plan.{ending}"
        assert main(["prescribe", patient, *PLAN, "--out", str(out)]) == 0
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert plan["schema"] == "exrx/plan/1"
    assert plan["decision"]["as_of"] == "2026-11-23"
    rows = csv.DictReader((tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines())
    assert len(list(rows)) > 10
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8").startswith("TRAINING PLAN")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_printed_plan_fits_the_terminal(typical, capsys, lang):
    """Weeks, changes and sessions within 80 columns."""
    assert main(["prescribe", typical(lymphoedema="yes"), *PLAN, "--lang", lang]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_without_clearance_there_is_the_decision_and_no_plan(typical, tmp_path, capsys):
    """Exit 1: the decision with what to get is printed, and no file is written."""
    out = tmp_path / "plan.json"
    patient = typical(bone_metastases="yes", oncologist_clearance="pending")
    assert main(["prescribe", patient, *PLAN, "--out", str(out)]) == 1
    said, err = capsys.readouterr()
    assert said.startswith("WAIT: get an answer from oncologist")
    assert "no plan" in err
    assert "The oncologist must be asked" in err
    assert "Get first: an answer from oncologist" in err
    assert "--draft" in err
    assert not out.exists()


def test_a_draft_is_marked(typical, tmp_path):
    """`--draft` writes the plan and says so in it."""
    out = tmp_path / "plan.json"
    patient = typical(bone_metastases="yes", oncologist_clearance="pending")
    assert main(["prescribe", patient, *PLAN, "--draft", "--out", str(out)]) == 0
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["draft"] is True
    assert "DRAFT" in plan["notice"]["en"]


def test_an_example_gets_no_final_plan(typical, capsys):
    """A made-up patient can be shown a draft, never a plan."""
    patient = typical(real=False)
    assert main(["prescribe", patient, *PLAN]) == 1
    assert "EXAMPLE" in capsys.readouterr().err
    assert main(["prescribe", patient, *PLAN, "--draft"]) == 0
    assert capsys.readouterr().out.startswith("EXAMPLE")


def test_an_emergency_gets_not_even_a_draft(typical, capsys):
    """Red flags outrank every wish for a plan."""
    assert main(["prescribe", typical(saddle_numbness="yes"), *PLAN, "--draft"]) == 1
    assert capsys.readouterr().out.startswith("EMERGENCY")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--training", "dk-2015-grop"], "dk-2015-group"),
        (["--target", "acsm-150"], "acsm-150-75"),
        (["--weeks", "0"], "weeks"),
        (["--out", "plan.doc"], ".csv"),
        (["--start", "2026-11-20", "--as-of", "2026-11-23"], "2026-11-20"),
        (["--stage", "door"], "enrolment"),
    ],
)
def test_a_wrong_call_is_exit_2(typical, capsys, change, said):
    """Nothing was done, and the message says what to write."""
    assert main(["prescribe", typical(), *PLAN, *change]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_refusal_names_what_is_open_and_what_to_get_first(typical, capsys):
    """An emergency that is not ruled out is said to be open, and which fact settles it."""
    assert main(["prescribe", typical(saddle_numbness=None), *PLAN]) == 1
    err = capsys.readouterr().err
    assert "It is not known yet whether this holds: New trouble with bladder" in err
    assert "First rule out an emergency: numbness in the saddle area." in err
