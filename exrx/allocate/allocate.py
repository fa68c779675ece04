"""The answer: who goes where, who waits and why, and what one more seat or staff hour would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from exrx.allocate.clashes import clashes
from exrx.allocate.fits import MISFITS, misfits
from exrx.allocate.goals import GOALS, MOST
from exrx.allocate.read import Group, Person, Pool
from exrx.allocate.solve import Answer, Model
from exrx.errors import InputFileError

SCHEMA = "exrx/allocation/1"
FULL, NO_HOURS, TOO_FEW, TAKEN, LEFT_OUT = "full", "no-hours", "too-few", "taken", "left-out"


@frozen
class Waiting:
    """Why a patient waits.

    `why`: unreadable, no-decision, not-cleared (with the clearance), nowhere (no group fits) or no-place (some fit,
    none has room). `by`: where no group fits, what alone keeps the patient out of some group, or everything that does
    together. `groups`: where some fit, group by group full, no-hours, too-few (it does not run), taken (its room or
    leader is), or left-out (a place would cost more than it is worth under the goals).
    """

    patient: str
    why: str
    clearance: str = ""
    by: tuple[str, ...] = ()
    groups: Mapping[str, str] = {}
    fault: str = ""


@frozen
class Price:
    """What one more seat or staff hour in a group or team would bring, solved again with the same groups running.

    How many more can be placed, and with them how many more days of waiting can end, whatever goals or weights chose.
    """

    where: str
    what: str
    placed: int
    waited: int


@frozen
class Allocation:
    """The whole answer; `placed` and `waiting` together are all patients, each once, in the order of their rows."""

    placed: dict[str, str]
    waiting: tuple[Waiting, ...]
    seats: dict[str, int]
    goals: dict[str, float]
    order: tuple[str, ...]
    weights: dict[str, float]
    prices: tuple[Price, ...]
    closer: bool
    example: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "schema": SCHEMA,
            "example": self.example,
            "order": list(self.order),
            "weights": self.weights,
            "closer_kinds_allowed": self.closer,
            "goals": self.goals,
            "placed": [{"patient": patient, "group": group} for patient, group in self.placed.items()],
            "waiting": [
                {"patient": each.patient, "why": each.why, "clearance": each.clearance or None, "by": list(each.by),
                 "groups": dict(each.groups), "fault": each.fault or None} for each in self.waiting
            ],
            "groups": [{"group": group, "placed": count} for group, count in self.seats.items()],
            "one_more": [
                {"where": price.where, "what": price.what, "placed": price.placed, "waited": price.waited}
                for price in self.prices
            ],
        }  # fmt: skip


def allocate(
    people: Sequence[Person],
    groups: Sequence[Group],
    pools: Sequence[Pool] = (),
    *,
    order: Sequence[str] = GOALS,
    weights: Mapping[str, float] | None = None,
    closer: bool = False,
    prices: bool = True,
) -> Allocation:
    """Assign cleared patients to groups.

    Args:
        people: everybody who asks for a place; those who may not train today are never placed, whatever the goals.
        groups: the groups.
        pools: hours that groups of one team share.
        order: the goals one after the other, each held at its best while the next is sought.
        weights: instead of an order, what one unit of each goal is worth (a patient placed, a day waited, one of the
            level's units outside the band, a minute of travel, a wish further down).
        closer: a patient may also go to a class that is followed more closely than the track asks for.
        prices: solve again with one more seat and one more hour in every group, and hour of every team.

    Raises:
        InputFileError: an unknown goal, or one that stands twice.
    """
    for goal in [*order, *(weights or {})]:
        if goal not in GOALS:
            raise InputFileError(f"there is no goal '{goal}'; the goals are {', '.join(GOALS)}")
    if len(set(order)) != len(order):
        raise InputFileError(f"a goal stands twice in the order: {', '.join(order)}")
    if not weights and order[0] not in MOST:
        raise InputFileError(f"with '{order[0]}' as the first goal nobody would be placed; begin with placed or waited")
    model = Model.of(people, groups, pools, closer=closer)
    answer = model.weighted(weights) if weights else model.in_order(order)
    placed_by_id = {model.people[p].id: model.groups[g].id for p, g in answer.places.items()}
    seats = {group.id: 0 for group in groups}
    for group in placed_by_id.values():
        seats[group] += 1
    state = _State(model, answer, seats)
    return Allocation(
        placed={person.id: placed_by_id[person.id] for person in people if person.id in placed_by_id},
        waiting=tuple(
            _waiting(person, groups, state, closer=closer) for person in people if person.id not in placed_by_id
        ),
        seats=seats,
        goals=answer.goals,
        order=() if weights else tuple(order),
        weights=dict(weights or {}),
        prices=_prices(model, answer, groups, pools) if prices else (),
        closer=closer,
        example=any(person.example for person in people),
    )  # fmt: skip


class _State:
    """What each group is full of, once the answer stands."""

    def __init__(self, model: Model, answer: Answer, seats: Mapping[str, int]) -> None:
        self.model, self.seats = model, seats
        running = {group.id for group in model.groups if seats[group.id]}
        self.taken: dict[str, bool] = {group.id: False for group in model.groups}
        for g, h in clashes(model.groups):
            one, other = model.groups[g].id, model.groups[h].id
            self.taken[one] |= other in running
            self.taken[other] |= one in running
        self.left = {
            pool.id: pool.hours - sum(
                group.hours_per_seat * seats[group.id] for group in model.groups if group.team == pool.id
            ) for pool in model.pools
        }  # fmt: skip

    def why(self, group: Group) -> str:
        """What stands against one more patient in a group that fits."""
        used = self.seats[group.id]
        if used >= group.seats_max:
            return FULL
        if not used and self.taken[group.id]:
            return TAKEN
        need = group.hours_per_seat - 1e-9
        if (group.hours is not None and group.hours - used * group.hours_per_seat < need) or (
            group.team and self.left[group.team] < need
        ):
            return NO_HOURS
        return TOO_FEW if used < group.seats_min else LEFT_OUT


def _waiting(person: Person, groups: Sequence[Group], state: _State, *, closer: bool) -> Waiting:
    if person.fault:
        return Waiting(person.id, "unreadable", fault=person.fault)
    if person.clearance is None or person.track is None:
        return Waiting(person.id, "no-decision")
    if not person.may_train:
        return Waiting(person.id, "not-cleared", person.clearance.word)
    found = {group.id: misfits(person, group, closer=closer) for group in groups}
    fitting = [group for group in groups if not found[group.id]]
    if fitting:
        return Waiting(person.id, "no-place", by=(), groups={group.id: state.why(group) for group in fitting})
    alone = {names[0] for names in found.values() if len(names) == 1}
    everything = {name for names in found.values() for name in names}
    return Waiting(person.id, "nowhere", by=tuple(name for name in MISFITS if name in (alone or everything)))


def _prices(model: Model, answer: Answer, groups: Sequence[Group], pools: Sequence[Pool]) -> tuple[Price, ...]:
    """One more seat in each group that runs, one more hour in each that counts its hours and in each team."""
    if len(answer.places) == len({p for p, _ in model.pairs}):
        return ()
    placed, waited = model.value(answer.runs)
    asked: list[tuple[str, str, Model]] = []
    running = {group.id for group, run in zip(model.groups, answer.runs.tolist(), strict=True) if run}
    for group in groups:
        if group.id in running:
            asked.append((group.id, "seat", model.with_more(group=group.id, seats=1)))
            if group.hours is not None:
                asked.append((group.id, "hour", model.with_more(group=group.id, hours=1.0)))
    asked += [(pool.id, "team-hour", model.with_more(pool=pool.id, hours=1.0)) for pool in pools]
    found = []
    for where, what, more in asked:
        more_placed, more_waited = more.value(answer.runs, placed)
        gained = more_placed - placed
        found.append(Price(where, what, gained, more_waited - waited if gained else 0))
    return tuple(found)
