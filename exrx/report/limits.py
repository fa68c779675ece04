"""The limits of a decision in words: what is capped, avoided, watched, and measured again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exrx.report import Phrases


def limit_rows(
    parts: Mapping[str, Any], p: Phrases, lists: tuple[str, ...] = ("avoid", "monitor", "refer")
) -> list[tuple[str, str]]:
    """What a `restriction` (its JSON form) limits, as a label and a text each; nothing that is free is named."""
    rows = [
        (p[key], p["at most"].format(x=p.word("intensity", parts[key])))
        for key in ("aerobic_max", "strength_max")
        if parts[key] != "vigorous"
    ]
    for key, unit in (("session_minutes_max", "min"), ("heart_rate_max", "/min"), ("rpe_max", "Borg")):
        if parts.get(key) is not None:
            number = f"{unit} {parts[key]}" if unit == "Borg" else f"{parts[key]} {unit}"
            rows.append((p[key], p["at most"].format(x=number)))
    if parts["progression"] != "normal":
        rows.append((p["progression"], p.word("progression", parts["progression"])))
    return rows + [(p[key], p.words(key, parts[key])) for key in lists if parts[key]]


def remeasured(entry: Any, p: Phrases) -> str:
    """A vital sign to measure again, with the wait where the rule says one."""
    if isinstance(entry, Mapping):
        minutes = entry.get("minutes")
        label = p.label(entry["field"])
        return p["after minutes"].format(x=label, n=minutes) if minutes else label
    return p.label(entry)
