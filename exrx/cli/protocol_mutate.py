"""`exrx protocol mutate`: make every small slip on purpose and see whether check, cases or proofs notice it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, NOTHING_DONE, print_text, warn

LEAST_SHARE = 0.95


def add_mutate(inner: Any) -> None:
    """Register the command."""
    command = inner.add_parser("mutate", help="slips made on purpose: would check, cases or proofs notice?",
                               allow_abbrev=False)  # fmt: skip
    command.add_argument("protocols", metavar="ID", nargs="*", help="default: all that are shipped")
    command.add_argument("--ask", metavar="WHO[,WHO]", default="check,test,prove",
                         help="who is asked, each of what the earlier let pass (default check,test,prove)")  # fmt: skip
    command.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    command.set_defaults(run=run_mutate)


def run_mutate(arguments: argparse.Namespace) -> int:
    """Print who noticed how many slips, and each that nobody noticed; 1 below 95 % of the named kinds."""
    from exrx.proof.mutants import KINDS, NAMED_KINDS
    from exrx.proof.mutation import JUDGES, Tally, mutate_all
    from exrx.protocol.library import list_protocols

    asked = arguments.protocols or [summary.id for summary in list_protocols()]
    ask = tuple(word.strip() for word in arguments.ask.split(","))
    if unknown := [word for word in ask if word not in JUDGES]:
        warn(f"exrx: --ask knows {', '.join(JUDGES)}, not '{unknown[0]}'")
        return NOTHING_DONE
    mutants = mutate_all(asked, ask)
    named = Tally.of(mutant for mutant in mutants if mutant.slip.kind in NAMED_KINDS)
    survivors = [mutant for mutant in mutants if mutant.survived]
    code = DONE if named.share >= LEAST_SHARE else DONE_WITH_PROBLEMS
    if arguments.format == "json":
        print_text(json.dumps({
            "slips": {kind: vars_of(Tally.of(m for m in mutants if m.slip.kind == kind)) for kind in KINDS},
            "named_kinds": vars_of(named),
            "survivors": [
                {"protocol": m.protocol, "rule": m.rule, "slip": m.slip.words, "kind": m.slip.kind,
                 "place": str(m.slip.location)} for m in survivors
            ],
        }, ensure_ascii=False, indent=1))  # fmt: skip
        return code
    print_text(f"{'slip':28}{'made':>7}{'check':>7}{'test':>7}{'prove':>7}{'nobody':>8}")
    for kind in KINDS:
        tally = Tally.of(mutant for mutant in mutants if mutant.slip.kind == kind)
        print_text(f"{kind:28}{tally.made:7}" + "".join(f"{n:{8 if who == 'nobody' else 7}}"
                                                        for who, n in tally.noticed.items()))  # fmt: skip
    for mutant in survivors:
        print_text(f"{mutant.slip.location}: nobody notices in {mutant.rule}: {mutant.slip.words}")
    print_text(f"{named.share:.1%} of the flips, dropped 'not' and shifted limits are noticed "
               f"(wanted: at least {LEAST_SHARE:.0%})")  # fmt: skip
    return code


def vars_of(tally: Any) -> dict[str, Any]:
    """A tally as JSON."""
    return {"made": tally.made, **tally.noticed, "share": round(tally.share, 4)}
