"""The figures that the Danish report on cancer rehabilitation asks every service for, each with n and missing.

An item for which the data have no column is "not collected", which is something else than nobody.
Source: facts/pathway.md 1.13 and R68-R73, from the report's sections 6 and 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import field, frozen

from exrx.pathway.vocabulary import load_vocabulary
from exrx.study.overview.ledger import Ledger, Split
from exrx.study.overview.people import UNKNOWN, Grouping, choice_of
from exrx.study.overview.programme import Sessions
from exrx.study.overview.tables import PLACES

YES_NO = {"yes": {"da": "ja", "en": "yes"}, "no": {"da": "nej", "en": "no"}}
BETTER = {
    "better": {"da": "bedre", "en": "better"}, "unchanged": {"da": "uændret", "en": "unchanged"},
    "worse": {"da": "værre", "en": "worse"},
}  # fmt: skip


@lru_cache(maxsize=1)
def monitoring_answers() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The columns of a monitoring file beside `id`, and their answers: none listed for any number or any name.

    The routes in are those of the pathway (protocols/pathway/pathway.yaml).
    """
    routes = load_vocabulary().lists["routes"]
    return {
        "referral_route": {key: {lang: entry[lang] for lang in ("da", "en")} for key, entry in routes.items()},
        "income": {
            "low": {"da": "lav", "en": "low"}, "middle": {"da": "mellem", "en": "middle"},
            "high": {"da": "høj", "en": "high"},
        },
        "goal_attained": {**YES_NO, "partly": {"da": "delvist", "en": "partly"}},
        "assessed": YES_NO,
        "need": YES_NO,
        "referred": YES_NO,
        "effect_pre": {},
        "effect_post": {},
        "effect_change": BETTER,
        "region": {},
        "municipality": {},
    }  # fmt: skip


@frozen(eq=False)
class Monitoring:
    """What a monitoring file says of a cohort: a grouping a column it has, and where an effect was measured twice."""

    groupings: dict[str, Grouping] = field(factory=dict)
    effect: Grouping | None = None
    strangers: int = 0

    @property
    def places(self) -> list[Grouping]:
        """The regions or municipalities, where they are given."""
        return [self.groupings[name] for name in PLACES if name in self.groupings]


_ITEMS = (
    "n_referred", "sex", "age", "cancer_type", "education", "income", "lives_alone", "treatment_status_at_start",
    "attendance_pct", "dropout", "effect", "referral_route", "goal_attainment", "assessed_pct", "referred_of_need_pct",
)  # fmt: skip
_OWN = {"sex": "sex", "age": "age", "cancer_type": "cancer_type"}
_FIELDS = {"education": "education", "lives_alone": "lives_alone", "treatment_status_at_start": "in_initial_treatment"}
_ASKED = {"income": "income", "referral_route": "referral_route", "n_referred": "referral_route",
          "goal_attainment": "goal_attained", "assessed_pct": "assessed"}  # fmt: skip


def monitoring_set(
    ledger: Ledger,
    divisions: Sequence[Grouping],
    known: Mapping[str, Sequence[Sequence[int]]],
    sessions: Sessions | None,
    monitoring: Monitoring | None,
    attended: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """The items in their order: `collected`, and where it is, `n`, `missing`, the answers, and n by place.

    `divisions` are those of the tables, `known` their cells, the last row not known. `attended`: from `attendance`.
    """
    given = monitoring or Monitoring()
    seen = _Seen(ledger, {each.name: each for each in divisions}, known, given)
    rows = []
    for item in _ITEMS:
        row: dict[str, Any] | None = None
        if item in _OWN:
            row = seen.of_division(_OWN[item])
        elif item in _FIELDS:
            row = seen.of_field(_FIELDS[item])
        elif item in _ASKED:
            row = seen.of(given.groupings.get(_ASKED[item]))
        elif item == "effect":
            row = seen.of(given.effect)
            row = row and {key: value for key, value in row.items() if key != "answers"}
            row = seen.of(given.groupings.get("effect_change")) or row
        elif item == "referred_of_need_pct":
            row = seen.both(given.groupings.get("need"), given.groupings.get("referred"))
        elif attended is not None and sessions is not None:
            row = attended["stopped"] if item == "dropout" else {
                "n": attended["n"], "missing": attended["missing"], "answers": [
                    {"label": {"da": f"{each['key']} %", "en": f"{each['key']} %"}, **each}
                    for each in attended["bands"][:-1]
                ],
            }  # fmt: skip
        rows.append({"item": item, "collected": row is not None, **(row or {})})
    return rows


def _counted(ledger: Ledger, found: Sequence[int], missing: Sequence[int]) -> dict[str, Any]:
    return {"n": ledger.slot(found, total=True), "missing": ledger.slot(missing)}


class _Seen:
    """Counts groupings, each once however often it is asked for."""

    def __init__(
        self,
        ledger: Ledger,
        divisions: Mapping[str, Grouping],
        known: Mapping[str, Sequence[Sequence[int]]],
        monitoring: Monitoring,
    ) -> None:
        self.ledger, self.divisions, self.known = ledger, divisions, known
        self.place = next(iter(monitoring.places), None)
        self._cells: dict[str, list[int]] = {}
        self._rows: dict[str, dict[str, Any]] = {}

    def of_division(self, name: str) -> dict[str, Any]:
        """An item that has a table of its own."""
        *found, missing = self.known[name]
        cells = [cell for each in found for cell in each]
        return {**_counted(self.ledger, cells, missing), **self._by_place(self.divisions[name], cells, missing)}

    def _by_place(self, grouping: Grouping, found: Sequence[int], missing: Sequence[int]) -> dict[str, Any]:
        """n and missing of an item in each region or municipality; nothing where no places are known."""
        if self.place is None or self.place.name not in self.known:
            return {}
        rows = self.known[self.place.name]
        codes = np.minimum(self.place.codes, len(rows) - 1)
        counts = np.bincount(codes * 2 + grouping.known, minlength=2 * len(rows)).reshape(len(rows), 2)
        cells = [self.ledger.sheet.cells(row) for row in counts]
        for each, whole in zip(cells, rows, strict=True):
            self.ledger.sheet.tie(each, whole)
        self.ledger.sheet.tie([row[0] for row in cells], missing)
        self.ledger.sheet.tie([row[1] for row in cells], found)
        labels = zip(self.place.keys, self.place.labels, strict=True)
        return {
            "places": [
                {"key": key, "label": label, "n": self.ledger.slot(row[1:]), "missing": self.ledger.slot(row[:1])}
                for (key, label), row in zip(labels, cells, strict=True)
            ]
        }

    def of_field(self, name: str) -> dict[str, Any] | None:
        """A field of the dictionary, where the cohort has a column of it."""
        today = self.ledger.decisions.today
        if name not in today.cohort.recorded and not today.cohort.of_patients:
            return None
        found = choice_of(today, name)
        return self.of(found) if found.known.any() or name in today.cohort.recorded else None

    def of(self, grouping: Grouping | None) -> dict[str, Any] | None:
        """The item of one grouping, None where there is none."""
        if grouping is None:
            return None
        cells = self._cells.get(grouping.name)
        if cells is None:
            cells = self._cells[grouping.name] = self.ledger.divide(self.ledger.centre, grouping.counts())
            split = Split(grouping.keys, grouping.labels, grouping.codes, [[cell] for cell in cells])
            self.ledger.splits[grouping.name] = split
        row = self._rows.get(grouping.name)
        if row is None:
            row = _counted(self.ledger, cells[:-1], cells[-1:]) | self._by_place(grouping, cells[:-1], cells[-1:])
            self._rows[grouping.name] = row = {**row, "answers": list(self._answers(grouping, cells))}
        return row

    def _answers(self, grouping: Grouping, cells: Sequence[int]) -> Iterator[dict[str, Any]]:
        for key, label, cell in zip(grouping.keys[:-1], grouping.labels, cells, strict=False):
            yield {"key": key, "label": label, "n": self.ledger.slot([cell])}

    def both(self, need: Grouping | None, referred: Grouping | None) -> dict[str, Any] | None:
        """Of those with a need how many were referred."""
        if need is None or referred is None:
            return None
        self.of(need)
        needing = need.codes == need.keys.index("yes")
        whole = self._cells[need.name][need.keys.index("yes")]
        counts = np.bincount(referred.codes[needing], minlength=len(referred.keys))
        cells = self.ledger.divide([whole], counts)
        rest = {key: cell for key, cell in zip(need.keys, self._cells[need.name], strict=True) if key != "yes"}
        places = {key: len(cells) + place for place, key in enumerate(rest)} | {"yes": 0}
        of_need = np.array([places[key] for key in need.keys])[need.codes]
        self.ledger.splits["referred_of_need"] = Split(
            (*referred.keys, *(f"need-{key}" for key in rest)), (), np.where(needing, referred.codes, of_need),
            [[cell] for cell in (*cells, *rest.values())],
        )  # fmt: skip
        row = _counted(self.ledger, cells[:-1], cells[-1:])
        row["answers"] = list(self._answers(referred, cells))
        return row


def grouping_of(name: str, answers: Sequence[str | None]) -> Grouping:
    """The column of a monitoring file as a grouping; None is not known. Places keep their own names."""
    labels: Mapping[str, Mapping[str, str]] = monitoring_answers().get(name) or {
        each: {"da": each, "en": each} for each in sorted({answer for answer in answers if answer is not None})
    }
    places = {key: place for place, key in enumerate(labels)}
    codes = np.array([places.get(each, len(places)) if each is not None else len(places) for each in answers], np.int64)
    title = {"region": {"da": "region", "en": "region"}, "municipality": {"da": "kommune", "en": "municipality"}}
    return Grouping(
        name, title.get(name, {"da": name, "en": name}), (*labels, UNKNOWN),
        (*(dict(label) for label in labels.values()), {"da": "ikke oplyst", "en": "not known"}), codes,
    )  # fmt: skip
