"""`exrx screen --out` for tables: Parquet, CSV, Arrow, Excel or a folder of parts, whatever the number of rows."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, terminal, warn
from exrx.cli.intake import refuse_strangers

if TYPE_CHECKING:
    from exrx.protocol import Protocol
    from exrx.stream.run import Progress, Run, Summary

ENDINGS = (".parquet", ".csv", ".arrow", ".xlsx")
_WORDS = {
    "en": {
        "answered": "{n} patients answered in {out}: {counts}",
        "one answered": "1 patient answered in {out}: {counts}",
        "kept": "{n} of them were there already",
        "problems": "{n} problems ({codes}); {where}",
        "one problem": "1 problem ({codes}); {where}",
        "listed": "each is listed in {where}",
        "unlisted": "list each with --problems FILE.csv (or .parquet, .jsonl)",
        "resume": "the parts that are whole stay in {out}; take the run up with the same call and --resume",
    },
    "da": {
        "answered": "{n} patienter besvaret i {out}: {counts}",
        "one answered": "1 patient besvaret i {out}: {counts}",
        "kept": "{n} af dem var der i forvejen",
        "problems": "{n} problemer ({codes}); {where}",
        "one problem": "1 problem ({codes}); {where}",
        "listed": "hvert af dem står i {where}",
        "unlisted": "få listen med --problems FIL.csv (eller .parquet, .jsonl)",
        "resume": "de færdige dele bliver i {out}; fortsæt med samme kald og --resume",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What goes with answers as a table."""
    group = parser.add_argument_group(
        "answers as a table", "--out FILE.parquet, .csv, .arrow, .xlsx, or FOLDER/ for any number of patients"
    )
    group.add_argument("--problems", type=Path, metavar="FILE", help="list every problem (.csv, .parquet, .jsonl)")
    group.add_argument("--reasons", action="store_true", help="the rules that hold, and those that may, in each row")
    group.add_argument("--keep", default="", metavar="COLUMN[,..]", help="input columns to keep beside the answers")
    group.add_argument("--resume", action="store_true", help="take up a run into FOLDER/ that was stopped")
    group.add_argument("--on", type=_engine, metavar="ENGINE",
                       help="answer a table elsewhere: dask=tcp://HOST:PORT, or spark (docs/scale.md)")  # fmt: skip


def _engine(text: str) -> str:
    if text != "spark" and not re.fullmatch(r"dask=\S+", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no engine; write dask=tcp://HOST:PORT, or spark")
    return text


@contextmanager
def _runner(engine: str | None) -> Iterator[tuple[type[Run], dict[str, Any]]]:
    """The kind of run for an engine, with its connection, which is closed afterwards."""
    if engine is None:
        from exrx.stream.run import Run

        yield Run, {}
    elif engine == "spark":
        from exrx.stream.spark import SparkRun, connect

        session = connect()
        try:
            yield SparkRun, {"session": session}
        finally:
            session.stop()
    else:
        from exrx.stream import dask

        with dask.connect(engine.removeprefix("dask=")) as client:
            yield dask.DaskRun, {"client": client}


def is_folder(out: str | None) -> bool:
    """Whether `--out` names a folder: it ends as one, or is there."""
    return out is not None and (out.endswith(("/", os.sep)) or Path(out).is_dir())


def is_wanted(arguments: argparse.Namespace) -> bool:
    """Whether the answers are to be a table in a file.

    Raises:
        InputFileError: an option that only goes with such a table stands without one.
    """
    from exrx.errors import InputFileError

    out = arguments.out
    table = is_folder(out) or (arguments.format is None and out is not None and out.lower().endswith(ENDINGS))
    with_table = ("problems", "reasons", "keep", "resume", "on")
    given = [f"--{name}" for name in with_table if getattr(arguments, name)]
    if given and not table:
        raise InputFileError(f"{given[0]} goes with --out FILE ending in {', '.join(ENDINGS)}, or --out FOLDER/")
    if arguments.resume and not is_folder(out):
        raise InputFileError("--resume takes up a run into a folder: write to --out FOLDER/")
    if table and arguments.patient is not None:
        raise InputFileError("--patient goes with --out FILE ending in .txt, .json or .jsonl")
    return table


def run_table(arguments: argparse.Namespace, protocol: str, stage: str, as_of: date) -> int:
    """Screen a table into a file or a folder, in pieces; the exit code."""
    from exrx.io.sources import open_table
    from exrx.stream.batch import BatchSettings

    settings_keep = tuple(part.strip() for part in arguments.keep.split(",") if part.strip())
    source = open_table(arguments.input)
    keep = (*dict.fromkeys((*getattr(source, "folder_columns", ()), *settings_keep)),)
    settings = BatchSettings.of(
        protocol, stage=stage, as_of=as_of, mapping=arguments.mapping, reasons=arguments.reasons, keep=keep
    )
    for note in source.notes:
        _say_note(note, arguments.lang)
    with _runner(arguments.on) as (kind, options), _progress(source.rows, arguments.lang) as progress:
        run = kind.of(source, settings, progress=progress, **options)
        if run.header.unread:
            _say_note(f"Columns that were not read: {', '.join(run.header.unread)}.", arguments.lang)
        summary = _into_folder(run, arguments) if is_folder(arguments.out) else (
            run.to_file(Path(arguments.out), arguments.problems))  # fmt: skip
    return _report(summary, arguments, run.header.faults)


def _into_folder(run: Run, arguments: argparse.Namespace) -> Summary:
    from exrx.stream.folder import Folder

    with Folder(Path(arguments.out), run) as parts:
        parts.begin(arguments.resume)
        try:
            return run.into(parts, arguments.problems)
        except BaseException:
            warn(f"exrx: {_WORDS[arguments.lang]['resume'].format(out=arguments.out)}")
            raise


def run_patients(arguments: argparse.Namespace, protocol: Protocol, stage: str, as_of: date) -> int:
    """Patients that did not come as a table, answered block after block: memory does not grow with their number."""
    from exrx.cohort import Cohort
    from exrx.io import input_blocks
    from exrx.screening import screen_cohort
    from exrx.stream.run import write_decisions

    assumed = frozenset(part.strip() for part in arguments.assume_no.split(",") if part.strip())
    out, lang = Path(arguments.out), arguments.lang
    notes: list[str] = []

    def answered() -> Iterator[tuple[Any, Any, Any]]:
        parts = input_blocks(arguments.input, as_of=as_of, mapping=arguments.mapping, assume_no=assumed)
        for number, part in enumerate(parts):
            if number == 0:
                refuse_strangers(part, arguments.input)
            notes.extend(note for note in part.notes if note not in notes)
            cohort = part.cohort if part.cohort is not None else Cohort.from_patients(part.patients or ())
            decisions = screen_cohort(cohort, protocol, stage=stage, as_of=as_of)
            yield decisions, part.problems, part.notes if assumed else ()

    place = out / "part-00000.parquet" if is_folder(arguments.out) else out
    if place != out:
        out.mkdir(parents=True, exist_ok=True)
    summary = write_decisions(answered(), place, arguments.problems, reasons=arguments.reasons)
    for note in notes:
        _say_note(note, lang)
    return _report(summary, arguments, ())


def _say_note(note: str, lang: str) -> None:
    from exrx.report.notes import note_words

    warn(f"exrx: {note_words(note, lang)}")


def _report(summary: Summary, arguments: argparse.Namespace, faults: tuple[Any, ...]) -> int:
    """Say on stderr what became of the rows, in numbers alone."""
    from exrx.fields import load_dictionary
    from exrx.report import CLEARANCES, Phrases, shown_count

    lang = arguments.lang
    p, words = Phrases(lang, load_dictionary()), _WORDS[lang]

    def number(count: int) -> str:
        return shown_count(count, lang)

    counts = ", ".join(f"{p['short ' + word]} {number(summary.clearance[word])}" for word in reversed(CLEARANCES)
                       if summary.clearance[word])  # fmt: skip
    answered = "one answered" if summary.rows == 1 else "answered"
    warn(f"exrx: {words[answered].format(n=number(summary.rows), out=arguments.out, counts=counts or '0')}")
    if summary.kept:
        warn(f"exrx: {words['kept'].format(n=number(summary.kept))}")
    for fault in faults:
        warn(f"exrx: {fault.field}: {fault.message.removeprefix(f'{fault.field}: ')} ({fault.code})")
    if not summary.problems:
        return DONE
    listed = arguments.problems or (f"{Path(arguments.out) / '_problems'}" if is_folder(arguments.out) else None)
    where = words["listed"].format(where=listed) if listed else words["unlisted"]
    total, codes = sum(summary.problems.values()), _codes(summary.problems, number)
    key = "one problem" if total == 1 else "problems"
    warn(f"exrx: {words[key].format(n=number(total), codes=codes, where=where)}")
    return DONE_WITH_PROBLEMS


def _codes(problems: Counter[str], number: Any) -> str:
    ranked = sorted(problems.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{code} {number(count)}" for code, count in ranked)


@contextmanager
def _progress(total: int | None, lang: str) -> Iterator[Progress]:
    """A bar on stderr, where that is a terminal; nothing elsewhere."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda rows, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from exrx.report import shown_count

    bar = Progress(
        TextColumn("exrx"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"),
        TimeRemainingColumn(), console=Console(stderr=True, width=min(terminal().width, 80)), transient=True,
    )  # fmt: skip
    unit = "patienter" if lang == "da" else "patients"
    with bar:
        task = bar.add_task("", total=1.0 if total != 0 else None, rows=f"0 {unit}")
        yield lambda rows, done: bar.update(task, completed=done, rows=f"{shown_count(rows, lang)} {unit}")
