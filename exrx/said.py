"""A value with what stands beside it in patient JSON: `{"value", "unit", "date", "origin", ..}`."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from attrs import frozen

from exrx.dates import DateSpan, read_date
from exrx.errors import QuantityError
from exrx.fields import Field
from exrx.values import WITHHELD, has_identifier

REFUSED_IDENTIFIER = "a CPR number stands here. Give a pseudonym, and no CPR number anywhere else."
_ENTRY_KEYS = frozenset({"value", "unit", "date", "time", "origin", "by"})
_GATE_KEYS = _ENTRY_KEYS | {"scope", "until", "limits"}
_FREE_TEXT = ("unit", "origin", "by", "scope", "limits")
_CLOCK = re.compile(r"(?:.*[T ])?([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?:[:.].*)?")


@frozen
class GateNote:
    """What stands beside a physician's answer: by whom, for what, until when, with which limits.

    `limits` is the text or the mapping as it came; `until` is the last day of the answer.
    """

    by: str = ""
    scope: str = ""
    until: DateSpan | None = None
    limits: Any = None


class Said:
    """One value with what stands beside it; `open` takes it apart."""

    def __init__(self, raw: Any, origin: str, day: DateSpan | None = None, unit: str | None = None) -> None:
        self.value, self.origin, self.date, self.unit = raw, origin, day, unit
        self.note: GateNote | None = None
        self.clock = ""

    def open(self, entry: Field) -> None:
        """Take `{"value", "date", ..}` apart; QuantityError if it is none. Other values stay as they are."""
        raw = self.value
        if not isinstance(raw, dict) or (entry.kind == "set" and raw.keys() == {"at_least"}):
            return
        self.value = raw.get("value")
        known = _GATE_KEYS if entry.group == "gates" else _ENTRY_KEYS
        if not raw.keys() <= known or "value" not in raw:
            wrong = sorted(raw.keys() - known)
            self.value = raw
            says = f"'{wrong[0]:.40}' is not a key of a value" if wrong else "there is no 'value' in it"
            raise QuantityError(
                f"{says}.", code="unknown-key", given=raw, suggestion=f"Use: {', '.join(sorted(known))}."
            )
        for key in ("unit", "origin", "by", "scope", "time"):
            if not isinstance(raw.get(key, ""), (str, type(None))):
                raise QuantityError(f"its {key} must be a text.", code="wrong-shape", given=raw)
        if has_identifier([raw.get(key) for key in _FREE_TEXT]):
            raise QuantityError(REFUSED_IDENTIFIER, code="identifier-refused", given=WITHHELD)
        self.date = read_date(raw["date"]) if raw.get("date") not in (None, "") else self.date
        self._read_clock(raw.get("time") or raw.get("date") or "", bool(raw.get("time")))
        self.unit = raw.get("unit") or self.unit
        self.origin = (raw.get("origin") or self.origin).strip()
        if known is _GATE_KEYS or raw.get("by"):
            self.note = _gate_note(raw)

    def _read_clock(self, text: str, required: bool) -> None:
        found = _CLOCK.fullmatch(text)
        if found:
            self.clock = f"{int(found[1]):02d}:{found[2]}"
        if required and "-" in text:
            self.date = read_date(text)
        elif required and not found:
            raise QuantityError(f"'{text:.40}' is not a time of day.", code="impossible-date", given=text)


def newness(index: int, reading: Said, readings: list[Said]) -> tuple[int, str, int]:
    """Sorts readings by day (undated is today), time of day if all have one, and place in the list."""
    day = reading.date.latest.toordinal() if reading.date else date.max.toordinal()
    return day, reading.clock if all(other.clock for other in readings) else "", index


def _gate_note(raw: dict[str, Any]) -> GateNote | None:
    by, scope, until, limits = (
        raw.get("by") or "",
        raw.get("scope") or "",
        raw.get("until"),
        raw.get("limits"),
    )
    if not isinstance(limits, (str, dict, type(None))):
        raise QuantityError(
            "its limits must be a text or a mapping of restrictions.", code="wrong-shape", given=raw
        )
    last = read_date(until) if until not in (None, "") else None
    return GateNote(by, scope, last, limits or None) if by or scope or last or limits else None
