"""Templates and exercises: what a file must hold, and that a broken one is never used."""

from __future__ import annotations

from pathlib import Path

import pytest

from exrx.errors import PlanError, ProtocolError
from exrx.fields import load_dictionary
from exrx.library import library_root
from exrx.training import load_training, shipped_trainings
from exrx.training.exercises import load_exercises, read_exercises

SHIPPED = library_root() / "training" / "dk-2015-group.yaml"


def broken(tmp_path: Path, old: str, new: str, source: Path = SHIPPED) -> Path:
    """A copy of a shipped file with one thing changed."""
    text = source.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path = tmp_path / source.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_every_shipped_template_loads_and_has_two_classes() -> None:
    """Oversigt II: training at least twice a week."""
    assert "dk-2015-group" in shipped_trainings()
    for name in shipped_trainings():
        assert len(load_training(name).class_weekdays) >= 2


def test_every_avoidance_of_the_vocabulary_is_loaded_by_something_or_said_in_words() -> None:
    """A renamed or new avoidance cannot silently stop being obeyed."""
    assert set(load_dictionary().vocabulary["avoid"]) == load_training("dk-2015-group").known_avoidances


def test_there_are_exercises_for_the_large_muscle_groups() -> None:
    """At least twenty exercises; legs, chest, back, arms and trunk can be trained."""
    exercises = load_exercises().by_id.values()
    assert len(exercises) >= 20
    trained = {muscle for exercise in exercises for muscle in exercise.muscles}
    assert trained >= {"thighs", "buttocks", "back of thighs", "chest", "back", "arms", "trunk", "calves"}


def test_strength_training_keeps_legs_when_arms_are_avoided_and_arms_when_hips_are() -> None:
    """Every slot of limbs has a way out that loads another joint, or is left out on purpose."""
    slots = load_training("dk-2015-group").slots
    hips, shoulders = frozenset({"hip-resistance"}), frozenset({"shoulder-resistance"})
    assert all(any(exercise.allowed(hips) for exercise in slot) for slot in slots)
    arms = [slot for slot in slots if slot[0].muscles[-1] == "arms"]
    assert all(any(exercise.allowed(shoulders) for exercise in slot) for slot in arms)


def test_unverified_numbers_are_named() -> None:
    """A plan can say what it rests on."""
    assert "without_measured_maximum" in load_training("dk-2015-group").unverified


def test_a_changed_number_changes_the_hash_and_a_comment_does_not(tmp_path: Path) -> None:
    """The hash is of the content."""
    shipped = load_training("dk-2015-group").sha256
    assert load_training(broken(tmp_path, "id: dk-2015-group", "# a remark\nid: dk-2015-group")).sha256 == shipped
    changed = broken(tmp_path, "start_minutes: {value: 15", "start_minutes: {value: 10")
    assert load_training(changed).sha256 != shipped


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("caveat:", "caveats:", "unknown-key"),
        ("caveat:", "caveats:", "missing-key"),
        ("start_minutes: {value: 15", "start_minutes: {value: some", "wrong-shape"),
        ("start_minutes: {value: 15", "start_minutes: {value: 0", "out-of-range"),
        ("start_minutes: {value: 15", "start_minutes: {value: 45", "contradiction"),
        ("source: umbrella-fit-2017", "source: somebody", "unknown-source"),
        ("verified: primary", "verified: sure", "unknown-word"),
        ("[tuesday, thursday]", "[tuesday, torsdag]", "unknown-word"),
        ("[tuesday, thursday]", "[tuesday, monday]", "contradiction"),
        ("- [leg-curl, bridge]", "- [leg-curl, leg-press]", "contradiction"),
        ("- [leg-curl, bridge]", "- [leg-curls]", "unknown-exercise"),
        ("- [leg-curl, bridge]", "- [walking]", "wrong-exercise"),
        ("first_for: {avoid: [falls-risk-activities]", "first_for: {avoid: [falling]", "unknown-word"),
        ("exercises: [chair-rise]", "exercises: [one-leg-stand]", "wrong-exercise"),
        ("balance: [one-leg-stand", "balance: [ankle-circles", "wrong-exercise"),
        ("decision_valid_days: {value: 30", "decision_valid_day: {value: 30", "missing-key"),
        ("decision_valid_days: {value: 30", "decision_valid_days: {value: -1", "wrong-shape"),
        ("slow_for: [rapid-load-increase]", "slow_for: [haste]", "unknown-word"),
        ("one-to-one: light", "one-to-one: vigorous", "contradiction"),
        ("{from_week: 1, slow_from_week: 1", "{from_week: 2, slow_from_week: 2", "contradiction"),
        ("sets: 1, repetitions: [12, 15]", "sets: 3, repetitions: [12, 15]", "contradiction"),
        ("repetitions: [12, 15]", "repetitions: [15, 12]", "wrong-shape"),
        ("borg: [9, 11]", "borg: [13, 14]", "contradiction"),
        ("aerobic_share: {value: 60", "aerobic_share: {value: 160", "contradiction"),
        ("checked_against: [acsm-150-75, dk-2014]", "checked_against: [acsm]", "unknown-word"),
    ],
)
def test_a_broken_template_is_refused_with_its_code_and_place(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Unknown keys, wrong words, and numbers that would let more caution give more training."""
    path = broken(tmp_path, old, new)
    with pytest.raises(ProtocolError) as error:
        load_training(path)
    assert code in {fault.code for fault in error.value.diagnostics}
    assert all(fault.location.line > 1 for fault in error.value.diagnostics)


def test_a_strength_exercise_without_muscles_and_an_unknown_load_are_refused(tmp_path: Path) -> None:
    """What an exercise loads must be an avoidance of the vocabulary."""
    shipped = library_root() / "training" / "exercises.yaml"
    path = broken(tmp_path, "muscles: [chest, arms]", "muscles: []", shipped)
    text = path.read_text(encoding="utf-8").replace("loads: [hip-resistance]", "loads: [hips]")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProtocolError) as error:
        read_exercises(path)
    assert {fault.code for fault in error.value.diagnostics} == {"wrong-muscles", "unknown-word"}


@pytest.mark.parametrize("name", ["dk-2016", "exercises", "nowhere/training.yaml", 7])
def test_an_unknown_template_names_the_shipped_ones(name: str) -> None:
    """The list of exercises is not a template."""
    with pytest.raises(PlanError, match="dk-2015-group"):
        load_training(name)
