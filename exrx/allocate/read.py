"""Patients and groups from rows of tables, cell by cell; a patient whose row cannot be used waits and says why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from attrs import frozen

from exrx.allocate.times import Span, read_times
from exrx.errors import InputFileError
from exrx.patient import is_example
from exrx.rules.restriction import Clearance, Level, Supervision, Track
from exrx.values import has_identifier, is_unshowable

Row = Mapping[str, str]
PERSON_COLUMNS = (
    "id", "clearance", "track", "supervision", "level", "language", "times", "days_waited", "wishes", "travel_max",
    "origin",
)  # fmt: skip
GROUP_COLUMNS = (
    "id", "kind", "seats_min", "seats_max", "staff_hours_per_seat", "staff_hours", "team", "room", "leader", "times",
    "language", "level_min", "level_max", "place", "supervision",
)  # fmt: skip
TRAVEL = "travel."
KINDS = (Track.GROUP, Track.INDIVIDUAL, Track.SUPERVISED)
_DELIVERS = {
    Track.GROUP: Supervision.GROUP, Track.INDIVIDUAL: Supervision.ONE_TO_ONE, Track.SUPERVISED: Supervision.CONTINUOUS,
}  # fmt: skip
_MOST_WAITED, _MOST_MINUTES = 10_000, 1440


@frozen
class Person:
    """One patient: the decision, what is needed, what is wished. `fault` says why the row cannot be used, if so.

    `clearance` and `track` are None where no decision is given; `languages` and `times` empty where nothing is stated,
    which fits every group; `travel` in minutes by place.
    """

    id: str
    clearance: Clearance | None = None
    track: Track | None = None
    supervision: Supervision | None = None
    level: float | None = None
    languages: frozenset[str] = frozenset()
    times: tuple[Span, ...] = ()
    days_waited: int = 0
    wishes: tuple[str, ...] = ()
    travel: Mapping[str, float] = {}
    travel_max: float | None = None
    fault: str = ""
    example: bool = False

    @property
    def may_train(self) -> bool:
        """Cleared to train today, with or without adaptations, on a known track."""
        trained = self.track in KINDS
        return not self.fault and trained and self.clearance in (Clearance.CLEAR, Clearance.MODIFY)


@frozen
class Group:
    """One group: its kind, seats, staff, room, weekly times, languages, level band (inclusive), place."""

    id: str
    kind: Track
    seats_min: int
    seats_max: int
    hours_per_seat: float
    hours: float | None
    team: str
    room: str
    leader: str
    times: tuple[Span, ...]
    languages: frozenset[str]
    level_min: float | None
    level_max: float | None
    place: str
    supervision: Supervision


@frozen
class Pool:
    """Staff hours a week that several groups share: those whose `team` is this id."""

    id: str
    hours: float


def read_people(rows: Sequence[Row], name: str = "the patients") -> tuple[Person, ...]:
    """One person a row, in the order of the rows.

    Raises:
        InputFileError: a column is missing or not known, or an id is missing, given twice or a CPR number.
    """
    _columns(rows, name, PERSON_COLUMNS, ("id",), TRAVEL)
    _ids(rows, name)
    return tuple(_person(row) for row in rows)


def _person(row: Row) -> Person:
    faults: list[str] = []
    cells = _Cells(row, faults)
    person = Person(
        id=row["id"].strip(), clearance=cells.word("clearance", Clearance), track=cells.word("track", Track),
        supervision=cells.word("supervision", Supervision),
        level=cells.number("level", -math.inf, math.inf), languages=cells.words("language"), times=cells.times("times"),
        days_waited=int(cells.number("days_waited", 0, _MOST_WAITED) or 0), wishes=cells.list("wishes"),
        travel={key.removeprefix(TRAVEL): minutes for key in row if key.startswith(TRAVEL)
                if (minutes := cells.number(key, 0, _MOST_MINUTES)) is not None},
        travel_max=cells.number("travel_max", 0, _MOST_MINUTES), example=is_example(row.get("origin", "")),
    )  # fmt: skip
    return person if not faults else _with_fault(person, "; ".join(faults))


def _with_fault(person: Person, fault: str) -> Person:
    return Person(id=person.id, clearance=person.clearance, days_waited=person.days_waited, fault=fault,
                  example=person.example)  # fmt: skip


def read_groups(rows: Sequence[Row], name: str = "the groups") -> tuple[Group, ...]:
    """One group a row.

    Raises:
        InputFileError: a column is missing or not known, an id is missing or given twice, or any cell cannot be used:
        groups are few, and a misread one would lose places in silence.
    """
    _columns(rows, name, GROUP_COLUMNS, ("id", "kind", "seats_max"), "")
    _ids(rows, name)
    if not rows:
        raise InputFileError(f"{name} has no rows: there are no groups to place anybody in")
    found = []
    for row in rows:
        faults: list[str] = []
        group = _group(row, faults)
        if faults:
            raise InputFileError(f"{name}, group {row['id']}: {'; '.join(faults)}")
        found.append(group)
    return tuple(found)


def _group(row: Row, faults: list[str]) -> Group:
    cells = _Cells(row, faults)
    kind = cells.word("kind", Track)
    if kind not in KINDS:
        faults.append(f"kind '{row.get('kind', '')}' is not one of {', '.join(each.word for each in KINDS)}")
        kind = Track.GROUP
    least, most = int(cells.number("seats_min", 0, 10_000) or 0), cells.number("seats_max", 0, 10_000)
    if most is None and not faults:
        faults.append("seats_max is empty")
    if most is not None and least > most:
        faults.append(f"seats_min {least} is more than seats_max {most:g}")
    numbers = {column: float(cells.number(column, 0, 10_000) or 0) for column in ("seats_min", "seats_max")}
    faults += [f"{column} is no whole number" for column, number in numbers.items() if not number.is_integer()]
    low, high = (cells.number(column, -math.inf, math.inf) for column in ("level_min", "level_max"))
    if low is not None and high is not None and low > high:
        faults.append(f"level_min {low:g} is more than level_max {high:g}")
    if row.get("room", "").strip() and not row.get("times", "").strip():
        faults.append("a room is named and no times, so nobody knows when it is taken")
    return Group(
        row["id"].strip(), kind, least, int(most or 0), cells.number("staff_hours_per_seat", 0, 168) or 0.0,
        cells.number("staff_hours", 0, 100_000), row.get("team", "").strip(), row.get("room", "").strip(),
        row.get("leader", "").strip(), cells.times("times"), cells.words("language"), low, high,
        row.get("place", "").strip(), cells.word("supervision", Supervision) or _DELIVERS[kind],
    )  # fmt: skip


def read_pools(written: Iterable[str], groups: Sequence[Group]) -> tuple[Pool, ...]:
    """Shared staff hours, as `TEAM=HOURS`.

    Raises:
        InputFileError: one is written otherwise, given twice, or of a team that no group names, or a team has none.
    """
    pools: dict[str, Pool] = {}
    for text in written:
        team, _, hours = (part.strip() for part in text.partition("="))
        faults: list[str] = []
        number = _Cells({"hours": hours}, faults).number("hours", 0, 100_000)
        if not team or number is None:
            raise InputFileError(f"'{text}' gives no team its hours; write it as TEAM=HOURS, such as physio=37")
        if team in pools:
            raise InputFileError(f"the team '{team}' is given its hours twice")
        pools[team] = Pool(team, number)
    named = {group.team for group in groups if group.team}
    for team in sorted(pools.keys() - named):
        raise InputFileError(f"no group is of the team '{team}'; the groups name: {', '.join(sorted(named)) or 'none'}")
    for team in sorted(named - pools.keys()):
        raise InputFileError(f"the team '{team}' has no hours; write --team {team}=HOURS")
    return tuple(pools[team] for team in sorted(pools))


class _Cells:
    """The cells of a row; what cannot be used is added to `faults` in words, without repeating what stands there."""

    def __init__(self, row: Row, faults: list[str]) -> None:
        self.row, self.faults = row, faults

    def _text(self, column: str) -> str:
        return self.row.get(column, "").strip()

    def number(self, column: str, low: float, high: float) -> float | None:
        """A number, with a point or a comma; None where the cell is empty."""
        text = self._text(column)
        if not text:
            return None
        try:
            number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or not low <= number <= high:
            bounds = "" if math.isinf(low) else f" from {low:g} to {high:g}"
            self.faults.append(f"{column} is no number{bounds}")
            return None
        return number

    def word(self, column: str, levels: type[Level]) -> Any:
        """A level of a chain; None where the cell is empty."""
        text = self._text(column).casefold()
        if not text:
            return None
        try:
            return levels.from_word(text)
        except KeyError:
            self.faults.append(f"{column} is none of {', '.join(levels.words())}")
            return None

    def words(self, column: str) -> frozenset[str]:
        """Words between semicolons, their case not counting."""
        return frozenset(part.strip().casefold() for part in self._text(column).split(";") if part.strip())

    def list(self, column: str) -> tuple[str, ...]:
        """Names between semicolons, in their order."""
        return tuple(dict.fromkeys(part.strip() for part in self._text(column).split(";") if part.strip()))

    def times(self, column: str) -> tuple[Span, ...]:
        """Weekly times."""
        try:
            return read_times(self._text(column))
        except ValueError as error:
            self.faults.append(f"{column}: {error}")
            return ()


def _columns(rows: Sequence[Row], name: str, known: Sequence[str], needed: Sequence[str], prefix: str) -> None:
    header = list(rows[0]) if rows else []
    for column in header:
        if column not in known and not (prefix and column.startswith(prefix)):
            near = get_close_matches(column, known, 1)
            hint = f"is '{near[0]}' meant?" if near else f"the columns are: {', '.join(known)}"
            raise InputFileError(f"{name}: the column '{column:.60}' is not known; {hint} Rename it, or drop it.")
    for column in needed:
        if rows and column not in header:
            raise InputFileError(f"{name} has no column '{column}'; it has: {', '.join(header)}")


def _ids(rows: Sequence[Row], name: str) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        key = row["id"].strip()
        if not key or is_unshowable(key):
            raise InputFileError(f"{name}, row {number}: the id is empty or cannot be shown")
        if has_identifier(key):
            raise InputFileError(f"{name}, row {number}: the id looks like a CPR number; use a pseudonym")
        if key in seen:
            raise InputFileError(f"{name}, row {number}: the id '{key}' stands there twice")
        seen.add(key)
