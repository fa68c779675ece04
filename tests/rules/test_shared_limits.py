"""Limits that several conditions share are compared once, and answers are written where they are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exrx.bits import unpack, word_count
from exrx.columns import Block, Question, Room, TickColumn
from exrx.columns.limits import LimitAsker
from exrx.fields import Field, Worse
from exrx.quantities import Scale

PLATELETS = Field("platelets", "quantity", "blood", {}, worse=Worse("lower"),
                  scale=Scale("platelets", "10^9/L", Decimal(1), Decimal(0), Decimal(20)))  # fmt: skip
LOWEST, HIGHEST = PLATELETS.ticks.lowest, PLATELETS.ticks.highest
TICKS = st.integers(LOWEST, HIGHEST)
INTERVALS = st.lists(st.tuples(TICKS, TICKS).map(sorted), min_size=1, max_size=150)
LIMITS = st.sampled_from([LOWEST - 1, LOWEST, LOWEST + 1, 15, 16, HIGHEST, HIGHEST + 1])
QUESTIONS = st.tuples(st.sampled_from(["below", "at_least", "equal"]), LIMITS)
ASKED = st.lists(QUESTIONS, min_size=1, max_size=12, unique=True)


def column_of(intervals: list[list[int]]) -> TickColumn:
    """A column of those intervals: points, open ends, unknown cells and spans."""
    lows, highs = np.array(intervals, np.int64).T
    return TickColumn.of_ends(PLATELETS, lows, highs)


@given(INTERVALS, ASKED)
def test_questions_asked_together_have_the_answers_that_they_have_alone(intervals: Any, asked: Any) -> None:
    """"Below" and "at least" of one limit asked at once, in any order: each is where its interval says."""
    column = column_of(intervals)
    questions = [Question("platelets", *question) for question in asked]
    answers = LimitAsker.of(column, questions).ask(Block(0, column.n, Room()))
    for (ask, tick), (sure, maybe) in zip(asked, answers, strict=True):
        expected = [said(ask, tick, low, high) for low, high in intervals]
        assert unpack(sure, column.n).tolist() == [answer for answer, _ in expected]
        assert unpack(maybe, column.n).tolist() == [answer for _, answer in expected]


def said(ask: str, tick: int, low: int, high: int) -> tuple[bool, bool]:
    """Whether every number from low to high, and whether some number, is as asked."""
    if ask == "below":
        return high < tick, low < tick
    if ask == "at_least":
        return low >= tick, high >= tick
    return low == high == tick, low <= tick <= high


@given(INTERVALS, ASKED, st.data())
def test_an_answer_is_written_where_it_is_wanted(intervals: Any, asked: Any, data: st.DataObject) -> None:
    """An answer with a place lies there, one without lies elsewhere, and both say the same."""
    column = column_of(intervals)
    questions = [Question("platelets", *question) for question in asked]
    placed = data.draw(st.lists(st.booleans(), min_size=len(asked), max_size=len(asked)))
    kept = np.full((len(asked), 2, word_count(column.n)), 0x5555, np.uint64)
    out = [kept[i] if here else None for i, here in enumerate(placed)]
    answers = LimitAsker.of(column, questions).ask(Block(0, column.n, Room()), out)
    alone = LimitAsker.of(column, questions).ask(Block(0, column.n, Room()))
    for i, here in enumerate(placed):
        assert np.shares_memory(answers[i], kept) == here
        assert [unpack(plane, column.n).tolist() for plane in answers[i]] == [
            unpack(plane, column.n).tolist() for plane in alone[i]
        ]
