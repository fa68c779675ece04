"""Rehabilitation together with palliation (KRP): no phase excludes, and each side can ask for the other.

Indicators ask for a palliative needs assessment and say nothing of how long somebody lives. They were read second-hand
and are for professionals who know the illness. There is no agreed time for coordination, so no rule here has one.
"""

from __future__ import annotations

from attrs import frozen

from exrx.fields import Members, Span, load_dictionary
from exrx.knowledge import Knowledge
from exrx.pathway.record import Course
from exrx.pathway.vocabulary import load_vocabulary

ADVANCED = ("early", "late", "terminal")
CONSIDER, NOT_NOW, ASK = "consider", "not-now", "ask"


@frozen
class Palliation:
    """What the two sides may ask of each other.

    needs_assessment: consider | ask (nothing was asked) | not-now. `phases` are the phases that are possible.
    `excludes` is always False: it stands in the output so that nobody has to ask.
    """

    condition: str
    phases: tuple[str, ...]
    indicators: tuple[str, ...]
    not_asked: tuple[str, ...]
    needs_assessment: str
    refer_to_palliation: str
    refer_to_rehabilitation: str
    evidence: str
    evaluate_earlier: bool
    dimensions: tuple[tuple[str, str], ...]
    excludes: bool = False


def palliation(course: Course, known: Knowledge, need: str) -> Palliation:
    """Both directions, in any phase and whatever the aim of treatment; `need` is the need for rehabilitation."""
    phases = _phases(known)
    keys = load_vocabulary().keys("palliative_indicators")
    there = tuple(key for key in keys if course.answers.get(key) == "yes")
    not_asked = tuple(key for key in keys if course.answers.get(key, "unknown") == "unknown")
    advanced = bool(phases) and all(phase in ADVANCED for phase in phases)
    considers = bool(there) or advanced
    assessment = CONSIDER if considers else ASK if not_asked else NOT_NOW
    dimensions = tuple((key, course.checklist.get(key, "")) for key in load_vocabulary().keys("krp_dimensions"))
    return Palliation(
        course.condition, phases, there, not_asked, assessment, "yes" if considers else "no",
        need, "low" if advanced else "as-stated", advanced, dimensions,
    )  # fmt: skip


def _phases(known: Knowledge) -> tuple[str, ...]:
    """The palliative phases that are possible for what is known."""
    entry, state = load_dictionary().fields["palliative_phase"], known.state["palliative_phase"]
    assert not isinstance(state, Members)
    if isinstance(state, Span):
        return tuple(option for place, option in enumerate(entry.options) if state.low <= place <= state.high)
    return tuple(option for place, option in enumerate(entry.options) if state >> place & 1)
