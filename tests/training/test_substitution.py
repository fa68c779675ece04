"""Substitution: another exercise for the same muscles, never an avoided one, and none only where there is none."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.fields import load_dictionary
from exrx.training.exercises import PLACES, Exercise, load_exercises
from exrx.training.substitution import stands_in, substitute

BY_ID = load_exercises().by_id
AVOIDANCES = sorted(load_dictionary().vocabulary["avoid"])
NOTHING: frozenset[str] = frozenset()

exercises = st.sampled_from(list(BY_ID.values()))
avoided = st.frozensets(st.sampled_from(AVOIDANCES), max_size=5)
places = st.sampled_from(PLACES)


@given(exercise=exercises, avoid=avoided, where=places)
def test_a_stand_in_is_allowed_there_and_trains_the_same_muscles(
    exercise: Exercise, avoid: frozenset[str], where: str
) -> None:
    """Nothing that is avoided loads it, it can be done in that place, and it shares a muscle group."""
    found = substitute(exercise, avoid, where=where)
    if found is not None:
        assert not found.loads & avoid
        assert where in found.where
        assert found.kind == exercise.kind
        assert set(found.muscles) & set(exercise.muscles) or not (found.muscles or exercise.muscles)


@given(exercise=exercises, avoid=avoided, where=places)
def test_none_only_where_no_exercise_of_the_library_qualifies(
    exercise: Exercise, avoid: frozenset[str], where: str
) -> None:
    """None is never given up early, and a fitting exercise of the library is always found."""
    fit = [e for e in BY_ID.values() if e.allowed(avoid) and where in e.where and stands_in(e, exercise)]
    assert (substitute(exercise, avoid, where=where) is None) == (not fit)


@given(exercise=exercises, avoid=avoided, where=places, more=st.sampled_from(AVOIDANCES))
def test_more_avoidances_never_turn_none_into_an_exercise(
    exercise: Exercise, avoid: frozenset[str], where: str, more: str
) -> None:
    """Caution only takes away; and what is still allowed under more caution stays the choice."""
    before, after = (substitute(exercise, asked, where=where) for asked in (avoid, avoid | {more}))
    assert before is not None or after is None
    if before is not None and before.allowed(avoid | {more}):
        assert after is before


@given(exercise=exercises, avoid=avoided, where=places, data=st.data())
def test_the_choice_depends_on_nothing_else(
    exercise: Exercise, avoid: frozenset[str], where: str, data: st.DataObject
) -> None:
    """The same answer every time, and from the library in any order."""
    shuffled = data.draw(st.permutations(list(BY_ID.values())))
    assert substitute(exercise, avoid, where=where, among=shuffled) is substitute(exercise, avoid, where=where)


@given(exercise=exercises, avoid=avoided, where=places, among=st.lists(exercises, max_size=8))
def test_among_narrows_the_choice(exercise: Exercise, avoid: frozenset[str], where: str, among: list[Exercise]) -> None:
    """Never an exercise from elsewhere, and never one where the whole library has none."""
    found = substitute(exercise, avoid, where=where, among=among)
    assert found is None or found in among
    assert found is None or substitute(exercise, avoid, where=where) is not None


@given(exercise=exercises, avoid=avoided)
def test_an_exercise_that_nothing_forbids_stays(exercise: Exercise, avoid: frozenset[str]) -> None:
    """Its own stand-in, in every place where it can be done."""
    for where in exercise.where:
        assert (substitute(exercise, avoid, where=where) is exercise) == exercise.allowed(avoid)


@pytest.mark.parametrize(
    ("name", "avoid", "where", "stand_in"),
    [
        ("leg-press", {"hip-resistance"}, "class", "knee-extension"),
        ("leg-press", set(), "home", "chair-rise"),
        ("leg-press", {"valsalva"}, "class", "chair-rise"),
        ("leg-press", {"knee-resistance"}, "home", "bridge"),
        ("leg-curl", {"hip-resistance"}, "home", "band-leg-curl"),
        ("chest-press", {"shoulder-resistance"}, "home", "triceps-extension"),
        ("seated-row", {"shoulder-resistance"}, "home", "biceps-curl"),
        ("seated-row", {"trunk-resistance"}, "home", "shoulder-blade-squeeze"),
        ("front-plank", {"valsalva"}, "home", "wall-plank"),
        ("front-plank", {"trunk-resistance", "shoulder-resistance"}, "home", None),
        ("heel-raise", {"standing-exercise"}, "home", "seated-heel-raise"),
        ("side-leg-raise", {"hip-resistance"}, "home", None),
        ("walking", {"weight-bearing-aerobic"}, "home", "stationary-cycling"),
        ("walking", {"weight-bearing-aerobic", "hip-resistance"}, "home", "stationary-cycling"),
        ("step-circuit", {"impact"}, "class", "cross-trainer"),
        ("one-leg-stand", {"falls-risk-activities"}, "class", "feet-together-stand"),
        ("small-jumps", {"impact"}, "home", None),
        ("hamstring-stretch", {"spine-flexion"}, "home", "seated-hamstring-stretch"),
        ("neck-stretch", {"spine-flexion"}, "home", None),
        ("calm-breathing", set(), "home", "calm-breathing"),
    ],
)
def test_the_stand_ins_that_a_physiotherapist_meets_every_day(
    name: str, avoid: set[str], where: str, stand_in: str | None
) -> None:
    """The same movement first, then the same muscles, then the steadier position."""
    found = substitute(BY_ID[name], frozenset(avoid), where=where)
    assert (found.id if found else None) == stand_in


def test_the_lower_balance_demand_comes_before_the_order_of_the_file() -> None:
    """Of two that are else alike, the steadier one."""
    plain = BY_ID["heel-raise"]
    demands = [plain.attributes | {"balance_demand": frozenset({word})} for word in ("high", "medium", "low")]
    shaky, middle, steady = (evolve(plain, id=f"raise-{n}", attributes=a) for n, a in enumerate(demands))
    assert substitute(plain, NOTHING, where="home", among=[shaky, middle, steady]) is steady


@pytest.mark.parametrize(("avoid", "where", "said"), [("jumping", "home", "'jumping'"), ("impact", "pool", "'pool'")])
def test_an_avoidance_or_place_that_does_not_exist_is_refused(avoid: str, where: str, said: str) -> None:
    """Ignoring a misspelt avoidance would loosen the answer."""
    with pytest.raises(PlanError, match=said):
        substitute(BY_ID["walking"], frozenset({avoid}), where=where)
