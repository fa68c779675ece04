"""The answer checked again, from the tables as they were given: nothing here is shared with the model.

Cells are read anew and in another way (minutes of the week instead of spans), every promise is a loop over the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

_DAYS = ("mo man", "tu tir", "we ons", "th tor", "fr fre", "sa lør", "su søn")
_CLOSE = {"group": 0, "individual": 1, "supervised": 2}
_SUPERVISION = ("independent", "remote", "group", "one-to-one", "continuous")
_DELIVERED = {"group": "group", "individual": "one-to-one", "supervised": "continuous"}
Rows = Sequence[Mapping[str, str]]


def broken_promises(
    people: Rows, groups: Rows, hours: Mapping[str, float], placed: Mapping[str, str], *, closer: bool = False
) -> list[str]:
    """Every promise that an answer breaks, in words; empty where it keeps them all.

    Args:
        people: the patients' rows, as text.
        groups: the groups' rows, as text.
        hours: the hours of each team.
        placed: patient to group.
        closer: whether a class that is followed more closely than the track asks for is allowed.
    """
    patients = {row["id"].strip(): row for row in people}
    rooms = {row["id"].strip(): row for row in groups}
    found = [f"{who} is no patient of the table" for who in placed if who not in patients]
    found += [f"{where} is no group of the table" for where in placed.values() if where not in rooms]
    if found:
        return found
    for who, where in placed.items():
        found += [f"{who} in {where}: {fault}" for fault in _pair(patients[who], rooms[where], closer)]
    sizes = Counter(placed.values())
    team_hours: dict[str, Fraction] = {}
    for where, size in sizes.items():
        row = rooms[where]
        if size > int(float(row["seats_max"])):
            found.append(f"{where} has {size} patients and {row['seats_max']} seats")
        if size < float(row.get("seats_min") or 0):
            found.append(f"{where} runs with {size} patients and needs {row['seats_min']}")
        used = size * _exact(row.get("staff_hours_per_seat"))
        if (row.get("staff_hours") or "").strip() and used > _exact(row["staff_hours"]):
            found.append(f"{where} uses {float(used):g} staff hours of {row['staff_hours']}")
        team = (row.get("team") or "").strip()
        if team:
            team_hours[team] = team_hours.get(team, Fraction(0)) + used
    for team, used in team_hours.items():
        if used > Fraction(str(hours[team])):
            found.append(f"the team {team} uses {float(used):g} hours of {hours[team]:g}")
    for what in ("room", "leader"):
        booked: dict[tuple[str, int], str] = {}
        for where in sizes:
            name = (rooms[where].get(what) or "").strip()
            for minute in _minutes(rooms[where].get("times")) if name else ():
                other = booked.setdefault((name, minute), where)
                if other != where:
                    found.append(f"the {what} {name} is booked for {other} and {where} at once")
                    break
    return found


def _exact(text: str | None) -> Fraction:
    return Fraction((text or "0").strip().replace(",", ".") or "0")


def _pair(person: Mapping[str, str], group: Mapping[str, str], closer: bool) -> list[str]:
    found = []
    if person.get("clearance", "").strip().lower() not in ("clear", "modify"):
        found.append("the decision does not clear for training")
    track, kind = (text.strip().lower() for text in (person.get("track", ""), group.get("kind", "")))
    if track not in _CLOSE or not (kind == track or (closer and _CLOSE[kind] > _CLOSE[track])):
        found.append(f"the track is {track or 'not given'} and the class {kind}")
    needed = person.get("supervision", "").strip().lower()
    given = group.get("supervision", "").strip().lower() or _DELIVERED[kind]
    if needed and _SUPERVISION.index(given) < _SUPERVISION.index(needed):
        found.append(f"{needed} supervision is needed and the class gives {given}")
    spoken, heard = (
        {word.strip().lower() for word in row.get("language", "").split(";")} - {""} for row in (person, group)
    )
    if spoken and heard and spoken.isdisjoint(heard):
        found.append("no language in common")
    if person.get("times", "").strip() and not _minutes(group.get("times")) <= _minutes(person["times"]):
        found.append("the class meets when the patient cannot come")
    most, place = person.get("travel_max", "").strip(), group.get("place", "").strip()
    if most and place:
        minutes = person.get(f"travel.{place}", "").strip()
        if not minutes or _exact(minutes) > _exact(most):
            found.append("the journey is too long, or of unknown length")
    return found


def _minutes(text: str | None) -> set[int]:
    """The minutes of the week that a cell covers."""
    found: set[int] = set()
    for part in (text or "").lower().split(";"):
        if not part.strip():
            continue
        day = next(place for place, names in enumerate(_DAYS) if any(part.strip().startswith(n) for n in names.split()))
        digits = [char for char in part if char.isdigit() or char in ":.-"]
        clock = "".join(digits).replace(".", ":")
        if not clock:
            found.update(range(day * 1440, (day + 1) * 1440))
            continue
        first, last = ((int(h) * 60 + int(m)) for h, m in (end.split(":") for end in clock.split("-")))
        found.update(range(day * 1440 + first, day * 1440 + last))
    return found
