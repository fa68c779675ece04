"""One entry of the data dictionary: a field, its possible values, and which way is worse.

What may be held of a field, per kind:

    quantity, elapsed, score       Span(low, high): a closed interval of ticks
    flag, choice, ordered, gate    an int, bit i set when option i is possible
    set                            Members(sure, possible): two such ints
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from attrs import define, field, frozen

from exrx.errors import FieldError
from exrx.quantities import Scale, Span

FLAG_OPTIONS = ("no", "yes")
NO, YES, UNKNOWN_FLAG = 0b01, 0b10, 0b11
GATE_OPTIONS = ("cleared", "limited", "pending", "not-asked", "refused")
NUMERIC_KINDS = frozenset({"quantity", "elapsed", "score"})
OPTION_KINDS = frozenset({"flag", "choice", "ordered", "gate"})
KINDS = NUMERIC_KINDS | OPTION_KINDS | {"set"}


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
    unticked: Possible | None = None
    validity: Validity | None = None
    typical: Any = None
    towards_future: bool = False
    role: str | None = None
    answers: tuple[str, ...] = ()
    items: dict[str, dict[str, int]] = field(factory=dict)
    aliases: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    note: str = ""
    can_change: bool | None = None

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

    @cached_property
    def changeable(self) -> bool:
        """Whether a better answer may honestly be hoped for within days.

        True of blood counts, of vital signs, of physicians' answers, and of what is asked anew on each day; never of a
        field that has no worse side. `changeable:` in the dictionary says otherwise where that is wrong.
        """
        if self.can_change is not None:
            return self.can_change
        each_day = self.validity is not None and self.validity.days == 0
        return self.worse.kind != "none" and (self.group in ("blood", "vitals", "gates") or each_day)

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
WORSE_KINDS = frozenset(_WIDEN)
