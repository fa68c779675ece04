"""Days and classes: holidays as they fall, wishes as written, classes whose parts fit."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from exrx.errors import PlanError, ProtocolError
from exrx.library import library_root
from exrx.training.weeks.availability import Availability, danish_holidays, days_of, easter, read_availability
from exrx.training.weeks.classes import load_class, load_classes, read_classes
from exrx.training.weeks.treatment import Treatment

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25)), (1961, (4, 2))],
)
def test_easter_falls_where_it_does(year: int, day: tuple[int, int]) -> None:
    """Six years, the latest possible date among them."""
    assert easter(year) == date(year, *day)


def test_the_holidays_of_a_year() -> None:
    """Ten days in 2026; the Great Prayer Day was abolished from 2024."""
    assert sorted(danish_holidays(2026)) == [
        date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 5), date(2026, 4, 6), date(2026, 5, 14),
        date(2026, 5, 24), date(2026, 5, 25), date(2026, 12, 25), date(2026, 12, 26),
    ]  # fmt: skip


def test_wishes_are_read_as_written() -> None:
    """Weekdays, preferences, single days and a stretch of days away."""
    wishes = read_availability(
        {"available": ["monday", "Tuesday"], "prefer": ["tuesday"], "away": ["2026-11-24", {"from": "2026-12-01",
         "to": "2026-12-03"}]}
    )  # fmt: skip
    assert wishes.weekdays == {0, 1}
    assert wishes.preferred == {1}
    assert len(wishes.away) == 4


def test_a_week_says_what_blocks_each_day() -> None:
    """Not available, away, infusion; a class besides on other days and on holidays."""
    wishes = Availability(frozenset({0, 1, 2, 3, 4}), away=frozenset({date(2026, 12, 22)}))
    treatment = Treatment.from_dates([date(2026, 12, 21)], 21)
    week = days_of(date(2026, 12, 21), wishes, frozenset({1, 3, 4}), treatment)
    assert [sorted(day.blocked) for day in week] == [["infusion"], ["away"], [], [], [], ["weekdays"], ["weekdays"]]
    assert [sorted(day.class_blocked) for day in week] == [
        ["classes"], [], ["classes"], [], ["holidays"], ["classes", "holidays"], ["classes"],
    ]  # fmt: skip
    assert [day.hard for day in week] == [False, True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"available": []}, "no weekday is available"),
        ({"available": ["mondag"]}, "did you mean monday"),
        ({"away": ["2026-13-01"]}, "not a date that exists"),
        ({"away": [{"from": "2026-12-03", "to": "2026-12-01"}]}, "not a time of up to a year"),
        ({"free": ["monday"]}, "there is no key 'free'"),
        ({"available": "monday"}, "must be a list"),
        ({"class_on_holidays": "maybe"}, "is yes or no"),
    ],
)
def test_wishes_that_cannot_be_are_refused(given: Any, named: str) -> None:
    """Each with what to write instead."""
    with pytest.raises(PlanError, match=named):
        read_availability(given)


def test_the_hospital_class_is_as_its_page_says() -> None:
    """Six weeks, 14 to 16 people, training on Monday, Wednesday and Friday, body awareness on Tuesday."""
    herlev = load_class("herlev-krop-og-kraeft")
    assert (herlev.weeks, herlev.seats, herlev.training_weekdays) == (6, (14, 16), (0, 2, 4))
    assert herlev.weekdays[1] == "body-awareness"
    assert "classes.herlev-krop-og-kraeft.minutes" in herlev.unverified
    assert "classes.herlev-krop-og-kraeft.weeks" not in herlev.unverified


def test_the_parts_of_every_class_fit_into_it() -> None:
    """And a municipal class is marked as a local default."""
    for klass in load_classes().values():
        assert sum(klass.parts.values()) <= klass.minutes
        assert klass.anatomy["class_minutes"] == klass.minutes
    assert "classes.municipal-default.minutes" in load_class("municipal-default").unverified


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("minutes: {value: 60", "minutes: {value: 40", "contradiction"),
        ("tuesday: training, thursday: training}", "tuesday: body-awareness}", "contradiction"),
        ("seats: {low: 6, high: 12", "seats: {low: 16, high: 12", "wrong-shape"),
        ("intake: rolling", "intake: open", "unknown-word"),
        ("  municipal-default:\n    title:", "  municipal-default:\n    tittle:", "unknown-key"),
    ],
)
def test_a_broken_class_is_refused_with_code_and_place(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Parts that do not fit, no training day, seats the wrong way round, wrong words."""
    text = (library_root() / "training" / "classes.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "classes.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as error:
        read_classes(path)
    assert code in {fault.code for fault in error.value.diagnostics}


def test_an_unknown_class_names_the_known_ones() -> None:
    """The message says what can be asked for."""
    with pytest.raises(PlanError, match="municipal-default"):
        load_class("yoga")
