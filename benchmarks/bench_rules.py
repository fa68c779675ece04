"""Fifty rules over twenty numbers and twenty flags, 10 % missing: exrx and its peers, equal answers first.

    python benchmarks/bench_rules.py [--patients 10000000] [--repeat 9] [--only kernel|peers|end-to-end|unknowns|blocks]
                                     [--heavy] [--markdown]

`rules` keeps both outcomes (true, possible) of every rule; `decisions` gives the definite, worst and final clearance
and the track as one byte each. A peer that is not installed is skipped, and the output says how to install it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from typing import Any

import numpy as np
import polars as pl
from rules import (
    end_to_end,
    engine,
    equal,
    in_cql,
    in_duckdb,
    in_loop,
    in_openfisca,
    in_polars,
    in_zen,
    report,
    unknowns,
)
from rules.conditions import Rule, make_fields, make_rules
from rules.patients import Patients, make_patients
from rules.peer import NotInstalledError, Peer
from rules.timing import peak_bytes, rate, read_bytes

from exrx.rules import many
from exrx.rules.many import Program, compile_conditions
from exrx.rules.nodes import Compare, atoms

PEERS: tuple[Peer, ...] = (
    in_polars.PEER, in_duckdb.PEER, in_openfisca.PEER, in_loop.PEER, *in_zen.PEERS, in_cql.PEER,
)  # fmt: skip
PARTS = ("kernel", "peers", "end-to-end", "unknowns", "blocks")
Rates = dict[str, Any]


def installed(peers: tuple[Peer, ...], rules: list[Rule], patients: Patients) -> list[Peer]:
    """Those that can start; of the others a line on stderr."""
    found, missing = [], {}
    for peer in peers:
        try:
            peer.prepare(rules[:1], patients)
        except NotInstalledError as how:
            missing[str(how)] = True
        else:
            found.append(peer)
    for how in missing:
        print(f"skipped, not installed: {how}", file=sys.stderr)
    return found


def kernel(program: Program, rules: list[Rule], patients: Patients, repeat: int) -> Rates:
    """exrx on its own columns against every form of Polars and the speed of reading."""
    n, rates = patients.n, {}
    equal.check_forms(patients.first(300_001), rules, program)
    rates["read the bytes"] = rate(n, lambda: read_bytes(patients), repeat)
    rates["exrx rules"] = rate(n, lambda: engine.exrx_rules(program, patients), repeat)
    rates["exrx rules, memory used again"] = rate(n, engine.used_again(program, patients), repeat)
    rates["exrx rules, one thread"] = rate(n, lambda: engine.exrx_rules(program, patients, 1), repeat)
    rates["exrx decisions"] = rate(n, lambda: engine.exrx_decisions(program, rules, patients), repeat)
    rates["exrx decisions, one thread"] = rate(n, lambda: engine.exrx_decisions(program, rules, patients, 1), repeat)
    for form in (*in_polars.RULES, *in_polars.DECISIONS):
        rates[f"polars {form.__name__}"] = rate(n, lambda form=form: form(rules, patients.frame), max(repeat // 2, 3))
    return rates


def memory(program: Program, rules: list[Rule], patients: Patients) -> Rates:
    """Bytes a patient beyond the input; asked first, before the process holds memory that it has given up."""
    return {
        "rules": round(peak_bytes(lambda: engine.exrx_rules(program, patients)) / patients.n, 1),
        "decisions": round(peak_bytes(lambda: engine.exrx_decisions(program, rules, patients)) / patients.n, 1),
    }


def against_peers(
    peers: list[Peer], program: Program, rules: list[Rule], patients: Patients, complete: Patients, repeat: int
) -> Rates:
    """The answers to all rules, peer by peer: first equal on complete patients, then timed."""
    rates = {"exrx": rate(patients.n, lambda: engine.exrx_rules(program, patients), repeat)}
    for peer in peers:
        few = complete.first(min(peer.sample, 20_000))
        equal.check_peer(peer, peer.prepare(rules, few), engine.answers_of(program, few))
        part = (complete if peer.refuses else patients).first(peer.sample)
        prepared = peer.prepare(rules, part)
        found = rate(part.n, prepared.run, 3)
        slower = rates["exrx"]["best"] / found["best"]
        rates[peer.name] = found | {"exrx is faster by": float(f"{slower:.3g}"), "patients": part.n, "how": peer.how}
        if peer is in_cql.PEER:
            rates[peer.name]["cpu ns"] = "in node"
    return rates


def whole(program: Program, rules: list[Rule], patients: Patients, repeat: int) -> Rates:
    """From columns as handed in to decisions with every rule's answer kept."""
    n, fields = patients.n, [entry for some in make_fields() for entry in some]
    few = patients.first(100_001)
    end_to_end.check_equal(program, rules, fields, few, end_to_end.table_of(few))
    table = end_to_end.table_of(patients)
    rates = {"exrx": rate(n, lambda: end_to_end.exrx_all(program, rules, fields, table), repeat)}
    rates["exrx, columns read before"] = rate(
        n, lambda: engine.exrx_decisions(program, rules, patients, keep_rules=True), repeat)
    for how in ("in-memory", "streaming"):
        rates[f"polars {how}"] = rate(
            n, lambda how=how: end_to_end.polars_all(rules, table, how), max(repeat // 2, 3))
    return rates


def block_sizes(program: Program, patients: Patients, repeat: int) -> Rates:
    """What the size of a block does."""
    rates = {}
    for size in (1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21):
        many.FEWEST_ROWS = many.MOST_ROWS = size
        for threads in (1, 2):
            call = lambda threads=threads: engine.exrx_rules(program, patients, threads)  # noqa: E731
            rates[f"rules, blocks of {size}, threads {threads}"] = rate(patients.n, call, repeat)
    return rates


def main() -> None:
    """Check, time, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone (may be given again)")
    parser.add_argument("--heavy", action="store_true", help="rules that share no limit")
    parser.add_argument("--markdown", action="store_true", help="tables for RESULTS.md instead of JSON")
    options = parser.parse_args()
    parts, repeat = options.only or PARTS[:-1], options.repeat
    numbers, flags = make_fields()
    rules = make_rules(numbers, flags, options.heavy)
    program = compile_conditions(rule.condition for rule in rules)
    patients = make_patients(options.patients, numbers, flags)
    single = [atom for rule in rules for atom in atoms(rule.condition)]
    limits = {atom for atom in single if isinstance(atom, Compare)}
    results: dict[str, Any] = {
        "versions": f"python {platform.python_version()}, numpy {np.__version__}, polars {pl.__version__}",
        "load": [round(load, 1) for load in os.getloadavg()],
        "patients": patients.n,
        "rules": f"{len(rules)} of {len(single)} conditions, {len(limits)} different comparisons of numbers",
    }
    peers = installed(PEERS, rules, patients.first(10)) if {"peers", "unknowns"} & set(parts) else []
    if "kernel" in parts:
        results["bytes a patient beyond the input"] = memory(program, rules, patients)
        rates = results["kernel, M patients/s"] = kernel(program, rules, patients, repeat)
        results["bars"] = report.bars(rates, *([f"polars {form.__name__}" for form in forms]
                                               for forms in (in_polars.RULES, in_polars.DECISIONS)))  # fmt: skip
    if "peers" in parts:
        complete = make_patients(20_000, numbers, flags, missing=0.0, seed=3)
        results["all rules, M patients/s"] = against_peers(peers, program, rules, patients, complete, repeat)
    if "end-to-end" in parts:
        results["floats to decisions and reasons, M patients/s"] = whole(program, rules, patients, repeat)
    if "unknowns" in parts:
        nans = [unknowns.with_nan(peer) for peer in peers if peer in (in_polars.PEER, in_duckdb.PEER)]
        results["a patient without platelets"] = unknowns.of_one_patient([*peers, *nans])
        results["where a rule is undecided, % of answers"] = unknowns.of_undecided(
            [*peers, *nans], rules, patients.first(500))
    if "blocks" in parts:
        results["blocks, M patients/s"] = block_sizes(program, patients, repeat)
    print(report.markdown(results) if options.markdown else json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
