"""The calendar: events that stay themselves when they move, times that exist, and nothing that would leak."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_plan_sheet import DETAILS, FRAME, FULL, full
from test_training_plan import planned

from exrx.errors import PlanError
from exrx.report.plan_ics import _escaped, _folded, plan_ics
from exrx.training import Plan

Event = dict[str, str]


def unfolded(text: str) -> list[str]:
    """The lines of a calendar (RFC 5545, 3.1), after every rule about lines was checked."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines: list[str] = []
    for line in text.removesuffix("\r\n").split("\r\n"):
        assert 0 < len(line.encode()) <= 75
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def plain(value: str) -> str:
    """A text value as it was before escaping."""
    return value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")


def events(text: str) -> list[Event]:
    """The events of a calendar by property, parameters kept in the name; every BEGIN has its END."""
    open_blocks: list[str] = []
    found: list[Event] = []
    for line in unfolded(text):
        name, _, value = line.partition(":")
        if name == "BEGIN":
            open_blocks.append(value)
            if value == "VEVENT":
                found.append({})
        elif name == "END":
            assert open_blocks.pop() == value
        elif open_blocks[-1] == "VEVENT":
            assert name not in found[-1]
            found[-1][name] = value
    assert not open_blocks
    return found


def sessions_of(plan: Plan) -> Iterator[tuple[date, int]]:
    for week in plan.weeks:
        for day in week.days:
            if day.session:
                yield day.date, day.session.minutes


def local(value: str) -> datetime:
    """A local time of the calendar; the seconds are there and zero."""
    assert value.endswith("00")
    return datetime.fromisoformat(value)


TIMES: dict[int | str, str] = {**dict.fromkeys(range(7), "09:30"), "home": "16:00"}


def test_each_session_is_one_event_at_its_time() -> None:
    """Explicit events: dates, minutes and starts are the plan's, read back from the file."""
    made = events(plan_ics(FULL, "da", times=TIMES))
    timed = [each for each in made if "DTSTART;TZID=Europe/Copenhagen" in each]
    read = [
        (local(each["DTSTART;TZID=Europe/Copenhagen"]), local(each["DTEND;TZID=Europe/Copenhagen"])) for each in timed
    ]
    assert [(begins.date(), (ends - begins) // timedelta(minutes=1)) for begins, ends in read] == list(
        sessions_of(FULL)
    )
    assert {f"{begins:%H:%M}" for begins, _ in read} == {"09:30", "16:00"}
    assert "RRULE" not in str(made)
    assert len({each["UID"] for each in made}) == len(made)


def test_treatment_blood_tests_and_evaluation_are_days() -> None:
    """All-day events that do not make the day busy."""
    days = {plain(each["SUMMARY"]): each for each in events(plan_ics(FULL, "da")) if "DTSTART;VALUE=DATE" in each}
    assert set(days) == {"Behandling", "Blodprøve", "Evaluering af træningen"}
    assert days["Evaluering af træningen"]["DTSTART;VALUE=DATE"] == "20270104"
    assert days["Evaluering af træningen"]["DTEND;VALUE=DATE"] == "20270105"
    assert all(each["TRANSP"] == "TRANSPARENT" for each in days.values())
    infusions = [each for each in events(plan_ics(FULL, "da")) if plain(each["SUMMARY"]) == "Behandling"]
    assert FULL.treatment is not None
    assert [each["DTSTART;VALUE=DATE"] for each in infusions] == [f"{on:%Y%m%d}" for on in FULL.treatment.infusions]


def test_a_session_that_moves_keeps_its_uid_and_a_changed_plan_counts_up() -> None:
    """The UID hangs on patient, programme and key; SEQUENCE is what the caller says."""
    later = planned(details=DETAILS, frame=FRAME, weeks=4)
    first = later.weeks[0]
    day = next(day for day in first.days if day.session)
    moved = evolve(day, date=day.date + timedelta(days=1))
    days = tuple(moved if each is day else each for each in first.days if each.date != moved.date)
    changed = evolve(later, weeks=(evolve(first, days=days), *later.weeks[1:]))
    before = {each["UID"]: each for each in events(plan_ics(later, "en", times=TIMES))}
    after = {each["UID"]: each for each in events(plan_ics(changed, "en", times=TIMES, sequence=1))}
    assert set(after) <= set(before)
    uid = next(uid for uid, each in after.items() if each.get(COPENHAGEN) != before[uid].get(COPENHAGEN))
    assert before[uid][COPENHAGEN].startswith(f"{day.date:%Y%m%d}")
    assert after[uid][COPENHAGEN].startswith(f"{moved.date:%Y%m%d}")
    assert {each["SEQUENCE"] for each in after.values()} == {"1"}
    other = {each["UID"] for each in events(plan_ics(evolve(later, patient="p2"), "en"))}
    assert not other & set(before)


COPENHAGEN = "DTSTART;TZID=Europe/Copenhagen"


def test_a_time_that_nobody_agreed_on_is_said_to_be_proposed() -> None:
    """Ten o'clock is a default, so the event is tentative; a given time in a final plan is confirmed."""
    proposed = [each for each in events(plan_ics(FULL, "en")) if COPENHAGEN in each]
    assert all(each[COPENHAGEN].endswith("T100000") for each in proposed)
    assert all("to be agreed" in each["SUMMARY"] and each["STATUS"] == "TENTATIVE" for each in proposed)
    agreed = [each for each in events(plan_ics(FULL, "en", times=TIMES)) if COPENHAGEN in each]
    assert all("agreed" not in each["SUMMARY"] and each["STATUS"] == "CONFIRMED" for each in agreed)
    assert plan_ics(FULL, "en", times={"tuesday": "09:30"}) == plan_ics(FULL, "en", times={1: "09:30"})


def test_no_event_tells_who_or_what_is_ill() -> None:
    """Titles and descriptions hold kind, minutes and time; no name, count, regimen, site, phone or pseudonym."""
    plan = full(patient="patient-17")
    text = "\n".join(unfolded(plan_ics(plan, "da")))
    spoken = {plain(value) for each in events(plan_ics(plan, "da")) for name, value in each.items() if name in SPOKEN}
    for private in (
        "patient-17",
        "Anna",
        "Dr. Berg",
        "145",
        "kemo",
        "kræft",
        "metastas",
        "egne datoer",
        "11 22",
        "Lænden",
    ):
        assert private.lower() not in text.lower()
    kinds = r"Træning: (hold|hjemme), \d+ min( \(tid aftales\))?"
    known = {"Behandling", "Blodprøve", "Evaluering af træningen", "Se en ny blodprøve, før der trænes."}
    proposed = "Tidspunktet er ikke aftalt: 10:00 er foreslået."
    for said in spoken:
        assert said.replace(proposed, "").strip() in {"", *known} or re.fullmatch(kinds, said)
    assert text.count("CLASS:PRIVATE") == text.count("BEGIN:VEVENT")


SPOKEN = ("SUMMARY", "DESCRIPTION")


@pytest.mark.parametrize(
    ("plan", "mark"),
    [
        (full(draft=True, example=True), "EXAMPLE · UDKAST"),
        (full(details=evolve(DETAILS, purpose="")), "FORSLAG"),
    ],
)
def test_a_plan_that_is_not_final_says_so_in_every_title(plan: Plan, mark: str) -> None:
    """And none of its events is confirmed."""
    made = events(plan_ics(plan, "da", times=TIMES))
    assert all(each["SUMMARY"].startswith(mark) and each["STATUS"] == "TENTATIVE" for each in made)


def test_the_zone_in_the_file_is_copenhagens() -> None:
    """Its offsets and the Sundays on which they change agree with the time zone database."""
    lines = unfolded(plan_ics(FULL, "da"))
    zone = lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1]
    assert "TZID:Europe/Copenhagen" in zone
    known = ZoneInfo("Europe/Copenhagen")
    for kind, month, hour in (("DAYLIGHT", 3, 2), ("STANDARD", 10, 3)):
        part = zone[zone.index(f"BEGIN:{kind}") : zone.index(f"END:{kind}")]
        offsets = {name: value for name, _, value in (line.partition(":") for line in part)}
        assert offsets["RRULE"] == f"FREQ=YEARLY;BYMONTH={month};BYDAY=-1SU"
        for year in (2026, 2027, 2028):
            last = max(day for day in range(25, 32) if date(year, month, day).weekday() == 6)
            change = datetime(year, month, last, hour, tzinfo=known)
            around = [change + timedelta(hours=hours) for hours in (-6, 6)]
            assert [f"{each:%z}" for each in around] == [offsets["TZOFFSETFROM"], offsets["TZOFFSETTO"]]


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_survives_escaping_and_folding(text: str) -> None:
    """Lines of at most 75 octets, no letter broken; what comes back is the text with plain line breaks."""
    folded = _folded(f"SUMMARY:{_escaped(text)}")
    pieces = folded.split("\r\n ")
    assert all(len(piece.encode()) <= 75 - (number > 0) for number, piece in enumerate(pieces))
    back = backwards("".join(pieces).removeprefix("SUMMARY:"))
    wanted = "\n".join(text.splitlines())
    assert back == "".join(letter for letter in wanted if letter == "\n" or (letter >= " " and letter != "\x7f"))


def backwards(value: str) -> str:
    """A text value read letter by letter, as a calendar reads it."""
    said, letters = [], iter(value)
    for letter in letters:
        if letter == "\\":
            letter = next(letters)
            letter = "\n" if letter == "n" else letter
        said.append(letter)
    return "".join(said)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"times": {7: "10:00"}}, "weekday"), ({"times": {"someday": "10:00"}}, "weekday"),
        ({"times": {True: "10:00"}}, "weekday"), ({"times": {0: "24:00"}}, "time"), ({"times": {0: "9:30"}}, "time"),
        ({"sequence": -1}, "sequence"), ({"sequence": True}, "sequence"), ({"sequence": "1"}, "sequence"),
    ],
)  # fmt: skip
def test_a_weekday_time_or_sequence_that_does_not_exist_is_refused(wrong: dict[str, Any], named: str) -> None:
    """With a sentence that names it."""
    with pytest.raises(PlanError, match=named):
        plan_ics(FULL, "da", **wrong)


def test_the_same_plan_gives_the_same_calendar() -> None:
    """DTSTAMP is the plan's day, not now."""
    one = plan_ics(full(), "da", times=TIMES)
    assert one == plan_ics(full(), "da", times=TIMES)
    assert {each["DTSTAMP"] for each in events(one)} == {"20261123T000000Z"}
