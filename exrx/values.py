"""One value as people give it becomes what is possible for its field, and the other way round.

Values are plain JSON here (`json_safe` makes them so). A value that cannot be used raises `QuantityError`;
the caller turns it into a `Problem`. Nothing here knows a patient.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from exrx.dates import DateSpan, read_date
from exrx.errors import QuantityError
from exrx.fields import NO, YES, Field, Members, Possible, Span
from exrx.quantities import read_value

WITHHELD = "identifier withheld"
"""Stands wherever a CPR number was given; read back, it is refused again."""
UNSHOWABLE = "the id holds a control character, such as a line break. Give a plain pseudonym."

_UNKNOWN = frozenset({"unknown", "ukendt", "ved ikke", "ved_ikke"})
_NEVER = frozenset({"never", "aldrig"})
_FLAG_WORDS = {"yes": YES, "ja": YES, "no": NO, "nej": NO}
_GAP = r"\s*[-\u2010-\u2015\u2212\u2043./\\_:]?\s*"
_CPR = rf"(?:([0-9]{{2}})([0-9]{{2}})[0-9]{{2}}|([0-9]{{2}})([-./ ])([0-9]{{2}})\4[0-9]{{2}}){_GAP}([0-9]{{4}})"
_CPR_ALONE = re.compile(rf"[^0-9]*{_CPR}[^0-9]*")
_CPR_WITHIN = re.compile(rf"(?<![0-9A-Za-z]){_CPR}(?![0-9A-Za-z])")
_CPR_NUMBER = re.compile(rf"\s*([0-9]{{5}}{_GAP}[0-9]{{4}}|[0-9]{{9,10}})(?:[.,]0*)?\s*")
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BEGINS_AS_DATE = re.compile(r"\s*[0-9]{4}-[0-9]{2}")
_DEEPEST = 6
_LARGEST = 10**40


def read_given(entry: Field, value: Any, unit: str | None = None) -> Possible | DateSpan:
    """What `value` says about a field: ticks, options, or a date (elapsed fields, and a birth date as age).

    Raises:
        QuantityError: it says nothing usable; `code` tells why (see the codes of `Problem`).
    """
    return entry.unknown if _says_unknown(entry, value) else _READ[entry.kind](entry, value, unit)


def is_missing(value: Any) -> bool:
    """True for null and an empty text: nobody said anything. (A written "unknown" is an answer: nobody knows.)"""
    return value is None or (isinstance(value, str) and not value.strip())


def _says_unknown(entry: Field, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    word = value.strip().casefold()
    return word in _UNKNOWN and word not in entry.options


def _read_flag(entry: Field, value: Any, unit: str | None) -> Possible:
    if isinstance(value, bool):
        return YES if value else NO
    word = value.strip().casefold() if isinstance(value, str) else None
    if word in _FLAG_WORDS:
        return _FLAG_WORDS[word]
    raise _not_an_option(entry, value, "yes, no, unknown")


def _read_option(entry: Field, value: Any, unit: str | None) -> Possible:
    if isinstance(value, str):
        if value in entry.options:
            return 1 << entry.options.index(value)
        word = _plain(value)
        for index, option in enumerate(entry.options):
            if _plain(option) == word:
                return 1 << index
    raise _not_an_option(entry, value, ", ".join(entry.options))


def _read_set(entry: Field, value: Any, unit: str | None) -> Possible:
    complete = not isinstance(value, dict)
    items = value if complete else value.get("at_least") if value.keys() == {"at_least"} else None
    if items == "none" and complete:
        items = []
    if not isinstance(items, list):
        raise QuantityError(
            'a set is a list of all its members, [] if there are none, or {"at_least": [..]}.',
            code="wrong-shape", given=value, suggestion=f"Its members: {', '.join(entry.options)}.",
        )  # fmt: skip
    sure = 0
    for item in items:
        sure |= int(_read_option(entry, item, None))  # type: ignore[arg-type]
    return Members(sure, sure if complete else entry.every_option)


def _read_elapsed(entry: Field, value: Any, unit: str | None) -> Possible | DateSpan:
    if isinstance(value, str) and value.strip().casefold() in _NEVER:
        return entry.never
    return read_date(value)


def _read_number(entry: Field, value: Any, unit: str | None) -> Possible | DateSpan:
    if isinstance(value, (bool, dict)):
        raise QuantityError(f"{value!s:.60} is not a number.", code="not-a-number", given=value)
    if entry.name == "age" and isinstance(value, str) and _BEGINS_AS_DATE.match(value):
        return read_date(value)
    return read_value(value, entry.ticks, unit)


_READ: dict[str, Callable[[Field, Any, str | None], Possible | DateSpan]] = {
    "flag": _read_flag,
    "choice": _read_option,
    "ordered": _read_option,
    "gate": _read_option,
    "set": _read_set,
    "elapsed": _read_elapsed,
    "quantity": _read_number,
    "score": _read_number,
}


def _not_an_option(entry: Field, value: Any, options: str) -> QuantityError:
    return QuantityError(
        f"{value!r:.60} is not an answer for '{entry.name}'.", code="not-an-option", given=value,
        suggestion=f"Use one of: {options}.",
    )  # fmt: skip


def _plain(word: str) -> str:
    return word.strip().casefold().replace("_", "-").replace(" ", "-")


def shown_value(entry: Field, possible: Possible | DateSpan) -> str:
    """A possible value for people, without its unit: `45`, `<20`, `yes`, `port or picc`, `lumbar, pelvis`."""
    if isinstance(possible, DateSpan):
        return possible.text
    if isinstance(possible, Span):
        if entry.kind == "elapsed" and possible == entry.never:
            return "never"
        return entry.ticks.text(possible.low, possible.high)
    if isinstance(possible, Members):
        names = ", ".join(entry.names(possible.sure))
        if possible.sure == possible.possible:
            return names or "none"
        return f"at least {names}" if names else "unknown"
    return "unknown" if possible == entry.every_option else " or ".join(entry.names(possible))


def has_identifier(given: Any) -> bool:
    """True where a CPR number stands in a JSON value: ten digits that begin with a day and a month.

    Replacement numbers (day + 60) count, whatever stands between the parts, and as a number without its first zero.
    """
    if isinstance(given, str):
        return len(given) >= 9 and _is_identifier(given)
    if isinstance(given, float):
        return given.is_integer() and has_identifier(int(given))
    if isinstance(given, int):
        return _is_identifier(f"{abs(given):010d}") if abs(given) < 10**10 else False
    if isinstance(given, dict):
        return any(has_identifier(part) for pair in given.items() for part in pair)
    return isinstance(given, list) and any(has_identifier(part) for part in given)


def without_identifiers(text: str) -> str:
    """The text with `WITHHELD` for each CPR number in it."""

    def hide(found: re.Match[str]) -> str:
        born = _begins_as_birth(int(found[1] or found[3]), int(found[2] or found[5]), found[6])
        return WITHHELD if born else found[0]

    return _CPR_WITHIN.sub(hide, text)


def _is_identifier(text: str) -> bool:
    if text == WITHHELD:
        return True
    if not text.isascii():
        text = "".join(
            letter if letter.isascii() or not letter.isdigit() else str(unicodedata.digit(letter, ""))
            for letter in text
            if unicodedata.category(letter) != "Cf"
        )
    number = _CPR_NUMBER.fullmatch(text)
    if number:
        text = "".join(letter for letter in number[1] if letter.isdigit()).zfill(10)
    return any(
        _begins_as_birth(int(found[1] or found[3]), int(found[2] or found[5]), found[6])
        for found in (_CPR_ALONE.fullmatch(text), *_CPR_WITHIN.finditer(text))
        if found
    )


def _begins_as_birth(day: int, month: int, serial: str) -> bool:
    """Whether a number begins as CPR numbers do; a replacement number (day + 60) with the serial 0000 is a count."""
    return 1 <= month <= 12 and (1 <= day <= 31 or (61 <= day <= 91 and serial != "0000"))


def row_name(number: int, taken: Collection[str] = ()) -> str:
    """What the patient in a row without a usable id is called; another name than any in `taken`."""
    name = f"row-{number}"
    while name in taken:
        name += "-nameless"
    return name


def is_unshowable(name: str) -> bool:
    """True for an id with a character that no list can show: a line break, an escape, half a character."""
    return not name.isprintable() and any(unicodedata.category(letter) in _UNSHOWN for letter in name)


def json_safe(value: Any, depth: int = 0) -> Any:
    """The value as plain JSON, copied; what JSON cannot hold becomes text that is no value."""
    if value is None or isinstance(value, (str, bool)):
        return value if value is None or type(value) in (str, bool) else str(value)
    if isinstance(value, Integral):
        return int(value) if abs(int(value)) < _LARGEST else "(a number too large)"
    if isinstance(value, Real):
        number = float(value)
        return number if number - number == 0 else str(number)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        return json_safe(value.item(), depth)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(key): json_safe(item, depth + 1) for key, item in value.items()}
    if depth < _DEEPEST and isinstance(value, (list, tuple)):
        return [json_safe(item, depth + 1) for item in value]
    if depth < _DEEPEST and isinstance(value, (set, frozenset)):
        return sorted((json_safe(item, depth + 1) for item in value), key=str)
    return f"({type(value).__name__})"


def either(entry: Field, one: Any, other: Any) -> Possible | DateSpan | None:
    """What is possible when either of two answers may be the newer one."""
    if one is None or other is None or type(one) is not type(other):
        return None if one is None or other is None else entry.unknown
    if isinstance(one, DateSpan):
        return DateSpan(min(one.earliest, other.earliest), max(one.latest, other.latest))
    if isinstance(one, Span):
        return Span(min(one.low, other.low), max(one.high, other.high))
    if isinstance(one, Members):
        return Members(one.sure & other.sure, one.possible | other.possible)
    return one | other
