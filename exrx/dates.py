"""Dates as people write them down: a day, or only a month or a year, which is an interval of days.

Nothing here knows today: a date is turned into days by whoever holds `as_of`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from attrs import field, frozen

from exrx.errors import QuantityError

FIRST_YEAR, LAST_YEAR = 1900, 2199

_WRITTEN = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ]([0-9:.,]+)(?: ?(?:Z|[+-][0-9:]+))?)?)?)?"
)
_HOW = "Write it as 2026-11-23, or as 2026-11 or 2026 when only the month or the year is known."


@frozen
class DateSpan:
    """Every day from `earliest` to `latest`, both included; the two are equal when the day is known.

    Raises:
        QuantityError: `earliest` lies after `latest` (code impossible-date).
    """

    earliest: date = field()
    latest: date = field()

    def __attrs_post_init__(self) -> None:
        if self.earliest > self.latest:
            raise QuantityError(
                f"a period cannot start on {self.earliest} and end on {self.latest}.", code="impossible-date"
            )

    @classmethod
    def on(cls, day: date) -> DateSpan:
        """The one day."""
        return cls(day, day)

    @property
    def exact(self) -> bool:
        """True when the day is known."""
        return self.earliest == self.latest

    @property
    def text(self) -> str:
        """As it reads back: `2026-10-05`, `2026-10`, `2026`; any other period as `earliest/latest`."""
        first, last = self.earliest, self.latest
        if first == last:
            return first.isoformat()
        if first.day == 1 and last == _last_of_month(first.year, first.month):
            return f"{first.year:04d}-{first.month:02d}"
        if first == date(first.year, 1, 1) and last == date(first.year, 12, 31):
            return f"{first.year:04d}"
        return f"{first.isoformat()}/{last.isoformat()}"

    def __str__(self) -> str:
        return self.text


def read_date(given: Any) -> DateSpan:
    """The days that a written date may mean.

    Takes ISO text (`2026-10-05`), the date part of ISO date-and-time text in its own time zone, a month
    (`2026-10`) or a year (`2026`) as text, and `date` or `datetime` objects. Nothing else: `5/10-26` would
    need guessing.

    Raises:
        QuantityError: not such a date, no such day, or outside the years 1900 to 2199 (code impossible-date).
    """
    if isinstance(given, str):
        return _read_text(given)
    if isinstance(given, datetime):
        given = given.date()
    if isinstance(given, date):
        _check_year(given.year, given.isoformat())
        return DateSpan.on(given)
    raise _impossible(given, f"{given!r:.80} is not a date.")


@lru_cache(maxsize=4096)
def _read_text(text: str) -> DateSpan:
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise _impossible(text, f"'{text:.40}' is not a date.")
    year, month, day, _ = found.groups()
    _check_year(int(year), text)
    try:
        if day:
            return DateSpan.on(date(int(year), int(month), int(day)))
        if month:
            return DateSpan(date(int(year), int(month), 1), _last_of_month(int(year), int(month)))
    except ValueError:
        raise _impossible(text, f"there is no date '{text:.40}'.") from None
    return DateSpan(date(int(year), 1, 1), date(int(year), 12, 31))


def _check_year(year: int, given: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _impossible(given, f"the year of '{given:.40}' lies outside {FIRST_YEAR}-{LAST_YEAR}.")


def _impossible(given: Any, message: str) -> QuantityError:
    return QuantityError(message, code="impossible-date", given=given, suggestion=_HOW)


def _last_of_month(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
