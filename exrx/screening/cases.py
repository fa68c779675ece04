"""Running the cases that lie beside a protocol: worked patients with the answer they must get, on every evaluator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from exrx.errors import Location, ProtocolError
from exrx.library import library_root, shown_path
from exrx.patient import Patient
from exrx.protocol.form import form_patient
from exrx.protocol.library import load_protocol, protocol_path
from exrx.protocol.model import Protocol
from exrx.screening.decision import Decision
from exrx.screening.one import screen, walk_rules
from exrx.yamlread import Mapping, Node, Scalar, Sequence, read_yaml


@frozen
class Case:
    """A worked patient: who, at which stage and day, and what must come out."""

    name: str
    protocol: str
    stage: str
    as_of: str
    patient: dict[str, Any]
    expect: dict[str, Any]
    place: Location


@frozen
class CaseResult:
    """Whether a case holds; `faults` says in words what came out instead."""

    name: str
    passed: bool
    faults: tuple[str, ...]
    place: Location


def run_cases(id_or_path: str | Path) -> tuple[CaseResult, ...]:
    """Run the cases of a protocol and of the modules it includes.

    Raises:
        ProtocolError: the protocol or its case file must not be used.
    """
    return tuple(run_case(case) for case in read_cases(id_or_path))


def read_cases(id_or_path: str | Path) -> tuple[Case, ...]:
    """The cases in `cases.yaml` beside the protocol and in `<module>.cases.yaml` of its modules."""
    path = protocol_path(id_or_path)
    protocol = load_protocol(path)
    files = [path.parent / "cases.yaml"]
    files += [
        library_root() / "screening" / f"{include}.cases.yaml"
        for member in protocol.members
        for include in member.includes
    ]
    return tuple(case for file in files if file.is_file() for case in _cases(file, path))


def _cases(file: Path, path: Path) -> Iterator[Case]:
    root = read_yaml(file, shown_path(file))
    entries = root.entries if isinstance(root, Mapping) else {}
    default = _plain(entries["protocol"]) if "protocol" in entries else None
    for node in getattr(entries.get("cases"), "items", ()):
        if not isinstance(node, Mapping):
            raise ProtocolError(f"{node.location}: a case must be a block of keys and values")
        lacking = [key for key in ("name", "stage", "as_of", "expect") if key not in node.entries]
        if lacking:
            raise ProtocolError(f"{node.location}: the case needs {', '.join(lacking)}")
        yield _case(node, str(_plain(node.entries["protocol"])) if "protocol" in node.entries else default or str(path))


def _case(node: Mapping, protocol_id: str) -> Case:
    protocol = load_protocol(protocol_id)
    stage = str(_plain(node.entries["stage"]))
    start = _plain(node.entries["from"]) if "from" in node.entries else "typical"
    patient = form_patient(protocol, stage, start)
    overrides = _plain(node.entries["patient"]) if "patient" in node.entries else {}
    for name, value in (overrides or {}).items():
        if value is None:
            patient.pop(name, None)
        else:
            patient[name] = value
    return Case(str(_plain(node.entries["name"])), protocol_id, stage, str(_plain(node.entries["as_of"])), patient,
                _plain(node.entries["expect"]), node.location)


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return None if not node.quoted and node.text in ("null", "~", "") else node.text
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {key: _plain(value) for key, value in node.entries.items()}


def run_case(case: Case) -> CaseResult:
    """Screen the case's patient and hold the decision against what is expected."""
    faults = case_faults(case, load_protocol(case.protocol))
    return CaseResult(case.name, not faults, faults, case.place)


def case_faults(case: Case, protocol: Protocol) -> tuple[str, ...]:
    """What comes out otherwise than the case expects when `protocol` screens its patient."""
    patient = Patient.from_dict(case.patient)
    decision = screen(patient, protocol, stage=case.stage, as_of=case.as_of)
    return tuple(_faults(case, decision, patient, protocol))


_SCALARS: dict[str, Callable[[Decision], str]] = {
    "clearance": lambda d: d.clearance.word,
    "definite": lambda d: d.definite_clearance.word,
    "worst": lambda d: d.worst_clearance.word,
    "track": lambda d: d.track.word,
    "track_if_cleared": lambda d: d.track_if_cleared.word,
    "setting": lambda d: d.setting,
    "supervision": lambda d: d.supervision,
    "format": lambda d: d.format,
    "adapted": lambda d: "yes" if d.adapted else "no",
    "aerobic_max": lambda d: d.restriction.aerobic_max.word,
    "strength_max": lambda d: d.restriction.strength_max.word,
    "progression": lambda d: d.restriction.progression.word,
    "session_minutes_max": lambda d: str(d.restriction.session_minutes_max),
    "heart_rate_max": lambda d: str(d.restriction.heart_rate_max),
    "rpe_max": lambda d: str(d.restriction.rpe_max),
}
_LISTS: dict[str, Callable[[Decision], Any]] = {
    "fires": lambda d: {r.rule for r in d.reasons if r.state == "fires"},
    "undecided": lambda d: {r.rule for r in d.reasons if r.state == "undecided"},
    "consult": lambda d: set(d.consult),
    "avoid": lambda d: d.restriction.avoid,
    "monitor": lambda d: d.restriction.monitor,
    "refer": lambda d: d.restriction.refer,
    "missing": lambda d: {m.field for m in d.missing},
    "rule_out": lambda d: set(d.rule_out),
    "unverified": lambda d: set(d.unverified),
    "remeasure": lambda d: set(d.remeasure),
    "allowed_meanwhile": lambda d: d.restriction.allowed_meanwhile or frozenset(),
    "problems": lambda d: {p.code for p in d.problems},
    "again": lambda d: d.restriction.again.after,
}
_ABSENT: dict[str, Callable[[Decision], Any]] = {
    "silent": lambda d: {r.rule for r in d.reasons},
    "clearance_not": lambda d: {d.clearance.word},
    "track_not": lambda d: {d.track.word},
    "no_avoid": _LISTS["avoid"],
    "not_missing": _LISTS["missing"],
    "no_monitor": _LISTS["monitor"],
    "no_refer": _LISTS["refer"],
    "no_problems": _LISTS["problems"],
    "not_consult": _LISTS["consult"],
}
_RULE_LISTS = ("fires", "undecided", "silent")


def _faults(case: Case, decision: Decision, patient: Patient, protocol: Protocol) -> Iterator[str]:
    known_rules = {answer.rule for answer in walk_rules(patient, protocol, stage=case.stage, as_of=case.as_of)}
    for key, wanted in case.expect.items():
        if key in _RULE_LISTS:
            for rule in _as_list(wanted):
                if rule not in known_rules and not rule.startswith("gate."):
                    yield f"{key}: there is no rule '{rule}' at this stage"
        if key in _SCALARS:
            got = _SCALARS[key](decision)
            choices = _as_list(wanted)
            if got not in choices:
                yield f"{key}: expected {' or '.join(choices)}, got {got}"
        elif key in _LISTS:
            lacking = set(_as_list(wanted)) - set(_LISTS[key](decision))
            if lacking:
                yield f"{key}: lacking {', '.join(sorted(lacking))}; got {_words(_LISTS[key](decision))}"
        elif key in _ABSENT:
            present = set(_as_list(wanted)) & set(_ABSENT[key](decision))
            if present:
                yield f"{key}: {', '.join(sorted(present))} should not be there"
        else:
            yield f"'{key}' is not something a case can expect"


def _as_list(wanted: Any) -> list[str]:
    if wanted is None:
        return []
    return [str(item) for item in wanted] if isinstance(wanted, list) else [str(wanted)]


def _words(found: Any) -> str:
    return ", ".join(sorted(found)) or "nothing"
