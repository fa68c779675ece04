"""A protocol file and its includes, read and checked at once: a `Member`, and every fault with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define

from exrx.errors import Diagnostic, ProtocolError
from exrx.fields import Dictionary, Validity, load_dictionary, read_validity
from exrx.library import library_root, shown_path
from exrx.protocol.loosening import changes_between
from exrx.protocol.model import (
    PARAMETER_KEYS,
    VERIFIED,
    Member,
    Parameter,
)
from exrx.protocol.overlay import Layer, Overlay, layers_of, merged_block, read_overlay
from exrx.protocol.sentences import STAGES, Content, RuleReader
from exrx.protocol.then import read_restriction
from exrx.rules.restriction import Restriction
from exrx.yamlread import Mapping, Node, Scalar, Sequence, canonical_sha256, read_yaml

PROTOCOL_KEYS = (
    "id", "version", "title", "applies_to", "stages", "starts_from", "includes", "validity", "validity_at",
    "parameters", "terms", "rules", "laws", "exceptions", "typical", "note", "author", "date", "default",
    "supplement",
)
MODULE_KEYS = (
    "id", "version", "title", "includes", "for_everyone", "validity", "validity_at", "parameters", "terms", "rules",
    "laws", "note",
)
VALIDITY_KEYS = ("for", "until", "verified", "note", "source")
START_KEYS = ("setting", "supervision")
PROTOCOL_NEEDS, MODULE_NEEDS = ("id", "version", "rules"), ("id", "rules")
PARAMETER_NEEDS = ("value", "source", "verified")


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
class _ProtocolReader(RuleReader):
    """Reads a protocol file with its includes and overlays."""

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
        content = Content(changed={name: node for overlay in overlays for name, node in overlay.changed.items()})
        self.shipped = False
        for overlay in overlays:  # a changed number stands among the base's, and rests on the overlay's sources
            self.read_own_sources(overlay.path.parent / "sources.yaml")
        self._fill(root, content, base.path, (base.path.resolve(),), stages)
        applies_text = self.text(root.get("applies_to"), "applies_to")
        self.one_of(root.get("default"), "default", ("yes", "no"))
        applies_to = self.read_condition(root.get("applies_to"), content)
        if not content.rules and not self.diagnostics:
            self.fault("no-rules", "a protocol without rules would clear everyone", root.location)
        for overlay in overlays:
            self._fill(overlay.additions, content, overlay.path, (overlay.path.resolve(),), stages)
            content.plain.append(overlay.root.plain())
        roots = [root, *(overlay.root for overlay in overlays)]
        top = roots[-1]
        if "id" in top.entries and not self.text(top.get("id"), "id").strip():
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
        self, root: Mapping, content: Content, path: Path, chain: tuple[Path, ...], stages: tuple[str, ...]
    ) -> None:
        content.plain.append(root.plain())
        for include in self.texts(root.get("includes"), "includes"):
            self._include(include, content, path, chain, stages)
        self.shipped = path.resolve().is_relative_to(library_root())
        self.read_own_sources(path.parent / "sources.yaml")
        self._parameters(root.get("parameters"), content)
        self._terms(root.get("terms"), content)
        content.validity |= self._validity(root.get("validity"))
        for stage, node in self.table(root.get("validity_at"), "validity_at", STAGES).entries.items():
            content.stage_validity.setdefault(stage, {}).update(self._validity(node))
        for_everyone = self.one_of(root.get("for_everyone"), "for_everyone", ("yes", "no")) == "yes"
        for item in self._list(root.get("rules"), "rules"):
            self.read_rule(item, content, stages, for_everyone)
        for item in self._list(root.get("laws"), "laws"):
            self.read_law(item, content, stages, for_everyone)
        for item in self._list(root.get("exceptions"), "exceptions"):
            self.read_exception(item, content)

    def _list(self, node: Node | None, what: str) -> tuple[Node, ...]:
        if node is None or isinstance(node, Sequence):
            return node.items if node else ()
        self.fault("wrong-shape", f"{what} must be a list, each item beginning with '-'", node.location)
        return ()

    def _include(
        self, include: Scalar, content: Content, path: Path, chain: tuple[Path, ...], stages: tuple[str, ...]
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

    def _parameters(self, node: Node | None, content: Content) -> None:
        for name, written in self.table(node, "parameters").entries.items():
            entry = content.changed.get(name, written)
            table = self.table(entry, f"parameter '{name}'", PARAMETER_KEYS, PARAMETER_NEEDS)
            if name in content.parameters:
                self.fault("duplicate-parameter", f"the parameter '{name}' is given twice", table.location)
            self._check_source_of(name, table, content)
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

    def _check_source_of(self, name: str, table: Mapping, content: Content) -> None:
        """A number of a shipped protocol that an overlay changed is the overlay's."""
        base_is_shipped = self.shipped
        self.shipped = base_is_shipped and name not in content.changed
        self.check_source(table.get("source"), f"parameter '{name}'", table.location)
        self.shipped = base_is_shipped

    def _terms(self, node: Node | None, content: Content) -> None:
        for name, entry in self.table(node, "terms").entries.items():
            if name in self.dictionary.fields:
                self.fault("term-hides-field", f"'{name}' is already the name of a field", entry.location)
                continue
            condition = self.read_condition(entry, content)
            if condition is not None:
                content.terms[name] = condition

    def _validity(self, node: Node | None) -> dict[str, Validity]:
        found = {}
        for name, entry in self.table(node, "validity").entries.items():
            if not isinstance(entry, Mapping):
                self.fault("wrong-shape", f"validity of '{name}' must be a block of keys and values", entry.location,
                           "write for example {for: 7 d}")  # fmt: skip
                continue
            table = self.table(entry, f"validity of '{name}'", VALIDITY_KEYS)
            if name not in self.dictionary.fields:
                self.fault("unknown-field", f"there is no field called '{name}'", entry.location)
                continue
            if "source" in table.entries:
                self.check_source(table.get("source"), f"validity of '{name}'", table.location)
            self.words(table.get("until"), f"validity of '{name}': until", self.dictionary.events, "unknown-event")
            try:
                found[name] = read_validity(table.plain())
            except (ValueError, KeyError):
                self.fault("wrong-shape", f"validity of '{name}': write for example {{for: 7 d}}", entry.location)
        return found

    def _starts_from(self, node: Node | None) -> Restriction:
        table = self.table(node, "starts_from", START_KEYS)
        known = {key: value for key, value in table.entries.items() if key in START_KEYS}
        return read_restriction(Mapping(known, table.location, table.places), self, self.dictionary, "starts_from")

    def _typical(self, node: Node | None) -> dict[str, Any]:
        table = self.table(node, "typical")
        for name in table.entries:
            if name not in self.dictionary.fields:
                self.fault("unknown-field", f"typical: there is no field called '{name}'", table.places[name])
        return table.plain()

