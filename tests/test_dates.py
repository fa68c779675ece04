"""Dates as people write them: a day, a month, a year, and nothing that needs guessing."""

from __future__ import annotations

import contextlib
import pickle
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx.dates import DateSpan, read_date
from exrx.errors import QuantityError

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@given(DAYS)
def test_a_day_reads_back_as_itself(day):
    """Text, `date` and `datetime` of one day are that day."""
    span = DateSpan.on(day)
    assert (
        read_date(day.isoformat())
        == read_date(day)
        == read_date(datetime(day.year, day.month, day.day, 23, tzinfo=UTC))
        == span
    )
    assert span.exact
    assert read_date(span.text) == span


@given(DAYS)
def test_a_month_and_a_year_hold_every_day_of_theirs(day):
    """A partial date is the whole period, and reads back from its own text."""
    for text in (day.isoformat()[:7], day.isoformat()[:4]):
        span = read_date(text)
        assert span.earliest <= day <= span.latest
        assert (span.earliest.day, span.text) == (1, text)
        assert date.fromordinal(span.latest.toordinal() + 1).day == 1


@given(DAYS, DAYS)
def test_any_period_has_one_text(one, other):
    """Two periods with the same text are the same period."""
    span = DateSpan(min(one, other), max(one, other))
    assert pickle.loads(pickle.dumps(span)) == span
    if "/" in span.text:
        assert span.text == f"{span.earliest}/{span.latest}"
    else:
        assert read_date(span.text) == span


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05T23:59",
        "2026-10-05 23:59:59.123",
        "2026-10-05T23:59:59Z",
        "2026-10-05T23:59:59+02:00",
        " 2026-10-05 ",
    ],
)
def test_the_date_part_of_a_time_is_the_day_as_written(text):
    """No time zone moves a day: the day in the text is the day."""
    assert read_date(text) == DateSpan.on(date(2026, 10, 5))


@pytest.mark.parametrize(
    "given_",
    [
        "2026-02-30", "2026-13", "2026-00-10", "2026-1-5", "30/2-26", "05-10-2026", "05.10.2026", "20261005",
        "2026-W01-1",
               "1899-12-31", "2200", "99", "", "never", "today", "2026-10-05x", "٢٠٢٦-١٠-٠٥", "2026-10-05/2026-10-06",
        "2026 -10-05", 2026, 20261005, 2026.0, True, None, [], {}, date(1, 1, 1), "2026-10-05T",
        "2026-10-05\n2026-10-06",
    ],
)  # fmt: skip
def test_what_needs_guessing_is_refused_and_the_message_says_how_to_write_it(given_):
    """The code is impossible-date, and the fault is picklable."""
    with pytest.raises(QuantityError, match="2026-11-23") as caught:
        read_date(given_)
    assert caught.value.code == "impossible-date"
    assert caught.value.given == given_ or isinstance(given_, date)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_period_that_ends_before_it_starts_is_refused():
    """DateSpan keeps its own promise."""
    with pytest.raises(QuantityError, match="cannot start"):
        DateSpan(date(2026, 1, 2), date(2026, 1, 1))


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text):
    """Nothing else is raised."""
    with contextlib.suppress(QuantityError):
        assert read_date(text).earliest.year >= 1900
