"""Stoma, lymphoedema, lines, neuropathy, brittle bones, wounds: what is avoided, and what the library leaves."""

from __future__ import annotations

import pytest

from exrx import load_protocol
from exrx.protocol.library import list_protocols
from exrx.protocol.model import Rule
from exrx.rules.restriction import Clearance
from exrx.training.exercise_list import nothing_left
from exrx.training.exercises import PLACES, Exercise, load_exercises

LIBRARY = load_exercises()
BY_ID = LIBRARY.by_id
RULES: dict[str, Rule] = {}
for shipped in list_protocols():
    RULES |= {rule.id: rule for rule in load_protocol(shipped.id).rules}

# Strength exercise is left for every muscle group, in the class and at home, but for these. A line or a tube leaves
# legs only, since the tag does not say where it lies.
_LEGS_ONLY = {"chest", "back", "shoulders", "arms", "trunk"}
_ALL_GROUPS = {group for exercise in BY_ID.values() if exercise.kind == "strength" for group in exercise.muscles}
NONE_LEFT = {
    "surgery.catheter": _LEGS_ONLY,
    "surgery.feeding-tube": _LEGS_ONLY,
    "bone.pelvis": {"buttocks", "hips"},
    "bone.proximal-femur": {"buttocks", "hips"},
    "bone.lumbar": {"trunk"},
    "bone.thoracic-spine-or-ribs": {"chest", "back", "shoulders", "trunk"},
    "bone.cervical": {"chest", "back", "shoulders", "trunk"},
    "bone.other-site": {"chest", "back", "shoulders", "trunk", "buttocks", "hips"},
    "bone.humerus": {"chest", "shoulders", "arms"},
    "bone.effect-unlisted-site": {"chest", "back", "shoulders", "trunk", "buttocks", "hips"},
    "bone.exerciseguide-pelvis": {"buttocks", "hips"},
    "bone.exerciseguide-proximal-femur": {"buttocks", "hips", "thighs", "back of thighs"},
    "bone.exerciseguide-lumbar": {"trunk"},
    "bone.exerciseguide-thoracic-spine-or-ribs": {"chest", "back", "shoulders", "trunk"},
    "bone.exerciseguide-cervical": {"chest", "back", "shoulders", "trunk"},
    "bone.exerciseguide-humerus": {"chest", "shoulders", "arms"},
    "bone.exerciseguide-other-site": _ALL_GROUPS - {"calves", "shins"},
    "vte.inr-very-high": _ALL_GROUPS,
    "lymphoedema.arm-or-shoulder-first": {"chest", "shoulders", "arms"},
    "lymphoedema.lower-body-first": {"buttocks", "hips", "thighs", "back of thighs", "calves", "shins"},
}


def allowed(*rules: str, more: frozenset[str] = frozenset()) -> list[Exercise]:
    """What the rules leave, and whatever else is avoided."""
    avoid = more.union(*(RULES[rule].then.avoid for rule in rules))
    return [exercise for exercise in BY_ID.values() if exercise.allowed(avoid)]


@pytest.mark.parametrize("rule", sorted(name for name, rule in RULES.items() if rule.then.avoid))
def test_every_rule_leaves_strength_for_every_muscle_group_or_is_named_here(rule: str) -> None:
    """An honest list of the groups for which nothing is left, the same in both places; something aerobic always is."""
    gaps = nothing_left(LIBRARY, RULES[rule].then.avoid)
    assert {place: set(gap) for place, gap in gaps.items()} == dict.fromkeys(PLACES, NONE_LEFT.get(rule, set()))
    for place in PLACES:
        assert any(exercise.kind == "aerobic" and place in exercise.where for exercise in allowed(rule))


def test_every_rule_named_as_leaving_nothing_exists() -> None:
    """The list above cannot go stale."""
    assert set(NONE_LEFT) <= set(RULES)


def test_with_a_stoma_nobody_strains() -> None:
    """No exercise in which many hold their breath, and still something for the trunk in both places."""
    left = allowed("surgery.stoma")
    assert all(exercise.level("valsalva") == "low" for exercise in left)
    assert not {"crunch", "front-plank", "leg-press", "farmer-carry"} & {exercise.id for exercise in left}
    assert {"abdominal-brace", "pelvic-tilt", "wall-plank"} <= {exercise.id for exercise in left}
    assert "contact-sport" in LIBRARY.said_in_words


@pytest.mark.parametrize("rule", ["surgery.catheter", "surgery.feeding-tube"])
def test_with_a_line_or_a_tube_nothing_pulls_near_it_and_nobody_goes_into_water(rule: str) -> None:
    """No loaded arm or trunk and no pool; legs and the bicycle stay."""
    left = allowed(rule)
    for exercise in left:
        assert not exercise.attributes["joints"] & {"shoulder", "elbow", "wrist", "trunk"}, exercise.id
        assert exercise.level("grip") != "firm", exercise.id
        assert "pool" not in exercise.attributes["equipment"], exercise.id
    assert {"leg-press", "chair-rise", "leg-curl", "stationary-cycling", "walking"} <= {e.id for e in left}


def test_with_neuropathy_the_recumbent_bicycle_replaces_the_treadmill() -> None:
    """Nothing on a treadmill and nothing with bare feet; with a fall risk nothing that asks for much balance."""
    left = allowed("neurological.neuropathy-or-ataxia")
    assert "treadmill" not in {word for exercise in left for word in exercise.attributes["equipment"]}
    assert "recumbent-cycling" in {exercise.id for exercise in left}
    assert "barefoot-exercise" in LIBRARY.said_in_words
    steady = allowed("neurological.neuropathy-or-ataxia", "frailty.falls")
    assert all(exercise.level("balance_demand") != "high" for exercise in steady)
    assert {exercise.kind for exercise in steady} >= {"aerobic", "strength", "balance"}


def test_with_brittle_bones_nobody_lands_hard_and_the_spine_can_be_spared_too() -> None:
    """No jump or bump; where bending and turning of the spine are avoided as well, nothing bends or turns it."""
    assert all(exercise.level("impact") == "none" for exercise in allowed("bone.osteoporosis"))
    spared = allowed("bone.osteoporosis", more=frozenset({"spine-flexion", "spine-rotation"}))
    assert not {word for exercise in spared for word in exercise.attributes["spine"]} & {"flexion", "rotation"}
    assert any("trunk" in exercise.muscles and exercise.kind == "strength" for exercise in spared)


def test_with_lymphoedema_the_arm_is_trained_and_the_dose_rises_slowly() -> None:
    """Stable lymphoedema rules no exercise out: what it avoids is obeyed by the dose."""
    assert RULES["lymphoedema.stable"].then.avoid <= LIBRARY.by_dose
    assert allowed("lymphoedema.stable") == list(BY_ID.values())


def test_with_lymphoedema_that_asks_to_spare_a_limb_no_limb_is_loaded() -> None:
    """The tag does not say which limb, so every limb is spared."""
    for exercise in allowed(more=frozenset({"resistance-of-affected-limb"})):
        assert not exercise.attributes["joints"] - {"trunk"}, exercise.id
        assert exercise.level("grip") != "firm", exercise.id


def test_an_open_wound_defers_training_and_water_is_known_to_the_library() -> None:
    """No exercise is chosen before the wound has closed; where only water is avoided, no exercise is in water."""
    assert RULES["surgery.wound-not-healed"].then.clearance >= Clearance.DEFER
    dry = allowed(more=frozenset({"swimming-pool", "open-water"}))
    assert not [exercise.id for exercise in dry if "in-water" in exercise.attributes["position"]]


def test_with_raised_pressure_in_the_head_or_brain_metastases_nobody_strains_or_hangs_the_head() -> None:
    """Brain metastases: no straining and no head-down position."""
    for exercise in allowed("brain.metastases-adapt"):
        assert exercise.level("valsalva") == "low", exercise.id
        assert "head-down" not in exercise.attributes["position"], exercise.id
