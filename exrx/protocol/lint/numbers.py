"""Numbers: each has a name, a source, a date and a word on how well it was seen."""

from __future__ import annotations

import re
from datetime import date

from exrx.protocol.library import DEFAULT_PROTOCOL
from exrx.protocol.lint.gather import Draft, Source, text_of
from exrx.protocol.model import Rule
from exrx.rules.nodes import Compare, atoms
from exrx.yamlread import Mapping, Node

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def lint_numbers(draft: Draft) -> None:
    """Report to `draft`: bare-limit, missing-since, since-*, missing-note, missing-source, missing-verified,
    unverified-by-default."""
    for source in draft.sources:
        for name, node in source.entries("parameters").items():
            if isinstance(node, Mapping):
                _parameter(draft, source, name, node)
        _validity(draft, source)
    _date(draft, draft.sources[0].root.get("date"), "date")
    for _, rule in draft.rules():
        _rule(draft, rule)
    _bare_limits(draft)
    if text_of(draft.sources[0].root.get("default")) == "yes" or draft.member.id == DEFAULT_PROTOCOL:
        _default(draft)


def _parameter(draft: Draft, source: Source, name: str, node: Mapping) -> None:
    place = source.place("parameters", name)
    _date(draft, node.get("since"), f"'{name}': since")
    if "extends" in source.root.entries:  # the overlay's own date and reason say since when and why
        return
    if not text_of(node.get("since")):
        draft.remark("missing-since", f"'{name}' does not say since when its source has said so", place,
                     "add since: with the date of the source")
    _unexplained(draft, f"'{name}'", node, source, "parameters", name)


def _unexplained(draft: Draft, what: str, node: Mapping, source: Source, block: str, name: str) -> None:
    if text_of(node.get("verified")) == "unverified" and not text_of(node.get("note")):
        draft.remark("missing-note", f"{what} is unverified, and nothing says why", source.place(block, name),
                     "add note: what was seen, and what is lacking")


def _validity(draft: Draft, source: Source) -> None:
    for name, node in source.entries("validity").items():
        if isinstance(node, Mapping):
            _unexplained(draft, f"the validity of '{name}'", node, source, "validity", name)


def _date(draft: Draft, node: Node | None, what: str) -> None:
    """A date may be a year, a month or a day; the earliest day it can mean must have come."""
    text = text_of(node)
    if node is None or not text:
        return
    found = _DATE.fullmatch(text)
    try:
        earliest = date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:
        earliest = None
    if earliest is None:
        draft.remark("since-unreadable", f"{what} is not a date: '{text}'", node.location,
                     "write 2015, 2015-02 or 2015-02-01")
    elif earliest > draft.as_of:
        draft.remark("since-in-the-future", f"{what} lies after {draft.as_of.isoformat()}: '{text}'", node.location,
                     "write the day on which the source said so")


def _rule(draft: Draft, rule: Mapping) -> None:
    name, place = text_of(rule.get("id")), rule.location
    if not text_of(rule.get("source")):
        draft.remark("missing-source", f"'{name}' does not say where it comes from", place,
                     "add source: with an id of sources.yaml")
    read = next((r for r in draft.member.rules if r.location == place), None)
    if read is not None and not read.parameters and not text_of(rule.get("verified")):
        draft.remark("missing-verified", f"'{name}' does not say how well its source was seen", place,
                     "add verified: primary, secondary or unverified")


def _bare_limits(draft: Draft) -> None:
    for rule in draft.member.rules:
        for atom in _bare(rule):
            if atom.location:
                draft.remark("bare-limit", f"'{rule.id}' holds the number {atom.limit.text} itself", atom.location,
                             "name it under parameters: with value, unit, source, verified and since")


def _default(draft: Draft) -> None:
    """Numbers only: what a default says without a number may be an inference that says so."""
    for name, parameter in draft.member.parameters.items():
        if parameter.verified == "unverified":
            draft.remark("unverified-by-default", f"a default protocol rests on the unverified number '{name}'",
                         parameter.location, "verify it, or leave it out")
    for rule in draft.member.rules:
        if rule.verified == "unverified" and _bare(rule):
            draft.remark("unverified-by-default", f"a default protocol rests on an unverified number in '{rule.id}'",
                         rule.location, "verify it, or leave it out")


def _bare(rule: Rule) -> list[Compare]:
    """The comparisons with a number that stands in the rule itself."""
    return [atom for atom in atoms(rule.when) if isinstance(atom, Compare) and not atom.limit.parameter]
