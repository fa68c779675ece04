"""Classes: `protocols/training/classes.yaml`, read and checked. A class gives a programme its days and its minutes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from attrs import frozen

from exrx.errors import PlanError
from exrx.library import library_root, shown_path
from exrx.training.targets import NumberReader, Words
from exrx.training.template import WEEKDAYS
from exrx.yamlread import Node, read_yaml

CONTENTS = ("training", "body-awareness")
PARTS = ("warm_up", "aerobic", "strength", "balance", "cool_down")
INTAKES = ("rolling", "fixed")
_KEYS = (
    "title", "weekdays", "weeks", "seats", "minutes", "anatomy", "intake", "equipment", "competence",
    "competence_verified",
)  # fmt: skip


@frozen
class Class:
    """A class: what happens on which weekday (Monday 0), how long a training day is and its parts, and who fits in."""

    id: str
    title: Words
    weekdays: dict[int, str]
    weeks: int
    seats: tuple[int, int]
    minutes: int
    parts: dict[str, int]
    intake: str
    equipment: tuple[str, ...]
    competence: Words
    unverified: tuple[str, ...] = ()
    start: str = ""

    @property
    def training_weekdays(self) -> tuple[int, ...]:
        """The days of physical training."""
        return tuple(day for day, content in sorted(self.weekdays.items()) if content == "training")

    @property
    def anatomy(self) -> dict[str, int]:
        """Minutes of the class and of its parts, by the template's parameter; balance is part of the warm-up."""
        main = self.parts["aerobic"] + self.parts["strength"]
        return {
            "class_minutes": self.minutes,
            "warm_up_minutes": self.parts["warm_up"] + self.parts["balance"],
            "cool_down_minutes": self.parts["cool_down"],
            "aerobic_share": 100 * self.parts["aerobic"] // main if main else 0,
        }


def load_class(name: str | Path | Class) -> Class:
    """The class with this id, or the only one in this file.

    Raises:
        PlanError: there is no such class, or the file holds several.
        ProtocolError: a file contradicts itself; every fault with its place.
    """
    if isinstance(name, Class):
        return name
    shipped = load_classes()
    if name in shipped:
        return shipped[str(name)]
    path = Path(name) if isinstance(name, (str, Path)) else Path()
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        raise PlanError(f"there is no class '{name}'. Use one of: {', '.join(shipped)}, or a file of that form")
    found = read_classes(path)
    if len(found) != 1:
        raise PlanError(f"{path.name} holds {len(found)} classes; give a file with one")
    return next(iter(found.values()))


@lru_cache(maxsize=1)
def load_classes() -> dict[str, Class]:
    """All shipped classes by id.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_classes(library_root() / "training" / "classes.yaml")


def read_classes(path: Path) -> dict[str, Class]:
    """The classes in a file of the form of classes.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = NumberReader()
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("classes",), ("classes",))
    entries = read.table(root.get("classes"), "classes").entries
    classes = {name: _class(read, name, node) for name, node in entries.items()}
    read.finish(shown_path(path))
    return classes


def _class(read: NumberReader, name: str, node: Node) -> Class:
    table = read.table(node, name, (*_KEYS, "start"), _KEYS)
    before = len(read.unverified)
    days = read.table(table.get("weekdays"), f"{name}: weekdays", WEEKDAYS).entries
    weekdays = {
        WEEKDAYS.index(day): read.one_of(content, f"{name}: {day}", CONTENTS) or CONTENTS[0]
        for day, content in days.items()
        if day in WEEKDAYS
    }
    anatomy = read.table(table.get("anatomy"), f"{name}: anatomy", PARTS, PARTS)
    parts = {part: read.number(anatomy.get(part), f"{name}.anatomy.{part}") for part in PARTS}
    minutes = read.number(table.get("minutes"), f"{name}.minutes", lowest=1)
    if sum(parts.values()) > minutes:
        message = f"{name}: the parts take {sum(parts.values())} minutes of {minutes}"
        read.fault("contradiction", message, table.location, "make the parts shorter or the class longer")
    if "training" not in weekdays.values():
        read.fault("contradiction", f"{name}: no weekday has training", table.location)
    read.origin(None, table.get("competence_verified"), f"{name}.competence")
    return Class(
        id=name,
        title=read.both_languages(table.get("title"), f"{name}: title"),
        weekdays=weekdays,
        weeks=read.number(table.get("weeks"), f"{name}.weeks", lowest=1),
        seats=_seats(read, name, table.get("seats")),
        minutes=minutes,
        parts=parts,
        intake=read.one_of(table.get("intake"), f"{name}: intake", INTAKES) or INTAKES[0],
        equipment=tuple(scalar.text for scalar in read.texts(table.get("equipment"), f"{name}: equipment")),
        competence=read.both_languages(table.get("competence"), f"{name}: competence"),
        unverified=tuple(f"classes.{each}" for each in read.unverified[before:]),
        start=read.text(table.get("start"), f"{name}: start"),
    )


def _seats(read: NumberReader, name: str, node: Node | None) -> tuple[int, int]:
    keys = ("low", "high", "source", "verified")
    table = read.table(node, f"{name}: seats", (*keys, "note"), keys)
    read.origin(table.get("source"), table.get("verified"), f"{name}.seats")
    low, high = (read.whole(table.get(key), f"{name}: seats") or 0 for key in ("low", "high"))
    if low > high:
        read.fault("wrong-shape", f"{name}: seats must be fewest, then most", table.location)
    return low, high
