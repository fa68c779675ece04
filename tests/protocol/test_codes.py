"""The codes of diagnostics: every code the source can give is explained, and shown by a file that gives exactly it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lint_files import FILES, expected, laid_out

from exrx import errors
from exrx.cli.main import main
from exrx.protocol.codes import codes_page, load_codes
from exrx.protocol.read import read_member
from exrx.screening.lint import lint_protocol

ROOT = Path(__file__).parents[2]
PACKAGE = Path(errors.__file__).parent
BAD = sorted((ROOT / "tests" / "bad_protocols").glob("*.yaml"))
BAD_SOURCES = sorted((ROOT / "tests" / "bad_sources").glob("*.yaml"))
DAY = date(2026, 11, 25)
GIVERS = ("protocol", "rules", "quantities", "yamlread.py", "screening/cases.py", "screening/coverage.py",
          "screening/lint.py")  # fmt: skip
CALLS = {"fault", "remark", "_fault", "_remark", "Diagnostic", "_Refusal"}
# Codes of a patient's values and of the dictionary itself: no protocol can give them.
OF_VALUES = {"implausible", "contradiction", "bad-scale"}
# No file in a repository can be unreadable for everyone, and unused is a word about the whole bibliography: a test
# below gives the one, `test_sources.py` the other.
WITHOUT_FILE = {"unreadable-file", "unused-source"}


def sources() -> Iterator[Path]:
    for giver in GIVERS:
        path = PACKAGE / giver
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))


def words(node: ast.AST | None) -> Iterator[str]:
    """The texts that an expression can be: a text, or the branches of `a if b else c`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words(node.body)
        yield from words(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else ".+" for part in node.values)


def given_codes(path: Path) -> Iterator[str]:
    """Every code that a file of the source gives: as first argument, as `code=`, as default, in a table of codes.

    A code that is put together (`f"wrong-{key}"`) is given as a pattern.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS and node.args:
                yield from words(node.args[0])
            if name in ("words", "one_of") and len(node.args) > 3:
                yield from words(node.args[3])
            yield from (word for key in node.keywords if key.arg == "code" for word in words(key.value))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            pairs = zip(node.targets[0].elts, getattr(node.value, "elts", ()), strict=False)
            yield from (word for name, value in pairs if getattr(name, "id", "") == "code" for word in words(value))
        elif isinstance(node, ast.Assign) and any(getattr(t, "id", "") in ("code", "_ASK") for t in node.targets):
            yield from words(node.value)
            yield from (item for table in ast.walk(node.value) if isinstance(table, ast.Tuple)
                        for item in words(table.elts[0]))  # fmt: skip
        elif isinstance(node, ast.arguments):
            named = [*node.posonlyargs, *node.args][-len(node.defaults):] if node.defaults else []
            yield from (word for arg, value in zip(named, node.defaults, strict=True) if arg.arg == "code"
                        for word in words(value))  # fmt: skip


def test_every_code_of_the_source_is_explained_and_no_other():
    """An author can look up whatever is reported, and the registry promises nothing that is never reported."""
    given = {code for path in sources() for code in given_codes(path)} - OF_VALUES
    unexplained = {code for code in given if not any(re.fullmatch(code, known) for known in load_codes())}
    never_given = {known for known in load_codes() if not any(re.fullmatch(code, known) for code in given)}
    assert (unexplained, never_given) == (set(), set())


def test_every_code_has_a_file_that_gives_exactly_it():
    """A code that no file gives is a code that nobody has seen."""
    shown = {line.split()[0] for path in (*BAD, *FILES, *BAD_SOURCES) for line in expected(path)}
    assert shown == set(load_codes()) - WITHOUT_FILE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_protocol_with_a_flaw_gets_its_exact_remark(path, tmp_path):
    """Code, line and column are those at the end of the file, and nothing else; the protocol can be used."""
    protocol = laid_out(path, tmp_path)
    found = lint_protocol(protocol, DAY)
    assert [place(diagnostic) for diagnostic in found] == expected(path)
    assert path.stem in {diagnostic.code for diagnostic in found}
    assert read_member(protocol)[0] is not None


def severities(code: str) -> set[str | None]:
    return {load_codes()[code].severity, load_codes()[code].also}


def place(diagnostic: errors.Diagnostic) -> str:
    where = diagnostic.location
    file = "" if where.file.endswith("protocol.yaml") else f"{Path(where.file).name} "
    return f"{diagnostic.code} {file}{where.line}:{where.column}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_remark_has_the_severity_of_its_code_and_a_suggestion(path, tmp_path):
    """Whoever reads a remark is told what to do."""
    for diagnostic in lint_protocol(laid_out(path, tmp_path), DAY):
        assert "remark" in severities(diagnostic.code)
        assert diagnostic.severity == "warning"
        assert diagnostic.suggestion


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_fault_has_the_severity_of_its_code(path):
    """What forbids using a protocol is called a fault in the registry too, and lint repeats it."""
    found = read_member(path)[1]
    assert all("error" in severities(d.code) for d in found if d.severity == "error")
    assert lint_protocol(path, DAY) == found


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    """A file that went away between finding and reading is a fault with a place."""
    member, found = read_member(tmp_path / "gone.yaml")
    assert (member, [d.code for d in found]) == (None, ["unreadable-file"])


def test_the_page_of_codes_is_the_registry():
    """`docs/diagnostics.md` says what the program says."""
    page = ROOT / "docs" / "diagnostics.md"
    assert page.read_text(encoding="utf-8") == codes_page(), "run `python docs/make_diagnostics.py`"


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", list(load_codes()))
def test_every_code_is_explained_in_both_languages(capsys, name, lang):
    """Meaning, example and cure, in the language asked for."""
    code = load_codes()[name]
    assert main(["protocol", "lint", "--explain", name, "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert all(text in out for text in (name, code.means[lang], code.example, code.cure[lang]))
    assert code.means["da"] != code.means["en"]


def test_an_unknown_code_names_the_nearest(capsys):
    """Exit 2, and the codes that were probably meant."""
    assert main(["protocol", "lint", "--explain", "unused-param"]) == 2
    assert "unused-parameter" in capsys.readouterr().err


def test_each_cure_of_a_lint_code_names_only_commands_there_are(capsys):
    """A cure that sends people to a command that does not exist is no cure."""
    texts = [text for code in load_codes().values() for text in (*code.cure.values(), *code.means.values())]
    commands = {found for text in texts for found in re.findall(r"exrx ((?:protocol )?[a-z]+)", text)}
    assert commands
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        assert ended.value.code == 0, command
