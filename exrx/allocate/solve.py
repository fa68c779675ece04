"""The assignment as a mixed-integer program, solved to the optimum by HiGHS.

    x[p, g] = 1    patient p goes to group g (only where the patient fits)
    y[g] = 1       the group runs

    a patient goes to one group at most;  seats_min y <= patients of g <= seats_max y;
    hours_per_seat * patients <= hours, for each group and for each team;
    of two groups that need one room, or one leader, at the same time, one runs at most.

Goals are taken one after the other, each held at its best while the next is sought, or added up with weights. The last
goal of all is the order of the ids, so that the answer is one and the same however the rows are ordered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from exrx.allocate.fits import misfits
from exrx.allocate.read import Group, Person, Pool
from exrx.errors import ExrxError

GOALS = ("placed", "waited", "level", "travel", "wishes")
"""In their usual order: more patients placed, more days of waiting ended, less distance from the groups' level bands,
less travel, earlier wishes."""
MOST = ("placed", "waited")
"""The goals of which more is better; of the others less is."""
_LEVEL_STEPS = 10
_HALF = 0.5
Floats = npt.NDArray[np.float64]


@frozen(eq=False)
class Answer:
    """Who goes where, by the patients' places among those asked; None where nobody may go anywhere."""

    places: dict[int, int]
    goals: dict[str, float]


@define(eq=False)
class Model:
    """Patients and groups in the order of their ids, and the pairs that fit."""

    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    pools: tuple[Pool, ...]
    pairs: list[tuple[int, int]] = field(factory=list)

    @classmethod
    def of(cls, people: Sequence[Person], groups: Sequence[Group], pools: Sequence[Pool], *, closer: bool) -> Model:
        """The patients who may train, sorted; the caller keeps the others."""
        cleared = tuple(sorted((person for person in people if person.may_train), key=lambda person: person.id))
        sorted_groups = tuple(sorted(groups, key=lambda group: group.id))
        pairs = [
            (p, g) for p, person in enumerate(cleared) for g, group in enumerate(sorted_groups)
            if not misfits(person, group, closer=closer)
        ]  # fmt: skip
        return cls(cleared, sorted_groups, tuple(pools), pairs)

    def with_more(self, *, group: str = "", pool: str = "", seats: int = 0, hours: float = 0.0) -> Model:
        """The same with more seats or hours in one group or pool."""
        from attrs import evolve

        groups = tuple(
            evolve(each, seats_max=each.seats_max + seats, hours=None if each.hours is None else each.hours + hours)
            if each.id == group else each for each in self.groups
        )  # fmt: skip
        pools = tuple(evolve(each, hours=each.hours + hours) if each.id == pool else each for each in self.pools)
        return Model(self.people, groups, pools, self.pairs)

    def costs(self, goal: str) -> Floats:
        """What each pair adds to a goal, in whole numbers (levels in tenths)."""
        return np.array([_cost(goal, self.people[p], self.groups[g]) for p, g in self.pairs])

    def in_order(self, goals: Sequence[str]) -> Answer:
        """Goals one after the other, then the ids."""
        held: list[tuple[Floats, float, float]] = []
        for goal in goals:
            costs = self.costs(goal)
            if not costs.any():
                continue
            best = float(np.round(costs @ self._solve(-costs if goal in MOST else costs, held)))
            held.append((costs, best - _HALF, np.inf) if goal in MOST else (costs, -np.inf, best + _HALF))
        return self._answer(self._solve(self._by_id(), held))

    def weighted(self, weights: Mapping[str, float]) -> Answer:
        """The largest weighted sum, what is wished less of counting against it; then the ids."""
        score = sum((self._signed(goal) * weight for goal, weight in weights.items()), np.zeros(len(self.pairs)))
        best = float(score @ self._solve(-score, []))
        slack = 1e-6 * max(1.0, abs(best))
        return self._answer(self._solve(self._by_id(), [(score, best - slack, np.inf)]))

    def _signed(self, goal: str) -> Floats:
        costs = self.costs(goal) / (_LEVEL_STEPS if goal == "level" else 1)
        return costs if goal in MOST else -costs

    def value(self) -> tuple[int, int]:
        """How many can be placed at most, and of those ways the most days of waiting that can be ended."""
        if not self.pairs:
            return 0, 0
        placed, waited = self.costs("placed"), self.costs("waited")
        each = float(sum(person.days_waited for person in self.people)) + 1
        chosen = self._solve(-(placed * each + waited), [])
        return round(float(placed @ chosen)), round(float(waited @ chosen))

    def _by_id(self) -> Floats:
        """Earlier patients first, each in the earliest group."""
        return np.array([g + len(self.groups) * p for p, g in self.pairs], float)

    def _answer(self, chosen: Floats) -> Answer:
        places = {p: g for (p, g), there in zip(self.pairs, chosen, strict=True) if there > _HALF}
        goals = {goal: float(self.costs(goal) @ chosen) / (_LEVEL_STEPS if goal == "level" else 1) for goal in GOALS}
        return Answer(places, goals)

    def _solve(self, costs: Floats, held: Sequence[tuple[Floats, float, float]]) -> Floats:
        """The cheapest assignment, 0 or 1 for each pair, with earlier goals held between their bounds."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array, vstack

        if not self.pairs:
            return np.zeros(0)
        rows, low, high = self._hard
        count, groups = len(self.pairs), len(self.groups)
        matrix = rows
        if held:
            extra = csr_array(np.hstack([np.stack([costs for costs, _, _ in held]), np.zeros((len(held), groups))]))
            matrix = vstack([rows, extra])
        limits = LinearConstraint(matrix, np.r_[low, [x for _, x, _ in held]], np.r_[high, [x for _, _, x in held]])
        found = milp(np.r_[costs, np.zeros(groups)], constraints=limits, integrality=np.ones(count + groups),
                     bounds=Bounds(0, 1), options={"mip_rel_gap": 0.0})  # fmt: skip
        if not found.success or found.x is None:  # nobody placed is always an answer
            raise ExrxError(f"the assignment could not be solved: {found.message}")
        chosen: Floats = np.round(found.x[:count])
        return chosen

    @property
    def _hard(self) -> tuple[object, Floats, Floats]:
        """The hard constraints as a sparse matrix with its lower and upper ends."""
        from scipy.sparse import csr_array

        count = len(self.pairs)
        entries: list[tuple[int, int, float]] = []
        low: list[float] = []
        high: list[float] = []

        def add(terms: list[tuple[int, float]], least: float, most: float) -> None:
            entries.extend((len(low), column, factor) for column, factor in terms)
            low.append(least)
            high.append(most)

        by_person: dict[int, list[int]] = {}
        by_group: dict[int, list[int]] = {g: [] for g in range(len(self.groups))}
        for column, (p, g) in enumerate(self.pairs):
            by_person.setdefault(p, []).append(column)
            by_group[g].append(column)
        for columns in by_person.values():
            add([(column, 1.0) for column in columns], -np.inf, 1.0)
        for g, columns in by_group.items():
            group, seats = self.groups[g], [(column, 1.0) for column in columns]
            add([*seats, (count + g, -float(group.seats_max))], -np.inf, 0.0)
            add([*seats, (count + g, -float(max(group.seats_min, 1)))], 0.0, np.inf)
            if group.hours is not None:
                add([(column, group.hours_per_seat) for column in columns], -np.inf, group.hours)
        for pool in self.pools:
            add([(column, self.groups[g].hours_per_seat) for g, columns in by_group.items()
                 if self.groups[g].team == pool.id for column in columns], -np.inf, pool.hours)  # fmt: skip
        for g, h in clashes(self.groups):
            add([(count + g, 1.0), (count + h, 1.0)], -np.inf, 1.0)
        at, where, factors = zip(*entries, strict=True)
        matrix = csr_array((factors, (at, where)), shape=(len(low), count + len(self.groups)))
        return matrix, np.array(low), np.array(high)


def clashes(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """The pairs of groups of which only one can run: one room or one leader at overlapping times."""
    return [
        (g, h) for (g, one), (h, other) in combinations(enumerate(groups), 2)
        if ((one.room and one.room == other.room) or (one.leader and one.leader == other.leader))
        and any(a.overlaps(b) for a in one.times for b in other.times)
    ]  # fmt: skip


def _cost(goal: str, person: Person, group: Group) -> float:
    if goal == "placed":
        return 1.0
    if goal == "waited":
        return float(person.days_waited)
    if goal == "level":
        return float(round(off_band(person, group) * _LEVEL_STEPS))
    if goal == "travel":
        return float(round(_minutes(person, group)))
    return float(_wish(person, group))


def off_band(person: Person, group: Group) -> float:
    """How far a patient's level lies outside a group's band; 0 where one of them is not stated."""
    if person.level is None:
        return 0.0
    below = 0.0 if group.level_min is None else group.level_min - person.level
    above = 0.0 if group.level_max is None else person.level - group.level_max
    return max(below, above, 0.0)


def _minutes(person: Person, group: Group) -> float:
    """The journey in minutes; one of unknown length counts as the patient's longest."""
    if not group.place or not person.travel:
        return 0.0
    return person.travel.get(group.place, max(person.travel.values()))


def _wish(person: Person, group: Group) -> int:
    """0 for the first wish, 1 for the second ..; a group that is not wished for comes after the last."""
    return person.wishes.index(group.id) if group.id in person.wishes else len(person.wishes)
