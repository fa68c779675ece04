"""The session log: rows of a spreadsheet or of JSON become entries; a row that cannot be used is named, never lost.

`SessionLog` is the record (`entry`), `log_template` a sheet to fill in (`template`).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from exrx.errors import InputFileError, PlanError
from exrx.training.adaptations import everyone
from exrx.training.logs import cells
from exrx.training.logs.cells import CellError, is_empty
from exrx.training.logs.entry import DAY, DONE, SCALES, ExerciseDone, SessionLog, faults_of
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.logs.template import HEADINGS, LOAD, log_template
from exrx.training.plan import Plan
from exrx.training.targets import Words

__all__ = [
    "DAY",
    "DONE",
    "SCALES",
    "ExerciseDone",
    "LogProblem",
    "LogReading",
    "SessionLog",
    "log_template",
    "read_log",
]

_CELLS: dict[str, Callable[[Any], Any]] = {
    "date": cells.day, "done": cells.done, "minutes": cells.whole, "rpe": cells.number,
    "scale": cells.scale, "intervals_done": cells.whole, "symptoms": cells.symptoms,
    "pain": cells.whole, "stop_reason": cells.stop_reason, "pre_lowered": cells.yes_or_no,
    "note": lambda given: str(given).removeprefix("'"),
}  # fmt: skip
_SHOWN_ONLY = ("weekday", "planned")
_COLUMNS = ("patient", "key", *_SHOWN_ONLY, *_CELLS, "loads")
_ASIDE = ("patient", "key", "date", *_SHOWN_ONLY, "scale")


@frozen
class LogProblem:
    """A row that was not used: its number (in a sheet the heading is row 1), the column, a code, and what is wrong."""

    row: int
    column: str
    code: str
    given: Any
    message: Words

    def say(self, lang: str) -> str:
        """The problem in one line."""
        words = {"da": "række {}, {}: {}", "en": "row {}, {}: {}"}[lang]
        return words.format(self.row, self.column or {"da": "rækken", "en": "the row"}[lang], self.message[lang])


@frozen
class LogReading:
    """The rows of a log: `entries` are used, `problems` name each row that is not, `blank` the keys not filled in.

    `warnings_kept` are the symptoms and pain of rows that are not used, as entries of the day: an error of the pen
    beside a fever must not hide the fever. `rows` is how many rows there were.
    """

    entries: tuple[SessionLog, ...]
    problems: tuple[LogProblem, ...] = ()
    blank: tuple[str, ...] = ()
    warnings_kept: tuple[SessionLog, ...] = ()
    rows: int = 0


def read_log(given: Sequence[Mapping[str, Any]] | str | Path | bytes, plan: Plan) -> LogReading:
    """The log of `plan` in rows, in JSON or CSV text, or in a file of either.

    Every row is answered: it becomes an entry, is named among the problems (its session then counts as not known), or
    is blank. A key that stands in several rows makes all of them problems, so the order of rows never matters.

    Args:
        given: mappings with the columns of `log_template`; JSON (a list of them, or an object with `sessions` and
            optionally `patient`); CSV with comma, semicolon or tab and headings in Danish or English; or a path.
        plan: the plan that was followed; keys are looked up in it.

    Raises:
        InputFileError: it is no CSV or JSON, or has an unknown column.
        PlanError: it says that it belongs to another patient.
        OSError: the file cannot be read.
    """
    rows, first = _rows(given, plan)
    read = _Reader(plan, keyed_sessions(plan))
    for number, row in enumerate(rows, start=first):
        read.row(number, row)
    return read.finished()


def _rows(given: Any, plan: Plan) -> tuple[list[Any], int]:
    """The rows, and the number of the first."""
    if isinstance(given, (bytes, bytearray)):
        given = _decoded(bytes(given))
    elif isinstance(given, Path) or (isinstance(given, str) and _is_path(given)):
        given = _decoded(Path(given).read_bytes())
    if isinstance(given, str):
        given = given.removeprefix("\ufeff")
        if given.lstrip()[:1] not in ("[", "{"):
            return _csv_rows(given), 2
        try:
            given = json.loads(given)
        except (ValueError, RecursionError) as error:
            raise InputFileError(f"the log is not valid JSON: {error}") from error
    if isinstance(given, Mapping):
        _check_patient(given.get("patient"), plan)
        given = given.get("sessions")
    if not isinstance(given, (list, tuple)):
        raise InputFileError("a log is a list of rows, or an object with 'sessions'; see docs/adapt.md")
    return list(given), 1


def _is_path(text: str) -> bool:
    return "\n" not in text and text.strip()[:1] not in ("[", "{", "") and not any(mark in text for mark in ",;\t")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _check_patient(named: Any, plan: Plan) -> None:
    said = "" if named is None else str(named).strip().removeprefix("'")
    if said and plan.patient and said != plan.patient:
        raise PlanError(f"the log does not belong to the plan: it is of patient '{said}', the plan of '{plan.patient}'")


def _csv_rows(text: str) -> list[dict[str, str] | list[str]]:
    lines = text.splitlines()
    if lines and lines[0].lower().startswith("sep="):
        lines = lines[1:]
    heading = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=heading.count)
    try:
        table = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise InputFileError(f"the log is not valid CSV: {error}") from error
    if not table:
        raise InputFileError("the log is empty: it has no heading; write one with exrx adapt PLAN --template WEEK")
    columns = [_column(name) for name in table[0]]
    twice = next((name for name, count in Counter(columns).items() if count > 1), None)
    if twice:
        raise InputFileError(f"the log has the column '{twice}' twice")
    return [dict(zip(columns, row, strict=True)) if len(row) == len(columns) else row for row in table[1:]]


def _column(heading: str) -> str:
    """The field of a heading in either language; `load:leg-press` stays as it is written."""
    word = heading.strip().lower()
    for mark in LOAD.values():
        if word.startswith(mark):
            return "load:" + heading.strip()[len(mark) :].strip()
    word = {name: field_name for field_name, words in HEADINGS.items() for name in words.values()}.get(word, word)
    if word in _COLUMNS and word != "loads":
        return word
    near = get_close_matches(word, [*HEADINGS, *(name for words in HEADINGS.values() for name in words.values())], n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"the columns are {', '.join(_COLUMNS[:-1])}, load:<exercise>"
    raise InputFileError(f"the log has an unknown column '{heading}'; {hint}")


@define
class _Reader:
    """Turns rows into entries; what is wrong with a row is remembered, and reading goes on."""

    plan: Plan
    sessions: dict[str, KeyedSession]
    found: list[tuple[int, SessionLog]] = field(factory=list)
    problems: list[LogProblem] = field(factory=list)
    kept: list[SessionLog] = field(factory=list)
    blank: list[str] = field(factory=list)
    rows: int = 0

    def row(self, number: int, row: Any) -> None:
        """One row."""
        self.rows += 1
        if not isinstance(row, Mapping):
            said = {"da": "rækken har ikke en celle for hver kolonne", "en": "the row has not one cell for each column"}
            self.problems.append(LogProblem(number, "", "wrong-shape", row, said))
            return
        cells = {str(name): value for name, value in row.items() if not is_empty(value)}
        before = len(self.problems)
        key = self._key(number, cells)
        if key is not None and not set(cells) - set(_ASIDE) and key != DAY:
            self.blank.append(key)
            return
        values = self._values(number, cells)
        entry: Any = _Given(key or "", values)
        if len(self.problems) == before:
            self._check(number, entry, cells)
        if len(self.problems) == before:
            self.found.append((number, SessionLog(key=str(key), **values)))
        else:
            self._keep(key, values)

    def _key(self, number: int, cells: dict[str, Any]) -> str | None:
        """The row's key, None when it does not belong to the plan."""
        key, patient = str(cells.get("key", "")).strip(), str(cells.get("patient", "")).strip().removeprefix("'")
        if patient and self.plan.patient and patient != self.plan.patient:
            self._fault(
                number, "patient", "another-patient", patient,
                "rækken hører ikke til planen: patienten er '{}', planens er '{}'",
                "the row does not belong to the plan: its patient is '{}', the plan's '{}'", patient, self.plan.patient,
            )  # fmt: skip
            return None
        if key in self.sessions or key == DAY:
            return key
        near = get_close_matches(key, self.sessions, n=1)
        self._fault(
            number, "key", "unknown-key", key,
            "'{}' hører ikke til planen for '{}'{}", "'{}' does not belong to the plan of '{}'{}",
            key, self.plan.patient, f" ({near[0]}?)" if near else "",
        )  # fmt: skip
        return None

    def _values(self, number: int, cells: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        loads: dict[str, Any] = {}
        for name, given in cells.items():
            if name.startswith("load:"):
                loads[name[len("load:") :]] = given
            elif name == "loads" and isinstance(given, Mapping):
                loads |= given
            elif name in _CELLS:
                self._cell(number, name, given, values)
            elif name not in _COLUMNS or name == "loads":
                self._fault(number, name, "unknown-key", given, "ukendt felt '{}'", "unknown key '{}'", name)
        for name, given in loads.items():
            self._load(number, name, given, values)
        return values

    def _cell(self, number: int, name: str, given: Any, values: dict[str, Any]) -> None:
        try:
            values[name] = _CELLS[name](given)
        except CellError as error:
            self.problems.append(LogProblem(number, name, error.code, given, error.message))

    def _load(self, number: int, name: str, given: Any, values: dict[str, Any]) -> None:
        try:
            values.setdefault("loads", {})[cells.exercise(name)] = cells.load(given)
        except CellError as error:
            self.problems.append(LogProblem(number, f"load:{name}", error.code, given, error.message))

    def _check(self, number: int, entry: Any, cells: dict[str, Any]) -> None:
        """What the values contradict: the plan, the scale, or each other."""
        if entry.key != DAY and "done" not in cells:
            self._fault(number, "done", "missing", "", "skriv ja, delvist eller nej", "write yes, partly or no")
        if entry.rpe is not None and "scale" not in cells:
            self._fault(number, "scale", "missing", "", "nævn skalaen: borg eller cr10", "name the scale: borg, cr10")
        for column, code, message in faults_of(entry):
            self.problems.append(LogProblem(number, column, code, cells.get(column, ""), message))
        if "date" in cells and entry.date < self.plan.start:
            self._fault(
                number, "date", "before-plan", cells["date"],
                "datoen ligger før planens første dag, {}", "the date lies before the plan's first day, {}",
                self.plan.start,
            )  # fmt: skip

    def _fault(self, number: int, column: str, code: str, given: Any, da: str, en: str, *about: object) -> None:
        message = {"da": da.format(*about), "en": en.format(*about)}
        self.problems.append(LogProblem(number, column, code, given, message))

    def _keep(self, key: str | None, values: dict[str, Any]) -> None:
        """The signs of a row that is not used, as an entry of its day (the planned one where none can be read)."""
        planned = self.sessions.get(key or "")
        on = values.get("date") or (planned.date if planned else None)
        if key is None or on is None:
            return
        known = {"symptoms": (), "stop_reason": "", "pain": None} | values
        signs = [word for word in (*known["symptoms"], known["stop_reason"]) if word]
        hurts = [each.pain or 0 for each in values.get("loads", {}).values()] + [known["pain"] or 0]
        signs += ["pain"] if max(hurts) > 0 else []
        entry = SessionLog(DAY, on, symptoms=tuple(dict.fromkeys(w for w in signs if w in everyone().symptoms)))
        if entry.symptoms:
            self.kept.append(entry)

    def finished(self) -> LogReading:
        """The reading; rows that share a key are all problems."""
        counts = Counter(entry.key for _, entry in self.found if entry.key != DAY)
        entries = []
        for number, entry in self.found:
            if counts[entry.key] < 2:
                entries.append(entry)
                continue
            rows = ", ".join(str(other) for other, each in self.found if each.key == entry.key)
            self._fault(
                number, "key", "duplicate-key", entry.key,
                "'{}' står i flere rækker ({}); behold én", "'{}' stands in several rows ({}); keep one",
                entry.key, rows,
            )  # fmt: skip
            self._keep(entry.key, {n: getattr(entry, n) for n in ("date", "pain", "stop_reason", "loads")} | {
                "symptoms": entry.symptoms or ()})  # fmt: skip
        problems = tuple(sorted(self.problems, key=lambda each: each.row))
        return LogReading(tuple(entries), problems, tuple(self.blank), tuple(self.kept), self.rows)


class _Given:
    """The values of a row with those that are not said, to be checked as an entry is."""

    def __init__(self, key: str, values: dict[str, Any]) -> None:
        self.key, self.date = key, values.get("date")
        self.done = values.get("done", "no" if key == DAY else "partly")
        self.minutes, self.rpe, self.pain = (values.get(name) for name in ("minutes", "rpe", "pain"))
        self.scale, self.loads = values.get("scale", "borg"), values.get("loads", {})
        self.intervals_done, self.symptoms = values.get("intervals_done"), values.get("symptoms")
        self.stop_reason = values.get("stop_reason", "")
