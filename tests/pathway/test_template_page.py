"""docs/template.md: every element of the template has a command and a proof, and the proofs exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pathway_builders import PLAN, asked, the_pathway

from exrx.cli.main import build_parser
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report.pathway_text import sections

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| (?P<element>[^|]+) \| (?P<what>[^|]+) \| `(?P<works>exrx [a-z]+)[^`]*` \| (?P<proof>[^|]+) \|")
ROWS = [match for line in (ROOT / "docs" / "template.md").read_text("utf-8").splitlines() if (match := ROW.match(line))]
ELEMENTS = [
    *(f"I.{number}" for number in ("1", "2", "3", "4", "5a", "5b", "6a", "6b", "7", "8", "9", "10", "11", "12")),
    *(f"II.A{number}" for number in range(1, 8)), "II.B", "II.C", *(f"II.D{number}" for number in range(1, 7)),
    *(f"III.{letter}" for letter in "ABCDE"), *(f"IV.{letter}" for letter in "ABC"),
    *(f"T{number}" for number in range(1, 11)), *(f"requirement {number}" for number in (1, 2, 3)),
    *(f"KRP {name}" for name in ("patient", "professional", "organisational", "context", "phases", "indicators")),
]  # fmt: skip


def test_every_element_of_the_template_has_its_row():
    """Oversigt I to IV, the ten bullets of section 10, the three requirements and the dimensions of the KRP."""
    assert [row["element"] for row in ROWS] == ELEMENTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["element"])
def test_the_command_and_the_proof_of_an_element_exist(row):
    """The command is one of exrx's, the test is a function of the tests, the case stands beside a protocol."""
    commands = build_parser().format_help()
    assert re.search(rf"^ +{row['works'].split()[1]} ", commands, re.MULTILINE)
    proof = row["proof"].strip()
    if proof.startswith('"'):
        cases = (path.read_text("utf-8") for path in (ROOT / "protocols" / "screening").rglob("*cases.yaml"))
        assert any(f"- name: {proof.strip(chr(34))}\n" in text for text in cases), proof
    else:
        tests = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
        assert any(f"def {proof}(" in text for text in tests), proof


def test_the_template_page_lists_the_aims_that_the_vocabulary_has():
    """III.B and III.C: six methods and five aims, each with its element."""
    words = load_vocabulary()
    assert (len(words.keys("psychosocial_methods")), len(words.keys("psychosocial_aims"))) == (6, 5)
    assert {words.lists["psychosocial_aims"][key]["element"] for key in words.keys("psychosocial_aims")} == {"III.C"}
    wished = asked(psychosocial={"problem": "yes", "wants_help": "yes"})
    shown = [line for section in sections(the_pathway(assessments=[wished]), "en") for line in section.lines]
    assert any(all(words.say("psychosocial_aims", key, "en") in line for key in words.keys("psychosocial_aims"))
               for line in shown)  # fmt: skip


@pytest.mark.parametrize("content", load_vocabulary().keys("contents"))
def test_section_10_every_part_of_the_content_is_asked_for_until_somebody_decides(content):
    """T3 to T8: planned, not needed or declined; nothing is left out in silence."""
    need = asked(physical={"problem": "yes", "wants_help": "yes"})
    silent = the_pathway(assessments=[need], plan=PLAN | {"contents": {}})
    decided = the_pathway(assessments=[need], plan=PLAN | {"contents": {content: "declined"}})
    about = [{task.about for task in found.tasks if task.what == "consider-content"} for found in (silent, decided)]
    assert about[0] - about[1] == {content}
