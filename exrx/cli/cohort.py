"""`exrx cohort`: `describe` checks a cohort before it is screened, `synth` makes one, `report` sums one up."""

from __future__ import annotations

import argparse
from typing import Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, day_of, iso_date, out_file, print_text, warn
from exrx.cli.cohort_describe import add_describe
from exrx.cli.cohort_report import add_report

_MOST = 20_000_000


def add_commands(commands: Any) -> None:
    """Add `cohort` and its subcommands."""
    parser = commands.add_parser(
        "cohort", help="whole cohorts: check one before screening, make one, report on one", allow_abbrev=False
    )
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_describe(below)
    synth = below.add_parser(
        "synth",
        help="a synthetic chemotherapy cohort with true nadirs (no real patients)",
        description="Made-up patients in chemotherapy, blood counts from a marrow model. Not for clinical claims.",
        allow_abbrev=False,
    )
    synth.add_argument("--patients", type=_count, default=1000, metavar="N", help="how many (default 1000)")
    synth.add_argument("--seed", type=_seed, default=2009, metavar="S", help="the same seed gives the same file")
    synth.add_argument("--as-of", type=iso_date, metavar="DATE",
                       help="the day the patients stand at; with --long their first infusion")  # fmt: skip
    synth.add_argument("--out", type=out_file, metavar="FILE", help=".parquet, .csv or .jsonl")
    synth.add_argument("--long", action="store_true", help="whole courses, one row a blood test")
    synth.add_argument("--check", action="store_true", help="print published figures beside the synthetic ones")
    synth.set_defaults(run=run_synth)
    add_report(below)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and 1 <= int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {_MOST}")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def run_synth(arguments: argparse.Namespace) -> int:
    """Write the cohort, or print the check, or both; exit 1 where a published figure is missed."""
    from exrx.errors import InputFileError
    from exrx.io.synthetic import write_blocks
    from exrx.study.synth import synthetic_blocks
    from exrx.study.synth_course import long_blocks

    if arguments.out is None and not arguments.check:
        raise InputFileError("say where to write with --out FILE (.parquet, .csv or .jsonl), or ask for --check")
    if arguments.out is not None:
        make = long_blocks if arguments.long else synthetic_blocks
        blocks = make(arguments.patients, seed=arguments.seed, as_of=day_of(arguments.as_of))
        rows = write_blocks(arguments.out, blocks)
        warn(f"exrx: {rows} rows in {arguments.out}. SYNTHETIC: no real patients, no final plan, no clinical claim.")
    return _print_check(arguments.seed) if arguments.check else DONE


def _print_check(seed: int) -> int:
    from exrx.study.synth_course import check

    rows = check(seed=seed)
    lines = [f"{'regimen':<25}{'what':<36}{'published':>12}{'synthetic':>11}  source"]
    for row in rows:
        least, most = row.published
        published = f"{least:g}" if least == most else f"{least:g}-{most:g}"
        mark = "" if row.met else "  MISSED"
        lines.append(f"{row.regimen:<25}{row.what:<36}{published:>12}{row.synthetic:>11.1f}  {row.source}{mark}")
    print_text("\n".join(lines) + "\n")
    return DONE if all(row.met for row in rows) else DONE_WITH_PROBLEMS
