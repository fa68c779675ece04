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
    assert played(page, tmp_path) == page, "run `python tests/page_player.py docs/writing-rules.md` and read it"


def test_the_page_uses_every_command_of_an_author():
    """new, check, test, lint and explain are all on it."""
    commands = set(re.findall(r"^\$ exrx (?:protocol )?([a-z]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"new", "check", "test", "lint", "form", "explain"} <= commands


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
