"""Patient JSON from files: one object, an array of objects, or JSON Lines; N patients in, N patients out.

    [{"id": "a", "platelets": 180}, {"id": "b"}]          .json
    {"id": "a", "platelets": 180}\\n{"id": "b"}\\n          .jsonl

What one patient may look like is `Patient.from_dict`; here is only what a file of them may get wrong.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from exrx.errors import InputFileError, Problem
from exrx.patient import Patient
from exrx.values import UNSHOWABLE, WITHHELD, has_identifier, is_unshowable, row_name

if TYPE_CHECKING:
    from exrx.cohort import Cohort

STDIN = "-"
_GZIP = b"\x1f\x8b"


@frozen
class FileProblem:
    """Something in a file that could not be read.

    `row` counts patients from 1, None when it belongs to nobody; `message` never holds the value itself.
    """

    row: int | None
    place: str
    code: str
    message: str


@frozen
class Intake:
    """What a file held: `patients` or a `cohort`, in the file's order.

    `problems` are faults of the file; a row with one is still there, as a patient of whom nothing is known.
    `notes` are assumptions made while reading, which every output has to repeat.
    """

    patients: tuple[Patient, ...] | None = None
    cohort: Cohort | None = None
    problems: tuple[FileProblem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many patients came in."""
        if self.cohort is not None:
            return self.cohort.n
        return len(self.patients or ())


def read_patients(path: str | Path) -> tuple[Patient, ...]:
    """The patients of a JSON or JSON Lines file, as `read_patients_intake`."""
    return read_patients_intake(path).patients or ()


def read_patients_intake(path: str | Path) -> Intake:
    """Read patients from a file, gzipped or not; `-` is standard input.

    A row that is not an object, or a line that is not JSON, becomes a patient of whom nothing is known, with
    a problem in both places. A patient without an id is called `row-<n>`; those who share one are all kept,
    each with a problem.

    Raises:
        InputFileError: the file cannot be read, is empty, or is not JSON as a whole.
    """
    return patients_from_bytes(read_bytes(path), shown_name(path), lines=_has_lines(path))


def patients_from_bytes(data: bytes, name: str, *, lines: bool = False) -> Intake:
    """The patients in the content of the file `name`; `lines` when each line is one. Raises as above."""
    text = decode_json(data, name)
    rows = list(_lines(text, name)) if lines else _rows(text, name)
    problems: list[FileProblem] = []
    patients: list[Patient] = []
    for number, (place, content) in enumerate(rows, 1):
        if isinstance(content, FileProblem):
            fault: FileProblem | None = evolve(content, row=number)
        elif isinstance(content, dict):
            message = f"{place} is a FHIR resource among patient JSON; nothing in it was used."
            fault = FileProblem(number, place, "not-a-patient", message) if "resourceType" in content else None
        else:
            kind = _KINDS.get(type(content), type(content).__name__)
            fault = FileProblem(number, place, "not-a-patient", f"{place} is {kind}, not an object of fields.")
        try:
            patients.append(blank_patient(fault) if fault else read_patient(content))
        except RecursionError:
            fault = FileProblem(number, place, "not-a-patient", f"{place} is nested too deeply to be a patient.")
            patients.append(blank_patient(fault))
        problems += [fault] if fault else []
    return Intake(patients=mark_duplicates(named(patients)), problems=tuple(problems))


_KINDS = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def read_bytes(path: str | Path) -> bytes:
    """The content of a file or, for `-`, of standard input, unpacked if it is gzip.

    Raises:
        InputFileError: it does not exist, cannot be read, or is damaged gzip.
    """
    if str(path) == STDIN:
        if sys.stdin is None:
            raise InputFileError("standard input is closed; give a file, or send the patients to it.")
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "unknown fault"
            raise InputFileError(f"{shown_name(path)} cannot be read: {why}.") from error
    if data[:2] != _GZIP:
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputFileError(f"{shown_name(path)} is damaged gzip; copy it again.") from error


def shown_name(path: str | Path) -> str:
    """How messages call a file; a CPR number in its name is not repeated."""
    name = "standard input" if str(path) == STDIN else Path(path).name or str(path)
    return "the file whose name holds a CPR number" if has_identifier(name) else name


def decode_json(data: bytes, name: str) -> str:
    """JSON text from bytes in any Unicode encoding.

    Raises:
        InputFileError: the file is empty or not Unicode.
    """
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise InputFileError(f"{name} is not Unicode text; save it as UTF-8.") from error
    if not text.strip():
        raise InputFileError(f"{name} is empty.")
    return text


class _Doubled(dict[str, Any]):
    """An object in which keys stand twice; `twice` names them."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    doubled = _Doubled(content)
    counted = Counter(key for key, _ in pairs)
    doubled.twice = tuple(key for key, times in counted.items() if times > 1)
    return doubled


def parse_json(text: str) -> Any:
    """A JSON document; ValueError when it is none (also for a nesting or a number too large to be meant)."""
    try:
        content = json.loads(text, object_pairs_hook=_object)
        return _whole(content) if _HALF.search(text) else content
    except RecursionError:
        raise ValueError("nested too deeply") from None


_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_LONE = re.compile(r"[\ud800-\udfff]")


def _whole(content: Any) -> Any:
    """The content with a replacement for every half character, which no output can hold."""
    if isinstance(content, str):
        return _LONE.sub("\ufffd", content)
    if isinstance(content, list):
        return [_whole(item) for item in content]
    if isinstance(content, dict):
        pairs = _object([(_whole(key), _whole(value)) for key, value in content.items()])
        if isinstance(content, _Doubled):
            doubled = _Doubled(pairs)
            doubled.twice = (*getattr(pairs, "twice", ()), *map(_whole, content.twice))
            return doubled
        return pairs
    return content


def _rows(text: str, name: str) -> list[tuple[str, Any]]:
    try:
        content = parse_json(text)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            return list(_lines(text, name))
        raise InputFileError(f"{name} is not JSON: {_where(error)}.") from error
    if isinstance(content, list):
        return [(f"{name}, item {number}", item) for number, item in enumerate(content, 1)]
    return [(name, content)]


def _lines(text: str, name: str) -> Iterator[tuple[str, Any]]:
    readable, rows = False, []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            rows.append((place, parse_json(line)))
            readable = True
        except ValueError as error:
            rows.append((place, FileProblem(None, place, "not-json", f"{place} is not JSON: {_where(error)}.")))
    if not readable:
        raise InputFileError(f"{name} is not JSON Lines: none of its {len(rows)} lines is JSON.")
    yield from rows


def _where(error: ValueError) -> str:
    """What is wrong and where, without the text around it."""
    if isinstance(error, json.JSONDecodeError):
        what = error.msg[:1].lower() + error.msg[1:]
        return f"{what} at line {error.lineno}, column {error.colno}"
    return "a number in it is too long" if "digits" in str(error) else "it is nested too deeply"


def _has_lines(path: str | Path) -> bool:
    ending = Path(path).name.removesuffix(".gz")
    return ending.endswith((".jsonl", ".ndjson"))


def read_patient(content: dict[str, Any]) -> Patient:
    """The patient of one parsed object; what stands twice in it is not used and is a problem."""
    patient = Patient.from_dict(content)
    doubtful = doubled_keys(content)
    return _without(patient, doubtful) if doubtful else patient


def doubled_keys(content: dict[str, Any]) -> tuple[str, ...]:
    """The keys of an object of `parse_json` that stand twice, or hold something that does."""
    twice = content.twice if isinstance(content, _Doubled) else ()
    return tuple(dict.fromkeys([*twice, *(key for key, value in content.items() if _is_doubled(value))]))


def _is_doubled(value: Any) -> bool:
    """Whether a key stands twice anywhere within a value."""
    if isinstance(value, dict):
        return isinstance(value, _Doubled) or any(map(_is_doubled, value.values()))
    return isinstance(value, list) and any(map(_is_doubled, value))


def _without(patient: Patient, twice: tuple[str, ...]) -> Patient:
    """A patient with the keys `twice` standing more than once: nobody knows which value was meant."""
    problems = []
    observations = dict(patient.observations)
    for key in twice:
        message = f"'{key:.80}' holds a key twice; nothing of it is used."
        problem = Problem(key[:80], None, "contradiction", message)
        if has_identifier(key):
            problem = Problem(WITHHELD, WITHHELD, "contradiction", "a key stands twice.")
        problems.append(problem)
        for name, observed in patient.observations.items():
            if key in (observed.source or {}):
                source = {key: None}
                observations[name] = evolve(observed, possible=None, given=None, problem=problem, source=source)
    return evolve(
        patient,
        id="" if "id" in twice else patient.id,
        observations=observations,
        forms=() if "forms" in twice else patient.forms,
        problems=(*patient.problems, *problems),
    )


def blank_patient(fault: FileProblem) -> Patient:
    """A patient of whom nothing is known but that their row could not be read."""
    return Patient("", {}, problems=(Problem("row", None, fault.code, fault.message),))


def named(patients: Sequence[Patient], first: int = 1, taken: Collection[str] | None = None) -> list[Patient]:
    """The patients, called `row-<n>` where nobody named them or the identifier was refused.

    `first` is the number of the first of them; `taken` the names that none may get, by default their own.
    """
    usable = [_showable(patient) for patient in patients]
    names = {patient.id for patient in usable} if taken is None else taken
    return [
        patient if patient.id else evolve(patient, id=row_name(number, names))
        for number, patient in enumerate(usable, first)
    ]


def _showable(patient: Patient) -> Patient:
    """The patient, without an id that no list can show: it could forge a line of what people read."""
    if not is_unshowable(patient.id):
        return patient
    return evolve(patient, id="", problems=(*patient.problems, Problem("id", None, "wrong-shape", UNSHOWABLE)))


def mark_duplicates(patients: list[Patient], counted: Mapping[str, int] | None = None) -> tuple[Patient, ...]:
    """All patients; those who share an id have a problem that says so.

    `counted` says how many patients have an id, where these are not all; one that is not in it is nobody else's.
    """
    times = Counter(patient.id for patient in patients) if counted is None else counted
    return tuple(
        evolve(patient, problems=(*patient.problems, _duplicate(patient.id, times[patient.id])))
        if times.get(patient.id, 1) > 1
        else patient
        for patient in patients
    )


def _duplicate(name: str, times: int) -> Problem:
    message = (
        f"{times} patients of this input are called '{name}'; make sure that each answer reaches the right person."
    )
    return Problem("id", name, "duplicate-id", message)
