"""The numbers of the synthetic chemotherapy cohort, and its regimens made ready."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen

from exrx.library import library_root
from exrx.study.findings import Column
from exrx.study.marrow import Floats
from exrx.yamlread import read_plain_yaml

LINEAGES = ("neutrophils", "platelets")


@frozen
class Regimen:
    """One regimen as the model needs it: days of dose with their effect (h) on each lineage, and its cycles.

    `starts` and `lengths` have one entry a cycle; `effects` is (2, days), 0 on days without a dose.
    """

    name: str
    field: str
    starts: Column
    lengths: Column
    effects: Floats
    always_gcsf: bool


@frozen
class Parameters:
    """The file `protocols/study/myelosuppression.yaml`, numbers as float, and its regimens made ready."""

    content: dict[str, Any]
    regimens: tuple[Regimen, ...]

    def number(self, group: str, name: str) -> float:
        """A value of `covariates` or `support`."""
        return float(self.content[group][name]["value"])

    def lineage(self, lineage: str, name: str) -> float:
        """A value of a lineage."""
        return float(self.content["lineages"][lineage][name]["value"])


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The parameters that ship with exrx."""
    root = library_root()
    content = read_plain_yaml(root / "study" / "myelosuppression.yaml")
    calendar = read_plain_yaml(root / "training" / "regimens.yaml")["regimens"]
    made = [
        _regimen(name, entry, calendar.get(name), content["effects"]) for name, entry in content["regimens"].items()
    ]
    return Parameters(content, tuple(made))


def _regimen(name: str, entry: dict[str, Any], known: dict[str, Any] | None, effects: dict[str, Any]) -> Regimen:
    phases = known["phases"] if known else [{"cycle_days": {"value": entry["days"]}, "cycles": {"value": 0}}]
    lengths: list[int] = []
    doses: list[str] = []
    for phase, effect in zip(phases, entry["effects"], strict=True):
        cycles = int(float(phase["cycles"]["value"])) or int(entry["cycles"])
        lengths += [int(float(phase["cycle_days"]["value"]))] * cycles
        doses += [effect] * cycles
    starts = np.concatenate([[0], np.cumsum(lengths)])
    table = np.zeros((2, int(starts[-1])))
    for day, effect in zip(starts[:-1], doses, strict=True):
        table[:, day] = [float(effects[effect][lineage]) for lineage in LINEAGES]
    return Regimen(name, entry["field"], starts[:-1], np.array(lengths), table, entry.get("gcsf") == "always")
