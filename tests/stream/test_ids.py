"""Ids that stand in several rows are found, however many rows there are and wherever they stand."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exrx.stream.ids import SeenIds, hashes

NAMES = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "æ", "", "x" * 70, "x" * 71]), st.text(max_size=20)))


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=5), st.integers(0, 6))
@example([["", "\x01"]], 0)
def test_a_row_is_marked_exactly_if_another_has_its_name(batches, most_in_memory):
    """In memory and on disk, in one batch and across batches; rows without a name are never marked."""
    seen, before = SeenIds(most_in_memory), 0
    for batch in batches:
        seen.add(pa.array(batch, pa.string()), before)
        before += len(batch)
    names = [name for batch in batches for name in batch]
    counts = Counter(names)
    assert seen.doubles().tolist() == [name is not None and counts[name] > 1 for name in names]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1), st.integers(0, 3))
def test_a_hash_depends_on_the_text_alone(names, skipped):
    """Not on where in a buffer it stands."""
    whole = pa.array(["skip"] * skipped + names, pa.string())
    first, second = hashes(whole.slice(skipped))
    for row, name in enumerate(names):
        alone = hashes(pa.array([name]))
        assert (first[row], second[row]) == (alone[0][0], alone[1][0])


def test_similar_ids_are_told_apart():
    """A hundred thousand ids that differ in one digit have as many hashes, in both halves."""
    names = pa.array([f"S-{number:08}" for number in range(100_000)])
    assert [len(set(half.tolist())) for half in hashes(names)] == [100_000, 100_000]
