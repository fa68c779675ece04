"""The JSON Schemas: every shipped file fits, every structural mistake does not, editors see what the reader sees."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from lint_files import FILES as FLAWED
from lint_files import laid_out

from exrx.cli.main import main
from exrx.errors import ProtocolError
from exrx.fields import load_dictionary
from exrx.library import library_root
from exrx.protocol.codes import load_codes
from exrx.protocol.overlay import OVERLAY_KEYS
from exrx.protocol.read import MODULE_KEYS, PROTOCOL_KEYS, read_member
from exrx.protocol.sentences import RULE_KEYS
from exrx.screening.cases import EXPECTABLE
from exrx.screening.json_schema import SCHEMAS, schema_text
from exrx.yamlread import read_yaml

ROOT = Path(__file__).parents[2]
SCREENING = ROOT / "protocols" / "screening"
PROTOCOLS = sorted(SCREENING.glob("*/protocol.yaml"))
CASES = sorted([*SCREENING.glob("*/cases.yaml"), *SCREENING.glob("modules/*.cases.yaml")])
MODULES = sorted(path for path in SCREENING.glob("modules/*.yaml") if path not in CASES)
BAD = sorted((ROOT / "tests" / "bad_protocols").glob("*.yaml"))
VALIDATORS = {kind: jsonschema.Draft7Validator(make(load_dictionary())) for kind, make in SCHEMAS.items()}


class Yaml12(yaml.SafeLoader):
    """What editors read: YAML 1.2's core types, in which yes is a word and a date is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way


for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", "n~"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


def faults(kind: str, content: Any) -> list[str]:
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in VALIDATORS[kind].iter_errors(content)]


def as_editors_read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Yaml12)


@pytest.mark.parametrize(
    ("kind", "path"),
    [("protocol", path) for path in PROTOCOLS] + [("module", p) for p in MODULES] + [("cases", p) for p in CASES],
    ids=lambda value: value if isinstance(value, str) else f"{value.parent.name}/{value.name}",
)
def test_every_shipped_file_fits_its_schema(kind, path):
    """Read as editors read it, and as exrx reads it, where every scalar is text."""
    assert faults(kind, as_editors_read(path)) == []
    assert faults(kind, read_yaml(path).plain()) == []


@pytest.mark.parametrize("path", FLAWED, ids=lambda path: path.stem)
def test_what_lint_remarks_is_no_mistake_of_form(path, tmp_path):
    """A protocol that can be used is not marked red."""
    assert faults("protocol", as_editors_read(laid_out(path, tmp_path))) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_structural_mistakes_are_marked_and_only_they(path):
    """A file is marked exactly when `check` finds a fault of a kind that the registry says the schema sees."""
    try:
        content = read_yaml(path).plain()
    except ProtocolError:
        pytest.skip("an editor marks what is no YAML by itself")
    codes = {d.code for d in read_member(path)[1] if d.severity == "error"}
    seen = any(load_codes()[code].in_schema for code in codes)
    in_a_condition = codes == {"unknown-field"} and not {"typical", "polarity"} & set(path.stem.split("-"))
    assert bool(faults("protocol", content)) is (seen and not in_a_condition)


@cache
def codes_of_marked_files() -> frozenset[str]:
    """What check says of the wrong files that the schema marks."""
    marked: set[str] = set()
    for path in BAD:
        try:
            content = read_yaml(path).plain()
        except ProtocolError:
            continue
        if faults("protocol", content):
            marked |= {d.code for d in read_member(path)[1]}
    return frozenset(marked)


@pytest.mark.parametrize("code", [code.name for code in load_codes().values() if code.in_schema])
def test_each_code_that_the_schema_sees_is_shown_by_a_file(code):
    """The registry does not promise more than the schema keeps."""
    assert code in codes_of_marked_files()


@pytest.mark.parametrize("kind", list(SCHEMAS))
def test_the_committed_schema_is_up_to_date(kind, capsys):
    """Editors check by what the program checks by."""
    committed = (library_root() / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(kind), f"run: exrx protocol schema --for {kind} --out protocols/{kind}.schema.json"
    assert main(["protocol", "schema", "--for", kind]) == 0
    assert capsys.readouterr().out == committed


@pytest.mark.parametrize("kind", list(SCHEMAS))
def test_a_schema_is_one(kind):
    """It is valid draft-07."""
    schema = json.loads(schema_text(kind))
    jsonschema.Draft7Validator.check_schema(schema)


def test_the_schema_knows_every_key_and_field():
    """A key added to the reader, a field added to the dictionary: the editor knows it."""
    whole, module, cases = (make(load_dictionary()) for make in SCHEMAS.values())
    protocol, overlay = whole["else"], whole["then"]
    assert tuple(protocol["properties"]) == PROTOCOL_KEYS
    assert tuple(overlay["properties"]) == OVERLAY_KEYS
    assert tuple(module["properties"]) == MODULE_KEYS
    rule = whole["definitions"]["rule"]["properties"]
    assert tuple(rule) == RULE_KEYS
    assert all(protocol["properties"].values()), "a key without a part accepts anything"
    assert all(overlay["properties"].values()), "a key without a part accepts anything"
    assert set(protocol["properties"]["typical"]["properties"]) == set(load_dictionary().fields)
    case = cases["properties"]["cases"]["items"]["properties"]
    assert set(case["patient"]["properties"]) == {*load_dictionary().fields, "id", "forms"}
    assert tuple(case["expect"]["properties"]) == EXPECTABLE


def test_a_misspelt_field_of_a_case_is_marked():
    """A slip in a case would otherwise leave the patient typical."""
    case = {"name": "a", "stage": "session", "as_of": "2026-11-23", "patient": {"platlets": 5}, "expect": {}}
    assert faults("cases", {"cases": [case]})
    case["patient"] = {"platelets": 5}
    assert faults("cases", {"cases": [case]}) == []
