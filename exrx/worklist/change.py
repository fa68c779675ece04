"""Today's answers beside an earlier run's: better, worse, the same, or new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from exrx.errors import InputFileError
from exrx.rules.restriction import Clearance, Intensity, Progression, Track

_NEEDED = {"patient", "clearance", "as_of", "stage", "track"}
_LISTS = ("avoid", "monitor")
_CAPS = ("session_minutes_max", "heart_rate_max", "rpe_max")


@frozen
class Change:
    """How an answer differs from the earlier one.

    `state`: `better`, `worse`, `same`, `new` (not in the earlier run), or `unclear` (the earlier run has several
    patients of that id). `before` and `track` are the earlier clearance and track, empty where there is none.
    """

    state: str
    before: str = ""
    track: str = ""


def changes(
    decisions: Iterable[Mapping[str, Any]], earlier: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Change], tuple[str, ...]]:
    """For each patient of today the change since the earlier run, and the patients of that run who are not here.

    A freer clearance is better; with the same clearance the track decides, then the limits where both runs hold them. A
    limit that came and another that went is worse.

    Raises:
        InputFileError: an entry of the earlier run is no decision, is of another stage or another protocol, or not
            earlier than today.
    """
    today = list(decisions)
    if today:
        _check(today[0], earlier)
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for decision in earlier:
        found[str(decision["patient"])].append(decision)
    here = {str(decision["patient"]) for decision in today}
    gone = tuple(name for name in found if name not in here)
    return {str(decision["patient"]): _change(decision, found) for decision in today}, gone


def _check(today: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> None:
    ids = {use["id"] for use in today["protocols"]}
    for number, decision in enumerate(earlier, 1):
        if not isinstance(decision, Mapping) or not decision.keys() >= _NEEDED:
            raise InputFileError(
                f"item {number} of the earlier run is no decision; give what exrx screen --format json or jsonl wrote, "
                "or Decisions.to_arrow() as Parquet."
            )
        if decision["clearance"] not in Clearance.words() or decision["track"] not in Track.words():
            raise InputFileError(f"item {number} of the earlier run holds no known clearance and track.")
        if decision["stage"] != today["stage"]:
            raise InputFileError(
                f"the earlier run is of the stage '{decision['stage']}' and today's of '{today['stage']}': they answer "
                "different questions. Give an earlier run of the same stage."
            )
        used = {use["id"] for use in decision.get("protocols") or ()}
        if used and used != ids:
            raise InputFileError(
                f"the earlier run asked {', '.join(sorted(used))} and today's asks {', '.join(sorted(ids))}: a change "
                "would be the protocol's and not the patient's. Give an earlier run of the same protocol."
            )
        if str(decision["as_of"]) >= str(today["as_of"]):
            raise InputFileError(
                f"the earlier run is of {decision['as_of']}, not before {today['as_of']}. Give the answers of an "
                "earlier day."
            )


def _change(decision: Mapping[str, Any], found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Change:
    before = found.get(str(decision["patient"]), ())
    if len(before) != 1:
        return Change("unclear" if before else "new")
    [was] = before
    moved = _place(decision) - _place(was) or _limits_moved(decision, was)
    state = "worse" if moved > 0 else "better" if moved < 0 else "same"
    return Change(state, str(was["clearance"]), str(was["track"]))


def _place(decision: Mapping[str, Any]) -> int:
    levels, tracks = Clearance.words(), Track.words()
    return levels.index(decision["clearance"]) * len(tracks) + tracks.index(decision["track"])


def _limits_moved(now: Mapping[str, Any], was: Mapping[str, Any]) -> int:
    """1 where any limit is stricter than it was, -1 where some are freer and none stricter, 0 where they are alike."""
    new, old = now.get("restriction"), was.get("restriction")
    if not new or not old or now["clearance"] not in ("clear", "modify"):
        return 0
    steps = [_gained(new, old, name) for name in _LISTS]
    steps += [_lower(new.get(name), old.get(name)) for name in _CAPS]
    steps += [
        levels.words().index(new[name]) - levels.words().index(old[name])
        for name, levels in (("aerobic_max", Intensity), ("strength_max", Intensity), ("progression", Progression))
    ]
    return 1 if max(steps) > 0 else -1 if min(steps) < 0 else 0


def _gained(new: Mapping[str, Any], old: Mapping[str, Any], name: str) -> int:
    now, was = set(new[name]), set(old[name])
    return 1 if now - was else -1 if was - now else 0


def _lower(now: int | None, was: int | None) -> int:
    highest = 10**6
    now, was = (highest if number is None else number for number in (now, was))
    return (now < was) - (now > was)
