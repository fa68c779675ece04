"""Laws: sentences over a patient's facts and the parts of the decision, such as

    never: platelets < 20 10^9/L and clearance <= modify

The parts are read as if they were fields of the dictionary, so a law is written and parsed like any condition:

    clearance, track, setting, supervision, aerobic_max, strength_max, progression     ordered, freest first
    avoid, monitor, refer, consult, formats_forbidden, allowed_meanwhile               sets
    session_minutes_max (min), heart_rate_max (/min), rpe_max                          numbers; no limit is above all
"""

from __future__ import annotations

from functools import lru_cache

from attrs import evolve

from exrx.fields import Dictionary, Field
from exrx.quantities import Scale
from exrx.rules.nodes import Condition, atoms
from exrx.rules.restriction import Clearance, Intensity, Level, Progression, Setting, Supervision, Track

CHAINS: dict[str, type[Level]] = {
    "clearance": Clearance,
    "track": Track,
    "setting": Setting,
    "supervision": Supervision,
    "aerobic_max": Intensity,
    "strength_max": Intensity,
    "progression": Progression,
}
SETS = {
    "avoid": "avoid",
    "monitor": "monitor",
    "refer": "refer",
    "consult": "roles",
    "formats_forbidden": "formats",
    "allowed_meanwhile": "allowed_meanwhile",
}
LIMITS = {"session_minutes_max": ("min", 1440), "heart_rate_max": ("/min", 300), "rpe_max": ("{score}", 30)}
GROUP = "decision"


@lru_cache(maxsize=4)
def with_decision(dictionary: Dictionary) -> Dictionary:
    """The dictionary with the parts of the decision as further fields."""
    made = {name: Field(name, "ordered", GROUP, {}, options=chain.words()) for name, chain in CHAINS.items()}
    for name, words in SETS.items():
        made[name] = Field(name, "set", GROUP, {}, options=tuple(dictionary.vocabulary.get(words, {})))
    for name, (unit, highest) in LIMITS.items():
        scale = Scale(name, unit, resolution=1, low=0, high=highest, whole=True)
        made[name] = Field(name, "quantity", GROUP, {}, scale=scale)
    return evolve(dictionary, fields=dictionary.fields | made)


def asks_decision(condition: Condition) -> bool:
    """True when a condition says something about the decision."""
    return any(atom.field.group == GROUP for atom in atoms(condition))
