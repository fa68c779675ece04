"""Supervised hours and seats a week that a protocol's answers ask for, under stated assumptions.

    who may train and needs eyes on   ->  a seat in a class (group or hospital), or one professional alone with them
    days and minutes                  ->  those of the class, or with a programme its led sessions week by week
    hours of staff                    ->  classes filled to their last seat, times the professionals in the room

Who the protocol lets train on their own, or followed from afar, needs no seat. Who waits for an answer needs none yet:
`waiting` counts how many of them would.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen

from exrx.library import library_root
from exrx.rules.restriction import Clearance, Supervision, Track
from exrx.screening.many import Decisions
from exrx.screening.restrictions import restrictions_of
from exrx.screening.verdict import format_of
from exrx.study.statistics import Floats
from exrx.training.cohort import COLUMNS, prescribe_cohort
from exrx.training.programme import Programme, load_programme
from exrx.training.weeks.classes import Class, load_class
from exrx.yamlread import read_plain_yaml

NONE, GROUP, HOSPITAL, ALONE, ALONE_HOSPITAL = range(5)
"""How a patient is supervised: not, in a group, in a group at the hospital, one to one, one to one at the hospital."""
FEATURES = ("group", "hospital", "alone", "alone at the hospital")


@frozen
class Room:
    """A class as places are counted in it: sessions a week, minutes, most seats, professionals in the room."""

    id: str
    title: dict[str, str]
    sessions: int
    minutes: int
    seats: int
    staff: float
    unverified: tuple[str, ...]


@frozen
class Assumptions:
    """What hours and seats rest on. `training` is the programme whose led sessions are counted, "" for none."""

    group: Room
    hospital: Room
    training: str = ""
    target: str = ""
    weeks: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        rooms = {
            name: {
                "class": room.id, "title": room.title, "sessions_per_week": room.sessions, "minutes": room.minutes,
                "seats": room.seats, "staff": room.staff, "unverified": list(room.unverified),
            }
            for name, room in (("group", self.group), ("hospital", self.hospital))
        }  # fmt: skip
        return rooms | {"training": self.training or None, "target": self.target or None, "weeks": self.weeks}


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return dict(read_plain_yaml(library_root() / "study" / "places.yaml"))


def assume(
    *, group: str | Path | Class | None = None, hospital: str | Path | Class | None = None, training: str = "",
    target: str = "", weeks: int = 1,
) -> Assumptions:
    """The shipped assumptions (`protocols/study/places.yaml`) with other classes.

    Raises:
        PlanError, ProtocolError: no such class, or a file that contradicts itself.
    """
    rooms = [_room(name, given) for name, given in (("group", group), ("hospital", hospital))]
    if training:
        rooms = [_as_planned(room, load_programme(training)) for room in rooms]
    return Assumptions(rooms[0], rooms[1], training, target, weeks)


def _as_planned(room: Room, programme: Programme) -> Room:
    """The room with the days of a programme, and with its minutes where it says how long a class is."""
    minutes = programme.base["class_minutes"] if programme.starts_from_baseline else room.minutes
    return evolve(room, sessions=len(programme.class_weekdays) or room.sessions, minutes=minutes)


def _room(name: str, given: str | Path | Class | None) -> Room:
    shipped = _shipped()[name]
    found = load_class(given or shipped["class"])
    staff = shipped["staff"]
    used = (each.rpartition(".")[2] for each in found.unverified)
    unverified = [word for word in used if word in ("minutes", "seats", "weekdays")]
    unverified += ["staff"] if staff["verified"] == "unverified" else []
    return Room(
        found.id, found.title, len(found.training_weekdays), found.minutes, found.seats[1], float(staff["value"]),
        tuple(dict.fromkeys(unverified)),
    )  # fmt: skip


@frozen(eq=False)
class Places:
    """What one protocol asks for: of each distinct kind of patient its led sessions by week, and who is of which kind.

    `table` (K, W, 4) led sessions a week in `FEATURES`, `kinds` (N,) which row each patient has; row 0 is none.
    `waiting` counts who would take a seat in a class once cleared.
    """

    table: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.int64]
    waiting: int


def places_of(decisions: Decisions, assumed: Assumptions, as_of: date, threads: int = 2) -> Places:
    """The led sessions of every patient of a screened cohort.

    Raises:
        PlanError: as `prescribe_cohort`, where the assumptions name a programme.
    """
    ways = _ways(decisions, threads)
    now = np.where(decisions.clearance <= Clearance.MODIFY, ways, NONE)
    waits = (decisions.clearance > Clearance.MODIFY) & (decisions.clearance <= Clearance.CONSULT)
    waiting = int(np.isin(ways[waits], (GROUP, HOSPITAL)).sum())
    if not assumed.training:
        return Places(_in_class(assumed), now.astype(np.int64), waiting)
    plans = prescribe_cohort(
        decisions, assumed.training, target=assumed.target, start=as_of, weeks=assumed.weeks, threads=threads
    )
    led = np.concatenate([plans.table[:, :, COLUMNS.index("classes")], np.zeros((1, assumed.weeks), np.int16)])
    key = now.astype(np.int64) * led.shape[0] + np.where(now == NONE, led.shape[0] - 1, plans.rows)
    found, kinds = np.unique(key, return_inverse=True)
    way, row = np.divmod(found, led.shape[0])
    table = np.zeros((found.size, assumed.weeks, len(FEATURES)))
    for place, (each, sessions) in enumerate(zip(way, led[row], strict=True)):
        if each != NONE:
            table[place, :, each - 1] = sessions
    return Places(table, kinds.astype(np.int64), waiting)


def _in_class(assumed: Assumptions) -> npt.NDArray[np.float64]:
    """The led sessions of a typical week, by the way a patient is supervised."""
    table = np.zeros((ALONE_HOSPITAL + 1, 1, len(FEATURES)))
    for way in (GROUP, HOSPITAL, ALONE, ALONE_HOSPITAL):
        table[way, 0, way - 1] = (assumed.group if way in (GROUP, ALONE) else assumed.hospital).sessions
    return table


def _ways(decisions: Decisions, threads: int) -> npt.NDArray[np.uint8]:
    """How each patient is supervised if cleared (N,); who cannot be cleared by an answer is `NONE`."""
    rows = decisions.clearance <= Clearance.CONSULT
    found = restrictions_of(decisions, rows, threads)
    group_class = decisions.rules.group_class
    ways = [
        NONE if each.supervision < Supervision.GROUP
        else GROUP if format_of(each, group_class) == "group"
        else ALONE
        for each in found.distinct
    ]  # fmt: skip
    way = np.array([*ways, NONE], np.uint8)[found.codes]
    close = decisions.track_if_cleared == Track.SUPERVISED
    way[close & (way == GROUP)] = HOSPITAL
    way[close & (way == ALONE)] = ALONE_HOSPITAL
    return way


def seats(sums: Floats, assumed: Assumptions) -> Floats:
    """From sums of led sessions (B, W, 4) to seats, patient hours and staff hours a week (B, 3), the mean of the weeks.

    A seat is a place in a class on one of its days. Classes are filled to their last seat and counted whole.
    """
    rooms = (assumed.group, assumed.hospital)
    taken = np.stack([sums[..., place] / max(room.sessions, 1) for place, room in enumerate(rooms)], -1)
    hours = np.array([room.minutes / 60 for room in rooms])
    classes = np.stack([np.ceil(sums[..., place] / room.seats - 1e-9) for place, room in enumerate(rooms)], -1)
    staff = np.array([room.staff for room in rooms])
    alone = (sums[..., 2:] * hours).sum(-1)
    led = (sums[..., :2] * hours).sum(-1) + alone
    work = (classes * hours * staff).sum(-1) + alone
    return np.stack([taken.sum(-1).mean(-1), led.mean(-1), work.mean(-1)], -1)
