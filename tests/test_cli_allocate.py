"""`exrx allocate` prints who goes where and who waits and why, in both languages and three formats."""

from __future__ import annotations

import csv
import io
import json

import pytest

from exrx.cli.main import main

PATIENTS = """id;level;days_waited;language
b;300;4;da
a;500;9;da
c;400;30;da
=d;400;2;da
"""
GROUPS = "id,kind,seats_max,language,level_max\nhall,group,2,da,450\n"


@pytest.fixture
def files(tmp_path):
    """Patients, groups, and the decisions that `exrx screen` would write: one of them not cleared."""
    (tmp_path / "patients.csv").write_text(PATIENTS, "utf-8")
    (tmp_path / "groups.csv").write_text(GROUPS, "utf-8")
    decisions = [
        {"patient": name, "clearance": word, "track": track, "supervision": "group", "as_of": "2026-11-23",
         "example": name == "a"}
        for name, word, track in (("a", "clear", "group"), ("b", "modify", "group"), ("c", "assess", "none"),
                                  ("=d", "clear", "group"))
    ]  # fmt: skip
    (tmp_path / "decisions.jsonl").write_text("\n".join(map(json.dumps, decisions)) + "\n", "utf-8")
    return tmp_path


def allocate(files, *more: str) -> int:
    call = ["allocate", str(files / "patients.csv"), "--groups", str(files / "groups.csv")]
    return main([*call, "--decisions", str(files / "decisions.jsonl"), *more])


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("da", ["2 af 4 har fået plads, 2 venter", "EXAMPLE", "må ikke træne i dag (spørg først)", "fuldt",
                "plads på hall"]),
        ("en", ["2 of 4 have a place, 2 wait", "EXAMPLE", "may not train today (ask first)", "full", "seat in hall"]),
    ],
)
def test_the_answer_is_told_in_eighty_columns(files, capsys, lang, said):
    """Who has a place, who waits and why, what one more seat would bring."""
    assert allocate(files, "--lang", lang) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert [words for words in said if words not in " ".join(out.split())] == []


def test_the_decisions_decide_and_csv_has_one_row_a_patient(files, capsys):
    """Nobody whom the decision does not clear is placed, however long the wait; a formula is written as text."""
    assert allocate(files, "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["patient"], row["group"], row["why"]) for row in rows] == [
        ("b", "hall", ""), ("a", "hall", ""), ("c", "", "not-cleared"), ("'=d", "", "no-place"),
    ]  # fmt: skip


def test_json_says_all_of_it_and_a_file_is_written_whole(files, capsys):
    """The schema, the goals reached, the prices, and the same in a file."""
    assert allocate(files, "--weights", "placed=100,level=1", "--out", str(files / "out.json")) == 0
    content = json.loads((files / "out.json").read_text("utf-8"))
    assert content["schema"] == "exrx/allocation/1"
    assert content["weights"] == {"placed": 100.0, "level": 1.0}
    assert content["placed"] == [{"patient": "b", "group": "hall"}, {"patient": "=d", "group": "hall"}]
    assert content["goals"]["level"] == 0
    assert content["example"] is True
    assert content["one_more"] == [{"where": "hall", "what": "seat", "placed": 1, "waited": 2}]


@pytest.mark.parametrize(
    ("change", "more", "error"),
    [
        (("groups.csv", "hall,group,2,da,450", "hall,group,many,da,450"), [], "group hall: seats_max"),
        (("groups.csv", "seats_max", "seat_max"), [], "is 'seats_max' meant?"),
        (("patients.csv", "a;500;9;da", "a;500;9"), [], "row 2 has 3 cells"),
        (("patients.csv", "language", "clearance"), [], "--decisions gives it too"),
        (("decisions.jsonl", '{"patient": "b"', '{"patient": "a"'), [], "two decisions for 'a'"),
        (("decisions.jsonl", "{", "["), [], "is not JSON"),
        (("groups.csv", "x", "x"), ["--order", "placed", "--weights", "placed=1"], "choose one"),
        (("groups.csv", "x", "x"), ["--team", "physio=10"], "no group is of the team"),
        (("groups.csv", "x", "x"), ["--out", "answer.xlsx"], "does not say how to write"),
        (("groups.csv", "x", "x"), ["--weights", "placed=much"], "weighs no goal"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(files, capsys, change, more, error):
    """Exit 2 and one message: which file, which row or option, and why."""
    name, old, new = change
    path = files / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    assert allocate(files, *more) == 2
    assert error in capsys.readouterr().err


def test_patients_without_any_decision_are_refused(files, capsys):
    """Nobody is placed on preferences alone."""
    call = ["allocate", str(files / "patients.csv"), "--groups", str(files / "groups.csv")]
    assert main(call) == 2
    assert "the patients have no decision" in capsys.readouterr().err


def test_a_row_that_cannot_be_used_is_exit_one_and_everybody_is_answered(files, capsys):
    """The patient waits with the reason; the others are placed."""
    (files / "patients.csv").write_text(PATIENTS.replace("b;300;4", "b;300;long"), "utf-8")
    assert allocate(files) == 1
    assert "the row cannot be used: days_waited is no number" in " ".join(capsys.readouterr().out.split())
