"""One patient on the morning list. Reads the decision's JSON form, so that a stored decision lists as the fresh one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from exrx.rules.restriction import Clearance
from exrx.worklist.change import Change

WORDS = ("go", "adapt", "first", "no")
"""The four words: go; adapt; get this first; not today."""
_CLEARANCES = Clearance.words()
_EXAMPLE = "EXAMPLE"


@frozen
class Session:
    """A session that a patient is expected at. `time` is `HH:MM` where it could be read, else as it was given."""

    id: str
    team: str = ""
    time: str = ""
    room: str = ""


@frozen
class Row:
    """A patient on the list.

    `session` is None for a patient with data who is expected nowhere. `no_data` is true where nothing but the session
    is known, `shared` where several patients of the input have this id; neither is ever a go. `change` is None where
    there is no earlier run to compare with.
    """

    decision: Mapping[str, Any]
    session: Session | None = None
    no_data: bool = False
    shared: bool = False
    change: Change | None = None

    @property
    def patient(self) -> str:
        """The pseudonym."""
        return str(self.decision["patient"])

    @property
    def word(self) -> str:
        """One of `WORDS`."""
        word = word_of(self.decision)
        return "first" if (self.no_data or self.shared) and word in ("go", "adapt") else word

    @property
    def urgent(self) -> str:
        """`emergency` now, `rule-out` where an emergency has to be ruled out first, else empty."""
        if is_deceased(self.decision):
            return ""
        if self.decision["clearance"] == "emergency":
            return "emergency"
        return "rule-out" if self.decision["rule_out"] else ""


def word_of(decision: Mapping[str, Any]) -> str:
    """The word for a decision at the session stage.

    A definite `consult` is *get this first*, as `assess` is: a physician's answer is what has to be got.
    """
    clearance = decision["clearance"]
    if is_deceased(decision) or clearance in ("defer", "stop", "emergency"):
        return "no"
    if clearance in ("assess", "consult"):
        return "first"
    return "adapt" if clearance == "modify" or decision["adapted"] else "go"


def urgency(decision: Mapping[str, Any]) -> tuple[bool, bool, bool, int, int]:
    """A sort key, the most urgent first: emergencies, rule-outs, then what may hold, then what is answered.

    The deceased stand last: there is nothing to do in a hurry.
    """
    worst, clearance = (_CLEARANCES.index(decision[name]) for name in ("worst_clearance", "clearance"))
    emergency = decision["clearance"] == "emergency"
    return is_deceased(decision), not emergency, not decision["rule_out"], -worst, -clearance


def is_example(decision: Mapping[str, Any]) -> bool:
    """True when the patient was made up for show; the decision's notice says so."""
    notice = decision["notice"]
    return _EXAMPLE in (notice["en"] if isinstance(notice, Mapping) else str(notice))


def is_deceased(decision: Mapping[str, Any]) -> bool:
    """True when a record says so; then there is nothing to ask, to measure or to plan."""
    return bool(decision["inputs"].get("deceased", {}).get("value") == "yes")
