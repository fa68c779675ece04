"""`exrx screen` and `exrx explain`: exit codes, JSON on stdout only, every problem named, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from exrx import __version__
from exrx.cli.main import main

DAY = "2026-11-23"
CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", DAY]
GOOD = {
    "id": "P-1", "on_chemotherapy": "yes", "platelets": {"value": 45, "date": "2026-11-21"},
    "forms": [{"form": "door", "date": DAY, "role": "nurse", "yes": []}],
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Write a JSON file and return its path as text."""

    def _write(content, name: str = "patients.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return _write


def test_json_alone_is_on_stdout(write, capsys):
    """What a program reads is an array of decisions and nothing else."""
    assert main(["screen", write(GOOD), *CALL, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    (decision,) = json.loads(out)
    assert decision["schema"] == "exrx/decision/1"
    assert decision["patient"] == "P-1"
    assert err == ""


def test_json_lines_are_one_decision_a_line(write, capsys):
    """N patients in, N lines out, in their order."""
    assert main(["screen", write([GOOD, {**GOOD, "id": "P-2"}]), *CALL, "--format", "jsonl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["patient"] for line in lines] == ["P-1", "P-2"]


def test_no_patients_is_an_empty_array(write, capsys):
    """An empty list of patients is an empty list of decisions, still JSON."""
    code = main(["screen", write([]), *CALL, "--format", "json"])
    out = capsys.readouterr().out
    assert code == 2 or json.loads(out) == []


def test_a_refused_value_is_named_and_the_patient_still_answered(write, capsys):
    """Exit 1: done, but a value was refused; every patient has an answer, the JSON is printed."""
    bad = {**GOOD, "id": "P-2", "platelets": "180 K/uL"}
    assert main(["screen", write([GOOD, bad]), *CALL, "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 2
    assert "P-2" in err
    assert "platelets" in err


def test_missing_and_stale_values_are_no_problem(write):
    """Exit 0: gaps are the engine's daily bread."""
    assert main(["screen", write({"id": "P-1"}), *CALL, "--format", "json"]) == 0
    old = {**GOOD, "platelets": {"value": 200, "date": "2026-01-01"}}
    assert main(["screen", write(old), *CALL, "--format", "json"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["screen", "nofile.json", *CALL], "nofile.json"),
        (["screen", "{good}", "--protocol", "krop-og-kraft", "--as-of", DAY], "krop-og-kraeft"),
        (["screen", "{good}", "--protocol", "krop-og-kraeft", "--as-of", DAY], "enrolment, session"),
        (["screen", "{good}", "--protocol", "krop-og-kraeft", "--stage", "x", "--as-of", DAY], "session"),
        (["screen", "{good}", *CALL, "--patient", "P-9"], "P-1"),
        (["screen", "{broken}", *CALL], "JSON"),
        (["screen", "{good}", *CALL, "--out", "no/such/folder/x.json"], "no/such/folder"),
        (["explain", "{two}", *CALL], "--patient"),
        (["screen", "{good}", *CALL, "--mapping", "map.yaml"], "mapping"),
    ],
)
def test_a_wrong_call_is_one_message_and_exit_2(arguments, said, write, capsys, monkeypatch, tmp_path):
    """Nothing was done: the message says what is wrong, nothing is on stdout, no traceback anywhere."""
    monkeypatch.chdir(tmp_path)
    files = {
        "good": write(GOOD, "good.json"),
        "broken": write("{", "broken.json"),
        "two": write([GOOD, {**GOOD, "id": "P-2"}], "two.json"),
    }
    assert main([argument.format(**files) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["screen", "x", *CALL, "--as-of", "23/11-2026"], ["scren"], []])
def test_a_call_that_argparse_refuses_is_exit_2(arguments, capsys):
    """Wrong dates, unknown commands and an empty call."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_file_is_written_whole_or_not_at_all(write, tmp_path, capsys):
    """`--out` leaves the file and nothing beside it, and prints nothing."""
    out = tmp_path / "decisions.json"
    assert main(["screen", write(GOOD), *CALL, "--format", "json", "--out", str(out)]) == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))) == 1
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decisions.json", "patients.json"]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_one_patient_is_a_report_and_several_are_a_list(write, capsys, lang):
    """The table fits the number of patients and 80 columns."""
    main(["screen", write(GOOD), *CALL, "--lang", lang])
    one = capsys.readouterr().out
    main(["screen", write([GOOD, {**GOOD, "id": "P-2"}]), *CALL, "--lang", lang])
    several = capsys.readouterr().out
    assert {"da": "Hvorfor", "en": "Why"}[lang] in one
    assert {"da": "Dagens liste", "en": "Today's list"}[lang] in several
    assert max(len(line) for line in (one + several).splitlines()) <= 80


def test_an_example_is_marked_whatever_the_format(tmp_path, capsys):
    """A typical patient made by `protocol form` is EXAMPLE in table and JSON."""
    path = tmp_path / "typical.json"
    main(["protocol", "form", "krop-og-kraeft", "--stage", "session", "--fill", "typical", "--out", str(path)])
    for layout in ("table", "json", "jsonl"):
        main(["screen", str(path), *CALL, "--format", layout])
        assert "EXAMPLE" in capsys.readouterr().out


def test_a_blank_form_screens_as_ask_first(tmp_path, capsys):
    """Nothing filled in is nothing known, and every unknown is asked for."""
    path = tmp_path / "blank.json"
    main(["protocol", "form", "krop-og-kraeft", "--stage", "session", "--out", str(path)])
    assert main(["screen", str(path), *CALL, "--format", "json"]) == 0
    (decision,) = json.loads(capsys.readouterr().out)
    assert decision["clearance"] == "assess"
    assert decision["missing"]


def test_without_as_of_the_day_used_is_said(write, capsys):
    """The clock is read here only, and the day stands on stderr and in the answer."""
    main(["screen", write(GOOD), "--protocol", "krop-og-kraeft", "--stage", "session", "--format", "json"])
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["as_of"] in err


def test_explain_names_every_rule_and_says_the_same_as_screen(write, capsys):
    """The walk holds the decision itself and a line for each rule."""
    path = write(GOOD)
    main(["screen", path, *CALL, "--format", "json"])
    (decision,) = json.loads(capsys.readouterr().out)
    assert main(["explain", path, *CALL, "--format", "json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert explained["decision"] == decision
    states = {rule["rule"]: rule["state"] for rule in explained["rules"]}
    assert all(states[reason["rule"]] == reason["state"] for reason in decision["reasons"])
    assert main(["explain", path, *CALL, "--lang", "da", "--all"]) == 0
    assert "GÆLDER" in capsys.readouterr().out


def test_a_broken_row_is_named_once_and_still_answered(write, capsys):
    """A line that is not JSON is a patient of whom nothing is known, and one message."""
    path = write('{"id": "a"}\nbroken\n{"id": "b"}\n', "rows.jsonl")
    assert main(["screen", path, *CALL, "--format", "jsonl"]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert err.count("line 2") == 1


def test_a_table_of_many_is_a_summary_with_the_most_urgent(write, capsys):
    """Hundreds of rows are summed up with bars; the urgent ones are listed; problems of cells are named."""
    rows = [f"p{n},{'yes' if n % 2 else 'no'},{30 + n},2026-11-22" for n in range(250)]
    rows[7] = "p7,yes,abc,2026-11-22"
    path = write("\n".join(["id,on_chemotherapy,platelets,platelets.date", *rows]) + "\n", "many.csv")
    assert main(["screen", path, *CALL, "--lang", "da"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Hvem træner hvor")
    assert max(map(len, out.splitlines())) <= 80
    assert "p7" in err


def test_a_table_of_many_adds_up_to_the_decisions_one_by_one(write, capsys):
    """The summary counts what the JSON lines say, for every clearance."""
    rows = [f"p{n},yes,{30 + n},2026-11-22,{'yes' if n % 9 == 0 else ''},{DAY}" for n in range(220)]
    head = "id,on_chemotherapy,platelets,platelets.date,dizziness,form.door"
    path = write("\n".join([head, *rows]) + "\n", "many.csv")
    main(["screen", path, *CALL, "--format", "jsonl"])
    decisions = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    main(["screen", path, *CALL])
    lines = capsys.readouterr().out.splitlines()
    for words, clearance in (("ask first", "assess"), ("not today", "defer"), ("emergency: act now", "emergency")):
        row = next(line for line in lines if line.startswith(f"  {words}"))
        assert int(row.split()[-3]) == sum(decision["clearance"] == clearance for decision in decisions)


def test_what_was_assumed_stands_in_every_output(tmp_path, capsys):
    """`--assume-no conditions` is said in the JSON's notice and under the table."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01", "gender": "female"}},
    ]}  # fmt: skip
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    call = ["screen", str(path), *CALL, "--assume-no", "conditions"]
    main([*call, "--format", "json"])
    (decision,) = json.loads(capsys.readouterr().out)
    assert "read as no" in decision["notice"]["en"] or "assumed" in decision["notice"]["en"].lower()
    main(call)
    assert "! " in capsys.readouterr().out


def test_the_version_is_printed(capsys):
    """`exrx --version` names the version and ends with 0."""
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert __version__ in capsys.readouterr().out


def _process(*arguments: str, **options) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "exrx", *arguments], capture_output=True, check=False, **options)


def test_help_loads_no_slow_library():
    """`exrx --help` starts at once: no NumPy, pint, lark, rich, PyYAML or msgspec is imported for it."""
    code = (
        "import sys\nfrom exrx.cli.main import build_parser\nbuild_parser()\n"
        "print(*{'numpy','pint','lark','rich','yaml','msgspec','scipy'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.split() == []


def test_one_patient_in_json_needs_neither_numpy_nor_rich(write):
    """The whole process of one decision loads what one decision needs."""
    code = (
        f"import sys\nfrom exrx.cli.main import main\nmain({['screen', write(GOOD), *CALL, '--format', 'json']!r})\n"
        "print(*{'numpy','scipy','rich','pyarrow'} & set(sys.modules), file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stderr.split() == []


def test_a_closed_pipe_is_no_fault(write):
    """`exrx ... | head` ends quietly."""
    path = write([{**GOOD, "id": f"P-{n}"} for n in range(300)])
    command = f"'{sys.executable}' -m exrx screen '{path}' {' '.join(CALL)} --format json | head -c 100"
    found = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert found.stderr == b""


def test_a_terminal_without_utf8_gets_an_answer(write):
    """Letters that the terminal does not have are replaced; the answer still comes."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    found = _process("screen", write(GOOD), *CALL, "--lang", "da", env=environment)
    assert found.returncode == 0
    assert b"Traceback" not in found.stderr


def test_colour_is_only_for_terminals(write):
    """Nothing that is piped holds escape codes."""
    assert b"\x1b" not in _process("screen", write(GOOD), *CALL).stdout


@pytest.mark.parametrize(
    ("name", "given", "first"),
    [
        ("o.json", [], "["), ("o.jsonl", [], "{"), ("o.txt", [], "T"), ("o.JSON", [], "["),
        ("o.json", ["--format", "jsonl"], "{"), ("o.dat", ["--format", "json"], "["),
    ],
)  # fmt: skip
def test_the_format_follows_the_ending_unless_it_is_given(write, tmp_path, name, given, first):
    """`--out o.json` is JSON without more; `--format` always wins."""
    out = tmp_path / name
    path = write([GOOD, {**GOOD, "id": "P-2"}])
    assert main(["screen", path, *CALL, "--out", str(out), *given]) == 0
    assert out.read_text(encoding="utf-8")[0] == first


@pytest.mark.parametrize("name", ["o.dat", "o", "o.json.bak"])
def test_an_ending_that_says_nothing_is_refused(write, tmp_path, capsys, name):
    """Exit 2 before anything is written, and what to do."""
    out = tmp_path / name
    assert main(["screen", write(GOOD), *CALL, "--out", str(out)]) == 2
    assert not out.exists()
    err = capsys.readouterr().err
    assert "--format" in err
    assert ".jsonl" in err


@pytest.mark.parametrize(
    ("content", "name", "headers", "how"),
    [
        ("navn;blod\nA;1\nB;2\n", "t.csv", "navn, blod", "--mapping"),
        ([{"foo": 1}, {"bar": 2}], "t.json", "foo, bar", "docs/input.md"),
        ({"patients": [{"id": "a"}, {"id": "b"}]}, "t.json", "patients", "list of patients"),
    ],
)
def test_an_input_without_a_known_name_is_refused(content, name, headers, how, write, capsys):
    """No row is lost in silence: the headers are named, and how to say what they mean."""
    assert main(["screen", write(content, name), *CALL]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert headers in err
    assert how in err


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        ("id;blod\nA;1\nB;2\n", "t.csv", 0),
        ([{"id": "A", "foo": 1}, {"id": "B", "foo": 2}], "t.json", 1),
        ([{"foo": 1}, {"age": 50}], "t.json", 1),
    ],
)
def test_rows_with_a_known_name_are_all_answered(content, name, code, write, capsys):
    """An id or one known value is enough: N in, N out."""
    assert main(["screen", write(content, name), *CALL, "--format", "jsonl"]) == code
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_empty_table_is_no_wrong_table(write, capsys):
    """A header without rows has nobody to answer for."""
    assert main(["screen", write("navn;blod\n", "t.csv"), *CALL, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_danish_has_danish_notes_and_problems(write, capsys):
    """Notes under the answer and problems on stderr are in the language that was asked for."""
    path = write("id,platelets,blod\nA,99999,1\nB,180,2\n", "t.csv")
    assert main(["screen", path, *CALL, "--lang", "da"]) == 1
    out, err = capsys.readouterr()
    assert "Kolonner, der ikke er læst: blod." in out
    assert "patient A: ikke brugt: blodplader «99999»: værdien er ikke mulig" in err
    path = write('{"id": "a", "age": 50}\nbroken\n', "t.jsonl")
    main(["screen", path, *CALL, "--lang", "da"])
    assert "linjen er ikke JSON" in capsys.readouterr().err
