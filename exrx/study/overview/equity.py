"""Whether groups differ in what they get: each step of the course by education, income, living alone, sex and region.

For each indicator and group: of how many it is known, of how many it is not, how many have it; and against the group
that it is compared with the difference of the shares (Newcombe's interval) and their ratio (Katz's). The counts belong
to the report's one system of equations, so that hiding covers them; a gap is made of printed counts only, and is hidden
where one of its four counts is. Nothing is adjusted for what else differs between groups.

Source: facts/pathway.md R66, R70-R73, A81 and 2.12, from the report's section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from exrx.study.overview.ledger import Ledger, Split
from exrx.study.overview.people import UNKNOWN
from exrx.study.statistics import Interval, difference, ratio, share

OTHERS = "others"
GROUPS: Mapping[str, str] = {
    "education": "long",
    "income": "high",
    "lives_alone": "no",
    "sex": "female",
    "region": OTHERS,
}
"""The groups that are compared, and with which class: its own others where there is no natural one."""
METHOD = {"difference": "newcombe-1998", "ratio": "katz-1978", "level": 0.95, "adjusted_for": []}


@frozen
class Indicator:
    """A step of the course: the classes of the split `of` that have it, that have not, and that are not known.

    Whoever is in none of them is not asked about, as who has no need.
    """

    name: str
    of: str
    yes: tuple[str, ...] = ("yes",)
    no: tuple[str, ...] = ("no",)
    missing: tuple[str, ...] = (UNKNOWN,)


_BELOW = ("1-49", "50-74")
_ABOVE = ("75-99", "100")
INDICATORS = (
    Indicator("assessed", "assessed"),
    Indicator("referred_of_need", "referred_of_need", missing=(UNKNOWN, f"need-{UNKNOWN}")),
    Indicator("attended", "attendance", (*_BELOW, *_ABOVE), ("0",), ("no-log",)),
    Indicator("attended_most", "attendance", _ABOVE, ("0", *_BELOW), ("no-log",)),
    Indicator("stopped_early", "stopped", ("early",), ("not-early",)),
    Indicator("effect_measured", "effect", ("yes",), (UNKNOWN,), ()),
    Indicator("effect_better", "effect_change", ("better",), ("unchanged", "worse")),
    Indicator("goal_attained", "goal_attained", ("yes",), ("no", "partly")),
)


def equity(ledger: Ledger) -> dict[str, Any]:
    """The counts of every indicator in every group that the cohort has, as slots; `with_gaps` adds the comparisons."""
    groups = {}
    for name, reference in GROUPS.items():
        group = ledger.splits.get(name)
        known = [] if group is None else [place for place, key in enumerate(group.keys) if key != UNKNOWN]
        if group is None or len(known) < 2:
            continue
        compared = list(_compared(ledger, group, known, reference))
        groups[name] = {"reference": reference, "indicators": compared}
    return {"method": METHOD, "groups": groups}


def _compared(ledger: Ledger, group: Split, known: Sequence[int], reference: str) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(indicator.of for indicator in INDICATORS):
        found = ledger.splits.get(name)
        if found is None:
            continue
        asked = [indicator for indicator in INDICATORS if indicator.of == name]
        merged, parts = _alike(found, asked)
        cells = ledger.cross(group, merged)
        for row in cells:
            for cell in row:
                ledger.slot([cell], shown=False)
        for indicator in asked:
            rows = []
            for place in known:
                rows.append(_row(ledger, group, place, cells, parts[indicator.name]))
                if reference == OTHERS:
                    others = [cells[other] for other in known if other != place]
                    rows[-1]["others"] = _counts(ledger, others, parts[indicator.name])
            yield {"indicator": indicator.name, "rows": sorted(rows, key=lambda row: row["key"] == reference)}


Parts = tuple[list[int], list[int], list[int]]


def _alike(split: Split, asked: Sequence[Indicator]) -> tuple[Split, dict[str, Parts]]:
    """The split with the classes joined that no indicator tells apart; which of them are yes, no and missing."""
    kinds: dict[tuple[int, ...], list[int]] = {}
    for place, key in enumerate(split.keys):
        kind = tuple(
            next((side for side, keys in enumerate((each.yes, each.no, each.missing)) if key in keys), 3)
            for each in asked
        )
        kinds.setdefault(kind, []).append(place)
    new = np.zeros(len(split.keys), np.int64)
    for place, members in enumerate(kinds.values()):
        new[members] = place
    cells = [[cell for member in members for cell in split.cells[member]] for members in kinds.values()]
    joined = Split(tuple(map(str, range(len(kinds)))), (), new[split.codes], cells)
    parts = {}
    for which, each in enumerate(asked):
        yes, no, missing = ([place for place, kind in enumerate(kinds) if kind[which] == side] for side in range(3))
        parts[each.name] = (yes, no, missing)
    return joined, parts


def _row(ledger: Ledger, group: Split, place: int, cells: Sequence[Sequence[int]], parts: Parts) -> dict[str, Any]:
    counted = _counts(ledger, [cells[place]], parts)
    counted["missing"] = ledger.slot([cells[place][each] for each in parts[2]])
    return {"key": group.keys[place], "label": group.labels[place], **counted}


def _counts(ledger: Ledger, rows: Sequence[Sequence[int]], parts: Parts) -> dict[str, Any]:
    yes, no = ([row[place] for row in rows for place in part] for part in parts[:2])
    found = ledger.row([*yes, *no], {"yes": yes})
    ledger.slot(no, shown=False)
    return {"n": found["n"], "yes": found["counts"]["yes"]}


def with_gaps(content: dict[str, Any]) -> dict[str, Any]:
    """The filled content with `share` of each row, and `difference` and `ratio` to the class it is compared with.

    Shares and differences in percent (points). None: a count that it needs is hidden. `value` None: there is nobody to
    compare with; `low` or `high` None: no such end.
    """
    for group in content["groups"].values():
        for each in group["indicators"]:
            base = next((row for row in each["rows"] if row["key"] == group["reference"]), None)
            for row in each["rows"]:
                row["share"] = _shared(row)
                against = row.get("others", base)
                if against is not None and against is not row:
                    row["difference"], row["ratio"] = gap(row, against)
    return content


def gap(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Difference in percentage points and ratio of two rows' shares; (None, None) where a count is hidden."""
    counts = (one["yes"], one["n"], other["yes"], other["n"])
    if any(count is None for count in counts):
        return None, None
    return _told(difference(*counts).scaled(100), 1), _told(ratio(*counts), 2)


def _shared(row: Mapping[str, Any]) -> dict[str, Any] | None:
    return None if row["yes"] is None or row["n"] is None else _told(share(row["yes"], row["n"]).scaled(100), 1)


def _told(found: Interval, digits: int) -> dict[str, float | None]:
    return {
        key: round(float(number), digits) if np.isfinite(number) else None
        for key, number in (("value", found.value), ("low", found.low), ("high", found.high))
    }
