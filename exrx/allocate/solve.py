"""The assignment, solved to the optimum by HiGHS.

    x[p, g] = 1    patient p goes to group g (only where the patient fits)
    y[g] = 1       the group runs;  n[g] the number of its patients

    a patient goes to one group at most;  seats_min y <= n <= seats y, seats being what places and the group's staff
    hours allow;  the sum of hours_per_seat n <= hours, for each team;
    of groups that need one room, or one leader, at the same time, one runs at most.

Which groups run is settled by the first two goals (two mixed-integer programs), and so is how many patients each has
where a team's groups take unequal hours. With that settled the goals are taken one after the other, each held at
its best while the next is sought: a chain of linear programs, each over the optimal face of the one before (what costs
extra is left out, what binds stays bound), whose corners are whole numbers. The last goals are the order of the ids, so
that the answer is one and the same however the rows are ordered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from exrx.allocate.clashes import cliques
from exrx.allocate.fits import misfits
from exrx.allocate.goals import GOALS, LEVEL_STEPS, MOST, cost
from exrx.allocate.read import Group, Person, Pool
from exrx.errors import ExrxError

_HALF, _NEAR, _NOTHING = 0.5, 0.4, 1e-7
Floats = npt.NDArray[np.float64]


@frozen(eq=False)
class Answer:
    """Who goes where, by the patients' places among those asked; None where nobody may go anywhere."""

    places: dict[int, int]
    goals: dict[str, float]
    runs: Floats = field(factory=lambda: np.zeros(0))


@frozen(eq=False)
class _Settled:
    """Which groups run, how many patients each has (None: not settled), and x."""

    runs: Floats
    sizes: Floats | None
    x: Floats


@define(eq=False, slots=False)
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
        groups = tuple(
            evolve(each, seats_max=each.seats_max + seats, hours=None if each.hours is None else each.hours + hours)
            if each.id == group else each for each in self.groups
        )  # fmt: skip
        pools = tuple(evolve(each, hours=each.hours + hours) if each.id == pool else each for each in self.pools)
        return Model(self.people, groups, pools, self.pairs)

    def costs(self, goal: str) -> Floats:
        """What each pair adds to a goal, in whole numbers (levels in tenths)."""
        return np.array([cost(goal, self.people[p], self.groups[g]) for p, g in self.pairs])

    def in_order(self, goals: Sequence[str]) -> Answer:
        """Goals one after the other, then the ids."""
        if not self.pairs:
            return Answer({}, dict.fromkeys(GOALS, 0.0))
        signed = [self._signed(goal) for goal in goals]
        return self._answer(signed, self._settled(signed[:2]))

    def weighted(self, weights: Mapping[str, float]) -> Answer:
        """The largest weighted sum, what is wished less of counting against it; then the ids."""
        if not self.pairs:
            return Answer({}, dict.fromkeys(GOALS, 0.0))
        parts = [self._signed(goal) / (LEVEL_STEPS if goal == "level" else 1) * w for goal, w in weights.items()]
        score = sum(parts, np.zeros(len(self.pairs)))
        return self._answer([score], self._settled([score]))

    def value(self, runs: Floats, known: int | None = None) -> tuple[int, int]:
        """With these groups running: how many can be placed at most, and then the most days of waiting that end.

        Where no more than `known` can be placed the days are not asked for, and count as 0. A relaxed program is asked
        first: mostly it already says that nothing is won.
        """
        rows = self._rows_of(_Settled(runs, None, runs))
        reached: list[int] = []
        for goal in (self.costs("placed"), self.costs("waited")):
            best = self._bound(goal, rows, runs, whole=not self._mixed)
            if self._mixed and (reached or known is None or best > known):
                best = self._bound(goal, rows, runs, whole=True)
            reached.append(best)
            if known is not None and reached[0] <= known:
                return reached[0], 0
            rows.add([(at, float(each)) for at, each in enumerate(goal)], best - _NEAR, np.inf)
        return reached[0], reached[1]

    def _bound(self, goal: Floats, rows: _Rows, runs: Floats, *, whole: bool) -> int:
        """The most of a goal with these groups running; with `whole` false what it cannot exceed."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        pairs, groups = len(self.pairs), len(self.groups)
        seats = [_seats(group) * run for group, run in zip(self.groups, runs.tolist(), strict=True)]
        found = milp(
            -np.r_[goal, np.zeros(groups)], constraints=LinearConstraint(*rows.limits(pairs + groups)),
            bounds=Bounds(0, np.r_[[float(runs[g]) for _, g in self.pairs], seats]),
            integrality=np.r_[np.zeros(pairs), np.full(groups, float(whole and self._mixed))],
            options={"mip_rel_gap": _NEAR / max(self._spread(goal), 1.0)},
        )  # fmt: skip
        if not found.success or found.x is None:
            raise ExrxError(f"the assignment could not be solved: {found.message}")
        return round(-found.fun) if whole else int(-found.fun + 1e-6)

    def _signed(self, goal: str) -> Floats:
        costs = self.costs(goal)
        return costs if goal in MOST else -costs

    def _spread(self, costs: Floats) -> float:
        """At least what the sums of two assignments differ by: each patient stands in one pair."""
        most = np.zeros(len(self.people))
        np.maximum.at(most, [p for p, _ in self.pairs], np.abs(costs))
        return float(most.sum())

    def _answer(self, goals: Sequence[Floats], settled: _Settled) -> Answer:
        """The goals (more is better) one after the other, then the ids, with these groups running."""
        early = np.array([-float(p) for p, _ in self.pairs])
        apart = np.array([float(p * g) for p, g in self.pairs])
        chosen = self._on_faces([*goals, early, apart], settled)
        places = {p: g for (p, g), there in zip(self.pairs, chosen, strict=True) if there > _HALF}
        reached = {goal: float(self.costs(goal) @ chosen) / (LEVEL_STEPS if goal == "level" else 1) for goal in GOALS}
        return Answer(places, reached, settled.runs)

    def _settled(self, goals: Sequence[Floats], runs: Floats | None = None) -> _Settled:
        """Which groups run and how many patients each has, each goal held at its best while the next is sought."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        pairs, groups = len(self.pairs), len(self.groups)
        rows = self._rows()
        rest = np.array([self._may_rest(g) for g in range(groups)])
        most = np.r_[np.ones(pairs + groups), [float(_seats(group)) for group in self.groups]]
        least = np.r_[np.zeros(pairs), ~rest, np.zeros(groups)]
        if runs is not None:
            least[pairs : pairs + groups] = most[pairs : pairs + groups] = runs
        x = np.zeros(pairs + 2 * groups)
        for goal in goals:
            score = np.r_[goal, np.zeros(2 * groups)]
            if (goal == 1).all():  # patients placed: counted group by group, which the solver knows to be whole
                score = np.r_[np.zeros(pairs + groups), np.ones(groups)]
            whole = bool((goal == np.round(goal)).all())
            gap = _NEAR / max(self._spread(goal), 1.0) if whole else 1e-9
            found = milp(
                -score, constraints=LinearConstraint(*rows.limits(pairs + 2 * groups)), bounds=Bounds(least, most),
                integrality=np.r_[np.zeros(pairs), np.ones(2 * groups)], options={"mip_rel_gap": gap},
            )  # fmt: skip
            if not found.success or found.x is None:  # that nobody is placed is always an answer
                raise ExrxError(f"the assignment could not be solved: {found.message}")
            x = found.x
            best = float(np.round(score @ x)) if whole else float(score @ x) - 1e-6 * max(1.0, abs(float(score @ x)))
            rows.add([(int(at), float(score[at])) for at in np.flatnonzero(score)], best - _NEAR * whole, np.inf)
        return _Settled(np.round(x[pairs : pairs + groups]), np.round(x[pairs + groups :]), x[:pairs])

    def _may_rest(self, g: int) -> bool:
        """Whether it matters that a group runs: it needs a minimum, or a room or leader that another needs too."""
        return self.groups[g].seats_min > 1 or any(g in clique for clique in self._cliques)

    @cached_property
    def _mixed(self) -> bool:
        """Whether a team's groups take unequal hours."""
        return any(
            len({group.hours_per_seat for group in self.groups if group.team == pool.id}) > 1 for pool in self.pools
        )

    def _rows(self) -> _Rows:
        """The hard constraints over x, y and n."""
        rows, pairs, groups = _Rows(), len(self.pairs), len(self.groups)
        for columns in self._by_person:
            rows.add([(column, 1.0) for column in columns], -np.inf, 1.0)
        for g, columns in enumerate(self._by_group):
            y, n, group = pairs + g, pairs + groups + g, self.groups[g]
            rows.add([*((column, 1.0) for column in columns), (n, -1.0)], 0.0, 0.0)
            rows.add([(n, 1.0), (y, -float(_seats(group)))], -np.inf, 0.0)
            if group.seats_min > 1:
                rows.add([(n, 1.0), (y, -float(group.seats_min))], 0.0, np.inf)
            for column in columns if self._may_rest(g) else ():
                rows.add([(column, 1.0), (y, -1.0)], -np.inf, 0.0)
        for pool in self.pools:
            rows.add([(pairs + groups + g, group.hours_per_seat) for g, group in enumerate(self.groups)
                      if group.team == pool.id], -np.inf, pool.hours)  # fmt: skip
        for clique in self._cliques:
            rows.add([(pairs + g, 1.0) for g in clique], -np.inf, 1.0)
        return rows

    def _rows_of(self, settled: _Settled) -> _Rows:
        """What is left of the constraints over x once it is settled which groups run."""
        rows = _Rows()
        for columns in self._by_person:
            rows.add([(column, 1.0) for column in columns], -np.inf, 1.0)
        equal = {
            pool.id: {group.hours_per_seat for group in self.groups if group.team == pool.id} for pool in self.pools
        }
        for g, columns in enumerate(self._by_group):
            group, run = self.groups[g], float(settled.runs[g])
            seats = [(column, 1.0) for column in columns]
            if group.team and len(equal[group.team]) > 1:
                if settled.sizes is not None:
                    rows.add(seats, settled.sizes[g], settled.sizes[g])
                else:
                    rows.add([*seats, (len(self.pairs) + g, -1.0)], 0.0, 0.0)
                    least = group.seats_min * run if group.seats_min > 1 else 0.0
                    rows.add([(len(self.pairs) + g, 1.0)], least, np.inf)
            elif seats:
                rows.add(seats, -np.inf, _seats(group) * run)
                if group.seats_min > 1:
                    rows.add(seats, group.seats_min * run, np.inf)
        for pool in self.pools:
            rates = equal[pool.id]
            if len(rates) == 1 and (rate := next(iter(rates))):
                members = [column for g, columns in enumerate(self._by_group) if self.groups[g].team == pool.id
                           for column in columns]  # fmt: skip
                rows.add([(column, 1.0) for column in members], -np.inf, float(_whole(pool.hours, rate)))
            elif settled.sizes is None:
                rows.add([(len(self.pairs) + g, group.hours_per_seat) for g, group in enumerate(self.groups)
                          if group.team == pool.id], -np.inf, pool.hours)  # fmt: skip
        return rows

    def _on_faces(self, goals: Sequence[Floats], settled: _Settled) -> Floats:
        """Each goal as a linear program over the optimal face of the one before."""
        from scipy.optimize import linprog

        rows, least, most = self._rows_of(settled).limits(len(self.pairs))
        upper = np.array([float(settled.runs[g] > _HALF) for _, g in self.pairs])
        bound = least == most
        x = np.zeros(len(self.pairs))
        for goal in goals:
            keep, over, under = upper > 0, np.isfinite(most) & ~bound, np.isfinite(least) & ~bound
            if not keep.any():
                return x
            here = rows[:, keep]
            found = linprog(
                -goal[keep], A_ub=_stacked(here[over], -here[under]), b_ub=np.r_[most[over], -least[under]],
                A_eq=here[bound] if bound.any() else None, b_eq=most[bound] if bound.any() else None,
                bounds=(0, None), method="highs-ds",
            )  # fmt: skip
            if not found.success:
                raise ExrxError(f"the assignment could not be solved: {found.message}")
            x[:], x[keep] = 0.0, found.x
            if np.abs(x - np.round(x)).max() > _HALF / 100:
                raise ExrxError("the assignment has no whole corner, which its constraints should rule out")
            tight = np.abs(found.ineqlin.marginals) > _NOTHING
            split = int(over.sum())
            for which, part, ends in ((over, tight[:split], most), (under, tight[split:], least)):
                at = np.flatnonzero(which)[part]
                bound[at], most[at], least[at] = True, ends[at], ends[at]
            upper[np.flatnonzero(keep)[found.lower.marginals > _NOTHING]] = 0.0
        return np.round(x)

    @cached_property
    def _cliques(self) -> list[tuple[int, ...]]:
        """Sets of groups of which one can run at most."""
        return cliques(self.groups)

    @cached_property
    def _by_person(self) -> list[list[int]]:
        """The pairs of each patient who fits somewhere."""
        found: dict[int, list[int]] = {}
        for column, (p, _) in enumerate(self.pairs):
            found.setdefault(p, []).append(column)
        return list(found.values())

    @cached_property
    def _by_group(self) -> list[list[int]]:
        """The pairs of each group."""
        found: list[list[int]] = [[] for _ in self.groups]
        for column, (_, g) in enumerate(self.pairs):
            found[g].append(column)
        return found


class _Rows:
    """Constraints as they are collected: sums of columns between two ends."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: list[tuple[int, float]], least: float, most: float) -> None:
        """One more constraint."""
        self.entries.extend((len(self.low), column, factor) for column, factor in terms)
        self.low.append(least)
        self.high.append(most)

    def limits(self, columns: int) -> tuple[Any, Floats, Floats]:
        """The sparse matrix with the lower and upper ends."""
        from scipy.sparse import csr_array

        at, where, factors = zip(*self.entries, strict=True)
        matrix = csr_array((factors, (at, where)), shape=(len(self.low), columns))
        return matrix, np.array(self.low), np.array(self.high)


def _stacked(first: Any, second: Any) -> Any:
    from scipy.sparse import vstack

    return vstack([first, second])


def _seats(group: Group) -> int:
    """The seats that places and the group's own staff hours allow."""
    if group.hours is None or not group.hours_per_seat:
        return group.seats_max
    return min(group.seats_max, _whole(group.hours, group.hours_per_seat))


def _whole(hours: float, each: float) -> int:
    """How often `each` goes into `hours`, as the numbers are written."""
    return int(Fraction(str(hours)) / Fraction(str(each)))
