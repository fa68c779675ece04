"""The Compendium of Physical Activities: gross METs by code and edition, from `protocols/training/compendium.yaml`.

The same code means another MET in another edition, and a MET in the book is not the MET of a person with cancer.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Literal

from attrs import define, frozen

from exrx.errors import PlanError
from exrx.library import library_root, shown_path
from exrx.training.capacity.formula import Answer, Formula, Numbers, Outside, Range, answer, numbers
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Node, read_yaml

EDITIONS = ("2011", "2000", "1993")
SITTING = "07021"
BASELINES = ("rest-1.0", "sitting-2011")
_MET = Range("met", 0, 25, "MET")
_NUMBER = re.compile(r"\d+\.\d")

NET_MET = Formula(
    "net-met", "Net METs", "MET - baseline", "MET", "compendium.net_met", (_MET,), "ainsworth-2011", "secondary",
    note="The baseline is named: 1.0 by definition, or 1.3 as sitting quietly in the edition of 2011.",
)  # fmt: skip
FORMULAS = (NET_MET,)


@frozen
class Activity:
    """A row: the code, the gross METs of each edition that has it, and a short name."""

    code: str
    mets: dict[str, float]
    name: Words


@frozen
class Compendium:
    """Activities by code; `verified` says by edition how well its values were seen."""

    activities: dict[str, Activity]
    verified: dict[str, str]


@lru_cache(maxsize=1)
def load_compendium() -> Compendium:
    """The shipped rows.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_compendium(library_root() / "training" / "compendium.yaml")


def read_compendium(path: Path) -> Compendium:
    """The rows of a file of the format of compendium.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = _CompendiumReader()
    keys = ("editions", "activities")
    root = read.table(read_yaml(path, shown_path(path)), "the file", keys, keys)
    editions = read.table(root.get("editions"), "editions", EDITIONS, EDITIONS).entries
    verified = {edition: read.edition(edition, node) for edition, node in editions.items()}
    entries = read.table(root.get("activities"), "activities").entries
    activities = {code: read.activity(code, node) for code, node in entries.items()}
    read.finish(shown_path(path))
    return Compendium(activities, verified)


def met(code: str, edition: str = "2011") -> float:
    """The gross METs of an activity in an edition.

    Raises:
        PlanError: no such code here, no such edition, or an edition without this code (names those that have it).

    Source: Ainsworth 2011 and earlier editions, from a public copy. secondary
    """
    activity = _activity(code)
    if edition not in EDITIONS:
        hint = "; 2024 renumbers stationary cycling and is not here" if edition == "2024" else ""
        raise PlanError(f"there is no edition {edition!r} of the compendium. Use one of: {', '.join(EDITIONS)}{hint}")
    if edition not in activity.mets:
        raise PlanError(f"the edition of {edition} has no value for {code}; it stands in: {', '.join(activity.mets)}")
    return activity.mets[edition]


def net_met(gross: Numbers, *, baseline: Literal["rest-1.0", "sitting-2011"], outside: Outside = "raise") -> Answer:
    """Gross METs less what resting uses, never below 0; the baseline must be named. NaN for unknown.

    `rest-1.0` takes away 1.0 (the definition of a MET), `sitting-2011` takes away the 1.3 of sitting quietly in
    the edition of 2011. The choice changes net MET hours of light activity by a tenth or more.

    Raises:
        PlanError: another baseline; METs outside 0 to 25.

    Source: code 07021 of the compendium. secondary
    """
    if baseline not in BASELINES:
        raise PlanError(f"name the baseline of net METs: {' or '.join(BASELINES)}, not {baseline!r}")
    rest = 1.0 if baseline == "rest-1.0" else met(SITTING)
    return answer((_MET.check(numbers(gross, "met"), outside) - rest).clip(min=0))


def _activity(code: str) -> Activity:
    activities = load_compendium().activities
    if code not in activities:
        near = get_close_matches(str(code), activities, n=1)
        hint = f"; did you mean '{near[0]}', {activities[near[0]].name['en']}?" if near else ""
        raise PlanError(f"the compendium's rows here have no code {code!r} (five digits as text){hint}")
    return activities[code]


@define
class _CompendiumReader(NumberReader):
    def edition(self, name: str, node: Node) -> str:
        table = self.table(node, name, ("source", "verified", "note"), ("source", "verified"))
        return self.origin(table.get("source"), table.get("verified"), f"edition {name}")

    def activity(self, code: str, node: Node) -> Activity:
        keys = ("met", "da", "en")
        table = self.table(node, code, keys, keys)
        if not re.fullmatch(r"\d{5}", code):
            self.fault("wrong-shape", f"a code is five digits in quotes, not '{code}'", table.location)
        name = {lang: self.text(table.get(lang), f"{code}: {lang}") for lang in ("da", "en")}
        mets = self.table(table.get("met"), f"{code}: met", EDITIONS).entries
        if not mets:
            self.fault("missing-key", f"{code} has no MET", table.location, f"of one of: {', '.join(EDITIONS)}")
        return Activity(code, {edition: self.one_met(mets[edition], code) for edition in mets}, name)

    def one_met(self, node: Node, code: str) -> float:
        word = self.text(node, f"{code}: met")
        if not _NUMBER.fullmatch(word) or not 0 < float(word) <= _MET.high:
            self.fault("wrong-shape", f"{code}: a MET is a number such as 3.5, not '{word}'", node.location)
            return 0.0
        return float(word)
