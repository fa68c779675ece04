"""Plays a page of documentation: makes its edits, runs its commands, and puts what they print into the page.

    python tests/page_player.py docs/writing-rules.md       writes the page anew with the real output

In a page, a `console` block holds commands after `$ ` and below each what it prints. An HTML comment before a block
says what is done with the block:

    <!-- after "LINE" in FILE -->      the block is put into the file, after the line that begins so
    <!-- at the end of FILE -->        the block is put at the end of the file
    <!-- in FILE: OLD => NEW -->       without a block: the text is replaced
    <!-- file FILE -->                 the block is written to the file
    <!-- run COMMAND -->               without a block: the command is run, what it prints is not shown

A `json` block under a line that ends in "`FILE`:" is written to that file. Output that ends in "[...]" shows as many
lines as stand in the page.

A table row "| `key: value` | .. |" is a mistake: the first line of the protocol with that key is replaced, and the
second cell is what `exrx protocol check` then says.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from exrx.cli.main import main

_STEP = re.compile(
    r'<!-- (?:after "(?P<line>[^"]+)" in (?P<inside>\S+)|at the end of (?P<end>\S+)|in (?P<file>[^:]+): (?P<old>.+?) '
    r"=> (?P<new>.+?)) -->\n(?:```\w+\n(?P<block>.*?)```\n)?"
    r"|<!-- run (?P<run>.+?) -->\n"
    r"|<!-- file (?P<made>\S+) -->\n```\w+\n(?P<content>.*?)```\n"
    r"|`(?P<json_file>[\w-]+\.json)`:\n\n```json\n(?P<json>.*?)```\n"
    r"|```console\n(?P<console>.*?)```\n"
    r"|^\| `(?P<mistake>[a-z_]+: [^`]*)` \| .*? \|$",
    re.DOTALL | re.MULTILINE,
)
_PROTOCOL = "my-hospital"
_BY_Z3 = {("protocol", "diff"), ("protocol", "prove")}
ROOT = Path(__file__).resolve().parents[1]


def played(page: str, folder: Path, protocol: str = _PROTOCOL) -> str:
    """The page with the output that its commands give in `folder`, which must be empty."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return _STEP.sub(lambda step: _play(step, protocol), page)
    finally:
        os.chdir(before)


def _play(step: re.Match[str], protocol: str) -> str:
    if step["console"] is not None:
        shown = re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", step["console"], re.MULTILINE)
        blocks = (f"$ {command}\n{_as_long_as(old.rstrip(), _output(command))}" for command, old in shown)
        return "```console\n" + "\n".join(blocks) + "```\n"
    if step["run"]:
        _output(step["run"])
        return step[0]
    if name := step["json_file"] or step["made"]:
        Path(name).write_text(step["json"] or step["content"], encoding="utf-8")
        return step[0]
    if step["mistake"]:
        return f"| `{step['mistake']}` | {_said(step['mistake'], Path(protocol))} |"
    name = step["inside"] or step["end"] or step["file"]
    text = Path(name).read_text(encoding="utf-8")
    if step["line"]:
        found = re.search(f"(?m)^{re.escape(step['line'])}.*\n", text)
        assert found, f"{name} has no line '{step['line']}'"
        text = text[: found.end()] + step["block"] + text[found.end() :]
    elif step["end"]:
        text = text.rstrip("\n") + "\n" + step["block"]
    else:
        assert text.count(step["old"]) == 1, f"{name} must hold '{step['old']}' once"
        text = text.replace(step["old"], step["new"])
    Path(name).write_text(text, encoding="utf-8")
    return step[0]


def _as_long_as(old: str, output: str) -> str:
    """The output, cut where the page cuts it with [...]."""
    if not old.endswith("[...]"):
        return output
    lines = output.splitlines(keepends=True)[: len(old.splitlines()) - 1]
    return "".join(lines) + "[...]\n"


def _output(command: str) -> str:
    """What a command prints, on both streams."""
    program, *arguments = shlex.split(command)
    assert program == "exrx", command
    text = _in_a_new_process(arguments) if tuple(arguments[:2]) in _BY_Z3 else _here(arguments)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _here(arguments: list[str]) -> str:
    out = _Both()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(arguments)
    return out.getvalue()


def _in_a_new_process(arguments: list[str]) -> str:
    """As a reader runs it: which of several true examples z3 finds depends on what it was asked before."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    ran = subprocess.run(
        [sys.executable, "-m", "exrx", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return ran.stdout.decode("utf-8")


class _Both(io.StringIO):
    """A stream without bytes below it, so that both streams stay in order."""

    buffer = None

    def reconfigure(self, **_: object) -> None:
        """Any text may be printed here."""


def _said(mistake: str, folder: Path) -> str:
    """What check says when the first line with the mistake's key is the mistake."""
    key = mistake.partition(":")[0]
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    wrong, count = re.subn(rf"(?m)^( *(?:- )?){key}:.*$", lambda line: line[1] + mistake, text, count=1)
    assert count == 1, f"the protocol has no line with '{key}:'"
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "protocol.yaml").write_text(wrong, encoding="utf-8")
        first, *more = _output(f"exrx protocol check {place}").splitlines()
    said = first.partition(": error ")[2]
    hint = more[0].strip() if more and more[0].startswith("    ") else ""
    return f"`{said}` {hint}".strip().replace("|", "\\|")


if __name__ == "__main__":
    where = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as empty:
        where.write_text(played(where.read_text(encoding="utf-8"), Path(empty)), encoding="utf-8")
