"""Courses for tests: somebody well in every respect, an assessment in which everything was asked, a whole plan."""

from __future__ import annotations

from datetime import date

from exrx.pathway.read import read_course
from exrx.pathway.state import pathway
from exrx.pathway.vocabulary import load_vocabulary

AS_OF = date(2026, 11, 23)
DOMAINS = load_vocabulary().keys("domains")
WELL = {
    "age": 55, "sex": "female", "cancer_type": "breast", "gp_clearance": "cleared", "treating_clearance": "cleared",
    "functional_loss": 0, "complex_needs": "no", "close_monitoring_needed": "no",
    "forms": [{"form": "enrolment", "date": "2026-11-23", "role": "physiotherapist", "yes": []}],
}  # fmt: skip
GOP = {"type": "gop", "sender": "hospital", "level": "almen-basal"}
PLAN = {
    "content": "group class", "contents": {"physical-training": "planned"}, "responsible": "physiotherapist",
    "purpose": "stairs", "evaluation": "2027-02-01", "coordination": "GP and hospital told", "coordinator": "gp",
    "informed": [{"who": who, "date": "2026-11-20"} for who in ("hospital", "gp", "municipality")],
    "discussed": "2026-11-20",
}  # fmt: skip


def asked(**changes):
    """An assessment in which every domain was asked, with no problem but those named."""
    domains = {key: {"problem": "no"} for key in DOMAINS}
    return {"date": "2026-11-20", "tool": "hovedstaden", "trigger": "diagnosis", "domains": domains | changes}


def course(**parts):
    return read_course({"id": "p", "patient": WELL, **parts})


def the_pathway(as_of=AS_OF, **parts):
    return pathway(course(**parts), as_of=as_of)
