"""Which counts of a report have to be hidden, so that no small one can be worked out from those that are printed.

A report is a set of *cells* (how many people are in each smallest class), known to be whole and not negative, and of
*numbers*, each a sum of cells. Some sums of cells are the same people counted twice (`tie`). A number from 1 to
`limit - 1` is small and hidden; that alone protects nothing where totals, percentages or another table give it back.

The promise. For every small number there is another cohort, possible by everything that is printed (all tables of the
report, their totals, and that people are whole), in which the number is at least `limit`, and one in which it is 0. So
whoever solves the report's equations cannot even say that it is small. Every number that is hidden only to protect
others has at least two possible values. The other cohorts are found, not hoped for: each small number is moved to
its far value at the least loss of printed numbers (an integer programme, HiGHS), and the numbers that had to move
with it are hidden. The moved cohort agrees with all that stays printed: it is the proof.

Zeros are printed: nobody is in them. Where a class as a whole is small (`guard`), its zeros are hidden as well, since
they would say in which class its few people are.

Not promised: anything about two reports together (two days, two limits, a report of a part of the same cohort), or
against a reader who knows some of the people, or who re-runs this algorithm in thought. That all people of a large
class had the same answer is printed as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

Counts = npt.NDArray[np.int64]
_NEAR = 1e-6
_ZERO_COST, _TOTAL_COST = 8.0, 12.0


@frozen(eq=False)
class Printed:
    """What a reader sees: the value of each number, None where it is hidden. `other` is the proof (for tests): cell
    counts of other cohorts that agree with every value printed."""

    values: tuple[int | None, ...]
    other: tuple[Counts, ...] = field(default=(), repr=False)

    def __getitem__(self, number: int) -> int | None:
        return self.values[number]


@define
class Number:
    """A sum of cells. `shown`: a reader may see it. `public`: never hidden. `guarded`: hidden although it is 0."""

    cells: tuple[int, ...]
    value: int
    shown: bool = False
    public: bool = False
    guarded: bool = False
    total: bool = False

    def is_small(self, limit: int) -> bool:
        """Whether it has to be hidden by itself."""
        return not self.public and (0 < self.value < limit or (self.guarded and self.value == 0))


@define
class Sheet:
    """The cells of one report and the numbers made of them; `settle` says which numbers are printed."""

    counts: list[int] = field(factory=list)
    numbers: list[Number] = field(factory=list)
    _ties: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(factory=list)
    _bounds: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(factory=list)
    _places: dict[tuple[int, ...], int] = field(factory=dict)

    def cells(self, counts: Iterable[Any]) -> list[int]:
        """New cells with these counts; their places."""
        first = len(self.counts)
        self.counts += [int(count) for count in counts]
        return list(range(first, len(self.counts)))

    def tie(self, left: Sequence[int], right: Sequence[int]) -> None:
        """The same people counted in two ways: these sums are always equal.

        Raises:
            ValueError: they are not.
        """
        if self._sum(left) != self._sum(right):
            raise ValueError(f"these cells do not hold the same people: {self._sum(left)} and {self._sum(right)}")
        self._ties.append((tuple(left), tuple(right)))

    def at_most(self, part: Sequence[int], whole: Sequence[int]) -> None:
        """These people are always among those.

        Raises:
            ValueError: they are more.
        """
        if self._sum(part) > self._sum(whole):
            raise ValueError(f"{self._sum(part)} people are not among {self._sum(whole)}")
        self._bounds.append((tuple(part), tuple(whole)))

    def number(self, cells: Iterable[int], *, shown: bool = True, public: bool = False, total: bool = False) -> int:
        """The number that is the sum of these cells; the same cells are the same number. Not `shown`: a count that a
        reader gets by subtraction (the rest of a class) and that must not be worked out if it is small."""
        key = tuple(sorted(cells))
        place = self._places.setdefault(key, len(self.numbers))
        if place == len(self.numbers):
            self.numbers.append(Number(key, self._sum(key)))
        found = self.numbers[place]
        found.shown, found.public, found.total = found.shown or shown, found.public or public, found.total or total
        return place

    def guard(self, whole: int, parts: Iterable[int], limit: int) -> None:
        """Where a class is small as a whole, its parts are hidden even where they are 0."""
        if self.numbers[whole].is_small(limit):
            for part in parts:
                self.numbers[part].guarded = True

    def _sum(self, cells: Iterable[int]) -> int:
        return sum(self.counts[cell] for cell in cells)

    def settle(self, limit: int) -> Printed:
        """What is printed so that the promise holds for every number below `limit` (0 or 1: nothing is small).

        Raises:
            ValueError: no hiding keeps the promise (a public total below `limit`).
        """
        return _Settling(self, limit).printed()


@define
class _Settling:
    """Moves each small number up to `limit` and down to 0, hiding what has to move with it."""

    sheet: Sheet
    limit: int
    hidden: npt.NDArray[np.bool_] = field(init=False)
    _sums: Any = field(init=False)
    _values: Counts = field(init=False)
    _rows: Any = field(init=False)
    _low: npt.NDArray[np.float64] = field(init=False)
    _high: npt.NDArray[np.float64] = field(init=False)
    _proofs: list[Counts] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        from scipy import sparse

        sheet, many = self.sheet, len(self.sheet.numbers)
        self._sums = _matrix([number.cells for number in sheet.numbers], len(sheet.counts))
        self._values = np.array([number.value for number in sheet.numbers], np.int64)
        self.hidden = np.array([number.is_small(self.limit) for number in sheet.numbers], np.bool_)
        ties, bounds = (
            _matrix([left for left, _ in pairs], len(sheet.counts))
            - _matrix([right for _, right in pairs], len(sheet.counts))
            for pairs in (sheet._ties, sheet._bounds)
        )
        unit = sparse.identity(many, format="csr")
        self._rows = sparse.bmat(
            [[self._sums, -unit, unit], *([each, None, None] for each in (ties, bounds) if each.shape[0])], format="csr"
        )
        zeros, free = np.zeros(ties.shape[0]), np.full(bounds.shape[0], -np.inf)
        self._low = np.concatenate([self._values.astype(float), zeros, free])
        self._high = np.concatenate([self._values.astype(float), zeros, np.zeros(bounds.shape[0])])

    def printed(self) -> Printed:
        """The numbers that stay."""
        for place in np.flatnonzero(self.hidden).tolist():
            self._move(place, upwards=True)
            if self._values[place]:
                self._move(place, upwards=False)
        shown = [number.shown for number in self.sheet.numbers]
        return Printed(
            tuple(
                int(value) if seen and not hidden else None
                for value, seen, hidden in zip(self._values, shown, self.hidden, strict=True)
            ),
            tuple(self._proofs),
        )

    def _move(self, place: int, upwards: bool) -> None:
        """Find a cohort in which a small number is large, or 0, and hide the numbers in which it differs."""
        if any((self._sums[place] @ proof)[0] >= self.limit if upwards else not (self._sums[place] @ proof)[0]
               for proof in self._proofs):  # fmt: skip
            return
        near = self._solved(place, upwards, whole=False)
        proof = None if near is None else _in_whole(near)
        if proof is None and near is not None:
            proof = self._solved(place, upwards, whole=True, still=np.abs(near - self.sheet.counts) < _NEAR)
        if proof is None:
            proof = self._solved(place, upwards, whole=True)
        if proof is None:
            raise ValueError(f"no hiding protects a count below {self.limit} in a report on so few people")
        self.hidden |= self._sums @ proof != self._values
        self._proofs.append(proof)

    def _solved(self, place: int, upwards: bool, whole: bool, still: Any = ()) -> Any:
        """The cell counts of the nearest such cohort, not always in whole people unless asked for; `still`: the cells
        that keep theirs, which makes whole people quick to find. None: there is no such cohort."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        cells, many = len(self.sheet.counts), len(self._values)
        price = self._prices()
        upper = np.full(cells + 2 * many, np.inf)
        lower = np.zeros(cells + 2 * many)
        for index, number in enumerate(self.sheet.numbers):
            if number.public:
                upper[cells + index] = upper[cells + many + index] = 0
        kept = np.flatnonzero(still)
        lower[kept] = upper[kept] = np.array(self.sheet.counts)[kept]
        more, fewer = cells + place, cells + many + place
        if upwards:
            lower[more], upper[fewer] = self.limit - self._values[place], 0
        else:
            upper[more], lower[fewer] = 0, self._values[place]
        found = milp(
            np.concatenate([np.zeros(cells), price, price]),
            constraints=LinearConstraint(self._rows, self._low, self._high),
            bounds=Bounds(lower, upper),
            integrality=np.concatenate([np.full(cells, int(whole)), np.zeros(2 * many)]),
        )
        if found.x is None:
            return None
        return _in_whole(found.x[:cells]) if whole else found.x[:cells]

    def _prices(self) -> npt.NDArray[np.float64]:
        """What moving a number by one costs: nothing where it is hidden, more for large ones, zeros and totals."""
        price = 1 + np.log1p(self._values)
        price[self._values == 0] = _ZERO_COST
        price[[number.total for number in self.sheet.numbers]] *= _TOTAL_COST
        unseen = [not number.shown for number in self.sheet.numbers]
        price[self.hidden | np.array(unseen, np.bool_)] = 0
        return price


def _in_whole(counts: npt.NDArray[np.float64]) -> Counts | None:
    """The counts as whole numbers; None where one is none."""
    exact = np.rint(counts)
    return None if np.abs(exact - counts).max(initial=0) > _NEAR else exact.astype(np.int64)


def _matrix(rows: Sequence[Sequence[int]], columns: int) -> Any:
    from scipy import sparse

    ends = np.cumsum([0, *map(len, rows)])
    places = np.array([cell for row in rows for cell in row], np.int64)
    return sparse.csr_matrix((np.ones(places.size), places, ends), shape=(len(rows), columns))


def possible_values(sheet: Sheet, printed: Printed, number: int) -> tuple[int, int]:
    """The least and the most a number can be by all that is printed: what a reader who solves the equations finds."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    seen = [place for place, value in enumerate(printed.values) if value is not None]
    values = np.array([printed.values[place] for place in seen], float)
    cells = len(sheet.counts)
    rules = [LinearConstraint(_matrix([sheet.numbers[place].cells for place in seen], cells), values, values)]
    for pairs, least in ((sheet._ties, 0.0), (sheet._bounds, -np.inf)):
        if pairs:
            difference = _matrix([left for left, _ in pairs], cells) - _matrix([right for _, right in pairs], cells)
            rules.append(LinearConstraint(difference, least, 0.0))
    wanted = np.zeros(cells)
    wanted[list(sheet.numbers[number].cells)] = 1
    ends = []
    for sign in (1, -1):
        found = milp(sign * wanted, constraints=rules, bounds=Bounds(0, np.inf), integrality=np.ones(cells))
        ends.append(round(sign * found.fun) if found.fun is not None else sum(sheet.counts) * sign)
    return ends[0], ends[1]


__all__ = ["Number", "Printed", "Sheet", "possible_values"]
