"""What an author of an overlay is told: each mistake once, with what to write, and nothing of what others wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from exrx.protocol import load_protocol
from exrx.protocol.check import check_protocol
from exrx.protocol.library import list_protocols
from exrx.screening.lint import lint_protocol

SHIPPED = [summary.id for summary in list_protocols()]
HEAD = """\
id: local
version: "1"
extends: {extends}
author: Department of Physiotherapy, lead physiotherapist
date: 2026-11-25
reason: {{da: Aftalt lokalt., en: Agreed locally.}}
"""
PLATELETS = "platelets_in_chemotherapy_min"
LOWER = """\
parameters:
  platelets_in_chemotherapy_min: {value: %s, unit: 10^9/L, source: local-decision, verified: unverified}
"""


def overlay(folder: Path, body: str, extends: str = "dk-2015") -> Path:
    """An overlay file with the usual head."""
    path = folder / "local.yaml"
    path.write_text(HEAD.format(extends=extends) + body, encoding="utf-8")
    return path


@pytest.mark.parametrize("used", ["parameters", "rules"])
def test_a_number_may_rest_on_the_overlays_own_sources(tmp_path, used):
    """What the department read itself stands in sources.yaml beside the overlay, whether of a number or a rule."""
    number = LOWER % 40 if used == "parameters" else (
        "rules:\n  - {id: local.hb, domain: haematological, when: haemoglobin < 5.5 mmol/L, then: {clearance: defer}, "
        "because: low, source: local-decision, verified: unverified}\n"
    )  # fmt: skip
    path = overlay(tmp_path, number.replace("local-decision", "our-audit"))
    assert [d.code for d in check_protocol(path)] == ["unknown-source"]
    (tmp_path / "sources.yaml").write_text(
        "our-audit:\n  authors: Department\n  year: 2026\n  title: Audit\n  read: All of it.\n  accessed: 2026-11\n"
    )
    assert check_protocol(path) == ()
    assert load_protocol(path).local_changes


def test_what_is_remarked_of_shipped_modules_is_not_the_authors_to_mend(tmp_path):
    """An overlay without a fault is checked without a remark, whatever its base is remarked for."""
    for shipped in SHIPPED:
        assert check_protocol(overlay(tmp_path, "starts_from: {setting: hospital}\n", extends=shipped)) == ()


@pytest.mark.parametrize(
    ("body", "says", "cure"),
    [
        ("parameters: {%s: 40}", "must be a block", "{value: .., unit: 10^9/L, source: local-decision, verified:"),
        ("parameters: {%s: {value: 40}}", "needs the key 'source'", "{value: .., unit: 10^9/L, source: local-decision"),
        ("parameters: {%s: {value: forty, unit: 10^9/L, source: local-decision, verified: unverified}}",
         "'forty 10^9/L' is not one number", "Write one plain number, with its unit if needed."),
        ("starts_from: {formats_allowed: [group]}", "has no key 'formats_allowed'", "use one of: setting, supervision"),
        ("validity: {platelets: 900}", "must be a block", "{for: 7 d}"),
        ("paramters: {}", "no key 'paramters'", "did you mean 'parameters'?"),
        ("parameters:\n\t%s: 40", "not valid YAML", "this line begins with a tab"),
    ],
    ids=["bare", "unsourced", "word", "start", "validity", "key", "tab"],
)  # fmt: skip
def test_a_mistake_is_said_once_with_what_to_write(tmp_path, body, says, cure):
    """No second message for the same mistake, no advice that would be refused, no remark that nothing changes."""
    found = check_protocol(overlay(tmp_path, (body % PLATELETS if "%s" in body else body) + "\n"))
    assert says in found[0].message
    assert cure in (found[0].suggestion or "")
    assert len(found) == len({d.message for d in found}) == (2 if "'source'" in says else 1)


@pytest.mark.parametrize(
    ("extends", "says"),
    [
        ("dk-2015, maltser-2017", "--protocol FILE,maltser-2017"),
        ("[dk-2015, maltser-2017]", "--protocol FILE,maltser-2017"),
        ("../nowhere/base.yaml", "there is no file '../nowhere/base.yaml'"),
        ("dk-2016", "did you mean 'dk-2015'?"),
    ],
)
def test_a_base_that_is_none_says_what_may_stand_there(tmp_path, extends, says):
    """Two protocols are joined where they are asked; a path is not answered with a list of ids."""
    (found,) = check_protocol(overlay(tmp_path, "", extends=extends))
    assert says in str(found)
    assert found.location.line == 3


def test_a_change_of_nothing_named_asks_for_the_base(tmp_path):
    """Whoever forgets `extends:` is not asked for rules."""
    path = overlay(tmp_path, LOWER % 40)
    path.write_text(path.read_text().replace("extends: dk-2015\n", ""))
    (found,) = check_protocol(path)
    assert "add extends:" in (found.suggestion or "")


@pytest.mark.parametrize("taken", SHIPPED)
def test_an_overlay_has_an_id_of_its_own(tmp_path, taken):
    """Under a shipped id its answers would pass for those of the shipped protocol."""
    path = overlay(tmp_path, LOWER % 40)
    path.write_text(path.read_text().replace("id: local", f"id: {taken}", 1))
    assert [d.code for d in check_protocol(path)] == ["taken-id"]


@pytest.mark.parametrize("lang", ["da", "en"])
def test_numbers_of_a_change_are_written_as_the_language_does(tmp_path, lang):
    """A decimal comma in the file, and a change of the source alone."""
    number = {"da": "40,5", "en": "40.5"}[lang]
    (change,) = load_protocol(overlay(tmp_path, LOWER % '"40,5"')).local_changes
    assert f"{number} ×10⁹/L" in change.phrase(lang)
    (change,) = load_protocol(overlay(tmp_path, LOWER % 50)).local_changes
    assert "50 ×10⁹/L (local-decision, unverified)" in change.phrase(lang)
    assert "10^9" not in change.phrase(lang)


def test_the_date_of_a_changed_number_is_a_date(tmp_path):
    """The overlay's own date may stand for it; one that is written is looked at by lint."""
    number = (LOWER % 0.6).replace(PLATELETS, "leukocytes_min")
    for since, said in ((", since: 2026-13-01", {"since-unreadable"}), (", since: 2026-11", set()), ("", set())):
        body = number.replace("verified: unverified}", f"verified: unverified{since}}}")
        found = lint_protocol(overlay(tmp_path, body, extends="herlev-haematology"), date(2026, 11, 25))
        assert {d.code for d in found} & {"since-unreadable", "missing-since"} == said
