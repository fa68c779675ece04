"""Lint of a whole protocol: its files, its rules, its cases and its typical patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from exrx.errors import Diagnostic, Location, ProtocolError
from exrx.patient import Patient
from exrx.protocol.form import form_patient
from exrx.protocol.library import load_protocol, protocol_path
from exrx.protocol.lint import Draft, lint_text, read_draft
from exrx.protocol.model import Rule
from exrx.protocol.read import read_member
from exrx.rules.nodes import Compare, atoms
from exrx.rules.restriction import Clearance
from exrx.screening.cases import Case, read_cases
from exrx.screening.one import screen, walk_rules

_STATES = {2: "fires", 1: "undecided", 0: "silent"}
_LACKING = {
    "fires": ("no-case-fires", "no case makes '{rule}' fire", "write a patient for whom it holds"),
    "silent": ("no-case-silent", "'{rule}' is silent for no case", "write a patient for whom it does not hold"),
    "undecided": ("no-case-undecided", "'{rule}' is undecided for no case", "write a patient with {field}: null"),
    "limit": ("no-case-on-the-limit", "no case lies on the limit of '{rule}'", "write a patient with {field}: {limit}"),
}


def lint_protocol(id_or_path: str | Path, as_of: date) -> tuple[Diagnostic, ...]:
    """Every fault and remark of `check`, and where there is no fault every remark of lint, by place.

    Args:
        id_or_path: a shipped id, a protocol file or its folder.
        as_of: the day against which dates are held and the typical patient is screened.

    Raises:
        ProtocolError: there is no such protocol.
    """
    path = protocol_path(id_or_path)
    member, diagnostics = read_member(path)
    if member is None:
        return diagnostics
    draft = read_draft(path, member, as_of)
    found = [*diagnostics, *lint_text(draft), *_typical(draft, path), *_cases(draft, path)]
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.location.file != draft.sources[0].name, *_place(d))))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    place = diagnostic.location
    return place.file, place.line, place.column


def _remark(code: str, message: str, place: Location, suggestion: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, place, suggestion, "warning")


def _typical(draft: Draft, path: Path) -> Iterable[Diagnostic]:
    """The typical patient of the population must be able to train at every stage."""
    protocol, root = load_protocol(path), draft.sources[0].root
    for stage in protocol.stages:
        patient = Patient.from_dict(form_patient(protocol, stage, "typical"))
        decision = screen(patient, protocol, stage=stage, as_of=draft.as_of)
        if decision.clearance > Clearance.MODIFY:
            first = next((reason.rule for reason in decision.reasons), None)
            why = f", first because of '{first}'" if first else ""
            yield _remark("typical-not-cleared", f"at the stage {stage} the typical patient gets "
                          f"'{decision.clearance.word}'{why}", root.places.get("typical", root.location),
                          "write under typical: what holds for a healthy patient of this population")


def _cases(draft: Draft, path: Path) -> Iterable[Diagnostic]:
    root = draft.sources[0].root
    try:
        cases = read_cases(path)
        if not cases:
            yield _remark("no-cases", "no cases lie beside the protocol", root.location,
                          "write cases.yaml (exrx protocol new shows one)")
            return
        seen = seen_answers(cases)
    except (ProtocolError, KeyError, ValueError) as error:
        yield _remark("unusable-cases", str(error), root.location, "see the cases of the template (exrx protocol new)")
        return
    given = {name for case in cases for name in case.overrides}
    stages = set(draft.member.stages)
    for rule in draft.member.rules:
        if not rule.stages or set(rule.stages) & stages:
            yield from _uncovered(rule, seen.get(rule.id, frozenset()))
            yield from _fields_without_case(rule, given, draft)


def seen_answers(cases: Iterable[Case]) -> Mapping[str, frozenset[str]]:
    """Per rule what it answered in any of the cases: fires, silent, undecided."""
    found: dict[str, set[str]] = {}
    for case in cases:
        protocol, patient = load_protocol(case.protocol), Patient.from_dict(case.patient)
        for answer in walk_rules(patient, protocol, stage=case.stage, as_of=case.as_of):
            found.setdefault(answer.rule, set()).add(_STATES[answer.answer])
    return {rule: frozenset(states) for rule, states in found.items()}


def _uncovered(rule: Rule, seen: frozenset[str]) -> Iterable[Diagnostic]:
    limits = [atom for atom in atoms(rule.when) if isinstance(atom, Compare)]
    words = {"rule": rule.id, "field": limits[0].field.name if limits else rule.fields[0],
             "limit": limits[0].limit.text if limits else ""}  # fmt: skip
    for state, (code, message, suggestion) in _LACKING.items():
        if state not in seen and (limits or state != "limit"):
            yield _remark(code, message.format(**words), rule.location, suggestion.format(**words))


def _fields_without_case(rule: Rule, given: set[str], draft: Draft) -> Iterable[Diagnostic]:
    for name in rule.fields:
        items = draft.dictionary.fields[name].items
        if name not in given and not given & set(items):
            yield _remark("field-without-case", f"'{rule.id}' asks for '{name}', for which no case has a value",
                          rule.location, "write a patient where that field decides")
