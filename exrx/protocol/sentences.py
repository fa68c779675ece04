"""The sentences of a protocol file: conditions, rules, laws and exceptions, read with every fault in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, field

from exrx.errors import ConditionError, Location
from exrx.fields import Dictionary, Validity
from exrx.protocol.laws import CHAINS, LIMITS, SETS, asks_decision, with_decision
from exrx.protocol.model import BY_FIELD, EXCEPTIONS, VERIFIED, Confirm, Exemption, Law, Parameter, Rule
from exrx.protocol.schema import Reader
from exrx.protocol.sources import load_sources, read_sources, unknown_source
from exrx.protocol.then import read_restriction
from exrx.rules.nodes import Compare, Condition, atoms
from exrx.rules.parse import Names, parse_condition
from exrx.rules.polarity import reversals
from exrx.yamlread import Node, Scalar

STAGES = ("enrolment", "cycle", "session")
RULE_KEYS = (
    "id", "domain", "stage", "when", "then", "because", "source", "verified", "note", "confirm", "polarity",
)
RULE_NEEDS = ("id", "when", "then", "because")
CONFIRM_KEYS = ("readings", "minutes")
LAW_KINDS = ("never", "always")
LAW_KEYS = (*LAW_KINDS, "stage", "because")
EXCEPTION_KEYS = ("proof", "of", "because")


@define
class Content:
    """What a file and its includes hold, while they are read."""

    parameters: dict[str, Parameter] = field(factory=dict)
    terms: dict[str, Condition] = field(factory=dict)
    validity: dict[str, Validity] = field(factory=dict)
    stage_validity: dict[str, dict[str, Validity]] = field(factory=dict)
    rules: list[Rule] = field(factory=list)
    laws: list[Law] = field(factory=list)
    exceptions: list[Exemption] = field(factory=list)
    plain: list[Any] = field(factory=list)
    includes: list[str] = field(factory=list)
    changed: dict[str, Node] = field(factory=dict)


@define
class RuleReader(Reader):
    """Reads sentences into a `Content`; `shipped` files must name a source that the bibliography has."""

    dictionary: Dictionary = field(kw_only=True)
    shipped: bool = field(default=False, init=False)
    own_sources: set[str] = field(factory=set, init=False)

    def read_rule(self, node: Node, content: Content, stages: tuple[str, ...], for_everyone: bool) -> None:
        table = self.table(node, "a rule", RULE_KEYS, RULE_NEEDS)
        rule_id = self.text(table.get("id"), "id", "?")
        if any(rule.id == rule_id for rule in content.rules):
            self.fault("duplicate-rule", f"the rule '{rule_id}' is given twice", table.places.get("id", table.location))
        own = tuple(self.words(table.get("stage"), f"{rule_id}: stage", STAGES, "unknown-stage"))
        if own and not set(own) & set(stages):
            self.remark("rule-without-stage", f"'{rule_id}' belongs to a stage this protocol does not have",
                        table.location, "add the stage under stages:; a rule of a module may be left as it is")
        when = self.read_condition(table.get("when"), content)
        then = read_restriction(table.get("then"), self, self.dictionary, f"{rule_id}: then")
        self.check_source(table.get("source"), f"'{rule_id}'", table.location)
        if when is None:
            return
        parameters = self._parameters_of(when)
        polarity = self._polarity(table.get("polarity"), rule_id)
        self._check_polarity(rule_id, when, polarity)
        content.rules.append(Rule(
            id=rule_id,
            domain=self.one_of(table.get("domain"), f"{rule_id}: domain", self.dictionary.vocabulary["domains"])
            or "other",
            stages=own,
            when=when,
            then=then,
            because=self.both_languages(table.get("because"), f"{rule_id}: because"),
            source=self.text(table.get("source"), f"{rule_id}: source"),
            verified=self._verified(table.get("verified"), when, content, rule_id),
            location=table.location,
            parameters=parameters,
            confirm=self._confirm(table.get("confirm"), rule_id),
            polarity=polarity,
            note=self.text(table.get("note"), f"{rule_id}: note"),
            condition_text=" ".join(self.text(table.get("when"), "when").split()),
            for_everyone=for_everyone,
        ))

    def read_condition(
        self, node: Node | None, content: Content, dictionary: Dictionary | None = None
    ) -> Condition | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.fault("wrong-shape", "a condition must be a sentence", node.location, "quote it if it holds a colon")
            return None
        limits = {name: parameter.text for name, parameter in content.parameters.items()}
        try:
            names = Names(dictionary or self.dictionary, limits, content.terms)
            condition = parse_condition(node.text, names, node.location)
        except ConditionError as error:
            self.fault(error.code, error.message, error.location or node.location, error.suggestion)
            return None
        for atom in atoms(condition):
            if isinstance(atom, Compare) and atom.limit.tick % 2 and atom.location:
                self.remark("limit-off-the-grid",
                            f"the limit {atom.limit.text} lies between two steps of '{atom.field.name}'",
                            atom.location, "it counts as equal to every value in that gap")
        return condition

    def _polarity(self, node: Node | None, rule_id: str) -> dict[str, str]:
        """The fields that a rule asks the other way round, each with the reason."""
        table = self.table(node, f"{rule_id}: polarity")
        for name in table.entries:
            if name not in self.dictionary.fields:
                self.fault("unknown-field", f"{rule_id}: polarity: there is no field called '{name}'",
                           table.places[name], "write {field: reason}, and quote a reason that holds a comma")
        return {name: str(reason) for name, reason in table.plain().items()}

    def _check_polarity(self, rule_id: str, when: Condition, declared: dict[str, str]) -> None:
        for reversal in reversals(when):
            if reversal.atom.field.name not in declared:
                place = reversal.atom.location or Location("", 1, 1)
                self.fault("against-polarity", f"'{rule_id}': {reversal.message}", place, reversal.suggestion)

    @staticmethod
    def _parameters_of(when: Condition) -> tuple[str, ...]:
        names = (a.limit.parameter for a in atoms(when) if isinstance(a, Compare) and a.limit.parameter)
        return tuple(dict.fromkeys(names))

    def _verified(self, node: Node | None, when: Condition, content: Content, rule_id: str) -> str:
        """The weakest verification a rule rests on; a number that stands in it without a word is unverified."""
        stated = self.one_of(node, f"{rule_id}: verified", VERIFIED)
        flags = [content.parameters[name].verified for name in self._parameters_of(when)]
        bare = any(isinstance(atom, Compare) and not atom.limit.parameter for atom in atoms(when))
        if stated or bare:
            flags.append(stated or "unverified")
        return max(flags, key=VERIFIED.index) if flags else "unverified"

    def _confirm(self, node: Node | None, rule_id: str) -> Confirm | None:
        if node is None:
            return None
        table = self.table(node, f"{rule_id}: confirm", CONFIRM_KEYS, CONFIRM_KEYS)
        readings, minutes = (self.whole(table.get(k), f"confirm: {k}") for k in CONFIRM_KEYS)
        return Confirm(readings or 2, minutes or 5)

    def read_law(self, node: Node, content: Content, stages: tuple[str, ...], for_everyone: bool) -> None:
        table = self.table(node, "a law", LAW_KEYS)
        kinds = [kind for kind in LAW_KINDS if kind in table.entries]
        own = tuple(self.words(table.get("stage"), "law: stage", STAGES, "unknown-stage"))
        if own and not set(own) & set(stages):
            self.fault("unknown-stage", "a law belongs to a stage that this protocol does not have", table.location,
                       f"use one of: {', '.join(stages)}")
        if len(kinds) != 1:
            self.fault("missing-key", "a law is one sentence under 'never' or 'always'", table.location,
                       "write for example: never: platelets < 20 10^9/L and clearance <= modify")
            return
        [kind] = kinds
        condition = self.read_condition(table.entries[kind], content, with_decision(self.dictionary))
        if condition is None:
            return
        if not asks_decision(condition):
            self.fault("law-without-decision", "a law says nothing about the decision", table.entries[kind].location,
                       f"name a part of it, such as clearance; there are: {', '.join((*CHAINS, *SETS, *LIMITS))}")
            return
        text = " ".join(self.text(table.entries[kind], kind).split())
        because = self.both_languages(table.get("because"), "law: because")
        content.laws.append(Law(kind, text, condition, own, because, table.entries[kind].location, for_everyone))

    def read_exception(self, node: Node, content: Content) -> None:
        table = self.table(node, "an exception", EXCEPTION_KEYS, EXCEPTION_KEYS)
        proof = self.one_of(table.get("proof"), "exception: proof", EXCEPTIONS)
        subject = self.text(table.get("of"), "exception: of")
        known, code = [rule.id for rule in content.rules], "unknown-rule"
        if proof in BY_FIELD:
            known, code = list(self.dictionary.fields), "unknown-field"
        self.words(table.get("of"), "exception: of", known, code)
        because = self.both_languages(table.get("because"), "exception: because")
        if proof is not None:
            content.exceptions.append(Exemption(proof, subject, because, table.location))

    def read_own_sources(self, path: Path) -> None:
        """A protocol that is not shipped may bring its bibliography along, in the same form."""
        if not self.shipped and path.is_file():
            found, faults = read_sources(path)
            self.own_sources |= found.keys()
            self.diagnostics.extend(faults)

    def check_source(self, node: Node | None, what: str, place: Location) -> None:
        """A shipped number or rule rests on a source in the bibliography; others are told when theirs is not there."""
        source = self.text(node, "source")
        if source and source not in load_sources() and source not in self.own_sources:
            assert node is not None
            self.diagnostics.append(unknown_source(source, node.location, "error" if self.shipped else "warning"))
        elif not source and self.shipped:
            self.fault("missing-source", f"{what} says nothing of its source", place,
                       "add source: and verified:, with an entry in sources.yaml")
