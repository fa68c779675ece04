"""Replaying a decision: its patient is screened again, and what is not as it was is named.

With the same protocols, dictionary and engine the answer must be the same in every part. Where one of them is another,
that is said first, and then which parts of the answer moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from exrx.errors import ExrxError
from exrx.patient import Patient
from exrx.protocol.find import is_protocol
from exrx.protocol.library import load_protocol
from exrx.screening.decision import SCHEMA, Decision
from exrx.screening.one import screen
from exrx.screening.record import forms_sha256, patient_of

SAME, DIFFERENT, CHANGED, IMPOSSIBLE = "same", "different", "changed", "impossible"
LISTED, ABSENT = "listed", "-"
_CAUSES = ("engine", "dictionary_sha256", "replay")
_KEYS = ("rule", "field", "name", "id")
_NEEDED = ("patient", "as_of", "stage", "protocols")
_WORDS = {
    "schema": {
        "da": "dette er ikke en beslutning, som `exrx screen --format json` skriver den ({schema})",
        "en": "this is not a decision as `exrx screen --format json` writes it ({schema})",
    },
    "no protocol": {
        "da": "beslutningen nævner ingen protokol; den er beskadiget",
        "en": "the decision names no protocol; it was damaged",
    },
    "not here": {
        "da": "protokollen '{name}' følger ikke med exrx; sig, hvor dens fil ligger, med --protocol FIL",
        "en": "the protocol '{name}' is not one that exrx ships; say where its file lies with --protocol FILE",
    },
    "not given": {
        "da": "beslutningen er lavet med protokollen '{name}', og --protocol giver {given}; giv også "
        "filen med '{name}'",
        "en": "the decision was made with the protocol '{name}', and --protocol gives {given}; give the file of "
        "'{name}' too",
    },
    "no patient": {
        "da": "beslutningen rummer ikke sin patient (den er skrevet af en tidligere udgave); giv patienterne med: "
        "exrx replay BESLUTNINGER PATIENTER",
        "en": "the decision does not hold its patient (an earlier version wrote it); give the patients too: "
        "exrx replay DECISIONS PATIENTS",
    },
    "damaged": {
        "da": "beslutningen er beskadiget: dens dele passer ikke sammen; hent den igen",
        "en": "the decision was damaged: its parts do not fit together; fetch it again",
    },
    "error": {"da": "fejl: {error}", "en": "{error}"},
    "lost": {
        "da": "beslutningen rummer ikke alt, hvad der blev sagt om patienten; det kan være grunden til en forskel",
        "en": "the decision does not hold all that was said about its patient; a difference may come from that",
    },
}


@frozen
class Moved:
    """One thing that is not as it was: `what`, and how it was and is; `path` are the steps of `what`."""

    what: str
    then: Any
    now: Any
    path: tuple[str, ...] = field(default=(), eq=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"what": self.what, "then": self.then, "now": self.now}


@frozen
class Replayed:
    """One stored decision, made again.

    `status`: same (nothing moved) · different (the same protocols and dictionary, another answer) · changed (a
    protocol, the dictionary or a form is another, see `causes`) · impossible (`message` says why, in Danish and
    English). `differences` are the parts of the answer that moved, `decision` the answer of today.
    """

    patient: str
    status: str
    causes: tuple[Moved, ...] = ()
    differences: tuple[Moved, ...] = ()
    message: dict[str, str] = field(factory=dict)
    decision: Decision | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the new decision."""
        return {
            "patient": self.patient,
            "status": self.status,
            "causes": [cause.to_dict() for cause in self.causes],
            "differences": [moved.to_dict() for moved in self.differences],
            "message": self.message,
        }


def replay(stored: Any, *, paths: Mapping[str, str | Path] | None = None, patient: Patient | None = None) -> Replayed:
    """Make a stored decision (`Decision.to_dict`, perhaps through JSON) again, and say what moved.

    Args:
        stored: the decision as JSON.
        paths: where protocols lie that are not shipped, by id.
        patient: the patient, for decisions that do not hold theirs.

    Never raises for what is stored: a decision that cannot be replayed has the status `impossible`.
    """
    if not isinstance(stored, Mapping) or stored.get("schema") != SCHEMA or any(key not in stored for key in _NEEDED):
        return _impossible(stored, "schema", schema=SCHEMA)
    paths = paths or {}
    try:
        wanted = [str(use["id"]) for use in stored["protocols"]]
        lacking = [name for name in wanted if name not in paths and not is_protocol(name)]
        if lacking or not wanted:
            given = ", ".join(paths)
            key = "no protocol" if not wanted else "not given" if paths else "not here"
            return _impossible(stored, key, name=", ".join(lacking), given=given)
        protocol = load_protocol(*(paths.get(name, name) for name in wanted))
        if (found := [member.id for member in protocol.members]) != wanted:
            return _impossible(stored, "not given", name=", ".join(wanted), given=", ".join(found))
        record = stored.get("replay") or {}
        if patient is None and not isinstance(record.get("patient"), Mapping):
            return _impossible(stored, "no patient")
        asked = patient if patient is not None else patient_of(record, stored["patient"])
        decision = screen(asked, protocol, stage=stored["stage"], as_of=stored["as_of"],
                          overrides=stored.get("overrides") or ())  # fmt: skip
    except ExrxError as error:
        return _impossible(stored, "error", error=str(error))
    except (TypeError, KeyError, AttributeError):
        return _impossible(stored, "damaged")
    decision = evolve(decision, assumptions=tuple(record.get("assumptions", ())))
    now = json.loads(json.dumps(decision.to_dict()))
    causes = tuple(_causes(stored, now))
    differences = tuple(_differences(stored, now))
    status, message = _status(causes, differences), _message(record, patient)
    return Replayed(_name(stored), status, causes, differences, message, decision)


def _name(stored: Any) -> str:
    return str(stored.get("patient", "")) if isinstance(stored, Mapping) else ""


def _impossible(stored: Any, key: str, **parts: str) -> Replayed:
    return Replayed(
        _name(stored), IMPOSSIBLE, message={lang: text.format(**parts) for lang, text in _WORDS[key].items()}
    )


def _causes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Moved]:
    """What made the answer and is not as it was: protocols, dictionary, forms, engine."""
    for before, after in zip(then["protocols"], now["protocols"], strict=True):
        if before.get("sha256") != after["sha256"]:
            yield Moved(f"protocol {after['id']}", _edition(before), _edition(after))
    if then.get("dictionary_sha256") != now["dictionary_sha256"]:
        yield Moved("dictionary", str(then.get("dictionary_sha256"))[:12], now["dictionary_sha256"][:12])
    forms = (then.get("replay") or {}).get("forms_sha256")
    if forms not in (None, forms_sha256()):
        yield Moved("forms", forms[:12], forms_sha256()[:12])
    if then.get("engine") != now["engine"]:
        yield Moved("engine", then.get("engine"), now["engine"])


def _edition(use: Mapping[str, Any]) -> str:
    return f"{use.get('version')} (sha256 {str(use.get('sha256'))[:12]})"


def _status(causes: tuple[Moved, ...], differences: tuple[Moved, ...]) -> str:
    if any(cause.what != "engine" for cause in causes):
        return CHANGED
    return DIFFERENT if differences else SAME


def _message(record: Mapping[str, Any], patient: Patient | None) -> dict[str, str]:
    return dict(_WORDS["lost"]) if record.get("exact") is False and patient is None else {}


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Moved]:
    """The parts of the answer that moved. Keys that the stored decision does not have are younger than it."""
    for key in then:
        if key == "protocols":
            yield from _compared((key,), *(_without_edition(side[key]) for side in (then, now)))
        elif key not in _CAUSES:
            yield from _compared((key,), then[key], now.get(key))


def _without_edition(uses: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": use.get("id"), "applies": use.get("applies")} for use in uses]


def _compared(path: tuple[str, ...], then: Any, now: Any) -> Iterator[Moved]:
    if then == now:
        return
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*then, *now)):
            yield from _compared((*path, str(key)), then.get(key), now.get(key))
        return
    first, second = _by_key(then), _by_key(now)
    if first is None or second is None or first == second:
        yield Moved(".".join(path), then, now, path)
        return
    for name in dict.fromkeys((*first, *second)):
        if name not in first or name not in second:
            was, is_now = (LISTED if name in side else ABSENT for side in (first, second))
            yield Moved(".".join((*path, name)), was, is_now, (*path, name))
        else:
            yield from _compared((*path, name), first[name], second[name])


def _by_key(items: Any) -> dict[str, Any] | None:
    """A list of objects by what each is called; None when they are not called apart."""
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return None
    key = next((key for key in _KEYS if items and all(key in item for item in items)), None)
    named = {str(item[key]): item for item in items} if key else {}
    return named if len(named) == len(items) else None
