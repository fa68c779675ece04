"""Exercises: `protocols/training/exercises.yaml`, read and checked; what each asks of the body and what rules it out.

The avoidances that rule an exercise out are derived from its attributes by the file's own table `rules_out`, so that
none is forgotten. What may stand in for an exercise is in `substitution.py`, the printed list in `exercise_list.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from attrs import define, field, frozen

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.library import library_root, shown_path
from exrx.protocol.model import VERIFIED
from exrx.protocol.schema import LANGUAGES
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Node, Scalar, canonical_sha256, read_yaml

KINDS = ("aerobic", "strength", "stretch", "mobility", "balance", "impact")
PLACES = ("class", "home")
BALANCE_DEMANDS = ("low", "medium", "high")
SITE_LOADS = ("none", "low", "high")
WITH_MUSCLES, WITHOUT_MUSCLES = ("strength", "impact", "stretch"), ("aerobic", "balance")

_LISTS = ("kind", "where", "muscles", "pattern", "equipment", "position", "joints", "spine")
LEVELS = {  # attributes of exactly one word, the least demanding first
    "overhead": ("no", "yes"), "hold": ("no", "yes"), "impact": ("none", "low", "high"),
    "grip": ("none", "light", "firm"), "valsalva": ("low", "possible"), "balance_demand": BALANCE_DEMANDS,
}  # fmt: skip
_PARTS = {
    "moves": ("joints", "spine", "overhead", "hold"),
    "demands": ("impact", "grip", "valsalva", "balance_demand"),
}
_KEYS = (
    "name", "kind", "pattern", "where", "muscles", "equipment", "position", "moves", "demands", "site_load",
    "instruction",
)  # fmt: skip

Attributes = Mapping[str, frozenset[str]]


@frozen
class Condition:
    """Attributes and the words wanted in each; it holds when every attribute has at least one of its words."""

    wanted: dict[str, frozenset[str]]

    def holds(self, attributes: Attributes) -> bool:
        """Whether an exercise with these attributes is meant."""
        return all(attributes[name] & words for name, words in self.wanted.items())


RulesOut = dict[str, tuple[Condition, ...]]


@frozen
class Exercise:
    """Something a patient does.

    `loads` are the avoidances (vocabulary.yaml, `avoid`) that rule it out; `attributes` holds, for each attribute of
    the file, the words it has; `site_load` says none, low or high for each skeletal site; `instruction` is for the
    patient. All of it is unverified: see `Exercises.verified`.
    """

    id: str
    kind: str
    where: tuple[str, ...]
    muscles: tuple[str, ...]
    loads: frozenset[str]
    name: Words
    pattern: str
    site_load: dict[str, str]
    attributes: dict[str, frozenset[str]]
    instruction: Words

    def allowed(self, avoid: frozenset[str]) -> bool:
        """True when nothing that is avoided loads it."""
        return not self.loads & avoid

    def level(self, name: str) -> str:
        """The word of an attribute that has exactly one: impact, grip, valsalva, balance_demand, overhead, hold."""
        (word,) = self.attributes[name]
        return word


@frozen
class Exercises:
    """Exercises by id, in the file's order, and the closed lists that describe them.

    `known_avoidances` are those that some exercise loads or that are said in words; `by_dose` those that a training
    template obeys with load, intensity and progression. `words[attribute][word]` is the wording in Danish and English.
    """

    by_id: dict[str, Exercise]
    known_avoidances: frozenset[str]
    verified: str
    sha256: str
    said_in_words: frozenset[str]
    by_dose: frozenset[str]
    rules_out: RulesOut
    words: dict[str, dict[str, Words]]


@lru_cache(maxsize=1)
def load_exercises() -> Exercises:
    """The shipped exercises.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_exercises(library_root() / "training" / "exercises.yaml")


def read_exercises(path: Path) -> Exercises:
    """The exercises in a file of the format of exercises.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = ExerciseReader()
    content = read_yaml(path, shown_path(path))
    keys = ("verified", "by_dose", "said_in_words", "lists", "rules_out", "exercises")
    root = read.table(content, "the file", (*keys, "note"), keys)
    verified = read.one_of(root.get("verified"), "verified", VERIFIED) or "unverified"
    by_dose, said = (read.avoidances(root.get(key), key) for key in ("by_dose", "said_in_words"))
    read.lists = read.closed_lists(root.get("lists"))
    read.rules_out = read.derivations(root.get("rules_out"))
    entries = read.table(root.get("exercises"), "exercises").entries
    exercises = {name: read.exercise(name, node) for name, node in entries.items()}
    loaded = frozenset[str]().union(*(exercise.loads for exercise in exercises.values()))
    for twice in sorted(said & loaded | said & by_dose | by_dose & loaded):
        message = f"'{twice}' must be one of: loaded by an exercise, said in words, obeyed by the dose"
        read.fault("contradiction", message, root.location)
    read.finish(shown_path(path))
    sha256 = canonical_sha256(content.plain())
    return Exercises(exercises, said | loaded, verified, sha256, said, by_dose, read.rules_out, read.lists)


@define
class ExerciseReader(NumberReader):
    """Reads exercises, and lists of avoidances."""

    lists: dict[str, dict[str, Words]] = field(factory=dict, kw_only=True)
    rules_out: RulesOut = field(factory=dict, kw_only=True)

    def avoidances(self, node: Node | None, what: str) -> frozenset[str]:
        """Avoidances of the vocabulary."""
        return frozenset(self.words(node, what, known_avoidances()))

    def closed_lists(self, node: Node | None) -> dict[str, dict[str, Words]]:
        """Attribute -> word -> its wording; kinds and places are those that the code knows."""
        table = self.table(node, "lists", _LISTS, _LISTS)
        closed = {"kind": KINDS, "where": PLACES}
        lists: dict[str, dict[str, Words]] = {}
        for name in _LISTS:
            what, known = f"lists.{name}", closed.get(name, ())
            entries = self.table(table.get(name), what, known, known).entries
            lists[name] = {word: self._both(text, f"{what}.{word}") for word, text in entries.items()}
        return lists

    def derivations(self, node: Node | None) -> RulesOut:
        """Avoidance -> the conditions of which one is enough."""
        entries = self.table(node, "rules_out", known_avoidances()).entries
        return {
            avoidance: tuple(self._condition(item, f"rules_out.{avoidance}") for item in self.several(items, avoidance))
            for avoidance, items in entries.items()
        }

    def exercise(self, name: str, node: Node) -> Exercise:
        """One exercise, with its loads derived."""
        table = self.table(node, name, (*_KEYS, "loads"), _KEYS)
        parts = dict.fromkeys(_LISTS, table)
        for part, keys in _PARTS.items():
            parts |= dict.fromkeys(keys, self.table(table.get(part), f"{name}: {part}", keys, keys))
        words = {key: self._words_of(key, part.get(key), name) for key, part in parts.items()}
        attributes = {key: frozenset(found) for key, found in words.items()}
        for code, message in _contradictions(words):
            self.fault(code, f"'{name}' {message}", table.location)
        loads = self.avoidances(table.get("loads"), f"{name}: loads")
        return Exercise(
            id=name,
            kind="".join(words["kind"]),
            where=words["where"],
            muscles=words["muscles"],
            loads=loads | self._derived(attributes),
            name=self._both(table.get("name"), f"{name}: name"),
            pattern="".join(words["pattern"]),
            site_load=self._site_load(table.get("site_load"), name),
            attributes=attributes,
            instruction=self._both(table.get("instruction"), f"{name}: instruction"),
        )

    def _derived(self, attributes: Attributes) -> frozenset[str]:
        return frozenset(
            avoidance
            for avoidance, conditions in self.rules_out.items()
            if any(condition.holds(attributes) for condition in conditions)
        )

    def _condition(self, node: Node, what: str) -> Condition:
        known = (*_LISTS, *LEVELS)
        entries = self.table(node, what, known).entries
        wanted = {name: self._words_in(name, words, what) for name, words in entries.items() if name in known}
        if not wanted or not all(wanted.values()):
            self.fault("wrong-shape", f"{what}: a condition names attributes and words", node.location)
        return Condition({name: frozenset(words) for name, words in wanted.items()})

    def _words_of(self, attribute: str, node: Node | None, what: str) -> tuple[str, ...]:
        if attribute in ("kind", "pattern", *LEVELS) and node is not None and not isinstance(node, Scalar):
            self.fault("wrong-shape", f"{what}: {attribute} must be a single word", node.location)
            return ()
        return self._words_in(attribute, node, what)

    def _words_in(self, attribute: str, node: Node | None, what: str) -> tuple[str, ...]:
        return tuple(self.words(node, f"{what}: {attribute}", self.lists.get(attribute) or LEVELS.get(attribute, ())))

    def _site_load(self, node: Node | None, name: str) -> dict[str, str]:
        sites = skeletal_sites()
        table = self.table(node, f"{name}: site_load", sites, sites)
        return {site: self.one_of(table.get(site), f"{name}: site_load.{site}", SITE_LOADS) or "high" for site in sites}

    def _both(self, node: Node | None, what: str) -> Words:
        self.table(node, what, LANGUAGES, LANGUAGES)
        return self.both_languages(node, what)


def known_avoidances() -> tuple[str, ...]:
    """Every avoidance of the vocabulary."""
    return tuple(load_dictionary().vocabulary.get("avoid", {}))


def check_asked(avoid: frozenset[str], where: str | None) -> None:
    """Refuse a place or an avoidance that does not exist: ignoring it would loosen the answer.

    Raises:
        PlanError: says which, and what to use.
    """
    if where is not None and where not in PLACES:
        raise PlanError(f"there is no place '{where}'. Use one of: {', '.join(PLACES)}")
    if unknown := sorted(avoid.difference(known_avoidances())):
        raise PlanError(f"there is no avoidance '{unknown[0]}'. Use the words under `avoid` in vocabulary.yaml")


def skeletal_sites() -> tuple[str, ...]:
    """The sites of the vocabulary that an exercise can load; `other` is no place."""
    return tuple(site for site in load_dictionary().vocabulary.get("sites", {}) if site != "other")


def _contradictions(words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """What one exercise must not say."""
    for name in ("where", "equipment", "position"):
        if not words[name]:
            yield "wrong-shape", f"needs at least one word for {name}"
    kind = words["kind"]
    if set(kind) & set(WITH_MUSCLES) and not words["muscles"]:
        yield "wrong-muscles", f"names no muscles: {', '.join(WITH_MUSCLES)} exercises do"
    if set(kind) & set(WITHOUT_MUSCLES) and words["muscles"]:
        yield "wrong-muscles", f"names muscles: {' and '.join(WITHOUT_MUSCLES)} exercises do not"
