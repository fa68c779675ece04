"""The restriction lattice: order of rules never matters, and joining never loosens."""

from __future__ import annotations

from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from exrx.rules.restriction import (
    Again,
    Clearance,
    Intensity,
    Progression,
    Restriction,
    Setting,
    Supervision,
    join,
)

tags = st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=3)
limits = st.none() | st.integers(1, 60)
restrictions = st.builds(
    Restriction,
    clearance=st.sampled_from(Clearance),
    consult=tags,
    supervision=st.sampled_from(Supervision),
    setting=st.sampled_from(Setting),
    formats_forbidden=tags,
    aerobic_max=st.sampled_from(Intensity),
    strength_max=st.sampled_from(Intensity),
    session_minutes_max=limits,
    heart_rate_max=limits,
    rpe_max=limits,
    progression=st.sampled_from(Progression),
    avoid=tags,
    monitor=tags,
    refer=tags,
    again=st.builds(Again, tags, limits),
    allowed_meanwhile=st.none() | tags,
)


@given(restrictions, restrictions, restrictions)
def test_joining_is_associative(a, b, c):
    """Rules may be grouped in any way."""
    assert (a | b) | c == a | (b | c)


@given(restrictions, restrictions)
def test_joining_is_commutative(a, b):
    """Rules may come in any order."""
    assert a | b == b | a


@given(restrictions)
def test_joining_is_idempotent_with_none_as_identity(a):
    """A rule twice is a rule once, and no rule changes nothing."""
    assert a | a == a
    assert a | Restriction.none() == a == Restriction.none() | a


@given(restrictions, restrictions)
def test_a_join_is_at_least_as_cautious_as_each_part(a, b):
    """Joining never loosens any part."""
    joined = a | b
    assert a <= joined
    assert b <= joined
    assert joined.clearance == max(a.clearance, b.clearance)
    assert joined.avoid >= a.avoid | b.avoid


@given(restrictions, restrictions)
def test_order_is_a_partial_order(a, b):
    """Two restrictions that are each at least as cautious as the other are equal."""
    assert a <= a
    assert not (a <= b <= a) or a == b


@given(st.lists(restrictions, max_size=6), st.randoms())
def test_any_order_of_many_gives_one_join(parts, random):
    """Shuffling the rules does not change the outcome."""
    shuffled = parts[:]
    random.shuffle(shuffled)
    assert join(parts) == join(shuffled)


def test_what_one_rule_allows_meanwhile_another_can_take_back():
    """Allowed meanwhile is the intersection of the rules that say anything."""
    walking = Restriction(Clearance.DEFER, allowed_meanwhile=frozenset({"walking", "daily-activity"}))
    nothing = Restriction(Clearance.EMERGENCY, allowed_meanwhile=frozenset())
    assert (walking | Restriction(Clearance.MODIFY)).allowed_meanwhile == {"walking", "daily-activity"}
    assert (walking | nothing).allowed_meanwhile == frozenset()


def test_every_part_takes_part_in_the_join():
    """A new part cannot be forgotten: joining with a restriction that sets it changes it."""
    full = Restriction(
        Clearance.STOP, frozenset("a"), Supervision.CONTINUOUS, Setting.HOSPITAL, frozenset("a"), Intensity.NONE,
        Intensity.NONE, 10, 90, 12, Progression.REDUCE, frozenset("a"), frozenset("a"), frozenset("a"),
        Again(frozenset("a"), 1), frozenset(),
    )
    for part in fields(Restriction):
        only = evolve(Restriction.none(), **{part.name: getattr(full, part.name)})
        assert getattr(Restriction.none() | only, part.name) == getattr(full, part.name), part.name
