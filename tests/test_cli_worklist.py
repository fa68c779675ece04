"""`exrx worklist` and `exrx form` as a hospital team uses them, from the empty form to the list on paper."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

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
    return json.loads(Path("list.json").read_text(encoding="utf-8"))


def rows(found: dict) -> list[dict]:
    return [row for group in found["groups"] for row in group["rows"]] + found["without_session"]


def truth(cohort) -> dict:
    return {name: facts(record) for name, record in cohort.items()}


@pytest.fixture(scope="module")
def enrolled(cohort, tmp_path_factory):
    """The enrolment forms of all forty, filled in."""
    folder = tmp_path_factory.mktemp("enrolled")
    (folder / "ids.csv").write_text("id\n" + "\n".join(cohort) + "\n")
    out = str(folder / "enrolment.xlsx")
    run("form", "--form", "enrolment", "--patients", str(folder / "ids.csv"), "--lang", "en", "--out", out)
    fill(out, truth(cohort), DAY, "en")
    return out


# ---- the bar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["krop-og-kraeft", "dk-2015", "dk-verified"])
def test_with_complete_forms_at_most_a_tenth_is_asked_more(ward, cohort, enrolled, protocol, capsys):
    """Forty patients, all forms filled in in Excel: at most 10 % are `assess`, and everybody is on the list."""
    run("form", "--protocol", protocol, "--stage", "session", "--patients", "sessions.csv", "--lang", "da", "--out",
        "today.xlsx")  # fmt: skip
    fill("today.xlsx", truth(cohort), DAY)
    found = listed(protocol, "--forms", "today.xlsx", "--forms", enrolled)
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


# ---- who is on the list, and in what order ------------------------------------------------------------------------

COLUMNS = ("patient", "as_of", "stage", "clearance", "track")
FIT = {
    "age": 58, "on_chemotherapy": "yes", "last_chemotherapy": "2026-11-16", "last_transfusion": "never",
    "enrolment_cleared": "yes",
    "treating_clearance": "cleared", "oncologist_clearance": "cleared",
    "platelets": {"value": 180, "date": YESTERDAY}, "leukocytes": {"value": 5, "date": YESTERDAY},
    "neutrophils": {"value": 3, "date": YESTERDAY}, "haemoglobin": {"value": 7.9, "unit": "mmol/L", "date": YESTERDAY},
    "systolic_bp": 128, "diastolic_bp": 80, "resting_heart_rate": 72, "temperature": 36.8, "spo2": 98,
    "respiratory_rate": 14,
    "forms": [{"form": form, "date": day, "role": "nurse", "yes": []}
              for form, day in (("enrolment", "2026-11-20"), ("cycle", "2026-11-20"), ("door", DAY))],
}  # fmt: skip
LOW = {**FIT, "platelets": {"value": 30, "date": YESTERDAY}}
CALL = ["--protocol", "krop-og-kraeft", "--as-of", DAY]


@pytest.fixture
def team(tmp_path, monkeypatch):
    """Write patients.json and, if given, sessions.csv into an empty folder that the commands run in."""
    monkeypatch.chdir(tmp_path)

    def _team(patients: dict, sessions: str = "") -> None:
        content = [{"id": name, **facts} for name, facts in patients.items()]
        (tmp_path / "patients.json").write_text(json.dumps(content))
        if sessions:
            (tmp_path / "sessions.csv").write_text(sessions)

    return _team


def final(*arguments: str, code: int = 0) -> dict:
    run("worklist", "patients.json", *CALL, "--out", "list.json", *arguments, code=code)
    return json.loads(Path("list.json").read_text(encoding="utf-8"))


@pytest.mark.hazard("wrong-patient")
def test_nobody_is_lost(team):
    """Sessions without data and patients without a session both stand on the list, each once."""
    team({"a": FIT, "b": FIT}, "id,team,time\na,10,9.00\nnew,2,kl. 8\n")
    found = final("--sessions", "sessions.csv")
    assert [(group["team"], group["time"]) for group in found["groups"]] == [("2", "08:00"), ("10", "09:00")]
    words = {row["patient"]: (row["word"], row["no_data"]) for row in rows(found)}
    assert words == {"a": ("go", False), "b": ("go", False), "new": ("first", True)}
    assert [row["patient"] for row in found["without_session"]] == ["b"]


def test_the_most_urgent_stand_first(team):
    """Emergencies, then what an emergency has to be ruled out for, then by what may hold."""
    bleeding = {
        **FIT, "bleeding_risk": "yes", "forms": [{**form, "yes": ["ongoing_bleeding"]} for form in FIT["forms"]],
    }  # fmt: skip
    unasked = {**FIT, "forms": FIT["forms"][:2]}
    team({"fit": FIT, "low": LOW, "unasked": unasked, "bleeding": bleeding})
    found = final()
    assert [row["patient"] for row in rows(found)] == ["bleeding", "unasked", "low", "fit"]
    assert [row["urgent"] for row in rows(found)] == ["emergency", "rule-out", None, None]
    assert [row["word"] for row in rows(found)] == ["no", "first", "no", "go"]


@pytest.mark.hazard("wrong-patient")
def test_two_patients_with_one_id_are_both_listed_and_neither_goes(team, tmp_path):
    """Nobody knows whose answer it is, so it is never a go."""
    team({"a": FIT})
    (tmp_path / "patients.json").write_text(json.dumps([{"id": "a", **FIT}, {"id": "a", **FIT}]))
    assert [(row["word"], row["shared_id"]) for row in rows(final(code=1))] == [("first", True)] * 2


def test_a_change_since_yesterday_stands_out(team):
    """Better, worse, new and gone, from JSON lines, from a stored list and from Parquet alike."""
    pytest.importorskip("pyarrow")
    team({"up": LOW, "down": FIT, "same": FIT, "gone": FIT})
    earlier = ["--protocol", "krop-og-kraeft", "--as-of", YESTERDAY]
    run("screen", "patients.json", *earlier, "--stage", "session", "--format", "jsonl", "--out", "y.jsonl", code=1)
    run("worklist", "patients.json", *earlier, "--out", "y.json", code=1)
    decisions = [json.loads(line) for line in Path("y.jsonl").read_text(encoding="utf-8").splitlines()]
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(
        pa.table({key: [each[key] for each in decisions] for key in COLUMNS}), "y.parquet"
    )
    team({"up": FIT, "down": LOW, "same": FIT, "new": FIT})
    for name in ("y.jsonl", "y.json", "y.parquet"):
        found = final("--yesterday", name)
        states = {row["patient"]: row["change"]["state"] for row in rows(found)}
        assert states["new"] == "new"
        assert states["down"] == "worse"
        assert states["up"] == "better"
        assert found["gone"] == ["gone"]
        assert found["compared_with"] == YESTERDAY


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (["--protocol", "krop-og-kraeft", "--stage", "enrolment", "--as-of", YESTERDAY], "stage"),
        (["--protocol", "dk-2015", "--stage", "session", "--as-of", YESTERDAY], "asked dk-2015"),
        (["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", DAY], "not before"),
    ],
)
def test_an_earlier_run_that_cannot_be_compared_is_refused(team, capsys, earlier, said):
    """A change must be the patient's: not the protocol's, the stage's, or none at all."""
    team({"a": {"on_chemotherapy": "yes"}})
    run("screen", "patients.json", *earlier, "--format", "jsonl", "--out", "y.jsonl")
    capsys.readouterr()
    run("worklist", "patients.json", *CALL, "--yesterday", "y.jsonl", code=2)
    assert said in capsys.readouterr().err


# ---- names, identifiers, examples -----------------------------------------------------------------------------------


def test_names_are_joined_on_paper_and_never_in_json(team, tmp_path, capsys):
    """The key file is read for what people read; a list for programs refuses it."""
    team({"a": FIT})
    (tmp_path / "names.csv").write_text("id;navn\na;Karen <b>Jensen</b>\n")
    for name in ("list.html", "list.txt", "list.xlsx"):
        run("worklist", "patients.json", *CALL, "--names", "names.csv", "--out", name)
    assert "Karen &lt;b&gt;Jensen" in (tmp_path / "list.html").read_text()
    assert "Jensen" in (tmp_path / "list.txt").read_text()
    run("worklist", "patients.json", *CALL, "--names", "names.csv", "--format", "json", code=2)
    assert "never written to JSON" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "table"), [
    ("--sessions", "id,team\n010190-1234,A\n"), ("--names", "id,name\n010190-1234,Karen\n"),
    ("--names", "id,name\na,010190-1234\n"),
])  # fmt: skip
def test_a_cpr_number_is_refused_and_not_repeated(team, tmp_path, capsys, option, table):
    """The message says where it stands and what to write instead; the number itself is nowhere."""
    team({"a": FIT})
    (tmp_path / "table.csv").write_text(table)
    run("worklist", "patients.json", *CALL, option, "table.csv", code=2)
    said = capsys.readouterr().err
    assert "line 2" in said
    assert "pseudonym" in said
    assert "1234" not in said


@pytest.mark.hazard("example-taken-for-real")
def test_a_final_list_takes_no_examples_and_a_draft_says_so_everywhere(team, tmp_path, capsys):
    """Example and synthetic values are refused; with --draft every page is marked."""
    team({"a": {**FIT, "origin": "synthetic"}, "b": FIT})
    run("worklist", "patients.json", *CALL, code=2)
    assert "1 of 2 patients" in capsys.readouterr().err
    for name in ("list.html", "list.txt", "list.xlsx", "list.json"):
        run("worklist", "patients.json", *CALL, "--draft", "--lang", "da", "--out", name)
    html = (tmp_path / "list.html").read_text()
    head = html[html.index("<thead>"):html.index("</thead>")]
    assert "UDKAST" in head, "the head of the table is printed on every page"
    assert "EXAMPLE" in html
    assert "UDKAST" in (tmp_path / "list.txt").read_text()
    assert load_workbook("list.xlsx").active.oddHeader.right.text == "UDKAST"
    assert json.loads((tmp_path / "list.json").read_text())["draft"] is True


def test_no_cell_of_the_excel_list_is_a_formula(team, tmp_path):
    """An id or a name that begins like a formula stays text."""
    team({"=1+1": FIT}, "id,team,room\n=1+1,@SUM(1),+2\n")
    (tmp_path / "names.csv").write_text('id,name\n=1+1,"=HYPERLINK(""http://x"")"\n')
    run("worklist", "patients.json", *CALL, "--sessions", "sessions.csv", "--names", "names.csv", "--out", "list.xlsx")
    cells = [cell for row in load_workbook("list.xlsx").active.iter_rows() for cell in row if cell.value]
    assert {"=1+1", "@SUM(1)", "+2", '=HYPERLINK("http://x")'} <= {cell.value for cell in cells}
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_list_on_paper_needs_nothing_but_itself(team, tmp_path, lang):
    """No script, nothing from elsewhere, every word of a row, and the notice; 80 columns in a terminal."""
    team({"low": LOW, "fit": FIT, "long-" * 8: FIT}, "id,team,time,room\nlow,A,9.00,1\nfit,A,9.00,2\n")
    for name in ("list.html", "list.txt"):
        run("worklist", "patients.json", *CALL, "--sessions", "sessions.csv", "--lang", lang, "--out", name)
    html, text = (tmp_path / "list.html").read_text(), (tmp_path / "list.txt").read_text()
    assert "<script" not in html
    assert "://" not in html
    word, notice = {"da": ("Ikke i dag", "Et forslag"), "en": ("Not today", "A proposal")}[lang]
    for said in (word, notice, "krop-og-kraeft 2026.1", "2026"):
        assert said in html
        assert said in text
    assert max(map(len, text.splitlines())) <= 80
    assert "long-" * 8 in text.replace("\n", "")
