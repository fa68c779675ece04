"""Small invented FHIR resources for the tests: `bundle(person(), observation(..), condition(..))`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SKS = "urn:oid:1.2.208.176.2.4.12"
UCUM = "http://unitsofmeasure.org"
PLATELETS = (LOINC, "777-3")
BONE = (ICD10, "C79.5")


def person(name: str = "p1", /, **more: Any) -> dict[str, Any]:
    """A patient resource."""
    return {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1960-05-04"} | more


def coded(code: tuple[str, str]) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": code[0], "code": code[1]}]}


def quantity(value: Any, unit: str = "10*9/L", **more: Any) -> dict[str, Any]:
    """A quantity in a UCUM unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit} | more


def observation(value: Any = None, when: str | None = "2026-11-20", code=PLATELETS, **more: Any) -> dict[str, Any]:
    """An observation; a number is a count in 10*9/L, a dict is a quantity, None is no value."""
    made = {"resourceType": "Observation", "id": "o", "status": "final", "code": coded(code)}
    made["subject"] = {"reference": more.pop("subject", "Patient/p1")}
    if when:
        made["effectiveDateTime"] = when
    if value is not None:
        made["valueQuantity"] = value if isinstance(value, dict) else quantity(value)
    return made | more


def condition(code=BONE, *, verified="confirmed", clinical="active", onset="2026-01-02", **more) -> dict[str, Any]:
    """A diagnosis."""
    made = {
        "resourceType": "Condition",
        "id": "c",
        "code": coded(code),
        "subject": {"reference": "Patient/p1"},
    }
    if verified:
        made["verificationStatus"] = coded(("http://terminology.hl7.org/CodeSystem/condition-ver-status", verified))
    if clinical:
        made["clinicalStatus"] = coded(("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical))
    if onset:
        made["onsetDateTime"] = onset
    return made | more


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """A bundle; each resource's fullUrl is its own id as urn:uuid."""
    entries = [{"fullUrl": f"urn:uuid:{made.get('id', n)}", "resource": made} for n, made in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def write(path: Path, content: Any) -> Path:
    """Write JSON, or bytes as they are."""
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path
