"""`exrx protocol diff`: what differs between two protocols, what it means for patients, and who is affected."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, day_of, iso_date, print_text, warn, write_aside
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from exrx.proof.agreement import Agreement
    from exrx.protocol import Protocol
    from exrx.screening.compare import CohortDifference


def add_diff(inner: Any) -> None:
    """Register the command."""
    command = inner.add_parser("diff", help="what two protocols say differently, and of whom", allow_abbrev=False)
    command.add_argument("first", metavar="A", help="a shipped protocol or a path")
    command.add_argument("second", metavar="B", help="a shipped protocol or a path")
    command.add_argument("--stage", metavar="S", help="only this stage (default: every stage that both have)")
    command.add_argument("--cohort", metavar="FILE", help="patients: who gets another clearance or track")
    command.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to ask the cohort for (default today)")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="what a table's columns mean")
    command.add_argument("--out", type=Path, metavar="DIR", help="write the patients who get different answers here")
    command.add_argument("--written", action="store_true", help="only what is written otherwise, without proofs")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_language(command)
    command.set_defaults(run=run_diff)


def run_diff(arguments: argparse.Namespace) -> int:
    """Print the difference; a difference is not a fault. 1 when something in the cohort's file was refused."""
    from exrx.fields import load_dictionary
    from exrx.protocol import load_protocol
    from exrx.protocol.diff import diff_protocols
    from exrx.report import Phrases
    from exrx.report.diff_text import agreement_lines, cohort_lines, diff_lines

    first, second = load_protocol(arguments.first), load_protocol(arguments.second)
    stages = _stages(first, second, arguments.stage)
    diff = diff_protocols(first, second, arguments.stage)
    meanings = [] if arguments.written else _meanings(first, second, stages)
    if arguments.out:
        _write_patients(arguments.out, meanings)
    cohorts, code = _cohorts(arguments, first, second, stages) if arguments.cohort else ({}, DONE)
    if arguments.format == "json":
        print_text(json.dumps({
            "first": _identity(first), "second": _identity(second), "written": diff.to_dict(),
            "meaning": [found.to_dict() for found in meanings],
            "cohort": [{"stage": stage, **found.to_dict()} for stage, found in cohorts.items()],
        }, ensure_ascii=False, indent=1))  # fmt: skip
        return code
    p = Phrases(arguments.lang, load_dictionary())
    lines = list(diff_lines(diff, p))
    for found in meanings:
        lines += agreement_lines(found, diff, p)
    for stage, affected in cohorts.items():
        lines += ["", p.stage(stage), *list(cohort_lines(affected, p))[1:]]
    for line in lines:
        print_text(line)
    return code


def _write_patients(folder: Path, meanings: list[Agreement]) -> None:
    """One file a difference, named after the stage; made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for found in meanings:
        for number, difference in enumerate(found.differences, start=1):
            text = json.dumps(difference.patient, ensure_ascii=False, indent=1) + "\n"
            write_aside(folder / f"{found.stage}-{number}-{difference.part}.json", [text])


def _stages(first: Protocol, second: Protocol, asked: str | None) -> list[str]:
    """The stages to compare at.

    Raises:
        ProtocolError: the stage asked for is not one of both.
    """
    from exrx.errors import ProtocolError

    shared = [stage for stage in first.stages if stage in second.stages]
    if asked is not None and asked not in shared:
        both = f"both have: {', '.join(shared)}" if shared else "they have no stage in common"
        raise ProtocolError(f"there is no stage '{asked}' in {first.id} and {second.id}; {both}")
    return [asked] if asked is not None else shared


def _identity(protocol: Protocol) -> dict[str, str]:
    return {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256}


def _meanings(first: Protocol, second: Protocol, stages: list[str]) -> list[Agreement]:
    """The meaning at each stage; without z3 none, and it is said what is missing."""
    from exrx.errors import MissingDependencyError

    try:
        from exrx.proof.agreement import compare_meaning

        return [compare_meaning(first, second, stage) for stage in stages]
    except MissingDependencyError as error:
        warn(f"exrx: what the difference means for patients is left out. {error}")
        return []


def _cohorts(
    arguments: argparse.Namespace, first: Protocol, second: Protocol, stages: list[str]
) -> tuple[dict[str, CohortDifference], int]:
    from exrx.cli.intake import refuse_strangers, report_problems
    from exrx.cohort import Cohort
    from exrx.io import read_input
    from exrx.screening.compare import compare_on_cohort

    as_of = day_of(arguments.as_of)
    intake = read_input(arguments.cohort, as_of=as_of, mapping=arguments.mapping)
    refuse_strangers(intake, arguments.cohort)
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    found = {stage: compare_on_cohort(cohort, first, second, stage=stage, as_of=as_of) for stage in stages}
    return found, report_problems(intake, arguments.lang, rows=cohort.at(as_of).problems())
