"""From a code in a terminology to the field of the dictionary that it speaks about.

The codes stand in `protocols/fields.yaml`; here is only how they are compared. ICD-10, ICD-10-CM and Danish
SKS diagnoses share one normal form, and a listed code covers the codes below it:

    C79.5 = C795 = DC795 = DC79.5       covers C79.51 (ICD-10-CM) and DC795B (SKS), but not C79.52

LOINC, NPU and SNOMED CT codes are compared whole; a terminology that is not named here is never guessed at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

from attrs import define, field, frozen

from exrx.fields import Code, Dictionary, Field

SYSTEMS = {
    "http://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "urn:oid:1.2.208.176.2.1": "NPU",
    "http://npu-terminology.org": "NPU",
    "https://npu-terminology.org": "NPU",
    "http://snomed.info/sct": "SNOMED",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "urn:oid:2.16.840.1.113883.6.3": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10",
    "urn:oid:1.2.208.176.2.4.12": "ICD-10",
    "urn:oid:1.2.208.176.2.4": "ICD-10",
    "https://fhir-terminology.ohdsi.org": "OMOP",
}
"""System addresses in FHIR, to the family whose codes are compared with each other.

FHIR R4 "Known Code Systems", and hl7dk/dk-core for the Danish ones (SKS-D is `urn:oid:1.2.208.176.2.4.12`),
HL7 Vulcan FHIR to OMOP for OHDSI's concept ids.
"""

_Key = TypeVar("_Key")
_FAMILIES = {"ICD-10-CM": "ICD-10", "SKS": "ICD-10"}
_SNOMED_EDITION = re.compile(r"(http://snomed\.info/sct)(?:/[0-9]+(?:/version/[0-9]+)?)?/?")
_DIAGNOSIS = re.compile(r"D?([A-Z][0-9][0-9A-Z]{1,5})")

DIAGNOSES = frozenset({"ICD-10", "SNOMED"})
"""Families in which a Condition is coded."""

NOT_COVERED = frozenset({"C7952"})
"""Codes below a listed one that mean something else: C79.52 is bone marrow, C79.51 is bone (ICD-10-CM)."""

YES_NO = {
    ("SNOMED", "373066001"): "yes",
    ("SNOMED", "373067005"): "no",
    ("LOINC", "LA33-6"): "yes",
    ("LOINC", "LA32-8"): "no",
}
"""Coded answers to a yes-no question (HL7 YesNoVS; LOINC answer list)."""

PRESSURE_PANELS = frozenset({("LOINC", "85354-9"), ("LOINC", "55284-4")})
PRESSURES = ("systolic_bp", "diastolic_bp")
"""Blood pressure panels: their components carry the values; a panel without any says that both failed."""


@frozen
class Meaning:
    """What a code says: it names `entry`, or answers it with `option`.

    `whole` is True when no listed code of the same family reaches further, so that denying this code denies
    the field. `apart` is True for a code that lies near the field without being it (C79.52): it neither
    affirms nor denies.
    """

    entry: Field
    option: str | None = None
    whole: bool = False
    apart: bool = False


@define(eq=False)
class CodeIndex:
    """All codes of a dictionary, ready to be looked up."""

    exact: dict[tuple[str, str], tuple[Meaning, ...]] = field(factory=dict)
    prefixes: dict[str, tuple[Meaning, ...]] = field(factory=dict)
    diagnosed: frozenset[str] = frozenset()
    pressures: tuple[Field, ...] = ()
    _seen: dict[tuple[str | None, str | None], tuple[Meaning, ...]] = field(factory=dict)

    def meanings(self, system: str | None, code: str | None) -> tuple[Meaning, ...]:
        """What a coding says about the dictionary's fields; empty for a code or system that is not listed."""
        key = (system, code)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._find(system, code)
        return found

    def answer(self, entry: Field, system: str | None, code: str | None) -> str | None:
        """The option of `entry` that a coded value names, or None."""
        known = normal_code(system, code)
        if known is None:
            return None
        if entry.kind == "flag":
            return YES_NO.get(known)
        named = (meaning for meaning in self.meanings(system, code) if meaning.entry is entry)
        return next((meaning.option for meaning in named if meaning.option), None)

    def fields(self, system: str | None, code: str | None) -> tuple[Field, ...]:
        """The fields that an observation with this code may answer."""
        named = tuple(m.entry for m in self.meanings(system, code) if m.option is None and not m.apart)
        return named or self.panel(system, code)

    def panel(self, system: str | None, code: str | None) -> tuple[Field, ...]:
        """The fields that a panel code stands for when no component says more."""
        return self.pressures if normal_code(system, code) in PRESSURE_PANELS else ()

    def _find(self, system: str | None, code: str | None) -> tuple[Meaning, ...]:
        known = normal_code(system, code)
        if known is None:
            return ()
        family, text = known
        if family != "ICD-10":
            return self.exact.get(known, ())
        apart = any(text.startswith(other) for other in NOT_COVERED)
        found: dict[str, Meaning] = {}
        for length in range(len(text), 2, -1):
            for meaning in self.prefixes.get(text[:length], ()):
                whole = meaning.whole and length == len(text)
                found.setdefault(meaning.entry.name, Meaning(meaning.entry, meaning.option, whole, apart))
        return tuple(found.values())


def normal_code(system: str | None, code: str | None) -> tuple[str, str] | None:
    """The family and normal form of a coding; None when the system is missing or not known here."""
    if not system or not code:
        return None
    edition = _SNOMED_EDITION.fullmatch(system)
    family = SYSTEMS.get(edition[1] if edition else system.rstrip("/"))
    if family is None:
        return None
    return _normal(family, code)


def _normal(family: str, code: str) -> tuple[str, str] | None:
    text = code.strip()
    if family == "ICD-10":
        diagnosis = normal_diagnosis(text)
        return (family, diagnosis) if diagnosis else None
    return family, text.upper()


@lru_cache(maxsize=4096)
def normal_diagnosis(code: str) -> str | None:
    """The normal form of an ICD-10, ICD-10-CM or SKS diagnosis: `C79.5`, `C795`, `DC795` are `C795`.

    Additions after a space, `+`, `*` or colon are dropped. None when it is not a diagnosis code.
    """
    bare = re.split(r"[\s+*:†]", code.strip().upper(), maxsplit=1)[0].replace(".", "").replace("-", "")
    found = _DIAGNOSIS.fullmatch(bare)
    return found[1] if found else None


@lru_cache(maxsize=4)
def index_codes(dictionary: Dictionary) -> CodeIndex:
    """The index of a dictionary's codes, built once."""
    index = CodeIndex()
    diagnosed = set()
    for entry in dictionary.fields.values():
        listed: list[tuple[Code, str | None]] = [(code, None) for code in entry.codes]
        listed += [(code, option) for option, codes in entry.option_codes.items() for code in codes]
        known = [(key, option) for code, option in listed if (key := _listed(code)) is not None]
        for (family, text), option in known:
            whole = not any(_wider(other, (family, text)) for other, _ in known)
            meaning = Meaning(entry, option, whole)
            if family == "ICD-10":
                _add(index.prefixes, text, meaning)
            else:
                _add(index.exact, (family, text), meaning)
            if family in DIAGNOSES:
                diagnosed.add(entry.name)
    index.diagnosed = frozenset(diagnosed)
    index.pressures = tuple(dictionary.fields[name] for name in PRESSURES if name in dictionary.fields)
    return index


def _listed(code: Code) -> tuple[str, str] | None:
    family = _FAMILIES.get(code.system, code.system)
    return _normal(family, code.code) if family in SYSTEMS.values() else None


def _wider(other: tuple[str, str], key: tuple[str, str]) -> bool:
    """True when denying `key` leaves `other` open."""
    if other[0] != key[0] or other == key:
        return False
    return key[0] != "ICD-10" or not other[1].startswith(key[1])


def _add(table: dict[_Key, tuple[Meaning, ...]], key: _Key, meaning: Meaning) -> None:
    there = table.get(key, ())
    if all(other.entry is not meaning.entry or other.option != meaning.option for other in there):
        table[key] = (*there, meaning)
