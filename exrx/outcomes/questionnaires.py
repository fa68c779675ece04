"""Questionnaires as data: which numbered items make a scale, how it is counted, named cut-offs. No item's wording.

Source: protocols/outcomes/questionnaires.yaml; every scoring and every cut-off has its own source and mark there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from exrx.errors import FieldError, ProtocolError
from exrx.library import library_root, shown_path
from exrx.protocol.schema import Reader
from exrx.protocol.sources import read_sources, sources_path
from exrx.yamlread import Node, Sequence, read_yaml

VERIFIED = ("primary", "secondary", "unverified")
COUNTS = ("linear", "sum", "summary")
BETTER = ("higher", "lower")
NONE = "none"
"""The level below the first one of a cut-off."""
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_COMPARISON = re.compile(r"(<=|>=|<|>) (\d+(?:\.\d+)?)")


@frozen
class Comparison:
    """`operator number`, such as `>= 10`."""

    operator: str
    number: float

    def holds(self, value: Any) -> Any:
        """Whether a number, or each of an array, is on this side; NaN never is."""
        return COMPARISONS[self.operator](value, self.number)

    def __str__(self) -> str:
        return f"{self.operator} {self.number:g}"


@frozen
class Scale:
    """A scale: `items` counted from 1 (or, for `summary`, the scales `of`), and which way is better.

    `turned`: the highest answers give the lowest score, as in the function scales of the QLQ-C30.
    """

    id: str
    label: dict[str, str] = field(hash=False)
    count: str
    better: str
    items: tuple[int, ...] = ()
    of: tuple[str, ...] = ()
    turned: bool = False


@frozen
class CutOff:
    """Named levels of a scale, each with its comparison; the last that holds is the level, else `none`."""

    id: str
    scale: str
    levels: tuple[tuple[str, Comparison], ...]
    source: str
    verified: str
    note: dict[str, str] = field(factory=dict, hash=False)

    @property
    def words(self) -> tuple[str, ...]:
        """`none` and the levels, in order."""
        return (NONE, *(level for level, _ in self.levels))


@frozen
class Alarm:
    """One answer that needs somebody now, whatever the sum: item (from 1), the least answer, what to say."""

    id: str
    item: int
    at_least: int
    source: str
    verified: str
    say: dict[str, str] = field(hash=False)


@frozen(eq=False)
class Questionnaire:
    """A form: the lowest and highest answer of each item, the scales, cut-offs and alarms."""

    id: str
    title: dict[str, str]
    licence: dict[str, str]
    ranges: tuple[tuple[int, int], ...]
    reversed: frozenset[int]
    scales: dict[str, Scale]
    cut_offs: dict[str, CutOff]
    alarms: tuple[Alarm, ...]
    source: str
    verified: str

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.ranges)

    def cut_off(self, wanted: str) -> CutOff:
        """The cut-off with this id; FieldError names those that there are."""
        if wanted not in self.cut_offs:
            known = ", ".join(self.cut_offs) or "none"
            raise FieldError(f"{self.id} has no cut-off '{wanted}'; it has: {known}")
        return self.cut_offs[wanted]


def questionnaires_path() -> Path:
    """The shipped questionnaires."""
    return library_root() / "outcomes" / "questionnaires.yaml"


@lru_cache(maxsize=1)
def load_questionnaires() -> dict[str, Questionnaire]:
    """The shipped questionnaires by id.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_questionnaires(questionnaires_path())


def find_questionnaire(wanted: str) -> Questionnaire:
    """The questionnaire with this id, in any case; FieldError names the nearest or all."""
    forms = load_questionnaires()
    key = re.sub(r"[ _]+", "-", wanted.strip().casefold())
    if key in forms:
        return forms[key]
    near = get_close_matches(key, forms, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(forms)}"
    raise FieldError(f"there is no questionnaire '{wanted}' here. {hint}")


def read_questionnaires(path: Path) -> dict[str, Questionnaire]:
    """The questionnaires of a file of the format of questionnaires.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = QuestionnaireReader(sources=frozenset(read_sources(sources_path())[0]))
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("questionnaires",), ("questionnaires",))
    forms = read.table(root.get("questionnaires"), "questionnaires")
    found = {name: read.questionnaire(name, node) for name, node in forms.entries.items()}
    if read.diagnostics:
        raise ProtocolError(f"{shown_path(path)} cannot be used", tuple(read.diagnostics))
    return found


_KEYS = ("title", "licence", "items", "answers", "answers_of", "reversed", "source", "verified", "scales", "cut_offs",
         "alarms")  # fmt: skip
_NEEDED = ("title", "licence", "items", "answers", "source", "verified", "scales")


@define
class CitedReader(Reader):
    """Reads blocks that name a source of the bibliography and say how it was seen."""

    sources: frozenset[str] = field(kw_only=True)

    def cited(self, table: Any, what: str) -> tuple[str, str]:
        """The source and the mark of a block."""
        source = self.text(table.get("source"), f"{what}: source")
        if source not in self.sources:
            self.fault("unknown-source", f"{what}: there is no source '{source}' in sources.yaml", table.location)
        return source, self.one_of(table.get("verified"), f"{what}: verified", VERIFIED) or "unverified"

    def comparison(self, node: Node | None, what: str) -> Comparison:
        """A comparison such as `>= 10`."""
        text = self.text(node, what)
        found = _COMPARISON.fullmatch(text)
        if found is None:
            place = node.location if node is not None else self._nowhere()
            self.fault("syntax", f"{what}: '{text}' is not a comparison", place, "write for example '>= 10'")
            return Comparison("<", 0)
        return Comparison(found[1], float(found[2]))

    def number(self, node: Node | None, what: str) -> float:
        """A plain number."""
        text = self.text(node, what)
        try:
            return float(text)
        except ValueError:
            place = node.location if node is not None else self._nowhere()
            self.fault("wrong-shape", f"{what} must be a number, not '{text}'", place)
            return 0.0

    @staticmethod
    def _nowhere() -> Any:
        from exrx.errors import Location

        return Location("", 1, 1)


@define
class QuestionnaireReader(CitedReader):
    """Reads the questionnaires, remembering every fault."""

    def questionnaire(self, name: str, node: Node) -> Questionnaire:
        """One form."""
        table = self.table(node, name, _KEYS, _NEEDED)
        items = self.whole(table.get("items"), f"{name}: items") or 0
        usual = self._range(table.get("answers"), f"{name}: answers")
        others = self.table(table.get("answers_of"), f"{name}: answers_of").entries
        ranges = tuple(
            self._range(others[str(item)], f"{name}: item {item}") if str(item) in others else usual
            for item in range(1, items + 1)
        )
        scales = self.table(table.get("scales"), f"{name}: scales").entries
        source, verified = self.cited(table, name)
        made = {key: self._scale(f"{name}: {key}", key, entry, items) for key, entry in scales.items()}
        cut_offs = self.table(table.get("cut_offs"), f"{name}: cut_offs").entries
        alarms = self.table(table.get("alarms"), f"{name}: alarms").entries
        return Questionnaire(
            name, self.both_languages(table.get("title"), f"{name}: title"),
            self.both_languages(table.get("licence"), f"{name}: licence"), ranges,
            frozenset(self._items(table.get("reversed"), f"{name}: reversed", items)), made,
            {key: self._cut_off(f"{name}: {key}", key, entry, made) for key, entry in cut_offs.items()},
            tuple(self._alarm(f"{name}: {key}", key, entry) for key, entry in alarms.items()), source, verified,
        )  # fmt: skip

    def _range(self, node: Node | None, what: str) -> tuple[int, int]:
        ends = [int(item.text) for item in self.texts(node, what) if item.text.isdecimal()]
        if len(ends) != 2 or ends[0] >= ends[1]:
            place = node.location if node is not None else self._nowhere()
            self.fault("wrong-shape", f"{what} must be [lowest, highest]", place)
            return (0, 1)
        return ends[0], ends[1]

    def _items(self, node: Node | None, what: str, items: int) -> tuple[int, ...]:
        found = []
        for scalar in self.texts(node, what):
            if not scalar.text.isdecimal() or not 1 <= int(scalar.text) <= items:
                self.fault("wrong-shape", f"{what}: there is no item {scalar.text}", scalar.location,
                           f"items go from 1 to {items}")  # fmt: skip
            else:
                found.append(int(scalar.text))
        return tuple(found)

    def _scale(self, what: str, key: str, node: Node, items: int) -> Scale:
        table = self.table(node, what, ("label", "items", "count", "better", "turned", "of"),
                           ("label", "count", "better"))  # fmt: skip
        of = table.get("of")
        return Scale(
            key, self.both_languages(table.get("label"), f"{what}: label"),
            self.one_of(table.get("count"), f"{what}: count", COUNTS) or "sum",
            self.one_of(table.get("better"), f"{what}: better", BETTER) or "lower",
            self._items(table.get("items"), f"{what}: items", items),
            tuple(scalar.text for scalar in of.items if hasattr(scalar, "text")) if isinstance(of, Sequence) else (),
            self.text(table.get("turned"), f"{what}: turned") == "yes",
        )  # fmt: skip

    def _cut_off(self, what: str, key: str, node: Node, scales: dict[str, Scale]) -> CutOff:
        keys = ("scale", "levels", "source", "verified", "note")
        table = self.table(node, what, keys, keys[:4])
        levels = self.table(table.get("levels"), f"{what}: levels").entries
        source, verified = self.cited(table, what)
        return CutOff(
            key, self.one_of(table.get("scale"), f"{what}: scale", scales) or "",
            tuple((level, self.comparison(entry, f"{what}: {level}")) for level, entry in levels.items()),
            source, verified, self.both_languages(table.get("note"), f"{what}: note"),
        )  # fmt: skip

    def _alarm(self, what: str, key: str, node: Node) -> Alarm:
        keys = ("item", "at_least", "source", "verified", "say")
        table = self.table(node, what, keys, keys)
        source, verified = self.cited(table, what)
        return Alarm(
            key, self.whole(table.get("item"), f"{what}: item") or 0,
            self.whole(table.get("at_least"), f"{what}: at_least") or 0, source, verified,
            self.both_languages(table.get("say"), f"{what}: say"),
        )  # fmt: skip
