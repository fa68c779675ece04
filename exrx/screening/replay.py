"""Replaying a decision: its patient is screened again, and what is not as it was is named.

With the same protocols, dictionary and engine the answer must be the same in every part. Where one of them is another,
that is said first, and then which parts of the answer moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from exrx.errors import ExrxError, PatientError, ProtocolError
from exrx.patient import Patient
from exrx.protocol.library import load_protocol
from exrx.protocol.model import Protocol
from exrx.screening.decision import SCHEMA, Decision
from exrx.screening.one import screen
from exrx.screening.record import forms_sha256, patient_of

SAME, DIFFERENT, CHANGED, IMPOSSIBLE = "same", "different", "changed", "impossible"
_CAUSES = ("engine", "dictionary_sha256", "replay")
_KEYS = ("rule", "field", "name", "id")
_NEEDED = ("patient", "as_of", "stage", "protocols")


@frozen
class Moved:
    """One thing that is not as it was: `what`, and how it was and is."""

    what: str
    then: Any
    now: Any

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"what": self.what, "then": self.then, "now": self.now}


@frozen
class Replayed:
    """One stored decision, made again.

    `status`: same (nothing moved) · different (the same protocols and dictionary, another answer) · changed (a
    protocol, the dictionary or a form is another, see `causes`) · impossible (`message` says why). `differences` are
    the parts of the answer that moved, `decision` the answer of today.
    """

    patient: str
    status: str
    causes: tuple[Moved, ...] = ()
    differences: tuple[Moved, ...] = ()
    message: str = ""
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


def replay(
    stored: Any, *, paths: Mapping[str, str | Path] | None = None, patient: Patient | None = None
) -> Replayed:
    """Make a stored decision (`Decision.to_dict`, perhaps through JSON) again, and say what moved.

    Args:
        stored: the decision as JSON.
        paths: where protocols lie that are not shipped, by id.
        patient: the patient, for decisions that do not hold theirs.

    Never raises for what is stored: a decision that cannot be replayed has the status `impossible`.
    """
    if not isinstance(stored, Mapping) or stored.get("schema") != SCHEMA or any(key not in stored for key in _NEEDED):
        return Replayed(_name(stored), IMPOSSIBLE, message=f"this is not a decision of the schema {SCHEMA}")
    try:
        protocol = _protocol(stored["protocols"], paths or {})
        record = stored.get("replay") or {}
        given = patient if patient is not None else patient_of(record, stored["patient"])
        decision = screen(given, protocol, stage=stored["stage"], as_of=stored["as_of"],
                          overrides=stored.get("overrides") or ())  # fmt: skip
    except ExrxError as error:
        return Replayed(_name(stored), IMPOSSIBLE, message=str(error))
    except (TypeError, KeyError, AttributeError):
        return Replayed(_name(stored), IMPOSSIBLE, message="the decision was damaged: its parts do not fit together")
    decision = evolve(decision, assumptions=tuple(record.get("assumptions", ())))
    now = json.loads(json.dumps(decision.to_dict()))
    causes = tuple(_causes(stored, now))
    differences = tuple(_differences(stored, now))
    status, message = _status(causes, differences), _message(record, patient)
    return Replayed(_name(stored), status, causes, differences, message, decision)


def _name(stored: Any) -> str:
    return str(stored.get("patient", "")) if isinstance(stored, Mapping) else ""


def _protocol(uses: Sequence[Mapping[str, Any]], paths: Mapping[str, str | Path]) -> Protocol:
    wanted = [str(use["id"]) for use in uses]
    if not wanted:
        raise PatientError("the decision names no protocol")
    found = []
    for name in wanted:
        try:
            protocol = load_protocol(paths.get(name, name))
        except ProtocolError as error:
            raise ProtocolError(
                f"the protocol '{name}' of this decision is not here ({error.message}); "
                "say where it lies with --protocol FILE",
                error.diagnostics,
            ) from None
        if protocol.id != name:
            raise ProtocolError(f"the decision was made with '{name}', and {paths.get(name, name)} is '{protocol.id}'")
        found.append(paths.get(name, name))
    return load_protocol(*found)


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


def _message(record: Mapping[str, Any], patient: Patient | None) -> str:
    lost = record.get("exact") is False and patient is None
    return "the decision does not hold all that was said about its patient; a difference may come from that" * lost


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Moved]:
    """The parts of the answer that moved. Keys that the stored decision does not have are younger than it."""
    for key in then:
        if key == "protocols":
            yield from _compared(key, *(_without_edition(side[key]) for side in (then, now)))
        elif key not in _CAUSES:
            yield from _compared(key, then[key], now.get(key))


def _without_edition(uses: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": use.get("id"), "applies": use.get("applies")} for use in uses]


def _compared(part: str, then: Any, now: Any) -> Iterator[Moved]:
    if then == now:
        return
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys((*then, *now)):
            yield from _compared(f"{part}.{key}", then.get(key), now.get(key))
        return
    first, second = _by_key(then), _by_key(now)
    if first is None or second is None or first == second:
        yield Moved(part, then, now)
        return
    for name in dict.fromkeys((*first, *second)):
        if name not in first or name not in second:
            yield Moved(f"{part}.{name}", *("listed" if name in side else "-" for side in (first, second)))
        else:
            yield from _compared(f"{part}.{name}", first[name], second[name])


def _by_key(items: Any) -> dict[str, Any] | None:
    """A list of objects by what each is called; None when they are not called apart."""
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return None
    key = next((key for key in _KEYS if items and all(key in item for item in items)), None)
    named = {str(item[key]): item for item in items} if key else {}
    return named if len(named) == len(items) else None
