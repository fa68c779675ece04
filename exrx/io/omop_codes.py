"""From OMOP concepts to fields of the dictionary.

A concept is a field in one of three ways, and is never guessed at:

1. its OMOP id stands in `protocols/fields.yaml` (system OMOP, with where it was seen);
2. the database's own `concept` table gives it a vocabulary and a code that stand there (LOINC, SNOMED, ICD-10, ..);
3. a mapping names it: `concepts: {last_chemotherapy: [2000000001]}`. Its descendants count too where the database has
   `concept_ancestor`.

Without a `concept` table a source value counts only where its form proves what it is: LOINC and SNOMED CT codes carry a
check digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen

from exrx.errors import FieldError, InputFileError
from exrx.fields import Dictionary, Field
from exrx.io.fhir_codes import CodeIndex, Meaning
from exrx.io.mapping import mapping_content

OMOP = "https://fhir-terminology.ohdsi.org"
"""OMOP concept ids as a FHIR code system (HL7 Vulcan FHIR to OMOP guide)."""
VOCABULARIES = {
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
}
"""OMOP's names of vocabularies to the systems of `fhir_codes`."""
GENDERS = {8507: "male", 8532: "female"}
"""OHDSI/Vocabulary-v5.0, "Vocab. GENDER": the only two standard concepts of the domain."""
OPERATORS = {4171756: "<", 4171754: "<=", 4172703: "", 4171755: ">=", 4172704: ">", 0: "", None: ""}
""""Meas Value Operator" concepts, as the i2b2 and MIMIC ETL programs use them; no operator is an equals sign."""
_UNCERTAIN = re.compile(r"preliminary|provisional|differential|suspect|possible|probable|ruled?[ -]?out", re.I)
_LOINC = re.compile(r"(\d{1,7})-(\d)")
_SNOMED = re.compile(r"\d{6,18}")
_TEXT_OF_A_NUMBER = re.compile(r"(\d+)\.0")


@frozen
class Concept:
    """What a `concept` table says of a concept."""

    vocabulary: str
    code: str
    name: str = ""

    @property
    def coding(self) -> tuple[str, str] | None:
        """The FHIR system and the code, None for a vocabulary that is not read."""
        system = VOCABULARIES.get(self.vocabulary)
        return (system, self.code) if system else None

    @property
    def uncertain(self) -> bool:
        """For a condition's status: whether it says that the diagnosis is not (yet) sure."""
        return bool(_UNCERTAIN.search(self.name))


@frozen
class ConceptSets:
    """What a mapping says: concept ids by field, or by field and option (`cancer_type=breast`)."""

    sets: Mapping[tuple[str, str | None], frozenset[int]] = Factory(dict)

    @property
    def ids(self) -> frozenset[int]:
        """Every concept that is named."""
        return frozenset().union(*self.sets.values())


def read_concept_sets(source: str | Path | Mapping[str, Any] | None, dictionary: Dictionary) -> ConceptSets:
    """The concept sets of a mapping file, or of its content.

    Raises:
        InputFileError: it has other keys than `concepts`, an unknown field or option, an elapsed field that counts
            towards the future, or ids that are no whole numbers; all faults in one message.
    """
    if source is None:
        return ConceptSets()
    name = "the mapping" if isinstance(source, Mapping) else Path(source).name
    content = source if isinstance(source, Mapping) else mapping_content(source)
    listed = content.get("concepts")
    faults = [f"'{key}' is not a key of a mapping for OMOP. Use: concepts." for key in content if key != "concepts"]
    if not isinstance(listed, Mapping):
        faults.append("'concepts' must be a block: `concepts: {last_chemotherapy: [2000000001]}`.")
        listed = {}
    sets: dict[tuple[str, str | None], frozenset[int]] = {}
    for key, ids in listed.items():
        try:
            place = _place(str(key), dictionary)
            numbers = ids if isinstance(ids, list) else [ids]
            sets[place] = frozenset(int(str(number)) for number in numbers)
        except FieldError as error:
            faults.append(str(error))
        except ValueError:
            faults.append(f"'{key}': concept ids are whole numbers: `{key}: [2000000001]`.")
    if faults:
        raise InputFileError("\n".join([f"{name} cannot be used:", *(f"  {fault}" for fault in faults)]))
    return ConceptSets(sets)


def _place(key: str, dictionary: Dictionary) -> tuple[str, str | None]:
    name, _, option = (part.strip() for part in key.partition("="))
    entry = dictionary.field(name)
    if option:
        entry.mask(option)
        return entry.name, option
    if entry.kind in ("choice", "ordered", "set", "gate"):
        raise FieldError(f"'{name}' needs an option: `{name}={entry.options[0]}: [..]`.")
    if entry.towards_future:
        raise FieldError(f"'{name}' lies ahead; what is recorded in OMOP lies behind.")
    return entry.name, None


@define(eq=False)
class Meanings:
    """What the concepts of one database mean, looked up once each.

    `concepts` holds what the database's `concept` table says of those that occur, None where there is no such table;
    `descendants` every concept below one that a mapping names.
    """

    dictionary: Dictionary
    index: CodeIndex
    sets: ConceptSets = Factory(ConceptSets)
    concepts: Mapping[int, Concept] | None = None
    descendants: Mapping[int, frozenset[int]] = Factory(dict)

    def of(self, concept: int | None, source_concept: int | None, source_value: str | None) -> tuple[Meaning, ...]:
        """What a row's three ways of naming its concept say about fields; empty if nothing does."""
        found: dict[tuple[str, str | None], Meaning] = {}
        for system, code in self._codings(concept, source_concept, source_value):
            for meaning in self.index.meanings(system, code) or self._panel(system, code):
                found.setdefault((meaning.entry.name, meaning.option), meaning)
        for number in (concept or 0, source_concept or 0):
            for place, ids in self.sets.sets.items() if number else ():
                if number in ids or ids & self.descendants.get(number, frozenset()):
                    name, option = place
                    found.setdefault(place, Meaning(self.dictionary.fields[name], option))
        return tuple(found.values())

    def answer(self, entry: Field, concept: int | None) -> str | None:
        """The option of `entry` that a value concept names, None if it names none."""
        known = (self.concepts or {}).get(concept or 0)
        coding = known.coding if known else None
        return self.index.answer(entry, *coding) if coding else None

    def _panel(self, system: str, code: str) -> tuple[Meaning, ...]:
        return tuple(Meaning(entry) for entry in self.index.panel(system, code))

    def _codings(
        self, concept: int | None, source_concept: int | None, source_value: str | None
    ) -> list[tuple[str, str]]:
        codings = []
        for number in (concept, source_concept):
            if number:
                codings.append((OMOP, str(number)))
                known = (self.concepts or {}).get(number)
                if known and known.coding:
                    codings.append(known.coding)
        proven = proven_coding(source_value) if self.concepts is None and source_value else None
        return [*codings, proven] if proven else codings


def proven_coding(text: str) -> tuple[str, str] | None:
    """The system and code of a source value whose check digit proves it, None for any other.

    `65363002.0` is the number 65363002: some programs write codes as decimals.
    """
    bare = text.strip()
    decimal = _TEXT_OF_A_NUMBER.fullmatch(bare)
    bare = decimal[1] if decimal else bare
    loinc = _LOINC.fullmatch(bare)
    if loinc:
        return (VOCABULARIES["LOINC"], bare) if _mod10(loinc[1]) == int(loinc[2]) else None
    if _SNOMED.fullmatch(bare) and bare[-3:-1] in ("00", "10") and _verhoeff(bare):
        return VOCABULARIES["SNOMED"], bare
    return None


def _mod10(digits: str) -> int:
    """LOINC's check digit (Luhn's)."""
    doubled = "".join(str(int(digit) * 2) for digit in digits[::-2])
    total = sum(map(int, doubled)) + sum(int(digit) for digit in digits[-2::-2])
    return -total % 10


_D5 = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_P5 = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def _verhoeff(digits: str) -> bool:
    """Whether Verhoeff's check digit, which SNOMED CT identifiers end in, is right."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_D5[check][int(_P5[place % 8][int(digit)])])
    return check == 0
