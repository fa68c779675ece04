"""Single values of course JSON: a day, a text, a number, a measured value; each fault is a `ValueError`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeGuard

from exrx.errors import FieldError
from exrx.fields import load_dictionary
from exrx.outcomes.measures import Measure
from exrx.quantities import read_value

ANSWERS = {
    "yes": "yes", "ja": "yes", "true": "yes", "no": "no", "nej": "no", "false": "no",
    "unknown": "unknown", "ukendt": "unknown", "ved ikke": "unknown", "none": "unknown", "": "unknown",
}  # fmt: skip
"""What may be said, in either language and as JSON's own true and false."""


def sentence(error: Exception) -> str:
    """What an error says, for people."""
    if isinstance(error, KeyError) and not isinstance(error, FieldError):
        return f"the part needs {error}"
    return str(error)


def answer_of(given: Any, what: str) -> str:
    """yes, no or unknown; nothing is unknown."""
    said = str(given).strip().casefold()
    if said not in ANSWERS or not isinstance(given, (str, bool, type(None))):
        raise ValueError(f"{what} is yes, no or unknown, not '{said:.20}'")
    return ANSWERS[said]


def day_of(given: Mapping[str, Any], key: str, *, needed: bool = True) -> Any:
    """A day; None where there is none and it is not needed."""
    said = given.get(key)
    if said in (None, ""):
        if needed:
            raise ValueError(f"the part needs '{key}', a day such as 2026-11-23")
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise ValueError(f"'{key}' is no day; write it as 2026-11-23") from None


def text_of(given: Mapping[str, Any], key: str) -> str:
    """A short text, empty where there is none."""
    said = given.get(key)
    if said is None:
        return ""
    if not isinstance(said, str):
        raise ValueError(f"'{key}' is a text")
    return said.strip()


def object_of(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object of names, empty where there is none."""
    said = {} if given.get(key) is None else given[key]
    if not isinstance(said, Mapping):
        raise ValueError(f"'{key}' is an object of names and answers")
    return said


def list_of(given: Mapping[str, Any], key: str) -> list[Any]:
    """A list, empty where there is none."""
    said = [] if given.get(key) is None else given[key]
    if not isinstance(said, list):
        raise ValueError(f"'{key}' is a list")
    return said


def is_whole(given: Any) -> TypeGuard[int]:
    """Whether a JSON value is a whole number; true and false are none."""
    return isinstance(given, int) and not isinstance(given, bool)


def is_level(given: Any) -> TypeGuard[int]:
    """Whether a JSON value is a level of a goal."""
    return is_whole(given) and -2 <= given <= 2


def measured(measure: Measure, given: Mapping[str, Any]) -> float:
    """The value in the measure's unit.

    Raises:
        ValueError: there is none, or it cannot be so.
    """
    said, entry = given.get("value"), load_dictionary().fields.get(measure.field)
    if said is None or said == "":
        raise ValueError("a measurement has a value")
    if entry is not None and entry.scale is not None:
        span = read_value(said, entry.scale, given.get("unit"))
        if span.low != span.high:
            raise ValueError("a change needs a number, and this value is a range")
        return float(entry.scale.value(span.low))
    low, high = measure.plausible
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not low <= said <= high:
        raise ValueError(f"the value is a number from {low:g} to {high:g} {measure.unit}")
    return float(said)


def minutes(given: Any) -> int | None:
    """Minutes a week, None where nobody says."""
    if given is None:
        return None
    if not is_whole(given) or not 0 <= given <= 7 * 24 * 60:
        raise ValueError("'minutes_per_week' is a whole number of minutes")
    return given
