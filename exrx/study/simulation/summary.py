"""A simulation in a few numbers, beside published ones: what the terminal, the figures and the manifest say."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

import numpy as np

from exrx import __version__
from exrx.library import library_root
from exrx.protocol.stage import stage_rules
from exrx.rules.restriction import Clearance
from exrx.study.findings import Column
from exrx.study.simulation.follow import AWAY, CAUSES, HELD, IN_PART
from exrx.study.simulation.results import Simulation, Table, Variant
from exrx.study.simulation.tally import DOSES
from exrx.training.adapting.history import KINDS
from exrx.yamlread import read_plain_yaml

SCHEMA = "exrx/simulation/1"
STUDY_FILES = ("attendance.yaml", "behaviour.yaml", "findings.yaml", "myelosuppression.yaml")
_WEEK = 7


def summary(simulation: Simulation, differences: Table | None) -> dict[str, Any]:
    """The JSON object of schema `exrx/simulation/1`; shares from 0 to 1, None where there is nothing to divide by."""
    programme = simulation.programme
    return {
        "schema": SCHEMA,
        "engine": f"exrx {__version__}",
        "synthetic": True,
        "patients": simulation.n,
        "start": simulation.start.isoformat(),
        "weeks": simulation.weeks,
        "seed": simulation.seed,
        "training": {"id": programme.id, "version": programme.version, "sha256": programme.sha256},
        "target": simulation.target.id,
        "variants": [_variant(variant) for variant in simulation.variants],
        "differences": _records(differences) if differences is not None else [],
        "published": published(),
        "assumptions": [each.to_dict() for each in simulation.behaviour.assumptions.values()],
    }


def published() -> list[dict[str, Any]]:
    """Published attendance and dose intensity, in percent, with source and flag."""
    found = read_plain_yaml(library_root() / "study" / "attendance.yaml")
    return [
        {**entry, "percent": float(entry["percent"]), "spread": float(entry["spread"]) if "spread" in entry else None}
        for entry in found
    ]


def study_hashes() -> dict[str, str]:
    """The SHA-256 of each file of numbers that a simulation rests on."""
    folder = library_root() / "study"
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in STUDY_FILES}


def _variant(variant: Variant) -> dict[str, Any]:
    people, enrolled = variant.patients, variant.patients["enrolled"]
    words, counts = np.unique(people["enrolment"].astype(str), return_counts=True)
    by_clearance = dict(zip(words.tolist(), counts.tolist(), strict=True))
    met = people["week_of_target"][enrolled]
    met = met[met > 0]
    rows = int(enrolled.sum())
    return {
        "name": variant.name,
        "protocols": [
            {"id": member.id, "version": member.version, "sha256": member.sha256}
            for member in variant.protocol.members
        ],
        "enrolment": {level: by_clearance[level] for level in Clearance.words() if level in by_clearance},
        "enrolled": rows,
        "planned": variant.planned,
        "causes": {cause: variant.count(cause) for cause in CAUSES},
        "attendance": _mean(people["attendance"][enrolled]),
        "class_attendance": _share_held(variant, lambda key: key[0] == KINDS.index("class")),
        "week_after": _share_held(variant, lambda key: key[2] < _WEEK),
        "rdi": _mean(people["rdi"][enrolled]),
        "ratio_of_sums": _ratio(float(people["done_minutes"].sum()), float(people["planned_minutes"].sum())),
        "interrupted": _ratio(int((people["interruptions"][enrolled] > 0).sum()), rows),
        "short_misses": _ratio(int((people["short_misses"][enrolled] > 0).sum()), rows),
        "dose": {name: {"planned": int(people[f"planned_{name}"].sum()), "done": int(people[f"done_{name}"].sum())}
                 for name in DOSES},
        "target": {"met": int(met.size), "never": rows - int(met.size),
                   "median_week": float(np.median(met)) if met.size else None},
        "rules": _rules(variant),
    }  # fmt: skip


def _rules(variant: Variant) -> list[dict[str, Any]]:
    """What stood against sessions, the commonest first: cause, domain, rule and sessions."""
    rules = [active.rule for active in stage_rules(variant.protocol, "session").rules]
    found: Counter[tuple[str, str, str]] = Counter()
    for (_, _, _, cause, rule), count in variant.sessions.items():
        if cause > AWAY and CAUSES[cause] in ("not-cleared", "missing-facts"):
            domain, name = ("", "") if rule < 0 else (rules[rule].domain, rules[rule].id)
            found[CAUSES[cause], domain, name] += count
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return [{"cause": cause, "domain": domain, "rule": rule, "sessions": count}
            for (cause, domain, rule), count in ordered]  # fmt: skip


def _share_held(variant: Variant, chosen: Any) -> float | None:
    here = {key: count for key, count in variant.sessions.items() if chosen(key)}
    held = sum(count for key, count in here.items() if key[3] in (HELD, IN_PART))
    return _ratio(held, sum(here.values()))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(values: Column) -> dict[str, float | None]:
    known = values[np.isfinite(values)]
    if not known.size:
        return {"mean": None, "spread": None}
    return {"mean": float(known.mean()), "spread": float(known.std(ddof=1)) if known.size > 1 else None}


def _records(table: Table) -> list[dict[str, Any]]:
    lists = {name: column.tolist() for name, column in table.items() if name != "origin"}
    rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    return [{name: None if value != value else value for name, value in row.items()} for row in rows]
