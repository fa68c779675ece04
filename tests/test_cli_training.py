"""`exrx training` and the documents of `exrx prescribe`: what is listed, what is written, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exrx.cli.main import main
from exrx.training import load_targets

PLAN = ["--protocol", "dk-2015", "--training", "dk-2015-group", "--target", "acsm-150-75",
        "--start", "2026-11-23", "--weeks", "4"]  # fmt: skip
DETAILS = """\
goals:
  - {text: gå til havnen, type: function}
responsible: fysioterapeut NN
purpose: bevare gangfunktion
evaluation: 2027-01-11
informed: [egen læge]
tested_loads:
  leg-press: {kilograms: 60, repetitions: 8}
class: municipal-default
days: {available: [monday, tuesday, thursday], prefer: [monday]}
treatment: {regimen: fec100, first: 2026-11-24, delays: {2: 7}}
"""


@pytest.fixture
def patient(tmp_path: Path) -> str:
    """A typical patient who is no example, as a file."""
    path = tmp_path / "patient.json"
    main(["protocol", "form", "dk-2015", "--stage", "enrolment", "--fill", "typical", "--out", str(path)])
    content = json.loads(path.read_text(encoding="utf-8"))
    real = {
        name: {**value, "origin": "stated"} if isinstance(value, dict) else value for name, value in content.items()
    }
    path.write_text(json.dumps(real), encoding="utf-8")
    return str(path)


def written(tmp_path: Path, name: str, content: str) -> str:
    """A file with this content."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("what", ["list", "targets", "classes", "regimens", "exercises"])
@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_list_fits_the_terminal_and_is_json_too(what: str, lang: str, capsys: Any) -> None:
    """At most 80 columns, and the same rows for programs."""
    assert main(["training", what, "--lang", lang]) == 0
    table = capsys.readouterr().out.splitlines()
    assert max(map(len, table)) <= 80
    assert main(["training", what, "--lang", lang, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) >= 2
    assert all(any(str(row["id"]) in line for line in table) for row in rows)


def test_the_lists_name_what_prescribe_accepts(capsys: Any) -> None:
    """All shipped targets, and the group programme."""
    main(["training", "targets", "--format", "json"])
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} == set(load_targets())
    main(["training", "list", "--format", "json"])
    assert {"dk-2015-group", "dk-2015-individual"} <= {row["id"] for row in json.loads(capsys.readouterr().out)}


def test_exercises_that_must_be_avoided_are_not_listed(capsys: Any) -> None:
    """And a misspelt avoidance is refused."""
    main(["training", "exercises", "--avoid", "hip-resistance,impact", "--where", "home"])
    left = capsys.readouterr().out
    assert "knee-extension" in left
    assert "chair-rise" not in left
    assert main(["training", "exercises", "--avoid", "hips"]) == 2
    assert "hip" in capsys.readouterr().err


def test_details_make_a_final_plan_with_class_treatment_and_loads(patient: str, tmp_path: Path) -> None:
    """One file adds goals, people, a tested load, days, a class and a regimen with a delay."""
    out = tmp_path / "plan.json"
    details = written(tmp_path, "details.yaml", DETAILS)
    assert main(["prescribe", patient, *PLAN, "--details", details, "--out", str(out)]) == 0
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert plan["status"] == "final"
    assert plan["treatment"]["infusions"][:2] == ["2026-11-24", "2026-12-22"]
    days = [day for week in plan["weeks"] for day in week["days"] if day["session"]]
    assert {day["date"] for day in days}.isdisjoint({"2026-11-24", "2026-11-28", "2026-11-29"})
    loads = [exercise.get("kilograms") for day in days for part in day["session"]["parts"]
             for exercise in part["exercises"] if exercise["id"] == "leg-press"]  # fmt: skip
    assert 22.0 in loads


def test_the_calendar_takes_the_times_of_the_details(patient: str, tmp_path: Path) -> None:
    """Classes at half past nine in Copenhagen; a misspelt day is refused."""
    out = tmp_path / "plan.ics"
    details = written(tmp_path, "details.yaml", 'times: {tuesday: "09:30", thursday: "09:30", home: "16:00"}\n')
    assert main(["prescribe", patient, *PLAN, "--details", details, "--out", str(out)]) == 0
    content = out.read_text(encoding="utf-8")
    assert "DTSTART;TZID=Europe/Copenhagen:20261124T093000" in content
    assert "T100000" not in content
    wrong = written(tmp_path, "wrong.yaml", 'times: {tirsdag: "09:30"}\n')
    assert main(["prescribe", patient, *PLAN, "--details", wrong, "--out", str(out)]) == 2


def test_local_phone_numbers_are_used_where_the_details_have_none(patient: str, tmp_path: Path) -> None:
    """The department's file holds numbers and contact, and nothing else."""
    out = tmp_path / "plan.json"
    local = written(tmp_path, "local.yaml", 'phones: [{urgency: emergency, name: Alarm, number: "112"}]\n')
    assert main(["prescribe", patient, *PLAN, "--local", local, "--out", str(out)]) == 0
    phones = json.loads(out.read_text(encoding="utf-8"))["details"]["phones"]
    assert phones == [{"urgency": "emergency", "name": "Alarm", "number": "112"}]
    wrong = written(tmp_path, "wrong.yaml", "goals: [x]\n")
    assert main(["prescribe", patient, *PLAN, "--local", wrong]) == 2


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_document_is_written(patient: str, tmp_path: Path, lang: str) -> None:
    """Sheet, calendar and CERT block; the PDF where typst is there."""
    for ending, begins in ((".html", b"<!"), (".ics", b"BEGIN:VCALENDAR"), (".md", b""), (".pdf", b"%PDF")):
        if ending == ".pdf":
            pytest.importorskip("typst")
        out = tmp_path / f"plan{ending}"
        assert main(["prescribe", patient, *PLAN, "--lang", lang, "--out", str(out)]) == 0
        content = out.read_bytes()
        assert content.startswith(begins)
        assert len(content) > 500


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("goal: x\n", "did you mean 'goals'"),
        ("days: {available: []}\n", "no weekday is available"),
        ("class: yoga\n", "municipal-default"),
        ("treatment: {regimen: fec10, first: 2026-11-24}\n", "fec100"),
        ("treatment: {infusions: [2026-02-30], cycle_days: 21}\n", "not a date that exists"),
        ("tested_loads: {leg-press: {kilograms: 60, repetitions: 30}}\n", "30"),
        ("phase: later\n", "prehabilitation"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_wrong_details_are_exit_2_and_nothing_is_written(
    patient: str, tmp_path: Path, capsys: Any, content: str, said: str
) -> None:
    """Each message says what to write, and no half plan is left."""
    out = tmp_path / "plan.json"
    details = written(tmp_path, "details.yaml", content)
    assert main(["prescribe", patient, *PLAN, "--details", details, "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_the_plan_follows_the_treatment_of_the_record_unless_told_not_to(patient: str, tmp_path: Path) -> None:
    """A known next infusion shapes the weeks; `--no-treatment` leaves it out and says so."""
    content = json.loads(Path(patient).read_text(encoding="utf-8"))
    content |= {"on_chemotherapy": "yes", "next_chemotherapy": "2026-11-24", "chemotherapy_cycle_length": 21}
    path, plans = written(tmp_path, "treated.json", json.dumps(content)), []
    for more in ([], ["--no-treatment"]):
        out = tmp_path / "plan.json"
        assert main(["prescribe", path, *PLAN, *more, "--out", str(out)]) == 0
        plans.append(json.loads(out.read_text(encoding="utf-8")))
    assert plans[0]["treatment"]["infusions"] == ["2026-11-24"]
    assert plans[1]["treatment"] is None
    assert any("kemoterapi er ikke brugt" in note["da"] for note in plans[1]["notes"])
