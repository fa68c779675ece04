"""Enrolment answers on a synthetic cohort beside published yields of screening, with the rules that make them differ.

The cohort is asked as if no physician had answered yet (every gate "not asked"), with every form filled in today. A
rule that holds for practically everybody asks for a doctor because of who the patients are, not because of a finding;
it is called blanket, and the share without blanket rules is given beside.

The synthetic patients are not those of the publications. Nothing is fitted, and agreement would prove nothing.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import asdict, frozen

from exrx.bits import count, no_bits, unpack
from exrx.cohort import Cohort
from exrx.library import library_root
from exrx.protocol import load_protocol
from exrx.rules.restriction import Clearance, Track
from exrx.screening.gates import gates
from exrx.screening.many import Decisions, screen_cohort
from exrx.screening.questions.holding import Twice
from exrx.study.comparison.sides import POPULATION, population_of
from exrx.study.statistics import Interval, share
from exrx.study.synth import synthesise
from exrx.yamlread import read_plain_yaml

BLANKET = 0.99
MOST_RULES = 6
_BEFORE_ANY = ("cardiopulmonary.acsm-symptoms", "cardiopulmonary.acsm-disease-and-inactive")
_BEFORE_VIGOROUS = "cardiopulmonary.acsm-disease-before-vigorous"
Mask = npt.NDArray[np.bool_]


@frozen
class RuleShare:
    """A rule that asks for a physician or worse: how many it holds for or may hold for, and how many by it alone."""

    rule: str
    because: dict[str, str]
    patients: int
    alone: int
    blanket: bool


@frozen
class Line:
    """A published figure (%) beside ours of one protocol; `scenario` says what the synthetic data do not know."""

    of: str
    figure: str
    published: float
    source: str
    verified: str
    protocol: str
    scenario: str
    ours: Interval

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@frozen(eq=False)
class Calibration:
    """All lines, and per protocol and scenario the rules that ask for a physician."""

    patients: int
    seed: int
    as_of: date
    titles: dict[str, dict[str, str]]
    lines: tuple[Line, ...]
    rules: dict[tuple[str, str], tuple[RuleShare, ...]]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "schema": "exrx/calibration/1", "example": True, "patients": self.patients, "seed": self.seed,
            "as_of": self.as_of.isoformat(), "titles": self.titles, "lines": [line.to_dict() for line in self.lines],
            "rules": [
                {"protocol": protocol, "scenario": scenario, "rules": [asdict(rule) for rule in rules]}
                for (protocol, scenario), rules in self.rules.items()
            ],
        }  # fmt: skip


@lru_cache(maxsize=1)
def published() -> dict[str, Any]:
    """The yields of `protocols/study/yields.yaml`."""
    return dict(read_plain_yaml(library_root() / "study" / "yields.yaml")["yields"])


def calibrate(patients: int, *, seed: int, as_of: date) -> Calibration:
    """Ask a synthetic cohort of so many patients for enrolment and put the answers beside the published yields."""
    lines: list[Line] = []
    rules: dict[tuple[str, str], tuple[RuleShare, ...]] = {}
    for of, entry in published().items():
        scenarios = ("active-no", "active-yes") if "before-any" in entry["figures"] else ("",)
        for scenario in scenarios:
            cohort = _unasked(patients, seed, as_of, int(entry.get("ages_from", 0)), scenario)
            for protocol in entry["protocols"]:
                decisions = screen_cohort(cohort, load_protocol(protocol), stage="enrolment", as_of=as_of)
                shares = _acsm(decisions) if "before-any" in entry["figures"] else _ace(decisions)
                rules[protocol, scenario] = asking_rules(decisions)
                for name, ours in shares.items():
                    figure = entry["figures"][name.removesuffix("-by-finding")]
                    lines.append(Line(of, name, float(figure["value"]), figure["source"], figure["verified"], protocol,
                                      scenario, ours))  # fmt: skip
    titles = {of: entry["title"] for of, entry in published().items()}
    return Calibration(patients, seed, as_of, titles, tuple(lines), rules)


def _unasked(patients: int, seed: int, as_of: date, ages_from: int, scenario: str) -> Cohort:
    """The synthetic cohort with all forms of today and no physician's answer yet."""
    columns = synthesise(patients, seed=seed, as_of=as_of)
    kept = columns["age"] >= ages_from
    columns = {name: column[kept] for name, column in columns.items() if name != "synthetic.regimen"}
    n = int(kept.sum())
    today = np.full(n, as_of.isoformat(), object)
    columns |= {f"form.{name}": today for name in ("enrolment", "cycle", "door", "heart")}
    cohort = Cohort.from_columns({"id": columns["id"]})
    columns |= {name: np.full(n, "not-asked", object) for name in gates(cohort.dictionary)}
    if scenario:
        columns["regularly_active"] = np.full(n, scenario.removeprefix("active-"), object)
    return Cohort.from_columns(columns)


def _ace(decisions: Decisions) -> dict[str, Interval]:
    """Who needs more clearance, in all and by a finding; and who would train under close supervision or alone."""
    inside = population_of(decisions) != POPULATION.index("outside")
    n = int(inside.sum())
    asked = inside & (decisions.clearance >= Clearance.ASSESS)
    found = inside & _by_finding(decisions)
    close = inside & (decisions.track_if_cleared >= Track.INDIVIDUAL)
    return {
        "more-clearance": share(int(asked.sum()), n),
        "more-clearance-by-finding": share(int(found.sum()), n),
        "supervised": share(int(close.sum()), n),
        "community": share(n - int(close.sum()), n),
    }


def _acsm(decisions: Decisions) -> dict[str, Interval]:
    """Whom ACSM's own rules send to a doctor before any exercise, and whom only before vigorous exercise."""
    n = decisions.n
    before_any: Mask = np.zeros(n, np.bool_)
    for rule in _BEFORE_ANY:
        before_any |= decisions.fired(rule) | decisions.undecided(rule)
    vigorous = (decisions.fired(_BEFORE_VIGOROUS) | decisions.undecided(_BEFORE_VIGOROUS)) & ~before_any
    return {"before-any": share(int(before_any.sum()), n), "before-vigorous": share(int(vigorous.sum()), n)}


def _by_finding(decisions: Decisions) -> Mask:
    """Where a rule that is not blanket asks for a physician or worse, or may."""
    found = no_bits(decisions.n)
    for index, active in enumerate(decisions.rules.stage.rules):
        if active.rule.then.clearance >= Clearance.CONSULT:
            possible = decisions.rule_planes(index)[1]
            if count(possible) < BLANKET * decisions.n:
                found = found | possible
    return unpack(found, decisions.n)


def asking_rules(decisions: Decisions) -> tuple[RuleShare, ...]:
    """The rules that ask for a physician or worse, blanket ones first; `alone` leaves the blanket rules out."""
    planes = []
    for index, active in enumerate(decisions.rules.stage.rules):
        if active.rule.then.clearance >= Clearance.CONSULT:
            planes.append((active.rule, decisions.rule_planes(index)[1]))
    n = decisions.n
    seen = Twice(no_bits(n), no_bits(n))
    for _, rows in planes:
        if count(rows) < BLANKET * n:
            seen.add(rows)
    found = [
        RuleShare(rule.id, rule.because, k, 0 if k >= BLANKET * n else count(seen.only(rows)), k >= BLANKET * n)
        for rule, rows in planes
        if (k := count(rows))
    ]
    return tuple(sorted(found, key=lambda each: (not each.blanket, -each.patients, each.rule))[:MOST_RULES])
