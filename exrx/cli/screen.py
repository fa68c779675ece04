"""`exrx screen`: who may train today, and under which limits."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import day_of, iso_date, out_file, print_parts, screen_files, terminal, warn, write_aside
from exrx.cli.intake import notes_of, refuse_strangers, report_problems, warn_notes

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exrx.io import Intake
    from exrx.patient import Patient
    from exrx.protocol import Protocol
    from exrx.screening import Decision


ASSUMED = "assumed"
_ENDINGS = {".txt": "table", ".json": "json", ".jsonl": "jsonl"}
_BY_DEFAULT = {
    "da": "exrx: ingen --protocol, så {protocol} bruges: hver grænse i dens regler er læst i en kilde, og den passer "
    "til en dansk patient overalt. Vælg en anden med --protocol (exrx protocol list)",
    "en": "exrx: no --protocol, so {protocol} is used: each limit in its rules was read in a source, and it fits a "
    "Danish patient in any setting. Choose another with --protocol (exrx protocol list)",
}
MANY, MOST_URGENT, MOST_ASKED = 200, 20, 200
"""More patients than MANY are summed up in a table, with the MOST_URGENT listed; at most MOST_ASKED are asked for
their missing facts."""


def add_commands(commands: Any) -> None:
    """Add `screen`."""
    one = commands.add_parser(
        "screen", help="who may train, under which limits, and what to ask first", allow_abbrev=False
    )
    add_input(one)
    add_stage(one)
    one.add_argument("--patient", help="only the patient with this id")
    one.add_argument(
        "--format", choices=("table", "json", "jsonl"), help="default table, or what the ending of --out says"
    )
    one.add_argument(
        "--out", type=out_place, metavar="FILE", help="write .txt, .json, .jsonl or a table instead of printing"
    )
    screen_files.add_arguments(one)
    one.set_defaults(run=run_screen)


def add_input(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """The arguments that say whom to screen, against what, on which day."""
    parser.add_argument(
        "input",
        metavar="INPUT",
        nargs="?" if optional else None,
        help="patient JSON or JSON lines, CSV, Excel, Parquet, Arrow, FHIR, OMOP; - reads patient JSON from stdin",
    )
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The arguments of `add_input` without the input itself."""
    parser.add_argument(
        "--protocol",
        metavar="ID[,ID]",
        help="a shipped protocol or the path of one (exrx protocol list); default dk-verified, verified numbers only",
    )
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to answer for (default today)")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="what a table's columns mean")
    parser.add_argument(
        "--assume-no",
        default="",
        metavar="WHAT",
        help="'conditions': a condition that is not recorded is absent; every output says so",
    )
    add_language(parser)


def out_place(text: str) -> str:
    """The text of an `--out` argument that may name a folder; a plain refusal for argparse where it is empty."""
    out_file(text)
    return text


def add_stage(parser: argparse.ArgumentParser) -> None:
    """The stage of the protocol."""
    parser.add_argument("--stage", metavar="S", help="enrolment or session; not needed where there is only one")


def add_language(parser: argparse.ArgumentParser) -> None:
    """The language of what people read."""
    parser.add_argument("--lang", choices=("da", "en"), default="en", help="language of the text (default en)")


def run_screen(arguments: argparse.Namespace) -> int:
    """Screen every patient of the input and print or write the answers."""
    if screen_files.is_wanted(arguments):
        return _run_files(arguments)
    arguments.out = None if arguments.out is None else Path(arguments.out)
    layout = _layout(arguments.format, arguments.out)
    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    intake = read_intake(arguments, as_of)
    screened = Screened(intake, protocol, stage, as_of, arguments.patient)
    if layout == "table" and screened.count > MANY:
        return _run_many(arguments, intake, protocol, stage, as_of)
    if layout == "table":
        show(_table(screened, arguments.lang), arguments.out)
    elif arguments.out:
        write_aside(arguments.out, _json_parts(screened.decisions(), layout))
    else:
        print_parts(_json_parts(screened.decisions(), layout))
    if layout != "table":
        warn_notes(intake, arguments.lang)
    return report_problems(intake, arguments.lang, screened.problems)


def _run_files(arguments: argparse.Namespace) -> int:
    """Write the answers as a table: the input's own rows in pieces, or patients that came one by one."""
    from exrx.io.sources import is_table
    from exrx.protocol import DEFAULT_PROTOCOL

    protocol, stage = choose_protocol(arguments)
    as_of = day_of(arguments.as_of)
    if is_table(arguments.input) and not arguments.assume_no:
        return screen_files.run_table(arguments, arguments.protocol or DEFAULT_PROTOCOL, stage, as_of)
    if arguments.on:
        from exrx.errors import InputFileError

        raise InputFileError("--on goes with tables: patients that come one by one are answered on this machine")
    return screen_files.run_patients(arguments, protocol, stage, as_of)


def _layout(given: str | None, out: Path | None) -> str:
    """The format to write: the one given, else what the ending of the file says.

    Raises:
        InputFileError: nothing is given and the ending says nothing.
    """
    from exrx.errors import InputFileError

    if given or out is None:
        return given or "table"
    layout = _ENDINGS.get(out.suffix.lower())
    if layout is None:
        raise InputFileError(
            f"'{out.name}' does not say how to write the answers: let it end in "
            f"{', '.join((*_ENDINGS, *screen_files.ENDINGS))}, name a FOLDER/, or choose with --format"
        )
    return layout


class Screened:
    """The decisions of an input, made one at a time; those with problems are remembered for the exit code."""

    def __init__(self, intake: Intake, protocol: Protocol, stage: str, as_of: date, only: str | None) -> None:
        self.intake, self.protocol, self.stage, self.as_of = intake, protocol, stage, as_of
        self.problems: list[Decision] = []
        self._patients = [find_patient(intake, only)] if only else None

    @property
    def count(self) -> int:
        """How many patients there are."""
        if self._patients is not None:
            return len(self._patients)
        return len(self.intake.patients) if self.intake.patients is not None else _cohort(self.intake).n

    def decisions(self) -> Iterator[Decision]:
        """One decision a patient, in the input's order."""
        patients: Iterable[Patient]
        patients = self._patients if self._patients is not None else every_patient(self.intake)
        for patient in patients:
            decision = decide(patient, self.protocol, self.stage, self.as_of, self.intake)
            if decision.problems:
                self.problems.append(decision)
            yield decision


def choose_protocol(arguments: argparse.Namespace) -> tuple[Protocol, str]:
    """The protocol and the stage that the call asks for; without a protocol the default one, which is said on stderr.

    Raises:
        ProtocolError: no such protocol or stage, or a stage is needed.
    """
    from exrx.errors import ProtocolError
    from exrx.protocol import DEFAULT_PROTOCOL, load_protocol

    wanted = arguments.protocol
    if wanted is None:
        wanted = DEFAULT_PROTOCOL
        warn(_BY_DEFAULT[getattr(arguments, "lang", "en")].format(protocol=wanted))
    if not any(part.strip() for part in wanted.split(",")):
        raise ProtocolError("--protocol names no protocol; exrx protocol list shows those that are shipped")
    protocol = load_protocol(wanted)
    stages = protocol.stages
    if arguments.stage is None and len(stages) == 1:
        return protocol, stages[0]
    if arguments.stage not in stages:
        given = "say which stage" if arguments.stage is None else f"there is no stage '{arguments.stage}'"
        raise ProtocolError(f"{given}: {protocol.id} has {', '.join(stages) or 'no common stage'}; use --stage")
    return protocol, arguments.stage


def read_intake(arguments: argparse.Namespace, as_of: date) -> Intake:
    """The patients of the input.

    Raises:
        InputFileError, PatientError, OSError: nothing can be read, or nothing in it is known.
    """
    from exrx.io import read_input

    assumed = frozenset(part.strip() for part in arguments.assume_no.split(",") if part.strip())
    intake = read_input(arguments.input, as_of=as_of, mapping=arguments.mapping, assume_no=assumed)
    refuse_strangers(intake, arguments.input)
    return intake


def _cohort(intake: Intake) -> Any:
    from exrx.errors import InputFileError

    if intake.cohort is None:
        raise InputFileError("the input holds no patients")
    return intake.cohort


def every_patient(intake: Intake) -> Iterator[Patient]:
    """The patients of the input in its order, whether they came one by one or as a table."""
    if intake.patients is not None:
        yield from intake.patients
        return
    cohort = _cohort(intake)
    yield from (cohort.source(row) for row in range(cohort.n))


def find_patient(intake: Intake, wanted: str | None) -> Patient:
    """The patient with the id `wanted`, or the only one.

    Raises:
        PatientError: there is none, or several; the message says what to write.
    """
    from difflib import get_close_matches

    from exrx.errors import PatientError

    ids = [patient.id for patient in intake.patients] if intake.patients is not None else list(_cohort(intake).ids)
    if wanted is None:
        if len(ids) != 1:
            raise PatientError(f"the input holds {len(ids)} patients; choose one with --patient ID")
        row = 0
    else:
        rows = [row for row, name in enumerate(ids) if str(name) == wanted]
        if not rows:
            near = get_close_matches(wanted, [str(name) for name in ids], n=3)
            hint = f" Did you mean: {', '.join(near)}?" if near else ""
            raise PatientError(f"there is no patient '{wanted}'.{hint}")
        if len(rows) > 1:
            raise PatientError(f"{len(rows)} patients have the id '{wanted}'; give each its own")
        row = rows[0]
    patient: Patient = intake.patients[row] if intake.patients is not None else _cohort(intake).source(row)
    return patient


def decide(patient: Patient, protocol: Protocol, stage: str, as_of: date, intake: Intake) -> Decision:
    """The decision for one patient; what was assumed about the patient when reading stands in its notice."""
    from exrx.screening import screen

    return with_assumptions(screen(patient, protocol, stage=stage, as_of=as_of), intake)


def with_assumptions(decision: Decision, intake: Intake) -> Decision:
    """The decision with what was assumed about its patient when the input was read."""
    from attrs import evolve

    assumed = any(entry.origin == ASSUMED for entry in decision.inputs.values())
    return evolve(decision, assumptions=(*decision.assumptions, *intake.notes)) if assumed else decision


def _json_parts(decisions: Iterable[Decision], layout: str) -> Iterator[str]:
    if layout == "jsonl":
        for decision in decisions:
            yield json.dumps(decision.to_dict(), ensure_ascii=False) + "\n"
        return
    before = "[\n"
    for decision in decisions:
        yield before + json.dumps(decision.to_dict(), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _table(screened: Screened, lang: str) -> RenderableType:
    from rich.console import Group

    from exrx.fields import load_dictionary

    names = load_dictionary()
    parts: list[RenderableType] = []
    if screened.count == 1:
        from exrx.report.decision_text import decision_report

        parts += [decision_report(decision.to_dict(), lang, names) for decision in screened.decisions()]
    else:
        from exrx.report.worklist_text import worklist

        parts.append(worklist([decision.to_dict() for decision in screened.decisions()], lang, names))
    return Group(*parts, *notes_of(screened.intake, lang))


def _run_many(arguments: argparse.Namespace, intake: Intake, protocol: Protocol, stage: str, as_of: date) -> int:
    """A cohort in a table: its summary, and the most urgent patients one by one."""
    from rich.console import Group
    from rich.text import Text

    from exrx.cohort import Cohort
    from exrx.fields import load_dictionary
    from exrx.report import PHRASES
    from exrx.report.cohort_text import cohort_report, summarise
    from exrx.report.worklist_text import worklist
    from exrx.rules.restriction import Clearance
    from exrx.screening import screen_cohort

    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    decisions = screen_cohort(cohort, protocol, stage=stage, as_of=as_of)
    waiting = (decisions.clearance == Clearance.ASSESS).nonzero()[0].tolist()
    summary = summarise(decisions, (decisions.explain(row) for row in waiting[:MOST_ASKED]))
    worst, clearance = decisions.worst.tolist(), decisions.clearance.tolist()
    order = sorted(range(len(decisions)), key=lambda row: (-worst[row], -clearance[row], row))
    urgent = [decide(cohort.source(row), protocol, stage, as_of, intake).to_dict() for row in order[:MOST_URGENT]]
    names = load_dictionary()
    parts = [
        cohort_report(summary, arguments.lang, names),
        Text(""),
        worklist(urgent, arguments.lang, names, urgent=True),
    ]
    parts.append(Text(PHRASES[arguments.lang]["all patients"], style="dim"))
    show(Group(*parts, *notes_of(intake, arguments.lang)), arguments.out)
    return report_problems(intake, arguments.lang, rows=cohort.at(as_of, protocol.validity_at(stage)).problems())


def show(report: RenderableType, out: Path | None = None) -> None:
    """Print a report, or write it to a file without colour."""
    if out is None:
        terminal().print(report)
        return
    from io import StringIO

    from rich.console import Console

    from exrx.cli import WIDTH

    text = StringIO()
    Console(file=text, width=WIDTH, color_system=None, highlight=False, emoji=False).print(report)
    write_aside(out, [text.getvalue()])
