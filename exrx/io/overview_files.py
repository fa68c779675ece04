"""The two files beside a cohort that its report can use, CSV or Parquet: a session log, and the monitoring facts.

    sessions     a row a session: patient, done (yes, partly, no), and optionally date and stop_reason
    monitoring   a row a patient: id, and any of referral_route, income, goal_attained, assessed, need, referred,
                 effect_pre, effect_post, effect_change, region, municipality

Both are joined by the patient's pseudonym. A cell that cannot be used counts as not known and is counted in the notes;
an empty cell says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field

from exrx.errors import InputFileError
from exrx.given import cells_of
from exrx.io.patients_json import shown_name
from exrx.io.tables import MISSING, read_columns
from exrx.study.overview.monitoring import Monitoring, grouping_of, monitoring_answers
from exrx.study.overview.people import Codes, Grouping
from exrx.study.overview.programme import HELD, OPEN, UNSAID, Sessions
from exrx.training.logs import cells as log_cells
from exrx.training.logs.cells import CellError
from exrx.training.logs.template import HEADINGS

_DONE = {"yes": 1, "partly": 1, "no": 0}


@define
class _File:
    """A file's columns by the name they are known by, and which row of the cohort each of its rows is about."""

    name: str
    columns: dict[str, Any]
    rows: Codes
    refused: dict[str, int] = field(factory=dict)

    @property
    def strangers(self) -> int:
        """Rows about nobody of the cohort."""
        return int((self.rows < 0).sum())

    def read(self, column: str, means: Callable[[Any], Any], nothing: Any) -> npt.NDArray[Any]:
        """A column as what its cells mean, an object or number a row; refused cells say nothing and are counted."""
        if column not in self.columns:
            return np.full(self.rows.size, nothing)
        coded = cells_of(self.columns[column], column).coded()
        said, wrong = [], []
        for value in coded.values:
            empty = value is None or str(value).strip().casefold() in MISSING
            try:
                said.append(nothing if empty else means(value))
                wrong.append(False)
            except (CellError, ValueError):
                said.append(nothing)
                wrong.append(True)
        table = np.empty(len(said) + 1, object)
        table[:] = [*said, nothing]
        self.refused[column] = int(np.array([*wrong, False])[coded.codes].sum())
        return table[coded.codes]

    def notes(self) -> list[str]:
        """What was odd, in words; no values."""
        said = [f"{self.name}: {count} cells of '{name}' cannot be used and count as not known."
                for name, count in self.refused.items() if count]  # fmt: skip
        if self.strangers:
            said.append(f"{self.name}: {self.strangers} rows name nobody of the cohort, or an id that stands twice.")
        return said


def read_sessions(path: str | Path, ids: Sequence[Any]) -> tuple[Sessions, list[str]]:
    """The session log of a cohort with these pseudonyms, and what was odd about it.

    Raises:
        InputFileError: it cannot be read, or has no column for the patient or for what was done.
    """
    names = {heading: key for key, both in HEADINGS.items() for heading in (key, *both.values())} | {"id": "patient"}
    file = _read(path, ids, names, "patient", ("patient", "done"))
    done = file.read("done", lambda given: _DONE[log_cells.done(given)], -1).astype(np.int64)
    days = file.read("date", lambda given: log_cells.day(given).toordinal(), 0).astype(np.int64)
    why = file.read("stop_reason", log_cells.stop_reason, "")
    here = file.rows >= 0
    rows, done, days, why = file.rows[here], done[here], days[here], why[here]
    held = np.bincount(rows[done == 1], minlength=len(ids))
    known = np.bincount(rows[done >= 0], minlength=len(ids))
    order = np.lexsort((np.arange(rows.size), days, rows))
    last = order[np.flatnonzero(np.diff(np.append(rows[order], -1)))]
    reasons = tuple(sorted({str(reason) for reason in why[last][done[last] == 0] if reason}))
    stopped = np.full(len(ids), OPEN, np.int64)
    stopped[rows[last]] = np.array([OPEN, UNSAID, HELD])[done[last] + 1]
    for place in last.tolist():
        if done[place] == 0 and why[place]:
            stopped[rows[place]] = reasons.index(why[place])
    return Sessions(held, known, stopped, reasons, file.strangers), file.notes()


def read_monitoring(path: str | Path, ids: Sequence[Any]) -> tuple[Monitoring, list[str]]:
    """The monitoring facts of a cohort with these pseudonyms, and what was odd about them.

    Raises:
        InputFileError: it cannot be read, has no `id`, has an unknown column, or two rows for one patient.
    """
    file = _read(path, ids, {"id": "id", **{name: name for name in monitoring_answers()}}, "id", ("id",), strict=True)
    twice = np.bincount(file.rows[file.rows >= 0], minlength=1)
    if (twice > 1).any():
        raise InputFileError(
            f"{file.name} has two rows for a patient ({int((twice > 1).sum())} times); keep one of each."
        )
    groupings: dict[str, Grouping] = {}
    measured = {}
    for name, answers in monitoring_answers().items():
        if name not in file.columns:
            continue
        if name in ("effect_pre", "effect_post"):
            measured[name] = _placed(file, file.read(name, log_cells.number, None), len(ids))
        else:
            groupings[name] = grouping_of(name, _placed(file, file.read(name, _answer(answers), None), len(ids)))
    effect = None
    if len(measured) == 2:
        both = [None if None in pair else "yes" for pair in zip(*measured.values(), strict=True)]
        effect = grouping_of("effect", both)
    return Monitoring(groupings, effect, file.strangers), file.notes()


def _answer(answers: Mapping[str, Mapping[str, str]]) -> Callable[[Any], str]:
    """Reads a cell of a closed list by key or label; any text where there is no list."""
    known = {word.casefold(): key for key, label in answers.items() for word in (key, *label.values())}

    def read(given: Any) -> str:
        text = " ".join(str(given).split())
        if not answers:
            return text[:60]
        if text.casefold() not in known:
            raise ValueError(text)
        return known[text.casefold()]

    return read


def _placed(file: _File, said: npt.NDArray[Any], n: int) -> list[Any]:
    found = np.full(n, None, object)
    here = file.rows >= 0
    found[file.rows[here]] = said[here]
    return found.tolist()


def _read(
    path: str | Path,
    ids: Sequence[Any],
    names: Mapping[str, str],
    key: str,
    needed: Sequence[str],
    strict: bool = False,
) -> _File:
    columns, n = read_columns(path)
    name = shown_name(path)
    found = {names[header.strip().casefold()]: cells for header, cells in columns.items()
             if header.strip().casefold() in names}  # fmt: skip
    unknown = [header for header in columns if header.strip().casefold() not in names]
    absent = [column for column in needed if column not in found]
    if absent or (strict and unknown):
        what = f"has no column '{absent[0]}'" if absent else f"has a column '{unknown[0]}' that is not known"
        raise InputFileError(f"{name} {what}. It may have: {', '.join(dict.fromkeys(names.values()))}.")
    places: dict[str, int] = {}
    for row, each in enumerate(ids):
        places[str(each)] = -1 if str(each) in places else row
    coded = cells_of(found[key], key).coded()
    table = np.array([*(places.get(_id(value), -1) for value in coded.values), -1], np.int64)
    assert coded.codes.size == n
    return _File(name, found, table[coded.codes])


def _id(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


__all__ = ["read_monitoring", "read_sessions"]
