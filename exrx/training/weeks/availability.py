"""When the patient can, and what each day of a week is: available, a class day, a holiday, a day of treatment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from attrs import field, frozen

from exrx.errors import PlanError
from exrx.training.details import check_keys, day_in
from exrx.training.targets import DAYS_A_WEEK, Words
from exrx.training.template import WEEKDAYS
from exrx.training.weeks.calendar import Day
from exrx.training.weeks.treatment import Treatment, load_regimens

EVERY_DAY = frozenset(range(DAYS_A_WEEK))
_LONGEST_AWAY = 366
_YES_NO = {"yes": True, "ja": True, "true": True, "no": False, "nej": False, "false": False}
_NAMES: dict[str, Words] = {
    "nytår": {"da": "nytårsdag", "en": "New Year's Day"},
    "skærtorsdag": {"da": "skærtorsdag", "en": "Maundy Thursday"},
    "langfredag": {"da": "langfredag", "en": "Good Friday"},
    "påske": {"da": "påskedag", "en": "Easter Sunday"},
    "2. påskedag": {"da": "2. påskedag", "en": "Easter Monday"},
    "himmelfart": {"da": "Kristi himmelfartsdag", "en": "Ascension Day"},
    "pinse": {"da": "pinsedag", "en": "Whit Sunday"},
    "2. pinsedag": {"da": "2. pinsedag", "en": "Whit Monday"},
    "jul": {"da": "juledag", "en": "Christmas Day"},
    "2. juledag": {"da": "2. juledag", "en": "Boxing Day"},
}
_AFTER_EASTER = {"skærtorsdag": -3, "langfredag": -2, "påske": 0, "2. påskedag": 1, "himmelfart": 39, "pinse": 49,
                 "2. pinsedag": 50}  # fmt: skip
_FIXED = {"nytår": (1, 1), "jul": (12, 25), "2. juledag": (12, 26)}


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous computus), for 1583 to 9999."""
    golden, century, in_century = year % 19, *divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, year_rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def danish_holidays(year: int) -> dict[date, Words]:
    """The Danish public holidays of a year (from 2024, without the Great Prayer Day, which was abolished)."""
    spring = {easter(year) + timedelta(days=after): _NAMES[name] for name, after in _AFTER_EASTER.items()}
    return spring | {date(year, month, day): _NAMES[name] for name, (month, day) in _FIXED.items()}


def _weekdays(instance: Any, attribute: Any, value: frozenset[int]) -> None:
    if not value <= EVERY_DAY:
        raise PlanError(f"{attribute.name} must be weekdays, 0 for Monday to 6 for Sunday, not {sorted(value)}")


@frozen
class Availability:
    """When the patient can: weekdays (Monday 0), those preferred, dates on which not; whether holidays have classes.

    Raises:
        PlanError: no day at all is left.
    """

    weekdays: frozenset[int] = field(default=EVERY_DAY, validator=_weekdays)
    preferred: frozenset[int] = field(default=frozenset(), validator=_weekdays)
    away: frozenset[date] = frozenset()
    class_on_holidays: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.weekdays:
            raise PlanError("no weekday is available, so there can be no plan; name at least one day")


def read_availability(given: Any) -> Availability:
    """From a mapping: {available: [monday, ..], prefer: [..], away: [dates or {from, to}], class_on_holidays: yes}.

    Raises:
        PlanError: an unknown key or weekday, or a date that does not exist.
    """
    check_keys("days", given, ("available", "prefer", "away", "class_on_holidays"))
    available = given.get("available")
    holidays = _YES_NO.get(str(given.get("class_on_holidays", "no")).lower())
    if holidays is None:
        raise PlanError(f"class_on_holidays is yes or no, not {given['class_on_holidays']!r}")
    return Availability(
        EVERY_DAY if available is None else _read_weekdays("available", available),
        _read_weekdays("prefer", given.get("prefer") or []),
        frozenset(day for item in _list("away", given.get("away")) for day in _dates(item)),
        holidays,
    )


def _list(what: str, given: Any) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, (list, tuple)):
        raise PlanError(f"{what} must be a list, not {given!r}")
    return list(given)


def _read_weekdays(what: str, given: Any) -> frozenset[int]:
    found = set()
    for item in _list(what, given):
        word = str(item).lower()
        if word not in WEEKDAYS:
            near = get_close_matches(word, WEEKDAYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"use {', '.join(WEEKDAYS)}"
            raise PlanError(f"{what}: '{item}' is no weekday; {hint}")
        found.add(WEEKDAYS.index(word))
    return frozenset(found)


def _dates(item: Any) -> list[date]:
    if not isinstance(item, Mapping):
        return [day_in("away", item)]
    check_keys("away", item, ("from", "to"))
    first, last = day_in("away: from", item.get("from")), day_in("away: to", item.get("to"))
    if not 0 <= (last - first).days <= _LONGEST_AWAY:
        raise PlanError(f"away: from {first} to {last} is not a time of up to a year")
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def days_of(
    first: date, availability: Availability, class_weekdays: frozenset[int] | None, treatment: Treatment | None
) -> tuple[Day, ...]:
    """The seven days from `first`; `class_weekdays` None means that a supervised session may be on any day."""
    return tuple(
        _day(first + timedelta(days=offset), availability, class_weekdays, treatment) for offset in range(DAYS_A_WEEK)
    )


def _day(
    on: date, availability: Availability, class_weekdays: frozenset[int] | None, treatment: Treatment | None
) -> Day:
    weekday, state = on.weekday(), treatment.on(on).state if treatment else "outside"
    blocked = {
        "weekdays": weekday not in availability.weekdays,
        "away": on in availability.away,
        "infusion": state == "infusion" and not load_regimens().policy.train_on_infusion_day,
    }
    class_blocked = {
        "classes": class_weekdays is not None and weekday not in class_weekdays,
        "holidays": not availability.class_on_holidays and on in danish_holidays(on.year),
    }
    return Day(
        frozenset(wish for wish, holds in blocked.items() if holds),
        frozenset(wish for wish, holds in class_blocked.items() if holds),
        unwanted=bool(availability.preferred) and weekday not in availability.preferred,
        hard=state == "hard",
    )
