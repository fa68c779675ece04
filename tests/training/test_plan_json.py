"""A plan survives being written and read again, and what is no plan is refused with the part named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_training_plan import LUMBAR, decided, planned

from exrx.errors import PlanError
from exrx.rules.restriction import Restriction
from exrx.training import Plan


@pytest.mark.parametrize("restriction", [Restriction.none(), LUMBAR])
def test_a_plan_read_back_is_the_same_plan(restriction: Restriction) -> None:
    """Through JSON text and back nothing is lost or changed."""
    plan = planned(decided(restriction))
    again = Plan.from_dict(json.loads(json.dumps(plan.to_dict(), ensure_ascii=False)))
    assert again == plan
    assert again.to_dict() == plan.to_dict()
    assert again.to_csv("da") == plan.to_csv("da")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"schema": "exrx/plan/9"}, "schema"),
        ({"weeks": 7}, "not iterable"),
        ({"start": "2026-02-30"}, "day is out of range"),
        ({"decision": {}}, "clearance|as_of"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_part(broken: dict[str, Any], named: str) -> None:
    """A wrong schema, a wrong shape, an impossible date, a missing part."""
    with pytest.raises(PlanError, match=named):
        Plan.from_dict(planned().to_dict() | broken)


@pytest.mark.parametrize("given", [None, [], "plan", {}])
def test_something_else_is_no_plan(given: object) -> None:
    """Whatever is given, the answer is one sentence."""
    with pytest.raises(PlanError, match="this is no plan"):
        Plan.from_dict(given)
