"""A cohort on a day: every column with dates turned into days, expiry, ties and scores applied.

The same rules as `exrx.knowledge.know`, column by column and only for the columns that are asked for. The few rows
that are not a matter of columns (see `Cohort.single_rows`) are taken from `know` itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field

from exrx.bits import (
    Rows,
    Words,
    all_bits,
    clear_rows,
    no_bits,
    pack,
    pack_rows,
    set_positions,
    set_rows,
    unpack,
)
from exrx.columns import (
    NEVER_AFTER,
    NEVER_BEFORE,
    NO_DATE,
    Column,
    ElapsedColumn,
    NumberColumn,
    PatchedColumn,
    Spans,
    TickColumn,
)
from exrx.columns.read import UNDATED, Dates, Recorded, column_of
from exrx.errors import FieldError, Problem
from exrx.fields import NO, YES, Field, Members, Possible, Validity
from exrx.knowledge import DECEASED, Knowledge, know
from exrx.quantities import Scale, Span
from exrx.refusals import Refusals
from exrx.tied import settle_ties, spread, sum_score
from exrx.ties import plan_of

if TYPE_CHECKING:
    from exrx.cohort import Cohort

_EPOCH = date(1970, 1, 1).toordinal()
_NOT_ASKED, _REFUSED = 0b01000, 0b10000
Days = npt.NDArray[np.int32]


@define(eq=False, slots=False)
class Today:
    """A cohort at `as_of`; `column(name)` is what is possible for a field in every row, unknown where nothing is.

    `validities` replace those of the dictionary, field by field. Raises FieldError for a validity that names an
    event which the dictionary does not have.
    """

    cohort: Cohort
    as_of: date
    validities: Mapping[str, Validity]
    _troubled: Words = field(init=False, repr=False)
    _ready: dict[str, Column] = field(factory=dict, init=False, repr=False)
    _used: dict[str, Column] = field(factory=dict, init=False, repr=False)
    _scores: dict[str, Column] = field(factory=dict, init=False, repr=False)
    _refused: dict[str, Words] = field(factory=dict, init=False, repr=False)
    _stale: dict[str, Words] = field(factory=dict, init=False, repr=False)
    _events: dict[str, Days] = field(factory=dict, init=False, repr=False)
    _forms: dict[tuple[str, ...], tuple[Words, Days]] = field(factory=dict, init=False, repr=False)
    _old_forms: dict[tuple[Any, ...], Words] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._troubled = no_bits(self.n)
        for dates in self.cohort.form_dates.values():
            self._troubled |= pack(dates.first(NO_DATE) > self._day)

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.cohort.n

    @cached_property
    def _day(self) -> int:
        return self.as_of.toordinal()

    def column(self, name: str) -> Column:
        """What is possible for a field in every row; FieldError if there is no such field."""
        if name not in self._ready:
            entry = self.cohort.dictionary.field(name)
            single = self.cohort.single_rows
            if single.size == self.n and self.n:
                self._ready[name] = self._single_column(entry)
            else:
                column = self._settled(entry)
                if single.size:
                    column = PatchedColumn(entry, self.n, column, single, self._single_column(entry))
                self._ready[name] = column
        return self._ready[name]

    def read_twice(self, name: str) -> Words:
        """Where a field holds two or more readings of one day that still count."""
        entry = self.cohort.dictionary.field(name)
        self._settled(entry)
        single = self.cohort.single_rows
        words = self.cohort.read_twice(entry.name) & ~self._stale[entry.name]
        clear_rows(words, single)
        again = [entry.name in knowledge.readings for knowledge in self._single]
        set_rows(words, single[np.array(again, np.bool_)])
        return words

    @cached_property
    def problem_rows(self) -> Rows:
        """The rows in which a value was refused or contradicts another, ascending."""
        for entry in self.cohort.dictionary.fields.values():
            if entry.name in self.cohort.recorded:
                self._settled(entry)
        words = self._troubled | self._cells
        set_rows(words, self.cohort.single_rows[np.array([bool(k.problems) for k in self._single], np.bool_)])
        set_rows(words, np.array([row for row, _ in self.cohort.faults if row >= 0], np.int64))
        return set_positions(words)

    @cached_property
    def _cells(self) -> Words:
        """Where a cell says nothing that can be used."""
        words = no_bits(self.n)
        for recorded in self.cohort.recorded.values():
            words |= recorded.refused
        return words

    def problems(self) -> Iterator[tuple[int, Problem]]:
        """What was refused and why, with its row; -1 for a fault of a whole column."""
        faults = self.cohort.faults
        yield from ((row, problem) for row, problem in faults if row < 0 or self.cohort.of_patients)
        rows, alone = self.problem_rows, self._cells & ~self._troubled
        clear_rows(alone, self.cohort.single_rows)
        clear_rows(alone, np.array([row for row, _ in faults if row >= 0], np.int64))
        refusals = Refusals(self.cohort, self.as_of, self.validities, alone)
        for row in rows.tolist():
            found = refusals.of(row)
            if found is None:
                found = know(self.cohort.source(row), self.cohort.dictionary, self.as_of, self.validities).problems
            yield from ((row, problem) for problem in found)

    # Single rows: those that `know` decides.

    @cached_property
    def _single(self) -> list[Knowledge]:
        cohort = self.cohort
        return [
            know(cohort.source(row), cohort.dictionary, self.as_of, self.validities)
            for row in cohort.single_rows.tolist()
        ]

    def _single_column(self, entry: Field) -> Column:
        distinct: dict[Possible, int] = {}
        codes = [distinct.setdefault(known.state[entry.name], len(distinct)) for known in self._single]
        return column_of(entry, list(distinct), np.array(codes, np.int32))

    # All rows, step by step as `know`.

    def _settled(self, entry: Field) -> Column:
        if entry.kind == "score":
            return self._score(entry)
        return self._tied[entry.name] if self._is_tied(entry.name) else self._use(entry)

    def _is_tied(self, name: str) -> bool:
        return any(name in (tie.if_field, tie.then_field) for tie in self.cohort.dictionary.ties)

    @cached_property
    def _tied(self) -> dict[str, Column]:
        dictionary = self.cohort.dictionary
        names = dict.fromkeys(name for tie in dictionary.ties for name in (tie.if_field, tie.then_field))
        columns = {name: self._use(dictionary.fields[name]) for name in names}
        for name, rows in settle_ties(dictionary.ties, columns, self.n).items():
            self._troubled |= rows
            self._stale[name] |= rows
        return columns

    def _score(self, entry: Field) -> Column:
        if entry.name not in self._scores:
            fields = self.cohort.dictionary.fields
            items = {name: self._settled(fields[name]) for name in entry.items}
            column, wrong = sum_score(entry, items, self._use(entry))
            self._troubled |= wrong
            self._stale[entry.name] |= wrong
            self._scores[entry.name] = column
        return self._scores[entry.name]

    def _use(self, entry: Field) -> Column:
        """What is possible after forms, dates and expiry, before ties; notes the rows that no longer count."""
        if entry.name not in self._used:
            self._used[entry.name] = self._read(entry)
        return self._used[entry.name]

    def _read(self, entry: Field) -> Column:
        name, n = entry.name, self.n
        recorded = self.cohort.recorded.get(name) or Recorded.nothing(entry, n)
        column, refused = self._as_of(recorded)
        old = no_bits(n)
        validity = self.validities.get(name) or entry.validity
        dated = self.cohort.dates.get(name)
        if dated is not None:
            first = dated.first()
            refused |= self._late(first, recorded.given, column)
            if validity is not None:
                old |= self._expired(first, validity, name) & recorded.given
        if name == DECEASED:
            column = spread(column).narrowed(all_bits(n) & ~recorded.given, NO)  # type: ignore[attr-defined]
        if refused.any():
            column = column.blanked(refused)
        covering = self._covering(name)
        if covering:
            filled, first = self._filled(covering)
            answered = filled & ~recorded.given
            column = _answered(column, answered, self.cohort.unticked(name), self._day)
            if validity is not None:
                key = (covering, validity.days, validity.until)
                if key not in self._old_forms:
                    self._old_forms[key] = self._expired(first, validity, name)
                old |= self._old_forms[key] & answered
        old &= ~refused
        if old.any():
            column = column.widened(old)
        self._refused[name] = refused
        if entry.kind == "gate" and dated is not None:
            outdated = self._outdated(entry, dated) & recorded.given & ~refused
            column = spread(column).changed(outdated, _not_asked)  # type: ignore[attr-defined]
            old |= outdated
        self._stale[name] = old | refused
        return column

    def _as_of(self, recorded: Recorded) -> tuple[Column, Words]:
        """The column on this day, and where it was or is refused."""
        entry, dates, refused = recorded.field, recorded.dates, recorded.refused.copy()
        if dates is None:
            return recorded.column, refused
        if entry.kind == "elapsed":
            column, wrong = self._elapsed(entry, dates)
        else:
            column, wrong = self._aged(recorded, dates)
        self._troubled |= wrong
        return column, refused | wrong

    def _elapsed(self, entry: Field, dates: Dates) -> tuple[Column, Words]:
        missing = pack(dates.ordinals == NO_DATE)
        ends = missing if missing.any() else None
        wrong = no_bits(self.n)
        spans = None
        if dates.partial is not None:
            first, last = dates.partial.lows, dates.partial.highs
            ahead = (first - self._day, last - self._day)
            low, high = ahead if entry.towards_future else (-ahead[1], -ahead[0])
            spans = Spans(dates.partial.rows, 2 * np.maximum(low, 0), 2 * np.maximum(high, 0))
        marked = not entry.towards_future
        column = ElapsedColumn(entry, self.n, ends, ends, spans, marked, dates=dates.ordinals, as_of=self._day)
        if not entry.towards_future:
            wrong = pack(dates.first(NO_DATE) > self._day)
        return column, wrong

    def _aged(self, recorded: Recorded, dates: Dates) -> tuple[Column, Words]:
        """Completed years since a birth date."""
        scale = recorded.field.ticks
        lows, highs = (np.full(self.n, end, np.int64) for end in (scale.lowest, scale.highest))
        if isinstance(recorded.column, NumberColumn):
            lows, highs = recorded.column.ends()
        first, last = dates.first(NO_DATE), dates.last(NO_DATE)
        rows = np.flatnonzero(first != NO_DATE)
        born = first[rows]
        low = self._ticks_of_years(np.minimum(last[rows], self._day), scale)
        high = self._ticks_of_years(np.minimum(born, self._day), scale)
        wrong = (born > self._day) | (low > scale.highest)
        lows[rows] = np.where(wrong, scale.lowest, low)
        highs[rows] = np.where(wrong, scale.highest, np.minimum(high, scale.highest))
        return TickColumn.of_ends(recorded.field, lows, highs), pack_rows(rows[wrong], self.n)

    def _ticks_of_years(self, born: npt.NDArray[Any], scale: Scale) -> npt.NDArray[np.int64]:
        days = (born.astype(np.int64) - _EPOCH).astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        month, day = months.astype(np.int64) % 12 + 1, (days - months).astype(np.int64) + 1
        today = self.as_of.month * 100 + self.as_of.day
        years = self.as_of.year - (days.astype("datetime64[Y]").astype(np.int64) + 1970) - (today < month * 100 + day)
        table = np.array([scale.tick(Decimal(year)) for year in range(int(years.max(initial=0)) + 1)], np.int64)
        return table[years]

    @cached_property
    def _last_day(self) -> Any:
        """The last day whose observations count: today, or the day of death (int32 (n,) where somebody died)."""
        recorded, dated = self.cohort.recorded.get(DECEASED), self.cohort.dates.get(DECEASED)
        if recorded is None or dated is None:
            return np.int32(self._day)
        dead = unpack(recorded.column.words("within", YES)[0] & ~recorded.refused, self.n)
        return np.where(dead, np.minimum(dated.last(), np.int32(self._day)), np.int32(self._day))

    def _late(self, first: Days, given: Words, column: Column) -> Words:
        """Where an observation is from the future (a problem) or from after the death (ignored)."""
        late = pack((first > self._last_day) & (first != UNDATED)) & given
        self._troubled |= pack((first > self._day) & (first != UNDATED)) & given
        if column.field.name == DECEASED:
            late &= ~column.words("within", YES)[0]
        return late

    def _expired(self, first: Days, validity: Validity, asked_by: str) -> Words:
        """Where an observation of that day is older than its validity allows."""
        old = no_bits(self.n) if validity.days is None else pack(first < self._day - validity.days)
        for event in validity.until:
            old |= pack(self._last_days(event, asked_by) > first)
        return old

    def _last_days(self, event: str, asked_by: str) -> Days:
        """The latest day on which an event may have been, today where nobody knows."""
        if event not in self.cohort.dictionary.events:
            raise FieldError(f"the validity of '{asked_by}' names the unknown event '{event}'")
        events = list(self.cohort.dictionary.events.values())
        name = self.cohort.dictionary.events[event]
        if asked_by in events[: events.index(name) + 1]:  # `know` has not read that event yet either
            return np.full(self.n, self._day, np.int32)
        if event not in self._events:
            column = self._use(self.cohort.dictionary.fields[name])
            last = np.full(self.n, self._day, np.int32)
            if isinstance(column, NumberColumn):
                last = np.maximum(self._day - column.ends()[0] // 2, NO_DATE).astype(np.int32)
            self._events[event] = last
        return self._events[event]

    def _covering(self, name: str) -> tuple[str, ...]:
        return tuple(form for form in self.cohort.form_dates if name in self.cohort.forms[form].unticked)

    def _filled(self, covering: tuple[str, ...]) -> tuple[Words, Days]:
        """Where one of the forms counts, and the day of the newest that does."""
        if covering not in self._forms:
            newest = np.full(self.n, NO_DATE, np.int32)
            for form in covering:
                first = self.cohort.form_dates[form].first(NO_DATE)
                np.maximum(newest, np.where(first > self._last_day, np.int32(NO_DATE), first), out=newest)
            self._forms[covering] = pack(newest != NO_DATE), newest
        return self._forms[covering]

    def _outdated(self, gate: Field, dated: Dates) -> Words:
        """Where a finding that a gate answers is dated after the gate."""
        given, later = dated.last(), no_bits(self.n)
        for name, mask in plan_of(self.cohort.dictionary).gates[gate.name].items():
            entry = self.cohort.dictionary.fields[name]
            self._use(entry)
            recorded, found = self.cohort.recorded.get(name), self.cohort.dates.get(name)
            counted = ~self._refused[name]
            if entry.kind == "elapsed":
                if recorded is not None and recorded.dates is not None:
                    day = recorded.dates.first(NO_DATE)
                    real = (day != NEVER_BEFORE) & (day != NEVER_AFTER) & (day != NO_DATE)
                    later |= pack(real & (day > given)) & counted
                continue
            if recorded is not None and found is not None:
                ask = "meets" if entry.kind == "set" else "within"
                day = found.first(NO_DATE)
                later |= pack(day > given) & recorded.column.words(ask, mask)[0] & recorded.given & counted
            if _is_finding(self.cohort.unticked(name), mask) and self._covering(name):
                filled, day = self._filled(self._covering(name))
                there = recorded.given if recorded is not None else no_bits(self.n)
                later |= pack(day > given) & filled & ~there
        return later


def _is_finding(possible: Possible | None, mask: int) -> bool:
    return isinstance(possible, int) and not possible & ~mask


def _not_asked(possible: int) -> int:
    return possible & _REFUSED | (_NOT_ASKED if possible & ~_REFUSED else 0)


def _answered(column: Column, rows: Words, answer: Possible | None, day: int) -> Column:
    """The column with the answer of a form in some rows, which are unknown so far."""
    if not rows.any():
        return column
    if isinstance(answer, Members):
        return spread(column).without(rows, column.field.every_option)  # type: ignore[attr-defined]
    if isinstance(answer, Span):
        return _never(column, rows, day) if column.field.kind == "elapsed" else _within(column, rows, answer)
    return spread(column).narrowed(rows, answer)  # type: ignore[attr-defined]


def _within(column: Column, rows: Words, span: Span) -> Column:
    """A quantity's column with everything from `span.low` to `span.high` possible in some rows."""
    scale, there = column.field.ticks, unpack(rows, column.n)
    if isinstance(column, NumberColumn):
        lows, highs = column.ends()
    else:
        lows, highs = (np.full(column.n, end, np.int64) for end in (scale.lowest, scale.highest))
    return TickColumn.of_ends(column.field, np.where(there, span.low, lows), np.where(there, span.high, highs))


def _never(column: Column, rows: Words, day: int) -> Column:
    """An elapsed field's column with "never" in some rows."""
    if not isinstance(column, ElapsedColumn):
        nothing = np.full(column.n, NO_DATE, np.int32)
        missing = all_bits(column.n)
        column = ElapsedColumn(column.field, column.n, missing, missing, marked=False, dates=nothing, as_of=day)
    never = NEVER_AFTER if column.field.towards_future else NEVER_BEFORE
    dates = np.where(unpack(rows, column.n), np.int32(never), column.dates)
    down, up = (None if ends is None else ends & ~rows for ends in (column.down, column.up))
    return evolve(column, dates=dates, down=down, up=up)
