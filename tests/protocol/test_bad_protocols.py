"""Wrong protocols: one file a mistake, with the exact report that an author gets."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from exrx.errors import ProtocolError
from exrx.protocol import load_protocol
from exrx.protocol.read import read_member

BAD = sorted((Path(__file__).parents[1] / "bad_protocols").glob("*.yaml"))


def expected_report(path: Path) -> list[str]:
    return re.findall(r"^# expect: (\S+ \d+:\d+)$", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_protocol_gets_its_exact_report(path):
    """Code, line and column are those written at the end of the file, and nothing else is reported."""
    member, diagnostics = read_member(path)
    report = [f"{d.code} {d.location.line}:{d.location.column}" for d in diagnostics if d.severity == "error"]
    assert report == expected_report(path)
    assert report
    assert member is None


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_protocol_is_never_loaded(path):
    """Loading raises one error that carries every diagnostic, names the file and can be pickled."""
    with pytest.raises(ProtocolError) as raised:
        load_protocol(path)
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.diagnostics == raised.value.diagnostics != ()
    assert path.name in str(raised.value)


def test_every_fault_of_a_file_is_reported_at_once(tmp_path):
    """Two mistakes in two rules are two diagnostics, in the file's order."""
    path = tmp_path / "two.yaml"
    path.write_text(
        "id: two\nversion: '1'\nrules:\n"
        "  - {id: a, when: platlets < 5, then: {clearance: defer}, because: x}\n"
        "  - {id: b, when: haemoglobin < 8, then: {clearance: sometimes}, because: y}\n"
    )
    _, diagnostics = read_member(path)
    assert [d.code for d in diagnostics if d.severity == "error"] == ["unknown-field", "needs-unit", "unknown-word"]


def test_a_protocol_that_does_not_exist_names_the_nearest():
    """A misspelt id is answered with the protocol that was probably meant."""
    with pytest.raises(ProtocolError, match=r"did you mean 'dk-2015'"):
        load_protocol("dk2015")
