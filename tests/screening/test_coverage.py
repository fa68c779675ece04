"""What the cases beside a protocol check: seen is not checked, and a limit wants a value on each side of its edge."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main
from exrx.protocol.library import list_protocols
from exrx.screening.cases import run_cases
from exrx.screening.coverage import cover

IDS = [summary.id for summary in list_protocols()]


def protocol_with(tmp_path, when, cases, then="{clearance: defer}"):
    """A protocol of one rule `r` and its cases, each given as (patient, expect)."""
    (tmp_path / "protocol.yaml").write_text(
        "id: own\nversion: '1'\nstages: [session]\nrules:\n"
        f"  - {{id: r, when: '{when}', then: {then}, because: low, source: adamsen-2009}}\n"
    )
    listed = "".join(
        f"  - {{name: case {number}, stage: session, as_of: 2026-11-23, from: blank, patient: {patient},"
        f" expect: {expect}}}\n"
        for number, (patient, expect) in enumerate(cases)
    )
    (tmp_path / "cases.yaml").write_text(f"cases:\n{listed}")
    return tmp_path


def codes(folder):
    return [lack.code for lack in cover(folder).lacking]


PLATELETS = {
    "fires": ("{platelets: 20}", "{fires: r}"),
    "beside": ("{platelets: 49.95}", "{fires: r}"),
    "on": ("{platelets: 50}", "{silent: r}"),
    "unknown": ("{platelets: null}", "{undecided: r}"),
}


def test_four_cases_are_all_that_a_rule_with_one_limit_wants(tmp_path):
    """Fires, silent on the limit, fires just beside it, undecided: nothing is lacking."""
    assert codes(protocol_with(tmp_path, "platelets < 50", PLATELETS.values())) == []


@pytest.mark.parametrize(
    ("left_out", "lacking"),
    [
        ("on", ["no-case-silent", "no-case-on-limit"]),
        ("beside", ["no-case-beside-limit"]),
        ("unknown", ["no-case-unknown"]),
        ("fires", []),
    ],
)
def test_each_case_that_is_left_out_is_named(tmp_path, left_out, lacking):
    """What is lacking follows from the case that is gone; firing just beside the limit is firing."""
    kept = [case for name, case in PLATELETS.items() if name != left_out]
    assert codes(protocol_with(tmp_path, "platelets < 50", kept)) == lacking


def test_a_case_that_says_nothing_of_the_rule_sees_and_does_not_check(tmp_path):
    """An expectation that would hold with any answer checks none; the hint names the case to complete."""
    folder = protocol_with(tmp_path, "platelets < 50", [("{platelets: 20}", "{no_refer: dietitian}")])
    (rule,) = cover(folder).rules
    assert rule.answers[2].cases == ("case 0",)
    assert rule.answers[2].checked == ()
    lack = next(lack for lack in rule.lacking() if lack.code == "no-case-fires")
    assert lack.suggestion.startswith('"case 0" shows it')


@pytest.mark.parametrize(
    ("then", "expect", "checked"),
    [
        ("{clearance: defer}", "{clearance: defer}", True),
        ("{clearance: defer}", "{clearance_not: clear}", False),
        ("{clearance: modify, avoid: [impact]}", "{clearance: modify}", False),
        ("{clearance: modify, avoid: [impact]}", "{definite: modify}", True),
    ],
)
def test_a_rule_is_checked_without_its_name_when_the_decision_would_be_another(tmp_path, then, expect, checked):
    """A clearance pins a rule's answer exactly when every other answer would change what the case expects."""
    folder = protocol_with(tmp_path, "platelets < 50", [("{platelets: 20}", expect)], then)
    (rule,) = cover(folder).rules
    assert bool(rule.answers[2].checked) is checked


def test_a_value_on_the_limit_counts_only_where_the_limit_decides(tmp_path):
    """With the other half of an 'and' false, the rule is silent whatever the count, and no limit was seen."""
    masked = [("{on_chemotherapy: no, platelets: 50}", "{silent: r}")]
    folder = protocol_with(tmp_path, "on_chemotherapy and platelets < 50", masked)
    edges = cover(folder).rules[0].limits[0].edges
    assert [edge.seen.cases for edge in edges] == [(), ()]


def test_a_case_that_does_not_hold_counts_for_nothing(tmp_path):
    """It is named instead."""
    found = cover(protocol_with(tmp_path, "platelets < 50", [("{platelets: 20}", "{silent: r}")]))
    assert found.failed == ("case 0",)
    assert all(seen.cases == () for seen in found.rules[0].answers.values())


STEPS = [("platelets", "50", "49.95", "50.05"), ("age", "18", "17.5", "18.5"), ("ecog", "2", "1", "3"),
         ("last_surgery", "28", "2026-10-27", "2026-10-25")]  # fmt: skip


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize(("field", "limit", "below", "above"), STEPS, ids=[step[0] for step in STEPS])
def test_checked_limits_are_those_whose_slips_fail_a_case(tmp_path, operator, field, limit, below, above):
    """With both edges checked, a limit counted to the other side or moved by one step breaks a case; each edge needed.

    `below` and `above` are the values one step from the limit; of a surgery the later day is the smaller time.
    """
    on = "2026-10-26" if field == "last_surgery" else limit
    unit = " d" if field == "last_surgery" else ""
    polarity = "polarity: {%s: any way is meant here}" % field  # noqa: UP031
    holds = {"<": (1, 0, 0), "<=": (1, 1, 0), ">": (0, 0, 1), ">=": (0, 1, 1)}[operator]
    cases = [
        (f"{{{field}: {value}}}", "{fires: r}" if fires else "{silent: r}")
        for value, fires in zip((below, on, above), holds, strict=True)
    ]

    def write(sign, bound):
        folder = protocol_with(tmp_path, f"{field} {sign} {bound}{unit}", cases, "{clearance: defer}, " + polarity)
        return [result.passed for result in run_cases(folder)]

    assert all(write(operator, limit))
    edges = cover(tmp_path).rules[0].limits[0].edges
    assert [len(edge.seen.checked) for edge in edges] == [1, 1]
    flipped = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[operator]
    assert not all(write(flipped, limit))
    less, more = ("27", "29") if field == "last_surgery" else (below, above)
    assert not all(write(operator, less if operator in ("<", ">=") else more))


def test_a_limit_between_two_days_wants_the_day_on_each_side(tmp_path):
    """Three months are 91.3 days: day 91 and day 92, and no day lies on the limit."""
    cases = [("{last_myocardial_infarction: 2026-08-24}", "{fires: r}"),
             ("{last_myocardial_infarction: 2026-08-23}", "{silent: r}")]  # fmt: skip
    folder = protocol_with(tmp_path, "last_myocardial_infarction <= 3 months", cases)
    edges = cover(folder).rules[0].limits[0].edges
    assert [(edge.position, edge.seen.checked) for edge in edges] == [
        ("just below", ("case 0",)),
        ("just above", ("case 1",)),
    ]


def test_an_edge_that_no_rule_could_be_written_for_is_not_asked(tmp_path):
    """`ecog > 0` counted to the other side would hold for everyone, which check refuses: no case is wanted on it."""
    folder = protocol_with(tmp_path, "ecog > 0", [("{ecog: 1}", "{fires: r}")])
    assert [edge.position for edge in cover(folder).rules[0].limits[0].edges] == ["just above"]


def test_the_command_prints_what_is_lacking_with_its_place(tmp_path, capsys):
    """File, line, column, code and what to add; exit 1."""
    folder = protocol_with(tmp_path, "platelets < 50", [PLATELETS["on"]])
    assert main(["protocol", "test", str(folder), "--coverage"]) == 1
    out = capsys.readouterr().out
    assert "protocol.yaml:5:19: warning no-case-beside-limit: r: 'platelets < 50'" in out
    assert "platelets 49.95 10^9/L, just below the limit" in out
    assert "own: 1 case, 0 of 1 rule have all theirs, 3 lacking" in out


def test_the_command_gives_every_case_as_json(tmp_path, capsys):
    """Which case sees and checks what; nothing lacking is exit 0."""
    folder = protocol_with(tmp_path, "platelets < 50", PLATELETS.values())
    assert main(["protocol", "test", str(folder), "--coverage", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    (rule,) = found["rules"]
    assert rule["answers"]["fires"] == {"seen": ["case 0", "case 1"], "checked": ["case 0", "case 1"]}
    assert [edge["position"] for edge in rule["limits"][0]["edges"]] == ["on", "just below"]
    assert found["lacking"] == []


def test_json_without_coverage_is_refused(capsys):
    """It says what to add."""
    assert main(["protocol", "test", "dk-2015", "--format", "json"]) == 2
    assert "--coverage" in capsys.readouterr().err


@pytest.mark.parametrize("protocol_id", IDS)
def test_every_rule_of_a_shipped_protocol_has_its_four_cases(protocol_id):
    """Fires, does not fire, on its limits and beside them, unknown: each checked by a case."""
    assert [str(lack) for lack in cover(protocol_id).lacking] == []
