"""What those who may train get: plans, the weekly target by week, and the sessions that were held."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.study.overview.ledger import OUTCOMES, TRACKS, TRAINED, Ledger, Split
from exrx.study.overview.people import UNKNOWN, Codes
from exrx.training.adaptations import everyone
from exrx.training.cohort import CohortPlans

ATTENDANCE = (1, 50, 75, 100)
"""Where the groups of attendance begin, in percent of the sessions known: a choice of display, no clinical limits."""
_BANDS = ("0", "1-49", "50-74", "75-99", "100")
_NO_LOG = "no-log"
HELD, UNSAID, OPEN = -1, -2, -3
"""Of a last session: it was held; it was not and nobody said why; nobody said whether it was."""
_UNSAID_LABEL = {"da": "ingen grund oplyst", "en": "no reason given"}
_HELD_LABEL = {"da": "gennemført", "en": "held"}


@frozen(eq=False)
class Sessions:
    """A cohort's session log. `held` and `known` (N,): sessions done in full or in part, and sessions of which it is
    said whether they were done. `stopped` (N,): why the last session was not done, a place in `reasons` (KL's codes or
    symptoms), or `HELD`, `UNSAID` (not done, no reason) or `OPEN` (not known whether it was done). People without a
    row have `known` 0. `strangers`: rows about nobody of the cohort."""

    held: Codes
    known: Codes
    stopped: Codes
    reasons: tuple[str, ...]
    strangers: int = 0


def target_by_week(ledger: Ledger, plans: CohortPlans) -> dict[str, Any]:
    """How many have a planned week that meets the target for the first time by each week, by track.

    Everybody who may train has a plan here; it is the dose as planned, not as done.
    """
    first_of_row = np.where(plans.met_table.any(axis=1), plans.met_table.argmax(axis=1), plans.weeks)
    given = np.flatnonzero(plans.given)
    first = first_of_row[plans.rows[given]]
    outcomes = ledger.outcomes[given]
    size = plans.weeks + 1
    counts = np.bincount(first * TRAINED + outcomes, minlength=size * TRAINED).reshape(size, TRAINED)
    cells = [ledger.sheet.cells(row) for row in counts]
    for place in range(TRAINED):
        ledger.sheet.tie([row[place] for row in cells], [ledger.centre[place]])
    columns = {way.word: [i for i in range(TRAINED) if OUTCOMES[i][1] == way] for way in TRACKS}
    columns = {name: found for name, found in columns.items() if counts[:, found].any()}
    everyone_of = {"all": list(range(TRAINED)), **columns}
    weeks: list[dict[str, Any]] = []
    for week in range(plans.weeks):
        row: dict[str, Any] = {"week": week + 1}
        for name, found in everyone_of.items():
            row[name] = ledger.slot([cell for each in cells[: week + 1] for cell in _take(each, found)])
            ledger.slot(_take(cells[week], found), shown=False)
        weeks.append(row)
    for found in everyone_of.values():
        ledger.slot(_take(cells[-1], found), shown=False)
    return {
        "training": plans.programme.id,
        "target": plans.target.id,
        "start": plans.start.isoformat(),
        "planned": {name: ledger.slot(_take(ledger.centre, found), total=True) for name, found in everyone_of.items()},
        "weeks": weeks,
    }


def _take(cells: list[int], places: list[int]) -> list[int]:
    return [cells[place] for place in places]


def attendance(ledger: Ledger, sessions: Sessions) -> dict[str, Any]:
    """Who trained, by what share of the sessions known they held, and why the last session was not held."""
    share = np.divide(
        100 * sessions.held, sessions.known, out=np.full(sessions.held.size, -1.0), where=sessions.known > 0
    )
    codes = np.where(sessions.known == 0, len(_BANDS), np.searchsorted(ATTENDANCE, share, side="right"))
    cells = ledger.by_outcome(codes, len(_BANDS) + 1)
    trained = [cell for row in cells[1:-1] for cell in row[:TRAINED]]
    logged = [cell for row in cells[:-1] for cell in row]
    rows = [{"key": key, "n": ledger.slot(row)} for key, row in zip((*_BANDS, _NO_LOG), cells, strict=True)]
    ledger.splits["attendance"] = Split((*_BANDS, _NO_LOG), (), codes, cells)
    return {
        "trained": ledger.slot(trained),
        "not_trained": ledger.slot(cells[0][:TRAINED]),
        "no_log": ledger.slot(cells[-1][:TRAINED]),
        "n": ledger.slot(logged, total=True),
        "missing": ledger.slot(cells[-1]),
        "bands": rows,
        "stopped": _stopped(ledger, sessions, logged, cells[-1]),
    }


def _stopped(ledger: Ledger, sessions: Sessions, logged: list[int], no_log: list[int]) -> dict[str, Any]:
    """Why the last session was not held: `n` of whom it is known whether it was, `missing` the others."""
    shared, many = everyone(), len(sessions.reasons)
    known: dict[str, Any] = {**shared.symptoms, **shared.stop_reasons}
    here: npt.NDArray[np.bool_] = sessions.known > 0
    codes = np.where(here, np.where(sessions.stopped < 0, many - 1 - sessions.stopped, sessions.stopped), many + 3)
    cells = ledger.divide(logged, np.bincount(codes[here], minlength=many + 3))
    labels = [
        dict(known[reason].label) if reason in known else {"da": reason, "en": reason} for reason in sessions.reasons
    ]
    keys = (*sessions.reasons, "held", "unsaid")
    rows = [
        {"key": key, "label": label, "n": ledger.slot([cell])}
        for key, label, cell in zip(keys, (*labels, _HELD_LABEL, _UNSAID_LABEL), cells, strict=False)
    ]
    over = [place for place, key in enumerate(sessions.reasons)
            if key in shared.stop_reasons and shared.stop_reasons[key].final]  # fmt: skip
    early = [place for place in range(many) if place not in over]
    classes = ([*early], [*over, many], [many + 1, many + 2])
    place_of = np.zeros(many + 4, np.int64)
    for place, found in enumerate(classes):
        place_of[found] = place
    place_of[-1] = 2
    unknown = [*(cells[place] for place in classes[2]), *no_log]
    ledger.splits["stopped"] = Split(
        ("early", "not-early", UNKNOWN), (), place_of[codes],
        [*([cells[place] for place in found] for found in classes[:2]), unknown],
    )  # fmt: skip
    return {
        "n": ledger.slot(cells[:-1], total=True),
        "missing": ledger.slot([cells[-1], *no_log]),
        "not_held": ledger.slot([*cells[:many], cells[many + 1]]),
        "answers": rows,
    }
