"""`exrx score` and `exrx effect`: from a file to an answer, the bad rows named and the rest used."""

from __future__ import annotations

import csv
import io
import json

import pytest

from exrx.cli.main import main

PHQ = """\
id;date;q1;q2;q3;q4;q5;q6;q7;q8;q9
p1;2026-11-01;1;1;1;1;0;0;0;0;0
p2;2026-11-01;3;3;2;1;2;1;1;2;1
p3;2026-11-01;1;1;1;1;1;1;;;
p4;2026-11-01;1;1;5;1;1;1;1;1;0
p5;2026-11-01;1;1;x;1;1;1;1;1;0
"""
MEASURED = """\
id,date,measure,value,when
p1,2026-08-01,six_minute_walk,412,pre
p1,2026-11-01,6mwt,0.455 km,post
p2,2026-08-01,six_minute_walk,300,pre
p3,2026-08-01,handgrip,"25,5",
p3,2026-10-01,handgrip,27,
p4,2026-10-01,six_minute_walk,300,pre
p4,2026-08-01,six_minute_walk,320,post
p5,2026-08-01,six_minute_walk,4000,pre
"""


@pytest.fixture
def ask(tmp_path, capsys):
    """Write a file, run a command on it, and give its code, output and messages."""

    def run(content, *arguments):
        path = tmp_path / "given.csv"
        path.write_text(content, encoding="utf-8")
        code = main([str(path) if part == "FILE" else part for part in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.parametrize(
    ("lang", "words"), [("da", "TAL MED PATIENTEN NU: p2"), ("en", "TALK WITH THE PATIENT NOW: p2")]
)
def test_an_alarm_is_the_first_line_of_a_score(ask, lang, words):
    """Oversigt III, psychosocial: a positive item 9 stands before every sum, in both languages."""
    code, out, _ = ask(PHQ, "score", "phq-9", "FILE", "--lang", lang)
    assert code == 1
    assert out.splitlines()[0].strip() == words


def test_a_form_outside_its_range_is_refused_with_its_row_and_the_rest_is_scored(ask):
    """Bad input: p4 has an answer that the form does not have; p1 has its score, p3 an interval, p5 a lost answer."""
    code, out, err = ask(PHQ, "score", "phq-9", "FILE", "--format", "csv", "--cut-off", "oversigt-3")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
    assert code == 1
    assert "row 4: an answer is none of the form's own numbers" in err
    assert "row 5: 'q3' holds no number" in err
    assert list(rows) == ["p1", "p2", "p3", "p4", "p5"]
    assert (rows["p1"]["total"], rows["p4"]["total"], rows["p4"]["refused"]) == ("4.0", "", "True")
    assert (rows["p3"]["total.low"], rows["p3"]["total.high"]) == ("6.0", "15.0")
    assert rows["p3"]["oversigt-3"] == "low .. high"
    assert rows["p2"]["oversigt-3.verified"] == "unverified"


def test_scores_without_a_form_list_the_forms_and_print_no_question(capsys):
    """The list names sources and marks, and says what a licence needs."""
    assert main(["score"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "written consent from the EORTC" in out
    assert "[unverified]" in out


def test_the_effect_names_the_source_of_each_difference_and_who_is_missing(ask):
    """Oversigt I, post-measure: one of two patients has both values and reached both differences in metres."""
    code, out, err = ask(MEASURED, "effect", "FILE", "--lang", "en")
    text = " ".join(out.split())
    assert code == 1
    assert "patients 4: 1 both measured, 2 no before, 3 no after" in text
    assert "better by at least 42 m: 1 of 1; worse: 0 (granger-2015, lung cancer)" in text
    assert "row 7: the value after is not later than the value before" in err
    assert "row 8" in err


def test_the_effect_as_json_has_every_patient_with_days_and_units(ask):
    """N patients in, N patients out: those without a second value have null, not zero."""
    code, out, _ = ask(MEASURED, "effect", "FILE", "--format", "json")
    rows = {(row["id"], row["measure"]): row for row in json.loads(out)["rows"]}
    assert code == 1
    assert rows["p1", "six-minute-walk"]["after"] == 455
    assert rows["p1", "six-minute-walk"]["lung-granger-high"] == "better"
    assert rows["p2", "six-minute-walk"]["change"] is None
    assert rows["p3", "handgrip"]["change"] == 1.5
    assert rows["p3", "handgrip"]["unit"] == "kg"


def test_goals_without_levels_are_refused_and_the_others_scored(ask):
    """Oversigt I, goal attainment: the T score before and after, an interval where a goal was not judged."""
    content = "id,goal,weight,before,after\np1,Walk,1,-2,0\np1,Play,2,-1,1\np2,Cook,1,-1,\np3,Swim,1,,1\n"
    code, out, err = ask(content, "effect", "--goals", "FILE", "--lang", "da")
    assert code == 1
    assert "p1: 2 mål, T-score før 33,9, T-score efter 58,0" in " ".join(out.split())
    assert "p2: 1 mål, T-score før 40,0, T-score efter 30,0 .. 70,0" in " ".join(out.split())
    assert "række 4: målet mangler ord, trin eller vægt" in err


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("id,q1\np,1\n", ("score", "phq-9", "FILE"), "no column for item 2, 3"),
        ("id,q1,item 1\np,1,1\n", ("score", "phq-9", "FILE"), "are both item 1"),
        ("id,measure\np,handgrip\n", ("effect", "FILE"), "no column 'date'"),
        ("id,measure\np,handgrip\n", ("score", "phq"), "Did you mean 'phq-9'"),
        ("", ("effect",), "give a file of measurements"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_message(ask, content, arguments, words):
    """Exit 2, and the message says what to write."""
    code, out, err = ask(content, *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_no_identifier_is_kept_and_no_formula_is_written(ask):
    """A CPR number becomes the row's own name; a pseudonym that a spreadsheet would run is made text."""
    content = "id,date,measure,value\n0101801234,2026-08-01,handgrip,30\n=1+1,2026-08-01,handgrip,30\n"
    code, out, err = ask(content, "effect", "FILE", "--format", "csv")
    assert code == 1
    assert "0101801234" not in out + err
    assert "'=1+1" in out


@pytest.mark.parametrize("weight", ["inf", "1e308", "nan", "-1"])
def test_a_goal_with_an_impossible_weight_is_refused_and_the_others_scored(ask, weight):
    """No score is made of infinity, and no warning of the arithmetic is printed."""
    goals = f"id,goal,weight,before,after\np1,walk,1,-1,1\np1,run,{weight},-1,1\n"
    code, out, err = ask(goals, "effect", "--goals", "FILE")
    assert code == 1
    assert "p1: 1 goals, T score before 40.0, T score after 60.0" in " ".join(out.split())
    assert "the weight of the goal" in err
    assert "Warning" not in err


def test_a_day_that_does_not_exist_is_refused(ask):
    """The thirteenth month of a form is named and not written into the table."""
    header = "id,date," + ",".join(map(str, range(1, 10)))
    code, out, err = ask(f"{header}\np1,2026-13-45{',0' * 9}\n", "score", "phq-9", "FILE", "--format", "csv")
    assert (code, "2026-13-45" in out) == (1, False)
    assert "the date is not read" in err


def test_everybody_who_needs_somebody_now_is_named_and_a_refused_form_is_asked_about(ask):
    """Thirty alarms are thirty names, each once; a refused form with item 9 at 0 is no reassurance."""
    header = "id,date," + ",".join(map(str, range(1, 10)))
    rows = [f"p{row},2026-11-01{',0' * 8},1" for row in range(30)]
    rows += ["p0,2026-11-02" + ",0" * 8 + ",2", "q1,2026-11-01,9" + ",0" * 8, "q2,2026-11-01,9" + ",0" * 7 + ",3"]
    out = " ".join(ask("\n".join([header, *rows]) + "\n", "score", "phq-9", "FILE", "--lang", "en")[1].split())
    named = out.split("TALK WITH THE PATIENT NOW: ")[1].split(" Item 9")[0].split(", ")
    assert sorted(named) == sorted([*(f"p{row}" for row in range(30)), "q2"])
    assert "the item has no answer, ask: q1" in out


def test_measures_and_forms_are_listed_in_one_language_with_their_units(ask):
    """Danish words for men and women, a decimal comma, a unit behind every number that has one."""
    out = " ".join(ask("", "effect", "--measures", "--lang", "da")[1].split())
    assert "ændring 22 m: granger-2015" in out
    assert "< 30 kg (mænd): lav styrke" in out
    assert "<= 0,8 m/s: nedsat" in out
    forms = " ".join(ask("", "score", "--lang", "da")[1].split())
    assert "(physical)" not in forms
    assert "physical-importance (fysisk funktion)" in forms


@pytest.mark.parametrize(
    ("content", "call", "words"),
    [(PHQ, ("score", "phq-9", "FILE"), "et svar er ikke et af skemaets egne tal"),
     (MEASURED, ("effect", "FILE"), "eftermålingen er ikke senere end førmålingen"),
     ("id,goal,before,after\np,Swim,,1\n", ("effect", "--goals", "FILE"), "målet mangler ord, trin eller vægt")],
)  # fmt: skip
def test_what_was_refused_is_said_in_danish(ask, content, call, words):
    """A Danish heading has Danish reasons below it, each with its row."""
    code, _, err = ask(content, *call, "--lang", "da")
    assert code == 1
    assert words in err
    assert ", række " in err
