"""The whole list: every session of the day and every patient of the input, each somewhere, nobody twice by accident."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

from exrx.errors import PatientError
from exrx.worklist.change import Change, changes
from exrx.worklist.rows import WORDS, Row, Session, is_example, urgency

_NAMED = 5
_CLOCK = re.compile(r"\d\d:\d\d")


@frozen
class Group:
    """Those who meet at one time on one team, the most urgent first."""

    team: str
    time: str
    rows: tuple[Row, ...]

    @property
    def room(self) -> str:
        """The room, where all of them have the same; else empty."""
        rooms = {row.session.room for row in self.rows if row.session}
        return rooms.pop() if len(rooms) == 1 else ""


@frozen
class Worklist:
    """The list of a day.

    `groups` hold the sessions by team and time, `unplanned` the patients with data who are expected at none (all of
    them when there is no list of sessions: then `has_sessions` is false), `gone` the patients of the earlier run
    who are in neither. `draft` is said on every page.
    """

    as_of: str
    stage: str
    protocols: tuple[Mapping[str, Any], ...]
    groups: tuple[Group, ...]
    unplanned: tuple[Row, ...]
    has_sessions: bool = False
    gone: tuple[str, ...] = ()
    compared_with: str = ""
    draft: bool = False

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, in the order of the list."""
        return tuple(row for group in self.groups for row in group.rows) + self.unplanned

    @property
    def example(self) -> bool:
        """True when any patient was made up for show."""
        return any(is_example(row.decision) for row in self.rows)

    @property
    def urgent(self) -> tuple[Row, ...]:
        """The emergencies, and those where one has to be ruled out first, the most urgent first."""
        return tuple(sorted((row for row in self.rows if row.urgent), key=lambda row: urgency(row.decision)))

    def counts(self) -> dict[str, int]:
        """How many rows have each of the four words."""
        found = Counter(row.word for row in self.rows)
        return {word: found[word] for word in WORDS}


def make_worklist(
    decisions: Sequence[Mapping[str, Any]],
    sessions: Sequence[Session] | None = None,
    *,
    earlier: Sequence[Mapping[str, Any]] | None = None,
    no_data: Collection[str] = frozenset(),
    draft: bool = False,
) -> Worklist:
    """Put decisions (JSON forms of one stage, protocol and day) on the list.

    `sessions` are the day's; each has to have a decision, that of an empty patient where there are no data (their ids
    are `no_data`). `earlier` are the decisions of an earlier run. A patient at two sessions stands at both.

    Raises:
        PatientError: there are no decisions, a session has none, or a final list would hold examples.
        InputFileError: as `changes`.
    """
    if not decisions:
        raise PatientError("there is nobody to list: the input holds no patients and there are no sessions.")
    if not draft:
        _refuse_examples(decisions)
    moved, gone = changes(decisions, earlier) if earlier is not None else ({}, ())
    by_id: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for decision in decisions:
        by_id[str(decision["patient"])].append(decision)

    def rows(name: str, session: Session | None) -> list[Row]:
        several = len(by_id[name]) > 1
        change: Change | None = moved.get(name)
        return [Row(each, session, name in no_data, several, change) for each in by_id[name]]

    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for session in sessions or ():
        if session.id not in by_id:
            raise PatientError(f"the session of '{session.id}' has no decision")
        grouped[session.team, session.time] += rows(session.id, session)
    planned = {session.id for session in sessions or ()}
    unplanned = [row for name in by_id if name not in planned for row in rows(name, None)]
    first = decisions[0]
    return Worklist(
        as_of=str(first["as_of"]),
        stage=str(first["stage"]),
        protocols=tuple(first["protocols"]),
        groups=tuple(Group(*key, _ranked(grouped[key])) for key in sorted(grouped, key=_place)),
        unplanned=_ranked(unplanned),
        has_sessions=sessions is not None,
        gone=gone,
        compared_with=max((str(decision["as_of"]) for decision in earlier or ()), default=""),
        draft=draft,
    )


def _ranked(rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: urgency(row.decision)))


def _place(key: tuple[str, str]) -> tuple[Any, ...]:
    """By team as people count (2 before 10), those without a team last; then by time."""
    team, time = key
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part.casefold()) for part in re.split(r"(\d+)", team)]
    return not team, parts, not _CLOCK.fullmatch(time), time


def _refuse_examples(decisions: Sequence[Mapping[str, Any]]) -> None:
    made_up = [str(decision["patient"]) for decision in decisions if is_example(decision)]
    if made_up:
        more = f" and {len(made_up) - _NAMED} more" if len(made_up) > _NAMED else ""
        raise PatientError(
            f"{len(made_up)} of {len(decisions)} patients hold example or synthetic values, which no final list "
            f"accepts: {', '.join(made_up[:_NAMED])}{more}. Take them out of the input, or write "
            "a marked draft with --draft."
        )
