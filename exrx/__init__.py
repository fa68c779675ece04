"""exrx: exercise prescription and safety screening for people with cancer.

    load_protocol -> Patient.from_dict -> screen -> prescribe          one patient
    load_protocol -> Cohort.from_arrow -> screen_cohort -> prescribe_cohort     a hospital

Importing exrx loads nothing else; each public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Clearance": "exrx.rules.restriction",
    "Cohort": "exrx.cohort",
    "CohortPlans": "exrx.training.cohort",
    "Comparison": "exrx.study.comparison",
    "Decision": "exrx.screening",
    "Decisions": "exrx.screening",
    "Details": "exrx.training",
    "Explanation": "exrx.screening.advice",
    "ExrxError": "exrx.errors",
    "Frame": "exrx.training",
    "Patient": "exrx.patient",
    "Plan": "exrx.training",
    "Protocol": "exrx.protocol",
    "Restriction": "exrx.rules.restriction",
    "Track": "exrx.rules.restriction",
    "compare": "exrx.study.comparison",
    "explain": "exrx.screening.advice",
    "load_protocol": "exrx.protocol",
    "prescribe": "exrx.training",
    "prescribe_cohort": "exrx.training.cohort",
    "screen": "exrx.screening",
    "screen_cohort": "exrx.screening",
}

if TYPE_CHECKING:
    from exrx.cohort import Cohort
    from exrx.errors import ExrxError
    from exrx.patient import Patient
    from exrx.protocol import Protocol, load_protocol
    from exrx.rules.restriction import Clearance, Restriction, Track
    from exrx.screening import Decision, Decisions, screen, screen_cohort
    from exrx.screening.advice import Explanation, explain
    from exrx.study.comparison import Comparison, compare
    from exrx.training import Details, Frame, Plan, prescribe
    from exrx.training.cohort import CohortPlans, prescribe_cohort

__all__ = [
    "Clearance",
    "Cohort",
    "CohortPlans",
    "Comparison",
    "Decision",
    "Decisions",
    "Details",
    "Explanation",
    "ExrxError",
    "Frame",
    "Patient",
    "Plan",
    "Protocol",
    "Restriction",
    "Track",
    "compare",
    "explain",
    "load_protocol",
    "prescribe",
    "prescribe_cohort",
    "screen",
    "screen_cohort",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'exrx' has no attribute '{name}'")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
