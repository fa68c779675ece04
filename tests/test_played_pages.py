"""Pages of documentation are true: their files are written, their commands run, and they say what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_player import played

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [
    "allocate.md",
    "cohort-report.md",
    "compare.md",
    "explain.md",
    "files.md",
    "overlays.md",
    "replay.md",
    "sweep.md",
    "validate.md",
    "worklist.md",
]


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_prints_what_the_page_says(tmp_path, name):
    """From an empty folder, in the order of the page."""
    page = (DOCS / name).read_text(encoding="utf-8")
    assert "$ exrx " in page
    assert played(page, tmp_path) == page, f"run `python tests/page_player.py docs/{name}`"
