"""`exrx adapt`: the coming sessions from a plan and its log, within 80 columns, with exit codes 0, 1 and 2."""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path

import pytest
from test_training_plan import AS_OF, planned

from exrx.cli import adapt
from exrx.cli.main import main
from exrx.errors import ExrxError, InputFileError, PlanError

PLAN = planned(weeks=3)


def call(*words: str) -> int:
    """Run the command as `exrx adapt` will."""
    parser = argparse.ArgumentParser()
    adapt.add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["adapt", *words])
    code: int = arguments.run(arguments)
    return code


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A plan written by exrx; returns its path."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN.to_dict()), encoding="utf-8")
    return str(path)


@pytest.fixture
def filled(plan: str, tmp_path: Path):
    """Write week 1's template, filled in; returns its path."""

    def _fill(lang: str = "en", **cells: str) -> str:
        path = tmp_path / "log.csv"
        assert call(plan, "--template", "1", "--lang", lang, "--out", str(path)) == 0
        text = path.read_text(encoding="utf-8-sig")
        delimiter = {"en": ",", "da": ";"}[lang]
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
        for row in rows:
            row.update(cells)
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(out.getvalue().encode("utf-8-sig"))
        return str(path)

    return _fill


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_answer_fits_the_terminal_and_says_why(plan, filled, capsys, lang) -> None:
    """Moves, sessions and the delivered dose; nothing beyond 80 columns."""
    cells = {"da": {"gennemført": "ja", "anstrengelse": "12", "minutter": "40"}, "en": {"done": "yes", "rpe": "12"}}
    log = filled(lang, **cells[lang])
    assert call(plan, log, "--as-of", "2026-11-30", "--lang", lang) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert {"da": "NÆSTE TRÆNINGER, uge 2", "en": "NEXT SESSIONS, week 2"}[lang] in out
    assert "w01-2" in out
    assert {"da": "3 af 3", "en": "3 of 3"}[lang] in out


def test_json_names_moves_delivered_and_log(plan, filled, tmp_path, capsys) -> None:
    """On stdout, or in a file that ends in .json."""
    log, out = filled(done="yes", rpe="12"), tmp_path / "next.json"
    assert call(plan, log, "--as-of", "2026-11-30", "--format", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert call(plan, log, "--as-of", "2026-11-30", "--out", str(out)) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == shown
    assert shown["schema"] == "exrx/adaptation/1"
    assert shown["delivered"]["schema"] == "exrx/delivered/1"
    assert shown["log"] == {"rows": 3, "used": 3, "blank": [], "problems": []}


def test_a_row_that_cannot_be_used_is_named_and_the_others_are_used(plan, tmp_path, capsys) -> None:
    """Exit 1, the row and the column on stderr."""
    log = tmp_path / "log.csv"
    log.write_text("key,date,done,minutes,rpe,scale\nw01-1,2026-11-24,yes,-5,12,borg\n"
                   "w01-2,2026-11-26,yes,40,12,borg\n", encoding="utf-8")  # fmt: skip
    assert call(plan, str(log), "--as-of", "2026-11-28") == 1
    captured = capsys.readouterr()
    assert "row 2, minutes: -5 is below 0 (negative)" in captured.err
    assert "NEXT SESSIONS" in captured.out


def test_an_infection_gives_no_session_and_exit_1(plan, filled, capsys) -> None:
    """What to wait for is printed instead."""
    assert call(plan, filled(done="no", stop_reason="infection"), "--as-of", "2026-11-30") == 1
    out = capsys.readouterr().out
    assert "symptom-free day" in out
    assert "The sessions" not in out


def test_todays_screening_is_asked_for_with_its_protocol(plan, tmp_path, capsys) -> None:
    """An unanswered patient is not cleared: no session today, exit 1, and what to get."""
    patient = tmp_path / "patient.json"
    patient.write_text(json.dumps({"id": "p1", "age": 60}), encoding="utf-8")
    words = ["--as-of", "2026-11-24", "--screening", str(patient), "--protocol", "dk-2015"]
    assert call(plan, *words) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "Today, Tue 2026-11-24" in out
    with pytest.raises(PlanError, match="go together"):
        call(plan, *words[:-2])


@pytest.mark.parametrize(
    ("words", "error", "named"),
    [
        (["--template", "9"], PlanError, "no week 9"),
        (["--rules", "mine"], PlanError, "no set of adaptation rules"),
        (["--as-of", "2027-11-24"], PlanError, "no session left"),
        (["--out", "next.pdf"], InputFileError, "does not say how to write"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(plan, words, error: type[ExrxError], named: str) -> None:
    """Exit 2 of the whole command; nothing half-written."""
    with pytest.raises(error, match=named):
        call(plan, *(words if "--as-of" in words else ["--as-of", AS_OF.isoformat(), *words]))
    assert not Path("next.pdf").exists()


def test_a_file_that_is_no_plan_is_refused(tmp_path) -> None:
    """No JSON, and JSON of something else."""
    path = tmp_path / "plan.json"
    path.write_text("week 1", encoding="utf-8")
    with pytest.raises(InputFileError, match="not a plan's JSON"):
        call(str(path), "--as-of", "2026-11-24")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(PlanError, match="this is no plan"):
        call(str(path), "--as-of", "2026-11-24")


def test_the_command_line_itself_still_starts(capsys) -> None:
    """The shared parser is not disturbed by this module."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("exrx ")
