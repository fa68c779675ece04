"""What a decision keeps of its patient so that it can be made again: patient JSON, and what that alone does not say.

The inputs of a decision show what was used; they do not hold forms, earlier readings, or what a file or a table said
beside the values. So a decision carries the patient as JSON, and beside it every way in which reading that JSON gives
another patient: refused by the file, counted in a table's column, answered by a form only where a row was empty.
`exact` is false where even so something is lost; such a decision says so when it is replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import evolve

from exrx.dates import read_date
from exrx.errors import PatientError, Problem, QuantityError
from exrx.forms import load_forms
from exrx.patient import Observation, Patient
from exrx.values import json_safe
from exrx.yamlread import canonical_sha256


def record_of(patient: Patient) -> dict[str, Any]:
    """A JSON object from which `patient_of` gives the same patient.

    `patient` is patient JSON; `problems`, `refused`, `readings` and `answers` stand where reading it gives others;
    `forms_sha256` where a form answered something, because what a form covers decides what its silence says.
    """
    content = patient.to_dict()
    record: dict[str, Any] = {"patient": content}
    if patient.forms:
        record["forms_sha256"] = forms_sha256()
    again = evolve(Patient.from_dict(content), id=patient.id)
    if _comparable(again) == _comparable(patient):
        return record
    record["problems"] = [
        {"field": p.field, "given": json_safe(p.given), "code": p.code, "message": p.message} for p in patient.problems
    ]
    kept, read = patient.observations, again.observations
    lost = [name for name, said in kept.items() if said.possible is None and _reads_otherwise(said, read.get(name))]
    record["refused"] = {name: _refused(kept[name]) for name in lost}
    record["readings"] = {
        name: said.readings for name, said in kept.items() if name in read and said.readings != read[name].readings
    }
    record["answers"] = [sorted(form.answers) for form in patient.forms]
    if _comparable(patient_of(record, patient.id)) != _comparable(patient):
        record["exact"] = False
    return record


def patient_of(record: Mapping[str, Any], identifier: str) -> Patient:
    """The patient that a record was made of.

    Raises:
        PatientError: it is not such a record.
    """
    content = record.get("patient")
    if not isinstance(content, Mapping):
        raise PatientError("the decision does not hold its patient; give the patient with it")
    try:
        return _rebuilt(Patient.from_dict(content), record, identifier)
    except (QuantityError, TypeError, KeyError, AttributeError) as error:
        raise PatientError("what the decision holds of its patient was damaged; give the patient with it") from error


def _rebuilt(patient: Patient, record: Mapping[str, Any], identifier: str) -> Patient:
    observations = dict(patient.observations)
    for name, said in record.get("refused", {}).items():
        day = read_date(said["date"]) if said["date"] else None
        observations[name] = Observation(name, None, day, said["origin"], said["given"], said["unit"],
                                         shown=said["shown"])  # fmt: skip
    for name, count in record.get("readings", {}).items():
        observations[name] = evolve(observations[name], readings=count)
    forms = patient.forms
    if "answers" in record:
        forms = tuple(
            evolve(form, answers={name: form.answers[name] for name in names})
            for form, names in zip(forms, record["answers"], strict=True)
        )
    problems = patient.problems
    if "problems" in record:
        problems = tuple(Problem(p["field"], p["given"], p["code"], p["message"]) for p in record["problems"])
    return evolve(patient, id=identifier, observations=observations, forms=forms, problems=problems)


def _refused(said: Observation) -> dict[str, Any]:
    return {
        "given": json_safe(said.given),
        "shown": said.shown,
        "unit": said.unit,
        "date": said.date.text if said.date else None,
        "origin": said.origin,
    }


def _reads_otherwise(said: Observation, again: Observation | None) -> bool:
    return again is None or evolve(again, problem=None) != evolve(said, problem=None)


def _comparable(patient: Patient) -> tuple[Any, ...]:
    """Everything about a patient that a decision can depend on, as JSON holds it."""
    observations = {
        name: evolve(said, problem=None, given=json_safe(said.given)) for name, said in patient.observations.items()
    }
    forms = [(f.form, f.date, f.role, f.yes, {k: evolve(a, problem=None) for k, a in f.answers.items()})
             for f in patient.forms]  # fmt: skip
    problems = [(p.field, json_safe(p.given), p.code, p.message) for p in patient.problems]
    return patient.id, observations, forms, problems, patient.example, patient.origin


@lru_cache(maxsize=1)
def forms_sha256() -> str:
    """The hash of what the shipped forms ask."""
    asked = [
        [form.id, form.version, [[question.id, *question.covers] for question in form.questions]]
        for form in sorted(load_forms().values(), key=lambda form: form.id)
    ]
    return canonical_sha256(asked)
