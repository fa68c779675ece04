"""The page on explanations is true: its patients are written, its commands run, and it says what they print."""

from __future__ import annotations

from pathlib import Path

from page_player import played

PAGE = Path(__file__).parents[1] / "docs" / "explain.md"


def test_every_command_of_the_page_prints_what_the_page_says(tmp_path):
    """Each patient of the page, asked as the page asks, gets the words on the page."""
    page = PAGE.read_text(encoding="utf-8")
    assert played(page, tmp_path) == page, "run `python tests/page_player.py docs/explain.md`"
