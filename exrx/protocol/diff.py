"""What differs between two protocols as they are written: numbers, rules, validities, populations, modules.

What that means for patients is asked elsewhere: of every patient at once in `exrx.proof.agreement`, of a cohort in
`exrx.screening.compare`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from exrx.fields import Dictionary, load_dictionary
from exrx.protocol.loosening import start_text, validity_text
from exrx.protocol.model import Parameter, Protocol, Rule
from exrx.rules.restriction import join
from exrx.rules.words import say

_NUMBER_PARTS = ("value", "unit", "source", "verified", "since", "note")
LANGUAGES = ("da", "en")


@frozen
class NumberChange:
    """A number that only one protocol has (the other side is None), or has otherwise; `parts` says in what."""

    name: str
    before: Parameter | None
    after: Parameter | None
    parts: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        sides = {"from": self.before, "to": self.after}
        shown = {key: {part: getattr(p, part) for part in _NUMBER_PARTS} if p else None for key, p in sides.items()}
        return {"name": self.name, "parts": list(self.parts), **shown}


@frozen
class RuleChange:
    """A rule that only one protocol has (the other side is None), or has otherwise; `parts` says in what.

    `parts` are of condition, restriction, stages, confirm, everyone, reason, source and verified.
    """

    id: str
    before: Rule | None
    after: Rule | None
    parts: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with the conditions in words."""
        sides = {"from": self.before, "to": self.after}
        shown = {key: _rule_json(rule) if rule else None for key, rule in sides.items()}
        return {"rule": self.id, "parts": list(self.parts), **shown}


def _rule_json(rule: Rule) -> dict[str, Any]:
    return {
        "when": {lang: say(rule.when, lang) for lang in LANGUAGES},
        "clearance": rule.then.clearance.word,
        "source": rule.source,
        "verified": rule.verified,
    }


@frozen
class TextChange:
    """Something else that is written otherwise: kind version, population, stages, starts_from, includes or validity."""

    kind: str
    name: str
    before: str
    after: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"kind": self.kind, "name": self.name, "from": self.before, "to": self.after}


@frozen
class ProtocolDiff:
    """All that differs as it is written, at one stage or, with `stage` None, at all of them."""

    first: Protocol
    second: Protocol
    stage: str | None
    numbers: tuple[NumberChange, ...]
    rules: tuple[RuleChange, ...]
    others: tuple[TextChange, ...]

    @property
    def is_empty(self) -> bool:
        """True when nothing differs but perhaps ids, versions and titles."""
        return not self.numbers and not self.rules and all(change.kind == "version" for change in self.others)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "numbers": [change.to_dict() for change in self.numbers],
            "rules": [change.to_dict() for change in self.rules],
            "others": [change.to_dict() for change in self.others],
        }


def diff_protocols(first: Protocol, second: Protocol, stage: str | None = None) -> ProtocolDiff:
    """What differs between two protocols as they are written; with `stage`, only what is asked there."""
    dictionary = load_dictionary()
    return ProtocolDiff(
        first, second, stage,
        tuple(_numbers(first, second)), tuple(_rules(first, second, stage)),
        tuple(_others(first, second, stage, dictionary)),
    )  # fmt: skip


def _numbers(first: Protocol, second: Protocol) -> Iterator[NumberChange]:
    before, after = first.parameters, second.parameters
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield NumberChange(name, old, new, ("added" if old is None else "removed",))
            continue
        parts = tuple(part for part in _NUMBER_PARTS if getattr(old, part) != getattr(new, part))
        if parts:
            yield NumberChange(name, old, new, parts)


def _rules(first: Protocol, second: Protocol, stage: str | None) -> Iterator[RuleChange]:
    before, after = _asked(first, stage), _asked(second, stage)
    for rule_id in dict.fromkeys((*before, *after)):
        old, new = before.get(rule_id), after.get(rule_id)
        if old is None or new is None:
            yield RuleChange(rule_id, old, new, ("added" if old is None else "removed",))
            continue
        parts = tuple(_moved_parts(old, new))
        if parts:
            yield RuleChange(rule_id, old, new, parts)


def _asked(protocol: Protocol, stage: str | None) -> dict[str, Rule]:
    return {rule.id: rule for rule in protocol.rules if stage is None or not rule.stages or stage in rule.stages}


def _moved_parts(old: Rule, new: Rule) -> Iterator[str]:
    if old is new:
        return
    pairs = {
        "condition": (old.when, new.when),
        "restriction": (old.then, new.then),
        "stages": (old.stages, new.stages),
        "confirm": (old.confirm, new.confirm),
        "everyone": (old.for_everyone, new.for_everyone),
        "reason": (old.because, new.because),
        "source": (old.source, new.source),
        "verified": (old.verified, new.verified),
    }
    yield from (part for part, (before, after) in pairs.items() if before != after)


def _others(first: Protocol, second: Protocol, stage: str | None, dictionary: Dictionary) -> Iterator[TextChange]:
    sides = (first, second)
    texts = {
        "version": [f"{each.id} {each.version}" for each in sides],
        "population": [_population(each) for each in sides],
        "stages": [", ".join(each.stages) for each in sides],
        "starts_from": [start_text(join(member.starts_from for member in each.members)) for each in sides],
        "includes": [", ".join(dict.fromkeys(i for m in each.members for i in m.includes)) for each in sides],
    }
    for kind, (before, after) in texts.items():
        if before != after:
            yield TextChange(kind, kind, before, after)
    shared = [each for each in first.stages if each in second.stages and stage in (None, each)]
    for at in shared:
        own = [each.validity_at(at) for each in sides]
        for name in dict.fromkeys((*own[0], *own[1])):
            default = dictionary.fields[name].validity
            spans = [validity_text(found.get(name) or default) for found in own]
            if spans[0] != spans[1]:
                yield TextChange("validity", f"{name}@{at}", *spans)


def _population(protocol: Protocol) -> str:
    """For whom it is, as it is written; empty for everyone."""
    texts = [" ".join(member.applies_text.split()) for member in protocol.members]
    return "" if not all(texts) else " or ".join(dict.fromkeys(texts))
