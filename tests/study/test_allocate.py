"""Places go to those whom the decision allows, as many as there can be, and the answer stands a second check."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.allocate import GOALS, allocate, broken_promises, read_groups, read_people, read_pools
from exrx.allocate.goals import cost
from exrx.errors import InputFileError

DAYS = ("mon 09:00-10:00", "mon 09:30-10:30", "tue 09:00-10:00")


@st.composite
def services(draw):
    """Up to five patients and three groups as rows, with every kind of need, and the hours of a team."""
    people = [
        {
            "id": f"p{i}", "clearance": draw(st.sampled_from(["clear", "modify", "clear", "assess", "defer", ""])),
            "track": draw(st.sampled_from(["group", "group", "supervised", "none"])),
            "supervision": draw(st.sampled_from(["", "", "continuous"])),
            "level": draw(st.sampled_from(["", "300", "450"])), "language": draw(st.sampled_from(["", "da", "da;en"])),
            "times": draw(st.sampled_from(["", "mon", "mon 08:00-10:00; tue", "tue 09:00-12:00"])),
            "days_waited": str(draw(st.integers(0, 5))), "wishes": draw(st.sampled_from(["", "g1;g0", "g2"])),
            "travel.north": draw(st.sampled_from(["", "10", "50"])), "travel_max": draw(st.sampled_from(["", "30"])),
        }
        for i in range(draw(st.integers(1, 5)))
    ]  # fmt: skip
    groups = [
        {
            "id": f"g{g}", "kind": draw(st.sampled_from(["group", "group", "supervised"])),
            "seats_min": str(draw(st.integers(0, 2))), "seats_max": str(draw(st.integers(2, 3))),
            "staff_hours_per_seat": draw(st.sampled_from(["0", "0.5", "1"])),
            "staff_hours": draw(st.sampled_from(["", "1"])), "team": draw(st.sampled_from(["", "physio"])),
            "room": draw(st.sampled_from(["", "hall"])), "leader": draw(st.sampled_from(["", "anna"])),
            "times": draw(st.sampled_from(DAYS)), "language": draw(st.sampled_from(["", "da", "en"])),
            "level_min": draw(st.sampled_from(["", "400"])), "place": draw(st.sampled_from(["", "north"])),
        }
        for g in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    return people, groups, draw(st.sampled_from([0.0, 1.0, 2.5]))


def solved(people, groups, hours, **options):
    made = read_groups(groups)
    pools = read_pools([f"physio={hours}"] if any(group.team for group in made) else [], made)
    return allocate(read_people(people), made, pools, **options)


def every_answer(people, groups, hours):
    """Every assignment that keeps all promises, by trying them all."""
    ids = [row["id"] for row in people]
    for chosen in product([None, *(row["id"] for row in groups)], repeat=len(ids)):
        placed = {who: where for who, where in zip(ids, chosen, strict=True) if where}
        if not broken_promises(people, groups, {"physio": hours}, placed):
            yield placed


@given(services())
@settings(max_examples=50, deadline=None)
def test_no_answer_is_better_and_every_answer_keeps_all_promises(service):
    """As many placed as in any of all possible answers, and of those ways the most days of waiting ended."""
    people, groups, hours = service
    found = solved(people, groups, hours, prices=False)
    assert broken_promises(people, groups, {"physio": hours}, found.placed) == []
    waited = {row["id"]: int(row["days_waited"]) for row in people}
    best = max((len(placed), sum(waited[who] for who in placed)) for placed in every_answer(people, groups, hours))
    assert (len(found.placed), sum(waited[who] for who in found.placed)) == best
    assert found.goals["placed"] == len(found.placed)


@given(services(), st.permutations([0, 1, 2, 3, 4]))
@settings(max_examples=30, deadline=None)
def test_everybody_is_answered_once_and_the_order_of_rows_changes_nothing(service, order):
    """N patients in, N out; shuffled rows give the same places."""
    people, groups, hours = service
    found = solved(people, groups, hours, prices=False)
    waiting = [each.patient for each in found.waiting]
    assert sorted([*found.placed, *waiting]) == sorted(row["id"] for row in people)
    shuffled = [people[i] for i in order if i < len(people)]
    again = solved(shuffled, groups[::-1], hours, prices=False)
    assert dict(again.placed) == dict(found.placed)


@given(services())
@settings(max_examples=30, deadline=None)
def test_the_later_goals_are_the_best_among_the_answers_with_the_same_groups_running(service):
    """With the groups that run, and their sizes, no answer as good in the earlier goals is better in a later one."""
    people, groups, hours = service
    found = solved(people, groups, hours, prices=False)
    persons = {person.id: person for person in read_people(people)}
    made = {group.id: group for group in read_groups(groups)}

    def goals(placed):
        sums = [sum(cost(goal, persons[who], made[where]) for who, where in placed.items()) for goal in GOALS]
        return [-sums[0], -sums[1], *sums[2:]]

    def sizes(placed):
        return {group: sum(where == group for where in placed.values()) for group in made}

    same = [placed for placed in every_answer(people, groups, hours) if sizes(placed) == found.seats]
    assert goals(found.placed) == min(goals(placed) for placed in same)


@given(services())
@settings(max_examples=15, deadline=None)
def test_the_price_of_a_seat_is_what_a_seat_more_brings(service):
    """As many more as when everything is tried: at least with the same groups running, at most with any."""
    people, groups, hours = service
    found = solved(people, groups, hours)
    running = {group for group, size in found.seats.items() if size}
    for price in [price for price in found.prices if price.what == "seat"]:
        more = [{**row, "seats_max": str(int(row["seats_max"]) + (row["id"] == price.where))} for row in groups]
        answers = list(every_answer(people, more, hours))
        same = [len(placed) for placed in answers if set(placed.values()) == running]
        assert max(same) <= len(found.placed) + price.placed <= max(map(len, answers))


PERSON = {"id": "p", "clearance": "clear", "track": "group"}
GROUP = {"id": "g", "kind": "group", "seats_max": "1"}


@pytest.mark.parametrize(
    ("change", "group", "why", "by"),
    [
        ({"clearance": "assess", "track": "none"}, {}, "not-cleared", ()),
        ({"clearance": "emergency", "track": "none"}, {}, "not-cleared", ()),
        ({"clearance": ""}, {}, "no-decision", ()),
        ({"clearance": "perhaps"}, {}, "unreadable", ()),
        ({"days_waited": "long"}, {}, "unreadable", ()),
        ({"track": "supervised"}, {}, "nowhere", ("kind",)),
        ({"supervision": "continuous"}, {}, "nowhere", ("supervision",)),
        ({"language": "ar"}, {"language": "da"}, "nowhere", ("language",)),
        ({"times": "tue"}, {"times": "mon 09:00-10:00"}, "nowhere", ("time",)),
        ({"travel_max": "30", "travel.north": "31"}, {"place": "north"}, "nowhere", ("travel",)),
        ({"travel_max": "30", "travel.north": ""}, {"place": "north"}, "nowhere", ("travel",)),
        ({"track": "supervised", "language": "ar"}, {"language": "da"}, "nowhere", ("kind", "language")),
    ],
)
def test_who_waits_is_told_what_binds(change, group, why, by):
    """Not cleared, no decision, a row that cannot be used, or what keeps the patient out of every group."""
    found = solved([{**PERSON, **change}], [{**GROUP, **group}], 0)
    assert found.placed == {}
    assert [(each.why, each.by) for each in found.waiting] == [(why, by)]


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ({"seats_max": "1"}, "full"),
        ({"seats_max": "3", "staff_hours_per_seat": "1", "staff_hours": "1"}, "no-hours"),
    ],
)
def test_who_fits_and_waits_is_told_what_the_group_lacks(group, why):
    """The one who has waited longer has the place; the other learns of what there is too little, and one more helps."""
    people = [{**PERSON, "days_waited": "3"}, {**PERSON, "id": "q", "days_waited": "9"}]
    found = solved(people, [{**GROUP, **group}], 0)
    assert found.placed == {"q": "g"}
    assert found.waiting[0].groups == {"g": why}
    what = "seat" if why == "full" else "hour"
    assert [(price.placed, price.waited) for price in found.prices if price.what == what] == [(1, 3)]


def test_a_group_that_too_few_fit_does_not_run_and_one_room_holds_one_group():
    """Below the minimum nobody is placed; of two classes in a room at one time one runs."""
    few = solved([PERSON], [{**GROUP, "seats_min": "2", "seats_max": "5"}], 0)
    assert few.waiting[0].groups == {"g": "too-few"}
    room = {"room": "hall", "times": "mon 09:00-10:00"}
    people = [PERSON, {**PERSON, "id": "q"}]
    both = solved(people, [{**GROUP, **room}, {**GROUP, "id": "h", **room}], 0)
    assert len(both.placed) == 1
    assert both.waiting[0].groups == {"g": "full", "h": "taken"}


def test_ties_go_to_the_earlier_id():
    """Two alike: the earlier patient has the place, in the earlier group."""
    people = [{**PERSON, "id": "b"}, {**PERSON, "id": "a"}, {**PERSON, "id": "c"}]
    assert solved(people, [{**GROUP, "id": "z"}, {**GROUP, "id": "y"}], 0).placed == {"a": "y", "b": "z"}


def test_weights_can_turn_the_order_round():
    """A long journey weighs more than a place where the caller says so, and the patient learns that."""
    people = [{**PERSON, "travel.north": "60"}]
    groups = [{**GROUP, "place": "north"}]
    assert solved(people, groups, 0).placed == {"p": "g"}
    found = solved(people, groups, 0, weights={"placed": 10, "travel": 1})
    assert found.placed == {}
    assert found.waiting[0].groups == {"g": "left-out"}


def test_a_closer_class_is_used_only_where_that_is_allowed():
    """A group patient goes to a supervised class on request, never the other way round."""
    supervised = [{**GROUP, "kind": "supervised"}]
    assert solved([PERSON], supervised, 0).placed == {}
    assert solved([PERSON], supervised, 0, closer=True).placed == {"p": "g"}
    assert solved([{**PERSON, "track": "supervised"}], [GROUP], 0, closer=True).placed == {}


@pytest.mark.parametrize(
    ("change", "group", "placed", "said"),
    [
        ({"clearance": "assess"}, {}, {"p": "g"}, "does not clear"),
        ({"track": "supervised"}, {}, {"p": "g"}, "the track is supervised"),
        ({"supervision": "continuous"}, {}, {"p": "g"}, "supervision is needed"),
        ({"language": "ar"}, {"language": "da"}, {"p": "g"}, "no language"),
        ({"times": "tir"}, {"times": "man 9:00-10:00"}, {"p": "g"}, "cannot come"),
        ({"travel_max": "30"}, {"place": "north"}, {"p": "g"}, "journey"),
        ({}, {"seats_max": "0"}, {"p": "g"}, "0 seats"),
        ({}, {"seats_min": "2", "seats_max": "4"}, {"p": "g"}, "needs 2"),
        ({}, {"staff_hours_per_seat": "0,5", "staff_hours": "0.4"}, {"p": "g"}, "staff hours"),
        ({}, {"staff_hours_per_seat": "2", "team": "physio"}, {"p": "g"}, "the team physio"),
        ({}, {}, {"x": "g"}, "no patient"),
        ({}, {}, {"p": "x"}, "no group"),
    ],
)
def test_the_check_notices_every_broken_promise(change, group, placed, said):
    """A wrong answer is refused whatever made it: each promise is broken once on purpose."""
    [broken] = broken_promises([{**PERSON, **change}], [{**GROUP, **group}], {"physio": 1.0}, placed)
    assert said in broken


@pytest.mark.parametrize("what", ["room", "leader"])
def test_the_check_notices_a_room_or_a_leader_booked_twice(what):
    """Two groups in one room, or with one leader, whose times overlap by half an hour."""
    first, second = ({**GROUP, what: "x", "times": f"mon {times}"} for times in ("09:00-10:00", "09:30-11:00"))
    groups = [first, {**second, "id": "h"}]
    [broken] = broken_promises([PERSON, {**PERSON, "id": "q"}], groups, {}, {"p": "g", "q": "h"})
    assert f"the {what} x is booked" in broken


@pytest.mark.parametrize(
    ("people", "groups", "error"),
    [
        ([{**PERSON, "speed": "1"}], [GROUP], "not known"),
        ([PERSON, PERSON], [GROUP], "stands there twice"),
        ([{**PERSON, "id": ""}], [GROUP], "row 1: the id is empty"),
        ([{**PERSON, "id": "010203-1234"}], [GROUP], "CPR"),
        ([PERSON], [], "no groups"),
        ([PERSON], [{**GROUP, "kind": "yoga"}], "kind"),
        ([PERSON], [{**GROUP, "seats_min": "3"}], "more than seats_max"),
        ([PERSON], [{**GROUP, "seats_max": "2.5"}], "no whole number"),
        ([PERSON], [{**GROUP, "times": "mon 10:00-09:00"}], "end comes after"),
        ([PERSON], [{**GROUP, "room": "hall"}], "nobody knows when"),
        ([PERSON], [{**GROUP, "team": "physio"}], "has no hours"),
        ([PERSON], [{"id": "g", "kind": "group"}], "no column 'seats_max'"),
    ],
)
def test_a_table_that_cannot_be_used_says_where_and_why(people, groups, error):
    """A misread group or two patients of one id would lose places in silence."""
    with pytest.raises(InputFileError, match=error):
        _read(people, groups)


def _read(people, groups):
    made = read_groups(groups)
    return read_people(people), read_pools([], made)


@pytest.mark.parametrize(
    ("order", "error"),
    [(("placed", "speed"), "no goal 'speed'"), (("placed", "placed"), "twice"), (("travel",), "nobody")],
)
def test_goals_that_cannot_be_taken_say_why(order, error):
    """An unknown one, one twice, or one whose best is to place nobody."""
    with pytest.raises(InputFileError, match=error):
        allocate(read_people([PERSON]), read_groups([GROUP]), order=order)
