"""A plan: dated weeks of sessions, what was changed and why, which targets are met when.

The plan only holds what the prescriber made; it decides nothing. `plan_json` and `plan_rows` write it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import field, frozen

from exrx.rules.restriction import Clearance, Track
from exrx.training.details import Details
from exrx.training.plan_json import SCHEMA, parts_of, plan_parts
from exrx.training.plan_parts import Change, Confirmation, Fact, PlanPhase, PlanWeek, Reach, TreatmentNote
from exrx.training.plan_rows import part_rows_csv, week_headings, week_row
from exrx.training.targets import Words

STATUSES = ("draft", "proposal", "final")


@frozen
class Plan:
    """A training plan for one patient: a proposal to the professional who decides.

    `reaches[0]` and each week's `checks[0]` are about the chosen target, the others about those that the
    template is always checked against. `protocols` and `dictionary_sha256` are the decision's. `notes`
    say what was not known. `steering` says what the effort is steered by, and why.
    """

    patient: str
    training: str
    training_version: str
    training_sha256: str
    target: str
    start: date
    weeks: tuple[PlanWeek, ...]
    clearance: Clearance
    track: Track
    format: str
    as_of: date
    stage: str
    protocols: tuple[dict[str, str], ...]
    dictionary_sha256: str
    engine: str
    draft: bool
    example: bool
    changes: tuple[Change, ...]
    reaches: tuple[Reach, ...]
    avoid: tuple[str, ...]
    monitor: tuple[str, ...]
    notes: tuple[Words, ...]
    unverified: tuple[str, ...]
    notice: Words
    phase: PlanPhase | None = field(default=None, kw_only=True)
    steering: tuple[Words, ...] = field(default=(), kw_only=True)
    details: Details = field(factory=Details, kw_only=True)
    facts: tuple[Fact, ...] = field(default=(), kw_only=True)
    confirmations: tuple[Confirmation, ...] = field(default=(), kw_only=True)
    treatment: TreatmentNote | None = field(default=None, kw_only=True)
    heart_rate_max: int | None = field(default=None, kw_only=True)
    borg_max: int | None = field(default=None, kw_only=True)

    @property
    def status(self) -> str:
        """`draft`: not to be used. `proposal`: cleared, but something of `incomplete` is missing. `final`: neither."""
        return "draft" if self.draft else "proposal" if self.incomplete else "final"

    @property
    def incomplete(self) -> tuple[Words, ...]:
        """What the plan needs before it is final, in both languages."""
        return self.details.missing()

    def to_dict(self) -> dict[str, Any]:
        """The plan as the JSON object of schema `exrx/plan/1`."""
        return {
            "schema": SCHEMA,
            "engine": self.engine,
            "notice": dict(self.notice),
            "status": self.status,
            "draft": self.draft,
            "example": self.example,
            "patient": self.patient,
            "training": {
                "id": self.training,
                "version": self.training_version,
                "sha256": self.training_sha256,
            },
            "target": self.target,
            "start": self.start.isoformat(),
            "decision": {
                "as_of": self.as_of.isoformat(),
                "stage": self.stage,
                "clearance": self.clearance.word,
                "track": self.track.word,
                "format": self.format,
                "protocols": [dict(use) for use in self.protocols],
                "dictionary_sha256": self.dictionary_sha256,
            },
            "incomplete": [dict(words) for words in self.incomplete],
            **parts_of(self),
        }

    @classmethod
    def from_dict(cls, plain: Any) -> Plan:
        """The plan that `to_dict` gave.

        Raises:
            PlanError: it is no plan of this schema; the message names the part.
        """
        return cls(**plan_parts(plain))

    def to_csv(self, lang: str = "en") -> str:
        """The plan as CSV with the heading `CSV_COLUMNS`, one row a session part, words in `lang`.

        Every row says that it is a proposal (or a draft, or an example). A cell that a spreadsheet would
        read as a formula is prefixed with an apostrophe.
        """
        return part_rows_csv(self.weeks, (self.notice[lang], self.patient), self.format, lang)

    def headings(self, lang: str = "en") -> tuple[str, ...]:
        """The headings of `rows`; the third names the form of the led sessions, group or individual."""
        return week_headings(self.format, lang)

    def rows(self, lang: str = "en") -> tuple[tuple[str, ...], ...]:
        """One row a week for a terminal table (under 80 columns): sessions, strength, minutes a week, target met."""
        return tuple(week_row(week, lang) for week in self.weeks)
