"""The decision: what the engine proposes for one patient, with every reason, limit, source and open question."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import field as attribute
from attrs import frozen

from exrx import __version__
from exrx.errors import Problem
from exrx.knowledge import Input
from exrx.patient import Patient
from exrx.protocol.local import LocalChange, loosening_notice
from exrx.rules.restriction import Clearance, Restriction, Track
from exrx.screening.record import record_of

SCHEMA = "exrx/decision/1"
NOTICE = {
    "da": "Et forslag til den fagperson, der træffer beslutningen.",
    "en": "A proposal to the professional who decides.",
}
EXAMPLE = {"da": "EKSEMPEL: ikke en rigtig patient. ", "en": "EXAMPLE: not a real patient. "}


@frozen
class ReasonValue:
    """A value that a reason rests on, beside the limit it was held against."""

    value: str
    unit: str
    date: str | None
    limit: str


@frozen
class Reason:
    """A rule that fires, or that may fire once the missing facts are known."""

    rule: str
    domain: str
    state: str
    clearance: Clearance
    because: dict[str, str]
    source: str
    verified: str
    values: dict[str, ReasonValue]
    restriction: Restriction
    limits: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The reason as JSON."""
        return {
            "rule": self.rule,
            "domain": self.domain,
            "state": self.state,
            "clearance": self.clearance.word,
            "because": self.because,
            "source": self.source,
            "verified": self.verified,
            "values": {
                name: {"value": v.value, "unit": v.unit, "date": v.date, "limit": v.limit}
                for name, v in self.values.items()
            },
        }


@frozen
class Would:
    """What the answer would be if a missing fact lay in one piece of its range."""

    condition: str
    clearance: Clearance
    track: Track
    possible: Any = None

    def to_dict(self) -> dict[str, str]:
        """The piece as JSON."""
        return {"if": self.condition, "clearance": self.clearance.word, "track": self.track.word}


@frozen
class Missing:
    """A fact that could change clearance or track, and who can answer it."""

    field: str
    who: str
    would: tuple[Would, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fact as JSON."""
        return {"field": self.field, "who": self.who, "would": [piece.to_dict() for piece in self.would]}


@frozen
class ProtocolUse:
    """A protocol that was asked, and whether it is made for this patient: yes, no or undecided."""

    id: str
    version: str
    sha256: str
    applies: str


@frozen
class Override:
    """A professional's departure from the proposal, recorded with its reason; it never changes a rule."""

    by: str
    reason: str
    date: str
    rule: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The override as JSON."""
        return {"by": self.by, "reason": self.reason, "date": self.date, "rule": self.rule}


@frozen
class Decision:
    """What is proposed for one patient at one stage on one day.

    `restriction` is W, the join of every rule that fires or may fire: unknown counts as the cautious value until it
    is asked. `definite_clearance` is what certainly holds, `worst_clearance` what may hold.
    """

    patient: str
    as_of: date
    stage: str
    protocols: tuple[ProtocolUse, ...]
    clearance: Clearance
    definite_clearance: Clearance
    worst_clearance: Clearance
    rule_out: tuple[str, ...]
    consult: tuple[str, ...]
    track: Track
    track_if_cleared: Track
    adapted: bool
    setting: str
    supervision: str
    format: str
    restriction: Restriction
    remeasure: tuple[str, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    inputs: dict[str, Input]
    unverified: tuple[str, ...]
    problems: tuple[Problem, ...]
    overrides: tuple[Override, ...] = ()
    assumptions: tuple[str, ...] = ()
    example: bool = False
    local_changes: tuple[LocalChange, ...] = ()
    dictionary_sha256: str = ""
    engine: str = f"exrx {__version__}"
    source: Patient | None = attribute(default=None, eq=False, repr=False)

    @property
    def may_train(self) -> bool:
        """True when nothing that may hold forbids training today."""
        return self.clearance <= Clearance.MODIFY

    @property
    def notice(self) -> dict[str, str]:
        """What every output says: a proposal, that an example is no patient, and which local changes loosen."""
        return {
            lang: (EXAMPLE[lang] if self.example else "") + " ".join(filter(None, (
                text, *self.assumptions, loosening_notice(self.local_changes, lang)
            )))
            for lang, text in NOTICE.items()
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The decision as the JSON object of schema `exrx/decision/1`."""
        parts = self.restriction
        again = parts.again
        return {
            "schema": SCHEMA,
            "engine": self.engine,
            "dictionary_sha256": self.dictionary_sha256,
            "patient": self.patient,
            "as_of": self.as_of.isoformat(),
            "stage": self.stage,
            "protocols": [
                {"id": use.id, "version": use.version, "sha256": use.sha256, "applies": use.applies}
                for use in self.protocols
            ],
            "clearance": self.clearance.word,
            "definite_clearance": self.definite_clearance.word,
            "worst_clearance": self.worst_clearance.word,
            "rule_out": list(self.rule_out),
            "consult": list(self.consult),
            "track": self.track.word,
            "track_if_cleared": self.track_if_cleared.word,
            "adapted": self.adapted,
            "setting": self.setting,
            "supervision": self.supervision,
            "format": self.format,
            "restriction": {
                "aerobic_max": parts.aerobic_max.word,
                "strength_max": parts.strength_max.word,
                "session_minutes_max": parts.session_minutes_max,
                "heart_rate_max": parts.heart_rate_max,
                "rpe_max": parts.rpe_max,
                "progression": parts.progression.word,
                "avoid": sorted(parts.avoid),
                "monitor": sorted(parts.monitor),
                "refer": sorted(parts.refer),
            },
            "again": {"after": sorted(again.after), "days": again.days} if again.after or again.days else None,
            "allowed_meanwhile": sorted(parts.allowed_meanwhile or ()),
            "remeasure": list(self.remeasure),
            "reasons": [reason.to_dict() for reason in self.reasons],
            "missing": [fact.to_dict() for fact in self.missing],
            "inputs": {name: _input(entry) for name, entry in self.inputs.items()},
            "unverified": list(self.unverified),
            "problems": [
                {"field": p.field, "given": _plain(p.given), "code": p.code, "message": p.message}
                for p in self.problems
            ],
            "overrides": [override.to_dict() for override in self.overrides],
            "local_changes": [change.to_dict() for change in self.local_changes],
            "notice": self.notice,
            "replay": self._record(),
        }

    def _record(self) -> dict[str, Any] | None:
        """What `exrx replay` needs to make this decision again."""
        if self.source is None:
            return None
        assumed = {"assumptions": list(self.assumptions)} if self.assumptions else {}
        return record_of(self.source) | assumed


def _input(entry: Input) -> dict[str, Any]:
    return {
        "given": _plain(entry.given),
        "value": entry.value,
        "unit": entry.unit,
        "date": entry.date,
        "origin": entry.origin,
        "state": entry.state,
    }


def _plain(given: Any) -> Any:
    if given is None or isinstance(given, (str, bool, int)):
        return given
    if isinstance(given, float):
        return given if given == given and abs(given) != float("inf") else str(given)
    if isinstance(given, dict):
        return {str(key): _plain(value) for key, value in given.items()}
    if isinstance(given, (list, tuple, set, frozenset)):
        return [_plain(value) for value in given]
    return str(given)
