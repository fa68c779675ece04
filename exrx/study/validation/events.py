"""An adverse-event log: events with CTCAE term and grade, the hours at risk, and rates per 1,000 hours.

    patient, exposure_hours               hours of training the patient was followed for, once a patient
    term, grade, date, relation           an event: CTCAE term, grade 1 to 5, the day, and whether training caused it

A patient without events has a row with hours alone. Relation: none, unlikely, possible, probable, definite; the last
three count as related, and a relation that is not stated counts as related too.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from attrs import frozen

from exrx.study.figures import Figure
from exrx.study.statistics import rate, share
from exrx.study.validation.sheet import RowFault, Sheet, cell_fault
from exrx.training.logs.cells import CellError, day, number
from exrx.values import has_identifier

COLUMNS = {
    "patient": ("patient id", "patient_id", "id"),
    "exposure_hours": ("exposure hours", "hours", "timer", "træningstimer"),
    "term": ("ctcae term", "ctcae", "event", "hændelse"),
    "grade": ("grad", "ctcae grade"),
    "date": ("dato", "day"),
    "relation": ("relatedness", "sammenhæng"),
}
NEEDED = ("patient", "exposure_hours", "term", "grade")
RELATIONS = ("none", "unlikely", "possible", "probable", "definite")
_RELATED = {
    "ingen": "none", "not related": "none", "unrelated": "none", "no": "none", "nej": "none", "usandsynlig": "unlikely",
    "mulig": "possible", "related": "definite", "yes": "definite", "ja": "definite", "sandsynlig": "probable",
    "sikker": "definite",
} | {word: word for word in RELATIONS}  # fmt: skip
_MOST_HOURS = 10_000.0


@frozen
class Event:
    """An adverse event: CTCAE term and grade, the day if known, and its relation to training if stated."""

    row: int
    patient: str
    term: str
    grade: int
    day: date | None
    relation: str

    @property
    def related(self) -> bool:
        """Whether training may have caused it; what is not stated counts as related."""
        return self.relation not in ("none", "unlikely")


@frozen(eq=False)
class EventLog:
    """The events of a sheet and each patient's hours at risk; `faults` say which rows were not used."""

    name: str
    rows: int
    events: tuple[Event, ...]
    hours: dict[str, float]
    faults: tuple[RowFault, ...]

    @property
    def exposure(self) -> float:
        """Hours of all patients."""
        return sum(self.hours.values())

    @property
    def without_hours(self) -> int:
        """Events of patients whose hours nobody stated: they count, so that the rate is rather too high."""
        return sum(event.patient not in self.hours for event in self.events)

    def figures(self) -> tuple[Figure, ...]:
        """Rates per 1,000 hours by grade and relation with exact Poisson intervals, and patients with an event."""
        found = []
        for name, chosen in (
            ("all", self.events), ("related", tuple(event for event in self.events if event.related)),
        ):  # fmt: skip
            for grade in range(1, 6):
                k = sum(event.grade >= grade for event in chosen)
                found.append(Figure.of(f"events.{name}.grade-{grade}+", "", rate(k, self.exposure), "/1000.h"))
        terms = Counter(event.term for event in self.events)
        for term, k in sorted(terms.items(), key=lambda pair: (-pair[1], pair[0])):
            found.append(Figure.of(f"events.term.{term}", "", rate(k, self.exposure), "/1000.h"))
        with_event = len({event.patient for event in self.events})
        people = len({*self.hours, *(event.patient for event in self.events)})
        found.append(Figure.of("events.patients", "", share(with_event, people), "1"))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without patients."""
        return {
            "name": self.name, "rows": self.rows, "events": len(self.events), "patients": len(self.hours),
            "hours": self.exposure, "without_hours": self.without_hours,
            "relation_not_stated": sum(not event.relation for event in self.events),
            "faults": [fault.to_dict() for fault in self.faults],
        }  # fmt: skip


def read_events(sheet: Sheet) -> EventLog:
    """The log of a sheet; every row is used, or a fault says why not."""
    events: list[Event] = []
    faults: list[RowFault] = []
    stated: dict[str, set[float]] = {}
    rows: dict[str, int] = {}
    for row, cells in sheet.rows():
        patient = cells["patient"]
        if not patient or has_identifier(patient):
            faults.append(_fault(row, "no-name", "der mangler et pseudonym for patienten", "a pseudonym is missing"))
            continue
        try:
            hours = number(cells["exposure_hours"]) if cells["exposure_hours"] else None
            if hours is not None and not 0 <= hours <= _MOST_HOURS:
                raise CellError("implausible", {"da": "timer skal være fra 0 til 10.000",
                                                "en": "hours must be from 0 to 10,000"})  # fmt: skip
            event = _event(row, patient, cells)
        except CellError as error:
            faults.append(cell_fault(row, error))
            continue
        rows.setdefault(patient, row)
        if hours is not None:
            stated.setdefault(patient, set()).add(hours)
        if event is not None:
            events.append(event)
        elif hours is None:
            faults.append(_fault(row, "nothing-said", "hverken timer eller en hændelse", "neither hours nor an event"))
    hours_of = {patient: found.pop() for patient, found in stated.items() if len(found) == 1}
    faults += [
        _fault(rows[patient], "contradiction", "patientens timer er angivet forskelligt; ingen af dem er brugt",
               "the patient's hours are stated differently; none is used")
        for patient in stated if patient not in hours_of
    ]  # fmt: skip
    kept, twice = _once(events)
    faults += twice
    return EventLog(sheet.name, sheet.n, kept, hours_of, tuple(sorted(faults, key=lambda fault: fault.row)))


def _event(row: int, patient: str, cells: dict[str, str]) -> Event | None:
    term, grade = " ".join(cells["term"].split()).casefold(), cells["grade"]
    if not term and not grade:
        return None
    if not term or grade not in ("1", "2", "3", "4", "5"):
        raise CellError("no-grade", {"da": "en hændelse skal have et CTCAE-navn og en grad fra 1 til 5",
                                     "en": "an event needs a CTCAE term and a grade from 1 to 5"})  # fmt: skip
    said = " ".join(cells.get("relation", "").split()).casefold()
    relation = _RELATED.get(said, "")
    when = day(cells["date"]) if cells.get("date") else None
    return Event(row, patient, term, int(grade), when, relation)


def _once(events: list[Event]) -> tuple[tuple[Event, ...], list[RowFault]]:
    """An event written twice (patient, term, grade, day) is one; without a day nobody can tell, so both count."""
    seen: dict[tuple[Any, ...], Event] = {}
    kept, faults = [], []
    for event in events:
        key = (event.patient, event.term, event.grade, event.day)
        if event.day is not None and key in seen:
            faults.append(_fault(event.row, "duplicate", f"den samme hændelse står i række {seen[key].row}",
                                 f"the same event stands in row {seen[key].row}"))  # fmt: skip
            continue
        seen[key] = event
        kept.append(event)
    return tuple(kept), faults


def _fault(row: int, code: str, danish: str, english: str) -> RowFault:
    return RowFault(row, code, {"da": danish, "en": english})
