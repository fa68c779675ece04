"""What each engine says of a value that nobody gave: the reason why exrx is not one of the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from attrs import evolve

from exrx.fields import YES as YES_OPTION
from exrx.rules.many import compile_conditions
from exrx.rules.nodes import Compare, Limit, Not, OneOf
from rules import engine
from rules.conditions import Rule, flag, number
from rules.patients import Patients, make_patients
from rules.peer import Peer, Prepared

WORDS = ("no", "yes", "undecided", "refuses")
PLATELETS, BONE = number("platelets"), flag("bone_metastases")
_FIFTY = Limit(1000, "50")
QUESTIONS = {
    "platelets < 50": Compare(PLATELETS, "<", _FIFTY),
    "not platelets >= 50": Not(Compare(PLATELETS, ">=", _FIFTY)),
    "platelets >= 50": Compare(PLATELETS, ">=", _FIFTY),
    "bone metastases": OneOf(BONE, YES_OPTION, "yes"),
    "not bone metastases": Not(OneOf(BONE, YES_OPTION, "yes")),
}
"""Each is asked alone, of a patient of whom neither is known."""


def with_nan(peer: Peer) -> Peer:
    """The same engine on numbers that are nan where nothing is known, as a table from pandas or NumPy has them."""

    def prepare(rules: list[Rule], patients: Patients) -> Prepared:
        numbers = pl.selectors.integer().cast(pl.Float64).fill_null(float("nan"))
        return peer.prepare(rules, evolve(patients, frame=patients.frame.with_columns(numbers)))

    return evolve(peer, name=f"{peer.name}, nan for unknown", prepare=prepare)


def of_one_patient(peers: Iterable[Peer]) -> dict[str, dict[str, str]]:
    """Engine to question to word, of a patient without platelets and of whom nobody knows the bones."""
    patient = make_patients(1, [PLATELETS], [BONE], missing=1.0)
    table: dict[str, dict[str, str]] = {"exrx": {}}
    for text, condition in QUESTIONS.items():
        rules = [Rule(condition, "defer", None)]
        table["exrx"][text] = WORDS[engine.answers_of(compile_conditions([condition]), patient)[0, 0]]
        for peer in peers:
            prepared = peer.prepare(rules, patient)
            table.setdefault(peer.name, {})[text] = WORDS[prepared.answers(prepared.run())[0, 0]]
    return table


def of_undecided(peers: Iterable[Peer], rules: list[Rule], patients: Patients) -> dict[str, dict[str, float]]:
    """Where Kleene's logic leaves a rule undecided: the share in per cent of each word that a peer says instead.

    The last column: in how many of a hundred of the answers that need no missing value the peer has another one.
    """
    ours = engine.answers_of(compile_conditions(rule.condition for rule in rules), patients)
    open_, settled = ours == 2, ours != 2
    table = {}
    for peer in peers:
        prepared = peer.prepare(rules, patients)
        theirs = prepared.answers(prepared.run())
        said = np.bincount(theirs[open_], minlength=4) / open_.sum() * 100
        table[peer.name] = {word: round(float(share), 1) for word, share in zip(WORDS, said, strict=True)}
        wrong = (theirs != ours) & settled
        table[peer.name]["differs where settled"] = round(float(wrong.sum() / settled.sum() * 100), 1)
    return table
