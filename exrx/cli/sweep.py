"""`exrx sweep`: a protocol's numbers varied over a cohort."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from exrx.cli import day_of, out_file, warn, write_aside, write_aside_bytes
from exrx.cli.intake import notes_of, report_problems
from exrx.cli.screen import add_options, add_stage, choose_protocol, read_intake, show

_TABLE, _INDICES, _MANIFEST = "sweep.parquet", "indices.parquet", "manifest.json"


def add_commands(commands: Any) -> None:
    """Add `sweep`."""
    parser = commands.add_parser(
        "sweep", help="researchers: vary a protocol's limits over a cohort; curves and what matters most",
        description="What if limits were otherwise: every variant of a protocol screened on a whole cohort. For "
        "research; no variant is a protocol to decide by.",
        allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--cohort", dest="input", required=True, metavar="FILE",
                        help="the patients: Parquet, CSV, patient JSON or JSON lines, FHIR")  # fmt: skip
    add_options(parser)
    add_stage(parser)
    parser.add_argument("--vary", action="append", default=[], metavar="NAME=LOW:HIGH:STEP",
                        help="a parameter (exrx protocol show), or a rule with one number, and its values; or "
                        "NAME=20,30,50; a unit may follow; may be repeated")  # fmt: skip
    parser.add_argument("--design", default="grid", metavar="D",
                        help="grid: every combination (default); latin-hypercube; sobol: with indices")  # fmt: skip
    parser.add_argument("--samples", type=int, metavar="N",
                        help="latin-hypercube: N variants (default 1000); sobol: N a power of two, N x (numbers + 2) "
                        "variants (default 128)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=2009, metavar="S", help="the same seed draws the same variants")
    parser.add_argument("--hours", type=_hours, default={}, metavar="TRACK=H,..",
                        help="staff hours a week for one patient, as group=0.25,individual=1,supervised=2")  # fmt: skip
    parser.add_argument("--out", type=out_file, metavar="FOLDER", required=True,
                        help="a folder for tables, figures, manifest, methods; made if it is not there")  # fmt: skip
    parser.add_argument("--no-plots", action="store_true", help="write no figures (they need matplotlib)")
    parser.set_defaults(run=run_sweep)


def _hours(text: str) -> dict[str, float]:
    found = {}
    for part in text.split(","):
        track, _, hours = (piece.strip() for piece in part.partition("="))
        try:
            found[track] = float(hours)
        except ValueError:
            found[track] = -1.0
        if track not in ("group", "individual", "supervised") or not 0 <= found[track] <= 168:
            raise argparse.ArgumentTypeError(
                f"'{part}' is no staff hours of a track; write group=0.25,individual=1,supervised=2"
            )
    return found


def run_sweep(arguments: argparse.Namespace) -> int:
    """Ask every variant, write the folder, and print what came out."""
    from rich.console import Group

    from exrx import __version__
    from exrx.cohort import Cohort
    from exrx.errors import InputFileError
    from exrx.fields import load_dictionary
    from exrx.report.sweep_text import methods_text, sweep_report
    from exrx.study.sweep import make_design, read_axes, sweep

    protocol, stage = choose_protocol(arguments)
    axes = read_axes(protocol, arguments.vary)
    if arguments.seed < 0:
        raise InputFileError(f"--seed {arguments.seed}: a seed is a whole number from 0 on")
    design = make_design(arguments.design, axes, samples=arguments.samples, seed=arguments.seed)
    as_of = day_of(arguments.as_of)
    if arguments.out.exists() and not arguments.out.is_dir():
        raise InputFileError(f"--out {arguments.out} is a file; name a folder")
    intake = read_intake(arguments, as_of)
    cohort = intake.cohort if intake.cohort is not None else Cohort.from_patients(intake.patients or ())
    if not cohort.n:
        raise InputFileError("the cohort holds no patients, so there is nothing to sweep")
    found = sweep(cohort, protocol, axes, design, stage=stage, as_of=as_of, hours=arguments.hours, seed=arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    written = _write_tables(found, arguments.out)
    for lang in ("da", "en"):
        write_aside(arguments.out / f"methods.{lang}.txt", [methods_text(found, lang, __version__) + "\n"])
        written.append(f"methods.{lang}.txt")
    if not arguments.no_plots:
        written += _write_plots(found, arguments.out, arguments.lang)
    manifest = {
        **found.manifest(),
        "exrx": __version__,
        **_libraries(),
        "cohort": {"file": Path(arguments.input).name, "sha256": _sha256(Path(arguments.input))},
        "mapping_sha256": _sha256(arguments.mapping) if arguments.mapping else None,
        "assumed_no": arguments.assume_no or None,
        "notes": list(intake.notes),
        "files": {name: _sha256(arguments.out / name) for name in sorted(written)},
    }
    write_aside(arguments.out / _MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"])
    show(Group(sweep_report(found, arguments.lang, load_dictionary()), *notes_of(intake, arguments.lang)))
    warn(f"exrx: {len(written) + 1} files in {arguments.out}: {', '.join([*sorted(written), _MANIFEST])}")
    return report_problems(intake, arguments.lang, rows=cohort.at(as_of, protocol.validity_at(stage)).problems())


def _write_tables(found: Any, folder: Path) -> list[str]:
    from exrx.io.synthetic import write_blocks

    write_blocks(folder / _TABLE, [found.tidy()])
    if not found.indices:
        (folder / _INDICES).unlink(missing_ok=True)
        return [_TABLE]
    write_blocks(folder / _INDICES, [found.index_table()])
    return [_TABLE, _INDICES]


def _write_plots(found: Any, folder: Path, lang: str) -> list[str]:
    from exrx.report.plots.sweep import sweep_pictures

    pictures = sweep_pictures(found, lang)
    for picture in pictures:
        write_aside_bytes(folder / f"{picture.name}.png", picture.png)
        write_aside(folder / f"{picture.name}.svg", [picture.svg])
    return [f"{picture.name}.{ending}" for picture in pictures for ending in ("png", "svg")]


def _libraries() -> dict[str, str]:
    import platform

    import numpy as np
    import scipy

    return {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}


def _sha256(path: Path) -> str | None:
    """The hash of a file's bytes; None for what is no regular file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
