"""Hidden counts stay hidden: an attacker with a solver and everything that is printed does not find them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from exrx.study.overview.disclosure import Sheet, possible_values

LIMITS = st.integers(2, 7)


@st.composite
def tables(draw):
    """Counts of a table of 2-5 x 2-5, mostly small, with at least eight people."""
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    counts = draw(st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 6, 9, 30, 120]), min_size=rows * columns,
                           max_size=rows * columns))  # fmt: skip
    table = np.array(counts, np.int64).reshape(rows, columns)
    table[0, 0] += 8
    return table


def settle(table, limit):
    """The table as it is printed, with row, column and grand totals; -1 where it is hidden."""
    sheet = Sheet()
    cells = [sheet.cells(row) for row in table]
    inner = [[sheet.number([cell]) for cell in row] for row in cells]
    rows = [sheet.number(row, total=True) for row in cells]
    columns = [sheet.number(column, total=True) for column in zip(*cells, strict=True)]
    for whole, parts in [*zip(rows, inner, strict=True), *zip(columns, zip(*inner, strict=True), strict=True)]:
        sheet.guard(whole, parts, limit)
    grand = sheet.number([cell for row in cells for cell in row], public=True)
    printed = sheet.settle(limit)

    def seen(places):
        return np.array([-1 if printed[place] is None else printed[place] for place in places])

    return np.array([seen(row) for row in inner]), seen(rows), seen(columns), printed[grand]


def ends_of(cell, inner, rows, columns, grand):
    """The attacker: the least and the most that one sum of cells can be, from the printed table alone."""
    height, width = inner.shape
    masks, values = [np.ones(height * width)], [grand]
    for row, column in np.ndindex(height, width):
        if inner[row, column] >= 0:
            masks.append(np.eye(height * width)[row * width + column])
            values.append(inner[row, column])
    for axis, totals in ((0, rows), (1, columns)):
        for place, total in enumerate(totals):
            if total >= 0:
                mask = np.zeros((height, width))
                mask[(place, slice(None)) if axis == 0 else (slice(None), place)] = 1
                masks.append(mask.ravel())
                values.append(total)
    rule = LinearConstraint(np.array(masks), values, values)
    found = [
        milp(sign * cell, constraints=rule, bounds=Bounds(0, grand), integrality=np.ones(height * width)).fun * sign
        for sign in (1, -1)
    ]
    return round(found[0]), round(found[1])


@settings(max_examples=20, deadline=None)
@given(tables(), LIMITS)
def test_nobody_can_work_out_a_hidden_count_of_a_table_with_totals(table, limit):
    """Of each hidden cell and total at least two values are possible; of a small one 0 and the limit are."""
    limit = min(limit, int(table.sum()))
    inner, rows, columns, grand = settle(table, limit)
    height, width = table.shape
    hidden = [(table[place], np.eye(height * width)[np.ravel_multi_index(place, table.shape)])
              for place in map(tuple, np.argwhere(inner < 0))]  # fmt: skip
    for axis, totals in ((0, rows), (1, columns)):
        for place in np.flatnonzero(totals < 0):
            mask = np.zeros(table.shape)
            mask[(place, slice(None)) if axis == 0 else (slice(None), place)] = 1
            hidden.append((table.sum(axis=1 - axis)[place], mask.ravel()))
    for true, mask in hidden:
        low, high = ends_of(mask, inner, rows, columns, grand)
        assert low <= true <= high
        assert low < high
        if true < limit:
            assert low == 0
            assert high >= limit


@settings(max_examples=20, deadline=None)
@given(tables(), LIMITS)
def test_no_small_count_is_printed_and_no_table_without_one_loses_anything(table, limit):
    """Small counts are hidden; where every count and total is 0 or large, everything is printed as it is."""
    limit = min(limit, int(table.sum()))
    inner, rows, columns, grand = settle(table, limit)
    assert grand == table.sum()
    for seen, true in ((inner, table), (rows, table.sum(axis=1)), (columns, table.sum(axis=0))):
        assert ((seen == true) | (seen == -1)).all()
        assert not ((seen > 0) & (seen < limit)).any()
    counts = [*table.ravel(), *table.sum(axis=0), *table.sum(axis=1)]
    if all(count == 0 or count >= limit for count in counts):
        assert (inner == table).all()


@st.composite
def linked(draw):
    """Answers of 12-60 people, and two groupings of them."""
    n = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = [rng.dirichlet(np.full(size, 0.6)) for size in (4, 3, 3)]
    return [rng.choice(len(weight), n, p=weight) for weight in weights]


def linked_sheet(people, limit):
    """Two tables that share their column totals, one of them printed a second time with two columns joined."""
    answer, *groups = people
    sheet = Sheet()
    centre = sheet.cells(np.bincount(answer, minlength=4))
    sheet.number(centre, public=True)
    for cell in centre:
        sheet.number([cell], total=True)
    for group in groups:
        cells = [sheet.cells(np.bincount(answer[group == code], minlength=4)) for code in range(3)]
        for place, cell in enumerate(centre):
            sheet.tie([row[place] for row in cells], [cell])
        for row in cells:
            parts = [*([cell] for cell in row), row[:2]]
            sheet.guard(sheet.number(row, total=True), [sheet.number(part) for part in parts], limit)
    return sheet, sheet.settle(limit)


@settings(max_examples=7, deadline=None)
@given(linked(), LIMITS)
def test_tables_of_one_report_do_not_give_each_other_away(people, limit):
    """The promise holds for all tables of a report taken together, joined columns and shared totals included."""
    sheet, printed = linked_sheet(people, limit)
    for place, number in enumerate(sheet.numbers):
        if printed[place] is None:
            low, high = possible_values(sheet, printed, place)
            assert low <= number.value <= high
            assert low < high
            if number.is_small(limit):
                assert low == 0
                assert high >= limit


@settings(max_examples=8, deadline=None)
@given(linked(), LIMITS)
def test_the_proofs_are_cohorts_that_agree_with_everything_printed(people, limit):
    """Each other cohort has whole people, none negative, and every printed number as it is printed."""
    sheet, printed = linked_sheet(people, limit)
    for other in printed.other:
        assert (other >= 0).all()
        for place, number in enumerate(sheet.numbers):
            if printed[place] is not None:
                assert other[list(number.cells)].sum() == printed[place]
        for left, right in sheet._ties:
            assert other[list(left)].sum() == other[list(right)].sum()


def test_a_count_by_subtraction_is_protected_though_it_is_never_printed():
    """Of 40 people 38 have a reason: the 2 without it are as small a count as any other."""
    sheet = Sheet()
    cells = sheet.cells([38, 2])
    every = sheet.number(cells, public=True)
    reason = sheet.number(cells[:1])
    sheet.number(cells[1:], shown=False)
    printed = sheet.settle(5)
    assert printed[every] == 40
    assert printed[reason] is None


def test_a_small_part_of_a_printed_whole_hides_what_would_bound_it():
    """3 people that are always among 4 others cannot be at least 5 unless the 4 are hidden too."""
    sheet = Sheet()
    part, others = sheet.cells([3, 50]), sheet.cells([4, 49])
    sheet.tie(part, others)
    sheet.at_most(part[:1], others[:1])
    sheet.number(part, public=True)
    numbers = [sheet.number(part[:1]), sheet.number(others[:1])]
    printed = sheet.settle(5)
    assert [printed[number] for number in numbers] == [None, None]
    assert possible_values(sheet, printed, numbers[0])[1] >= 5


def test_a_report_on_fewer_people_than_the_limit_is_refused():
    """Four people cannot be hidden among themselves."""
    sheet = Sheet()
    cells = sheet.cells([1, 3])
    sheet.number(cells, public=True)
    for cell in cells:
        sheet.number([cell])
    with pytest.raises(ValueError, match="so few people"):
        sheet.settle(5)


def test_cells_that_do_not_hold_the_same_people_are_a_fault():
    """A wrong tie would make every promise empty, so it is refused when it is made."""
    sheet = Sheet()
    with pytest.raises(ValueError, match="same people"):
        sheet.tie(sheet.cells([1]), sheet.cells([2]))
    with pytest.raises(ValueError, match="not among"):
        sheet.at_most(sheet.cells([3]), sheet.cells([2]))
