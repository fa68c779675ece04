"""`exrx demo`: a synthetic morning in a chemotherapy service, from 5,000 forms to one patient's schedule."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, day_of, iso_date, out_file, terminal, write_aside
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from rich.console import Console

    from exrx.fields import Dictionary
    from exrx.screening import Decision, Decisions
    from exrx.training import Plan

PROTOCOL, STAGE = "krop-og-kraeft", "session"
TRAINING, TARGET, WEEKS = "dk-2015-group", "acsm-150-75", 12
FOLDER = Path("exrx-demo")
_SAY = {
    "da": {
        "title": "exrx: en morgen i et kemoterapiforløb",
        "made up": "EXAMPLE: alle patienter er opdigtede (frø {seed}); tallene siger intet om rigtige.",
        "screened": "{n} patienter, protokol {protocol}, {date}",
        "one": "Én patient med ord", "plan": "Og en plan for 12 uger",
        "files": "Filerne ligger i {folder}/: {names}",
        "next": "Prøv selv:",
    },
    "en": {
        "title": "exrx: a morning in a chemotherapy service",
        "made up": "EXAMPLE: all patients are made up (seed {seed}); nothing follows for real ones.",
        "screened": "{n} patients, protocol {protocol}, {date}",
        "one": "One patient in words", "plan": "And a schedule of 12 weeks",
        "files": "The files are in {folder}/: {names}",
        "next": "Try it:",
    },
}  # fmt: skip


def add_commands(commands: Any) -> None:
    """Add `demo`."""
    parser = commands.add_parser(
        "demo", help="screen 5,000 made-up patients and plan for one (start here)", allow_abbrev=False
    )
    parser.add_argument("--patients", type=_count, default=5000, metavar="N", help="how many (default 5000)")
    parser.add_argument("--seed", type=_seed, default=2009, metavar="N", help="another made-up cohort")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day of the session (default today)")
    parser.add_argument("--out", type=out_file, default=FOLDER, metavar="FOLDER", help="default ./exrx-demo")
    add_language(parser)
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 200_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 200000")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Screen the cohort, show one patient and a plan, and write the files."""
    from exrx.cohort import Cohort
    from exrx.fields import load_dictionary
    from exrx.protocol import load_protocol
    from exrx.report.cohort_text import summarise
    from exrx.rules.restriction import Clearance
    from exrx.screening import screen_cohort
    from exrx.study.example_cohort import example_cohort

    as_of = day_of(arguments.as_of)
    names, protocol = load_dictionary(), load_protocol(PROTOCOL)
    columns = example_cohort(arguments.patients, seed=arguments.seed, as_of=as_of)
    decisions = screen_cohort(Cohort.from_columns(columns), protocol, stage=STAGE, as_of=as_of)
    waiting = [decisions.explain(int(row)) for row in (decisions.clearance == Clearance.ASSESS).nonzero()[0]]
    summary = summarise(decisions, waiting)
    patient, decision = _chosen(decisions, as_of)
    plan = _plan(patient, as_of)
    files = {
        "cohort.csv": _cohort_csv(columns),
        "decisions.csv": _decisions_csv(decisions),
        "summary.json": _json(summary.to_dict()),
        "patient.json": _json(patient),
        "decision.json": _json([decision.to_dict()]),
        "plan.json": _json(plan.to_dict()),
        "plan.csv": plan.to_csv(arguments.lang),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_aside(arguments.out / name, [text])
    _show(terminal(), arguments, as_of, names, summary, decision, plan, files)
    return DONE


def _chosen(decisions: Decisions, as_of: date) -> tuple[dict[str, Any], Decision]:
    """The first patient who trains with three adaptations, or with most, as an EXAMPLE; and the decision."""
    import numpy as np

    from exrx.patient import Patient
    from exrx.rules.restriction import Clearance
    from exrx.screening import screen

    reasons = np.zeros(len(decisions), dtype=np.int64)
    for active in decisions.rules.stage.rules:
        reasons += decisions.fired(active.rule.id)
    adapted = np.where(decisions.clearance == Clearance.MODIFY, reasons, 0)
    row = int(np.argmax(adapted == 3)) if (adapted == 3).any() else int(np.argmax(adapted))
    patient = {**decisions.cohort.source(row).to_dict(), "origin": "example"}
    return patient, screen(Patient.from_dict(patient), decisions.protocol, stage=STAGE, as_of=as_of)


def _plan(content: Mapping[str, Any], as_of: date) -> Plan:
    from exrx.patient import Patient
    from exrx.protocol import load_protocol
    from exrx.screening import screen
    from exrx.training import prescribe

    patient = Patient.from_dict(content)
    decision = screen(patient, load_protocol(PROTOCOL), stage="enrolment", as_of=as_of)
    return prescribe(patient, decision, TRAINING, target=TARGET, start=as_of, weeks=WEEKS, draft=True)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cohort_csv(columns: Mapping[str, Any]) -> str:
    lists = [_cells(column.tolist()) for column in columns.values()]
    return _csv(columns, zip(*lists, strict=True))


def _cells(values: list[Any]) -> list[Any]:
    if isinstance(values[0], float):
        return ["" if value != value else int(value) if value == int(value) else value for value in values]
    return values


def _decisions_csv(decisions: Decisions) -> str:
    from exrx.rules.restriction import Clearance, Track

    clearances, tracks = Clearance.words(), Track.words()
    rows = zip(
        decisions.cohort.ids,
        (clearances[level] for level in decisions.clearance.tolist()),
        (clearances[level] for level in decisions.definite.tolist()),
        (clearances[level] for level in decisions.worst.tolist()),
        (tracks[level] for level in decisions.track.tolist()),
        strict=True,
    )
    return _csv(("patient", "clearance", "definite_clearance", "worst_clearance", "track"), rows)


def _csv(heading: Any, rows: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def _show(console: Console, arguments: argparse.Namespace, as_of: date, names: Dictionary, summary: Any,
          decision: Decision, plan: Plan, files: Mapping[str, str]) -> None:  # fmt: skip
    from rich.text import Text

    from exrx.report import shown_count, shown_date
    from exrx.report.cohort_text import cohort_report
    from exrx.report.decision_text import decision_report
    from exrx.report.plan_text import plan_report

    lang = arguments.lang
    say, day = _SAY[lang], as_of.isoformat()
    count = shown_count(summary.patients, lang)
    console.print(Text(say["title"], style="bold"))
    console.print(Text(say["made up"].format(seed=arguments.seed), style="yellow"))
    console.print(Text(say["screened"].format(n=count, protocol=PROTOCOL, date=shown_date(day, lang)), style="dim"))
    console.print()
    console.print(cohort_report(summary, lang, names))
    for title, report in (
        (say["one"], decision_report(decision.to_dict(), lang, names)),
        (say["plan"], plan_report(plan, lang, names, brief=True)),
    ):
        console.print()
        console.rule(Text(title, style="bold"), align="left", style="dim")
        console.print(report)
    console.print()
    console.print(Text(say["files"].format(folder=arguments.out, names=", ".join(files))))
    console.print(Text(say["next"]))
    command = f"exrx screen {arguments.out}/patient.json --protocol {PROTOCOL} --stage {STAGE}"
    console.print(Text(f"  {command} \\\n    --as-of {day} --lang {lang}", style="bold"))
