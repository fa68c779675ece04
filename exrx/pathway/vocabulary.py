"""The closed lists and dated rules of the pathway, from the files in `protocols/pathway/`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from attrs import frozen

from exrx.errors import FieldError, ProtocolError
from exrx.library import library_root, shown_path
from exrx.protocol.schema import LANGUAGES
from exrx.protocol.sources import read_sources, sources_path
from exrx.yamlread import read_plain_yaml

_DATED, _PARAMETERS = "dated", "parameters"


@frozen
class DatedRule:
    """What holds from a day on, by which source."""

    since: date
    value: str
    source: str
    verified: str


@frozen
class DayLimit:
    """A number of days with its source."""

    days: int
    source: str
    verified: str


@frozen(eq=False)
class Vocabulary:
    """`lists` are closed lists, key to its wordings and attributes; `dated` rules in the order of their days."""

    lists: Mapping[str, Mapping[str, Mapping[str, str]]]
    dated: Mapping[str, tuple[DatedRule, ...]]
    limits: Mapping[str, DayLimit]

    def keys(self, of: str) -> tuple[str, ...]:
        """The keys of a list."""
        return tuple(self.lists[of])

    def say(self, of: str, key: str, lang: str) -> str:
        """The wording of a key; the key itself where the list does not have it."""
        return self.lists[of].get(key, {}).get(lang, key)

    def check(self, of: str, key: str) -> str:
        """The key, if the list has it.

        Raises:
            FieldError: it has not; the message names the nearest or all.
        """
        if key in self.lists[of]:
            return key
        near = get_close_matches(key, self.lists[of], n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(self.lists[of])}"
        raise FieldError(f"'{key}' is not one of the {of.replace('_', ' ')}; {hint}")

    def on(self, rule: str, day: date) -> DatedRule:
        """The dated rule that holds on a day; the first one before all of them."""
        begun = [entry for entry in self.dated[rule] if entry.since <= day]
        return begun[-1] if begun else self.dated[rule][0]


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The shipped lists.

    Raises:
        ProtocolError: a wording lacks a language, or a number or dated rule a known source.
    """
    path = library_root() / "pathway"
    content: dict[str, Any] = {}
    for file in sorted(path.glob("*.yaml")):
        content |= read_plain_yaml(file, shown_path(file))
    faults = [
        f"{name}.{key} lacks {lang}"
        for name, entries in content.items()
        if name not in (_DATED, _PARAMETERS)
        for key, entry in entries.items()
        for lang in LANGUAGES
        if lang not in entry
    ]
    sources = set(read_sources(sources_path())[0])
    cited = [*content[_PARAMETERS].values(), *(entry for rules in content[_DATED].values() for entry in rules)]
    faults += [f"there is no source '{entry['source']}'" for entry in cited if entry["source"] not in sources]
    if faults:
        raise ProtocolError(f"{shown_path(path)} cannot be used: {'; '.join(faults)}")
    lists = {name: entries for name, entries in content.items() if name not in (_DATED, _PARAMETERS)}
    return Vocabulary(
        MappingProxyType(lists),
        {name: tuple(_dated(entry) for entry in rules) for name, rules in content[_DATED].items()},
        {name: _limit(entry) for name, entry in content[_PARAMETERS].items()},
    )


def _dated(entry: Mapping[str, Any]) -> DatedRule:
    return DatedRule(date.fromisoformat(entry["from"]), entry["is"], entry["source"], entry["verified"])


def _limit(entry: Mapping[str, Any]) -> DayLimit:
    return DayLimit(int(entry["value"]), entry["source"], entry["verified"])
