"""`exrx protocol prove`: what holds for every patient, and a patient for each thing that does not."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, print_text, warn, write_aside
from exrx.cli.screen import add_language

if TYPE_CHECKING:
    from exrx.proof import Proof


def add_prove(inner: Any) -> None:
    """Register the command."""
    command = inner.add_parser("prove", help="what holds for every patient; needs z3", allow_abbrev=False)
    command.add_argument("protocols", metavar="ID", nargs="*", help="default: all that are shipped")
    command.add_argument("--stage", metavar="S", help="only this stage (default: all)")
    command.add_argument("--out", type=Path, metavar="DIR", help="write the patients of failed proofs here")
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_language(command)
    command.set_defaults(run=run_prove)


def run_prove(arguments: argparse.Namespace) -> int:
    """Print one line a protocol, or what fails; 1 when a proof fails, 2 when no protocol could be used."""
    from exrx.errors import ProtocolError
    from exrx.proof import prove_protocol
    from exrx.protocol import load_protocol
    from exrx.protocol.library import list_protocols
    from exrx.report.proof_text import proof_lines

    asked = arguments.protocols or [summary.id for summary in list_protocols()]
    refused, failed, answers = 0, 0, []
    for wanted in asked:
        start = perf_counter()
        try:
            proofs = prove_protocol(load_protocol(wanted), [arguments.stage] if arguments.stage else None)
        except ProtocolError as error:
            refused += 1
            warn(f"exrx: {error}")
            continue
        failed += sum(not proof.holds for proof in proofs)
        files = _write(arguments.out, proofs) if arguments.out else {}
        if arguments.format == "json":
            holds = all(proof.holds for proof in proofs)
            answers.append({"protocol": wanted, "holds": holds, "proofs": [proof.to_dict() for proof in proofs]})
            continue
        for line in proof_lines(wanted, proofs, perf_counter() - start, arguments.lang, files):
            print_text(line)
    if arguments.format == "json" and answers:
        print_text(json.dumps(answers, ensure_ascii=False, indent=1))
    if refused == len(asked):
        return NOTHING_DONE
    return DONE_WITH_PROBLEMS if refused or failed else DONE


def _write(folder: Path, proofs: tuple[Proof, ...]) -> dict[int, str]:
    """One file for the patients of each failed proof; the file names by the proof's place in the list."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[int, str] = {}
    for index, proof in enumerate(proofs):
        if proof.holds or proof.counterexample is None:
            continue
        name = f"{Path(proof.protocol).name}-{len(files) + 1}-{proof.name}.json".replace(",", "+")
        text = json.dumps(list(proof.counterexample.patients), ensure_ascii=False, indent=1) + "\n"
        write_aside(folder / name, [text])
        files[index] = str(folder / name)
    return files
