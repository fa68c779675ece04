"""Clearance and track by cancer type, sex, age and treatment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from exrx.rules.restriction import Clearance, Track
from exrx.study.overview.ledger import OUTCOMES, Ledger, Split
from exrx.study.overview.people import Grouping

REST = "rest"
PLACES = ("region", "municipality")
_REST_LABEL = {"da": "øvrige (hver under grænsen)", "en": "others (each below the limit)"}


def outcome_tables(ledger: Ledger, divisions: Iterable[Grouping]) -> tuple[dict[str, Any], dict[str, list[list[int]]]]:
    """A table by each division, and per division its cells, class by outcome, the last row not known.

    A table has a row a class with `n`, `clearance` and `track`; the last row is everybody. Classes that are small as a
    whole stand in one row together.
    """
    tables, known = {}, {}
    for division in divisions:
        merged, rows = _merged(division, ledger.limit)
        cells = ledger.by_outcome(merged, len(rows))
        keys, labels = zip(*rows, strict=True)
        ledger.splits[division.name] = Split(keys, labels, merged, cells)
        tables[division.name] = {
            "label": division.label,
            "rows": [
                {"key": key, "label": label, **outcome_row(ledger, each)}
                for (key, label), each in zip(rows, cells, strict=True)
            ],
            "all": outcome_row(ledger, ledger.centre),
        }
        known[division.name] = cells
    return tables, known


def outcome_row(ledger: Ledger, cells: Sequence[int]) -> dict[str, Any]:
    """A row's total, and its people by clearance and by track."""
    clearance = {
        level.word: [cell for cell, (found, _) in zip(cells, OUTCOMES, strict=True) if found == level]
        for level in Clearance
    }
    track = {
        way.word: [cell for cell, (_, found) in zip(cells, OUTCOMES, strict=True) if found == way] for way in Track
    }
    row = ledger.row(cells, clearance)
    return {"n": row["n"], "clearance": row["counts"], "track": ledger.row(cells, track)["counts"]}


def _merged(division: Grouping, limit: int) -> tuple[Any, list[tuple[str, dict[str, str]]]]:
    """The codes with rare classes joined, and the rows that are left: common ones, the rest, not known."""
    counts = division.counts()
    known = range(len(counts) - 1)
    if len(counts) - 1 <= _FEW or division.name in PLACES:
        kept, rare = list(known), []
    else:
        kept = [place for place in known if counts[place] >= limit]
        rare = [place for place in known if place not in kept]
    rows = [(division.keys[place], division.labels[place]) for place in kept]
    if rare:
        rows.append((REST, _REST_LABEL))
    rows.append((division.keys[-1], division.labels[-1]))
    new = np.full(len(counts), len(kept), np.int64)
    new[kept] = np.arange(len(kept))
    new[-1] = len(rows) - 1
    return new[division.codes], rows


_FEW = 6
"""Divisions of at most so many classes keep them all; of longer ones the rare classes are joined."""
