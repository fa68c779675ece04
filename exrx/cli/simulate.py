"""`exrx simulate`: a synthetic cohort followed through a programme, under one protocol or several."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from exrx.cli import DONE, iso_date, out_file, warn, write_aside, write_aside_bytes

_MOST, _SEEDS = 2_000_000, 18
_FIRST_DAY = date(2026, 1, 5)
_MANIFEST = "manifest.json"
_SAID = {
    "da": "exrx: SYNTETISK: tabeller, figurer og {manifest} er skrevet i {out}",
    "en": "exrx: SYNTHETIC: tables, figures and {manifest} are written in {out}",
}
_NO_PLOTS = {
    "da": 'exrx: ingen figurer, fordi matplotlib mangler: python -m pip install "exrx[plots]"',
    "en": 'exrx: no figures, because matplotlib is missing: python -m pip install "exrx[plots]"',
}


def add_commands(commands: Any) -> None:
    """Add `simulate`."""
    parser = commands.add_parser(
        "simulate",
        help="follow synthetic patients through a programme day by day",
        description="Synthetic patients, screened, trained, logged and adapted day by day. No forecast of real ones.",
        allow_abbrev=False,
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--patients", type=_count, default=1000, metavar="N", help="how many to draw (default 1000)")
    who.add_argument("--cohort", type=out_file, metavar="FILE", help="instead, a .parquet or .csv of exrx cohort synth")
    parser.add_argument("--protocol", required=True, metavar="ID[,ID]", help="such as krop-og-kraeft; several join")
    parser.add_argument("--against", nargs="+", action="extend", default=[], metavar="ID[,ID]",
                        help="the same patients and lots under other protocols, ids or files")  # fmt: skip
    parser.add_argument("--training", required=True, metavar="ID", help="such as dk-2015-group (exrx training list)")
    parser.add_argument("--target", required=True, metavar="ID", help="such as acsm-150-75 (exrx training targets)")
    parser.add_argument("--weeks", type=int, default=12, metavar="N", help="1 to 52 (default 12)")
    parser.add_argument("--start", type=iso_date, metavar="DATE",
                        help="the first day, a Monday; by default 2026-01-05, or the file's next Monday")  # fmt: skip
    parser.add_argument("--seed", type=_seed, default=2009, metavar="S", help="the same seed gives the same files")
    parser.add_argument("--assume", action="append", default=[], type=_assumed, metavar="NAME=VALUE",
                        help="change what is assumed about people, such as comes=0.8; may be repeated")  # fmt: skip
    parser.add_argument("--tables", choices=("parquet", "csv"), default="parquet", help="default parquet")
    parser.add_argument("--out", type=out_file, required=True, metavar="FOLDER", help="where the files go")
    parser.add_argument("--lang", choices=("da", "en"), default="en", help="default en")
    parser.set_defaults(run=run_simulate)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and 1 <= int(text) <= _MOST):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {_MOST}")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _SEEDS):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def _assumed(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        if equals and name.strip():
            return name.strip(), float(value)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' changes no assumption; write it as comes=0.8")


def run_simulate(arguments: argparse.Namespace) -> int:
    """Follow the patients, write tables, figures and manifest, and print the summary."""
    from exrx.cli.screen import show
    from exrx.io.synthetic import read_columns
    from exrx.report.simulation_text import simulation_report
    from exrx.study.simulation.behaviour import load_behaviour
    from exrx.study.simulation.results import simulate, tables
    from exrx.study.simulation.start import check_file, first_monday
    from exrx.study.simulation.summary import summary
    from exrx.training.programme import load_programme
    from exrx.training.targets import load_target

    protocols = _protocols([arguments.protocol, *arguments.against])
    programme, target = load_programme(arguments.training), load_target(arguments.target)
    behaviour = load_behaviour(dict(arguments.assume))
    cohort, start = None, arguments.start or _FIRST_DAY
    if arguments.cohort is not None:
        cohort = read_columns(arguments.cohort)
        check_file(cohort, arguments.cohort.name)
        start = arguments.start or first_monday(cohort)
    _make_folder(arguments.out)
    simulation = simulate(
        protocols, programme, target, weeks=arguments.weeks, start=start, seed=arguments.seed, behaviour=behaviour,
        patients=arguments.patients, cohort=cohort, done=_progress(arguments),
    )  # fmt: skip
    found = tables(simulation)
    content = summary(simulation, found.get("differences"))
    _write(arguments, content, found)
    show(simulation_report(content, arguments.lang))
    warn(_SAID[arguments.lang].format(manifest=_MANIFEST, out=arguments.out))
    return DONE


def _protocols(wanted: list[str]) -> dict[str, Any]:
    """The protocols by a name each: the id, with a number where two share it."""
    from exrx.errors import InputFileError
    from exrx.protocol import load_protocol

    found: dict[str, Any] = {}
    for given in wanted:
        protocol = load_protocol(given)
        if protocol in found.values():
            raise InputFileError(f"--against {given} is a protocol that is simulated already; give another one")
        name, number = protocol.id, 2
        while name in found:
            name, number = f"{protocol.id} ({number})", number + 1
        found[name] = protocol
    return found


def _make_folder(out: Path) -> None:
    """The folder, without the manifest of an earlier run: where one stands, its files are whole."""
    from exrx.errors import InputFileError

    if out.exists() and not out.is_dir():
        raise InputFileError(f"{out} is a file; --out names a folder, which is made if it is not there")
    out.mkdir(parents=True, exist_ok=True)
    (out / _MANIFEST).unlink(missing_ok=True)


def _progress(arguments: argparse.Namespace) -> Callable[[int], None] | None:
    """A line on stderr as the patients are done, where somebody watches and it takes a while."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        return None
    return lambda count: warn(f"exrx: {count} patients followed")


def _write(arguments: argparse.Namespace, content: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    from exrx.io.synthetic import write_blocks
    from exrx.study.simulation.summary import study_hashes

    written = []
    for name, table in found.items():
        path = arguments.out / f"{name}.{arguments.tables}"
        write_blocks(path, [table])
        written.append(path)
    summary = arguments.out / "summary.json"
    write_aside(summary, [json.dumps(content, ensure_ascii=False, indent=1) + "\n"])
    written += [summary, *_figures(arguments, content, found)]
    manifest = {
        "schema": "exrx/simulation-manifest/1",
        "synthetic": True,
        "engine": content["engine"],
        "versions": {"python": platform.python_version()} | _versions("numpy", "pyarrow", "matplotlib"),
        "seed": content["seed"],
        "arguments": {
            "patients": content["patients"],
            "cohort_sha256": _hash(arguments.cohort) if arguments.cohort else None,
            "weeks": content["weeks"],
            "start": content["start"],
            "target": content["target"],
            "assume": dict(arguments.assume),
        },
        "training": content["training"],
        "protocols": {variant["name"]: variant["protocols"] for variant in content["variants"]},
        "numbers": study_hashes(),
        "files": {path.name: _hash(path) for path in sorted(written)},
    }
    write_aside(arguments.out / _MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"])


def _figures(arguments: argparse.Namespace, content: Mapping[str, Any], found: Mapping[str, Any]) -> list[Path]:
    from exrx.errors import MissingDependencyError
    from exrx.report.plots.simulation import simulation_figures

    written = []
    try:
        for picture in simulation_figures(content, found, arguments.lang):
            path = arguments.out / f"{picture.name}.png"
            write_aside_bytes(path, picture.png)
            written.append(path)
    except MissingDependencyError:
        warn(_NO_PLOTS[arguments.lang])
    return written


def _versions(*packages: str) -> dict[str, str | None]:
    """The versions that the bytes depend on; None for what is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
