"""Writing a protocol: the page is true, the template holds, and nothing of an author's is overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from page_player import played

from exrx.cli.main import main
from exrx.protocol.library import list_protocols
from exrx.screening.template import FILES, SCHEMA_FILES, TEMPLATE_ID, new_protocol, template_folder

PAGE = Path(__file__).parents[1] / "docs" / "writing-rules.md"


def test_every_command_of_the_page_prints_what_the_page_says(tmp_path):
    """From an empty folder: each edit is made, each command run, each mistake made, and the page is unchanged by it."""
    page = PAGE.read_text(encoding="utf-8")
    assert steady(played(page, tmp_path)) == steady(page), "run `python tests/page_player.py docs/writing-rules.md`"


def steady(page: str) -> str:
    """The page without how many cases and proofs there are (the template's modules grow) and how long they took."""
    page = re.sub(r"\b(\d+) of \1 cases hold", "all cases hold", page)
    return re.sub(r"(\d+) proofs (holds?|fails?) \([\d.]+ s\)", r"the proofs \2", page)


def test_the_page_uses_every_command_of_an_author():
    """new, check, test, lint, prove and explain are all on it."""
    commands = set(re.findall(r"^\$ exrx (?:protocol )?([a-z]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"new", "check", "test", "lint", "prove", "form", "explain"} <= commands


def test_the_template_is_not_shipped_as_a_protocol():
    """Nobody screens with an example."""
    assert TEMPLATE_ID not in {summary.id for summary in list_protocols()}
    assert template_folder().name not in {Path(summary.path).parent.name for summary in list_protocols()}


def test_a_new_protocol_has_its_own_id_and_its_schemas(tmp_path):
    """The id is filled in everywhere, and the editor's line points to a file beside it."""
    folder = tmp_path / "our-clinic"
    written = new_protocol(folder)
    assert {path.name for path in written} == {*FILES, *SCHEMA_FILES.values()}
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8")
        assert TEMPLATE_ID not in text
        for schema in re.findall(r"\$schema=(\S+)", text):
            assert (folder / schema).is_file()
    assert "id: our-clinic " in (folder / "protocol.yaml").read_text(encoding="utf-8")


def test_the_schema_lines_of_the_template_point_to_the_shipped_schemas():
    """Whoever edits the template is helped as well."""
    for name in ("protocol.yaml", "cases.yaml"):
        (schema,) = re.findall(r"\$schema=(\S+)", (template_folder() / name).read_text(encoding="utf-8"))
        assert (template_folder() / schema).is_file()


@pytest.mark.parametrize("command", ["check", "test", "lint"])
def test_a_new_protocol_holds_as_it_is(tmp_path, capsys, command):
    """An author starts from something that works and has nothing to be put right."""
    folder = tmp_path / "our-clinic"
    assert main(["protocol", "new", str(folder)]) == 0
    assert main(["protocol", command, str(folder)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("there", [*FILES, *SCHEMA_FILES.values()])
def test_nothing_is_overwritten(tmp_path, capsys, there):
    """One file of that name is enough to refuse, and then nothing is written."""
    folder = tmp_path / "our-clinic"
    folder.mkdir()
    (folder / there).write_text("mine", encoding="utf-8")
    assert main(["protocol", "new", str(folder)]) == 2
    assert there in capsys.readouterr().err
    assert [path.read_text(encoding="utf-8") for path in folder.iterdir()] == ["mine"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path, capsys):
    """A file is no folder."""
    (tmp_path / "our-clinic").write_text("mine", encoding="utf-8")
    assert main(["protocol", "new", str(tmp_path / "our-clinic")]) == 2
    assert "already" in capsys.readouterr().err
    assert (tmp_path / "our-clinic").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["Our Clinic", "our_clinic", "our-", "klinik-ø", "dk-2015", "a/b", ""])
def test_an_id_that_cannot_be_one_is_refused_with_what_to_write(tmp_path, capsys, name):
    """Ids are short and plain, and a shipped one is taken."""
    assert main(["protocol", "new", str(tmp_path / "new"), "--id", name]) == 2
    assert "--id" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


OWN = """\
our-instruction:
  authors: Department of Oncology
  title: Instruction on exercise during chemotherapy
  read: Pages 3-7.
  accessed: 2026-11
"""


def test_an_author_may_bring_a_source_along(tmp_path, capsys):
    """A source beside the protocol is known, and without it the author is told."""
    folder = tmp_path / "our-clinic"
    new_protocol(folder)
    protocol = folder / "protocol.yaml"
    protocol.write_text(protocol.read_text(encoding="utf-8").replace("kb-2015", "our-instruction"), encoding="utf-8")
    main(["protocol", "check", str(folder)])
    assert "unknown-source" in capsys.readouterr().out
    (folder / "sources.yaml").write_text(OWN, encoding="utf-8")
    assert main(["protocol", "check", str(folder)]) == 0
    assert "0 faults, 0 remarks" in capsys.readouterr().out


def test_a_fault_in_a_source_of_ones_own_is_reported_with_its_place(tmp_path, capsys):
    """The form is that of the shipped bibliography, and so are the faults."""
    folder = tmp_path / "our-clinic"
    new_protocol(folder)
    (folder / "sources.yaml").write_text(OWN.replace("2026-11", "autumn"), encoding="utf-8")
    assert main(["protocol", "check", str(folder)]) == 2
    assert "sources.yaml:5:13: error wrong-accessed" in capsys.readouterr().out


def test_the_example_of_a_source_in_the_template_is_one(tmp_path, capsys):
    """Taking the comment signs away gives a source without a fault."""
    folder = tmp_path / "our-clinic"
    new_protocol(folder)
    file = folder / "sources.yaml"
    example = re.findall(r"^# ((?:our-instruction:|  ).*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    file.write_text("\n".join(example) + "\n", encoding="utf-8")
    assert len(example) == 7
    assert main(["protocol", "check", str(folder)]) == 0, capsys.readouterr().out
