"""One cell of a session log: from what people write, in Danish or English, to a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from exrx.training.adaptations import everyone
from exrx.training.exercises import load_exercises
from exrx.training.logs.entry import DONE, ExerciseDone
from exrx.training.targets import Words

_YES_NO = {"yes": True, "ja": True, "true": True, "1": True, "no": False, "nej": False, "false": False, "0": False}
_DONE = {
    **dict(zip(DONE, DONE, strict=True)), "ja": "yes", "delvist": "partly", "delvis": "partly", "partial": "partly",
    "nej": "no", "true": "yes", "false": "no",
}  # fmt: skip
_NONE = ("none", "ingen", "no symptoms", "no", "nej", "-")
_DANISH_DATE = re.compile(r"(\d{1,2})[-.](\d{1,2})[-.](\d{4})")
_SETS = re.compile(r"(\d+)\s*[x×*]\s*(\d+)")
_PAIN = re.compile(r"(?:pain|smerter?)\s*(\d+)")
_KILOGRAMS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:kg)?")
_LISTS = {
    "symptom": ("'{}' er intet symptom på listen", "'{}' is no symptom of the list"),
    "stop-reason": ("'{}' er ingen stopårsag på listen", "'{}' is no stop reason of the list"),
    "exercise": ("'{}' er ingen øvelse på listen", "'{}' is no exercise of the list"),
}


class CellError(ValueError):
    """A cell that cannot be read: a code and what is wrong, in both languages."""

    def __init__(self, code: str, message: Words) -> None:
        super().__init__(message["en"])
        self.code, self.message = code, message


def _wrong(code: str, da: str, en: str, *about: object) -> CellError:
    return CellError(code, {"da": da.format(*about), "en": en.format(*about)})


def is_empty(given: Any) -> bool:
    """True for a cell that says nothing."""
    return given is None or (isinstance(given, str) and not given.strip())


def day(given: Any) -> date:
    """A date: 2026-11-24, or as Danes write it 24-11-2026 or 24.11.2026."""
    if type(given) is date:
        return given
    if isinstance(given, datetime):
        return given.date()
    text = str(given).strip()
    turned = _DANISH_DATE.fullmatch(text)
    try:
        if turned:
            return date(int(turned[3]), int(turned[2]), int(turned[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(
            "impossible-date",
            "'{}' er ingen dato, der findes; skriv 2026-11-24",
            "'{}' is not a date that exists; write 2026-11-24",
            text,
        ) from None


def number(given: Any) -> float:
    """A number, with a decimal point or comma."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return given
    try:
        return float(str(given).strip().replace(",", "."))
    except ValueError:
        raise _wrong("not-a-number", "'{}' er ikke et tal", "'{}' is not a number", given) from None


def whole(given: Any) -> int:
    """A whole number."""
    value = number(given)
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise _wrong("not-a-number", "'{}' er ikke et helt tal", "'{}' is not a whole number", given)
    return int(value)


def done(given: Any) -> str:
    """Yes, partly or no."""
    word = _DONE.get(str(given).strip().lower())
    if word is None:
        raise _wrong("unknown-word", "'{}': skriv ja, delvist eller nej", "'{}': write yes, partly or no", given)
    return word


def yes_or_no(given: Any) -> bool:
    """A yes or a no."""
    word = _YES_NO.get(str(given).strip().lower())
    if word is None:
        raise _wrong("unknown-word", "'{}': skriv ja eller nej", "'{}': write yes or no", given)
    return word


def scale(given: Any) -> str:
    """Borg 6-20 or CR10."""
    word = re.sub(r"[^a-z0-9]", "", str(given).lower())
    found = {"borg": "borg", "borg620": "borg", "620": "borg", "cr10": "cr10", "borgcr10": "cr10", "010": "cr10"}
    if word not in found:
        raise _wrong("unknown-word", "'{}': skalaen er borg eller cr10", "'{}': the scale is borg or cr10", given)
    return found[word]


def symptoms(given: Any) -> tuple[str, ...]:
    """The symptoms of a cell: none of them when it says none; their codes, words or everyday names."""
    words = [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    parts = [part.strip() for word in words for part in re.split(r"[,;/+]", str(word)) if part.strip()]
    if not parts or [part.lower() for part in parts] in [[word] for word in _NONE]:
        return ()
    return tuple(dict.fromkeys(_named(part, _symptom_names(), "symptom") for part in parts))


def stop_reason(given: Any) -> str:
    """A KL code or a symptom."""
    return _named(str(given), _stop_names(), "stop-reason")


def _named(given: str, names: Mapping[str, str], what: str) -> str:
    word = " ".join(given.lower().replace("_", "-").split())
    if word in names:
        return names[word]
    near = get_close_matches(word, names, n=1)
    da, en = _LISTS[what]
    if near:
        raise _wrong(f"unknown-{what}", da + "; mente du '{}'?", en + "; did you mean '{}'?", given, near[0])
    raise _wrong(f"unknown-{what}", da + "; se docs/adapt.md", en + "; see docs/adapt.md", given)


@lru_cache(maxsize=1)
def _symptom_names() -> dict[str, str]:
    shared = everyone()
    labels = {text.lower(): name for name, each in shared.symptoms.items() for text in each.label.values()}
    return labels | {name: name for name in shared.symptoms} | shared.also_written


@lru_cache(maxsize=1)
def _stop_names() -> dict[str, str]:
    reasons = everyone().stop_reasons
    labels = {text.lower(): name for name, each in reasons.items() for text in each.label.values()}
    return _symptom_names() | labels | {name: name for name in reasons}


def exercise(given: Any) -> str:
    """The id of an exercise, from its id or its name."""
    return _named(str(given), _exercise_names(), "exercise")


@lru_cache(maxsize=1)
def _exercise_names() -> dict[str, str]:
    library = load_exercises().by_id
    labels = {text.lower(): name for name, each in library.items() for text in each.name.values()}
    return labels | {name: name for name in library}


def load(given: Any) -> ExerciseDone:
    """What was lifted: `30 kg 2x12`, `2x12`, `30 kg 2x12 pain 3`, or a mapping with the keys of `ExerciseDone`."""
    if isinstance(given, ExerciseDone):
        return given
    if isinstance(given, Mapping):
        return _load_of(given)
    text = str(given).strip().lower()
    sets, pain = _SETS.search(text), _PAIN.search(text)
    rest = _SETS.sub(" ", _PAIN.sub(" ", text)).strip(" ,;")
    kilograms = _KILOGRAMS.fullmatch(rest) if rest else None
    if rest and kilograms is None:
        raise _wrong("wrong-shape", "'{}': skriv 30 kg 2x12", "'{}': write 30 kg 2x12", given)
    return ExerciseDone(
        float(kilograms[1].replace(",", ".")) if kilograms else None,
        int(sets[1]) if sets else None,
        int(sets[2]) if sets else None,
        int(pain[1]) if pain else None,
    )


def _load_of(given: Mapping[str, Any]) -> ExerciseDone:
    known = ("kilograms", "sets", "repetitions", "pain")
    for key in given:
        if key not in known:
            raise _wrong(
                "unknown-key", "der er intet felt '{}'; brug {}", "there is no key '{}'; use {}", key, ", ".join(known)
            )
    kilograms, *others = (None if is_empty(given.get(key)) else given[key] for key in known)
    return ExerciseDone(None if kilograms is None else float(number(kilograms)),
                        *(None if value is None else whole(value) for value in others))  # fmt: skip
