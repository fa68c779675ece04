"""Patients who come one by one (JSON, FHIR, OMOP), described before they are screened: see `exrx.study.describe`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from exrx.fields import load_dictionary
from exrx.io import input_blocks
from exrx.study.describe import Describer
from exrx.study.describe_points import to_dict


def describe_patients(
    path: str | Path, *, as_of: date, mapping: str | Path | Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an input that is no table holds, as JSON of schema `exrx/describe/1`; raises as `read_input`."""
    described = Describer(as_of)
    faults: list[str] = []
    notes: tuple[str, ...] = ()
    for part in input_blocks(path, as_of=as_of, mapping=mapping):
        described.add_patients(part.patients or (), load_dictionary())
        faults += [problem.message for problem in part.problems]
        notes = part.notes
    return to_dict(described, {}, faults, notes)
