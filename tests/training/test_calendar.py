"""Placing a week: no rule is broken, no cheaper placement exists, and a conflict names what cannot all be kept."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.errors import PlanError
from exrx.training.weeks.calendar import (
    WISHES,
    CalendarConflict,
    Day,
    Item,
    can_place,
    check_placement,
    conflict,
    cost,
    place_week,
    weight,
)
from exrx.training.weeks.calendar import Placement as Placed

ALL = frozenset({"legs", "arms"})
BLOCKS = ("weekdays", "away", "infusion")
items = st.lists(
    st.builds(
        Item,
        key=st.uuids().map(str),
        kind=st.sampled_from(["class", "home"]),
        usual=st.integers(0, 6),
        vigorous=st.booleans(),
        muscles=st.sampled_from([frozenset(), frozenset({"legs"}), ALL]),
    ),
    max_size=4,
)
some = st.frozensets(st.sampled_from(BLOCKS), max_size=1)
days = st.lists(
    st.builds(Day, some, st.frozensets(st.sampled_from(["classes", "holidays"]), max_size=1), st.booleans(),
              st.booleans()),
    min_size=7, max_size=7,
)  # fmt: skip
yesterday = st.lists(items.filter(bool).map(lambda several: (-1, several[0])), max_size=1).map(tuple)
FREE = (Day(),) * 7


def total(placed: Placed, several: list[Item], week: list[Day]) -> int:
    """What a placement costs, with what is left out."""
    lying = sum(cost(item, placed.days[item.key], week) for item in several if item.key in placed.days)
    return lying + sum(weight(item) for item in several if item.key not in placed.days)


def every_placement(several: list[Item], week: list[Day], before: tuple) -> list[Placed]:
    """All placements, with anything left out, that break no rule: tried one by one."""
    found = []
    for choice in product([None, *range(7)], repeat=len(several)):
        lying = {item.key: day for item, day in zip(several, choice, strict=True) if day is not None}
        out = {item.key: ("weekdays",) for item, day in zip(several, choice, strict=True) if day is None}
        placed = Placed(lying, out)
        if not check_placement(several, week, before, placed):
            found.append(placed)
    return found


@settings(max_examples=60)
@given(items, days, yesterday)
def test_no_placement_is_cheaper_than_the_one_given(several: list[Item], week: list[Day], before: tuple) -> None:
    """Against every placement tried one by one, with what must be left out."""
    found = place_week(several, week, before, drop=True)
    assert check_placement(several, week, before, found) == []
    best = min(total(placed, several, week) for placed in every_placement(several, week, before))
    assert total(found, several, week) == best
    assert place_week(several[::-1], week, before, drop=True) == found


@settings(max_examples=60)
@given(items, days, yesterday)
def test_a_week_is_laid_whole_or_the_conflict_is_smallest(several: list[Item], week: list[Day], before: tuple) -> None:
    """Either everything has a day, or of the named wishes one must give, whatever else is given up."""
    whole = [placed for placed in every_placement(several, week, before) if not placed.left_out]
    if whole:
        assert not place_week(several, week, before).left_out
        return
    with pytest.raises(CalendarConflict) as error:
        place_week(several, week, before)
    wishes = error.value.wishes
    assert wishes == conflict(several, week, before)
    given_up = frozenset(WISHES) - frozenset(wishes)
    assert not wishes or not can_place(several, week, before, given_up)
    assert all(can_place(several, week, before, given_up | {wish}) for wish in wishes)
    assert all(WISHES[wish]["da"] in error.value.danish for wish in wishes)


def test_sessions_stay_on_their_usual_days_when_nothing_is_in_the_way() -> None:
    """And the solver is not even asked."""
    classes = [Item("a", "class", 1, True, ALL), Item("b", "class", 3, True, ALL), Item("c", "home", 5)]
    assert place_week(classes, FREE).days == {"a": 1, "b": 3, "c": 5}


def test_strength_training_of_the_same_muscles_is_48_hours_apart() -> None:
    """Neighbouring days are not enough; other muscles may follow the next day."""
    same = [Item("a", "home", 1, muscles=ALL), Item("b", "home", 2, muscles=ALL)]
    days_of_both = place_week(same, FREE).days
    assert abs(days_of_both["a"] - days_of_both["b"]) >= 2
    other = [Item("a", "home", 1, muscles=frozenset({"legs"})), Item("b", "home", 2, muscles=frozenset({"arms"}))]
    assert place_week(other, FREE).days == {"a": 1, "b": 2}


def test_the_last_day_of_the_week_before_counts() -> None:
    """A vigorous Sunday keeps Monday easy."""
    monday = [Item("a", "home", 0, vigorous=True)]
    assert place_week(monday, FREE, ((-1, Item("z", "home", 6, vigorous=True)),)).days["a"] == 1
    assert place_week(monday, FREE, ((-2, Item("z", "home", 5, vigorous=True)),)).days["a"] == 0


def test_a_session_leaves_a_hard_day_and_a_class_stays_on_its_day() -> None:
    """Own training moves; a class cannot."""
    hard = [Day(hard=day in (0, 1)) for day in range(7)]
    assert place_week([Item("a", "home", 0)], hard).days["a"] == 2
    only = [Day(hard=day == 1, class_blocked=frozenset() if day == 1 else frozenset({"classes"})) for day in range(7)]
    assert place_week([Item("a", "class", 1)], only).days["a"] == 1


def test_an_infusion_on_the_class_day_leaves_the_class_out_and_says_why() -> None:
    """The two wishes that are in each other's way, in both languages."""
    week = [
        Day(
            frozenset({"infusion"}) if day == 1 else frozenset(),
            frozenset() if day == 1 else frozenset({"classes"}),
        )
        for day in range(7)
    ]
    klass = [Item("a", "class", 1)]
    assert place_week(klass, week, drop=True).left_out == {"a": ("classes", "infusion")}
    with pytest.raises(CalendarConflict, match="the days of the class and no training on the day") as error:
        place_week(klass, week)
    assert "holdets dage og ingen træning" in error.value.danish


def test_more_sessions_than_days_have_no_wish_to_give_up() -> None:
    """Eight sessions do not fit into seven days whatever is given up."""
    eight = [Item(str(number), "home", number % 7) for number in range(8)]
    with pytest.raises(CalendarConflict) as error:
        place_week(eight, FREE)
    assert error.value.wishes == ()
    assert len(place_week(eight, FREE, drop=True).left_out) == 1


@pytest.mark.parametrize(
    ("several", "week"), [([], FREE[:6]), ([Item("a", "home", 0), Item("a", "home", 1)], FREE)]
)
def test_what_is_no_week_is_refused(several: list[Item], week: tuple[Day, ...]) -> None:
    """Six days, or a key twice."""
    with pytest.raises(PlanError):
        place_week(several, week)
