"""One week's sessions on its days, with HiGHS: who can, when classes are, rest between sessions, treatment.

    hard   at most one session a day, nothing on a blocked day, classes on their days, 48 hours between strength
           sessions that share muscles, no two vigorous days in a row; the last two across the week's border too
    soft   the programme's usual day, preferred days, not the hard days after an infusion

What is blocked is blocked by a wish (`WISHES`); a week that cannot be laid names a smallest set of wishes in conflict.
Every solution is checked again in plain integers. The same week is solved once, whatever its sessions are called, and
the answer does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import evolve, field, frozen

from exrx.errors import PlanError
from exrx.rules.restriction import Intensity
from exrx.training.session import Session
from exrx.training.targets import DAYS_A_WEEK, Words

STRENGTH_DAYS_APART = 2  # 48 hours
_WHOLE = 1e-7
_LEFT_OUT, _MOVED, _UNWANTED, _HARD, _TIE = 100_000, 400, 300, 600, 1
WISHES: dict[str, Words] = {
    "weekdays": {"da": "de ugedage, patienten kan", "en": "the weekdays on which the patient can"},
    "away": {"da": "dage, hvor patienten er optaget", "en": "days on which the patient is away"},
    "classes": {"da": "holdets dage", "en": "the days of the class"},
    "holidays": {"da": "helligdage uden hold", "en": "public holidays without a class"},
    "infusion": {"da": "ingen træning på dagen for kemoterapi", "en": "no training on the day of an infusion"},
    "strength": {"da": "48 timer mellem styrketræning af de samme muskler",
                 "en": "48 hours between strength training of the same muscles"},
    "vigorous": {"da": "ikke høj intensitet to dage i træk", "en": "no two vigorous days in a row"},
}  # fmt: skip
_CONFLICT: dict[str, Words] = {
    "wishes": {
        "da": "ugens træning kan ikke lægges: {wishes} kan ikke alle holdes. Mindst én af dem må vige",
        "en": "the week cannot be laid: {wishes} cannot all be kept. At least one of them must give",
    },
    "days": {
        "da": "ugens træning kan ikke lægges: der er flere træningsgange end dage",
        "en": "the week cannot be laid: there are more sessions than days",
    },
}


@frozen
class Item:
    """A session to place: where it usually lies (0 is the week's first day), and what keeps it apart from others."""

    key: str
    kind: str
    usual: int
    vigorous: bool = False
    muscles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, key: str, session: Session, usual: int, muscles: frozenset[str]) -> Item:
        """The item of a session; `muscles` are those that its strength training loads."""
        vigorous = session.aerobic_minutes(Intensity.VIGOROUS) > 0
        return cls(key, session.kind, usual, vigorous, muscles if session.sets else frozenset())


@frozen
class Day:
    """A day: the wishes that block everything on it, those that block a class, and whether it is unwanted or hard."""

    blocked: frozenset[str] = frozenset()
    class_blocked: frozenset[str] = frozenset()
    unwanted: bool = False
    hard: bool = False

    def blocks(self, item: Item) -> frozenset[str]:
        """The wishes that keep this item off the day."""
        return self.blocked | self.class_blocked if item.kind == "class" else self.blocked


@frozen
class Placement:
    """Where each item lies (0 to 6), and those that have no day, with the wishes that conflict."""

    days: dict[str, int]
    left_out: dict[str, tuple[str, ...]] = field(factory=dict)


class CalendarConflict(PlanError):
    """A week that cannot be laid; `wishes` (keys of `WISHES`) cannot all be kept: at least one of them must give."""

    def __init__(self, message: str, wishes: tuple[str, ...] = (), danish: str = "") -> None:
        super().__init__(message)
        self.wishes, self.danish = wishes, danish


Before = tuple[tuple[int, Item], ...]


def place_week(items: Sequence[Item], days: Sequence[Day], before: Before = (), drop: bool = False) -> Placement:
    """The cheapest days for a week's sessions.

    `before` are the last days of the week before, as (-1 the day before this week, item). With `drop` what cannot be
    placed is left out, classes and strength training last; the answer says which wishes are in the way.

    Raises:
        CalendarConflict: not everything can be placed, and not `drop`.
        PlanError: not seven days, or a key twice.
    """
    if len(days) != DAYS_A_WEEK or len({item.key for item in items}) != len(items):
        raise PlanError(f"a week has {DAYS_A_WEEK} days, and each of its sessions a key of its own")
    near = [(offset, item) for offset, item in before if -STRENGTH_DAYS_APART < offset < 0]
    border = tuple((offset, evolve(item, key=f"before {offset}")) for offset, item in near)
    ordered = sorted(items, key=lambda item: (item.usual, item.kind, item.vigorous, sorted(item.muscles), item.key))
    unnamed = tuple(evolve(item, key=str(number)) for number, item in enumerate(ordered))
    solved = _placed(unnamed, tuple(days), border, drop)
    if isinstance(solved, tuple):
        raise CalendarConflict(*_said(solved))
    names = {str(number): item.key for number, item in enumerate(ordered)}
    found = Placement(
        {names[number]: day for number, day in solved.days.items()},
        {names[number]: wishes for number, wishes in solved.left_out.items()},
    )
    if faults := check_placement(items, days, border, found):
        raise PlanError(f"the calendar broke its own rule, please report it: {'; '.join(faults)}")
    return found


def _said(wishes: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """A conflict in English, its wishes, and in Danish."""
    key = "wishes" if wishes else "days"
    said = {lang: _CONFLICT[key][lang].format(wishes=_listed(wishes, lang)) for lang in ("da", "en")}
    return said["en"], wishes, said["da"]


def _listed(wishes: tuple[str, ...], lang: str) -> str:
    return ("; " if len(wishes) > 2 else {"da": " og ", "en": " and "}[lang]).join(WISHES[w][lang] for w in wishes)


@lru_cache(maxsize=4096)
def _placed(items: tuple[Item, ...], days: tuple[Day, ...], before: Before, drop: bool) -> Placement | tuple[str, ...]:
    if not items:
        return Placement({})
    usual = Placement({item.key: item.usual for item in items})
    at_ease = not any(days[item.usual].unwanted or days[item.usual].hard for item in items)
    if at_ease and not check_placement(items, days, before, usual):
        return usual
    if can_place(items, days, before):
        return _solved(items, days, before, drop=False)
    if not drop:
        return conflict(items, days, before)
    solved = _solved(items, days, before, drop=True)
    kept = [item for item in items if item.key in solved.days]
    why = {item.key: conflict((*kept, item), days, before) for item in items if item.key not in solved.days}
    return evolve(solved, left_out=why)


def cost(item: Item, day: int, days: Sequence[Day]) -> int:
    """What it costs to have an item on a day; earlier days break ties."""
    moved = 0 if day == item.usual else _MOVED + 10 * abs(day - item.usual)
    return moved + _UNWANTED * days[day].unwanted + _HARD * days[day].hard + _TIE * day


def weight(item: Item) -> int:
    """What it costs to leave an item out."""
    return _LEFT_OUT * (1 + 2 * (item.kind == "class") + bool(item.muscles))


def _apart(one: Item, other: Item) -> Iterator[str]:
    """The wishes that keep two items from lying on neighbouring days."""
    if one.muscles & other.muscles:
        yield "strength"
    if one.vigorous and other.vigorous:
        yield "vigorous"


def _solved(items: tuple[Item, ...], days: tuple[Day, ...], before: Before, drop: bool) -> Placement:
    """The cheapest placement as a small integer programme: x[i, d] is 1 when item i lies on day d.

    Its relaxation is solved first, which takes a fifth of the time; where that is whole, it is the answer.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    size, rows, lowest = len(items) * DAYS_A_WEEK, [], []

    def row(cells: list[tuple[int, int]], least: float) -> None:
        line = np.zeros(size)
        line[[item * DAYS_A_WEEK + day for item, day in cells]] = 1
        rows.append(line)
        lowest.append(least)

    for index in range(len(items)):
        row([(index, day) for day in range(DAYS_A_WEEK)], 0.0 if drop else 1.0)
    for day in range(DAYS_A_WEEK):
        row([(index, day) for index in range(len(items))], 0.0)
    for group in _groups(items):
        for day in range(DAYS_A_WEEK - 1):
            row([(index, day + next_day) for index in group for next_day in (0, 1)], 0.0)
    allowed = np.array([not days[day].blocks(item) for item in items for day in range(DAYS_A_WEEK)], float)
    for index, item in enumerate(items):
        if any(offset == -1 and any(_apart(earlier, item)) for offset, earlier in before):
            allowed[index * DAYS_A_WEEK] = 0
    costs = [cost(item, day, days) - drop * weight(item) for item in items for day in range(DAYS_A_WEEK)]
    limits = LinearConstraint(np.array(rows), np.array(lowest), 1.0)
    for integrality in (np.zeros(size), np.ones(size)):
        found = milp(
            np.array(costs, float), integrality=integrality, bounds=Bounds(0, allowed), constraints=limits,
            options={"mip_rel_gap": 0.0},
        )  # fmt: skip
        if found.x is None:
            raise PlanError("the calendar could not be solved, please report it")
        if np.abs(found.x - np.round(found.x)).max() < _WHOLE:
            break
    chosen = np.argwhere(found.x.reshape(len(items), DAYS_A_WEEK) > 0.5)
    return Placement({items[int(index)].key: int(day) for index, day in chosen})


def _groups(items: tuple[Item, ...]) -> list[tuple[int, ...]]:
    """Sets of items of which no two may lie on neighbouring days, every such pair in one of them at least."""
    vigorous = tuple(index for index, item in enumerate(items) if item.vigorous)
    trained = {muscle for item in items for muscle in item.muscles}
    strength = {tuple(i for i, item in enumerate(items) if muscle in item.muscles) for muscle in sorted(trained)}
    return [group for group in sorted({vigorous, *strength}) if len(group) > 1]


def check_placement(
    items: Sequence[Item], days: Sequence[Day], before: Before, placement: Placement
) -> list[str]:
    """What a placement does against the rules, in words for the maintainer; empty when nothing."""
    faults = [f"{item.key} has no day" for item in items if item.key not in {*placement.days, *placement.left_out}]
    placed = [(placement.days[item.key], item) for item in items if item.key in placement.days]
    if len({day for day, _ in placed}) != len(placed):
        faults.append("two sessions on a day")
    for day, item in placed:
        faults += [f"{item.key} lies against {wish}" for wish in days[day].blocks(item)]
    everything = [*placed, *before]
    for number, (day, item) in enumerate(everything):
        for other_day, other in everything[number + 1 :]:
            if abs(day - other_day) < STRENGTH_DAYS_APART and (day >= 0 or other_day >= 0):
                faults += [f"{item.key} and {other.key} against {wish}" for wish in _apart(item, other)]
    return faults


def can_place(
    items: Sequence[Item], days: Sequence[Day], before: Before, without: frozenset[str] = frozenset()
) -> bool:
    """Whether all items fit on the days when the wishes in `without` are given up; by trying, most bound first."""
    options = {
        item.key: [day for day in range(DAYS_A_WEEK) if days[day].blocks(item) <= without] for item in items
    }
    ordered = sorted(items, key=lambda item: len(options[item.key]))

    def fits(item: Item, day: int, placed: list[tuple[int, Item]]) -> bool:
        return all(
            other_day != day and (abs(other_day - day) >= STRENGTH_DAYS_APART or set(_apart(item, other)) <= without)
            for other_day, other in placed
        )

    def rest(number: int, placed: list[tuple[int, Item]]) -> bool:
        if number == len(ordered):
            return True
        item = ordered[number]
        return any(
            fits(item, day, placed) and rest(number + 1, [*placed, (day, item)]) for day in options[item.key]
        )

    return rest(0, list(before))


def conflict(items: Sequence[Item], days: Sequence[Day], before: Before) -> tuple[str, ...]:
    """A smallest set of wishes that cannot all be kept, whatever else is given up: at least one of them must give.

    Empty when there are more sessions than days.
    """
    given_up: frozenset[str] = frozenset()
    if not can_place(items, days, before, frozenset(WISHES)):
        return ()
    for wish in WISHES:
        if not can_place(items, days, before, given_up | {wish}):
            given_up |= {wish}
    return tuple(wish for wish in WISHES if wish not in given_up)


def forget_weeks() -> None:
    """Forget the weeks solved so far; only a benchmark needs that."""
    _placed.cache_clear()
