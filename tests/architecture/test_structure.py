"""The house stays a house: imports go one way, files stay small, no clock and no network inside the engine."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path

import pytest

from exrx import errors
from exrx.rules import many, nodes, one, prove, words

PACKAGE = Path(errors.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Each layer may import itself and those above it in this list.
LAYERS = [
    {"errors", "formulas", "library", "yamlread", "quantities", "bits"},
    {"field", "fields"},
    {"dates", "forms", "values", "ties", "said", "patient", "knowledge"},
    {"columns", "given", "table", "tied", "refusals", "today", "cohort"},
    {"rules"},
    {"protocol"},
    {"screening"},
    {"worklist"},
    {"proof"},
    {"outcomes"},
    {"training"},
    {"pathway"},
    {"study", "allocate"},
    {"io", "report"},
    {"stream"},
    {"cli", "web", "__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
HOMES = {
    "pint": {"quantities"},
    "ucumvert": {"quantities"},
    "lark": {"rules"},
    "yaml": {"yamlread"},
    "rich": {"report", "cli"},
    "msgspec": {"io"},
    "typst": {"report"},
    "openpyxl": {"io", "report", "stream"},
    "z3": {"rules", "proof"},
    "matplotlib": {"report"},
}
LARGEST_FILE = 420


def room(path: Path) -> str:
    """The top-level module or folder that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int]]:
    """Every module that a file imports, with the line, type-checking blocks included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            found.append((node.module or "", node.lineno))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    """A room imports only rooms at or below its own layer."""
    here = room(path)
    if here == "__init__":
        return
    assert here in RANK, f"the room '{here}' has no place in the house: add it to LAYERS"
    for module, line in imports(path):
        if module.startswith("exrx."):
            there = module.split(".")[1]
            assert RANK[there] <= RANK[here], f"{path.name}:{line}: {here} imports {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_each_third_party_library_has_one_home(path):
    """pint, lark, yaml, rich and msgspec are imported in their own rooms only."""
    for module, line in imports(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or room(path) in homes, f"{path.name}:{line} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_small_and_well_named(path):
    """About 400 lines is where a file wants splitting, and no name says nothing."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST_FILE
    assert path.stem not in {"utils", "helpers", "common", "misc"}


def calls(path: Path) -> list[tuple[str, int]]:
    """The dotted names of everything that a file calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(ast.unparse(node.func), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call)]


CLOCKS = {"date.today", "datetime.now", "datetime.today", "datetime.utcnow", "time.time", "datetime.date.today"}
NETWORK = {"socket", "urllib.request", "http.client", "requests", "httpx", "aiohttp", "ftplib", "smtplib"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_clock_outside_the_command_line_and_no_network_anywhere(path):
    """`as_of` is always an argument, and nothing leaves the machine."""
    if room(path) not in {"cli", "web"}:
        assert [(name, line) for name, line in calls(path) if name in CLOCKS] == []
    assert [module for module, _ in imports(path) if module in NETWORK] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_error_is_swallowed(path):
    """No bare except, and no `except Exception` outside the command line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught, f"{path.name}:{node.lineno} catches everything"
            assert "Exception" not in caught.split(".") or room(path) in {"cli", "web"}, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("interpreter", "table"),
    [(one, "_EVALUATE"), (many, "_DRAW"), (prove, "_ENCODE"), (words, "_SAY")],
    ids=["one", "many", "prove", "words"],
)
def test_every_interpreter_has_a_line_for_every_node(interpreter, table):
    """A new kind of condition cannot be forgotten by one of the interpreters."""
    assert set(getattr(interpreter, table)) == set(nodes.NODE_CLASSES)


def every_error() -> list[Exception]:
    place = errors.Location("a.yaml", 3, 4)
    fault = errors.Diagnostic("syntax", "no", place, "do")
    made = [
        errors.ExrxError("x"),
        errors.FieldError("x"),
        errors.PatientError("x"),
        errors.InputFileError("x"),
        errors.PlanError("x"),
        errors.MissingDependencyError.of("pyarrow", "tables", "Parquet"),
        errors.ProtocolError("x", (fault,)),
        errors.ConditionError("x", code="syntax", location=place, suggestion="do"),
        errors.QuantityError("x", code="implausible", given=1, suggestion="do"),
        errors.UnitError("x", code="unknown-unit", given="y"),
        errors.ImplausibleError("x", code="implausible"),
    ]
    return made


def test_every_error_pickles_and_is_an_exrx_error():
    """Errors cross process borders with their facts, and one base catches them all."""
    kinds = {type(error) for error in every_error()}
    public = {
        thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, errors.ExrxError)
    }
    assert kinds == public
    for error in every_error():
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)
