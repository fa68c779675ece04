"""One rule for what a spreadsheet would run, for every file that is written."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from exrx.formulas import harmless, is_formula


@given(st.text(" \t\n=+-@＝＋ab1'", max_size=6))
@example("  =1+1")
@example("＝1")
def test_no_text_is_run_once_it_was_made_harmless_and_nothing_is_lost(text):
    """What begins like a formula gets one apostrophe in front, any other text stays."""
    made = harmless(text)
    assert not is_formula(made)
    assert made in (text, f"'{text}")


@given(st.one_of(st.integers(), st.floats(), st.none(), st.booleans(), st.just(())))
def test_what_is_no_text_stays_as_it_is(cell):
    """A negative number is a number."""
    assert harmless(cell) is cell
