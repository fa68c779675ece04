"""Every shipped protocol is usable and answers all its cases as it must."""

from __future__ import annotations

import pytest

from exrx.protocol.check import check_protocol
from exrx.protocol.library import list_protocols, load_protocol
from exrx.screening.cases import Case, CaseResult, read_cases, run_case

IDS = [summary.id for summary in list_protocols()]
RESULTS: dict[tuple[str, str, str], CaseResult] = {}


def result_of(case: Case) -> CaseResult:
    """A case's result; the cases of a module lie beside every protocol that includes it, and are run once."""
    key = (str(case.place), case.name, case.protocol)
    if key not in RESULTS:
        RESULTS[key] = run_case(case)
    return RESULTS[key]


@pytest.mark.parametrize("protocol_id", IDS)
def test_a_shipped_protocol_has_no_faults(protocol_id):
    """Nothing is reported as an error, and every source it names is in the bibliography."""
    diagnostics = check_protocol(protocol_id)
    assert [str(d) for d in diagnostics if d.severity == "error" or d.code == "unknown-source"] == []


@pytest.mark.parametrize("protocol_id", IDS)
def test_a_shipped_protocol_answers_its_cases(protocol_id):
    """Each case in cases.yaml and in the modules' cases comes out as written."""
    cases = read_cases(protocol_id)
    assert cases
    results = [result_of(case) for case in cases]
    assert [(str(result.place), result.name, result.faults) for result in results if not result.passed] == []


@pytest.mark.parametrize("protocol_id", IDS)
def test_every_rule_speaks_danish_and_english_and_names_its_source(protocol_id):
    """A reason that a reader cannot read, or cannot trace, is no reason."""
    for rule in load_protocol(protocol_id).rules:
        assert set(rule.because) == {"da", "en"}, rule.id
        assert all(rule.because.values()), rule.id
        assert rule.source, rule.id
