"""What people add to a plan: read as given, refused with the key named, and what makes a plan final."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exrx.errors import PlanError
from exrx.training.details import Details, Goal, TestedLoad

FULL: dict[str, Any] = {
    "goals": [{"text": "gå til havnen", "type": "function"}, "sove bedre"],
    "responsible": "Fysioterapeut, Genoptræningscentret",
    "purpose": "bevare gangfunktion",
    "evaluation": "2027-01-04",
    "informed": ["egen læge"],
    "phones": [{"urgency": "emergency", "name": "Alarmcentralen", "number": "112"}],
    "tested_loads": {"leg-press": {"kilograms": 60, "repetitions": 8, "date": "2026-11-20"}},
}


def test_details_survive_being_written_and_read() -> None:
    """What `to_dict` writes, `of` reads."""
    details = Details.of(FULL)
    assert Details.of(details.to_dict()) == details
    assert details.goals == (Goal("gå til havnen"), Goal("sove bedre"))
    assert details.tested_loads["leg-press"] == TestedLoad("leg-press", 60.0, 8, date(2026, 11, 20))


def test_a_final_plan_needs_goals_a_responsible_person_purpose_evaluation_and_who_is_informed() -> None:
    """Each of the five is named while it is missing, in both languages."""
    assert Details.of(FULL).missing() == ()
    for name in ("goals", "responsible", "purpose", "evaluation", "informed"):
        without = {key: value for key, value in FULL.items() if key != name}
        assert [set(words) for words in Details.of(without).missing()] == [{"da", "en"}]
    assert len(Details().missing()) == 5


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"goal": "x"}, "did you mean 'goals'"),
        ({"goals": [{"text": "x", "type": "fame"}]}, "'fame' is no type of goal"),
        ({"evaluation": "2027-02-30"}, "evaluation: '2027-02-30' is not a date that exists"),
        ({"phones": [{"urgency": "soon", "name": "x", "number": "1"}]}, "urgency is one of"),
        ({"tested_loads": {"leg-pres": {"kilograms": 60, "repetitions": 8}}}, "did you mean 'leg-press'"),
        ({"tested_loads": {"leg-press": {"kilograms": 60, "repetitions": 30}}}, "not from 30; test again"),
        ({"tested_loads": {"leg-press": {"kilograms": -1, "repetitions": 8}}}, "above 0"),
        ({"tested_loads": {"leg-press": {"kilograms": "sixty", "repetitions": 8}}}, "must be a number, not 'sixty'"),
        ({"informed": 7.5}, "informed must be a list"),
        ([], "must be a block"),
    ],
)
def test_wrong_details_are_refused_with_what_to_do(given: Any, named: str) -> None:
    """The key, what is wrong with it, and what to write instead."""
    with pytest.raises(PlanError, match=named):
        Details.of(given or ["x"])
