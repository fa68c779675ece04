"""How hard an effort is, in each measure that trials use: `protocols/training/efforts.yaml`."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from exrx.library import library_root, shown_path
from exrx.rules.restriction import Intensity
from exrx.training.session import METRICS, Effort
from exrx.training.targets import NumberReader
from exrx.yamlread import Node, read_yaml

FALLING = ("rm", "reserve")  # measures in which less is harder


@frozen
class Bands:
    """Where moderate and vigorous begin in one measure, and the lowest and highest that can be meant."""

    moderate: float
    vigorous: float
    falling: bool
    possible: tuple[int, int]

    def intensity(self, effort: Effort) -> Intensity:
        """The highest class that the effort reaches into by more than its edge."""
        for begins, level in ((self.vigorous, Intensity.VIGOROUS), (self.moderate, Intensity.MODERATE)):
            inside = effort.high <= begins if self.falling else effort.low >= begins
            reaches = effort.low < begins if self.falling else effort.high > begins
            if inside or reaches:
                return level
        return Intensity.LIGHT


@frozen
class Efforts:
    """The bands of every measure; `unverified` names the measures whose bands nobody has verified."""

    bands: dict[str, Bands]
    unverified: frozenset[str]

    def intensity(self, effort: Effort) -> Intensity:
        """Light, moderate or vigorous, for caps and targets."""
        return self.bands[effort.metric].intensity(effort)


@lru_cache(maxsize=1)
def load_efforts() -> Efforts:
    """The shipped bands.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    path = library_root() / "training" / "efforts.yaml"
    read = NumberReader()
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("efforts",), ("efforts",))
    entries = read.table(root.get("efforts"), "efforts", METRICS, METRICS).entries
    bands = {name: _bands(read, name, node) for name, node in entries.items()}
    read.finish(shown_path(path))
    return Efforts(bands, frozenset(read.unverified))


def _bands(read: NumberReader, name: str, node: Node) -> Bands:
    keys = ("moderate", "vigorous", "possible", "source", "verified")
    table = read.table(node, name, (*keys, "note"), keys)
    read.origin(table.get("source"), table.get("verified"), name)
    moderate, vigorous = (read.whole(table.get(key), f"{name}: {key}") or 0 for key in keys[:2])
    falling = name in FALLING
    if (vigorous >= moderate) if falling else (moderate >= vigorous):
        read.fault("contradiction", f"{name}: vigorous must begin beyond moderate", table.location)
    return Bands(moderate, vigorous, falling, read.pair(table.get("possible"), f"{name}: possible"))
