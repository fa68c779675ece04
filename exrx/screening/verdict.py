"""The law of the decision: from what certainly holds (D) and what may hold (W) to clearance and track.

    D is the join of the rules that fire, W the join of those that fire or are undecided.
    clearance = D if D >= consult, else assess if W >= consult, else W
    track     = none from assess upwards; else supervised, individual or group, from W
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from exrx.fields import Dictionary
from exrx.rules.restriction import Clearance, Intensity, Restriction, Setting, Supervision, Track


def clearance_of(definite: Clearance, worst: Clearance) -> Clearance:
    """The clearance when `definite` certainly holds and `worst` may hold."""
    if definite >= Clearance.CONSULT:
        return definite
    return Clearance.ASSESS if worst >= Clearance.CONSULT else worst


@frozen
class GroupClass:
    """What the group class can still deliver: avoidances it can work round, and the lowest caps."""

    cannot_avoid: frozenset[str]
    lowest_aerobic: Intensity
    lowest_strength: Intensity

    @classmethod
    def of(cls, dictionary: Dictionary) -> GroupClass:
        """As the vocabulary describes it (`avoid: .. class: no`, `group_class:`)."""
        tags = dictionary.vocabulary.get("avoid", {})
        caps = dictionary.vocabulary.get("group_class", {})
        return cls(
            frozenset(tag for tag, entry in tags.items() if entry.get("class") == "no"),
            Intensity.from_word(caps.get("aerobic_max", {}).get("lowest", "moderate")),
            Intensity.from_word(caps.get("strength_max", {}).get("lowest", "light")),
        )

    def can_deliver(self, restriction: Restriction) -> bool:
        """True when a patient with this restriction can train in the class, with adaptations."""
        return (
            restriction.aerobic_max <= self.lowest_aerobic
            and restriction.strength_max <= self.lowest_strength
            and not restriction.avoid & self.cannot_avoid
        )


def track_of(restriction: Restriction, group_class: GroupClass) -> Track:
    """The track of a patient who may train under `restriction`.

    It is the maximum over the parts, so the track of a join is the maximum of the tracks: a cohort needs one bit a
    rule for it.
    """
    if restriction.setting is Setting.HOSPITAL or restriction.supervision is Supervision.CONTINUOUS:
        return Track.SUPERVISED
    alone = "group" in restriction.formats_forbidden or restriction.supervision is Supervision.ONE_TO_ONE
    return Track.INDIVIDUAL if alone or not group_class.can_deliver(restriction) else Track.GROUP


def format_of(restriction: Restriction, group_class: GroupClass) -> str:
    """`group` or `individual`: the form of training, whatever the setting."""
    alone = "group" in restriction.formats_forbidden or restriction.supervision >= Supervision.ONE_TO_ONE
    return "individual" if alone or not group_class.can_deliver(restriction) else "group"


def proposal(definite: Restriction, worst: Restriction, group_class: GroupClass) -> dict[str, Any]:
    """The parts of a `Decision` that follow from D and W alone, by their names."""
    clearance, trained = clearance_of(definite.clearance, worst.clearance), track_of(worst, group_class)
    return {
        "clearance": clearance,
        "definite_clearance": definite.clearance,
        "worst_clearance": worst.clearance,
        "consult": tuple(sorted(worst.consult)),
        "track": Track.NONE if clearance >= Clearance.ASSESS else trained,
        "track_if_cleared": trained,
        "setting": worst.setting.word,
        "supervision": worst.supervision.word,
        "format": format_of(worst, group_class),
        "restriction": worst,
    }
