"""Weekly targets: whether one week of activity meets a published recommendation, and what is short if not.

A target is a list of requirements in `protocols/training/targets.yaml`; each kind of requirement is one
line in a table here. Nothing is converted between targets, and light activity counts towards none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import define, field, frozen, validators

from exrx.errors import Location, PlanError, ProtocolError
from exrx.library import library_root, shown_path
from exrx.protocol.model import VERIFIED, Parameter
from exrx.protocol.schema import Reader
from exrx.protocol.sources import load_sources, unknown_source
from exrx.yamlread import Node, Scalar, read_yaml
from exrx.yamlread import Sequence as List

Words = dict[str, str]
DAYS_A_WEEK = 7
_NUMBER_KEYS = ("value", "unit", "source", "verified", "since", "note")


@define
class NumberReader(Reader):
    """Reads training files: every number with source and verified; `unverified` collects what is not."""

    parameters: dict[str, Parameter] = field(factory=dict, kw_only=True)
    unverified: list[str] = field(factory=list, kw_only=True)

    def number(self, node: Node | None, name: str, lowest: int = 0) -> int:
        """A number with its source, remembered under `name`; 0 and a fault when it cannot be used."""
        table = self.table(node, name, _NUMBER_KEYS, ("value", "unit", "source", "verified"))
        parameter = Parameter(
            name=name,
            value=self.text(table.get("value"), f"{name}: value"),
            unit=self.text(table.get("unit"), f"{name}: unit"),
            source=self.text(table.get("source"), f"{name}: source"),
            verified=self.origin(table.get("source"), table.get("verified"), name),
            since=self.text(table.get("since"), f"{name}: since"),
            note=self.text(table.get("note"), f"{name}: note"),
            location=table.location,
        )
        self.parameters[name] = parameter
        value = self.whole(table.get("value"), f"{name}: value")
        if value is not None and value < lowest:
            self.fault("out-of-range", f"{name} must be at least {lowest}, not {value}", table.location)
        return value or 0

    def origin(self, source: Node | None, verified: Node | None, name: str) -> str:
        """How well `name` is verified; its source must stand in sources.yaml."""
        if source is not None and (text := self.text(source, f"{name}: source")) not in load_sources():
            self.diagnostics.append(unknown_source(text, source.location))
        word = self.one_of(verified, f"{name}: verified", VERIFIED) or "unverified"
        if word == "unverified":
            self.unverified.append(name)
        return word

    def pair(self, node: Node | None, what: str) -> tuple[int, int]:
        """Two whole numbers, lowest first."""
        numbers = [self.whole(item, what) or 0 for item in self.texts(node, what)]
        if node is not None and (len(numbers) != 2 or numbers[0] > numbers[1]):
            self.fault("wrong-shape", f"{what} must be two numbers, lowest first", node.location)
            return (0, 0)
        return (numbers[0], numbers[1]) if numbers else (0, 0)

    def several(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The items of a list."""
        if isinstance(node, List):
            return node.items
        if node is not None:
            self.fault("wrong-shape", f"{what} must be a list", node.location)
        return ()

    def finish(self, name: str) -> None:
        """Raise ProtocolError with every fault found, if there is one."""
        if faults := tuple(d for d in self.diagnostics if d.severity == "error"):
            raise ProtocolError(f"{name} cannot be used", faults)


def _bouts(given: Iterable[int]) -> tuple[int, ...]:
    return tuple(given)


def _whole_minutes(instance: Any, attribute: Any, value: Any) -> None:
    minutes = value if isinstance(value, tuple) else (value,)
    if any(isinstance(m, bool) or not isinstance(m, int) or not 0 <= m <= 1440 for m in minutes):
        raise PlanError(f"{attribute.name} must be whole minutes of one day (0 to 1440), not {value!r}")


@frozen
class ActivityDay:
    """What was done on one day.

    `moderate_minutes` and the minutes of each unbroken bout in `vigorous_bouts` do not overlap. Light
    activity is left out. `strength` is True for any strength training. An interval block stands in
    `interval_blocks` as (minutes of vigorous work, minutes from first to last work); its rests count towards
    nothing. `class_minutes` are those of the moderate and vigorous minutes that were done in a class.

    Raises:
        PlanError: minutes that are not whole or do not fit into a day.
    """

    moderate_minutes: int = field(default=0, validator=_whole_minutes)
    vigorous_bouts: tuple[int, ...] = field(default=(), converter=_bouts, validator=_whole_minutes)
    strength: bool = field(default=False, validator=validators.instance_of(bool))
    interval_blocks: tuple[tuple[int, int], ...] = ()
    class_minutes: int = field(default=0, validator=_whole_minutes)

    @property
    def vigorous_minutes(self) -> int:
        """All vigorous minutes of the day, without the rests of intervals."""
        return sum(self.vigorous_bouts) + sum(work for work, _ in self.interval_blocks)

    @property
    def active_minutes(self) -> int:
        """Moderate and vigorous minutes of the day."""
        return self.moderate_minutes + self.vigorous_minutes


@frozen
class Requirement:
    """One part of a target: its kind, its numbers and its named choices, and what it asks for in words."""

    kind: str
    numbers: dict[str, int]
    text: Words
    choices: dict[str, str] = field(factory=dict)


@frozen(eq=False)
class Target:
    """A named weekly target; all requirements must hold. Compared by identity."""

    id: str
    label: Words
    requirements: tuple[Requirement, ...]
    unverified: tuple[str, ...] = ()


@frozen
class Shortfall:
    """A requirement that the week does not meet; `needed` and `got` in its own unit (minutes, days or
    bouts).
    """

    kind: str
    text: Words
    needed: int
    got: int

    def to_dict(self) -> dict[str, Any]:
        """The shortfall as JSON."""
        return {"kind": self.kind, "text": dict(self.text), "needed": self.needed, "got": self.got}


@frozen
class TargetResult:
    """Whether a week meets a target, and every requirement that is short.

    `minutes` counts the active minutes (moderate and vigorous) in a class and at home apart.
    """

    target: str
    met: bool
    shortfalls: tuple[Shortfall, ...]
    minutes: dict[str, int] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        shortfalls = [short.to_dict() for short in self.shortfalls]
        return {"target": self.target, "met": self.met, "shortfalls": shortfalls, "minutes": dict(self.minutes)}


Week = Sequence[ActivityDay]
BOUT_RULES = ("unbroken", "intervals", "summed")


def _weekly_minutes(week: Week, asked: Requirement) -> tuple[int, int]:
    moderate = sum(day.moderate_minutes for day in week)
    vigorous = sum(day.vigorous_minutes for day in week)
    return asked.numbers["minutes"], moderate + asked.numbers["vigorous_counts"] * vigorous


def _daily_minutes(week: Week, asked: Requirement) -> tuple[int, int]:
    return asked.numbers["days"], sum(day.active_minutes >= asked.numbers["minutes"] for day in week)


def _vigorous_bouts(week: Week, asked: Requirement) -> tuple[int, int]:
    once = asked.choices["on_distinct_days"] == "yes"
    counts = [_bouts_of(day, asked.numbers["minutes"], asked.choices["rule"]) for day in week]
    return asked.numbers["bouts"], sum(min(count, 1) if once else count for count in counts)


def _bouts_of(day: ActivityDay, minutes: int, rule: str) -> int:
    """How many bouts of so many minutes a day holds: unbroken, with interval blocks as bouts, or added up."""
    if rule == "summed":
        return day.vigorous_minutes // minutes
    blocks = [whole for _, whole in day.interval_blocks] if rule == "intervals" else []
    return sum(bout >= minutes for bout in (*day.vigorous_bouts, *blocks))


def _strength_days(week: Week, asked: Requirement) -> tuple[int, int]:
    return asked.numbers["days"], sum(day.strength for day in week)


@frozen
class _Kind:
    """A kind of requirement: its numbers, its choices with what each may be, and how a week is counted."""

    numbers: tuple[str, ...]
    count: Callable[[Week, Requirement], tuple[int, int]]
    choices: dict[str, tuple[str, ...]] = field(factory=dict)


_BOUT_CHOICES = {"rule": BOUT_RULES, "on_distinct_days": ("yes", "no")}
_KINDS = {
    "weekly-minutes": _Kind(("minutes", "vigorous_counts"), _weekly_minutes),
    "daily-minutes": _Kind(("minutes", "days"), _daily_minutes),
    "vigorous-bouts": _Kind(("bouts", "minutes"), _vigorous_bouts, _BOUT_CHOICES),
    "strength-days": _Kind(("days",), _strength_days),
}


def check_week(days: Sequence[ActivityDay], target: str | Target) -> TargetResult:
    """Whether seven days of activity meet `target`.

    More activity never turns a met target into an unmet one. A day without activity is `ActivityDay()`; a
    day of which nothing is known cannot be left out.

    Raises:
        PlanError: not seven days, or no such target.

    Source: protocols/training/targets.yaml (Kræftens Bekæmpelse 2015, section 7.2 and Oversigt II;
    Sundhedsstyrelsen 2023).
    """
    named = load_target(target)
    week = tuple(days)
    if len(week) != DAYS_A_WEEK or not all(isinstance(day, ActivityDay) for day in week):
        raise PlanError(f"a week is {DAYS_A_WEEK} ActivityDay records, an empty one for a quiet day")
    shortfalls = []
    for requirement in named.requirements:
        needed, got = _KINDS[requirement.kind].count(week, requirement)
        if got < needed:
            shortfalls.append(Shortfall(requirement.kind, requirement.text, needed, got))
    active, in_class = (sum(getattr(day, name) for day in week) for name in ("active_minutes", "class_minutes"))
    return TargetResult(named.id, not shortfalls, tuple(shortfalls), {"class": in_class, "home": active - in_class})


def load_target(target: str | Target) -> Target:
    """The shipped target with this id.

    Raises:
        PlanError: there is no such target.
        ProtocolError: targets.yaml contradicts itself.
    """
    if isinstance(target, Target):
        return target
    targets = load_targets()
    if not isinstance(target, str) or target not in targets:
        raise PlanError(f"there is no target '{target}'. Use one of: {', '.join(targets)}")
    return targets[target]


@lru_cache(maxsize=1)
def load_targets() -> dict[str, Target]:
    """All shipped targets by id.

    Raises:
        ProtocolError: targets.yaml contradicts itself; every fault with its place.
    """
    return read_targets(library_root() / "training" / "targets.yaml")


def read_targets(path: Path) -> dict[str, Target]:
    """The targets in a file of the format of targets.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = NumberReader()
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("targets",), ("targets",))
    entries = read.table(root.get("targets"), "targets").entries
    targets = {name: _target(read, name, node) for name, node in entries.items()}
    read.finish(shown_path(path))
    return targets


def _target(read: NumberReader, name: str, node: Node) -> Target:
    table = read.table(node, name, ("label", "requirements"), ("label", "requirements"))
    before = len(read.unverified)
    items = read.several(table.get("requirements"), name)
    requirements = tuple(_requirement(read, name, item) for item in items)
    label = read.both_languages(table.get("label"), name)
    return Target(name, label, requirements, tuple(read.unverified[before:]))


def _requirement(read: NumberReader, target: str, node: Node) -> Requirement:
    kind_node = read.table(node, target).get("kind") or Scalar("", Location("", 1, 1))
    kind = read.one_of(kind_node, f"{target}: kind", _KINDS) or ""
    names, choices = (_KINDS[kind].numbers, _KINDS[kind].choices) if kind else ((), {})
    keys = ("kind", "text", *names, *choices)
    table = read.table(node, f"{target}: {kind}", keys if kind else (), keys)
    numbers = {name: read.number(table.get(name), f"{target}.{kind}.{name}", lowest=1) for name in names}
    chosen = {name: _choice(read, table.get(name), f"{target}.{kind}.{name}", words) for name, words in choices.items()}
    return Requirement(kind, numbers, read.both_languages(table.get("text"), f"{target}: text"), chosen)


def _choice(read: NumberReader, node: Node | None, name: str, words: tuple[str, ...]) -> str:
    """A named choice out of a closed list, with its source."""
    table = read.table(node, name, ("value", "source", "verified", "note"), ("value", "source", "verified"))
    read.origin(table.get("source"), table.get("verified"), name)
    return read.one_of(table.get("value"), name, words) or words[0]
