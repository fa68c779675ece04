"""The pages made from the protocols equal the committed ones, and hold every rule, number and source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exrx.protocol.library import list_protocols, load_protocol
from exrx.report.protocol_pages import PAGES, protocols_page, what_was_read

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_equals_the_data(name):
    """A change in a protocol that is not in the page is seen here."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `python docs/make_protocols.py`"


def test_the_page_holds_every_rule_number_and_source_once_a_file():
    """Nothing that decides is left out, and a module's rules stand once however many include them."""
    page = protocols_page()
    places = {}
    for summary in list_protocols():
        protocol = load_protocol(summary.id)
        for rule in protocol.rules:
            places.setdefault(rule.id, set()).add(rule.location)
            assert f"\n### Source {rule.source}\n" in page
        for number in protocol.parameters.values():
            assert f"| `{number.name}` | " in page
            assert f"\n### Source {number.source}\n" in page
    for rule, where in places.items():
        assert page.count(f"\n| `{rule}`") == len(where), rule


def test_every_link_within_the_page_has_its_heading():
    """A reader who follows a link to a source, module or protocol lands somewhere."""
    page = protocols_page()
    headings = {re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-")
                for line in page.splitlines() if line.startswith("#")}  # fmt: skip
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links
    assert links <= headings


def test_every_page_that_is_linked_exists():
    """Notes and pages that a reader is sent to lie where the link says."""
    linked = {link for name in PAGES for link in re.findall(r"\]\(([^)#:]+)\)", PAGES[name]())}
    assert linked
    assert [link for link in sorted(linked) if not (DOCS / link).is_file()] == []


def test_what_was_read_is_taken_from_the_notes_whole():
    """A point goes on until the next one; points about other things are left out."""
    notes = "# Notes\n\n- **Read.** A table\n  with footnotes. **Not read.** The rest.\n- **Edges.** 50 trains.\n"
    assert list(what_was_read(notes)) == ["- **Read.** A table with footnotes. **Not read.** The rest."]
