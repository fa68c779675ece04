"""The numbers, lists and principles of adaptation: `protocols/training/adaptation.yaml`, read and checked.

After `load_adaptations` nothing needs checking again. All faults of the file are reported at once, each with its place.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from attrs import define, field, frozen

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.library import library_root, shown_path
from exrx.protocol.model import VERIFIED, Parameter
from exrx.rules.restriction import Intensity
from exrx.training.exercises import ExerciseReader
from exrx.training.phase import IDS
from exrx.training.plan import Plan
from exrx.training.session import INTENSITIES
from exrx.training.targets import Words
from exrx.training.template import Band
from exrx.yamlread import Node, Scalar, read_yaml

DEFAULT, WITH_LYMPHOEDEMA = "during-treatment", "lymphoedema-pal"
DOMAINS = ("aerobic", "strength")
EFFECTS = ("block", "infection", "lower")
PRINCIPLES = (
    "plan-step", "rpe-steers", "abandoned-never-advances", "unknown-never-advances", "symptoms-lower",
    "block-until-screened", "duration-first", "screening-of-the-day",
)  # fmt: skip
_OWN = (
    "minutes_step", "smallest_load_step", "load_up_least", "load_up_most", "more_repetitions", "fewer_repetitions",
    "load_down", "dose_down", "borg_far_above", "strength_weeks_back", "aerobic_weeks_back",
)  # fmt: skip
_MAY = ("borg_up_below", "borg_down_above")
_EVERYONE = (
    "interruption_sessions", "symptom_free_days", "return_first_percent", "return_second_percent", "sessions_running",
    "pain_lowers_from", "lowest_percent", "gross_percent", "reduce_percent", "heaviest_kilograms", "longest_minutes",
)  # fmt: skip
_SOURCED = ("source", "verified", "note")


@frozen
class Symptom:
    """What a symptom does: block, infection or lower, and which domains it lowers."""

    name: str
    effect: str
    domains: tuple[str, ...]
    label: Words


@frozen
class StopReason:
    """A KL code, its words, and whether the course ends with it."""

    name: str
    final: bool
    label: Words


@frozen
class Zone:
    """An intensity on the scales: Borg 6-20 and CR10, lowest and highest."""

    borg: tuple[int, int]
    cr10: tuple[int, int]


@frozen(eq=False)
class Everyone:
    """What goes for all sets."""

    numbers: dict[str, Parameter]
    principles: dict[str, str]
    symptoms: dict[str, Symptom]
    stop_reasons: dict[str, StopReason]
    also_written: dict[str, str]
    zones: dict[Intensity, Zone]
    aerobic_bands: dict[Intensity, Band]
    strength_bands: dict[Intensity, Band]
    without_measured_maximum: Intensity

    def number(self, name: str) -> int:
        """A number's value in the unit of the file."""
        return int(self.numbers[name].value)


@frozen(eq=False)
class AdaptationRules:
    """A named set of numbers for a population. `rules["load_down"]` is a value in the unit that the file gives."""

    id: str
    title: Words
    population: Words
    valid_for: tuple[str, ...]
    load_by: str
    easy_by: str
    numbers: dict[str, Parameter]
    choices: dict[str, str]
    everyone: Everyone

    def __getitem__(self, name: str) -> int:
        return int((self.numbers.get(name) or self.everyone.numbers[name]).value)

    def limit(self, name: str) -> int | None:
        """A number that a set may leave out."""
        return int(self.numbers[name].value) if name in self.numbers else None

    def rule(self, *names: str) -> tuple[str, str]:
        """The ids of numbers, choices and principles, and how well the weakest of them is verified."""
        found = [self._rule(name) for name in dict.fromkeys(names)]
        return ", ".join(rule for rule, _ in found), max((verified for _, verified in found), key=VERIFIED.index)

    def _rule(self, name: str) -> tuple[str, str]:
        if name in self.numbers:
            return f"{self.id}.{name}", self.numbers[name].verified
        if name in self.choices:
            return f"{self.id}.{name}", self.choices[name]
        if name in self.everyone.numbers:
            return f"everyone.{name}", self.everyone.numbers[name].verified
        return f"principles.{name}", self.everyone.principles[name]

    def back(self, domain: str) -> int:
        """Weeks' worth to take back for every week without training."""
        return self[f"{domain}_weeks_back"]


def load_rules(rules: str | AdaptationRules | None, plan: Plan) -> AdaptationRules:
    """The set with this id; without one the set of the plan's population.

    That is `lymphoedema-pal` where the plan's facts name lymphoedema or its load may not rise fast, and
    `during-treatment` otherwise, after treatment too: the healthy adult's steps are never taken by default.

    Raises:
        PlanError: there is no such set.
    """
    if isinstance(rules, AdaptationRules):
        return rules
    sets = load_adaptations()
    if rules is None:
        known = any(fact.field == "lymphoedema" and fact.state not in ("refused", "expired") for fact in plan.facts)
        rules = WITH_LYMPHOEDEMA if known or "rapid-load-increase" in plan.avoid else DEFAULT
    if rules not in sets:
        near = get_close_matches(str(rules), sets, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(sets)}"
        raise PlanError(f"there is no set of adaptation rules '{rules}'; {hint}")
    return sets[rules]


@lru_cache(maxsize=1)
def load_adaptations() -> dict[str, AdaptationRules]:
    """All shipped sets by id.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_adaptations(library_root() / "training" / "adaptation.yaml")


def everyone() -> Everyone:
    """What goes for all sets: symptoms, stop reasons, bands."""
    return next(iter(load_adaptations().values())).everyone


def read_adaptations(path: Path) -> dict[str, AdaptationRules]:
    """The sets in a file of the format of adaptation.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = _RulesReader()
    keys = (
        "principles", "everyone", "zones", "cr10", "without_measured_maximum", "sets", "symptoms", "stop_reasons",
        "stop_reasons_source", "also_written",
    )  # fmt: skip
    root = read.table(read_yaml(path, shown_path(path)), "the file", keys, keys)
    for key in ("cr10", "stop_reasons_source"):
        read.sourced(root.get(key), key)
    shared = Everyone(
        read.numbers(root.get("everyone"), "everyone", _EVERYONE, ()),
        {name: read.sourced(node, f"principles.{name}") for name, node in read.entries(root, "principles", PRINCIPLES)},
        {name: read.symptom(name, node) for name, node in read.entries(root, "symptoms")},
        {name: read.stop_reason(name, node) for name, node in read.entries(root, "stop_reasons")},
        {name: read.text(node, f"also_written.{name}") for name, node in read.entries(root, "also_written")},
        *read.bands(root.get("zones")),
        read.ceiling(root.get("without_measured_maximum")),
    )
    sets = {name: read.rules(name, node, shared) for name, node in read.entries(root, "sets")}
    for name, symptom in shared.also_written.items():
        if symptom not in shared.symptoms:
            read.fault("unknown-word", f"also_written.{name}: '{symptom}' is no symptom of the file", root.location)
    for needed in (DEFAULT, WITH_LYMPHOEDEMA):
        if needed not in sets:
            read.fault("missing-key", f"sets needs '{needed}'", root.location)
    read.finish(shown_path(path))
    return sets


@define
class _RulesReader(ExerciseReader):
    seen: list[str] = field(factory=list, kw_only=True)

    def entries(self, root: object, key: str, needed: tuple[str, ...] = ()) -> list[tuple[str, Node]]:
        node = root.get(key) if hasattr(root, "get") else None
        return list(self.table(node, key, needed, needed).entries.items())

    def sourced(self, node: Node | None, name: str) -> str:
        table = self.table(node, name, _SOURCED, ("source", "verified"))
        return self.origin(table.get("source"), table.get("verified"), name)

    def numbers(
        self, node: Node | None, what: str, needed: tuple[str, ...], may: tuple[str, ...]
    ) -> dict[str, Parameter]:
        table = self.table(node, what, (*needed, *may), needed)
        for name, item in table.entries.items():
            self.number(item, f"{what}.{name}")
            if name.endswith("_percent") or name.startswith("load_") or name == "dose_down":
                self._at_most_100(item, f"{what}.{name}")
        return {name: found for name in table.entries if (found := self.parameters.get(f"{what}.{name}"))}

    def _at_most_100(self, node: Node, name: str) -> None:
        parameter = self.parameters.get(name)
        if parameter and parameter.value.isdecimal() and int(parameter.value) > 100:
            self.fault("out-of-range", f"{name} must not exceed 100 %", node.location)

    def symptom(self, name: str, node: Node) -> Symptom:
        words = load_dictionary().vocabulary["monitor"]
        if name not in words:
            self.fault("unknown-word", f"symptoms: '{name}' is not in vocabulary.yaml under monitor", node.location)
        table = self.table(node, f"symptoms.{name}", ("effect", "domains", *_SOURCED), ("effect", "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), f"symptoms.{name}")
        effect = self.one_of(table.get("effect"), f"symptoms.{name}: effect", EFFECTS) or "block"
        domains = tuple(self.words(table.get("domains"), f"symptoms.{name}: domains", DOMAINS))
        if effect == "lower" and not domains:
            self.fault("missing-key", f"symptoms.{name} needs the domains that it lowers", node.location)
        label = {lang: str(words.get(name, {}).get(lang, name)) for lang in ("da", "en")}
        return Symptom(name, effect, domains or DOMAINS, label)

    def stop_reason(self, name: str, node: Node) -> StopReason:
        table = self.table(node, f"stop_reasons.{name}", ("final", "label"), ("final", "label"))
        final = self.one_of(table.get("final"), f"stop_reasons.{name}: final", ("yes", "no")) == "yes"
        return StopReason(name, final, self.both_languages(table.get("label"), f"stop_reasons.{name}"))

    def bands(self, node: Node | None) -> tuple[dict[Intensity, Zone], dict[Intensity, Band], dict[Intensity, Band]]:
        words = [level.word for level in INTENSITIES]
        table = self.table(node, "zones", words, words)
        keys = ("borg", "cr10", "one_rm", "aerobic_loads", "strength_loads", "source", "verified", "word")
        zones, aerobic, strength = {}, {}, {}
        for level in INTENSITIES:
            name = f"zones.{level.word}"
            entry = self.table(table.get(level.word), name, (*keys, "note"), keys)
            self.origin(entry.get("source"), entry.get("verified"), name)
            borg, cr10, percent = (self.pair(entry.get(key), f"{name}: {key}") for key in keys[:3])
            word = self.both_languages(entry.get("word"), name)
            zones[level] = Zone(borg, cr10)
            aerobic[level] = Band(percent, borg, self.avoidances(entry.get("aerobic_loads"), name), word)
            strength[level] = Band(percent, borg, self.avoidances(entry.get("strength_loads"), name), word)
        return zones, aerobic, strength

    def ceiling(self, node: Node | None) -> Intensity:
        what = "without_measured_maximum"
        table = self.table(node, what, ("intensity", *_SOURCED), ("intensity", "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), what)
        word = self.one_of(table.get("intensity"), what, Intensity.words())
        return Intensity.from_word(word) if word else Intensity.NONE

    def rules(self, name: str, node: Node, shared: Everyone) -> AdaptationRules:
        keys = ("title", "population", "valid_for", "load_by", "easy_by", "numbers")
        table = self.table(node, name, keys, keys)
        load_by, easy_by = table.get("load_by"), table.get("easy_by")
        chosen = {
            "load_by": self._choice(load_by, f"{name}.load_by", ("percent", "smallest")),
            "easy_by": self._choice(easy_by, f"{name}.easy_by", ("rpe", "repetitions", "either")),
        }
        return AdaptationRules(
            id=name,
            title=self.both_languages(table.get("title"), name),
            population=self.both_languages(table.get("population"), name),
            valid_for=tuple(self.words(table.get("valid_for"), f"{name}: valid_for", IDS)),
            load_by=chosen["load_by"][0],
            easy_by=chosen["easy_by"][0],
            numbers=self.numbers(table.get("numbers"), name, _OWN, _MAY),
            choices={key: verified for key, (_, verified) in chosen.items()},
            everyone=shared,
        )

    def _choice(self, node: Node | None, name: str, words: tuple[str, ...]) -> tuple[str, str]:
        table = self.table(node, name, ("value", *_SOURCED), ("value", "source", "verified"))
        verified = self.origin(table.get("source"), table.get("verified"), name)
        value = table.get("value")
        return (self.one_of(value, name, words) or words[0]) if isinstance(value, Scalar) else words[0], verified
