"""`exrx screen --out` for tables, as a user calls it."""

from __future__ import annotations

import json

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from exrx.cli.main import main

CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23"]
ROWS = "id,ward,age,on_chemotherapy,platelets\nA,x,52,yes,180\nB,y,52,yes,20\n"


@pytest.fixture
def ward(tmp_path):
    path = tmp_path / "ward.csv"
    path.write_text(ROWS, encoding="utf-8")
    return str(path)


def test_a_table_in_gives_a_table_out_with_what_was_asked_to_stay(ward, tmp_path, capsys):
    """Answers, the rules behind them, and a column of the input; what was not read is named."""
    out = tmp_path / "out.parquet"
    assert main(["screen", ward, *CALL, "--out", str(out), "--reasons", "--keep", "ward"]) == 0
    rows = pq.read_table(out).to_pylist()
    assert [(row["patient"], row["ward"]) for row in rows] == [("A", "x"), ("B", "y")]
    assert any("platelets" in rule for rule in rows[1]["fires"])
    said = capsys.readouterr()
    assert said.out == ""
    assert "2 patients answered" in said.err


def test_the_answers_are_those_of_the_full_decisions(ward, tmp_path, capsys):
    """The table says what JSON lines say of the same file."""
    main(["screen", ward, *CALL, "--out", str(tmp_path / "out.csv")])
    main(["screen", ward, *CALL, "--format", "jsonl"])
    full = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row, decision in zip(pc.read_csv(tmp_path / "out.csv").to_pylist(), full, strict=True):
        for name in ("patient", "clearance", "definite_clearance", "worst_clearance", "track", "track_if_cleared"):
            assert row[name] == decision[name]


def test_patients_in_json_are_answered_as_a_table_too(tmp_path, capsys):
    """The same columns, the same exit code for a refused value, and the problem listed."""
    path = tmp_path / "p.json"
    path.write_text(json.dumps([{"id": "A", "age": 52}, {"id": "B", "platelets": 99999}]), encoding="utf-8")
    out, problems = tmp_path / "out.csv", tmp_path / "problems.csv"
    assert main(["screen", str(path), *CALL, "--out", str(out), "--problems", str(problems)]) == 1
    assert pc.read_csv(out)["patient"].to_pylist() == ["A", "B"]
    assert pc.read_csv(problems).select(["row", "patient", "code"]).to_pylist() == [
        {"row": 2, "patient": "B", "code": "implausible"}
    ]
    assert "99999" not in capsys.readouterr().err


def test_a_folder_is_taken_up_again_and_said_in_danish(ward, tmp_path, capsys):
    """A second call without --resume writes nothing and says how to go on."""
    call = ["screen", ward, *CALL, "--out", f"{tmp_path / 'out'}/", "--lang", "da"]
    assert main(call) == 0
    assert "2 patienter besvaret" in capsys.readouterr().err
    assert main(call) == 2
    assert "--resume" in capsys.readouterr().err
    assert main([*call, "--resume"]) == 0
    assert "2 af dem var der i forvejen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--resume", "--out", "o.csv"], "--out FOLDER/"),
        (["--problems", "p.csv"], "--problems goes with --out"),
        (["--keep", "bed", "--out", "o.csv"], "no column 'bed'"),
        (["--patient", "A", "--out", "o.csv"], "--patient"),
        (["--out", "o.csv", "--problems", "p.txt"], "'p.txt' does not say"),
        (["--out", "nowhere/o.csv"], "nowhere/o.csv"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(options, why, ward, tmp_path, monkeypatch, capsys):
    """Exit 2, one sentence, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main(["screen", ward, *CALL, *options]) == 2
    assert why in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["ward.csv"]


def test_local_changes_stand_in_every_row(ward, tmp_path):
    """A loosened limit is said where the answers are, not only beside them."""
    overlay = tmp_path / "local.yaml"
    overlay.write_text(
        "id: ward-3\nversion: 2026.1\nextends: krop-og-kraeft\ntitle: {da: Afsnit 3, en: Ward 3}\n"
        "author: The physiotherapist\ndate: 2026-11-20\nreason: {da: Aftalt., en: Agreed.}\nparameters:\n"
        "  platelets_session_min:\n"
        "    {value: 30, unit: 10^9/L, source: local-decision, verified: unverified, since: 2026-11-20}\n",
        encoding="utf-8",
    )
    call = ["screen", ward, "--protocol", str(overlay), *CALL[2:], "--out", str(tmp_path / "out.csv")]
    assert main(call) == 0
    assert all("30" in row["local_changes"] for row in pc.read_csv(tmp_path / "out.csv").to_pylist())
