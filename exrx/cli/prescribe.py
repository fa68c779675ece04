"""`exrx prescribe`: a training plan for one patient, or what stands in its way."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE_WITH_PROBLEMS, iso_date, out_file, warn, write_aside, write_aside_bytes
from exrx.cli.intake import notes_of, report_problems, warn_notes
from exrx.cli.screen import add_input, choose_protocol, decide, find_patient, read_intake, show

if TYPE_CHECKING:
    from exrx.io import Intake
    from exrx.screening import Decision
    from exrx.training import Plan
    from exrx.training.weeks.schedule import Frame
    from exrx.training.wishes import Wishes

_TEXTS = (".html", ".ics", ".md")
_ENDINGS = (".json", ".csv", ".txt", ".pdf", *_TEXTS)


def add_commands(commands: Any) -> None:
    """Add `prescribe`."""
    parser = commands.add_parser("prescribe", help="a training plan for one patient", allow_abbrev=False)
    add_input(parser)
    parser.add_argument("--stage", default="enrolment", metavar="S", help="default enrolment")
    parser.add_argument("--patient", metavar="ID", help="not needed when there is only one")
    parser.add_argument("--training", required=True, metavar="ID", help="such as dk-2015-group, or a path")
    parser.add_argument("--target", required=True, metavar="ID", help="such as acsm-150-75")
    parser.add_argument("--start", required=True, type=iso_date, metavar="DATE", help="the plan's first day")
    parser.add_argument("--weeks", required=True, type=int, metavar="N", help="how many weeks")
    parser.add_argument("--details", type=Path, metavar="FILE", help="goals, days, class, treatment, loads")
    parser.add_argument("--local", type=Path, metavar="FILE", help="the department's phone numbers (docs/plans.md)")
    parser.add_argument("--phase", metavar="P", help="such as prehabilitation, where the record does not say it")
    parser.add_argument("--no-treatment", action="store_true", help="do not lay the weeks around chemotherapy")
    parser.add_argument("--draft", action="store_true", help="write the plan though facts are missing, marked as draft")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write .json .csv .txt .html .pdf .ics or .md")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Give the plan, or the decision and what to get before there can be one."""
    from exrx.errors import PlanError
    from exrx.training import load_programme, load_target, prescribe

    _check_ending(arguments.out)
    protocol, stage = choose_protocol(arguments)
    training, target, wishes = load_programme(arguments.training), load_target(arguments.target), _wishes(arguments)
    as_of = arguments.as_of or arguments.start
    intake = read_intake(arguments, as_of)
    patient = find_patient(intake, arguments.patient)
    decision = decide(patient, protocol, stage, as_of, intake)
    asked: dict[str, Any] = {"target": target, "start": arguments.start, "weeks": arguments.weeks}
    asked |= {"details": wishes.details, "phase": arguments.phase or wishes.phase}
    asked["frame"] = wishes.frame if arguments.no_treatment else _with_treatment(wishes.frame, decision)
    try:
        plan = prescribe(patient, decision, training, draft=arguments.draft, **asked)
    except PlanError as error:
        if decision.may_train and not decision.example:
            raise
        why = getattr(error, "danish", "") if arguments.lang == "da" else ""
        return _without_plan(intake, decision, arguments, why or str(error))
    _give(plan, arguments, intake, wishes.times)
    return report_problems(intake, arguments.lang, [decision])


def _document(plan: Plan, ending: str, lang: str, times: dict[int | str, str]) -> str:
    """A sheet, a calendar or a CERT block."""
    if ending == ".html":
        from exrx.fields import load_dictionary
        from exrx.report.plan_html import sheet_html

        return sheet_html(plan, lang, load_dictionary())
    if ending == ".ics":
        from exrx.report.plan_ics import plan_ics

        return plan_ics(plan, lang, times=times)
    from exrx.report.plan_cert import cert_markdown

    return cert_markdown(plan, lang)


def _wishes(arguments: argparse.Namespace) -> Wishes:
    from exrx.training.wishes import Wishes

    wishes = Wishes.of(_content(arguments.details))
    return wishes.with_phones(_content(arguments.local)) if arguments.local else wishes


def _content(path: Path | None) -> Any:
    """What a YAML or JSON file holds, as plain text, lists and mappings."""
    from exrx.yamlread import read_yaml

    return read_yaml(path).plain() if path else {}


def _with_treatment(frame: Frame, decision: Decision) -> Frame:
    """The frame with the treatment of the patient's record where the details give none."""
    from attrs import evolve

    from exrx.training.person import Person
    from exrx.training.weeks.treatment import treatment_of

    if frame.treatment is not None:
        return frame
    return evolve(frame, treatment=treatment_of(Person(decision.inputs), decision.as_of))


def _check_ending(out: Path | None) -> None:
    from exrx.errors import PlanError

    if out is not None and out.suffix.lower() not in _ENDINGS:
        raise PlanError(f"a plan is written as {', '.join(_ENDINGS)}; '{out.name}' ends otherwise")


def _without_plan(intake: Intake, decision: Decision, arguments: argparse.Namespace, why: str) -> int:
    from exrx.fields import load_dictionary
    from exrx.report.decision_text import decision_report

    show(decision_report(decision.to_dict(), arguments.lang, load_dictionary()))
    warn_notes(intake, arguments.lang)
    report_problems(intake, arguments.lang, [decision])
    warn(f"exrx: {why}")
    if not arguments.draft and decision.clearance.word in ("assess", "consult"):
        warn("exrx: a plan marked as draft can be written with --draft")
    return DONE_WITH_PROBLEMS


def _give(plan: Plan, arguments: argparse.Namespace, intake: Intake, times: dict[int | str, str]) -> None:
    from rich.console import Group

    from exrx.fields import load_dictionary
    from exrx.report.plan_text import plan_report

    ending = arguments.out.suffix.lower() if arguments.out else ".txt"
    if ending != ".txt":
        warn_notes(intake, arguments.lang)
    if ending == ".json":
        write_aside(arguments.out, [json.dumps(plan.to_dict(), ensure_ascii=False, indent=1), "\n"])
    elif ending == ".csv":
        write_aside(arguments.out, [plan.to_csv(arguments.lang)])
    elif ending == ".pdf":
        from exrx.report.plan_pdf import sheet_pdf

        write_aside_bytes(arguments.out, sheet_pdf(plan, arguments.lang, load_dictionary()))
    elif ending in _TEXTS:
        write_aside(arguments.out, [_document(plan, ending, arguments.lang, times)])
    else:
        report = plan_report(plan, arguments.lang, load_dictionary())
        show(Group(report, *notes_of(intake, arguments.lang)), arguments.out)
