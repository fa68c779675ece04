"""A plan as a calendar (RFC 5545): one event a session, and all-day events for treatment, blood tests and evaluation.

Calendars are shared and leak, so no event holds a name, a diagnosis, a count or a regimen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from exrx.errors import PlanError
from exrx.report.plan_sheet import sheet_mark
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.plan import Plan

DEFAULT_TIME = "10:00"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = (*_DAYS, "home")
_OCTETS = 75
_ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Europe/Copenhagen",
    "BEGIN:DAYLIGHT", "DTSTART:19960331T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZNAME:CEST",
    "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT",
    "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZNAME:CET",
    "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
    "END:VTIMEZONE",
)  # fmt: skip
_WORDS = {
    "da": {
        "session": "Træning: {kind}, {n} min", "group": "hold", "individual": "individuelt", "home": "hjemme",
        "no time": "Tidspunktet er ikke aftalt: {x} er foreslået.",
        "blood first": "Se en ny blodprøve, før der trænes.",
        "infusion": "Behandling", "blood test": "Blodprøve", "evaluation": "Evaluering af træningen",
        "tentative": " (tid aftales)",
    },
    "en": {
        "session": "Training: {kind}, {n} min", "group": "class", "individual": "individual", "home": "at home",
        "no time": "The time is not agreed: {x} is proposed.", "blood first": "See a new blood test before training.",
        "infusion": "Treatment", "blood test": "Blood test", "evaluation": "Evaluation of the training",
        "tentative": " (time to be agreed)",
    },
}  # fmt: skip


def plan_ics(plan: Plan, lang: str, *, times: Mapping[int | str, str] | None = None, sequence: int = 0) -> str:
    """The plan as an iCalendar file in `da` or `en`, times in Europe/Copenhagen.

    Promises explicit events (no recurrence) whose UID depends on patient, training programme and the session's key
    alone, so that a session that is moved keeps its UID; a DTSTAMP from the plan's `as_of`; and the mark of a plan that
    is not final in every title.

    Args:
        plan: the plan; a session without a key gets its number in the week.
        lang: `da` or `en`.
        times: start of the led sessions by weekday (0 is Monday, or `monday`), of own training under `home`, as HH:MM.
            What is not given starts at 10:00 and is marked as not agreed.
        sequence: raise it by one each time a changed plan is sent out, so that calendars take the newer one.

    Raises:
        PlanError: a weekday or a time that does not exist, or a sequence that is not a whole number from 0.
    """
    if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 0:
        raise PlanError(f"sequence is a whole number from 0, not {sequence!r}")
    starts = _starts(times or {})
    events = [line for event in _events(plan, lang, starts) for line in _event(event, plan, sequence)]
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//exrx//plan//{lang.upper()}", "CALSCALE:GREGORIAN")
    lines = (*head, "METHOD:PUBLISH", *_ZONE, *events, "END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


Event = tuple[str, str, list[str], str, bool]
"""Key, title, the lines of its time, description, whether its time is agreed."""


def _events(plan: Plan, lang: str, starts: dict[str, time]) -> Iterator[Event]:
    mark, words = sheet_mark(plan, lang), _WORDS[lang]
    before = f"{mark}: " if mark else ""
    for each in keyed_sessions(plan).values():
        yield _session_event(each, plan, lang, starts)
    if plan.treatment:
        for number, on in enumerate(plan.treatment.infusions, start=1):
            yield f"infusion-{number}", before + words["infusion"], _all_day(on), "", True
        for number, on in enumerate(plan.treatment.blood_tests, start=1):
            yield f"blood-test-{number}", before + words["blood test"], _all_day(on), "", True
    evaluation = plan.details.evaluation or (plan.phase.evaluation if plan.phase else None)
    if evaluation:
        agreed = plan.details.evaluation is not None
        title = before + words["evaluation"] + ("" if agreed else words["tentative"])
        yield "evaluation", title, _all_day(evaluation), "", agreed


def _session_event(each: KeyedSession, plan: Plan, lang: str, starts: dict[str, time]) -> Event:
    words, mark = _WORDS[lang], sheet_mark(plan, lang)
    own, minutes = each.kind == "home", each.session.minutes
    when_known = "home" if own else _DAYS[each.date.weekday()]
    agreed = when_known in starts
    begins = datetime.combine(each.date, starts.get(when_known, time.fromisoformat(DEFAULT_TIME)))
    kind = words["home" if own else "individual" if plan.format == "individual" else "group"]
    title = words["session"].format(kind=kind, n=minutes) + ("" if agreed else words["tentative"])
    said = [] if agreed else [words["no time"].format(x=DEFAULT_TIME)]
    said += [words["blood first"]] if each.day.treatment.endswith("nadir") else []
    when = [
        f"DTSTART;TZID=Europe/Copenhagen:{begins:%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Europe/Copenhagen:{begins + timedelta(minutes=minutes):%Y%m%dT%H%M%S}",
    ]
    shown = f"{mark}: {title}" if mark else title
    return each.key, shown, when, " ".join(said), agreed


def _all_day(on: date) -> list[str]:
    return [
        f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
        "TRANSP:TRANSPARENT",
    ]


def _event(event: Event, plan: Plan, sequence: int) -> Iterator[str]:
    key, title, when, description, agreed = event
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(plan, key)}"
    yield f"DTSTAMP:{plan.as_of:%Y%m%d}T000000Z"
    yield f"SEQUENCE:{sequence}"
    yield from when
    yield f"SUMMARY:{_escaped(title)}"
    if description:
        yield f"DESCRIPTION:{_escaped(description)}"
    yield "CLASS:PRIVATE"
    yield f"STATUS:{'CONFIRMED' if agreed and plan.status == 'final' else 'TENTATIVE'}"
    yield "END:VEVENT"


def _uid(plan: Plan, key: str) -> str:
    """The same for the same patient, programme and key; the pseudonym itself does not stand in it."""
    named = json.dumps([plan.patient, plan.training, key])
    return f"{sha256(named.encode()).hexdigest()[:32]}@exrx"


def _starts(times: Mapping[int | str, str]) -> dict[str, time]:
    starts = {}
    for key, start in times.items():
        whole = isinstance(key, int) and not isinstance(key, bool)
        name = _DAYS[key] if whole and 0 <= int(key) < len(_DAYS) else str(key).lower()  # type: ignore[index]
        if name not in _KEYS:
            raise PlanError(f"times: there is no weekday {key!r}; use 0 (Monday) to 6, or one of: {', '.join(_KEYS)}")
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(start)):
            raise PlanError(f"times: {start!r} is not a time; write it as 09:30")
        starts[name] = time.fromisoformat(str(start))
    return starts


def _escaped(text: str) -> str:
    """Text as RFC 5545 (3.3.11) wants it; line breaks of any kind are written as `\\n`, control characters dropped."""
    for special in ("\\", ";", ","):
        text = text.replace(special, f"\\{special}")
    text = "\\n".join(text.splitlines())
    return "".join(letter for letter in text if letter >= " " and letter != "\x7f")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never broken within a letter (RFC 5545, 3.1)."""
    pieces, piece, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _OCTETS:
            pieces.append(piece)
            piece, size = "", 1
        piece, size = piece + letter, size + octets
    return "\r\n ".join([*pieces, piece])
