"""`exrx ctcae`: a grade in a named edition, and what the editions changed, in Danish and English."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main
from exrx.outcomes import load_ctcae


def run(capsys, *arguments):
    code = main(["ctcae", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("lang", "grade", "missing"),
    [("da", "grad 0 til 1, ikke afgjort", "Mangler: nedre normalgrænse (--lln)"),
     ("en", "grade 0 to 1, not settled", "Missing: lower limit of normal (--lln)")],
)  # fmt: skip
def test_a_grade_that_is_open_names_the_argument_that_settles_it(capsys, lang, grade, missing):
    """Name of the edition, interval, what to give; and that it is no limit for exercise."""
    code, out, _ = run(capsys, "platelets", "90", "--edition", "6", "--lang", lang)
    assert code == 0
    assert f"Thrombocytopenia (CTCAE 6): {grade}" in out
    assert missing in out
    assert ("ingen grænse for træning" if lang == "da" else "no limit for exercise") in out
    assert max(map(len, out.splitlines())) <= 80
    settled = run(capsys, "platelets", "90", "--edition", "6", "--lang", lang, "--lln", "150")[1]
    assert ("grad 1" if lang == "da" else "grade 1") in settled.splitlines()[0]


def test_the_arguments_reach_the_grade(capsys):
    """Upper limit, baseline and anticoagulation are used, and JSON holds the same answer."""
    code, out, _ = run(capsys, "inr", "1.9", "--edition", "5", "--baseline", "1.0", "--anticoagulated", "yes",
                       "--format", "json")  # fmt: skip
    answer = json.loads(out)
    assert code == 0
    assert (answer["schema"], answer["name"], answer["lowest"], answer["highest"]) == (
        "exrx/ctcae/1", "INR increased", 2, 2
    )  # fmt: skip
    assert json.loads(run(capsys, "creatinine", "200", "--edition", "5", "--uln", "90", "--baseline", "90",
                          "--format", "json")[1])["lowest"] == 2  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["platelets", "45"], "needs an edition"),
        (["platelets", "--edition", "5"], "needs a value"),
        (["plates", "45", "--edition", "5"], "there is no CTCAE term"),
        (["anaemia", "7.9", "--edition", "5"], "Write the unit too"),
        (["hyperglycaemia", "15 mmol/L", "--edition", "5"], "editions that do: 4, 6"),
        (["platelets", "45", "--edition", "5", "--lln", "low"], "lower_limit_of_normal"),
    ],
)
def test_what_cannot_be_graded_is_said_in_one_line(capsys, arguments, said):
    """Exit 2, nothing on stdout, and what to do."""
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_differences_and_the_terms_fit_the_terminal(capsys, lang):
    """Every changed term is named, both names of the renamed event stand there, no line is wider than 80."""
    code, out, _ = run(capsys, "--differences", "--lang", lang)
    assert code == 0
    assert "Platelet count decreased" in out
    assert "Thrombocytopenia" in out
    assert "neutrophils-decreased" in out
    assert max(map(len, out.splitlines())) <= 80
    listed = run(capsys, "--lang", lang)[1]
    assert all(term in listed for term in load_ctcae())
