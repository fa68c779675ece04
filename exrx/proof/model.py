"""What a proof says, and the patients that show why one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from exrx.errors import Location
from exrx.proof.marks import Mark

Patients = tuple[dict[str, Any], ...]
"""One patient, or two to be compared, as patient JSON."""
Shows = Callable[[Patients], bool]
"""Whether the engine, asked about these patients, shows what the proof says."""


@frozen
class Counterexample:
    """Patients that `exrx screen` accepts and that show a failure.

    `labels` name them. `replayed` is False when the engine, asked about them, did not show the failure: then the
    proof's formulas and the engine disagree, which is a fault of exrx and not of the protocol.
    """

    labels: tuple[dict[str, str], ...]
    patients: Patients
    changed: tuple[str, ...]
    stage: str
    as_of: str
    replayed: bool


@frozen
class Proof:
    """One statement about every patient, and whether it holds.

    `name` is the property (see docs/proofs.md), `of` the rule, field or law it is about, `declared` the reason of an
    exception that the protocol makes; `why` says in Danish and English what fails.
    """

    name: str
    protocol: str
    stage: str
    of: str
    holds: bool
    why: dict[str, str] = field(factory=dict)
    where: Location | None = None
    counterexample: Counterexample | None = None
    declared: str = ""
    marks: tuple[Mark, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The proof as JSON."""
        found = self.counterexample
        return {
            "proof": self.name,
            "protocol": self.protocol,
            "stage": self.stage,
            "of": self.of,
            "holds": self.holds,
            "declared": self.declared,
            "why": self.why,
            "where": str(self.where) if self.where else None,
            "counterexample": None
            if found is None
            else {
                "stage": found.stage,
                "as_of": found.as_of,
                "replayed": found.replayed,
                "changed": list(found.changed),
                "patients": list(found.patients),
                "labels": list(found.labels),
            },
        }
