"""`exrx form`: the forms to fill in by pen or in Excel."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from exrx.cli import DONE, day_of, iso_date, out_file, warn, write_aside, write_aside_bytes
from exrx.cli.screen import add_language, choose_protocol

_ENDINGS = {".xlsx": "xlsx", ".pdf": "pdf", ".html": "html"}


def add_commands(commands: Any) -> None:
    """Add `form`."""
    parser = commands.add_parser(
        "form",
        help="the enrolment, cycle and door forms, to fill in by pen or in Excel",
        description="A sheet (Excel) or a page (PDF, HTML) a patient, with yes, no and don't know. A workbook that was "
        "filled in is read by exrx screen and by exrx worklist --forms.",
        allow_abbrev=False,
    )
    parser.add_argument("--protocol", metavar="ID[,ID]", help="a door form gets what its rules ask at the door as well")
    parser.add_argument("--stage", metavar="S", help="enrolment or session: the forms of that stage")
    parser.add_argument("--form", metavar="ID", help="one form: enrolment, cycle, door or heart")
    parser.add_argument("--patients", metavar="FILE", help="whom for: a CSV with a column id, or any patient file")
    parser.add_argument("--names", type=Path, metavar="FILE", help="CSV: id, name; printed on paper, never in Excel")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day for which --patients is read")
    parser.add_argument("--format", choices=tuple(_ENDINGS.values()), help="default what the ending of --out says")
    parser.add_argument("--out", type=out_file, metavar="FILE", required=True, help="write .xlsx, .pdf or .html")
    add_language(parser)
    parser.set_defaults(run=run_form)


def run_form(arguments: argparse.Namespace) -> int:
    """Write the forms."""
    from exrx.io.sessions import read_names
    from exrx.protocol.paper import paper_forms
    from exrx.report.form_words import FORM_WORDS

    layout = _layout(arguments)
    protocol, stage = None, arguments.stage
    if arguments.protocol is not None or arguments.form is None:
        if arguments.form is not None and stage is None:
            arguments.stage = "enrolment" if arguments.form == "enrolment" else "session"
        protocol, stage = choose_protocol(arguments)
    papers = paper_forms(protocol, stage, arguments.form)
    patients = _ids(arguments) if arguments.patients else ()
    names = read_names(arguments.names) if arguments.names else {}
    used = FORM_WORDS[arguments.lang]["protocol"].format(id=protocol.id, version=protocol.version) if protocol else ""
    if layout == "xlsx":
        from exrx.io.forms_xlsx import forms_workbook

        write_aside_bytes(arguments.out, forms_workbook(papers, arguments.lang, patients=patients, protocol=used))
    else:
        from exrx.report.form_pages import form_content

        content = form_content(papers, arguments.lang, patients, protocol=used, names=names)
        _write_pages(layout, arguments.out, content)
    whom = f"for {len(patients)} patients" if patients else "without patients"
    warn(f"exrx: {arguments.out.name} holds {', '.join(paper.form.id for paper in papers)}, {whom}")
    return DONE


def _write_pages(layout: str, out: Path, content: dict[str, Any]) -> None:
    if layout == "html":
        from exrx.report.form_html import form_html

        write_aside(out, [form_html(content)])
        return
    from exrx.report.form_pdf import form_pdf

    write_aside_bytes(out, form_pdf(content))


def _layout(arguments: argparse.Namespace) -> str:
    """The format to write.

    Raises:
        InputFileError: the ending says none, or names for Excel.
    """
    from exrx.errors import InputFileError

    layout: str | None = arguments.format or _ENDINGS.get(arguments.out.suffix.lower())
    if layout is None:
        raise InputFileError(
            f"'{arguments.out.name}' does not say how to write the form: let it end in {', '.join(_ENDINGS)}, or "
            "choose with --format"
        )
    if layout == "xlsx" and arguments.names:
        raise InputFileError("names are never written to a workbook that is read back; leave --names out, or print it")
    return layout


def _ids(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The pseudonyms of a list of sessions, or of any patient file, each once in its order.

    Raises:
        InputFileError: it cannot be read, or holds nobody.
    """
    from exrx.errors import InputFileError
    from exrx.io.sessions import read_ids

    found: tuple[str, ...]
    if str(arguments.patients).lower().endswith(".csv"):
        found = read_ids(arguments.patients)
    else:
        from exrx.io import read_input

        intake = read_input(arguments.patients, as_of=day_of(arguments.as_of))
        found = tuple(str(name) for name in (
            [patient.id for patient in intake.patients] if intake.patients is not None
            else list(intake.cohort.ids) if intake.cohort is not None else []
        ))  # fmt: skip
    if not found:
        raise InputFileError(f"{Path(arguments.patients).name} holds nobody to make a form for.")
    return tuple(dict.fromkeys(found))
