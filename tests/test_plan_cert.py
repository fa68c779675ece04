"""The CERT block: 19 lines, answered by the plan or said to be not stated."""

from __future__ import annotations

import json

import pytest
from test_plan_sheet import BARE, FULL, full
from test_training_plan import decided, planned

from exrx.report.plan_cert import cert_markdown, cert_rows
from exrx.rules.restriction import Restriction

ITEMS = [*"123456", "7a", "7b", "8", "9", "10", "11", "12", "13", "14a", "14b", "15", "16a", "16b"]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_there_are_nineteen_lines_in_the_templates_order(lang: str) -> None:
    """16 items, of which 7, 14 and 16 have two; each asks and answers something."""
    rows = cert_rows(FULL, lang)
    assert [row.item for row in rows] == ITEMS
    assert all(row.asks and row.answer for row in rows)
    assert len({row.asks for row in rows}) == 19


def test_what_a_plan_cannot_know_is_not_stated() -> None:
    """Qualifications, adverse events, the place and what was delivered are for the researcher to fill in."""
    rows = {row.item: row for row in cert_rows(FULL, "en")}
    assert {item for item, row in rows.items() if not row.stated} == {"2", "10", "11", "12", "16b"}
    assert {row.answer for row in rows.values() if not row.stated} == {"not stated"}
    assert not next(row for row in cert_rows(BARE, "en") if row.item == "6").stated


def test_the_answers_are_the_plans_own() -> None:
    """Sessions, weeks, progression and tailoring are counted from the plan."""
    rows = {row.item: row.answer for row in cert_rows(FULL, "en")}
    sessions = [day.session for week in FULL.weeks for day in week.days if day.session]
    home = [session for session in sessions if session.kind == "home"]
    assert rows["13"].startswith(f"12 weeks, {len(sessions)} sessions of ")
    assert rows["9"] == f"{len(home)} sessions, {sum(session.minutes for session in home)} minutes in all"
    assert rows["4"] == f"{len(sessions) - len(home)} sessions supervised, {len(home)} on one's own"
    assert FULL.training_sha256 in rows["7a"]
    assert "week 2:" in rows["7b"]
    assert rows["14a"] == "tailored"
    assert "avoid trunk resistance exercise" in rows["14b"]
    assert "leg press" in rows["8"]
    untouched = {row.item: row.answer for row in cert_rows(planned(decided(Restriction.none())), "en")}
    assert untouched["14b"] == "no changes"


def test_nothing_that_points_to_the_patient_is_published() -> None:
    """No pseudonym, no goal in own words, no person, no blood count."""
    text = cert_markdown(full(patient="patient-17"), "da")
    for private in ("patient-17", "havnen", "derhjemme", "Anna", "Birthe", "Berg", "145", "11 22"):
        assert private not in text


def test_the_table_has_a_row_a_line_and_the_rows_are_json() -> None:
    """Markdown with three cells a row, whatever the words hold; the same plan, the same text."""
    lines = cert_markdown(FULL, "en").splitlines()
    assert len(lines) == 2 + 19
    assert {line.replace("\\|", "").count("|") for line in lines} == {4}
    assert cert_markdown(full(), "en") == cert_markdown(full(), "en")
    again = json.loads(json.dumps([row.to_dict() for row in cert_rows(FULL, "en")]))
    assert again[0] == {"item": "1", "asks": "Equipment", "answer": again[0]["answer"], "stated": True}
