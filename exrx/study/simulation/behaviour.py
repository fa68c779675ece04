"""What a simulation assumes about people: `protocols/study/behaviour.yaml`, each number with source and flag."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from attrs import frozen

from exrx.errors import InputFileError
from exrx.library import library_root
from exrx.yamlread import read_plain_yaml

OURS = "unverified"
_HIGHEST = {"share": 1.0, "factor": 10.0, "d": 365.0}


@frozen
class Assumption:
    """A number, its unit (`share`, `factor`, `d`), where it is from, and its words in both languages."""

    name: str
    value: float
    unit: str
    source: str
    verified: str
    label: Mapping[str, str]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The assumption as JSON."""
        return {
            "name": self.name, "value": self.value, "unit": self.unit, "source": self.source,
            "verified": self.verified, "label": dict(self.label), "note": self.note,
        }  # fmt: skip


@frozen
class Behaviour:
    """All assumptions by name; `behaviour["comes"]` is a value."""

    assumptions: Mapping[str, Assumption]

    def __getitem__(self, name: str) -> float:
        return self.assumptions[name].value


def load_behaviour(changed: Mapping[str, float] | None = None) -> Behaviour:
    """The shipped assumptions, some of them changed; a changed one is the caller's and unverified.

    Raises:
        InputFileError: there is no such assumption, or the value is none that it can have.
    """
    plain: dict[str, dict[str, Any]] = read_plain_yaml(library_root() / "study" / "behaviour.yaml")
    known = {
        name: Assumption(
            name, float(entry["value"]), entry["unit"], entry["source"], entry["verified"], entry["label"],
            entry.get("note", ""),
        )
        for name, entry in plain.items()
    }  # fmt: skip
    for name, value in (changed or {}).items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
            raise InputFileError(f"there is no assumption '{name}'; {hint}")
        was = known[name]
        lowest = 1.0 if name == "ill_days" else 0.0
        if not lowest <= value <= _HIGHEST[was.unit] or (was.unit == "d" and value != int(value)):
            whole = "whole days" if was.unit == "d" else "a number"
            raise InputFileError(f"{name} must be {whole} from {lowest:g} to {_HIGHEST[was.unit]:g}, not {value:g}")
        note = f"Given with the call; shipped: {was.value:g}."
        known[name] = Assumption(name, value, was.unit, "given", OURS, was.label, note)
    behaviour = Behaviour(known)
    held = ("stops_early", "does_less", "symptom_in_session", "exertion_not_written", "easy")
    if sum(behaviour[name] for name in held) > 1:
        raise InputFileError(f"{', '.join(held)} together must not exceed 1")
    mean, spread = behaviour["comes"], behaviour["comes_spread"]
    if spread**2 >= mean * (1 - mean) and 0 < mean < 1 and spread:
        raise InputFileError(
            f"comes_spread {spread:g} is more than shares around {mean:g} can have; "
            f"give less than {(mean * (1 - mean)) ** 0.5:.3f}, for example --assume comes_spread=0.2"
        )
    return behaviour
