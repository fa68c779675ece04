"""Who does not train and why: the rules behind each answer, domains that overlap, facts that are missing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import Words, count, no_bits, pack, unpack
from exrx.rules.restriction import Clearance
from exrx.screening.questions import blocking_facts
from exrx.study.overview.ledger import TRAINED, UNTRAINED, Ledger

MOST_REASONS, MOST_SETS, MOST_COMBINATIONS, MOST_FACTS = 6, 7, 12, 12
Bools = npt.NDArray[np.bool_]
RuleCells = dict[tuple[str, Clearance], int]


def step_cell(ledger: Ledger, level: Clearance) -> int:
    """The cell of those with this clearance, from assess upwards."""
    return ledger.centre[TRAINED + level - Clearance.ASSESS]


def rule_reasons(ledger: Ledger) -> tuple[dict[str, list[dict[str, Any]]], RuleCells]:
    """For each clearance from consult upwards the rules that gave it, the most frequent first, and their cells.

    A patient may have several; rules that fewer than the limit have are not named. Of rules that gave it to exactly the
    same patients the first stands for all (`same` names the others).
    """
    steps: dict[str, list[dict[str, Any]]] = {level.word: [] for level in UNTRAINED[1:]}
    cells: RuleCells = {}
    for level in UNTRAINED[1:]:
        rows = pack(ledger.at(level))
        alike: dict[bytes, list[str]] = {}
        fired = {rule: each for rule, each in _fired(ledger).items() if each.level == level}
        for rule, each in fired.items():
            if (each.rows & rows).any():
                alike.setdefault((each.rows & rows).tobytes(), []).append(rule)
        ranked = sorted(alike.values(), key=lambda rules: (-count(fired[rules[0]].rows & rows), rules[0]))
        for rules in ranked:
            here = count(fired[rules[0]].rows & rows)
            cell = ledger.part([step_cell(ledger, level)], here)
            cells |= {(rule, level): cell for rule in rules}
            if here >= ledger.limit and len(steps[level.word]) < MOST_REASONS:
                each = fired[rules[0]]
                steps[level.word].append({"rule": rules[0], "same": rules[1:], "because": each.because,
                                          "domain": each.domain, "n": ledger.slot([cell])})  # fmt: skip
    return steps, cells


class _Fired:
    """Where one rule certainly holds; rules of one name in joined protocols are one."""

    def __init__(self, level: Clearance, domain: str, because: dict[str, str], n: int) -> None:
        self.level, self.domain, self.because, self.rows = level, domain, because, no_bits(n)


def _fired(ledger: Ledger) -> dict[str, _Fired]:
    found: dict[str, _Fired] = {}
    for index, active in enumerate(ledger.decisions.rules.stage.rules):
        rule = active.rule
        if rule.then.clearance < Clearance.CONSULT:
            continue
        each = found.setdefault(
            rule.id, _Fired(rule.then.clearance, rule.domain, dict(rule.because), len(ledger.decisions))
        )
        each.rows = each.rows | ledger.decisions.rule_planes(index)[0]
        each.level = max(each.level, rule.then.clearance)
    return found


def overlaps(ledger: Ledger, rule_cells: RuleCells) -> dict[str, Any]:
    """The domains of the reasons of those who certainly do not train today, and which occur together.

    `sets`: how many have a reason of this domain; `combinations`: how many have reasons of exactly these domains; the
    rest of the people in `other`. Every person is in one combination.
    """
    untrained = np.asarray(ledger.decisions.clearance >= Clearance.CONSULT)
    steps = [step_cell(ledger, level) for level in UNTRAINED[1:]]
    result: dict[str, Any] = {"n": ledger.slot(steps, total=True), "sets": [], "combinations": [], "other": None}
    planes = _domains(ledger, pack(untrained))
    names = sorted(planes, key=lambda name: (-count(planes[name]), name))
    names = [name for name in names if count(planes[name]) >= ledger.limit][:MOST_SETS]
    if not names:
        return result
    codes = np.zeros(int(untrained.sum()), np.int64)
    for place, name in enumerate(names):
        codes |= unpack(planes[name], len(ledger.decisions))[untrained].astype(np.int64) << place
    counts = np.bincount(codes, minlength=1 << len(names))
    cells = ledger.divide(steps, counts)
    inside = {
        name: [cells[code] for code in range(len(cells)) if code >> place & 1] for place, name in enumerate(names)
    }
    _link(ledger, inside, rule_cells)
    common = [code for code in np.argsort(-counts, kind="stable").tolist() if code and counts[code] >= ledger.limit]
    common = common[:MOST_COMBINATIONS]
    rest = [cells[code] for code in range(len(cells)) if code not in common]
    for name in names:
        outside = [cell for cell in cells if cell not in set(inside[name])]
        ledger.slot(outside, shown=False)
    result["sets"] = [{"domain": name, "n": ledger.slot(inside[name], total=True)} for name in names]
    result["combinations"] = [
        {"domains": [name for place, name in enumerate(names) if code >> place & 1], "n": ledger.slot([cells[code]])}
        for code in common
    ]
    result["other"] = ledger.slot(rest)
    return result


def _domains(ledger: Ledger, untrained: Words) -> dict[str, Words]:
    found: dict[str, Words] = defaultdict(lambda: no_bits(len(ledger.decisions)))
    for each in _fired(ledger).values():
        found[each.domain] = found[each.domain] | (each.rows & untrained)
    return dict(found)


def _link(ledger: Ledger, inside: dict[str, list[int]], rule_cells: RuleCells) -> None:
    """Who has a rule has its domain; who waits for a consultation has no rule but those of that answer."""
    domain_of = {rule: each.domain for rule, each in _fired(ledger).items()}
    for name, cells in inside.items():
        own = {key: cell for key, cell in rule_cells.items() if domain_of[key[0]] == name}
        for cell in own.values():
            ledger.sheet.at_most([cell], cells)
        asked = [cell for (_, level), cell in own.items() if level == Clearance.CONSULT]
        above = [step_cell(ledger, level) for level in UNTRAINED[2:]]
        ledger.sheet.at_most(cells, [*asked, *above])


def missing_facts(ledger: Ledger) -> dict[str, Any]:
    """What those wait for who have to be asked first: who lacks only this fact, who lacks others too.

    Facts that exactly the same patients lack stand together. `waiting` = the sum of all `alone` + `others_alone` +
    `several` + `unnamed` (a physician's limits, for example).
    """
    rows = np.flatnonzero(ledger.at(Clearance.ASSESS))
    facts = _lacking(ledger, rows)
    many = np.zeros(rows.size, np.int64)
    for fact in facts:
        many += len(fact.fields) * fact.rows
    ends = [(int((fact.rows & (many == 1)).sum()), int((fact.rows & (many > 1)).sum())) for fact in facts]
    ranked = sorted(zip(ends, facts, strict=True), key=lambda pair: (-pair[0][0], -pair[0][1], pair[1].fields))
    named = [pair for pair in ranked if max(pair[0]) >= ledger.limit][:MOST_FACTS]
    rest = sum(alone for (alone, _), _ in ranked) - sum(alone for (alone, _), _ in named)
    several, unnamed = int((many > 1).sum()), int((many == 0).sum())
    whole = step_cell(ledger, Clearance.ASSESS)
    cells = ledger.divide([whole], [*(alone for (alone, _), _ in named), rest, several, unnamed])
    listed = []
    for ((_, together), fact), cell in zip(named, cells, strict=False):
        with_others = ledger.part([cells[-2]], together)
        listed.append({"fields": list(fact.fields), "who": fact.who, "alone": ledger.slot([cell]),
                       "together": ledger.slot([with_others])})  # fmt: skip
        ledger.slot([cell, with_others], shown=False)
    return {
        "waiting": ledger.slot([whole], total=True),
        "facts": listed,
        "others_alone": ledger.slot([cells[-3]]),
        "several": ledger.slot([cells[-2]]),
        "unnamed": ledger.slot([cells[-1]]),
    }


@frozen(eq=False)
class _Lacking:
    """Facts that exactly the same of the waiting patients lack, and which these are."""

    fields: tuple[str, ...]
    who: str
    rows: Bools


def _lacking(ledger: Ledger, waiting: npt.NDArray[np.intp]) -> list[_Lacking]:
    blocks = blocking_facts(ledger.decisions)
    alike: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    for block in sorted(blocks.facts, key=lambda block: block.field):
        alike[block.who, np.packbits(blocks.rows(block.field)[waiting]).tobytes()].append(block.field)
    return [_Lacking(tuple(names), who, blocks.rows(names[0])[waiting]) for (who, _), names in alike.items()]
