"""Protocols as records: what a checked protocol file holds. Nothing here reads files."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from attrs import define, field, frozen

from exrx.errors import Diagnostic, Location
from exrx.fields import Validity
from exrx.protocol.local import LocalChange
from exrx.rules.nodes import Compare, Condition, atoms
from exrx.rules.restriction import Restriction

VERIFIED = ("primary", "secondary", "unverified")
PARAMETER_KEYS = ("value", "unit", "source", "verified", "since", "note")
BY_RULE, BY_FIELD = ("swallowed", "tiers"), ("monotone", "time")
EXCEPTIONS = (*BY_RULE, *BY_FIELD)
"""The proofs from which a protocol may except a rule, or a field."""


@frozen
class Parameter:
    """A named number of a protocol with its unit, source, date and how far it was verified."""

    name: str
    value: str
    unit: str
    source: str
    verified: str
    since: str
    note: str
    location: Location = field(eq=False)

    @property
    def text(self) -> str:
        """The limit as it is written: `50 10^9/L`."""
        return f"{self.value} {self.unit}".strip()


@frozen
class Confirm:
    """A rule that waits for a second reading: how many readings, and how many minutes apart."""

    readings: int
    minutes: int


@define(eq=False, slots=False)
class Rule:
    """A condition, a restriction, a reason and a source; compared by identity."""

    id: str
    domain: str
    stages: tuple[str, ...]
    when: Condition
    then: Restriction
    because: dict[str, str]
    source: str
    verified: str
    location: Location
    parameters: tuple[str, ...] = ()
    confirm: Confirm | None = None
    polarity: dict[str, str] = field(factory=dict)
    note: str = ""
    condition_text: str = ""
    for_everyone: bool = False

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that the rule reads, each once, in the order they are written."""
        return tuple(dict.fromkeys(atom.field.name for atom in atoms(self.when)))

    @cached_property
    def measured_fields(self) -> tuple[str, ...]:
        """The vital signs that a confirming rule wants read again."""
        return tuple(
            dict.fromkeys(
                atom.field.name
                for atom in atoms(self.when)
                if isinstance(atom, Compare) and atom.field.group == "vitals"
            )
        )


@frozen
class Law:
    """A sentence that must hold for every patient, proved by `exrx protocol prove`.

    `kind` is never or always; the condition speaks of facts and of the decision's parts (`protocol/laws.py`).
    A law of a module that holds for everyone is asked of everyone, others of those for whom the protocol is made.
    """

    kind: str
    text: str
    condition: Condition = field(eq=False)
    stages: tuple[str, ...]
    because: dict[str, str] = field(eq=False)
    location: Location = field(eq=False)
    for_everyone: bool = False

    def is_asked_at(self, stage: str) -> bool:
        """True when the law speaks of this stage: of all, unless it names some."""
        return not self.stages or stage in self.stages


@frozen
class Exemption:
    """A proof that a protocol does not want to hold for one rule or field, with the reason."""

    proof: str
    of: str
    because: dict[str, str] = field(eq=False)
    location: Location = field(eq=False)


@define(eq=False, slots=False)
class Member:
    """One protocol file with its includes, checked and complete.

    A `supplement` adds its rules to another protocol's and leaves it to that one to say for whom there is an answer.
    For an overlay `extends` names the protocols it rests on, the nearest first, and `local_changes` what was changed
    on the way, the oldest first. `sha256` covers all of these files.
    """

    id: str
    version: str
    title: dict[str, str]
    path: str
    sha256: str
    stages: tuple[str, ...]
    applies_to: Condition | None
    applies_text: str
    starts_from: Restriction
    validity: dict[str, Validity]
    stage_validity: dict[str, dict[str, Validity]]
    parameters: dict[str, Parameter]
    rules: tuple[Rule, ...]
    laws: tuple[Law, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    typical: dict[str, Any] = field(factory=dict)
    includes: tuple[str, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()
    supplement: bool = False
    terms: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    base_paths: tuple[str, ...] = ()
    local_changes: tuple[LocalChange, ...] = ()


@define(eq=False, slots=False)
class Protocol:
    """One protocol, or several joined: what `load_protocol` gives and `screen` asks for."""

    members: tuple[Member, ...]
    _validities: dict[str, dict[str, Validity]] = field(factory=dict, init=False, repr=False)

    @property
    def id(self) -> str:
        """The id, or the ids joined by commas."""
        return ",".join(member.id for member in self.members)

    @property
    def version(self) -> str:
        """The version, or the versions joined by commas."""
        return ",".join(member.version for member in self.members)

    @property
    def title(self) -> dict[str, str]:
        """The title in each language."""
        return {lang: " + ".join(m.title.get(lang, m.id) for m in self.members) for lang in ("da", "en")}

    @property
    def sha256(self) -> str:
        """The content hash of the members, joined by commas."""
        return ",".join(member.sha256 for member in self.members)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that every member has."""
        first, *rest = self.members
        return tuple(stage for stage in first.stages if all(stage in member.stages for member in rest))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of all members, each once."""
        return tuple(dict.fromkeys(rule for member in self.members for rule in member.rules))

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters of all members; a later member's name is prefixed by its id where it would hide another."""
        joined: dict[str, Parameter] = {}
        for member in self.members:
            for name, parameter in member.parameters.items():
                key = f"{member.id}.{name}" if joined.get(name, parameter) != parameter else name
                joined[key] = parameter
        return joined

    @property
    def local_changes(self) -> tuple[LocalChange, ...]:
        """What local overlays changed, each once; every output that rests on this protocol shows what loosens."""
        return tuple(dict.fromkeys(change for member in self.members for change in member.local_changes))

    @property
    def typical(self) -> dict[str, Any]:
        """The population values of a typical patient of all members."""
        return {name: value for member in self.members for name, value in member.typical.items()}

    def validity_at(self, stage: str) -> dict[str, Validity]:
        """Per field the validity that ends first among the members that set one, for this stage or for all."""
        if stage not in self._validities:
            joined: dict[str, Validity] = {}
            for member in self.members:
                for name, validity in (member.validity | member.stage_validity.get(stage, {})).items():
                    joined[name] = joined[name].stricter(validity) if name in joined else validity
            self._validities[stage] = joined
        return self._validities[stage]
