"""The bibliography: every entry can be found and says what was read; every number and rule points to one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import ProtocolError
from exrx.library import library_root
from exrx.protocol import sources
from exrx.protocol.library import list_protocols, load_protocol
from exrx.protocol.read import read_member
from exrx.protocol.sources import check_sources, load_sources, read_sources, references

BAD = sorted((Path(__file__).parents[1] / "bad_sources").glob("*.yaml"))
GOOD = "adamsen-2009:\n  authors: Adamsen L et al.\n  year: 2009\n  title: A trial\n  journal: BMJ 339:b3410\n" \
    "  doi: 10.1136/bmj.b3410\n  read: The abstract.\n  accessed: 2026-11\n"  # fmt: skip


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_bibliography_gets_its_exact_report(path):
    """Code, line and column are those written at the end of the file, and nothing else is reported."""
    try:
        _, faults = read_sources(path)
    except ProtocolError as error:
        faults = error.diagnostics
    expected = re.findall(r"^# expect: (\S+ \d+:\d+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    report = [f"{d.code} {d.location.line}:{d.location.column}" for d in faults]
    assert report == expected
    assert expected


def test_a_source_is_read_whole(tmp_path):
    """Every key comes back, the year as a number, and the citation has all that finds it."""
    (tmp_path / "s.yaml").write_text(GOOD)
    found, faults = read_sources(tmp_path / "s.yaml")
    source = found["adamsen-2009"]
    assert faults == ()
    assert (source.year, source.doi, source.read, source.is_publication) == (
        2009, "10.1136/bmj.b3410", "The abstract.", True,
    )  # fmt: skip
    assert source.citation == "Adamsen L et al., 2009. A trial. BMJ 339:b3410. https://doi.org/10.1136/bmj.b3410"


@given(keys=st.sets(st.sampled_from(["authors", "year", "title", "journal", "doi", "read", "accessed"])))
def test_an_entry_is_good_exactly_when_it_can_be_found_and_says_what_was_read(tmp_path_factory, keys):
    """Title, what was read and when are needed, and one of authors, journal, DOI or address; nothing else is."""
    lines = [line for line in GOOD.splitlines()[1:] if line.split(":")[0].strip() in keys]
    path = tmp_path_factory.mktemp("s") / "s.yaml"
    path.write_text("a:\n" + "\n".join(lines) + ("\n" if lines else "  {}\n"))
    _, faults = read_sources(path)
    good = {"title", "read", "accessed"} <= keys and bool(keys & {"authors", "journal", "doi"})
    assert (faults == ()) is good


def test_the_shipped_bibliography_has_no_fault_and_no_name_points_past_it():
    """What fields, protocols, modules and training name as a source is in the bibliography."""
    assert [str(d) for d in check_sources() if d.severity == "error"] == []
    assert set(references(library_root())) <= set(load_sources())


@pytest.mark.parametrize("protocol_id", [summary.id for summary in list_protocols()])
def test_every_rule_and_number_of_a_shipped_protocol_rests_on_a_source(protocol_id):
    """Nothing recalled is called verified."""
    protocol, known = load_protocol(protocol_id), load_sources()
    for part in (*protocol.rules, *protocol.parameters.values()):
        assert part.source in known, part
        assert known[part.source].is_publication or part.verified == "unverified", part


OWN = (
    "id: own\nversion: '1'\nstages: [session]\nparameters:\n"
    "  low: {value: 50, unit: 10^9/L, source: our-department, verified: unverified}\nrules:\n"
    "  - {id: a, when: platelets < low, then: {clearance: defer}, because: low}\n"
)


def test_a_protocol_of_ones_own_is_told_of_a_source_that_is_not_listed(tmp_path):
    """A department's own file may be used; the remark says what is missing, and where."""
    (tmp_path / "own.yaml").write_text(OWN)
    member, diagnostics = read_member(tmp_path / "own.yaml")
    assert member is not None
    assert [(d.code, d.severity, d.location.line) for d in diagnostics] == [("unknown-source", "warning", 5)]


def test_a_shipped_protocol_without_its_sources_cannot_be_used(tmp_path, monkeypatch):
    """An unknown source and a rule without one are errors in the library."""
    (tmp_path / "own.yaml").write_text(OWN)
    monkeypatch.setattr("exrx.protocol.read.library_root", lambda: tmp_path)
    member, diagnostics = read_member(tmp_path / "own.yaml")
    assert member is None
    assert [(d.code, d.severity) for d in diagnostics] == [("unknown-source", "error"), ("missing-source", "error")]


def test_a_source_that_nothing_rests_on_is_named(tmp_path, monkeypatch):
    """With its place; what code names, or a file under the library, is used."""
    (tmp_path / "sources.yaml").write_text(
        GOOD + GOOD.replace("adamsen-2009", "quist-2006").replace("10.1136", "10.1111")
    )
    (tmp_path / "own.yaml").write_text(OWN.replace("our-department", "adamsen-2009"))
    monkeypatch.setattr(sources, "library_root", lambda: tmp_path)
    (unused,) = check_sources()
    assert (unused.code, unused.severity, unused.location.line) == ("unused-source", "warning", 9)
    assert check_sources(also_used=["quist-2006"]) == ()
    (tmp_path / "own.yaml").write_text(OWN)
    assert [d.code for d in check_sources()] == ["unknown-source", "unused-source", "unused-source"]
