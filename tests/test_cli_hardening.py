"""The command line at its edges: closed streams, pipes, devices, links, odd terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from exrx.cli.compare import write_columns
from exrx.cli.main import main
from exrx.formulas import harmless

CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23"]
EXRX = f"{sys.executable} -m exrx"
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with one patient and a table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text('{"id": "P-1", "platelets": 45}', encoding="utf-8")
    return tmp_path


def shell(line, folder, **env):
    """Run a line in bash."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, **env},
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["screen", "p.json", "--protocol", ",", "--stage", "session"], "no protocol"),
        (["screen", "deep.json", *CALL, "--format", "json"], "nested"),
        (["screen", "p.json", *CALL, "--format", "json", "--out", "no/such/x.json"], "no/such/x.json"),
    ],
)
def test_one_line_and_exit_2(here, capsys, arguments, said):
    """No traceback, nothing on stdout."""
    (here / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert said in err


@pytest.mark.parametrize("arguments", [["demo", "--seed", "-5"], ["screen", "p.json", *CALL, "--out", ""]])
def test_refused_arguments(here, arguments):
    """By argparse, which shows the usage."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


@pytest.mark.parametrize("layout", ["json", "jsonl"])
def test_notes_reach_stderr_beside_json(here, capsys, layout):
    """A column left aside is said, whatever the format."""
    (here / "t.csv").write_text("id,ecog,ward\na,1,x\n", encoding="utf-8")
    assert main(["screen", "t.csv", *CALL, "--format", layout]) == 0
    assert "not read: ward" in capsys.readouterr().err
    main(["explain", "t.csv", *CALL, "--format", "json", "--lang", "da"])
    assert "ikke er læst: ward" in capsys.readouterr().err


def test_many_problems_are_counted(here, capsys):
    """Twenty lines and how many more."""
    rows = "".join(f"p{n},bad{n}\n" for n in range(50))
    (here / "t.csv").write_text(f"id,platelets\n{rows}", encoding="utf-8")
    assert main(["screen", "t.csv", *CALL]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert "30 more" in lines[-1]


@POSIX
def test_a_link_is_followed_and_a_device_is_written_to(here):
    """The link stays a link, the device a device, and a pipe gets the text."""
    (here / "real.json").write_text("old", encoding="utf-8")
    (here / "link.json").symlink_to(here / "real.json")
    assert main(["screen", "p.json", *CALL, "--out", "link.json"]) in (0, 1)
    assert (here / "link.json").is_symlink()
    assert json.loads((here / "real.json").read_text(encoding="utf-8"))
    piped = shell(f"{EXRX} screen p.json {' '.join(CALL)} --format json --out /dev/stdout | cat", here)
    assert json.loads(piped.stdout)
    os.mkfifo(here / "pipe")
    piped = shell(f"cat pipe & {EXRX} screen p.json {' '.join(CALL)} --format json --out pipe; wait", here)
    assert json.loads(piped.stdout)
    assert sorted(path.name for path in here.iterdir()) == ["link.json", "p.json", "pipe", "real.json"]


@POSIX
@pytest.mark.parametrize("command", ["fields", "demo --patients 200 --as-of 2026-11-23"])
def test_a_reader_that_has_enough_is_no_fault(here, command):
    """`| head -1` ends with 0 and says nothing."""
    done = shell(f"{EXRX} {command} | head -1", here)
    assert (done.returncode, done.stderr) == (0, b"")


@POSIX
@pytest.mark.parametrize("closed", ["fields >&-", f"screen - {' '.join(CALL)} <&-"])
def test_closed_streams_are_one_line(here, closed):
    """Nothing was done, and it is said."""
    done = shell(f"{EXRX} {closed}", here)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@POSIX
def test_json_is_utf_8_and_text_has_room_in_any_terminal(here):
    """The terminal's encoding and a width of nothing do not matter."""
    json.loads(shell(f"{EXRX} fields --format json", here, PYTHONIOENCODING="latin-1").stdout.decode())
    narrow = shell(f"{EXRX} screen p.json {' '.join(CALL)}", here, COLUMNS="0").stdout.decode()
    assert max(map(len, narrow.splitlines())) > 40


@pytest.mark.parametrize("number", ["010170-1234", "0101701234", "01 01 70 1234"])
def test_a_cpr_number_given_as_an_argument_is_not_repeated_in_the_message(here, capsys, number):
    """Somebody pastes the number where the pseudonym belongs: refused, and the log does not hold it."""
    assert main(["screen", "p.json", *CALL, "--patient", number]) == 2
    out, err = capsys.readouterr()
    assert number not in out + err
    assert "there is no patient" in err


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-x", "@SUM(1)", " =1", "\t=1", "＝1"])
def test_no_text_of_a_table_is_a_formula_for_a_spreadsheet(tmp_path, cell):
    """Ids and words of people stand as text in the CSV of a comparison or a validation; numbers stay numbers."""
    assert harmless(cell) == f"'{cell}"
    assert harmless(-1) == -1
    write_columns(tmp_path / "misses", {"patient": np.array([cell], object), "gap": np.array([-3])})
    assert f"'{cell}" in (tmp_path / "misses.csv").read_text(encoding="utf-8")
    assert ",-3" in (tmp_path / "misses.csv").read_text(encoding="utf-8")
