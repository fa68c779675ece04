"""The data dictionary: every field a patient may have, with unit, plausible range, worse direction and labels.

A field says what values are possible and which way is worse; nothing here knows a patient or a protocol. What may be
held, per kind:

    quantity, elapsed, score       Span(low, high): a closed interval of ticks
    flag, choice, ordered, gate    an int, bit i set when option i is possible
    set                            Members(sure, possible): two such ints
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from exrx.errors import FieldError
from exrx.library import library_root, shown_path
from exrx.quantities import Scale, Span
from exrx.yamlread import canonical_sha256, read_yaml

FLAG_OPTIONS = ("no", "yes")
NO, YES, UNKNOWN_FLAG = 0b01, 0b10, 0b11
GATE_OPTIONS = ("cleared", "limited", "pending", "not-asked", "refused")
NUMERIC_KINDS = frozenset({"quantity", "elapsed", "score"})
OPTION_KINDS = frozenset({"flag", "choice", "ordered", "gate"})
KINDS = NUMERIC_KINDS | OPTION_KINDS | {"set"}
LONGEST_ELAPSED_DAYS = 100_000


@frozen
class Members:
    """What is known of a set: bit i of `sure` when option i is in it, of `possible` when it may be."""

    sure: int
    possible: int


Possible = Span | int | Members


@frozen
class Worse:
    """Which way a field gets worse: kind lower, higher, yes, no, outside, order or none.

    For `outside`, `low` and `high` are ticks: below `low` and above `high` are worse. For `order`, `options` are the
    option indices from best to worst.
    """

    kind: str = "none"
    low: int = 0
    high: int = 0
    options: tuple[int, ...] = ()


@frozen
class Validity:
    """How long a value speaks for today: `days` after its date, and not past any of the events `until`."""

    days: int | None = None
    until: tuple[str, ...] = ()
    verified: str = "unverified"
    note: str = ""

    def stricter(self, other: Validity) -> Validity:
        """The validity that ends first in every respect."""
        days = min((d for d in (self.days, other.days) if d is not None), default=None)
        until = tuple(dict.fromkeys((*self.until, *other.until)))
        verified = self.verified if self.verified == other.verified else "unverified"
        return Validity(days, until, verified, self.note or other.note)


@frozen
class Code:
    """A code for the field in a terminology, with where that was verified."""

    system: str
    code: str
    verified: str
    where: str


@define(eq=False, slots=False, repr=False)
class Field:
    """One entry of the dictionary; compared by identity (one dictionary, one field object a name)."""

    name: str
    kind: str
    group: str
    label: dict[str, str]
    who: str = "record"
    worse: Worse = Worse()
    scale: Scale | None = None
    options: tuple[str, ...] = ()
    option_labels: dict[str, dict[str, str]] = field(factory=dict)
    option_codes: dict[str, tuple[Code, ...]] = field(factory=dict)
    unticked: int | None = None
    validity: Validity | None = None
    typical: Any = None
    towards_future: bool = False
    role: str | None = None
    answers: tuple[str, ...] = ()
    items: dict[str, dict[str, int]] = field(factory=dict)
    aliases: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"

    @property
    def is_numeric(self) -> bool:
        """True for quantity, elapsed and score: its values are spans of ticks."""
        return self.kind in NUMERIC_KINDS

    @cached_property
    def ticks(self) -> Scale:
        """The scale of a numeric field."""
        if self.scale is None:
            raise FieldError(f"'{self.name}' is a {self.kind} and has no scale")
        return self.scale

    @cached_property
    def every_option(self) -> int:
        """The mask with every option set."""
        return (1 << len(self.options)) - 1

    @cached_property
    def unknown(self) -> Possible:
        """What is possible when nothing is known: everything plausible."""
        if self.is_numeric:
            return Span(self.ticks.lowest, self.ticks.highest)
        if self.kind == "set":
            return Members(0, self.every_option)
        return self.every_option

    @cached_property
    def never(self) -> Span:
        """For an elapsed field: later than every limit."""
        return Span(self.ticks.highest, self.ticks.highest)

    def mask(self, option: str) -> int:
        """The mask of one option; FieldError with a suggestion when there is no such option."""
        try:
            return 1 << self.options.index(option)
        except ValueError:
            raise FieldError(
                f"'{option}' is not an answer for '{self.name}'. Use one of: {', '.join(self.options)}"
            ) from None

    def names(self, mask: int) -> tuple[str, ...]:
        """The options in a mask, in the dictionary's order."""
        return tuple(option for i, option in enumerate(self.options) if mask >> i & 1)

    def is_known(self, possible: Possible) -> bool:
        """True when exactly one value is possible."""
        if isinstance(possible, Span):
            return possible.low == possible.high
        if isinstance(possible, Members):
            return possible.sure == possible.possible
        return possible.bit_count() == 1

    def expired(self, possible: Possible) -> Possible:
        """What an expired value still says: it widens towards the worse side only."""
        return _WIDEN[self.worse.kind](self, possible)

    def labelled(self, lang: str) -> str:
        """The label in `lang` (`da` or `en`), or the field's name with spaces."""
        return self.label.get(lang) or self.label.get("en") or self.name.replace("_", " ")

    def option_label(self, option: str, lang: str) -> str:
        """An option's label in `lang`, or the option itself."""
        return self.option_labels.get(option, {}).get(lang, option.replace("-", " "))


def _as_unknown(entry: Field, possible: Possible) -> Possible:
    return entry.unknown


def _lower_possible(entry: Field, possible: Any) -> Possible:
    return Span(entry.ticks.lowest, possible.high)


def _higher_possible(entry: Field, possible: Any) -> Possible:
    if entry.kind in ("ordered", "gate"):
        return possible | (entry.every_option & -(possible & -possible))
    return Span(possible.low, entry.ticks.highest)


def _yes_possible(entry: Field, possible: Any) -> Possible:
    if isinstance(possible, Members):
        return Members(possible.sure, entry.every_option)
    return possible | YES


def _no_possible(entry: Field, possible: Any) -> Possible:
    return possible | NO


def _outer_possible(entry: Field, possible: Any) -> Possible:
    scale, worse = entry.ticks, entry.worse
    low = scale.lowest if possible.low <= worse.high else possible.low
    high = scale.highest if possible.high >= worse.low else possible.high
    return Span(low, high)


def _worse_options_possible(entry: Field, possible: Any) -> Possible:
    widened = 0
    for option in entry.worse.options:
        if widened or possible >> option & 1:
            widened |= 1 << option
    return widened | possible


_WIDEN: dict[str, Callable[[Field, Any], Possible]] = {
    "none": _as_unknown,
    "lower": _lower_possible,
    "higher": _higher_possible,
    "yes": _yes_possible,
    "no": _no_possible,
    "outside": _outer_possible,
    "order": _worse_options_possible,
}


@frozen
class Tie:
    """Two tied fields: when every possible value of `if_field` lies in `if_mask`, `then_field` lies in `then_mask`.

    For a set as `if_field`, the condition is that the set has a sure member in `if_mask`.
    """

    if_field: str
    if_mask: int
    then_field: str
    then_mask: int


@define(eq=False, slots=False)
class Dictionary:
    """All fields by name, with aliases, ties, events and the closed lists of the vocabulary."""

    fields: dict[str, Field]
    ties: tuple[Tie, ...]
    events: dict[str, str]
    vocabulary: dict[str, dict[str, dict[str, str]]]
    edition: str
    sha256: str

    @cached_property
    def names_by_alias(self) -> dict[str, str]:
        """Every name and alias in lower case, to the field's name."""
        names = {alias.casefold(): entry.name for entry in self.fields.values() for alias in entry.aliases}
        return names | {name: name for name in self.fields}

    def field(self, name: str) -> Field:
        """The field called `name` or known by it; FieldError with the nearest names otherwise."""
        found = self.fields.get(name) or self.fields.get(self.names_by_alias.get(_plain(name), ""))
        if found is None:
            near = get_close_matches(_plain(name), self.names_by_alias, n=3)
            hint = f" Did you mean: {', '.join(dict.fromkeys(self.names_by_alias[n] for n in near))}?" if near else ""
            raise FieldError(f"there is no field called '{name}'.{hint}")
        return found

    def word(self, kind: str, key: str, lang: str) -> str:
        """The label of a vocabulary key, or the key with spaces where it has none."""
        return self.vocabulary.get(kind, {}).get(key, {}).get(lang) or key.replace("-", " ")


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_") if name.isascii() else name.strip().casefold()


def load_dictionary() -> Dictionary:
    """The shipped dictionary, read once a process.

    Raises:
        ProtocolError: the shipped files are missing or damaged.
        FieldError: the dictionary contradicts itself (for authors of the dictionary).
    """
    return _read_dictionary(library_root())


@lru_cache(maxsize=4)
def _read_dictionary(root: Path) -> Dictionary:
    content = read_yaml(root / "fields.yaml", shown_path(root / "fields.yaml")).plain()
    vocabulary = read_yaml(root / "vocabulary.yaml", shown_path(root / "vocabulary.yaml")).plain()
    fields = {name: _field(name, entry) for name, entry in content["fields"].items()}
    for entry in fields.values():
        if entry.kind == "score":
            fields[entry.name] = _scored(entry, fields)
    ties = tuple(_tie(rule, fields) for rule in content.get("implies", ()))
    lists = {name: entries for name, entries in vocabulary.items() if isinstance(entries, dict)}
    sha256 = canonical_sha256([content, vocabulary])
    return Dictionary(fields, ties, content.get("events", {}), lists, content.get("edition", ""), sha256)


def _field(name: str, entry: dict[str, Any]) -> Field:
    kind = entry["kind"]
    if kind not in KINDS:
        raise FieldError(f"fields.yaml: '{name}' has the unknown kind '{kind}'")
    scale = _scale(name, entry)
    options = _options(kind, entry)
    made = Field(
        name=name,
        kind=kind,
        group=entry.get("group", "others"),
        label=entry.get("label", {}),
        who=entry.get("who", "record"),
        scale=scale,
        options=options,
        option_labels=entry.get("option_labels", {}),
        option_codes={option: _codes(codes) for option, codes in entry.get("option_codes", {}).items()},
        validity=read_validity(entry["validity"]) if "validity" in entry else None,
        typical=entry.get("typical"),
        towards_future=entry.get("towards") == "future",
        role=entry.get("role"),
        answers=tuple(entry.get("answers", ())),
        items={item: {k: int(v) for k, v in points.items()} for item, points in entry.get("items", {}).items()},
        aliases=tuple(entry.get("aliases", ())),
        codes=_codes(entry.get("codes", ())),
        note=entry.get("note", ""),
    )
    made.worse = _worse(made, entry.get("worse", "none"))
    if "no" in entry:
        made.unticked = made.mask(entry["no"])
    elif kind == "flag" and entry.get("form") != "no":
        made.unticked = NO
    return made


def _scale(name: str, entry: dict[str, Any]) -> Scale | None:
    if entry["kind"] == "elapsed":
        return Scale(name, "d", Decimal(1), Decimal(0), Decimal(LONGEST_ELAPSED_DAYS), whole=True)
    if entry["kind"] != "quantity":
        return None
    low, high = entry["plausible"]
    analyte = entry.get("analyte", {})
    return Scale(
        name=name,
        unit=entry["unit"],
        resolution=Decimal(entry["resolution"]),
        low=Decimal(low),
        high=Decimal(high),
        spellings=tuple(entry.get("units", ())),
        whole=entry.get("whole") == "yes",
        ambiguous=tuple(entry.get("ambiguous", ())),
        mass_unit=analyte.get("mass_unit"),
        mass_factor=Decimal(analyte["factor"]) if analyte else None,
    )


def _scored(score: Field, fields: dict[str, Field]) -> Field:
    low = sum(min(points.values()) for points in score.items.values())
    high = sum(max(points.values()) for points in score.items.values())
    for item, points in score.items.items():
        if set(points) != set(fields[item].options):
            raise FieldError(f"fields.yaml: score '{score.name}' does not give points to every answer of '{item}'")
    score.scale = Scale(score.name, "{score}", Decimal(1), Decimal(low), Decimal(high), whole=True)
    return score


def _options(kind: str, entry: dict[str, Any]) -> tuple[str, ...]:
    if kind == "flag":
        return FLAG_OPTIONS
    if kind == "gate":
        return GATE_OPTIONS
    return tuple(entry.get("options", ()))


def _worse(entry: Field, given: Any) -> Worse:
    if entry.kind == "gate":
        return Worse("higher")
    if isinstance(given, dict) and "outside" in given:
        low, high = (entry.ticks.tick(Decimal(bound)) for bound in given["outside"])
        return Worse("outside", low, high)
    if isinstance(given, dict) and "order" in given:
        return Worse("order", options=tuple(entry.options.index(option) for option in given["order"]))
    if entry.kind == "ordered" and given == "lower":
        return Worse("order", options=tuple(reversed(range(len(entry.options)))))
    if given not in _WIDEN:
        raise FieldError(f"fields.yaml: '{entry.name}' has the unknown worse direction '{given}'")
    return Worse(given)


_DAYS = {"d": 1, "day": 1, "days": 1, "week": 7, "weeks": 7, "h": 0, "months": 30, "years": 365}


def read_validity(entry: dict[str, Any]) -> Validity:
    """A validity from its YAML form, `{for: 7 d, until: [event], verified: .., note: ..}`."""
    days = None
    if "for" in entry:
        number, unit = entry["for"].split()
        days = int(number) * _DAYS[unit]
    until = entry.get("until", [])
    return Validity(
        days, tuple([until] if isinstance(until, str) else until), entry.get("verified", "unverified"),
        entry.get("note", ""),
    )


def _codes(entries: Any) -> tuple[Code, ...]:
    return tuple(Code(e["system"], e["code"], e.get("verified", "unverified"), e.get("where", "")) for e in entries)


def _tie(rule: dict[str, Any], fields: dict[str, Field]) -> Tie:
    (if_name, if_options), = rule["if"].items()
    (then_name, then_options), = rule["then"].items()
    return Tie(if_name, _tie_mask(fields[if_name], if_options), then_name, _tie_mask(fields[then_name], then_options))


def _tie_mask(entry: Field, options: Any) -> int:
    if options == "any":
        return entry.every_option
    mask = 0
    for option in [options] if isinstance(options, str) else options:
        mask |= entry.mask(option)
    return mask
