"""`exrx cohort report` as its user meets it: every form of output, both languages, and faults in plain words."""

import json
import re
import sys

import pytest

from exrx.cli.main import main
from exrx.study.overview.monitoring import monitoring_answers

DAY = "2026-11-26"
SHORT = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", DAY]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    path = tmp_path_factory.mktemp("cohort") / "cohort.csv"
    assert main(["cohort", "synth", "--patients", "300", "--as-of", DAY, "--out", str(path)]) == 0
    return str(path)


def report(*arguments):
    return main(["cohort", "report", *map(str, arguments)])


def write(tmp_path, name, *lines):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


TRAINED = ["--training", "dk-2015-group", "--target", "acsm-150-75"]


@pytest.fixture(scope="module")
def folder(cohort, tmp_path_factory):
    """The report in Danish with nothing hidden, which takes least time."""
    out = tmp_path_factory.mktemp("report") / "report"
    assert report(cohort, *SHORT, *TRAINED, "--smallest-cell", "0", "--lang", "da", "--out", out) == 0
    return out


def test_a_folder_holds_the_page_and_each_figure_and_table(folder):
    """A path without an ending is a folder; the page stands alone, in Danish, and says SYNTHETIC in Danish."""
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "report.json", "flow.png", "flow.svg", "flow.csv", "clearance-by-sex.csv", "target.png",
            "missing.csv", "monitoring.csv", "reasons.csv"} <= names  # fmt: skip
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'lang="da"' in page
    assert 'aria-label="Fra alle til dem' in page
    assert all(said in page for said in ("SYNTETISKE PATIENTER", "ikke indsamlet", "Intet er skjult"))
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"|<script|@import|url\((?!#)', page)
    assert page.count("<figure>") == len([name for name in names if name.endswith(".svg")])
    for name in names:
        if name.endswith(".png"):
            assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_the_same_call_gives_the_same_bytes(cohort, folder, tmp_path):
    """Nothing of the clock or of chance reaches a page."""
    out = tmp_path / "again.html"
    assert report(cohort, *SHORT, *TRAINED, "--smallest-cell", "0", "--lang", "da", "--out", out) == 0
    assert out.read_bytes() == (folder / "report.html").read_bytes()


def test_json_and_csv_tell_hidden_from_zero(cohort, capsys):
    """JSON has null and CSV the word `hidden` where a number is hidden; 0 stays 0."""
    assert report(cohort, *SHORT) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "exrx/cohort-report/1"
    assert (content["patients"], content["smallest"], content["mark"]) == (300, 5, "synthetic")
    row = next(row for row in content["tables"]["sex"]["rows"] if row["key"] == "other")
    assert row["n"] == 0
    assert "null" in json.dumps(content["tables"])
    assert report(cohort, *SHORT, "--format", "csv") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('"SYNTHETIC PATIENTS') or lines[0].startswith("SYNTHETIC")
    assert any(line.endswith(",hidden") for line in lines)
    assert "monitoring,education,known,not collected" in lines


def test_without_matplotlib_the_numbers_are_still_given(cohort, tmp_path, monkeypatch, capsys):
    """Only what has figures needs the extra, and the message says how to install it; nothing half is left behind."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert report(cohort, *SHORT, "--smallest-cell", "0", "--out", tmp_path / "report.json") == 0
    assert report(cohort, *SHORT, "--out", tmp_path / "report.html") == 2
    assert report(cohort, *SHORT, "--out", tmp_path / "folder") == 2
    assert 'pip install "exrx[plots]"' in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json"]


def test_a_log_and_the_monitoring_facts_are_joined_by_pseudonym(cohort, tmp_path, capsys):
    """Danish headings and words are read; rows about nobody and unusable cells are counted, not lost."""
    log = write(tmp_path, "log.csv", "patient;dato;gennemført;stopårsag",
                *(f"SYNTHETIC-{row:07d};24-11-2026;{'ja' if row % 2 else 'nej'};" for row in range(1, 101)),
                "SYNTHETIC-0000002;25-11-2026;nej;no-show", "SYNTHETIC-0000004;25-11-2026;måske;",
                "nobody;25-11-2026;ja;")  # fmt: skip
    facts = write(tmp_path, "facts.csv", "id,referral_route,goal_attained,effect_pre,effect_post,region",
                  *(f"SYNTHETIC-{row:07d},{'gop' if row % 3 else 'egen henvendelse'},yes,{row},,Nord"
                    for row in range(1, 301)))  # fmt: skip
    assert report(cohort, *SHORT, "--smallest-cell", "0", "--sessions", log, "--monitoring", facts) == 1
    done = capsys.readouterr()
    content = json.loads(done.out)
    items = {item["item"]: item for item in content["monitoring"]}
    assert (items["attendance_pct"]["n"], items["attendance_pct"]["missing"]) == (100, 200)
    assert [row["n"] for row in items["dropout"]["answers"]] == [1, 50, 48]
    routes = {row["key"]: row["n"] for row in items["referral_route"]["answers"] if row["n"]}
    assert routes == {"gop": 200, "self-referral": 100}
    assert (items["effect"]["n"], items["effect"]["missing"]) == (0, 300)
    assert [row["key"] for row in content["tables"]["region"]["rows"]] == ["Nord", "unknown"]
    assert "log.csv: 1 cells of 'done' cannot be used" in done.err
    assert "1 rows name nobody of the cohort" in done.err
    assert "nothing is hidden" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--training", "dk-2015-group"], "--training and --target belong together"),
        (["--out", "report.pdf"], "end it in .html, .json or .csv"),
        (["--smallest-cell", "1000"], "300 patients are too few"),
        (["--sessions", "FACTS"], "has no column 'done'"),
        (["--monitoring", "LOG"], "has no column 'id'"),
        (["--monitoring", "TWICE"], "two rows for a patient"),
        (["--monitoring", "UNKNOWN"], "has a column 'shoe' that is not known"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_a_call_that_cannot_be_answered_says_why(cohort, tmp_path, capsys, arguments, said):
    """What, where and what to do, exit code 2, and no answer."""
    files = {
        "FACTS": write(tmp_path, "facts.csv", "id,need", "SYNTHETIC-0000001,yes"),
        "LOG": write(tmp_path, "log.csv", "patient,done", "SYNTHETIC-0000001,yes"),
        "TWICE": write(tmp_path, "twice.csv", "id,need", "SYNTHETIC-0000001,yes", "SYNTHETIC-0000001,no"),
        "UNKNOWN": write(tmp_path, "unknown.csv", "id,shoe", "SYNTHETIC-0000001,42"),
    }
    assert report(cohort, *SHORT, *(files.get(each, each) for each in arguments)) == 2
    done = capsys.readouterr()
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize("bad", ["-1", "five", "", "1e3"])
def test_a_limit_that_is_no_number_is_refused(cohort, capsys, bad):
    """argparse says which argument and why."""
    with pytest.raises(SystemExit):
        report(cohort, *SHORT, "--smallest-cell", bad)
    assert "--smallest-cell" in capsys.readouterr().err


def test_every_closed_answer_can_be_written_in_either_language(tmp_path):
    """A monitoring file may hold the key, the Danish or the English word of each answer."""
    from exrx.io.overview_files import read_monitoring

    for name, answers in monitoring_answers().items():
        for key, label in answers.items():
            path = write(
                tmp_path, "facts.csv", f"id;{name}", *(f"{n};{word}" for n, word in enumerate((key, *label.values())))
            )
            monitoring, notes = read_monitoring(path, ["0", "1", "2"])
            grouping = monitoring.groupings[name]
            assert [grouping.keys[code] for code in grouping.codes] == [key] * 3
            assert notes == []
