"""A physician's reply to a question letter becomes that role's gate in patient JSON.

    id, role, answer, date, by, until, limits         answer: cleared, limited, refused (or the words of the form)

An answer without a date or a name is no answer: nobody can say how long it holds or whose it is. The newest answer
holds; of two of one day the stricter does, and no reply undoes a later or an undated refusal of the record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from exrx.fields import GATE_OPTIONS, load_dictionary
from exrx.patient import Observation, Patient
from exrx.said import REFUSED_IDENTIFIER
from exrx.values import has_identifier

ANSWERS = {
    "cleared": "cleared", "ja": "cleared", "yes": "cleared",
    "ja, uden grænser": "cleared", "yes, without limits": "cleared",
    "limited": "limited", "ja, med grænser": "limited", "ja med grænser": "limited", "yes, with limits": "limited",
    "refused": "refused", "nej": "refused", "no": "refused",
}  # fmt: skip
"""What a reply may say, in the form's own words too."""
STRICTER = ("cleared", "limited", "refused")


def with_replies(
    patients: Sequence[Patient], replies: Sequence[Mapping[str, Any]], as_of: date
) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Every patient as patient JSON with the gates that the replies are; and (row, why) of each reply not used."""
    made = [patient.to_dict() for patient in patients]
    rows: dict[str, list[int]] = defaultdict(list)
    for place, patient in enumerate(patients):
        rows[patient.id].append(place)
    refused: list[tuple[int, str]] = []
    found: dict[tuple[int, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for row, reply in enumerate(replies):
        try:
            name, gate = gate_of(reply, as_of)
            found[_place(str(reply["id"]), rows), name].append((row, gate))
        except ValueError as error:
            refused.append((row, str(error)))
    spoiled = {(str(replies[row]["id"]), _role(replies[row])) for row, _ in refused}
    for (place, name), gates in found.items():
        held = patients[place].observations.get(name)
        gate, others = _holding(gates)
        refused += others
        why = _outdone(held, gate) or _doubtful(patients[place].id, name, gate, spoiled)
        if why:
            refused += [(row, why) for row, each in gates if each["date"] == gate["date"]]
            continue
        for key in held.source or () if held else ():
            made[place].pop(key, None)
        made[place][name] = gate
    return made, sorted(refused)


def _role(reply: Mapping[str, Any]) -> str:
    return f"{str(reply.get('role') or '').strip().casefold()}_clearance"


def _doubtful(name: str, field: str, gate: Mapping[str, Any], spoiled: set[tuple[str, str]]) -> str:
    """Why a yes does not count: what this role, or an unknown one, also answered could not be used."""
    roles = {role for other, role in spoiled if other == name}
    known = {key for key, entry in load_dictionary().fields.items() if entry.kind == "gate"}
    doubt = field in roles or roles - known
    return "another reply about this patient could not be used; settle that first" if (
        doubt and gate["value"] == "cleared") else ""  # fmt: skip


def _place(name: str, rows: Mapping[str, list[int]]) -> int:
    if name not in rows or not name:
        raise ValueError(f"there is no patient '{name:.40}' in the input")
    if len(rows[name]) > 1:
        raise ValueError(f"{len(rows[name])} patients have the id '{name:.40}'; give each its own")
    return rows[name][0]


def _holding(gates: list[tuple[int, dict[str, Any]]]) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """The gate of the newest day, the strictest of several on it; the freer ones of that day are named."""
    newest = max(gate["date"] for _, gate in gates)
    last = [(row, gate) for row, gate in gates if gate["date"] == newest]
    strict = max((gate for _, gate in last), key=lambda gate: STRICTER.index(gate["value"]))
    freer = [(row, f"another reply of that day is '{strict['value']}'; the stricter holds")
             for row, gate in last if gate["value"] != strict["value"]]  # fmt: skip
    alike = [gate for _, gate in last if gate["value"] == strict["value"]]
    limits = list(dict.fromkeys(gate["limits"] for gate in alike if "limits" in gate))
    ends = [gate["until"] for gate in alike if "until" in gate]
    merged = strict | ({"limits": "; ".join(limits)} if limits else {}) | ({"until": min(ends)} if ends else {})
    return merged, freer


def _outdone(held: Observation | None, gate: Mapping[str, Any]) -> str:
    """Why the record's own answer stands against a reply; empty where the reply may take its place."""
    answers = tuple(_answers(held))
    stricter = [answer for answer in answers if STRICTER.index(answer) > STRICTER.index(gate["value"])]
    if held is None or not answers:
        return ""
    if held.date is None:
        return f"the record says '{stricter[0]}' without a day; say when that was" if stricter else ""
    newer, same = held.date.latest.isoformat() > gate["date"], held.date.latest.isoformat() == gate["date"]
    if newer or (same and stricter):
        return f"the record holds '{answers[0]}' of {held.date.text}, which is newer or stricter; that stands"
    return ""


def _answers(held: Observation | None) -> Iterator[str]:
    possible = held.possible if held else None
    if isinstance(possible, int):
        yield from (option for place, option in enumerate(GATE_OPTIONS)
                    if possible >> place & 1 and option in STRICTER)  # fmt: skip


def gate_of(reply: Mapping[str, Any], as_of: date) -> tuple[str, dict[str, Any]]:
    """The field and the value of patient JSON that a reply is: `oncologist_clearance` and its gate.

    Raises:
        ValueError: a role, answer or day that cannot be used; the message says what may stand there.
    """
    if has_identifier([str(cell) for cell in reply.values()]):
        raise ValueError(REFUSED_IDENTIFIER)
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
    if limits and answer == "cleared":
        raise ValueError("the answer is without limits, and limits are written beside it; ask which holds")
    until = _day(reply.get("until"), "until")
    if until is not None and until < day:
        raise ValueError("the reply ends before its own day; correct 'until' or 'date'")
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
