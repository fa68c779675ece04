"""What professionals said: one row a verdict, each by one rater about one patient on one day.

    patient, date, rater, verdict        needed (date: or the day asked for holds for all)
    session                              the id of the row in the patients' table, where a patient has several
    given                                the day the verdict was written; after the day it is about, it is hindsight
    blinded                              no: the rater knew what the engine says
    reason                               the rater's own words

A row that cannot be used is a fault and is counted; none is dropped in silence.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from attrs import frozen

from exrx.rules.restriction import Clearance
from exrx.study.validation.sheet import RowFault, Sheet, cell_fault
from exrx.training.logs.cells import CellError, day
from exrx.values import WITHHELD, has_identifier

LEVELS = ("go", "adapt", "ask", "not-today")
"""The scale on which verdicts and answers are compared, freest first."""
OF_CLEARANCE = {
    Clearance.CLEAR: 0, Clearance.MODIFY: 1, Clearance.ASSESS: 2, Clearance.CONSULT: 2, Clearance.DEFER: 3,
    Clearance.STOP: 3, Clearance.EMERGENCY: 3,
}  # fmt: skip
_SAID = {
    0: ("go", "may train", "train", "clear", "kan træne", "træn", "må træne"),
    1: ("adapt", "adapted", "modify", "tilpas", "tilpasset", "med tilpasning"),
    2: ("ask", "ask first", "assess", "consult", "wait", "spørg", "spørg først", "vent"),
    3: ("not today", "not-today", "not_today", "defer", "stop", "emergency", "ikke i dag", "træn ikke", "akut"),
}
WORDS = {word: level for level, words in _SAID.items() for word in words}
COLUMNS = {
    "patient": ("patient id", "patient_id", "id"),
    "session": ("session id", "træning"),
    "date": ("dato", "day", "dag"),
    "rater": ("bedømmer", "vurderer", "clinician"),
    "verdict": ("vurdering", "svar"),
    "reason": ("begrundelse", "grund"),
    "given": ("given on", "afgivet", "afgivet den"),
    "blinded": ("blindet", "blind"),
}
NEEDED = ("patient", "rater", "verdict")
_YES, _NO = ("yes", "ja", "true", "1"), ("no", "nej", "false", "0")


@frozen
class Verdict:
    """One rater's verdict on a session: `key` is the id of the row in the input, `level` a place in `LEVELS`."""

    row: int
    patient: str
    key: str
    day: date
    rater: str
    level: int
    reason: str
    blinded: bool | None

    @property
    def session(self) -> tuple[str, date]:
        """What the verdict is about."""
        return self.key, self.day


@frozen(eq=False)
class Reference:
    """All verdicts of a sheet: `rows` were read, `verdicts` can be used, `faults` say why the others cannot."""

    name: str
    rows: int
    verdicts: tuple[Verdict, ...]
    faults: tuple[RowFault, ...]
    other: tuple[str, ...]

    @property
    def refused(self) -> dict[str, int]:
        """How many rows were refused for which reason, most first."""
        return dict(Counter(fault.code for fault in self.faults if fault.row).most_common())

    @property
    def blinding_stated(self) -> bool:
        """Whether every verdict says that its rater was blinded."""
        return bool(self.verdicts) and all(verdict.blinded for verdict in self.verdicts)


def read_reference(sheet: Sheet, as_of: date | None) -> Reference:
    """The verdicts of a sheet; `as_of` is the day of those without a date, and the last day that any may be about."""
    read: list[Verdict] = []
    faults: list[RowFault] = []
    for row, cells in sheet.rows():
        found = _verdict(row, cells, as_of)
        (read if isinstance(found, Verdict) else faults).append(found)  # type: ignore[arg-type]
    kept, twice = _once(read)
    return Reference(sheet.name, sheet.n, kept, tuple(sorted([*faults, *twice], key=lambda f: f.row)), sheet.other)


def _verdict(row: int, cells: dict[str, str], as_of: date | None) -> Verdict | RowFault:
    patient, rater, said = (cells.get(name, "") for name in NEEDED)
    if not patient or not rater:
        return _fault(row, "no-name", "der står ingen patient eller ingen bedømmer", "no patient or no rater is named")
    if has_identifier(patient) or has_identifier(rater):
        return _fault(row, "identifier", "et CPR-nummer må ikke stå her; brug et pseudonym",
                      "a CPR number must not stand here; use a pseudonym")  # fmt: skip
    level = WORDS.get(" ".join(said.split()).casefold())
    if level is None:
        return _fault(row, "no-verdict", "ingen vurdering, der kan bruges (go, adapt, ask, not today)",
                      "no verdict that can be used (go, adapt, ask, not today)")  # fmt: skip
    try:
        about = day(cells["date"]) if cells.get("date") else as_of
        given = day(cells["given"]) if cells.get("given") else about
    except CellError as error:
        return cell_fault(row, error)
    if about is None or given is None:
        return _fault(row, "no-date", "ingen dato; giv en kolonne date eller --as-of",
                      "no date; give a column date or --as-of")  # fmt: skip
    if (as_of is not None and about > as_of) or given > about:
        return _fault(row, "after-the-day", "vurderingen er fra efter dagen, den handler om (eller efter --as-of)",
                      "the verdict is from after the day it is about (or after --as-of)")  # fmt: skip
    blinded = _flag(cells.get("blinded", ""))
    if blinded is False:
        return _fault(row, "unblinded", "bedømmeren var ikke blindet for svaret",
                      "the rater was not blinded to the answer")  # fmt: skip
    reason = cells.get("reason", "")
    key = cells.get("session") or patient
    return Verdict(row, patient, key, about, rater, level, WITHHELD if has_identifier(reason) else reason, blinded)


def _flag(text: str) -> bool | None:
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def _once(read: list[Verdict]) -> tuple[tuple[Verdict, ...], list[RowFault]]:
    """Each rater once a session: a repeated verdict is kept once, contradicting ones not at all."""
    seen: dict[tuple[Any, ...], list[Verdict]] = {}
    for verdict in read:
        seen.setdefault((verdict.session, verdict.rater), []).append(verdict)
    kept, faults = [], []
    for verdicts in seen.values():
        first, *others = verdicts
        if len({(each.level, each.patient) for each in verdicts}) > 1:
            faults += [_contradiction(each.row, [other.row for other in verdicts if other is not each])
                       for each in verdicts]  # fmt: skip
            continue
        kept.append(first)
        faults += [_fault(each.row, "duplicate", f"den samme vurdering står i række {first.row}",
                          f"the same verdict stands in row {first.row}") for each in others]  # fmt: skip
    return tuple(sorted(kept, key=lambda verdict: verdict.row)), faults


def _contradiction(row: int, others: list[int]) -> RowFault:
    rows = ", ".join(map(str, others))
    return _fault(row, "contradiction", f"samme bedømmer siger noget andet om samme dag i række {rows}",
                  f"the same rater says otherwise of the same day in row {rows}")  # fmt: skip


def _fault(row: int, code: str, danish: str, english: str) -> RowFault:
    return RowFault(row, code, {"da": danish, "en": english})


def panel(levels: list[int]) -> int:
    """What several raters say together: what most say, and of what equally many say the most cautious."""
    counted = Counter(levels)
    most = max(counted.values())
    return max(level for level, k in counted.items() if k == most)
