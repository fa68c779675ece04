"""docs/explain.md shows what the commands print: every example is run again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exrx.cli.main import main

PAGE = (Path(__file__).parent.parent / "docs" / "explain.md").read_text(encoding="utf-8")
PATIENTS = re.findall(r"`(P-\d+)\.json`:\n\n```json\n(.*?)```", PAGE, re.DOTALL)
CALLS = re.findall(r"```console\n\$ exrx (.*?)\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_has_patients_and_calls():
    """Three patients, and a call for each."""
    assert len(PATIENTS) == len(CALLS) == 3


@pytest.mark.parametrize(("call", "shown"), CALLS, ids=[call.split()[1] for call, _ in CALLS])
def test_what_the_page_shows_is_what_is_printed(call, shown, tmp_path, monkeypatch, capsys):
    """Line by line, up to where the page says that it was cut."""
    monkeypatch.chdir(tmp_path)
    for name, content in PATIENTS:
        Path(f"{name}.json").write_text(content, encoding="utf-8")
    main(call.split())
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    expected = shown.splitlines()
    if expected[-1] == "[...]":
        expected.pop()
        printed = printed[: len(expected)]
    assert printed == expected
