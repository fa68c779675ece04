"""What was odd about an input, for people: its notes, every problem by name, and an input of which nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, warn

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exrx.errors import Problem
    from exrx.io import FileProblem, Intake
    from exrx.patient import Patient
    from exrx.screening import Decision

_UNREAD = "Columns that were not read: "
_NO_ROWS = " has no rows below its header: it holds no patients."
_NAMED, _LISTED = 8, 20


def refuse_strangers(intake: Intake, name: str) -> None:
    """Refuse an input in which no column or key is known: its rows would be lost, or all answered alike.

    Raises:
        InputFileError: naming the columns or keys, and how to say what they mean.
    """
    from exrx.errors import InputFileError

    shown = "the input" if name == "-" else Path(name).name
    how = "See docs/input.md, and exrx fields for the names that are known."
    unread = [note.removeprefix(_UNREAD).removesuffix(".") for note in intake.notes if note.startswith(_UNREAD)]
    if intake.cohort is not None:
        if unread and not intake.cohort.n and _has_rows(name):
            raise InputFileError(
                f"none of the columns of {shown} is a field, so no row can be answered: {unread[0]}. "
                f"Rename them, or say what they mean with --mapping FILE. {how}"
            )
        return
    patients = intake.patients or ()
    if patients and all(map(_is_stranger, patients)):
        keys = list(dict.fromkeys(fault.field for patient in patients for fault in patient.problems))
        more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
        raise InputFileError(
            f"none of the keys of {shown} is a field, so no patient can be answered: {', '.join(keys[:_NAMED])}{more}. "
            f"The input is one patient, a list of patients, or one a line. Rename the keys. {how}"
        )


def _has_rows(name: str) -> bool:
    """True where a table has more than its header; a table without a known column does not say how many."""
    from exrx.io.csvread import read_csv
    from exrx.io.patients_json import read_bytes
    from exrx.io.sources import TEXT

    text = name.lower().removesuffix(".gz").endswith(TEXT)
    return not text or read_csv(read_bytes(name), Path(name).name).n > 0


def _is_stranger(patient: Patient) -> bool:
    """True for a patient without a name, of whom only unknown keys are given."""
    named = patient.id and not patient.id.startswith("row-")
    only = {fault.code for fault in patient.problems} == {"unknown-field"}
    return only and not named and not patient.observations and not patient.forms


def notes_of(intake: Intake, lang: str) -> list[RenderableType]:
    """What was assumed or left aside when the input was read, to stand under every answer."""
    from rich.text import Text

    return [Text(f"! {_note(note, lang)}", style="yellow") for note in intake.notes]


def warn_notes(intake: Intake, lang: str) -> None:
    """The same on stderr, where the answers themselves are for programs."""
    for note in intake.notes:
        warn(f"exrx: {_note(note, lang)}")


def _note(note: str, lang: str) -> str:
    from exrx.report.notes import note_words

    if lang == "da" and note.endswith(_NO_ROWS):
        return f"{note.removesuffix(_NO_ROWS)} har ingen rækker under overskriften: der er ingen patienter i den."
    return note_words(note, lang)


def report_problems(
    intake: Intake, lang: str, decisions: Iterable[Decision] = (), rows: Iterable[tuple[int, Problem]] = ()
) -> int:
    """Name every refused file, column, row and value on stderr, each once; the exit code that follows.

    Of many only the first are listed, with how many there are: all of them stand in the JSON.
    """
    words = _Danish() if lang == "da" else _English()
    said = {problem.message for problem in intake.problems}
    lines = [words.file(problem) for problem in intake.problems]
    if intake.cohort is not None:
        rows = [*intake.cohort.faults, *rows]
    lines += [words.fault(_whose(intake, row, words), fault) for row, fault in rows]
    for decision in decisions:
        whose = f"{words.patient} {decision.patient or words.nameless}"
        lines += [words.fault(whose, fault) for fault in decision.problems if fault.message not in said]
    distinct = list(dict.fromkeys(lines))
    for line in distinct[:_LISTED]:
        warn(f"exrx: {line}")
    if len(distinct) > _LISTED:
        warn(f"exrx: {words.more.format(n=len(distinct) - _LISTED)}")
    return DONE_WITH_PROBLEMS if lines else DONE


def _whose(intake: Intake, row: int, words: _English) -> str:
    if row < 0:
        return words.table
    ids = intake.cohort.ids if intake.cohort is not None else [patient.id for patient in intake.patients or ()]
    return f"{words.patient} {ids[row] or words.nameless}"


class _English:
    table, patient, nameless = "table", "patient", "without id"
    more = "and {n} more problems; all of them stand with their patients in --format json"

    def file(self, problem: FileProblem) -> str:
        place = "" if problem.message.startswith(problem.place) else f"{problem.place}: "
        return f"{place}{problem.message} ({problem.code})"

    def fault(self, whose: str, fault: Problem) -> str:
        message = fault.message.removeprefix(f"{fault.field}: ")
        return f"{whose}: {fault.field}: {message} ({fault.code})"


class _Danish(_English):
    table, nameless = "tabellen", "uden id"
    more = "og {n} problemer mere; alle står ved deres patienter i --format json"

    def file(self, problem: FileProblem) -> str:
        from exrx.report.problem_text import danish_fault

        said = danish_fault(problem.place, problem.code)
        return f"{said} ({problem.code})" if said else super().file(problem)

    def fault(self, whose: str, fault: Problem) -> str:
        from exrx.fields import load_dictionary
        from exrx.report import Phrases
        from exrx.report.problem_text import danish_problem

        content: Mapping[str, Any] = {
            "field": fault.field, "given": fault.given, "code": fault.code, "message": fault.message,
        }  # fmt: skip
        return f"{whose}: {danish_problem(Phrases('da', load_dictionary()), content)} ({fault.code})"
