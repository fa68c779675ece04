"""A model of z3 as patients that `exrx screen` accepts: near the typical patient, small, and asked of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from exrx.fields import Field, Members, Possible, Span
from exrx.forms import load_forms
from exrx.knowledge import know
from exrx.patient import Patient
from exrx.proof.ground import Ground
from exrx.proof.model import Counterexample, Patients, Shows
from exrx.protocol.form import form_patient
from exrx.protocol.model import Protocol
from exrx.protocol.stage import stage_rules
from exrx.quantities.scale import plain
from exrx.rules.prove import Formula, z3_library
from exrx.rules.views import Partial, Total
from exrx.screening.decision import Decision
from exrx.screening.one import screen

AS_OF = date(2026, 1, 1)
"""The day of every counterexample; nothing in a proof depends on it."""
PATIENT = {"da": "patienten", "en": "the patient"}
BEFORE = {"da": "før", "en": "before"}
WORSE = {"da": "værre", "en": "worse"}


@lru_cache(maxsize=64)
def typical_patient(protocol: Protocol, stage: str) -> dict[str, Any]:
    """The typical patient of the stage, as JSON."""
    return form_patient(protocol, stage, "typical")


@lru_cache(maxsize=64)
def typical_state(protocol: Protocol, stage: str) -> dict[str, Possible]:
    """What is known of the typical patient."""
    return state_of(typical_patient(protocol, stage), protocol, stage)


def state_of(patient: dict[str, Any], protocol: Protocol, stage: str) -> dict[str, Possible]:
    """What the engine knows of a patient on the day of the counterexample."""
    from_json = Patient.from_dict(patient)
    return know(from_json, stage_rules(protocol, stage).dictionary, AS_OF, protocol.validity_at(stage)).state


def decide(patient: dict[str, Any], protocol: Protocol, stage: str) -> Decision:
    """The engine's own answer."""
    return screen(Patient.from_dict(patient), protocol, stage=stage, as_of=AS_OF)


def nearest(ground: Ground, solver: Any, asked: Iterable[Formula], views: Iterable[Total]) -> Any:
    """A model of `asked` in which as many facts as possible are those of the typical patient; `asked` has one.

    Of several views, facts that can be the same in both are the same.
    """
    kept, views = list(asked), tuple(views)
    sat = z3_library().sat
    typical = typical_state(ground.protocol, ground.stage)
    first, *others = views
    wishes = []
    for entry in ground.grid.fields:
        if entry.kind == "score":
            continue
        for other in others:
            keys = ground.grid.keys(entry)
            wishes.append([first.vars[entry.name, key] == other.vars[entry.name, key] for key in keys])
    for view in views:
        fields = ground.dictionary.fields
        known = {name: possible for name, possible in typical.items() if fields[name].is_known(possible)}
        wishes += [literals for name, literals in view.literals(known).items()]
    for wish in wishes:
        if wish and solver.check(*kept, *wish) == sat:
            kept += wish
    solver.check(*kept)
    return solver.model()


def nearest_state(ground: Ground, solver: Any, asked: Iterable[Formula], view: Partial) -> Any:
    """A model of `asked` in which as many facts as possible are known, and those of the typical patient."""
    kept, sat, z3 = list(asked), z3_library().sat, z3_library()
    typical = typical_state(ground.protocol, ground.stage)
    literals = view.literals(typical)
    for entry in ground.grid.fields:
        exact: list[Formula] = []
        if entry.is_numeric:
            cuts = ground.grid.cuts[entry.name]
            exact = [view.sure[entry.name, cut] == view.maybe[entry.name, cut] for cut in cuts]
        elif entry.kind != "set":
            exact = [z3.PbEq([(view.maybe[entry.name, key], 1) for key in ground.grid.keys(entry)], 1)]
        for wish in (literals.get(entry.name, []), exact):
            if wish and solver.check(*kept, *wish) == sat:
                kept += wish
                break
    solver.check(*kept)
    return solver.model()


def patient_of(ground: Ground, state: dict[str, Possible]) -> dict[str, Any]:
    """The typical patient with the facts of `state` where they differ, and without those that it leaves open."""
    typical = typical_state(ground.protocol, ground.stage)
    patient = dict(typical_patient(ground.protocol, ground.stage))
    for name, possible in state.items():
        entry = ground.dictionary.fields[name]
        if entry.items:
            continue
        if _is_open(ground, entry, possible):
            patient.pop(name, None)
        elif not _agrees(typical[name], possible):
            patient[name] = _readings(ground, entry, said(entry, possible, typical[name]))
    return patient


def _is_open(ground: Ground, entry: Field, possible: Any) -> bool:
    """True where more is possible than one answer, or one stretch between two limits: nothing is then said of it."""
    if isinstance(possible, Span):
        return any(possible.low < cut <= possible.high for cut in ground.grid.cuts[entry.name])
    return isinstance(possible, int) and possible.bit_count() > 1


def _agrees(typical: Possible, possible: Possible) -> bool:
    """True when the typical value is what the state asks for."""
    if isinstance(typical, Span) and isinstance(possible, Span):
        return typical.low == typical.high and possible.low <= typical.low <= possible.high
    return typical == possible


def said(entry: Field, possible: Any, typical: Possible | None = None) -> Any:
    """What is known of a field, as patient JSON; of the numbers between two limits the nearest to the typical one."""
    if isinstance(possible, Span):
        return _number(entry, possible, typical)
    if isinstance(possible, Members):
        members = list(entry.names(possible.sure))
        return members if possible.sure == possible.possible else {"at_least": members}
    return entry.names(possible)[0]


def _number(entry: Field, cell: Span, typical: Any) -> Any:
    wanted = typical.low if isinstance(typical, Span) and typical.low == typical.high else cell.low
    tick = min(max(wanted, cell.low), cell.high)
    if tick % 2 and cell.low < cell.high:
        tick += 1 if tick == cell.low else -1
    if entry.kind == "elapsed":
        if tick >= entry.ticks.highest - 1:
            return "never"
        days = timedelta(days=tick // 2)
        return (AS_OF + days if entry.towards_future else AS_OF - days).isoformat()
    number, unit = plain(entry.ticks.value(tick)), entry.ticks.unit
    return number if unit.startswith("{") else f"{number} {unit}"


def _readings(ground: Ground, entry: Field, value: Any) -> Any:
    """As often as a rule wants it read, where a rule wants that."""
    wanted = [
        source.rule.confirm.readings
        for source in ground.sources
        if source.rule and source.rule.confirm and entry.name in source.rule.measured_fields
    ]
    return [value] * max(wanted) if wanted else value


def example(
    ground: Ground,
    labels: tuple[dict[str, str], ...],
    patients: Patients,
    shows: Shows,
    kept: frozenset[str] = frozenset(),
) -> Counterexample | None:
    """The patients, made as small as the engine lets them be while it still shows the failure.

    The fields in `kept` are not dropped. None where the ground wants no examples.
    """
    if not ground.examples:
        return None
    replayed = shows(patients)
    if replayed:
        patients = _smaller(patients, shows, kept)
    patients = tuple(
        {"id": f"example-{index}", **{key: value for key, value in patient.items() if key != "id"}}
        for index, patient in enumerate(patients, start=1)
    )
    typical = typical_patient(ground.protocol, ground.stage)
    changed = [
        key
        for key in dict.fromkeys(key for patient in patients for key in patient)
        if key not in ("id", "forms") and any(patient.get(key) != typical.get(key) for patient in patients)
    ]
    return Counterexample(labels, patients, tuple(changed), ground.stage, AS_OF.isoformat(), replayed)


def _smaller(patients: Patients, shows: Shows, kept: frozenset[str]) -> Patients:
    """Drop facts one by one, after trying whether forms without a tick can stand for the answers "no"."""
    forms = load_forms().values()
    covered = {name for form in forms for name in form.covers} - kept
    filled = [{"form": form.id, "date": AS_OF.isoformat(), "role": "nurse", "yes": []} for form in forms]
    same = {key for key in patients[0] if all(p.get(key) == patients[0][key] for p in patients)}
    with_forms = tuple(
        {key: value for key, value in patient.items() if key not in covered & same or not _is_no(value)}
        | {"forms": filled}
        for patient in patients
    )
    if shows(with_forms):
        patients = with_forms
    for key in sorted({key for patient in patients for key in patient} - {"id", *kept}, key=_largest_first):
        without = tuple({k: v for k, v in patient.items() if k != key} for patient in patients)
        if shows(without):
            patients = without
    return patients


def _largest_first(key: str) -> tuple[bool, str]:
    return key != "forms", key


def _is_no(value: Any) -> bool:
    plain_value = value.get("value") if isinstance(value, dict) else value
    return plain_value in ("no", "never", [])
