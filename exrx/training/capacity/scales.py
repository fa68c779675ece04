"""Intensity scales by version, read from `protocols/training/scales.yaml`; the file's head says how to read it."""

from __future__ import annotations

import math
import re
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from attrs import define, frozen

from exrx.errors import PlanError
from exrx.library import library_root, shown_path
from exrx.rules.restriction import Intensity
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Mapping, Node, read_yaml

_DECIMAL = re.compile(r"\d+(\.\d+)?")
_ORIGIN = ("source", "verified", "note")


class Level(IntEnum):
    """How intense something is, from least to most."""

    VERY_LIGHT = 0
    LIGHT = 1
    MODERATE = 2
    VIGOROUS = 3
    NEAR_MAXIMAL = 4

    @property
    def word(self) -> str:
        """The class as the file writes it: `very-light`."""
        return self.name.lower().replace("_", "-")

    @property
    def intensity(self) -> Intensity:
        """The nearest of the three intensities that plans and restrictions use."""
        three = (Intensity.LIGHT, Intensity.MODERATE, Intensity.VIGOROUS)
        return three[min(max(self, Level.LIGHT), Level.VIGOROUS) - Level.LIGHT]

    @classmethod
    def from_word(cls, word: str) -> Level:
        """The class of a word of the file.

        Raises:
            PlanError: there is no such class.
        """
        for level in cls:
            if level.word == word:
                return level
        raise PlanError(f"there is no intensity class {word!r}: {', '.join(level.word for level in cls)}")


LEVELS = tuple(level.word for level in Level)


@frozen
class Metric:
    """Something that can be classified, and the values that it can have."""

    id: str
    unit: str
    lowest: float
    highest: float
    label: Words


@frozen
class ZoneBand:
    """A class as printed: `low` included, `high` included unless `open_above`; infinite where the band is open."""

    level: Level
    low: float
    high: float
    open_above: bool

    def holds(self, value: float) -> bool:
        """True when the printed band contains the value."""
        return self.low <= value and (value < self.high if self.open_above else value <= self.high)


@frozen
class ZoneTable:
    """The bands of one metric in one scale, from low to high, with where they were read."""

    bands: tuple[ZoneBand, ...]
    source: str
    verified: str
    note: str


@frozen
class Scale:
    """A version of an intensity scale; `below` and `above` classify what lies under or over the printed bands."""

    id: str
    label: Words
    below: Level
    above: Level
    tables: dict[str, ZoneTable]


@frozen
class Scales:
    """Everything in the file: metrics, scales, % of 1RM by repetitions, and the talk test's sentences."""

    metrics: dict[str, Metric]
    scales: dict[str, Scale]
    repetitions: dict[int, float]
    talk_test: dict[str, Words]
    unverified: tuple[str, ...]


@lru_cache(maxsize=1)
def load_scales() -> Scales:
    """The shipped scales.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_scales(library_root() / "training" / "scales.yaml")


def read_scales(path: Path) -> Scales:
    """The scales of a file of the format of scales.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = _ScaleReader()
    keys = ("metrics", "scales", "repetitions", "talk_test")
    root = read.table(read_yaml(path, shown_path(path)), "the file", keys, keys)
    metric_nodes, scale_nodes = (read.table(root.get(key), key).entries for key in ("metrics", "scales"))
    metrics = {name: read.metric(name, node) for name, node in metric_nodes.items()}
    scales = {name: read.scale(name, node, tuple(metrics)) for name, node in scale_nodes.items()}
    repetitions, talk_test = read.repetitions(root.get("repetitions")), read.talk_test(root.get("talk_test"))
    read.finish(shown_path(path))
    return Scales(metrics, scales, repetitions, talk_test, tuple(read.unverified))


@define
class _ScaleReader(NumberReader):
    def decimal(self, node: Node | None, what: str) -> float:
        word = self.text(node, what)
        if _DECIMAL.fullmatch(word):
            return float(word)
        if node is not None:
            self.fault("wrong-shape", f"{what} must be a number from 0, not '{word}'", node.location)
        return 0.0

    def level(self, node: Node | None, what: str) -> Level:
        word = self.one_of(node, what, LEVELS)
        return Level.from_word(word) if word else Level.VERY_LIGHT

    def metric(self, name: str, node: Node) -> Metric:
        keys = ("unit", "lowest", "highest", "label")
        table = self.table(node, name, keys, keys)
        low, high = (self.decimal(table.get(key), f"{name}: {key}") for key in ("lowest", "highest"))
        if low >= high:
            self.fault("out-of-range", f"{name}: lowest must be below highest", table.location)
        label = self.both_languages(table.get("label"), f"{name}: label")
        return Metric(name, self.text(table.get("unit"), f"{name}: unit"), low, high, label)

    def scale(self, name: str, node: Node, metrics: tuple[str, ...]) -> Scale:
        keys = ("label", "below", "above", "metrics")
        table = self.table(node, name, keys, keys)
        entries = self.table(table.get("metrics"), f"{name}: metrics", metrics).entries
        label = self.both_languages(table.get("label"), f"{name}: label")
        below, above = (self.level(table.get(key), f"{name}: {key}") for key in ("below", "above"))
        return Scale(name, label, below, above, {key: self.zones(f"{name}.{key}", entries[key]) for key in entries})

    def zones(self, name: str, node: Node) -> ZoneTable:
        table = self.table(node, name, (*LEVELS, *_ORIGIN), ("source", "verified"))
        verified = self.origin(table.get("source"), table.get("verified"), name)
        levels = [word for word in table.entries if word in LEVELS]
        bands = tuple(self.band(word, table.entries[word], f"{name}.{word}") for word in levels)
        if not bands or list(bands) != sorted(bands, key=lambda band: band.level):
            self.fault("wrong-order", f"{name} needs its bands in the order {', '.join(LEVELS)}", table.location)
        for one, other in pairwise(bands):
            if one.high > other.low:
                self.fault("contradiction", f"{name}: {one.level.word} and {other.level.word} overlap", table.location)
        source = self.text(table.get("source"), f"{name}: source")
        return ZoneTable(bands, source, verified, self.text(table.get("note"), f"{name}: note"))

    def band(self, word: str, node: Node, what: str) -> ZoneBand:
        table = self.table(node, what, ("from", "to", "under"))
        given = {key: self.decimal(table.get(key), f"{what}: {key}") for key in table.entries}
        if "to" in given and "under" in given:
            self.fault("contradiction", f"{what}: give 'to' (included) or 'under' (not included)", table.location)
        low, high = given.get("from", -math.inf), given.get("to", given.get("under", math.inf))
        if low > high or (low == high and "under" in given):
            self.fault("out-of-range", f"{what} begins above its end", table.location)
        return ZoneBand(Level.from_word(word), low, high, "under" in given)

    def repetitions(self, node: Node | None) -> dict[int, float]:
        table = self._with_origin(node, "repetitions", ("percent",))
        percent = self.table(table.get("percent"), "repetitions: percent")
        found = {}
        for count, value in percent.entries.items():
            if not count.isdecimal():
                self.fault("wrong-shape", f"repetitions must be whole, not '{count}'", percent.places[count])
            else:
                found[int(count)] = self.decimal(value, f"repetitions {count}")
        rows = sorted(found.items())
        falling = all(one > other for (_, one), (_, other) in pairwise(rows))
        if [count for count, _ in rows] != list(range(1, len(rows) + 1)) or not falling:
            self.fault("contradiction", "repetitions must run on from 1 and fall in percent", percent.location)
        return dict(rows)

    def talk_test(self, node: Node | None) -> dict[str, Words]:
        levels = ("light", "moderate", "vigorous")
        table = self._with_origin(node, "talk_test", levels)
        return {level: self.both_languages(table.get(level), f"talk_test: {level}") for level in levels}

    def _with_origin(self, node: Node | None, what: str, keys: tuple[str, ...]) -> Mapping:
        table = self.table(node, what, (*keys, *_ORIGIN), (*keys, "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), what)
        return table
