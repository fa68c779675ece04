"""What a local overlay changed, as records, and the sentences in which every output says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from exrx.rules.words import say_quantity

LOOSENS, TIGHTENS, BOTH_WAYS = "yes", "no", "both"
_VERDICT = {
    "da": {
        LOOSENS: "Det gør protokollen friere.",
        BOTH_WAYS: "Det ændrer protokollen i begge retninger: friere for nogle, strammere for andre.",
        TIGHTENS: "Det gør ikke protokollen friere.",
    },
    "en": {
        LOOSENS: "This loosens the protocol.",
        BOTH_WAYS: "This changes the protocol both ways: freer for some, stricter for others.",
        TIGHTENS: "This does not loosen the protocol.",
    },
}
_HEAD = {"da": "Lokal ændring ({overlay}, {author}, {date})", "en": "Local change ({overlay}, {author}, {date})"}
_CHANGED = {"da": "{label} er {after} i stedet for {before}", "en": "{label} is {after} instead of {before}"}
_ADDED = {"da": "reglen {label} er føjet til: når {after}", "en": "the rule {label} was added: when {after}"}
_IN_RULE = {
    "da": "(Lokalt ændret: {name} er her {after} i stedet for {before}; {overlay}.)",
    "en": "(Changed locally: {name} is {after} here instead of {before}; {overlay}.)",
}
_MEASURE = re.compile(r"([-+]?\d+(?:[.,]\d+)?)(?: (\S+))?")


@frozen
class LocalChange:
    """One change of a local overlay to the protocol that it extends.

    `kind` is parameter, validity, starts_from or rule; `name` the parameter, the field (`platelets@session` where
    only that stage is changed), `starts_from` or the added rule. `before` and `after` are texts as they are written
    in files, `before` empty for a rule. `loosens`: yes when some patients can only get a freer answer, no when none
    can, both when it depends on the patient. `label` names it for people, `words` are `before` and `after` for them.
    """

    kind: str
    name: str
    before: str
    after: str
    loosens: str
    overlay: str
    author: str
    date: str
    reason: dict[str, str] = field(hash=False)
    label: dict[str, str] = field(hash=False)
    words: dict[str, tuple[str, str]] | None = field(default=None, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "from": self.before,
            "to": self.after,
            "loosens": self.loosens,
            "overlay": self.overlay,
            "author": self.author,
            "date": self.date,
            "reason": self.reason,
            "text": {lang: say_changes((self,), lang) for lang in ("da", "en")},
        }

    @property
    def head(self) -> tuple[str, str, str]:
        """Which overlay, whose, of which day."""
        return self.overlay, self.author, self.date

    def phrase(self, lang: str) -> str:
        """What is now instead of what was before."""
        before, after = self.words[lang] if self.words else (said_measure(x, lang) for x in (self.before, self.after))
        pattern = _ADDED if self.kind == "rule" else _CHANGED
        return pattern[lang].format(label=self.label[lang], before=before, after=after)

    def in_rule(self, lang: str) -> str:
        """What a rule's reason adds when its limit was changed: the reason may still speak of the old number."""
        before, after = said_measure(self.before, lang), said_measure(self.after, lang)
        return _IN_RULE[lang].format(name=self.name, before=before, after=after, overlay=self.overlay)


def said_measure(text: str, lang: str) -> str:
    """`50 10^9/L` as people write it, with the language's decimal sign; any other text as it is."""
    found = _MEASURE.fullmatch(text)
    return say_quantity(found[1].replace(",", "."), found[2] or "", lang) if found else text


def say_changes(changes: Iterable[LocalChange], lang: str) -> str:
    """Who changed what on which day, what it does, and why: a few sentences for each overlay."""
    groups: dict[tuple[tuple[str, str, str], str], list[LocalChange]] = {}
    for change in changes:
        groups.setdefault((change.head, change.loosens), []).append(change)
    said = []
    for ((overlay, author, day), loosens), found in groups.items():
        head = _HEAD[lang].format(overlay=overlay, author=author, date=day)
        listed = "; ".join(change.phrase(lang) for change in found)
        said.append(f"{head}: {listed}. {_VERDICT[lang][loosens]} {found[0].reason[lang]}".strip())
    return " ".join(said)


def loosening_notice(changes: Iterable[LocalChange], lang: str) -> str:
    """What is said in every output: the changes that loosen; empty when none does."""
    return say_changes((change for change in changes if change.loosens != TIGHTENS), lang)
