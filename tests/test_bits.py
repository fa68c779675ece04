"""Packed bits: what goes in comes out, and the bits past the last row never matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exrx import bits

SIZES = st.one_of(st.integers(0, 200), st.sampled_from([63, 64, 65, 65_535, 65_536, 65_537]))


@st.composite
def masks(draw):
    """Bool arrays of any length, many at a word's or a piece's edge."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.random(draw(SIZES)) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))


@given(masks())
def test_unpacking_gives_back_what_was_packed(mask):
    """`unpack(pack(m), n)` is m for every length, and the tail is zero."""
    words = bits.pack(mask)
    assert words.dtype == bits.WORD
    assert words.size == bits.word_count(mask.size)
    assert np.array_equal(bits.unpack(words, mask.size), mask)
    assert bits.count(words) == mask.sum()


@given(masks(), st.sampled_from([np.uint16, np.int32]))
def test_where_a_number_stands_is_packed_as_the_comparison_would_be(mask, dtype):
    """`pack_equal(v, x)` is `pack(v == x)` for every length, and the tail is zero."""
    values = np.where(mask, 65_535, 7).astype(dtype)
    assert np.array_equal(bits.pack_equal(values, dtype(65_535)), bits.pack(mask))


@given(masks())
def test_negation_stays_inside_the_cohort_once_the_tail_is_cleared(mask):
    """After `~` and `clear_tail` no row beyond the last one exists."""
    words = ~bits.pack(mask)
    bits.clear_tail(words, mask.size)
    assert np.array_equal(words, bits.pack(~mask))
    assert bits.count(bits.all_bits(mask.size)) == mask.size


def test_the_tail_is_cleared_in_every_plane_of_a_matrix():
    """`clear_tail` works along the last axis."""
    planes = np.full((3, 2), ~np.uint64(0), bits.WORD)
    bits.clear_tail(planes, 65)
    assert [bits.count(plane) for plane in planes] == [65, 65, 65]


@given(masks(), st.data())
def test_single_rows_are_set_cleared_and_read(mask, data):
    """Row operations agree with the same operations on bools, in any order and with repeats."""
    if not mask.size:
        return
    chosen = data.draw(st.lists(st.integers(0, mask.size - 1), max_size=20))
    rows = np.array(chosen, np.int64)
    words = bits.pack(mask)
    assert np.array_equal(bits.bits_of(words, rows), mask[rows])
    assert [bits.bit(words, row) for row in chosen] == mask[rows].tolist()
    expected = mask.copy()
    bits.set_rows(words, rows)
    expected[rows] = True
    assert np.array_equal(bits.unpack(words, mask.size), expected)
    assert np.array_equal(bits.set_positions(words), np.flatnonzero(expected))
    bits.clear_rows(words, rows)
    expected[rows] = False
    assert np.array_equal(bits.unpack(words, mask.size), expected)
    assert np.array_equal(bits.pack_rows(rows, mask.size), bits.pack(np.isin(np.arange(mask.size), rows)))


@given(st.integers(0, 2**32 - 1), SIZES, st.integers(1, 8))
def test_planes_expand_to_ordinals(seed, n, count):
    """Bit k of an ordinal comes from plane k, for every number of planes that a byte holds."""
    ordinals = np.random.default_rng(seed).integers(0, 2**count, n).astype(np.uint8)
    planes = [bits.pack((ordinals >> k & 1).astype(np.bool_)) for k in range(count)]
    out = np.full(n, 255, np.uint8)
    bits.unpack_ordinals(planes, out)
    assert np.array_equal(out, ordinals)


@pytest.mark.parametrize("n", [0, 1, 64])
def test_no_bits_and_all_bits_are_each_others_opposite(n):
    """Every row is in exactly one of them."""
    assert np.array_equal(bits.no_bits(n) ^ bits.all_bits(n), bits.all_bits(n))
    assert bits.count(bits.no_bits(n)) == 0


@given(st.lists(st.integers(0, 10**7), max_size=40), st.integers(0, 1))
def test_numbering_keys_is_sorting_them_out(keys: list[int], far: int) -> None:
    """The same as NumPy's unique with its inverse, for keys close together and far apart."""
    given_keys = np.array([key + far * 10**12 * (key % 2) for key in keys], np.int64)
    found, place = bits.numbered(given_keys)
    wanted, inverse = np.unique(given_keys, return_inverse=True)
    assert found.tolist() == wanted.tolist()
    assert place.tolist() == inverse.tolist()
