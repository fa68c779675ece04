"""The exercise library: what the file must hold, what its table derives, and that nothing loosens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError, ProtocolError
from exrx.fields import load_dictionary
from exrx.library import library_root
from exrx.training.exercise_list import exercise_rows, exercises_page, nothing_left
from exrx.training.exercises import (
    KINDS,
    LEVELS,
    PLACES,
    Condition,
    Exercise,
    load_exercises,
    read_exercises,
    skeletal_sites,
)

LIBRARY = load_exercises()
EXERCISES = list(LIBRARY.by_id.values())
AVOIDANCES = sorted(load_dictionary().vocabulary["avoid"])
SHIPPED = library_root() / "training" / "exercises.yaml"
LARGE = {"thighs", "back of thighs", "buttocks", "hips", "calves", "chest", "back", "shoulders", "arms", "trunk"}

# What each exercise loaded while the loads were written by hand. Deriving them must never forget one.
OLD_LOADS = {
    "step-circuit": "weight-bearing-aerobic standing-exercise falls-risk-activities impact rapid-position-changes",
    "treadmill-walking": "weight-bearing-aerobic standing-exercise falls-risk-activities treadmill",
    "walking": "weight-bearing-aerobic standing-exercise",
    "stationary-cycling": "",
    "arm-cycling": (
        "shoulder-resistance upper-limb-resistance elbow-resistance resistance-of-affected-limb "
        "resistance-near-catheter all-resistance"
    ),
    "water-exercise": "swimming-pool open-water falls-risk-activities",
    "leg-press": (
        "hip-resistance knee-resistance high-intra-abdominal-pressure lower-limb-resistance "
        "resistance-of-affected-limb all-resistance"
    ),
    "chair-rise": (
        "hip-resistance knee-resistance standing-exercise rapid-position-changes lower-limb-resistance "
        "resistance-of-affected-limb all-resistance"
    ),
    "knee-extension": "knee-resistance lower-limb-resistance resistance-of-affected-limb all-resistance",
    "leg-curl": "knee-resistance lower-limb-resistance resistance-of-affected-limb all-resistance",
    "bridge": (
        "hip-resistance trunk-resistance spine-extension head-down-positions lying-flat "
        "lower-limb-resistance resistance-of-affected-limb all-resistance"
    ),
    "heel-raise": "standing-exercise lower-limb-resistance resistance-of-affected-limb all-resistance",
    "seated-heel-raise": "lower-limb-resistance resistance-of-affected-limb all-resistance",
    "chest-press": (
        "shoulder-resistance upper-limb-resistance elbow-resistance resistance-of-affected-limb "
        "resistance-near-catheter all-resistance"
    ),
    "wall-push-up": (
        "shoulder-resistance trunk-resistance standing-exercise upper-limb-resistance elbow-resistance "
        "resistance-of-affected-limb resistance-near-catheter all-resistance"
    ),
    "triceps-extension": (
        "upper-limb-resistance elbow-resistance resistance-of-affected-limb resistance-near-catheter all-resistance"
    ),
    "seated-row": (
        "shoulder-resistance upper-limb-resistance elbow-resistance resistance-of-affected-limb "
        "resistance-near-catheter all-resistance"
    ),
    "lat-pulldown": (
        "shoulder-resistance trunk-resistance overhead-loading upper-limb-resistance elbow-resistance "
        "resistance-of-affected-limb resistance-near-catheter all-resistance"
    ),
    "biceps-curl": (
        "upper-limb-resistance elbow-resistance resistance-of-affected-limb resistance-near-catheter all-resistance"
    ),
    "band-hold": (
        "trunk-resistance isometric standing-exercise shoulder-resistance upper-limb-resistance "
        "elbow-resistance resistance-of-affected-limb resistance-near-catheter all-resistance"
    ),
    "crunch": (
        "trunk-resistance spine-flexion lying-flat valsalva high-intra-abdominal-pressure "
        "resistance-near-catheter all-resistance"
    ),
    "pelvic-tilt": "trunk-resistance spine-flexion lying-flat resistance-near-catheter all-resistance",
    "calf-stretch": "standing-exercise",
    "thigh-stretch": "standing-exercise",
    "hamstring-stretch": "spine-flexion head-down-positions standing-exercise",
    "chest-stretch": "shoulder-stretching",
    "trunk-turn": "spine-rotation",
    "ankle-circles": "",
    "calm-breathing": "",
    "one-leg-stand": "standing-exercise falls-risk-activities",
    "feet-together-stand": "standing-exercise",
}


@pytest.mark.hazard("wrong-exercise")
@pytest.mark.parametrize("name", OLD_LOADS)
def test_deriving_the_loads_forgets_none_that_stood_in_the_file_before(name: str) -> None:
    """Nothing loosens: every avoidance that ruled an exercise out still does."""
    assert LIBRARY.by_id[name].loads >= set(OLD_LOADS[name].split())


def test_there_are_at_least_sixty_exercises_of_every_kind_in_both_places() -> None:
    """Sixty or more; each kind in the class and at home, and every word of the closed lists is used."""
    assert len(EXERCISES) >= 60
    assert {(e.kind, place) for e in EXERCISES for place in e.where} == {(k, p) for k in KINDS for p in PLACES}
    for attribute, words in LIBRARY.words.items():
        assert {word for e in EXERCISES for word in e.attributes[attribute]} == set(words), attribute


def test_every_avoidance_is_derived_or_explicit_or_said_in_words_or_obeyed_by_the_dose() -> None:
    """Exactly one of them, so that a new avoidance of the vocabulary cannot be overlooked."""
    loaded = {avoidance for e in EXERCISES for avoidance in e.loads}
    groups = [loaded, set(LIBRARY.said_in_words), set(LIBRARY.by_dose)]
    assert sorted(word for group in groups for word in group) == AVOIDANCES
    assert set(LIBRARY.rules_out) == loaded


@pytest.mark.parametrize("muscle", sorted(LARGE))
@pytest.mark.parametrize("place", PLACES)
def test_every_large_muscle_group_has_variants_in_both_places(muscle: str, place: str) -> None:
    """Two strength exercises or more with different equipment, and one of them can be done without standing."""
    here = [e for e in EXERCISES if e.kind == "strength" and muscle in e.muscles and place in e.where]
    assert len({frozenset(e.attributes["equipment"]) for e in here}) >= 2
    assert any("standing-exercise" not in e.loads for e in here)
    assert any("lying-flat" not in e.loads for e in here)


@pytest.mark.parametrize("equipment", ["machine", "dumbbell", "band", "own weight"])
def test_legs_chest_back_and_shoulders_or_arms_can_be_trained_with_each_sort_of_equipment(equipment: str) -> None:
    """Machine, free weights, elastic band, and nothing but the body's own weight."""
    sorts = {"machine", "dumbbell", "band"}
    strength = [(e.attributes["equipment"] & sorts or {"own weight"}, e) for e in EXERCISES if e.kind == "strength"]
    trained = {muscle for sort, e in strength if sort == {equipment} for muscle in e.muscles}
    assert trained >= {"thighs", "buttocks", "back of thighs", "back", "chest"}
    assert trained & {"shoulders", "arms"}


def test_attributes_do_not_contradict_each_other() -> None:
    """No machine at home; who grips firmly loads the hand; moving exercises of the spine say so on its sites."""
    for e in EXERCISES:
        assert not (e.where == ("home",) and "machine" in e.attributes["equipment"]), e.id
        assert "home" not in e.where or not e.attributes["equipment"] & {"machine", "treadmill"}, e.id
        assert "none" not in e.attributes["equipment"] or len(e.attributes["equipment"]) == 1, e.id
        assert e.level("grip") != "firm" or e.attributes["equipment"] & {"band", "dumbbell", "machine"}, e.id
        assert e.kind == "strength" or e.level("hold") == "no", e.id
        assert not e.attributes["spine"] or {e.site_load[s] for s in ("cervical", "thoracic_rib", "lumbar")} & {"high"}
        assert set(e.site_load) == set(skeletal_sites())


def test_the_movement_says_what_it_must() -> None:
    """Jumps land, turns turn, walking is upright, and one foot asks for balance."""
    for e in EXERCISES:
        assert e.pattern != "jump" or e.level("impact") != "none", e.id
        assert e.pattern != "rotation" or "rotation" in e.attributes["spine"], e.id
        assert e.pattern != "gait" or "standing" in e.attributes["position"], e.id
        assert e.pattern not in ("row", "swim", "bend") or e.attributes["spine"], e.id
        assert e.pattern != "brace" or "trunk" in e.attributes["joints"], e.id
        assert e.pattern not in ("squat", "hinge", "step", "hip-side") or "hip" in e.attributes["joints"], e.id
        assert e.pattern not in ("push", "pull") or e.attributes["joints"] & {"shoulder", "elbow"}, e.id
        assert "trunk" not in e.muscles or e.kind != "strength" or "trunk" in e.attributes["joints"], e.id
    assert LIBRARY.by_id["small-jumps"].level("impact") == "high"
    for name in ("tandem-stand", "one-leg-stand", "heel-toe-walk", "step-up", "stair-walking", "step-circuit"):
        assert LIBRARY.by_id[name].level("balance_demand") == "high", name


def test_the_whole_file_is_unverified_and_says_who_has_not_reviewed_it() -> None:
    """Our own reading must never look like a reviewed one."""
    assert LIBRARY.verified == "unverified"
    assert "second physiotherapist has not reviewed it" in SHIPPED.read_text(encoding="utf-8")
    assert "second physiotherapist has not reviewed it" in exercises_page()


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_every_exercise_has_a_name_and_one_to_three_sentences_in_both_languages(exercise: Exercise) -> None:
    """Short enough for a patient, and Danish is not English."""
    assert set(exercise.name) == set(exercise.instruction) == {"da", "en"}
    assert exercise.instruction["da"] != exercise.instruction["en"]
    for text in exercise.instruction.values():
        assert text.endswith(".")
        assert len(text) <= 200
        assert 1 <= len(re.findall(r"[.!?](?= |$)", text)) <= 3


def test_names_and_instructions_stand_once() -> None:
    """Two exercises are never called the same."""
    for lang in ("da", "en"):
        assert len({e.name[lang] for e in EXERCISES}) == len(EXERCISES)
        assert len({e.instruction[lang] for e in EXERCISES}) == len(EXERCISES)


words = st.dictionaries(st.sampled_from("abc"), st.frozensets(st.sampled_from("xyz"), min_size=1), min_size=1)


@given(wanted=words, attributes=words, more=words)
def test_an_exercise_that_asks_for_more_is_ruled_out_by_no_less(
    wanted: dict[str, frozenset[str]], attributes: Mapping[str, frozenset[str]], more: Mapping[str, frozenset[str]]
) -> None:
    """A condition that holds still holds when attributes gain words."""
    none: frozenset[str] = frozenset()
    less = {name: attributes.get(name, none) for name in "abc"}
    bigger = {name: less[name] | more.get(name, none) for name in "abc"}
    condition = Condition(wanted)
    assert condition.holds(bigger) >= condition.holds(less)
    assert condition.holds(wanted | dict.fromkeys(set("abc") - set(wanted), none))


def test_the_derived_loads_are_those_of_the_table_and_the_explicit_ones() -> None:
    """One exercise by hand: everything that follows from a standing hold of a band."""
    assert LIBRARY.by_id["band-hold"].loads == {
        "trunk-resistance", "shoulder-resistance", "elbow-resistance", "upper-limb-resistance", "all-resistance",
        "resistance-of-affected-limb", "resistance-near-catheter", "isometric", "standing-exercise",
    }  # fmt: skip
    assert LIBRARY.by_id["one-leg-stand"].loads == {"standing-exercise", "falls-risk-activities", "hip-resistance"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("pattern: squat\n", "patern: squat\n", "unknown-key"),
        ("    pattern: squat\n", "", "missing-key"),
        ("pattern: squat\n", "pattern: [squat, push]\n", "wrong-shape"),
        ("impact: none, ", "", "missing-key"),
        ("impact: none,", "impact: some,", "unknown-word"),
        ("position: [seated]", "position: []", "wrong-shape"),
        ("lumbar: low, ", "", "missing-key"),
        ("lumbar: low, ", "lumbar: heavy, ", "unknown-word"),
        ("muscles: [calves]", "muscles: []", "wrong-muscles"),
        ("muscles: []", "muscles: [calves]", "wrong-muscles"),
        ("muscles: [calves]", "muscles: [calfs]", "unknown-word"),
        ("muscles: []\n", "muscles: {thighs: 1}\n", "wrong-shape"),
        ("name: {da: benpres, en: leg press}", "name: {da: benpres}", "missing-key"),
        ("name: {da: benpres, en: leg press}", "name: benpres", "wrong-shape"),
        ("loads: [hip-resistance]", "loads: [hips]", "unknown-word"),
        ("trunk-resistance: [{joints: [trunk]}]", "trunk-resistances: [{joints: [trunk]}]", "unknown-key"),
        ("trunk-resistance: [{joints: [trunk]}]", "trunk-resistance: [{joint: [trunk]}]", "unknown-key"),
        ("trunk-resistance: [{joints: [trunk]}]", "trunk-resistance: [{joints: [trunks]}]", "unknown-word"),
        ("trunk-resistance: [{joints: [trunk]}]", "trunk-resistance: [{}]", "wrong-shape"),
        ("trunk-resistance: [{joints: [trunk]}]", "trunk-resistance: {joints: [trunk]}", "wrong-shape"),
        ("by_dose: [heavy-resistance", "by_dose: [impact, heavy-resistance", "contradiction"),
        ("verified: unverified", "verified: sure", "unknown-word"),
    ],
)
def test_a_broken_exercise_file_is_refused_with_its_code_and_place(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    """A missing attribute is never taken to be harmless."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "exercises.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProtocolError) as error:
        read_exercises(path)
    assert code in {fault.code for fault in error.value.diagnostics}


def test_the_page_is_the_data() -> None:
    """`docs/exercises.md` was made from the file as it stands."""
    page = Path(__file__).parents[2] / "docs" / "exercises.md"
    assert page.read_text(encoding="utf-8") == exercises_page(), "run `python docs/make_exercises.py`"
    assert all(f"`{name}`" in exercises_page() for name in LIBRARY.by_id)


@given(
    avoid=st.frozensets(st.sampled_from(AVOIDANCES), max_size=5),
    where=st.sampled_from([None, *PLACES]),
    lang=st.sampled_from(["da", "en"]),
)
def test_the_rows_say_what_is_allowed_and_what_forbids_the_rest(
    avoid: frozenset[str], where: str | None, lang: str
) -> None:
    """One row an exercise of the place; a reason exactly where it is not allowed."""
    rows = exercise_rows(lang, avoid=avoid, where=where)
    assert [row["id"] for row in rows] == [e.id for e in EXERCISES if where is None or where in e.where]
    for row in rows:
        exercise = LIBRARY.by_id[row["id"]]
        assert row["allowed"] == exercise.allowed(avoid) == (not row["ruled_out_by"])
        assert row["name"] == exercise.name[lang]
        assert len(row["muscles"]) == len(exercise.muscles)


@pytest.mark.parametrize(
    ("lang", "avoid", "where", "said"),
    [
        ("sv", "impact", "home", "language 'sv'"),
        ("da", "jumping", "home", "'jumping'"),
        ("da", "impact", "pool", "'pool'"),
    ],
)
def test_a_word_that_does_not_exist_is_refused(lang: str, avoid: str, where: str, said: str) -> None:
    """An avoidance that is misspelt would otherwise forbid nothing."""
    with pytest.raises(PlanError, match=said):
        exercise_rows(lang, avoid=frozenset({avoid}), where=where)


@given(avoid=st.frozensets(st.sampled_from(AVOIDANCES), max_size=4), more=st.sampled_from(AVOIDANCES))
def test_what_is_left_shrinks_with_every_avoidance(avoid: frozenset[str], more: str) -> None:
    """A group without an exercise never gets one back by avoiding more."""
    before, after = nothing_left(LIBRARY, avoid), nothing_left(LIBRARY, avoid | {more})
    assert all(set(before[place]) <= set(after[place]) for place in PLACES)
    assert nothing_left(LIBRARY, frozenset()) == {"class": (), "home": ()}


def test_every_level_of_a_single_word_attribute_begins_with_the_least_demanding() -> None:
    """`level` gives one word, and that word stands in the closed list."""
    assert all(e.level(name) in words for e in EXERCISES for name, words in LEVELS.items())
