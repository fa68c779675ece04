"""Trials' tables from files: read and checked at once, every fault with its place (docs/writing-training.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import define, field

from exrx.errors import Location, PlanError
from exrx.library import library_root, shown_path
from exrx.rules.restriction import Intensity
from exrx.training.exercises import PLACES, Exercise, ExerciseReader, load_exercises
from exrx.training.session import METRICS, Effort, Intervals
from exrx.training.table.check import faults_of, never_held
from exrx.training.table.efforts import load_efforts
from exrx.training.table.model import (
    PARTS,
    SETS,
    Correction,
    TablePart,
    TableSession,
    TableTraining,
    TestPoint,
    When,
)
from exrx.training.table.totals import totals
from exrx.training.targets import Words, load_targets
from exrx.training.template import WEEKDAYS, shipped_programmes
from exrx.yamlread import Mapping, Node, Scalar, canonical_sha256, read_yaml

LONGEST_WEEKS = 104
_KEYS = ("id", "kind", "version", "title", "population", "caveat", "source", "checked_against", "weeks", "sessions")
_MORE = ("exercises", "progression", "tests", "corrections", "not_read", "states")
_ORIGIN = ("source", "verified", "note")
_WHEN = ("weeks", "sessions", "blocks")
_PART = (
    "part", *_WHEN, "exercises", "minutes", "bouts", "intensity", "effort", "intervals", "sets", "repetitions", "rest",
    *_ORIGIN,
)  # fmt: skip
_INTERVALS = ("repeats", "work", "rest", "work_effort", "rest_effort")
_STATES = (
    "sessions", "supervised_sessions", "hours", "sets", "sets_per_exercise", "sessions_by_week",
    "aerobic_minutes_by_week", "sets_by_week", "intervals_by_session",
)  # fmt: skip
_HARD = ("aerobic", *SETS)  # parts whose effort counts as vigorous where it is not known


def shipped_tables() -> tuple[str, ...]:
    """The ids of the shipped tables."""
    return tuple(name for name, kind in shipped_programmes().items() if kind == "table")


def load_table(training: str | Path | TableTraining) -> TableTraining:
    """The table with this id, or in this file.

    Raises:
        PlanError: there is no such table.
        ProtocolError: the file contradicts itself, or does not add up; every fault with its place.
    """
    if isinstance(training, TableTraining):
        return training
    if training in shipped_tables():
        return _shipped(str(training))
    path = Path(training) if isinstance(training, (str, Path)) else Path()
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        raise PlanError(f"there is no table '{training}'. Use one of: {', '.join(shipped_tables())}, or a file")
    return read_table(path)


@lru_cache(maxsize=32)
def _shipped(name: str) -> TableTraining:
    return read_table(library_root() / "training" / f"{name}.yaml")


def read_table(path: Path) -> TableTraining:
    """The table in a file.

    Raises:
        ProtocolError: every fault with its place.
    """
    return _TableReader().table_of(path)


@define
class _TableReader(ExerciseReader):
    """Reads one table; `named_lists` are its named lists of exercises, `places` where each part stands."""

    named_lists: dict[str, tuple[Exercise, ...]] = field(factory=dict, kw_only=True)
    places: dict[int, Location] = field(factory=dict, kw_only=True)

    def origin(self, source: Node | None, verified: Node | None, name: str) -> str:
        """As in every file; and a decision of our own is never verified."""
        word = super().origin(source, verified, name)
        if source is not None and source.plain() == "local-decision" and word != "unverified":
            self.fault("contradiction", f"{name}: a local decision is unverified", source.location)
        return word

    def table_of(self, path: Path) -> TableTraining:
        name = shown_path(path)
        content = read_yaml(path, name)
        root = self.table(content, "a table", (*_KEYS, *_MORE), _KEYS)
        self.named_lists = dict(self._lists(root.get("exercises")))
        weeks = self.number(root.get("weeks"), "weeks", lowest=1)
        self._check_unit(root.get("weeks"), "weeks", "wk")
        if weeks > LONGEST_WEEKS:
            self.fault("out-of-range", f"weeks must be at most {LONGEST_WEEKS}, not {weeks}", root.places["weeks"])
            weeks = LONGEST_WEEKS
        if self.text(root.get("kind"), "kind", "table") != "table":
            self.fault("unknown-word", "kind must be 'table'", root.places["kind"])
        sessions = tuple(self._sessions(root.get("sessions"), weeks))
        checked = self.words(root.get("checked_against"), "checked_against", load_targets())
        training = TableTraining(
            id=self.text(root.get("id"), "id"),
            version=self.text(root.get("version"), "version"),
            title=self._both(root.get("title"), "title"),
            population=self._both(root.get("population"), "population"),
            caveat=self._both(root.get("caveat"), "caveat"),
            source=self._source(root.get("source")),
            checked_against=tuple(checked),
            weeks=weeks,
            sessions=sessions,
            progression=tuple(self._said(root.get("progression"), "progression")),
            tests=tuple(self._tests(root.get("tests"), weeks)),
            corrections=tuple(self._corrections(root.get("corrections"))),
            not_read=tuple(self._both(node, "not_read") for node in self._items(root, "not_read")),
            states=self._states(root.get("states")),
            unverified=tuple(dict.fromkeys(self.unverified)),
            sha256=canonical_sha256([content.plain(), load_exercises().sha256]),
        )
        if not self.diagnostics:
            self._check_whole(training, root)
            self._add_up(training, root)
        self.finish(name)
        return training

    def _check_whole(self, training: TableTraining, root: Mapping) -> None:
        names = [session.id for session in training.sessions]
        for twice in sorted({name for name in names if names.count(name) > 1}):
            self.fault("contradiction", f"two sessions have the id '{twice}'", root.places["sessions"])
        for session, part in never_held(training):
            message = f"{session.id}: this {part.kind} part stands in no session of the course"
            self.fault("never", message, self.places[id(part)], "look at its weeks, sessions or blocks")

    def _check_unit(self, node: Node | None, what: str, unit: str) -> None:
        given = node.get("unit") if isinstance(node, Mapping) else None
        if given is not None and given.plain() != unit:
            self.fault("wrong-unit", f"{what} must be in {unit}, not '{given.plain()}'", given.location)

    def _items(self, root: Mapping, key: str) -> tuple[Node, ...]:
        return self.several(root.get(key), key)

    def _source(self, node: Node | None) -> str:
        super().origin(node, Scalar("primary", node.location) if node else None, "source")
        return self.text(node, "source")

    def _lists(self, node: Node | None) -> Iterator[tuple[str, tuple[Exercise, ...]]]:
        for name, entry in self.table(node, "exercises").entries.items():
            keys = ("value", "source", "verified")
            table = self.table(entry, f"exercises.{name}", (*keys, "note"), keys)
            self.origin(table.get("source"), table.get("verified"), f"exercises.{name}")
            yield name, self._named(table.get("value"), f"exercises.{name}")

    def _named(self, node: Node | None, what: str) -> tuple[Exercise, ...]:
        known = load_exercises().by_id
        return tuple(known[word] for word in self.words(node, what, known, "unknown-exercise"))

    def _sessions(self, node: Node | None, weeks: int) -> Iterator[TableSession]:
        needed = ("id", "place", "days", "parts")
        for number, item in enumerate(self.several(node, "sessions"), start=1):
            table = self.table(item, f"sessions.{number}", (*needed, "weeks", "minutes"), needed)
            name = self.text(table.get("id"), "id", str(number))
            days = self.table(table.get("days"), f"{name}: days", ("value", *_ORIGIN), ("value", "source", "verified"))
            self.origin(days.get("source"), days.get("verified"), f"{name}.days")
            weekdays = tuple(WEEKDAYS.index(day) for day in self.words(days.get("value"), f"{name}: days", WEEKDAYS))
            minutes = self._sourced_range(table.get("minutes"), f"{name}.minutes")
            self._check_unit(table.get("minutes"), f"{name}.minutes", "min")
            place = self.one_of(table.get("place"), f"{name}: place", PLACES) or ""
            yield TableSession(
                name,
                place,
                weekdays,
                When(weeks=self._ranges(table.get("weeks"), f"{name}: weeks", weeks)),
                tuple(self._part(part, f"{name}.{count}", weeks, place) for count, part in enumerate(
                    self.several(table.get("parts"), f"{name}: parts"), start=1)),
                minutes,
            )  # fmt: skip

    def _sourced_range(self, node: Node | None, name: str) -> tuple[int, int] | None:
        if node is None:
            return None
        keys = ("value", "unit", "source", "verified")
        table = self.table(node, name, (*keys, "note"), keys)
        self.origin(table.get("source"), table.get("verified"), name)
        return self._range(table.get("value"), name)

    def _range(self, node: Node | None, what: str) -> tuple[int, int] | None:
        """One whole number or two, lowest first."""
        if node is None:
            return None
        numbers = [self.whole(item, what) or 0 for item in self.texts(node, what)]
        if len(numbers) not in (1, 2) or numbers[0] > numbers[-1]:
            self.fault("wrong-shape", f"{what} must be a number, or two, lowest first", node.location)
            return None
        return numbers[0], numbers[-1]

    def _ranges(self, node: Node | None, what: str, most: int) -> tuple[tuple[int, int], ...]:
        """Ranges such as 1-3 or [1-3, 7], within 1 and `most`."""
        found = []
        for item in self.texts(node, what):
            match = re.fullmatch(r"(\d+)(?:-(\d+))?", item.text)
            low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
            if not 1 <= low <= high <= most:
                self.fault("wrong-range", f"{what}: '{item.text}' is no range from 1 to {most}", item.location,
                           "write it as 1-3 or 4")  # fmt: skip
                continue
            found.append((low, high))
        return tuple(found)

    def _part(self, node: Node, name: str, weeks: int, place: str) -> TablePart:
        before = len(self.diagnostics)
        table = self.table(node, name, _PART, ("part", "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), name)
        kind = self.one_of(table.get("part"), f"{name}: part", PARTS) or PARTS[0]
        effort = self._effort(table.get("effort"), f"{name}: effort")
        intervals = self._intervals(table.get("intervals"), f"{name}: intervals")
        sets, minutes = self.whole(table.get("sets"), f"{name}: sets") or 0, self._range(table.get("minutes"), name)
        exercises = self._exercises_of(table.get("exercises"), f"{name}: exercises")
        self._check_part(kind, table, name, sets, minutes or intervals)
        bouts = 1 if table.get("bouts") is None else self.whole(table.get("bouts"), f"{name}: bouts") or 0
        part = TablePart(
            kind=kind,
            when=self._when(table, name, weeks),
            exercises=exercises,
            minutes=minutes,
            bouts=bouts,
            intensity=self._intensity(kind, table.get("intensity"), effort, intervals, name),
            effort=effort,
            intervals=intervals,
            sets=sets,
            repetitions=self._range(table.get("repetitions"), f"{name}: repetitions"),
            rest_seconds=self.whole(table.get("rest"), f"{name}: rest"),
            note=self.text(table.get("note"), f"{name}: note"),
        )
        self.places[id(part)] = table.location
        for code, message in faults_of(part, place) if len(self.diagnostics) == before else ():
            self.fault(code, f"{name}: {message}", table.location)
        return part

    def _check_part(self, kind: str, table: Mapping, name: str, sets: int, lasts: object) -> None:
        none = self.plain(table.get("exercises")) in (None, [])
        if kind in SETS and (none or not (sets and table.get("repetitions"))):
            message = f"{name}: {kind} training needs exercises, sets and repetitions"
            self.fault("missing-key", message, table.location)
        if kind == "aerobic" and (none or not lasts):
            self.fault("missing-key", f"{name}: aerobic training needs exercises, and minutes or intervals",
                       table.location)  # fmt: skip

    def _when(self, table: Mapping, name: str, weeks: int) -> When:
        blocks = [self.whole(item, name) or 0 for item in self.texts(table.get("blocks"), f"{name}: blocks")]
        if blocks and (len(blocks) != 3 or not 1 <= blocks[2] <= blocks[1] or not blocks[0]):
            self.fault("wrong-shape", f"{name}: blocks are [length in weeks, of how many, which]", table.location)
            blocks = []
        return When(
            self._ranges(table.get("weeks"), f"{name}: weeks", weeks),
            self._ranges(table.get("sessions"), f"{name}: sessions", weeks * len(WEEKDAYS)),
            (blocks[0], blocks[1], blocks[2]) if blocks else None,
        )

    def _exercises_of(self, node: Node | None, what: str) -> tuple[Exercise, ...]:
        """A named list of the table, or exercises by their own ids."""
        if isinstance(node, Scalar) and node.text in self.named_lists:
            return self.named_lists[node.text]
        return self._named(node, what)

    def _intensity(
        self, kind: str, node: Node | None, effort: Effort | None, intervals: Intervals | None, name: str
    ) -> Intensity:
        """As stated, else from the effort in its own measure; an effort that is not known counts as vigorous."""
        told = intervals.work if intervals and intervals.work else effort
        if node is not None and told is not None:
            self.fault("contradiction", f"{name}: give the intensity or the effort", node.location,
                       "the effort in the source's measure says the intensity; see efforts.yaml")  # fmt: skip
        if node is not None:
            return Intensity.from_word(self.one_of(node, f"{name}: intensity", Intensity.words()) or "none")
        if kind not in _HARD:
            return Intensity.LIGHT if kind == "warm-up" else Intensity.NONE
        if told is None:
            return Intensity.VIGOROUS
        if told.metric in load_efforts().unverified:
            self.unverified.append(f"efforts.{told.metric}")
        return load_efforts().intensity(told)

    def _effort(self, node: Node | None, what: str) -> Effort | None:
        if node is None:
            return None
        items = self.texts(node, what)
        metric = self.one_of(items[0], f"{what}: measure", METRICS) if items else None
        numbers = [self.whole(item, what) or 0 for item in items[1:]]
        if metric is None or len(numbers) not in (1, 2) or numbers[0] > numbers[-1]:
            self.fault("wrong-shape", f"{what} is [measure, lowest, highest]", node.location,
                       f"measures: {', '.join(METRICS)}")  # fmt: skip
            return None
        least, most = load_efforts().bands[metric].possible
        if numbers[0] < least or numbers[-1] > most:
            message = f"{what}: {metric} is from {least} to {most}, not {numbers[0]}-{numbers[-1]}"
            self.fault("out-of-range", message, node.location)
        return Effort(metric, numbers[0], numbers[-1])

    def _intervals(self, node: Node | None, what: str) -> Intervals | None:
        if node is None:
            return None
        table = self.table(node, what, _INTERVALS, ("repeats", "work", "rest"))
        repeats, work, rest = (self.whole(table.get(key), f"{what}: {key}") or 0 for key in _INTERVALS[:3])
        if not repeats or not work:
            self.fault("out-of-range", f"{what}: repeats and work (in seconds) must be at least 1", table.location)
        efforts = (self._effort(table.get(key), f"{what}: {key}") for key in _INTERVALS[3:])
        return Intervals(repeats, work, rest, *efforts)

    def _said(self, node: Node | None, what: str) -> Iterator[Words]:
        for item in self.several(node, what):
            table = self.table(item, what, ("text", *_ORIGIN), ("text", "source", "verified"))
            self.origin(table.get("source"), table.get("verified"), what)
            yield self._both(table.get("text"), what)

    def _tests(self, node: Node | None, weeks: int) -> Iterator[TestPoint]:
        for item in self.several(node, "tests"):
            table = self.table(item, "tests", ("week", "what", *_ORIGIN), ("week", "what", "source", "verified"))
            self.origin(table.get("source"), table.get("verified"), "tests")
            week = self.whole(table.get("week"), "tests: week") or 0
            if not 1 <= week <= weeks:
                self.fault("wrong-range", f"tests: week {week} is not one of 1 to {weeks}", table.location)
            yield TestPoint(week, self._both(table.get("what"), "tests"))

    def _corrections(self, node: Node | None) -> Iterator[Correction]:
        keys = ("printed", "used", "because")
        for item in self.several(node, "corrections"):
            table = self.table(item, "corrections", keys, keys)
            printed, used = (self.text(table.get(key), f"corrections: {key}") for key in keys[:2])
            yield Correction(printed, used, self._both(table.get("because"), "corrections"))

    def _states(self, node: Node | None) -> dict[str, Any]:
        """What the source states, by the names of `Totals`."""
        states: dict[str, Any] = {}
        table = self.table(node, "states", (*_STATES, *_ORIGIN), ("source", "verified"))
        self.origin(table.get("source"), table.get("verified"), "states")
        for name, item in table.entries.items():
            if name in _STATES:
                numbers = [self.whole(each, f"states: {name}") or 0 for each in self.texts(item, f"states: {name}")]
                states[name] = numbers if name.endswith(("week", "session")) else numbers[0] if numbers else 0
        return states

    def _add_up(self, training: TableTraining, root: Mapping) -> None:
        """A fault for each total that the source states and the table does not reach."""
        found = totals(training).to_dict()
        found["sets_per_exercise"] = max(found["sets_per_exercise"].values(), default=0)
        place = root.places.get("states", Location("", 1, 1))
        for name, stated in training.states.items():
            if found[name] != stated:
                self.fault("does-not-add-up", f"states: {name} is {stated}, the table gives {found[name]}", place)
