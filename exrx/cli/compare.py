"""`exrx compare`: two protocols on one cohort, who moves, which rules move them, what each asks of the staff."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exrx.cli import day_of, iso_date, print_text, warn, write_aside
from exrx.cli.intake import notes_of, refuse_strangers, report_problems, warn_notes
from exrx.cli.screen import add_language, show
from exrx.formulas import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exrx.study.figures import Figure

_EPILOG = """\
examples:
  exrx compare dk-2015 my-overlay.yaml --cohort patients.parquet --stage session --as-of 2026-11-23
  exrx compare dk-2015 trek-toolkit --cohort patients.parquet --stage enrolment --as-of 2026-11-23 \\
       --training dk-2015-group --weeks 12 --out comparison/"""


def add_commands(commands: Any) -> None:
    """Add `compare`."""
    parser = commands.add_parser(
        "compare", help="two protocols on one cohort: who moves, which rules, seats and hours", epilog=_EPILOG,
        allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("first", metavar="A", help="a shipped protocol, several joined by commas, or a path")
    parser.add_argument("second", metavar="B", help="the same")
    parser.add_argument("--cohort", required=True, metavar="FILE", help="the patients: any input of exrx screen")
    parser.add_argument("--stage", required=True, metavar="S", help="a stage of both: enrolment or session")
    parser.add_argument("--as-of", type=iso_date, metavar="DATE", help="the day to answer for (default today)")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="what a table's columns mean")
    parser.add_argument("--training", default="", metavar="ID", help="count seats by the weeks of this programme")
    parser.add_argument("--target", default="acsm-150-75", metavar="ID", help="its weekly target (default acsm-150-75)")
    parser.add_argument("--weeks", type=weeks, default=12, metavar="N", help="its weeks (default 12)")
    parser.add_argument("--class", dest="group_class", metavar="ID", help="the class of a group (exrx training list)")
    parser.add_argument("--hospital-class", metavar="ID", help="the class of those under close supervision")
    add_drawing(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write figures, moved patients, methods, record")
    add_language(parser)
    parser.set_defaults(run=run_compare)


def add_drawing(parser: argparse.ArgumentParser) -> None:
    """The seed and the number of bootstrap samples."""
    parser.add_argument("--seed", type=seed, default=2009, metavar="S", help="of the bootstrap (default 2009)")
    parser.add_argument("--samples", type=samples, default=2000, metavar="B", help="how many are drawn (default 2000)")


def weeks(text: str) -> int:
    """A number of weeks."""
    return _whole(text, 1, 104, "weeks")


def seed(text: str) -> int:
    """A seed."""
    return _whole(text, 0, 10**18, "a seed")


def samples(text: str) -> int:
    """A number of bootstrap samples."""
    return _whole(text, 100, 100_000, "samples")


def _whole(text: str, least: int, most: int, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"'{text}' is not {what}: a whole number from {least} to {most}")
    return int(text)


def run_compare(arguments: argparse.Namespace) -> int:
    """Compare and print; 1 when something in the cohort's file was refused."""
    from exrx.cohort import Cohort
    from exrx.fields import load_dictionary
    from exrx.io import read_input
    from exrx.study.comparison import compare

    as_of = day_of(arguments.as_of)
    intake = read_input(arguments.cohort, as_of=as_of, mapping=arguments.mapping)
    refuse_strangers(intake, arguments.cohort)
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    found = compare(
        arguments.first, arguments.second, cohort, stage=arguments.stage, as_of=as_of, training=arguments.training,
        target=arguments.target, weeks=arguments.weeks, group_class=arguments.group_class,
        hospital_class=arguments.hospital_class, seed=arguments.seed, times=arguments.samples,
    )  # fmt: skip
    content = {**found.to_dict(), "cohort": source_of(arguments.cohort), "notes": list(intake.notes)}
    if arguments.out:
        from exrx.report.compare_methods import methods_markdown

        write_figures(arguments.out, found.figures, example=found.example)
        write_columns(arguments.out / "moved", found.moved())
        write_aside(arguments.out / "methods.md", [methods_markdown(content, arguments.lang)])
        write_record(arguments.out, content)
    if arguments.format == "json":
        print_text(json.dumps(content, ensure_ascii=False, indent=1))
        warn_notes(intake, arguments.lang)
    else:
        from rich.console import Group

        from exrx.report.compare_text import comparison_report

        show(Group(comparison_report(content, arguments.lang, load_dictionary()), *notes_of(intake, arguments.lang)))
    rows = cohort.at(as_of, found.first.protocol.validity_at(arguments.stage)).problems()
    return report_problems(intake, arguments.lang, rows=rows)


def source_of(path: str) -> dict[str, str | None]:
    """A file's name and the SHA-256 of its bytes; of a folder or standard input only the name."""
    import hashlib

    place = Path(path)
    if not place.is_file():
        return {"name": place.name, "sha256": None}
    with place.open("rb") as file:
        return {"name": place.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_figures(folder: Path, figures: Iterable[Figure], *, example: bool) -> None:
    """`figures.csv`, and `figures.parquet` where pyarrow is installed: one row a figure."""
    from exrx.study.figures import columns_of

    write_columns(folder / "figures", columns_of(figures, example=example))


def write_columns(place: Path, columns: dict[str, Any]) -> None:
    """A table as CSV, and as Parquet where pyarrow is installed; the folder is made."""
    import numpy as np

    from exrx.errors import MissingDependencyError
    from exrx.io.synthetic import write_blocks

    place.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: cells if cells.dtype.kind in "fiu" else np.array([harmless(cell) for cell in cells.tolist()], object)
             for name, cells in columns.items()}  # fmt: skip
    write_blocks(place.with_suffix(".csv"), [plain])
    try:
        write_blocks(place.with_suffix(".parquet"), [columns])
    except MissingDependencyError as error:
        warn(f"exrx: {place.name}.parquet is left out. {error}")


def write_record(folder: Path, content: dict[str, Any]) -> None:
    """`record.json`: everything, with hashes and seed, so that the figures can be made again."""
    write_aside(folder / "record.json", [json.dumps(content, ensure_ascii=False, indent=1) + "\n"])
