"""Oversigt I as a state machine: from a few settled facts to the boxes that a person has passed and stands in.

    needs assessment -> need? -no-> usual advice -> again
                              -yes-> risk assessment -> close monitoring -> hospital
                                                     -> no special risk  -> municipality
    hospital, municipality -> measures before, goals -> content -> measures after -> again

The arrows are reconstructed from the order of the text (the drawing was lost). An unknown fact never passes a fork: the
person stands before it, and the step says what is missing. `walk` is asked once for one person and once for each
distinct combination of facts in a cohort, so both get the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import fields, frozen
from numpy.typing import NDArray

ANSWERS = ("no", "unknown", "yes")
CLEARANCES = ("may-train", "ask-first", "not-yet", "stop", "emergency")
TRIGGERS = ("complexity", "safety", "monitoring")
"""The two exceptions of section 4 (complex effort, special safety risk) and Oversigt I's close monitoring."""


@frozen
class Facts:
    """What the forks ask. Every fact is no, unknown or yes, except the clearance; unknown is the default."""

    deceased: str = "no"
    under_eighteen: str = "unknown"
    assessed: str = "no"
    """A needs assessment was made, or a physician has signed the need."""
    need: str = "unknown"
    complexity: str = "unknown"
    safety: str = "unknown"
    monitoring: str = "unknown"
    admitted: str = "unknown"
    clearance: str = "ask-first"
    before: str = "no"
    """Measures before and at least one goal are there."""
    planned: str = "no"
    """The plan has all its parts."""
    after: str = "no"


@frozen
class Step:
    """A box of Oversigt I, and why the person came to it or waits in it: a key of the wordings, with its facts."""

    node: str
    because: str
    facts: tuple[str, ...] = ()


OPTIONS = {fact.name: CLEARANCES if fact.name == "clearance" else ANSWERS for fact in fields(Facts)}


@lru_cache(maxsize=4096)
def walk(facts: Facts) -> tuple[Step, ...]:
    """The boxes passed, in order; the last one is where the person stands."""
    steps = [Step("needs-assessment", "begins")]
    if facts.deceased == "yes":
        return (Step("needs-assessment", "deceased"),)
    if facts.under_eighteen != "no":
        if facts.under_eighteen == "yes":
            return (*steps, Step("specialist", "under-eighteen"))
        return (Step("needs-assessment", "age-unknown", ("age",)),)
    if facts.assessed != "yes" and facts.need != "yes":
        return (Step("needs-assessment", "no-assessment"),)
    if facts.need == "unknown":
        return (*steps, Step("need", "need-unknown"))
    if facts.need == "no":
        return (*steps, Step("need", "no-need"), Step("usual-advice", "no-need"), Step("again", "again"))
    steps.append(Step("need", "has-need"))
    return (*steps, *_after_need(facts))


def _after_need(facts: Facts) -> tuple[Step, ...]:
    reasons = {name: getattr(facts, name) for name in (*TRIGGERS, "admitted")}
    triggers = tuple(name for name, answer in reasons.items() if answer == "yes")
    open_ = tuple(name for name, answer in reasons.items() if answer == "unknown")
    if triggers:
        placed = (Step("risk-assessment", "trigger", triggers), Step("close-monitoring", "follows"))
        if facts.clearance != "may-train":
            return (*placed, Step("hospital", facts.clearance))
        return (*placed, Step("hospital", "follows"), *_course(facts))
    if facts.clearance != "may-train":
        return (Step("risk-assessment", facts.clearance, open_),)
    if open_:
        return (Step("risk-assessment", "risk-unknown", open_),)
    return (Step("risk-assessment", "no-trigger"), Step("no-special-risk", "follows"), Step("municipality", "follows"),
            *_course(facts))  # fmt: skip


def _course(facts: Facts) -> tuple[Step, ...]:
    if facts.before != "yes":
        return (Step("pre-measurement", "no-before"),)
    if facts.planned != "yes":
        return (Step("pre-measurement", "done"), Step("content", "no-plan"))
    if facts.after != "yes":
        return (Step("pre-measurement", "done"), Step("content", "under-way"))
    return (Step("pre-measurement", "done"), Step("content", "done"), Step("post-measurement", "done"),
            Step("again", "again"))  # fmt: skip


@frozen(eq=False)
class Walks:
    """The walks of N people: `which` (N,) points into `paths`, the distinct ones."""

    which: NDArray[np.int64]
    paths: tuple[tuple[Step, ...], ...]

    def of(self, row: int) -> tuple[Step, ...]:
        """The walk of one person."""
        return self.paths[int(self.which[row])]

    def counts(self) -> dict[tuple[Step, ...], int]:
        """How many people have each walk."""
        numbers = np.bincount(self.which, minlength=len(self.paths)).tolist()
        return dict(zip(self.paths, numbers, strict=True))


def walk_many(facts: Mapping[str, Any]) -> Walks:
    """The walks of N people from columns of options' places, uint8 (N,), a fact each (see `OPTIONS`).

    A fact without a column has its default. Equal to `walk` of every row.

    Raises:
        KeyError: a column is no fact.
    """
    known = {fact.name: fact for fact in fields(Facts)}
    strange = [name for name in facts if name not in known]
    if strange:
        raise KeyError(strange[0])
    n = len(next(iter(facts.values())))
    code = np.zeros(n, np.int64)
    for name in facts:
        code = code * len(OPTIONS[name]) + np.asarray(facts[name], np.int64)
    codes, which = np.unique(code, return_inverse=True)
    places: dict[tuple[Step, ...], int] = {}
    found = [places.setdefault(walk(_facts(one, tuple(facts))), len(places)) for one in codes.tolist()]
    return Walks(np.array(found, np.int64)[which], tuple(places))


def _facts(code: int, names: Sequence[str]) -> Facts:
    found = {}
    for name in reversed(names):
        code, place = divmod(code, len(OPTIONS[name]))
        found[name] = OPTIONS[name][place]
    return Facts(**found)
