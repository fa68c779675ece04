"""exrx: both outcomes of every rule, and full decisions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exrx.bits import unpack, unpack_ordinals
from exrx.columns import Block
from exrx.rules.many import Answers, Program
from rules.conditions import CLEARANCES, TRACKS, Rule, groups_of
from rules.patients import Patients


def exrx_rules(program: Program, patients: Patients, threads: int = 2) -> Answers:
    """Both outcomes of every rule."""
    return program.run(patients, threads=threads)


def used_again(program: Program, patients: Patients) -> Callable[[], Answers]:
    """The same into the memory of an earlier answer."""
    earlier = exrx_rules(program, patients)
    return lambda: program.run(patients, out=earlier)


def exrx_decisions(
    program: Program, rules: list[Rule], patients: Patients, threads: int = 2, keep_rules: bool = False
) -> tuple[np.ndarray, Answers]:
    """Definite, worst, clearance and track, uint8 (4, n), and the planes they come from.

    `keep_rules` keeps both outcomes of every rule too: all that is needed to give anybody the reasons.
    """
    out = np.empty((4, patients.n), np.uint8)
    levels, tracks = groups_of(rules)

    def expand(block: Block, found: Answers) -> None:
        rows = out[:, block.start : block.stop]
        definite = [found.group_true(name) for name in CLEARANCES]
        worst = [found.group_possible(name) for name in CLEARANCES]
        single, close = (found.group_possible(name) for name in TRACKS)
        _ordinals(definite[0], definite[1], definite, rows[0])
        _ordinals(worst[0], worst[1], worst, rows[1])
        _ordinals(worst[0], worst[1], definite, rows[2])
        unpack_ordinals([(single ^ close) | worst[1], close | worst[1]], rows[3])

    kept = None if keep_rules else ()
    answers = program.run(patients, conditions=kept, groups=levels, possible_groups=tracks, each_block=expand,
                          threads=threads)  # fmt: skip
    return out, answers


def _ordinals(modify: np.ndarray, assess: np.ndarray, levels: list[np.ndarray], out: np.ndarray) -> None:
    """From planes "at least this" (each within the one before) to ordinals: a binary digit is a parity of planes."""
    _, consult, defer, stop, emergency = levels
    ones = modify ^ assess ^ consult ^ defer ^ stop ^ emergency
    unpack_ordinals([ones, assess ^ defer ^ emergency, defer], out)


def answers_of(program: Program, patients: Patients) -> np.ndarray:
    """Every rule's answer, int8 (rules, n): 0 no, 1 yes, 2 undecided."""
    found = exrx_rules(program, patients)
    rows = []
    for i in range(len(program.trees)):
        true, possible = unpack(found.true(i), patients.n), unpack(found.possible(i), patients.n)
        rows.append(np.where(true, 1, np.where(possible, 2, 0)))
    return np.array(rows, np.int8)
