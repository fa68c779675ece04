"""A protocol file and its includes, read and checked at once: a `Member`, and every fault with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, field

from exrx.errors import ConditionError, Diagnostic, Location, ProtocolError
from exrx.fields import Dictionary, Validity, load_dictionary, read_validity
from exrx.library import library_root, shown_path
from exrx.protocol.laws import CHAINS, LIMITS, SETS, asks_decision, with_decision
from exrx.protocol.loosening import changes_between
from exrx.protocol.model import (
    BY_FIELD,
    EXCEPTIONS,
    PARAMETER_KEYS,
    VERIFIED,
    Confirm,
    Exemption,
    Law,
    Member,
    Parameter,
    Rule,
)
from exrx.protocol.overlay import Layer, Overlay, layers_of, merged_block, read_overlay
from exrx.protocol.schema import Reader
from exrx.protocol.sources import load_sources, read_sources, unknown_source
from exrx.protocol.then import read_restriction
from exrx.rules.nodes import Compare, Condition, atoms
from exrx.rules.parse import Names, parse_condition
from exrx.rules.polarity import reversals
from exrx.rules.restriction import Restriction
from exrx.yamlread import Mapping, Node, Scalar, Sequence, canonical_sha256, read_yaml

STAGES = ("enrolment", "cycle", "session")
PROTOCOL_KEYS = (
    "id", "version", "title", "applies_to", "stages", "starts_from", "includes", "validity", "validity_at",
    "parameters", "terms", "rules", "laws", "exceptions", "typical", "note", "author", "date", "default",
    "supplement",
)
MODULE_KEYS = (
    "id", "version", "title", "includes", "for_everyone", "validity", "validity_at", "parameters", "terms", "rules",
    "laws", "note",
)
RULE_KEYS = (
    "id", "domain", "stage", "when", "then", "because", "source", "verified", "note", "confirm", "polarity",
)
VALIDITY_KEYS = ("for", "until", "verified", "note", "source")
CONFIRM_KEYS = ("readings", "minutes")
LAW_KINDS = ("never", "always")
LAW_KEYS = (*LAW_KINDS, "stage", "because")
EXCEPTION_KEYS = ("proof", "of", "because")
START_KEYS = ("setting", "supervision")
PROTOCOL_NEEDS, MODULE_NEEDS = ("id", "version", "rules"), ("id", "rules")
RULE_NEEDS, PARAMETER_NEEDS = ("id", "when", "then", "because"), ("value", "source", "verified")


@define
class _Content:
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


def read_member(path: Path, dictionary: Dictionary | None = None) -> tuple[Member | None, tuple[Diagnostic, ...]]:
    """The protocol in `path`, or None when it must not be used, with every diagnostic of it and its includes."""
    reader = _ProtocolReader(dictionary=dictionary or load_dictionary())
    try:
        member = reader.member(path)
    except ProtocolError as error:
        reader.diagnostics.extend(error.diagnostics)
        member = None
    once = dict.fromkeys(reader.diagnostics)  # a protocol under overlays is read once for each of them
    found = tuple(sorted(once, key=lambda d: (d.location.file, d.location.line, d.location.column)))
    return (None if any(d.severity == "error" for d in found) else member), found


def find_module(name: str, includer: Path) -> Path | None:
    """The file of the module `name`, beside the file that includes it or in the library; None where there is none."""
    candidates = (includer.parent / f"{name}.yaml", library_root() / "screening" / f"{name}.yaml")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _say_changes(member: Member) -> None:
    """Let the reason of every rule with a changed limit say so: its own words may hold the old number."""
    for rule in member.rules:
        moved = [each for each in member.local_changes if each.kind == "parameter" and each.name in rule.parameters]
        if moved:
            rule.because = {lang: " ".join([text, *(change.in_rule(lang) for change in moved)])
                            for lang, text in rule.because.items()}  # fmt: skip


@define
class _ProtocolReader(Reader):
    dictionary: Dictionary = field(kw_only=True)
    shipped: bool = field(default=False, init=False)
    own_sources: set[str] = field(factory=set, init=False)

    def member(self, path: Path) -> Member | None:
        """Read the protocol at `path`, or the overlay with everything that it rests on; None after a fault of those."""
        layers = layers_of(path, self)
        if not layers:
            return None
        member, overlays = self._member(layers[0], []), list[Overlay]()
        for layer in layers[1:]:
            if any(d.severity == "error" for d in self.diagnostics):
                return None
            below = member
            overlays.append(read_overlay(layer, below, self))
            member = self._member(layers[0], overlays)
            if not any(d.severity == "error" for d in self.diagnostics):
                changes = changes_between(below, member, overlays[-1], self.dictionary)
                member.local_changes = below.local_changes + changes
        _say_changes(member)
        return member

    def _member(self, base: Layer, overlays: list[Overlay]) -> Member:
        root = self.table(base.root, "a protocol", PROTOCOL_KEYS, PROTOCOL_NEEDS)
        stages = tuple(self.words(root.get("stages"), "stages", STAGES, "unknown-stage")) or ("enrolment",)
        content = _Content(changed={name: node for overlay in overlays for name, node in overlay.changed.items()})
        self._fill(root, content, base.path, (base.path.resolve(),), stages)
        applies_text = self.text(root.get("applies_to"), "applies_to")
        self.one_of(root.get("default"), "default", ("yes", "no"))
        applies_to = self._condition(root.get("applies_to"), content)
        if not content.rules and not self.diagnostics:
            self.fault("no-rules", "a protocol without rules would clear everyone", root.location)
        for overlay in overlays:
            self._fill(overlay.additions, content, overlay.path, (overlay.path.resolve(),), stages)
            content.plain.append(overlay.root.plain())
        roots = [root, *(overlay.root for overlay in overlays)]
        top = roots[-1]
        if not self.text(top.get("id"), "id").strip():
            self.fault("wrong-shape", "a protocol needs an id of its own", top.location)
        titles = [self.both_languages(each.get("title"), "title") for each in roots if "title" in each.entries]
        paths = [base.path, *(overlay.path for overlay in overlays)]
        return Member(
            id=self.text(top.get("id"), "id"),
            version=self.text(top.get("version"), "version"),
            title=titles[-1] if titles else {},
            path=shown_path(paths[-1]),
            sha256=canonical_sha256(content.plain),
            stages=stages,
            applies_to=applies_to,
            applies_text=applies_text,
            starts_from=self._starts_from(merged_block([each.get("starts_from") for each in roots], top.location)),
            validity=content.validity,
            stage_validity=content.stage_validity,
            parameters=content.parameters,
            rules=tuple(content.rules),
            laws=tuple(content.laws),
            exceptions=tuple(content.exceptions),
            typical={name: value for each in roots for name, value in self._typical(each.get("typical")).items()},
            supplement=self.one_of(root.get("supplement"), "supplement", ("yes", "no")) == "yes",
            includes=tuple(content.includes),
            remarks=tuple(dict.fromkeys(d for d in self.diagnostics if d.severity == "warning")),
            terms=tuple(content.terms),
            extends=tuple(self.text(each.get("id"), "id") for each in reversed(roots[:-1])),
            base_paths=tuple(str(path) for path in reversed(paths[:-1])),
        )

    def _fill(
        self, root: Mapping, content: _Content, path: Path, chain: tuple[Path, ...], stages: tuple[str, ...]
    ) -> None:
        content.plain.append(root.plain())
        for include in self.texts(root.get("includes"), "includes"):
            self._include(include, content, path, chain, stages)
        self.shipped = path.resolve().is_relative_to(library_root())
        self._read_own_sources(path.parent / "sources.yaml")
        self._parameters(root.get("parameters"), content)
        self._terms(root.get("terms"), content)
        content.validity |= self._validity(root.get("validity"))
        for stage, node in self.table(root.get("validity_at"), "validity_at", STAGES).entries.items():
            content.stage_validity.setdefault(stage, {}).update(self._validity(node))
        for_everyone = self.one_of(root.get("for_everyone"), "for_everyone", ("yes", "no")) == "yes"
        for item in self._list(root.get("rules"), "rules"):
            self._rule(item, content, stages, for_everyone)
        for item in self._list(root.get("laws"), "laws"):
            self._law(item, content, stages, for_everyone)
        for item in self._list(root.get("exceptions"), "exceptions"):
            self._exception(item, content)

    def _list(self, node: Node | None, what: str) -> tuple[Node, ...]:
        if node is None or isinstance(node, Sequence):
            return node.items if node else ()
        self.fault("wrong-shape", f"{what} must be a list, each item beginning with '-'", node.location)
        return ()

    def _include(
        self, include: Scalar, content: _Content, path: Path, chain: tuple[Path, ...], stages: tuple[str, ...]
    ) -> None:
        found = find_module(include.text, path)
        if found is None:
            self.fault("unknown-include", f"there is no module '{include.text}'", include.location,
                       "modules lie in protocols/screening/modules/, or beside the protocol")
        elif found.resolve() in chain:
            self.fault("include-cycle", f"'{include.text}' includes itself", include.location)
        elif include.text not in content.includes:
            content.includes.append(include.text)
            root = self.table(read_yaml(found, shown_path(found)), "a module", MODULE_KEYS, MODULE_NEEDS)
            self._fill(root, content, found, (*chain, found.resolve()), stages)

    def _parameters(self, node: Node | None, content: _Content) -> None:
        for name, written in self.table(node, "parameters").entries.items():
            entry = content.changed.get(name, written)
            table = self.table(entry, f"parameter '{name}'", PARAMETER_KEYS, PARAMETER_NEEDS)
            if name in content.parameters:
                self.fault("duplicate-parameter", f"the parameter '{name}' is given twice", table.location)
            self._source(table.get("source"), f"parameter '{name}'", table.location)
            content.parameters[name] = Parameter(
                name=name,
                value=self.text(table.get("value"), f"{name}: value"),
                unit=self.text(table.get("unit"), f"{name}: unit"),
                source=self.text(table.get("source"), f"{name}: source"),
                verified=self.one_of(table.get("verified"), f"{name}: verified", VERIFIED) or "unverified",
                since=self.text(table.get("since"), f"{name}: since"),
                note=self.text(table.get("note"), f"{name}: note"),
                location=table.location,
            )

    def _terms(self, node: Node | None, content: _Content) -> None:
        for name, entry in self.table(node, "terms").entries.items():
            if name in self.dictionary.fields:
                self.fault("term-hides-field", f"'{name}' is already the name of a field", entry.location)
                continue
            condition = self._condition(entry, content)
            if condition is not None:
                content.terms[name] = condition

    def _validity(self, node: Node | None) -> dict[str, Validity]:
        found = {}
        for name, entry in self.table(node, "validity").entries.items():
            table = self.table(entry, f"validity of '{name}'", VALIDITY_KEYS)
            if name not in self.dictionary.fields:
                self.fault("unknown-field", f"there is no field called '{name}'", entry.location)
                continue
            if "source" in table.entries:
                self._source(table.get("source"), f"validity of '{name}'", table.location)
            self.words(table.get("until"), f"validity of '{name}': until", self.dictionary.events, "unknown-event")
            try:
                found[name] = read_validity(table.plain())
            except (ValueError, KeyError):
                self.fault("wrong-shape", f"validity of '{name}': write for example {{for: 7 d}}", entry.location)
        return found

    def _rule(self, node: Node, content: _Content, stages: tuple[str, ...], for_everyone: bool) -> None:
        table = self.table(node, "a rule", RULE_KEYS, RULE_NEEDS)
        rule_id = self.text(table.get("id"), "id", "?")
        if any(rule.id == rule_id for rule in content.rules):
            self.fault("duplicate-rule", f"the rule '{rule_id}' is given twice", table.places.get("id", table.location))
        own = tuple(self.words(table.get("stage"), f"{rule_id}: stage", STAGES, "unknown-stage"))
        if own and not set(own) & set(stages):
            self.remark("rule-without-stage", f"'{rule_id}' belongs to a stage this protocol does not have",
                        table.location, "add the stage under stages:; a rule of a module may be left as it is")
        when = self._condition(table.get("when"), content)
        then = read_restriction(table.get("then"), self, self.dictionary, f"{rule_id}: then")
        self._source(table.get("source"), f"'{rule_id}'", table.location)
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

    def _condition(
        self, node: Node | None, content: _Content, dictionary: Dictionary | None = None
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

    def _verified(self, node: Node | None, when: Condition, content: _Content, rule_id: str) -> str:
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

    def _starts_from(self, node: Node | None) -> Restriction:
        table = self.table(node, "starts_from", START_KEYS)
        return read_restriction(table, self, self.dictionary, "starts_from")

    def _typical(self, node: Node | None) -> dict[str, Any]:
        table = self.table(node, "typical")
        for name in table.entries:
            if name not in self.dictionary.fields:
                self.fault("unknown-field", f"typical: there is no field called '{name}'", table.places[name])
        return table.plain()

    def _law(self, node: Node, content: _Content, stages: tuple[str, ...], for_everyone: bool) -> None:
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
        condition = self._condition(table.entries[kind], content, with_decision(self.dictionary))
        if condition is None:
            return
        if not asks_decision(condition):
            self.fault("law-without-decision", "a law says nothing about the decision", table.entries[kind].location,
                       f"name a part of it, such as clearance; there are: {', '.join((*CHAINS, *SETS, *LIMITS))}")
            return
        text = " ".join(self.text(table.entries[kind], kind).split())
        because = self.both_languages(table.get("because"), "law: because")
        content.laws.append(Law(kind, text, condition, own, because, table.entries[kind].location, for_everyone))

    def _exception(self, node: Node, content: _Content) -> None:
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

    def _read_own_sources(self, path: Path) -> None:
        """A protocol that is not shipped may bring its bibliography along, in the same form."""
        if not self.shipped and path.is_file():
            found, faults = read_sources(path)
            self.own_sources |= found.keys()
            self.diagnostics.extend(faults)

    def _source(self, node: Node | None, what: str, place: Location) -> None:
        """A shipped number or rule rests on a source in the bibliography; others are told when theirs is not there."""
        source = self.text(node, "source")
        if source and source not in load_sources() and source not in self.own_sources:
            assert node is not None
            self.diagnostics.append(unknown_source(source, node.location, "error" if self.shipped else "warning"))
        elif not source and self.shipped:
            self.fault("missing-source", f"{what} says nothing of its source", place,
                       "add source: and verified:, with an entry in sources.yaml")
