"""Filled forms put beside what is already known of the same patients."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from attrs import evolve

from exrx.dates import DateSpan
from exrx.errors import Problem
from exrx.fields import Dictionary, load_dictionary
from exrx.patient import Observation, Patient


def join_forms(patients: Iterable[Patient], filled: Iterable[Patient], as_of: date) -> tuple[Patient, ...]:
    """Every patient with the forms and values of the same id; those with forms alone follow, and have a problem.

    Of two values the newer day counts, and an undated one is of `as_of`. Of one day, vital signs are two readings, the
    form's the later; for everything else what either says is possible.
    """
    dictionary = load_dictionary()
    known = list(patients)
    by_id: dict[str, list[Patient]] = {}
    for patient in filled:
        by_id.setdefault(patient.id, []).append(patient)
    here = {patient.id for patient in known}
    made = []
    for patient in known:
        for form in by_id.get(patient.id, ()):
            patient = _joined(patient, form, as_of, dictionary)
        made.append(patient)
    strangers = [_stranger(patient) for name, forms in by_id.items() if name not in here for patient in forms]
    return (*made, *strangers)


def _stranger(patient: Patient) -> Patient:
    message = f"'{patient.id}' has filled forms and is not in the input; check the id."
    return evolve(patient, problems=(*patient.problems, Problem("id", patient.id, "unknown-patient", message)))


def _joined(patient: Patient, form: Patient, as_of: date, dictionary: Dictionary) -> Patient:
    observations = dict(patient.observations)
    problems: list[Problem] = []
    for name, new in form.observations.items():
        old = observations.get(name)
        kept, faults = (new, ()) if old is None else _newest(old, new, as_of, dictionary)
        observations[name] = kept
        problems += faults
    return evolve(
        patient,
        observations=observations,
        forms=(*patient.forms, *form.forms),
        problems=(*patient.problems, *form.problems, *problems),
        example=patient.example or form.example,
    )


def _newest(
    old: Observation, new: Observation, as_of: date, dictionary: Dictionary
) -> tuple[Observation, tuple[Problem, ...]]:
    today = DateSpan.on(as_of)
    was, now = old.date or today, new.date or today
    entry = dictionary.fields[new.field]
    if was.latest < now.earliest:
        return new, ()
    if now.latest < was.earliest:
        return old, ()
    if entry.kind in ("elapsed", "set"):
        later = entry.kind == "elapsed" and isinstance(old.possible, DateSpan) and isinstance(new.possible, DateSpan)
        return (max(old, new, key=lambda said: _latest(said)) if later else new), ()
    both = Patient.from_dict({new.field: [*_items(old, was), *_items(new, now)]})
    return both.observations[new.field], both.problems


def _latest(said: Observation) -> date:
    return said.possible.latest if isinstance(said.possible, DateSpan) else date.min


def _items(said: Observation, day: DateSpan) -> list[dict[str, Any]]:
    """An observation as entries of a list, each with its day."""
    raw = next(iter((said.source or {}).values()), said.given)
    return [
        {"origin": said.origin, "date": day.text, **(each if isinstance(each, dict) else {"value": each})}
        for each in (raw if isinstance(raw, list) else [raw])
    ]
