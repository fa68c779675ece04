"""`exrx worklist` and `exrx form` as a hospital team uses them, from the empty form to the list on paper."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest
from openpyxl import load_workbook

from exrx.cli.main import main
from exrx.io.synthetic import write_blocks
from exrx.study.synth import synthetic_blocks
from tests.form_filler import facts, fill

DAY, YESTERDAY = "2026-11-26", "2026-11-25"
PATIENTS = 40


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Forty synthetic patients as patient JSON, by id."""
    path = tmp_path_factory.mktemp("cohort") / "cohort.jsonl"
    write_blocks(path, synthetic_blocks(PATIENTS, seed=3, as_of=date.fromisoformat(DAY)))
    records = [json.loads(line) for line in path.read_text().splitlines()]
    for record in records:
        if isinstance(record.get("bone_metastasis_sites"), str):
            record["bone_metastasis_sites"] = record["bone_metastasis_sites"].split(";")
    return {record["id"]: record for record in records}


@pytest.fixture
def ward(tmp_path, cohort, monkeypatch):
    """A folder with patients.jsonl as the record holds them (no forms, nothing measured today) and sessions.csv."""
    monkeypatch.chdir(tmp_path)
    measured = {"systolic_bp", "diastolic_bp", "resting_heart_rate", "temperature", "temperature_site", "spo2", "forms"}
    lines = [{name: said for name, said in record.items() if name not in measured} for record in cohort.values()]
    (tmp_path / "patients.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = [f"{name},{'A' if number % 2 else 'B'},{'9.00' if number % 4 < 2 else '10:30'},Sal {number % 3}\n"
            for number, name in enumerate(cohort)]  # fmt: skip
    (tmp_path / "sessions.csv").write_text("id,hold,tid,lokale\n" + "".join(rows))
    return tmp_path


def run(*arguments: str, code: int = 0) -> None:
    assert main([*arguments]) == code


def listed(protocol: str, *arguments: str, code: int = 0) -> dict:
    run("worklist", "patients.jsonl", "--protocol", protocol, "--as-of", DAY, "--sessions", "sessions.csv", "--draft",
        "--out", "list.json", *arguments, code=code)  # fmt: skip
    with open("list.json", encoding="utf-8") as file:
        return json.load(file)


def rows(found: dict) -> list[dict]:
    return [row for group in found["groups"] for row in group["rows"]] + found["without_session"]


def filled(protocol: str, cohort, change=None) -> None:
    """Write the door, cycle and enrolment forms for everybody and fill them in."""
    run("form", "--protocol", protocol, "--stage", "session", "--patients", "sessions.csv", "--lang", "da", "--out",
        "today.xlsx")  # fmt: skip
    run("form", "--form", "enrolment", "--patients", "sessions.csv", "--lang", "en", "--out", "enrolment.xlsx")
    truth = {name: facts(record) for name, record in cohort.items()}
    fill("today.xlsx", truth, DAY, "da", change)
    fill("enrolment.xlsx", truth, DAY, "en")


# ---- the bar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["krop-og-kraeft", "dk-2015", "dk-verified"])
def test_with_complete_forms_at_most_a_tenth_is_asked_more(ward, cohort, protocol, capsys):
    """Forty patients, all forms filled in in Excel: at most 10 % are `assess`, and everybody is on the list."""
    filled(protocol, cohort)
    found = listed(protocol, "--forms", "today.xlsx", "--forms", "enrolment.xlsx")
    clearances = Counter(row["clearance"] for row in rows(found))
    assert sum(clearances.values()) == PATIENTS
    assert clearances["assess"] <= PATIENTS // 10, clearances
    assert {row["word"] for row in rows(found)} >= {"go", "no"}, capsys.readouterr().err


@pytest.mark.parametrize("protocol", ["krop-og-kraeft", "dk-2015", "dk-verified"])
def test_without_door_forms_every_row_says_to_hand_it_out(ward, protocol):
    """Nobody trains before the door form: each row is "get this first", and names it."""
    found = listed(protocol)
    for row in rows(found):
        if row["clearance"] == "assess":
            assert "door" in row["forms"]
            assert "Dørskema" in row["line"]["da"]
            assert "Door form" in row["line"]["en"]
    assert {row["word"] for row in rows(found)} <= {"first", "no"}
    assert all("door" in row["forms"] or row["clearance"] != "assess" for row in rows(found))
