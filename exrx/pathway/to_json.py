"""A course as JSON, schema exrx/pathway/1; the decision it rests on stands in it whole."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import asdict

from exrx.pathway.state import Pathway

SCHEMA = "exrx/pathway/1"


def pathway_dict(found: Pathway) -> dict[str, Any]:
    """One person's course as plain JSON values; days are ISO texts."""
    return {
        "schema": SCHEMA,
        "patient": found.course.id,
        "as_of": found.as_of.isoformat(),
        "here": plain(found.here),
        "steps": plain(found.steps),
        "setting": found.setting,
        "facts": plain(found.facts),
        "need": plain(found.need),
        "due": plain(found.due),
        "requirements": plain(found.requirements),
        "tasks": plain(found.tasks),
        "referral": plain(found.referral),
        "level": found.level,
        "authority": plain(found.authority),
        "clocks": plain(found.clocks),
        "weekly_load": plain(found.load),
        "psychosocial": plain(found.psychosocial),
        "work": plain(found.work),
        "everyday": list(found.everyday),
        "supports": plain(found.supports),
        "late_effects": plain(found.late_effects),
        "palliation": plain(found.palliation),
        "goals": plain(found.course.goals),
        "problems": [
            {"field": problem.field, "code": problem.code, "message": problem.message} for problem in found.problems
        ],
        "notice": found.decision.notice,
        "decision": found.decision.to_dict(),
    }


def plain(value: Any) -> Any:
    """Attrs classes, tuples and days as dicts, lists and texts."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__attrs_attrs__"):
        return {key: plain(item) for key, item in asdict(value, recurse=False).items()}
    return value
