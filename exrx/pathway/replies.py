"""A physician's reply to a question letter becomes that role's gate in patient JSON.

    id, role, answer, date, by, until, limits         answer: cleared, limited, refused (or the words of the form)

An answer without a date or a name is no answer: nobody can say how long it holds or whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from exrx.fields import load_dictionary

ANSWERS = {
    "cleared": "cleared", "ja": "cleared", "yes": "cleared",
    "limited": "limited", "ja, med grænser": "limited", "ja med grænser": "limited", "yes, with limits": "limited",
    "refused": "refused", "nej": "refused", "no": "refused",
}  # fmt: skip
"""What a reply may say, in the form's own words too."""


def gate_of(reply: Mapping[str, Any], as_of: date) -> tuple[str, dict[str, Any]]:
    """The field and the value of patient JSON that a reply is: `oncologist_clearance` and its gate.

    Raises:
        ValueError: a role, answer or day that cannot be used; the message says what may stand there.
    """
    role = str(reply.get("role") or "").strip().casefold()
    gates = (name for name, entry in load_dictionary().fields.items() if entry.kind == "gate")
    roles = [name.removesuffix("_clearance") for name in gates]
    if role not in roles:
        raise ValueError(f"'{role:.30}' is no role; write one of {', '.join(roles)}")
    said = str(reply.get("answer") or "").strip().casefold()
    if said not in ANSWERS:
        raise ValueError("the answer is cleared, limited or refused")
    by, day = str(reply.get("by") or "").strip(), _day(reply.get("date"), "date")
    if not by or day is None:
        raise ValueError("a reply needs the day and the name of the physician")
    if day > as_of:
        raise ValueError("the reply is dated after the day that is asked for")
    answer, limits = ANSWERS[said], str(reply.get("limits") or "").strip()
    if answer == "limited" and not limits:
        raise ValueError("the answer is 'limited' and says no limits; ask which")
    until = _day(reply.get("until"), "until")
    gate = {"value": answer, "date": day.isoformat(), "by": by, "origin": "reply"}
    gate |= {"until": until.isoformat()} if until else {}
    gate |= {"limits": limits} if answer == "limited" else {}
    return f"{role}_clearance", gate


def _day(given: Any, what: str) -> date | None:
    text = str(given or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{what}' is no day; write it as 2026-11-23") from None
