"""Lint of a whole protocol: its files, its rules, its cases and its typical patient."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from attrs import evolve

from exrx.errors import Diagnostic, Location, ProtocolError
from exrx.patient import Patient
from exrx.protocol.find import protocol_path
from exrx.protocol.form import form_patient
from exrx.protocol.library import load_protocol
from exrx.protocol.lint import Draft, lint_text, read_draft
from exrx.protocol.model import Rule
from exrx.protocol.read import read_member
from exrx.rules.nodes import Atom, Compare, atoms
from exrx.rules.restriction import Clearance
from exrx.screening.cases import read_cases
from exrx.screening.coverage import cover
from exrx.screening.one import screen


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
    found = [*_to_put_right(draft, diagnostics), *lint_text(draft), *_typical(draft, path), *_cases(draft, path)]
    if not _is_shipped(draft.sources[0].name):  # the modules it includes are not its author's to change
        found = [diagnostic for diagnostic in found if not _is_shipped(diagnostic.location.file)]
    return tuple(sorted(dict.fromkeys(found), key=lambda d: (d.location.file != draft.sources[0].name, *_place(d))))


def _to_put_right(draft: Draft, remarks: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """What `check` remarks, without what no author can change.

    A module's rules may be for a stage that this protocol does not have, and a limit in the source's own unit
    (8.0 g/dL) lies between two steps of ours although it is round there.
    """
    conditions = [*(rule.when for rule in draft.member.rules), *(law.condition for law in draft.member.laws)]
    converted = {atom.location for when in conditions for atom in atoms(when) if _is_converted(atom)}
    for remark in remarks:
        of_module = remark.code == "rule-without-stage" and remark.location.file != draft.sources[0].name
        if not of_module and not (remark.code == "limit-off-the-grid" and remark.location in converted):
            yield remark


def _is_converted(atom: Atom) -> bool:
    """True for a limit in another unit than the field's."""
    if not isinstance(atom, Compare):
        return False
    scale, unit = atom.field.ticks, atom.limit.text.partition(" ")[2]
    return unit not in ("", scale.unit, *scale.spellings)


def _is_shipped(file: str) -> bool:
    return file.startswith("protocols/")


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
        coverage = cover(path)
    except ProtocolError as error:
        found = error.diagnostics or (Diagnostic("unusable-cases", str(error), root.location),)
        yield from (evolve(diagnostic, severity="warning") for diagnostic in found)
        return
    failed = set(coverage.failed)
    for case in cases:
        if case.name in failed:
            yield _remark("failing-case", f"'{case.name}' gets another answer than it expects", case.place,
                          "see what came out: exrx protocol test")
    yield from coverage.lacking
    given = {name for case in cases for name in case.given}
    stages = set(draft.member.stages)
    for rule in draft.member.rules:
        if not rule.stages or set(rule.stages) & stages:
            yield from _fields_without_case(rule, given, draft)


def _fields_without_case(rule: Rule, given: set[str], draft: Draft) -> Iterable[Diagnostic]:
    for name in rule.fields:
        if name not in given and not given & set(draft.dictionary.fields[name].items):
            yield _remark("field-without-case", f"'{rule.id}' asks for '{name}', for which no case has a value",
                          rule.location, "write a patient where that field decides")
